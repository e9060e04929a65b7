"""Builds the page as the server does and prints what it is, as JSON: `python -m tests.page.built`.

Gradio leaves event loops and sockets open in the process that imports it; the tests' own stays clean.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import httpx2
from fastapi import FastAPI
from starlette.responses import PlainTextResponse

from imagegen.page.mount import create_page_app, page_lifespan


async def facts() -> dict[str, Any]:
    """Built in a thread, served from this loop."""
    imported_early = "gradio" in sys.modules
    app = await asyncio.to_thread(create_page_app, PlainTextResponse("the studio"))
    async with page_lifespan(app):
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://studio") as client:
            page = await client.get("/")
            icon = await client.get("/favicon.ico")
    blocks = _blocks(app)
    return {
        "imported_early": imported_early,
        "status": page.status_code,
        "page": page.text,
        "icon": icon.text,
        "sleep_when_free": getattr(blocks._queue, "sleep_when_free", None),
        "progress_sleep": getattr(blocks._queue, "progress_update_sleep_when_free", None),
        "allowed_paths": blocks.allowed_paths,
        "run_history": blocks.run_history,
        "ssr_mode": blocks.ssr_mode,
        "analytics": blocks.analytics_enabled,
    }


def _blocks(app: FastAPI) -> Any:
    (mounted,) = (route for route in app.routes if hasattr(getattr(route, "app", None), "get_blocks"))
    return mounted.app.get_blocks()  # type: ignore[attr-defined]


if __name__ == "__main__":
    json.dump(asyncio.run(facts()), sys.stdout)
