"""Giving a key on the page: tested, put to use at once, never shown again."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.emulator.gemini import BAD_KEY, KEY
from tests.page.axe import faults
from tests.page.conftest import OpenPage
from tests.page.studio import Studio

pytestmark = pytest.mark.browser


@pytest.fixture
def page(open_page: OpenPage, studio: Studio) -> Iterator[Page]:
    tab = open_page(studio, may_fail=("422",))
    yield tab
    tab.evaluate("() => fetch('/api/keys/gemini', { method: 'DELETE' })")


def _open(page: Page) -> None:
    page.get_by_role("button", name="Add a key").click()
    expect(page.get_by_role("dialog", name="Provider keys")).to_be_visible()


def test_a_key_is_tested_and_used_at_once(page: Page, studio: Studio) -> None:
    _open(page)
    field = page.get_by_label("Gemini key")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("type", "password")
    field.fill(KEY)
    row = page.locator('ig-key[data-provider="gemini"]')
    row.get_by_role("button", name="Test and save").click()
    expect(page.get_by_text("Gemini is ready.")).to_be_visible()
    expect(row.locator("input")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Add a key")).to_be_hidden()
    expect(page.locator("#model")).to_contain_text(re.compile("Gemini"))
    page.reload()
    expect(page.locator("#model")).to_contain_text(re.compile("Gemini"))
    assert KEY not in page.content()


def test_a_key_can_be_removed(page: Page) -> None:
    _open(page)
    page.get_by_label("Gemini key").fill(KEY)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("The key of Gemini is removed.")).to_be_visible()
    expect(page.get_by_label("Gemini key")).to_have_value("")


def test_a_wrong_key_is_told_at_its_field(page: Page) -> None:
    _open(page)
    field = page.get_by_label("Gemini key")
    field.fill(BAD_KEY)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Google does not accept this key.")).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    field.fill("no")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Must be", exact=False).or_(page.get_by_text("must be", exact=False))).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_dialog_is_accessible(page: Page, theme: str) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    _open(page)
    assert faults(page) == []
