"""Lookups over the providers that are switched on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from imagegen.catalogue.catalogue import Catalogue
from imagegen.catalogue.geometry import EDGE_FACTORS, PIXELS, PIXELS_1K
from imagegen.catalogue.records import Lifecycle
from imagegen.providers import registry
from imagegen.request import ASPECT_RATIOS, IMAGE_SIZES
from tests.jobs.scripted import MODEL, PAID

END = date(2026, 8, 17)
OLD = replace(MODEL, id="old-model", aliases=(), lifecycle=Lifecycle(retired_on=END))
OTHER = replace(PAID, id="other", models=(OLD,))


def test_a_model_is_found_by_its_id_and_its_aliases() -> None:
    known = replace(PAID, models=(replace(MODEL, aliases=("nickname",)),))
    catalogue = Catalogue([known, OTHER])
    assert catalogue.find("scripted-model") == catalogue.find("nickname") == (known, known.models[0])
    assert catalogue.find("old-model") == (OTHER, OLD)
    assert catalogue.find("auto") is None
    assert catalogue.find("SCRIPTED-MODEL") is None


def test_providers_keep_their_order() -> None:
    assert [model.id for _, model in Catalogue([OTHER, PAID]).entries()] == ["old-model", "scripted-model"]
    assert Catalogue([PAID, OTHER]).provider("other") is OTHER
    assert Catalogue([PAID]).provider("other") is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (MODEL, replace(MODEL, wire_id="elsewhere")),
        (MODEL, replace(OLD, aliases=(MODEL.id,))),
        (replace(MODEL, aliases=("old-model",)), OLD),
        (replace(MODEL, aliases=("same",)), replace(OLD, aliases=("same",))),
    ],
)
def test_a_name_stands_for_one_model(first: object, second: object) -> None:
    providers = [replace(PAID, models=(first,)), replace(OTHER, models=(second,))]  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="stands twice in the catalogue"):
        Catalogue(providers)


def test_the_retired_cannot_be_chosen() -> None:
    catalogue = Catalogue([PAID, OTHER])
    assert catalogue.choosable(date(2026, 8, 16)) == ("auto", "scripted-model", "old-model")
    assert catalogue.choosable(END) == ("auto", "scripted-model")


def test_the_providers_of_the_house_agree_on_their_names() -> None:
    catalogue = Catalogue(registry.RECORDS)
    assert catalogue.find("gemini-3-pro-image-preview") is not None


def test_every_ratio_has_pixels_at_every_size() -> None:
    assert set(PIXELS) == {(ratio, size) for ratio in ASPECT_RATIOS for size in IMAGE_SIZES}
    assert set(PIXELS_1K) == set(ASPECT_RATIOS)
    assert set(EDGE_FACTORS) == set(IMAGE_SIZES)
    for (ratio, _), (width, height) in PIXELS.items():
        across, down = map(int, ratio.split(":"))
        assert abs(width / height - across / down) / (across / down) < 0.03
