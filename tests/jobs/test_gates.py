"""What is known of each provider: circuits, limits and trouble, fed by what its calls and checks bring."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from imagegen.jobs.gates import TROUBLE_SECONDS, Gates, Mishap
from imagegen.providers.base import ErrorKind
from imagegen.routing.circuit import OPEN_FIRST, CircuitState


@dataclass
class Watch:
    """A clock that a test moves, in seconds."""

    now: float = 1_795_000_000.0

    def now_ms(self) -> int:
        return round(self.now * 1000)


@pytest.fixture
def clock() -> Watch:
    return Watch()


@pytest.fixture
def gates(clock: Watch) -> Gates:
    return Gates(clock, {"limited": 2})


def fail(gates: Gates, kind: ErrorKind, times: int = 1, retry_after: float | None = None) -> None:
    for _ in range(times):
        gates.failed("vendor", kind, f"It said {kind}.", retry_after)


def test_three_failures_close_the_gate_until_a_trial(gates: Gates, clock: Watch) -> None:
    fail(gates, ErrorKind.OVERLOADED, 3)
    assert gates.is_open("vendor")
    assert gates.admit("vendor") == gates.closed_for("vendor") == OPEN_FIRST
    clock.now += OPEN_FIRST
    assert gates.closed_for("vendor") == 0
    assert (gates.admit("vendor"), gates.admit("vendor")) == (0, 1)
    gates.answered("vendor")
    assert gates.admit("vendor") == gates.closed_for("vendor") == 0


def test_a_refusal_in_good_order_speaks_for_the_vendors_health(gates: Gates) -> None:
    fail(gates, ErrorKind.OVERLOADED, 2)
    fail(gates, ErrorKind.POLICY)
    fail(gates, ErrorKind.OVERLOADED, 2)
    assert not gates.is_open("vendor")


@pytest.mark.parametrize("kind", [ErrorKind.AUTH, ErrorKind.QUOTA])
def test_what_needs_a_person_delays_nothing_but_is_last_in_line(
    kind: ErrorKind, gates: Gates, clock: Watch
) -> None:
    fail(gates, kind)
    assert gates.admit("vendor") == 0
    assert gates.conditions(["vendor", "other"]).down == {"vendor": f"It said {kind}."}
    standing = gates.standing("vendor")
    assert (standing.light, standing.circuit, standing.reason) == (
        "refused",
        CircuitState.CLOSED,
        f"It said {kind}.",
    )
    clock.now += TROUBLE_SECONDS
    assert gates.conditions(["vendor"]).down == {}


def test_a_check_that_works_ends_the_trouble_with_a_key_but_not_with_credit(gates: Gates) -> None:
    fail(gates, ErrorKind.AUTH)
    gates.checked("vendor", None)
    assert gates.standing("vendor").light == "ready"
    fail(gates, ErrorKind.QUOTA)
    gates.checked("vendor", None)
    assert gates.standing("vendor").light == "refused"
    gates.answered("vendor")
    assert gates.standing("vendor").light == "ready"


def test_a_check_lets_a_trial_go_at_once_and_a_failed_one_opens_like_a_call(gates: Gates, clock: Watch) -> None:
    fail(gates, ErrorKind.CONNECTION_FAILED, 3)
    gates.checked("vendor", None)
    assert gates.admit("vendor") == 0
    for _ in range(3):
        gates.checked("other", Mishap(clock.now, ErrorKind.CONNECTION_FAILED, "Not reached."))
    assert gates.is_open("other")


def test_a_limit_that_was_set_holds_and_tells_when_it_opens(gates: Gates, clock: Watch) -> None:
    assert [gates.admit("limited"), gates.admit("limited")] == [0, 0]
    wait = gates.admit("limited")
    assert wait == pytest.approx(60, abs=0.1)
    assert gates.closed_for("limited") == pytest.approx(wait)
    clock.now += wait
    assert gates.admit("limited") == 0
    assert gates.standing("limited").per_minute == 2


def test_a_429_pauses_and_is_shown(gates: Gates) -> None:
    gates.admit("vendor")
    fail(gates, ErrorKind.RATE_LIMITED, retry_after=21.0)
    assert gates.admit("vendor") == 21.0
    standing = gates.standing("vendor")
    assert (standing.light, standing.paused_for, standing.per_minute, standing.learned) == (
        "limited",
        21.0,
        1,
        True,
    )


def test_a_person_who_wants_it_tried_opens_a_trial(gates: Gates) -> None:
    fail(gates, ErrorKind.OVERLOADED, 3)
    gates.try_again()
    assert (gates.admit("vendor"), gates.is_open("vendor")) == (0, False)


def test_speed_is_the_median_of_the_newest(gates: Gates) -> None:
    for seconds in (*[100.0] * 30, *[4.0] * 15):
        gates.measured("model", seconds)
    assert gates.conditions([]).seconds == {"model": 4.0}


def test_the_newest_errors_come_first_and_old_ones_go(gates: Gates) -> None:
    for number in range(15):
        gates.failed("vendor", ErrorKind.POLICY, f"No {number}.", None)
    told = [error.message for error in gates.standing("vendor").errors]
    assert told == [f"No {number}." for number in range(14, 4, -1)]


def test_a_limit_that_the_answer_names_is_kept_to(gates: Gates) -> None:
    gates.answered("vendor", per_minute=3)
    assert [gates.admit("vendor") for _ in range(3)] == [0, 0, 0]
    assert gates.admit("vendor") > 0


def test_a_trial_that_was_none_leaves_the_next_one_through(gates: Gates, clock: Watch) -> None:
    """A picture that was cancelled before its call was made, or whose reference is gone."""
    fail(gates, ErrorKind.OVERLOADED, 3)
    clock.now += OPEN_FIRST
    assert gates.admit("vendor") == 0
    gates.ended("vendor")
    assert gates.admit("vendor") == 0


def test_a_vendor_that_takes_a_job_in_is_well(gates: Gates, clock: Watch) -> None:
    fail(gates, ErrorKind.OVERLOADED, 3)
    gates.reached("vendor")
    assert not gates.is_open("vendor")
