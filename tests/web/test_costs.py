"""What a month cost: added up, and as an invoice."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session

from imagegen.catalogue.records import MicroUsd
from imagegen.jobs.costs import Month
from imagegen.jobs.tables import Attempt, Task
from imagegen.providers.base import Billed, ErrorKind, ProviderError
from tests.jobs.scripted import MODEL, PRICE, ScriptedProvider, until_done
from tests.web.conftest import OpenStudio, Studio

NOTHING = {"usd": 0.0, "perhaps_usd": 0.0, "unknown": 0, "pictures": 0}


def failed(kind: ErrorKind, billed: Billed, usd: int | None = None) -> ProviderError:
    return ProviderError(kind, "It failed.", billed=billed, usd=None if usd is None else MicroUsd(usd))


async def spent(studio: Studio, **query: str) -> dict[str, Any]:
    answer = await studio.client.get("/api/costs", params=query)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def invoice(studio: Studio, **query: str) -> list[dict[str, str]]:
    answer = await studio.client.get("/api/costs.csv", params=query)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text)))


async def test_what_was_told_what_was_lost_and_what_cost_nothing(open_studio: OpenStudio) -> None:
    provider = ScriptedProvider(
        answers=[
            failed(ErrorKind.POLICY, Billed.NO),
            failed(ErrorKind.POLICY, Billed.YES, 50),
            failed(ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
        ]
    )
    async with open_studio(provider) as studio:
        job_id = await studio.submit(count=5)
        await until_done(studio.engine, job_id)
        told, lines = await spent(studio), await invoice(studio)
        job = (await studio.client.get(f"/api/generate/{job_id}")).json()

    made = 2 * PRICE / 1_000_000
    sums = {"usd": pytest.approx(made + 0.00005), "perhaps_usd": 0.134, "unknown": 0, "pictures": 2}
    today = datetime.now(UTC).date()
    assert told == {
        **sums,
        "month": f"{today:%Y-%m}",
        "days": [{"day": str(today), **sums}],
        "models": [{"provider": "scripted", "model": MODEL.id, **sums}],
    }
    assert sorted((line["basis"], line["usd"]) for line in lines) == [
        ("perhaps", "0.134000"),
        ("usage", "0.000050"),
        *[("usage", f"{PRICE / 1_000_000:.6f}")] * 2,
    ]
    assert {line["job_id"] for line in lines} == {job_id}
    assert {line["image_id"] for line in lines} == {"", *(image["id"] for image in job["images"])}
    assert {line["model"] for line in lines} == {MODEL.id}
    assert "a red fox" not in str(lines)


async def test_what_is_paid_at_no_known_price_is_unknown_and_never_zero(studio: Studio) -> None:
    await studio.picture()
    await studio.engine._database.write(_forget_the_prices)
    told, (line,) = await spent(studio), await invoice(studio)
    assert (told["usd"], told["unknown"], told["pictures"]) == (0.0, 1, 1)
    assert (line["usd"], line["basis"]) == ("", "unknown")


def _forget_the_prices(session: Session) -> None:
    session.execute(update(Attempt).values(usd=None))
    session.execute(update(Task).values(reserved_usd=None))


async def test_where_the_answer_tells_no_price_the_quoted_one_stands_for_it(open_studio: OpenStudio) -> None:
    async with open_studio(ScriptedProvider(tells_price=False)) as studio:
        job_id = await studio.submit()
        await until_done(studio.engine, job_id)
        (line,), told = await invoice(studio), await spent(studio)
        job = (await studio.client.get(f"/api/generate/{job_id}")).json()
    assert (line["usd"], line["basis"]) == ("0.134000", "list price")
    assert (told["usd"], told["unknown"]) == (0.134, 0)
    assert (job["images"][0]["usd"], job["tasks"][0]["usd"]) == (0.134, 0.134)


async def test_another_month_and_another_person_are_not_in_it(studio: Studio) -> None:
    await studio.picture()
    assert {name: (await spent(studio, month="2020-02"))[name] for name in NOTHING} == NOTHING
    assert await invoice(studio, month="2020-02") == []
    month = Month.of(f"{datetime.now(UTC):%Y-%m}")
    other = await studio.engine.read("somebody else", lambda reader: reader.costs(month))
    assert (other.usd, other.days, other.models) == (0.0, [], [])


@pytest.mark.parametrize(
    "month", ["2026-13", "2026-00", "26-11", "2026-1", "1969-12", "3000-01", "2026-11-21", "x"]
)
async def test_a_month_that_is_none_is_refused(studio: Studio, month: str) -> None:
    for path in ("/api/costs", "/api/costs.csv"):
        answer = await studio.client.get(path, params={"month": month})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "month"


@pytest.mark.parametrize(("text", "days"), [("2026-11", 30), ("2028-02", 29), ("1970-01", 31), ("2026-12", 31)])
def test_a_month_ends_where_the_next_begins(text: str, days: int) -> None:
    month = Month.of(text)
    assert str(month) == text
    assert month.end_ms - month.begin_ms == days * 86_400_000
    assert datetime.fromtimestamp(month.begin_ms / 1000, UTC).day == 1
    assert datetime.fromtimestamp(month.end_ms / 1000, UTC).day == 1
