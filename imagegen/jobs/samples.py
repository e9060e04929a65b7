"""Fills an empty job log with finished jobs, as if somebody had worked with the studio for half a year.

The rows go past the ledger's transitions in bulk, a hundred thousand pictures in half a minute; they say what the
transitions would have left behind. Pictures share files, as content-addressed ones may.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Connection, insert

from imagegen.catalogue.records import ModelRecord, ProviderRecord
from imagegen.jobs.clock import as_datetime
from imagegen.jobs.database import connect_to
from imagegen.jobs.ids import new_id, new_uuid
from imagegen.jobs.states import AttemptState, TaskState
from imagegen.jobs.submit import PRIORITIES, request_digest, title_of
from imagegen.jobs.tables import ATTEMPT, IMAGE, JOB, TASK, Album
from imagegen.media.store import StoredPicture
from imagegen.plan import plan
from imagegen.providers.base import Billed
from imagegen.request import GenerationRequest, parse

Row = dict[str, Any]

DAYS = 180
"""How far back the oldest job lies."""
DAY_MS = 86_400_000
BATCH = 2_000
"""Jobs in one transaction."""
LARGEST_JOB = 6
RARE_EVERY = 100
"""One picture in so many has the rare word."""
RARE_WORD = "mountain"
ALBUMS = (
    "Autumn lookbook",
    "Book covers",
    "Cafe menu",
    "Game backdrops",
    "Nursery prints",
    "Packaging",
    "Postcards",
    "Spring campaign",
    "Travel poster",
    "Wedding",
)
_SUBJECTS = (
    "a lighthouse", "an old harbour", "a bakery window", "a sleeping fox", "a glass greenhouse", "a paper boat",
    "a night train", "a copper kettle", "a field of poppies", "a tiled courtyard", "a sailing boat",
    "an empty theatre", "a market stall", "a desert road", "a birch forest", "a wooden toy", "a rooftop garden",
)  # fmt: skip
_PLACES = (
    "by the sea", "in the rain", "under a wide sky", "in the old town", "at the edge of a lake",
    "on a quiet street", "behind a mossy wall", "in deep snow", "above the clouds", "beside a canal",
)  # fmt: skip
_LIGHTS = (
    "at dawn", "at dusk", "in soft morning light", "under a full moon", "in harsh noon sun", "by candlelight",
    "in blue hour", "in golden light",
)  # fmt: skip
_MANNERS = ("wide shot", "close-up", "seen from above", "muted colours", "high contrast", "pastel palette")


@dataclass(frozen=True, slots=True)
class Sample:
    """A stored picture that many rows share, and the shape it was drawn in."""

    aspect_ratio: str
    picture: StoredPicture


@dataclass(frozen=True, slots=True)
class Filling:
    """What to fill with. `samples` by no order; each row takes one at random."""

    images: int
    owner: str
    now_ms: int
    provider: ProviderRecord
    styles: Sequence[str]
    samples: Sequence[Sample]


def prompt_of(random: Random, *, rare: bool = False) -> str:
    """A made-up prompt; with the rare word, or without."""
    subject = f"a {RARE_WORD}" if rare else random.choice(_SUBJECTS)
    parts = (subject, random.choice(_PLACES), random.choice(_LIGHTS))
    return f"{' '.join(parts)}, {random.choice(_MANNERS)}".capitalize()


def fill(path: Path, filling: Filling, random: Random, told: Callable[[int], None]) -> None:
    """Write the rows into a migrated, empty job log; `told` hears how many pictures are in it so far."""
    engine = connect_to(path)
    by_ratio: dict[str, list[StoredPicture]] = {}
    for sample in filling.samples:
        by_ratio.setdefault(sample.aspect_ratio, []).append(sample.picture)
    try:
        with engine.begin() as connection:
            albums = _insert_albums(connection, filling, random)
        jobs = _jobs(filling, random, sorted(by_ratio), albums)
        done = task_id = 0
        while chunk := list(islice(jobs, BATCH)):
            rows = _Rows([], [], [], [])
            for job in chunk:
                task_id = rows.add(job, filling.owner, by_ratio[job.request.aspect_ratio], task_id, random)
            with engine.begin() as connection:
                rows.insert(connection)
            done += len(rows.images)
            told(done)
    finally:
        engine.dispose()


@dataclass(frozen=True, slots=True)
class _Job:
    request: GenerationRequest
    model: ModelRecord
    provider: ProviderRecord
    begun_ms: int
    seed: int


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of the four tables, in the order in which they must be inserted."""

    jobs: list[Row]
    tasks: list[Row]
    attempts: list[Row]
    images: list[Row]

    def insert(self, connection: Connection) -> None:
        for table, rows in ((JOB, self.jobs), (TASK, self.tasks), (ATTEMPT, self.attempts), (IMAGE, self.images)):
            connection.execute(insert(table), rows)

    def add(self, job: _Job, owner: str, pictures: Sequence[StoredPicture], task_id: int, random: Random) -> int:
        """One finished job; task ids go on after `task_id`. Returns the last one."""
        row = _job_row(job, owner, random)
        self.jobs.append(row)
        for task in plan(job.request, job.seed):
            task_id += 1
            ended = job.begun_ms + 900 * (task.index + 1)
            made = {
                "owner": owner,
                "job_id": row["id"],
                "provider": job.provider.id,
                "model": job.model.id,
                "usd": 0,
                "seed": task.seed,
                "style": task.style,
            }
            image_id, attempt_id = new_id(ended, random), new_uuid(random)
            self.tasks.append(made | _task_row(task_id, task.index, image_id))
            self.attempts.append(_attempt_row(job, attempt_id, task_id, ended))
            picture = _picture_row(random.choice(pictures))
            of_job = {"album_id": row["album_id"], "prompt": job.request.prompt, "task_index": task.index}
            times = {"created_at": ended, "attempt_id": attempt_id, "id": image_id}
            self.images.append(made | picture | of_job | times)
        return task_id


