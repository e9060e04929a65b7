"""Where a model is, as the setting says it. Looks at the disk and loads nothing."""

from __future__ import annotations

import re
from pathlib import Path

from imagegen.providers.diffusing.trouble import DiffusingFailed

_HUB_ID = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}")


def folder_of(model: str) -> Path | None:
    """The folder that is meant, None for an id of the hub as in `owner/name`. Raises `DiffusingFailed`; blocks."""
    folder = Path(model).expanduser()
    if (folder / "model_index.json").is_file():
        return folder
    if folder.is_dir() or folder.is_absolute() or model[:1] in ".~" or not _HUB_ID.fullmatch(model):
        raise DiffusingFailed("no_model")
    return None
