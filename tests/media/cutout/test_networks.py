"""The models at work, with the real weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from imagegen.media.cutout.models import CUTOUT_MODELS
from imagegen.media.cutout.networks import BundledNetwork, Network, Networks, RembgNetwork
from imagegen.media.cutout.options import CutoutFailed
from tests.media.cutout.photographs import astronaut, overlap
from tests.media.pictures import noise

BUNDLED = CUTOUT_MODELS["u2netp"]
WEIGHTS = BUNDLED.path(Path())


@pytest.fixture(scope="module")
def bundled() -> Network:
    return BundledNetwork(WEIGHTS)


@pytest.fixture(scope="module")
def by_rembg() -> RembgNetwork:
    """The bundled weights in rembg's own session, as models that were downloaded run."""
    return RembgNetwork(BUNDLED, WEIGHTS)


@pytest.mark.parametrize("side", [200, 700])
def test_the_matte_is_the_one_that_rembg_finds(bundled: Network, by_rembg: RembgNetwork, side: int) -> None:
    photograph = astronaut(side)
    matte = bundled.matte(photograph)
    assert (matte.mode, matte.size) == ("L", photograph.size)
    assert matte.getextrema() == (0, 255)
    (plain,) = by_rembg._session.predict(photograph)
    assert overlap(matte, plain) > 0.99
    assert overlap(by_rembg.matte(photograph), plain) > 0.99


def test_a_wide_picture_keeps_its_size(bundled: Network) -> None:
    wide = Image.new("RGB", (900, 300), (120, 140, 160))
    wide.paste(astronaut(300), (300, 0))
    matte = bundled.matte(wide)
    assert matte.size == wide.size
    assert matte.crop((0, 0, 250, 300)).resize((1, 1)).getpixel((0, 0)) == pytest.approx(0, abs=10)


@pytest.mark.parametrize(
    "picture",
    [*(Image.new("RGB", (400, 300), colour) for colour in ("black", "white", "#3a6ea5")), noise(800, 800)],
    ids=["black", "white", "blue", "noise"],
)
def test_in_nothing_nothing_is_found(bundled: Network, by_rembg: RembgNetwork, picture: Image.Image) -> None:
    for network in (bundled, by_rembg):
        with pytest.raises(CutoutFailed, match=r"Nothing was found to cut out\.") as caught:
            network.matte(picture)
        assert caught.value.reason == "nothing_found"


def test_a_damaged_or_missing_file_is_not_loaded(tmp_path: Path) -> None:
    damaged = tmp_path / "u2net.onnx"
    with pytest.raises(CutoutFailed, match="u2net is missing"):
        Networks().load(CUTOUT_MODELS["u2net"], damaged)
    damaged.write_bytes(WEIGHTS.read_bytes())
    with pytest.raises(CutoutFailed, match="u2net is damaged") as caught:
        Networks().load(CUTOUT_MODELS["u2net"], damaged)
    assert caught.value.reason == "model"


def test_models_are_loaded_once() -> None:
    networks = Networks()
    as_other = replace(BUNDLED, bundled=False)
    assert networks.has(BUNDLED)
    assert not networks.has(as_other)
    assert networks.load(BUNDLED, WEIGHTS) is networks.load(BUNDLED, WEIGHTS)
    assert networks.load(as_other, WEIGHTS) is networks.load(as_other, WEIGHTS)
    assert networks.has(as_other)
