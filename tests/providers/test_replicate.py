"""Replicate over real HTTP: what each model is asked for, and how references get there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from imagegen.providers import replicate
from imagegen.providers.base import ErrorKind, ProviderError, Reporter
from imagegen.providers.replicate import ReplicateProvider
from tests.emulator.fates import Fate, Kind
from tests.emulator.replicate import ReplicateEmulator
from tests.emulator.server import BAD_KEY
from tests.providers.conftest import PROMPT, MakeCall, Running, Vendor, picture_of, vendor_of

MODELS = {model.id: model for model in ReplicateProvider.record.models}
FIELDS: list[tuple[str, str, Mapping[str, Any]]] = [
    ("google/nano-banana-pro", "4K", {"aspect_ratio": "3:4", "resolution": "4K"}),
    ("google/nano-banana-2", "2K", {"aspect_ratio": "3:4", "resolution": "2K"}),
    (
        "black-forest-labs/flux-2-pro",
        "1K",
        {"aspect_ratio": "custom", "width": 864, "height": 1152, "seed": 7},
    ),
    (
        "black-forest-labs/flux-1.1-pro",
        "1K",
        {"aspect_ratio": "custom", "width": 864, "height": 1152, "seed": 7},
    ),
    (
        "black-forest-labs/flux-dev",
        "1K",
        {"aspect_ratio": "3:4", "megapixels": "1", "num_outputs": 1, "seed": 7},
    ),
    (
        "black-forest-labs/flux-schnell",
        "1K",
        {"aspect_ratio": "3:4", "megapixels": "1", "num_outputs": 1, "seed": 7},
    ),
]


@pytest.fixture
async def vendor(emulators: Running) -> AsyncIterator[Vendor]:
    async with vendor_of("replicate", emulators) as one:
        yield one


def emulator_of(vendor: Vendor) -> ReplicateEmulator:
    assert isinstance(vendor.emulator, ReplicateEmulator)
    return vendor.emulator


def test_every_model_is_told_of() -> None:
    assert [name for name, *_ in FIELDS] == list(MODELS)


@pytest.mark.parametrize(("name", "size", "shape"), FIELDS, ids=[name for name, *_ in FIELDS])
async def test_what_is_sent(
    name: str, size: str, shape: Mapping[str, Any], vendor: Vendor, call_for: MakeCall
) -> None:
    vendor.emulator.script(Kind.NO_IMAGE)
    call = call_for(vendor.provider, model=MODELS[name], aspect_ratio="3:4", image_size=size)
    with pytest.raises(ProviderError):
        await vendor.provider.generate(call, Reporter())
    [received] = vendor.emulator.requests
    assert received.asked.fields == {"prompt": PROMPT, "output_format": "png", **shape}
    assert received.asked.prefer is None, "an answer that is waited for would be lost with its connection"


@pytest.mark.parametrize(
    ("name", "asked", "sent"),
    [
        ("google/nano-banana-pro", "jpeg", "jpg"),
        ("google/nano-banana-pro", "webp", "png"),  # which it cannot
        ("black-forest-labs/flux-schnell", "webp", "webp"),
        ("black-forest-labs/flux-schnell", "jpeg", "jpg"),
        ("black-forest-labs/flux-schnell", None, "png"),
    ],
)
async def test_the_format(name: str, asked: str | None, sent: str, vendor: Vendor, call_for: MakeCall) -> None:
    picture = await vendor.provider.generate(
        call_for(vendor.provider, model=MODELS[name], output_format=asked), Reporter()
    )
    [received] = vendor.emulator.requests
    assert received.asked.output_format == sent
    with Image.open(BytesIO(picture.data)) as opened:
        assert opened.size == (1024, 1024)


async def test_references_are_uploaded_before_the_one_post(vendor: Vendor, call_for: MakeCall) -> None:
    call = call_for(vendor.provider, references=(picture_of("red"), picture_of("blue", "JPEG")))
    await vendor.provider.generate(call, Reporter())
    emulator = emulator_of(vendor)
    [received] = emulator.requests
    base = f"{emulator.url}/v1/files/"
    assert {link.removeprefix(base) for link in received.asked.fields["image_input"]} == set(emulator.files)
    assert (emulator.posts, len(emulator.files)) == (1, 2)


async def test_where_no_files_are_taken_references_go_inside_the_request(
    vendor: Vendor, call_for: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replicate, "FILES", "/v1/nowhere")
    await vendor.provider.generate(call_for(vendor.provider, references=(picture_of("red"),)), Reporter())
    emulator = emulator_of(vendor)
    [received] = emulator.requests
    assert [link[:22] for link in received.asked.fields["image_input"]] == ["data:image/png;base64,"]
    assert (emulator.posts, len(emulator.files)) == (1, 0)


async def test_flux_2_takes_references_under_another_name(vendor: Vendor, call_for: MakeCall) -> None:
    model, reference = MODELS["black-forest-labs/flux-2-pro"], picture_of("red")
    await vendor.provider.generate(call_for(vendor.provider, model=model, references=(reference,)), Reporter())
    [received] = vendor.emulator.requests
    assert received.asked.references == ((reference.media_type, reference.data),)
    assert "input_images" in received.asked.fields


async def test_without_its_references_nothing_is_asked(vendor: Vendor, call_for: MakeCall) -> None:
    provider = vendor.build(key=BAD_KEY)
    with pytest.raises(ProviderError) as caught:
        await provider.generate(call_for(provider, references=(picture_of("red"),)), Reporter())
    await provider.aclose()
    assert caught.value.kind is ErrorKind.AUTH
    assert vendor.emulator.posts == 0


async def test_a_throttled_call_waits_as_told(vendor: Vendor, call_for: MakeCall) -> None:
    vendor.emulator.script(Fate(Kind.RATE_LIMITED, retry_delay="30s"))
    with pytest.raises(ProviderError) as caught:
        await vendor.provider.generate(call_for(vendor.provider), Reporter())
    assert caught.value.retry_after == 30
