"""The bodies of OpenAI's answers. Big ones are pieces that share memory with the encoded picture."""

from __future__ import annotations

import base64
import json

from tests.emulator.fates import Fate, Kind
from tests.emulator.openai_requests import Asked
from tests.emulator.pictures import encoded_at, thought
from tests.emulator.server import Answer, json_answer

CREATED = 1_795_000_000
OUTPUT_TOKENS = {"low": 196, "medium": 1767, "high": 7033, "auto": 7033}
"""What a picture takes by its quality, so that it costs about its listed price at $30 a million."""
REFERENCE_TOKENS = 1024
PARTIAL_TOKENS = 100


def error(status: int, code: str | None, kind: str, message: str, **further: object) -> Answer:
    """An error in the vendor's form."""
    body = {"message": message, "type": kind, "param": None, "code": code, **further}
    return json_answer(status, {"error": body})


def bad_key() -> Answer:
    """A key that is none."""
    message = "Incorrect API key provided: bad-****. You can find your API key on the platform."
    return error(401, "invalid_api_key", "invalid_request_error", message)


def not_found(model: str) -> Answer:
    """A model that is not served, or not to this key."""
    message = f"The model '{model}' does not exist or you do not have access to it."
    return error(404, "model_not_found", "invalid_request_error", message)


def one_model(model: str) -> Answer:
    """One entry of the list of models."""
    return json_answer(200, {"id": model, "object": "model", "created": CREATED, "owned_by": "system"})


def refusal(fate: Fate, asked: Asked) -> Answer | None:
    """The error of a fate that is one. Where the vendor may repeat the prompt, this one does."""
    bad, prompt = "invalid_request_error", asked.prompt
    match fate.kind:
        case Kind.RATE_LIMITED | Kind.DAILY_QUOTA:
            answer = error(429, "rate_limit_exceeded", "requests", "Rate limit reached. Please try again later.")
            headers = {"retry-after": fate.retry_delay.rstrip("s")} if fate.retry_delay else {}
            return Answer(answer.status, answer.pieces, headers=headers)
        case Kind.ZERO_QUOTA:
            return error(429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota.")
        case Kind.FAILED_PRECONDITION:
            code = "billing_hard_limit_reached"
            return error(400, code, "billing_limit_user_error", "Billing hard limit has been reached.")
        case Kind.OVERLOADED:
            return error(503, None, "server_error", "The engine is currently overloaded, please try again later.")
        case Kind.INTERNAL:
            return error(500, None, "server_error", "The server had an error while processing your request.")
        case Kind.BAD_GATEWAY:
            return Answer(502, [f"<html><title>502 Bad Gateway</title>{prompt}".encode()], "text/html")
        case Kind.DEADLINE:
            return Answer(504, [b"<html><title>504 Gateway Time-out</title>"], "text/html")
        case Kind.BAD_REQUEST:
            return error(400, "invalid_value", bad, f"Invalid value: {prompt}")
        case Kind.BAD_KEY | Kind.UNAUTHENTICATED:
            return bad_key()
        case Kind.PERMISSION_DENIED:
            return error(403, None, bad, f"Your organization must be verified to use the model '{asked.model}'.")
        case Kind.NOT_FOUND:
            return not_found(asked.model)
        case Kind.PROMPT_BLOCK | Kind.IMAGE_SAFETY:
            stage = {"moderation_stage": "input" if fate.kind is Kind.PROMPT_BLOCK else "output"}
            message = f"Your request was rejected by the safety system: {prompt}"
            kind = "image_generation_user_error"
            return error(400, "moderation_blocked", kind, message, moderation_details=stage)
    return None


def success(fate: Fate, asked: Asked, mark: int) -> Answer:
    """The 200 of a fate that is one. `mark` makes the picture unlike any other, but as WebP."""
    if asked.partial_images is not None:
        return _stream(fate, asked, mark)
    match fate.kind:
        case Kind.EMPTY:
            return json_answer(200, {"created": CREATED})
        case Kind.NO_IMAGE | Kind.TEXT_ONLY | Kind.THOUGHTS_ONLY:
            return json_answer(200, _body(asked, []))
        case Kind.WRONG_SHAPE:
            return json_answer(200, ["data", {"b64_json": 1}])
        case Kind.GARBAGE_BODY:
            return Answer(200, [b"\x89\xff{not json", asked.prompt.encode()])
        case Kind.GARBAGE_PICTURE:
            data = base64.b64encode(f"no picture of {asked.prompt}".encode()).decode()
            return json_answer(200, _body(asked, [{"b64_json": data}]))
        case Kind.GARBAGE_BASE64:
            return json_answer(200, _body(asked, [{"b64_json": "?%*"}]))
    picture = encoded_at(asked.width, asked.height, fate.made(asked.output_format)).unique(mark)
    before, _, after = json.dumps(_body(asked, [{"b64_json": "@"}])).encode().partition(b"@")
    return Answer(200, [before, *picture, after])


def _stream(fate: Fate, asked: Asked, mark: int) -> Answer:
    """The same as server-sent events, after early states of the picture."""
    family = "image_edit" if asked.references else "image_generation"
    body = _body(asked, [{}])
    shared = {name: body[name] for name in ("background", "output_format", "quality", "size")}
    shared["created_at"] = CREATED
    pieces = [
        _event(
            f"{family}.partial_image",
            {**shared, "b64_json": thought().decode(), "partial_image_index": index},
        )
        for index in range(asked.partial_images or 0)
    ]
    name = f"{family}.completed"
    whole = {**shared, "usage": body["usage"]}
    match fate.kind:
        case Kind.EMPTY | Kind.NO_IMAGE | Kind.TEXT_ONLY | Kind.THOUGHTS_ONLY:
            pieces.append(_event(name, whole))
        case Kind.WRONG_SHAPE:
            pieces.append(f'event: {name}\ndata: ["data", 1]\n\n'.encode())
        case Kind.GARBAGE_BODY:
            pieces.append(f"event: {name}\ndata: {{not json {asked.prompt}\n\n".encode())
        case Kind.GARBAGE_PICTURE:
            data = base64.b64encode(f"no picture of {asked.prompt}".encode()).decode()
            pieces.append(_event(name, {**whole, "b64_json": data}))
        case Kind.GARBAGE_BASE64:
            pieces.append(_event(name, {**whole, "b64_json": "?%*"}))
        case _:
            picture = encoded_at(asked.width, asked.height, fate.made(asked.output_format)).unique(mark)
            before, _, after = _event(name, {**whole, "b64_json": "@"}).partition(b"@")
            pieces += [before, *picture, after]
    return Answer(200, pieces, "text/event-stream; charset=utf-8")


def _event(name: str, data: dict[str, object]) -> bytes:
    return f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n".encode()


def _body(asked: Asked, data: list[dict[str, str]]) -> dict[str, object]:
    text, images = len(asked.prompt) // 4 + 1, REFERENCE_TOKENS * len(asked.references)
    output = OUTPUT_TOKENS[asked.quality] if data else 0
    output += PARTIAL_TOKENS * (asked.partial_images or 0)
    usage = {
        "input_tokens": text + images,
        "input_tokens_details": {"text_tokens": text, "image_tokens": images},
        "output_tokens": output,
        "output_tokens_details": {"image_tokens": output, "text_tokens": 0},
        "total_tokens": text + images + output,
    }
    return {
        "created": CREATED,
        "background": "opaque",
        "output_format": asked.output_format,
        "quality": "high" if asked.quality == "auto" else asked.quality,
        "size": f"{asked.width}x{asked.height}",
        "data": data,
        "usage": usage,
    }
