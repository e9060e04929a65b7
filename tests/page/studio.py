"""The real server as a process of its own, which can be killed and started again on the same data and port."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0
POLL_SECONDS = 0.05


@dataclass
class Studio:
    """A server on a free port. `env` adds to a small environment without any provider's key; `script` runs it."""

    data: Path
    env: dict[str, str] = field(default_factory=dict)
    port: int = 0
    script: str = "app.py"
    _process: subprocess.Popen[bytes] | None = None
    _log: IO[bytes] | None = None

    @property
    def url(self) -> str:
        """The page's address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start and wait until `/healthz` answers. Raises `RuntimeError` with the log where it does not."""
        self.launch()
        self.wait_until_healthy()

    def launch(self) -> None:
        """Start and do not wait: several servers start side by side."""
        self.port = self.port or _free_port()
        self.data.mkdir(parents=True, exist_ok=True)
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        own = {
            "IMAGEGEN_DATA_DIR": str(self.data),
            "IMAGEGEN_PORT": str(self.port),
            "IMAGEGEN_SHUTDOWN_GRACE": "0",
        }
        self._log = self._log_path.open("ab")
        command = [sys.executable, str(ROOT / self.script)]
        self._process = subprocess.Popen(
            command, cwd=self.data, env={**kept, **own, **self.env}, stdout=self._log, stderr=self._log
        )

    def wait_until_healthy(self) -> None:
        """Until `/healthz` answers. Raises `RuntimeError` with the log where it does not."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(POLL_SECONDS)
        raise RuntimeError(f"the server did not start:\n{self.log}")

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> int:
        """Ask it to end; its exit status."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """End it at once, as a power cut would."""
        return self._end(signal.SIGKILL)

    def post(self, path: str, body: object) -> Any:
        """What a program, rather than the page, asks of the API."""
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    @property
    def log(self) -> str:
        """All it has written."""
        return self._log_path.read_text(encoding="utf-8", errors="replace")

    @property
    def _log_path(self) -> Path:
        return self.data.with_suffix(".log")

    def _end(self, how: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(how)
        status = self._process.wait(timeout=30)
        if self._log is not None:
            self._log.close()
        return status


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
