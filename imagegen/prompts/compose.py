"""The text that a provider is sent: the person's prompt word for word, with additions only around it. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def compose(
    prompt: str,
    *,
    style: str | None = None,
    subject: str | None = None,
    negative_prompt: str | None = None,
    reference_labels: Sequence[str | None] = (),
) -> str:
    """The final prompt. `style` is the style's own text; labels stand in the order of the reference images."""
    parts = [prompt]
    if subject:
        parts.append(f"Subject: {subject}")
    if style:
        parts.append(f"Style: {style}")
    parts.extend(f"Reference image {number}: {label}" for number, label in enumerate(reference_labels, 1) if label)
    if negative_prompt and negative_prompt.strip():
        parts.append(f"Avoid: {negative_prompt.strip()}")
    return "\n\n".join(parts)
