"""Sketches: the same bytes for the same words, in the asked shape, format and colours."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagegen.catalogue.geometry import PIXELS_1K
from imagegen.providers.base import Billed, ErrorKind, ProviderCall, ProviderError, ReferencePicture, Reporter
from imagegen.providers.sketch import SketchProvider, draw
from imagegen.providers.sketching.mood import Mood, mood
from imagegen.providers.sketching.palette import luma
from imagegen.providers.sketching.vocabulary import words_of
from tests.providers.conftest import MakeCall, picture_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def call(call_for: MakeCall) -> ProviderCall:
    return call_for(SketchProvider, prompt="a mountain lake at dawn")


def pixels(data: bytes) -> np.ndarray:
    with Image.open(BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGB"), dtype=np.float32)


def test_the_same_call_gives_the_same_bytes_in_another_process(call: ProviderCall) -> None:
    program = (
        "import hashlib; from imagegen.providers.base import ProviderCall;"
        "from imagegen.providers.sketch import SketchProvider, draw;"
        f"call = ProviderCall('x', SketchProvider.record.models[0], {call.prompt!r}, '1:1', '1K', {call.seed});"
        "print(hashlib.sha256(draw(call)).hexdigest(), hashlib.sha256(draw(call)).hexdigest())"
    )
    environment = {"PYTHONHASHSEED": "4711", "PYTHONPATH": str(ROOT)}
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT, env=environment
    )
    here = hashlib.sha256(draw(call)).hexdigest()
    assert told.stdout.split() == [here, here]


def test_seed_and_prompt_change_the_picture(call: ProviderCall) -> None:
    pictures = {draw(each) for each in (call, replace(call, seed=8), replace(call, prompt="a lake at dawn"))}
    assert len(pictures) == 3


def test_the_scene_is_the_same_at_every_size(call: ProviderCall) -> None:
    small, large = (pixels(draw(replace(call, image_size=size))) for size in ("1K", "2K"))
    halved = np.asarray(Image.fromarray(large.astype(np.uint8)).resize((1024, 1024), Image.Resampling.BOX))
    assert float(np.abs(small - halved).mean()) < 6


@pytest.mark.parametrize("aspect_ratio", PIXELS_1K)
def test_every_ratio_can_be_drawn(call: ProviderCall, aspect_ratio: str) -> None:
    with Image.open(BytesIO(draw(replace(call, aspect_ratio=aspect_ratio)))) as picture:
        assert picture.size == PIXELS_1K[aspect_ratio]


@pytest.mark.parametrize("output_format", ["png", "jpeg", "webp", None])
def test_formats(call: ProviderCall, output_format: str | None) -> None:
    with Image.open(BytesIO(draw(replace(call, output_format=output_format)))) as picture:
        assert picture.format == (output_format or "png").upper()


def test_references_lend_their_colours(call: ProviderCall) -> None:
    plain = pixels(draw(call)).mean(axis=(0, 1))
    red = pixels(draw(replace(call, references=(picture_of("#d02030"),)))).mean(axis=(0, 1))
    green = pixels(draw(replace(call, references=(picture_of("#20a040"),)))).mean(axis=(0, 1))
    assert red[0] - red[1] > plain[0] - plain[1] + 20
    assert green[1] - green[0] > plain[1] - plain[0] + 20


async def test_a_broken_reference_is_refused(sketch: SketchProvider, call: ProviderCall) -> None:
    broken = ReferencePicture(b"zanzibar", "image/png")
    with pytest.raises(ProviderError) as caught:
        await sketch.generate(replace(call, references=(picture_of("red"), broken)), Reporter())
    error = caught.value
    assert (error.kind, error.billed) == (ErrorKind.BAD_REQUEST, Billed.NO)
    assert error.message == "Reference 2 is not a picture that can be read."


def mood_of(prompt: str) -> Mood:
    return mood(words_of(prompt), np.random.default_rng(1))


def test_words_set_the_mood() -> None:
    def sky(prompt: str) -> float:
        return luma(mood_of(prompt).palette.sky)

    assert sky("a forest at night") < sky("a forest at dusk") < sky("a forest at noon")
    assert mood_of("winter in the alps").snow
    assert mood_of("a desert").ground == "dunes"
    assert mood_of("waves of the sea").water == "sea"


@pytest.mark.parametrize("manner", ["watercolor", "cartoon", "oil painting by van gogh"])
def test_a_style_changes_how_it_is_drawn(call: ProviderCall, manner: str) -> None:
    styled = replace(call, prompt=f"{call.prompt}\n\nStyle: {manner}")
    assert mood_of(styled.prompt).manner != "plain"
    assert pixels(draw(styled)).shape == (1024, 1024, 3)


def test_the_corner_is_marked(call: ProviderCall) -> None:
    corner = pixels(draw(replace(call, prompt="a forest at night")))[-60:, -180:]
    assert corner.max() > 150
    assert np.median(corner) < 80
