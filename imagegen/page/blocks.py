"""The form that Gradio draws, and the places of the live elements.

A place is an empty column with an id; the page's scripts put their element there. So no text ever passes through a
template of Gradio's, whose `gr.HTML` evaluates `${…}` and `{{…}}` as JavaScript and needs a security policy that
allows it. There is no event handler: the controls are read by the scripts, which speak to the REST API.
"""

from __future__ import annotations

import gradio as gr


def build_page() -> gr.Blocks:
    """The whole page. Ids are the hooks of the style sheets, the scripts and the tests."""
    with gr.Blocks(title="imagegen", analytics_enabled=False) as page, gr.Column(elem_id="studio"):
        _place("header")
        _place("notices")
        with gr.Column(elem_id="composer"):
            with gr.Column(elem_id="fields"):
                with gr.Column(elem_id="prompt-card"):
                    _prompt()
                    _place("prompt-foot")
                _place("chips")
                _place("options")
            with gr.Column(elem_id="submit"):
                _place("estimate")
                gr.Button("Generate", variant="primary", elem_id="generate")
        _place("gallery")
        _place("dock")
    return page


def _prompt() -> None:
    gr.Textbox(
        label="Prompt",
        placeholder="Describe the picture",
        lines=3,
        max_lines=8,
        interactive=True,
        elem_id="prompt",
    )


def _place(elem_id: str) -> None:
    with gr.Column(elem_id=elem_id):
        pass
