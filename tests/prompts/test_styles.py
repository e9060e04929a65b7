"""Styles are files that a designer can edit and add to."""

from __future__ import annotations

from pathlib import Path

import pytest

from imagegen.prompts.styles import Style, StyleFileError, load_styles
from imagegen.settings import ROOT


def test_a_new_file_is_a_new_style(tmp_path: Path) -> None:
    (tmp_path / "pop-art.toml").write_text(
        'name = "Pop art"\nprompt = """\nBold dots,\n  flat colour.\n"""\n', "utf-8"
    )
    (tmp_path / "b.toml").write_text('name = "B"\nprompt = "b"\n', "utf-8")
    (tmp_path / "notes.txt").write_text("not a style", "utf-8")
    assert load_styles(tmp_path) == {
        "b": Style("b", "B", "b"),
        "pop-art": Style("pop-art", "Pop art", "Bold dots, flat colour."),
    }
    assert list(load_styles(tmp_path)) == ["b", "pop-art"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("Pop Art.toml", b'name = "x"\nprompt = "x"', "file name is lower-case letters, digits and hyphens"),
        ("a.toml", b"name = ", "a.toml: "),
        ("a.toml", b"\xff\xfe", "a.toml: "),
        ("a.toml", b'prompt = "x"', "a.toml: name must be a non-empty text"),
        ("a.toml", b'name = "x"\nprompt = " "', "a.toml: prompt must be a non-empty text"),
        ("a.toml", b'name = "x"\nprompt = 5', "a.toml: prompt must be a non-empty text"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(StyleFileError) as refused:
        load_styles(tmp_path)
    assert message in str(refused.value)


def test_the_styles_of_the_house_can_be_used() -> None:
    styles = load_styles(ROOT / "assets" / "styles")
    assert {"watercolor", "van-gogh", "fantasy", "cartoon"} <= set(styles)
