"""Replicate's official models: a call is one prediction, which is created, asked about and cancelled by its id."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from imagegen.catalogue.geometry import EDGE_FACTORS, PIXELS, PIXELS_1K, PIXELS_OF_32, Pixels
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
from imagegen.providers.base import ProviderCall, ReferencePicture
from imagegen.providers.remote import Finished, RemoteJobProvider, Running
from imagegen.providers.replicate_answer import created, state_of, stop_answered, uploaded
from imagegen.providers.replicate_input import input_of

if TYPE_CHECKING:
    from imagegen.providers.http_wire import HttpWire

FILES = "/v1/files"
UPLOAD_SECONDS = 60.0
"""For one reference, which has a few megabytes at most."""

_READ_ON = date(2026, 11, 21)
_PRICES = Source(
    "replicate.com/pricing, as copied on 2026-10-07 (api-evangelist/replicate, replicate-plans-pricing.yml)",
    date(2026, 11, 22),
)

# The sizes behind the ratios of flux-schnell and flux-dev at "1" megapixel, which take no others.
_COG_FLUX: Mapping[tuple[str, str], Pixels] = MappingProxyType(
    {
        ("1:1", "1K"): (1024, 1024),
        ("2:3", "1K"): (832, 1216),
        ("3:2", "1K"): (1216, 832),
        ("3:4", "1K"): (896, 1152),
        ("4:3", "1K"): (1152, 896),
        ("4:5", "1K"): (896, 1088),
        ("5:4", "1K"): (1088, 896),
        ("9:16", "1K"): (768, 1344),
        ("16:9", "1K"): (1344, 768),
        ("21:9", "1K"): (1536, 640),
    }
)


def _model(
    name: str,
    title: str,
    capabilities: Capabilities,
    where: str,
    tier: Tier = Tier.STANDARD,
    *,
    dollars: str | None = None,
) -> ModelRecord:
    """A model under its name at Replicate, and what a picture of 1K costs, where it is listed by the picture."""
    return ModelRecord(
        id=name,
        wire_id=name,
        title=title,
        capabilities=capabilities,
        price=None if dollars is None else Price(per_image={"1K": micro_usd(dollars)}, source=_PRICES),
        lifecycle=Lifecycle(source=Source(where, _READ_ON)),
        tier=tier,
    )


def _flux(pixels: Mapping[tuple[str, str], Pixels], references: int = 0) -> Capabilities:
    return Capabilities(
        aspect_ratios=tuple(ratio for ratio, _ in pixels),
        image_sizes=("1K",),
        max_references=references,
        pixels=pixels,
        seed="best effort",  # the vendor's faster mode, which is the default, keeps to none
        output_formats=("png", "jpeg", "webp"),
    )


_NANO_BANANA = Capabilities(
    aspect_ratios=tuple(PIXELS_1K),
    image_sizes=tuple(EDGE_FACTORS),
    max_references=14,
    pixels=PIXELS,
    seed="none",
    output_formats=("png", "jpeg"),
)
_MODELS = (
    _model(
        "google/nano-banana-pro",
        "Nano Banana Pro",
        _NANO_BANANA,
        "https://replicate.com/google/nano-banana-pro (a copy of its inputs)",
        Tier.BEST,
    ),
    _model(
        "google/nano-banana-2",
        "Nano Banana 2",
        _NANO_BANANA,
        "https://replicate.com/google/nano-banana-2 (a copy of its inputs)",
    ),
    _model(
        "black-forest-labs/flux-2-pro",
        "FLUX.2 [pro]",
        _flux(PIXELS_OF_32, references=8),
        "https://replicate.com/black-forest-labs/flux-2-pro, version 285631b5",
    ),
    _model(
        "black-forest-labs/flux-1.1-pro",
        "FLUX1.1 [pro]",
        _flux(PIXELS_OF_32),
        "https://replicate.com/black-forest-labs/flux-1.1-pro, version 96ccd0e7",
        dollars="0.04",
    ),
    _model(
        "black-forest-labs/flux-dev",
        "FLUX.1 [dev]",
        _flux(_COG_FLUX),
        "https://github.com/replicate/cog-flux, predict.py",
        dollars="0.025",
    ),
    _model(
        "black-forest-labs/flux-schnell",
        "FLUX.1 [schnell]",
        _flux(_COG_FLUX),
        "https://github.com/replicate/cog-flux, predict.py",
        Tier.DRAFT,
        dollars="0.003",
    ),
)


class ReplicateProvider(RemoteJobProvider):
    """Predictions of Replicate's official models."""

    record: ClassVar[ProviderRecord] = ProviderRecord(
        id="replicate", title="Replicate", paid=True, models=_MODELS, resumable=True
    )

    async def cancel(self, remote_id: str) -> None:
        """Cancel the prediction. Raises `ProviderError`."""
        wire = await self._ready()
        stop_answered(await wire.ask("POST", f"/v1/predictions/{remote_id}/cancel"))

    async def check(self) -> None:
        """Ask whose token it is, which costs nothing. Raises `ProviderError`."""
        wire = await self._ready()
        check_of((await wire.ask("GET", "/v1/account")).status, self.record.title)

    async def _create(self, wire: HttpWire, call: ProviderCall) -> str:
        references = await asyncio.gather(*(_upload(wire, reference) for reference in call.references))
        path = f"/v1/models/{call.model.wire_id}/predictions"
        return created(await wire.post(path, lambda: None, json={"input": input_of(call, references)}))

    async def _look(self, wire: HttpWire, call: ProviderCall, remote_id: str) -> Running | Finished:
        return state_of(await wire.ask("GET", f"/v1/predictions/{remote_id}"))

    def _load(self) -> Callable[..., HttpWire]:
        from imagegen.providers.http_wire import with_bearer  # noqa: PLC0415 - brings httpx2 with it

        return with_bearer(self.record.title, "https://api.replicate.com")


async def _upload(wire: HttpWire, reference: ReferencePicture) -> str:
    """The address of a reference at Replicate, which keeps it until it expires there, or its data where it cannot.

    Inside the request it should be small: data of up to a megabyte is what Replicate recommends there.
    """
    name = f"reference.{reference.media_type.rpartition('/')[2]}"
    files = {"content": (name, reference.data, reference.media_type)}
    answer = await wire.ask("POST", FILES, seconds=UPLOAD_SECONDS, files=files)
    address = uploaded(answer)
    return await asyncio.to_thread(reference.data_uri) if address is None else address
