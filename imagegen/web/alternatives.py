"""What a request that passes a cap could be instead: each a change that can be taken with one click. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from imagegen.catalogue.catalogue import Catalogue
from imagegen.catalogue.records import MicroUsd, as_usd
from imagegen.jobs.engine import QuotedRequest
from imagegen.jobs.unmet import UnmetWishes
from imagegen.jobs.views import QuoteView
from imagegen.plan import combinations, total
from imagegen.request import IMAGE_SIZES, GenerationRequest, RequestError

Quoting = Callable[[GenerationRequest], QuotedRequest]
Change = Mapping[str, object]


def instead_of(wishes: UnmetWishes, quoting: Quoting, catalogue: Catalogue) -> list[dict[str, object]]:
    """Other models for the pictures that some failed to make: each a change of the job's own request.

    The cheapest come first, an unknown price last.
    """
    request = wishes.request
    if request is None or wishes.pictures == 0:
        return []
    counted = _counted(request, wishes.pictures)
    found: list[tuple[float, dict[str, object]]] = []
    for provider, model in catalogue.entries():
        if provider.stand_in or provider.id in wishes.providers or model.overnight or model.id in wishes.models:
            continue
        change = {**_named(request, model.id), **counted}
        quoted = _quoted(request, change, quoting)
        if quoted is not None and quoted.choice.model.id == model.id:  # a retired one would be made by another
            price = as_usd(quoted.quote.whole)
            found.append((float("inf") if price is None else price, _alternative(change, quoted)))
    return [alternative for _, alternative in sorted(found, key=lambda one: one[0])]


def _counted(request: GenerationRequest, pictures: int) -> Change:
    """What makes that many pictures of the request."""
    if total(request) == pictures:
        return {}
    if request.mode == "single" and len(combinations(request)) == 1:
        return {"count": pictures}
    return {"mode": "batch", "total_images": pictures, "count": 1}


def _named(request: GenerationRequest, model: str) -> Change:
    """The model by its name, without the wishes that belong to `auto`."""
    routing = {} if request.routing == "order" else {"routing": "order"}
    budget = {} if request.budget is None else {"budget": None}
    return {"model": model, **routing, **budget}


def alternatives(
    request: GenerationRequest, room: MicroUsd, quoting: Quoting, catalogue: Catalogue
) -> list[dict[str, object]]:
    """Smaller pictures, fewer, fewer smaller ones, another model, or none at all, as far as each fits into `room`.

    Each is `{"change": fields to set, "quote": what it then costs}`.
    """
    found: list[dict[str, object]] = []
    for change in (*_lesser(request, room, quoting), *_other_models(request, catalogue)):
        quoted = _quoted(request, change, quoting)
        if quoted is not None and quoted.quote.whole is not None and quoted.quote.whole <= room:
            found.append(_alternative(change, quoted))
    nothing = QuoteView(usd=0.0, credits=0, per_image_usd=None, known=True)
    return [*found, {"change": {"should_generate": False}, "quote": nothing.model_dump()}]


def _lesser(request: GenerationRequest, room: MicroUsd, quoting: Quoting) -> Iterator[Change]:
    """All pictures in a smaller size, fewer in the size that was asked for, or more of them in a smaller one."""
    smaller = [{"image_size": size} for size in reversed(IMAGE_SIZES[: IMAGE_SIZES.index(request.image_size)])]
    yield from smaller
    most = 0
    for size in ({}, *smaller):
        for name, count in _fewer(request.model_copy(update=size), room, quoting):
            if count > most:
                most = count
                yield {**size, name: count}


def _quoted(request: GenerationRequest, change: Change, quoting: Quoting) -> QuotedRequest | None:
    try:
        return quoting(request.model_copy(update=dict(change)))
    except RequestError:
        return None


def _fewer(request: GenerationRequest, room: MicroUsd, quoting: Quoting) -> Iterator[tuple[str, int]]:
    """The field that says how many, and as many as fit, where that is fewer than all of them."""
    quoted = _quoted(request, {}, quoting)
    if quoted is None or not quoted.quote.per_image or (quoted.quote.whole or 0) <= room:
        return
    affordable = room // quoted.quote.per_image
    if request.mode == "batch":
        if affordable:
            yield "total_images", affordable
    elif affordable >= len(combinations(request)):
        yield "count", affordable // len(combinations(request))


def _other_models(request: GenerationRequest, catalogue: Catalogue) -> Iterator[Change]:
    """Without stand-ins: an offline sketch is no substitute for a picture."""
    for provider, model in catalogue.entries():
        if not provider.stand_in and request.model not in (model.id, *model.aliases):
            yield _named(request, model.id)


def _alternative(change: Change, quoted: QuotedRequest) -> dict[str, object]:
    quote = QuoteView(
        usd=as_usd(quoted.quote.whole),
        credits=quoted.total,
        per_image_usd=as_usd(quoted.quote.per_image),
        known=quoted.quote.known,
    )
    return {"change": dict(change), "quote": quote.model_dump()}
