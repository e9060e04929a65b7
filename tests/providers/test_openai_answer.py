"""What usage costs, how long to wait, and what a status says when the body does not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagegen.catalogue.records import MicroUsd
from imagegen.providers.base import Billed, ErrorKind, Picture, ProviderError
from imagegen.providers.openai import OpenAiProvider
from imagegen.providers.openai_answer import picture_in

PRICE = OpenAiProvider.record.models[0].price
PNG = "iVBORw0KGgo="  # the eight bytes every PNG begins with


def read(**answer: Any) -> Picture:
    return picture_in(200, {}, json.dumps({"data": [{"b64_json": PNG}], **answer}).encode(), PRICE)


def failure(status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        picture_in(status, headers or {}, body, PRICE)
    return caught.value


def refused(status: int, **error: Any) -> ProviderError:
    return failure(status, json.dumps({"error": error}).encode())


def test_input_that_is_not_broken_down_counts_as_the_dearer_kind() -> None:
    usage = {"input_tokens": 10, "output_tokens": 100}
    assert read(usage=usage).usd == MicroUsd(10 * 8 + 100 * 30)
    assert read(usage=usage | {"input_tokens_details": {"image_tokens": 4}}).usd == MicroUsd(30 + 4 * 8 + 3000)


@pytest.mark.parametrize("answer", [{}, {"usage": None}])
def test_without_usage_the_cost_is_not_known(answer: dict[str, object]) -> None:
    picture = read(**answer)
    assert (picture.usd, picture.usage) == (None, {})


@pytest.mark.parametrize(
    ("headers", "per_minute"),
    [
        ({}, None),
        ({"x-ratelimit-limit-requests": "500"}, 500),
        ({"x-ratelimit-limit-images": "5", "x-ratelimit-limit-requests": "500"}, 5),
        ({"x-ratelimit-limit-images": "many"}, None),
        ({"x-ratelimit-limit-images": "0"}, None),
    ],
)
def test_the_limit_that_the_answer_names(headers: dict[str, str], per_minute: int | None) -> None:
    body = json.dumps({"data": [{"b64_json": PNG}]}).encode()
    assert picture_in(200, headers, body, PRICE).images_per_minute == per_minute


@pytest.mark.parametrize("data", [None, [], [{}], [{"b64_json": None}], [{"b64_json": ""}]])
def test_no_picture(data: object) -> None:
    error = failure(200, json.dumps({"data": data}).encode())
    assert (error.kind, error.billed) == (ErrorKind.NO_IMAGE, Billed.PERHAPS)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "20"}, 20),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "2"}, 2),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "Sat, 21 Nov 2020 20:00:00 GMT"}, 0.0),
        ({}, None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_the_wait(status: int, headers: dict[str, str], seconds: float | None) -> None:
    assert failure(status, headers=headers).retry_after == seconds


@pytest.mark.parametrize(
    ("status", "error", "kind", "billed"),
    [
        (400, {"code": "content_policy_violation"}, ErrorKind.POLICY, Billed.NO),
        (400, {"code": "moderation_blocked", "moderation_details": "x"}, ErrorKind.POLICY, Billed.NO),
        (400, {"code": "moderation_blocked", "moderation_stage": "output"}, ErrorKind.POLICY, Billed.PERHAPS),
        (429, {"code": None, "type": "insufficient_quota"}, ErrorKind.QUOTA, Billed.NO),
        (429, {"code": ["insufficient_quota"]}, ErrorKind.RATE_LIMITED, Billed.NO),
        (500, {"code": "moderation_blocked"}, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    ],
)
def test_codes(status: int, error: dict[str, object], kind: ErrorKind, billed: Billed) -> None:
    told = refused(status, **error)
    assert (told.kind, told.billed) == (kind, billed)


@pytest.mark.parametrize(
    ("status", "kind", "billed"),
    [
        (301, ErrorKind.BAD_REQUEST, Billed.NO),
        (401, ErrorKind.AUTH, Billed.NO),
        (402, ErrorKind.QUOTA, Billed.NO),
        (403, ErrorKind.AUTH, Billed.NO),
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
    | st.dictionaries(
        st.sampled_from(["code", "type", "moderation_details"]), st.none() | st.lists(st.text())
    ).map(lambda error: json.dumps({"error": error}).encode())
)
def test_no_body_breaks_the_reader(body: bytes) -> None:
    for status in (200, 400, 429, 500):
        assert failure(status, body).kind in ErrorKind
