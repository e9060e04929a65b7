"""A circuit opens after failures in a row, lets one trial through, and stays open longer each time it fails."""

from __future__ import annotations

from imagegen.routing.circuit import FAILURES_TO_OPEN, OPEN_FIRST, OPEN_LAST, Circuit, CircuitState


def opened(at: float = 0.0) -> Circuit:
    circuit = Circuit()
    for _ in range(FAILURES_TO_OPEN):
        circuit = circuit.failed(at)
    return circuit


def test_two_failures_change_nothing_and_an_answer_forgets_them() -> None:
    circuit = Circuit().failed(0).failed(1)
    assert (circuit.state(1), circuit.wait(1)) == (CircuitState.CLOSED, 0.0)
    assert circuit.answered().failed(2).failed(3).state(3) is CircuitState.CLOSED


def test_three_open_it_for_a_while() -> None:
    circuit = opened()
    assert circuit.state(OPEN_FIRST - 1) is CircuitState.OPEN
    assert circuit.wait(10) == OPEN_FIRST - 10
    assert circuit.state(OPEN_FIRST) is CircuitState.HALF_OPEN
    assert circuit.wait(OPEN_FIRST) == 0.0


def test_half_open_lets_one_trial_through() -> None:
    circuit = opened().tried(OPEN_FIRST)
    assert circuit.wait(OPEN_FIRST + 1) == 1.0
    assert circuit.answered().wait(OPEN_FIRST + 1) == 0.0


def test_a_trial_that_is_never_heard_of_does_not_close_it_for_ever() -> None:
    assert opened().tried(OPEN_FIRST).wait(OPEN_FIRST + 1000) == 0.0


def test_it_stays_open_twice_as_long_after_each_trial_that_fails_up_to_a_limit() -> None:
    circuit, now, waits = opened(), 0.0, []
    for _ in range(7):
        waits.append(circuit.wait(now))
        now += waits[-1]
        circuit = circuit.tried(now).failed(now)
    assert waits == [30, 60, 120, 240, OPEN_LAST, OPEN_LAST, OPEN_LAST]


def test_calls_that_had_gone_before_it_opened_do_not_open_it_again() -> None:
    circuit = opened(10.0)
    assert circuit.failed(11.0).until == circuit.until


def test_a_check_that_is_answered_lets_a_trial_go_at_once() -> None:
    circuit = opened().well(5.0)
    assert (circuit.state(5.0), circuit.wait(5.0)) == (CircuitState.HALF_OPEN, 0.0)
    assert Circuit().well(5.0) == Circuit()
