"""Styles are files that a designer can edit and add to: `assets/styles/ID.toml` with `name` and `prompt`.

A file may also have `name_ko`, the name in Korean, and `order`, its place in a list. `previews/ID.webp` beside it
is its picture; a style without one has none.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

PREVIEWS = "previews"
MAX_PREVIEW_BYTES = 200_000
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LAST = 1_000_000
"""The place of a style whose file names none: after those that do."""


@dataclass(frozen=True)
class Style:
    """A look to be added to any prompt. `preview` is a small WebP picture in that look."""

    id: str
    name: str
    prompt: str
    name_ko: str | None = None
    order: int = _LAST
    preview: bytes | None = field(default=None, repr=False)

    @cached_property
    def preview_fingerprint(self) -> str | None:
        """Changes only with the preview's bytes."""
        return None if self.preview is None else hashlib.sha256(self.preview).hexdigest()[:16]


class StyleFileError(Exception):
    """A style file cannot be used; the message names the file and what is wrong."""


def load_styles(folder: Path) -> Mapping[str, Style]:
    """Every style of the folder by id, in their order, then by id. Raises `StyleFileError` at a bad file."""
    styles = [_read(path) for path in sorted(folder.glob("*.toml"))]
    return {style.id: style for style in sorted(styles, key=lambda style: (style.order, style.id))}


def _read(path: Path) -> Style:
    if not _ID.fullmatch(path.stem):
        raise StyleFileError(f"{path.name}: a style's file name is lower-case letters, digits and hyphens")
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StyleFileError(f"{path.name}: {error}") from None
    order = fields.get("order", _LAST)
    if type(order) is not int:
        raise StyleFileError(f"{path.name}: order must be a whole number")
    return Style(
        id=path.stem,
        name=_text(path, fields, "name"),
        prompt=" ".join(_text(path, fields, "prompt").split()),
        name_ko=_text(path, fields, "name_ko") if "name_ko" in fields else None,
        order=order,
        preview=_preview(path.parent / PREVIEWS / f"{path.stem}.webp"),
    )


def _text(path: Path, fields: Mapping[str, Any], name: str) -> str:
    text = fields.get(name)
    if not isinstance(text, str) or not text.strip():
        raise StyleFileError(f"{path.name}: {name} must be a non-empty text")
    return text


def _preview(path: Path) -> bytes | None:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    if len(data) > MAX_PREVIEW_BYTES:
        raise StyleFileError(f"{PREVIEWS}/{path.name}: {len(data)} bytes; at most {MAX_PREVIEW_BYTES} are allowed")
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise StyleFileError(f"{PREVIEWS}/{path.name}: is not a WebP picture")
    return data
