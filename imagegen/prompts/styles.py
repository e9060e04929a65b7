"""Styles are files that a designer can edit and add to: `assets/styles/ID.toml` with `name` and `prompt`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Style:
    """A look to be added to any prompt."""

    id: str
    name: str
    prompt: str


class StyleFileError(Exception):
    """A style file cannot be used; the message names the file and what is wrong."""


def load_styles(folder: Path) -> Mapping[str, Style]:
    """Every style of the folder by id, sorted by id. Raises `StyleFileError` at the first bad file."""
    return {path.stem: _read(path) for path in sorted(folder.glob("*.toml"))}


def _read(path: Path) -> Style:
    if not _ID.fullmatch(path.stem):
        raise StyleFileError(f"{path.name}: a style's file name is lower-case letters, digits and hyphens")
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StyleFileError(f"{path.name}: {error}") from None
    texts = {name: fields.get(name) for name in ("name", "prompt")}
    for name, text in texts.items():
        if not isinstance(text, str) or not text.strip():
            raise StyleFileError(f"{path.name}: {name} must be a non-empty text")
    return Style(path.stem, str(texts["name"]), " ".join(str(texts["prompt"]).split()))
