"""One call to a provider: told to the job log while it runs, and heard by the provider's gate when it ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from imagegen.jobs.attempts import Claimed
from imagegen.jobs.cutouts import LANE
from imagegen.jobs.reporting import reporting
from imagegen.jobs.workshop import Workshop
from imagegen.providers.base import LeftWithVendorError, Picture, ProviderError, Reporter


async def call(shop: Workshop, claimed: Claimed, make: Callable[[Reporter], Awaitable[Picture]]) -> Picture:
    """What `make` brings. Raises what it raises; only what a vendor did speaks for or against its health."""
    gates, begun = shop.gates, shop.clock.now_ms()
    try:
        async with reporting(shop, claimed.key, claimed.attempt_id) as reporter:
            picture = await make(reporter)
    except ProviderError as error:
        if claimed.provider != LANE:
            gates.failed(claimed.provider, error.kind, error.message, error.retry_after)
        raise
    except LeftWithVendorError:
        gates.reached(claimed.provider)
        raise
    if claimed.provider != LANE:
        gates.answered(claimed.provider, picture.images_per_minute)
    if not _takes_hours(shop, claimed.model):
        gates.measured(claimed.model, (shop.clock.now_ms() - begun) / 1000)
    return picture


def _takes_hours(shop: Workshop, model: str) -> bool:
    found = shop.catalogue.find(model)
    return found is None or found[1].overnight
