"""The API against its own OpenAPI document: what it allows is accepted, what it forbids is refused as it says."""

from __future__ import annotations

import asyncio
import shutil
import sys
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
from schemathesis import Case, CheckFunction, HookContext
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.responses import PlainTextResponse

from imagegen.catalogue.catalogue import Catalogue
from imagegen.jobs.engine import Engine
from imagegen.media.fetch import Fetcher
from imagegen.media.public_network import PublicNetwork
from imagegen.request import RequestError, parse
from imagegen.settings import Settings
from imagegen.web import references
from imagegen.web.application import create_api, create_app
from imagegen.web.broadcast import Broadcast
from imagegen.web.listening import address_of, listen
from imagegen.web.server import Server
from tests.jobs.scripted import PAID, STYLES, ScriptedProvider, ScriptedRemover, running_engine
from tests.media.tls_server import Names


@pytest.fixture(scope="module")
def reached() -> Iterator[set[str]]:
    """The hosts that anything in this process looks up or connects to, while no name has an address."""
    hosts, watching = set[str](), True

    def note(event: str, args: tuple[Any, ...]) -> None:  # stays for good, as audit hooks do
        if watching and event in ("socket.connect", "socket.sendto") and isinstance(args[1], tuple):
            hosts.add(str(args[1][0]))
        elif watching and event in ("socket.getaddrinfo", "socket.gethostbyname"):
            hosts.add(str(args[0]))

    sys.addaudithook(note)
    nowhere = Fetcher("imagegen/test", network=PublicNetwork(Names({}).look_up))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(references, "fetcher", nowhere)
        yield hosts
    watching = False


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, blank_database: Path, reached: set[str]) -> Iterator[str]:
    """A server of its own in a thread, whose provider never answers, so that nothing but the API is at work."""
    folder = tmp_path_factory.mktemp("openapi")
    shutil.copy(blank_database, folder / "imagegen.sqlite3")
    listening, up = listen("127.0.0.1", 0), threading.Event()
    servers: list[Server] = []

    async def serve() -> None:
        async with AsyncExitStack() as stack:
            gate = asyncio.Event()
            provider = ScriptedProvider(gate=gate)
            engine = await stack.enter_async_context(running_engine(folder, provider, remover=ScriptedRemover()))
            broadcast = await stack.enter_async_context(Broadcast(engine))
            app = create_app(engine, Settings(), broadcast, PlainTextResponse("the page"))
            server = Server(app, ready=up.set, begin_stop=broadcast.close, drain=lambda: asyncio.sleep(0))
            servers.append(server)
            await server.serve([listening])
            gate.set()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert up.wait(30)
    yield address_of(listening)
    servers[0].stop()
    thread.join(30)


def map_body(_: HookContext, body: Any) -> Any:
    """Leaves out well-formed ids and budgets: what exists, and what it costs, is more than a schema can say."""
    if not isinstance(body, dict):
        return body
    return {
        name: value
        for name, value in body.items()
        if name not in ("album", "budget", "reference_images") or not _well_formed({"prompt": "x", name: value})
    }


def _well_formed(request: object) -> bool:
    try:
        parse(request)
    except RequestError:
        return False
    return True


def document() -> dict[str, Any]:
    """The OpenAPI document of a server with those models and styles; it needs nothing that runs."""
    engine = SimpleNamespace(catalogue=Catalogue([PAID]), styles=STYLES)
    made: dict[str, Any] = create_api(cast(Engine, engine), cast(Broadcast, None)).openapi()
    return made


schema = schemathesis.openapi.from_dict(
    document(), config=schemathesis.Config.from_dict({"phases": {"coverage": {"enabled": False}}})
).exclude(path="/api/events")  # never ends; tests/web/test_events.py reads it
schema.hook(map_body)


@pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # schemathesis, making wrong data
@schema.parametrize()
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
def test_every_operation_does_what_the_document_says(case: Case[Any], url: str) -> None:
    # that a file is a picture is more than a schema can say
    more_than_schema: list[CheckFunction] = (
        [positive_data_acceptance] if case.operation.path == "/api/references" else []
    )
    case.call_and_validate(base_url=url, timeout=20, excluded_checks=more_than_schema)


def test_an_address_that_a_test_makes_up_is_not_fetched(url: str, reached: set[str]) -> None:
    answer = httpx2.post(f"{url}/api/references", json={"url": "https://example.com/fox.png"}, trust_env=False)
    assert "could not be reached" in answer.json()["detail"]
    assert reached == {"127.0.0.1"}
