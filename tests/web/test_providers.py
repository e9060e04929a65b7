"""How providers stand, who would serve and who would take over, as the API tells it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from imagegen.catalogue.catalogue import Catalogue
from imagegen.catalogue.records import Lifecycle, Price, Tier, micro_usd
from imagegen.jobs.clock import SystemClock
from imagegen.providers.base import Billed, ErrorKind, ProviderError
from tests.jobs.scripted import MODEL, PAID, png, until_done
from tests.web.conftest import OpenStudio, Studio

CHEAP = replace(
    PAID,
    id="cheap",
    title="Cheap",
    models=(
        replace(
            MODEL,
            id="cheap-model",
            title="Cheap",
            tier=Tier.DRAFT,
            price=Price(per_image={"1K": micro_usd("0.01")}),
        ),
    ),
)


LAST_DAYS = ((31, "active", 202), (30, "retiring", 202), (1, "retiring", 202), (0, "retired", 422))
"""Days before the end, the model's status then, and how a request that names it is answered."""


def two(studio: Studio) -> None:
    studio.engine.switch(Catalogue([PAID, CHEAP]), {PAID.id: studio.provider, CHEAP.id: studio.provider})


async def test_a_quiet_provider(studio: Studio) -> None:
    (told,) = (await studio.client.get("/api/providers")).json()["providers"]
    assert (told["status"], told["circuit"], told["reason"], told["errors"]) == ("ready", "closed", None, [])
    assert told["limits"] == {
        "concurrency": None,
        "images_per_minute": None,
        "learned": False,
        "paused_for": 0.0,
    }
    (model,) = told["models"]
    assert (model["seconds"], model["quality"], model["seed"]) == (None, "standard", "best effort")


async def test_a_model_retires_on_its_day_by_the_clock_that_routing_goes_by(
    open_studio: OpenStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = datetime(2031, 5, 1, tzinfo=UTC)
    record = replace(PAID, models=(replace(MODEL, lifecycle=Lifecycle(retired_on=ends.date())),))
    async with open_studio(record=record) as studio:
        for days, status, answer in LAST_DAYS:
            day = ends - timedelta(days=days)
            monkeypatch.setattr(SystemClock, "now_ms", lambda _, day=day: round(day.timestamp() * 1000))
            (told,) = (await studio.client.get("/api/providers")).json()["providers"]
            assert told["models"][0]["status"] == status
            asked = {"prompt": "a heron", "model": MODEL.id}
            assert (await studio.client.post("/api/generate", json=asked)).status_code == answer
            today = (await studio.client.get("/api/costs/today")).json()
            month = (await studio.client.get("/api/costs")).json()["month"]
            assert (today["day"], month) == (f"{day:%Y-%m-%d}", f"{day:%Y-%m}")


async def test_trouble_limits_and_speed_are_told(studio: Studio) -> None:
    studio.provider.answers = [
        png(),
        ProviderError(ErrorKind.QUOTA, "No credit left."),
        ProviderError(ErrorKind.RATE_LIMITED, "Slow down.", retry_after=600.0),
    ]
    for _ in range(3):
        await until_done(studio.engine, await studio.submit(prompt="a heron"))
    (told,) = (await studio.client.get("/api/providers")).json()["providers"]
    assert (told["status"], told["reason"]) == ("refused", "No credit left.")
    assert [(error["kind"], error["message"]) for error in told["errors"]] == [
        ("rate_limited", "Slow down."),
        ("quota", "No credit left."),
    ]
    assert told["limits"]["images_per_minute"] == 2
    assert told["limits"]["learned"] is True
    assert 590 < told["limits"]["paused_for"] <= 600
    assert told["models"][0]["seconds"] is not None


async def test_a_quote_says_who_why_and_who_else(studio: Studio) -> None:
    two(studio)
    quoted = (await studio.client.post("/api/quote", json={"prompt": "x", "routing": "cheapest"})).json()
    assert (quoted["model"], quoted["usd"]) == ("cheap-model", 0.01)
    assert quoted["reasons"] == ["Cheap is the cheapest of 2 that can do this, at $0.01 a picture"]
    assert quoted["fallbacks"] == [
        {"provider": "scripted", "model": MODEL.id, "title": "Scripted", "per_image_usd": 0.134}
    ]
    best = (await studio.client.post("/api/quote", json={"prompt": "x", "routing": "best"})).json()
    assert (best["model"], best["reasons"]) == (
        MODEL.id,
        ["Scripted is of the best quality among 2 that can do this"],
    )
    named = (await studio.client.post("/api/quote", json={"prompt": "x", "model": MODEL.id})).json()
    assert named["fallbacks"] == []
    allowed = {"prompt": "x", "model": MODEL.id, "failover": True}
    assert len((await studio.client.post("/api/quote", json=allowed)).json()["fallbacks"]) == 1


async def test_a_budget_leaves_out_what_is_dearer(studio: Studio) -> None:
    two(studio)
    for budget in ("low", 0.05):
        quoted = (await studio.client.post("/api/quote", json={"prompt": "x", "budget": budget})).json()
        assert quoted["model"] == "cheap-model"
        assert quoted["fallbacks"] == []
        assert quoted["reasons"][-1].startswith("Above the budget of $0.0")
    refused = await studio.client.post("/api/quote", json={"prompt": "x", "budget": 0.001})
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["field"], error["value"]) == (422, "budget", 0.001)
    assert error["message"] == "budget: nothing makes this for so little; the cheapest is Cheap at $0.01 a picture"


