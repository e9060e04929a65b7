"""Connections to public addresses only, for servers that people name.

A name is looked up once. Every address that it has is checked, and the connection is made to one of these very
addresses: a name that changes its address between check and connection gains nothing by it.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpcore2

Address = IPv4Address | IPv6Address
LookUp = Callable[[str], Awaitable[Sequence[Address]]]

ADDRESSES_TRIED = 4
CONNECT_SECONDS = 3.0
"""For one address, so that a broken route leaves time for the next."""

_IPV4_NOT_PUBLIC = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's own services, as its virtual machines see them
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_IPV6_UNICAST = IPv6Network("2000::/3")
_IPV6_NOT_PUBLIC = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # Teredo and other protocols' own
        "2001:db8::/32",
        "2002::/16",  # 6to4, which holds an IPv4 address
        "3fff::/20",
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_lookups = ThreadPoolExecutor(4, "look-up")
"""Threads of their own: a name server that never answers must not hold those that decode pictures."""


def is_public(address: Address) -> bool:
    """Whether the whole internet sees the same computer at that address.

    After IANA's registries of special-purpose addresses and its list of global IPv6 unicast (November 2026), and
    stricter: an IPv6 address that carries an IPv4 address is public only as NAT64, where that one is public, for
    this is how networks without IPv4 reach most servers. `ipaddress.is_global` changes with the Python version.
    """
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _IPV4_NOT_PUBLIC)
    if address.scope_id is not None:
        return False
    if address in _NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    return address in _IPV6_UNICAST and not any(address in network for network in _IPV6_NOT_PUBLIC)


async def look_up(host: str) -> list[Address]:
    """The addresses of a name, in the order in which to try them. Raises `OSError` or `UnicodeError`.

    Numbers in any spelling that the system knows (`0x7f.1`, `2130706433`) are answered without a name server.
    """
    ask = partial(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_lookups, ask)
    return [ip_address(entry[4][0]) for entry in found]


class NotPublic(Exception):  # noqa: N818 - says what the address is, not that something went wrong
    """At least one address of the name is not allowed; nothing was connected."""


class PublicNetwork(httpcore2.AsyncNetworkBackend):
    """What httpcore2 opens its connections with. `look_up` and `is_allowed` are arguments for tests."""

    def __init__(self, look_up: LookUp = look_up, is_allowed: Callable[[Address], bool] = is_public) -> None:
        self._look_up = look_up
        self._is_allowed = is_allowed
        self._tcp = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface's
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """A connection to one of the host's addresses; `timeout` in seconds, for each of them.

        Raises `NotPublic`, or `httpcore2.ConnectError` and `ConnectTimeout`.
        """
        try:
            addresses = await self._look_up(host)
        except (OSError, UnicodeError):
            addresses = []
        if not all(self._is_allowed(address) for address in addresses):
            raise NotPublic
        failure: Exception = httpcore2.ConnectError("the name has no address")
        for address in addresses[:ADDRESSES_TRIED]:
            try:
                stream = await self._tcp.connect_tcp(
                    str(address), port, timeout or CONNECT_SECONDS, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return _ClosedWhenCancelled(stream)
        raise failure


class _ClosedWhenCancelled(httpcore2.AsyncNetworkStream):
    """A fresh connection. httpcore2 would leave it open if it were cancelled during the TLS handshake."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream) -> None:
        self._stream = stream

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface's
    ) -> httpcore2.AsyncNetworkStream:
        try:
            return await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except asyncio.CancelledError:
            await self._stream.aclose()
            raise

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)
