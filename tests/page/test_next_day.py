"""As a designer would: a picture with two references, cut out, downloaded, and found again on the next day."""

from __future__ import annotations

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, ViewportSize, expect

from tests.media.pictures import encoded
from tests.page.conftest import REMIX, OpenPage, until
from tests.page.studio import Studio

pytestmark = pytest.mark.browser

LAPTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
PROMPT = "Lighthouse at dawn"
MADE = "ig-tile[data-image-id] a:has(img)"
SOLID = 1
"""A seed whose sketch has something to cut out: in one of ten nothing is found, which is an honest failure."""


@pytest.fixture
def yesterday(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """Not yet started."""
    return Studio(tmp_path_factory.mktemp("next-day") / "data", script="tests/page/yesterday.py")


@pytest.mark.parametrize(("before", "after"), [(LAPTOP, PHONE), (PHONE, LAPTOP)])
def test_from_two_references_to_the_next_day(
    open_page: OpenPage, yesterday: Studio, before: ViewportSize, after: ViewportSize
) -> None:
    yesterday.start()
    try:
        page = open_page(yesterday)
        page.set_viewport_size(before)
        _make(page)
        _cut_out(page)
        with page.expect_download() as download:
            page.get_by_role("button", name="Download").first.click()
        assert download.value.suggested_filename.startswith("lighthouse-at-dawn-")
        page.close()
    finally:
        yesterday.stop()

    today = Studio(yesterday.data)
    today.start()
    page = open_page(today)
    page.set_viewport_size(after)
    try:
        expect(page.get_by_role("heading", name="Yesterday")).to_be_visible()
        today.post("/api/generate", {"prompt": "Something else"})
        expect(page.get_by_role("heading", name="Today")).to_be_visible()
        _search(page, "lighth")
        expect(page.get_by_role("heading", name="Today")).to_have_count(0)
        found = page.locator(MADE)
        expect(found).to_have_count(2)
        page.locator("ig-tile[data-cut] a").click()
        detail = page.locator("dialog.detail")
        expect(detail.get_by_text(PROMPT).first).to_be_visible()
        until(page, "() => document.querySelectorAll('dialog.detail ig-layer[data-loaded]').length === 2")
    finally:
        page.close()
        today.stop()


def _make(page: Page) -> None:
    page.evaluate(REMIX, {"prompt": PROMPT, "seed": SOLID})
    files: list[FilePayload] = [
        {
            "name": f"{colour}.png",
            "mimeType": "image/png",
            "buffer": encoded(Image.new("RGB", (64, 48), colour), "png"),
        }
        for colour in ("navy", "gold")
    ]
    page.set_input_files("ig-references input[type=file]", files)
    expect(page.locator("ig-references button.thumb")).to_have_count(2)
    page.click("#generate")
    expect(page.locator(MADE)).to_have_count(1)


def _cut_out(page: Page) -> None:
    page.locator(MADE).click()
    page.get_by_role("button", name="Remove background").first.click()
    menu = page.get_by_role("menuitem")
    if menu.count():
        menu.first.click()
    until(page, "() => document.querySelectorAll('dialog.detail ig-layer[data-loaded]').length === 2")


def _search(page: Page, words: str) -> None:
    opener = page.get_by_role("button", name="Search", exact=True)
    if opener.is_visible():  # on a phone
        opener.click()
    page.get_by_role("searchbox", name="Search").fill(words)
