"""A look at each provider that was silent or in trouble, once a minute, by a call that costs nothing."""

from __future__ import annotations

import asyncio
import logging

from imagegen.jobs.gates import Mishap
from imagegen.jobs.workshop import Workshop
from imagegen.providers.base import Provider, ProviderError

log = logging.getLogger("imagegen.watch")

EVERY = 60.0
"""Seconds between looks, and how long a provider must have been silent to be looked at."""
TIME_LIMIT = 30.0


class Watch:
    """The task that looks. `every` is in seconds."""

    def __init__(self, shop: Workshop, every: float = EVERY) -> None:
        self._shop = shop
        self._every = every
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; the first look comes after one period, for a start has enough to do."""
        self._task = asyncio.create_task(self._go(), name="watch")

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def look(self) -> None:
        """Check every provider that needs it, all at once."""
        gates = self._shop.gates
        paid = {record.id for record in self._shop.catalogue.providers if not record.stand_in}
        due = [
            (provider_id, provider)
            for provider_id, provider in self._shop.providers.items()
            if provider_id in paid
            and (gates.needs_check(provider_id) or gates.silent_for(provider_id) >= self._every)
        ]
        before = {provider_id: gates.closed_for(provider_id) for provider_id, _ in due}
        await asyncio.gather(*(self._check(provider_id, provider) for provider_id, provider in due))
        if any(gates.closed_for(provider_id) < closed for provider_id, closed in before.items()):
            self._shop.due_later()

    async def _go(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - this loop must outlive any one failure
                log.error("the look at the providers failed: %s", type(error).__name__)

    async def _check(self, provider_id: str, provider: Provider) -> None:
        failure: Mishap | None = None
        try:
            async with asyncio.timeout(TIME_LIMIT):
                await provider.check()
        except ProviderError as error:
            failure = Mishap(self._shop.clock.now_ms() / 1000, error.kind, error.message)
            log.info("%s: %s", provider_id, error.kind)
        except TimeoutError:
            return
        self._shop.gates.checked(provider_id, failure)
