"""What every attempt works with; built once per process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Protocol, TypeVar

from imagegen.catalogue.catalogue import Catalogue
from imagegen.jobs.clock import Clock
from imagegen.jobs.cutouts import LANE
from imagegen.jobs.cutting import BackgroundRemover
from imagegen.jobs.database import Database
from imagegen.jobs.gates import Gates
from imagegen.jobs.glimpses import Glimpses
from imagegen.jobs.retry import RetryPolicy
from imagegen.jobs.spending import Caps
from imagegen.media.store import MediaStore
from imagegen.prompts.styles import Style
from imagegen.providers.base import Provider
from imagegen.routing.choose import OnRetired

Result = TypeVar("Result")
STORED_AT_ONCE = 2
"""Answers that are stored at the same time. In turns, eight that arrive together would all be late together."""


class Offload(Protocol):
    """Runs a blocking function away from the event loop."""

    def __call__(self, function: Callable[[], Result], /) -> Awaitable[Result]: ...


def nothing_here(_point: str) -> None:
    """The named points of a run, at which tests make it crash; in the product nothing happens there."""


@dataclass
class Workshop:
    """Everything that an attempt works with; built once per process."""

    database: Database
    store: MediaStore
    catalogue: Catalogue
    providers: Mapping[str, Provider]
    styles: Mapping[str, Style]
    policy: RetryPolicy
    clock: Clock
    random: Random
    boot_id: str
    offload: Offload
    gates: Gates
    changed: Callable[[], None]
    """Called after each commit, in the event loop."""
    caps: Caps = field(default_factory=Caps)
    on_retired: OnRetired = "reroute"
    remover: BackgroundRemover | None = None
    checkpoint: Callable[[str], None] = nothing_here
    due_later: Callable[[], None] = lambda: None
    """Called when a task was put back to wait, which moves the time of the feeder's next look."""
    glimpses: Glimpses = field(default_factory=Glimpses)
    live: set[str] = field(default_factory=set)
    """Ids of the attempts that this process is working on."""
    storing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(STORED_AT_ONCE))
    keeping: set[asyncio.Task[None]] = field(default_factory=set)
    """Answers that are being stored; a stop waits for them whatever its grace."""

    def is_paid(self, provider: str) -> bool:
        """Whether calls of that provider, or of that lane, may cost money; one that is gone may have."""
        record = self.catalogue.provider(provider)
        return provider != LANE and (record is None or record.paid)

    def remote_id(self, provider: str, attempt_id: str) -> str | None:
        """The name under which that provider's vendor will know the attempt's call, where we choose it."""
        record = self.catalogue.provider(provider)
        return attempt_id if record is not None and record.names_calls else None

    def wire_id(self, model_id: str) -> str:
        """What that model's id is sent as; itself where it is unknown or never sent."""
        found = self.catalogue.find(model_id)
        return found[1].wire_id if found else model_id
