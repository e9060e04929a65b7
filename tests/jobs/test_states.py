"""Which states there are, which moves are legal, and what a job's tasks make of the job."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagegen.jobs.states import (
    ATTEMPT_MOVES,
    ENDED,
    LIVE,
    OPEN,
    RETRYABLE_BY_HAND,
    TASK_MOVES,
    WAITING,
    AttemptState,
    TaskState,
    attempt_may_move_to,
    job_status,
    may_move_to,
)
from imagegen.jobs.views import JobStatus, TaskStatus

count_vectors = st.dictionaries(st.sampled_from(TaskState), st.integers(0, 3))


def test_every_state_has_its_moves_and_every_move_a_known_end() -> None:
    assert set(TASK_MOVES) == set(TaskState)
    assert set(ATTEMPT_MOVES) == set(AttemptState)
    assert set().union(*TASK_MOVES.values()) <= set(TaskState)
    assert set().union(*ATTEMPT_MOVES.values()) <= set(AttemptState)


def test_what_is_done_is_done() -> None:
    assert TASK_MOVES[TaskState.COMPLETED] == frozenset()
    ended = {state for state, ends in ATTEMPT_MOVES.items() if not ends}
    # An unknown end may become known: the vendor's job is asked about again.
    assert ended == set(AttemptState) - OPEN - {AttemptState.UNKNOWN}


def test_an_attempt_only_goes_forward() -> None:
    seen: set[AttemptState] = set()
    frontier = {AttemptState.INTENT}
    while frontier:
        assert not frontier & seen, "an attempt can come back to where it was"
        seen |= frontier
        frontier = set().union(*(ATTEMPT_MOVES[state] for state in frontier)) - seen
    assert seen == set(AttemptState)
    assert AttemptState.RECEIVED not in ATTEMPT_MOVES[AttemptState.INTENT], "nothing is received that was not sent"
    assert attempt_may_move_to(AttemptState.STORED) == {AttemptState.RECEIVED}


def test_only_a_person_wakes_what_has_ended() -> None:
    assert {state for state in ENDED if TASK_MOVES[state]} == RETRYABLE_BY_HAND
    # Interrupted goes on where its job at the vendor is asked about once more.
    moves = {TaskState.INTERRUPTED: {TaskState.PENDING, TaskState.IN_PROGRESS}}
    assert all(TASK_MOVES[state] == moves.get(state, {TaskState.PENDING}) for state in RETRYABLE_BY_HAND)


def test_the_groups_do_not_overlap() -> None:
    assert set(TaskState) == LIVE | ENDED
    assert not LIVE & ENDED
    assert WAITING < LIVE
    assert may_move_to(TaskState.IN_PROGRESS) == WAITING | {TaskState.INTERRUPTED}


def test_sources_and_moves_say_the_same() -> None:
    for target in TaskState:
        assert may_move_to(target) == {state for state in TaskState if target in TASK_MOVES[state]}
    for end in AttemptState:
        assert attempt_may_move_to(end) == {state for state in AttemptState if end in ATTEMPT_MOVES[state]}


def test_the_words_of_the_contract_are_the_states() -> None:
    assert {state.value for state in TaskState} == set(get_args(TaskStatus))


@pytest.mark.parametrize(
    ("counts", "status"),
    [
        ({TaskState.PENDING: 3}, "queued"),
        ({TaskState.PENDING: 2, TaskState.COMPLETED: 1}, "processing"),
        ({TaskState.RETRYING: 1}, "processing"),
        ({TaskState.IN_PROGRESS: 1}, "processing"),
        ({TaskState.COMPLETED: 1, TaskState.FAILED: 8}, "completed"),
        ({TaskState.FAILED: 1, TaskState.CANCELLED: 8}, "failed"),
        ({TaskState.INTERRUPTED: 1, TaskState.CANCELLED: 8}, "failed"),
        ({TaskState.CANCELLED: 2}, "cancelled"),
        ({TaskState.COMPLETED: 0, TaskState.FAILED: 0, TaskState.CANCELLED: 1}, "cancelled"),
    ],
)
def test_a_jobs_status_follows_from_its_tasks(counts: dict[TaskState, int], status: str) -> None:
    assert job_status(counts) == status


@given(count_vectors)
def test_the_status_of_every_job_is_as_the_contract_says(counts: dict[TaskState, int]) -> None:
    status = job_status(counts)
    assert status in get_args(JobStatus)
    live = sum(counts.get(state, 0) for state in LIVE)
    assert (status in ("queued", "processing")) == (live > 0)
    if not live:
        wrong = counts.get(TaskState.FAILED, 0) + counts.get(TaskState.INTERRUPTED, 0)
        expected = "completed" if counts.get(TaskState.COMPLETED) else "failed" if wrong else "cancelled"
        assert status == expected
