"""`python -m imagegen.media.cutout.worker`: the child, which answers frames on stdin with frames on stdout.

A thread reads stdin all the time, so that the process ends as soon as its parent does, also in the midst of work.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import IO

from imagegen.media.cutout.frames import Frame, Header, packed, read_frame
from imagegen.media.cutout.models import CUTOUT_MODELS
from imagegen.media.cutout.options import CutoutFailed, CutoutOptions

_PIPE_BYTES = 1024**2
"""As much as Linux allows to everyone unless it is told otherwise."""


def main() -> None:
    """Serve until stdin closes."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl+C in a terminal reaches the whole group; the parent decides
    requests: SimpleQueue[Frame] = SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, requests), daemon=True).start()
    _widen(sys.stdin.fileno(), sys.stdout.fileno())
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # libraries that print must not be heard as answers
    worker = _Worker(answers)
    worker.prepare()
    while True:
        worker.answer(*requests.get())


def _widen(*pipes: int) -> None:
    """Let the pipes hold a megabyte, where the system can: a third of the time for a large picture.

    By default, both sides take turns every 64 KB.
    """
    if sys.platform == "linux":
        import fcntl  # noqa: PLC0415 - not on Windows

        for pipe in pipes:
            with suppress(OSError):  # not everywhere is that much allowed
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _listen(stdin: IO[bytes], requests: SimpleQueue[Frame]) -> None:
    while frame := read_frame(stdin):
        requests.put(frame)
    os._exit(0)  # main() may be inside a library that would take seconds to return


class _Worker:
    """Keeps the model that was used last: they are large, and people rarely change between them."""

    def __init__(self, answers: IO[bytes]) -> None:
        self._answers = answers

    def prepare(self) -> None:
        """Load what nearly every picture needs: the libraries and the bundled model."""
        from imagegen.media.cutout.networks import Networks  # noqa: PLC0415 - after the thread listens

        self._networks = Networks()
        bundled = CUTOUT_MODELS["u2netp"]
        self._networks.load(bundled, bundled.path(Path()))
        self._say({"event": "ready"})

    def answer(self, request: Header, source: bytes) -> None:
        """One picture. Whatever goes wrong with it becomes words."""
        try:
            self._say(*self._cut(request, source))
        except CutoutFailed as failed:
            self._say({"event": "failed", "reason": failed.reason, "message": str(failed)})
        except MemoryError:
            message = "The picture is too large for this computer's memory."
            self._say({"event": "failed", "reason": "too_large", "message": message})

    def _cut(self, request: Header, source: bytes) -> Frame:
        from imagegen.media.cutout.composition import cut_out, prepare_matting  # noqa: PLC0415

        path = Path(request.pop("path"))
        options = CutoutOptions(**request)
        model = CUTOUT_MODELS[options.model]
        if options.alpha_matting or not self._networks.has(model):
            self._say({"event": "preparing"})
            if options.alpha_matting:
                prepare_matting()
            network = self._networks.load(model, path)
            self._say({"event": "working"})
        else:
            network = self._networks.load(model, path)
        result = cut_out(source, network, options)
        return {"event": "done", "notice": result.notice}, result.data

    def _say(self, header: Header, body: bytes = b"") -> None:
        view = memoryview(packed(header, body))
        while view:  # an unbuffered pipe may take a part of it
            view = view[self._answers.write(view) :]


if __name__ == "__main__":
    main()
