"""What the answers of fal's queue mean, without a network: how requests end, and what is known of money then."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagegen.providers.base import Billed, ErrorKind, ProviderError
from imagegen.providers.fal_answer import accepted, has_ended, result_of, stop_answered
from imagegen.providers.remote import Finished, Running
from imagegen.providers.transfer import Answer

LINK = "https://v3.fal.media/files/heron.png"


def answer(status: int, body: object) -> Answer:
    return Answer(status, {}, json.dumps(body).encode())


def end_of(status: int, body: object) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        result_of(answer(status, body))
    return caught.value


def refused(status: int, body: object) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        accepted(answer(status, body), "fal-ai/flux/schnell")
    return caught.value


def model_error(kind: str) -> dict[str, object]:
    return {"detail": [{"loc": ["body", "prompt"], "msg": "zanzibar", "type": kind, "input": "zanzibar"}]}


@pytest.mark.parametrize("flags", [{}, {"has_nsfw_concepts": None}, {"has_nsfw_concepts": [False]}])
def test_a_picture(flags: dict[str, object]) -> None:
    assert result_of(answer(200, {"images": [{"url": LINK}], **flags})) == Finished(LINK)


@pytest.mark.parametrize("body", [{}, {"images": []}, {"images": [{}]}, {"images": [{"url": ""}]}])
def test_no_picture(body: object) -> None:
    error = end_of(200, body)
    assert (error.kind, error.billed) == (ErrorKind.NO_IMAGE, Billed.PERHAPS)


@pytest.mark.parametrize(
    ("status", "body", "ended"),
    [
        (202, {"status": "IN_QUEUE", "queue_position": 3}, False),
        (202, {"status": "IN_PROGRESS"}, False),
        (200, {"status": "COMPLETED"}, True),
        (200, {"status": "IN_PROGRESS"}, False),
        (429, {"detail": "slow down"}, False),
        (502, "<html>", False),
    ],
)
def test_the_status(status: int, body: object, ended: bool) -> None:
    assert has_ended(answer(status, body)) is ended


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, ErrorKind.LOST),
        (301, ErrorKind.LOST),
        (404, ErrorKind.LOST),
        (422, ErrorKind.LOST),
        (401, ErrorKind.OUTCOME_UNKNOWN),  # it will be told when the key is mended
        (403, ErrorKind.OUTCOME_UNKNOWN),
    ],
)
def test_a_request_that_is_not_told_of_was_accepted_all_the_same(status: int, kind: ErrorKind) -> None:
    with pytest.raises(ProviderError) as caught:
        has_ended(answer(status, {"detail": "zanzibar"}))
    assert (caught.value.kind, caught.value.billed) == (kind, Billed.PERHAPS)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (422, model_error("content_policy_violation"), ErrorKind.POLICY),
        (400, model_error("content_policy_violation"), ErrorKind.POLICY),
        (422, model_error("no_media_generated"), ErrorKind.NO_IMAGE),
        (422, model_error("string_too_long"), ErrorKind.BAD_REQUEST),
        (422, {"detail": "zanzibar"}, ErrorKind.BAD_REQUEST),
        (500, model_error("internal_server_error"), ErrorKind.INTERNAL),
        (500, {"detail": "zanzibar"}, ErrorKind.INTERNAL),
        (504, model_error("generation_timeout"), ErrorKind.INTERNAL),
        (503, {"detail": "zanzibar", "error_type": "runner_disconnected"}, ErrorKind.INTERNAL),
        (499, {"detail": "zanzibar", "error_type": "client_cancelled"}, ErrorKind.CANCELLED),
        (404, {"detail": "zanzibar"}, ErrorKind.LOST),
        (401, {"detail": "zanzibar"}, ErrorKind.OUTCOME_UNKNOWN),
        (403, {"detail": "User is locked. zanzibar"}, ErrorKind.OUTCOME_UNKNOWN),
        (307, {"detail": "zanzibar"}, ErrorKind.LOST),
        (422, "zanzibar", ErrorKind.LOST),
        (200, ["zanzibar"], ErrorKind.LOST),
    ],
)
def test_an_end_without_a_picture_may_have_been_billed(status: int, body: object, kind: ErrorKind) -> None:
    error = end_of(status, body)
    assert (error.kind, error.billed) == (kind, Billed.PERHAPS)
    assert "zanzibar" not in error.message
    assert error.__context__ is None


@pytest.mark.parametrize(
    ("status", "body"),
    [(429, {"detail": "slow down"}), (502, "<html>"), (503, {"detail": "unavailable"}), (500, "<html>")],
)
def test_a_failure_before_the_queue_leaves_the_result_there(status: int, body: object) -> None:
    assert result_of(answer(status, body)) == Running()


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("User is locked. Reason: Exhausted balance. Top up your balance.", ErrorKind.QUOTA),
        ("User is locked. Reason: TOP_UP.", ErrorKind.QUOTA),
        ("User is locked. Reason: Admin lock.", ErrorKind.AUTH),
        ("Access denied", ErrorKind.AUTH),
        (["Exhausted balance"], ErrorKind.AUTH),
    ],
)
def test_a_locked_account_is_told_from_a_bad_key(words: object, kind: ErrorKind) -> None:
    error = refused(403, {"detail": words})
    assert (error.kind, error.billed) == (kind, Billed.NO)


@pytest.mark.parametrize("identity", ["", "../x", "a/b", None, 7, "x" * 101])
def test_an_id_that_could_be_no_part_of_an_address(identity: object) -> None:
    assert refused(200, {"request_id": identity}).kind is ErrorKind.OUTCOME_UNKNOWN


@pytest.mark.parametrize(
    ("told", "path"),
    [
        ("https://queue.fal.run/fal-ai/flux/requests/abc-1", "fal-ai/flux/requests/abc-1"),
        ("http://10.0.0.1/own/app/v2/requests/abc-1", "own/app/v2/requests/abc-1"),  # its host is never asked
        (None, "fal-ai/flux/requests/abc-1"),
        ("", "fal-ai/flux/requests/abc-1"),
        (["x"], "fal-ai/flux/requests/abc-1"),
        ("http://10.0.0.1/", "fal-ai/flux/requests/abc-1"),
        ("https://queue.fal.run/fal-ai/../secrets/abc-1", "fal-ai/flux/requests/abc-1"),
        ("https://queue.fal.run/fal-ai/flux/requests/abc-1?key=1", "fal-ai/flux/requests/abc-1"),
        ("file:///etc/passwd", "fal-ai/flux/requests/abc-1"),
    ],
)
def test_a_request_is_asked_about_at_the_path_that_was_told(told: object, path: str) -> None:
    body = {"request_id": "abc-1", **({} if told is None else {"response_url": told})}
    assert accepted(answer(200, body), "fal-ai/flux/schnell") == path


@pytest.mark.parametrize("status", [200, 202, 400, 404, 409])
def test_cancelling_what_has_ended_or_is_gone_is_no_failure(status: int) -> None:
    stop_answered(answer(status, {"status": "ALREADY_COMPLETED"}))


@settings(max_examples=40)
@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
    | st.dictionaries(
        st.sampled_from(["request_id", "status", "images", "detail", "error_type", "has_nsfw_concepts"]),
        st.none() | st.text() | st.lists(st.dictionaries(st.sampled_from(["type", "url"]), st.text())),
    ).map(lambda body: json.dumps(body).encode())
)
def test_no_body_breaks_the_reader(body: bytes) -> None:
    for status in (200, 202, 400, 403, 422, 429, 500):
        for read in (partial(accepted, app="fal-ai/flux"), has_ended, result_of, stop_answered):
            with suppress(ProviderError):
                read(Answer(status, {}, body))
