"""Pictures without a model, a key or a network: landscapes in the mood of the prompt, to try everything else."""

from __future__ import annotations

import asyncio
import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import ClassVar

import numpy as np
from PIL import Image

from imagegen.catalogue.geometry import EDGE_FACTORS, PIXELS, PIXELS_1K
from imagegen.catalogue.records import Capabilities, MicroUsd, ModelRecord, Price, ProviderRecord, Source
from imagegen.providers.base import ErrorKind, Picture, Provider, ProviderCall, ProviderError, Receiving
from imagegen.providers.sketching.manners import drawn_in, marked
from imagegen.providers.sketching.mood import mood
from imagegen.providers.sketching.paint import paint
from imagegen.providers.sketching.palette import Colour, colours_of, recoloured
from imagegen.providers.sketching.scene import scene

_MODEL = ModelRecord(
    id="sketch",
    wire_id="sketch",
    title="Offline sketch",
    capabilities=Capabilities(
        aspect_ratios=tuple(PIXELS_1K),
        image_sizes=tuple(EDGE_FACTORS),
        max_references=14,
        pixels=PIXELS,
        seed="exact",
        output_formats=("png", "jpeg", "webp"),
    ),
    price=Price(
        per_image=dict.fromkeys(EDGE_FACTORS, MicroUsd(0)),
        source=Source("drawn on this machine", date(2026, 11, 21)),
    ),
)


class SketchProvider(Provider):
    """Draws in threads of its own, so that neither the event loop nor other threads wait for a picture."""

    record: ClassVar[ProviderRecord] = ProviderRecord(
        id="sketch", title="Offline sketch", paid=False, models=(_MODEL,)
    )

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(min(4, os.cpu_count() or 1), thread_name_prefix="sketch")

    async def generate(self, call: ProviderCall, receiving: Receiving) -> Picture:
        """Draw one picture. Raises `ProviderError` when a reference is no picture."""
        drawing = asyncio.get_running_loop().run_in_executor(self._threads, draw, call)
        data = await drawing
        receiving()
        return Picture(data, MicroUsd(0), model_version=_MODEL.wire_id)

    async def aclose(self) -> None:
        """Let pictures that are being drawn finish by themselves, and start no more."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def draw(call: ProviderCall) -> bytes:
    """The encoded picture of a call: the same bytes for the same prompt, seed, shape, format and references."""
    width, height = PIXELS[call.aspect_ratio, call.image_size]
    random = np.random.Generator(np.random.PCG64(_digest(call)))
    feeling = mood(call.prompt, random)
    found = _reference_colours(call)
    if found:
        feeling = replace(feeling, palette=recoloured(feeling.palette, found))
    landscape = scene(feeling, random, width / height)
    picture = Image.fromarray(paint(landscape, width, height, random))
    return _encoded(marked(drawn_in(feeling.manner, picture, random)), call.output_format or "png")


def _digest(call: ProviderCall) -> int:
    return int.from_bytes(hashlib.sha256(f"{call.seed}\n{call.prompt}".encode()).digest()[:16], "big")


def _reference_colours(call: ProviderCall) -> list[Colour]:
    found: list[Colour] = []
    for number, reference in enumerate(call.references, 1):
        try:
            found += colours_of(reference.data)
        except (OSError, ValueError, Image.DecompressionBombError):
            message = f"Reference {number} is not a picture that can be read."
            raise ProviderError(ErrorKind.BAD_REQUEST, message) from None
    return found


def _encoded(picture: Image.Image, output_format: str) -> bytes:
    buffer = BytesIO()
    match output_format:
        case "jpeg":
            picture.save(buffer, "JPEG", quality=92)
        case "webp":
            picture.save(buffer, "WEBP", quality=90, method=2)
        case _:
            picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
