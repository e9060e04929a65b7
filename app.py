"""Starts imagegen: `python app.py`. Also the entry of a Hugging Face Space."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from imagegen.settings import SettingsError, load_settings
from imagegen.web.listening import CannotListen, address_of, listen

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from imagegen.jobs.engine import Engine


def main() -> int:
    """Serve until a signal comes. An exit status: 0 after an orderly stop, 1 with one line on stderr."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    logging.getLogger("imagegen").setLevel(logging.INFO)
    try:
        settings = load_settings()
        listening = listen(settings.host, settings.port)
    except (SettingsError, CannotListen) as error:
        return _failed(error)

    # After the socket is taken, so that a port in use is told before a second of imports.
    from imagegen.jobs.migrate import MigrationRefused  # noqa: PLC0415
    from imagegen.jobs.startup import DataFolderInUse  # noqa: PLC0415
    from imagegen.media.store import StorageError  # noqa: PLC0415
    from imagegen.page.mount import AS_SHIPPED  # noqa: PLC0415
    from imagegen.page.snapshot import EarlyPage  # noqa: PLC0415
    from imagegen.prompts.styles import StyleFileError  # noqa: PLC0415
    from imagegen.web.server import PageFailed, serve  # noqa: PLC0415

    def ready(engine: Engine) -> None:
        providers = ", ".join(engine.providers)
        print(f"imagegen is ready: {address_of(listening)} · data: {settings.data_dir} · providers: {providers}")
        sys.stdout.flush()

    try:
        early = EarlyPage(settings.cache_dir, AS_SHIPPED.assets)
        _run(serve(settings, listening, _build_page, ready, early))
    except (SettingsError, StorageError, DataFolderInUse, MigrationRefused, StyleFileError, PageFailed) as error:
        return _failed(error)
    except KeyboardInterrupt:
        return 130
    return 0


def _build_page(studio: ASGIApp) -> tuple[ASGIApp, AbstractAsyncContextManager[Any]]:
    from imagegen.page.mount import create_page_app, page_lifespan  # noqa: PLC0415 - imports Gradio: seconds

    page = create_page_app(studio)
    return page, page_lifespan(page)


def _run(serving: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(serving)


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it is installed; it is not needed."""
    try:
        import uvloop  # noqa: PLC0415
    except ImportError:
        return None
    return uvloop.new_event_loop


def _failed(error: Exception) -> int:
    print(f"imagegen: {error}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Everything is closed. Python would take most of a second more to dismantle Gradio, and could not do it safely
    # while the page's thread still imports it.
    os._exit(status)
