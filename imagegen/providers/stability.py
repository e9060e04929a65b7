"""Stability AI's image models over its REST API: one multipart POST, and the answer is the picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from imagegen.catalogue.geometry import PIXELS_1K
from imagegen.catalogue.records import (
    Capabilities,
    Lifecycle,
    ModelRecord,
    Price,
    ProviderRecord,
    Source,
    Tier,
    micro_usd,
)
from imagegen.providers.answer import check_of
from imagegen.providers.base import Picture, ProviderCall, Reporter
from imagegen.providers.stability_answer import picture_in
from imagegen.providers.wire import WireProvider

if TYPE_CHECKING:
    from imagegen.providers.stability_wire import StabilityWire

_READ_ON = date(2026, 11, 21)
_DOCUMENT = Source("Stability AI's OpenAPI document, v2beta, as mirrored by tryAGI/StabilityAI", _READ_ON)
_CREDITS = Source(f"{_DOCUMENT.where}: credits a picture, at $0.01 each", _READ_ON)

RATIOS = ("1:1", "2:3", "3:2", "4:5", "5:4", "9:16", "16:9", "21:9")
"""What the vendor takes of the house's ratios; it knows 9:21 as well, and neither 3:4 nor 4:3."""


def _model(
    model_id: str, wire_id: str, title: str, dollars: str, *, references: int, tier: Tier = Tier.STANDARD
) -> ModelRecord:
    return ModelRecord(
        id=model_id,
        wire_id=wire_id,
        title=title,
        capabilities=Capabilities(
            aspect_ratios=RATIOS,
            image_sizes=("1K",),
            max_references=references,
            # A ratio is asked for, and about one megapixel promised; the house's table is the best guess.
            pixels={(ratio, "1K"): PIXELS_1K[ratio] for ratio in RATIOS},
            seed="exact",
            output_formats=("png", "jpeg", "webp"),
            reference_max_edge=1536,  # the picture has a megapixel, and the whole request at most 10 MiB
        ),
        price=Price(per_image={"1K": micro_usd(dollars)}, source=_CREDITS),
        lifecycle=Lifecycle(source=_DOCUMENT),
        tier=tier,
    )


_MODELS = (
    _model("stable-image-ultra", "ultra", "Stable Image Ultra", "0.08", references=1, tier=Tier.BEST),
    _model("stable-image-core", "core", "Stable Image Core", "0.03", references=0),
    _model("sd3.5-large", "sd3.5-large", "Stable Diffusion 3.5 Large", "0.065", references=1),
    _model("sd3.5-large-turbo", "sd3.5-large-turbo", "Stable Diffusion 3.5 Large Turbo", "0.04", references=1),
    _model("sd3.5-medium", "sd3.5-medium", "Stable Diffusion 3.5 Medium", "0.035", references=1),
)

_LIKE_ITS_REFERENCE = "The picture has the shape of its reference, which this model does not change."


class StabilityProvider(WireProvider["StabilityWire"]):
    """Stable Image Ultra and Core, and Stable Diffusion 3.5."""

    record: ClassVar[ProviderRecord] = ProviderRecord(
        id="stability", title="Stability AI", paid=True, models=_MODELS
    )

    async def generate(self, call: ProviderCall, reporter: Reporter) -> Picture:
        """Make one picture with one POST. Raises `ProviderError` and nothing else, save cancellation."""
        wire = await self._ready()
        answer = await wire.post(call, reporter.receiving)
        picture = picture_in(answer.status, answer.headers, answer.body)
        if call.references and not wire.has_shape(call.aspect_ratio, picture.data):
            picture = replace(picture, notice=_LIKE_ITS_REFERENCE)
        return picture

    async def check(self) -> None:
        """Ask for the account's balance, which costs nothing. Raises `ProviderError`."""
        wire = await self._ready()
        check_of(await wire.look_up(), self.record.title)

    def _load(self) -> Callable[..., StabilityWire]:
        from imagegen.providers.stability_wire import StabilityWire  # noqa: PLC0415 - brings httpx2 with it

        return StabilityWire
