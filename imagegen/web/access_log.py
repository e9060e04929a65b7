"""One line for each request, and for each that failed inside, where.

Query strings are left out, for they can hold what a person searched for; so are the words of exceptions, for they
can repeat a prompt.
"""

from __future__ import annotations

import logging
import time
import traceback

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from imagegen.web.problems import Problem

log = logging.getLogger("imagegen.access")
_PATH_SHOWN = 200


class AccessLog:
    """Outermost: logs method, path, status and milliseconds, and turns what nobody caught into a 500."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 0

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except Exception as error:  # noqa: BLE001 - the last place before the server, which would log its words
            log.error("%s %s failed: %s\n%s", scope["method"], _path(scope), type(error).__name__, _where(error))
            if not status:
                await Problem(500, "Something went wrong here.").response()(scope, receive, send_and_note)
        finally:
            level = logging.DEBUG if scope["path"] == "/healthz" else logging.INFO
            milliseconds = (time.perf_counter() - begun) * 1000
            log.log(level, "%s %s %d %.0f ms", scope["method"], _path(scope), status, milliseconds)


def _path(scope: Scope) -> str:
    """The path as it came, still percent-encoded, so that no line break gets into the log."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode("ascii", "backslashreplace")
    return raw.partition(b"?")[0][:_PATH_SHOWN].decode("ascii", "backslashreplace")


def _where(error: Exception) -> str:
    return "".join(traceback.format_tb(error.__traceback__)).rstrip()
