"""Reading the body of an images request as strictly as OpenAI does: an unknown field or value is a 400."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.emulator.forms import parts_of

FREE_SIZES = frozenset(
    {
        "gpt-image-2",
        "gpt-image-2.5-sunburst",
        "gpt-image-2.5-flare",
        "gpt-image-2.6-sunburst",
        "gpt-image-2.6-flare",
    }
)
"""The models that take any size within the limits; the others take three."""
MODELS = FREE_SIZES | {"gpt-image-1.5", "gpt-image-1-mini"}
REFERENCES_MAX = 16
_STANDARD_SIZES = ("1024x1024", "1536x1024", "1024x1536")
_FIELDS = {
    "model",
    "prompt",
    "n",
    "size",
    "quality",
    "output_format",
    "background",
    "moderation",
    "stream",
    "partial_images",
}
_CHOICES = {"quality": ("low", "medium", "high", "auto"), "output_format": ("png", "jpeg", "webp")}


class RefusedError(Exception):
    """The body is refused with 400 invalid_request_error."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for. References are (media type, bytes) in order; `fields` is the body as it came."""

    prompt: str
    model: str
    width: int
    height: int
    quality: str
    output_format: str
    references: tuple[tuple[str, bytes], ...]
    fields: Mapping[str, Any] = field(repr=False)

    @property
    def partial_images(self) -> int | None:
        """How many early states are streamed; None for an answer that is no stream."""
        return int(self.fields.get("partial_images", 0)) if self.fields.get("stream") else None

    @property
    def seed(self) -> int | None:
        """The vendor takes none."""
        return None


def asked(path: str, content_type: str, body: bytes) -> Asked:
    """The body as a request. Raises `RefusedError` with the vendor's kind of words."""
    references: tuple[tuple[str, bytes], ...] = ()
    if path == "images/edits":
        fields, references = _form(content_type, body)
        if not 1 <= len(references) <= REFERENCES_MAX:
            raise RefusedError(f"Invalid 'image': expected 1 to {REFERENCES_MAX} images, got {len(references)}.")
    else:
        fields = _object(body)
    for name in fields:
        if name not in _FIELDS:
            raise RefusedError(f"Unknown parameter: '{name}'.")
    for name, allowed in _CHOICES.items():
        if fields.get(name, allowed[0]) not in allowed:
            raise RefusedError(f"Invalid value: '{fields[name]}'. Supported values are: {', '.join(allowed)}.")
    if not 0 <= fields.get("partial_images", 0) <= 3:
        raise RefusedError("Invalid 'partial_images': expected 0 to 3.")
    if fields.get("n", 1) != 1:
        raise RefusedError("The emulator makes one picture a request.")
    model, prompt = str(fields.get("model")), str(fields.get("prompt", ""))
    if not 0 < len(prompt) <= 32_000:
        raise RefusedError("Invalid 'prompt': string has the wrong length.")
    width, height = _size(model, str(fields.get("size", "1024x1024")))
    quality, output_format = str(fields.get("quality", "auto")), str(fields.get("output_format", "png"))
    return Asked(prompt, model, width, height, quality, output_format, references, fields)


def _object(body: bytes) -> dict[str, Any]:
    try:
        decoded = json.loads(body)
    except ValueError:
        raise RefusedError("We could not parse the JSON body of your request.") from None
    if not isinstance(decoded, dict):
        raise RefusedError("We expected an object.")
    return decoded


def _form(content_type: str, body: bytes) -> tuple[dict[str, Any], tuple[tuple[str, bytes], ...]]:
    try:
        parts = parts_of(content_type, body)
    except ValueError as error:
        raise RefusedError(str(error)) from None
    fields: dict[str, Any] = {}
    references: list[tuple[str, bytes]] = []
    for part in parts:
        if part.name in ("image", "image[]"):
            references.append((part.media_type, part.content))
        else:
            fields[part.name] = _typed(part.name, part.content.decode())
    return fields, tuple(references)


def _typed(name: str, text: str) -> Any:
    """A form's field as what its JSON would hold."""
    if name in ("n", "partial_images"):
        return int(text)
    return text == "true" if name == "stream" else text


def _size(model: str, size: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", size)
    if found is None:
        raise RefusedError(f"Invalid size '{size}'.")
    width, height = int(found[1]), int(found[2])
    fits = (
        width % 16 == height % 16 == 0
        and max(width, height) <= min(3840, 3 * min(width, height))
        and 655_360 <= width * height <= 8_294_400
    )
    if not fits or (model not in FREE_SIZES and size not in _STANDARD_SIZES):
        raise RefusedError(f"Invalid size '{size}' for this model.")
    return width, height
