"""Styles are files that a designer can edit and add to."""

from __future__ import annotations

from pathlib import Path

import pytest

from imagegen.prompts.styles import MAX_PREVIEW_BYTES, PREVIEWS, Style, StyleFileError, load_styles
from imagegen.settings import ROOT

WEBP = b"RIFF\x0c\x00\x00\x00WEBPabcd"


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
        ("a.toml", b'name = "x"\nprompt = "x"\nname_ko = ""', "a.toml: name_ko must be a non-empty text"),
        ("a.toml", b'name = "x"\nprompt = "x"\norder = "1"', "a.toml: order must be a whole number"),
        ("a.toml", b'name = "x"\nprompt = "x"\norder = true', "a.toml: order must be a whole number"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(StyleFileError) as refused:
        load_styles(tmp_path)
    assert message in str(refused.value)


def test_order_comes_first_and_styles_without_one_last(tmp_path: Path) -> None:
    for name, order in (("a", "order = 3"), ("b", ""), ("c", "order = 1"), ("d", "order = 3")):
        (tmp_path / f"{name}.toml").write_text(f'name = "x"\nprompt = "x"\n{order}', "utf-8")
    assert list(load_styles(tmp_path)) == ["c", "a", "d", "b"]


def test_a_preview_is_read_with_its_style(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('name = "A"\nname_ko = "에이"\nprompt = "a"\n', "utf-8")
    assert (load_styles(tmp_path)["a"].preview, load_styles(tmp_path)["a"].preview_fingerprint) == (None, None)
    (tmp_path / PREVIEWS).mkdir()
    (tmp_path / PREVIEWS / "a.webp").write_bytes(WEBP)
    style = load_styles(tmp_path)["a"]
    assert (style.name_ko, style.preview) == ("에이", WEBP)
    assert "WEBP" not in repr(style)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x89PNG\r\n", "previews/a.webp: is not a WebP picture"),
        (WEBP + bytes(MAX_PREVIEW_BYTES), "at most 200000 are allowed"),
    ],
)
def test_a_bad_preview_is_named(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "a.toml").write_text('name = "A"\nprompt = "a"\n', "utf-8")
    (tmp_path / PREVIEWS).mkdir()
    (tmp_path / PREVIEWS / "a.webp").write_bytes(data)
    with pytest.raises(StyleFileError) as refused:
        load_styles(tmp_path)
    assert message in str(refused.value)


def test_the_house_has_twelve_styles_with_names_in_both_languages() -> None:
    styles = load_styles(ROOT / "assets" / "styles")
    assert len(styles) == 12
    assert {"watercolor", "van-gogh", "fantasy", "cartoon"} <= set(styles)
    assert all(style.name_ko and len(style.prompt) > 60 for style in styles.values())
    assert len({style.order for style in styles.values()}) == 12
