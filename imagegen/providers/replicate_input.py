"""The input of a prediction, which differs from model to model. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from imagegen.providers.base import ProviderCall

Fields = dict[str, Any]

_FORMATS = MappingProxyType({"png": "png", "jpeg": "jpg", "webp": "webp"})
"""Our name of a format and theirs."""


def input_of(call: ProviderCall, references: Sequence[str]) -> Fields:
    """What the call's model is asked for; `references` are addresses of uploaded files.

    PNG unless another format was asked for: by itself FLUX gives WebP of quality 80.
    """
    can = call.model.capabilities.output_formats
    output_format = call.output_format if call.output_format in can else None
    shape = _SHAPES[call.model.wire_id](call, references)
    return {"prompt": call.prompt, "output_format": _FORMATS[output_format or "png"], **shape}


def _nano_banana(call: ProviderCall, references: Sequence[str]) -> Fields:
    shape = {"aspect_ratio": call.aspect_ratio, "resolution": call.image_size}
    return {**shape, "image_input": list(references)} if references else shape


def _pixels(call: ProviderCall, references: Sequence[str]) -> Fields:
    width, height = call.model.capabilities.pixels[call.aspect_ratio, call.image_size]
    shape = {"aspect_ratio": "custom", "width": width, "height": height, "seed": call.seed}
    return {**shape, "input_images": list(references)} if references else shape


def _megapixel(call: ProviderCall, references: Sequence[str]) -> Fields:
    return {"aspect_ratio": call.aspect_ratio, "megapixels": "1", "num_outputs": 1, "seed": call.seed}


_SHAPES: Mapping[str, Callable[[ProviderCall, Sequence[str]], Fields]] = MappingProxyType(
    {
        "google/nano-banana-pro": _nano_banana,
        "google/nano-banana-2": _nano_banana,
        "black-forest-labs/flux-2-pro": _pixels,
        "black-forest-labs/flux-1.1-pro": _pixels,
        "black-forest-labs/flux-dev": _megapixel,
        "black-forest-labs/flux-schnell": _megapixel,
    }
)
