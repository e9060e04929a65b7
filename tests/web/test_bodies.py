"""What a body may be, and how long."""

from __future__ import annotations

import pytest

from imagegen.web import bodies
from tests.web.conftest import Studio, connection, over_loopback

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"prompt": "x"',
        b"\xff\xfe",
        b'{"prompt": NaN}',
        b"[" * 100_000,
        b'{"seed": ' + b"9" * 5000 + b"}",
        b'{"prompt": "x", "prompt": "y"}',
        b'{"\\ud800": 1}',
    ],
    ids=["nothing", "brace", "cut off", "not UTF-8", "NaN", "deep", "huge number", "twice", "half a character"],
)
async def test_what_is_no_json(studio: Studio, body: bytes) -> None:
    answer = await studio.client.post("/api/generate", content=body, headers=JSON)
    assert answer.status_code == 422
    assert answer.json()["detail"] == "the body is not JSON"


@pytest.mark.parametrize(
    "body", ["[]", '"x"', "1", "null", '{"seed": 1e999, "prompt": "x"}', '{"prompt": "\\ud800"}']
)
async def test_json_that_is_no_request(studio: Studio, body: str) -> None:
    answer = await studio.client.post("/api/generate", content=body, headers=JSON)
    assert answer.status_code == 422
    assert answer.json()["errors"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "text/json", ""])
async def test_a_wrong_type(studio: Studio, content_type: str) -> None:
    headers = {"Content-Type": content_type}
    answer = await studio.client.post("/api/generate", content=b'{"prompt": "x"}', headers=headers)
    assert (answer.status_code, answer.headers["accept-post"]) == (415, "application/json")


async def test_a_charset_does_no_harm(studio: Studio) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    answer = await studio.client.post("/api/quote", content=b'{"prompt": "x"}', headers=headers)
    assert answer.status_code == 200


async def test_a_body_that_announces_too_much(studio: Studio) -> None:
    answer = await studio.client.post("/api/generate", content=b" " * (bodies.JSON_LIMIT + 1), headers=JSON)
    assert answer.status_code == 413
    assert int(answer.headers["retry-after"]) > 0


async def test_of_a_body_without_end_the_line_is_cut(studio: Studio) -> None:
    async with over_loopback(studio) as url, connection(url) as (reader, writer):
        writer.write(b"POST /api/generate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")
        writer.write(b"Transfer-Encoding: chunked\r\n\r\n")
        writer.write(b"%x\r\n" % (bodies.JSON_LIMIT + 1) + b" " * (bodies.JSON_LIMIT + 1))
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer.lower()


async def test_a_body_that_does_not_arrive(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "JSON_SECONDS", 0.05)
    async with over_loopback(studio) as url, connection(url) as (reader, writer):
        writer.write(b"POST /api/generate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")
        writer.write(b"Content-Length: 100\r\n\r\n{")
        head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")


async def test_an_unknown_field_of_a_small_body_is_named(studio: Studio) -> None:
    answer = await studio.client.post("/api/albums", json={"name": "x", "colour": "red"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "colour"
