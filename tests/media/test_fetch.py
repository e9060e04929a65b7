"""Fetching pictures from servers that people name: real TLS over loopback."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator

import pytest

from imagegen.media.fetch import FETCHES_AT_ONCE, WAITING_PER_SLOT, Fetcher, FetchRefused
from imagegen.media.public_network import Address, PublicNetwork
from tests.media.tls_server import NAME, Names, Site, certified, fetcher_for, http, running_site

MEGABYTE = 1024 * 1024


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with running_site() as running:
        yield running


async def refused(fetcher: Fetcher, url: str) -> str:
    """Why there is nothing from that address."""
    with pytest.raises(FetchRefused) as caught:
        await fetcher.fetch(url)
    return caught.value.kind


async def test_a_file_is_fetched_and_nothing_is_told_about_us(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    site.answers["/fox.png?size=2&x=%C3%BC"] = http(200, "Content-Length: 3", body=b"fox")
    assert await fetcher_for(site).fetch(site.url("/fox.png?size=2&x=ü#tail")) == b"fox"
    (head,) = site.heads
    assert sorted(head.splitlines()[1:-1]) == [
        "Accept-Encoding: identity",
        "Accept: image/png, image/jpeg, image/webp",
        f"Host: {NAME}:{site.port}",
        "User-Agent: imagegen/test",
    ]


async def test_redirects_are_followed_without_what_the_first_server_gave(site: Site) -> None:
    cookie = "Set-Cookie: a=b"
    site.answers |= {
        "/1": http(301, f"Location: {site.url('/2')}", cookie),
        "/2": http(302, "Location: ../3", cookie),
        "/3": http(303, f"Location: //{NAME}.:{site.port}/4"),
        "/4": http(307, "Location: /5"),
        "/5": http(308, "Location: /fox%20fur"),
        "/fox%20fur": http(200, body=b"fox"),
    }
    assert await fetcher_for(site).fetch(site.url("/1")) == b"fox"
    assert not any("cookie" in head.lower() or "referer" in head.lower() for head in site.heads)


async def test_a_redirect_loop_ends(site: Site) -> None:
    site.answers["/"] = http(302, "Location: /")
    assert await refused(fetcher_for(site), site.url()) == "redirect"
    assert len(site.heads) == 6


@pytest.mark.parametrize(
    "location",
    [
        "http://pictures.test/",
        "https://user:word@pictures.test/",
        "https://pictures.test:22/",
        "https://pictures.test:0/",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "https://",
        "https://300.1.1.1/",
        "/" + "x" * 2048,
    ],
)
async def test_a_redirect_to_what_is_no_address_for_us(site: Site, location: str) -> None:
    site.answers["/"] = http(302, f"Location: {location}")
    assert await refused(fetcher_for(site), site.url()) == "redirect"


@pytest.mark.parametrize("inner", ["127.0.0.2", "169.254.169.254", "10.0.0.1", "::1", "fd00:ec2::254"])
async def test_a_redirect_to_an_inner_address(site: Site, inner: str) -> None:
    names = Names({NAME: [["127.0.0.1"]], "inner.test": [[inner]]})
    site.answers["/"] = http(302, f"Location: {site.url(host='inner.test')}")
    assert await refused(fetcher_for(site, names), site.url()) == "not_public"
    assert names.asked == [NAME, "inner.test"]


async def test_a_name_that_changes_its_address_between_two_redirects(site: Site) -> None:
    names = Names({NAME: [["127.0.0.1"], ["127.0.0.2"]]})
    site.answers["/"] = http(302, "Location: /")
    assert await refused(fetcher_for(site, names), site.url()) == "not_public"
    assert len(site.heads) == 1


@pytest.mark.parametrize(
    "address",
    [
        "",
        "fox.png",
        "http://pictures.test/",
        "ftp://pictures.test/",
        "//pictures.test/",
        "https:",
        "https://",
        "https:///fox.png",
        "https://./",
        "https://user@pictures.test/",
        "https://user:word@pictures.test/",
        "https://pictures.test:80/",
        "https://pictures.test:0/",
        "https://pictures.test:99999/",
        "https://pictures.test:x/",
        "https://pictures.test\n/",
        "https://\ud800/",
        "https://pictures.test/\ud800",
        "https://pictures.test/" + "x" * 2048,
        " https://pictures.test/",
    ],
)
async def test_what_is_no_address_for_us_is_not_even_looked_up(address: str) -> None:
    names = Names()
    assert await refused(Fetcher("imagegen/test", network=PublicNetwork(names.look_up)), address) == "address"
    assert names.asked == []


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("https://PICTURES.test./", "pictures.test"),
        ("https://pictures.test:443/", "pictures.test"),
        ("HTTPS://bücher.test/", "xn--bcher-kva.test"),
        ("https://127。0。0。1/", "127.0.0.1"),
        ("https://127.0.0.1./", "127.0.0.1"),
        ("https://[::ffff:7f00:1]/", "::ffff:7f00:1"),
        ("https://2130706433/", "2130706433"),
    ],
)
async def test_how_a_host_is_looked_up(address: str, asked: str) -> None:
    names = Names({asked: [["127.0.0.1"]]})
    assert await refused(Fetcher("imagegen/test", network=PublicNetwork(names.look_up)), address) == "not_public"
    assert names.asked == [asked]


@pytest.mark.parametrize("status", [201, 204, 206, 304, 401, 403, 404, 500])
async def test_an_answer_other_than_200_is_not_repeated(site: Site, status: int) -> None:
    site.answers["/"] = http(status, "Server: INNER", body=b"INNER")
    with pytest.raises(FetchRefused) as caught:
        await fetcher_for(site).fetch(site.url())
    assert caught.value.kind == "answer"
    assert "INNER" not in str(caught.value)


async def test_a_redirect_to_nowhere(site: Site) -> None:
    site.answers["/"] = http(302)
    assert await refused(fetcher_for(site), site.url()) == "answer"


@pytest.mark.parametrize("encoding", ["gzip", "br", "gzip, identity"])
async def test_a_compressed_answer_is_not_unpacked(site: Site, encoding: str) -> None:
    site.answers["/"] = http(200, f"Content-Encoding: {encoding}", body=b"\x1f\x8b")
    assert await refused(fetcher_for(site), site.url()) == "answer"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        http(200, "Content-Length: 10", body=b"fox"),
        http(200, "Content-Length: -1"),
        http(200, "Content-Length: " + "9" * 5000),
        http(200, "Transfer-Encoding: chunked", body=b"zz\r\n"),
        http(200, "X: " + "x" * 300_000),
        http(101, "Upgrade: websocket"),
    ],
    ids=["nothing", "not HTTP", "cut off", "negative", "huge number", "bad chunk", "endless header", "101"],
)
async def test_a_broken_answer(site: Site, answer: bytes) -> None:
    site.answers["/"] = answer
    assert await refused(fetcher_for(site), site.url()) == "unreachable"


async def test_nobody_is_there(site: Site) -> None:
    assert await refused(fetcher_for(site, Names({})), site.url()) == "unreachable"
    async with running_site() as other:
        gone = other.url()
        fetcher = fetcher_for(other)
    assert await refused(fetcher, gone) == "unreachable"


async def test_a_connection_whose_encryption_breaks(site: Site) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(http(200, "Content-Length: 100", body=b"fox"))
        await writer.drain()
        os.write(writer.get_extra_info("socket").fileno(), b"not TLS at all")
        writer.transport.abort()

    site.answers["/"] = answer
    assert await refused(fetcher_for(site), site.url()) == "unreachable"


async def test_a_name_that_tls_cannot_ask_for(site: Site) -> None:
    names = Names({f".{NAME}": [["127.0.0.1"]]})
    assert await refused(fetcher_for(site, names), site.url(host=f".{NAME}")) == "unreachable"


async def test_21_megabytes_announced(site: Site) -> None:
    site.answers["/"] = http(200, f"Content-Length: {21 * MEGABYTE}")
    assert await refused(fetcher_for(site), site.url()) == "too_large"


@pytest.mark.parametrize("chunked", [False, True])
async def test_21_megabytes_unannounced(site: Site, chunked: bool) -> None:
    if chunked:
        block = b"%x\r\n" % MEGABYTE + b"\0" * MEGABYTE + b"\r\n"
        site.answers["/"] = http(200, "Transfer-Encoding: chunked", body=block * 21)
    else:
        site.answers["/"] = http(200, body=b"\0" * (21 * MEGABYTE))
    assert await refused(fetcher_for(site), site.url()) == "too_large"


async def test_20_megabytes(site: Site) -> None:
    site.answers["/"] = http(200, f"Content-Length: {20 * MEGABYTE}", body=b"\0" * (20 * MEGABYTE))
    assert len(await fetcher_for(site).fetch(site.url())) == 20 * MEGABYTE


async def until_hung_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends the beginning and then nothing more."""
    writer.write(http(200, body=b"f"))
    await reader.read()


