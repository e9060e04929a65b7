"""Stability AI's image API on loopback, over real HTTP, with scripted faults and a bill counter.

As strict as the vendor's published document: an unknown field or a value out of bounds is a 400. What becomes of a
request is told in `tests.emulator.server`.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import ClassVar

from PIL import Image

from tests.emulator.fates import Fate, Kind
from tests.emulator.forms import parts_of
from tests.emulator.pictures import PIXELS_1K, PictureFormat, encoded
from tests.emulator.server import BAD_KEY, Answer, Call, Emulator, Received, json_answer

RATIOS = ("21:9", "16:9", "3:2", "5:4", "1:1", "4:5", "2:3", "9:16", "9:21")
SEED_MAX = 4_294_967_294
BODY_MAX_BYTES = 10 * 2**20
_FIELDS = {"prompt", "negative_prompt", "aspect_ratio", "seed", "output_format", "strength", "style_preset"}
_OF_ROUTE = {
    "ultra": _FIELDS,
    "core": _FIELDS - {"strength"},
    "sd3": _FIELDS | {"mode", "model", "cfg_scale"},
}
_CHOICES = {
    "aspect_ratio": RATIOS,
    "output_format": ("png", "jpeg", "webp"),
    "mode": ("text-to-image", "image-to-image"),
    "model": ("sd3.5-large", "sd3.5-large-turbo", "sd3.5-medium"),
}
_WITH_AN_IMAGE = {"ultra": {"image", "strength"}, "sd3": {"image", "strength"}, "core": set[str]()}


class RefusedError(Exception):
    """The form is refused with 400."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for. `seed` None is any; references are (media type, bytes); `fields` the form's own."""

    route: str
    prompt: str
    seed: int | None
    references: tuple[tuple[str, bytes], ...]
    fields: Mapping[str, str] = field(repr=False)

    @property
    def aspect_ratio(self) -> str:
        """The picture's shape: with a reference, the one of the known ones that is nearest to it."""
        if not self.references:
            return self.fields.get("aspect_ratio", "1:1")
        with Image.open(BytesIO(self.references[0][1])) as opened:
            shape = opened.width / opened.height
        return min(PIXELS_1K, key=lambda ratio: abs(PIXELS_1K[ratio][0] / PIXELS_1K[ratio][1] - shape))


def asked(route: str, content_type: str, body: bytes) -> Asked:
    """The form as a request. Raises `RefusedError` with the vendor's kind of words."""
    try:
        parts = parts_of(content_type, body)
    except ValueError:
        raise RefusedError("content-type: must be multipart/form-data") from None
    fields = {part.name: part.content.decode() for part in parts if part.file_name is None}
    images = tuple((part.media_type, part.content) for part in parts if part.file_name is not None)
    if images and not all(part.name == "image" for part in parts if part.file_name is not None):
        raise RefusedError("body: unexpected file")
    for name, value in fields.items():
        if name not in _OF_ROUTE[route]:
            raise RefusedError(f"{name}: is not a known field")
        if value not in _CHOICES.get(name, (value,)):
            raise RefusedError(f"{name}: must be one of {', '.join(_CHOICES[name])}")
    if not 1 <= len(fields.get("prompt", "")) <= 10_000:
        raise RefusedError("prompt: must have 1 to 10000 characters")
    seed = fields.get("seed", "0")
    if not seed.isdecimal() or int(seed) > SEED_MAX:
        raise RefusedError(f"seed: must be a number from 0 to {SEED_MAX}")
    _check_image(route, fields, images)
    return Asked(route, fields["prompt"], int(seed) or None, images, fields)


def _check_image(route: str, fields: Mapping[str, str], images: tuple[tuple[str, bytes], ...]) -> None:
    given = {"strength"} & set(fields) | ({"image"} if images else set())
    edits = bool(images) if route != "sd3" else fields.get("mode") == "image-to-image"
    if given != (_WITH_AN_IMAGE[route] if edits else set()) or len(images) > 1:
        raise RefusedError("image: needs a strength and, for sd3, its mode, and stands alone")
    if not images:
        return
    if "aspect_ratio" in fields and route == "sd3":
        raise RefusedError("aspect_ratio: is only valid for text-to-image requests")
    if not 0 <= float(fields["strength"]) <= 1:
        raise RefusedError("strength: must be between 0 and 1")
    with Image.open(BytesIO(images[0][1])) as opened:
        if min(opened.size) < 64:
            raise RefusedError("image: every side must be at least 64 pixels")


def error(status: int, name: str, *messages: str) -> Answer:
    """An error in the vendor's form."""
    return json_answer(status, {"id": "a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4", "name": name, "errors": list(messages)})


