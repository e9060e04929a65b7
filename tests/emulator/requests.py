"""Reading a generateContent body as strictly as the vendor does: an unknown field or value is a 400."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.emulator.pictures import PIXELS_1K, SCALES

REFERENCES_MAX = 14
REFERENCE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif")

_TOP = {
    "contents",
    "generation_config",
    "safety_settings",
    "tools",
    "system_instruction",
    "service_tier",
    "labels",
}
_CONFIG = {
    "seed",
    "temperature",
    "top_p",
    "top_k",
    "candidate_count",
    "response_modalities",
    "image_config",
    "thinking_config",
    "max_output_tokens",
}


class RefusedError(Exception):
    """The body is refused with 400 INVALID_ARGUMENT."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for. References are (media type, bytes) in the order of the parts; `fields` as sent."""

    prompt: str
    references: tuple[tuple[str, bytes], ...]
    aspect_ratio: str
    image_size: str
    seed: int | None
    modalities: tuple[str, ...]
    parts: tuple[str, ...]
    fields: Mapping[str, Any] = field(repr=False, compare=False)


def asked(body: bytes) -> Asked:
    """The body as a request. Raises `RefusedError` with the vendor's kind of words."""
    try:
        decoded = json.loads(body)
    except ValueError:
        raise RefusedError("Invalid JSON payload received. Unable to parse.") from None
    top = _object(decoded, "", _TOP)
    texts, references, order = _parts(top)
    config = _object(top.get("generation_config", {}), "generation_config", _CONFIG)
    image = _object(
        config.get("image_config", {}), "generation_config.image_config", {"aspect_ratio", "image_size"}
    )
    _object(
        config.get("thinking_config", {}),
        "generation_config.thinking_config",
        {"include_thoughts", "thinking_budget", "thinking_level"},
    )
    aspect_ratio, image_size = image.get("aspect_ratio", "1:1"), image.get("image_size", "1K")
    if aspect_ratio not in PIXELS_1K:
        raise RefusedError(f"Unsupported aspect ratio {aspect_ratio!r}.")
    if image_size not in SCALES:
        raise RefusedError(f"Unsupported image size {image_size!r}.")
    seed = config.get("seed")
    if seed is not None and not (isinstance(seed, int) and -(2**31) <= seed < 2**31):
        raise RefusedError(f"Invalid value at 'generation_config.seed' (TYPE_INT32), {seed!r}")
    if config.get("candidate_count", 1) != 1:
        raise RefusedError("Multiple candidates is not enabled for this model")
    modalities = tuple(config.get("response_modalities", ("TEXT", "IMAGE")))
    if not set(modalities) <= {"TEXT", "IMAGE"} or "IMAGE" not in modalities:
        raise RefusedError("The requested combination of response modalities is not supported by the model.")
    return Asked(
        prompt="\n".join(texts),
        references=references,
        aspect_ratio=aspect_ratio,
        image_size=image_size,
        seed=seed,
        modalities=modalities,
        parts=order,
        fields=decoded,
    )


def _parts(top: Mapping[str, Any]) -> tuple[list[str], tuple[tuple[str, bytes], ...], tuple[str, ...]]:
    contents = top.get("contents")
    if not isinstance(contents, list) or not contents:
        raise RefusedError("* GenerateContentRequest.contents: contents is not specified")
    texts: list[str] = []
    references: list[tuple[str, bytes]] = []
    order: list[str] = []
    for content in contents:
        turn = _object(content, "contents", {"parts", "role"})
        if turn.get("role", "user") not in ("user", "model"):
            raise RefusedError("Please use a valid role: user, model.")
        for part in turn.get("parts", []):
            fields = _object(part, "contents.parts", {"text", "inline_data", "thought", "thought_signature"})
            if "text" in fields:
                texts.append(fields["text"])
                order.append("text")
            if "inline_data" in fields:
                references.append(_reference(fields["inline_data"]))
                order.append("image")
    if not order:
        raise RefusedError("* GenerateContentRequest.contents: contents is not specified")
    if len(references) > REFERENCES_MAX:
        raise RefusedError(f"Too many images in the request: {len(references)}, at most {REFERENCES_MAX}.")
    return texts, tuple(references), tuple(order)


def _reference(value: object) -> tuple[str, bytes]:
    blob = _object(value, "contents.parts.inline_data", {"data", "mime_type"})
    if blob.get("mime_type") not in REFERENCE_TYPES:
        raise RefusedError(f"Unsupported MIME type: {blob.get('mime_type')}")
    try:
        # Both alphabets of base64 are allowed in protobuf's JSON; the vendor's own client sends the URL-safe one.
        data = base64.b64decode(blob["data"].translate({45: "+", 95: "/"}), validate=True)
    except (binascii.Error, AttributeError, KeyError):
        raise RefusedError(
            "Invalid value at 'contents.parts.inline_data.data' (TYPE_BYTES), Base64 decoding failed"
        ) from None
    return blob["mime_type"], data


def _object(value: object, path: str, known: set[str]) -> dict[str, Any]:
    """A JSON object with snake_case keys; camelCase is its other spelling, anything else is unknown."""
    if not isinstance(value, dict):
        raise RefusedError(f"Invalid value at '{path}', expected an object")
    named = {re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", key): field for key, field in value.items()}
    for key, original in zip(named, value, strict=True):
        if key not in known:
            where = f" at '{path}'" if path else ""
            raise RefusedError(
                f'Invalid JSON payload received. Unknown name "{original}"{where}: Cannot find field.'
            )
    return named
