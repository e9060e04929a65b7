"""`/api/images`: records, originals and thumbnails of finished pictures; to the trash and back.

A picture in the trash answers 404 until it is restored.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import FileResponse

from imagegen.jobs.views import ImageDetail, ImagePage, LibraryView
from imagegen.media.convert import converted
from imagegen.media.filenames import attachment
from imagegen.media.inspect import NotAPicture, PictureFormat
from imagegen.media.thumbnails import ensure_thumbnail
from imagegen.web.context import NO_QUERY, Caller, EngineOf
from imagegen.web.files import file_answer, file_missing, is_known, kept_headers, thumbnail_answer
from imagegen.web.jobs import Paging
from imagegen.web.openapi import file_responses, problems
from imagegen.web.problems import Problem, not_found

router = APIRouter(tags=["images"])

_converting = asyncio.Semaphore(2)


class ImageFilter(Paging):
    """Which pictures to list."""

    q: str | None = Field(None, max_length=500, description="Words of the prompt, or beginnings of them")
    album: str | None = Field(None, max_length=200, description="Pictures of that album")
    style: str | None = Field(None, max_length=200, description="Pictures in that style")
    provider: str | None = Field(None, max_length=200, description="Pictures made by that provider")
    kind: Literal["original", "cutout"] | None = Field(None, description="Only cut-outs, or all others")


class DownloadChoice(BaseModel):
    """How to download."""

    model_config = ConfigDict(extra="forbid")

    format: PictureFormat | None = Field(
        None, description="Default: the `output_format` of its request, else the original's own"
    )


class Trashed(BaseModel):
    """Where the picture is now."""

    id: str
    deleted: bool


@router.get("/api/images", responses=problems())
async def images(wanted: Annotated[ImageFilter, Query()], engine: EngineOf, owner: Caller) -> ImagePage:
    """Finished pictures, newest first."""
    return await engine.images(
        owner=owner,
        words=wanted.q,
        album=wanted.album,
        style=wanted.style,
        provider=wanted.provider,
        kind=wanted.kind,
        limit=wanted.limit,
        after=wanted.after,
    )


@router.get("/api/library", responses=problems(), dependencies=[NO_QUERY])
async def library(engine: EngineOf, owner: Caller) -> LibraryView:
    """How many pictures there are, without those in the trash."""
    return await engine.library(owner=owner)


@router.get("/api/images/{image_id}", responses=problems(404), dependencies=[NO_QUERY])
async def image(image_id: str, engine: EngineOf, owner: Caller) -> ImageDetail:
    """One picture with its prompt, request and timings."""
    found = await engine.image(image_id, owner=owner)
    if found is None:
        raise not_found("image")
    return found


@router.get(
    "/api/images/{image_id}/file",
    responses={**file_responses("image/png", "image/jpeg", "image/webp"), **problems(404)},
    response_class=FileResponse,
    dependencies=[NO_QUERY],
)
async def original(image_id: str, request: Request, engine: EngineOf, owner: Caller) -> Response:
    """The original, byte for byte as the provider sent it."""
    found = await engine.image_file(image_id, owner=owner)
    if found is None:
        raise not_found("image")
    path = engine.store.image_path(found.sha256, found.format)
    inline = f'inline; filename="imagegen-{image_id}.{found.format}"'
    return await file_answer(request, path, f"image/{found.format}", inline, tag=found.sha256)


@router.get(
    "/api/images/{image_id}/download",
    responses={**file_responses("image/png", "image/jpeg", "image/webp"), **problems(404)},
    response_class=FileResponse,
)
async def download(
    image_id: str, wanted: Annotated[DownloadChoice, Query()], request: Request, engine: EngineOf, owner: Caller
) -> Response:
    """The picture to save, named by its prompt and seed; the original's own bytes unless another format is due."""
    record = await engine.image(image_id, owner=owner)
    file = await engine.image_file(image_id, owner=owner)
    if record is None or file is None:
        raise not_found("image")
    target: PictureFormat = wanted.format or record.request.get("output_format") or record.format  # type: ignore[assignment]
    prompt = str(record.request.get("prompt") or record.prompt)
    disposition = attachment(prompt, record.seed, target)
    path = engine.store.image_path(file.sha256, file.format)
    if target == file.format:
        return await file_answer(request, path, f"image/{target}", disposition, tag=file.sha256)
    return await _converted(request, path, target, disposition, tag=f"{file.sha256}-{target}")


@router.get(
    "/api/images/{image_id}/thumb",
    responses={**file_responses("image/webp"), **problems(404)},
    response_class=FileResponse,
    dependencies=[NO_QUERY],
)
async def thumbnail(image_id: str, request: Request, engine: EngineOf, owner: Caller) -> Response:
    """A small WebP of the picture, made when it is first asked for."""
    found = await engine.image_file(image_id, owner=owner)
    if found is None:
        raise not_found("image")
    name = f"imagegen-{image_id}-thumb"
    return await thumbnail_answer(
        request, name, lambda: ensure_thumbnail(engine.store, found.sha256, found.format)
    )


@router.delete("/api/images/{image_id}", responses=problems(404), dependencies=[NO_QUERY])
async def delete(image_id: str, engine: EngineOf, owner: Caller) -> Trashed:
    """Put a picture into the trash. Asking twice changes nothing."""
    if not await engine.delete_image(image_id, owner=owner):
        raise not_found("image")
    return Trashed(id=image_id, deleted=True)


@router.post("/api/images/{image_id}/restore", responses=problems(404), dependencies=[NO_QUERY])
async def restore(image_id: str, engine: EngineOf, owner: Caller) -> Trashed:
    """Take a picture out of the trash. Asking twice changes nothing."""
    if not await engine.restore_image(image_id, owner=owner):
        raise not_found("image")
    return Trashed(id=image_id, deleted=False)


async def _converted(
    request: Request, path: Path, target: PictureFormat, disposition: str, *, tag: str
) -> Response:
    """The picture in another format, made for this answer; 404 when the original is gone or damaged."""
    headers = kept_headers(tag, disposition)
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    try:
        async with _converting:
            data = await asyncio.to_thread(lambda: converted(path.read_bytes(), target))
    except OSError:
        raise file_missing() from None
    except NotAPicture as error:
        raise Problem(404, str(error)) from None
    return Response(data, media_type=f"image/{target}", headers=headers)
