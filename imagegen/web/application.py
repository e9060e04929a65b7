"""The ASGI application: our routes, the page behind them, and the guard in front of both."""

from __future__ import annotations

import asyncio

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
)
from imagegen.web.access_log import AccessLog
from imagegen.web.broadcast import Broadcast
from imagegen.web.security import SAFE_METHODS, Guard

ROUTERS: tuple[APIRouter, ...] = (
    generate.router,
    quote.router,
    jobs.router,
    images.router,
    references.router,
    albums.router,
    events.router,
    providers.router,
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


class Page:
    """The Gradio application, which takes seconds to import: whoever asks for it early waits."""

    def __init__(self) -> None:
        self._ready: asyncio.Future[ASGIApp] = asyncio.get_running_loop().create_future()

    def open(self, app: ASGIApp) -> None:
        """It is there."""
        self._ready.set_result(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request for the page, which only reads: everything that changes something goes through the API."""
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            refusal = problems.Problem(
                405, "The page can only be read.", headers={"Allow": ", ".join(SAFE_METHODS)}
            )
            await refusal.response()(scope, receive, send)
            return
        app = await asyncio.shield(self._ready)
        await app(scope, receive, send)


def create_app(engine: Engine, settings: Settings, broadcast: Broadcast, page: ASGIApp) -> ASGIApp:
    """Everything that answers HTTP. The engine and the broadcast are started and stopped by the caller."""
    api = create_api(engine, broadcast)

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        mine = any(path == own or path.startswith(own + "/") for own in OURS)
        await (api if mine else page)(scope, receive, send)

    guarded = Guard(dispatch, allowed_hosts=settings.allowed_hosts, space_id=settings.space_id)
    return AccessLog(guarded)


def create_api(engine: Engine, broadcast: Broadcast) -> FastAPI:
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
    api.state.methods_of = methods_at
    models = [name for provider in engine.catalogue.entries() for name in (provider[1].id, *provider[1].aliases)]
    api.openapi = openapi.document(api, models=["auto", *models], styles=engine.styles)  # type: ignore[method-assign]
    return api


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
