"""The openai client for one request, its retries switched off and its answer taken as it came.

Imported when the first picture is asked for, not with the house: openai takes most of a second.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Literal, TypedDict, cast

from openai import AsyncOpenAI

from imagegen.providers.base import ProviderCall
from imagegen.providers.openai_options import PARTIAL_IMAGES, QUALITIES
from imagegen.providers.transfer import Answer, Receiving, Told, Transfer

_Quality = Literal["low", "medium", "high"]
_Format = Literal["png", "jpeg", "webp"]


class _Asked(TypedDict, total=False):
    """The fields that both routes share."""

    model: str
    prompt: str
    n: int
    size: str
    quality: _Quality
    output_format: _Format
    stream: Literal[True]
    partial_images: int


class OpenAiWire:
    """The SDK's client for the process. Timeouts are in seconds: for connecting, and for a call as a whole."""

    def __init__(self, *, api_key: str, base_url: str | None, connect_timeout: float, read_timeout: float) -> None:
        self._key = api_key
        self._base_url = (base_url or "https://api.openai.com/v1").rstrip("/")
        self._transfer = Transfer("OpenAI", base_url, connect_timeout=connect_timeout, deadline=read_timeout)
        self._client = AsyncOpenAI(
            api_key=api_key,
            base_url=self._base_url,
            max_retries=0,  # by itself it would post three times, even where the first one was billed
            http_client=self._transfer,
            default_headers={"Authorization": f"Bearer {api_key}"},  # before any of OPENAI_CUSTOM_HEADERS
        )
        # The client takes these from the environment by itself; what bills whom is told by the key alone.
        self._client.organization = self._client.project = None

    async def look_up(self, wire_id: str) -> int:
        """The HTTP status of asking for a model's record, which costs nothing. Raises `ProviderError`."""
        address, headers = f"{self._base_url}/models/{wire_id}", {"Authorization": f"Bearer {self._key}"}
        return await self._transfer.status_of(
            self._transfer.build_request("GET", address, headers=headers), "OpenAI"
        )

    async def post(self, call: ProviderCall, receiving: Receiving, told: Told) -> Answer:
        """Send the call, once; `told` hears the events on the way. Raises `ProviderError`, nothing that quotes."""
        return await self._transfer.answer_to(lambda: self._ask(call), receiving, told)

    def _ask(self, call: ProviderCall) -> Awaitable[object]:
        asked = _asked(call)
        if not call.references:
            return self._client.images.generate(**asked)
        files = [
            (f"reference-{number}.{reference.media_type.rpartition('/')[2]}", reference.data, reference.media_type)
            for number, reference in enumerate(call.references, start=1)
        ]
        return self._client.images.edit(image=files, **asked)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()


def _asked(call: ProviderCall) -> _Asked:
    width, height = call.model.capabilities.pixels[call.aspect_ratio, call.image_size]
    asked = _Asked(
        model=call.model.wire_id,
        prompt=call.prompt,
        n=1,
        size=f"{width}x{height}",
        quality=cast("_Quality", QUALITIES[call.model.wire_id]),
        stream=True,
        partial_images=PARTIAL_IMAGES,
    )
    if call.output_format is not None:
        asked["output_format"] = cast("_Format", call.output_format)
    return asked
