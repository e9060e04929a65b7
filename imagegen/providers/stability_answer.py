"""What an HTTP answer of Stability AI means: a picture, or why not and whether it cost. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from imagegen.providers.answer import (
    PICTURE_STARTS,
    empty,
    forbidden,
    no_picture,
    refused,
    unknown,
    withheld,
)
from imagegen.providers.base import ErrorKind, Picture, ProviderError

TITLE, SETTING = "Stability AI", "STABILITY_API_KEY"
LOCKOUT_SECONDS = 60.0
"""How long a 429 shuts the key out, by the vendor's document of 2026-11-21; it sends no `retry-after`."""
_POLICY = frozenset({"content_moderation", "public_figure"})


class _Body(BaseModel):
    model_config = ConfigDict(val_json_bytes="base64", hide_input_in_errors=True, frozen=True, defer_build=True)


class _Answer(_Body):
    image: bytes = Field(b"", repr=False)
    finish_reason: str = "SUCCESS"


class _Error(_Body):
    name: str = ""


def picture_in(status: int, headers: Mapping[str, str], body: bytes) -> Picture:
    """The picture of an answer; the names of `headers` are in lower case.

    Raises `ProviderError`, which holds none of the body's text.
    """
    if status != 200:
        raise _refusal(status, headers, body)
    answer = _answer_in(headers, body)
    if answer is None:
        raise unknown(f"{TITLE}'s answer could not be read.")
    if answer.finish_reason != "SUCCESS":  # the picture is there, blurred, and billed
        raise withheld(TITLE)
    if not answer.image:
        raise empty(TITLE)
    if not answer.image.startswith(PICTURE_STARTS):
        raise no_picture(TITLE)
    return Picture(answer.image, usd=None)


def _answer_in(headers: Mapping[str, str], body: bytes) -> _Answer | None:
    """The answer as JSON, which is asked for, or as the picture's own bytes beside a header."""
    if body.startswith(PICTURE_STARTS):
        return _Answer.model_construct(image=body, finish_reason=headers.get("finish-reason", "SUCCESS"))
    try:
        return _Answer.model_validate_json(body)
    except ValidationError:
        return None


def _refusal(status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
    try:
        name = _Error.model_validate_json(body).name
    except ValidationError:
        name = ""
    if status in (400, 403, 422) and name in _POLICY:
        return forbidden(TITLE)
    if status == 422 and name == "invalid_language":
        message = f"{TITLE} takes prompts in English only. Nothing was billed; change the prompt."
        return ProviderError(ErrorKind.BAD_REQUEST, message)
    error = refused(status, TITLE, SETTING, headers)
    if error.kind is ErrorKind.RATE_LIMITED and error.retry_after is None:
        error.retry_after = LOCKOUT_SECONDS
    return error
