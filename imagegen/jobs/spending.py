"""What was spent and what may still be: the caps that no set of submits, retries or failovers can pass.

Asked inside the transaction that spends, so that two at the same time cannot both fit into one cap.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import case, func
from sqlmodel import Session, col, select

from imagegen.catalogue.records import MicroUsd
from imagegen.jobs.clock import day_start_ms
from imagegen.jobs.retry import FailOver
from imagegen.jobs.states import LIVE
from imagegen.jobs.tables import Attempt, Task
from imagegen.providers.base import Billed


class OverBudget(Exception):  # noqa: N818 - named for what happened
    """The request would pass a cap; all amounts in micro-dollars, `asked` None where the price is unknown."""

    def __init__(self, cap: str, limit: MicroUsd, spent: MicroUsd, asked: MicroUsd | None) -> None:
        super().__init__(cap)
        self.cap = cap
        self.limit = limit
        self.spent = spent
        self.asked = asked


@dataclass(frozen=True, slots=True)
class Caps:
    """Hard limits in micro-dollars; None for none. A day is a day in UTC."""

    job: MicroUsd | None = None
    day: MicroUsd | None = None


def spent_since(session: Session, since_ms: int) -> MicroUsd:
    """What attempts since then cost, and what live tasks and lost answers may still cost, at list price."""
    at_risk = func.coalesce(Task.reserved_usd, 0)
    cost = case(
        (col(Attempt.usd).is_not(None), col(Attempt.usd)),
        (col(Attempt.billed) == Billed.NO, 0),
        else_=at_risk,
    )
    closed = (
        select(func.coalesce(func.sum(cost), 0))
        .join(Task, col(Task.id) == col(Attempt.task_id))
        .where(col(Attempt.intent_at) >= since_ms, col(Attempt.ended_at).is_not(None))
    )
    live = select(func.coalesce(func.sum(Task.reserved_usd), 0)).where(col(Task.state).in_(sorted(LIVE)))
    return MicroUsd(session.execute(closed).scalar_one() + session.execute(live).scalar_one())


def may_spend(session: Session, task_id: int, instead: FailOver, caps: Caps, now_ms: int) -> bool:
    """Whether a live task may cost what another model asks for it. An unknown price fits into no cap."""
    if not instead.paid or caps == Caps():
        return True
    if instead.usd is None:
        return False
    task = session.execute(select(Task).where(col(Task.id) == task_id)).scalar_one()
    more = instead.usd - (task.reserved_usd or 0)
    if caps.day is not None and spent_since(session, day_start_ms(now_ms)) + more > caps.day:
        return False
    if caps.job is None:
        return True
    promised = func.sum(func.coalesce(Task.usd, Task.reserved_usd, 0))
    whole = session.execute(select(promised).where(col(Task.job_id) == task.job_id)).scalar_one()
    return bool(whole + more <= caps.job)
