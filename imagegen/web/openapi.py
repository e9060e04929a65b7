"""The OpenAPI document: bodies that the routes read themselves, and the problems that each may answer.

The schema of a request is built from `GenerationRequest`, so that document and validation cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from imagegen.jobs.views import EventView
from imagegen.request import ALIASES, GenerationRequest
from imagegen.web.problems import PROBLEM_JSON, OverBudgetDocument, ProblemDocument

Json = dict[str, Any]

DESCRIPTION = """
Make images from prompts. A submit is stored and answered at once; the pictures are made in the background.

Errors are [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) problem documents that name each field.
Lists are newest first and paged by `limit` and `after`. A refused request stores nothing and bills nothing.
"""
_REFERENCE = "#/components/schemas/{model}"
NOT_BLANK = r"^[^\x00]*[^\s\x00][^\x00]*$"
_NO_NUL = r"^[^\x00]*$"
_WHY: Mapping[int, str] = {
    402: "It would pass a cap; `alternatives` tells what would not",
    403: "The request comes from another site",
    404: "There is no such thing, or it is in the trash",
    408: "The body did not arrive in time",
    409: "The Idempotency-Key was used with another body",
    413: "The body is too long",
    415: "The body has the wrong type",
    421: "The Host is not one that this server answers to",
    422: "Something in the request is wrong; `errors` names each field",
    429: "Too many at once; Retry-After tells when to come back",
    503: "The server is stopping, or its queue does not run",
    507: "The disk is full",
}
_EVERYWHERE = (403, 421, 422)


def problems(*statuses: int) -> dict[int | str, Json]:
    """The error answers of a route, for `responses=`: those named and those that every route has."""
    with_body = (408,) if 413 in statuses else ()
    return {status: _problem(status) for status in sorted({*statuses, *with_body, *_EVERYWHERE})}


def body(model: type[BaseModel]) -> Json:
    """`openapi_extra` of a route that reads that model."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": _inline(model)}}}}


def optional_body(model: type[BaseModel]) -> Json:
    """`openapi_extra` of a route that reads that model when there is a body at all."""
    return {"requestBody": {"required": False, "content": {"application/json": {"schema": _inline(model)}}}}


REQUEST_BODY: Json = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": _REFERENCE.format(model="GenerationRequest")}}},
    }
}
FILE_BODY: Json = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "string", "contentMediaType": "application/octet-stream"}},
                    "required": ["file"],
                    "additionalProperties": False,
                }
            }
        },
    }
}


def file_responses(*media_types: str) -> dict[int | str, Json]:
    """The answers of a route that serves a file of one of those types, with ranges and caching."""
    binary: Json = {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in media_types}
    headers = {
        "ETag": {"schema": {"type": "string"}, "description": "Changes only with the bytes"},
        "Cache-Control": {
            "schema": {"type": "string"},
            "description": "For ever: an address never changes its bytes",
        },
    }
    return {
        200: {"description": "The file", "content": binary, "headers": headers},
        206: {"description": "The part that Range asked for", "content": binary, "headers": headers},
        304: {"description": "The caller has it already"},
        400: {"description": "Range cannot be read", "content": {"text/plain": {"schema": {"type": "string"}}}},
        416: {"description": "Range lies outside the file"},
    }


def event_stream() -> dict[int | str, Json]:
    """The answer of the event route. `EventView` is the `data` of each event that is not `reset`."""
    example = (
        'event: task\nid: 42\ndata: {"id":42,"kind":"task","job_id":"…","task_index":0,"status":"completed"}\n\n'
    )
    return {
        200: {
            "description": "Server-sent events; the `data` of each is an EventView",
            "content": {"text/event-stream": {"schema": {"type": "string"}, "example": example}},
        }
    }


