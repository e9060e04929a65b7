"""The event stream over a real connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest

from imagegen.web import events
from tests.jobs.scripted import until_done
from tests.web.conftest import OpenStudio, Studio, over_loopback


@asynccontextmanager
async def listening(
    url: str, query: str = "", **headers: str
) -> AsyncIterator[tuple[httpx2.Response, AsyncIterator[str]]]:
    async with (
        httpx2.AsyncClient(trust_env=False, timeout=10) as client,
        client.stream("GET", f"{url}/api/events{query}", headers=headers) as answer,
    ):
        yield answer, answer.aiter_lines()


async def test_a_picture_is_told_step_by_step(studio: Studio) -> None:
    async with over_loopback(studio) as url, listening(url) as (answer, lines):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-accel-buffering"] == "no"
        assert [await anext(lines) for _ in range(3)] == ["id: 0", "retry: 1000", ""]
        job_id = await studio.submit(prompt="a secret fox")
        seen: list[dict[str, object]] = []
        async for line in lines:
            assert "secret" not in line
            if line.startswith("data: "):
                seen.append(json.loads(line.removeprefix("data: ")))
                if (seen[-1]["kind"], seen[-1]["status"]) == ("job", "completed"):
                    break
    assert {event["job_id"] for event in seen} == {job_id}
    assert {event["kind"] for event in seen} == {"job", "task", "image"}
    assert [event["id"] for event in seen] == sorted({int(str(event["id"])) for event in seen})


async def test_a_browser_that_comes_back_misses_nothing(studio: Studio) -> None:
    job_id = await studio.submit()
    await until_done(studio.engine, job_id)
    everything = [event.id for event in await studio.engine.events_after(0, owner="local", limit=100)]
    async with over_loopback(studio) as url:
        for query, headers in (
            ("", {"Last-Event-ID": "2"}),
            ("?last_event_id=2", {}),
            ("?last_event_id=0", {"Last-Event-ID": "2"}),
        ):
            ids: list[int] = []
            async with listening(url, query, **headers) as (_, lines):
                async for line in lines:
                    if line.startswith("id: "):
                        ids.append(int(line.removeprefix("id: ")))
                    if ids and ids[-1] == everything[-1]:
                        break
            assert ids == everything[1:]


async def test_the_servers_end_closes_three_open_tabs_at_once(studio: Studio) -> None:
    async with (
        over_loopback(studio) as url,
        listening(url) as (_, first),
        listening(url) as (_, second),
        listening(url) as (_, third),
        asyncio.timeout(5),  # far below the ping, which is what would end a forgotten stream
    ):
        for lines in (first, second, third):
            await anext(lines)
        studio.broadcast.close()
        for lines in (first, second, third):
            assert [line async for line in lines][-1:] == [""]
    assert studio.broadcast.listeners == 0


async def test_too_many_streams(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "STREAMS_MAX", 0)
    answer = await studio.client.get("/api/events")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")


async def test_no_stream_from_a_server_that_stops(studio: Studio) -> None:
    studio.broadcast.close()
    answer = await studio.client.get("/api/events")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "9" * 30])
async def test_an_id_that_is_none(studio: Studio, value: str) -> None:
    by_header = await studio.client.get("/api/events", headers={"Last-Event-ID": value})
    by_query = await studio.client.get("/api/events", params={"last_event_id": value})
    assert [by_header.status_code, by_query.status_code] == [422, 422]
    assert by_header.json()["errors"][0]["field"] == "Last-Event-ID"


async def test_pings(open_studio: OpenStudio) -> None:
    async with (
        open_studio(ping_seconds=0.01) as studio,
        over_loopback(studio) as url,
        listening(url) as (_, lines),
    ):
        assert ": ping" in [await anext(lines) for _ in range(4)]
