"""Who takes over when a provider fails: for the picture that failed, and for those that wait meanwhile."""

from __future__ import annotations

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from imagegen.catalogue.records import MicroUsd, ModelStatus, as_usd
from imagegen.jobs.attempts import Claimed, earlier_attempts
from imagegen.jobs.clock import day_of
from imagegen.jobs.cutouts import stored_request
from imagegen.jobs.retry import Ask, Decision, FailOver, Failure, GiveUp, TryAgain
from imagegen.jobs.spending import may_spend
from imagegen.jobs.states import WAITING
from imagegen.jobs.tables import Job, Task
from imagegen.jobs.transitions import TaskKey, record_task_event
from imagegen.jobs.workshop import Workshop
from imagegen.providers.base import ErrorKind
from imagegen.quote import price_for
from imagegen.request import GenerationRequest
from imagegen.routing.candidates import Candidate, obstacles
from imagegen.routing.choose import fallbacks
from imagegen.routing.failover import goes_elsewhere, successor


def instead(shop: Workshop, claimed: Claimed, failure: Failure, decision: Decision) -> Decision:
    """The decision, or that another provider takes over at once, where one may and can."""
    request = claimed.request
    if isinstance(decision, Ask | FailOver) or not isinstance(request, GenerationRequest):
        return decision
    now_ms = shop.clock.now_ms()
    failing_for = (now_ms - (claimed.earlier.failing_since or now_ms)) / 1000
    retry_in = failing_for + decision.wait if isinstance(decision, TryAgain) else None
    heir = _successor_of_retired(shop, claimed, request) if failure.kind is ErrorKind.NOT_FOUND else None
    if heir is not None:
        return _take_over(heir, _price_before(shop, request, claimed.model), failure.message, decision)
    if not goes_elsewhere(failure.kind, failure.billed, retry_in, down=shop.gates.is_open(claimed.provider)):
        return decision
    found = _successor(shop, request, claimed.provider, claimed.model, claimed.earlier.providers)
    if found is None:
        return decision
    before = _price_before(shop, request, claimed.model)
    return _take_over(found, before, failure.message, decision)


def move_waiting(shop: Workshop, session: Session, provider: str, now_ms: int, most: int) -> int:
    """Give what waits for that provider to others, where the requests allow it; how many tasks moved."""
    waiting = session.execute(
        select(Task, Job)
        .join(Job, col(Job.id) == col(Task.job_id))
        .where(
            col(Task.provider) == provider,
            col(Task.state).in_(sorted(WAITING)),
            or_(col(Task.due_at).is_(None), col(Task.due_at) <= now_ms),
        )
        .order_by(col(Task.priority).desc(), col(Task.id))
        .limit(most)
    ).all()
    moved = 0
    reason = shop.gates.standing(provider).reason or ""
    for task, job in waiting:
        request = stored_request(job.request)
        if task.id is None or not isinstance(request, GenerationRequest) or not request.may_fail_over:
            continue
        tried = earlier_attempts(session, task.id, task.allowance_from, provider).providers
        found = _successor(shop, request, provider, task.model, tried)
        if found is not None:
            before = _price_before(shop, request, task.model)
            decision = _take_over(found, before, reason, GiveUp(reason))
            if may_spend(session, task.id, decision, shop.caps, now_ms):
                _give(session, task, decision, now_ms)
                moved += 1
    return moved


def _give(session: Session, task: Task, decision: FailOver, now_ms: int) -> None:
    session.execute(
        update(Task)
        .where(col(Task.id) == task.id, col(Task.state).in_(sorted(WAITING)))
        .values(
            provider=decision.provider, model=decision.model, reserved_usd=decision.usd, notice=decision.notice
        )
    )
    key = TaskKey(task.id or 0, task.job_id, task.index, task.owner)
    record_task_event(session, key, task.state, now_ms, step="rerouted")


def _successor(
    shop: Workshop, request: GenerationRequest, provider: str, model: str, tried: tuple[str, ...]
) -> Candidate | None:
    found = shop.catalogue.find(model)
    if found is None or not request.may_fail_over:
        return None
    now = shop.gates.conditions(record.id for record in shop.catalogue.providers)
    today = day_of(shop.clock.now_ms())
    others = fallbacks(request, shop.catalogue, today, now, found[1])
    return successor(provider, others, tried, now.down)


def _successor_of_retired(shop: Workshop, claimed: Claimed, request: GenerationRequest) -> Candidate | None:
    """Who makes the picture when its model was retired while it waited, also where it was asked for by name."""
    found, today = shop.catalogue.find(claimed.model), day_of(shop.clock.now_ms())
    if (
        found is None
        or shop.on_retired == "refuse"
        or found[1].lifecycle.status_on(today) is not ModelStatus.RETIRED
    ):
        return None
    heir = shop.catalogue.successor(found[1], today)
    if heir is None or obstacles(request, heir[1]):
        return None
    return Candidate(*heir, price_for(request, heir[1]))


def _take_over(found: Candidate, before: MicroUsd | None, reason: str, otherwise: TryAgain | GiveUp) -> FailOver:
    title = found.model.title
    if found.usd is None or before is None:
        told = f"{title} took over."
    else:
        told = f"{title} took over, at ${as_usd(found.usd):g} a picture instead of ${as_usd(before):g}."
    return FailOver(
        provider=found.provider.id,
        model=found.model.id,
        usd=found.usd,
        paid=found.provider.paid,
        reason=reason,
        notice=f"{reason} {told}",
        otherwise=otherwise,
    )


def _price_before(shop: Workshop, request: GenerationRequest, model: str) -> MicroUsd | None:
    found = shop.catalogue.find(model)
    return None if found is None else price_for(request, found[1])
