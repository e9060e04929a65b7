"""Draws the previews of styles: `python -m imagegen.providers.sketching.previews assets/styles`.

Each picture is drawn by `sketch` from the style's own text and nothing else, so that what designers write is what
they see. Run it after a style is added or its text is changed.
"""

from __future__ import annotations

import argparse
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image

from imagegen.prompts.styles import PREVIEWS, Style, StyleFileError, load_styles
from imagegen.providers.sketch import picture_of

EDGE = 256
MAX_BYTES = 15_000
_SEED = 3
_DRAWN_AT = 1024


def preview(style: Style) -> bytes:
    """A WebP of 256 × 256 pixels and at most 15,000 bytes."""
    drawn = picture_of(f"Style: {style.prompt}", seed=_SEED, size=(_DRAWN_AT, _DRAWN_AT), marked=False)
    small = drawn.resize((EDGE, EDGE), Image.Resampling.LANCZOS)
    for quality in range(84, 20, -6):
        buffer = BytesIO()
        small.save(buffer, "WEBP", quality=quality, method=6)
        if buffer.tell() <= MAX_BYTES:
            break
    return buffer.getvalue()


def main(arguments: list[str] | None = None) -> int:
    """Write the preview of every style of a folder, or of those named."""
    parser = argparse.ArgumentParser(description="Draw the previews of styles.")
    parser.add_argument("folder", type=Path, help="the folder with the styles' files")
    parser.add_argument("styles", nargs="*", metavar="STYLE", help="draw only these")
    asked = parser.parse_args(arguments)
    try:
        styles = load_styles(asked.folder)
    except StyleFileError as error:
        parser.error(str(error))
    unknown = sorted(set(asked.styles) - set(styles))
    if unknown or not styles:
        parser.error(f"no such style: {', '.join(unknown)}" if unknown else f"no style in {asked.folder}")
    target = asked.folder / PREVIEWS
    target.mkdir(exist_ok=True)
    for name in asked.styles or styles:
        data = preview(styles[name])
        (target / f"{name}.webp").write_bytes(data)
        sys.stdout.write(f"{target / name}.webp  {len(data)} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
