"""Choosing a model for a request. Pure: catalogue, request and date in; a choice with its reasons, or why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from imagegen.catalogue.catalogue import Catalogue
from imagegen.catalogue.records import ModelRecord, ModelStatus, ProviderRecord, as_usd
from imagegen.request import FieldProblem, GenerationRequest, RequestError
from imagegen.routing.candidates import Candidate, Conditions, Considered, consider, obstacles
from imagegen.routing.ranking import rank, why, within_budget

OnRetired = Literal["reroute", "refuse"]
"""What becomes of a request that names a retired model: its successor makes it, or nobody does."""

QUIET = Conditions()


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that will serve, and why, in plain words.

    `notice` is a sentence that the person should see wherever the request is shown: another model than the named
    one serves. `others` would serve in its place, in that order, where the request allows it.
    """

    provider: ProviderRecord
    model: ModelRecord
    reasons: tuple[str, ...]
    notice: str | None = None
    others: tuple[Candidate, ...] = ()


def choose(
    request: GenerationRequest,
    catalogue: Catalogue,
    today: date,
    on_retired: OnRetired = "reroute",
    now: Conditions = QUIET,
) -> Choice:
    """The named model, or for `auto` the best that can do the request, as its `routing` and `budget` have it.

    Raises `RequestError` when the model is unknown, or retired with nobody to serve instead, or when nothing can.
    """
    if request.model != "auto":
        return _named(request, catalogue, today, on_retired, now)
    considered = consider(request, catalogue, today)
    able = _able(considered)
    if not able:
        raise RequestError(*(considered[0].problems if considered else (_nothing_on(),)))
    affordable = within_budget(able, request)
    if not affordable:
        raise RequestError(_too_dear(request, able))
    ranked = rank(affordable, request.routing, now)
    first = ranked[0]
    reasons = [
        *(_passed_over(considered, first) if request.routing == "order" else ()),
        why(first, ranked, request.routing, now, alone=catalogue.choosable(today) == ("auto", first.model.id)),
        *_left_out(request, able, affordable),
        *_down(affordable, now),
        *_seedless(request, first.model),
    ]
    notice = None
    preferred = rank(affordable, request.routing, replace(now, down={}))[0]
    if preferred.provider is not first.provider:
        told = f"{preferred.provider.title} cannot be used at the moment"
        notice = f"{told}; {first.model.title} takes its place."
    others = _others(request, ranked, first.model)
    return Choice(first.provider, first.model, tuple(reasons), notice, others)


def fallbacks(
    request: GenerationRequest, catalogue: Catalogue, today: date, now: Conditions, model: ModelRecord
) -> tuple[Candidate, ...]:
    """Who may make the request in the place of that model, best first; none where the request forbids it."""
    ranked = rank(within_budget(_able(consider(request, catalogue, today)), request), request.routing, now)
    return _others(request, ranked, model)


def _others(
    request: GenerationRequest, ranked: Sequence[Candidate], serving: ModelRecord
) -> tuple[Candidate, ...]:
    if not request.may_fail_over:
        return ()
    return tuple(one for one in ranked if one.model.id != serving.id and not one.provider.stand_in)


def _able(considered: Sequence[Considered]) -> list[Candidate]:
    return [one.candidate for one in considered if not one.problems]


def _nothing_on() -> FieldProblem:
    return FieldProblem("model", "auto", [], "model: no provider is switched on")


def _too_dear(request: GenerationRequest, able: list[Candidate]) -> FieldProblem:
    known = [one for one in able if one.usd is not None]
    message = "budget: no model that can do this has a known price"
    least = min(known, key=lambda one: one.usd or 0, default=None)
    if least is not None:
        price = f"{as_usd(least.usd):g}"
        cheapest = f"the cheapest is {least.model.title} at ${price} a picture"
        message = f"budget: nothing makes this for so little; {cheapest}"
    allowed = {"minimum": None if least is None else as_usd(least.usd)}
    return FieldProblem("budget", request.budget, allowed, message)


def _passed_over(considered: Sequence[Considered], first: Candidate) -> list[str]:
    """What those lack who stand before the first in the order of preference."""
    models = [one.candidate.model.id for one in considered]
    before = considered[: models.index(first.model.id)]
    return [problem.message for one in before for problem in one.problems]


def _left_out(request: GenerationRequest, able: list[Candidate], affordable: list[Candidate]) -> list[str]:
    left = len(able) - len(affordable)
    if not left:
        return []
    limit = f"${request.budget_usd:g}"
    return [f"Above the budget of {limit} a picture, or of unknown price: {left} of {len(able)} models"]


def _down(able: list[Candidate], now: Conditions) -> list[str]:
    """Who goes last because of trouble at the vendor."""
    titles = dict.fromkeys(one.provider.title for one in able if one.provider.id in now.down)
    return [f"{title} cannot be used at the moment, so it goes last" for title in titles]


def _seedless(request: GenerationRequest, model: ModelRecord) -> list[str]:
    if request.seed is None or model.capabilities.seed != "none":
        return []
    return [f"{model.title} takes no seed, so it makes another picture each time"]


def _named(
    request: GenerationRequest, catalogue: Catalogue, today: date, on_retired: OnRetired, now: Conditions
) -> Choice:
    choosable = catalogue.choosable(today)
    found = catalogue.find(request.model)
    if found is None:
        shown = request.model[:100]
        why_not = f"needs {needs}, which is missing" if (needs := catalogue.needed.get(shown)) else "is unknown"
        message = f"model: {shown} {why_not}; allowed: {', '.join(choosable)}"
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
    reasons = [notice or f"{model.title} was asked for by name"]
    if provider.id in now.down:
        reasons.append(f"{provider.title} cannot be used at the moment")
    reasons += _seedless(request, model)
    others = fallbacks(request, catalogue, today, now, model)
    return Choice(provider, model, tuple(reasons), notice, others)


def _retired(model: ModelRecord, named: str, choosable: tuple[str, ...]) -> FieldProblem:
    message = f"model: {model.title} was retired on {model.lifecycle.retired_on}; allowed: {', '.join(choosable)}"
    return FieldProblem("model", named, list(choosable), message)
