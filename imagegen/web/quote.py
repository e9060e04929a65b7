"""`/api/quote`: what a request would make and cost. Starts nothing."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from imagegen.catalogue.records import as_usd
from imagegen.request import parse
from imagegen.web.bodies import read_json
from imagegen.web.context import NO_QUERY, EngineOf
from imagegen.web.openapi import REQUEST_BODY, problems

router = APIRouter(tags=["generate"], dependencies=[NO_QUERY])


class CombinationView(BaseModel):
    """One style with one subject; null where the request has none."""

    style: str | None
    subject: str | None


class FallbackView(BaseModel):
    """Who would make the pictures if the chosen model could not, at what list price for one of them."""

    provider: str
    model: str
    title: str
    per_image_usd: float | None


class QuoteAnswer(BaseModel):
    """List prices in dollars; null and `known` false where the catalogue has no price.

    `fallbacks` are those that may take over, best first; none where the request does not allow it.
    """

    total: int = Field(examples=[4])
    usd: float | None = Field(examples=[0.536])
    per_image_usd: float | None = Field(examples=[0.134])
    credits: int
    known: bool
    provider: str
    model: str
    reasons: list[str]
    fallbacks: list[FallbackView]
    combinations: list[CombinationView]


@router.post("/api/quote", responses=problems(413, 415), openapi_extra=REQUEST_BODY)
async def quote(request: Request, engine: EngineOf) -> QuoteAnswer:
    """How many pictures the request makes, with which model, and at what price."""
    quoted = engine.quote(parse(await read_json(request)))
    return QuoteAnswer(
        total=quoted.total,
        usd=as_usd(quoted.quote.whole),
        per_image_usd=as_usd(quoted.quote.per_image),
        credits=quoted.total,
        known=quoted.quote.known,
        provider=quoted.choice.provider.id,
        model=quoted.choice.model.id,
        reasons=list(quoted.choice.reasons),
        fallbacks=[
            FallbackView(
                provider=one.provider.id,
                model=one.model.id,
                title=one.model.title,
                per_image_usd=as_usd(one.usd),
            )
            for one in quoted.choice.others
        ],
        combinations=[CombinationView(style=style, subject=subject) for style, subject in quoted.combinations],
    )
