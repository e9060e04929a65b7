"""`/api/costs`: what a month cost, and the same as an invoice in CSV. It holds no prompt."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from imagegen.catalogue.records import as_usd
from imagegen.jobs.costs import Month
from imagegen.jobs.views import CostLine, MonthCosts
from imagegen.web.context import NO_QUERY, Caller, EngineOf
from imagegen.web.openapi import problems

router = APIRouter(tags=["costs"])

COLUMNS = tuple(CostLine.model_fields)


class WantedMonth(BaseModel):
    """Which month."""

    model_config = ConfigDict(extra="forbid")

    month: str | None = Field(
        None,
        pattern=r"^(19[7-9]\d|2\d{3})-(0[1-9]|1[0-2])$",
        description="Like `2026-11`, in UTC; default: this month",
    )

    def read(self, now: datetime) -> Month:
        """The month that is meant."""
        return Month.of(self.month or f"{now:%Y-%m}")


@router.get("/api/costs", responses=problems())
async def costs(wanted: Annotated[WantedMonth, Query()], engine: EngineOf, owner: Caller) -> MonthCosts:
    """What a month cost, by day and by model: surely, perhaps, and at an unknown price."""
    month = wanted.read(engine.now)
    return await engine.read(owner, lambda reader: reader.costs(month))


class Today(BaseModel):
    """What today, a day in UTC, has cost and may still cost, and the caps in force; null for no cap.

    `usd` counts what is surely spent, what lost answers may have cost, and what waits or runs, at list price.
    """

    day: date
    usd: float
    cap_usd: float | None
    job_cap_usd: float | None


@router.get("/api/costs/today", responses=problems(), dependencies=[NO_QUERY])
async def today(engine: EngineOf, owner: Caller) -> Today:
    """What counts against the cap of the day."""
    now = engine.now
    spent = await engine.read(owner, lambda reader: reader.spent_today(round(now.timestamp() * 1000)))
    return Today(
        day=now.date(),
        usd=as_usd(spent) or 0.0,
        cap_usd=as_usd(engine.caps.day),
        job_cap_usd=as_usd(engine.caps.job),
    )


@router.get(
    "/api/costs.csv",
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}, **problems()},
    response_class=Response,
)
async def invoice(wanted: Annotated[WantedMonth, Query()], engine: EngineOf, owner: Caller) -> Response:
    """A line for each attempt of the month that cost or may have cost something, oldest first."""
    month = wanted.read(engine.now)
    lines = await engine.read(owner, lambda reader: reader.cost_lines(month))
    headers = {
        "Content-Disposition": f'attachment; filename="imagegen-costs-{month}.csv"',
        "Cache-Control": "no-store",
    }
    return Response(await asyncio.to_thread(_written, lines), headers=headers, media_type="text/csv")


def _written(lines: Sequence[CostLine]) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for line in lines:
        usd = None if line.usd is None else f"{line.usd:.6f}"  # never in the form 5e-05
        writer.writerow((line.model_dump(mode="json") | {"usd": usd}).values())
    return file.getvalue().encode()
