"""`/api/providers`: what is switched on, what it can do and what it costs."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from imagegen.catalogue.records import ModelRecord, Price, as_usd
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
    """One model. `wire_id` is what is sent; `price` null means that it is not known."""

    id: str
    wire_id: str
    title: str
    status: Literal["active", "retiring", "retired"]
    retired_on: date | None
    successor: str | None
    price: PriceView | None
    aspect_ratios: list[str]
    image_sizes: list[str]
    max_references: int


class Limits(BaseModel):
    """`concurrency` is how many pictures may be made at once, null for no limit of the provider's own."""

    concurrency: int | None


class ProviderView(BaseModel):
    """One provider. `ready` means switched on with all it needs; no call was made to find out more."""

    id: str
    title: str
    status: Literal["ready"] = "ready"
    models: list[ModelView]
    limits: Limits
    circuit: Literal["closed"] = "closed"


class ProviderList(BaseModel):
    """Providers in the order in which `auto` prefers them."""

    providers: list[ProviderView]


@router.get("/api/providers", responses=problems())
async def providers(engine: EngineOf) -> ProviderList:
    """The providers that are switched on, with their models."""
    today = datetime.now(UTC).date()
    return ProviderList(
        providers=[
            ProviderView(
                id=record.id,
                title=record.title,
                models=[_model(model, today) for model in record.models],
                limits=Limits(concurrency=record.concurrency),
            )
            for record in engine.catalogue.providers
        ]
    )


def _model(model: ModelRecord, today: date) -> ModelView:
    return ModelView(
        id=model.id,
        wire_id=model.wire_id,
        title=model.title,
        status=model.lifecycle.status_on(today).value,
        retired_on=model.lifecycle.retired_on,
        successor=model.lifecycle.successor,
        price=None if model.price is None else _price(model.price),
        aspect_ratios=list(model.capabilities.aspect_ratios),
        image_sizes=list(model.capabilities.image_sizes),
        max_references=model.capabilities.max_references,
    )


def _price(price: Price) -> PriceView:
    return PriceView(
        size_1k=as_usd(price.per_image.get("1K")),
        size_2k=as_usd(price.per_image.get("2K")),
        size_4k=as_usd(price.per_image.get("4K")),
        per_reference=as_usd(price.per_reference),
        source=price.source.where if price.source else None,
        read_on=price.source.read_on if price.source else None,
    )
