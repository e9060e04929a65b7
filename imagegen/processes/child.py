"""A child process as its parent sees it: started by exec, spoken to over its pipes, gone when its stdin closes."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

from imagegen.processes.frames import Frame, packed, receive_frame

_ROOT = str(Path(__file__).resolve().parents[2])
_PASSED_ON = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "XDG_CACHE_HOME"),
    *("OMP_NUM_THREADS", "SYSTEMROOT", "SYSTEMDRIVE", "TEMP", "TMP", "USERPROFILE"),
    *("APPDATA", "LOCALAPPDATA", "COMSPEC", "PATHEXT"),
)
"""All that every child sees of the environment: it opens pictures of strangers and needs nobody's keys."""
_KEPT_BYTES = 128 * 1024**2
_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(_KEPT_BYTES), "MALLOC_TRIM_THRESHOLD_": str(_KEPT_BYTES)}
"""For glibc, ignored elsewhere: freed memory is kept for the next step and the next picture, up to this much. Left
alone, every large buffer is fetched from the system page by page, which takes 40–90 ms of a 2K cut-out."""
_BUFFERED_BYTES = 4 * 1024**2
"""What the parent holds of an answer before it reads on; the usual 64 KB make it stop and go on all the time."""


class ChildEnded(Exception):  # noqa: N818 - named for what happened
    """The child is gone and has not answered."""


class Child:
    """A running child. It ends by itself when this process does; otherwise whoever started it kills it."""

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process, self._stdin, self._stdout = process, process.stdin, process.stdout
        self.pid = process.pid

    @classmethod
    async def start(
        cls,
        module: str,
        *,
        passed_on: Iterable[str] = (),
        settings: Mapping[str, str] | None = None,
        python: str = sys.executable,
    ) -> Self:
        """A child that runs `module` and has begun to load its libraries. Raises `OSError`.

        `passed_on` names what else it sees of the environment, `settings` are its own. `python` may be that of
        another environment.
        """
        environment = {name: os.environ[name] for name in (*_PASSED_ON, *passed_on) if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            *(python, "-m", module),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,  # what libraries write there could tell of the picture
            env=environment | _MEMORY | dict(settings or {}) | {"PYTHONPATH": _ROOT},
            limit=_BUFFERED_BYTES,
        )
        return cls(process)

    async def send(self, header: Mapping[str, object], body: bytes) -> None:
        """Raises `ChildEnded`."""
        try:
            self._stdin.write(packed(header, body))
            await self._stdin.drain()
        except OSError:
            raise ChildEnded from None

    async def answers(self) -> AsyncGenerator[Frame]:
        """What the child says, until the caller has heard enough. Raises `ChildEnded`."""
        while frame := await receive_frame(self._stdout):
            yield frame
        raise ChildEnded

    async def kill(self) -> None:
        """End it at once; nothing happens if it has ended."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
        self._stdin.close()
        await self._process.wait()
        with suppress(OSError):
            await self._stdin.wait_closed()
