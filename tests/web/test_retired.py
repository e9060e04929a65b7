"""A request that names a retired model: its successor makes it, and all answers say so; or it is refused."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from imagegen.catalogue.catalogue import Catalogue
from imagegen.catalogue.records import Lifecycle
from imagegen.providers.base import ErrorKind, ProviderError
from tests.jobs.scripted import MODEL, PAID, until_done
from tests.web.conftest import Studio

RETIRED = replace(
    MODEL,
    id="old-model",
    wire_id="old-model",
    aliases=(),
    title="Old",
    price=None,
    lifecycle=Lifecycle(retired_on=date(2026, 8, 17), successor=MODEL.id),
)
NOTICE = f"Old was retired on 2026-08-17; {MODEL.title} takes its place."
ASKED = {"prompt": "a red fox", "model": "old-model"}


@pytest.fixture(autouse=True)
def _known(studio: Studio) -> None:
    studio.engine.catalogue = Catalogue([replace(PAID, models=(*PAID.models, RETIRED))])


async def test_quote_answer_and_job_say_who_serves(studio: Studio) -> None:
    quoted = (await studio.client.post("/api/quote", json=ASKED)).json()
    assert (quoted["model"], quoted["usd"], quoted["reasons"]) == (MODEL.id, 0.134, [NOTICE])
    headers = {"Idempotency-Key": "once"}
    answer = (await studio.client.post("/api/generate", json=ASKED, headers=headers)).json()
    assert (answer["message"], answer["quote"]["usd"]) == (NOTICE, 0.134)
    await until_done(studio.engine, answer["job_id"])
    job = (await studio.client.get(f"/api/generate/{answer['job_id']}")).json()
    assert job["message"] == NOTICE
    assert [task["model"] for task in job["tasks"]] == [MODEL.id]
    record = (await studio.client.get(f"/api/images/{job['images'][0]['id']}")).json()
    assert (record["model"], record["request"]["model"]) == (MODEL.id, "old-model"), "both are kept"
    assert studio.provider.calls[0].model.id == MODEL.id
    again = await studio.client.post("/api/generate", json=ASKED, headers=headers)
    assert again.json() == answer


async def test_it_is_listed_with_its_end_and_successor_but_not_as_allowed(studio: Studio) -> None:
    (provider,) = (await studio.client.get("/api/providers")).json()["providers"]
    listed = next(model for model in provider["models"] if model["id"] == "old-model")
    told = (listed["status"], listed["retired_on"], listed["successor"], listed["price"])
    assert told == ("retired", "2026-08-17", MODEL.id, None)
    refused = await studio.client.post("/api/quote", json={"prompt": "x", "model": "none"})
    assert refused.json()["errors"][0]["allowed"] == ["auto", MODEL.id]


async def test_one_whose_day_comes_while_it_waits_is_made_by_its_successor(studio: Studio) -> None:
    """It was asked for by name, in time; what waits is told who makes it instead."""
    living = replace(RETIRED, lifecycle=Lifecycle(retired_on=date(2099, 1, 1), successor=MODEL.id))
    engine = studio.engine
    engine.switch(Catalogue([replace(PAID, models=(*PAID.models, living))]), engine.providers)
    gate = studio.provider.gate = asyncio.Event()
    studio.provider.answers = [ProviderError(ErrorKind.OVERLOADED, "Busy.")]
    job_id = await studio.submit(model="old-model")
    await studio.provider.arrived.acquire()
    engine.switch(Catalogue([replace(PAID, models=(*PAID.models, RETIRED))]), engine.providers)
    gate.set()
    await until_done(engine, job_id)
    (task,) = (await studio.client.get(f"/api/generate/{job_id}")).json()["tasks"]
    assert (task["status"], task["model"]) == ("completed", MODEL.id)
    assert task["notice"] == (
        f"Old was retired on 2026-08-17. Nothing was sent or billed. {MODEL.title} took over."
    )
    assert [call.model.id for call in studio.provider.calls] == ["old-model", MODEL.id]


async def test_refused_where_that_is_the_setting(studio: Studio) -> None:
    studio.engine._parts = replace(studio.engine._parts, on_retired="refuse")
    for path in ("/api/quote", "/api/generate"):
        answer = await studio.client.post(path, json=ASKED)
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        message = f"model: Old was retired on 2026-08-17; allowed: auto, {MODEL.id}"
        assert (error["field"], error["value"], error["message"]) == ("model", "old-model", message)
    assert studio.provider.calls == []
