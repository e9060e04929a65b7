"""Files for browsers, and the API's page."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from imagegen.web.static import _KEPT, ASSETS, MOST_KEPT, servable
from tests.web.conftest import Studio

DOCS = ASSETS / "docs"


@pytest.mark.parametrize("name", ["open.js", "swagger-ui.css", "swagger-ui-bundle.js"])
async def test_a_file_and_its_caching(studio: Studio, name: str) -> None:
    path = f"/assets/docs/{name}"
    plain, versioned = await studio.client.get(path), await studio.client.get(f"/assets/docs/0123456789ab/{name}")
    assert versioned.content == plain.content
    assert plain.content == (DOCS / name).read_bytes()
    assert plain.headers["content-type"].startswith("text/")
    assert plain.headers["cache-control"] == "no-cache"
    assert versioned.headers["cache-control"] == "public, max-age=31536000, immutable"
    again = await studio.client.get(path, headers={"If-None-Match": plain.headers["etag"]})
    assert again.status_code == 304


async def test_a_style_sheet_comes_with_those_it_imports(studio: Studio) -> None:
    plain = (await studio.client.get("/assets/page/main.css")).text
    whole = (await studio.client.get("/assets/page/0123456789ab/main.css")).text
    for name in (imported := re.findall(r'^@import "(.+)";$', plain, re.MULTILINE)):
        assert (ASSETS / "page" / name).read_text("utf-8") in whole
    assert imported
    assert "@import" not in whole


async def test_many_versions_are_not_kept_for_ever(studio: Studio) -> None:
    for version in range(MOST_KEPT + 10):
        answer = await studio.client.get(f"/assets/docs/{version:012x}/open.js")
        assert answer.content == (DOCS / "open.js").read_bytes()
        assert len(_KEPT) <= MOST_KEPT


@pytest.mark.parametrize(
    "path",
    [
        *("docs/LICENSE", "docs/none.js", "docs/", "docs/%00.js", "docs//etc/passwd.js"),
        *(
            "docs/..%2f..%2fapp.js",
            "docs/%2e%2e%2fpage%2fmain.js",
            "docs/0123456789ab/../LICENSE",
            "page/..\\..\\app.js",
        ),
    ],
)
async def test_nothing_else_is_served(studio: Studio, path: str) -> None:
    assert (await studio.client.get(f"/assets/{path}")).status_code == 404


def test_a_name_cannot_lead_out_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "inside.js").touch()
    (tmp_path / "outside.js").touch()
    (tmp_path / "page" / "link.js").symlink_to(tmp_path / "outside.js")
    assert servable("page", "inside.js", tmp_path) is not None
    for name in ("../outside.js", "link.js", str(tmp_path / "outside.js"), "x/../../outside.js", ""):
        assert servable("page", name, tmp_path) is None
    assert servable("..", "outside.js", tmp_path) is None


async def test_the_api_page_loads_nothing_from_elsewhere(studio: Studio) -> None:
    page = await studio.client.get("/docs")
    assert page.status_code == 200
    assert "unsafe-inline" not in page.headers["content-security-policy"].split("style-src")[0]
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert addresses
    for address in addresses:
        assert address.startswith(("/assets/docs/", "data:"))
        if address.startswith("/"):
            assert (await studio.client.get(address)).status_code == 200
    assert "validatorUrl: null" in (DOCS / "open.js").read_text()


def test_the_renderer_is_as_its_makers_shipped_it() -> None:
    for line in (DOCS / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((DOCS / name).read_bytes()).hexdigest() == digest
