"""The SQLite database as a ledger: one writer, several readers, short transactions.

A transaction is a plain function over a `Session`; it runs in the writer's own thread inside BEGIN IMMEDIATE, so
what it read still holds when it writes. Functions are not coroutines on purpose: no await can hold a transaction
open, and one hop to a thread costs less than one per statement (docs/architecture.md has the figures).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool
from sqlmodel import Session

Result = TypeVar("Result")
Transaction = Callable[[Session], Result]

BUSY_TIMEOUT_MS = 10_000
READERS = 4
TOGETHER_AT_MOST = 32
"""Transactions in one commit; more would make the first of them wait for too many others."""


def connect_to(path: Path, *, read_only: bool = False, foreign_keys: bool = True) -> Engine:
    """An SQLAlchemy engine on that file with the settings that make SQLite a ledger.

    The driver is put in autocommit and the transaction is begun by hand: SQLAlchemy's default begins none at
    SELECT, and two read-then-write steps could then both pass a check that only one may pass.
    """
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"check_same_thread": False, "isolation_level": None, "timeout": BUSY_TIMEOUT_MS / 1000},
        poolclass=QueuePool,
        pool_size=READERS if read_only else 1,
        max_overflow=0,
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: SqliteConnection, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {BUSY_TIMEOUT_MS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            f"foreign_keys = {'ON' if foreign_keys else 'OFF'}",
            "temp_store = MEMORY",
            f"query_only = {'ON' if read_only else 'OFF'}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A transaction in the queue of the writer, and where its outcome goes."""

    transaction: Transaction[Any]
    done: asyncio.Future[Any]


class Database:
    """Reads and writes of the job log. `threads=False` runs them in place, which makes a run repeatable.

    Writes that wait at the same time are committed together: eight pictures that arrive at once wait for the disk
    once. When one of them fails, each is run again alone, so that it fails for itself only (a savepoint for each
    took a tenth of all the work of a picture). Whoever waits is told only after the commit.
    """

    def __init__(self, path: Path, *, threads: bool = True) -> None:
        self.path = path
        self._write_engine = connect_to(path)
        # Kept open: to take it from the pool for each transaction took a fifth of a small one's time.
        self._writing = self._write_engine.connect()
        self._read_engine = connect_to(path, read_only=True)
        self._writer = ThreadPoolExecutor(1, "job-log-writer") if threads else None
        self._readers = ThreadPoolExecutor(READERS, "job-log-reader") if threads else None
        self._waiting: deque[_Waiting] = deque()

    async def write(self, transaction: Transaction[Result]) -> Result:
        """Run a transaction that may change the log; it is durable when this returns, or did not happen."""
        if self._writer is None:
            return _write(self._writing, transaction)
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Result] = loop.create_future()
        self._waiting.append(_Waiting(transaction, done))
        self._writer.submit(self._write_what_waits, loop)
        # A cancelled caller must not leave a commit half-awaited: the transaction runs to its end either way.
        return await asyncio.shield(done)

    async def read(self, transaction: Transaction[Result]) -> Result:
        """Run a transaction that only reads, on a snapshot of its own."""
        if self._readers is None:
            return _read(self._read_engine, transaction)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, _read, self._read_engine, transaction)

    def close(self) -> None:
        """Wait for running transactions and close the file."""
        for executor in (self._writer, self._readers):
            if executor is not None:
                executor.shutdown(wait=True)
        self._writing.close()
        self._read_engine.dispose()
        self._write_engine.dispose()

    def _write_what_waits(self, loop: asyncio.AbstractEventLoop) -> None:
        """In the writer's thread: take what waits, commit it together, tell the outcomes."""
        batch: list[_Waiting] = []
        while self._waiting and len(batch) < TOGETHER_AT_MOST:
            batch.append(self._waiting.popleft())
        if not batch:  # an earlier call took it along
            return
        transactions = [waiting.transaction for waiting in batch]
        try:
            outcomes = _commit_together(self._writing, transactions)
        except Exception:  # noqa: BLE001 - nothing was done; alone, each gets the outcome that is its own
            outcomes = [_alone(self._writing, transaction) for transaction in transactions]
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_tell, batch, outcomes)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a transaction returned, or what it raised."""

    value: Any = None
    error: Exception | None = None


def _read(engine: Engine, transaction: Transaction[Result]) -> Result:
    with Session(engine, expire_on_commit=False) as session, session.begin():
        return transaction(session)


def _write(connection: Connection, transaction: Transaction[Result]) -> Result:
    try:
        with Session(connection, expire_on_commit=False) as session, session.begin():
            return transaction(session)
    except BaseException:
        # A commit that failed may have left the transaction open; the connection is the next one's as well.
        driver: SqliteConnection | None = connection.connection.driver_connection
        if driver is not None and driver.in_transaction:
            driver.rollback()
        raise


def _alone(connection: Connection, transaction: Transaction[Any]) -> _Outcome:
    try:
        return _Outcome(_write(connection, transaction))
    except Exception as error:  # noqa: BLE001 - carried to the one who waits
        return _Outcome(error=error)


def _commit_together(connection: Connection, transactions: list[Transaction[Any]]) -> list[_Outcome]:
    """One commit for all. When one of them raises, or the commit fails, nothing was done, and this raises."""
    if len(transactions) == 1:
        return [_alone(connection, transactions[0])]
    return _write(connection, lambda session: [_Outcome(transaction(session)) for transaction in transactions])


def _tell(batch: list[_Waiting], outcomes: list[_Outcome]) -> None:
    for waiting, outcome in zip(batch, outcomes, strict=True):
        if waiting.done.done():
            continue
        if outcome.error is None:
            waiting.done.set_result(outcome.value)
        else:
            waiting.done.set_exception(outcome.error)
