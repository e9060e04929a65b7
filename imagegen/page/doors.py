"""Gradio's own API: what `gradio_client.Client(url)` sees of this studio.

Each endpoint asks the REST API in this process and hands on its answer, so that both check, accept and refuse the
same things in the same words. Gradio's queue only carries the call, which runs in the server's event loop and ends
at once, for pictures are made by the studio's own queue.
"""

# Annotations are not postponed here: Gradio reads the types of the endpoints from them.

import asyncio
import json
import logging
import re
from collections.abc import Mapping
from inspect import signature
from typing import Any

import gradio as gr
import httpx2
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("imagegen.page")

BODY_LIMIT = 200_000
"""Bytes: a prompt of 10,000 characters, each written as two JSON escapes, and some room."""
BODY_SECONDS = 30.0
AT_ONCE = 8
"""Calls of one endpoint that Gradio's queue carries at the same time."""
_ID = re.compile(r"[0-9a-z]{26}")
_SESSION = re.compile(r"[\w-]{1,100}", re.ASCII)
_CALL = re.compile(r"/gradio_api/call/([a-z]+)")
_JOIN = "/gradio_api/queue/join"

Json = dict[str, Any]


class Doors:
    """The endpoints. `studio` is the whole application, whose REST API answers for them."""

    def __init__(self, studio: ASGIApp) -> None:
        self._rest = httpx2.AsyncClient(transport=httpx2.ASGITransport(studio), base_url="http://localhost")

    def open(self) -> None:
        """Add the endpoints to the page that is being built; to be called inside its `gr.Blocks`."""
        for name in ENDPOINTS:
            gr.api(getattr(self, name), api_name=name, queue=False, concurrency_limit=AT_ONCE)

    async def generate(
        self,
        prompt: str,
        aspect_ratio: str = "1:1",
        image_size: str = "1K",
        count: int = 1,
        model: str = "auto",
    ) -> str:
        """Submit a request; the answer is the id of its job, whose pictures are made in the background."""
        wanted = {
            "prompt": prompt,
            "aspect_ratio": aspect_ratio,
            "image_size": image_size,
            "count": count,
            "model": model,
        }
        return str((await self._ask("POST", "/api/generate", body=wanted))["job_id"])

    async def job(self, job_id: str) -> dict:  # type: ignore[type-arg] # the one form that Gradio can describe
        """A job with its tasks and pictures, as GET /api/generate/{job_id} answers."""
        return await self._ask("GET", f"/api/generate/{_known(job_id, 'job')}")

    async def images(self, q: str = "", album: str = "", limit: int = 50, after: str = "") -> dict:  # type: ignore[type-arg]
        """Pictures, newest first, as GET /api/images answers. An empty text leaves its filter out."""
        filters = {"q": q, "album": album, "limit": limit, "after": after}
        given = {name: value for name, value in filters.items() if value not in ("", None)}
        return await self._ask("GET", "/api/images", filters=given)

    async def cutout(self, image_id: str, model: str = "u2netp") -> str:
        """Take the background out of a picture; the answer is the id of the job that does it."""
        path = f"/api/images/{_known(image_id, 'image')}/cutout"
        return str((await self._ask("POST", path, body={"model": model}))["job_id"])

    async def _ask(
        self, method: str, path: str, *, body: Json | None = None, filters: Mapping[str, Any] | None = None
    ) -> Json:
        """The answer of the REST API. Raises `gr.Error` with the words of its refusal."""
        try:
            answer = await self._rest.request(method, path, json=body, params=filters)
            told: Json = answer.json()
        except Exception as error:  # noqa: BLE001 - Gradio would print its words, which can repeat a prompt
            log.error("a call of an endpoint failed: %s", type(error).__name__)
            raise _refusal("Something went wrong here.") from None
        if not answer.is_success:
            raise _refusal(told["detail"])
        return told


ENDPOINTS = {
    name: len(signature(endpoint).parameters) - 1
    for name, endpoint in (
        ("generate", Doors.generate),
        ("job", Doors.job),
        ("images", Doors.images),
        ("cutout", Doors.cutout),
    )
}
"""Names and how many values each takes; their order gives the numbers that Gradio calls them by."""


class Gate:
    """In front of Gradio: only a well-formed call of an endpoint gets in, rebuilt from what was understood of it.

    Gradio itself reads bodies of any length, and repeats all values on standard error when their number is wrong.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection; whatever only reads passes."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(BODY_SECONDS):
                call = json.dumps(_understood(scope["path"], await _body(receive))).encode()
        except (ValueError, RecursionError, TimeoutError):
            refused = JSONResponse({"detail": "This is not a call of an endpoint; see /gradio_api/info."}, 400)
            await refused(scope, receive, send)
            return
        headers = [(name, value) for name, value in scope["headers"] if name != b"content-length"]
        length = (b"content-length", str(len(call)).encode())
        await self.app({**scope, "headers": [*headers, length]}, _replayed(call, receive), send)


def _understood(path: str, body: bytes) -> Json:
    """A call with nothing but what an endpoint needs. Raises `ValueError` for everything else."""
    sent = json.loads(body)
    named = _CALL.fullmatch(path)
    if not isinstance(sent, dict) or not (named or path == _JOIN):
        raise ValueError
    names = list(ENDPOINTS)
    number = names.index(named[1]) if named else sent.get("fn_index")
    data, session = sent.get("data"), sent.get("session_hash")
    if type(number) is not int or number not in range(len(names)):
        raise ValueError
    if not isinstance(data, list) or len(data) != ENDPOINTS[names[number]]:
        raise ValueError
    if not all(value is None or isinstance(value, str | int | float) for value in data):
        raise ValueError
    if named:
        return {"data": data}
    if not isinstance(session, str) or not _SESSION.fullmatch(session):
        raise ValueError
    return {"data": data, "fn_index": number, "session_hash": session}


async def _body(receive: Receive) -> bytes:
    """The whole body. Raises `ValueError` when it is too long or the caller has gone."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise ValueError
        body += message.get("body", b"")
        if len(body) > BODY_LIMIT:
            raise ValueError
        more = message.get("more_body", False)
    return body


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _known(value: object, what: str) -> str:
    """An id as part of a path. Raises `gr.Error` for what cannot be one."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise _refusal(f"There is no such {what}.")
    return value


def _refusal(words: str) -> gr.Error:
    return gr.Error(words, print_exception=False)
