"""What a server means that speaks OpenAI's images API and is not OpenAI: a picture, a link, or why not. Pure.

Such servers differ in all that is not the picture: usage and size may be missing, errors are JSON, text or pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from imagegen.providers.answer import error_in, object_in, refused, unknown
from imagegen.providers.base import Billed, ErrorKind, ProviderError
from imagegen.providers.openai_answer import POLICY_CODES, ImagesAnswer, moderated

if TYPE_CHECKING:
    from imagegen.providers.transfer import Answer

NOWHERE = frozenset({301, 302, 307, 308, 404, 405, 501})
"""Answers of an address that does not have the route: nothing was made."""


@dataclass(frozen=True, slots=True)
class Place:
    """A server: its name for people, and the names of the settings that hold its address and its key."""

    title: str
    address: str
    key: str


def found_in(answer: Answer, place: Place, *, edited: bool = False) -> bytes | str:
    """The bytes of the picture as they came, or the link to it; `edited` is whether references were sent.

    Raises `ProviderError`, which holds none of the body's text.
    """
    if answer.status != 200:
        raise _refusal(answer, place, edited)
    if "html" in answer.headers.get("content-type", ""):
        raise _made_nothing(f"There is no images API at the address of {place.title}", place)
    try:
        first = ImagesAnswer.model_validate_json(answer.body).first
    except ValidationError:
        first = None
    if first is None:
        raise unknown(f"{place.title}'s answer could not be read.")
    if not first:
        raise _made_nothing(f"{place.title} answered without a picture", place)
    return first


def _made_nothing(what: str, place: Place) -> ProviderError:
    message = f"{what}. It may have been billed; check {place.address}."
    return ProviderError(ErrorKind.NO_IMAGE, message, billed=Billed.PERHAPS)


def unreached(place: Place) -> ProviderError:
    """Nothing answers at the server's address."""
    message = f"{place.title} could not be reached. Nothing was sent and nothing billed; check {place.address}."
    return ProviderError(ErrorKind.CONNECTION_FAILED, message)


def nowhere(place: Place) -> ProviderError:
    """Something answers at the server's address, and makes no pictures."""
    message = f"There is no images API at the address of {place.title}. Nothing was billed; check {place.address}."
    return ProviderError(ErrorKind.NOT_FOUND, message)


def models_in(body: bytes) -> frozenset[str] | None:
    """The ids of a list of models; None where it is no such list."""
    entries = object_in(body).get("data")
    if not isinstance(entries, list):
        return None
    return frozenset(str(entry.get("id")) for entry in entries if isinstance(entry, dict))


def _refusal(answer: Answer, place: Place, edited: bool) -> ProviderError:
    error = error_in(answer.body)
    code = str(error.get("code") or error.get("type"))
    if answer.status in (400, 403) and code in POLICY_CODES:
        return moderated(error, place.title)
    if answer.status not in NOWHERE or code == "model_not_found":
        return refused(answer.status, place.title, place.key, answer.headers)
    if edited:
        message = f"{place.title} takes no reference pictures. Nothing was billed; make it without references."
        return ProviderError(ErrorKind.NOT_FOUND, message)
    return nowhere(place)
