"""Answers that are a picture's file: ranges, caching, and thumbnails made when they are first asked for.

Files never change under their address, so browsers may keep them for ever.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from fastapi import Request, Response
from starlette.responses import FileResponse

from imagegen.media.thumbnails import ThumbnailFailed
from imagegen.web.problems import Problem

_FOR_EVER = "private, max-age=31536000, immutable"
_thumbnailing = asyncio.Semaphore(2)
"""A gallery asks for dozens at once; more than two would starve the rest of the process of its cores."""


async def file_answer(request: Request, path: Path, media_type: str, disposition: str, *, tag: str) -> Response:
    """The file with ranges and caching, 304 when the caller has it, 404 when it is gone from the disk."""
    headers = kept_headers(tag, disposition)
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    try:
        stat = await asyncio.to_thread(os.stat, path)
    except OSError:
        raise file_missing() from None
    return FileResponse(path, headers=headers, media_type=media_type, stat_result=stat)


async def thumbnail_answer(request: Request, name: str, make: Callable[[], Path]) -> Response:
    """The WebP thumbnail that `make` finds or makes, saved by that name; 404 when there is nothing to make it of.

    `make` blocks and raises `ThumbnailFailed`.
    """
    try:
        async with _thumbnailing:
            tag, content = await asyncio.to_thread(_made_and_read, make)
    except ThumbnailFailed as failed:
        raise Problem(404, str(failed)) from None
    except OSError:
        raise file_missing() from None
    headers = kept_headers(tag, f'inline; filename="{name}.webp"')
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type="image/webp")


def _made_and_read(make: Callable[[], Path]) -> tuple[str, bytes]:
    """In one go, for whoever scrolls fast asks for a hundred a second; they are a few kilobytes each."""
    path = make()
    return path.stem, path.read_bytes()


def kept_headers(tag: str, disposition: str) -> dict[str, str]:
    """The headers of what never changes under its address; `tag` names this content."""
    return {"ETag": f'"{tag}"', "Cache-Control": _FOR_EVER, "Content-Disposition": disposition}


def file_missing() -> Problem:
    """404: the job log has the picture, the disk has not."""
    return Problem(404, "The picture's file is missing from the data folder.")


def is_known(request: Request, tag: str) -> bool:
    """Whether the caller has that version."""
    known = {entry.strip().removeprefix("W/") for entry in request.headers.get("if-none-match", "").split(",")}
    return tag in known or "*" in known
