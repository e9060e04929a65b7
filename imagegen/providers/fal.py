"""fal's models over its queue: each call is one request there, which is asked about and cancelled by its id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from imagegen.catalogue.geometry import EDGE_FACTORS, PIXELS, PIXELS_1K, PIXELS_OF_32
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
from imagegen.providers.base import ProviderCall
from imagegen.providers.fal_answer import accepted, has_ended, result_of, stop_answered
from imagegen.providers.remote import Finished, RemoteJobProvider, Running

if TYPE_CHECKING:
    from imagegen.providers.http_wire import HttpWire

ONCE = {"x-fal-no-retry": "1"}
"""By itself the queue runs a request that failed up to ten times."""
NOBODY = "fal-ai/flux/requests/00000000-0000-0000-0000-000000000000"
"""A request that does not exist. No free call is documented that only tells whether a key works; asked about this
one, fal knows nothing of it for a good key and refuses a bad one."""

_READ_ON = date(2026, 11, 21)
# A megapixel is 1024 × 1024 pixels there, and what a picture has is rounded up.
_PRICES = Source("fal's rows in litellm 1.109.1; FLUX by the megapixel", _READ_ON)
_DOCS = "https://fal.ai/docs"


def _flux(app: str, title: str, dollars: str, where: str, tier: Tier = Tier.STANDARD) -> ModelRecord:
    capabilities = Capabilities(
        aspect_ratios=tuple(PIXELS_1K),
        image_sizes=("1K",),
        max_references=0,
        pixels=PIXELS_OF_32,
        seed="exact",  # promised for the same prompt and the same version of the model
        output_formats=("png", "jpeg"),
    )
    return ModelRecord(
        id=f"fal-ai/{app}",
        wire_id=f"fal-ai/{app}",
        title=title,
        capabilities=capabilities,
        price=Price(per_image={"1K": micro_usd(dollars)}, source=_PRICES),
        lifecycle=Lifecycle(source=Source(where, _READ_ON)),
        tier=tier,
    )


_NANO_BANANA_PRO = ModelRecord(
    id="fal-ai/nano-banana-pro",
    wire_id="fal-ai/nano-banana-pro",
    title="Nano Banana Pro",
    tier=Tier.BEST,
    capabilities=Capabilities(
        aspect_ratios=tuple(PIXELS_1K),
        image_sizes=tuple(EDGE_FACTORS),
        max_references=14,
        pixels=PIXELS,
        seed="best effort",
        output_formats=("png", "jpeg", "webp"),
    ),
    price=Price(
        per_image={"1K": micro_usd("0.15"), "2K": micro_usd("0.15"), "4K": micro_usd("0.30")}, source=_PRICES
    ),
    lifecycle=Lifecycle(
        source=Source(f"{_DOCS}/model-api-reference/image-generation-api/nano-banana-pro", _READ_ON)
    ),
)
_MODELS = (
    _NANO_BANANA_PRO,
    _flux(
        "flux-pro/v1.1",
        "FLUX1.1 [pro]",
        "0.04",
        f"{_DOCS}/model-api-reference/image-generation-api/flux-pro-v1.1",
    ),
    _flux("flux/dev", "FLUX.1 [dev]", "0.025", f"{_DOCS}/model-apis/model-endpoints/reliability"),
    _flux(
        "flux/schnell",
        "FLUX.1 [schnell]",
        "0.003",
        f"{_DOCS}/documentation/model-apis/model-arguments",
        Tier.DRAFT,
    ),
)


class FalProvider(RemoteJobProvider):
    """Requests to fal's queue. The id of one is the path at which it is asked about."""

    record: ClassVar[ProviderRecord] = ProviderRecord(
        id="fal", title="fal", paid=True, models=_MODELS, resumable=True
    )

    async def cancel(self, remote_id: str) -> None:
        """Take the request out of the queue, or ask its runner to stop. Raises `ProviderError`."""
        wire = await self._ready()
        stop_answered(await wire.ask("PUT", f"/{remote_id}/cancel"))

    async def check(self) -> None:
        """Ask about a request that does not exist, which costs nothing. Raises `ProviderError`."""
        wire = await self._ready()
        status = (await wire.ask("GET", f"/{NOBODY}/status")).status
        check_of(200 if status == 404 else status, self.record.title)

    async def _create(self, wire: HttpWire, call: ProviderCall) -> str:
        path = call.model.wire_id + ("/edit" if call.references else "")
        answer = await wire.post(f"/{path}", lambda: None, headers=ONCE, json=_arguments(call))
        return accepted(answer, path)

    async def _look(self, wire: HttpWire, call: ProviderCall, remote_id: str) -> Running | Finished:
        if not has_ended(await wire.ask("GET", f"/{remote_id}/status")):
            return Running()
        return result_of(await wire.ask("GET", f"/{remote_id}"))

    def _load(self) -> Callable[..., HttpWire]:
        from imagegen.providers.fal_wire import fal_wire  # noqa: PLC0415 - brings httpx2 with it

        return fal_wire


def _arguments(call: ProviderCall) -> Mapping[str, Any]:
    """PNG unless another format was asked for: by itself FLUX gives JPEG."""
    can = call.model.capabilities
    output_format = call.output_format if call.output_format in can.output_formats else "png"
    arguments: dict[str, Any] = {
        "prompt": call.prompt,
        "num_images": 1,
        "seed": call.seed,
        "output_format": output_format,
    }
    if call.model.wire_id == _NANO_BANANA_PRO.wire_id:
        arguments |= {"aspect_ratio": call.aspect_ratio, "resolution": call.image_size}
    else:
        width, height = can.pixels[call.aspect_ratio, call.image_size]
        arguments["image_size"] = {"width": width, "height": height}
    if call.references:
        arguments["image_urls"] = [reference.data_uri() for reference in call.references]
    return arguments
