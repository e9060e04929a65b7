"""How many pictures a minute a provider takes: set, or learned from its refusals; and pauses that it asks for.

The windows are pyrate-limiter's; moments are seconds of a clock that the caller keeps.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyrate_limiter import InMemoryBucket

MINUTE_MS = 60_000
PAUSE_UNTOLD = 5.0
"""Seconds without a call after a 429 that told no wait."""
LEARNED_SHARE = 0.8
"""A vendor refused at some rate: from then on this share of it is sent."""
GROWTH = 1.1
GROW_EVERY = 60.0
"""A learned limit grows by that factor each minute without a refusal, for it was a guess."""
FORGET_AT = 600
"""Pictures a minute at which a learned limit is none any more."""


class Limit:
    """One provider's pace. `per_minute` is what the person set, None for what its answers teach."""

    def __init__(self, per_minute: int | None = None) -> None:
        self._set = per_minute
        self._learned: float | None = None
        self._learned_at = 0.0
        self._paused_until = 0.0
        self._sent: deque[float] = deque(maxlen=FORGET_AT)
        self._bucket: InMemoryBucket | None = None

    def per_minute(self, now: float) -> int | None:
        """The limit in force, None for none."""
        self._grow(now)
        if self._learned is None:
            return self._set
        learned = max(1, int(self._learned))
        return learned if self._set is None else min(self._set, learned)

    @property
    def learned(self) -> bool:
        """Whether a refusal taught it."""
        return self._learned is not None

    def wait(self, now: float) -> float:
        """Seconds until a call may go; 0 takes a place for one that goes now."""
        if now < self._paused_until:
            return self._paused_until - now
        limit = self.per_minute(now)
        if limit is not None:
            wait = self._wait_in_window(limit, int(now * 1000))
            if wait:
                return wait
        self._sent.append(now)
        return 0.0

    def paused(self, now: float) -> float:
        """Seconds of the pause that the provider asked for; takes no place."""
        return max(0.0, self._paused_until - now)

    def refused(self, now: float, retry_after: float | None) -> None:
        """The provider asked to slow down: pause as long as it says, and send less from then on."""
        self._paused_until = max(self._paused_until, now + (PAUSE_UNTOLD if retry_after is None else retry_after))
        lately = sum(now - moment < 60.0 for moment in self._sent)
        self._learned = max(1.0, lately * LEARNED_SHARE)
        self._learned_at = now

    def told(self, per_minute: int, now: float) -> None:
        """The provider's answer names its limit."""
        self._learned, self._learned_at = float(max(1, per_minute)), now

    def _grow(self, now: float) -> None:
        if self._learned is None:
            return
        minutes = int((now - self._learned_at) / GROW_EVERY)
        if minutes > 0:
            self._learned = max(self._learned * GROWTH**minutes, self._learned + minutes)
            self._learned_at += minutes * GROW_EVERY
        if self._learned > FORGET_AT:
            self._learned = None

    def _wait_in_window(self, limit: int, moment: int) -> float:
        """Seconds until that window has a place; 0 takes one. `moment` is in milliseconds."""
        from pyrate_limiter import InMemoryBucket, Rate, RateItem  # noqa: PLC0415 - most houses never need it

        if self._bucket is None:
            self._bucket = InMemoryBucket([Rate(limit, MINUTE_MS)])
        elif self._bucket.rates[0].limit != limit:
            self._bucket.rates = [Rate(limit, MINUTE_MS)]
        self._bucket.leak(moment)
        decision = self._bucket.put_decision(RateItem("picture", moment))
        assert not hasattr(decision, "__await__")
        return 0.0 if decision.allowed else max(0.001, (decision.retry_after_ms or 1) / 1000)
