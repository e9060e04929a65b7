"""google-genai and the HTTP client under it: one request, our own timeouts, the answer's bytes kept from the SDK.

Imported when the first picture is asked for, not with the house: google-genai takes most of a second.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import httpx2
from google.genai import Client, types

from imagegen.providers.base import ErrorKind, ProviderCall, ProviderError, Receiving
from imagegen.providers.gemini_answer import unknown

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


@dataclass(slots=True)
class _Exchange:
    """One request and its answer: `status` and `body` are set once the answer is here as a whole."""

    receiving: Receiving
    departed: bool = False
    status: int = 0
    body: bytes = field(default=b"", repr=False)


_CURRENT: ContextVar[_Exchange] = ContextVar("_CURRENT")
"""The exchange of the call that runs in this context."""


class _Transfer(httpx2.AsyncClient):
    """Puts the answer into the current exchange and shows the SDK an empty one.

    The SDK would copy megabytes from bytes to text to JSON to models, and repeat the vendor's text in its errors.
    """

    def __init__(self, base_url: str | None, connect_timeout: float) -> None:
        super().__init__(
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=64),
            trust_env=not _is_loopback(base_url),  # a proxy set in the environment is for the world outside
        )
        self._turns = asyncio.Semaphore(1)
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

    async def status_of(self, request: httpx2.Request) -> int:
        """Send a request that is not for a picture; only the status of its answer matters."""
        response = await super().send(request, stream=True, follow_redirects=False)
        await response.aclose()
        return response.status_code

    async def send(self, request: httpx2.Request, **_: Any) -> httpx2.Response:  # noqa: ANN401 - the SDK's options
        exchange = _CURRENT.get()
        exchange.departed = True
        request.extensions = {**request.extensions, "timeout": self._timeouts}
        response = await super().send(request, stream=True, follow_redirects=False)
        try:
            exchange.receiving()
            async with self._turn():
                exchange.body = await _whole(response)
        finally:
            await response.aclose()
        exchange.status = response.status_code
        return httpx2.Response(200, content=b"{}", request=request)


async def _whole(response: httpx2.Response) -> bytes:
    pieces: list[bytes] = []
    length = 0
    async for piece in response.aiter_bytes():
        length += len(piece)
        if length > ANSWER_MAX_BYTES:
            raise AnswerTooLongError
        pieces.append(piece)
    return b"".join(pieces)


def _is_loopback(base_url: str | None) -> bool:
    host = httpx2.URL(base_url or "").host
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class GeminiWire:
    """The SDK's client for the process. Timeouts are in seconds: for connecting, and for a call as a whole."""

    def __init__(self, *, api_key: str, base_url: str | None, connect_timeout: float, read_timeout: float) -> None:
        self._deadline = read_timeout
        self._key = api_key
        self._base_url = (base_url or "https://generativelanguage.googleapis.com").rstrip("/")
        self._transfer = _Transfer(base_url, connect_timeout)
        options = types.HttpOptions(
            base_url=base_url,
            timeout=int(read_timeout * 1000),  # told to the server, which need not work longer than we wait
            retry_options=types.HttpRetryOptions(attempts=1),
            httpx_async_client=self._transfer,
        )
        self._client = Client(vertexai=False, api_key=api_key, http_options=options)

    async def look_up(self, wire_id: str) -> int:
        """The HTTP status of asking for a model's record, which costs nothing. Raises `ProviderError`."""
        address = f"{self._base_url}/v1beta/models/{wire_id}"
        request = self._transfer.build_request("GET", address, headers={"x-goog-api-key": self._key})
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                return await self._transfer.status_of(request)
        except (httpx2.HTTPError, TimeoutError):
            message = "Google could not be reached; check the connection, then try again."
            raise ProviderError(ErrorKind.CONNECTION_FAILED, message) from None

    async def post(self, call: ProviderCall, receiving: Receiving) -> tuple[int, bytes]:
        """Send the call, once; the answer's status and body. Raises `ProviderError`, and nothing that quotes."""
        exchange = _Exchange(receiving)
        token = _CURRENT.set(exchange)
        try:
            failure = await self._exchange(call, exchange)
        finally:
            _CURRENT.reset(token)
        if failure is not None:  # raised out here, so that no vendor text hangs on it as its context
            raise failure
        # Copies of this context live in tasks that outlive the call, and would hold megabytes of the answer.
        body, exchange.body = exchange.body, b""
        return exchange.status, body

    async def _exchange(self, call: ProviderCall, exchange: _Exchange) -> ProviderError | None:
        try:
            async with asyncio.timeout(self._deadline):
                await self._client.aio.models.generate_content(
                    model=call.model.wire_id, contents=_contents(call), config=_config(call)
                )
        except _UNSENT:
            message = "Gemini could not be reached. Nothing was sent and nothing billed; check the connection."
            return ProviderError(ErrorKind.CONNECTION_FAILED, message)
        except TimeoutError:
            return unknown(f"Gemini did not answer within {self._deadline:g} s.")
        except AnswerTooLongError:
            return unknown("Gemini's answer was far too long to be a picture.")
        except Exception as error:  # noqa: BLE001 - whatever broke once the request is under way, it may be billed
            if exchange.departed:
                return unknown("The connection to Gemini broke before the picture was here.")
            message = f"The request to Gemini could not be made ({type(error).__name__}). Nothing was billed."
            return ProviderError(ErrorKind.INTERNAL, message)
        return None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transfer.aclose()
        self._client.close()


def _contents(call: ProviderCall) -> types.Content:
    pictures = [
        types.Part.from_bytes(data=reference.data, mime_type=reference.media_type) for reference in call.references
    ]
    return types.Content(role="user", parts=[*pictures, types.Part.from_text(text=call.prompt)])


def _config(call: ProviderCall) -> types.GenerateContentConfig:
    return types.GenerateContentConfig(
        seed=call.seed,
        response_modalities=["IMAGE"],
        image_config=types.ImageConfig(aspect_ratio=call.aspect_ratio, image_size=call.image_size),
        automatic_continuation=False,  # each continuation is billed as another call
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        should_return_http_response=True,
    )
