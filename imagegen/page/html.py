"""The page's own lines in the HTML that Gradio answers with.

Gradio hands its `head` to its scripts, which add it to the document once some ninety files of their own are there.
In the HTML itself a browser finds ours at once and fetches them beside Gradio's.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_END = b"</head>"


class WithHead:
    """Puts `lines` at the end of the `<head>` of whatever `app` answers as HTML to a GET of the page."""

    def __init__(self, app: ASGIApp, lines: str) -> None:
        self._app = app
        self._lines = lines.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        # Compressed, there would be no head to find; the page is a few ten kilobytes.
        headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self._app({**scope, "headers": headers}, receive, self._completing(send))

    def _completing(self, send: Send) -> Send:
        start: Message = {}
        body = b""

        async def complete(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_html(message):
                start = message
                return
            if not start or message["type"] != "http.response.body":
                await send(message)
                return
            body += message.get("body", b"")
            if message.get("more_body", False):
                return
            body = body.replace(_END, self._lines + _END, 1)
            MutableHeaders(scope=start)["content-length"] = str(len(body))
            await send(start)
            await send({"type": "http.response.body", "body": body})

        return complete


def _is_html(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type", "").startswith("text/html")
