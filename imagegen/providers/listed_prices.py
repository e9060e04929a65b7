"""Token prices from genai-prices, a kept and dated list, for the models that it covers.

The records hold the same prices as they were read once, so that a start need not wait for the list; what the
installed list says replaces them when it has been read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version

from imagegen.catalogue.records import MicroUsd, ModelRecord, Price, ProviderRecord, Source

_ROUNDED_TO = 1_000
"""Micro-dollars: vendors' own pages show the price of a picture to a tenth of a cent."""


def repriced(records: Sequence[ProviderRecord]) -> tuple[ProviderRecord, ...]:
    """The records with the list's prices. Imports genai-prices, which takes a tenth of a second: not on a loop."""
    return tuple(replace(record, models=tuple(map(_model, record.models))) for record in records)


def _model(model: ModelRecord) -> ModelRecord:
    if model.price is None or model.price.meter is None:
        return model
    return replace(model, price=_price(model.price))


def _price(price: Price) -> Price:
    from genai_prices import Usage, calc_price  # noqa: PLC0415 - see `repriced`

    meter = price.meter
    assert meter is not None

    def cost(**tokens: int) -> int:
        told = calc_price(Usage(**tokens), model_ref=meter.model, provider_id=meter.provider)
        return round(told.total_price * 1_000_000)

    million = 1_000_000
    try:
        return replace(
            price,
            per_image={
                size: MicroUsd(_rounded(cost(output_tokens=count, output_image_tokens=count)))
                for size, count in meter.image_tokens.items()
            },
            per_reference=None
            if meter.reference_tokens is None
            else MicroUsd(cost(input_tokens=meter.reference_tokens)),
            input_per_million_tokens=MicroUsd(cost(input_tokens=million)),
            output_image_per_million_tokens=MicroUsd(cost(output_tokens=million, output_image_tokens=million)),
            source=_source(price.source),
        )
    except LookupError:  # a model that an older list does not know
        return price


def _rounded(amount: int) -> int:
    return round(amount / _ROUNDED_TO) * _ROUNDED_TO


def _source(read: Source | None) -> Source | None:
    """The list by its version; the day is that on which the counts of tokens were read."""
    return None if read is None else Source(f"genai-prices {version('genai-prices')}", read.read_on)
