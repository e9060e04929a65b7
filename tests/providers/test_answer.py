"""What the answers of all vendors have in common."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from imagegen.providers.answer import refused, retry_after
from imagegen.providers.base import Billed, ErrorKind

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
STATUSES = [
    (400, ErrorKind.BAD_REQUEST, Billed.NO),
    (401, ErrorKind.AUTH, Billed.NO),
    (402, ErrorKind.QUOTA, Billed.NO),
    (403, ErrorKind.AUTH, Billed.NO),
    (404, ErrorKind.NOT_FOUND, Billed.NO),
    (413, ErrorKind.BAD_REQUEST, Billed.NO),
    (422, ErrorKind.BAD_REQUEST, Billed.NO),
    (429, ErrorKind.RATE_LIMITED, Billed.NO),
    (503, ErrorKind.OVERLOADED, Billed.NO),
    (302, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (500, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (502, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (504, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
]


@pytest.mark.parametrize(("status", "kind", "billed"), STATUSES)
def test_a_status_has_its_kind(status: int, kind: ErrorKind, billed: Billed) -> None:
    error = refused(status, "Vendor", "VENDOR_KEY", {"retry-after": "7"})
    assert (error.kind, error.billed) == (kind, billed)
    assert error.message.startswith("Vendor")
    assert error.message.endswith(".")
    assert "{" not in error.message
    assert error.retry_after == (7.0 if status in (429, 503) else None)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "21"}, 21.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Sat, 21 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:30"}, 30.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "inf"}, None),
    ],
)
def test_the_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOON) == seconds
