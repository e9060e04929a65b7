"""What stands in front of every route, the page's included: who may ask, and what every answer carries.

A page of another site must not be able to use a studio on this machine: neither by a name that it makes point
here (DNS rebinding: the Host is checked), nor by requests that a browser sends for it (Origin and Sec-Fetch-Site
are checked before a body is read). Programs send neither and are let through.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from imagegen.settings import LOOPBACK_NAMES
from imagegen.web.problems import Problem

SAFE_METHODS = ("GET", "HEAD")
_GRADIO = "/gradio_api"
_PAGE_READS = re.compile(r"(info/?|startup-events|heartbeat/[^/]+|theme\.css|app_id)")
_ENDPOINT = r"call/(generate|job|images|cutout)"
_CLIENT_READS = re.compile(rf"(queue/data|{_ENDPOINT}/[^/]+)")
_CLIENT_CALLS = re.compile(rf"(queue/join|{_ENDPOINT})")
"""Of Gradio's own routes these are what the page and the clients of its API need. Its uploads, files, proxy and
other streams would be further ways in and out of the data folder."""

_SELF_CONTAINED = (
    "default-src 'self'; script-src 'self'{inline}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors {ancestors}"
)
_NOTHING = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors {ancestors}"
"""For answers that are data: should a browser show one as a page, nothing in it runs. The two that are allowed are
what browsers' own picture viewers use."""


def space_host(space_id: str) -> str:
    """The host of a Hugging Face Space, from its `owner/name`."""
    return "".join(c if c.isalnum() else "-" for c in space_id.lower()) + ".hf.space"


class Guard:
    """Answers 421, 403 or 404 itself, else passes on and adds the headers that make a browser careful."""

    def __init__(self, app: ASGIApp, *, allowed_hosts: Sequence[str] = (), space_id: str | None = None) -> None:
        self.app = app
        space = (space_host(space_id),) if space_id else ()
        self._hosts = frozenset(host.lower() for host in (*LOOPBACK_NAMES, *allowed_hosts, *space))
        ancestors = "'self' https://huggingface.co" if space_id else "'none'"
        self._page = _headers(_SELF_CONTAINED.format(inline=" 'unsafe-inline'", ancestors=ancestors), space_id)
        self._docs = _headers(_SELF_CONTAINED.format(inline="", ancestors=ancestors), space_id)
        self._data = _headers(_NOTHING.format(ancestors=ancestors), space_id)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection. Web sockets are not used here and are closed."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        added = self._headers_for(scope["path"])

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                for name, value in added:
                    headers[name] = value
            await send(message)

        refused = self._refusal(scope)
        answer = self.app if refused is None else refused.response()
        await answer(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not host_allowed(hosts[0], self._hosts):
            return Problem(421, "This Host is not answered here; IMAGEGEN_ALLOWED_HOSTS names further ones.")
        if not same_site(scope["method"], scope["path"], hosts[0], headers):
            return Problem(403, "The request comes from another site.")
        path: str = scope["path"]
        if path.startswith(_GRADIO) and not (is_call(scope) or _reads_gradio(scope)):
            return Problem(404, "There is nothing at this address.")
        return None

    def _headers_for(self, path: str) -> tuple[tuple[str, str], ...]:
        if path.startswith(("/api/", "/healthz", "/openapi.json")):
            return self._data
        return self._docs if path == "/docs" or path.startswith("/assets/docs/") else self._page


def is_call(scope: Scope) -> bool:
    """Whether this calls an endpoint of Gradio's own API: all that may be posted to the page."""
    below = scope["path"].removeprefix(f"{_GRADIO}/")
    return below != scope["path"] and scope["method"] == "POST" and bool(_CLIENT_CALLS.fullmatch(below))


def _reads_gradio(scope: Scope) -> bool:
    below = scope["path"].removeprefix(f"{_GRADIO}/")
    reads = scope["method"] in SAFE_METHODS
    return reads and bool(_PAGE_READS.fullmatch(below) or _CLIENT_READS.fullmatch(below))


def host_allowed(host: str, allowed: Iterable[str]) -> bool:
    """Whether a Host header names this server. An entry with a port holds for that port, else for any."""
    host = host.lower()
    name = host_name(host)
    return name is not None and any(entry in (host, name, f"[{name}]") for entry in allowed)


def host_name(host: str) -> str | None:
    """The name in a Host header, without port and brackets; None when it is no host."""
    if host.startswith("["):
        name, closed, rest = host[1:].partition("]")
        port = rest.removeprefix(":")
        well_formed = bool(closed) and rest == (f":{port}" if rest else "")
    else:
        name, colon, port = host.partition(":")
        well_formed = bool(port) or not colon
    return name if name and well_formed and (not port or port.isdigit()) else None


def same_site(method: str, path: str, host: str, headers: Headers) -> bool:
    """Whether the request comes from our own pages, from a person's address bar, or from a program.

    A link on another site may open the page, but nothing of the API.
    """
    origin, fetch_site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is not None:
        return _is_own(origin, host)
    if fetch_site in (None, "same-origin", "none"):
        return True
    opens_page = method in SAFE_METHODS and headers.get("sec-fetch-mode") == "navigate"
    return opens_page and not path.startswith(("/api/", _GRADIO))


def _is_own(origin: str, host: str) -> bool:
    parts = urlsplit(origin)
    default = {"http": ":80", "https": ":443"}.get(parts.scheme)
    if default is None:
        return False
    return parts.netloc.lower().removesuffix(default) == host.lower().removesuffix(default)


def _headers(policy: str, space_id: str | None) -> tuple[tuple[str, str], ...]:
    always = (
        ("content-security-policy", policy),
        ("cross-origin-resource-policy", "same-origin"),
        # not no-referrer: with that a browser's own form posts would come with Origin: null
        ("referrer-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
    )
    # a Space is shown in a frame of huggingface.co, in a window that others open
    return (
        always
        if space_id
        else (*always, ("cross-origin-opener-policy", "same-origin"), ("x-frame-options", "DENY"))
    )
