"""Wall-clock time as an argument, so that tests can move it."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import Protocol


class Clock(Protocol):
    """Says what time it is."""

    def now_ms(self) -> int:
        """Milliseconds since the epoch, UTC."""


class SystemClock:
    """The computer's own clock."""

    def now_ms(self) -> int:
        """Milliseconds since the epoch, UTC."""
        return time.time_ns() // 1_000_000


def as_datetime(milliseconds: int) -> datetime:
    """Milliseconds since the epoch as an aware datetime in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def day_of(milliseconds: int) -> date:
    """The day in UTC that a moment falls on."""
    return as_datetime(milliseconds).date()


def day_start_ms(milliseconds: int) -> int:
    """The first millisecond of the UTC day that a moment falls on."""
    return milliseconds - milliseconds % 86_400_000
