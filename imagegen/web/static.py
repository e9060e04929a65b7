"""Files of `assets/` that browsers load: the page's own styles and scripts, and the API page's renderer."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request, Response
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


@lru_cache(maxsize=256)
def _whole(path: Path, _version: str) -> bytes:
    """A page asks for more than a hundred files at once, each some kilobytes."""
    return path.read_bytes()


@router.get("/assets/{folder}/{name:path}")
def asset(folder: str, name: str, request: Request) -> Response:
    """One file. Under a versioned folder it is kept for ever, otherwise it is asked about each time."""
    versioned = _VERSIONED.match(name)
    path = servable(folder, name[versioned.end() :] if versioned else name)
    if path is None:
        raise not_found("file")
    media_type = MEDIA_TYPES[path.suffix]
    if versioned:
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        return Response(_whole(path, versioned[0]), headers=headers, media_type=media_type)
    headers = {"Cache-Control": "no-cache"}
    response = FileResponse(path, headers=headers, media_type=media_type, stat_result=path.stat())
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
