"""Pictures of a job that were refused or could not be paid for, and which another model might make."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, select

from imagegen.jobs.cutouts import stored_request
from imagegen.jobs.states import AttemptState, TaskState
from imagegen.jobs.tables import Attempt, Job, Task
from imagegen.providers.base import ErrorKind
from imagegen.request import GenerationRequest

ANOTHER_MAY = frozenset(
    {
        ErrorKind.POLICY,
        ErrorKind.QUOTA,
        ErrorKind.AUTH,
        ErrorKind.NOT_FOUND,
        ErrorKind.NO_IMAGE,
        ErrorKind.BAD_REQUEST,
        ErrorKind.RATE_LIMITED,
        ErrorKind.OVERLOADED,
        ErrorKind.CONNECTION_FAILED,
    }
)
"""Failures after which another model is worth a try. A lost answer is not among them: its picture may exist."""


OF_THE_PROVIDER = ANOTHER_MAY - {
    ErrorKind.POLICY,
    ErrorKind.NO_IMAGE,
    ErrorKind.BAD_REQUEST,
    ErrorKind.NOT_FOUND,
}


@dataclass(frozen=True, slots=True)
class UnmetWishes:
    """The request of a job, the models that failed, and how many of its pictures they failed to make.

    A cut-out has no request: no model makes it.

    `providers` are those that failed whatever the model: no other one of theirs would do better.
    """

    request: GenerationRequest | None
    models: frozenset[str]
    providers: frozenset[str]
    pictures: int


def unmet_wishes(session: Session, job: Job) -> UnmetWishes:
    """What is unmet of a job's wishes."""
    request = stored_request(job.request)
    if not isinstance(request, GenerationRequest):
        return UnmetWishes(None, frozenset(), frozenset(), 0)
    failed = session.execute(
        select(col(Task.provider), col(Task.model), col(Attempt.error_kind))
        .join(Attempt, (col(Attempt.task_id) == col(Task.id)) & (col(Attempt.number) == col(Task.attempts)))
        .where(
            col(Task.job_id) == job.id,
            col(Task.state) == TaskState.FAILED,
            col(Attempt.state).in_([AttemptState.FAILED, AttemptState.REFUSED]),
            col(Attempt.error_kind).in_(sorted(ANOTHER_MAY)),
        )
    ).all()
    models = frozenset(model for _, model, _ in failed)
    providers = frozenset(provider for provider, _, kind in failed if kind in OF_THE_PROVIDER)
    return UnmetWishes(request, models, providers, len(failed))
