"""What was spent: the ledger's attempts of a month, added up and one by one.

An attempt belongs to the UTC day on which its intent was written, as for the caps. What surely cost nothing or
is free is left out; what still runs comes in when it has ended.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Self

from sqlalchemy import Select, and_, case, func, or_, select
from sqlmodel import Session, col

from imagegen.jobs.clock import as_datetime, day_of
from imagegen.jobs.rendering import usd
from imagegen.jobs.tables import Attempt, Image, Task
from imagegen.jobs.views import CostLine, DayCosts, ModelCosts, MonthCosts
from imagegen.providers.base import Billed

_DAY_MS = 86_400_000
_PAID = or_(col(Attempt.usd) > 0, and_(col(Attempt.usd).is_(None), col(Attempt.billed) != Billed.NO))
_BASIS = case(
    (col(Attempt.usd).is_not(None), "usage"),
    (col(Attempt.billed) == Billed.PERHAPS, "perhaps"),
    (col(Task.reserved_usd).is_not(None), "list price"),
    else_="unknown",
)
"""Told by the provider; lost with its answer; told by nobody, so that the list price stands for it; not known."""
_AMOUNT = func.coalesce(col(Attempt.usd), col(Task.reserved_usd))


@dataclass(frozen=True, slots=True)
class Month:
    """A month in UTC."""

    year: int
    month: int

    @classmethod
    def of(cls, text: str) -> Self:
        """From `2026-11`."""
        year, month = text.split("-")
        return cls(int(year), int(month))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def begin_ms(self) -> int:
        """Its first millisecond."""
        return round(datetime(self.year, self.month, 1, tzinfo=UTC).timestamp() * 1000)

    @property
    def end_ms(self) -> int:
        """The first millisecond that is later."""
        return self.begin_ms + calendar.monthrange(self.year, self.month)[1] * _DAY_MS


def month_costs(session: Session, owner: str, month: Month) -> MonthCosts:
    """The month added up by day and by model."""
    day = (col(Attempt.intent_at) - month.begin_ms) // _DAY_MS
    columns = (day, col(Attempt.provider), col(Attempt.model), _BASIS)
    sums = (func.sum(_AMOUNT), func.count(), func.count(col(Image.id)))
    rows = session.execute(_of_month(month, owner, *columns, *sums).group_by(*columns)).all()
    days: dict[date, list[Sequence[Any]]] = defaultdict(list)
    models: dict[tuple[str, str], list[Sequence[Any]]] = defaultdict(list)
    for number, provider, model, *rest in rows:
        days[day_of(month.begin_ms + number * _DAY_MS)].append(rest)
        models[provider, model].append(rest)
    return MonthCosts(
        month=str(month),
        **_sum(rest for _, _, _, *rest in rows),
        days=[DayCosts(day=name, **_sum(days[name])) for name in sorted(days)],
        models=[ModelCosts(provider=name[0], model=name[1], **_sum(models[name])) for name in sorted(models)],
    )


def cost_lines(session: Session, owner: str, month: Month) -> Iterator[CostLine]:
    """Each attempt of the month that cost or may have cost something, oldest first."""
    columns = (Attempt.intent_at, Task.job_id, Task.index, Attempt.provider, Attempt.model, Attempt.image_size)
    statement = _of_month(month, owner, *map(col, columns), _AMOUNT, _BASIS, col(Image.id))
    for at, job_id, index, provider, model, size, amount, basis, image_id in session.execute(
        statement.order_by(col(Attempt.intent_at), col(Attempt.id))
    ):
        yield CostLine(
            at=as_datetime(at),
            job_id=job_id,
            task_index=index,
            provider=provider,
            model=model,
            image_size=size,
            usd=usd(amount),
            basis=basis,
            image_id=image_id,
        )


def _of_month(month: Month, owner: str, *columns: Any) -> Select[Any]:  # noqa: ANN401 - whatever can be selected
    return (
        select(*columns)
        .select_from(Attempt)
        .join(Task, col(Task.id) == col(Attempt.task_id))
        .outerjoin(Image, col(Image.attempt_id) == col(Attempt.id))
        .where(
            col(Task.owner) == owner,
            col(Attempt.intent_at) >= month.begin_ms,
            col(Attempt.intent_at) < month.end_ms,
            col(Attempt.ended_at).is_not(None),
            _PAID,
        )
    )


def _sum(rows: Iterator[Sequence[Any]] | Sequence[Sequence[Any]]) -> dict[str, Any]:
    """The members of a `CostSum` from rows of basis, micro-dollars, attempts and pictures."""
    surely = perhaps = unknown = pictures = 0
    for basis, amount, attempts, made in rows:
        pictures += made
        if amount is None:
            unknown += attempts
        elif basis == "perhaps":
            perhaps += amount
        else:
            surely += amount
    return {"usd": usd(surely), "perhaps_usd": usd(perhaps), "unknown": unknown, "pictures": pictures}
