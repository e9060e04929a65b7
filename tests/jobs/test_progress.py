"""How long a job will still take."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from imagegen.jobs.progress import Pace, pace, remaining

durations = st.lists(st.floats(0.001, 10_000), min_size=1, max_size=60)
counts = st.integers(0, 500)
slots = st.integers(1, 64)


def test_nothing_measured_is_nothing_claimed() -> None:
    assert pace([]) == Pace(None, None)
    assert remaining(3, 5, 8, Pace(None, None)) == Pace(None, None)


def test_percentiles_are_values_that_were_measured() -> None:
    assert pace([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) == Pace(5, 9)
    assert pace([7.5]) == Pace(7.5, 7.5)
    assert pace([9.0, 1.0]) == Pace(1.0, 9.0)


def test_a_job_waits_for_those_before_it_and_runs_in_rounds() -> None:
    assert remaining(ahead=8, own=8, concurrency=8, usual=Pace(10.0, 20.0)) == Pace(20.0, 40.0)
    assert remaining(ahead=0, own=9, concurrency=8, usual=Pace(10.0, 20.0)) == Pace(20.0, 40.0)


def test_what_is_done_takes_no_time() -> None:
    assert remaining(100, 0, 8, Pace(10.0, 20.0)) == Pace(0.0, 0.0)


@given(durations)
def test_the_slow_case_is_no_quicker_than_the_usual_one(measured: list[float]) -> None:
    found = pace(measured)
    assert found.p50 in measured
    assert found.p90 in measured
    assert found.p50 is not None
    assert found.p90 is not None
    assert min(measured) <= found.p50 <= found.p90 <= max(measured)
    assert sum(value <= found.p50 for value in measured) * 2 >= len(measured)
    assert pace(list(reversed(measured))) == found


@given(counts, st.integers(1, 500), slots, durations)
def test_more_to_do_never_takes_less_and_more_slots_never_more(
    ahead: int, own: int, concurrency: int, measured: list[float]
) -> None:
    usual = pace(measured)
    now = remaining(ahead, own, concurrency, usual)
    longer = (remaining(ahead + 1, own, concurrency, usual), remaining(ahead, own + 1, concurrency, usual))
    quicker = remaining(ahead, own, concurrency + 1, usual)
    assert now.p50 is not None
    assert now.p90 is not None
    assert now.p50 <= now.p90
    for other in longer:
        assert (other.p50 or 0) >= now.p50
        assert (other.p90 or 0) >= now.p90
    assert (quicker.p50 or 0) <= now.p50
    assert (quicker.p90 or 0) <= now.p90
