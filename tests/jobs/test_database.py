"""SQLite as a ledger: what was read still holds when it is written."""

from __future__ import annotations

import asyncio
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session

from imagegen.jobs.database import BUSY_TIMEOUT_MS, TOGETHER_AT_MOST, Database, Transaction, connect_to
from imagegen.jobs.tables import Album
from tests.jobs.joblog import NOTHING, blank_file, job_log, opened, row_counts


def album(name: str) -> Album:
    return Album(id=name, owner="local", name=name, created_at=0)


async def test_a_transaction_is_a_function_and_its_result_comes_back(tmp_path: Path) -> None:
    with job_log(tmp_path, threads=True) as database:
        await database.write(lambda session: session.add(album("a")))
        names = await database.read(
            lambda session: session.execute(text("SELECT name FROM album")).scalars().all()
        )
    assert names == ["a"]


async def test_what_is_written_is_durable_and_children_need_parents(tmp_path: Path) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": BUSY_TIMEOUT_MS}

    def pragmas(session: Session) -> dict[str, object]:
        return {name: session.execute(text(f"PRAGMA {name}")).scalar_one() for name in wanted}

    with job_log(tmp_path) as database:
        assert await database.write(pragmas) == wanted
        assert await database.read(pragmas) == wanted
        with pytest.raises(IntegrityError, match="FOREIGN KEY"):
            await database.write(
                lambda session: session.execute(
                    text(
                        "INSERT INTO image VALUES (NULL,'i','o','no job',0,'no attempt',NULL,NULL,'s','png',1,1,1,"
                        "'p','m',0,'',NULL,NULL,NULL,0,NULL)"
                    )
                )
            )


async def test_reading_cannot_write(tmp_path: Path) -> None:
    with job_log(tmp_path) as database, pytest.raises(OperationalError, match="readonly"):
        await database.read(lambda session: session.execute(text("DELETE FROM album")))


@pytest.mark.parametrize("threads", [True, False])
async def test_a_transaction_that_fails_did_not_happen(tmp_path: Path, threads: bool) -> None:
    def add_and_fail(session: Session) -> None:
        session.add(album("a"))
        session.flush()
        raise LookupError("no")

    with job_log(tmp_path, threads=threads) as database:
        with pytest.raises(LookupError):
            await database.write(add_and_fail)
        assert await database.read(row_counts) == NOTHING


async def test_no_update_is_lost_between_several_writers(tmp_path: Path) -> None:
    """Each reads, then writes what it read plus one; without a lock before the read some would write the same."""
    path = blank_file(tmp_path)

    def count_up(session: Session) -> None:
        made = session.execute(text("SELECT created_at FROM album")).scalar_one()
        session.execute(text("UPDATE album SET created_at = :next"), {"next": made + 1})

    with ExitStack() as stack:
        databases = [stack.enter_context(opened(path, threads=True)) for _ in range(4)]
        await databases[0].write(lambda session: session.add(album("counter")))
        await asyncio.gather(*(database.write(count_up) for database in databases * 8))
        made = await databases[0].read(
            lambda session: session.execute(text("SELECT created_at FROM album")).scalar_one()
        )
    assert made == 32


async def test_a_writer_locks_before_it_reads(tmp_path: Path) -> None:
    path = blank_file(tmp_path)
    first, second = connect_to(path), connect_to(path)
    with opened(path) as database, first.begin() as holding, second.connect() as waiting:
        holding.exec_driver_sql("SELECT 1")
        driver = waiting.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA busy_timeout = 0")
        with pytest.raises(OperationalError, match="locked"):
            waiting.begin()
        assert await database.read(row_counts) == NOTHING, "readers do not wait for a writer"
    for engine in (first, second):
        engine.dispose()


async def test_a_reader_sees_one_moment(tmp_path: Path) -> None:
    reading, written = threading.Event(), threading.Event()

    def read_twice(session: Session) -> tuple[int, int]:
        before = row_counts(session)["album"]
        reading.set()
        assert written.wait(20)
        return before, row_counts(session)["album"]

    with job_log(tmp_path, threads=True) as database:
        looking = asyncio.create_task(database.read(read_twice))
        await asyncio.to_thread(reading.wait, 20)
        await database.write(lambda session: session.add(album("a")))
        written.set()
        assert await looking == (0, 0)
        assert (await database.read(row_counts))["album"] == 1


