"""The end of an attempt that brought no picture, and what becomes of its task."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlmodel import Session

from imagegen.jobs.attempts import Claimed
from imagegen.jobs.retry import UNKNOWN, Ask, Decision, FailOver, Failure, GiveUp, TryAgain
from imagegen.jobs.spending import Caps, may_spend
from imagegen.jobs.states import AttemptState, TaskState
from imagegen.jobs.tables import ATTEMPT, TASK
from imagegen.jobs.transitions import TaskKey, move_attempt, move_task
from imagegen.providers.base import Billed, ErrorKind


def close_failed(
    session: Session,
    key: TaskKey,
    attempt_id: str,
    failure: Failure,
    decision: Decision,
    *,
    now_ms: int,
    usd: int | None = None,
    counts: bool = True,
    seen: AttemptState | None = None,
    caps: Caps | None = None,
) -> bool:
    """Close an attempt that brought no picture and move its task on as decided. False when lost.

    `counts=False` gives the attempt back: it never left the house, so it uses up no retry. `seen` is the state
    that the decision was made upon, for callers that do not carry the attempt themselves. `caps` are checked where
    another provider is to take over.
    """
    state = _closing_state(session, attempt_id, failure)
    usd = 0 if failure.billed is Billed.NO else usd
    closed = move_attempt(
        session,
        attempt_id,
        state,
        expected=None if seen is None else (seen,),
        ended_at=now_ms,
        error_kind=failure.kind,
        billed=failure.billed,
        usd=usd,
    )
    if not closed:
        return False
    where = TASK.c.id == key.task_id
    if usd:
        session.execute(update(TASK).where(where).values(usd=func.coalesce(TASK.c.usd, 0) + usd))
    if not counts:
        session.execute(update(TASK).where(where).values(allowance_from=TASK.c.allowance_from + 1))
    if isinstance(decision, FailOver) and not may_spend(session, key.task_id, decision, caps or Caps(), now_ms):
        decision = decision.otherwise
    cancellable = failure.kind is ErrorKind.CANCELLED or isinstance(decision, TryAgain | FailOver)
    if not (cancellable and _cancelled_meanwhile(session, key.task_id, now_ms)):
        _move_on(session, where, decision, now_ms, counts=counts)
    return True


def _move_on(
    session: Session, where: ColumnElement[bool], decision: Decision, now_ms: int, *, counts: bool
) -> None:
    """Move the task as decided."""
    match decision:
        case FailOver():
            move_task(
                session,
                where,
                TaskState.RETRYING,
                now_ms,
                due_at=now_ms,
                retry_reason=decision.reason,
                provider=decision.provider,
                model=decision.model,
                reserved_usd=decision.usd,
                notice=decision.notice,
            )
        case TryAgain(wait, reason):
            due_at = now_ms + round(wait * 1000)
            target = TaskState.RETRYING if counts else TaskState.PENDING
            move_task(session, where, target, now_ms, due_at=due_at, retry_reason=reason)
        case GiveUp(message):
            move_task(session, where, TaskState.FAILED, now_ms, error=message, cancel_requested=False)
        case Ask(message):
            move_task(session, where, TaskState.INTERRUPTED, now_ms, error=message, cancel_requested=False)


def _cancelled_meanwhile(session: Session, task_id: int, now_ms: int) -> bool:
    asked = and_(TASK.c.id == task_id, TASK.c.cancel_requested.is_(True))
    return bool(move_task(session, asked, TaskState.CANCELLED, now_ms, cancel_requested=False))


def abandon(session: Session, claimed: Claimed, now_ms: int) -> None:
    """A cancel came before the bytes left: nothing was sent, nothing billed, the task is cancelled."""
    if move_attempt(session, claimed.attempt_id, AttemptState.FAILED, ended_at=now_ms, error_kind="cancelled"):
        move_task(session, claimed.key.task_id, TaskState.CANCELLED, now_ms, cancel_requested=False)


def _closing_state(session: Session, attempt_id: str, failure: Failure) -> AttemptState:
    before = session.execute(select(ATTEMPT.c.state).where(ATTEMPT.c.id == attempt_id)).scalar()
    if before == AttemptState.INTENT:
        return AttemptState.FAILED
    if failure.kind in UNKNOWN:
        return AttemptState.UNKNOWN
    if failure.kind in (ErrorKind.POLICY, ErrorKind.NO_IMAGE, ErrorKind.BAD_REQUEST):
        return AttemptState.REFUSED
    return AttemptState.FAILED
