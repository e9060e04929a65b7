"""The one request type that every way in builds, and its limits.

`parse()` turns a JSON object into a frozen `GenerationRequest` or raises `RequestError`, which names each field,
its value and what is allowed. Whether a named model, style, album or reference exists is not known here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

AspectRatio = Literal["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"]
ImageSize = Literal["1K", "2K", "4K"]
OutputFormat = Literal["png", "jpeg", "webp"]
Mode = Literal["single", "batch"]
Routing = Literal["order", "cheapest", "best", "fastest"]

ASPECT_RATIOS: tuple[str, ...] = get_args(AspectRatio)
IMAGE_SIZES: tuple[str, ...] = get_args(ImageSize)
MODES: tuple[str, ...] = get_args(Mode)
ROUTINGS: tuple[str, ...] = get_args(Routing)
BUDGETS: Mapping[str, float] = MappingProxyType({"low": 0.04, "medium": 0.15})
"""Dollars that one picture may cost at list price; `high` has no limit of its own."""
BUDGET_WORDS = (*BUDGETS, "high")
BUDGET_MAX_USD = 1000
MODES_LATER = ("pack", "story", "matrix")
PROMPT_MAX = 10_000
REFERENCES_MAX = 14
TASKS_MAX = 10_000
SEED_MAX = 2**31 - 1  # Gemini's `seed` is a signed 32-bit integer; every provider's seed is drawn from that range
ALIASES = {"image_count": "count", "character_id": "character", "style": "styles", "subject": "subjects"}


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing wrong with a request. `value` is only a length where echoing it would repeat a person's text.

    `allowed` is a list of values, or limits in the words of JSON Schema: `minimum`, `maxLength`, `maxItems` …
    """

    field: str
    value: object
    allowed: object
    message: str


class RequestError(Exception):
    """The request cannot be done as it stands; nothing was stored and nothing billed."""

    def __init__(self, *problems: FieldProblem) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("blank")
    return text


def _storable(text: str) -> str:
    """Lone surrogates and NUL are valid JSON but neither UTF-8 nor anything a person typed."""
    if "\x00" in text or any(0xD800 <= ord(character) <= 0xDFFF for character in text):
        raise ValueError("unreadable")
    return text


def _whole(value: object) -> object:
    """JSON has one kind of number: 4.0 is the whole number 4."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _boolean(value: object) -> object:
    """Python takes 0 for false; JSON Schema, which the API's document is written in, does not."""
    if not isinstance(value, bool):
        raise ValueError("not boolean")
    return value


def _budget(value: object) -> object:
    """One of the words, or dollars."""
    if isinstance(value, str):
        if value not in BUDGET_WORDS:
            raise ValueError("not a budget")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= BUDGET_MAX_USD:
        raise ValueError("not a budget")
    return float(value)


Text = Annotated[str, AfterValidator(_storable)]
Label = Annotated[Text, Field(min_length=1, max_length=200), AfterValidator(_not_blank)]
Identifier = Annotated[Text, Field(min_length=1, max_length=200)]
Whole = BeforeValidator(_whole)
Off = Annotated[Literal[False], BeforeValidator(_boolean)]


Budget = Annotated[
    str | float,
    BeforeValidator(_budget),
    WithJsonSchema(
        {
            "anyOf": [
                {
                    "type": "string",
                    "enum": list(BUDGET_WORDS),
                    "description": f"or dollars for one picture, above 0 and up to {BUDGET_MAX_USD:,}",
                },
                {"type": "number", "exclusiveMinimum": 0, "maximum": BUDGET_MAX_USD},
            ]
        }
    ),
]


