"""`/api/references`: upload a picture to be given to a model as a reference."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from imagegen.media.references import UPLOAD_MAX_BYTES, ReferenceRefused, clean_reference
from imagegen.request import FieldProblem
from imagegen.web.bodies import read_upload
from imagegen.web.context import NO_QUERY, Caller, EngineOf
from imagegen.web.openapi import FILE_BODY, problems
from imagegen.web.problems import Problem

router = APIRouter(tags=["references"], dependencies=[NO_QUERY])

STATUS = {"type": 415, "corrupt": 422, "too_many_pixels": 422, "too_large": 413}
_decoding = asyncio.Semaphore(2)
"""Cleaning decodes up to 50 megapixels, 200 MB of memory; more at once would only wait for a core anyway."""


class ReferenceAnswer(BaseModel):
    """An uploaded reference: its id, and its size in pixels as it is kept."""

    id: str
    width: int
    height: int


@router.post(
    "/api/references",
    status_code=201,
    responses={
        200: {"model": ReferenceAnswer, "description": "The same picture was uploaded before"},
        **problems(413, 415, 507),
    },
    openapi_extra=FILE_BODY,
)
async def add_reference(request: Request, response: Response, engine: EngineOf, owner: Caller) -> ReferenceAnswer:
    """Upload a PNG, JPEG or WebP picture of at most 20 MB and 50 megapixels. Its metadata is not kept."""
    data = await read_upload(request, "file", UPLOAD_MAX_BYTES)
    try:
        async with _decoding:
            clean = await asyncio.to_thread(clean_reference, data)
    except ReferenceRefused as refused:
        error = FieldProblem("file", None, None, f"file: {refused}")
        headers = {"Retry-After": "86400"} if STATUS[refused.reason] == 413 else {}
        raise Problem(STATUS[refused.reason], str(refused), errors=[error], headers=headers) from None
    reference, created = await engine.add_reference(clean, owner=owner)
    response.status_code = 201 if created else 200
    return ReferenceAnswer(id=reference.id, width=reference.width, height=reference.height)
