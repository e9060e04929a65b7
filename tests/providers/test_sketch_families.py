"""Six families of scenes: which words ask for which, and what holds for the pictures of all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from imagegen.providers.sketch import picture_of
from imagegen.providers.sketching.families.choose import FAMILIES, FamilyName, family_of
from imagegen.providers.sketching.palette import Colour, colour
from imagegen.providers.sketching.vocabulary import words_of

EXAMPLES: dict[FamilyName, str] = {
    "landscape": "misty ridges above a lake",
    "still life": "a serum bottle on a plinth",
    "portrait": "portrait of a woman",
    "city": "a city at dusk",
    "space": "a ringed planet",
    "abstract": "a geometric pattern",
}
MORE = [
    "vase with tulips",
    "bowl of fruit",
    "a cup of coffee",
    "a sculpture",
    "an old bearded king",
    "a bride with long hair",
    "girl, afro",
    "ballerina",
    "a neon city in the rain",
    "city by day",
    "galaxy, nebula",
    "mars",
    "marble",
    "paper layers",
    "a peony in bloom",
]


def family(prompt: str, seed: int = 1) -> FamilyName:
    return family_of(words_of(prompt), np.random.default_rng(seed))


def pixels(prompt: str, colours: Sequence[Colour] = ()) -> np.ndarray:
    drawn = picture_of(prompt, seed=5, size=(192, 192), colours=colours, marked=False)
    return np.asarray(drawn, dtype=np.float32)


def test_every_family_has_an_example() -> None:
    assert set(EXAMPLES) == set(FAMILIES)


@pytest.mark.parametrize(("name", "prompt"), EXAMPLES.items())
def test_words_choose_the_family(name: FamilyName, prompt: str) -> None:
    assert family(prompt) == name
    assert family(prompt.upper()) == name


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("a perfume bottle on a rock by the sea", "still life"),
        ("a lighthouse in a storm", "landscape"),
        ("a woman in a forest", "portrait"),
        ("설산의 호수", "landscape"),
        ("우주의 행성", "space"),
        ("꽃병이 있는 정물", "still life"),
    ],
)
def test_most_words_win(prompt: str, name: FamilyName) -> None:
    assert family(prompt) == name


def test_a_style_decides_only_where_the_subject_is_silent() -> None:
    style = "\n\nStyle: Film noir in black and white"
    assert family(f"hope{style}") == "city"
    assert family(f"a lake in the mountains{style}") == "landscape"


def test_what_is_to_be_avoided_is_not_drawn() -> None:
    assert family("a mountain lake\n\nAvoid: city, skyline, buildings, people") == "landscape"


def test_without_any_known_word_the_seed_decides() -> None:
    assert {family("qwertz", seed) for seed in range(20)} == {"landscape", "abstract"}


@pytest.mark.parametrize("prompt", [*EXAMPLES.values(), *MORE])
def test_a_picture_is_the_same_again_and_at_twice_the_size(prompt: str) -> None:
    first = pixels(prompt)
    assert np.array_equal(first, pixels(prompt))
    large = picture_of(prompt, seed=5, size=(384, 384), marked=False).resize((192, 192), Image.Resampling.BOX)
    assert float(np.abs(first - np.asarray(large, dtype=np.float32)).mean()) < 6
    assert first.std() > 12


@pytest.mark.parametrize("prompt", EXAMPLES.values())
def test_every_family_fills_wide_and_tall_frames(prompt: str) -> None:
    for size in ((336, 144), (144, 256)):
        drawn = picture_of(prompt, seed=2, size=size)
        assert drawn.size == size
        assert np.asarray(drawn).std() > 8


@pytest.mark.parametrize("prompt", EXAMPLES.values())
def test_references_lend_their_colours(prompt: str) -> None:
    red, green = (pixels(prompt, [colour(code)]).mean(axis=(0, 1)) for code in ("d02030", "20a040"))
    assert red[0] - red[1] > green[0] - green[1] + 25


@pytest.mark.parametrize("prompt", [prompt for name, prompt in EXAMPLES.items() if name != "portrait"])
def test_colour_words_are_heard(prompt: str) -> None:
    red, green = (pixels(f"{word} {prompt}").mean(axis=(0, 1)) for word in ("red", "green"))
    assert red[0] - red[1] > green[0] - green[1] + 10


@pytest.mark.parametrize("prompt", ["a serum bottle", "a city"])
def test_nights_are_dark(prompt: str) -> None:
    assert pixels(f"{prompt} at night").mean() < pixels(f"{prompt} at noon").mean() - 40
