"""A request of before whose model is retired: another makes it, and the page says so wherever it is looked at."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.emulator.fates import Fate
from tests.emulator.gemini import GeminiEmulator
from tests.page.conftest import REMIX, OpenPage
from tests.page.studio import Studio

pytestmark = pytest.mark.browser

NOTICE = "Imagen 4 was retired on 2026-08-17; Gemini 3 Pro Image takes its place."

RETIRED = "[role=option][data-model^=imagen]"


def _open(page: Page) -> None:
    page.locator("#model .face").click()
    expect(page.get_by_role("option").first).to_be_visible()


def test_the_successor_is_named_before_and_after_the_press(
    open_page: OpenPage, paid_studio: Studio, gemini: GeminiEmulator
) -> None:
    page = open_page(paid_studio)
    _open(page)
    expect(page.locator(RETIRED)).to_have_count(0)
    page.keyboard.press("Escape")
    page.evaluate(REMIX, {"prompt": "From another time", "count": 1, "model": "imagen-4.0-generate-001"})
    face = page.locator("#model .face")
    expect(face).to_contain_text("Gemini 3 Pro Image")
    expect(face).to_contain_text("in place of Imagen 4")
    expect(face).to_contain_text("$0.134")
    expect(face).to_have_attribute("title", NOTICE)
    gemini.script(Fate(held=True))  # a job that ends at once may have no card in the dock
    page.get_by_role("button", name="Generate", exact=False).first.click()
    expect(page.locator("ig-toasts").get_by_text(NOTICE).filter(visible=True).first).to_be_visible()
    card = page.locator("ig-job", has_text="From another time")
    expect(card).to_be_visible()
    gemini.release()
    expect(card).to_contain_text(NOTICE)
    expect(page.get_by_role("link", name="From another time")).to_be_visible()
    _open(page)
    expect(page.locator(RETIRED)).to_have_attribute("aria-disabled", "true")
    page.locator(RETIRED).click(force=True)  # says that it is retired, and is not chosen
    page.get_by_text("In order").click()
    expect(page.locator(RETIRED)).to_have_count(0)
