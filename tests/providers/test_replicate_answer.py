"""What Replicate's answers mean, without a network: how predictions end, and what is known of money then."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagegen.providers.base import Billed, ErrorKind, ProviderError
from imagegen.providers.remote import Finished, Running
from imagegen.providers.replicate_answer import created, state_of, stop_answered, uploaded
from imagegen.providers.transfer import Answer

LINK = "https://replicate.delivery/xezq/heron.png"


def look(**prediction: Any) -> Running | Finished:
    return state_of(Answer(200, {}, json.dumps(prediction).encode()))


def end_of(**prediction: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        look(**prediction)
    return caught.value


@pytest.mark.parametrize("output", [LINK, [LINK], [LINK, "https://replicate.delivery/another.png"]])
def test_a_picture(output: object) -> None:
    assert look(status="succeeded", output=output) == Finished(LINK)


@pytest.mark.parametrize("status", ["starting", "processing", "queued"])
def test_it_has_not_ended(status: str) -> None:
    assert look(status=status, output=None) == Running()


@pytest.mark.parametrize("status", [429, 500, 502, 503, 520])
def test_trouble_with_the_look_alone_says_nothing_of_the_job(status: int) -> None:
    assert state_of(Answer(status, {}, b"<html>")) == Running()


@pytest.mark.parametrize("output", [None, [], ""])
def test_no_picture(output: object) -> None:
    error = end_of(status="succeeded", output=output)
    assert (error.kind, error.billed) == (ErrorKind.NO_IMAGE, Billed.PERHAPS)


@pytest.mark.parametrize(
    "words",
    [
        "The input or output was flagged as sensitive. Please try again with different inputs. (E005)",
        "Prediction failed: E005",
        "All generated images contained NSFW content. Try running it again with a different prompt.",
        "NSFW content detected. Try running it again, or try a different prompt.",
        "blocked by the content policy",
    ],
)
def test_against_a_policy(words: str) -> None:
    error = end_of(status="failed", error=words)
    assert (error.kind, error.billed) == (ErrorKind.POLICY, Billed.PERHAPS)
    assert words not in error.message


@pytest.mark.parametrize("words", [None, "", "CUDA out of memory", "E0051", "E1001: Model Out of Memory"])
def test_a_failure(words: str | None) -> None:
    error = end_of(status="failed", error=words)
    assert (error.kind, error.billed) == (ErrorKind.INTERNAL, Billed.PERHAPS)


@pytest.mark.parametrize("status", ["canceled", "aborted"])
def test_cancelled(status: str) -> None:
    error = end_of(status=status)
    assert (error.kind, error.billed) == (ErrorKind.CANCELLED, Billed.PERHAPS)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, ErrorKind.LOST),
        (301, ErrorKind.LOST),
        (400, ErrorKind.LOST),
        (404, ErrorKind.LOST),
        (401, ErrorKind.OUTCOME_UNKNOWN),  # it will be told when the token is mended
        (403, ErrorKind.OUTCOME_UNKNOWN),
    ],
)
def test_a_job_that_is_not_told_of_was_created_all_the_same(status: int, kind: ErrorKind) -> None:
    with pytest.raises(ProviderError) as caught:
        state_of(Answer(status, {}, b'{"detail": "zanzibar"}'))
    assert (caught.value.kind, caught.value.billed) == (kind, Billed.PERHAPS)
    assert "zanzibar" not in str(caught.value)
    assert caught.value.__context__ is None


def test_an_hour_later_the_picture_is_gone() -> None:
    error = end_of(status="succeeded", output=None, data_removed=True)
    assert (error.kind, error.billed) == (ErrorKind.LOST, Billed.PERHAPS)


@pytest.mark.parametrize("identity", ["", "../account", "a/b", "a b", None, 7, "x" * 101])
def test_an_id_that_could_be_no_part_of_an_address(identity: object) -> None:
    with pytest.raises(ProviderError) as caught:
        created(Answer(201, {}, json.dumps({"id": identity}).encode()))
    assert caught.value.kind is ErrorKind.OUTCOME_UNKNOWN


@pytest.mark.parametrize(
    ("headers", "detail", "seconds"),
    [
        ({}, "Request was throttled. Your rate limit resets in ~30s.", 30),
        ({}, "Your rate limit resets in 1.5 s", 1.5),
        ({"retry-after": "12"}, "Your rate limit resets in ~30s.", 12),
        ({}, "Request was throttled.", None),
    ],
)
def test_the_wait(headers: dict[str, str], detail: str, seconds: float | None) -> None:
    with pytest.raises(ProviderError) as caught:
        created(Answer(429, headers, json.dumps({"detail": detail, "status": 429}).encode()))
    assert (caught.value.kind, caught.value.retry_after) == (ErrorKind.RATE_LIMITED, seconds)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, b"", ErrorKind.AUTH),
        (402, b"", ErrorKind.QUOTA),
        (429, b"", ErrorKind.RATE_LIMITED),
        (500, b"", ErrorKind.OVERLOADED),
        (413, b"", ErrorKind.BAD_REQUEST),
        (201, b"[]", ErrorKind.BAD_REQUEST),
        (201, b'{"urls": {}}', ErrorKind.BAD_REQUEST),
    ],
)
def test_a_reference_that_was_not_taken_costs_nothing(status: int, body: bytes, kind: ErrorKind) -> None:
    with pytest.raises(ProviderError) as caught:
        uploaded(Answer(status, {}, body))
    assert (caught.value.kind, caught.value.billed) == (kind, Billed.NO)
    assert caught.value.__context__ is None


def test_cancelling_what_is_gone_is_no_failure() -> None:
    for status in (200, 404):
        stop_answered(Answer(status, {}, b""))


@settings(max_examples=40)
@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
    | st.dictionaries(
        st.sampled_from(["id", "status", "output", "error", "detail", "urls"]),
        st.none() | st.sampled_from(["failed", "succeeded", "canceled"]) | st.lists(st.text()),
    ).map(lambda body: json.dumps(body).encode())
)
def test_no_body_breaks_the_reader(body: bytes) -> None:
    for status in (200, 201, 400, 429, 500):
        for read in (created, state_of, stop_answered, uploaded):
            with suppress(ProviderError):
                read(Answer(status, {}, body))
