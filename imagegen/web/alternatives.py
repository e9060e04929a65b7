"""What a request that passes a cap could be instead: each a change that can be taken with one click. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from imagegen.catalogue.catalogue import Catalogue
from imagegen.catalogue.records import MicroUsd, as_usd
from imagegen.jobs.engine import QuotedRequest
from imagegen.jobs.views import QuoteView
from imagegen.plan import combinations
from imagegen.request import IMAGE_SIZES, GenerationRequest, RequestError

Quoting = Callable[[GenerationRequest], QuotedRequest]
Change = Mapping[str, object]


def alternatives(
    request: GenerationRequest, room: MicroUsd, quoting: Quoting, catalogue: Catalogue
) -> list[dict[str, object]]:
    """Smaller pictures, fewer pictures, another paid model, or none at all, as far as each fits into `room`.

    Each is `{"change": fields to set, "quote": what it then costs}`.
    """
    found: list[dict[str, object]] = []
    for change in (*_smaller(request), *_fewer(request, room, quoting), *_other_models(request, catalogue)):
        try:
            quoted = quoting(request.model_copy(update=dict(change)))
        except RequestError:
            continue
        if quoted.quote.whole is not None and quoted.quote.whole <= room:
            found.append(_alternative(change, quoted))
    nothing = QuoteView(usd=0.0, credits=0, per_image_usd=None, known=True)
    return [*found, {"change": {"should_generate": False}, "quote": nothing.model_dump()}]


def _smaller(request: GenerationRequest) -> Iterator[Change]:
    for size in reversed(IMAGE_SIZES[: IMAGE_SIZES.index(request.image_size)]):
        yield {"image_size": size}


def _fewer(request: GenerationRequest, room: MicroUsd, quoting: Quoting) -> Iterator[Change]:
    each = quoting(request).quote.per_image
    if not each:
        return
    affordable = room // each
    if request.mode == "batch":
        if affordable:
            yield {"total_images": affordable}
    elif affordable >= len(combinations(request)):
        yield {"count": affordable // len(combinations(request))}


def _other_models(request: GenerationRequest, catalogue: Catalogue) -> Iterator[Change]:
    """Without stand-ins: an offline sketch is no substitute for a picture."""
    for provider, model in catalogue.entries():
        if not provider.stand_in and request.model not in (model.id, *model.aliases):
            yield {"model": model.id}


def _alternative(change: Change, quoted: QuotedRequest) -> dict[str, object]:
    quote = QuoteView(
        usd=as_usd(quoted.quote.whole),
        credits=quoted.total,
        per_image_usd=as_usd(quoted.quote.per_image),
        known=True,
    )
    return {"change": dict(change), "quote": quote.model_dump()}
