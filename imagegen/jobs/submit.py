"""From a request to a job in the log, in one transaction that reads before it writes.

Idempotency, the caps, the album and the references are checked under the same lock that inserts the job, so that
however many submits arrive at once, one key makes one job and no set of submits passes a cap.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from pydantic import BaseModel
from sqlalchemy import insert
from sqlmodel import Session, col, select

from imagegen.catalogue.records import MicroUsd, as_usd
from imagegen.jobs.clock import day_start_ms
from imagegen.jobs.references import unknown_references
from imagegen.jobs.spending import Caps, OverBudget, spent_since
from imagegen.jobs.states import TaskState
from imagegen.jobs.tables import JOB, JOB_REFERENCE, TASK, Album, Job
from imagegen.jobs.transitions import record_event
from imagegen.jobs.views import QuoteView, Submitted
from imagegen.plan import PlannedTask
from imagegen.quote import Quote
from imagegen.request import FieldProblem, GenerationRequest, RequestError
from imagegen.routing.choose import Choice

TITLE_LENGTH = 80
PRIORITIES = {"single": 1, "batch": 0}
"""Interactive work goes before batches; a higher number runs first."""


class IdempotencyClash(Exception):  # noqa: N818 - named for what happened
    """The key was used before, with another request."""


@dataclass(frozen=True, slots=True)
class NewJob:
    """A planned and quoted request on its way into the log."""

    id: str
    owner: str
    idempotency_key: str | None
    request: GenerationRequest
    choice: Choice
    quote: Quote
    tasks: tuple[PlannedTask, ...]
    now_ms: int


_NEW_JOB, _NEW_TASKS, _NEW_REFERENCES = insert(JOB), insert(TASK), insert(JOB_REFERENCE)


def insert_job(session: Session, new: NewJob, caps: Caps) -> Submitted:
    """Store the job and its tasks, or give back what the same key made before.

    Raises `IdempotencyClash`, `OverBudget`, or `RequestError` for an unknown album or reference.
    """
    digest = request_digest(new.request)
    earlier = earlier_submit(session, new.owner, new.idempotency_key, digest)
    if earlier is not None:
        return earlier
    _check_known(session, new)
    _check_caps(session, new, caps)
    total = len(new.tasks)
    connection = session.connection()
    connection.execute(_NEW_JOB, _job_row(new, digest))
    connection.execute(_NEW_TASKS, [_task_row(new, task) for task in new.tasks])
    named = dict.fromkeys(reference.id for reference in new.request.reference_images)
    if named:
        connection.execute(_NEW_REFERENCES, [{"reference_id": name, "job_id": new.id} for name in named])
    record_event(session, kind="job", owner=new.owner, job_id=new.id, status="created", at=new.now_ms)
    return Submitted(
        job_id=new.id,
        status="queued",
        total=total,
        quote=_quote_view(new.quote.per_image, total, in_credits=total),
        message=new.choice.notice,
    )


def earlier_submit(session: Session, owner: str, key: str | None, digest: str) -> Submitted | None:
    """What the same key made before, if anything. Raises `IdempotencyClash` when that was another request."""
    if key is None:
        return None
    earlier = session.execute(
        select(Job).where(col(Job.owner) == owner, col(Job.idempotency_key) == key)
    ).scalar_one_or_none()
    if earlier is None:
        return None
    if earlier.request_digest != digest:
        raise IdempotencyClash
    return submitted(earlier)


def submitted(job: Job) -> Submitted:
    """The answer to a submit; the same for every repeat of it."""
    return Submitted(job_id=job.id, status="queued", total=job.total, quote=quote_view(job), message=job.notice)


def quote_view(job: Job) -> QuoteView:
    """The quote that the job was accepted with."""
    one = None if job.per_image_usd is None else MicroUsd(job.per_image_usd)
    return _quote_view(one, job.total, in_credits=job.total if job.kind == "images" else 0)


def _quote_view(one: MicroUsd | None, images: int, *, in_credits: int) -> QuoteView:
    whole = None if one is None else MicroUsd(one * images)
    return QuoteView(usd=as_usd(whole), credits=in_credits, per_image_usd=as_usd(one), known=one is not None)


def request_digest(request: BaseModel) -> str:
    """SHA-256 of the request in canonical form; two bodies that mean the same have the same digest."""
    canonical = json.dumps(request.model_dump(mode="json"), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def title_of(prompt: str) -> str:
    """The beginning of the prompt on one line, for the person's own lists."""
    line = " ".join(prompt.split())
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rstrip() + "…"


def _check_known(session: Session, new: NewJob) -> None:
    album = new.request.album
    if album is not None:
        owned = select(col(Album.id)).where(col(Album.id) == album, col(Album.owner) == new.owner)
        if session.execute(owned).first() is None:
            raise RequestError(
                FieldProblem("album", album[:100], "an id from /api/albums", "album: no such album")
            )
    ids = [reference.id for reference in new.request.reference_images]
    if ids:
        unknown = unknown_references(session, ids, new.owner)
        allowed = "an id from /api/references, or of a picture"
        if unknown:
            raise RequestError(
                *(
                    FieldProblem(
                        f"reference_images.{position}",
                        ids[position][:100],
                        allowed,
                        f"reference_images.{position}: no such reference",
                    )
                    for position in unknown
                )
            )


def _check_caps(session: Session, new: NewJob, caps: Caps) -> None:
    if not new.choice.provider.paid:
        return
    asked = new.quote.whole
    if caps.job is not None and (asked is None or asked > caps.job):
        raise OverBudget("IMAGEGEN_BUDGET_JOB_USD", caps.job, MicroUsd(0), asked)
    if caps.day is not None:
        spent = spent_since(session, day_start_ms(new.now_ms))
        if asked is None or spent + asked > caps.day:
            raise OverBudget("IMAGEGEN_BUDGET_DAY_USD", caps.day, spent, asked)


def _job_row(new: NewJob, digest: str) -> dict[str, object]:
    return {
        "id": new.id,
        "kind": "images",
        "owner": new.owner,
        "idempotency_key": new.idempotency_key,
        "request_digest": digest,
        "request": new.request.model_dump(mode="json"),
        "title": title_of(new.request.prompt),
        "provider": new.choice.provider.id,
        "model": new.choice.model.id,
        "image_size": new.request.image_size,
        "aspect_ratio": new.request.aspect_ratio,
        "album_id": new.request.album,
        "total": len(new.tasks),
        "per_image_usd": new.quote.per_image,
        "priority": PRIORITIES[new.request.mode],
        "created_at": new.now_ms,
        "notice": new.choice.notice,
    }


def _task_row(new: NewJob, task: PlannedTask) -> dict[str, object]:
    return {
        "job_id": new.id,
        "owner": new.owner,
        "index": task.index,
        "state": TaskState.PENDING,
        "style": task.style,
        "subject": task.subject,
        "seed": task.seed,
        "provider": new.choice.provider.id,
        "model": new.choice.model.id,
        "priority": PRIORITIES[new.request.mode],
        "attempts": 0,
        "allowance_from": 0,
        "cancel_requested": False,
        "reserved_usd": new.quote.per_image,
    }