class Reference(BaseModel):
    """An uploaded reference or an image of the gallery, by id; the label says what it is to be used for."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    id: Identifier
    label: Annotated[Text, Field(max_length=200)] | None = Field(None, repr=False)

    @model_validator(mode="before")
    @classmethod
    def _from_id(cls, value: object) -> object:
        return {"id": value} if isinstance(value, str) else value


class GenerationRequest(BaseModel):
    """What to make. Frozen: the same object is planned, quoted, stored and shown."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    prompt: Annotated[Text, Field(min_length=1, max_length=PROMPT_MAX, repr=False), AfterValidator(_not_blank)]
    negative_prompt: Annotated[Text, Field(max_length=PROMPT_MAX)] | None = Field(None, repr=False)
    aspect_ratio: AspectRatio = "1:1"
    image_size: ImageSize = "1K"
    reference_images: Annotated[tuple[Reference, ...], Field(max_length=REFERENCES_MAX, strict=False)] = ()
    seed: Annotated[int, Field(ge=0, le=SEED_MAX), Whole] | None = None
    mode: Mode = "single"
    count: Annotated[int, Field(ge=1, le=100), Whole] = 1
    total_images: Annotated[int, Field(ge=1, le=TASKS_MAX), Whole] | None = None
    styles: Annotated[
        tuple[Identifier, ...], Field(max_length=100, strict=False, json_schema_extra={"uniqueItems": True})
    ] = ()
    subjects: Annotated[
        tuple[Label, ...], Field(max_length=100, strict=False, repr=False, json_schema_extra={"uniqueItems": True})
    ] = ()
    model: Identifier = "auto"
    routing: Routing = "order"
    budget: Budget | None = None
    failover: Annotated[bool, BeforeValidator(_boolean)] | None = None
    album: Identifier | None = None
    output_format: OutputFormat | None = None
    should_generate: bool = True
    character: None = None
    enhance: Off = False
    remove_background: Annotated[bool, BeforeValidator(_boolean)] = False

    @model_validator(mode="after")
    def _fits_together(self) -> GenerationRequest:
        if problems := (*self._miscounted(), *self._repeated(), *self._routed()):
            raise RequestError(*problems)
        return self

    def _miscounted(self) -> Iterator[FieldProblem]:
        if self.mode == "single" and self.total_images is not None:
            words = "belongs to mode batch; in mode single give count"
            yield FieldProblem("total_images", self.total_images, [None], f"total_images: {words}")
        if self.mode == "batch" and self.total_images is None:
            limits = {"minimum": 1, "maximum": TASKS_MAX}
            message = f"total_images: is required in mode batch; allowed: 1 to {TASKS_MAX:,}"
            yield FieldProblem("total_images", None, limits, message)
        if self.mode == "batch" and self.count != 1:
            message = "count: belongs to mode single; in mode batch give total_images"
            yield FieldProblem("count", self.count, [1], message)

    def _repeated(self) -> Iterator[FieldProblem]:
        """A style named twice would double its pictures and their price without a word."""
        for name, values in (("styles", self.styles), ("subjects", self.subjects)):
            for position, value in enumerate(values):
                first = values.index(value)
                if first < position:
                    field = f"{name}.{position}"
                    message = f"{field}: the same as {name}.{first}; name each once"
                    yield FieldProblem(field, _shown((name,), value), {"uniqueItems": True}, message)

    def _routed(self) -> Iterator[FieldProblem]:
        """A wish that would have no effect is refused rather than dropped."""
        if self.model == "auto":
            return
        if self.routing != "order":
            message = "routing: belongs to model auto; with a model by name leave it out"
            yield FieldProblem("routing", self.routing, ["order"], message)
        if self.budget is not None:
            message = "budget: belongs to model auto; with a model by name leave it out"
            yield FieldProblem("budget", self.budget, [None], message)

    @property
    def may_fail_over(self) -> bool:
        """Whether another model may make the picture when the chosen one cannot: wished, or left to `auto`."""
        return self.model == "auto" if self.failover is None else self.failover

    @property
    def budget_usd(self) -> float | None:
        """Dollars that one picture may cost at list price; None for no limit."""
        return BUDGETS.get(self.budget) if isinstance(self.budget, str) else self.budget


_HIDDEN = frozenset({"prompt", "negative_prompt", "subjects", "label"})
_LATER: Mapping[str, tuple[list[object], str]] = {
    "character": ([None], "characters are not part of this version; leave it out"),
    "pages": ([None], "stories are not part of this version; leave it out"),
    "enhance": ([False], "prompt enhancement is not part of this version; leave it out or false"),
}
_NAMES = frozenset({*GenerationRequest.model_fields, *ALIASES, "pages"})
_SHOWN = 100


def parse(body: object) -> GenerationRequest:
    """A JSON value as a request; null is the same as leaving an optional field out.

    Raises `RequestError` with every problem found.
    """
    if not isinstance(body, Mapping):
        raise RequestError(FieldProblem("", None, "a JSON object", "the request must be a JSON object"))
    given = {name: value for name, value in body.items() if value is not None or name not in _NAMES}
    renamed = {name: other for other, name in ALIASES.items() if other in given}
    problems = [_twins(other, name) for name, other in renamed.items() if name in given]
    try:
        request = GenerationRequest.model_validate(_with_own_names(given))
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False)
        raise RequestError(*problems, *(_problem(dict(detail), renamed) for detail in details)) from None
    except RequestError as error:
        raise RequestError(*problems, *error.problems) from None
    if problems:
        raise RequestError(*problems)
    return request


def _with_own_names(given: Mapping[str, object]) -> dict[str, object]:
    """The fields with API.md's other names replaced by their own."""
    fields = {name: value for name, value in given.items() if name not in ALIASES}
    for other, name in ALIASES.items():
        if other in given:
            value = given[other]
            fields.setdefault(name, (value,) if name in ("styles", "subjects") else value)
    return fields


