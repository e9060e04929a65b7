"""What must hold at the end of every life, read from the files and the database, not from the engine."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from imagegen.jobs.states import ENDED, TASK_MOVES, AttemptState, TaskState
from tests.simulator.world import World

Row = sqlite3.Row


def check(world: World, folder: Path, promised: Mapping[str, int], *, resend: bool) -> None:
    """Every rule over one finished life. Raises AssertionError."""
    with closing(sqlite3.connect(folder / "imagegen.sqlite3")) as connection:
        connection.row_factory = Row
        tables = {
            name: connection.execute(f"SELECT * FROM {name} ORDER BY rowid").fetchall()
            for name in ("job", "task", "attempt", "image", "event")
        }
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    attempts: dict[int, list[Row]] = defaultdict(list)
    for attempt in sorted(tables["attempt"], key=lambda row: row["number"]):
        attempts[attempt["task_id"]].append(attempt)
    _no_task_lost(tables, promised)
    _bills_are_accounted_for(world, tables["attempt"])
    for task in tables["task"]:
        _task_is_consistent(task, attempts[task["id"]])
        _never_paid_twice(world, task, attempts[task["id"]], resend=resend)
        _cancelled_is_not_sent(world, task, attempts[task["id"]])
    _files_are_whole(world, folder, tables["image"])
    _moves_were_legal(tables)


def _no_task_lost(tables: Mapping[str, list[Row]], promised: Mapping[str, int]) -> None:
    kept: dict[str, int] = defaultdict(int)
    for task in tables["task"]:
        kept[task["job_id"]] += 1
        assert TaskState(task["state"]) in ENDED, f"task {task['id']} is still {task['state']}"
    for job in tables["job"]:
        assert kept[job["id"]] == job["total"]
    for job_id, count in promised.items():
        assert kept[job_id] == count, f"job {job_id} lost tasks"


def _bills_are_accounted_for(world: World, attempts: list[Row]) -> None:
    """Bills = stored pictures + lost answers + refusals that bill; and nothing is stored that was not billed."""
    by_id = {attempt["id"]: attempt for attempt in attempts}
    for attempt_id, reason in world.bills.items():
        attempt = by_id.get(attempt_id)
        assert attempt is not None, f"a bill ({reason}) for an attempt that the log does not know"
        assert attempt["billed"] in ("perhaps", "yes"), (
            f"attempt {attempt_id} was billed ({reason}) but closed as {attempt['state']}, not billed"
        )
    for attempt in attempts:
        assert attempt["state"] not in ("intent", "sent", "received"), f"attempt {attempt['id']} was never closed"
        if attempt["state"] == AttemptState.STORED:
            assert attempt["id"] in world.bills


def _task_is_consistent(task: Row, attempts: list[Row]) -> None:
    stored = [attempt for attempt in attempts if attempt["state"] == AttemptState.STORED]
    assert [attempt["number"] for attempt in attempts] == list(range(1, len(attempts) + 1))
    assert task["attempts"] == len(attempts)
    assert len(stored) == (task["state"] == TaskState.COMPLETED)
    if task["state"] == TaskState.COMPLETED:
        assert attempts[-1]["state"] == AttemptState.STORED, "an attempt was begun after the picture was stored"
        assert task["image_id"] is not None
    known = [attempt["usd"] for attempt in attempts if attempt["usd"]]
    assert (task["usd"] or 0) == sum(known), f"task {task['id']}: costs do not add up"


def _never_paid_twice(world: World, task: Row, attempts: list[Row], *, resend: bool) -> None:
    """After an attempt that may have been billed, another one needs a person's word, or the setting."""
    for earlier in attempts[:-1]:
        if earlier["billed"] == "no":
            assert earlier["id"] not in world.bills
            continue
        asked = (task["job_id"], task["index"]) in world.asked_again
        assert asked or (resend and earlier["state"] == AttemptState.UNKNOWN), (
            f"task {task['id']} was sent again by itself after attempt {earlier['number']} ({earlier['state']})"
        )


def _cancelled_is_not_sent(world: World, task: Row, attempts: list[Row]) -> None:
    """Once a cancel is confirmed nothing of that picture leaves the house any more."""
    cancelled_at = world.cancelled.get((task["job_id"], task["index"]))
    if cancelled_at is not None:
        late = [attempt["number"] for attempt in attempts if (attempt["sent_at"] or 0) > cancelled_at]
        assert late == [], f"task {task['id']} was sent after it was cancelled"


def _files_are_whole(world: World, folder: Path, images: list[Row]) -> None:
    for image in images:
        path = folder / "images" / image["sha256"][:2] / f"{image['sha256']}.{image['format']}"
        data = path.read_bytes()
        assert hashlib.sha256(data).hexdigest() == image["sha256"]
        assert data == world.pictures[image["attempt_id"]], "a picture was stored under another attempt"
        assert len(data) == image["bytes"]
    named = {image["sha256"] for image in images}
    for path in (folder / "images").glob("*/*"):
        assert path.stem in named, f"{path.name} belongs to no picture"
    left = sorted(path.name for path in (folder / "incoming").iterdir())
    assert left == [], f"the spool was not emptied: {left}"


def _moves_were_legal(tables: Mapping[str, list[Row]]) -> None:
    """The events tell every change of every task in order; each must have been allowed."""
    states = {(task["job_id"], task["index"]): TaskState.PENDING for task in tables["task"]}
    for event in tables["event"]:
        if event["kind"] != "task":
            continue
        key, new = (event["job_id"], event["task_index"]), TaskState(event["status"])
        if event["step"] is None:
            assert new in TASK_MOVES[states[key]], f"{states[key]} → {new}"
        states[key] = new
    for task in tables["task"]:
        assert states[task["job_id"], task["index"]] == task["state"]
