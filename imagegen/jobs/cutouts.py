"""Cut-outs in the job log: a free job of one task that takes the background out of a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, insert, update
from sqlmodel import Session, col, select

from imagegen.jobs.states import TaskState
from imagegen.jobs.submit import earlier_submit, request_digest, submitted
from imagegen.jobs.tables import IMAGE, JOB, TASK, Image, Job, Reference
from imagegen.jobs.transitions import record_event
from imagegen.jobs.views import Submitted
from imagegen.media.cutout import CutoutOptions
from imagegen.request import GenerationRequest

LANE = "cutout"
"""The lane of the queue, in the place where a task that makes a picture names its provider."""
PRIORITY = 0


class CutoutRequest(BaseModel):
    """What is stored of a cut-out's job. By the picture's `prompt` the cut-out is found as well."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    cutout_of: str
    is_reference: bool = False
    prompt: str = ""
    model: str
    alpha_matting: bool = False
    background: str | None = None

    @property
    def options(self) -> CutoutOptions:
        """As the background remover takes them."""
        return CutoutOptions(self.model, alpha_matting=self.alpha_matting, background=self.background)


@dataclass(frozen=True, slots=True)
class NewCutout:
    """A cut-out on its way into the log: its job's id, and who asked for it when."""

    id: str
    owner: str
    now_ms: int
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class _Source:
    """What is cut: a picture of the gallery, or an upload without a prompt and an album."""

    id: str
    prompt: str
    title: str
    album_id: str | None
    is_reference: bool


def stored_request(value: Mapping[str, Any]) -> GenerationRequest | CutoutRequest:
    """The request of a job as it was stored."""
    model = CutoutRequest if "cutout_of" in value else GenerationRequest
    return model.model_validate(value)


def cut_out_image(session: Session, new: NewCutout, image_id: str, options: CutoutOptions) -> Submitted | None:
    """A job that cuts out a picture. None when there is no such picture; raises `IdempotencyClash`."""
    row = session.execute(
        select(col(Image.prompt), col(Image.album_id), col(Job.title))
        .join(Job, col(Job.id) == col(Image.job_id))
        .where(col(Image.id) == image_id, col(Image.owner) == new.owner, col(Image.deleted_at).is_(None))
    ).one_or_none()
    if row is None:
        return None
    return _insert(session, new, _Source(image_id, row.prompt, row.title, row.album_id, False), options)


def cut_out_reference(
    session: Session, new: NewCutout, reference_id: str, options: CutoutOptions
) -> Submitted | None:
    """A job that cuts out an upload. None when there is no such upload; raises `IdempotencyClash`."""
    known = session.execute(
        select(col(Reference.id)).where(col(Reference.id) == reference_id, col(Reference.owner) == new.owner)
    ).first()
    if known is None:
        return None
    return _insert(session, new, _Source(reference_id, "", "Your picture", None, True), options)


def follow_on(
    session: Session, new: NewCutout, *, image_id: str, prompt: str, title: str, album_id: str | None
) -> None:
    """The cut-out that a job asked for with `remove_background`; the picture was stored in this transaction."""
    _insert(session, new, _Source(image_id, prompt, title, album_id, False), CutoutOptions())


def adopt(session: Session, parent_id: str, cutout_id: str, now_ms: int) -> None:
    """Tell a picture of its newest cut-out."""
    _set_cutout(session, parent_id, cutout_id, now_ms, IMAGE.c.id == parent_id)


def disown(session: Session, parent_id: str, cutout_id: str, now_ms: int) -> None:
    """The cut-out went to the trash: its picture, if this was the one it showed, has none any more."""
    shows_it = (IMAGE.c.id == parent_id) & (IMAGE.c.cutout_id == cutout_id)
    _set_cutout(session, parent_id, None, now_ms, shows_it)


def _set_cutout(
    session: Session, image_id: str, cutout_id: str | None, now_ms: int, where: ColumnElement[bool]
) -> None:
    parent = session.execute(
        update(IMAGE)
        .where(where)
        .values(cutout_id=cutout_id)
        .returning(IMAGE.c.owner, IMAGE.c.job_id, IMAGE.c.task_index)
    ).first()
    if parent is None:
        return
    record_event(
        session,
        kind="image",
        owner=parent.owner,
        job_id=parent.job_id,
        task_index=parent.task_index,
        status="changed",
        image_id=image_id,
        at=now_ms,
    )


def _insert(session: Session, new: NewCutout, source: _Source, options: CutoutOptions) -> Submitted:
    request = CutoutRequest(
        cutout_of=source.id,
        is_reference=source.is_reference,
        prompt=source.prompt,
        model=options.model,
        alpha_matting=options.alpha_matting,
        background=options.background,
    )
    digest = request_digest(request)
    earlier = earlier_submit(session, new.owner, new.idempotency_key, digest)
    if earlier is not None:
        return earlier
    job = Job(
        id=new.id,
        kind="cutout",
        owner=new.owner,
        idempotency_key=new.idempotency_key,
        request_digest=digest,
        request=request.model_dump(mode="json"),
        title=source.title,
        provider=LANE,
        model=options.model,
        image_size="",
        aspect_ratio="1:1",
        album_id=source.album_id,
        total=1,
        per_image_usd=0,
        priority=PRIORITY,
        created_at=new.now_ms,
    )
    connection = session.connection()
    connection.execute(insert(JOB), job.model_dump())
    connection.execute(insert(TASK), _task_row(new, source, options))
    record_event(session, kind="job", owner=new.owner, job_id=new.id, status="created", at=new.now_ms)
    return submitted(job)


def _task_row(new: NewCutout, source: _Source, options: CutoutOptions) -> dict[str, object]:
    return {
        "job_id": new.id,
        "owner": new.owner,
        "index": 0,
        "state": TaskState.PENDING,
        "parent_id": None if source.is_reference else source.id,
        "seed": 0,
        "provider": LANE,
        "model": options.model,
        "priority": PRIORITY,
        "attempts": 0,
        "allowance_from": 0,
        "cancel_requested": False,
        "reserved_usd": 0,
    }
