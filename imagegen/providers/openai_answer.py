"""What an HTTP answer of OpenAI's Images API means: a picture, or why not and whether it cost. Pure.

The body is read here and not by the openai client: pydantic decodes JSON and base64 straight from what came.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from imagegen.catalogue.records import Price
from imagegen.providers.answer import (
    PICTURE_STARTS,
    cost_of,
    empty,
    error_in,
    forbidden,
    no_picture,
    retry_after,
    unknown,
    withheld,
)
from imagegen.providers.base import ErrorKind, Picture, ProviderError, Reporter

POLICY_CODES = frozenset({"moderation_blocked", "content_policy_violation"})
_QUOTA_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})


def _empty_if_null(value: object) -> object:
    return [] if value is None else value


class _Body(BaseModel):
    model_config = ConfigDict(val_json_bytes="base64", hide_input_in_errors=True, frozen=True, defer_build=True)


class _Image(_Body):
    b64_json: bytes | None = Field(None, repr=False)
    url: str | None = Field(None, repr=False)


class ImagesAnswer(_Body):
    """What every server of this API answers with: pictures, or links to them. OpenAI itself sends no links."""

    data: Annotated[list[_Image], BeforeValidator(_empty_if_null)] = Field(default_factory=list)

    @property
    def first(self) -> bytes | str:
        """The first picture's bytes, or else the link to it; empty where there is neither."""
        data = next((image.b64_json for image in self.data if image.b64_json), b"")
        return data or next((image.url for image in self.data if image.url), b"")


class _InputDetails(_Body):
    image_tokens: int = 0


class _Usage(_Body):
    input_tokens: int
    output_tokens: int
    input_tokens_details: _InputDetails | None = None

    def counts(self) -> dict[str, int]:
        """Tokens by the price they are billed at.

        All output counts as picture and, without details, all input as references: the dearer kinds, lest a cost
        be shown too low.
        """
        details = self.input_tokens_details
        images = self.input_tokens if details is None else details.image_tokens
        return {
            "input_tokens": max(self.input_tokens - images, 0),
            "input_image_tokens": images,
            "output_image_tokens": self.output_tokens,
        }


class _Answer(ImagesAnswer):
    """The answer as a whole, or the last event of a stream, which has its picture at the top."""

    b64_json: bytes | None = Field(None, repr=False)
    usage: _Usage | None = None
    error: dict[str, Any] | None = Field(None, repr=False)

    def picture(self) -> bytes:
        """The first picture; empty where there is none."""
        return self.b64_json or next((image.b64_json for image in self.data if image.b64_json), b"")


def heard(name: str, data: bytes, *, reporter: Reporter) -> bool:
    """Pass an early state on; says whether the event is the answer: the picture, or why there is none."""
    if not name.endswith(".partial_image"):
        return name.endswith(".completed") or name == "error"
    try:
        early = _Image.model_validate_json(data).b64_json
    except ValidationError:
        early = None
    if early:
        reporter.preview(early)
    return False


def picture_in(status: int, headers: Mapping[str, str], body: bytes, price: Price | None) -> Picture:
    """The picture of an answer; the names of `headers` are in lower case.

    Raises `ProviderError`, which holds none of the body's text.
    """
    if status != 200:
        raise _refusal(status, headers, body)
    try:
        answer = _Answer.model_validate_json(body)
    except ValidationError:
        answer = None
    if answer is None:
        raise unknown("OpenAI's answer could not be read.")
    if answer.error:
        raise _broken_off(answer.error)
    usage = answer.usage.counts() if answer.usage else {}
    usd = cost_of(usage, price)
    data = answer.picture()
    if data.startswith(PICTURE_STARTS):
        # Which version answered is not told.
        return Picture(data, usd, usage=usage, images_per_minute=_images_per_minute(headers))
    raise no_picture("OpenAI", usd) if data else empty("OpenAI", usd)


def _refusal(status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
    error = error_in(body)
    code = str(error.get("code") or error.get("type"))
    if status in (400, 403, 429) and code in _QUOTA_CODES:
        message = "This OpenAI account has no credit left. Nothing was billed; check billing on OpenAI's platform."
        return ProviderError(ErrorKind.QUOTA, message)
    if status == 400 and code in POLICY_CODES:
        return moderated(error, "OpenAI")
    if status in _REFUSALS:
        return ProviderError(*_REFUSALS[status], retry_after=retry_after(headers))
    if status >= 500 or status < 300:
        return unknown(f"OpenAI failed while it worked on the picture (HTTP {status}).")
    message = f"OpenAI did not accept the request (HTTP {status}). Nothing was billed; change the request."
    return ProviderError(ErrorKind.BAD_REQUEST, message)


_REFUSALS = {
    401: (ErrorKind.AUTH, "OpenAI did not accept the API key. Nothing was billed; check OPENAI_API_KEY."),
    402: (
        ErrorKind.QUOTA,
        "OpenAI asks for payment first. Nothing was billed; check billing on OpenAI's platform.",
    ),
    403: (
        ErrorKind.AUTH,
        "OpenAI does not allow this key to use the model. Nothing was billed; "
        "its organization may have to be verified first.",
    ),
    404: (
        ErrorKind.NOT_FOUND,
        "OpenAI does not serve this model any more. Nothing was billed; choose another model.",
    ),
    429: (
        ErrorKind.RATE_LIMITED,
        "OpenAI asks to slow down. Nothing was billed; it can be tried again shortly.",
    ),
    503: (ErrorKind.OVERLOADED, "OpenAI is overloaded. Nothing was billed; it can be tried again later."),
}


def _images_per_minute(headers: Mapping[str, str]) -> int | None:
    """The account's limit, where the answer names it: for images, else for requests, of which each makes one."""
    for name in ("x-ratelimit-limit-images", "x-ratelimit-limit-requests"):
        told = headers.get(name, "")
        if told.isdecimal() and int(told) > 0:
            return int(told)
    return None


def _broken_off(error: Mapping[str, Any]) -> ProviderError:
    """A stream that began well and ended in an error: whatever had been made by then may be billed."""
    if str(error.get("code") or error.get("type")) in POLICY_CODES:
        return withheld("OpenAI")
    return unknown("OpenAI failed while it worked on the picture.")


def moderated(error: Mapping[str, Any], title: str) -> ProviderError:
    """Refused beforehand, or, as some refusals tell, only after the picture was made."""
    details = error.get("moderation_details")
    stage = error.get("moderation_stage") or (
        details.get("moderation_stage") if isinstance(details, dict) else None
    )
    return withheld(title) if stage == "output" else forbidden(title)
