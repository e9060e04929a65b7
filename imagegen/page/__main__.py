"""`python -m imagegen.page`: Gradio draws the page ahead of time, so that even the first start is quick."""

from __future__ import annotations

import asyncio
import os
import sys

from starlette.responses import PlainTextResponse

from imagegen.page.mount import AS_SHIPPED, create_page_app, page_lifespan
from imagegen.page.snapshot import EarlyPage
from imagegen.settings import SettingsError, load_settings


def main() -> int:
    """An exit status. That the page cannot be kept is logged and no failure: a start then draws it itself."""
    try:
        settings = load_settings()
    except SettingsError as error:
        sys.stderr.write(f"imagegen: {error}\n")
        return 1
    early = EarlyPage(settings.cache_dir, AS_SHIPPED.assets)
    if not early.complete:
        asyncio.run(_draw(early))
    return 0


async def _draw(early: EarlyPage) -> None:
    app = await asyncio.to_thread(create_page_app, PlainTextResponse("nobody calls the studio meanwhile"))
    async with page_lifespan(app):
        await early.keep(app)


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # Python would take most of a second more to dismantle Gradio
