"""The API against its own OpenAPI document: what it allows is accepted, what it forbids is refused as it says."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case, HookContext
from starlette.responses import PlainTextResponse

from imagegen.catalogue.catalogue import Catalogue
from imagegen.jobs.engine import Engine
from imagegen.settings import Settings
from imagegen.web.application import create_api, create_app
from imagegen.web.broadcast import Broadcast
from imagegen.web.listening import address_of, listen
from imagegen.web.server import Server
from tests.jobs.scripted import PAID, STYLES, ScriptedProvider, running_engine


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, blank_database: Path) -> Iterator[str]:
    """A server of its own in a thread, whose provider never answers, so that nothing but the API is at work."""
    folder = tmp_path_factory.mktemp("openapi")
    shutil.copy(blank_database, folder / "imagegen.sqlite3")
    listening, up = listen("127.0.0.1", 0), threading.Event()
    servers: list[Server] = []

    async def serve() -> None:
        async with AsyncExitStack() as stack:
            provider = ScriptedProvider(gate=asyncio.Event())
            engine = await stack.enter_async_context(running_engine(folder, provider))
            broadcast = await stack.enter_async_context(Broadcast(engine))
            app = create_app(engine, Settings(), broadcast, PlainTextResponse("the page"))
            server = Server(app, ready=up.set, end_streams=broadcast.close, drain=lambda: asyncio.sleep(0))
            servers.append(server)
            await server.serve([listening])

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert up.wait(30)
    yield address_of(listening)
    servers[0].stop()
    thread.join(30)


def map_body(_: HookContext, body: Any) -> Any:
    """Leaves out what a schema cannot say: which albums and references exist."""
    if isinstance(body, dict) and "prompt" in body:
        return {name: value for name, value in body.items() if name not in ("album", "reference_images")}
    return body


def document() -> dict[str, Any]:
    """The OpenAPI document of a server with those models and styles; it needs nothing that runs."""
    engine = SimpleNamespace(catalogue=Catalogue([PAID]), styles=STYLES)
    made: dict[str, Any] = create_api(cast(Engine, engine), cast(Broadcast, None)).openapi()
    return made


schema = schemathesis.openapi.from_dict(
    document(), config=schemathesis.Config.from_dict({"phases": {"coverage": {"enabled": False}}})
).exclude(path="/api/events")  # never ends; tests/web/test_events.py reads it
schema.hook(map_body)


@schema.parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
def test_every_operation_does_what_the_document_says(case: Case, url: str) -> None:
    case.call_and_validate(base_url=url, timeout=20)
