"""What a provider tells of a running call, on its way into the job log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import SQLAlchemyError

from imagegen.jobs import attempts
from imagegen.jobs.transitions import TaskKey
from imagegen.jobs.workshop import Workshop
from imagegen.providers.base import Reporter

log = logging.getLogger("imagegen.worker")

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

    def receiving(self) -> None:
        self._notes.append(asyncio.ensure_future(self._note_receiving()))

    async def created(self, remote_id: str) -> None:
        await self._shop.database.write(lambda session: attempts.mark_created(session, self.attempt_id, remote_id))
        self._shop.checkpoint("created")

    async def close(self) -> None:
        for note in self._notes:
            note.cancel()
        if self._notes:
            await asyncio.wait(self._notes)

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
