"""Whether a failed attempt is followed by another one."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagegen.jobs.retry import (
    MAY_HAVE_BEEN_BILLED,
    RETRYABLE,
    UNKNOWN,
    Ask,
    Failure,
    GiveUp,
    RetryPolicy,
    TryAgain,
    decide,
)
from imagegen.providers.base import Billed, ErrorKind

seconds = st.floats(0, 10_000, allow_nan=False)
policies = st.builds(
    RetryPolicy,
    max_retries=st.integers(0, 5),
    delay=st.floats(0, 100),
    max_delay=st.floats(0, 1000),
    backoff=st.booleans(),
    resend_unknown=st.booleans(),
)
failures = st.builds(
    Failure,
    kind=st.sampled_from(ErrorKind),
    message=st.just("It failed."),
    billed=st.sampled_from(Billed),
    retry_after=st.none() | seconds,
)
retries = st.integers(0, 8)
randoms = st.integers(0, 2**32).map(Random)


def busy(retry_after: float | None = None) -> Failure:
    return Failure(ErrorKind.OVERLOADED, "Busy.", retry_after=retry_after)


LOST = Failure(ErrorKind.OUTCOME_UNKNOWN, "The connection broke.", Billed.PERHAPS)


def test_three_attempts_and_then_it_has_failed() -> None:
    policy, random = RetryPolicy(), Random(1)
    waits = [decide(busy(), made, policy, random, paid=True) for made in range(3)]
    assert [type(decision) for decision in waits] == [TryAgain, TryAgain, GiveUp]
    assert waits[2] == GiveUp("Busy. Tried 3 times.")


def test_the_wait_that_the_provider_asked_for_is_kept() -> None:
    decision = decide(busy(retry_after=30.0), 0, RetryPolicy(), Random(1), paid=True)
    assert decision == TryAgain(30.0, "Busy.")


@pytest.mark.parametrize(
    ("wait", "words"), [(61, "61 s"), (119.2, "120 s"), (120, "2 min"), (3601, "61 min"), (86_400, "24 h")]
)
def test_a_wait_beyond_the_cap_fails_at_once_and_says_when_to_come_back(wait: float, words: str) -> None:
    assert decide(busy(wait), 0, RetryPolicy(), Random(1), paid=True) == GiveUp(f"Busy. Come back in {words}.")


def test_a_lost_answer_asks() -> None:
    decision = decide(LOST, 0, RetryPolicy(), Random(1), paid=True)
    assert decision == Ask(f"The connection broke. {MAY_HAVE_BEEN_BILLED}")


def test_a_lost_answer_is_sent_again_where_that_is_wished_and_asks_in_the_end() -> None:
    policy = RetryPolicy(resend_unknown=True)
    assert isinstance(decide(LOST, 1, policy, Random(1), paid=True), TryAgain)
    last = decide(LOST, 2, policy, Random(1), paid=True)
    assert last == Ask(f"The connection broke. Tried 3 times. {MAY_HAVE_BEEN_BILLED}")


def test_a_free_provider_simply_runs_again() -> None:
    assert isinstance(decide(LOST, 0, RetryPolicy(), Random(1), paid=False), TryAgain)
    assert isinstance(decide(LOST, 2, RetryPolicy(), Random(1), paid=False), GiveUp)


@pytest.mark.parametrize("kind", sorted(set(ErrorKind) - RETRYABLE - UNKNOWN))
def test_what_is_final_is_not_tried_again(kind: ErrorKind) -> None:
    assert decide(Failure(kind, "No."), 0, RetryPolicy(), Random(1), paid=True) == GiveUp("No.")


@given(failures, retries, policies, randoms, st.booleans())
def test_what_may_have_cost_money_is_never_sent_again_by_itself(
    failure: Failure, made: int, policy: RetryPolicy, random: Random, paid: bool
) -> None:
    decision = decide(failure, made, policy, random, paid=paid)
    lost = failure.kind in UNKNOWN
    if isinstance(decision, TryAgain):
        assert made < policy.max_retries
        assert failure.kind in RETRYABLE or lost
        assert failure.billed is Billed.NO or lost
        assert not (lost and paid) or policy.resend_unknown
    if lost and paid:
        assert not isinstance(decision, GiveUp) or failure.retry_after is not None
    if isinstance(decision, Ask):
        assert lost
        assert paid
        assert decision.message.endswith(MAY_HAVE_BEEN_BILLED)


@given(failures, retries, policies, randoms, st.booleans())
def test_never_before_the_provider_said(
    failure: Failure, made: int, policy: RetryPolicy, random: Random, paid: bool
) -> None:
    decision = decide(failure, made, policy, random, paid=paid)
    if isinstance(decision, TryAgain):
        assert decision.wait >= (failure.retry_after or 0.0)
        assert 0 <= decision.wait <= policy.max_delay


@given(st.sampled_from(sorted(RETRYABLE)), st.integers(0, 4), policies, randoms)
def test_the_jitter_is_full_under_a_doubling_ceiling(
    kind: ErrorKind, made: int, policy: RetryPolicy, random: Random
) -> None:
    decision = decide(Failure(kind, "x"), made, policy, random, paid=True)
    if isinstance(decision, TryAgain) and policy.backoff:
        assert 0 <= decision.wait <= min(policy.max_delay, policy.delay * 2**made)
    elif isinstance(decision, TryAgain):
        assert decision.wait == min(policy.delay, policy.max_delay)


def test_the_jitter_fills_its_range() -> None:
    random = Random(7)
    waits = []
    for _ in range(500):
        decision = decide(busy(), 1, RetryPolicy(), random, paid=True)
        assert isinstance(decision, TryAgain)
        waits.append(decision.wait)
    assert min(waits) < 0.2
    assert max(waits) > 3.8
    assert 1.7 < sum(waits) / len(waits) < 2.3


@given(policies, randoms, st.sampled_from(sorted(RETRYABLE)))
def test_the_attempts_are_counted(policy: RetryPolicy, random: Random, kind: ErrorKind) -> None:
    made = 0
    while isinstance(decide(Failure(kind, "x"), made, policy, random, paid=True), TryAgain):
        made += 1
    assert made == policy.max_retries
