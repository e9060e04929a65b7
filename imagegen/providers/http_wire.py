"""Plain HTTP with one vendor: one POST that may be billed, and reads that cost nothing and may be repeated.

Imported when the first picture is asked for, with httpx2's client.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import httpx2

from imagegen.media.fetch import Fetcher, FetchRefused
from imagegen.providers.answer import decoded
from imagegen.providers.base import Billed, ErrorKind, ProviderError
from imagegen.providers.transfer import LOOK_UP_SECONDS, Answer, Receiving, Transfer

FETCHES = 3
"""Times that a picture's link is tried: the picture is made and paid for, and reading it again is free."""
FETCH_PAUSE = 0.5
FETCH_MAX_BYTES = 64 * 2**20
"""Far above a 4K PNG (25 MB)."""
FETCH_SECONDS = 60.0
FETCHED_AT_ONCE = 64
_NEVER = frozenset({"not_public", "address", "redirect"})


class HttpWire:
    """The vendor's HTTP client for the process.

    `title` is the vendor's name for people, `headers` go with every request but those for pictures elsewhere.
    Timeouts are in seconds: for connecting, and for a request as a whole.
    """

    def __init__(
        self, title: str, base_url: str, headers: Mapping[str, str], *, connect_timeout: float, read_timeout: float
    ) -> None:
        self._title = title
        self._base_url = base_url.rstrip("/")
        self._headers = headers
        self._transfer = Transfer(title, base_url, connect_timeout=connect_timeout, deadline=read_timeout)
        self._fetcher = Fetcher(
            "imagegen", max_bytes=FETCH_MAX_BYTES, seconds=FETCH_SECONDS, at_once=FETCHED_AT_ONCE
        )

    async def post(
        self,
        path: str,
        receiving: Receiving,
        *,
        headers: Mapping[str, str] | None = None,
        **body: Any,  # noqa: ANN401 - as httpx2's
    ) -> Answer:
        """Send what may be billed, once; `body` is httpx2's `json`, or `data` and `files`.

        Raises `ProviderError`, and nothing that quotes.
        """
        request = self._request("POST", path, headers, body)
        return await self._transfer.answer_to(lambda: self._transfer.send(request), receiving)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        seconds: float = LOOK_UP_SECONDS,
        **body: Any,  # noqa: ANN401 - as httpx2's
    ) -> Answer:
        """A request that costs nothing; `seconds` is the time for all of it.

        Raises `ProviderError` of kind `CONNECTION_FAILED` when no answer came.
        """
        return await self._transfer.read(self._request(method, path, None, body), seconds)

    async def fetch(self, link: str) -> bytes:
        """The file behind a link that the vendor gave for its picture: at the vendor's own address, or public.

        A data URI holds the file itself; where it cannot be read, no bytes are returned. Raises `ProviderError`:
        the picture is made and may have been billed.
        """
        if link.startswith("data:"):
            return await asyncio.to_thread(decoded, link)
        for attempt in range(FETCHES):
            if attempt:
                await asyncio.sleep(FETCH_PAUSE * attempt)
            try:
                return await self._fetched(link)
            except FetchRefused as refused:
                kind = refused.kind
            except ProviderError:
                kind = "unreachable"
            if kind in _NEVER:  # raised out here, so that no address hangs on it as its context
                message = (
                    f"{self._title}'s answer leads to a picture at an address that is not public, which is not "
                    "fetched. It may have been billed."
                )
                raise ProviderError(ErrorKind.NO_IMAGE, message, billed=Billed.PERHAPS)
        # A server that answers without the file will not have it later; one that cannot be reached may.
        gone = ErrorKind.LOST if kind == "answer" else ErrorKind.OUTCOME_UNKNOWN
        message = f"{self._title} made the picture, but it could not be fetched. It may have been billed."
        raise ProviderError(gone, message, billed=Billed.PERHAPS)

    async def _fetched(self, link: str) -> bytes:
        try:
            address = httpx2.URL(self._base_url).join(link)
        except httpx2.InvalidURL:
            raise FetchRefused("address") from None
        if _origin(address) != _origin(httpx2.URL(self._base_url)):
            return await self._fetcher.fetch(str(address))
        answer = await self._transfer.read(
            self._transfer.build_request("GET", address, headers=self._headers), FETCH_SECONDS
        )
        if answer.status != 200:
            raise FetchRefused("answer")
        return answer.body

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transfer.aclose()

    def _request(
        self, method: str, path: str, headers: Mapping[str, str] | None, body: Mapping[str, Any]
    ) -> httpx2.Request:
        address = path if "://" in path else self._base_url + path
        return self._transfer.build_request(method, address, headers={**self._headers, **(headers or {})}, **body)


def with_bearer(title: str, own_base_url: str) -> Callable[..., HttpWire]:
    """What builds the client of a vendor that takes its key as a bearer token."""

    def build(*, api_key: str, base_url: str | None, connect_timeout: float, read_timeout: float) -> HttpWire:
        headers = {"Authorization": f"Bearer {api_key}"}
        return HttpWire(
            title,
            base_url or own_base_url,
            headers,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
        )

    return build


def _origin(address: httpx2.URL) -> tuple[str, str, int | None]:
    return address.scheme, address.host, address.port
