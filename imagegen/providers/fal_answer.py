"""What the answers of fal's queue mean: a request was accepted, has ended, and what came of it. Pure.

What it means for money is told by fal so: a failure of its own (5xx) is never charged, a refusal (422) may be if a
runner had worked on it. As no live call has confirmed the first, it is taken for perhaps billed here, too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from imagegen.providers.answer import empty, refused, unknown, withheld
from imagegen.providers.base import Billed, ErrorKind, ProviderError, lost
from imagegen.providers.remote import Finished, Running, failed, stopped, unclear

if TYPE_CHECKING:
    from imagegen.providers.transfer import Answer

TITLE, SETTING = "fal", "FAL_KEY"

_LOCKED = re.compile(r"\blocked\b.*(?:balance|TOP_UP)", re.IGNORECASE)
"""“User is locked. Reason: Exhausted balance. …” comes with 403, as a bad key may."""

_RESPONSE_PATH = re.compile(r"^https?://[^/?#]+/((?:[A-Za-z0-9_-][A-Za-z0-9_.-]*/){1,8}[A-Za-z0-9_-]{1,100})$")


def _list_of_objects(value: object) -> object:
    """Model errors come as a list of objects, those of the platform as a sentence."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


class _Body(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, defer_build=True)


class _Accepted(_Body):
    request_id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")
    """It becomes a part of addresses."""
    response_url: object = None


class _Status(_Body):
    status: str


class _Image(_Body):
    url: str = Field("", repr=False)


class _Result(_Body):
    images: list[_Image] = Field(default_factory=list)
    has_nsfw_concepts: list[bool] | None = None
    """Where the first is set, the picture is a black one."""


class _Error(_Body):
    type: str = ""


class _Errors(_Body):
    detail: Annotated[list[_Error], BeforeValidator(_list_of_objects)] = Field(default_factory=list)
    error_type: str = ""


class _Sentence(_Body):
    detail: str = Field("", repr=False)


def accepted(answer: Answer, app: str) -> str:
    """Where the request that a POST put into the queue is asked about, as a path without a slash in front.

    It is the path that the answer names, whose host is not used, else the documented one: the app's first two
    names, `requests`, and the request's id. Raises `ProviderError`, which quotes nothing.
    """
    if not 200 <= answer.status < 300:
        raise _refusal(answer)
    try:
        found = _Accepted.model_validate_json(answer.body)
    except ValidationError:
        found = None
    if found is not None:
        told = _RESPONSE_PATH.search(str(found.response_url))
        return told[1] if told else f"{'/'.join(app.split('/')[:2])}/requests/{found.request_id}"
    raise unknown(f"{TITLE}'s answer could not be read.")


def has_ended(answer: Answer) -> bool:
    """Whether the request's result can be read. Raises `ProviderError` where the request is not told of.

    What is wrong with a look alone counts as still running.
    """
    if answer.status == 429 or answer.status >= 500:
        return False
    if answer.status in (401, 403):
        raise unclear(TITLE)
    try:
        if answer.status in (200, 202):
            return _Status.model_validate_json(answer.body).status == "COMPLETED"
    except ValidationError:
        pass
    raise lost(TITLE)


def result_of(answer: Answer) -> Running | Finished:
    """What came of a request that has ended. Raises `ProviderError` without a picture.

    A failure without fal's own form comes from before the queue: the result is there, and is asked for again.
    """
    if answer.status == 200:
        return _picture_in(answer.body)
    try:
        errors = _Errors.model_validate_json(answer.body)
    except ValidationError:
        errors = None
    if answer.status == 429 or (answer.status >= 500 and not _is_of_the_request(answer.status, errors)):
        return Running()
    if answer.status in (401, 403):
        raise unclear(TITLE)
    if errors is None or answer.status == 404 or answer.status < 400:
        raise lost(TITLE)
    raise _end(answer.status, errors)


def _is_of_the_request(status: int, errors: _Errors | None) -> bool:
    """Whether a failure is the request's own end, and not that of reading it."""
    if errors is None:
        return False
    return bool(errors.detail or errors.error_type) or (status == 500 and "detail" in errors.model_fields_set)


def _end(status: int, errors: _Errors) -> ProviderError:
    kinds = {error.type for error in errors.detail}
    if errors.error_type == "client_cancelled" or status == 499:
        return stopped(TITLE)
    if "content_policy_violation" in kinds:
        return withheld(TITLE)
    if "no_media_generated" in kinds:
        return empty(TITLE)
    if status >= 500:
        return failed(TITLE)
    message = f"{TITLE} did not accept the request (HTTP {status}). It may have been billed; change the request."
    return ProviderError(ErrorKind.BAD_REQUEST, message, billed=Billed.PERHAPS)


def _picture_in(body: bytes) -> Finished:
    try:
        result = _Result.model_validate_json(body)
    except ValidationError:
        result = None
    if result is None:
        raise lost(TITLE)
    if any(result.has_nsfw_concepts or ()):
        raise withheld(TITLE)
    link = next((image.url for image in result.images), "")
    if not link:
        raise empty(TITLE)
    return Finished(link)  # neither its price nor which version made it is told


def stop_answered(answer: Answer) -> None:
    """Whether the wish to cancel was heard; what has ended or is gone needs none. Raises `ProviderError`.

    A request that has ended already is answered with 400 or 409.
    """
    if answer.status >= 300 and answer.status not in (400, 404, 409):
        raise _refusal(answer)


def _refusal(answer: Answer) -> ProviderError:
    status = answer.status
    if status == 403 and _is_locked(answer.body):
        status = 402
    return refused(status, TITLE, SETTING, answer.headers)


def _is_locked(body: bytes) -> bool:
    try:
        return _LOCKED.search(_Sentence.model_validate_json(body).detail) is not None
    except ValidationError:
        return False
