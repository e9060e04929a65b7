"""Background removal: for a picture of the gallery, for an upload, and the models that do it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from imagegen.jobs.cutting import BackgroundRemover
from imagegen.jobs.views import Submitted
from imagegen.media.cutout import CUTOUT_MODELS, CutoutOptions, DownloadFailed
from imagegen.request import FieldProblem
from imagegen.web.bodies import read_optional_model
from imagegen.web.context import NO_QUERY, Caller, EngineOf, RemoverOf
from imagegen.web.generate import IdempotencyKey
from imagegen.web.openapi import optional_body, problems
from imagegen.web.problems import Problem, invalid, not_found

router = APIRouter(tags=["background removal"], dependencies=[NO_QUERY])


class CutoutBody(BaseModel):
    """How to cut. Without `background` the result is transparent."""

    model_config = ConfigDict(extra="forbid", strict=True)

    model: str = Field(
        "u2netp",
        max_length=100,
        description="An id from /api/cutout/models that is installed; 409 where it is not",
        json_schema_extra={"enum": [*CUTOUT_MODELS]},
    )
    alpha_matting: bool = Field(False, description="Finer edges of hair and fur; takes several seconds more")
    background: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] | None = Field(
        None, description="A colour to put behind it", examples=["#ffffff"]
    )


class CutoutModelView(BaseModel):
    """One model. `progress` is the share that is downloaded, 0 to 1, while it is; `error` why it could not be."""

    id: str
    title: str
    licence: str
    bytes: int = Field(description="Size of the download")
    installed: bool
    progress: float | None
    error: str | None


class CutoutModels(BaseModel):
    """The models, and whether the remover is ready: the first cut-out after a start waits for it."""

    models: list[CutoutModelView]
    state: Literal["cold", "preparing", "ready"]


class Downloading(BaseModel):
    """The download goes on in the background."""

    id: str
    downloading: Literal[True] = True


async def _options(request: Request, remover: RemoverOf) -> CutoutOptions:
    body = await read_optional_model(request, CutoutBody)
    known = {state.model.id: state.installed for state in remover.models()}
    if body.model not in known:
        message = f"model: {body.model} is unknown; allowed: {', '.join(known)}"
        raise invalid(FieldProblem("model", body.model, list(known), message))
    if not known[body.model]:
        here = ", ".join(name for name, installed in known.items() if installed)
        raise Problem(409, f"model: {body.model} is not downloaded yet. Download it first, or use one of: {here}.")
    return CutoutOptions(body.model, alpha_matting=body.alpha_matting, background=body.background)


Options = Annotated[CutoutOptions, Depends(_options)]


@router.post(
    "/api/images/{image_id}/cutout",
    status_code=202,
    responses=problems(404, 409, 413, 415, 507),
    openapi_extra=optional_body(CutoutBody),
)
async def cut_out(
    image_id: str,
    *,
    options: Options,
    response: Response,
    engine: EngineOf,
    owner: Caller,
    idempotency_key: IdempotencyKey = None,
) -> Submitted:
    """Take the background out of a picture. Free, and a job like others; its picture has `parent_id`."""
    submitted = await engine.cut_out(image_id, options, owner=owner, idempotency_key=idempotency_key)
    return _accepted(submitted, response, "image")


@router.post(
    "/api/references/{reference_id}/cutout",
    status_code=202,
    responses=problems(404, 409, 413, 415, 507),
    openapi_extra=optional_body(CutoutBody),
)
async def cut_out_upload(
    reference_id: str,
    *,
    options: Options,
    response: Response,
    engine: EngineOf,
    owner: Caller,
    idempotency_key: IdempotencyKey = None,
) -> Submitted:
    """Take the background out of an uploaded picture of one's own."""
    submitted = await engine.cut_out_reference(reference_id, options, owner=owner, idempotency_key=idempotency_key)
    return _accepted(submitted, response, "reference")


@router.get("/api/cutout/models", responses=problems(404))
async def models(remover: RemoverOf) -> CutoutModels:
    """The models with size, licence and whether they are here."""
    views = [
        CutoutModelView(
            id=state.model.id,
            title=state.model.title,
            licence=state.model.licence,
            bytes=state.model.bytes,
            installed=state.installed,
            progress=state.downloading,
            error=state.error,
        )
        for state in remover.models()
    ]
    return CutoutModels(models=views, state=remover.state())


@router.post("/api/cutout/models/{model_id}/download", status_code=202, responses=problems(404))
async def download(model_id: str, request: Request, remover: RemoverOf) -> Downloading:
    """Fetch a model's weights. Asking again while it runs, or when it is here, changes nothing."""
    if all(state.model.id != model_id for state in remover.models()):
        raise not_found("model")
    downloads: set[asyncio.Task[None]] = request.app.state.downloads
    downloading = asyncio.create_task(_fetch(remover, model_id), name="download")
    downloads.add(downloading)
    downloading.add_done_callback(downloads.discard)
    return Downloading(id=model_id)


async def _fetch(remover: BackgroundRemover, model_id: str) -> None:
    with suppress(DownloadFailed):  # told by the list of models
        await remover.download(model_id)


def _accepted(submitted: Submitted | None, response: Response, what: str) -> Submitted:
    if submitted is None:
        raise not_found(what)
    response.headers["Location"] = f"/api/generate/{submitted.job_id}"
    return submitted
