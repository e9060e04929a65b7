"""The server process: uvicorn with an orderly end, and the page loaded behind a running API."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from imagegen.jobs.engine import Engine
from imagegen.jobs.holding import announced
from imagegen.jobs.startup import open_engine, price
from imagegen.settings import Settings
from imagegen.web.application import Early, Page, create_app
from imagegen.web.broadcast import Broadcast
from imagegen.web.key_service import KeyService
from imagegen.web.listening import address_of

log = logging.getLogger("imagegen.server")

CONNECTIONS_GRACE = 3
"""Seconds for answers that are on their way when the server stops; streams have ended before."""
QUIET_SECONDS = 2.0
"""How long the first visitor is left alone with a page that needs no Gradio, before SDKs are imported."""
Built = tuple[ASGIApp, AbstractAsyncContextManager[Any]]
"""The page's application, and what must be entered in the event loop to start it."""
PageBuilder = Callable[[ASGIApp], Built]
"""Imports Gradio and builds the page; given the whole application, which the page's own API calls."""


class PageFailed(Exception):  # noqa: N818 - named for what happened
    """The page could not be built, so this server is of no use to people."""


class Server(uvicorn.Server):
    """Stops in order: `begin_stop` at once, answers are finished, then `drain` gives running work its time.

    A second signal ends the process at once; the job log is made for that.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        ready: Callable[[], None],
        begin_stop: Callable[[], None],
        drain: Callable[[], Awaitable[None]],
    ) -> None:
        config = uvicorn.Config(
            app,
            lifespan="off",
            ws="none",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=CONNECTIONS_GRACE,
        )
        super().__init__(config)
        self._loop = asyncio.get_running_loop()
        self._ready = ready
        self._begin_stop = begin_stop
        self._drain = drain

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal came. It is not kept for later: the process then ends with the exit status of a clean stop."""
        if self.should_exit:
            os._exit(128 + sig)
        self.stop()

    def stop(self) -> None:
        """Begin to stop. Safe in a signal handler."""
        self.should_exit = True
        self._loop.call_soon_threadsafe(self._begin_stop)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End connections, then work, still answering signals."""
        self._begin_stop()
        await super().shutdown(sockets)
        await self._drain()


async def serve(
    settings: Settings,
    listening: socket.socket,
    build_page: PageBuilder,
    ready: Callable[[Engine], None],
    early: Early | None = None,
) -> None:
    """Serve on that socket until a signal comes; `ready` is called when requests are answered.

    `early` answers for the page while it is being built.

    Raises what `open_engine` raises, and `PageFailed`.
    """
    async with open_engine(settings) as engine, Broadcast(engine) as broadcast:
        page = Page(early)
        app = create_app(engine, settings, broadcast, page, KeyService(settings, engine))

        def begin_stop() -> None:
            engine.hold()
            broadcast.close()

        server = Server(
            app,
            ready=lambda: ready(engine),
            begin_stop=begin_stop,
            drain=lambda: engine.stop(settings.shutdown_grace),
        )
        loading = asyncio.create_task(_keep_page(page, lambda: build_page(app), engine), name="page")
        loading.add_done_callback(lambda _: server.stop())
        async with announced(settings.data_dir, address_of(listening)):
            await server.serve([listening])
        loading.cancel()
        with suppress(asyncio.CancelledError):
            await loading


async def _keep_page(page: Page, build: Callable[[], Built], engine: Engine) -> None:
    """Build the page beside the running server when it is needed, and keep it started. Raises `PageFailed`.

    Prices are read and SDKs imported as well, one after the other: two at once would only share a core.
    """
    try:
        at_once = await page.wanted(QUIET_SECONDS)
        if not at_once:
            await _prepare(engine)
            await page.wanted()
        app, started = await _in_daemon_thread(build)
        async with started:
            page.open(app)
            await page.keep()
            if at_once:
                await _prepare(engine)
            await asyncio.get_running_loop().create_future()
    except Exception as error:
        raise PageFailed(f"the page cannot be shown: {type(error).__name__}: {error}") from error


async def _prepare(engine: Engine) -> None:
    try:
        await price(engine)
    except Exception as error:  # noqa: BLE001 - the records have prices of their own
        log.warning("the installed list of prices could not be read: %s", type(error).__name__)
    for name, provider in engine.providers.items():
        try:
            await provider.prepare()
        except Exception as error:  # noqa: BLE001 - its first picture will tell, in its own words
            log.warning("%s could not be prepared: %s", name, type(error).__name__)


async def _in_daemon_thread(work: Callable[[], Built]) -> Built:
    """Not asyncio.to_thread: its threads are waited for at the end, and imports of seconds cannot be cut short."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Built] = loop.create_future()

    def settle(result: Built | Exception) -> None:
        if not done.done():
            done.set_exception(result) if isinstance(result, Exception) else done.set_result(result)

    def run() -> None:
        try:
            result: Built | Exception = work()
        except Exception as error:  # noqa: BLE001 - carried over to the loop, which raises it
            result = error
        with suppress(RuntimeError):  # the loop is closed: the server has stopped meanwhile
            loop.call_soon_threadsafe(settle, result)

    threading.Thread(target=run, name="page", daemon=True).start()
    return await done
