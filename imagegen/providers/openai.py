"""OpenAI's GPT-Image models over the Images API, through the openai client with its retries switched off.

openai is imported when the first picture is asked for: importing it takes most of a second.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from imagegen.catalogue.geometry import PIXELS, PIXELS_1K
from imagegen.catalogue.records import (
    Capabilities,
    Lifecycle,
    Meter,
    ModelRecord,
    Price,
    ProviderRecord,
    Source,
    Tier,
    micro_usd,
)
from imagegen.providers.answer import check_of
from imagegen.providers.base import ErrorKind, Picture, ProviderCall, ProviderError, Reporter
from imagegen.providers.openai_answer import heard, picture_in
from imagegen.providers.openai_options import PARTIAL_IMAGES
from imagegen.providers.wire import WireProvider

if TYPE_CHECKING:
    from imagegen.providers.openai_wire import OpenAiWire

_READ_ON = date(2026, 11, 21)
_CLIENT = Source("openai 3.54.0, openai/types/image_model.py", _READ_ON)
_PRICES = Source(
    "genai-prices 0.2.3 (tokens); a picture of 1024 × 1024 pixels: fal's rows in litellm 1.109.1 and "
    "developers.openai.com/api/docs/models",
    _READ_ON,
)
_DEPRECATED = Source("litellm 1.109.1, deprecation_date", _READ_ON)

# The vendor takes any width and height that are multiples of 16 with 655,360 to 8,294,400 pixels, edges of at most
# 3840 pixels and a ratio of at most 3:1 (openai 3.54.0, image_generate_params.py; the limits of pixels and edges
# from pydantic-ai's geometry table; both read 2026-11-21). The house's table keeps to that at 1K and 2K. At 4K all
# of its ratios pass 8,294,400 pixels, so 4K is not offered.
_FREE_SIZES = Capabilities(
    aspect_ratios=tuple(PIXELS_1K),
    image_sizes=("1K", "2K"),
    max_references=16,
    pixels={(ratio, size): pixels for (ratio, size), pixels in PIXELS.items() if size != "4K"},
    seed="none",
    output_formats=("png", "jpeg", "webp"),
)
_THREE_SIZES = Capabilities(
    aspect_ratios=("1:1", "2:3", "3:2"),
    image_sizes=("1K",),
    max_references=16,
    pixels={("1:1", "1K"): (1024, 1024), ("2:3", "1K"): (1024, 1536), ("3:2", "1K"): (1536, 1024)},
    seed="none",
    output_formats=("png", "jpeg", "webp"),
)

_PARTIAL_TOKENS = 100
"""Image tokens that each early state of a picture costs beside it (OpenAI's guide, as quoted by apidog.com on
2026-09-09)."""


def _price(model: str, tokens: int, one: str, *, million: tuple[str, str, str]) -> Price:
    """`tokens` are those of a picture of about 1024 × 1024 pixels in the quality that is asked for; `one` what it
    costs with its early states; `million` the dollars per million tokens of text, references and pictures.

    2K has no listed price. How many tokens a reference takes is not published, so its price is not known.
    """
    text, reference, picture = million
    return Price(
        per_image={"1K": micro_usd(one)},
        per_reference=None,
        input_per_million_tokens=micro_usd(text),
        input_image_per_million_tokens=micro_usd(reference),
        output_image_per_million_tokens=micro_usd(picture),
        meter=Meter("openai", model, {"1K": tokens + _PARTIAL_TOKENS * PARTIAL_IMAGES}),
        source=_PRICES,
    )


def _living(model_id: str, title: str, price: Price | None) -> ModelRecord:
    return ModelRecord(
        tier=Tier.BEST,
        id=model_id,
        wire_id=model_id,
        title=title,
        capabilities=_FREE_SIZES,
        price=price,
        lifecycle=Lifecycle(source=_CLIENT),
    )


def _ending(model_id: str, title: str, price: Price | None, successor: str) -> ModelRecord:
    return ModelRecord(
        id=model_id,
        wire_id=model_id,
        title=title,
        capabilities=_THREE_SIZES,
        price=price,
        lifecycle=Lifecycle(retired_on=date(2026, 12, 1), successor=successor, source=_DEPRECATED),
    )


def _gone(model_id: str, title: str, retired_on: date) -> ModelRecord:
    """It is known, and nothing can be asked of it."""
    nothing = Capabilities(
        aspect_ratios=(), image_sizes=(), max_references=0, pixels={}, seed="none", output_formats=()
    )
    return ModelRecord(
        id=model_id,
        wire_id=model_id,
        title=title,
        capabilities=nothing,
        price=None,
        # OpenAI names no successor; its oldest living model is the nearest.
        lifecycle=Lifecycle(retired_on=retired_on, successor="gpt-image-2", source=_CLIENT),
    )


_MODELS = (
    _living("gpt-image-2", "GPT Image 2", _price("gpt-image-2", 1767, "0.056", million=("5", "8", "30"))),
    _living(
        "gpt-image-2.5-sunburst",
        "GPT Image 2.5 Sunburst",
        _price("gpt-image-2.5-sunburst", 1767, "0.056", million=("5", "8", "30")),
    ),
    _living(
        "gpt-image-2.5-flare",
        "GPT Image 2.5 Flare",
        _price("gpt-image-2.5-flare", 1767, "0.056", million=("5", "8", "30")),
    ),
    _living("gpt-image-2.6-sunburst", "GPT Image 2.6 Sunburst", None),
    _living("gpt-image-2.6-flare", "GPT Image 2.6 Flare", None),
    _ending(
        "gpt-image-1.5",
        "GPT Image 1.5",
        _price("gpt-image-1.5", 1063, "0.037", million=("5", "8", "32")),
        "gpt-image-2.5-sunburst",
    ),
    _ending(
        "gpt-image-1-mini",
        "GPT Image 1 Mini",
        _price("gpt-image-1-mini", 1375, "0.012", million=("2", "2.5", "8")),
        "gpt-image-2.5-flare",
    ),
    _gone("gpt-image-1", "GPT Image 1", date(2026, 10, 23)),
    _gone("dall-e-3", "DALL-E 3", date(2026, 5, 12)),
)


class OpenAiProvider(WireProvider["OpenAiWire"]):
    """GPT-Image over the Images API."""

    record: ClassVar[ProviderRecord] = ProviderRecord(id="openai", title="OpenAI", paid=True, models=_MODELS)

    async def generate(self, call: ProviderCall, reporter: Reporter) -> Picture:
        """Make one picture with one POST. Raises `ProviderError` and nothing else, save cancellation."""
        wire = await self._ready()
        answer = await wire.post(call, reporter.receiving, partial(heard, reporter=reporter))
        return picture_in(answer.status, answer.headers, answer.body, call.model.price)

    async def check(self) -> None:
        """Ask for the record of a model, which costs nothing. Raises `ProviderError`."""
        wire = await self._ready()
        status = await wire.look_up(_MODELS[0].wire_id)
        if status == 404:
            raise ProviderError(ErrorKind.NOT_FOUND, "OpenAI does not allow this key to use the model.")
        check_of(status, self.record.title)

    def _load(self) -> type[OpenAiWire]:
        from imagegen.providers.openai_wire import OpenAiWire  # noqa: PLC0415 - brings openai with it

        return OpenAiWire
