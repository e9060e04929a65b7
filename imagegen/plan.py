"""From a request to the exact, ordered list of pictures it stands for. Pure.

`len(plan(request)) == total(request)` always: the number shown before the click is the number made.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle, islice

from imagegen.request import SEED_MAX, TASKS_MAX, FieldProblem, GenerationRequest, RequestError

Combination = tuple[str | None, str | None]
"""A style id and a subject; None where the request has none."""


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """One picture to make. `index` counts from 0 in the order of the plan."""

    index: int
    style: str | None
    subject: str | None
    seed: int


def combinations(request: GenerationRequest) -> tuple[Combination, ...]:
    """Styles × subjects, style by style: A/groom, A/bride, B/groom, B/bride."""
    styles: tuple[str | None, ...] = request.styles or (None,)
    subjects: tuple[str | None, ...] = request.subjects or (None,)
    return tuple((style, subject) for style in styles for subject in subjects)


def total(request: GenerationRequest) -> int:
    """How many pictures the request makes. Raises `RequestError` above the limit of one job."""
    if request.mode == "batch":
        return request.total_images or 0
    pictures = len(combinations(request)) * request.count
    if pictures > TASKS_MAX:
        message = (
            f"count: {len(combinations(request))} combinations × {request.count} = {pictures} images; "
            f"one job makes at most {TASKS_MAX}"
        )
        raise RequestError(FieldProblem("count", request.count, {"images_at_most": TASKS_MAX}, message))
    return pictures


def plan(request: GenerationRequest, base_seed: int) -> tuple[PlannedTask, ...]:
    """The tasks of a request in order.

    `base_seed` is the request's own seed or a drawn one; picture n gets base + n, so that no two of a job are
    alike and the whole job can be made again from one number.
    """
    wanted = total(request)
    pairs = combinations(request)
    if request.mode == "batch":
        ordered = islice(cycle(pairs), wanted)
    else:
        ordered = (pair for pair in pairs for _ in range(request.count))  # type: ignore[assignment]
    return tuple(
        PlannedTask(index, style, subject, (base_seed + index) % (SEED_MAX + 1))
        for index, (style, subject) in enumerate(ordered)
    )