async def test_wishes_that_belong_to_auto_are_refused_beside_a_name(studio: Studio) -> None:
    asked = {"prompt": "x", "model": MODEL.id, "routing": "best", "budget": "low"}
    errors = (await studio.client.post("/api/quote", json=asked)).json()["errors"]
    assert [(error["field"], error["value"]) for error in errors] == [("routing", "best"), ("budget", "low")]


async def test_a_budget_that_is_none(studio: Studio) -> None:
    for value in ("cheap", 0, -1, True, 1001, [1]):
        answer = await studio.client.post("/api/quote", json={"prompt": "x", "budget": value})
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["field"]) == (422, "budget")
        assert (
            "allowed: low, medium, high, or dollars for one picture, above 0 and up to 1,000" in error["message"]
        )


async def test_what_failed_pictures_could_be_made_with(studio: Studio) -> None:
    two(studio)
    refusal = ProviderError(ErrorKind.POLICY, "Refused.")
    studio.provider.answers = [refusal, png(), refusal]
    job_id = await studio.submit(prompt="a heron", count=3, model=MODEL.id)
    await until_done(studio.engine, job_id)
    told = (await studio.client.get(f"/api/generate/{job_id}/alternatives")).json()["alternatives"]
    assert [(one["change"], one["quote"]["usd"]) for one in told] == [({"model": "cheap-model", "count": 2}, 0.02)]
    sibling = replace(MODEL, id="sibling-model")
    both = replace(PAID, models=(*PAID.models, sibling, replace(sibling, id="night-model", overnight=True)))
    studio.engine.switch(Catalogue([both]), {PAID.id: studio.provider})
    for kind, models in ((ErrorKind.POLICY, ["sibling-model"]), (ErrorKind.QUOTA, [])):
        studio.provider.answers = [ProviderError(kind, "No.")]
        failed = await studio.submit(prompt="a heron", model=MODEL.id)
        await until_done(studio.engine, failed)
        told = (await studio.client.get(f"/api/generate/{failed}/alternatives")).json()["alternatives"]
        assert [one["change"]["model"] for one in told] == models
    lost = ProviderError(ErrorKind.OUTCOME_UNKNOWN, "Lost.", billed=Billed.PERHAPS)
    studio.provider.answers = [lost]
    unknown = await studio.submit(prompt="a heron", model=MODEL.id)
    await until_done(studio.engine, unknown)
    assert (await studio.client.get(f"/api/generate/{unknown}/alternatives")).json()["alternatives"] == []
    assert (await studio.client.get("/api/generate/none/alternatives")).status_code == 404


async def test_today_counts_what_runs_and_what_was_spent(studio: Studio) -> None:
    before = (await studio.client.get("/api/costs/today")).json()
    assert (before["usd"], before["cap_usd"], before["job_cap_usd"]) == (0.0, None, None)
    await until_done(studio.engine, await studio.submit(prompt="a heron", count=2))
    assert (await studio.client.get("/api/costs/today")).json()["usd"] == 0.268
