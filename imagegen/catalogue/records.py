"""The shape of a catalogue entry: capabilities, prices, lifecycle. Data only; imports nothing of the house."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal, NewType

MicroUsd = NewType("MicroUsd", int)
"""Money: millionths of a US dollar, as a whole number, so that sums are exact."""


def micro_usd(dollars: str) -> MicroUsd:
    """Dollars written as text, `"0.134"`, as micro-dollars. More than six decimals is an error."""
    whole, _, fraction = dollars.partition(".")
    if len(fraction) > 6 or not (whole + fraction).isdigit():
        raise ValueError(f"not an amount in dollars: {dollars!r}")
    return MicroUsd(int(whole or "0") * 1_000_000 + int(fraction.ljust(6, "0")))


def as_usd(amount: MicroUsd | None) -> float | None:
    """Micro-dollars as a number of dollars for people and JSON; unknown stays unknown."""
    return None if amount is None else amount / 1_000_000


class ModelStatus(StrEnum):
    """Where a wire id stands in its vendor's calendar."""

    ACTIVE = "active"
    RETIRING = "retiring"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was read, and when."""

    where: str
    read_on: date


@dataclass(frozen=True, slots=True)
class Price:
    """List prices of one model.

    `per_image` maps an image size to micro-dollars; a size that is missing has no known price.
    `per_reference` is added once for each reference image, None where it is not known. Token prices (micro-dollars
    per million tokens) turn a provider's usage into the actual cost after the call; `None` where the vendor bills
    per image. `input_image_per_million_tokens` is for vendors whose references cost another price than text.
    """

    per_image: Mapping[str, MicroUsd]
    per_reference: MicroUsd | None = MicroUsd(0)
    input_per_million_tokens: MicroUsd | None = None
    input_image_per_million_tokens: MicroUsd | None = None
    output_text_per_million_tokens: MicroUsd | None = None
    output_image_per_million_tokens: MicroUsd | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model accepts. `pixels` maps (aspect ratio, image size) to (width, height) in pixels."""

    aspect_ratios: tuple[str, ...]
    image_sizes: tuple[str, ...]
    max_references: int
    pixels: Mapping[tuple[str, str], tuple[int, int]]
    seed: Literal["exact", "best effort", "none"]
    output_formats: tuple[str, ...]
    reference_max_edge: int = 3072
    """References are scaled down to this many pixels on the longer edge before they are sent."""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Dates are the vendor's; `status_on` decides from them, so that tests can move the clock."""

    retired_on: date | None = None
    successor: str | None = None
    source: Source | None = None
    warning_days: int = 30

    def status_on(self, today: date) -> ModelStatus:
        """Whether the model is active, retiring (within `warning_days` of its end) or retired on that day."""
        if self.retired_on is None:
            return ModelStatus.ACTIVE
        days_left = (self.retired_on - today).days
        if days_left <= 0:
            return ModelStatus.RETIRED
        return ModelStatus.RETIRING if days_left <= self.warning_days else ModelStatus.ACTIVE


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """One model: the id people use, the id that is sent, and what is known of it. `price` None is unknown."""

    id: str
    wire_id: str
    title: str
    capabilities: Capabilities
    price: Price | None
    lifecycle: Lifecycle = field(default_factory=Lifecycle)
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProviderRecord:
    """One provider. `paid` providers go through the whole ledger; free ones simply run again after a crash.

    `concurrency` is how many calls may be open at once, None for no limit of the provider's own. A `stand_in` does
    not serve `auto` in the place of one that cannot do a request: nobody who set a key wants its pictures unasked.
    A `resumable` provider works on jobs with an id, which are asked about and cancelled; where `names_calls` is
    set that id is the attempt's own, known before anything is sent. Where `cancels` is off, a job that was created
    runs to its end.
    """

    id: str
    title: str
    paid: bool
    models: tuple[ModelRecord, ...]
    concurrency: int | None = None
    stand_in: bool = False
    resumable: bool = False
    names_calls: bool = False
    cancels: bool = True