async def test_a_caller_that_is_cancelled_leaves_no_half_transaction(tmp_path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        session.add(album("a"))
        session.flush()
        begun.set()
        assert go_on.wait(20)

    with job_log(tmp_path, threads=True) as database:
        caller = asyncio.create_task(database.write(slow))
        await asyncio.to_thread(begun.wait, 20)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        go_on.set()
        await database.write(lambda session: session.add(album("b")))
        assert (await database.read(row_counts))["album"] == 2


async def test_closing_waits_for_what_runs(tmp_path: Path) -> None:
    path = blank_file(tmp_path)
    begun, go_on = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        session.add(album("a"))
        begun.set()
        assert go_on.wait(20)

    with opened(path, threads=True) as database:
        writing = asyncio.create_task(database.write(slow))
        await asyncio.to_thread(begun.wait, 20)
        go_on.set()
    await writing
    with opened(path) as database:
        assert (await database.read(row_counts))["album"] == 1


async def all_waiting(database: Database, transactions: list[Transaction[object]]) -> list[object]:
    """What becomes of transactions that wait for the writer together: results, or what was raised."""
    begun, go_on = threading.Event(), threading.Event()

    def hold(_session: Session) -> None:
        begun.set()
        assert go_on.wait(20)

    holding = asyncio.create_task(database.write(hold))
    await asyncio.to_thread(begun.wait, 20)
    waiting = [asyncio.create_task(database.write(transaction)) for transaction in transactions]
    await asyncio.sleep(0)
    go_on.set()
    await holding
    return list(await asyncio.gather(*waiting, return_exceptions=True))


def adding(name: str) -> Transaction[object]:
    """A transaction that adds an album and gives back its name."""

    def add(session: Session) -> str:
        session.add(album(name))
        session.flush()
        return name

    return add


async def test_writes_that_wait_together_are_committed_together(tmp_path: Path) -> None:
    names = [f"album {number:03}" for number in range(3 * TOGETHER_AT_MOST)]
    commits: list[object] = []
    with job_log(tmp_path, threads=True) as database:
        event.listen(database._write_engine, "commit", commits.append)
        assert await all_waiting(database, [adding(name) for name in names]) == names
        assert len(commits) == 3
        assert (await database.read(row_counts))["album"] == len(names)


async def test_a_write_that_fails_fails_alone(tmp_path: Path) -> None:
    def add_and_fail(session: Session) -> None:
        adding("undone")(session)
        raise LookupError("no")

    with job_log(tmp_path, threads=True) as database:
        outcomes = await all_waiting(database, [adding("a"), add_and_fail, adding("a"), adding("b")])
        assert [type(outcome) for outcome in outcomes] == [str, LookupError, IntegrityError, str]
        assert await database.read(album_names) == ["a", "b"]


async def test_when_the_commit_fails_nobody_is_told_of_success(tmp_path: Path) -> None:
    def fail(_connection: object) -> None:
        raise OSError("the disk is away")

    with job_log(tmp_path, threads=True) as database:
        event.listen(database._write_engine, "commit", fail)
        with pytest.raises(OSError, match="away"):
            await database.write(adding("alone"))
        outcomes = await all_waiting(database, [adding("a"), adding("b")])
        assert [type(outcome) for outcome in outcomes] == [OSError, OSError]
        assert await database.read(row_counts) == NOTHING


async def test_on_a_full_disk_success_is_told_of_exactly_what_is_stored(tmp_path: Path) -> None:
    """SQLite may undo the whole transaction when it runs out of room, savepoints and all."""

    def leave_little_room(session: Session) -> None:
        pages = session.execute(text("PRAGMA page_count")).scalar_one()
        session.execute(text(f"PRAGMA max_page_count = {pages + 8}"))

    names = ["a", "huge " + "x" * 200_000, "b", "c"]
    with job_log(tmp_path, threads=True) as database:
        await database.write(leave_little_room)
        outcomes = await all_waiting(database, [adding(name) for name in names])
        stored = await database.read(album_names)
        assert [outcome for outcome in outcomes if isinstance(outcome, str)] == stored
        refused = [outcome for outcome in outcomes if not isinstance(outcome, str)]
        assert refused
        assert all("full" in str(error) for error in refused)
        assert await database.write(adding("later")) == "later", "the writer goes on"


def album_names(session: Session) -> list[str]:
    return list(session.execute(text("SELECT name FROM album ORDER BY id")).scalars())
