"""What Runware's answers mean, word by word."""

from __future__ import annotations

import json
from typing import Any

import pytest

from imagegen.catalogue.records import MicroUsd
from imagegen.providers.base import Billed, ErrorKind, ProviderError
from imagegen.providers.remote import Finished, Running
from imagegen.providers.runware_answer import Missing, category_of, has_details, looked, taken_in

TASK, OTHER = "8f14e45f-ceea-467f-ab4d-fb2a35d0e1a1", "c9f0f895-fb98-4b91-9f8c-3d1f0a1b2c3d"
LINK = "https://im.example/1.jpg"


def body(*data: dict[str, Any], errors: Any = None) -> bytes:
    told: dict[str, Any] = {"data": [{"taskType": "imageInference", "taskUUID": TASK, **entry} for entry in data]}
    return json.dumps(told if errors is None else told | {"errors": errors}).encode()


def error(code: str, task: str | None = TASK) -> bytes:
    return body(errors=[{"code": code, "message": "zanzibar"} | ({"taskUUID": task} if task else {})])


@pytest.mark.parametrize(
    ("code", "category"),
    [
        ("insufficientCredits", "quota"),
        ("paymentRequired", "quota"),
        ("inferenceRateLimitExceeded", "rate"),
        ("rateLimitExceeded", "rate"),
        ("promptBlocked", "safety"),
        ("invalidProviderContent", "safety"),
        ("invalidApiKey", "auth"),
        ("missingApiKey", "auth"),
        ("tokenExpired", "auth"),
        ("accountSuspended", "leave"),
        ("modelNotFound", "model"),
        ("noAvailableServer", "full"),
        ("invalidWidth", "request"),
        ("unsupportedParameter", "request"),
        ("taskCancelled", "stopped"),
        ("providerTimeout", "vendor"),
        ("internalServerError", "vendor"),
        ("somethingNew", "vendor"),
    ],
)
def test_codes(code: str, category: str) -> None:
    assert category_of(code) == category


@pytest.mark.parametrize(
    ("status", "told", "kind", "billed"),
    [
        (400, error("invalidWidth"), ErrorKind.BAD_REQUEST, Billed.NO),
        (200, error("invalidWidth"), ErrorKind.BAD_REQUEST, Billed.NO),
        (401, error("invalidApiKey", None), ErrorKind.AUTH, Billed.NO),
        (403, b"<html>", ErrorKind.AUTH, Billed.NO),
        (402, error("insufficientCredits"), ErrorKind.QUOTA, Billed.NO),
        (400, error("contentPolicyViolation"), ErrorKind.POLICY, Billed.NO),
        (400, error("somethingNew"), ErrorKind.BAD_REQUEST, Billed.NO),
        (200, error("somethingNew"), ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
        (500, error("internalServerError"), ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
        (503, b"", ErrorKind.OVERLOADED, Billed.NO),
        (200, b"[]", ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
        (200, b'{"data": {}}', ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
        (200, b'{"data": []}', ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
        (200, error("invalidWidth", OTHER), ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    ],
)
def test_what_is_not_taken_in(status: int, told: bytes, kind: ErrorKind, billed: Billed) -> None:
    with pytest.raises(ProviderError) as caught:
        taken_in(status, {}, told, TASK)
    assert (caught.value.kind, caught.value.billed) == (kind, billed)
    assert "zanzibar" not in str(caught.value)


@pytest.mark.parametrize("told", [body({}), body({}, errors=[]), error("conflictTaskUUID")])
def test_what_is_taken_in(told: bytes) -> None:
    taken_in(200, {}, told, TASK)


@pytest.mark.parametrize(
    ("status", "told", "state"),
    [
        (200, body({"status": "processing", "progress": 40}), Running(0.4)),
        (200, body({"status": "processing"}), Running()),
        (200, body({"status": "success", "imageURL": LINK, "cost": 0.0013}), Finished(LINK, MicroUsd(1300))),
        (200, body({"status": "success", "imageURL": LINK, "cost": "dear"}), Finished(LINK)),
        (200, body({"imageURL": LINK}), Finished(LINK)),
        (200, body(), Missing.SILENT),
        (200, b"<html>", Missing.SILENT),
        (502, b"<html>", Missing.SILENT),
        (429, error("rateLimitExceeded"), Missing.SILENT),
        (404, error("taskNotFound"), Missing.NOT_FOUND),
        (200, error("taskNotFound", None), Missing.NOT_FOUND),
        (200, error("taskNotFound", OTHER), Missing.SILENT),
    ],
)
def test_how_a_task_stands(status: int, told: bytes, state: object) -> None:
    assert looked(status, told, TASK) == state


@pytest.mark.parametrize(
    ("told", "kind", "billed"),
    [
        (body({"status": "success", "cost": 0.01}), ErrorKind.NO_IMAGE, Billed.PERHAPS),
        (body({"status": "error", "error": {"code": "imageBlocked"}}), ErrorKind.POLICY, Billed.PERHAPS),
        (body({"status": "error"}), ErrorKind.INTERNAL, Billed.PERHAPS),
        (error("inferenceError"), ErrorKind.INTERNAL, Billed.PERHAPS),
        (error("providerRateLimitExceeded"), ErrorKind.INTERNAL, Billed.PERHAPS),
        (error("insufficientCredits"), ErrorKind.QUOTA, Billed.NO),
        (error("taskCancelled"), ErrorKind.CANCELLED, Billed.PERHAPS),
        (error("taskExpired"), ErrorKind.LOST, Billed.PERHAPS),
        (error("taskFailedOrNotFound"), ErrorKind.LOST, Billed.PERHAPS),
        (error("invalidApiKey", None), ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    ],
)
def test_how_a_task_ends_in_vain(told: bytes, kind: ErrorKind, billed: Billed) -> None:
    with pytest.raises(ProviderError) as caught:
        looked(200, told, TASK)
    assert (caught.value.kind, caught.value.billed) == (kind, billed)


def test_what_an_empty_success_cost_is_kept() -> None:
    with pytest.raises(ProviderError) as caught:
        looked(200, body({"status": "success", "cost": 0.01}), TASK)
    assert caught.value.usd == MicroUsd(10_000)


@pytest.mark.parametrize(
    ("told", "known"),
    [
        (body({"request": [], "response": {}}), True),
        (error("taskNotFound"), False),
        (error("taskFailedOrNotFound"), None),
        (body(), None),
        (b"", None),
    ],
)
def test_details(told: bytes, known: bool | None) -> None:
    assert has_details(told, TASK) is known
