"""Styles: the list that the page chooses from, and pictures that a browser keeps for ever."""

from __future__ import annotations

import re

import pytest

from imagegen.prompts.styles import Style
from tests.web.conftest import Studio

PICTURE = b"RIFF\x0c\x00\x00\x00WEBPabcd"
STYLES = {
    "van-gogh": Style("van-gogh", "Van Gogh", "swirls", name_ko="반 고흐", order=1, preview=PICTURE),
    "own": Style("own", "Own", "of the house's owner"),
}


@pytest.fixture(autouse=True)
def two_styles(studio: Studio) -> None:
    studio.engine.styles = STYLES


async def test_the_list_has_names_and_previews_in_order(studio: Studio) -> None:
    answer = await studio.client.get("/api/styles")
    first, second = answer.json()["styles"]
    assert first == {
        "id": "van-gogh",
        "name": "Van Gogh",
        "name_ko": "반 고흐",
        "preview_url": f"/api/styles/van-gogh/preview?v={STYLES['van-gogh'].preview_fingerprint}",
    }
    assert second == {"id": "own", "name": "Own", "name_ko": None, "preview_url": None}


async def test_a_preview_is_kept_for_ever_under_its_address(studio: Studio) -> None:
    address = (await studio.client.get("/api/styles")).json()["styles"][0]["preview_url"]
    answer = await studio.client.get(address)
    assert (answer.status_code, answer.content) == (200, PICTURE)
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    again = await studio.client.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("query", ["", "?v=0000000000000000"])
async def test_under_another_address_it_is_asked_about(studio: Studio, query: str) -> None:
    answer = await studio.client.get(f"/api/styles/van-gogh/preview{query}")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, no-cache")


async def test_head_works_too(studio: Studio) -> None:
    answer = await studio.client.head("/api/styles/van-gogh/preview")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")


@pytest.mark.parametrize("style", ["own", "unheard-of"])
async def test_no_preview_is_a_problem(studio: Studio, style: str) -> None:
    answer = await studio.client.get(f"/api/styles/{style}/preview")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "There is no such preview."


async def test_a_misspelt_parameter_is_refused(studio: Studio) -> None:
    assert (await studio.client.get("/api/styles?order=name")).status_code == 422
    assert (await studio.client.get("/api/styles/van-gogh/preview?version=1")).status_code == 422


def test_a_changed_picture_has_another_address() -> None:
    other = Style("van-gogh", "Van Gogh", "swirls", preview=PICTURE + b"e").preview_fingerprint
    assert re.fullmatch(r"[0-9a-f]{16}", other or "")
    assert other != STYLES["van-gogh"].preview_fingerprint
