"""Manners of drawing: every style of the house can be seen in a sketch, whatever is drawn."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from imagegen.prompts.styles import load_styles
from imagegen.providers.sketch import picture_of
from imagegen.providers.sketching.manners.choose import CHANGES, drawn_in
from imagegen.providers.sketching.manners.tone import blurred, levels
from imagegen.providers.sketching.mood import Manner, mood
from imagegen.providers.sketching.vocabulary import words_of
from imagegen.settings import ROOT

STYLES = load_styles(ROOT / "assets" / "styles")


def manner_of(prompt: str) -> Manner:
    return mood(words_of(prompt), np.random.default_rng(1)).manner


@pytest.fixture(scope="module")
def bottle() -> Image.Image:
    return picture_of("a serum bottle", seed=1, size=(240, 180), marked=False)


def test_every_style_of_the_house_has_a_manner_of_its_own() -> None:
    manners = {manner_of(f"a lake\n\nStyle: {style.prompt}") for style in STYLES.values()}
    assert "plain" not in manners
    assert len(manners) == len(STYLES)


@pytest.mark.parametrize("manner", CHANGES)
def test_a_manner_changes_the_picture_and_keeps_its_size(manner: Manner, bottle: Image.Image) -> None:
    changed = [drawn_in(manner, bottle.copy(), np.random.default_rng(seed)) for seed in (1, 1)]
    assert changed[0].size == bottle.size
    assert changed[0].tobytes() == changed[1].tobytes()
    difference = np.asarray(changed[0], dtype=np.float32) - np.asarray(bottle, dtype=np.float32)
    assert float(np.abs(difference).mean()) > 4


@pytest.mark.parametrize("manner", CHANGES)
def test_a_manner_works_on_one_flat_colour(manner: Manner) -> None:
    flat = drawn_in(manner, Image.new("RGB", (96, 64), "#808080"), np.random.default_rng(1))
    assert flat.size == (96, 64)


def test_a_large_picture_is_changed_at_a_bounded_size() -> None:
    large = Image.new("RGB", (2400, 300), "#a0b0c0")
    assert drawn_in("bloom", large, np.random.default_rng(1)).size == (2400, 300)


def test_the_style_goes_before_the_words_of_the_subject() -> None:
    assert manner_of("a watercolor of a lake") == "watercolor"
    assert manner_of("a watercolor of a lake\n\nStyle: film noir") == "noir"


def test_a_mean_over_a_square_keeps_flat_and_spreads_a_spot() -> None:
    spot = np.zeros((9, 9), dtype=np.float32)
    spot[4, 4] = 81
    assert blurred(spot, 1.0)[3:6, 3:6] == pytest.approx(np.full((3, 3), 9.0), abs=1e-3)
    assert blurred(spot, 0.5).sum() == pytest.approx(81, abs=1e-2)
    assert blurred(np.full((4, 6), 7, np.float32), 2.5) == pytest.approx(np.full((4, 6), 7.0), abs=1e-4)


def test_levels_are_few_and_rise_with_the_tone() -> None:
    tone = np.linspace(0, 255, 256, dtype=np.float32)[None, :]
    stepped = levels(tone, 4, softness=0.01)
    assert len(np.unique(stepped.round(1))) <= 8
    assert (np.diff(stepped) >= 0).all()
