"""What the engine refuses, as problem documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import Request
from starlette.responses import Response

from imagegen.catalogue.records import as_usd
from imagegen.jobs.actions import UnknownTask
from imagegen.jobs.engine import StorageFull
from imagegen.jobs.spending import OverBudget
from imagegen.jobs.submit import IdempotencyClash
from imagegen.request import FieldProblem, RequestError
from imagegen.web.problems import Handlers, Problem, invalid


async def on_request_error(_: Request, error: RequestError) -> Response:
    """422: the request cannot be done as it stands."""
    return invalid(*error.problems).response()


async def on_unknown_task(_: Request, error: UnknownTask) -> Response:
    """422: the job has no such tasks."""
    message = f"task_indexes: this job has no task {', '.join(map(str, error.indexes[:10]))}"
    allowed = {"minimum": 0, "maximum": error.total - 1}
    return invalid(FieldProblem("task_indexes", list(error.indexes[:10]), allowed, message)).response()


async def on_idempotency_clash(_: Request, error: IdempotencyClash) -> Response:
    """409: the key was used with another request."""
    message = "Idempotency-Key: it was used before with another body; use a new key for a new request"
    clash = FieldProblem("Idempotency-Key", None, "a key not used before", message)
    return Problem(409, message, errors=[clash]).response()


async def on_over_budget(_: Request, error: OverBudget) -> Response:
    """402: trying tasks again would pass a cap."""
    return over_budget(error, []).response()


def over_budget(error: OverBudget, alternatives: Sequence[Mapping[str, object]]) -> Problem:
    """402: it would pass a cap; `alternatives` are changes that would not."""
    asked = "an unknown amount" if error.asked is None else f"${as_usd(error.asked)}"
    spent = f", of which ${as_usd(error.spent)} is spent or promised today" if error.spent else ""
    detail = (
        f"It would cost {asked}; {error.cap} allows ${as_usd(error.limit)}{spent}. Nothing was sent or billed."
    )
    return Problem(402, detail, more={"alternatives": list(alternatives)})


async def on_storage_full(_: Request, error: StorageFull) -> Response:
    """507: there is no room for what would be made."""
    return Problem(
        507, "The disk of the data folder is full. Nothing was sent or billed; free some space."
    ).response()


HANDLERS: Handlers = {
    RequestError: on_request_error,
    UnknownTask: on_unknown_task,
    IdempotencyClash: on_idempotency_clash,
    OverBudget: on_over_budget,
    StorageFull: on_storage_full,
}
