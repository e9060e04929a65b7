"""What the answers of all vendors have in common, read without any SDK. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from imagegen.catalogue.records import MicroUsd, Price
from imagegen.providers.base import Billed, ErrorKind, ProviderError

PICTURE_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")
"""How PNG, JPEG and WebP begin."""

_ASK_BEFORE_RESENDING = "It may have been billed, so it is not sent again by itself."
_ERROR_BODY: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


def unknown(what: str) -> ProviderError:
    """The call may have been carried out; what happened is said first."""
    return ProviderError(ErrorKind.OUTCOME_UNKNOWN, f"{what} {_ASK_BEFORE_RESENDING}", billed=Billed.PERHAPS)


def error_in(body: bytes) -> dict[str, Any]:
    """The object `error` of a refusal; empty where there is none, as in a proxy's page."""
    try:
        error = _ERROR_BODY.validate_json(body).get("error")
    except ValidationError:
        return {}
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
