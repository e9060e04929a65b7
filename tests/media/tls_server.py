"""A real https server on loopback, with a certificate of its own, that answers what a test tells it to."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from imagegen.media.fetch import Fetcher
from imagegen.media.public_network import Address, PublicNetwork

NAME = "pictures.test"
"""What the server's certificate is for."""
LOOPBACK = ip_address("127.0.0.1")

Answer = bytes | Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What is sent, or a coroutine that sends it."""


def http(status: int, *headers: str, body: bytes = b"") -> bytes:
    """An answer whose body ends with the connection."""
    return "\r\n".join([f"HTTP/1.1 {status} X", *headers, "", ""]).encode() + body


@dataclass
class Site:
    """A running server: its answers by path, and the heads of the requests that it got."""

    port: int
    answers: dict[str, Answer] = field(default_factory=dict)
    heads: list[str] = field(default_factory=list)

    def url(self, path: str = "/", host: str = NAME) -> str:
        return f"https://{host}:{self.port}{path}"


@dataclass
class Names:
    """A name server of a test's own. Notes what it was asked. A name with several lists changes address."""

    known: dict[str, list[Sequence[str]]] = field(default_factory=lambda: {NAME: [["127.0.0.1"]]})
    asked: list[str] = field(default_factory=list)

    async def look_up(self, host: str) -> list[Address]:
        self.asked.append(host)
        if host not in self.known:
            raise OSError("no such name")
        lists = self.known[host]
        return [ip_address(address) for address in lists[min(self.asked.count(host), len(lists)) - 1]]


def fetcher_for(site: Site, names: Names | None = None, seconds: float = 10.0) -> Fetcher:
    """A fetcher that may reach 127.0.0.1 at the site's port, and nothing else."""
    network = PublicNetwork((names or Names()).look_up, lambda address: address == LOOPBACK)
    return Fetcher("imagegen/test", network=network, ssl_context=trusting(), port=site.port, seconds=seconds)


@asynccontextmanager
async def running_site(context: ssl.SSLContext | None = None) -> AsyncIterator[Site]:
    """A server on a free port of 127.0.0.1."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            site.heads.append(head)
            answer = site.answers[head.split(" ")[1]]
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(reader, writer)
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context or certified(NAME))
    site = Site(server.sockets[0].getsockname()[1])
    async with server:
        yield site


@cache
def _authority() -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _named("The tests' own authority")
    builder = _certificate(name, name, key).add_extension(x509.BasicConstraints(True, 0), critical=True)
    return key, builder.sign(key, hashes.SHA256())


@cache
def certified(name: str) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate for that name."""
    authority_key, authority = _authority()
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.DNSName(name)])
    leaf = _certificate(_named(name), authority.subject, key).add_extension(names, critical=False)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "leaf.pem"
        file.write_bytes(
            leaf.sign(authority_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context.load_cert_chain(file)
    return context


@cache
def trusting() -> ssl.SSLContext:
    """A client's side of TLS, which believes the tests' authority and nobody else."""
    pem = _authority()[1].public_bytes(serialization.Encoding.PEM).decode()
    return ssl.create_default_context(cadata=pem)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - timedelta(days=1),
        not_valid_after=now + timedelta(days=1),
    )
