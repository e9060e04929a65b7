"""`/healthz`: whether the server answers and pictures are being made."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from imagegen import VERSION
from imagegen.web.context import NO_QUERY, EngineOf
from imagegen.web.openapi import problems
from imagegen.web.problems import Problem

router = APIRouter(tags=["health"], dependencies=[NO_QUERY])


class Health(BaseModel):
    """The server is up and its engine runs."""

    status: Literal["ok"] = "ok"
    version: str = VERSION


@router.get("/healthz", responses=problems(503))
async def healthz(engine: EngineOf) -> Health:
    """Liveness. Reads nothing, so that it may be asked every second."""
    if not engine.running:
        raise Problem(503, "The queue does not run; no picture is being made. The jobs are safe: start again.")
    return Health()
