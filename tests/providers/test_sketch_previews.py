"""Previews of styles: one for every style of the house, small, and drawn again by one command."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from imagegen.prompts.styles import Style, load_styles
from imagegen.providers.sketching.previews import EDGE, MAX_BYTES, main
from imagegen.settings import ROOT

FOLDER = ROOT / "assets" / "styles"
STYLES = load_styles(FOLDER)


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_every_style_of_the_house_has_a_preview(style: Style) -> None:
    assert style.preview is not None
    assert len(style.preview) <= MAX_BYTES
    with Image.open(BytesIO(style.preview)) as picture:
        assert (picture.format, picture.size) == ("WEBP", (EDGE, EDGE))


def test_no_preview_is_left_over() -> None:
    assert {path.stem for path in (FOLDER / "previews").iterdir()} == set(STYLES)


def test_the_command_draws_the_styles_of_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "own.toml").write_text('name = "Own"\nprompt = "A screen-print poster of a lake."\n', "utf-8")
    (tmp_path / "other.toml").write_text('name = "Other"\nprompt = "Ink."\n', "utf-8")
    assert main([str(tmp_path), "own"]) == 0
    assert "own.webp" in capsys.readouterr().out
    styles = load_styles(tmp_path)
    assert styles["own"].preview is not None
    assert styles["other"].preview is None


@pytest.mark.parametrize("arguments", [["unheard-of"], []])
def test_the_command_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit):
        main([str(tmp_path), *arguments])
    assert "no such style: unheard-of" in (told := capsys.readouterr().err) or "no style in" in told
