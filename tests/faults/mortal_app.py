"""`app.py`, but the process kills itself when it comes to the point that DIE_AT names."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import sys
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

import app
from imagegen.jobs import startup
from imagegen.web import server


def _die_at(point: str) -> None:
    if point == os.environ.get("DIE_AT"):
        os.kill(os.getpid(), signal.SIGKILL)


def _small_page(studio: ASGIApp) -> tuple[ASGIApp, contextlib.AbstractAsyncContextManager[Any]]:
    """The page has no part in this, and takes seconds to import."""
    return PlainTextResponse("page"), contextlib.nullcontext()


if __name__ == "__main__":
    server.open_engine = functools.partial(startup.open_engine, checkpoint=_die_at)  # type: ignore[attr-defined]
    app._build_page = _small_page
    sys.exit(app.main())
