"""The port of the queue: it carries `task : attempt` and wakes a worker, and owns no truth.

An entry may be delivered twice or never; the claim in the job log makes the first harmless and `reconcile()` mends
the second.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Entry:
    """One attempt that is due. A lane is a provider; a higher priority runs first."""

    task_id: int
    attempt: int
    lane: str
    priority: int

    @property
    def key(self) -> str:
        """Names the attempt; an entry whose key is already queued is not queued again."""
        return f"{self.task_id}:{self.attempt}"


Handler = Callable[[Entry], Awaitable[None]]


class TaskQueue(Protocol):
    """Delivers entries to a handler, at most `concurrency` at a time."""

    async def start(self, handler: Handler) -> None:
        """Begin to deliver. The handler never raises."""

    async def put(self, entries: Sequence[Entry]) -> list[Entry]:
        """Queue the entries that are not queued already; returns those that were accepted."""

    @property
    def running(self) -> bool:
        """Whether it delivers; False before the start, after the stop, and when it has broken down."""

    def hold(self) -> None:
        """Deliver nothing more, from now on; what runs goes on."""

    async def stop(self, grace: float) -> None:
        """Deliver nothing more, wait up to `grace` seconds for running handlers, then cancel them."""
