"""A server as a child process: started on a free port, watched through /proc (Linux only), stopped by SIGTERM."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from http.client import HTTPException
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.loopback import Connection

ROOT = Path(__file__).resolve().parent.parent
START_LIMIT = 90.0
STOP_LIMIT = 20.0
_TICKS = os.sysconf("SC_CLK_TCK")


class ProgramFailed(Exception):  # noqa: N818 - named for what happened
    """A server did not start, or ended by itself. The message ends with what it wrote last."""


def free_port() -> int:
    """A TCP port of loopback that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


class Program:
    """One server process. Its environment holds what is given and the search path, and nothing else."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], *, port: int, log: Path) -> None:
        self.port = port
        self._log = log
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        with log.open("wb") as output:
            self.begun = time.monotonic()
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=inherited | dict(environment), stdout=output, stderr=subprocess.STDOUT
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def first_answer(self, path: str) -> float:
        """Seconds from the start of the process until `path` answers with 200. Raises `ProgramFailed`."""
        while time.monotonic() - self.begun < START_LIMIT:
            self._check()
            try:
                with Connection(self.port) as connection:
                    connection.get(path)
            except (OSError, HTTPException):
                time.sleep(0.005)
            else:
                return time.monotonic() - self.begun
        raise ProgramFailed(f"no answer from {path} within {START_LIMIT:g} s: {self._last_words()}")

    def cpu_seconds(self) -> float:
        """User and system time so far, of all threads; counted in ticks of 10 ms."""
        self._check()
        stat = Path(f"/proc/{self._process.pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()  # from the third on: the second, the name, may hold spaces
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def peak_mib(self) -> float:
        """The largest resident set so far, in MiB."""
        self._check()
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) / 1024

    def settle(self, limit: float = 30.0) -> None:
        """Wait for a second with less than 2 % of a core, at most for `limit` seconds."""
        end = time.monotonic() + limit
        before = self.cpu_seconds()
        while time.monotonic() < end:
            time.sleep(1.0)
            now = self.cpu_seconds()
            if now - before <= 0.02:
                return
            before = now

    def stop(self) -> None:
        """SIGTERM, and SIGKILL if it does not end. Stopping again does nothing."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_LIMIT)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _check(self) -> None:
        if self._process.poll() is not None:
            raise ProgramFailed(f"exit status {self._process.returncode}: {self._last_words()}")

    def _last_words(self) -> str:
        return self._log.read_text(errors="replace")[-2_000:].strip()
