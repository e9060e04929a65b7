"""What Runware's answers mean: a task that was taken in, how it stands, or why not and whether it cost. Pure.

Every answer is an object with `data` and `errors`, lists whose entries name their task. Errors are known by their
code; the categories are those of runware-sdk 1.8.0, runware/errors.py (read 2026-11-21).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, Literal

from imagegen.providers.answer import empty, forbidden, object_in, refused, told_cost, unknown, withheld
from imagegen.providers.base import ProviderError, lost
from imagegen.providers.remote import Finished, Running, failed, stopped, unclear

TITLE, SETTING = "Runware", "RUNWARE_API_KEY"

Category = Literal["quota", "rate", "safety", "auth", "leave", "model", "full", "request", "stopped", "vendor"]

_BY_CODE: Mapping[str, Category] = {
    **dict.fromkeys(("paymentRequired", "environmentPaused"), "quota"),
    **dict.fromkeys(
        (
            "contentPolicyViolation",
            "providerContentPolicyViolation",
            "sensitiveContentDetected",
            "unsafeContentDetected",
            "nsfwContentDetected",
            "promptBlocked",
            "imageBlocked",
            "moderationFailed",
            "invalidProviderContent",
        ),
        "safety",
    ),
    **dict.fromkeys(
        (
            "unauthorized",
            "authenticationFailed",
            "authFailed",
            "authTimeout",
            "invalidAuthentication",
            "invalidCredentials",
            "missingAuthentication",
            "tokenExpired",
            "tokenInvalid",
            "tokenMissing",
            "tokenRevoked",
        ),
        "auth",
    ),
    **dict.fromkeys(
        (
            "forbidden",
            "permissionDenied",
            "insufficientPermissions",
            "accountSuspended",
            "accountDisabled",
            "organizationSuspended",
            "organizationDisabled",
            "workspaceSuspended",
            "workspaceDisabled",
        ),
        "leave",
    ),
    **dict.fromkeys(("modelNotFound", "unknownModel", "modelDisabled"), "model"),
    # The vendor's words for having no room, said before a task begins.
    **dict.fromkeys(
        ("serviceUnavailable", "serverUnavailable", "noAvailableServer", "modelUnavailable", "modelNotReady"),
        "full",
    ),
    "taskCancelled": "stopped",
}
_BY_PART: tuple[tuple[str, Category], ...] = (
    ("Credits", "quota"),
    ("Quota", "quota"),
    ("quotaExceeded", "quota"),
    ("Balance", "quota"),
    ("RateLimit", "rate"),
    ("rateLimit", "rate"),
    ("ApiKey", "auth"),
)
_REQUEST = (
    "duplicate",
    "invalid",
    "missing",
    "conflict",
    "unsupported",
    "unknownParameter",
    "incompatible",
    "value",
    "array",
    "max",
)
_AS_STATUS: Mapping[Category, int] = {
    "quota": 402,
    "rate": 429,
    "auth": 401,
    "leave": 403,
    "model": 404,
    "full": 503,
    "request": 400,
}
_IN_VAIN: frozenset[Category] = frozenset({"quota", "model", "request"})
"""Why a task that was taken in ended before any work."""


class Missing(Enum):
    """What is said of a task that is not shown."""

    SILENT = "nothing, as also happens to a task that has just begun"
    NOT_FOUND = "that there is none"


def category_of(code: str) -> Category:
    """What kind of trouble an error's code stands for; what is not known counts as the vendor's own."""
    if code in _BY_CODE:
        return _BY_CODE[code]
    for part, category in _BY_PART:
        if part in code:
            return category
    return "request" if code.startswith(_REQUEST) else "vendor"


def taken_in(status: int, headers: Mapping[str, str], body: bytes, task: str) -> None:
    """Read the answer to a task that was posted; the names of `headers` are in lower case.

    Raises `ProviderError` when the task was not taken in, or when that cannot be told.
    """
    answer = object_in(body)
    code = next(_codes(answer, task), None)
    if code == "conflictTaskUUID":
        return  # the id is this attempt's alone, so the task that has it is the one that was posted
    if code is not None:
        category = category_of(code)
        if category == "safety":
            raise forbidden(TITLE)
        raise refused(_status_of(category, status), TITLE, SETTING, headers)
    if status != 200:
        raise refused(status, TITLE, SETTING, headers)
    if not any(_entries(answer, "data", task)):
        raise unknown(f"{TITLE}'s answer could not be read.")


def looked(status: int, body: bytes, task: str) -> Running | Finished | Missing:
    """How a task stands, by the answer to `getResponse`. Raises `ProviderError` when it has ended in vain."""
    if status == 429 or status >= 500:
        return Missing.SILENT  # about the look alone
    if status in (401, 403):
        raise unclear(TITLE)
    answer = object_in(body)
    code = next(_codes(answer, task), None)
    if code == "taskNotFound":
        return Missing.NOT_FOUND
    if code is not None:
        raise _end(code)
    shown = next(_entries(answer, "data", task), None)
    if shown is None:
        return Missing.SILENT
    usd, link = told_cost(shown.get("cost")), shown.get("imageURL")
    if isinstance(link, str) and link:
        return Finished(link, usd)
    if shown.get("status") == "success":
        raise empty(TITLE, usd)
    done = shown.get("progress")
    return Running(done / 100 if isinstance(done, int) and 0 <= done <= 100 else None)


def has_details(body: bytes, task: str) -> bool | None:
    """Whether Runware keeps that task, by the answer to `getTaskDetails`; None when it does not say."""
    answer = object_in(body)
    if any(_entries(answer, "data", task)):
        return True
    return False if next(_codes(answer, task), "") == "taskNotFound" else None


def account_status(status: int, body: bytes) -> int:
    """The HTTP status that the answer to a question about the account stands for."""
    code = next(_codes(object_in(body), None), None)
    return status if code is None else _status_of(category_of(code), status)


def _end(code: str) -> ProviderError:
    """What an error means that a task has ended with."""
    category = category_of(code)
    if code in ("taskFailedOrNotFound", "taskExpired"):
        return lost(TITLE)
    if category in ("auth", "leave"):
        return unclear(TITLE)
    if category == "stopped":
        return stopped(TITLE)
    if category == "safety":
        return withheld(TITLE)
    if category in _IN_VAIN:
        return refused(_AS_STATUS[category], TITLE, SETTING, {})
    return failed(TITLE)


def _status_of(category: Category, status: int) -> int:
    """The HTTP status that goes with an error, whatever the answer came with."""
    return _AS_STATUS.get(category, status if status >= 400 else 500)


def _entries(answer: Mapping[str, Any], name: str, task: str | None) -> Iterator[Mapping[str, Any]]:
    """The entries of a list that are about that task, or about none in particular."""
    listed = answer.get(name)
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, dict) and entry.get("taskUUID", task) in (task, None):
            yield entry


def _codes(answer: Mapping[str, Any], task: str | None) -> Iterator[str]:
    """The codes of all errors about that task: of the answer as a whole, and of the task's own state."""
    for entry in _entries(answer, "errors", task):
        yield str(entry.get("code"))
    for entry in _entries(answer, "data", task):
        if entry.get("status") == "error":
            error = entry.get("error")
            yield str(error.get("code")) if isinstance(error, dict) else "taskFailed"
