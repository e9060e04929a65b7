"""How long a job will still take. Pure; durations are seconds of recent attempts of the same model and size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """The usual and the slow duration of one picture, in seconds; None where nothing was measured."""

    p50: float | None
    p90: float | None


def pace(durations: Sequence[float]) -> Pace:
    """The 50th and 90th percentile (nearest rank) of recent durations."""
    if not durations:
        return Pace(None, None)
    ordered = sorted(durations)
    return Pace(_rank(ordered, 0.5), _rank(ordered, 0.9))


def remaining(ahead: int, own: int, concurrency: int, usual: Pace) -> Pace:
    """Seconds until a job with `own` live tasks is done when `ahead` tasks go first."""
    if own == 0:
        return Pace(0.0, 0.0)
    rounds = math.ceil((ahead + own) / max(1, concurrency))
    return Pace(
        None if usual.p50 is None else round(rounds * usual.p50, 1),
        None if usual.p90 is None else round(rounds * usual.p90, 1),
    )


def _rank(ordered: Sequence[float], fraction: float) -> float:
    return ordered[max(0, math.ceil(fraction * len(ordered)) - 1)]
