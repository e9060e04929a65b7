"""The ASGI application: our routes, the page behind them, and the guard in front of both."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Protocol

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from imagegen import VERSION
from imagegen.jobs.engine import Engine
from imagegen.settings import Settings
from imagegen.web import (
    albums,
    costs,
    cutouts,
    docs,
    events,
    generate,
    health,
    images,
    jobs,
    openapi,
    problems,
    providers,
    quote,
    references,
    refusals,
    static,
    styles,
)
from imagegen.web import (
    keys as key_routes,
)
from imagegen.web.access_log import AccessLog
from imagegen.web.broadcast import Broadcast
from imagegen.web.key_service import KeyService
from imagegen.web.security import SAFE_METHODS, Guard, is_call

ROUTERS: tuple[APIRouter, ...] = (
    generate.router,
    quote.router,
    jobs.router,
    costs.router,
    key_routes.router,
    images.router,
    references.router,
    albums.router,
    cutouts.router,
    events.router,
    providers.router,
    styles.router,
    health.router,
    docs.router,
    static.router,
)
OURS = ("/api", "/healthz", "/docs", "/openapi.json", "/assets/page", "/assets/docs")
"""Paths below these are ours; all others are the page's."""
_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,  # FastAPI's own traces and logs would hold query strings and bodies
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


class Early(Protocol):
    """What can show the page before Gradio can."""

    @property
    def complete(self) -> bool:
        """Whether it can show the page by itself."""

    def answers(self, scope: Scope) -> bool:
        """Whether it can answer that request."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that `answers` has accepted."""

    async def keep(self, page: ASGIApp) -> None:
        """Keep what the next start needs."""


class Page:
    """The Gradio application, which takes seconds to import: it is built when something is asked for that `early`
    cannot answer, which then waits."""

    def __init__(self, early: Early | None = None) -> None:
        self._early = early
        self._wanted = asyncio.Event()
        self._ready: asyncio.Future[ASGIApp] = asyncio.get_running_loop().create_future()

    async def wanted(self, within: float | None = None) -> bool:
        """Wait until Gradio is needed, `within` so many seconds; False when it is not yet."""
        if self._early is None or not self._early.complete:
            return True
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._wanted.wait()
        return self._wanted.is_set()

    def open(self, app: ASGIApp) -> None:
        """It is there."""
        self._ready.set_result(app)

    async def keep(self) -> None:
        """Once it is open: keep what lets the next start show it at once."""
        if self._early is not None:
            await self._early.keep(await self._ready)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request for the page, which only reads: what changes something goes through our API or Gradio's."""
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and not is_call(scope):
            refusal = problems.Problem(
                405, "The page can only be read.", headers={"Allow": ", ".join(SAFE_METHODS)}
            )
            await refusal.response()(scope, receive, send)
            return
        if self._early is not None and self._early.answers(scope):
            await self._early(scope, receive, send)
            return
        self._wanted.set()
        app = await asyncio.shield(self._ready)
        await app(scope, receive, send)


def create_app(
    engine: Engine, settings: Settings, broadcast: Broadcast, page: ASGIApp, keys: KeyService | None = None
) -> ASGIApp:
    """Everything that answers HTTP. The engine and the broadcast are started and stopped by the caller."""
    api = create_api(engine, broadcast, keys)

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        mine = any(path == own or path.startswith(own + "/") for own in OURS)
        await (api if mine else page)(scope, receive, send)

    guarded = Guard(dispatch, allowed_hosts=settings.allowed_hosts, space_id=settings.space_id)
    return AccessLog(guarded)


def create_api(engine: Engine, broadcast: Broadcast, keys: KeyService | None = None) -> FastAPI:
    """Our own routes, without guard and page."""
    handlers: problems.Handlers = {
        problems.Problem: problems.on_problem,
        RequestValidationError: problems.on_validation_error,
        HTTPException: problems.on_http_exception,
        **refusals.HANDLERS,
    }
    api = FastAPI(
        title="imagegen",
        version=VERSION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: f"{route.name}-{'-'.join(map(str, route.tags))}",
        exception_handlers=handlers,
        telemetry=_NO_TELEMETRY,
    )
    for router in ROUTERS:
        api.include_router(router)
        _answer_head(api, router)
    api.state.engine = engine
    api.state.broadcast = broadcast
    api.state.keys = keys
    api.state.downloads = set()
    api.state.methods_of = methods_at
    api.openapi = openapi.document(api, models=lambda: _model_ids(engine), styles=engine.styles)  # type: ignore[method-assign]
    return api


def _model_ids(engine: Engine) -> list[str]:
    return ["auto", *(name for _, model in engine.catalogue.entries() for name in (model.id, *model.aliases))]


def _answer_head(api: FastAPI, router: APIRouter) -> None:
    """HEAD works wherever GET does; the server leaves the body out. FastAPI does not do this by itself."""
    for route in router.routes:
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()):
            api.add_api_route(
                route.path,
                route.endpoint,
                methods=["HEAD"],
                response_model=route.response_model,
                dependencies=route.dependencies,
                include_in_schema=False,
            )


def methods_at(path: str) -> list[str]:
    """The methods that a path of ours answers to."""
    found: set[str] = set()
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute) and route.path_regex.match(path):
                found |= route.methods or set()
    return sorted(found | ({"HEAD"} if "GET" in found else set()))
