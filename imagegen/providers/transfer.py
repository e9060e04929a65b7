"""One HTTP request for a picture, whichever SDK makes it: our own timeouts, the answer's bytes kept from the SDK.

Imported when the first picture is asked for, not with the house.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import httpx2

from imagegen.providers.answer import unknown
from imagegen.providers.base import ErrorKind, ProviderError
from imagegen.providers.event_stream import EventStream

Told = Callable[[str, bytes], bool]
"""Called with each server-sent event of an answer, its name and data; says whether that event is the answer."""

Receiving = Callable[[], None]
"""Called once, from the event loop, when the answer's head has arrived and its body is being read."""

ANSWER_MAX_BYTES = 128 * 2**20
"""Far above a 4K picture with its thoughts in base64 (about 30 MB); what is longer is no answer."""

TURN_SECONDS = 0.05
"""How long an answer is read before the others that have come; the kernel keeps those meanwhile. Eight that come
together and are read in turns are all late together: 2K pictures in eight slots then took 5 % longer than their
latency, one after the other 3 %."""

LOOK_UP_SECONDS = 20.0

_UNSENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
)
"""Failures before the first byte of a request could leave."""


class AnswerTooLongError(Exception):
    """The answer passed `ANSWER_MAX_BYTES`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a vendor answered. The names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(slots=True)
class _Exchange:
    """One request and its answer: `status`, `headers` and `body` are set once the answer is here as a whole.

    `broke` is what the connection failed with; the SDK may wrap it in errors of its own.
    """

    receiving: Receiving
    told: Told | None = None
    departed: bool = False
    broke: type[Exception] | None = None
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)


_CURRENT: ContextVar[_Exchange] = ContextVar("_CURRENT")
"""The exchange of the call that runs in this context."""


class Transfer(httpx2.AsyncClient):
    """The HTTP client of an SDK: puts the answer into the current exchange and shows the SDK an empty one.

    The SDK would copy megabytes from bytes to text to JSON to models, and repeat the vendor's text in its errors.
    `title` is the vendor's name for people; times are in seconds, for connecting and for a call as a whole.
    """

    def __init__(self, title: str, base_url: str | None, *, connect_timeout: float, deadline: float) -> None:
        super().__init__(
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=64),
            trust_env=not _is_loopback(base_url),  # a proxy set in the environment is for the world outside
        )
        self._vendor = title
        self._turns = asyncio.Semaphore(1)
        self._deadline = deadline
        # The call as a whole has a deadline; reading has none of its own, for a picture takes minutes to begin.
        self._timeouts = httpx2.Timeout(None, connect=connect_timeout).as_dict()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """One answer after the other while they come fast; a slow one lets the others pass."""
        await self._turns.acquire()
        let_pass = asyncio.get_running_loop().call_later(TURN_SECONDS, self._turns.release)
        try:
            yield
        finally:
            if asyncio.get_running_loop().time() < let_pass.when():
                let_pass.cancel()
                self._turns.release()

    async def status_of(self, request: httpx2.Request, vendor: str) -> int:
        """Send a request that costs nothing; only the status of its answer matters. Raises `ProviderError`."""
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                response = await super().send(request, stream=True, follow_redirects=False)
                await response.aclose()
                return response.status_code
        except (httpx2.HTTPError, TimeoutError):
            message = f"{vendor} could not be reached; check the connection, then try again."
            raise ProviderError(ErrorKind.CONNECTION_FAILED, message) from None

    async def read(self, request: httpx2.Request, seconds: float = LOOK_UP_SECONDS) -> Answer:
        """The answer to a request that costs nothing and may be repeated; `seconds` is the time for all of it.

        Raises `ProviderError`, of kind `CONNECTION_FAILED` (`OUTCOME_UNKNOWN` for an answer without an end) and
        nothing that quotes.
        """
        too_long = False
        request.extensions = {**request.extensions, "timeout": self._timeouts}
        try:
            async with asyncio.timeout(seconds):
                response = await super().send(request, stream=True, follow_redirects=False)
                try:
                    body = await _whole(response)
                finally:
                    await response.aclose()
        except AnswerTooLongError:
            body, too_long = None, True
        except (httpx2.HTTPError, TimeoutError):
            body = None
        if too_long:
            raise unknown(f"{self._vendor}'s answer was far too long to be a picture.")
        if body is None:  # raised out here, so that no address hangs on it as its context
            message = f"{self._vendor} could not be reached; check the connection, then try again."
            raise ProviderError(ErrorKind.CONNECTION_FAILED, message)
        return Answer(response.status_code, _lower(response.headers), body)

    async def answer_to(
        self, ask: Callable[[], Awaitable[object]], receiving: Receiving, told: Told | None = None
    ) -> Answer:
        """What the vendor answers when an SDK sends its one request; a stream's events are `told` as they come.

        Raises `ProviderError`, and nothing that quotes.
        """
        exchange = _Exchange(receiving, told)
        token = _CURRENT.set(exchange)
        try:
            failure = await self._failure_of(ask, exchange)
        finally:
            _CURRENT.reset(token)
        if failure is not None:  # raised out here, so that no vendor text hangs on it as its context
            raise failure
        # Copies of this context live in tasks that outlive the call, and would hold megabytes of the answer.
        body, exchange.body = exchange.body, b""
        return Answer(exchange.status, exchange.headers, body)

    async def _failure_of(self, ask: Callable[[], Awaitable[object]], exchange: _Exchange) -> ProviderError | None:
        vendor = self._vendor
        try:
            async with asyncio.timeout(self._deadline):
                await ask()
        except TimeoutError:
            return unknown(f"{vendor} did not answer within {self._deadline:g} s.")
        except Exception as error:  # noqa: BLE001 - whatever broke once the request is under way, it may be billed
            if not exchange.departed:
                message = (
                    f"The request to {vendor} could not be made ({type(error).__name__}). Nothing was billed."
                )
                return ProviderError(ErrorKind.INTERNAL, message)
            broke = exchange.broke or type(error)
            if issubclass(broke, _UNSENT):
                message = (
                    f"{vendor} could not be reached. Nothing was sent and nothing billed; check the connection."
                )
                return ProviderError(ErrorKind.CONNECTION_FAILED, message)
            if issubclass(broke, AnswerTooLongError):
                return unknown(f"{vendor}'s answer was far too long to be a picture.")
            return unknown(f"The connection to {vendor} broke before the picture was here.")
        return None

    async def send(self, request: httpx2.Request, **_: Any) -> httpx2.Response:  # noqa: ANN401 - the SDK's options
        exchange = _CURRENT.get()
        exchange.departed = True
        request.extensions = {**request.extensions, "timeout": self._timeouts}
        try:
            await self._receive(request, exchange)
        except Exception as error:
            exchange.broke = type(error)
            raise
        return httpx2.Response(200, headers={"Content-Type": "application/json"}, content=b"{}", request=request)

    async def _receive(self, request: httpx2.Request, exchange: _Exchange) -> None:
        response = await super().send(request, stream=True, follow_redirects=False)
        try:
            if not response.has_redirect_location:  # which holds no picture, and leads to where it will be
                exchange.receiving()
            if exchange.told and response.headers.get("content-type", "").startswith("text/event-stream"):
                exchange.body = await _streamed(response, exchange.told)
            else:
                async with self._turn():
                    exchange.body = await _whole(response)
        finally:
            await response.aclose()
        exchange.status = response.status_code
        exchange.headers = _lower(response.headers)


def _lower(headers: httpx2.Headers) -> Mapping[str, str]:
    return {name.lower(): value for name, value in headers.items()}


async def _whole(response: httpx2.Response) -> bytes:
    pieces: list[bytes] = []
    length = 0
    async for piece in response.aiter_bytes():
        length += len(piece)
        if length > ANSWER_MAX_BYTES:
            raise AnswerTooLongError
        pieces.append(piece)
    return b"".join(pieces)


async def _streamed(response: httpx2.Response, told: Told) -> bytes:
    """The data of the event that is the answer; empty where none came."""
    stream, length = EventStream(), 0
    async for piece in response.aiter_bytes():
        length += len(piece)
        if length > ANSWER_MAX_BYTES:
            raise AnswerTooLongError
        for name, data in stream.feed(piece):
            if told(name, data):  # it is here; whatever breaks after it must not lose it
                return data
    return b""


def _is_loopback(base_url: str | None) -> bool:
    host = httpx2.URL(base_url or "").host
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
