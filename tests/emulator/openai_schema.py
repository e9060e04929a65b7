"""OpenAI's published document of its Images API, as a judge of what the emulator is sent and what it answers."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator

_FOLDER = Path(__file__).parent / "schemas"
_DOCUMENT = _FOLDER / "openai-images.openapi.json"


def checksum() -> tuple[str, str]:
    """The document's SHA-256 as it is, and as it was when it came."""
    return hashlib.sha256(_DOCUMENT.read_bytes()).hexdigest(), (_FOLDER / "SHA256SUMS").read_text().split()[0]


def faults(schema: str, value: Any) -> list[str]:
    """What the schema of that name finds wrong with a value, and fields that it does not know."""
    unknown = set(value) - set(_document()["components"]["schemas"][schema]["properties"])
    return [*(error.message for error in _validator(schema).iter_errors(value)), *sorted(unknown)]


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(_DOCUMENT.read_text("utf-8"))
    return document


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": _document()["components"]}
    )
