"""The one way back after a crash, a restart or an outage: what is open is settled, what is due is fed.

Runs at start, every few seconds, and whenever something may have become due. Each step is a conditional update, so
running it too often changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from functools import partial

from sqlalchemy import and_, bindparam, func, or_
from sqlmodel import Session, col, select

from imagegen.jobs import closing
from imagegen.jobs.preparing import prompt_of
from imagegen.jobs.queue import Entry
from imagegen.jobs.remote_jobs import CarryOn, OpenAttempt, open_attempts
from imagegen.jobs.retry import Decision, Failure, TryAgain, decide
from imagegen.jobs.states import WAITING, AttemptState
from imagegen.jobs.tables import TASK, Attempt
from imagegen.jobs.worker import finish
from imagegen.jobs.workshop import Workshop
from imagegen.media.store import StorageError
from imagegen.providers.base import Billed, ErrorKind

log = logging.getLogger("imagegen.recovery")


async def settle(shop: Workshop, carry_on: CarryOn) -> None:
    """Bring every abandoned attempt to a known end, or to the honest statement that its end is unknown.

    One whose vendor's job is known is handed to `carry_on`.
    """
    carried = frozenset(shop.live)
    found = await shop.database.read(lambda session: open_attempts(session, carried))
    for attempt in found:
        if attempt.attempt_id in shop.live:  # claimed since the look at `live`
            continue
        try:
            await _settle_one(shop, attempt, carry_on)
        except StorageError as error:
            log.error("attempt %s: cannot be settled yet (%s)", attempt.attempt_id, error)
    if found:
        shop.changed()


async def tidy_spool(shop: Workshop) -> None:
    """Clear the spool of answers whose end is known. For the start, before anything is in flight.

    What the log cannot explain, or calls unknown, stays where it is.
    """
    names = await shop.offload(shop.store.spooled_attempts)
    if not names:
        return
    for attempt_id, state in await shop.database.read(lambda session: _states_of(session, names)):
        if state == AttemptState.STORED:
            await shop.offload(partial(shop.store.forget, attempt_id))
        elif state in (AttemptState.REFUSED, AttemptState.FAILED):
            await shop.offload(partial(shop.store.discard, attempt_id))


async def _settle_one(shop: Workshop, attempt: OpenAttempt, carry_on: CarryOn) -> None:
    if attempt.state is AttemptState.INTENT:
        unsent = Failure(ErrorKind.INTERNAL, "The server stopped before this was sent.")
        await _close(shop, attempt, unsent, TryAgain(0.0, unsent.message), counts=False)
        return
    receipt = await shop.offload(lambda: shop.store.spooled(attempt.attempt_id))
    if receipt is not None:
        claimed = attempt.claimed
        prompt = prompt_of(shop, claimed.request, claimed.style, claimed.subject)
        await finish(shop, claimed.key, attempt.attempt_id, prompt, receipt)
        return
    if attempt.remote_id is not None and attempt.claimed.provider in shop.providers:
        carry_on(attempt)
        return
    paid = shop.is_paid(attempt.claimed.provider)
    lost = Failure(
        ErrorKind.OUTCOME_UNKNOWN,
        "The server stopped before the answer was here.",
        Billed.PERHAPS if paid else Billed.NO,
    )
    decision = decide(lost, attempt.claimed.retries_made, shop.policy, shop.random, paid=paid)
    await _close(shop, attempt, lost, decision)


async def _close(
    shop: Workshop, attempt: OpenAttempt, failure: Failure, decision: Decision, *, counts: bool = True
) -> None:
    await shop.database.write(
        lambda session: closing.close_failed(
            session,
            attempt.claimed.key,
            attempt.attempt_id,
            failure,
            decision,
            now_ms=shop.clock.now_ms(),
            counts=counts,
            seen=attempt.state,
        )
    )
    log.info("attempt %s: was %s when its worker ended", attempt.attempt_id, attempt.state)


def _states_of(session: Session, attempt_ids: Sequence[str]) -> list[tuple[str, str]]:
    rows = session.execute(select(col(Attempt.id), col(Attempt.state)).where(col(Attempt.id).in_(attempt_ids)))
    return [(attempt_id, state) for attempt_id, state in rows]


_IN_LANE = and_(TASK.c.provider == bindparam("lane"), TASK.c.state.in_(sorted(WAITING)))
_DUE = (
    select(TASK.c.id, TASK.c.attempts, TASK.c.priority)
    .where(_IN_LANE, or_(TASK.c.due_at.is_(None), TASK.c.due_at <= bindparam("now")))
    .order_by(TASK.c.priority.desc(), TASK.c.id)
    .limit(bindparam("window"))
)
_NEXT_DUE = select(func.min(TASK.c.due_at)).where(_IN_LANE, TASK.c.due_at > bindparam("now"))


_OF_JOB = (
    select(TASK.c.id, TASK.c.attempts, TASK.c.provider, TASK.c.priority)
    .where(TASK.c.job_id == bindparam("job"))
    .order_by(TASK.c.id)
)


def entries_of(session: Session, job_id: str) -> list[Entry]:
    """The first attempts of a job that was just written; none when there is no job of that id."""
    rows = session.connection().execute(_OF_JOB, {"job": job_id})
    return [Entry(task_id, made + 1, lane, priority) for task_id, made, lane, priority in rows]


def due_entries(session: Session, lanes: Iterable[str], now_ms: int, window: int) -> list[Entry]:
    """The first `window` attempts of each lane that are due, in the order they are to run."""
    entries: list[Entry] = []
    for lane in lanes:
        rows = session.connection().execute(_DUE, {"lane": lane, "now": now_ms, "window": window})
        entries.extend(Entry(task_id, made + 1, lane, priority) for task_id, made, priority in rows)
    return entries


def next_due_ms(session: Session, lanes: Iterable[str], now_ms: int) -> int | None:
    """When the next waiting task becomes due; None when none waits for a time."""
    moments = (session.connection().execute(_NEXT_DUE, {"lane": lane, "now": now_ms}).scalar() for lane in lanes)
    return min((moment for moment in moments if moment is not None), default=None)
