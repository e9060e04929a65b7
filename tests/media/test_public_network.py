"""Which addresses are public, and that nothing else is ever connected."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import IPv4Address, IPv6Address, ip_address

import httpcore2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagegen.media.public_network import Address, NotPublic, PublicNetwork, is_public, look_up
from tests.media.tls_server import LOOPBACK, Names

INNER = [
    "127.0.0.1",
    "10.1.2.3",
    "172.31.255.255",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "192.0.0.192",
]
"""IPv4 addresses behind which an inner server, or a cloud's own, may listen."""


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "172.32.0.1", "2606:4700::1111", "2a00:1450:4001::1", "64:ff9b::8.8.8.8"]
)
def test_a_public_address(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *INNER,
        "168.63.129.16",
        "192.88.99.1",
        "198.51.100.7",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%lo",
        "2606:4700::1111%lo",
        "fc00::1",
        "fd00:ec2::254",
        "fec0::1",
        "ff0e::1",
        "2001:db8::1",
        "3fff::1",
        "2001::1",
        "64:ff9b:1::808:808",
        "5f00::1",
        "100::1",
    ],
)
def test_an_address_that_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@given(st.ip_addresses())
def test_what_is_public_is_global_to_python_as_well(address: Address) -> None:
    assert address.is_global or not is_public(address)


inner = st.sampled_from(INNER).map(IPv4Address)


@given(inner, st.sampled_from(["::ffff:0:0", "::", "64:ff9b::", "64:ff9b:1::", "2002::", "2001::"]))
def test_an_inner_address_within_an_ipv6_address_is_not_public(address: IPv4Address, prefix: str) -> None:
    shift = 80 if prefix == "2002::" else 0
    assert not is_public(IPv6Address(int(IPv6Address(prefix)) | int(address) << shift))


def number(value: int) -> st.SearchStrategy[str]:
    return st.sampled_from([f"{value}", f"{value:#x}", f"{value:#X}", f"0{value:o}"])


@st.composite
def spellings(draw: st.DrawFn) -> str:
    """An inner address in one of the ways that the system's resolver reads: 1–4 numbers, in three bases."""
    value = int(draw(inner))
    leading = draw(st.integers(0, 3))
    parts = [value >> (24 - 8 * place) & 0xFF for place in range(leading)]
    rest = value & (1 << (32 - 8 * leading)) - 1
    return ".".join(draw(number(part)) for part in [*parts, rest])


async def refusing_names(host: str) -> list[Address]:
    """Like `look_up`, without asking a name server when it is no number after all."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    return [ip_address(entry[4][0]) for entry in found]


@given(spellings())
async def test_an_inner_address_is_refused_however_it_is_spelt(host: str) -> None:
    with pytest.raises(NotPublic):
        await PublicNetwork(refusing_names).connect_tcp(host, 443)


async def test_localhost_is_not_public() -> None:
    for address in await look_up("localhost"):
        assert not is_public(address)
    with pytest.raises(NotPublic):
        await PublicNetwork().connect_tcp("localhost", 443)


@pytest.mark.parametrize("host", ["", "a" * 64 + ".test", "a\0b", ".."])
async def test_a_name_that_is_none(host: str) -> None:
    async def refused(host: str) -> list[Address]:
        host.encode("idna")
        raise OSError

    with pytest.raises(httpcore2.ConnectError):
        await PublicNetwork(refused).connect_tcp(host, 443)


@asynccontextmanager
async def listening(host: str = "127.0.0.1") -> AsyncIterator[tuple[int, list[str]]]:
    """A bare server: its port, and the addresses that it was reached at."""
    reached: list[str] = []

    def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.append(writer.get_extra_info("sockname")[0])
        writer.close()

    async with await asyncio.start_server(connected, host, 0) as server:
        yield server.sockets[0].getsockname()[1], reached


async def test_one_inner_address_among_public_ones_is_enough_to_refuse() -> None:
    names = Names({"half.test": [["127.0.0.1", "127.0.0.2"]]})
    network = PublicNetwork(names.look_up, lambda address: address == LOOPBACK)
    async with listening() as (port, reached):
        with pytest.raises(NotPublic):
            await network.connect_tcp("half.test", port)
    assert reached == []


async def test_a_name_is_looked_up_once_and_connected_where_it_was_checked() -> None:
    names = Names({"rebinding.test": [["127.0.0.1"], ["127.0.0.2"]]})
    network = PublicNetwork(names.look_up, lambda address: address == LOOPBACK)
    async with listening("0.0.0.0") as (port, reached):
        stream = await network.connect_tcp("rebinding.test", port)
        assert await stream.read(1) == b""
        await stream.aclose()
    assert names.asked == ["rebinding.test"]
    assert reached == ["127.0.0.1"]


async def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    names = Names({"two.test": [["127.0.0.2", "127.0.0.1"]]})
    network = PublicNetwork(names.look_up, lambda address: address.is_loopback)
    async with listening() as (port, reached):
        await (await network.connect_tcp("two.test", port)).aclose()
    assert reached == ["127.0.0.1"]


async def test_the_connection_is_closed_when_the_handshake_is_cancelled() -> None:
    ended = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        ended.set()
        writer.close()

    network = PublicNetwork(Names().look_up, lambda address: address == LOOPBACK)
    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        stream = await network.connect_tcp("pictures.test", server.sockets[0].getsockname()[1])
        handshake = asyncio.create_task(stream.start_tls(httpcore2.default_ssl_context(), "pictures.test"))
        await asyncio.sleep(0)
        handshake.cancel()
        with pytest.raises(asyncio.CancelledError):
            await handshake
        async with asyncio.timeout(10):
            await ended.wait()
