"""What RunPod's answers mean, and where a worker's output holds its picture."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from imagegen.catalogue.records import MicroUsd
from imagegen.providers.base import Billed, ErrorKind, ProviderError
from imagegen.providers.remote import Finished, Running
from imagegen.providers.runpod_answer import looked, picture_of, taken_in

PNG = b"\x89PNG\r\n\x1a\n the rest"
B64 = base64.b64encode(PNG).decode()
LINK = "https://pod.example/1.png"


def nested(depth: int) -> Any:
    return LINK if depth == 0 else [nested(depth - 1)]


@pytest.mark.parametrize(
    ("output", "picture"),
    [
        (LINK, LINK),
        (B64, PNG),
        (f"data:image/png;base64,{B64}", PNG),
        ([LINK], LINK),
        ([B64, "more"], PNG),
        ({"image_url": LINK, "cost": 0.0025}, LINK),
        ({"image_url": LINK, "images": [LINK + "?again"], "seed": 7}, LINK),
        ({"image": B64}, PNG),
        ({"image": f"data:image/webp;base64,{B64}"}, PNG),
        ({"image_base64": B64}, PNG),
        ({"images": [B64], "parameters": {}, "info": "{}"}, PNG),
        ({"images": [{"filename": "1.png", "type": "base64", "data": B64}]}, PNG),
        ({"images": [{"filename": "1.png", "type": "s3_url", "data": LINK}]}, LINK),
        ({"images": [{"url": LINK}]}, LINK),
        ({"result": LINK, "cost": 0.02}, LINK),
        ({"output": {"result": [B64]}}, PNG),
        ({"status": "success", "message": B64}, PNG),
        ({"image_url": "", "image": B64}, PNG),
        (nested(5), LINK),
        (nested(6), None),
        (None, None),
        ("done", None),
        ("success!", None),
        (7, None),
        ([], None),
        ({}, None),
        ({"status": "success"}, None),
        ({"prompt": LINK}, None),
        ({"images": []}, None),
        ({"image": {"image": {"image": {"image": {"image": {"image": LINK}}}}}}, None),
        ("data:image/png;base64,?%*", None),
    ],
)
def test_the_picture_of_an_output(output: object, picture: bytes | str | None) -> None:
    assert picture_of(output) == picture


def state(status: str, **further: object) -> bytes:
    return json.dumps({"id": "1", "status": status} | further).encode()


@pytest.mark.parametrize(
    ("status", "body", "stands"),
    [
        (200, state("IN_QUEUE"), Running()),
        (200, state("IN_PROGRESS", output="half done"), Running()),
        (200, state("COMPLETED", output={"image_url": LINK, "cost": 0.0025}), Finished(LINK, MicroUsd(2500))),
        (200, state("COMPLETED", output=B64), Finished(PNG)),
        (200, state("COMPLETED", output={"image_url": LINK, "cost": -1}), Finished(LINK)),
        (200, state("SOMETHING_NEW"), Running()),
        (200, b"<html>", Running()),
        (429, b"", Running()),
        (502, b"<html>", Running()),
    ],
)
def test_how_a_job_stands(status: int, body: bytes, stands: object) -> None:
    assert looked(status, body) == stands


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, state("COMPLETED"), ErrorKind.NO_IMAGE),
        (200, state("COMPLETED", output="zanzibar"), ErrorKind.NO_IMAGE),
        (200, state("FAILED", error="zanzibar"), ErrorKind.INTERNAL),
        (200, state("TIMED_OUT"), ErrorKind.INTERNAL),
        (200, state("CANCELLED"), ErrorKind.CANCELLED),
        (404, b"job not found", ErrorKind.LOST),
        (401, b"", ErrorKind.OUTCOME_UNKNOWN),
    ],
)
def test_how_a_job_ends_in_vain(status: int, body: bytes, kind: ErrorKind) -> None:
    with pytest.raises(ProviderError) as caught:
        looked(status, body)
    assert (caught.value.kind, caught.value.billed) == (kind, Billed.PERHAPS)
    assert "zanzibar" not in str(caught.value)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"id": 5}', b'{"id": ""}'])
def test_a_job_without_an_id_may_run(body: bytes) -> None:
    with pytest.raises(ProviderError) as caught:
        taken_in(200, {}, body)
    assert (caught.value.kind, caught.value.billed) == (ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS)


def test_the_id_of_a_job() -> None:
    assert taken_in(200, {}, state("IN_QUEUE")) == "1"
