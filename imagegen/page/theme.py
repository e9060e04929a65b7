"""Gradio's theme, in the page's own colours.

Only what is painted before the page's style sheets arrive is said here, in the values of assets/page/tokens.css.
No font is fetched from anywhere.
"""

from __future__ import annotations

import gradio as gr

FONTS = ("Geist", "system-ui", "sans-serif")
MONOSPACE = ("ui-monospace", "monospace")


def studio_theme() -> gr.themes.Base:
    """Warm paper in light, near-black in dark."""
    return gr.themes.Base(font=FONTS, font_mono=MONOSPACE).set(
        body_background_fill="#f6f5f2",
        body_background_fill_dark="#0c0c0d",
        body_text_color="#191813",
        body_text_color_dark="#f4f4f1",
        background_fill_primary="#f6f5f2",
        background_fill_primary_dark="#0c0c0d",
    )
