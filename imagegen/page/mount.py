"""The page as an ASGI application of its own, made beside the running server.

Importing Gradio takes seconds, so the server answers before it: it calls `create_page_app` in a thread, enters
`page_lifespan` in its event loop, and hands over whatever is none of its own routes.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.types import ASGIApp

from imagegen.page.files import head
from imagegen.page.html import WithHead
from imagegen.page.snapshot import app_id, fingerprint
from imagegen.settings import ROOT

if TYPE_CHECKING:
    import gradio as gr

IDLE_POLL_SECONDS = 0.5
"""How often Gradio looks into its queue, which only its own API uses; each look costs CPU on an idle machine."""


@dataclass(frozen=True, slots=True)
class PageSettings:
    """What the page is built from."""

    assets: Path = ROOT / "assets" / "page"


AS_SHIPPED = PageSettings()


def create_page_app(studio: ASGIApp, settings: PageSettings = AS_SHIPPED) -> FastAPI:
    """Build the page. Imports Gradio (seconds of CPU), so call it in a thread; touches no event loop.

    `studio` is the whole application, whose REST API answers the calls of Gradio's own API. Raises
    `FileNotFoundError` where a file of the page is missing.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read while Gradio is imported
    import gradio as gr  # noqa: PLC0415 - the server must answer before this import

    from imagegen.page.blocks import build_page  # noqa: PLC0415
    from imagegen.page.doors import Doors, Gate  # noqa: PLC0415
    from imagegen.page.theme import studio_theme  # noqa: PLC0415

    page = build_page()
    page.app_id = app_id(fingerprint(settings.assets))
    with page:
        Doors(studio).open()
    _poll_seldom(page)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.add_middleware(Gate)
    app.add_middleware(WithHead, lines=head(settings.assets))
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        ssr_mode=False,
        run_history=False,
        footer_links=[],
        favicon_path=str(settings.assets / "icon.svg"),
        theme=studio_theme(),
    )
    return app


@asynccontextmanager
async def page_lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Gradio's own start and stop; enter it in the event loop that serves the page."""
    async with app.router.lifespan_context(app):
        yield


def _poll_seldom(page: gr.Blocks) -> None:
    """Private to Gradio, so its absence is no error; tests/page/test_mount.py tells when it is gone."""
    queue = getattr(page, "_queue", None)
    for name in ("sleep_when_free", "progress_update_sleep_when_free"):
        if hasattr(queue, name):
            setattr(queue, name, IDLE_POLL_SECONDS)
