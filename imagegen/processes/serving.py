"""A child process from the inside: it answers frames on stdin with frames on stdout.

A thread reads stdin all the time, so that the process ends as soon as its parent does, also in the midst of work.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from queue import SimpleQueue
from typing import IO, Self

from imagegen.processes.frames import Frame, packed, read_frame

_PIPE_BYTES = 1024**2
"""As much as Linux allows to everyone unless it is told otherwise."""


class Service:
    """The child's two ends: what it is asked, and whom it answers."""

    def __init__(self, requests: SimpleQueue[Frame], answers: IO[bytes]) -> None:
        self._requests = requests
        self._answers = answers

    @classmethod
    def open(cls) -> Self:
        """Take over stdin and stdout, and end from now on when stdin closes. Called before libraries load."""
        # Ctrl+C in a terminal reaches the whole group; the parent decides
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        requests: SimpleQueue[Frame] = SimpleQueue()
        threading.Thread(target=_listen, args=(sys.stdin.buffer, requests), daemon=True).start()
        widen(sys.stdin.fileno(), sys.stdout.fileno())
        answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # libraries that print must not be heard as answers
        return cls(requests, answers)

    def asked(self) -> Frame:
        """The next request; waits for it."""
        return self._requests.get()

    def say(self, header: Mapping[str, object], body: bytes = b"") -> None:
        """Send one frame."""
        view = memoryview(packed(header, body))
        while view:  # an unbuffered pipe may take a part of it
            view = view[self._answers.write(view) :]


def widen(*pipes: int) -> None:
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
