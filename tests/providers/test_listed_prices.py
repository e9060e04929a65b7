"""What the installed list of token prices says, against what the records hold until it is read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagegen.catalogue.records import Meter, MicroUsd, ModelRecord
from imagegen.providers.listed_prices import repriced
from imagegen.providers.registry import RECORDS

METERED = [
    (record, model)
    for record in RECORDS
    for model in record.models
    if model.price is not None and model.price.meter
]


@pytest.mark.parametrize("model", [model for _, model in METERED], ids=lambda model: model.id)
def test_the_list_and_the_record_say_the_same(model: ModelRecord) -> None:
    """A list that differs is a price that changed: the record and the README are to be brought up to it."""
    (record,) = (record for record, one in METERED if one is model)
    (again,) = (one for one in repriced([record])[0].models if one.id == model.id)
    assert again.price is not None
    assert model.price is not None
    assert replace(again.price, source=None) == replace(model.price, source=None)
    assert again.price.source is not None
    assert again.price.source.where.startswith("genai-prices ")


def test_the_models_that_are_metered() -> None:
    assert {model.id for _, model in METERED} >= {"gemini-3-pro-image-preview", "gpt-image-2", "gpt-image-1.5"}


def test_another_count_is_another_price() -> None:
    record, model = METERED[0]
    assert model.price is not None
    doubled = replace(model.price, meter=Meter("google", "gemini-3-pro-image", {"1K": 2240}))
    (again, *_) = repriced([replace(record, models=(replace(model, price=doubled),))])[0].models
    assert again.price is not None
    assert again.price.per_image == {"1K": MicroUsd(269_000)}
    assert again.price.per_reference is None


def test_a_model_that_the_list_does_not_know_keeps_its_price() -> None:
    record, model = METERED[0]
    assert model.price is not None
    strange = replace(model, price=replace(model.price, meter=Meter("google", "no-such-model", {"1K": 1})))
    assert repriced([replace(record, models=(strange,))])[0].models == (strange,)
