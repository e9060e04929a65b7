"""In which order the candidates of an `auto` request are preferred, and why the first one is first. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from imagegen.catalogue.records import as_usd
from imagegen.request import GenerationRequest, Routing
from imagegen.routing.candidates import Candidate, Conditions

_UNKNOWN = float("inf")
_Key = tuple[float, ...]


def rank(able: Sequence[Candidate], routing: Routing, now: Conditions) -> list[Candidate]:
    """The candidates, best first. Those whose provider cannot be used at the moment go last."""
    keys: dict[Routing, Callable[[Candidate], _Key]] = {
        "order": lambda _: (),
        "cheapest": lambda one: (_price(one),),
        "best": lambda one: (-one.model.tier, _price(one)),
        "fastest": lambda one: (now.seconds.get(one.model.id, _UNKNOWN),),
    }
    key = keys[routing]
    return sorted(able, key=lambda one: (one.provider.id in now.down, *key(one)))


def within_budget(able: Sequence[Candidate], request: GenerationRequest) -> list[Candidate]:
    """The candidates that cost no more than the request allows for a picture; an unknown price may be more."""
    limit = request.budget_usd
    if limit is None:
        return list(able)
    return [one for one in able if one.usd is not None and one.usd <= limit * 1_000_000]


def why(first: Candidate, ranked: Sequence[Candidate], routing: Routing, now: Conditions, *, alone: bool) -> str:
    """Why the first of the ranked is first, in words for people; `alone` says that nothing else is switched on."""
    if alone:
        return f"{first.model.title} is the only model that is switched on"
    title, many = first.model.title, len(ranked)
    if many > 1 and routing == "cheapest" and first.usd is not None:
        return f"{title} is the cheapest of {many} that can do this, at ${as_usd(first.usd):g} a picture"
    if many > 1 and routing == "best":
        return f"{title} is of the best quality among {many} that can do this"
    if many > 1 and routing == "fastest":
        seconds = now.seconds.get(first.model.id)
        if seconds is None:
            return f"Nothing was measured yet; {title} is the first in order that can do this"
        return f"{title} is the fastest of {many} that can do this, at {seconds:.0f} s a picture lately"
    return f"{title} is the first in order that can do this"


def _price(one: Candidate) -> float:
    return _UNKNOWN if one.usd is None else float(one.usd)
