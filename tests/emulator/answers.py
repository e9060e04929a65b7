"""The bodies of Gemini's answers. Big ones are pieces that share memory with the encoded picture."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from tests.emulator.fates import Fate, Kind
from tests.emulator.pictures import PictureFormat, encoded, thought
from tests.emulator.requests import Asked
from tests.emulator.server import Answer, json_answer

MODEL = "gemini-3-pro-image"
RETIRED = "gemini-3-pro-image-preview"
THOUGHT_TOKENS = 238
IMAGE_TOKENS = {"1K": 1120, "2K": 1120, "4K": 2000}
_TYPES = "type.googleapis.com/google.rpc."


def error(status: int, name: str, message: str, details: Sequence[object] = ()) -> Answer:
    """An error in the vendor's form."""
    body: dict[str, Any] = {"code": status, "message": message, "status": name}
    if details:
        body["details"] = list(details)
    return json_answer(status, {"error": body})


def bad_key() -> Answer:
    """An unusable key is a 400, not a 401."""
    info = {"@type": f"{_TYPES}ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"}
    return error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", [info])


def no_key() -> Answer:
    """A request without any key."""
    return error(403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers. Please use API Key.")


def not_found(model: str, version: str) -> Answer:
    """A model that this API does not serve, or serves no longer."""
    return error(404, "NOT_FOUND", f"models/{model} is not found for API version {version}.")


def model_entry() -> dict[str, object]:
    """The living model as the model list shows it."""
    return {
        "name": f"models/{MODEL}",
        "displayName": "Nano Banana Pro",
        "inputTokenLimit": 65_536,
        "outputTokenLimit": 32_768,
        "supportedGenerationMethods": ["generateContent", "countTokens", "batchGenerateContent"],
    }


def listing() -> Answer:
    """The list of models."""
    return json_answer(200, {"models": [model_entry()]})


def one_model() -> Answer:
    """One entry of the list."""
    return json_answer(200, model_entry())


def refusal(fate: Fate, prompt: str) -> Answer | None:
    """The error of a fate that is one. Where the vendor may repeat the prompt, this one does."""
    quota = "You exceeded your current quota, please check your plan and billing details."
    match fate.kind:
        case Kind.RATE_LIMITED:
            return _exhausted(quota, "GenerateRequestsPerMinutePerProjectPerModel", "20", fate.retry_delay)
        case Kind.DAILY_QUOTA:
            return _exhausted(quota, "GenerateRequestsPerDayPerProjectPerModel", "250", fate.retry_delay)
        case Kind.ZERO_QUOTA:
            return _exhausted(quota, "GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "0", fate.retry_delay)
        case Kind.OVERLOADED:
            return error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")
        case Kind.INTERNAL:
            return error(500, "INTERNAL", "An internal error has occurred. Please retry.")
        case Kind.BAD_GATEWAY:
            page = f"<!DOCTYPE html><title>Error 502 (Server Error)</title><p>{prompt}</p>"
            return Answer(502, [page.encode()], "text/html; charset=UTF-8")
        case Kind.DEADLINE:
            return error(504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete.")
        case Kind.BAD_REQUEST:
            return error(400, "INVALID_ARGUMENT", f"Request contains an invalid argument: {prompt}")
        case Kind.BAD_KEY:
            return bad_key()
        case Kind.UNAUTHENTICATED:
            return error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        case Kind.FAILED_PRECONDITION:
            return error(400, "FAILED_PRECONDITION", "User location is not supported for the API use.")
        case Kind.PERMISSION_DENIED:
            return error(403, "PERMISSION_DENIED", "The caller does not have permission.")
        case Kind.NOT_FOUND:
            return not_found(MODEL, "v1")
    return None


def _exhausted(message: str, quota_id: str, value: str, delay: str | None) -> Answer:
    violation = {
        "quotaMetric": "generativelanguage.googleapis.com/generate_requests",
        "quotaId": quota_id,
        "quotaDimensions": {"model": MODEL, "location": "global"},
        "quotaValue": value,
    }
    details: list[object] = [{"@type": f"{_TYPES}QuotaFailure", "violations": [violation]}]
    if delay is not None:
        message += f" Please retry in {delay}."
        details.append({"@type": f"{_TYPES}RetryInfo", "retryDelay": delay})
    return error(429, "RESOURCE_EXHAUSTED", message, details)


def success(fate: Fate, what: Asked, mark: int, picture_format: PictureFormat) -> Answer:
    """The 200 of a fate that is one. `mark` makes the picture unlike any other.

    Thoughts are sent even to those who did not ask for them: a client that takes the first picture is found out.
    """
    thoughts: list[object] = [
        {"text": "Thinking about composition", "thought": True},
        {"inlineData": {"mimeType": "image/jpeg", "data": thought().decode()}, "thought": True},
    ]
    words = {"text": f"Here it is: {what.prompt}", "thoughtSignature": "c2lnbmF0dXJl"}
    match fate.kind:
        case Kind.EMPTY:
            return json_answer(200, {"usageMetadata": {}})
        case Kind.WRONG_SHAPE:
            return json_answer(200, ["candidates", {"content": 1}])
        case Kind.GARBAGE_BODY:
            return Answer(200, [b"\x89\xff{not json", what.prompt.encode()])
        case Kind.PROMPT_BLOCK:
            feedback = {"blockReason": "PROHIBITED_CONTENT", "blockReasonMessage": what.prompt}
            return json_answer(200, {"promptFeedback": feedback, "usageMetadata": {"promptTokenCount": 12}})
        case Kind.IMAGE_SAFETY:
            return _answer(what, [], "IMAGE_SAFETY", finish_message=f"Unable to show {what.prompt}")
        case Kind.NO_IMAGE:
            return _answer(what, [], "NO_IMAGE")
        case Kind.TEXT_ONLY:
            return _answer(what, [words], "STOP")
        case Kind.THOUGHTS_ONLY:
            return _answer(what, thoughts, "STOP")
        case Kind.GARBAGE_PICTURE:
            data = base64.b64encode(f"no picture of {what.prompt}".encode()).decode()
            return _answer(what, [{"inlineData": {"mimeType": "image/png", "data": data}}], "STOP")
        case Kind.GARBAGE_BASE64:
            return _answer(what, [{"inlineData": {"mimeType": "image/png", "data": "?%*"}}], "STOP")
    mime = f"image/{picture_format}"
    if fate.kind is Kind.WRONG_MIME:
        mime = "image/png" if picture_format == "jpeg" else "image/jpeg"
    slot = {"inlineData": {"mimeType": mime, "data": "@"}, "thoughtSignature": "c2lnbmF0dXJl"}
    whole = _answer(what, [*thoughts, *([words] if "TEXT" in what.modalities else []), slot], "STOP", image=True)
    before, _, after = whole.pieces[0].rpartition(b"@")
    picture = encoded(what.aspect_ratio, what.image_size, picture_format).unique(mark)
    return Answer(200, [before, *picture, after])


def _answer(
    what: Asked, parts: list[object], reason: str, *, image: bool = False, finish_message: str | None = None
) -> Answer:
    candidate: dict[str, object] = {"content": {"role": "model", "parts": parts} if parts else {}}
    candidate |= {"finishReason": reason, "index": 0}
    if finish_message:
        candidate["finishMessage"] = finish_message
    text_tokens, reference_tokens = len(what.prompt) // 4 + 1, 560 * len(what.references)
    image_tokens = IMAGE_TOKENS[what.image_size] if image else 0
    usage: dict[str, object] = {
        "promptTokenCount": text_tokens + reference_tokens,
        "candidatesTokenCount": image_tokens,
        "thoughtsTokenCount": THOUGHT_TOKENS,
        "totalTokenCount": text_tokens + reference_tokens + image_tokens + THOUGHT_TOKENS,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": text_tokens},
            {"modality": "IMAGE", "tokenCount": reference_tokens},
        ],
        "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": image_tokens}],
    }
    return json_answer(
        200,
        {
            "candidates": [candidate],
            "usageMetadata": usage,
            "modelVersion": MODEL,
            "responseId": "emulated-response",
        },
    )
