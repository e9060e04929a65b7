"""Limits are kept to, learned from refusals, and forgotten when nobody refuses any more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagegen.routing.limits import PAUSE_UNTOLD, Limit

NOON = 1_795_000_000.0


@given(st.integers(1, 30), st.lists(st.floats(0, 30), min_size=1, max_size=200))
def test_no_minute_holds_more_than_the_limit(per_minute: int, pauses: list[float]) -> None:
    limit, now, sent = Limit(per_minute), NOON, list[float]()
    for pause in pauses:
        now += pause
        if limit.wait(now) == 0:
            sent.append(now)
    for moment in sent:
        assert sum(moment <= other < moment + 59.9 for other in sent) <= per_minute


def test_the_wait_is_as_long_as_it_has_to_be() -> None:
    limit = Limit(2)
    assert [limit.wait(NOON), limit.wait(NOON + 10)] == [0, 0]
    wait = limit.wait(NOON + 20)
    assert wait == pytest.approx(40, abs=0.1)
    assert limit.wait(NOON + 20 + wait) == 0


def test_without_a_limit_everything_goes() -> None:
    limit = Limit()
    assert all(limit.wait(NOON) == 0 for _ in range(1000))
    assert limit.per_minute(NOON) is None


def test_a_refusal_pauses_as_long_as_it_says_and_teaches_a_limit() -> None:
    limit = Limit()
    for second in range(30):
        limit.wait(NOON + second)
    limit.refused(NOON + 30, 21.0)
    assert limit.paused(NOON + 30) == 21.0
    assert limit.wait(NOON + 40) == 11.0
    assert (limit.per_minute(NOON + 51), limit.learned) == (24, True)


def test_a_refusal_without_a_wait_pauses_shortly() -> None:
    limit = Limit()
    limit.refused(NOON, None)
    assert limit.paused(NOON) == PAUSE_UNTOLD
    assert limit.per_minute(NOON) == 1


def test_a_learned_limit_grows_and_is_forgotten() -> None:
    limit = Limit()
    for _ in range(10):
        limit.wait(NOON)
    limit.refused(NOON, 0.0)
    grown = [limit.per_minute(NOON + 60 * minute) for minute in (0, 1, 10)]
    assert grown[0] == 8
    assert grown[0] < (grown[1] or 0) < (grown[2] or 0)
    assert limit.per_minute(NOON + 60 * 120) is None
    assert not limit.learned


def test_what_was_set_is_never_passed_whatever_is_learned() -> None:
    limit = Limit(5)
    limit.told(100, NOON)
    assert limit.per_minute(NOON) == 5
    limit.told(3, NOON)
    assert limit.per_minute(NOON) == 3
