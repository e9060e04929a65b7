"""Servers that speak OpenAI's images API at an address of one's own: what they are asked for, and how.

Plain HTTP, for the openai client brings habits that such servers do not share. No model is named: a server serves
what it was started with, or its own default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagegen.catalogue.geometry import PIXELS, PIXELS_1K
from imagegen.catalogue.records import Capabilities
from imagegen.providers.answer import PICTURE_STARTS, no_picture
from imagegen.providers.base import ErrorKind, ProviderCall, ProviderError
from imagegen.providers.compatible_answer import Place, found_in, unreached

if TYPE_CHECKING:
    from imagegen.providers.http_wire import HttpWire
    from imagegen.providers.transfer import Answer, Receiving

GENERATIONS, EDITS = "/images/generations", "/images/edits"

CAPABILITIES = Capabilities(
    aspect_ratios=tuple(PIXELS_1K),
    image_sizes=("1K", "2K"),
    max_references=14,
    # `size` is width and height; 4K is beyond what the open models make at once.
    pixels={(ratio, size): pixels for (ratio, size), pixels in PIXELS.items() if size != "4K"},
    seed="best effort",
    output_formats=("png", "jpeg", "webp"),
)
"""What the API can be asked for. What the model behind it makes of sizes, seeds and references is its own."""


async def post(wire: HttpWire, call: ProviderCall, receiving: Receiving, place: Place, prompt: str) -> Answer:
    """Send the call, once. Raises `ProviderError`, and nothing that quotes."""
    fields = _fields(call, prompt)
    try:
        if not call.references:
            return await wire.post(GENERATIONS, receiving, json=fields)
        return await wire.post(EDITS, receiving, data=fields, files=_files(call))
    except ProviderError as error:
        failure = unreached(place) if error.kind is ErrorKind.CONNECTION_FAILED else error
    raise failure  # out here, so that nothing hangs on it as its context


async def picture_in(wire: HttpWire, answer: Answer, place: Place, *, edited: bool) -> bytes:
    """The picture of an answer, fetched where the answer is a link. Raises `ProviderError`."""
    found = found_in(answer, place, edited=edited)
    data = found if isinstance(found, bytes) else await wire.fetch(found)
    if not data.startswith(PICTURE_STARTS):
        raise no_picture(place.title)
    return data


def _fields(call: ProviderCall, prompt: str) -> dict[str, str | int]:
    width, height = call.model.capabilities.pixels[call.aspect_ratio, call.image_size]
    fields: dict[str, str | int] = {
        "prompt": prompt,
        "n": 1,
        "size": f"{width}x{height}",
        "seed": call.seed,  # no field of OpenAI's; vLLM-Omni takes it, others ignore it
        "response_format": "b64_json",  # LocalAI sends links otherwise
    }
    if call.output_format is not None:
        fields["output_format"] = call.output_format
    return fields


def _files(call: ProviderCall) -> list[tuple[str, tuple[str, bytes, str]]]:
    name = "image" if len(call.references) == 1 else "image[]"
    return [
        (
            name,
            (f"reference-{number}.{one.media_type.rpartition('/')[2]}", one.data, one.media_type),
        )
        for number, one in enumerate(call.references, start=1)
    ]
