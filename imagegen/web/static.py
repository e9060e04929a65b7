"""Files of `assets/` that browsers load: the page's own styles and scripts, and the API page's renderer."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse

from imagegen.settings import ROOT
from imagegen.web.problems import not_found

router = APIRouter(include_in_schema=False)

ASSETS = ROOT / "assets"
FOLDERS = ("page", "docs")
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""What may be served. Licences and sources lie in the same folders and are not."""
_VERSIONED = re.compile(r"[0-9a-f]{12}/")
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
MOST_KEPT = 256
_KEPT: dict[tuple[str, str], tuple[bytes, str]] = {}
"""Versioned files that were asked for: a page asks for a hundred at once, for each of which a thread would take
longer than the answer."""
_IMPORT = re.compile(rb'^@import "([a-z]+/[a-z]+\.css)";$', re.MULTILINE)


def _whole(path: Path) -> bytes:
    """A file's bytes; in a style sheet, those that it imports stand in the place of the lines that do so."""
    content = path.read_bytes()
    if path.suffix != ".css":
        return content
    return _IMPORT.sub(lambda line: _whole(path.parent / line[1].decode()), content)


@router.get("/assets/{folder}/{name:path}")
async def asset(folder: str, name: str, request: Request) -> Response:
    """One file. Under a versioned folder it is kept for ever, otherwise it is asked about each time."""
    versioned = _VERSIONED.match(name)
    if versioned is None:
        return await run_in_threadpool(_asked_about, folder, name, request)
    if (kept := _KEPT.get((folder, name))) is None:
        kept = await run_in_threadpool(_file, folder, name[versioned.end() :])
        if len(_KEPT) >= MOST_KEPT:
            _KEPT.clear()
        _KEPT[folder, name] = kept
    content, media_type = kept
    return Response(content, headers=_FOR_EVER, media_type=media_type)


def _file(folder: str, name: str) -> tuple[bytes, str]:
    path = servable(folder, name)
    if path is None:
        raise not_found("file")
    return _whole(path), MEDIA_TYPES[path.suffix]


def _asked_about(folder: str, name: str, request: Request) -> Response:
    path = servable(folder, name)
    if path is None:
        raise not_found("file")
    headers = {"Cache-Control": "no-cache"}
    response = FileResponse(path, headers=headers, media_type=MEDIA_TYPES[path.suffix], stat_result=path.stat())
    if response.headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={**headers, "ETag": response.headers["etag"]})
    return response


def servable(folder: str, name: str, root: Path = ASSETS) -> Path | None:
    """The file of that name, or None where the name leads elsewhere or the type is not for browsers."""
    if folder not in FOLDERS or Path(name).suffix not in MEDIA_TYPES or "\x00" in name:
        return None
    base = (root / folder).resolve()
    path = (base / name).resolve()
    return path if path.is_relative_to(base) and path.is_file() else None
