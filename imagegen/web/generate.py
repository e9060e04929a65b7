"""`/api/generate`: submit a request, follow its job, cancel it, retry what failed."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from imagegen.catalogue.records import MicroUsd
from imagegen.jobs.spending import OverBudget
from imagegen.jobs.views import JobView, QuoteView, Submitted
from imagegen.request import TASKS_MAX, Whole, parse
from imagegen.web.alternatives import alternatives, instead_of
from imagegen.web.bodies import read_json, read_optional_model
from imagegen.web.context import NO_QUERY, Caller, EngineOf
from imagegen.web.openapi import REQUEST_BODY, optional_body, problems
from imagegen.web.problems import not_found
from imagegen.web.refusals import over_budget

router = APIRouter(tags=["generate"], dependencies=[NO_QUERY])

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x20-\x7e]+$",
        description="Names this submit, in 1–200 printable characters: the same key and body return the same job",
        examples=["0b9f6a3e-5d0c-4a57-9a53-6f2f0f6f5c11"],
    ),
]


class Skipped(BaseModel):
    """The answer to `should_generate: false`: the request is sound, and nothing was made."""

    job_id: None
    status: Literal["skipped"]
    image_url: None
    message: str


class TaskIndexes(BaseModel):
    """Which tasks of the job, counting from 0; none named means all of them that it makes sense for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    task_indexes: list[Annotated[int, Field(ge=0, le=TASKS_MAX - 1), Whole]] = Field(
        [], max_length=TASKS_MAX, examples=[[0, 3]]
    )


class Cancelled(BaseModel):
    """Pending tasks stopped; a picture that is being made is kept when it arrives."""

    cancelled: Literal[True] = True


@router.post(
    "/api/generate",
    status_code=202,
    response_model=Submitted,
    responses={
        200: {"model": Skipped, "description": "Nothing was to be made"},
        **problems(402, 409, 413, 415, 507),
    },
    openapi_extra=REQUEST_BODY,
)
async def generate(
    request: Request, response: Response, engine: EngineOf, owner: Caller, idempotency_key: IdempotencyKey = None
) -> Submitted | Response:
    """Submit a request. It is stored before the answer, and made in the background."""
    wanted = parse(await read_json(request))
    if not wanted.should_generate:
        engine.quote(wanted)  # a request that could not be done is refused all the same
        skipped = Skipped(
            job_id=None, status="skipped", image_url=None, message="Nothing was made: should_generate is false."
        )
        return Response(skipped.model_dump_json(), 200, media_type="application/json")
    try:
        submitted = await engine.submit(wanted, owner=owner, idempotency_key=idempotency_key)
    except OverBudget as over:
        room = MicroUsd(max(0, over.limit - over.spent))
        offered = alternatives(wanted, room, engine.quote, engine.catalogue)
        raise over_budget(over, offered) from None
    response.headers["Location"] = f"/api/generate/{submitted.job_id}"
    return submitted


@router.get("/api/generate/{job_id}", responses=problems(404))
async def job(job_id: str, engine: EngineOf, owner: Caller) -> JobView:
    """The job with its tasks and pictures."""
    found = await engine.job(job_id, owner=owner)
    if found is None:
        raise not_found("job")
    return found


class Alternative(BaseModel):
    """A change of the job's request, and what it would then cost."""

    change: dict[str, object]
    quote: QuoteView


class Alternatives(BaseModel):
    """What else the failed pictures of a job could be made with, the cheapest first."""

    alternatives: list[Alternative]


@router.get("/api/generate/{job_id}/alternatives", responses=problems(404))
async def job_alternatives(job_id: str, engine: EngineOf, owner: Caller) -> Alternatives:
    """Other models for the pictures of this job that were refused or could not be paid for. Starts nothing."""
    wishes = await engine.read(owner, lambda reader: reader.wishes_unmet(job_id))
    if wishes is None:
        raise not_found("job")
    return Alternatives.model_validate({"alternatives": instead_of(wishes, engine.quote, engine.catalogue)})


@router.get(
    "/api/generate/{job_id}/preview/{index}/{number}",
    responses={200: {"content": {"image/*": {}}}, **problems(404)},
    response_class=Response,
)
async def preview(
    job_id: str,
    index: Annotated[int, Path(ge=0, le=TASKS_MAX - 1)],
    number: Annotated[int, Path(ge=1, le=1_000_000)],
    engine: EngineOf,
    owner: Caller,
) -> Response:
    """An early state of a picture that is being made: the newest one, whichever number is asked for."""
    seen = await engine.read(owner, lambda reader: reader.glimpse(job_id, index))
    if seen is None or not seen.number:
        raise not_found("image")
    return Response(seen.preview, media_type=seen.media_type, headers={"Cache-Control": "no-store"})


@router.post(
    "/api/generate/{job_id}/cancel", responses=problems(404, 413, 415), openapi_extra=optional_body(TaskIndexes)
)
async def cancel(job_id: str, request: Request, engine: EngineOf, owner: Caller) -> Cancelled:
    """Cancel the whole job, or only the tasks named. Asking twice changes nothing."""
    body = await read_optional_model(request, TaskIndexes)
    if not await engine.cancel(job_id, owner=owner, task_indexes=body.task_indexes):
        raise not_found("job")
    return Cancelled()


@router.post(
    "/api/generate/{job_id}/retry",
    status_code=202,
    responses=problems(402, 404, 413, 415),
    openapi_extra=optional_body(TaskIndexes),
)
async def retry(job_id: str, request: Request, response: Response, engine: EngineOf, owner: Caller) -> Submitted:
    """Try failed tasks again. An interrupted task may have been billed; it is sent again only when it is named."""
    body = await read_optional_model(request, TaskIndexes)
    submitted = await engine.retry(job_id, owner=owner, task_indexes=body.task_indexes)
    if submitted is None:
        raise not_found("job")
    response.headers["Location"] = f"/api/generate/{submitted.job_id}"
    return submitted
