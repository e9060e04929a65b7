"""The queue over PgQueuer in memory. The same interface runs over Postgres when there are several machines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from pgqueuer import PgQueuer
from pgqueuer.adapters.inmemory import InMemoryQueries
from pgqueuer.domain.models import Job as QueueJob

from imagegen.jobs.queue import Entry, Handler

LOG_CLEAR_EVERY = 1_000
"""Entries after which PgQueuer's own log is dropped; it keeps every entry for ever (100 MB per 120,000)."""


class PgQueuerQueue:
    """Lanes with their own limits and one limit over all; `lanes` maps a provider's id to its limit or None."""

    def __init__(self, lanes: Mapping[str, int | None], concurrency: int) -> None:
        self._lanes = lanes
        self._concurrency = concurrency
        # PgQueuer wants a limit of at least two with batches of one, so a single slot is held by this as well.
        self._slots = asyncio.Semaphore(concurrency)
        self._pgqueuer = PgQueuer.in_memory()
        assert isinstance(self._pgqueuer.queries, InMemoryQueries)
        self._queries = self._pgqueuer.queries
        self._run: asyncio.Task[None] | None = None
        self._finished = 0
        self._handling: set[asyncio.Task[object]] = set()

    async def start(self, handler: Handler) -> None:
        """Register each lane and begin to deliver."""
        for lane, limit in self._lanes.items():
            self._register(lane, min(limit or self._concurrency, self._concurrency), handler)
        # Batches of one: a batch is fetched only when all of the last one has room, which measured 0.915 of the
        # ideal with ten and 0.998 with one. Heartbeats tell other machines of a dead worker; here there are none.
        self._run = asyncio.create_task(
            self._pgqueuer.qm.run(
                batch_size=1,
                max_concurrent_tasks=max(2, self._concurrency),
                heartbeat_timeout=timedelta(days=365),
                log_aggregation_interval=timedelta(0),
            ),
            name="queue",
        )

    async def put(self, entries: Sequence[Entry]) -> list[Entry]:
        """Queue the entries that are not queued already, in one call; returns those that were accepted."""
        if not entries:
            return []
        accepted = await self._queries.enqueue(
            [entry.lane for entry in entries],
            [entry.key.encode() for entry in entries],
            [entry.priority for entry in entries],
            dedupe_key=[entry.key for entry in entries],
            on_conflict="skip",
        )
        return [entry for entry, queue_id in zip(entries, accepted, strict=True) if queue_id is not None]

    @property
    def running(self) -> bool:
        """Whether it delivers."""
        return self._run is not None and not self._run.done()

    def hold(self) -> None:
        """Deliver nothing more, from now on."""
        self._pgqueuer.shutdown.set()

    async def stop(self, grace: float) -> None:
        """Deliver nothing more and wait for running handlers."""
        if self._run is None:
            return
        self.hold()
        _, unfinished = await asyncio.wait({self._run}, timeout=grace)
        if unfinished:
            # Not the run itself: it would wait for its handlers, which a cancel of it does not always reach.
            for handling in self._handling:
                handling.cancel()
            await asyncio.wait({self._run})
        self._run = None

    @asynccontextmanager
    async def _handled(self) -> AsyncIterator[None]:
        task = asyncio.current_task()
        assert task is not None
        self._handling.add(task)
        try:
            yield
        finally:
            self._handling.discard(task)

    def _register(self, lane: str, limit: int, handler: Handler) -> None:
        @self._pgqueuer.entrypoint(lane, concurrency_limit=limit, accepts_context=False)
        async def deliver(job: QueueJob) -> None:
            task_id, _, attempt = (job.payload or b"").decode().partition(":")
            async with self._slots, self._handled():
                if not self._pgqueuer.shutdown.is_set():
                    await handler(Entry(int(task_id), int(attempt), lane, job.priority))
            self._finished += 1
            if self._finished % LOG_CLEAR_EVERY == 0:
                await self._queries.clear_queue_log()