def _twins(other: str, name: str) -> FieldProblem:
    return FieldProblem(other, None, [None], f"{other}: give {other} or {name}, not both")


def _problem(detail: dict[str, Any], renamed: Mapping[str, str]) -> FieldProblem:
    loc: tuple[int | str, ...] = detail["loc"]
    top, value = str(loc[0]), detail["input"]
    path = renamed.get(top) or ".".join(_readable(str(part)) for part in loc)
    if top in _LATER:
        allowed, words = _LATER[top]
        return FieldProblem(
            path, value if isinstance(value, bool) else _length(value), allowed, f"{path}: {words}"
        )
    if detail["type"] in ("extra_forbidden", "invalid_key"):  # a misspelt field may hold what is hidden in its own
        known = sorted(Reference.model_fields) if top == "reference_images" else sorted(_NAMES - _LATER.keys())
        return FieldProblem(path, _length(value), known, f"{path}: unknown field")
    limits = _limits(loc)
    if detail["type"] == "missing":
        return FieldProblem(path, None, _allowed(limits), f"{path}: is required")
    shown = _shown(loc, value)
    return FieldProblem(path, shown, _allowed(limits), f"{path}: {_words(value, shown, limits)}")


def _words(value: object, shown: object, limits: Mapping[str, Any]) -> str:
    """What is wrong with a value of the JSON Schema `limits`, and what would be right."""
    match limits["type"]:
        case "string" if "enum" in limits:
            further = limits.get("description")
            choice = _about_choice(value, shown, limits["enum"], numbers=further is not None)
            return f"{choice}, {further}" if further else choice
        case "string":
            return _about_text(value, limits)
        case "integer":
            is_whole = isinstance(value, int) and not isinstance(value, bool)
            wrong = f"{shown} is out of range" if is_whole else "must be a whole number"
            return f"{wrong}; allowed: {limits['minimum']:,} to {limits['maximum']:,}"
        case "array":
            wrong = f"{len(value)} given" if isinstance(value, list | tuple) else "must be a list"
            return f"{wrong}; at most {limits['maxItems']}"
        case "boolean":
            return "must be true or false"
        case _:
            return "must be an id, or an object with id and label"


def _about_choice(value: object, shown: object, choices: list[str], *, numbers: bool = False) -> str:
    """`numbers` says that a number may be right, too."""
    if value in MODES_LATER and choices == list(MODES):
        wrong = f"{value} is not part of this version"
    elif isinstance(value, str):
        wrong = f"{shown} is unknown" if value else "is empty"
    elif numbers and isinstance(value, int | float) and not isinstance(value, bool):
        wrong = f"{shown} is out of range"
    else:
        wrong = "must be text"
    return f"{wrong}; allowed: {', '.join(choices)}"


def _about_text(value: object, limits: Mapping[str, Any]) -> str:
    if not isinstance(value, str):
        return "must be text"
    if len(value) > limits["maxLength"]:
        return f"{len(value):,} characters; at most {limits['maxLength']:,}"
    if value.strip():
        return "holds characters that cannot be stored, like NUL"
    return f"is empty; write {limits['minLength']} to {limits['maxLength']:,} characters"


def _allowed(limits: Mapping[str, Any]) -> object:
    if "enum" in limits:
        return list(limits["enum"])
    if limits["type"] == "boolean":
        return [True, False]
    told = ("type", "minimum", "maximum", "minLength", "maxLength", "maxItems", "required")
    return {name: limits[name] for name in told if name in limits}


@cache
def _schema() -> dict[str, Any]:
    return GenerationRequest.model_json_schema()


def _limits(loc: tuple[int | str, ...]) -> Mapping[str, Any]:
    """The JSON Schema of the field at that place, so that what is told is what is checked."""
    node = _schema()
    for part in loc:
        node = node["items"] if isinstance(part, int) else node["properties"][part]
        node = next((option for option in node.get("anyOf", ()) if option.get("type") != "null"), node)
        if "$ref" in node:
            node = _schema()["$defs"][node["$ref"].rpartition("/")[2]]
    return node


def _shown(loc: tuple[int | str, ...], value: object) -> object:
    """A value that an error may repeat: never a person's text, only its length."""
    if not _HIDDEN.isdisjoint(loc) or loc == ("reference_images",):
        return _length(value)
    if isinstance(value, str):
        return _readable(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int | float) and abs(value) > 2**53:
        return "a huge number"
    return value if isinstance(value, int | float) or value is None else _length(value)


def _length(value: object) -> object:
    return {"length": len(value)} if isinstance(value, str | list | tuple | dict) else None


def _readable(text: str) -> str:
    return text[:_SHOWN].encode(errors="replace").decode()
