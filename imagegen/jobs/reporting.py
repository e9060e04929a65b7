"""What a provider tells of a running call, on its way into the job log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import SQLAlchemyError

from imagegen.jobs import attempts
from imagegen.jobs.states import TaskState
from imagegen.jobs.transitions import TaskKey, record_task_event
from imagegen.jobs.workshop import Workshop
from imagegen.providers.base import Reporter

log = logging.getLogger("imagegen.worker")

PROGRESS_STEP = 0.05
"""Progress is told in steps of that much."""
RECEIVING_AFTER = 0.3
"""Seconds that an answer must take to arrive before it is worth telling: a picture is mostly here in less."""


@asynccontextmanager
async def reporting(shop: Workshop, key: TaskKey, attempt_id: str) -> AsyncIterator[Reporter]:
    """A reporter for one attempt. What it still had to note when the call ends is dropped."""
    reporter = _LogReporter(shop, key, attempt_id)
    try:
        yield reporter
    finally:
        await reporter.close()


class _LogReporter(Reporter):
    def __init__(self, shop: Workshop, key: TaskKey, attempt_id: str) -> None:
        self._shop = shop
        self._key = key
        self.attempt_id = attempt_id
        self._notes: list[asyncio.Task[None]] = []
        self._told = 0.0

    def receiving(self) -> None:
        self._notes.append(asyncio.ensure_future(self._note_receiving()))

    def progress(self, done: float) -> None:
        self._shop.glimpses.progress(self._key.task_id, done)
        if done - self._told >= PROGRESS_STEP or done >= 1:
            self._told = done
            self._notes.append(asyncio.ensure_future(self._tell("progress")))

    def preview(self, data: bytes) -> None:
        if self._shop.glimpses.preview(self._key.task_id, data):
            self._notes.append(asyncio.ensure_future(self._tell("preview")))

    async def created(self, remote_id: str) -> None:
        await self._shop.database.write(lambda session: attempts.mark_created(session, self.attempt_id, remote_id))
        self._shop.checkpoint("created")

    async def close(self) -> None:
        for note in self._notes:
            note.cancel()
        if self._notes:
            await asyncio.wait(self._notes)
        self._shop.glimpses.forget(self._key.task_id)

    async def _tell(self, step: str) -> None:
        """That there is something to see; where it cannot be told, the next word tells it."""
        shop = self._shop
        try:
            await shop.database.write(
                lambda session: record_task_event(
                    session, self._key, TaskState.IN_PROGRESS, shop.clock.now_ms(), step=step
                )
            )
            shop.changed()
        except SQLAlchemyError:
            log.warning("attempt %s: progress could not be told", self.attempt_id)

    async def _note_receiving(self) -> None:
        """Progress for people, noted where it takes a while; a failure to note it must not touch the call."""
        await asyncio.sleep(RECEIVING_AFTER)
        shop = self._shop
        try:
            await shop.database.write(
                lambda session: attempts.mark_receiving(session, self._key, self.attempt_id, shop.clock.now_ms())
            )
            shop.changed()
        except SQLAlchemyError:
            log.warning("attempt %s: progress could not be noted", self.attempt_id)
