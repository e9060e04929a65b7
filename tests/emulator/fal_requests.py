"""Reading the arguments of a fal model as strictly as its published schema says: else it is a 422."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.emulator.pictures import PIXELS_1K, SCALES

File = tuple[str, bytes]
"""Media type and content."""
Shape = tuple[int, int]

_COMMON = {"prompt", "num_images", "seed", "output_format", "sync_mode"}


class RefusedError(Exception):
    """The arguments are refused with 422. `loc` is the field, `kind` the vendor's word for what is wrong."""

    def __init__(self, loc: str, kind: str, message: str) -> None:
        super().__init__(f"{loc}: {message}")
        self.loc, self.kind, self.message = loc, kind, message


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request is asked for. `fields` is the body as it came, `no_retry` the header of that name."""

    prompt: str
    model: str
    width: int
    height: int
    output_format: str
    seed: int | None
    references: tuple[File, ...]
    no_retry: str | None
    fields: Mapping[str, Any] = field(repr=False)

    @property
    def app(self) -> str:
        """Owner and app, without the path behind them."""
        return "/".join(self.model.split("/")[:2])


def asked(model: str, body: bytes, no_retry: str | None) -> Asked:
    """The body as the arguments of that model. Raises `RefusedError`."""
    try:
        fields = json.loads(body)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise RefusedError("body", "json_invalid", "JSON decode error")
    width, height = MODELS[model](fields)
    if not isinstance(fields.get("prompt"), str) or len(fields["prompt"]) < 1:
        raise RefusedError("prompt", "missing", "Field required")
    if fields.get("num_images", 1) != 1:
        raise RefusedError("num_images", "less_than_equal", "the emulator makes one picture a request")
    if not isinstance(fields.get("seed", 0), int):
        raise RefusedError("seed", "int_type", "Input should be a valid integer")
    return Asked(
        prompt=fields["prompt"],
        model=model,
        width=width,
        height=height,
        output_format=fields.get("output_format", "jpeg"),
        seed=fields.get("seed"),
        references=tuple(_file(link) for link in fields.get("image_urls", ())),
        no_retry=no_retry,
        fields=fields,
    )


def _one_of(fields: Mapping[str, Any], name: str, *allowed: str) -> str:
    value = fields.get(name, allowed[0])
    if value not in allowed:
        raise RefusedError(name, "literal_error", f"Input should be {' or '.join(allowed)}")
    return str(value)


def _known(fields: Mapping[str, Any], *names: str) -> None:
    for name in fields:
        if name not in _COMMON.union(names):
            raise RefusedError(name, "extra_forbidden", "Extra inputs are not permitted")


def _file(link: str) -> File:
    media_type, _, data = link.removeprefix("data:").partition(";base64,")
    try:
        content = base64.b64decode(data, validate=True)
    except binascii.Error:
        content = b""
    if not link.startswith("data:image/") or not content:
        raise RefusedError("image_urls", "image_load_error", "Failed to load the image")
    return media_type, content


def _nano_banana(fields: Mapping[str, Any]) -> Shape:
    _known(fields, "aspect_ratio", "resolution", "safety_tolerance", "limit_generations", "enable_web_search")
    _one_of(fields, "output_format", "png", "jpeg", "webp")
    width, height = PIXELS_1K[_one_of(fields, "aspect_ratio", *PIXELS_1K)]
    scale = SCALES[_one_of(fields, "resolution", *SCALES)]
    return width * scale, height * scale


def _nano_banana_edit(fields: Mapping[str, Any]) -> Shape:
    if not 1 <= len(fields.get("image_urls", ())) <= 14:
        raise RefusedError("image_urls", "too_long", "List should have 1 to 14 items")
    return _nano_banana({name: value for name, value in fields.items() if name != "image_urls"})


def _flux(longest: int, *further: str) -> Callable[[Mapping[str, Any]], Shape]:
    def shape(fields: Mapping[str, Any]) -> Shape:
        _known(fields, "image_size", *further)
        _one_of(fields, "output_format", "jpeg", "png")
        size = fields.get("image_size")
        if not isinstance(size, dict) or set(size) != {"width", "height"}:
            raise RefusedError("image_size", "model_attributes_type", "Input should be width and height")
        for name, edge in size.items():
            if not isinstance(edge, int) or not 256 <= edge <= longest or edge % 32:
                raise RefusedError(name, "multiple_of", "Input should be a multiple of 32 within the limits")
        return size["width"], size["height"]

    return shape


_OPEN = ("num_inference_steps", "guidance_scale", "enable_safety_checker", "acceleration")
MODELS: Mapping[str, Callable[[Mapping[str, Any]], Shape]] = {
    "fal-ai/nano-banana-pro": _nano_banana,
    "fal-ai/nano-banana-pro/edit": _nano_banana_edit,
    "fal-ai/flux-pro/v1.1": _flux(1440, "safety_tolerance", "enhance_prompt"),
    "fal-ai/flux/dev": _flux(1440, *_OPEN),
    "fal-ai/flux/schnell": _flux(1440, *_OPEN),
}
"""What each model makes of its arguments: width and height. They raise `RefusedError`."""
