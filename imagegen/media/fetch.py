"""Pictures fetched from addresses that people give: public https servers only, within limits of time and size.

There is no client with habits of its own in between: no proxy from the environment, no cookies, no sign-in, no
decompression, and every redirect is checked like the first address.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import Literal

import httpcore2
from httpx2 import URL, InvalidURL

from imagegen.media.inspect import MEDIA_TYPES
from imagegen.media.public_network import NotPublic, PublicNetwork
from imagegen.media.references import UPLOAD_MAX_BYTES

log = logging.getLogger("imagegen.fetch")

URL_MAX_LENGTH = 2048
REDIRECTS_MAX = 5
FETCH_SECONDS = 10.0
"""In all: look-up, connection, redirects and the whole picture."""
FETCHES_AT_ONCE = 4
WAITING_PER_SLOT = 2
"""More than these are turned away; the last one waits for twice the time of a fetch at worst."""
HTTPS_PORT = 443
ACCEPTED = ", ".join(MEDIA_TYPES.values())
"""Said to servers that could send other kinds as well."""
ADDRESS_ALLOWED = (
    f"a public https address on port {HTTPS_PORT} without user name and password, "
    f"of at most {URL_MAX_LENGTH} characters"
)

_FAILURES = (
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.TimeoutException,
    OSError,  # TLS that breaks after the handshake
    ValueError,  # names that TLS cannot ask for
)
_REDIRECTS = {301, 302, 303, 307, 308}
_Kind = Literal[
    "address", "not_public", "unreachable", "insecure", "redirect", "answer", "slow", "too_large", "busy"
]
_WORDS: dict[_Kind, str] = {
    "address": f"must be {ADDRESS_ALLOWED}",
    "not_public": "the address is not public",
    "unreachable": "the server could not be reached, or broke off",
    "insecure": "the server's certificate is not valid for this address",
    "redirect": f"the server redirects more than {REDIRECTS_MAX} times, or not to https on port {HTTPS_PORT}",
    "answer": "the server did not answer with an uncompressed file",
    "slow": f"it was not there within {FETCH_SECONDS:g} seconds",
    "too_large": f"the file is too large; allowed: up to {UPLOAD_MAX_BYTES // 1024**2} MB",
    "busy": "too many pictures are being fetched; try again in a moment",
}


class FetchRefused(Exception):  # noqa: N818 - an answer to a person, not a fault
    """There is no picture from that address. The message is plain and repeats nothing that a server said."""

    def __init__(self, kind: _Kind) -> None:
        super().__init__(_WORDS[kind])
        self.kind = kind


class Fetcher:
    """Fetches files. What production leaves as it is are arguments so that tests can use servers of their own.

    `user_agent` is what servers see; `port` the only one allowed; `seconds` the time for one fetch and `max_bytes`
    the most that it may bring; `at_once` run at a time and twice as many wait. Without an `ssl_context` the
    system's certificates decide. One fetcher belongs to one event loop.
    """

    def __init__(
        self,
        user_agent: str,
        *,
        network: PublicNetwork | None = None,
        ssl_context: ssl.SSLContext | None = None,
        port: int = HTTPS_PORT,
        seconds: float = FETCH_SECONDS,
        max_bytes: int = UPLOAD_MAX_BYTES,
        at_once: int = FETCHES_AT_ONCE,
    ) -> None:
        self._user_agent = user_agent
        self._network = network or PublicNetwork()
        self._ssl_context = ssl_context
        self._port = port
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._slots = asyncio.Semaphore(at_once)
        self._most_wanted = (1 + WAITING_PER_SLOT) * at_once
        self._wanted = 0

    async def fetch(self, address: str) -> bytes:
        """The file at that address, of whatever kind. Raises `FetchRefused`."""
        try:
            url = self._checked(address, "address")
            if self._wanted == self._most_wanted:
                raise FetchRefused("busy")
            self._wanted += 1
            try:
                async with self._slots:
                    return await self._fetched(url)
            finally:
                self._wanted -= 1
        except FetchRefused as refused:
            log.info("a picture was not fetched: %s", refused.kind)
            raise

    async def _fetched(self, url: URL) -> bytes:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._followed(url)
        except TimeoutError:
            kind: _Kind = "slow"
        except NotPublic:
            kind = "not_public"
        except _FAILURES as error:
            kind = "insecure" if isinstance(error.__cause__, ssl.SSLError) else "unreachable"
        raise FetchRefused(kind)

    async def _followed(self, url: URL) -> bytes:
        if self._ssl_context is None:
            self._ssl_context = await asyncio.to_thread(httpcore2.default_ssl_context)  # reads files
        for _ in range(1 + REDIRECTS_MAX):
            answer = await self._get(url, self._ssl_context)
            if isinstance(answer, bytes):
                return answer
            url = answer
        raise FetchRefused("redirect")

    async def _get(self, url: URL, ssl_context: ssl.SSLContext) -> bytes | URL:
        """The file, or where it is to be found instead. Each call makes a connection of its own."""
        target = httpcore2.URL(scheme=b"https", host=url.raw_host, port=self._port, target=url.raw_path)
        headers: list[tuple[str | bytes, str | bytes]] = [
            ("Host", url.netloc),
            ("User-Agent", self._user_agent),
            ("Accept", ACCEPTED),
            ("Accept-Encoding", "identity"),
        ]
        connection = httpcore2.AsyncHTTPConnection(
            target.origin, ssl_context=ssl_context, network_backend=self._network
        )
        async with connection, connection.stream("GET", target, headers=headers) as response:
            received = {name.lower(): value for name, value in response.headers}
            if response.status in _REDIRECTS and b"location" in received:
                location = received[b"location"].decode("utf-8", "replace")
                return self._checked(location, "redirect", relative_to=url)
            if response.status != 200 or received.get(b"content-encoding", b"identity").lower() != b"identity":
                raise FetchRefused("answer")
            if int(received.get(b"content-length", 0)) > self._max_bytes:
                raise FetchRefused("too_large")
            data = bytearray()
            async for part in response.aiter_stream():
                data += part
                if len(data) > self._max_bytes:
                    raise FetchRefused("too_large")
            return bytes(data)

    def _checked(self, address: str, kind: _Kind, relative_to: URL | None = None) -> URL:
        """The address in parts, its host in ASCII and without the dot of the root. Raises `FetchRefused`."""
        try:
            url = URL(address[: URL_MAX_LENGTH + 1])
            url = relative_to.join(url) if relative_to else url
            url = url.copy_with(host=url.host.removesuffix("."))
        except (InvalidURL, ValueError):
            raise FetchRefused(kind) from None
        port = HTTPS_PORT if url.port is None else url.port
        allowed = (
            len(address) <= URL_MAX_LENGTH
            and url.scheme == "https"
            and url.raw_host
            and port == self._port
            and not url.userinfo
        )
        if not allowed:
            raise FetchRefused(kind)
        return url