async def test_the_deadline_is_for_everything_together(site: Site) -> None:
    site.answers["/"] = until_hung_up
    assert await refused(fetcher_for(site, seconds=0.3), site.url()) == "slow"


async def test_the_deadline_is_for_the_look_up_as_well(site: Site) -> None:
    class Silent(Names):
        async def look_up(self, host: str) -> list[Address]:
            await asyncio.Event().wait()
            return []

    assert await refused(fetcher_for(site, Silent(), seconds=0.05), site.url()) == "slow"


async def test_a_certificate_for_another_name() -> None:
    async with running_site(certified("another.test")) as site:
        assert await refused(fetcher_for(site), site.url()) == "insecure"
        assert site.heads == []


async def test_a_certificate_that_nobody_vouches_for(site: Site) -> None:
    network = PublicNetwork(Names().look_up, lambda address: address.is_loopback)
    fetcher = Fetcher("imagegen/test", network=network, port=site.port)
    assert await refused(fetcher, site.url()) == "insecure"
    assert site.heads == []


async def test_the_certificate_is_for_the_name_and_not_for_the_address(site: Site) -> None:
    names = Names({"127.0.0.1": [["127.0.0.1"]]})
    assert await refused(fetcher_for(site, names), site.url(host="127.0.0.1")) == "insecure"


