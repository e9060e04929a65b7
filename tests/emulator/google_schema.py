"""Google's discovery document of generateContent, as a judge of what the emulator is sent and what it answers."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator

_FOLDER = Path(__file__).parent / "schemas"
_DOCUMENT = _FOLDER / "google-aiplatform-content.discovery.json"
_OURS = "GoogleCloudAiplatformV1"
_FORMATS: dict[str, dict[str, Any]] = {
    "int32": {"minimum": -(2**31), "maximum": 2**31 - 1},
    "byte": {"pattern": "^[A-Za-z0-9+/_-]*={0,2}$"},  # either alphabet of base64, as protobuf's JSON takes it
}


def checksum() -> tuple[str, str]:
    """The document's SHA-256 as it is, and as it was when it came."""
    sums = (line.split() for line in (_FOLDER / "SHA256SUMS").read_text().splitlines())
    [then] = (digest for digest, name in sums if name == _DOCUMENT.name)
    return hashlib.sha256(_DOCUMENT.read_bytes()).hexdigest(), then


def described(schema: str, field: str) -> str:
    """What the document says of a field in words."""
    words: str = _document()["schemas"][_OURS + schema]["properties"][field]["description"]
    return words


def faults(schema: str, value: object) -> list[str]:
    """What the schema of that name (without its prefix) finds wrong with a value, unknown fields included."""
    name = schema if schema.startswith("GoogleRpc") else _OURS + schema
    return [f"{list(fault.instance_path)}: {fault.message}" for fault in _validator(name).iter_errors(value)]


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(_DOCUMENT.read_text("utf-8"))
    return document


@cache
def _validator(name: str) -> Draft202012Validator:
    schemas = {known: _as_json_schema(schema) for known, schema in _document()["schemas"].items()}
    return Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": schemas})


def _as_json_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Discovery's dialect in JSON Schema's words; every field has its snake_case name beside its own."""
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    plain: dict[str, Any] = {key: schema[key] for key in ("type", "enum") if schema.get(key, "any") != "any"}
    plain |= _FORMATS.get(schema.get("format", ""), {})
    if "items" in schema:
        plain["items"] = _as_json_schema(schema["items"])
    if schema.get("type") == "object":
        fields = {name: _as_json_schema(field) for name, field in schema.get("properties", {}).items()}
        plain["properties"] = fields | {_snake(name): field for name, field in fields.items()}
        further = schema.get("additionalProperties")
        plain["additionalProperties"] = False if further is None else _as_json_schema(further)
    return plain


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
