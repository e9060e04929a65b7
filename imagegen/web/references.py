"""`/api/references`: a picture, or the address of one, to be shown to a model as a reference; its thumbnail."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import FileResponse

from imagegen import VERSION
from imagegen.media.fetch import ADDRESS_ALLOWED, URL_MAX_LENGTH, Fetcher, FetchRefused
from imagegen.media.references import UPLOAD_MAX_BYTES, ReferenceRefused, clean_reference
from imagegen.media.thumbnails import ensure_reference_thumbnail
from imagegen.request import FieldProblem
from imagegen.web.bodies import media_type, read_model, read_upload, wrong_type
from imagegen.web.context import NO_QUERY, Caller, EngineOf
from imagegen.web.files import thumbnail_answer
from imagegen.web.openapi import FILE_BODY, Json, body, file_responses, problems
from imagegen.web.problems import Problem, not_found

router = APIRouter(tags=["references"], dependencies=[NO_QUERY])

STATUS = {"type": 415, "corrupt": 422, "too_many_pixels": 422, "too_large": 413, "busy": 429}
"""What is not listed is 422: the fault lies in the address that was given, and asking again changes nothing."""
RETRY_AFTER = {413: "86400", 429: "10"}
fetcher = Fetcher(f"imagegen/{VERSION}")
"""Fetches pictures by their address. Tests put another in its place."""
_decoding = asyncio.Semaphore(2)
"""Cleaning decodes up to 50 megapixels, 200 MB of memory; more at once would only wait for a core anyway."""


class PictureAddress(BaseModel):
    """Where on the public internet a picture is."""

    model_config = ConfigDict(extra="forbid", strict=True)

    url: str = Field(
        description=f"The picture's address: {ADDRESS_ALLOWED}",
        examples=["https://example.com/fox.jpg"],
        json_schema_extra={"maxLength": URL_MAX_LENGTH, "pattern": r"^[Hh][Tt][Tt][Pp][Ss]://[^\x00-\x1f\x7f]+$"},
    )


class ReferenceAnswer(BaseModel):
    """An added reference: its id, and its size in pixels as it is kept."""

    id: str
    width: int
    height: int


def _either_body() -> Json:
    contents = [one["requestBody"]["content"] for one in (FILE_BODY, body(PictureAddress))]
    return {"requestBody": {"required": True, "content": contents[0] | contents[1]}}


@router.post(
    "/api/references",
    status_code=201,
    responses={
        200: {"model": ReferenceAnswer, "description": "The same picture was added before"},
        **problems(413, 415, 429, 507),
    },
    openapi_extra=_either_body(),
)
async def add_reference(request: Request, response: Response, engine: EngineOf, owner: Caller) -> ReferenceAnswer:
    """Add a PNG, JPEG or WebP picture of at most 20 MB and 50 megapixels. Its metadata is not kept.

    Send the file itself, or the https address of one on a public server, which must answer within 10 seconds.
    """
    field, data = await _picture(request)
    try:
        async with _decoding:
            clean = await asyncio.to_thread(clean_reference, data)
    except ReferenceRefused as refused:
        raise _refused(field, refused.reason, refused) from None
    reference, created = await engine.add_reference(clean, owner=owner)
    response.status_code = 201 if created else 200
    return ReferenceAnswer(id=reference.id, width=reference.width, height=reference.height)


@router.get(
    "/api/references/{reference_id}/thumb",
    responses={**file_responses("image/webp"), **problems(404)},
    response_class=FileResponse,
)
async def thumbnail(reference_id: str, request: Request, engine: EngineOf, owner: Caller) -> Response:
    """A small WebP of an upload, made when it is first asked for. Pictures of the gallery have their own."""
    found = await engine.reference_file(reference_id, owner=owner)
    if found is None:
        raise not_found("reference")
    name = f"imagegen-{reference_id}-thumb"
    return await thumbnail_answer(
        request, name, lambda: ensure_reference_thumbnail(engine.store, found.sha256, found.media_type)
    )


async def _picture(request: Request) -> tuple[str, bytes]:
    """The bytes that the body holds or points to, and the name of the field that did."""
    match media_type(request):
        case "multipart/form-data":
            return "file", await read_upload(request, "file", UPLOAD_MAX_BYTES)
        case "application/json":
            wanted = await read_model(request, PictureAddress)
            try:
                return "url", await fetcher.fetch(wanted.url)
            except FetchRefused as refused:
                raise _refused("url", refused.kind, refused) from None
        case _:
            raise wrong_type("multipart/form-data", "application/json")


def _refused(field: str, reason: str, refusal: Exception) -> Problem:
    """The address itself is not repeated: it may hold a secret, like a signature."""
    status = STATUS.get(reason, 422)
    allowed = ADDRESS_ALLOWED if reason in ("address", "not_public") else None
    error = FieldProblem(field, None, allowed, f"{field}: {refusal}")
    headers = {"Retry-After": RETRY_AFTER[status]} if status in RETRY_AFTER else {}
    return Problem(status, str(refusal), errors=[error], headers=headers)
