"""The page's own style sheets and scripts, named with a fingerprint so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from pathlib import Path

STYLES = (
    "studio/tokens.css",
    "studio/gradio.css",
    "studio/layout.css",
    "composer/composer.css",
    "composer/choices.css",
    "composer/references.css",
    "composer/styles.css",
    "composer/model.css",
    "composer/options.css",
    "composer/dialogs.css",
    "composer/empty.css",
    "studio/menu.css",
    "gallery/gallery.css",
    "gallery/search.css",
    "gallery/tiles.css",
    "keys/keys.css",
    "dock/dock.css",
    "detail/detail.css",
    "detail/sheet.css",
)
ENTRY = "main.js"
ROUTE = "/assets/page"


def head(folder: Path) -> str:
    """The constant lines for the page's `<head>`: style sheets in order, then the one module loader.

    Modules that the loader imports are named without a fingerprint; browsers ask for them again each time and get
    304. Raises `FileNotFoundError` where a file is missing.
    """
    styles = [f'<link rel="stylesheet" href="{address(folder, name)}">' for name in STYLES]
    return "\n".join([*styles, f'<script type="module" src="{address(folder, ENTRY)}"></script>'])


def address(folder: Path, name: str) -> str:
    """Where a browser gets that file."""
    fingerprint = hashlib.sha256((folder / name).read_bytes()).hexdigest()[:12]
    return f"{ROUTE}/{name}?v={fingerprint}"
