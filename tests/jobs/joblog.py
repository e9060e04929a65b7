"""A job log on a real SQLite file, and short ways to bring it into a state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, SQLModel, col, select

from imagegen.catalogue.records import ProviderRecord
from imagegen.jobs import actions, attempts, closing
from imagegen.jobs.attempts import Claimed, NewAttempt
from imagegen.jobs.database import Database
from imagegen.jobs.glimpses import Glimpses
from imagegen.jobs.ids import new_id, new_uuid
from imagegen.jobs.migrate import migrate
from imagegen.jobs.queries import Reader
from imagegen.jobs.retry import Failure, GiveUp
from imagegen.jobs.spending import Caps
from imagegen.jobs.states import TaskState
from imagegen.jobs.submit import NewJob, insert_job
from imagegen.jobs.tables import Album, Event, Task
from imagegen.jobs.views import Submitted
from imagegen.media.references import CleanReference
from imagegen.media.store import StoredPicture
from imagegen.plan import plan
from imagegen.providers.base import ErrorKind
from imagegen.quote import quote
from imagegen.request import parse
from imagegen.routing.choose import Choice
from tests.jobs.scripted import PAID

OWNER, STRANGER = "local", "someone else"
UPLOAD = CleanReference(data=b"png", media_type="image/png", width=20, height=30, sha256="a" * 64)
NOON = 1_795_262_400_000
"""2026-11-21 12:00 UTC, in milliseconds."""


@cache
def _blank() -> bytes:
    """A migrated file without rows; Alembic takes half a second, copying takes none."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "blank.sqlite3"
        migrate(path)
        return path.read_bytes()


def blank_file(folder: Path) -> Path:
    """A fresh job log in that folder."""
    path = folder / "imagegen.sqlite3"
    path.write_bytes(_blank())
    return path


@contextmanager
def job_log(folder: Path, *, threads: bool = False) -> Iterator[Database]:
    """An open, empty job log."""
    with opened(blank_file(folder), threads=threads) as database:
        yield database


@contextmanager
def opened(path: Path, *, threads: bool = False) -> Iterator[Database]:
    """An open job log on a file that is there."""
    database = Database(path, threads=threads)
    try:
        yield database
    finally:
        database.close()


def new_job(
    number: int,
    body: Mapping[str, Any] | None = None,
    *,
    owner: str = OWNER,
    key: str | None = None,
    record: ProviderRecord = PAID,
    now_ms: int = NOON,
) -> NewJob:
    """A planned and quoted request; a higher number is a later job."""
    request = parse({"prompt": "a red fox", **(body or {})})
    model = record.models[0]
    return NewJob(
        id=new_id(now_ms + number, Random(number)),
        owner=owner,
        idempotency_key=key,
        request=request,
        choice=Choice(record, model, ()),
        quote=quote(request, model),
        tasks=plan(request, 0),
        now_ms=now_ms,
    )


def submit(session: Session, new: NewJob, caps: Caps | None = None) -> Submitted:
    """Insert the job."""
    return insert_job(session, new, caps or Caps())


def tasks_of(session: Session, job_id: str) -> list[Task]:
    """The tasks of a job in the order of the plan."""
    return list(
        session.execute(select(Task).where(col(Task.job_id) == job_id).order_by(col(Task.index))).scalars()
    )


def task_ids(session: Session, job_id: str) -> list[int]:
    """The ids of a job's tasks in the order of the plan."""
    return [task.id or 0 for task in tasks_of(session, job_id)]


def put_in_states(session: Session, job_id: str, states: Mapping[int, TaskState]) -> None:
    """Set task states by index, past every rule."""
    for index, state in states.items():
        session.execute(
            text('UPDATE task SET state = :state WHERE job_id = :job AND "index" = :index'),
            {"state": state, "job": job_id, "index": index},
        )


def begin(session: Session, task_id: int, *, number: int = 1, now_ms: int = NOON) -> Claimed | None:
    """Claim a task for its attempt of that number."""
    new = NewAttempt(
        id=new_uuid(Random(task_id * 100 + number)),
        number=number,
        worker="boot",
        wire_id=lambda model_id: f"wire-{model_id}",
        now_ms=now_ms,
    )
    return attempts.claim(session, task_id, new)


def picture(number: int) -> StoredPicture:
    """A picture as if it lay on its shelf."""
    return StoredPicture(sha256=f"{number:064x}", format="png", width=24, height=16, bytes=100 + number)


def finish(
    session: Session,
    task_id: int,
    *,
    now_ms: int = NOON,
    usd: int | None = 134_000,
    prompt: str = "sent prompt",
) -> str:
    """Take a waiting task through every step of the ledger to its picture; returns the picture's id."""
    claimed = begin(session, task_id, now_ms=now_ms)
    assert claimed is not None
    assert attempts.mark_sent(session, claimed, now_ms)
    receipt: dict[str, Any] = {"usd": usd, "model_version": "v1", "usage": {"images": 1}}
    assert attempts.mark_received(session, claimed.key, claimed.attempt_id, now_ms, **receipt)
    image_id = new_id(now_ms + task_id, Random(task_id))
    assert attempts.close_stored(
        session,
        claimed.attempt_id,
        picture(task_id),
        now_ms,
        prompt=prompt,
        image_id=image_id,
        cutout_job_id="unused",
    )
    return image_id


def reader(session: Session, owner: str = OWNER) -> Reader:
    """Reading as that person, with eight slots on the scripted provider."""
    return Reader(session, owner, 8, {PAID.id}, Glimpses())


def events(session: Session) -> list[Event]:
    """Every event, oldest first."""
    return list(session.execute(select(Event).order_by(col(Event.id))).scalars())


def row_counts(session: Session) -> dict[str, int]:
    """How many rows each table holds."""
    return {
        table.name: session.execute(text(f'SELECT count(*) FROM "{table.name}"')).scalar_one()
        for table in SQLModel.metadata.sorted_tables
    }


NOTHING = {table.name: 0 for table in SQLModel.metadata.sorted_tables}


def one_of_everything(session: Session) -> dict[str, str]:
    """Rows of `OWNER` in every table; its job has a finished, a failed, a waiting and a running task."""
    job = new_job(1, {"count": 4, "album": "a", "reference_images": ["r"]})
    actions.insert_album(session, Album(id="a", owner=OWNER, name="Wedding", created_at=0))
    reference, created = actions.keep_reference(session, OWNER, NOON, UPLOAD, "r")
    assert created
    session.flush()
    submit(session, job)
    done, failed, _, running = task_ids(session, job.id)
    image_id = finish(session, done)
    claimed = begin(session, failed)
    assert claimed is not None
    assert attempts.mark_sent(session, claimed, NOON)
    refused = Failure(ErrorKind.BAD_REQUEST, "No.")
    closing.close_failed(session, claimed.key, claimed.attempt_id, refused, GiveUp("No."), now_ms=NOON)
    assert begin(session, running) is not None
    return {"job": job.id, "image": image_id, "album": "a", "reference": reference.id}
