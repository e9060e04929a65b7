"""What every provider promises, run over all registered adapters."""

from __future__ import annotations

import asyncio
from datetime import date
from io import BytesIO

import pytest
from PIL import Image

from imagegen.catalogue.catalogue import Catalogue
from imagegen.catalogue.records import ModelStatus
from imagegen.providers.base import Provider, Reporter
from imagegen.providers.registry import RECORDS
from tests.providers.conftest import Heard, MakeCall, picture_of


async def test_a_call_becomes_a_picture_of_the_asked_size(provider: Provider, call_for: MakeCall) -> None:
    heard = Heard()
    call = call_for(provider, aspect_ratio="16:9")

    picture = await provider.generate(call, heard)

    with Image.open(BytesIO(picture.data)) as opened:
        assert opened.size == call.model.capabilities.pixels["16:9", "1K"]
        assert opened.width / opened.height == pytest.approx(16 / 9, rel=0.03)
        opened.load()
    assert picture.model_version in (call.model.wire_id, None)  # None: the answer does not tell
    assert heard.heads == 1


@pytest.mark.parametrize(("aspect_ratio", "image_size"), [("9:16", "1K"), ("21:9", "1K"), ("4:5", "2K")])
async def test_shape(provider: Provider, call_for: MakeCall, aspect_ratio: str, image_size: str) -> None:
    if image_size not in provider.record.models[0].capabilities.image_sizes:
        image_size = "1K"
    call = call_for(provider, aspect_ratio=aspect_ratio, image_size=image_size)
    picture = await provider.generate(call, Reporter())
    with Image.open(BytesIO(picture.data)) as opened:
        assert opened.size == call.model.capabilities.pixels[aspect_ratio, image_size]


async def test_references_are_accepted_up_to_the_models_limit(provider: Provider, call_for: MakeCall) -> None:
    most = provider.record.models[0].capabilities.max_references
    references = tuple(
        picture_of(colour, kind) for colour, kind in ([("red", "PNG"), ("blue", "JPEG")] * most)[:most]
    )
    assert len(references) == most

    picture = await provider.generate(call_for(provider, references=references), Reporter())

    assert Image.open(BytesIO(picture.data)).size == (1024, 1024)


async def test_the_cost_is_known_and_free_providers_cost_nothing(provider: Provider, call_for: MakeCall) -> None:
    picture = await provider.generate(call_for(provider), Reporter())
    assert picture.usd is not None
    assert (picture.usd > 0) == provider.record.paid


async def test_many_calls_run_at_once(provider: Provider, call_for: MakeCall) -> None:
    calls = [call_for(provider, seed=seed) for seed in range(4)]
    pictures = await asyncio.gather(*(provider.generate(call, Reporter()) for call in calls))
    assert len({picture.data for picture in pictures}) == 4


async def test_closing_twice_is_harmless(provider: Provider) -> None:
    await provider.aclose()
    await provider.aclose()


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.id)
def test_a_record_is_complete(record: object) -> None:
    catalogue = Catalogue(RECORDS)
    assert record in catalogue.providers
    for provider, model in catalogue.entries():
        can = model.capabilities
        if model.lifecycle.status_on(date(2026, 11, 21)) is ModelStatus.RETIRED:
            assert catalogue.successor(model, date(2026, 11, 21)) is not None
            assert model.lifecycle.source is not None
            continue
        assert {(ratio, size) for ratio in can.aspect_ratios for size in can.image_sizes} == set(can.pixels)
        assert model.lifecycle.source is not None or not provider.paid
        if model.price is None:
            continue
        assert model.price.source is not None
        assert set(model.price.per_image) <= set(can.image_sizes)
        assert all((price > 0) == provider.paid for price in model.price.per_image.values())
