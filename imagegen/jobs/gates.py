"""May a call to a provider go now? Circuits, limits and recent trouble of every provider, fed by real traffic.

It lives in memory: after a start everything is open again, and the first failures tell.
"""

from __future__ import annotations

import statistics
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from imagegen.jobs.clock import Clock
from imagegen.providers.base import ErrorKind
from imagegen.routing.candidates import Conditions
from imagegen.routing.circuit import UNWELL, Circuit, CircuitState
from imagegen.routing.limits import Limit

ERRORS_KEPT = 10
DURATIONS_KEPT = 20
NEEDS_A_PERSON = frozenset({ErrorKind.AUTH, ErrorKind.QUOTA})
"""Trouble that lasts until somebody does something about it."""
TROUBLE_SECONDS = 600.0
"""How long such trouble makes `auto` prefer others, where no check says that it is over."""

Light = Literal["ready", "limited", "down", "refused"]
"""A provider as a person sees it: works, asks us to wait, fails or does not answer, or does not accept us."""


@dataclass(frozen=True, slots=True)
class Mishap:
    """A recent failure: when, in seconds since the epoch, what it was and how it was told."""

    at: float
    kind: ErrorKind
    message: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a provider stands. `per_minute` None is no limit; `reopens_in` and `paused_for` are seconds."""

    light: Light
    circuit: CircuitState
    reason: str | None
    reopens_in: float
    paused_for: float
    per_minute: int | None
    learned: bool
    errors: tuple[Mishap, ...]


@dataclass
class _Lane:
    limit: Limit
    circuit: Circuit = field(default_factory=Circuit)
    blocked_until: float = 0.0
    trouble: Mishap | None = None
    errors: deque[Mishap] = field(default_factory=lambda: deque(maxlen=ERRORS_KEPT))
    heard_at: float = 0.0


class Gates:
    """One for the process. `rates` are the pictures a minute that the person set, by provider."""

    def __init__(self, clock: Clock, rates: Mapping[str, int] | None = None) -> None:
        self._clock = clock
        self._rates = rates or {}
        self._lanes: dict[str, _Lane] = {}
        self._seconds: dict[str, deque[float]] = {}

    def admit(self, provider: str) -> float:
        """Seconds until a call may go; at 0 its place is taken."""
        lane, now = self._lane(provider), self._now()
        wait = max(lane.circuit.wait(now), lane.limit.paused(now)) or lane.limit.wait(now)
        if wait:
            lane.blocked_until = now + wait
        else:
            lane.circuit = lane.circuit.tried(now)
        return wait

    def closed_for(self, provider: str) -> float:
        """Seconds that nothing should be fed to that provider's workers; takes no place."""
        lane, now = self._lane(provider), self._now()
        return max(0.0, lane.blocked_until - now, lane.limit.paused(now), lane.circuit.until - now)

    def is_open(self, provider: str) -> bool:
        """Whether its circuit is open."""
        return self._lane(provider).circuit.state(self._now()) is CircuitState.OPEN

    def ended(self, provider: str) -> None:
        """A call that was let through has come to its end, or was not made after all: another trial may go."""
        lane = self._lane(provider)
        lane.circuit = lane.circuit.ended()

    def reached(self, provider: str) -> None:
        """The vendor took a call in."""
        self._open(self._lane(provider))

    def answered(self, provider: str, per_minute: int | None = None) -> None:
        """A picture came. `per_minute` is the limit that the answer named."""
        lane = self._lane(provider)
        self._open(lane)
        if per_minute is not None:
            lane.limit.told(per_minute, self._now())

    def failed(self, provider: str, kind: ErrorKind, message: str, retry_after: float | None) -> None:
        """A call brought no picture."""
        lane, now = self._lane(provider), self._now()
        lane.heard_at = now
        mishap = Mishap(now, kind, message)
        lane.errors.append(mishap)
        if kind is ErrorKind.RATE_LIMITED:
            lane.limit.refused(now, retry_after)
        if kind in NEEDS_A_PERSON:
            lane.trouble = mishap
        if kind in UNWELL:
            lane.circuit = lane.circuit.failed(now)
        else:
            self._open(lane, forgive=False)

    def checked(self, provider: str, failure: Mishap | None) -> None:
        """A free check was answered, or failed."""
        lane = self._lane(provider)
        lane.heard_at = self._now()
        if failure is None:
            lane.circuit = lane.circuit.well(self._now())
            if lane.trouble is not None and lane.trouble.kind is ErrorKind.AUTH:
                lane.trouble = None
        elif failure.kind in NEEDS_A_PERSON:
            lane.trouble = failure
        elif failure.kind in UNWELL:
            lane.circuit = lane.circuit.failed(self._now())

    def try_again(self) -> None:
        """A person wants it tried: where nothing goes, one call may go now."""
        now = self._now()
        for lane in self._lanes.values():
            lane.circuit, lane.blocked_until = lane.circuit.well(now), 0.0

    def silent_for(self, provider: str) -> float:
        """Seconds since anything was heard of that provider."""
        return self._now() - self._lane(provider).heard_at

    def needs_check(self, provider: str) -> bool:
        """Whether only a check can tell that it is well again."""
        lane = self._lane(provider)
        return lane.trouble is not None or lane.circuit.opened > 0

    def measured(self, model: str, seconds: float) -> None:
        """A picture of that model took that long, from its sending to its answer."""
        self._seconds.setdefault(model, deque(maxlen=DURATIONS_KEPT)).append(seconds)

    def conditions(self, providers: Iterable[str]) -> Conditions:
        """What routing should know of those providers at this moment."""
        down = {name: reason for name in providers if (reason := self._down(name)) is not None}
        return Conditions({model: statistics.median(kept) for model, kept in self._seconds.items()}, down)

    def standing(self, provider: str) -> Standing:
        """How a provider stands, for people."""
        lane, now = self._lane(provider), self._now()
        state, reason = lane.circuit.state(now), self._down(provider)
        paused = lane.limit.paused(now)
        light: Light = "limited" if paused else "ready"
        if state is CircuitState.OPEN:
            light = "down"
        elif reason is not None:
            light = "refused"
        return Standing(
            light=light,
            circuit=state,
            reason=reason,
            reopens_in=max(0.0, lane.circuit.until - now),
            paused_for=paused,
            per_minute=lane.limit.per_minute(now),
            learned=lane.limit.learned,
            errors=tuple(reversed(lane.errors)),
        )

    def _down(self, provider: str) -> str | None:
        lane, now = self._lane(provider), self._now()
        if lane.trouble is not None and now - lane.trouble.at < TROUBLE_SECONDS:
            return lane.trouble.message
        if lane.circuit.state(now) is CircuitState.OPEN:
            return lane.errors[-1].message if lane.errors else "It does not answer."
        return None

    def _open(self, lane: _Lane, *, forgive: bool = True) -> None:
        """The vendor answered; `forgive` says that it did what it was asked."""
        lane.heard_at = self._now()
        lane.circuit = lane.circuit.answered()
        lane.blocked_until = 0.0
        if forgive:
            lane.trouble = None

    def _lane(self, provider: str) -> _Lane:
        if provider not in self._lanes:
            self._lanes[provider] = _Lane(Limit(self._rates.get(provider)))
        return self._lanes[provider]

    def _now(self) -> float:
        return self._clock.now_ms() / 1000
