"""`python app.py` as a process of its own, for tests that need the real thing, and a client for it."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2

ROOT = Path(__file__).resolve().parent.parent
READY = "imagegen is ready: "
START_SECONDS = 60.0
"""How long a start may take on a busy machine before the test fails."""


class ServerProcess:
    """A running server on a free port; `url` is where it answers. Leaving the block stops it with SIGTERM."""

    def __init__(
        self, data_dir: Path, settings: Mapping[str, str] | None = None, *, script: str = "app.py", port: int = 0
    ) -> None:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("IMAGEGEN_", "GEMINI_", "GOOGLE_")) and name not in ("PORT", "SPACE_ID")
        }
        environment |= {"IMAGEGEN_DATA_DIR": str(data_dir), "IMAGEGEN_PORT": str(port), "PYTHONPATH": str(ROOT)}
        environment |= settings or {}
        self.process = subprocess.Popen(
            [sys.executable, script],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.errors: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._readers = [
            threading.Thread(target=self._read_output, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        self.url = ""

    def ready(self) -> Self:
        """Wait until it answers. Raises AssertionError with its error output when it ends instead."""
        while True:
            line = self._lines.get(timeout=START_SECONDS)
            assert line is not None, f"the server ended at its start: {''.join(self.errors)}"
            if line.startswith(READY):
                self.url = line.removeprefix(READY).split(" · ")[0]
                return self

    def wait(self, seconds: float = START_SECONDS) -> int:
        """Wait for the end; returns the exit status, negative for a signal."""
        status = self.process.wait(seconds)
        for reader in self._readers:
            reader.join(seconds)
        return status

    def stop(self) -> int:
        """Ask it to stop and wait for the end."""
        self.process.terminate()
        return self.wait()

    def __enter__(self) -> Self:
        return self.ready()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.wait()
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()

    def client(self) -> httpx2.Client:
        """An HTTP client for it."""
        return httpx2.Client(base_url=self.url, timeout=30, trust_env=False)

    def _read_output(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        self.errors.extend(self.process.stderr)


def job_when_done(client: httpx2.Client, job_id: str) -> dict[str, Any]:
    """The job once none of its tasks is live; woken by the server's own events."""
    with client.stream("GET", "/api/events") as stream:
        events = _events(stream)
        while True:
            job: dict[str, Any] = client.get(f"/api/generate/{job_id}").json()
            if job["status"] not in ("queued", "processing"):
                return job
            for event in events:
                if event["job_id"] == job_id and event["kind"] == "job":
                    break


def _events(stream: httpx2.Response) -> Iterator[dict[str, Any]]:
    for line in stream.iter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))
