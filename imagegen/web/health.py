"""`/healthz`: whether the server answers."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from imagegen import VERSION
from imagegen.web.context import NO_QUERY
from imagegen.web.openapi import problems

router = APIRouter(tags=["health"], dependencies=[NO_QUERY])


class Health(BaseModel):
    """The server is up and its engine runs."""

    status: Literal["ok"] = "ok"
    version: str = VERSION


@router.get("/healthz", responses=problems())
async def healthz() -> Health:
    """Liveness. Reads nothing, so that it may be asked every second."""
    return Health()
