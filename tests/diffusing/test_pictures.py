"""Pictures of a tiny random model, end to end: the provider, its child process, diffusers and torch."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image, ImageChops, ImageStat

from imagegen.providers.base import ErrorKind, ProviderCall, ProviderError, Reporter
from imagegen.providers.local_diffusers import DiffusersProvider
from tests.diffusing.environment import PYTHON, make_model, needs_diffusers
from tests.providers.conftest import Heard, picture_of

pytestmark = needs_diffusers

[MODEL] = DiffusersProvider.record.models
SMALL = replace(
    MODEL, capabilities=replace(MODEL.capabilities, pixels={("1:1", "1K"): (64, 64), ("3:2", "1K"): (96, 64)})
)
"""The same with pictures that take a moment."""
MakeProvider = Callable[..., DiffusersProvider]
STEPS = 50
"""The default of the Stable Diffusion pipeline."""


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("models") / "plain", "plain")


@pytest.fixture
async def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MakeProvider]:
    """Builds providers that run the real child, and closes them; what is downloaded is kept in an empty folder."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    made: list[DiffusersProvider] = []

    def build(model: object) -> DiffusersProvider:
        made.append(DiffusersProvider(str(model), python=str(PYTHON)))
        return made[-1]

    yield build
    for one in made:
        await one.aclose()


def call(**changes: object) -> ProviderCall:
    fields = {
        "attempt_id": str(uuid4()),
        "model": SMALL,
        "prompt": "a heron over the reeds",
        "aspect_ratio": "1:1",
        "image_size": "1K",
        "seed": 7,
    }
    return ProviderCall(**fields | changes)  # type: ignore[arg-type]


def opened(data: bytes) -> Image.Image:
    picture = Image.open(BytesIO(data))
    picture.load()
    return picture


async def failure(provider: DiffusersProvider, **changes: object) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await provider.generate(call(**changes), Reporter())
    return caught.value


async def test_pictures(make: MakeProvider, plain: Path) -> None:
    """One child: its size, its steps, its early states, its seed, its formats, and a reference."""
    provider, heard = make(plain), Heard()
    first = await provider.generate(call(), heard)
    assert (opened(first.data).size, opened(first.data).format, first.usd) == ((64, 64), "PNG", 0)
    assert heard.done == pytest.approx([step / STEPS for step in range(1, STEPS + 1)])
    assert heard.done[-1] == 1.0
    assert len(heard.previews) == 5
    for preview in map(opened, heard.previews):
        assert (preview.format, preview.size, preview.mode) == ("JPEG", (64, 64), "RGB")
    assert min(ImageStat.Stat(opened(first.data)).stddev) > 1, "not one colour"

    again = await provider.generate(call(), Reporter())
    other = await provider.generate(call(seed=8), Reporter())
    assert again.data == first.data != other.data

    wide = opened((await provider.generate(call(aspect_ratio="3:2", output_format="jpeg"), Reporter())).data)
    assert (wide.size, wide.format) == ((96, 64), "JPEG")

    heard = Heard()
    references = (picture_of("red"),)
    from_red = await provider.generate(call(references=references, aspect_ratio="3:2"), heard)
    from_blue = await provider.generate(call(references=(picture_of("blue"),), aspect_ratio="3:2"), Reporter())
    assert opened(from_red.data).size == (96, 64)
    assert ImageChops.difference(opened(from_red.data), opened(from_blue.data)).getbbox()
    assert heard.done == sorted(heard.done)
    assert heard.done[-1] == 1.0
    assert len(heard.done) == STEPS * 0.8  # the pipeline's strength


async def test_a_new_child_makes_the_same_picture(make: MakeProvider, plain: Path) -> None:
    pictures = [await make(plain).generate(call(), Reporter()) for _ in range(2)]
    assert pictures[0].data == pictures[1].data


async def test_a_picture_of_the_houses_own_size(make: MakeProvider, plain: Path) -> None:
    heard = Heard()
    picture = await make(plain).generate(call(model=MODEL, aspect_ratio="21:9"), heard)
    assert opened(picture.data).size == (1584, 672)
    assert {opened(preview).size for preview in heard.previews} == {(256, 112)}


async def test_a_folder_without_a_model(make: MakeProvider, tmp_path: Path) -> None:
    error = await failure(make(tmp_path))
    assert (error.kind, error.message) == (
        ErrorKind.NOT_FOUND,
        "The model of Diffusers (local) was not found; check IMAGEGEN_DIFFUSERS_MODEL.",
    )


def _cut_short(folder: Path) -> None:
    (weights,) = (folder / "unet").glob("*.safetensors")
    weights.write_bytes(weights.read_bytes()[:1000])


def _without_weights(folder: Path) -> None:
    for weights in (folder / "vae").glob("*.safetensors"):
        weights.unlink()


def _pickled(folder: Path) -> None:
    """Weights that could hold code are not read, even where there are no others."""
    for weights in (folder / "vae").glob("*.safetensors"):
        weights.rename(weights.with_name("diffusion_pytorch_model.bin"))


def _garbled(folder: Path) -> None:
    (folder / "model_index.json").write_text("{")


def _of_another_kind(folder: Path) -> None:
    index = folder / "model_index.json"
    index.write_text(index.read_text().replace("StableDiffusionPipeline", "NoPipelineOfThisName"))


@pytest.mark.parametrize("damage", [_cut_short, _without_weights, _pickled, _garbled, _of_another_kind])
async def test_a_damaged_model(
    damage: Callable[[Path], None], make: MakeProvider, plain: Path, tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(plain, damaged)
    damage(damaged)
    error = await failure(make(damaged))
    assert (error.kind, error.message) == (
        ErrorKind.NOT_FOUND,
        "The model of Diffusers (local) is damaged or of a kind that cannot be used; "
        "check IMAGEGEN_DIFFUSERS_MODEL.",
    )


async def test_a_model_that_cannot_be_downloaded(
    make: MakeProvider, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{unused_tcp_port}")
    error = await failure(make("nobody/nothing"))
    assert error.kind is ErrorKind.CONNECTION_FAILED
    assert "could not be downloaded" in error.message


async def test_a_broken_reference(make: MakeProvider, plain: Path) -> None:
    provider = make(plain)
    error = await failure(provider, references=(replace(picture_of("red"), data=b"no picture"),))
    assert (error.kind, error.message) == (
        ErrorKind.BAD_REQUEST,
        "Reference 1 is not a picture that can be read.",
    )
    assert await provider.generate(call(), Reporter())


async def test_what_the_models_own_checker_finds_is_withheld(make: MakeProvider, tmp_path: Path) -> None:
    error = await failure(make(make_model(tmp_path / "prudent", "prudent")))
    assert (error.kind, error.message) == (
        ErrorKind.POLICY,
        "Diffusers (local) withheld the picture under its content policy; change the prompt.",
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that kills")
async def test_a_child_that_is_killed_in_the_midst_of_a_picture(make: MakeProvider, plain: Path) -> None:
    provider = make(plain)

    class Killing(Reporter):
        def progress(self, done: float) -> None:
            if provider._worker.pid is not None and done == 0.1:
                os.kill(provider._worker.pid, signal.SIGKILL)

    with pytest.raises(ProviderError, match="stopped while it worked") as caught:
        await provider.generate(call(model=MODEL), Killing())
    assert caught.value.kind is ErrorKind.OUTCOME_UNKNOWN
    assert await provider.generate(call(), Reporter())
