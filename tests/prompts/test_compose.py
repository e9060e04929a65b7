"""The text that a provider is sent: the prompt word for word, with additions only around it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from imagegen.prompts.compose import compose
from imagegen.request import parse

texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=40).filter(str.strip)


def test_alone_the_prompt_goes_verbatim() -> None:
    assert compose(parse({"prompt": "  a fox \n"}), style=None, subject=None) == "  a fox \n"


def test_additions_follow_one_by_one() -> None:
    request = parse(
        {
            "prompt": "A wedding",
            "negative_prompt": " rain ",
            "reference_images": ["plain", {"id": "r", "label": "the dress"}, {"id": "s", "label": " "}],
        }
    )
    assert compose(request, style="in watercolor", subject="bride").split("\n\n") == [
        "A wedding",
        "Subject: bride",
        "Style: in watercolor",
        "Reference image 2: the dress",
        "Avoid: rain",
    ]


@given(texts, st.none() | texts, st.none() | texts, st.none() | texts)
def test_the_prompt_is_never_changed(
    prompt: str, negative: str | None, style: str | None, subject: str | None
) -> None:
    request = parse({"prompt": prompt, "negative_prompt": negative})
    sent = compose(request, style=style, subject=subject)
    assert sent.startswith(prompt)
    assert all(part in sent for part in (style, subject, negative and negative.strip()) if part)
    if not (negative or style or subject):
        assert sent == prompt