def _insert_albums(connection: Connection, filling: Filling, random: Random) -> list[str]:
    begun = filling.now_ms - DAYS * DAY_MS
    rows = [
        {"id": new_id(begun + place, random), "owner": filling.owner, "name": name, "created_at": begun + place}
        for place, name in enumerate(ALBUMS)
    ]
    connection.execute(insert(Album), rows)
    return [str(row["id"]) for row in rows]


def _jobs(filling: Filling, random: Random, ratios: Sequence[str], albums: Sequence[str]) -> Iterator[_Job]:
    """Finished jobs, oldest first, of exactly as many pictures as wanted."""
    model = filling.provider.models[0]
    made = 0
    while made < filling.images:
        # A picture with the rare word stands alone, so that exactly one in a hundred has it.
        rare = made % RARE_EVERY == RARE_EVERY - 1
        room = RARE_EVERY - 1 - made % RARE_EVERY
        count = 1 if rare else min(random.randint(1, LARGEST_JOB), room, filling.images - made)
        body: dict[str, object] = {
            "prompt": prompt_of(random, rare=rare),
            "aspect_ratio": random.choice(ratios),
            "count": count,
            "model": model.id,
        }
        if random.random() < 0.5:
            body["album"] = random.choice(albums)
        if filling.styles and random.random() < 0.3:
            body["style"] = random.choice(filling.styles)
        share = made / filling.images
        begun = filling.now_ms - round((1 - share) * DAYS * DAY_MS) - LARGEST_JOB * 1_000
        yield _Job(parse(body), model, filling.provider, begun, random.randrange(2**31 - LARGEST_JOB))
        made += count


def _job_row(job: _Job, owner: str, random: Random) -> Row:
    request = job.request
    return {
        "id": new_id(job.begun_ms, random),
        "kind": "images",
        "owner": owner,
        "idempotency_key": None,
        "request_digest": request_digest(request),
        "request": request.model_dump(mode="json"),
        "title": title_of(request.prompt),
        "provider": job.provider.id,
        "model": job.model.id,
        "image_size": request.image_size,
        "aspect_ratio": request.aspect_ratio,
        "album_id": request.album,
        "total": request.count,
        "per_image_usd": 0,
        "priority": PRIORITIES[request.mode],
        "created_at": job.begun_ms,
    }


def _task_row(task_id: int, index: int, image_id: str) -> Row:
    return {
        "id": task_id,
        "index": index,
        "state": TaskState.COMPLETED,
        "priority": PRIORITIES["single"],
        "attempts": 1,
        "allowance_from": 0,
        "cancel_requested": False,
        "image_id": image_id,
        "reserved_usd": 0,
    }


def _attempt_row(job: _Job, attempt_id: str, task_id: int, ended: int) -> Row:
    return {
        "id": attempt_id,
        "task_id": task_id,
        "number": 1,
        "provider": job.provider.id,
        "model": job.model.id,
        "wire_id": job.model.wire_id,
        "image_size": job.request.image_size,
        "state": AttemptState.STORED,
        "worker": "demo",
        "model_version": job.model.wire_id,
        "usd": 0,
        "billed": Billed.NO,
        "intent_at": ended - 800,
        "sent_at": ended - 790,
        "receiving_at": ended - 30,
        "received_at": ended - 20,
        "ended_at": ended,
    }


def _picture_row(picture: StoredPicture) -> Row:
    return {
        "sha256": picture.sha256,
        "format": picture.format,
        "width": picture.width,
        "height": picture.height,
        "bytes": picture.bytes,
    }


def span(filling: Filling) -> str:
    """The days that the pictures are spread over, in words."""
    first = as_datetime(filling.now_ms - DAYS * DAY_MS).date()
    return f"{first:%Y-%m-%d} to {as_datetime(filling.now_ms).date():%Y-%m-%d}"
