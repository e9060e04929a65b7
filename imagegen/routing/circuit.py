"""A provider's circuit breaker: after failures in a row nothing is sent for a while, then one call tries. Pure.

Moments are seconds of a clock that the caller keeps, so that tests and the simulator own the time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from imagegen.providers.base import ErrorKind

FAILURES_TO_OPEN = 3
OPEN_FIRST, OPEN_LAST = 30.0, 480.0
"""Seconds that it stays open, twice as long after each trial that failed."""
TRIAL_SECONDS = 900.0
"""A trial that has not ended by then counts as none: its picture may have been cancelled before it was sent."""
UNWELL = frozenset(
    {ErrorKind.CONNECTION_FAILED, ErrorKind.OVERLOADED, ErrorKind.OUTCOME_UNKNOWN, ErrorKind.INTERNAL}
)
"""What speaks against a vendor's health. A refusal is an answer, and a limit is a matter of the limits."""


class CircuitState(StrEnum):
    """Closed lets everything through, open nothing, half-open one trial."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class Circuit:
    """`opened` counts the times that it opened since it was last closed; `until` is when a trial may go."""

    failures: int = 0
    opened: int = 0
    until: float = 0.0
    trial_at: float | None = None

    def state(self, now: float) -> CircuitState:
        """How it stands at that moment."""
        if not self.opened:
            return CircuitState.CLOSED
        return CircuitState.OPEN if now < self.until else CircuitState.HALF_OPEN

    def wait(self, now: float) -> float:
        """Seconds until a call may go; 0 when it may go now."""
        if not self.opened:
            return 0.0
        if self.trial_at is not None and now < self.trial_at + TRIAL_SECONDS:
            return max(1.0, self.until - now)
        return max(0.0, self.until - now)

    def tried(self, now: float) -> Circuit:
        """A call has gone."""
        return replace(self, trial_at=now) if self.opened else self

    def ended(self) -> Circuit:
        """The trial is over, or was none."""
        return replace(self, trial_at=None) if self.trial_at is not None else self

    def answered(self) -> Circuit:
        """The vendor did its work, or refused in an orderly way."""
        return Circuit()

    def failed(self, now: float) -> Circuit:
        """A call has failed in a way that speaks against the vendor's health."""
        failures = self.failures + 1
        if failures < FAILURES_TO_OPEN and not self.opened:
            return replace(self, failures=failures)
        if self.opened and now < self.until:  # a call that had gone before it opened
            return replace(self, failures=failures)
        stays = min(OPEN_LAST, OPEN_FIRST * 2.0**self.opened)
        return Circuit(failures, self.opened + 1, now + stays)

    def well(self, now: float) -> Circuit:
        """A free check was answered: a trial may go at once."""
        return replace(self, until=min(self.until, now)) if self.opened else self