async def test_four_at_once_eight_wait_and_the_rest_is_turned_away(site: Site) -> None:
    full, gate, here, most = asyncio.Event(), asyncio.Event(), 0, 0

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal here, most
        here += 1
        most = max(most, here)
        if here == FETCHES_AT_ONCE:
            full.set()
        await gate.wait()
        here -= 1
        writer.write(http(200, body=b"fox"))

    site.answers["/"] = answer
    fetcher = fetcher_for(site)
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        accepted = [
            group.create_task(fetcher.fetch(site.url())) for _ in range(FETCHES_AT_ONCE * (1 + WAITING_PER_SLOT))
        ]
        await full.wait()
        assert await refused(fetcher, site.url()) == "busy"
        gate.set()
    assert [task.result() for task in accepted] == [b"fox"] * len(accepted)
    assert most == FETCHES_AT_ONCE
    assert await fetcher.fetch(site.url()) == b"fox"


async def test_no_address_is_logged(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    site.answers |= {"/": http(302, "Location: /?signature=SECRET"), "/?signature=SECRET": http(404)}
    assert await refused(fetcher_for(site), site.url()) == "answer"
    assert await refused(fetcher_for(site), "http://pictures.test/SECRET") == "address"
    assert "a picture was not fetched: answer" in caplog.text
    assert "SECRET" not in caplog.text
    assert NAME not in caplog.text
