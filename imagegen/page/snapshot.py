"""The page as Gradio last drew it, shown while Gradio is still being imported.

What Gradio sends for the page is the same at every start but for the address in it, and its scripts are files
beside its code. Both can be given out without importing it, which takes seconds. A snapshot is good only for the
very same Gradio and the very same files of the page; whatever it does not have waits for Gradio itself.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
from dataclasses import asdict, dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import NamedTemporaryFile

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from imagegen.page.files import address

log = logging.getLogger("imagegen.page")

STAND_IN = "snapshot.invalid"
"""The host in whose name the page is drawn for a snapshot; each visitor's own is put in its place."""
_KNOWN = ("/", "/theme.css", "/manifest.json", "/favicon.ico")
_HOST = re.compile(r"[\w.:\[\]-]+")
_THEME = re.compile(r'"theme_hash":"([0-9a-f]+)"')


class CannotDraw(Exception):  # noqa: N818 - named for what happened
    """The page did not answer as expected; there is no snapshot of it."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The page's HTML in the name of `STAND_IN`, and Gradio's theme."""

    fingerprint: str
    html: str
    theme: str
    manifest: str


def fingerprint(assets: Path) -> str:
    """Changes with Gradio's version and with every file that the page is made of. Blocks: reads some 100 files."""
    digest = hashlib.sha256(f"{version('gradio')} {address(assets)}".encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def app_id(mark: str) -> int:
    """What Gradio calls this build of the page. Its own choice is random, and would differ from the snapshot's."""
    return int(mark[:13], 16)  # below 2**53, for JavaScript


async def take(page: ASGIApp, mark: str) -> Snapshot:
    """Have Gradio draw the page. Raises `CannotDraw`."""
    html = await _body(page, "/")
    theme = _THEME.search(html)
    if theme is None or f"http://{STAND_IN}" not in html:
        raise CannotDraw("the page has another form than this version knows")
    css = await _body(page, f"/theme.css?v={theme[1]}")
    return Snapshot(mark, html, css, await _body(page, "/manifest.json"))


class EarlyPage:
    """Answers for the page before Gradio can, from a snapshot in `folder`. All but `keep` is quick."""

    def __init__(self, folder: Path, assets: Path) -> None:
        self._file = folder / "page.json"
        self._mark = fingerprint(assets)
        self._snapshot = self._load()
        self._icon = assets / "icon.svg"
        frontend = _frontend()
        self._scripts = StaticFiles(directory=frontend / "assets", check_dir=False)
        self._static = StaticFiles(directory=frontend / "static", check_dir=False)

    @property
    def complete(self) -> bool:
        """Whether there is a snapshot."""
        return self._snapshot is not None

    def answers(self, scope: Scope) -> bool:
        """Whether this request can be answered from the snapshot."""
        if self._snapshot is None or scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return False
        path: str = scope["path"]
        return path.startswith(("/assets/", "/static/")) or (path in _KNOWN and self._is_plain(scope))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request that `answers` has accepted."""
        assert self._snapshot is not None
        root = f"{scope['scheme']}://{Headers(scope=scope).get('host', '')}"
        match scope["path"]:
            case "/":
                html = self._snapshot.html.replace(f"http://{STAND_IN}", root)
                await HTMLResponse(html)(scope, receive, send)
            case "/theme.css":
                await Response(self._snapshot.theme, media_type="text/css")(scope, receive, send)
            case "/manifest.json":
                manifest = self._snapshot.manifest.replace(f"http://{STAND_IN}", root)
                await Response(manifest, media_type="application/manifest+json")(scope, receive, send)
            case "/favicon.ico":
                await FileResponse(self._icon)(scope, receive, send)
            case path:
                await self._file_of_gradio(path, scope, receive, send)

    async def _file_of_gradio(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        _, folder, name = path.split("/", 2)
        files = self._scripts if folder == "assets" else self._static
        try:
            await files({**scope, "path": f"/{name}", "root_path": ""}, receive, send)
        except HTTPException as missing:
            await PlainTextResponse(missing.detail, missing.status_code)(scope, receive, send)

    async def keep(self, page: ASGIApp) -> None:
        """Store how the page looks now, if that is news. Failing is no harm: the next start waits for Gradio."""
        if self._snapshot is not None:
            return
        try:
            snapshot = await take(page, self._mark)
            await asyncio.to_thread(self._store, snapshot)
        except (CannotDraw, OSError) as error:
            log.warning("the page's snapshot cannot be kept: %s", type(error).__name__)

    def _store(self, snapshot: Snapshot) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", encoding="utf-8", dir=self._file.parent, delete=False) as temporary:
            json.dump(asdict(snapshot), temporary)
        Path(temporary.name).replace(self._file)  # several servers may start from one checkout at the same time

    def _load(self) -> Snapshot | None:
        try:
            snapshot = Snapshot(**json.loads(self._file.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return snapshot if snapshot.fingerprint == self._mark else None

    @staticmethod
    def _is_plain(scope: Scope) -> bool:
        """Behind a proxy the address that the browser knows is for Gradio to find out."""
        headers = Headers(scope=scope)
        forwarded = any(name.startswith("x-forwarded-") for name in headers)
        return not forwarded and _HOST.fullmatch(headers.get("host", "")) is not None


def _frontend() -> Path:
    found = find_spec("gradio")  # finds it without importing it
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "templates" / "frontend"


async def _body(page: ASGIApp, target: str) -> str:
    path, _, query = target.partition("?")
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", STAND_IN.encode())],
        "client": ("127.0.0.1", 1),
        "server": (STAND_IN, 80),
        "state": {},
    }
    status = 0
    pieces: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        elif message["type"] == "http.response.body":
            pieces.append(message.get("body", b""))

    await page(scope, receive, send)
    if status != 200:
        raise CannotDraw(f"{path} answered {status}")
    return b"".join(pieces).decode()
