"""Google's Gemini over the Developer API, through google-genai with its retries switched off.

The overnight lane is the same model through its Batch API, at half the price.

google-genai is imported when the first picture is asked for: importing it takes most of a second.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from imagegen.catalogue.geometry import EDGE_FACTORS, PIXELS, PIXELS_1K
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
from imagegen.providers import gemini_batch
from imagegen.providers.base import LeftWithVendorError, Picture, ProviderCall, Reporter
from imagegen.providers.gemini_access import Access
from imagegen.providers.gemini_answer import checked, picture_in
from imagegen.providers.wire import WireProvider

if TYPE_CHECKING:
    from imagegen.providers.gemini_wire import GeminiWire

_PRO_IMAGE = ModelRecord(
    # The preview of that name was shut down on 2026-06-25; the same model is served under its released name.
    id="gemini-3-pro-image-preview",
    wire_id="gemini-3-pro-image",
    aliases=("gemini-3-pro-image",),
    title="Gemini 3 Pro Image",
    tier=Tier.BEST,
    capabilities=Capabilities(
        aspect_ratios=tuple(PIXELS_1K),
        image_sizes=tuple(EDGE_FACTORS),
        max_references=14,
        pixels=PIXELS,
        seed="best effort",
        output_formats=(),  # the Developer API offers no choice; it answers with JPEG
    ),
    price=Price(
        per_image={"1K": micro_usd("0.134"), "2K": micro_usd("0.134"), "4K": micro_usd("0.24")},
        per_reference=micro_usd("0.00112"),  # 560 input tokens
        input_per_million_tokens=micro_usd("2"),
        output_text_per_million_tokens=micro_usd("12"),
        output_image_per_million_tokens=micro_usd("120"),
        meter=Meter("google", "gemini-3-pro-image", {"1K": 1120, "2K": 1120, "4K": 2000}, reference_tokens=560),
        source=Source("https://ai.google.dev/gemini-api/docs/pricing", date(2026, 9, 20)),
    ),
    # Promised until 2027-05-28 at least, which is no date of its end.
    lifecycle=Lifecycle(source=Source("https://ai.google.dev/gemini-api/docs/deprecations", date(2026, 11, 21))),
)

_OVERNIGHT = replace(
    _PRO_IMAGE,
    id="gemini-3-pro-image-batch",
    aliases=(),
    title="Gemini 3 Pro Image · overnight",
    price=Price(  # half of everything
        per_image={"1K": micro_usd("0.067"), "2K": micro_usd("0.067"), "4K": micro_usd("0.12")},
        per_reference=micro_usd("0.00056"),
        input_per_million_tokens=micro_usd("1"),
        output_text_per_million_tokens=micro_usd("6"),
        output_image_per_million_tokens=micro_usd("60"),
        source=Source("https://ai.google.dev/gemini-api/docs/pricing", date(2026, 9, 20)),
    ),
    overnight=True,
)

_IMAGEN_END = Lifecycle(
    retired_on=date(2026, 8, 17),
    # Google's own word for Ultra; for the others it names a model that is not offered here.
    successor=_PRO_IMAGE.id,
    source=Source("https://firebase.google.com/docs/ai-logic/imagen-models-migration", date(2026, 11, 21)),
)
_NOTHING = Capabilities(
    aspect_ratios=(), image_sizes=(), max_references=0, pixels={}, seed="best effort", output_formats=()
)


def _imagen(kind: str, title: str) -> ModelRecord:
    """One of Imagen 4: it is known, and nothing can be asked of it."""
    name = f"imagen-4.0-{kind}generate-001"
    return ModelRecord(
        id=name, wire_id=name, title=title, capabilities=_NOTHING, price=None, lifecycle=_IMAGEN_END
    )


_IMAGEN = (_imagen("", "Imagen 4"), _imagen("fast-", "Imagen 4 Fast"), _imagen("ultra-", "Imagen 4 Ultra"))


class GeminiProvider(WireProvider["GeminiWire"]):
    """Gemini over the Developer API."""

    record: ClassVar[ProviderRecord] = ProviderRecord(
        id="gemini", title="Gemini", paid=True, models=(_PRO_IMAGE, _OVERNIGHT, *_IMAGEN), resumable=True
    )

    @property
    def access(self) -> Access:
        """As whom Google knows this provider."""
        return Access.STUDIO_KEY

    async def generate(self, call: ProviderCall, reporter: Reporter) -> Picture:
        """Make one picture with one POST, or leave it with Google for the night. Raises as the port says."""
        wire = await self._ready()
        if call.model.overnight:
            await reporter.created(await gemini_batch.created(wire, call))
            raise LeftWithVendorError
        answer = await wire.post(call, reporter.receiving)
        return picture_in(answer.status, answer.body, call.model.price, self.access)

    async def resume(self, call: ProviderCall, remote_id: str, reporter: Reporter) -> Picture:
        """Wait for the picture of that batch job, for days where it must be. Raises `ProviderError`."""
        return await gemini_batch.picture_of(await self._ready(), call, remote_id, reporter)

    async def cancel(self, remote_id: str) -> None:
        """Cancel that batch job. Raises `ProviderError`."""
        await gemini_batch.cancel(await self._ready(), remote_id)

    async def check(self) -> None:
        """Ask for the record of the model, which costs nothing. Raises `ProviderError`."""
        wire = await self._ready()
        checked(await wire.look_up(_PRO_IMAGE.wire_id), self.access)

    def _load(self) -> Callable[..., GeminiWire]:
        from imagegen.providers.gemini_wire import KeyWire  # noqa: PLC0415 - brings google-genai with it

        return KeyWire