def document(app: FastAPI, *, models: Callable[[], list[str]], styles: Iterable[str]) -> Callable[[], Json]:
    """What `app.openapi` is to be: builds the document, anew only when there are other models.

    `models` and `styles` are the ids of this server.
    """
    style_ids = [*styles]
    built_for: list[str] = []

    def build() -> Json:
        names = models()
        if app.openapi_schema is None or names != built_for:
            built_for[:] = names
            made = get_openapi(
                title=app.title, version=app.version, description=DESCRIPTION.strip(), routes=app.routes
            )
            schemas: Json = made.setdefault("components", {}).setdefault("schemas", {})
            schemas.update(_definitions(ProblemDocument) | _definitions(EventView))
            schemas.update(_definitions(OverBudgetDocument))
            schemas.update(request_schemas(names, style_ids))
            app.openapi_schema = made
        return app.openapi_schema

    return build


def request_schemas(models: list[str], styles: list[str]) -> Json:
    """`GenerationRequest` and what it refers to, with the other names of fields and this server's own ids."""
    schemas = _definitions(GenerationRequest)
    for field in schemas["Reference"]["properties"].values():
        field["pattern"] = _NO_NUL
    request: Json = schemas["GenerationRequest"]
    fields: Json = request["properties"]
    fields["enhance"]["description"] = "Only false in this version"
    fields["remove_background"]["description"] = "Cut each picture out as well, in a free job of its own"
    fields["prompt"]["pattern"] = NOT_BLANK
    for name in ("negative_prompt", "album"):
        fields[name]["pattern"] = _NO_NUL
    fields["subjects"]["items"]["pattern"] = NOT_BLANK
    fields["model"]["enum"] = models
    fields["styles"]["items"] = {"type": "string", "enum": styles}
    an_id = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": _NO_NUL}
    fields["reference_images"]["items"] = {"anyOf": [an_id, fields["reference_images"]["items"]]}
    for other, name in ALIASES.items():
        plural = name in ("styles", "subjects")
        schema = deepcopy(fields[name]["items"] if plural else fields[name])
        fields[other] = {**schema, "description": f"Another way to give `{name}`; not together with it"}
    request["properties"] = {
        name: schema if name == "prompt" else _or_null(schema) for name, schema in fields.items()
    }
    given = {"not": {"type": "null"}}
    request["allOf"] = [
        {"not": {"required": [other, name], "properties": {other: given, name: given}}}
        for other, name in ALIASES.items()
    ]
    request["oneOf"] = _modes()
    request["examples"] = [
        {"prompt": "A lighthouse in the first snow", "aspect_ratio": "16:9", "count": 4},
        {"prompt": "A wedding portrait", "mode": "batch", "total_images": 5, "subjects": ["groom", "bride"]},
    ]
    return schemas


def _modes() -> list[Json]:
    counts = ("count", *(other for other, name in ALIASES.items() if name == "count"))
    return [
        {
            "title": "single: `count` pictures of each combination",
            "properties": {"mode": {"enum": ["single", None]}, "total_images": {"type": "null"}},
        },
        {
            "title": "batch: `total_images` pictures, shared over the combinations",
            "properties": {
                "mode": {"const": "batch"},
                "total_images": {"type": "integer"},
                **{name: {"enum": [1, None]} for name in counts},
            },
            "required": ["mode", "total_images"],
        },
    ]


def _or_null(schema: Json) -> Json:
    """Null is the same as leaving the field out."""
    if {"type": "null"} in (schema, *schema.get("anyOf", ())) or schema.get("type") == "null":
        return schema
    about = ("title", "description", "default")
    limits = {key: value for key, value in schema.items() if key not in about}
    return {key: schema[key] for key in about if key in schema} | {"anyOf": [limits, {"type": "null"}]}


def _problem(status: int) -> Json:
    model = "OverBudgetDocument" if status == 402 else "ProblemDocument"
    headers: Json = {}
    if status in (413, 429, 503):
        headers = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds"}}
    answer: Json = {
        "description": _WHY.get(status, HTTPStatus(status).phrase),
        "content": {PROBLEM_JSON: {"schema": {"$ref": _REFERENCE.format(model=model)}}},
    }
    return {**answer, "headers": headers} if headers else answer


def _definitions(model: type[BaseModel]) -> Json:
    """The model's schema and those it refers to, by name."""
    schema = model.model_json_schema(ref_template=_REFERENCE)
    return {**schema.pop("$defs", {}), model.__name__: schema}


def _inline(model: type[BaseModel]) -> Json:
    return model.model_json_schema()
