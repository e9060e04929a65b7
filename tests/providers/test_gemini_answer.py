"""What usage costs, and how waits are read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagegen.catalogue.records import MicroUsd, Price, micro_usd
from imagegen.providers.answer import cost_of
from imagegen.providers.base import Billed, ErrorKind, Picture, ProviderError
from imagegen.providers.gemini import GeminiProvider
from imagegen.providers.gemini_answer import SAFETY_REASONS, picture_in

PRICE = GeminiProvider.record.models[0].price
PNG = "iVBORw0KGgo="  # the eight bytes every PNG begins with

tokens = st.integers(min_value=0, max_value=100_000)


def answer(parts: list[dict[str, Any]], usage: dict[str, Any] | None = None, **candidate: Any) -> bytes:
    body: dict[str, Any] = {"candidates": [{"content": {"parts": parts}, **candidate}], "modelVersion": "m"}
    return json.dumps(body | ({"usageMetadata": usage} if usage is not None else {})).encode()


def read(parts: list[dict[str, Any]], usage: dict[str, Any] | None = None) -> Picture:
    return picture_in(200, answer(parts, usage), PRICE)


def failure(status: int, body: bytes) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        picture_in(status, body, PRICE)
    return caught.value


def test_the_cost_of_a_picture_by_hand() -> None:
    usage = {"input_tokens": 271, "output_image_tokens": 1120, "output_text_tokens": 238}
    assert cost_of(usage, PRICE) == micro_usd("0.137798")


@given(tokens, tokens, tokens)
def test_cost_grows_with_tokens_and_is_never_lower_than_its_parts(prompt: int, image: int, text: int) -> None:
    def cost(**usage: int) -> int:
        found = cost_of(usage, PRICE)
        assert found is not None
        return found

    whole = cost(input_tokens=prompt, output_image_tokens=image, output_text_tokens=text)
    parts = cost(input_tokens=prompt) + cost(output_image_tokens=image) + cost(output_text_tokens=text)
    assert whole == parts == prompt * 2 + image * 120 + text * 12


def test_an_unknown_cost_stays_unknown() -> None:
    assert cost_of({}, PRICE) is None
    assert cost_of({"input_tokens": 1}, None) is None
    assert cost_of({"input_tokens": 1}, Price(per_image={})) is None
    assert cost_of({"video_tokens": 1}, PRICE) is None


def test_pictures_are_billed_as_pictures_even_when_output_is_not_broken_down() -> None:
    usage = {"promptTokenCount": 10, "candidatesTokenCount": 1120}
    assert read([{"inlineData": {"data": PNG}}], usage).usd == MicroUsd(20 + 1120 * 120)


def test_words_beside_a_picture_are_billed_as_text() -> None:
    usage = {
        "promptTokenCount": 0,
        "candidatesTokenCount": 1130,
        "thoughtsTokenCount": None,
        "candidatesTokensDetails": [
            {"modality": "IMAGE", "tokenCount": 1120},
            {"modality": "TEXT", "tokenCount": 10},
        ],
    }
    assert read([{"inlineData": {"data": PNG}}], usage).usd == MicroUsd(1120 * 120 + 10 * 12)


@pytest.mark.parametrize("usage", [None, {}, {"totalTokenCount": 5}])
def test_a_picture_without_usage_has_no_known_cost(usage: dict[str, Any] | None) -> None:
    assert read([{"inlineData": {"data": PNG}}], usage).usd is None


def test_the_last_picture_that_is_no_thought_is_the_picture() -> None:
    first, final = "iVBORw0KGgoB", "iVBORw0KGgoC"
    parts: list[dict[str, Any]] = [
        {"inlineData": {"data": first, "mimeType": "image/png"}},
        {"inlineData": {"data": final, "mimeType": "image/png"}, "thoughtSignature": "c2ln"},
        {"inlineData": {"data": first}, "thought": True},
    ]
    assert read(parts).data == b"\x89PNG\r\n\x1a\n\x02"


@pytest.mark.parametrize("reason", sorted(SAFETY_REASONS))
def test_withheld_on_policy(reason: str) -> None:
    error = failure(200, answer([], finishReason=reason))
    assert (error.kind, error.billed) == (ErrorKind.POLICY, Billed.PERHAPS)


@pytest.mark.parametrize("reason", ["NO_IMAGE", "IMAGE_OTHER", "OTHER", "MAX_TOKENS", "STOP", "SOMETHING_NEW"])
def test_no_picture_for_other_reasons(reason: str) -> None:
    error = failure(200, answer([{"text": "no"}], finishReason=reason))
    assert (error.kind, error.billed) == (ErrorKind.NO_IMAGE, Billed.PERHAPS)


def exhausted(**error: Any) -> ProviderError:
    return failure(429, json.dumps({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", **error}}).encode())


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        ("Please retry in 21.5s.", 21.5),
        ("Please retry in 845.5ms.", 0.8455),
        ("Please retry in 1h2m3s.", 3723),
        ("Please retry in ..s.", None),
        ("Please wait.", None),
        (None, None),
    ],
)
def test_the_wait_in_words(message: str | None, seconds: float | None) -> None:
    assert exhausted(message=message).retry_after == seconds


@pytest.mark.parametrize("details", [None, "x", [1], [{"violations": "x"}], [{"violations": [{"quotaId": None}]}]])
def test_a_429_of_odd_shape_is_a_rate_limit(details: object) -> None:
    assert exhausted(details=details).kind is ErrorKind.RATE_LIMITED


@pytest.mark.parametrize(
    ("status", "kind", "billed"),
    [
        (301, ErrorKind.BAD_REQUEST, Billed.NO),
        (402, ErrorKind.QUOTA, Billed.NO),
        (413, ErrorKind.BAD_REQUEST, Billed.NO),
        (429, ErrorKind.RATE_LIMITED, Billed.NO),
        (503, ErrorKind.OVERLOADED, Billed.NO),
        (520, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
        (204, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html>zanzibar", b"[]", b'{"error": "zanzibar"}', b"\xff\xfe"])
def test_a_status_says_enough_when_the_body_does_not(
    status: int, kind: ErrorKind, billed: Billed, body: bytes
) -> None:
    error = failure(status, body)
    assert (error.kind, error.billed) == (kind, billed)
    assert "zanzibar" not in str(error)


@settings(max_examples=40)
@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_no_body_breaks_the_reader(body: bytes) -> None:
    for status in (200, 400, 429, 500):
        assert failure(status, body).kind in ErrorKind
