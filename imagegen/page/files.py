"""The page's own style sheets and scripts, in a folder whose name changes with them: browsers may keep them."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

STYLES = "main.css"
ENTRY = "main.js"
FIRST = "quiet.js"
"""Runs before Gradio's own modules, which wait until the document is read."""
ROUTE = "/assets/page"
_IMPORTED = re.compile(r'(?:^import|from) "(\.[^"]+)";$', re.MULTILINE)
"""A module that another one needs before it runs; those that it fetches later, by `import(…)`, are not."""


def head(folder: Path) -> str:
    """The constant lines for the page's `<head>`: what runs first, style sheet, modules at once, the entry.

    Modules import each other by relative names, so all of them are found in the one versioned folder. Without the
    preloads a browser would learn of a module only from the one that imports it, several journeys deep. Raises
    `FileNotFoundError` where a file is missing.
    """
    base = address(folder)
    for name in (FIRST, STYLES, ENTRY):
        if not (folder / name).is_file():
            raise FileNotFoundError(f"{folder / name} is missing")
    first = f'<script src="{base}/{FIRST}"></script>'
    style = f'<link rel="stylesheet" href="{base}/{STYLES}">'
    preloads = [f'<link rel="modulepreload" href="{base}/{name}">' for name in _first_modules(folder)]
    return "\n".join([first, style, *preloads, f'<script type="module" src="{base}/{ENTRY}"></script>'])


def address(folder: Path) -> str:
    """The folder in which a browser finds the files as they are now. Blocks: reads some 100 files."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{ROUTE}/{digest.hexdigest()[:12]}"


def _first_modules(folder: Path) -> list[str]:
    """The modules without which the entry does not run."""
    entry = folder / ENTRY
    found, left = {entry}, [entry]
    while left:
        script = left.pop()
        for name in _IMPORTED.findall(script.read_text(encoding="utf-8")):
            module = (script.parent / name).resolve()
            if module not in found:
                found.add(module)
                left.append(module)
    return sorted(path.relative_to(folder.resolve()).as_posix() for path in found - {entry})
