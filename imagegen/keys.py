"""Keys that were given on the page, kept in the data folder for its owner alone; the environment comes first."""

from __future__ import annotations

import json
import logging
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from imagegen.settings import Settings

log = logging.getLogger("imagegen.keys")

FIELDS: Mapping[str, str] = {
    "GEMINI_API_KEY": "gemini_api_key",
    "OPENAI_API_KEY": "openai_api_key",
    "STABILITY_API_KEY": "stability_api_key",
    "REPLICATE_API_TOKEN": "replicate_api_token",
    "FAL_KEY": "fal_key",
    "RUNPOD_API_KEY": "runpod_api_key",
    "RUNWARE_API_KEY": "runware_api_key",
}
"""The names that a key may be kept under, as the environment names them, and the setting each one fills."""
OWNER_ONLY = 0o600


class KeyRing:
    """The file `keys.json` of a data folder. All calls block; those that write raise `OSError`."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "keys.json"

    def kept(self) -> dict[str, str]:
        """The keys by name. A file that cannot be read counts as none: the page then asks anew."""
        try:
            content = json.loads(self._path.read_text("utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except (OSError, ValueError):
            log.warning("keys.json cannot be read; keys given on the page are not used")
            return {}
        known = content if isinstance(content, dict) else {}
        return {name: key for name, key in known.items() if name in FIELDS and isinstance(key, str)}

    def keep(self, name: str, key: str) -> None:
        """Keep a key in place of an earlier one."""
        self._write(self.kept() | {name: key})

    def forget(self, name: str) -> None:
        """Keep that key no longer."""
        self._write({other: key for other, key in self.kept().items() if other != name})

    def applied(self, settings: Settings) -> Settings:
        """The settings, with kept keys where the environment says nothing."""
        update = {
            FIELDS[name]: SecretStr(key)
            for name, key in self.kept().items()
            if getattr(settings, FIELDS[name]) is None
        }
        return settings.model_copy(update=update)

    def _write(self, keys: Mapping[str, str]) -> None:
        # Whole or not at all, and never readable by others, not even for a moment.
        temporary = self._path.with_name(f"keys.{secrets.token_hex(4)}.tmp")
        file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        try:
            with os.fdopen(file, "w", encoding="utf-8") as stream:
                json.dump(dict(keys), stream)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(self._path)
        finally:
            temporary.unlink(missing_ok=True)
