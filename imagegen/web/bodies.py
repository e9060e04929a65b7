"""Reading what a request carries, within its limits: JSON objects and one uploaded file.

A body that is too long is refused while it arrives, so that no more than the limit is ever held.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.types import Message

from imagegen.request import FieldProblem
from imagegen.web.problems import Problem, field_problem, invalid

JSON_LIMIT = 1_000_000
MULTIPART_OVERHEAD = 10_000
"""Boundaries and part headers around one file."""
DISCARDED = 4
"""A body of up to that many times the limit is read to its end and thrown away; at a longer one we hang up."""
JSON_SECONDS = 30.0
UPLOAD_SECONDS = 300.0
"""A body that has not arrived by then is given up: 20 MB in five minutes is half a megabit a second."""

Body = TypeVar("Body", bound=BaseModel)
Read = TypeVar("Read")


async def read_json(request: Request) -> object:
    """The JSON value of the body. Raises `Problem`: 408, 413, 415, or 422 when it is not JSON."""
    if media_type(request) != "application/json":
        raise wrong_type("application/json")
    data = await _within(request, JSON_LIMIT, JSON_SECONDS, Request.body)
    return _parsed(data)


async def read_model(request: Request, model: type[Body]) -> Body:
    """The body as a small model. Raises `Problem` like `read_json`, and 422 for fields that are wrong."""
    return _validated(model, await read_json(request))


async def read_optional_model(request: Request, model: type[Body]) -> Body:
    """Like `read_model`; no body at all is an empty object."""
    data = await _within(request, JSON_LIMIT, JSON_SECONDS, Request.body)
    if not data:
        return _validated(model, {})
    if media_type(request) != "application/json":
        raise wrong_type("application/json")
    return _validated(model, _parsed(data))


async def read_upload(request: Request, field: str, limit: int) -> bytes:
    """The one file of a multipart body, at most `limit` bytes long.

    Raises `Problem`: 408, 413, 415, or 422 when the form is another.
    """
    if media_type(request) != "multipart/form-data":
        raise wrong_type("multipart/form-data")
    form = await _within(request, limit + MULTIPART_OVERHEAD, UPLOAD_SECONDS, _form)
    try:
        data = await _only_file(form, field)
    finally:
        await form.close()
    if len(data) > limit:
        raise too_large(limit)
    return data


def too_large(limit: int, *, hang_up: bool = False) -> Problem:
    """413. `limit` is in bytes. Waiting never helps, so Retry-After asks for no repeat within a day.

    Without `hang_up` the server discards what still comes, so that a browser gets to read this answer.
    """
    headers = {"Retry-After": "86400"} | ({"Connection": "close"} if hang_up else {})
    return Problem(413, f"The body is too long; allowed: {limit} bytes.", headers=headers)


def media_type(request: Request) -> str:
    """What kind the body says it is, without parameters; "" when it does not say."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def wrong_type(*wanted: str) -> Problem:
    """415: the body is of none of the kinds wanted."""
    detail = f"Content-Type: must be {' or '.join(wanted)}."
    return Problem(415, detail, headers={"Accept-Post": ", ".join(wanted)})


async def _within(
    request: Request, limit: int, seconds: float, read: Callable[[Request], Awaitable[Read]]
) -> Read:
    """What `read` makes of the body, unless it is longer than `limit` bytes or not there after `seconds`."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise too_large(limit, hang_up=int(announced) > DISCARDED * limit)
    try:
        async with asyncio.timeout(seconds):
            return await read(Request(request.scope, _counted(request.receive, limit)))
    except TimeoutError:
        raise Problem(408, f"The body did not arrive within {seconds:g} seconds.") from None


async def _form(request: Request) -> FormData:
    try:
        return await request.form(max_files=2, max_fields=8)
    except HTTPException as error:  # how starlette tells of a broken form
        raise invalid(FieldProblem("", None, "multipart/form-data", f"the form: {error.detail}")) from None


async def _only_file(form: FormData, field: str) -> bytes:
    strangers = [name[:100] for name in form if name != field]
    if strangers:
        raise invalid(*(FieldProblem(name, None, [field], f"{name}: unknown field") for name in strangers))
    uploads = form.getlist(field)
    if len(uploads) != 1 or not isinstance(uploads[0], UploadFile):
        raise invalid(FieldProblem(field, None, "one file", f"{field}: give one file, with a file name"))
    return await uploads[0].read()


def _counted(receive: Callable[[], Awaitable[Message]], limit: int) -> Callable[[], Awaitable[Message]]:
    received = 0

    async def counting() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise too_large(limit, hang_up=True)  # longer than announced, or without an announced end
        return message

    return counting


def _parsed(data: bytes) -> object:
    try:
        return json.loads(data, parse_constant=_not_json, object_pairs_hook=_members)
    except (ValueError, RecursionError):
        raise invalid(FieldProblem("", None, "a JSON object", "the body is not JSON")) from None


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """One object. Of a name that is given twice one value would be lost; half characters are no name."""
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError
    for name in members:
        name.encode()
    return members


def _not_json(_: str) -> object:
    raise ValueError  # NaN and Infinity: Python reads them, JSON has no such numbers


def _validated(model: type[Body], value: object) -> Body:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise invalid(*(field_problem(dict(detail)) for detail in error.errors(include_url=False))) from None
