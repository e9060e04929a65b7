"""What the Batch API's answers mean, also such as no emulator gives."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagegen.providers.base import Billed, ErrorKind, ProviderError
from imagegen.providers.gemini_batch_answer import batch_in, page_in, standing, stop_answered
from tests.emulator.pictures import encoded

PICTURE = encoded("1:1", "1K").picture(1)
INLINED: dict[str, object] = {"inlinedResponses": {"inlinedResponses": [{"response": {"candidates": []}}]}}


def of(state: str, **more: object) -> bytes:
    return json.dumps({"name": "batches/1", "metadata": {"state": state, **more}}).encode()


def failure_of(status: int, body: bytes) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        standing(status, body)
    return caught.value


@pytest.mark.parametrize("prefix", ["BATCH", "JOB"])
def test_states(prefix: str) -> None:
    for state in ("PENDING", "RUNNING", "QUEUED", "CANCELLING", "UNSPECIFIED", "OF_A_NEWER_SERVER"):
        assert standing(200, of(f"{prefix}_STATE_{state}", output={"inlinedResponses": None})) is None
    for state, kind in (
        ("FAILED", ErrorKind.INTERNAL),
        ("EXPIRED", ErrorKind.INTERNAL),
        ("CANCELLED", ErrorKind.CANCELLED),
    ):
        error = failure_of(200, of(f"{prefix}_STATE_{state}"))
        assert (error.kind, error.billed) == (kind, Billed.PERHAPS)
    assert standing(200, of(f"{prefix}_STATE_SUCCEEDED", output=INLINED)) is not None


def test_the_output_may_stand_in_the_response_alone() -> None:
    body = json.dumps({"metadata": {"state": "BATCH_STATE_SUCCEEDED"}, "response": INLINED}).encode()
    ended = standing(200, body)
    assert ended is not None
    assert ended.inlined is not None


@pytest.mark.parametrize("output", [{}, {"inlinedResponses": {}}, {"responsesFile": "files/1"}])
def test_success_without_an_answer_is_no_picture(output: object) -> None:
    ended = standing(200, of("BATCH_STATE_SUCCEEDED", output=output))
    assert ended is not None
    with pytest.raises(ProviderError) as caught:
        ended.picture(None)
    assert (caught.value.kind, caught.value.billed) == (ErrorKind.NO_IMAGE, Billed.PERHAPS)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_look_that_fails_says_nothing_of_the_job(status: int) -> None:
    assert standing(status, b"") is None


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, ErrorKind.LOST), *((status, ErrorKind.OUTCOME_UNKNOWN) for status in (400, 401, 403))],
)
def test_a_job_that_is_not_told_of_is_never_free(status: int, kind: ErrorKind) -> None:
    error = failure_of(status, b"{}")
    assert (error.kind, error.billed) == (kind, Billed.PERHAPS)


@pytest.mark.parametrize("name", ["", "batches/", "batches/../x", "batches/a?b", "models/1", "batches/1\n"])
def test_a_name_that_is_none_is_not_asked_about(name: str) -> None:
    with pytest.raises(ProviderError) as caught:
        batch_in(200, json.dumps({"name": name}).encode())
    assert (caught.value.kind, caught.value.__context__) == (ErrorKind.OUTCOME_UNKNOWN, None)
    operations = [{"name": name, "metadata": {"displayName": "x"}}]
    assert page_in(200, json.dumps({"operations": operations}).encode()).names == {}


def test_a_page_of_the_list() -> None:
    operations = [
        {"name": "batches/1", "metadata": {"displayName": "x", "output": INLINED}},
        {"name": "batches/2"},
    ]
    page = page_in(200, json.dumps({"operations": operations, "nextPageToken": "a&b=/"}).encode())
    assert (page.names["x"], page.next_token) == ("batches/1", "a%26b%3D%2F")
    assert page_in(503, b'{"operations": [{"name": "batches/1"}]}').names == {}


def test_a_cancellation_that_was_not_heard() -> None:
    for status in (401, 429, 503):
        with pytest.raises(ProviderError):
            stop_answered(status, b"")
    stop_answered(404, b"")


@given(status=st.sampled_from([200, 400, 404, 500]), body=st.binary() | st.from_regex(rb'\{"metadata": .*\}'))
def test_no_body_breaks_the_reader(status: int, body: bytes) -> None:
    page_in(status, body)
    for read in (batch_in, standing):
        with suppress(ProviderError):
            read(status, body)
