"""Choosing a model for a request. Pure: catalogue, request and date in; a choice with its reasons, or why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from imagegen.catalogue.catalogue import Catalogue
from imagegen.catalogue.records import ModelRecord, ModelStatus, ProviderRecord
from imagegen.request import FieldProblem, GenerationRequest, RequestError

OnRetired = Literal["reroute", "refuse"]
"""What becomes of a request that names a retired model: its successor makes it, or nobody does."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that will serve, and why, in plain words.

    `notice` is a sentence that the person should see wherever the request is shown: another model than the named
    one serves.
    """

    provider: ProviderRecord
    model: ModelRecord
    reasons: tuple[str, ...]
    notice: str | None = None


def obstacles(request: GenerationRequest, model: ModelRecord) -> tuple[FieldProblem, ...]:
    """What in the request this model cannot do; empty when it can serve."""
    can = model.capabilities
    found: list[FieldProblem] = []
    for name, value, allowed in (
        ("aspect_ratio", request.aspect_ratio, can.aspect_ratios),
        ("image_size", request.image_size, can.image_sizes),
    ):
        if value not in allowed:
            message = f"{name}: {model.title} does not make {value}; it makes {', '.join(allowed)}"
            found.append(FieldProblem(name, value, list(allowed), message))
    given = len(request.reference_images)
    if given > can.max_references:
        message = f"reference_images: {model.title} takes at most {can.max_references}, {given} were given"
        found.append(FieldProblem("reference_images", given, {"maxItems": can.max_references}, message))
    return tuple(found)


def choose(
    request: GenerationRequest, catalogue: Catalogue, today: date, on_retired: OnRetired = "reroute"
) -> Choice:
    """The named model, or for `auto` the first in order of preference that can do the request.

    Raises `RequestError` when the model is unknown, or retired with nobody to serve instead, or when nothing can.
    """
    if request.model != "auto":
        return _named(request, catalogue, today, on_retired)
    passed_over: list[str] = []
    first_obstacles: tuple[FieldProblem, ...] = ()
    for provider, model in catalogue.entries():
        if model.lifecycle.status_on(today) is ModelStatus.RETIRED or (provider.stand_in and first_obstacles):
            continue
        problems = obstacles(request, model)
        if not problems:
            return Choice(provider, model, (*passed_over, _why_auto(model, catalogue, today)))
        first_obstacles = first_obstacles or problems
        passed_over.extend(problem.message for problem in problems)
    if first_obstacles:
        raise RequestError(*first_obstacles)
    raise RequestError(FieldProblem("model", "auto", [], "model: no provider is switched on"))


def _why_auto(model: ModelRecord, catalogue: Catalogue, today: date) -> str:
    if catalogue.choosable(today) == ("auto", model.id):
        return f"{model.title} is the only model that is switched on"
    return f"{model.title} is the first in order that can do this"


def _named(request: GenerationRequest, catalogue: Catalogue, today: date, on_retired: OnRetired) -> Choice:
    choosable = catalogue.choosable(today)
    found = catalogue.find(request.model)
    if found is None:
        shown = request.model[:100]
        why = f"needs {needs}, which is not set" if (needs := catalogue.needed.get(shown)) else "is unknown"
        message = f"model: {shown} {why}; allowed: {', '.join(choosable)}"
        raise RequestError(FieldProblem("model", shown, list(choosable), message))
    asked, notice = found[1], None
    if asked.lifecycle.status_on(today) is ModelStatus.RETIRED:
        found = catalogue.successor(asked, today) if on_retired == "reroute" else None
        if found is None:
            raise RequestError(_retired(asked, request.model, choosable))
        notice = f"{asked.title} was retired on {asked.lifecycle.retired_on}; {found[1].title} takes its place."
    provider, model = found
    problems = obstacles(request, model)
    if problems:
        raise RequestError(*problems)
    return Choice(provider, model, (notice or f"{model.title} was asked for by name",), notice)


def _retired(model: ModelRecord, named: str, choosable: tuple[str, ...]) -> FieldProblem:
    message = f"model: {model.title} was retired on {model.lifecycle.retired_on}; allowed: {', '.join(choosable)}"
    return FieldProblem("model", named, list(choosable), message)
