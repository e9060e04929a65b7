"""The text that a provider is sent: the person's prompt word for word, with additions only around it. Pure."""

from __future__ import annotations

from imagegen.request import GenerationRequest


def compose(request: GenerationRequest, *, style: str | None, subject: str | None) -> str:
    """The final prompt of one picture. `style` is the style's own text, `subject` as the request has it.

    No provider of this version takes a negative prompt of its own, so it is folded in as a sentence.
    """
    parts = [request.prompt]
    if subject:
        parts.append(f"Subject: {subject}")
    if style:
        parts.append(f"Style: {style}")
    parts.extend(
        f"Reference image {number}: {reference.label}"
        for number, reference in enumerate(request.reference_images, 1)
        if reference.label and reference.label.strip()
    )
    if request.negative_prompt and request.negative_prompt.strip():
        parts.append(f"Avoid: {request.negative_prompt.strip()}")
    return "\n\n".join(parts)