@dataclass
class StabilityEmulator(Emulator[Asked]):
    """The routes `generate/ultra`, `core` and `sd3` of v2beta, and the balance of v1."""

    name: ClassVar[str] = "stability"

    @property
    def url(self) -> str:
        """The base URL, as `STABILITY_BASE_URL` takes it."""
        return f"http://127.0.0.1:{self.port}"

    def understand(self, call: Call) -> Received[Asked] | Answer:
        """A request for a picture, or the answer to what is none."""
        scheme, _, key = call.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or key in ("", BAD_KEY):
            return error(401, "unauthorized", "authorization: invalid API key")
        if (call.method, call.path) == ("GET", "/v1/user/balance"):
            return json_answer(200, {"credits": 112.5})
        folder, _, route = call.path.rpartition("/")
        if call.method != "POST" or folder != "/v2beta/stable-image/generate" or route not in _OF_ROUTE:
            return error(404, "not_found", "not found")
        if call.headers.get("accept") != "application/json":
            return error(400, "bad_request", "accept: must be one of image/*, application/json")
        if len(call.body) > BODY_MAX_BYTES:
            return error(413, "payload_too_large", "body: payloads cannot be larger than 10MiB in size")
        try:
            what = asked(route, call.headers.get("content-type", ""), call.body)
        except RefusedError as refused:
            self.refused.append(str(refused))
            return error(400, "bad_request", str(refused))
        return Received(self.posts, time.monotonic(), "v2beta", key, what)

    def refusal(self, fate: Fate, received: Received[Asked]) -> Answer | None:
        """The error of a fate that is one. Where the vendor may repeat the prompt, this one does."""
        return _refusal(fate, received.asked.prompt)

    async def success(self, fate: Fate, received: Received[Asked]) -> Answer:
        """The 200 of a fate that is one."""
        # The first picture of a shape takes a while to make: not on the loop.
        return await asyncio.to_thread(_success, fate, received.asked, received.id)


def _refusal(fate: Fate, prompt: str) -> Answer | None:
    match fate.kind:
        case Kind.RATE_LIMITED | Kind.DAILY_QUOTA:
            answer = error(429, "rate_limit_exceeded", "You have exceeded the rate limit of 150 requests.")
            headers = {"retry-after": fate.retry_delay.rstrip("s")} if fate.retry_delay else {}
            return Answer(answer.status, answer.pieces, headers=headers)
        case Kind.ZERO_QUOTA | Kind.FAILED_PRECONDITION:
            return error(402, "payment_required", "You lack sufficient credits to make this request.")
        case Kind.OVERLOADED:
            return error(503, "service_unavailable", "The service is overloaded.")
        case Kind.INTERNAL:
            return error(500, "internal_error", "An unexpected server error has occurred.")
        case Kind.BAD_GATEWAY:
            return Answer(502, [f"<html><title>502 Bad Gateway</title>{prompt}".encode()], "text/html")
        case Kind.DEADLINE:
            return Answer(504, [b"<html><title>504 Gateway Time-out</title>"], "text/html")
        case Kind.BAD_REQUEST:
            return error(400, "bad_request", f"some-field: is wrong in {prompt}")
        case Kind.BAD_KEY | Kind.UNAUTHENTICATED:
            return error(401, "unauthorized", "authorization: invalid API key")
        case Kind.PERMISSION_DENIED:
            return error(403, "permission_denied", "You lack the necessary permissions to perform this action.")
        case Kind.NOT_FOUND:
            return error(404, "not_found", "The requested model is not found.")
        case Kind.PROMPT_BLOCK:
            return error(403, "content_moderation", f"Your request was flagged by our system: {prompt}")
    return None


def _success(fate: Fate, what: Asked, mark: int) -> Answer:
    match fate.kind:
        case Kind.WRONG_SHAPE:
            return json_answer(200, ["image", {"finish_reason": 1}])
        case Kind.GARBAGE_BODY:
            return Answer(200, [b"\x89\xff{not json", what.prompt.encode()])
        case Kind.GARBAGE_PICTURE:
            data = base64.b64encode(f"no picture of {what.prompt}".encode()).decode()
            return json_answer(200, {"image": data, "finish_reason": "SUCCESS", "seed": 1})
        case Kind.GARBAGE_BASE64:
            return json_answer(200, {"image": "?%*", "finish_reason": "SUCCESS", "seed": 1})
        case Kind.EMPTY:
            return json_answer(200, {"finish_reason": "SUCCESS"})
        case Kind.NO_IMAGE | Kind.TEXT_ONLY | Kind.THOUGHTS_ONLY:
            return json_answer(200, {"image": "", "finish_reason": "SUCCESS", "seed": 1})
    blurred = fate.kind is Kind.IMAGE_SAFETY
    seed = what.seed or mark
    whole = {"image": "@", "finish_reason": "CONTENT_FILTERED" if blurred else "SUCCESS", "seed": seed}
    before, _, after = json.dumps(whole).encode().partition(b"@")
    told, made = _formats(what, fate)
    picture = encoded(what.aspect_ratio, "1K", made).unique(mark)
    return Answer(200, [before, *picture, after], f"application/json; type=image/{told}")


def _formats(what: Asked, fate: Fate) -> tuple[str, PictureFormat]:
    """What is told and what is sent. WebP carries no mark, so a request for it is answered with JPEG."""
    told = what.fields.get("output_format", "png")
    return told, fate.made(told)
