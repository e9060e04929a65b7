"""Keeps the queue fed: what is due goes in, in a small window; what nobody carries is settled."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from contextlib import suppress
from functools import partial

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from imagegen.jobs import recovery
from imagegen.jobs.failing_over import move_waiting
from imagegen.jobs.queue import Entry, TaskQueue
from imagegen.jobs.remote_jobs import RemoteJobs
from imagegen.jobs.worker import work
from imagegen.jobs.workshop import Workshop

log = logging.getLogger("imagegen.feeder")

RECONCILE_EVERY = 5.0
"""Seconds between looks for attempts that nobody carries."""
WINDOW_PER_SLOT = 4
"""How many entries the queue holds per slot; the rest waits in the log, so that 10,000 tasks cost no memory."""


class Feeder:
    """`reconcile()` of the design: at start, every few seconds, and when something may have become due."""

    def __init__(self, shop: Workshop, queue: TaskQueue, lanes: Collection[str], concurrency: int) -> None:
        self._shop = shop
        self._queue = queue
        self._lanes = sorted(lanes)
        self._concurrency = concurrency
        self.window = WINDOW_PER_SLOT * concurrency
        self._woken = asyncio.Event()
        self._look = True
        self._settle = False
        self._remote = RemoteJobs(shop)
        self._offered: list[Entry] = []
        self._drained = False
        self._outstanding: set[str] = set()
        self._keeper: asyncio.Task[None] | None = None
        self._stopping = False
        shop.due_later = self.wake

    async def start(self) -> None:
        """Settle what an earlier run left open, then begin to deliver."""
        await recovery.settle(self._shop, self._remote.carry_on)
        await recovery.tidy_spool(self._shop)
        await self._queue.start(self._handle)
        self._keeper = asyncio.create_task(self._keep_fed(), name="reconcile")

    def hold(self) -> None:
        """Deliver nothing new, from now on."""
        self._stopping = True
        self._queue.hold()
        self._woken.set()

    async def stop(self, grace: float) -> None:
        """Deliver nothing new and give what runs `grace` seconds."""
        self.hold()
        if self._keeper is not None:
            await self._keeper
            self._keeper = None
        await self._queue.stop(grace)
        await self._remote.close()
        if self._shop.keeping:
            await asyncio.wait(self._shop.keeping)

    def serve(self, lanes: Collection[str]) -> None:
        """Feed these lanes from now on."""
        self._lanes = sorted(lanes)
        self.wake()

    def wake(self) -> None:
        """Something may have become due, or will at a time that is not known here yet: look into the log."""
        self._look = True
        self._woken.set()

    def reconcile(self) -> None:
        """Something may have been put into other hands by a person: look for what nobody carries, and for what is
        not wanted any more."""
        self._settle = True
        self.wake()

    def offer(self, entries: Sequence[Entry]) -> None:
        """Entries that were just written and are due: they need no look into the log while it holds no others."""
        self._offered.extend(entries)
        self._woken.set()

    @property
    def running(self) -> bool:
        """Whether it feeds a queue that delivers."""
        return self._keeper is not None and not self._keeper.done() and self._queue.running

    async def _handle(self, entry: Entry) -> None:
        try:
            await work(self._shop, entry)
        finally:
            self._outstanding.discard(entry.key)
            if not self._drained and len(self._outstanding) <= self._concurrency:
                self.wake()

    async def _keep_fed(self) -> None:
        loop = asyncio.get_running_loop()
        settle_at = loop.time() + RECONCILE_EVERY
        look_at = loop.time()
        while not self._stopping:
            self._woken.clear()
            try:
                if self._settle or loop.time() >= settle_at:
                    self._settle = False
                    settle_at = loop.time() + RECONCILE_EVERY
                    self._look = True
                    await recovery.settle(self._shop, self._remote.carry_on)
                    self._remote.stop_cancelled()
                await self._put_offered()
                if self._look or loop.time() >= look_at:
                    self._look = False
                    look_at = loop.time() + RECONCILE_EVERY
                    look_at = loop.time() + await self._feed()
            except SQLAlchemyError as error:
                log.error("the job log cannot be read or written (%s); trying again", type(error).__name__)
            except Exception as error:  # noqa: BLE001 - this loop must outlive any one failure
                log.error("reconcile failed: %s; trying again", type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, min(look_at, settle_at) - loop.time())):
                    await self._woken.wait()

    async def _put_offered(self) -> None:
        offered, self._offered = self._offered, []
        if not offered:
            return
        if self._drained and len(self._outstanding) + len(offered) <= self.window:
            await self._put(offered)
        else:  # others wait in the log, perhaps before these
            self._drained = False
            self._look = True

    async def _feed(self) -> float:
        """Put what is due into the queue; returns the seconds until the next task is due, at most."""
        gates, now_ms = self._shop.gates, self._shop.clock.now_ms()
        for lane in self._lanes:
            if gates.is_open(lane):
                await self._shop.database.write(partial(self._move_waiting, lane=lane, now_ms=now_ms))
        closed = {lane: wait for lane in self._lanes if (wait := gates.closed_for(lane))}
        lanes = [lane for lane in self._lanes if lane not in closed]
        due, next_ms = await self._shop.database.read(
            lambda session: (
                recovery.due_entries(session, lanes, now_ms, self.window),
                recovery.next_due_ms(session, lanes, now_ms),
            )
        )
        self._drained = len(due) < self.window and not closed
        await self._put(due)
        waits = [*closed.values()] if next_ms is None else [*closed.values(), (next_ms - now_ms) / 1000]
        return max(0.001, min(waits, default=RECONCILE_EVERY))

    def _move_waiting(self, session: Session, *, lane: str, now_ms: int) -> int:
        return move_waiting(self._shop, session, lane, now_ms, self.window)

    async def _put(self, entries: Sequence[Entry]) -> None:
        fresh = [entry for entry in entries if entry.key not in self._outstanding]
        # Before they are put: a quick one may be done before `put` returns.
        self._outstanding.update(entry.key for entry in fresh)
        accepted = await self._queue.put(fresh)
        refused = {entry.key for entry in fresh} - {entry.key for entry in accepted}
        self._outstanding -= refused
