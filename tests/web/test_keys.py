"""A key given on the page: tested for free, kept for its owner, used at once, and never shown again."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from starlette.responses import PlainTextResponse

from imagegen.jobs.startup import open_engine
from imagegen.settings import Settings
from imagegen.web.application import create_app
from imagegen.web.broadcast import Broadcast
from imagegen.web.key_service import KeyService
from tests.emulator.gemini import BAD_KEY, KEY, GeminiEmulator
from tests.emulator.openai import OpenAiEmulator
from tests.jobs.scripted import until_done


@pytest.fixture
def gemini() -> Iterator[GeminiEmulator]:
    with GeminiEmulator() as emulator:
        yield emulator


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, gemini: GeminiEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEGEN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", gemini.url)
    for name in ("GEMINI_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@asynccontextmanager
async def studio() -> AsyncIterator[httpx2.AsyncClient]:
    settings = Settings(_env_file=None)
    async with open_engine(settings) as engine, Broadcast(engine) as broadcast:
        page = PlainTextResponse("the page")
        app = create_app(engine, settings, broadcast, page, KeyService(settings, engine))
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            client.engine = engine  # type: ignore[attr-defined]
            yield client


async def _providers(client: httpx2.AsyncClient) -> list[str]:
    return [one["id"] for one in (await client.get("/api/providers")).json()["providers"]]


async def test_a_key_switches_its_provider_on(tmp_path: Path, gemini: GeminiEmulator) -> None:
    async with studio() as client:
        assert await _providers(client) == ["sketch"]
        assert '"gemini-3-pro-image-preview"' not in (await client.get("/openapi.json")).text
        told = (await client.get("/api/keys")).json()["keys"]
        assert told[:2] == [
            {"provider": "gemini", "title": "Gemini", "setting": "GEMINI_API_KEY", "source": None},
            {"provider": "openai", "title": "OpenAI", "setting": "OPENAI_API_KEY", "source": None},
        ]
        given = await client.put("/api/keys/gemini", json={"key": f"  {KEY}\n"})
        assert (given.status_code, given.json()["source"]) == (200, "page")
        assert gemini.bills == []
        assert await _providers(client) == ["gemini", "sketch"]
        assert '"gemini-3-pro-image-preview"' in (await client.get("/openapi.json")).text
        job_id = (await client.post("/api/generate", json={"prompt": "a fox"})).json()["job_id"]
        await until_done(client.engine, job_id)  # type: ignore[attr-defined]
        [task] = (await client.get(f"/api/generate/{job_id}")).json()["tasks"]
        assert (task["provider"], task["status"], len(gemini.bills)) == ("gemini", "completed", 1)
    async with studio() as client:  # after a start
        assert await _providers(client) == ["gemini", "sketch"]
        gone = await client.delete("/api/keys/gemini")
        assert (gone.status_code, gone.json()["source"]) == (200, None)
        assert await _providers(client) == ["sketch"]
        assert KEY not in (tmp_path / "keys.json").read_text()


async def test_each_provider_has_its_own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    with OpenAiEmulator() as openai:
        monkeypatch.setenv("OPENAI_BASE_URL", openai.url)
        async with studio() as client:
            refused = await client.put("/api/keys/openai", json={"key": BAD_KEY})
            assert refused.json()["errors"][0]["message"] == "OpenAI does not accept this key."
            assert (await client.put("/api/keys/openai", json={"key": KEY})).status_code == 200
            assert await _providers(client) == ["openai", "sketch"]
            assert (await client.put("/api/keys/gemini", json={"key": KEY})).status_code == 200
            assert await _providers(client) == ["gemini", "openai", "sketch"]
            assert (await client.delete("/api/keys/openai")).json()["source"] is None
            assert await _providers(client) == ["gemini", "sketch"]
        assert openai.posts == 0


async def test_a_wrong_key_is_told_and_not_kept(tmp_path: Path) -> None:
    async with studio() as client:
        refused = await client.put("/api/keys/gemini", json={"key": BAD_KEY})
        assert refused.status_code == 422
        [error] = refused.json()["errors"]
        assert (error["field"], error["message"]) == ("key", "Google does not accept this key.")
        assert BAD_KEY not in refused.text
        assert await _providers(client) == ["sketch"]
    assert not (tmp_path / "keys.json").exists()


async def test_without_connection_nothing_is_kept(tmp_path: Path, gemini: GeminiEmulator) -> None:
    gemini.stop()
    async with studio() as client:
        refused = await client.put("/api/keys/gemini", json={"key": KEY})
        assert refused.status_code == 422
        assert "could not be reached" in refused.text
    assert not (tmp_path / "keys.json").exists()
    gemini.start = lambda: None  # type: ignore[method-assign]
    gemini.stop = lambda: None  # type: ignore[method-assign]


@pytest.mark.parametrize(
    "body", [{"key": "short"}, {"key": "two words in it"}, {"key": "ünïcödé-kéy"}, {}, {"key": 7}]
)
async def test_what_is_no_key(body: dict[str, object]) -> None:
    async with studio() as client:
        refused = await client.put("/api/keys/gemini", json=body)
        assert refused.status_code == 422
        [error] = refused.json()["errors"]
        assert error["field"] == "key"
        assert str(body.get("key", "-")) not in (error["message"], str(error["value"]))


async def test_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    async with studio() as client:
        assert (await client.get("/api/keys")).json()["keys"][0]["source"] == "environment"
        assert (await client.put("/api/keys/gemini", json={"key": KEY})).status_code == 409
        assert (await client.delete("/api/keys/gemini")).status_code == 409


async def test_only_what_takes_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    async with studio() as client:
        for provider in ("sketch", "nothing"):
            assert (await client.put(f"/api/keys/{provider}", json={"key": KEY})).status_code == 404
    monkeypatch.setenv("IMAGEGEN_PROVIDERS", "sketch")
    async with studio() as client:
        assert (await client.get("/api/keys")).json()["keys"] == []


async def test_a_key_is_never_logged_or_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with studio() as client:
        given = await client.put("/api/keys/gemini", json={"key": KEY})
        listed = await client.get("/api/keys")
    assert KEY not in given.text + listed.text + caplog.text
