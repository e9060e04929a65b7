"""What servers share that speak OpenAI's images API and are not OpenAI: a strict reading, and the answers."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.emulator.fates import Fate, Kind
from tests.emulator.forms import parts_of
from tests.emulator.openai_answers import CREATED, error
from tests.emulator.pictures import PictureFormat, encoded_at
from tests.emulator.server import Answer, json_answer

ROUTES = ("images/generations", "images/edits")
_FIELDS = {"prompt", "n", "size", "seed", "response_format", "output_format"}
_CHOICES = {"n": (1,), "response_format": ("b64_json", "url"), "output_format": ("png", "jpeg", "webp")}
_NUMBERS = ("n", "seed")


class RefusedError(Exception):
    """The body is refused with 400."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for. References are (media type, bytes) in order; `fields` is the body as it came."""

    prompt: str
    seed: int | None
    width: int
    height: int
    references: tuple[tuple[str, bytes], ...]
    fields: Mapping[str, Any] = field(repr=False)

    def made(self, fate: Fate) -> PictureFormat:
        """The format that the answer has."""
        return fate.made(self.fields.get("output_format", "png"))


def asked(route: str, content_type: str, body: bytes) -> Asked:
    """The body as a request. Raises `RefusedError`."""
    fields, references = _form(content_type, body) if route == "images/edits" else (_object(body), ())
    for name, value in fields.items():
        if name not in _FIELDS:
            raise RefusedError(f"Unknown parameter: '{name}'.")
        if value not in _CHOICES.get(name, (value,)):
            raise RefusedError(f"Invalid value of '{name}'.")
    if not fields.get("prompt"):
        raise RefusedError("prompt required")
    size = re.fullmatch(r"(\d{2,4})x(\d{2,4})", fields.get("size", ""))
    if size is None or int(size[1]) % 16 or int(size[2]) % 16:
        raise RefusedError("Invalid size.")
    return Asked(fields["prompt"], fields.get("seed"), int(size[1]), int(size[2]), references, fields)


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
    images = tuple(part for part in parts if part.file_name is not None)
    if not images or {part.name for part in images} != {"image" if len(images) == 1 else "image[]"}:
        raise RefusedError("at least one image[] required")
    texts = {part.name: part.content.decode() for part in parts if part.file_name is None}
    fields = {name: int(text) if name in _NUMBERS else text for name, text in texts.items()}
    return fields, tuple((part.media_type, part.content) for part in images)


def refusal(fate: Fate, prompt: str) -> Answer | None:
    """The error of a fate that is one. Where a server may repeat the prompt, this one does."""
    match fate.kind:
        case Kind.RATE_LIMITED | Kind.DAILY_QUOTA:
            headers = {"retry-after": fate.retry_delay.rstrip("s")} if fate.retry_delay else {}
            return Answer(429, [b"Too many requests"], "text/plain", headers)
        case Kind.ZERO_QUOTA | Kind.FAILED_PRECONDITION:
            return Answer(402, [b"Payment required"], "text/plain")
        case Kind.OVERLOADED:
            return Answer(503, [b"Service unavailable"], "text/plain")
        case Kind.INTERNAL:
            return json_answer(500, {"error": "server_error", "message": f"it broke at {prompt}"})
        case Kind.BAD_GATEWAY:
            return Answer(502, [f"<html><title>502 Bad Gateway</title>{prompt}".encode()], "text/html")
        case Kind.DEADLINE:
            return Answer(504, [b"<html><title>504 Gateway Time-out</title>"], "text/html")
        case Kind.BAD_REQUEST:
            return json_answer(400, {"error": f"invalid params: {prompt}"})
        case Kind.BAD_KEY | Kind.UNAUTHENTICATED:
            return Answer(401, [b"missing credentials"], "text/plain")
        case Kind.PERMISSION_DENIED:
            return Answer(403, [b"forbidden"], "text/plain")
        case Kind.NOT_FOUND:
            return json_answer(404, {"detail": "Not Found"})
        case Kind.PROMPT_BLOCK | Kind.IMAGE_SAFETY:
            stage = {"moderation_stage": "input" if fate.kind is Kind.PROMPT_BLOCK else "output"}
            message = f"Your request was rejected: {prompt}"
            return error(400, "content_policy_violation", "invalid_request_error", message, **stage)
    return None


def success(fate: Fate, what: Asked, mark: int) -> Answer:
    """The 200 of a fate that is one. `mark` makes the picture unlike any other."""
    match fate.kind:
        case Kind.EMPTY:
            return json_answer(200, {"created": CREATED})
        case Kind.NO_IMAGE | Kind.TEXT_ONLY | Kind.THOUGHTS_ONLY:
            return json_answer(200, {"created": CREATED, "data": []})
        case Kind.WRONG_SHAPE:
            return json_answer(200, ["data", {"b64_json": 1}])
        case Kind.GARBAGE_BODY:
            return Answer(200, [b"\x89\xff{not json", what.prompt.encode()])
        case Kind.GARBAGE_PICTURE:
            data = base64.b64encode(f"no picture of {what.prompt}".encode()).decode()
            return json_answer(200, {"data": [{"b64_json": data}]})
        case Kind.GARBAGE_BASE64:
            return json_answer(200, {"data": [{"b64_json": "?%*"}]})
    picture = encoded_at(what.width, what.height, what.made(fate)).unique(mark)
    before, _, after = json.dumps({"created": CREATED, "data": [{"b64_json": "@"}]}).encode().partition(b"@")
    return Answer(200, [before, *picture, after])


def link_to(address: str) -> Answer:
    """A picture that is to be fetched."""
    return json_answer(200, {"created": CREATED, "data": [{"url": address}]})
