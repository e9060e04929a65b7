"""`/api/events`: what happens to jobs, tasks and pictures, as server-sent events."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import StreamingResponse

from imagegen.web.broadcast import Broadcast, StreamsClosed
from imagegen.web.context import Caller
from imagegen.web.openapi import event_stream, problems
from imagegen.web.problems import Problem

router = APIRouter(tags=["events"])

STREAMS_MAX = 500
"""Open streams in one process; a browser needs one for all its tabs."""
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_EVENT_ID_MAX = 2**63 - 1


class StreamStart(BaseModel):
    """Where the stream begins, for programs that cannot set Last-Event-ID."""

    model_config = ConfigDict(extra="forbid")

    last_event_id: int | None = Field(None, ge=0, le=_EVENT_ID_MAX, description="Like Last-Event-ID, which wins")


LastEventId = Annotated[
    int | None,
    Header(alias="Last-Event-ID", ge=0, le=_EVENT_ID_MAX, description="The id of the last event that arrived"),
]


@router.get("/api/events", responses={**event_stream(), **problems(429, 503)}, response_class=StreamingResponse)
async def events(
    request: Request, start: Annotated[StreamStart, Query()], owner: Caller, last_event_id: LastEventId = None
) -> Response:
    """A stream of `job`, `task` and `image` events, which carry ids and states and never a prompt.

    With an id it first sends what came after that event; when that is no longer possible it sends `reset`, and the
    caller reads everything anew. Without one only new events are sent.
    """
    broadcast: Broadcast = request.app.state.broadcast
    if request.method == "HEAD":
        return Response(media_type="text/event-stream", headers=HEADERS)
    if broadcast.listeners >= STREAMS_MAX:
        raise Problem(429, f"{STREAMS_MAX} streams are open; close one first.", headers={"Retry-After": "10"})
    after = start.last_event_id if last_event_id is None else last_event_id
    try:
        stream = broadcast.open(owner, after)
    except StreamsClosed:
        raise Problem(503, "The server is stopping.", headers={"Retry-After": "1"}) from None
    return StreamingResponse(stream, media_type="text/event-stream", headers=HEADERS)
