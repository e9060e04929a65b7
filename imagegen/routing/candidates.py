"""Which models can make a request at all, and what each would ask for one picture. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from imagegen.catalogue.catalogue import Catalogue
from imagegen.catalogue.records import MicroUsd, ModelRecord, ModelStatus, ProviderRecord
from imagegen.quote import price_for
from imagegen.request import FieldProblem, GenerationRequest


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that can make the request. `usd` is the list price of one picture, None where it is not known."""

    provider: ProviderRecord
    model: ModelRecord
    usd: MicroUsd | None


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is known at this moment beside the catalogue.

    `seconds` is the usual time that a picture of a model took lately, by model id; `down` are the providers whose
    circuit is open, by id, with the reason in words.
    """

    seconds: Mapping[str, float] = field(default_factory=dict)
    down: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Considered:
    """A living model, and what in the request it cannot do; without problems it is a candidate."""

    candidate: Candidate
    problems: tuple[FieldProblem, ...]


def consider(request: GenerationRequest, catalogue: Catalogue, today: date) -> list[Considered]:
    """The living models in order of preference, but those that take hours.

    A stand-in is among them where no other provider has one, or where it was put first and the order decides.
    Where a seed is asked for, who takes none can make the request only if nobody else can.
    """
    found = [
        Considered(Candidate(provider, model, price_for(request, model)), obstacles(request, model))
        for provider, model in catalogue.entries()
        if model.lifecycle.status_on(today) is not ModelStatus.RETIRED and not model.overnight
    ]
    if not found or (request.routing == "order" and found[0].candidate.provider.stand_in):
        return _with_seed(found, request)
    return _with_seed([one for one in found if not one.candidate.provider.stand_in] or found, request)


def _with_seed(found: list[Considered], request: GenerationRequest) -> list[Considered]:
    if request.seed is None or all(one.problems or _takes_none(one) for one in found):
        return found
    return [
        replace(one, problems=(*one.problems, _no_seed(request, one.candidate.model))) if _takes_none(one) else one
        for one in found
    ]


def _takes_none(one: Considered) -> bool:
    return one.candidate.model.capabilities.seed == "none"


def _no_seed(request: GenerationRequest, model: ModelRecord) -> FieldProblem:
    return FieldProblem("seed", request.seed, None, f"seed: {model.title} takes no seed")


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
        if can.max_references == 0:
            message = f"reference_images: {model.title} takes none, {given} were given"
        found.append(FieldProblem("reference_images", given, {"maxItems": can.max_references}, message))
    return tuple(found)
