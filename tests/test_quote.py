"""What a request costs, before anything is stored."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagegen.catalogue.records import MicroUsd, ModelRecord, Price, as_usd, micro_usd
from imagegen.plan import total
from imagegen.providers.gemini import GeminiProvider
from imagegen.quote import Quote, price_of_one, quote
from imagegen.request import IMAGE_SIZES, RequestError, parse

GEMINI = GeminiProvider.record.models[0]
money = st.integers(0, 10_000_000).map(MicroUsd)


def priced(price: Price | None) -> ModelRecord:
    return replace(GEMINI, price=price)


def test_four_styles_by_two_subjects_at_geminis_price() -> None:
    request = parse(
        {
            "prompt": "a wedding",
            "styles": ["watercolor", "van-gogh", "fantasy", "cartoon"],
            "subjects": ["groom", "bride"],
        }
    )
    quoted = quote(request, GEMINI)
    assert (quoted.images, as_usd(quoted.per_image)) == (8, 0.134)
    assert f"${as_usd(quoted.whole):.2f}" == "$1.07"


def test_an_unknown_price_is_unknown_and_never_zero() -> None:
    assert quote(parse({"prompt": "x", "count": 3}), priced(None)) == Quote(3, None, None)
    assert not quote(parse({"prompt": "x"}), priced(None)).known
    only_small = priced(Price({"1K": micro_usd("0.1")}))
    assert not quote(parse({"prompt": "x", "image_size": "4K"}), only_small).known


def test_a_price_of_nothing_is_known() -> None:
    free = quote(parse({"prompt": "x", "count": 5}), priced(Price({"1K": MicroUsd(0)})))
    assert (free.known, free.whole) == (True, 0)


def test_too_many_images_have_no_quote() -> None:
    styles = [f"s{n}" for n in range(100)]
    request = parse({"prompt": "x", "styles": styles, "subjects": ["a", "b"], "count": 51})
    with pytest.raises(RequestError):
        quote(request, GEMINI)


@given(money, money, st.sampled_from(IMAGE_SIZES), st.integers(0, 14), st.integers(1, 100))
def test_the_whole_is_the_sum_of_its_pictures(
    image: MicroUsd, reference: MicroUsd, size: str, references: int, count: int
) -> None:
    body = {
        "prompt": "x",
        "image_size": size,
        "count": count,
        "reference_images": [str(n) for n in range(references)],
    }
    request = parse(body)
    quoted = quote(request, priced(Price({size: image}, per_reference=reference)))
    assert quoted.images == total(request) == count
    assert quoted.per_image == image + references * reference
    assert quoted.whole == sum([image + references * reference] * count)
    assert quoted.known


@given(money, money, st.integers(0, 13))
def test_each_reference_adds_the_same(image: MicroUsd, reference: MicroUsd, references: int) -> None:
    price = Price({"1K": image}, per_reference=reference)
    fewer, more = price_of_one(price, "1K", references), price_of_one(price, "1K", references + 1)
    assert fewer is not None
    assert more is not None
    assert more - fewer == reference


def test_references_of_unknown_price_make_the_whole_unknown() -> None:
    price = Price({"1K": MicroUsd(53_000)}, per_reference=None)
    assert price_of_one(price, "1K", 0) == 53_000
    assert price_of_one(price, "1K", 1) is None


def test_geminis_price_is_dated_and_sourced() -> None:
    assert GEMINI.price is not None
    assert GEMINI.price.source is not None
    assert set(GEMINI.price.per_image) == set(GEMINI.capabilities.image_sizes)
