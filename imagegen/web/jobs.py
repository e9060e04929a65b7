"""`/api/jobs`: the list of jobs, and stopping all of them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from imagegen.jobs.views import JobPage, JobStatus
from imagegen.web.context import NO_QUERY, Caller, EngineOf
from imagegen.web.openapi import problems

router = APIRouter(tags=["jobs"])


class Paging(BaseModel):
    """Newest first; `after` is the `next` of the page before."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=200)
    after: str | None = Field(None, pattern=r"^[0-9a-z]{26}$", description="The `next` of the page before")


class JobFilter(Paging):
    """Which jobs to list."""

    status: JobStatus | Literal["live"] | None = Field(None, description="`live` is queued or processing")
    album: str | None = Field(None, max_length=200, description="Jobs of that album")


class CancelledImages(BaseModel):
    """How many pictures will not be made."""

    cancelled: int


@router.get("/api/jobs", responses=problems())
async def jobs(wanted: Annotated[JobFilter, Query()], engine: EngineOf, owner: Caller) -> JobPage:
    """Jobs, newest first, without their tasks and pictures."""
    return await engine.jobs(
        owner=owner, status=wanted.status, album=wanted.album, limit=wanted.limit, after=wanted.after
    )


@router.post("/api/jobs/cancel", responses=problems(), dependencies=[NO_QUERY])
async def cancel_all(engine: EngineOf, owner: Caller) -> CancelledImages:
    """Cancel every job that is still live. Pictures that are being made are kept when they arrive."""
    return CancelledImages(cancelled=await engine.cancel_all(owner=owner))
