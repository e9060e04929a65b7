"""What the style sheets rely on, and where things stand: on a desk and on a phone, in light and in dark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, FloatRect, Page, expect

from tests.page.conftest import LIVE, OpenPage
from tests.page.studio import Studio

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(profile: BrowserContext, studio: Studio) -> Iterator[Page]:
    """For tests that only look."""
    tab = profile.new_page()
    tab.goto(studio.url)
    tab.wait_for_selector(LIVE)
    yield tab
    tab.close()


def _box(page: Page, selector: str) -> FloatRect:
    box = page.locator(selector).bounding_box()
    assert box is not None, selector
    return box


def test_gradio_still_builds_what_the_reset_undoes(page: Page) -> None:
    for hook in (
        "#studio.column",
        "#composer.column",
        "#studio .form > #prompt.block",
        "#prompt > label > [data-testid='block-info']",
        "#prompt [data-testid='status-tracker']",
        "#prompt .input-container > textarea",
        "button#generate",
        "#dock.column > ig-dock",
    ):
        assert page.locator(hook).count() == 1, hook


def test_names_for_those_who_do_not_see(page: Page) -> None:
    expect(page.get_by_role("textbox", name="Prompt")).to_be_visible()
    expect(page.get_by_role("group", name="Aspect ratio").get_by_role("radio")).to_have_count(10)
    expect(page.get_by_role("group", name="Size").get_by_role("radio")).to_have_count(3)
    expect(page.get_by_role("spinbutton", name="Number of images")).to_be_visible()
    expect(page.get_by_role("button", name="Model: Auto")).to_have_count(1)
    expect(page.get_by_role("button", name="Generate", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="API")).to_have_attribute("href", "/docs")
    expect(page).to_have_title("imagegen")  # once the jobs of other tests are done


def test_on_a_desk_the_composer_stands_left_of_the_gallery(page: Page) -> None:
    composer, gallery, button = _box(page, "#composer"), _box(page, "ig-gallery"), _box(page, "#generate")
    assert composer["x"] == 0
    assert composer["width"] == 364
    assert gallery["x"] == 364
    assert gallery["x"] + gallery["width"] == 1440
    assert button["y"] + button["height"] == pytest.approx(900 - 16)
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_on_a_phone_the_composer_stands_below_and_opens(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.set_viewport_size({"width": 390, "height": 844})
    composer, gallery = _box(page, "#composer"), _box(page, "ig-gallery")
    assert gallery["width"] == 390
    assert composer["y"] >= gallery["y"] + gallery["height"]
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    expect(page.locator("#aspect-ratio")).to_be_hidden()
    chip = page.get_by_role("button", name="1:1")
    chip.click()
    expect(page.locator("#aspect-ratio")).to_be_visible()
    page.get_by_label("9:16").check()
    page.keyboard.press("Escape")
    expect(page.locator("#aspect-ratio")).to_be_hidden()
    expect(page.get_by_role("button", name="9:16")).to_be_focused()
    page.get_by_role("button", name="All options").click()
    page.fill("#prompt textarea", "Made on a phone")
    page.click("#generate")
    expect(page.get_by_role("link", name="Made on a phone")).to_be_visible()
    expect(page.locator("#aspect-ratio")).to_be_hidden()


@pytest.mark.parametrize(("theme", "canvas"), [("light", "rgb(246, 245, 242)"), ("dark", "rgb(12, 12, 13)")])
def test_the_theme_is_chosen_and_kept(open_page: OpenPage, studio: Studio, theme: str, canvas: str) -> None:
    page = open_page(studio)
    for _ in range(3):
        button = page.get_by_role("button", name="Theme:")
        if button.get_attribute("aria-label") == f"Theme: {theme}":
            break
        button.click()
    expect(page.locator("#studio")).to_have_css("background-color", canvas)
    page.reload()
    expect(page.locator("#studio")).to_have_css("background-color", canvas)
    expect(page.get_by_role("button", name=f"Theme: {theme}")).to_be_visible()


def test_our_own_font_is_used(page: Page) -> None:
    page.evaluate("document.fonts.ready")
    assert page.evaluate("document.fonts.check('14px Geist')")
    assert page.locator("#generate").evaluate("button => getComputedStyle(button).fontFamily").startswith("Geist")
