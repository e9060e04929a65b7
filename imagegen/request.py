"""The one request type that every way in builds, and its limits.

`parse()` turns a JSON object into a frozen `GenerationRequest` or raises `RequestError`, which names each field,
its value and what is allowed. Whether a named model, style, album or reference exists is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

AspectRatio = Literal["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"]
ImageSize = Literal["1K", "2K", "4K"]
OutputFormat = Literal["png", "jpeg", "webp"]
Mode = Literal["single", "batch"]

ASPECT_RATIOS: tuple[str, ...] = get_args(AspectRatio)
IMAGE_SIZES: tuple[str, ...] = get_args(ImageSize)
PROMPT_MAX = 10_000
REFERENCES_MAX = 14
TASKS_MAX = 10_000
SEED_MAX = 2**31 - 1  # Gemini's `seed` is a signed 32-bit integer; every provider's seed is drawn from that range
ALIASES = {"image_count": "count", "character_id": "character", "style": "styles", "subject": "subjects"}


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing wrong with a request. `value` is None where echoing it would repeat a person's text."""

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
        raise ValueError("must not be empty")
    return text


def _storable(text: str) -> str:
    """Lone surrogates and NUL are valid JSON but neither UTF-8 nor anything a person typed."""
    if "\x00" in text or any(0xD800 <= ord(character) <= 0xDFFF for character in text):
        raise ValueError("must be readable text, without NUL or half characters")
    return text


Text = Annotated[str, AfterValidator(_storable)]
Label = Annotated[Text, Field(min_length=1, max_length=200), AfterValidator(_not_blank)]
Identifier = Annotated[Text, Field(min_length=1, max_length=200)]


class Reference(BaseModel):
    """An uploaded reference or an image of the gallery, by id; the label says what it is to be used for."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    id: Identifier
    label: Annotated[Text, Field(max_length=200)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_id(cls, value: object) -> object:
        return {"id": value} if isinstance(value, str) else value


class GenerationRequest(BaseModel):
    """What to make. Frozen: the same object is planned, quoted, stored and shown."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    prompt: Annotated[Text, Field(min_length=1, max_length=PROMPT_MAX), AfterValidator(_not_blank)]
    negative_prompt: Annotated[Text, Field(max_length=PROMPT_MAX)] | None = None
    aspect_ratio: AspectRatio = "1:1"
    image_size: ImageSize = "1K"
    reference_images: Annotated[tuple[Reference, ...], Field(max_length=REFERENCES_MAX, strict=False)] = ()
    seed: Annotated[int, Field(ge=0, le=SEED_MAX)] | None = None
    mode: Mode = "single"
    count: Annotated[int, Field(ge=1, le=100)] = 1
    total_images: Annotated[int, Field(ge=1, le=TASKS_MAX)] | None = None
    styles: Annotated[tuple[Identifier, ...], Field(max_length=100, strict=False)] = ()
    subjects: Annotated[tuple[Label, ...], Field(max_length=100, strict=False)] = ()
    model: Identifier = "auto"
    album: Identifier | None = None
    output_format: OutputFormat | None = None
    should_generate: bool = True
    character: None = None
    enhance: Literal[False] = False
    remove_background: Literal[False] = False

    @model_validator(mode="before")
    @classmethod
    def _other_names(cls, value: object) -> object:
        """Accept API.md's other names; a name together with its twin is refused, for one of them would be lost."""
        if not isinstance(value, Mapping):
            return value
        fields = dict(value)
        for other, name in ALIASES.items():
            if other not in fields:
                continue
            if name in fields:
                raise ValueError(f"{other}: give {other} or {name}, not both")
            given = fields.pop(other)
            plural = name in ("styles", "subjects")
            fields[name] = ((given,) if given is not None else ()) if plural else given
        for name in ("styles", "subjects"):
            if fields.get(name, ()) is None:
                fields[name] = ()
        return fields

    @model_validator(mode="after")
    def _counts_fit(self) -> GenerationRequest:
        if self.mode == "batch" and self.total_images is None:
            raise ValueError("total_images: a batch needs the number of images, 1 to 10000")
        if self.mode == "batch" and self.count != 1:
            raise ValueError("count: a batch is counted by total_images; leave count out")
        if self.mode == "single" and self.total_images is not None:
            raise ValueError("total_images: belongs to mode batch; in mode single use count")
        return self


_HIDDEN = ("prompt", "negative_prompt", "subjects", "subject", "reference_images", "styles", "style")
_LATER = {
    "character": "characters are not part of this version; leave it out",
    "enhance": "prompt enhancement is not part of this version; leave it out or false",
    "remove_background": "background removal is not part of this version; leave it out or false",
}


def parse(body: object) -> GenerationRequest:
    """A JSON value as a request. Raises `RequestError` with every problem found."""
    if not isinstance(body, Mapping):
        raise RequestError(FieldProblem("", None, "a JSON object", "the body must be a JSON object"))
    try:
        return GenerationRequest.model_validate(body)
    except ValidationError as error:
        raise RequestError(*(_problem(dict(detail)) for detail in error.errors(include_url=False))) from None


def _problem(detail: dict[str, Any]) -> FieldProblem:
    kind: str = detail["type"]
    context: dict[str, Any] = detail.get("ctx", {})
    path = ".".join(str(part) for part in detail["loc"])
    message: str = detail["msg"].removeprefix("Value error, ")
    if not path and ": " in message:  # raised by a validator over the whole object, which names the field itself
        path, message = message.split(": ", 1)
        return FieldProblem(path, None, message, f"{path}: {message}")
    top = path.partition(".")[0]
    value = _shown(top, detail["input"])
    if kind == "extra_forbidden":
        allowed: object = sorted({*GenerationRequest.model_fields, *ALIASES})
        return FieldProblem(path, value, allowed, f"{path}: unknown field")
    if top in _LATER:
        return FieldProblem(path, value, [None] if top == "character" else [False], f"{path}: {_LATER[top]}")
    if kind == "missing":
        return FieldProblem(path, None, "required", f"{path}: is required")
    allowed = _allowed(kind, context)
    text = message[0].lower() + message[1:]
    return FieldProblem(path, value, allowed if allowed is not None else text, f"{path}: {text}")


def _allowed(kind: str, context: dict[str, Any]) -> object:
    if kind == "literal_error":
        return [choice.strip("'") for choice in context["expected"].replace(" or ", ", ").split(", ")]
    bounds = {name: context[name] for name in ("ge", "le", "min_length", "max_length") if name in context}
    return bounds or None


def _shown(field: str, value: object) -> object:
    """A value that an error may repeat: never a person's text, only its length."""
    if field in _HIDDEN:
        return {"length": len(value)} if isinstance(value, str | list | tuple | dict) else None
    if isinstance(value, str):
        return value[:100]
    return value if isinstance(value, int | float | bool) or value is None else type(value).__name__
