"""RunPod: a serverless endpoint, of one's own or public, whose worker makes the picture as a job.

Which model answers is the endpoint's affair, so one record stands for whatever it serves.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from imagegen.catalogue.geometry import PIXELS_1K, PIXELS_BY_64
from imagegen.catalogue.records import Capabilities, Lifecycle, ModelRecord, ProviderRecord, Source
from imagegen.providers.answer import check_of
from imagegen.providers.base import ProviderCall
from imagegen.providers.remote import Finished, RemoteJobProvider, Running
from imagegen.providers.runpod_answer import TITLE, looked, no_endpoint, stop_answered, taken_in

if TYPE_CHECKING:
    from imagegen.providers.http_wire import HttpWire

OWN_BASE_URL = "https://api.runpod.ai/v2"

# The image workers that RunPod publishes have prompt, width, height and seed in common, and edges of 256 to 1536
# pixels that are multiples of 64. References, formats and steps go by another name, or none, from one to the next.
_ENDPOINT = ModelRecord(
    id="runpod-endpoint",
    wire_id="endpoint",
    title="RunPod endpoint",
    capabilities=Capabilities(
        aspect_ratios=tuple(PIXELS_1K),
        image_sizes=("1K",),
        max_references=0,
        pixels=PIXELS_BY_64,
        seed="best effort",
        output_formats=(),
    ),
    price=None,  # by the second of a GPU, or as a public endpoint lists it
    lifecycle=Lifecycle(
        source=Source("https://docs.runpod.io/public-endpoints/models/flux-schnell", date(2026, 11, 21))
    ),
)


class RunPodProvider(RemoteJobProvider):
    """One serverless endpoint; `endpoint` is its id."""

    record: ClassVar[ProviderRecord] = ProviderRecord(
        id="runpod", title=TITLE, paid=True, models=(_ENDPOINT,), resumable=True
    )

    def __init__(
        self, *, endpoint: str, api_key: str, base_url: str | None, connect_timeout: float, read_timeout: float
    ) -> None:
        super().__init__(
            api_key=api_key, base_url=base_url, connect_timeout=connect_timeout, read_timeout=read_timeout
        )
        self._endpoint = endpoint

    async def cancel(self, remote_id: str) -> None:
        """Ask RunPod to stop that job; whoever waits for it learns how it ended. Raises `ProviderError`."""
        wire = await self._ready()
        answer = await wire.ask("POST", f"/{self._endpoint}/cancel/{remote_id}")
        stop_answered(answer.status, answer.headers)

    async def check(self) -> None:
        """Ask how the endpoint is, which costs nothing. Raises `ProviderError`."""
        wire = await self._ready()
        answer = await wire.ask("GET", f"/{self._endpoint}/health")
        if answer.status == 404:
            raise no_endpoint()
        check_of(answer.status, TITLE)

    async def _create(self, wire: HttpWire, call: ProviderCall) -> str:
        width, height = call.model.capabilities.pixels[call.aspect_ratio, call.image_size]
        # A worker that checks its input refuses names that it does not know, so no further ones are sent; where no
        # number is given, they make one picture.
        asked = {"prompt": call.prompt, "width": width, "height": height, "seed": call.seed}
        answer = await wire.post(f"/{self._endpoint}/run", _nobody, json={"input": asked})
        return taken_in(answer.status, answer.headers, answer.body)

    async def _look(self, wire: HttpWire, call: ProviderCall, remote_id: str) -> Running | Finished:
        answer = await wire.ask("GET", f"/{self._endpoint}/status/{remote_id}")
        return looked(answer.status, answer.body)

    def _load(self) -> Callable[..., HttpWire]:
        from imagegen.providers.http_wire import with_bearer  # noqa: PLC0415 - brings httpx2 with it

        return with_bearer(TITLE, OWN_BASE_URL)


def _nobody() -> None:
    """The answer to a creation is not yet the picture's."""
