"""A kept-alive HTTP connection to a server on this machine.

http.client, for its own share of a round trip is small; what a fuller client takes would count as the server's.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from types import TracebackType
from typing import Any, Self

_KEPT_SECONDS = 2.0
"""Servers close a connection after some idle seconds (uvicorn after 5), so an older one is opened anew."""


class UnexpectedAnswer(Exception):  # noqa: N818 - named for what happened
    """The server answered with another status than 2xx."""


class Connection:
    """One connection to a port of loopback, reopened after a pause."""

    def __init__(self, port: int, timeout: float = 60.0) -> None:
        self._http = HTTPConnection("127.0.0.1", port, timeout=timeout)
        self._used = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; the next request opens it anew."""
        self._http.close()

    def hang_up(self) -> None:
        """End a `stream` that another thread reads."""
        if self._http.sock is not None:
            self._http.sock.shutdown(socket.SHUT_RDWR)

    def get(self, path: str) -> bytes:
        """The body of a GET. Raises `UnexpectedAnswer`, `OSError` or `HTTPException`."""
        return self._exchange("GET", path, None, {})

    def post(self, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        """The JSON answer to a JSON body. Raises as `get` does."""
        encoded = json.dumps(body).encode()
        return json.loads(self._exchange("POST", path, encoded, {"Content-Type": "application/json"}))

    def stream(self, path: str) -> Iterator[bytes]:
        """The lines of an endless answer, until the server or the caller ends it."""
        self._http.request("GET", path)
        response = self._http.getresponse()
        while line := response.readline():
            yield line.rstrip(b"\r\n")

    def _exchange(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> bytes:
        if time.monotonic() - self._used > _KEPT_SECONDS:
            self.close()
        self._http.request(method, path, body, headers)
        response = self._http.getresponse()
        answer = response.read()
        self._used = time.monotonic()
        if not 200 <= response.status < 300:
            raise UnexpectedAnswer(f"{method} {path}: {response.status} {answer[:300]!r}")
        return answer
