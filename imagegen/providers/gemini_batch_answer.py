"""What the answers of Gemini's Batch API mean: a job was created, how it stands, what it came to. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pydantic import Field, ValidationError

from imagegen.catalogue.records import Price
from imagegen.providers.answer import empty, error_in, unknown
from imagegen.providers.base import Picture, ProviderError, lost
from imagegen.providers.gemini_access import Access
from imagegen.providers.gemini_answer import Body, Generated, picture_of, refusal
from imagegen.providers.remote import failed, stopped

_TITLE = "Gemini"
_NAME = r"^batches/[A-Za-z0-9_-]{1,200}$"
"""It becomes a part of addresses."""

_STATUSES = {
    1: 499,
    2: 500,
    3: 400,
    4: 504,
    5: 404,
    6: 409,
    7: 403,
    8: 429,
    9: 400,
    10: 409,
    11: 400,
    12: 501,
    13: 500,
    14: 503,
    15: 500,
    16: 401,
}
"""google.rpc.Code to the HTTP status that it is sent as (the comments of google/rpc/code.proto)."""
_FAILED_PRECONDITION = 9
_ENDED_WELL = ("SUCCEEDED", "PARTIALLY_SUCCEEDED")


class _Inlined(Body):
    response: Generated | None = None
    error: dict[str, Any] | None = Field(None, repr=False)


class _Listed(Body):
    inlined_responses: list[_Inlined] = Field(default_factory=list)


class _Output(Body):
    inlined_responses: _Listed = Field(default_factory=_Listed)


class _Named(Body):
    name: str = Field(pattern=_NAME)


class _State(Body):
    state: str = ""


class _Standing(Body):
    metadata: _State = Field(default_factory=_State)


class _Metadata(Body):
    output: _Output = Field(default_factory=_Output)


class _Batch(Body):
    """A long-running operation that has ended well: its output stands in its metadata, its response or both."""

    metadata: _Metadata = Field(default_factory=_Metadata)
    response: _Output = Field(default_factory=_Output)

    def inlined(self) -> _Inlined | None:
        """What came of the one request."""
        outputs = (self.metadata.output, self.response)
        return next((one for output in outputs for one in output.inlined_responses.inlined_responses), None)


class _Label(Body):
    display_name: str = ""


class _Entry(Body):
    name: str = ""
    metadata: _Label = Field(default_factory=_Label)


class _Page(Body):
    operations: list[_Entry] = Field(default_factory=list)
    next_page_token: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that has ended well, with what its request came to; None where nothing is told of it."""

    inlined: _Inlined | None

    def picture(self, price: Price | None) -> Picture:
        """The picture. Raises `ProviderError`: what an error means is what its status would mean for a call."""
        if self.inlined is None:
            raise empty(_TITLE)
        if self.inlined.error is not None:
            raise _meaning_of(self.inlined.error)
        if self.inlined.response is None:
            raise empty(_TITLE)
        return picture_of(self.inlined.response, price)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list of jobs: display name → name, and the token of the next page, empty for none."""

    names: Mapping[str, str]
    next_token: str


def batch_in(status: int, body: bytes) -> str:
    """The name of the job that a POST created. Raises `ProviderError`, which quotes nothing of the body."""
    if status != 200:
        raise refusal(status, error_in(body), Access.STUDIO_KEY)
    try:
        return _Named.model_validate_json(body).name
    except ValidationError:
        pass
    raise unknown("Gemini's answer could not be read.")


def standing(status: int, body: bytes) -> Ended | None:
    """How a job stands; None while it has not ended. Raises `ProviderError` when it ended badly, or is not known.

    It was created, so no answer makes it free; what is wrong with a look alone counts as not ended.
    """
    if status == 429 or status >= 500:
        return None
    if status == 404:
        raise lost(_TITLE)
    if status != 200:  # until the key is mended
        raise unknown(f"{_TITLE} does not tell what became of the picture.")
    try:
        state = _Standing.model_validate_json(body).metadata.state.rpartition("_STATE_")[2]
        if state in _ENDED_WELL:
            return Ended(_Batch.model_validate_json(body).inlined())
    except ValidationError:
        state = None
    if state is None:
        raise unknown("Gemini's answer could not be read.")
    if state in ("FAILED", "EXPIRED"):
        raise failed(_TITLE)
    if state == "CANCELLED":
        raise stopped(_TITLE)
    return None


def page_in(status: int, body: bytes) -> Page:
    """The jobs of a page; none where it cannot be read."""
    try:
        page = _Page.model_validate_json(body) if status == 200 else _Page()
    except ValidationError:
        page = _Page()
    named = [entry for entry in page.operations if re.fullmatch(_NAME, entry.name)]
    names = {entry.metadata.display_name: entry.name for entry in named}
    return Page(names, quote(page.next_page_token, safe=""))


def stop_answered(status: int, body: bytes) -> None:
    """Whether the wish to cancel was heard; what is gone or has ended needs none. Raises `ProviderError`."""
    is_over = status == 404 or (status == 400 and error_in(body).get("status") == "FAILED_PRECONDITION")
    if status != 200 and not is_over:
        raise refusal(status, error_in(body), Access.STUDIO_KEY)


def _meaning_of(error: Mapping[str, Any]) -> ProviderError:
    code = error.get("code")
    status = _STATUSES.get(code, code) if isinstance(code, int) else 500
    named = {"status": "FAILED_PRECONDITION"} if code == _FAILED_PRECONDITION else {}
    return refusal(status, {**error, **named}, Access.STUDIO_KEY)
