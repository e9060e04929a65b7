"""The SQLite database as a ledger: one writer, several readers, short transactions.

A transaction is a plain function over a `Session`; it runs in the writer's own thread inside BEGIN IMMEDIATE, so
what it read still holds when it writes. Functions are not coroutines on purpose: no await can hold a transaction
open, and one hop to a thread costs less than one per statement (docs/architecture.md has the figures).
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool
from sqlmodel import Session

Result = TypeVar("Result")
Transaction = Callable[[Session], Result]

BUSY_TIMEOUT_MS = 10_000
READERS = 4


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


class Database:
    """Reads and writes of the job log. `threads=False` runs them in place, which makes a run repeatable."""

    def __init__(self, path: Path, *, threads: bool = True) -> None:
        self.path = path
        self._write_engine = connect_to(path)
        self._read_engine = connect_to(path, read_only=True)
        self._writer = ThreadPoolExecutor(1, "job-log-writer") if threads else None
        self._readers = ThreadPoolExecutor(READERS, "job-log-reader") if threads else None

    async def write(self, transaction: Transaction[Result]) -> Result:
        """Run a transaction that may change the log; it is durable when this returns, or did not happen."""
        return await self._run(self._writer, self._write_engine, transaction)

    async def read(self, transaction: Transaction[Result]) -> Result:
        """Run a transaction that only reads, on a snapshot of its own."""
        return await self._run(self._readers, self._read_engine, transaction)

    def close(self) -> None:
        """Wait for running transactions and close the file."""
        for executor in (self._writer, self._readers):
            if executor is not None:
                executor.shutdown(wait=True)
        self._read_engine.dispose()
        self._write_engine.dispose()

    async def _run(
        self, executor: ThreadPoolExecutor | None, engine: Engine, transaction: Transaction[Result]
    ) -> Result:
        if executor is None:
            return _in_transaction(engine, transaction)
        context = contextvars.copy_context()
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(executor, context.run, _in_transaction, engine, transaction)
        # A cancelled caller must not leave a commit half-awaited: the transaction runs to its end either way.
        return await asyncio.shield(running)


def _in_transaction(engine: Engine, transaction: Transaction[Result]) -> Result:
    with Session(engine, expire_on_commit=False) as session, session.begin():
        return transaction(session)
