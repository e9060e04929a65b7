"""The states of tasks and attempts, and which moves between them are legal. Data only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class TaskState(StrEnum):
    """Where one picture to make stands."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    RETRYING = "retrying"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


class AttemptState(StrEnum):
    """Where one call to a provider stands; docs/architecture.md tells what each means after a crash."""

    INTENT = "intent"
    SENT = "sent"
    RECEIVED = "received"
    STORED = "stored"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"


WAITING = frozenset({TaskState.PENDING, TaskState.RETRYING})
LIVE = WAITING | {TaskState.IN_PROGRESS}
ENDED = frozenset(TaskState) - LIVE
RETRYABLE_BY_HAND = frozenset({TaskState.FAILED, TaskState.INTERRUPTED, TaskState.CANCELLED})
OPEN = frozenset({AttemptState.INTENT, AttemptState.SENT, AttemptState.RECEIVED})

TASK_MOVES: Mapping[TaskState, frozenset[TaskState]] = {
    TaskState.PENDING: frozenset({TaskState.IN_PROGRESS, TaskState.CANCELLED}),
    TaskState.RETRYING: frozenset({TaskState.IN_PROGRESS, TaskState.CANCELLED}),
    TaskState.IN_PROGRESS: frozenset(
        {
            TaskState.PENDING,
            TaskState.RETRYING,
            TaskState.COMPLETED,
            TaskState.FAILED,
            TaskState.CANCELLED,
            TaskState.INTERRUPTED,
        }
    ),
    TaskState.FAILED: frozenset({TaskState.PENDING}),
    # In progress again: its job at the vendor is known, and is asked about instead of sent again.
    TaskState.INTERRUPTED: frozenset({TaskState.PENDING, TaskState.IN_PROGRESS}),
    TaskState.CANCELLED: frozenset({TaskState.PENDING}),
    TaskState.COMPLETED: frozenset(),
}

ATTEMPT_MOVES: Mapping[AttemptState, frozenset[AttemptState]] = {
    AttemptState.INTENT: frozenset({AttemptState.SENT, AttemptState.FAILED}),
    AttemptState.SENT: frozenset(
        {AttemptState.RECEIVED, AttemptState.REFUSED, AttemptState.FAILED, AttemptState.UNKNOWN}
    ),
    AttemptState.RECEIVED: frozenset(
        {AttemptState.STORED, AttemptState.REFUSED, AttemptState.FAILED, AttemptState.UNKNOWN}
    ),
    AttemptState.STORED: frozenset(),
    AttemptState.REFUSED: frozenset(),
    AttemptState.FAILED: frozenset(),
    AttemptState.UNKNOWN: frozenset({AttemptState.SENT}),
}


def may_move_to(target: TaskState) -> frozenset[TaskState]:
    """The states from which a task may legally reach `target`."""
    return frozenset(state for state, targets in TASK_MOVES.items() if target in targets)


def attempt_may_move_to(target: AttemptState) -> frozenset[AttemptState]:
    """The states from which an attempt may legally reach `target`."""
    return frozenset(state for state, targets in ATTEMPT_MOVES.items() if target in targets)


def job_status(counts: Mapping[TaskState, int]) -> str:
    """A job's state, derived from how many of its tasks are in which state.

    Partial success is success with holes; an interrupted task without any success makes the job failed, since
    somebody has to look at it.
    """
    if _any(counts, LIVE):
        started = sum(count for state, count in counts.items() if state is not TaskState.PENDING)
        return "processing" if started else "queued"
    if counts.get(TaskState.COMPLETED):
        return "completed"
    if _any(counts, (TaskState.FAILED, TaskState.INTERRUPTED)):
        return "failed"
    return "cancelled"


def _any(counts: Mapping[TaskState, int], states: Iterable[TaskState]) -> bool:
    return any(counts.get(state) for state in states)
