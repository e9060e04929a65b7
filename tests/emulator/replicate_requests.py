"""Reading a prediction's input and an uploaded file as strictly as Replicate's schemas say: else it is a 422."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, cast

from tests.emulator.pictures import PIXELS_1K, SCALES

UPLOADED = re.compile(r"http://[\w.:]+/v1/files/([\w-]+)")
DATA_MAX = 2**20
"""Larger data belongs into an uploaded file."""
COG_FLUX = {
    "1:1": (1024, 1024),
    "16:9": (1344, 768),
    "21:9": (1536, 640),
    "3:2": (1216, 832),
    "2:3": (832, 1216),
    "4:5": (896, 1088),
    "5:4": (1088, 896),
    "3:4": (896, 1152),
    "4:3": (1152, 896),
    "9:16": (768, 1344),
    "9:21": (640, 1536),
}

File = tuple[str, bytes]
"""Media type and content."""
Shape = tuple[int, int]


class RefusedError(Exception):
    """The input is refused with 422."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a prediction is asked for. `fields` is the input as it came, `prefer` the header of that name."""

    prompt: str
    model: str
    width: int
    height: int
    output_format: str
    seed: int | None
    references: tuple[File, ...]
    prefer: str | None
    fields: Mapping[str, Any] = field(repr=False)


def asked(model: str, body: bytes, prefer: str | None, files: Mapping[str, File]) -> Asked:
    """The body as a prediction of that model. Raises `RefusedError` with the vendor's kind of words."""
    try:
        decoded = json.loads(body)
    except ValueError:
        raise RefusedError("request body is not JSON") from None
    fields = decoded.get("input") if isinstance(decoded, dict) else None
    if not isinstance(fields, dict) or set(decoded) != {"input"}:
        raise RefusedError("input is required, and nothing else is known")
    width, height = MODELS[model](fields)
    references = fields.get("image_input") or fields.get("input_images") or []
    prompt = _of(fields, "prompt", str)
    if not prompt:
        raise RefusedError("- input.prompt: is required")
    return Asked(
        prompt=prompt,
        model=model,
        width=width,
        height=height,
        output_format=fields.get("output_format", "webp"),
        seed=_of(fields, "seed", int) if "seed" in fields else None,
        references=tuple(_file(link, files) for link in references),
        prefer=prefer,
        fields=fields,
    )


def uploaded(content_type: str, body: bytes) -> File:
    """The file `content` of a form. Raises `RefusedError`."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():
        if part.get_param("name", header="content-disposition") == "content":
            content = cast("EmailMessage", part).get_payload(decode=True)
            assert isinstance(content, bytes)
            return part.get_content_type(), content
    raise RefusedError("missing content")


def _of(fields: Mapping[str, Any], name: str, kind: type[Any]) -> Any:
    value = fields.get(name)
    if type(value) is not kind:
        raise RefusedError(f"- input.{name}: Invalid type. Expected: {kind.__name__}")
    return value


def _one_of(fields: Mapping[str, Any], name: str, *allowed: str) -> str:
    value = fields.get(name, allowed[0])
    if value not in allowed:
        raise RefusedError(f"- input.{name}: must be one of {', '.join(allowed)}; {value!r} was given")
    return str(value)


def _known(fields: Mapping[str, Any], *names: str) -> None:
    for name in fields:
        if name not in names:
            raise RefusedError(f"- input: Additional property {name} is not allowed")


def _file(link: str, files: Mapping[str, File]) -> File:
    if found := UPLOADED.fullmatch(link):
        if found[1] in files:
            return files[found[1]]
        raise RefusedError("that file does not exist")
    media_type, _, data = link.removeprefix("data:").partition(";base64,")
    try:
        content = base64.b64decode(data, validate=True)
    except binascii.Error:
        content = b""
    if not link.startswith("data:image/") or not content or len(link) > DATA_MAX:
        raise RefusedError("an image is neither an uploaded file nor a small one in the request")
    return media_type, content


def _nano_banana(fields: Mapping[str, Any]) -> Shape:
    _known(fields, "prompt", "image_input", "aspect_ratio", "resolution", "output_format", "safety_filter_level")
    _one_of(fields, "output_format", "jpg", "png")
    if len(fields.get("image_input", ())) > 14:
        raise RefusedError("- input.image_input: Array must have at most 14 items")
    width, height = PIXELS_1K[_one_of(fields, "aspect_ratio", *PIXELS_1K)]
    scale = SCALES[_one_of(fields, "resolution", *SCALES)]
    return width * scale, height * scale


def _cog_flux(fields: Mapping[str, Any]) -> Shape:
    names = ("prompt", "aspect_ratio", "megapixels", "num_outputs", "seed", "output_format", "output_quality")
    _known(fields, *names, "num_inference_steps", "go_fast", "disable_safety_checker")
    _one_of(fields, "output_format", "webp", "jpg", "png")
    _one_of(fields, "megapixels", "1")
    if fields.get("num_outputs", 1) != 1:
        raise RefusedError("the emulator makes one picture a prediction")
    return COG_FLUX[_one_of(fields, "aspect_ratio", *COG_FLUX)]


def _pixels(longest: int, *further: str) -> Callable[[Mapping[str, Any]], Shape]:
    def shape(fields: Mapping[str, Any]) -> Shape:
        names = ("prompt", "aspect_ratio", "width", "height", "seed", "output_format", "output_quality")
        _known(fields, *names, "safety_tolerance", *further)
        _one_of(fields, "output_format", "webp", "jpg", "png")
        _one_of(fields, "aspect_ratio", "custom")
        if len(fields.get("input_images", ())) > 8:
            raise RefusedError("- input.input_images: Array must have at most 8 items")
        width, height = _of(fields, "width", int), _of(fields, "height", int)
        for edge in (width, height):
            if not 256 <= edge <= longest or edge % 32:
                raise RefusedError("- input: width and height must be multiples of 32 within the limits")
        return width, height

    return shape


MODELS: Mapping[str, Callable[[Mapping[str, Any]], Shape]] = {
    "google/nano-banana-pro": _nano_banana,
    "google/nano-banana-2": _nano_banana,
    "black-forest-labs/flux-2-pro": _pixels(2048, "input_images"),
    "black-forest-labs/flux-1.1-pro": _pixels(1440, "image_prompt", "prompt_upsampling"),
    "black-forest-labs/flux-dev": _cog_flux,
    "black-forest-labs/flux-schnell": _cog_flux,
}
"""What each model makes of its input: width and height. They raise `RefusedError`."""
