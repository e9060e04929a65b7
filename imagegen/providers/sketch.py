"""Pictures without a model, a key or a network: scenes in the mood of the prompt, to try everything else."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import BytesIO
from typing import ClassVar

import numpy as np
from PIL import Image

from imagegen.catalogue.geometry import EDGE_FACTORS, PIXELS, PIXELS_1K
from imagegen.catalogue.records import Capabilities, MicroUsd, ModelRecord, Price, ProviderRecord, Source
from imagegen.providers.base import ErrorKind, Picture, Provider, ProviderCall, ProviderError, Reporter
from imagegen.providers.sketching.brief import brief
from imagegen.providers.sketching.families.choose import FAMILIES, family_of
from imagegen.providers.sketching.manners.choose import drawn_in
from imagegen.providers.sketching.manners.mark import with_mark
from imagegen.providers.sketching.palette import Colour, colours_of

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
        id="sketch", title="Offline sketch", paid=False, models=(_MODEL,), stand_in=True
    )

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(min(4, os.cpu_count() or 1), thread_name_prefix="sketch")

    async def generate(self, call: ProviderCall, reporter: Reporter) -> Picture:
        """Draw one picture. Raises `ProviderError` when a reference is no picture."""
        drawing = asyncio.get_running_loop().run_in_executor(self._threads, draw, call)
        data = await drawing
        reporter.receiving()
        return Picture(data, MicroUsd(0), model_version=_MODEL.wire_id)

    async def aclose(self) -> None:
        """Let pictures that are being drawn finish by themselves, and start no more."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def draw(call: ProviderCall) -> bytes:
    """The encoded picture of a call: the same bytes for the same prompt, seed, shape, format and references."""
    size = PIXELS[call.aspect_ratio, call.image_size]
    picture = picture_of(call.prompt, seed=call.seed, size=size, colours=_reference_colours(call))
    return _encoded(picture, call.output_format or "png")


def picture_of(
    prompt: str,
    *,
    seed: int | None,
    size: tuple[int, int],
    colours: Sequence[Colour] = (),
    marked: bool = True,
) -> Image.Image:
    """A picture of that width and height; `colours` are the leading ones of references."""
    random = np.random.Generator(np.random.PCG64(_digest(prompt, seed)))
    asked = brief(prompt, colours, random)
    family = FAMILIES[family_of(asked.words, random)]
    picture = drawn_in(asked.mood.manner, family.draw(asked, random, *size), random)
    return with_mark(picture) if marked else picture


def _digest(prompt: str, seed: int | None) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}\n{prompt}".encode()).digest()[:16], "big")


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
