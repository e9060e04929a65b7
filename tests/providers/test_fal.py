"""fal over real HTTP: what each model is asked for, at which addresses, and what it is listed to cost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from imagegen.catalogue.records import MicroUsd
from imagegen.providers.base import Billed, ErrorKind, ProviderError, Reporter
from imagegen.providers.fal import FalProvider
from tests.emulator.fal import FalEmulator
from tests.emulator.fates import Kind
from tests.emulator.server import Call
from tests.providers.conftest import PROMPT, Heard, MakeCall, Running, Vendor, picture_of, vendor_of

MODELS = {model.id: model for model in FalProvider.record.models}
SIZED = {"image_size": {"width": 864, "height": 1152}}
FIELDS: list[tuple[str, str, Mapping[str, Any]]] = [
    ("fal-ai/nano-banana-pro", "4K", {"aspect_ratio": "3:4", "resolution": "4K"}),
    ("fal-ai/flux-pro/v1.1", "1K", SIZED),
    ("fal-ai/flux/dev", "1K", SIZED),
    ("fal-ai/flux/schnell", "1K", SIZED),
]


@pytest.fixture
async def vendor(emulators: Running) -> AsyncIterator[Vendor]:
    async with vendor_of("fal", emulators) as one:
        yield one


@pytest.fixture
def calls(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    """Every request as it arrives."""
    seen: list[Call] = []
    emulator = emulator_of(vendor)
    understand = emulator.understand

    def note(call: Call) -> Any:
        seen.append(call)
        return understand(call)

    monkeypatch.setattr(emulator, "understand", note)
    return seen


def emulator_of(vendor: Vendor) -> FalEmulator:
    assert isinstance(vendor.emulator, FalEmulator)
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
    assert received.asked.model == name
    assert received.asked.fields == {
        "prompt": PROMPT,
        "num_images": 1,
        "seed": 7,
        "output_format": "png",
        **shape,
    }
    assert received.asked.no_retry == "1", "the queue would run it up to ten times by itself"


@pytest.mark.parametrize("name", ["fal-ai/flux-pro/v1.1", "fal-ai/flux/dev", "fal-ai/flux/schnell"])
def test_flux_at_1k_is_never_more_than_the_megapixel_that_its_price_is_for(name: str) -> None:
    for width, height in MODELS[name].capabilities.pixels.values():
        assert 700_000 < width * height <= 1024 * 1024


async def test_the_answer_tells_no_price(vendor: Vendor, call_for: MakeCall) -> None:
    assert (await vendor.provider.generate(call_for(vendor.provider), Reporter())).usd is None


def test_what_a_picture_is_listed_to_cost() -> None:
    listed = {name: dict(model.price.per_image) for name, model in MODELS.items() if model.price}
    assert listed == {
        "fal-ai/nano-banana-pro": {"1K": MicroUsd(150_000), "2K": MicroUsd(150_000), "4K": MicroUsd(300_000)},
        "fal-ai/flux-pro/v1.1": {"1K": MicroUsd(40_000)},
        "fal-ai/flux/dev": {"1K": MicroUsd(25_000)},
        "fal-ai/flux/schnell": {"1K": MicroUsd(3_000)},
    }


@pytest.mark.parametrize(
    ("name", "asked", "sent"),
    [
        ("fal-ai/nano-banana-pro", "webp", "webp"),
        ("fal-ai/nano-banana-pro", None, "png"),
        ("fal-ai/flux/dev", "jpeg", "jpeg"),
        ("fal-ai/flux/dev", "webp", "png"),  # which it cannot
    ],
)
async def test_the_format(name: str, asked: str | None, sent: str, vendor: Vendor, call_for: MakeCall) -> None:
    call = call_for(vendor.provider, model=MODELS[name], output_format=asked)
    picture = await vendor.provider.generate(call, Reporter())
    [received] = vendor.emulator.requests
    assert received.asked.output_format == sent
    with Image.open(BytesIO(picture.data)) as opened:
        assert opened.size == (1024, 1024)


async def test_with_references_another_route_is_asked(vendor: Vendor, call_for: MakeCall) -> None:
    call = call_for(vendor.provider, references=(picture_of("red"), picture_of("blue", "JPEG")))
    await vendor.provider.generate(call, Reporter())
    [received] = vendor.emulator.requests
    assert received.asked.model == "fal-ai/nano-banana-pro/edit"
    assert [link.partition(",")[0] for link in received.asked.fields["image_urls"]] == [
        "data:image/png;base64",
        "data:image/jpeg;base64",
    ]


async def test_addresses_are_of_owner_and_app(vendor: Vendor, call_for: MakeCall, calls: list[Call]) -> None:
    heard = Heard()
    await vendor.provider.generate(call_for(vendor.provider, model=MODELS["fal-ai/flux/schnell"]), heard)
    [remote_id] = heard.jobs
    assert remote_id.startswith("fal-ai/flux/requests/")
    assert [(call.method, call.path) for call in calls] == [
        ("POST", "/fal-ai/flux/schnell"),
        ("GET", f"/{remote_id}/status"),
        ("GET", f"/{remote_id}"),
        ("GET", f"/files/{remote_id}"),
    ]


async def test_a_key_is_checked_by_asking_about_nobody(vendor: Vendor, calls: list[Call]) -> None:
    await vendor.provider.check()
    assert [call.method for call in calls] == ["GET"]
    assert calls[0].path.endswith("/requests/00000000-0000-0000-0000-000000000000/status")


async def test_the_black_picture_of_flux_is_withheld(vendor: Vendor, call_for: MakeCall) -> None:
    vendor.emulator.script(Kind.IMAGE_SAFETY)
    with pytest.raises(ProviderError) as caught:
        await vendor.provider.generate(call_for(vendor.provider, model=MODELS["fal-ai/flux/dev"]), Reporter())
    assert (caught.value.kind, caught.value.billed) == (ErrorKind.POLICY, Billed.PERHAPS)
