"""What can be asked of a cut-out."""

from __future__ import annotations

import pytest

from imagegen.media.cutout import CutoutFailed, CutoutOptions, CutoutResult


@pytest.mark.parametrize("colour", [None, "#ffffff", "#0aF9b2"])
def test_a_background_is_nothing_or_a_colour(colour: str | None) -> None:
    assert CutoutOptions(background=colour).background == colour


@pytest.mark.parametrize("colour", ["", "white", "#fff", "#12345g", "#ffffff\n", "x" * 1000])
def test_another_background_is_refused_with_what_is_allowed(colour: str) -> None:
    with pytest.raises(CutoutFailed, match="allowed: #rrggbb") as caught:
        CutoutOptions(background=colour)
    assert caught.value.reason == "option"
    assert len(str(caught.value)) < 100


def test_a_result_does_not_show_its_picture() -> None:
    assert repr(CutoutResult(b"SECRET")) == "CutoutResult(notice=None)"
