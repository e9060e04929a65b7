"""`/api/providers`: what is switched on, what it can do and costs, and how it stands at this moment."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from imagegen.catalogue.records import ModelRecord, Price, ProviderRecord, Tier, as_usd
from imagegen.jobs.gates import Standing
from imagegen.web.context import NO_QUERY, EngineOf
from imagegen.web.openapi import problems

router = APIRouter(tags=["providers"], dependencies=[NO_QUERY])


class PriceView(BaseModel):
    """List prices in dollars; a size that is null has no known price, nor have references where theirs is null."""

    size_1k: float | None = Field(serialization_alias="1K")
    size_2k: float | None = Field(serialization_alias="2K")
    size_4k: float | None = Field(serialization_alias="4K")
    per_reference: float | None
    source: str | None
    read_on: date | None


class ModelView(BaseModel):
    """One model. `wire_id` is what is sent; `price` null means that it is not known.

    `seconds` is the median time of its recent pictures, null before the first; `quality` is this house's own
    judgement; an `overnight` one takes hours and serves only who names it.
    """

    id: str
    wire_id: str
    title: str
    status: Literal["active", "retiring", "retired"]
    retired_on: date | None
    successor: str | None
    price: PriceView | None
    seconds: float | None
    quality: Literal["draft", "standard", "best"]
    overnight: bool
    aspect_ratios: list[str]
    image_sizes: list[str]
    max_references: int
    seed: Literal["exact", "best effort", "none"]
    output_formats: list[str]


class Limits(BaseModel):
    """How much at once and how much a minute; null for no limit that is known.

    `learned` says that a refusal taught the limit; `paused_for` are the seconds that the provider asked to wait.
    """

    concurrency: int | None
    images_per_minute: int | None
    learned: bool
    paused_for: float


class Mishap(BaseModel):
    """A failure of late, in plain words."""

    at: datetime
    kind: str
    message: str


class ProviderView(BaseModel):
    """One provider. `status` is `ready`, `limited` (asked to wait), `down` (fails or is silent) or `refused` (key
    or account); `reason` says why in words, `reopens_in` is in seconds. Errors: the newest first, since the start.
    """

    id: str
    title: str
    paid: bool
    stand_in: bool
    status: Literal["ready", "limited", "down", "refused"]
    reason: str | None
    models: list[ModelView]
    limits: Limits
    circuit: Literal["closed", "open", "half_open"]
    reopens_in: float
    errors: list[Mishap]


class ProviderList(BaseModel):
    """Providers in the order in which `auto` prefers them."""

    providers: list[ProviderView]


@router.get("/api/providers", responses=problems())
async def providers(engine: EngineOf) -> ProviderList:
    """The providers that are switched on, with their models."""
    today = engine.now.date()
    seconds = engine.conditions().seconds
    return ProviderList(
        providers=[
            _provider(
                record,
                engine.standing(record.id),
                [_model(model, today, seconds.get(model.id)) for model in record.models],
            )
            for record in engine.catalogue.providers
        ]
    )


def _provider(record: ProviderRecord, standing: Standing, models: list[ModelView]) -> ProviderView:
    return ProviderView(
        id=record.id,
        title=record.title,
        paid=record.paid,
        stand_in=record.stand_in,
        status=standing.light,
        reason=standing.reason,
        models=models,
        limits=Limits(
            concurrency=record.concurrency,
            images_per_minute=standing.per_minute,
            learned=standing.learned,
            paused_for=round(standing.paused_for, 1),
        ),
        circuit=standing.circuit.value,
        reopens_in=round(standing.reopens_in, 1),
        errors=[
            Mishap(at=datetime.fromtimestamp(error.at, UTC), kind=error.kind.value, message=error.message)
            for error in standing.errors
        ],
    )


def _model(model: ModelRecord, today: date, seconds: float | None) -> ModelView:
    can = model.capabilities
    return ModelView(
        id=model.id,
        wire_id=model.wire_id,
        title=model.title,
        status=model.lifecycle.status_on(today).value,
        retired_on=model.lifecycle.retired_on,
        successor=model.lifecycle.successor,
        price=None if model.price is None else _price(model.price),
        seconds=None if seconds is None else round(seconds, 1),
        quality=_QUALITY[model.tier],
        overnight=model.overnight,
        aspect_ratios=list(can.aspect_ratios),
        image_sizes=list(can.image_sizes),
        max_references=can.max_references,
        seed=can.seed,
        output_formats=list(can.output_formats),
    )


_QUALITY: dict[Tier, Literal["draft", "standard", "best"]] = {
    Tier.DRAFT: "draft",
    Tier.STANDARD: "standard",
    Tier.BEST: "best",
}


def _price(price: Price) -> PriceView:
    return PriceView(
        size_1k=as_usd(price.per_image.get("1K")),
        size_2k=as_usd(price.per_image.get("2K")),
        size_4k=as_usd(price.per_image.get("4K")),
        per_reference=as_usd(price.per_reference),
        source=price.source.where if price.source else None,
        read_on=price.source.read_on if price.source else None,
    )
