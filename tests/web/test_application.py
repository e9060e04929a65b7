"""All routes together."""

from __future__ import annotations

import asyncio

import httpx2
import pytest
from fastapi.routing import APIRoute
from starlette.responses import PlainTextResponse

from imagegen.web.application import ROUTERS, Page
from tests.web.conftest import Studio

OPERATIONS = [
    (method, route.path.replace("{job_id}", "x").replace("{image_id}", "x").replace("{album_id}", "x"))
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and not route.path.startswith("/assets")
    for method in sorted(route.methods or ())
]


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[" ".join(pair) for pair in OPERATIONS])
async def test_a_misspelt_parameter_is_told(studio: Studio, method: str, path: str) -> None:
    answer = await studio.client.request(method, f"{path}?surprise=1")
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["surprise"]


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nothing", "/api/jobs/", "/api/generate/a/b", "/assets/page/no.js"]
)
async def test_what_is_not_there_is_not_the_page(studio: Studio, path: str) -> None:
    answer = await studio.client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["type"] == "about:blank"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/generate", "POST"),
        ("POST", "/api/albums/x", "DELETE, GET, HEAD, PATCH"),
        ("POST", "/healthz", "GET, HEAD"),
        ("OPTIONS", "/api/jobs", "GET, HEAD"),
    ],
)
async def test_a_method_that_is_not_possible(studio: Studio, method: str, path: str, allowed: str) -> None:
    answer = await studio.client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_everything_else_is_the_pages(studio: Studio) -> None:
    for path in ("/", "/config", "/apiary", "/assets/index.js"):
        assert (await studio.client.get(path)).text == "the page"


async def test_who_asks_for_the_page_early_waits_for_it() -> None:
    page = Page()
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(page), base_url="http://localhost") as client:
        early = asyncio.create_task(client.get("/"))
        leaving = asyncio.create_task(client.get("/"))
        await asyncio.sleep(0)
        leaving.cancel()
        page.open(PlainTextResponse("the page"))
        assert (await early).text == (await client.get("/")).text == "the page"


async def test_the_page_can_only_be_read() -> None:
    page = Page()
    page.open(PlainTextResponse("the page"))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(page), base_url="http://localhost") as client:
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            answer = await client.request(method, "/login")
            assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_health(studio: Studio) -> None:
    answer = await studio.client.get("/healthz")
    assert answer.json() == {"status": "ok", "version": "0.1.0"}


async def test_health_says_when_no_picture_is_being_made(studio: Studio) -> None:
    await studio.engine.stop(0.0)
    answer = await studio.client.get("/healthz")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert "queue does not run" in answer.json()["detail"]


async def test_the_quote_is_what_is_made(studio: Studio) -> None:
    body = {"prompt": "x", "styles": ["watercolor", "cartoon"], "subjects": ["groom", "bride"], "count": 2}
    quote = (await studio.client.post("/api/quote", json=body)).json()
    assert (quote["total"], quote["usd"], quote["per_image_usd"], quote["known"]) == (8, 1.072, 0.134, True)
    assert (quote["provider"], quote["model"]) == ("scripted", "scripted-model")
    assert quote["combinations"][1] == {"style": "watercolor", "subject": "bride"}
    assert quote["reasons"] == ["Scripted is the only model that is switched on"]
    assert (await studio.client.get("/api/jobs")).json()["jobs"] == []
    assert (await studio.client.post("/api/generate", json=body)).json()["total"] == 8


async def test_the_providers(studio: Studio) -> None:
    (provider,) = (await studio.client.get("/api/providers")).json()["providers"]
    assert (provider["id"], provider["status"], provider["circuit"]) == ("scripted", "ready", "closed")
    (model,) = provider["models"]
    assert model["price"]["1K"] == 0.134
    assert (model["id"], model["wire_id"], model["status"]) == ("scripted-model", "scripted-wire", "active")


async def test_jobs_are_listed_newest_first_and_cancelled_together(studio: Studio) -> None:
    first, second = await studio.submit(count=30), await studio.submit(count=30)
    page = (await studio.client.get("/api/jobs?status=live&limit=1")).json()
    assert [job["job_id"] for job in page["jobs"]] == [second]
    rest = (await studio.client.get("/api/jobs", params={"limit": 1, "after": page["next"]})).json()
    assert [job["job_id"] for job in rest["jobs"]] == [first]
    assert "tasks" not in rest["jobs"][0]
    assert (await studio.client.post("/api/jobs/cancel")).json()["cancelled"] > 0
    assert (await studio.client.post("/api/jobs/cancel")).json() == {"cancelled": 0}


async def test_albums(studio: Studio) -> None:
    made = await studio.client.post("/api/albums", json={"name": "Spring"})
    assert made.status_code == 201
    path = made.headers["location"]
    assert (await studio.client.get(path)).json() == made.json()
    job_id = await studio.submit(album=made.json()["id"], count=50)
    assert (await studio.client.get(path)).json()["active_job"]["job_id"] == job_id
    renamed = await studio.client.patch(path, json={"name": "Summer"})
    assert renamed.json()["name"] == "Summer"
    assert [album["name"] for album in (await studio.client.get("/api/albums")).json()["albums"]] == ["Summer"]
    assert (await studio.client.delete(path)).json() == {"id": made.json()["id"], "deleted": True}
    assert [(await studio.client.get(path)).status_code, (await studio.client.delete(path)).status_code] == [
        404,
        404,
    ]


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\x00b", 7, None])
async def test_an_album_needs_a_name(studio: Studio, name: object) -> None:
    answer = await studio.client.post("/api/albums", json={"name": name})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "name"
