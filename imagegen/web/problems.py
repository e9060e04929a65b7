"""Errors as RFC 9457 problem documents, and how each of the house's errors becomes one.

Every error that leaves the API has this form. A person's text is never repeated in it, only its length.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Coroutine, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from imagegen.jobs.views import QuoteView
from imagegen.request import FieldProblem

Handlers = dict[int | type[Exception], Callable[[Request, Any], Coroutine[Any, Any, Response]]]
PROBLEM_JSON = "application/problem+json"
_SHOWN = 100
_LIMITS = {"ge": "minimum", "le": "maximum", "min_length": "minLength", "max_length": "maxLength"}
_PLACES = (("query",), ("header",), ("path",))
_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}  # RFC 9110; Python 3.11 still has older names


class FieldError(BaseModel):
    """One field that is wrong. `value` is null where repeating it would repeat a person's text."""

    model_config = ConfigDict(json_schema_extra={"required": ["field", "value", "allowed", "message"]})

    field: str = Field(examples=["aspect_ratio"])
    value: Any = Field(None, examples=["7:3"])
    allowed: Any = Field(None, examples=[["1:1", "16:9"]])
    message: str = Field(examples=["aspect_ratio: '9:1' is unknown; allowed: 1:1, 16:9"])


class ProblemDocument(BaseModel):
    """What went wrong, in the form of RFC 9457. `errors` names each field that is at fault."""

    type: str = Field("about:blank", examples=["about:blank"])
    title: str = Field(examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["aspect_ratio: '9:1' is unknown; allowed: 1:1, 16:9"])
    errors: list[FieldError]


class Alternative(BaseModel):
    """What could be asked instead: fields to set in the request, and its price then."""

    change: dict[str, Any] = Field(examples=[{"image_size": "1K"}])
    quote: QuoteView


class OverBudgetDocument(ProblemDocument):
    """It would pass a cap."""

    alternatives: list[Alternative]


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it so
    """An answer that is an error. `more` are members beside the standard ones."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.more = dict(more or {})

    def response(self) -> Response:
        """The answer itself."""
        errors = [
            {"field": e.field, "value": _finite(e.value), "allowed": e.allowed, "message": e.message}
            for e in self.errors
        ]
        document = {
            "type": "about:blank",
            "title": _TITLES.get(self.status, HTTPStatus(self.status).phrase),
            "status": self.status,
            "detail": self.detail,
            "errors": errors,
            **self.more,
        }
        # ASCII, because a field's name may hold half characters, which have no UTF-8
        return Response(json.dumps(document), self.status, self.headers, media_type=PROBLEM_JSON)


def invalid(*errors: FieldProblem) -> Problem:
    """422 with every field that is wrong."""
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "; ".join(error.message for error in errors), errors=errors)


def not_found(what: str) -> Problem:
    """404. `what` is a kind of thing, like `job`; the id is in the caller's hands already."""
    return Problem(HTTPStatus.NOT_FOUND, f"There is no such {what}.")


async def on_problem(_: Request, error: Problem) -> Response:
    """Handler for `Problem`."""
    return error.response()


async def on_http_exception(request: Request, error: HTTPException) -> Response:
    """Handler for what the router itself refuses: no such path, or not with this method."""
    status = error.status_code
    if status == HTTPStatus.NOT_FOUND:
        return Problem(status, "There is nothing at this address.").response()
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = request.app.state.methods_of(request.scope["path"])
        detail = f"{request.method} is not possible here; allowed: {', '.join(allowed)}."
        return Problem(status, detail, headers={"Allow": ", ".join(allowed)}).response()
    return Problem(status, str(error.detail), headers=error.headers).response()


async def on_validation_error(_: Request, error: RequestValidationError) -> Response:
    """Handler for query and header parameters that FastAPI refuses."""
    return invalid(*(field_problem(detail) for detail in error.errors())).response()


def field_problem(detail: Mapping[str, Any]) -> FieldProblem:
    """One of Pydantic's error details about a parameter or a small body, in our words."""
    loc = tuple(str(part) for part in detail["loc"])
    field = ".".join(loc[1:] if loc[:1] in _PLACES else loc)
    value = _shown(detail.get("input"))
    context: Mapping[str, Any] = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            return FieldProblem(field, value, "no such field", f"{field}: unknown")
        case "missing":
            return FieldProblem(field, None, "required", f"{field}: is required")
        case "literal_error":
            allowed: object = [
                choice.strip("'") for choice in context["expected"].replace(" or ", ", ").split(", ")
            ]
        case _:
            allowed = {word: context[key] for key, word in _LIMITS.items() if key in context} or None
    message = str(detail["msg"]).removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    return FieldProblem(field, value, allowed if allowed is not None else message, f"{field}: {message}")


def _finite(value: object) -> object:
    """JSON reads 1e999 as infinity but cannot write it."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _shown(value: object) -> object:
    if isinstance(value, str):
        return value[:_SHOWN]
    return value if isinstance(value, int | float) or value is None else type(value).__name__
