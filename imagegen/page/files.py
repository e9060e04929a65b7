"""The page's own style sheets and scripts, in a folder whose name changes with them: browsers may keep them."""

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
    "detail/viewer.css",
    "detail/panel.css",
    "detail/cutout.css",
    "detail/facts.css",
    "detail/sheet.css",
)
ENTRY = "main.js"
ROUTE = "/assets/page"


def head(folder: Path) -> str:
    """The constant lines for the page's `<head>`: style sheets in order, every module at once, then the entry.

    Modules import each other by relative names, so all of them are found in the one versioned folder. Without the
    preloads a browser would learn of a module only from the one that imports it, several journeys deep. Raises
    `FileNotFoundError` where a file is missing.
    """
    base = address(folder)
    for name in (*STYLES, ENTRY):
        if not (folder / name).is_file():
            raise FileNotFoundError(f"{folder / name} is missing")
    styles = [f'<link rel="stylesheet" href="{base}/{name}">' for name in STYLES]
    preloads = [f'<link rel="modulepreload" href="{base}/{name}">' for name in _modules(folder)]
    return "\n".join([*styles, *preloads, f'<script type="module" src="{base}/{ENTRY}"></script>'])


def address(folder: Path) -> str:
    """The folder in which a browser finds the files as they are now. Blocks: reads some 100 files."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{ROUTE}/{digest.hexdigest()[:12]}"


def _modules(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.js") if path.name != ENTRY)
