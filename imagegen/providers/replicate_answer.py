"""What Replicate's answers mean: a prediction was created, how it stands, why there is no picture. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from imagegen.providers.answer import empty, refused, unknown, withheld
from imagegen.providers.base import ErrorKind, ProviderError, lost
from imagegen.providers.remote import Finished, Running, failed, stopped, unclear

if TYPE_CHECKING:
    from imagegen.providers.transfer import Answer

TITLE, SETTING = "Replicate", "REPLICATE_API_TOKEN"

_POLICY = re.compile(r"\bE005\b|flagged as sensitive|\bNSFW\b|content policy", re.IGNORECASE)
"""How the error of a prediction reads whose prompt or picture was found to be against a model's policy. Which of
the two it was is not told, so the picture may have been made."""
_RESETS = re.compile(r"resets in ~?(\d+(?:\.\d+)?) ?s\b")
"""“Request was throttled. Your rate limit resets in ~30s.”"""


class _Body(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, defer_build=True)


class _Created(_Body):
    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")
    """It becomes a part of addresses."""


class _Prediction(_Body):
    status: str
    output: str | list[str] | None = Field(None, repr=False)
    error: str | None = Field(None, repr=False)
    data_removed: bool = False


class _Addresses(_Body):
    get: str


class _File(_Body):
    urls: _Addresses


class _Problem(_Body):
    detail: str = Field("", repr=False)


def created(answer: Answer) -> str:
    """The id of the prediction that a POST created. Raises `ProviderError`, which quotes nothing of the body."""
    if not 200 <= answer.status < 300:
        raise _refusal(answer)
    try:
        return _Created.model_validate_json(answer.body).id
    except ValidationError:
        pass
    raise unknown(f"{TITLE}'s answer could not be read.")


def state_of(answer: Answer) -> Running | Finished:
    """How the prediction stands. Raises `ProviderError` when it ended without a picture, or is not told of.

    It was created, so no answer makes it free; what is wrong with a look alone counts as still running.
    """
    if answer.status == 429 or answer.status >= 500:
        return Running()
    if answer.status in (401, 403):  # until the token is mended
        raise unclear(TITLE)
    try:
        prediction = _Prediction.model_validate_json(answer.body) if answer.status == 200 else None
    except ValidationError:
        prediction = None
    if prediction is None:
        raise lost(TITLE)
    match prediction.status:
        case "succeeded":
            return _finished(prediction)
        case "failed":
            raise withheld(TITLE) if _POLICY.search(prediction.error or "") else failed(TITLE)
        case "canceled" | "aborted":
            raise stopped(TITLE)
    return Running()


def _finished(prediction: _Prediction) -> Finished:
    if prediction.data_removed:  # an hour after the end
        raise lost(TITLE)
    output = prediction.output
    link = output if isinstance(output, str) else next(iter(output or ()), "")
    if not link:
        raise empty(TITLE)
    return Finished(link)  # neither what it cost nor which version made it is told


def stop_answered(answer: Answer) -> None:
    """Whether the wish to cancel was heard; what is gone needs no cancelling. Raises `ProviderError`."""
    if answer.status >= 300 and answer.status != 404:
        raise _refusal(answer)


def uploaded(answer: Answer) -> str | None:
    """The address of a reference that was uploaded, which models can read; None where no files are taken.

    Nothing is billed by then. Raises `ProviderError`.
    """
    if answer.status in (404, 405):  # a gateway that knows predictions only
        return None
    if answer.status >= 500:
        raise refused(503, TITLE, SETTING, answer.headers)
    if answer.status in (401, 402, 403, 429):
        raise _refusal(answer)
    try:
        if answer.status < 300:
            return _File.model_validate_json(answer.body).urls.get
    except ValidationError:
        pass
    message = f"The request to {TITLE} could not be made (a reference was not taken). Nothing was billed."
    raise ProviderError(ErrorKind.BAD_REQUEST, message)


def _refusal(answer: Answer) -> ProviderError:
    error = refused(answer.status, TITLE, SETTING, answer.headers)
    if error.kind is ErrorKind.RATE_LIMITED and error.retry_after is None:
        error.retry_after = _wait(answer.body)
    return error


def _wait(body: bytes) -> float | None:
    try:
        found = _RESETS.search(_Problem.model_validate_json(body).detail)
    except ValidationError:
        return None
    return float(found[1]) if found else None
