"""What the answers of all vendors have in common, read without any SDK. Pure."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Any

from pydantic import TypeAdapter, ValidationError

from imagegen.catalogue.records import MicroUsd, Price
from imagegen.providers.base import Billed, ErrorKind, ProviderError

MEDIA_TYPES = MappingProxyType(
    {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}
)
"""By how the bytes begin."""
PICTURE_STARTS = tuple(MEDIA_TYPES)
"""How PNG, JPEG and WebP begin."""

_ASK_BEFORE_RESENDING = "It may have been billed, so it is not sent again by itself."
_OBJECT: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


def unknown(what: str) -> ProviderError:
    """The call may have been carried out; what happened is said first."""
    return ProviderError(ErrorKind.OUTCOME_UNKNOWN, f"{what} {_ASK_BEFORE_RESENDING}", billed=Billed.PERHAPS)


def no_picture(title: str, usd: MicroUsd | None = None) -> ProviderError:
    """An answer with bytes that are none of the formats we know."""
    message = f"What {title} sent is not a picture. It may have been billed; try again if you like."
    return ProviderError(ErrorKind.NO_IMAGE, message, billed=Billed.PERHAPS, usd=usd)


def empty(title: str, usd: MicroUsd | None = None) -> ProviderError:
    """An answer that tells of success and has no picture."""
    message = f"{title} answered without a picture. It may have been billed; ask for a picture more plainly."
    return ProviderError(ErrorKind.NO_IMAGE, message, billed=Billed.PERHAPS, usd=usd)


def forbidden(title: str) -> ProviderError:
    """The prompt was refused before anything was made."""
    message = f"{title} refused the prompt under its content policy. Nothing was billed; change the prompt."
    return ProviderError(ErrorKind.POLICY, message)


def withheld(title: str, usd: MicroUsd | None = None) -> ProviderError:
    """The picture was made, and is not given out."""
    message = f"{title} withheld the picture under its content policy. It may have been billed; change the prompt."
    return ProviderError(ErrorKind.POLICY, message, billed=Billed.PERHAPS, usd=usd)


def check_of(status: int, title: str) -> None:
    """What the status of a call that costs nothing says about the key. Raises `ProviderError`.

    An address without that call, like a gateway's, speaks against neither the key nor the vendor's health.
    """
    if status == 401:
        raise ProviderError(ErrorKind.AUTH, f"{title} does not accept this key.")
    if status == 403:
        raise ProviderError(ErrorKind.AUTH, f"{title} does not allow this key to use the model.")
    if status not in (200, 429):  # 429: known, and out of calls for the moment
        kind = ErrorKind.OVERLOADED if status >= 500 and status != 501 else ErrorKind.NOT_FOUND
        raise ProviderError(kind, f"{title} could not check the key (HTTP {status}). Try again.")


def told_cost(dollars: object) -> MicroUsd | None:
    """Dollars as an answer tells them, to the nearest micro-dollar; None for what is no amount."""
    if isinstance(dollars, bool) or not isinstance(dollars, int | float):
        return None
    return MicroUsd(round(dollars * 1_000_000)) if math.isfinite(dollars) and dollars >= 0 else None


def refused(status: int, title: str, setting: str, headers: Mapping[str, str]) -> ProviderError:
    """What an HTTP status other than success means of a vendor with ordinary manners.

    `setting` names its key; the names of `headers` are in lower case. A failure of the vendor's own may have been
    billed.
    """
    if status in _REFUSALS:
        kind, message = _REFUSALS[status]
        wait = retry_after(headers) if kind in (ErrorKind.RATE_LIMITED, ErrorKind.OVERLOADED) else None
        return ProviderError(kind, message.format(title=title, setting=setting), retry_after=wait)
    if status >= 500 or status < 400:
        return unknown(f"{title} failed while it worked on the picture (HTTP {status}).")
    message = f"{title} did not accept the request (HTTP {status}). Nothing was billed; change the request."
    return ProviderError(ErrorKind.BAD_REQUEST, message)


_REFUSALS = {
    401: (ErrorKind.AUTH, "{title} did not accept the API key. Nothing was billed; check {setting}."),
    402: (ErrorKind.QUOTA, "{title} asks for payment first. Nothing was billed; add credit to the account."),
    403: (
        ErrorKind.AUTH,
        "{title} does not allow this key to use the model. Nothing was billed; check {setting}.",
    ),
    404: (
        ErrorKind.NOT_FOUND,
        "{title} does not serve this model any more. Nothing was billed; choose another model.",
    ),
    429: (
        ErrorKind.RATE_LIMITED,
        "{title} asks to slow down. Nothing was billed; it can be tried again shortly.",
    ),
    503: (ErrorKind.OVERLOADED, "{title} is overloaded. Nothing was billed; it can be tried again later."),
}


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds from `retry-after-ms` or `retry-after`, which may be a date; `now` is for tests."""
    for name, per_second in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            seconds = float(headers.get(name, "")) / per_second
        except ValueError:
            continue
        if math.isfinite(seconds) and seconds >= 0:
            return seconds
    try:
        moment = parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def decoded(text: str) -> bytes:
    """The bytes of a data URI or of base64 alone; empty where it is neither."""
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def object_in(body: bytes) -> dict[str, Any]:
    """The JSON object of a body; empty where it is none."""
    try:
        return _OBJECT.validate_json(body)
    except ValidationError:
        return {}


def error_in(body: bytes) -> dict[str, Any]:
    """The object `error` of a refusal; empty where there is none, as in a proxy's page."""
    error = object_in(body).get("error")
    return error if isinstance(error, dict) else {}


def cost_of(usage: Mapping[str, int], price: Price | None) -> MicroUsd | None:
    """What a call cost by the tokens it used, to the nearest micro-dollar; None when usage or price is not known.

    `usage` holds `input_tokens` (all of the input, or its text where `input_image_tokens` are counted apart),
    `output_image_tokens` and `output_text_tokens` (thoughts among them). 271, 1120 and 238 of them cost $0.137798
    at $2, $120 and $12 per million.
    """
    if price is None or not usage:
        return None
    per_million = {
        "input_tokens": price.input_per_million_tokens,
        "input_image_tokens": price.input_image_per_million_tokens,
        "output_image_tokens": price.output_image_per_million_tokens,
        "output_text_tokens": price.output_text_per_million_tokens,
    }
    total = 0
    for name, count in usage.items():
        rate = per_million.get(name)
        if rate is None:
            return None
        total += count * rate
    return MicroUsd((total + 500_000) // 1_000_000)
