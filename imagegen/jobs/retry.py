"""Whether a failed attempt is followed by another one. Pure.

Only what surely cost nothing is tried again by itself. An answer that was lost may have been billed: the task is
interrupted and asks, unless the setting says to send again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from imagegen.catalogue.records import MicroUsd
from imagegen.providers.base import Billed, ErrorKind

RETRYABLE = frozenset({ErrorKind.RATE_LIMITED, ErrorKind.OVERLOADED, ErrorKind.CONNECTION_FAILED})


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Seconds and counts from the settings. `max_retries=2` allows three attempts."""

    max_retries: int = 2
    delay: float = 2.0
    max_delay: float = 60.0
    backoff: bool = True
    resend_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """How an attempt ended: the provider's word for it, and what it said of money and waiting."""

    kind: ErrorKind
    message: str
    billed: Billed = Billed.NO
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class TryAgain:
    """Another attempt, that many seconds from now."""

    wait: float
    reason: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The task has failed; the message is for people."""

    message: str


@dataclass(frozen=True, slots=True)
class Ask:
    """The outcome is unknown; the task is interrupted until a person decides."""

    message: str


@dataclass(frozen=True, slots=True)
class FailOver:
    """Another provider's model makes the picture, at once. `usd` is its list price, None where it is not known.

    `notice` is for the card; `otherwise` is what follows where a cap forbids it.
    """

    provider: str
    model: str
    usd: MicroUsd | None
    paid: bool
    reason: str
    notice: str
    otherwise: TryAgain | GiveUp


Decision = TryAgain | GiveUp | Ask | FailOver

UNKNOWN = frozenset({ErrorKind.OUTCOME_UNKNOWN, ErrorKind.LOST})
"""Nobody knows whether there is a picture; `LOST` will never be known."""

MAY_HAVE_BEEN_BILLED = "May have been billed — run again?"


def decide(failure: Failure, retries_made: int, policy: RetryPolicy, random: Random, *, paid: bool) -> Decision:
    """What follows a failure after `retries_made` retries. `paid` is whether the provider bills at all."""
    unknown = failure.kind in UNKNOWN
    if unknown and paid and not policy.resend_unknown:
        return Ask(f"{failure.message} {MAY_HAVE_BEEN_BILLED}")
    if not unknown and (failure.kind not in RETRYABLE or failure.billed is not Billed.NO):
        return GiveUp(failure.message)
    if retries_made >= policy.max_retries:
        tried = f" Tried {retries_made + 1} times." if retries_made else ""
        if unknown and paid:
            return Ask(f"{failure.message}{tried} {MAY_HAVE_BEEN_BILLED}")
        return GiveUp(failure.message + tried)
    if failure.retry_after is not None and failure.retry_after > policy.max_delay:
        return GiveUp(f"{failure.message} Come back in {_duration(failure.retry_after)}.")
    return TryAgain(_wait(failure, retries_made, policy, random), failure.message)


def after_asking(failure: Failure, decision: Decision) -> Decision:
    """What follows when a person had a picture run again, and its job, asked about once more, brought none.

    It is sent again as the person wished, unless that job still runs.
    """
    if failure.kind is ErrorKind.OUTCOME_UNKNOWN or isinstance(decision, TryAgain):
        return decision
    return TryAgain(0.0, failure.message)


def _wait(failure: Failure, retries_made: int, policy: RetryPolicy, random: Random) -> float:
    """Exponential back-off with full jitter; a wait that the provider asked for is never cut short."""
    if policy.backoff:
        ceiling = min(policy.max_delay, policy.delay * 2.0**retries_made)
        wait = random.uniform(0, ceiling)
    else:
        wait = min(policy.delay, policy.max_delay)
    return max(wait, failure.retry_after or 0.0)


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{math.ceil(seconds)} s"
    if seconds < 7200:
        return f"{math.ceil(seconds / 60)} min"
    return f"{math.ceil(seconds / 3600)} h"
