"""Uploading references."""

from __future__ import annotations

import io
import struct
import zlib

import httpx2
import pytest
from PIL import Image

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
    assert (await studio.client.post("/api/references", json={})).status_code == 415
    broken = {"Content-Type": "multipart/form-data"}
    assert (await studio.client.post("/api/references", content=b"x", headers=broken)).status_code == 422
