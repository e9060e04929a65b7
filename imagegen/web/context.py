"""What every route needs: the engine, and who is calling.

The dependencies are coroutines because FastAPI runs plain functions in a thread, at a hop for each request.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from imagegen.jobs.cutting import BackgroundRemover
from imagegen.jobs.engine import Engine
from imagegen.request import FieldProblem
from imagegen.web.problems import Problem, invalid

OWNER = "local"
"""The one person of an installation without sign-in."""


async def engine_of(request: Request) -> Engine:
    """The engine that this application serves."""
    engine: Engine = request.app.state.engine
    return engine


async def caller(request: Request) -> str:
    """Who is calling: the owner that jobs and pictures belong to."""
    return OWNER


async def remover_of(request: Request) -> BackgroundRemover:
    """What takes backgrounds out."""
    engine: Engine = request.app.state.engine
    if engine.remover is None:
        raise Problem(404, "Background removal is not switched on here.")
    return engine.remover


async def no_query(request: Request) -> None:
    """Refuses query parameters on routes that have none, so that a misspelt one is not silently lost."""
    names = list(request.query_params)
    if names:
        raise invalid(*(FieldProblem(name[:100], None, [], f"{name[:100]}: no such parameter") for name in names))


EngineOf = Annotated[Engine, Depends(engine_of)]
RemoverOf = Annotated[BackgroundRemover, Depends(remover_of)]
Caller = Annotated[str, Depends(caller)]
NO_QUERY = Depends(no_query)
