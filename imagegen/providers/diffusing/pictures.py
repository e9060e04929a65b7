"""Making one picture with a loaded pipeline, step by step."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import torch
from diffusers import DiffusionPipeline
from PIL import Image, ImageOps

from imagegen.providers.diffusing.pipelines import Pipelines, is_out_of_memory
from imagegen.providers.diffusing.previews import preview_of
from imagegen.providers.diffusing.trouble import DiffusingFailed

PREVIEWS = 5
"""Early states of a picture at most, evenly over its steps."""

Tell = Callable[[float, bytes], None]
"""Gets the share of the steps that are done, and an early state as JPEG or nothing, after each step."""


@dataclass(frozen=True, slots=True)
class Order:
    """A picture to make: `width` and `height` in pixels, `output_format` png, jpeg or webp."""

    prompt: str = field(repr=False)
    width: int
    height: int
    seed: int
    output_format: str


def made(pipelines: Pipelines, order: Order, reference: bytes, tell: Tell) -> bytes:
    """The encoded picture. With a reference it starts from that, cut to its shape. Raises `DiffusingFailed`.

    Steps, guidance and strength are the pipeline's own. The seed starts a generator on the CPU, whose numbers are
    the same wherever the steps are computed.
    """
    pipeline = pipelines.from_picture() if reference else pipelines.from_words
    arguments: dict[str, Any] = {
        "prompt": order.prompt,
        "width": order.width,
        "height": order.height,
        "generator": torch.Generator("cpu").manual_seed(order.seed),
        "callback_on_step_end": _Steps(tell),
    }
    if reference:
        arguments["image"] = _opened(reference, (order.width, order.height))
    taken = inspect.signature(pipeline.__call__).parameters
    try:
        answer = pipeline(**{name: value for name, value in arguments.items() if name in taken})
    except Exception as error:  # noqa: BLE001 - whatever a model does, its parent is told that it failed
        raise DiffusingFailed("too_large" if is_out_of_memory(error) else "failed") from None
    if any(answer.get("nsfw_content_detected") or ()):
        raise DiffusingFailed("withheld")
    return _encoded(answer.images[0], order.output_format)


class _Steps:
    """What a pipeline calls after each step."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._told = 0.0

    def __call__(
        self, pipeline: DiffusionPipeline, step: int, _: torch.Tensor, state: dict[str, Any]
    ) -> dict[str, Any]:
        """`step` counts from 0; `state` is given back as it is."""
        steps = max(int(getattr(pipeline, "num_timesteps", 0)), step + 1)
        self._told = max(self._told, (step + 1) / steps)
        every = -(-steps // (PREVIEWS + 1))
        is_due = (step + 1) % every == 0 and step + 1 < steps
        self._tell(self._told, preview_of(pipeline, state["latents"]) if is_due else b"")
        return state


def _opened(reference: bytes, size: tuple[int, int]) -> Image.Image:
    try:
        with Image.open(BytesIO(reference)) as opened:
            return ImageOps.fit(opened.convert("RGB"), size, Image.Resampling.LANCZOS)
    except (OSError, ValueError, Image.DecompressionBombError):
        raise DiffusingFailed("reference") from None


def _encoded(picture: Image.Image, output_format: str) -> bytes:
    buffer = BytesIO()
    match output_format:
        case "jpeg":
            picture.save(buffer, "JPEG", quality=95)
        case "webp":
            picture.save(buffer, "WEBP", quality=92)
        case _:
            picture.save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()
