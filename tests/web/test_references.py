"""Giving references: uploaded, or by the address of a picture."""

from __future__ import annotations

import io
import logging
import struct
import zlib
from collections.abc import AsyncIterator

import httpx2
import pytest
from PIL import Image

from imagegen.media.fetch import FETCHES_AT_ONCE, WAITING_PER_SLOT
from imagegen.web import references
from tests.media.tls_server import Site, fetcher_for, http, running_site
from tests.web.conftest import Studio, over_loopback


def png(width: int = 40, height: int = 30, colour: str = "teal") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, "PNG")
    return file.getvalue()


def huge_png() -> bytes:
    """A header that claims 20,000 × 20,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


async def upload(studio: Studio, data: bytes, name: str = "fox.png", field: str = "file") -> httpx2.Response:
    return await studio.client.post("/api/references", files={field: (name, data)})


async def test_an_upload_can_be_used(studio: Studio) -> None:
    answer = await upload(studio, png())
    assert answer.status_code == 201
    reference = answer.json()
    assert (reference["width"], reference["height"]) == (40, 30)
    await studio.submit(reference_images=[reference["id"], {"id": reference["id"], "label": "fur"}])


async def test_the_same_picture_twice_is_one_reference(studio: Studio) -> None:
    first, second = await upload(studio, png()), await upload(studio, png(), name="copy.png")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", 415),
        (b"<!doctype html><title>fox</title>", 415),
        (b"GIF89a" + b"\0" * 40, 415),
        (b"", 422),
        (png()[:60], 422),
        (huge_png(), 422),
    ],
    ids=["SVG", "HTML", "GIF", "empty", "cut off", "too many pixels"],
)
async def test_what_is_no_reference(studio: Studio, data: bytes, status: int) -> None:
    answer = await upload(studio, data)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["field"] == "file"


async def test_21_megabytes(studio: Studio) -> None:
    async with over_loopback(studio) as url, httpx2.AsyncClient(trust_env=False) as client:
        answer = await client.post(
            f"{url}/api/references", files={"file": ("big.png", b"\0" * (21 * 1024 * 1024))}
        )
    assert answer.status_code == 413
    assert "retry-after" in answer.headers


async def test_a_form_of_another_kind(studio: Studio) -> None:
    assert (await upload(studio, png(), field="picture")).json()["errors"][0]["field"] == "picture"
    two = [("file", ("a.png", png())), ("file", ("b.png", png()))]
    assert (await studio.client.post("/api/references", files=two)).status_code == 422
    text = await studio.client.post("/api/references", files={"file": (None, "fox")})
    assert text.status_code == 422
    broken = {"Content-Type": "multipart/form-data"}
    assert (await studio.client.post("/api/references", content=b"x", headers=broken)).status_code == 422


@pytest.fixture
async def site(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    """A server that pictures can be fetched from, and the only one."""
    async with running_site() as running:
        monkeypatch.setattr(references, "fetcher", fetcher_for(running))
        yield running


async def by_address(studio: Studio, url: object) -> httpx2.Response:
    return await studio.client.post("/api/references", json={"url": url})


async def test_the_picture_at_an_address_is_the_same_reference_as_the_file(studio: Studio, site: Site) -> None:
    site.answers["/fox.png?v=1"] = http(200, "Content-Type: text/plain", body=png())
    fetched, uploaded = await by_address(studio, site.url("/fox.png?v=1")), await upload(studio, png())
    assert (fetched.status_code, uploaded.status_code) == (201, 200)
    assert fetched.json() == uploaded.json()
    await studio.submit(reference_images=[fetched.json()["id"]])
    (head,) = site.heads
    assert "\r\nUser-Agent: imagegen/" in head


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415),
        (b"<!doctype html><title>fox</title>", 415),
        (b"", 422),
        (png()[:60], 422),
        (huge_png(), 422),
        (b"\0" * (21 * 1024 * 1024), 413),
    ],
    ids=["SVG", "HTML", "empty", "cut off", "too many pixels", "21 MB"],
)
async def test_what_is_no_reference_at_an_address(studio: Studio, site: Site, body: bytes, status: int) -> None:
    site.answers["/fox.png"] = http(200, "Content-Type: image/png", body=body)
    answer = await by_address(studio, site.url("/fox.png"))
    assert answer.status_code == status
    assert answer.json()["errors"][0]["field"] == "url"
    assert ("retry-after" in answer.headers) == (status == 413)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[64:ff9b::10.0.0.1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://017700000001/",
        "https://192.168.0.1./",
        "https://127。0。0。1/",
        "https://localhost/",
    ],
)
async def test_an_address_inside_is_refused_as_the_server_comes(studio: Studio, url: str) -> None:
    answer = await by_address(studio, url)
    assert answer.status_code == 422
    assert [error["message"] for error in answer.json()["errors"]] == ["url: the address is not public"]


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://pictures.test/fox.png?signature=SECRET", "a public https address"),
        ("https://user:SECRET@pictures.test/", "a public https address"),
        ("https://pictures.test:8443/SECRET", "a public https address"),
        ("https://pictures.test/" + "SECRET" * 400, "a public https address"),
        ("https://0177.0.0.1/SECRET", "a public https address"),
        ("SECRET", "a public https address"),
        (None, "string"),
        (["SECRET"], "string"),
    ],
)
async def test_what_is_no_address(studio: Studio, url: object, allowed: str) -> None:
    answer = await by_address(studio, url)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"] == "url"
    assert allowed in error["allowed"]
    assert "SECRET" not in answer.text


async def test_what_a_server_answers_is_not_told(
    studio: Studio, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    site.answers["/SECRET"] = http(404, "Server: INNER", body=b"INNER")
    answer = await by_address(studio, site.url("/SECRET"))
    assert answer.status_code == 422
    assert answer.json()["detail"] == "the server did not answer with an uncompressed file"
    assert not any(word in answer.text + caplog.text for word in ("SECRET", "INNER", "pictures.test"))


async def test_too_many_at_once(studio: Studio, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references.fetcher, "_wanted", FETCHES_AT_ONCE * (1 + WAITING_PER_SLOT))
    answer = await by_address(studio, site.url())
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")


async def test_a_body_of_another_kind(studio: Studio) -> None:
    address = "https://pictures.test/"
    bodies: list[object] = [{}, {"url": address, "file": "x"}, {"uri": address}, []]
    for body in bodies:
        assert (await studio.client.post("/api/references", json=body)).status_code == 422
    answer = await studio.client.post("/api/references", content=png(), headers={"Content-Type": "image/png"})
    assert answer.status_code == 415
    assert answer.headers["accept-post"] == "multipart/form-data, application/json"


async def test_both_bodies_are_documented(studio: Studio) -> None:
    document = (await studio.client.get("/openapi.json")).json()
    content = document["paths"]["/api/references"]["post"]["requestBody"]["content"]
    assert set(content) == {"multipart/form-data", "application/json"}
    assert content["application/json"]["schema"]["required"] == ["url"]
    assert content["application/json"]["schema"]["additionalProperties"] is False


async def test_an_upload_has_a_thumbnail(studio: Studio) -> None:
    reference = (await upload(studio, png(900, 600))).json()["id"]
    address = f"/api/references/{reference}/thumb"
    answer = await studio.client.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    with Image.open(io.BytesIO(answer.content)) as thumbnail:
        assert (thumbnail.format, thumbnail.size) == ("WEBP", (384, 256))
    again = await studio.client.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_no_thumbnail_of_what_is_no_upload_or_has_lost_its_file(studio: Studio) -> None:
    for unknown in ("nothing", await studio.picture()):
        assert (await studio.client.get(f"/api/references/{unknown}/thumb")).status_code == 404
    reference = (await upload(studio, png(colour="plum"))).json()["id"]
    file = await studio.engine.reference_file(reference, owner="local")
    assert file is not None
    studio.engine.store.reference_path(file.sha256, file.media_type).unlink()
    gone = await studio.client.get(f"/api/references/{reference}/thumb")
    assert (gone.status_code, gone.json()["status"]) == (404, 404)
    assert await studio.engine.reference_file(reference, owner="another") is None
