"""The web room over the real engine: real SQLite, queue and files, a scripted provider."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from imagegen.catalogue.records import ProviderRecord
from imagegen.jobs.engine import Engine
from imagegen.jobs.migrate import migrate
from imagegen.jobs.spending import Caps
from imagegen.settings import Settings
from imagegen.web.application import create_app
from imagegen.web.broadcast import Broadcast
from imagegen.web.listening import address_of, listen
from imagegen.web.server import Server
from tests.jobs.scripted import PAID, ScriptedProvider, ScriptedRemover, running_engine, until_done


@dataclass
class Studio:
    """An application and what is behind it."""

    app: ASGIApp
    engine: Engine
    broadcast: Broadcast
    provider: ScriptedProvider
    remover: ScriptedRemover
    client: httpx2.AsyncClient

    async def submit(self, **request: Any) -> str:
        """A submitted job's id."""
        answer = await self.client.post("/api/generate", json={"prompt": "a red fox", **request})
        assert answer.status_code == 202, answer.text
        job_id: str = answer.json()["job_id"]
        return job_id

    async def picture(self) -> str:
        """The id of a finished picture."""
        job_id = await self.submit()
        await until_done(self.engine, job_id)
        image_id: str = (await self.client.get(f"/api/generate/{job_id}")).json()["images"][0]["id"]
        return image_id


OpenStudio = Callable[..., AbstractAsyncContextManager[Studio]]


@pytest.fixture(scope="session")
def blank_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of the newest schema; copying it is much quicker than migrating for each test."""
    path = tmp_path_factory.mktemp("blank") / "imagegen.sqlite3"
    migrate(path)
    return path


@pytest.fixture
def open_studio(tmp_path: Path, blank_database: Path) -> OpenStudio:
    """Opens a studio; with `caps`, `settings`, a provider of the test's own or a `record` for it."""

    @asynccontextmanager
    async def opened(
        provider: ScriptedProvider | None = None,
        caps: Caps | None = None,
        ping_seconds: float = 15.0,
        record: ProviderRecord = PAID,
        **settings: Any,
    ) -> AsyncIterator[Studio]:
        provider, remover = provider or ScriptedProvider(), ScriptedRemover()
        shutil.copy(blank_database, tmp_path / "imagegen.sqlite3")
        async with (
            running_engine(tmp_path, provider, record=record, caps=caps, remover=remover) as engine,
            Broadcast(engine, ping_seconds=ping_seconds) as broadcast,
        ):
            app = create_app(engine, Settings(**settings), broadcast, PlainTextResponse("the page"))
            transport = httpx2.ASGITransport(app)
            async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
                yield Studio(app, engine, broadcast, provider, remover, client)

    return opened


@pytest.fixture
async def studio(open_studio: OpenStudio) -> AsyncIterator[Studio]:
    """A studio as it comes."""
    async with open_studio() as opened:
        yield opened


@asynccontextmanager
async def connection(url: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A bare connection to a server, for what no HTTP client would send."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


@asynccontextmanager
async def over_loopback(studio: Studio) -> AsyncIterator[str]:
    """The studio behind our real server on a free port of 127.0.0.1; gives its address."""
    listening, ready = listen("127.0.0.1", 0), asyncio.Event()

    async def drained() -> None:
        pass

    server = Server(studio.app, ready=ready.set, begin_stop=studio.broadcast.close, drain=drained)
    serving = asyncio.create_task(server.serve([listening]))
    async with asyncio.timeout(10):
        await ready.wait()
    try:
        yield address_of(listening)
    finally:
        server.stop()
        await serving
