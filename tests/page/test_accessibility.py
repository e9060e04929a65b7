"""For those who do not see, use no mouse or want no motion: axe-core, focus and announcements."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.emulator.fates import Fate, Kind
from tests.emulator.gemini import GeminiEmulator
from tests.page.axe import faults
from tests.page.conftest import OpenPage
from tests.page.studio import Studio

pytestmark = pytest.mark.browser

DESK = (1440, 900)
PHONE = (390, 844)
REFUSED = "the server responded with a status of 4"
FOCUS = """() => {
    const at = document.activeElement;
    const shown = [at, at.nextElementSibling, at.closest('label'), at.closest('#prompt-card')].some(
        (part) => part && getComputedStyle(part).outlineStyle === 'solid');
    return [at.getAttribute('aria-label') ?? at.id ?? at.className, shown];
}"""


def _faults_in_all_looks(page: Page) -> dict[str, list[str]]:
    found = {}
    page.emulate_media(reduced_motion="reduce")  # colours would be measured on their way from theme to theme
    for width, height in (DESK, PHONE):
        page.set_viewport_size({"width": width, "height": height})
        for theme in ("light", "dark"):
            page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
            if broken := faults(page):
                found[f"{theme}, {width} wide"] = broken
    return found


@pytest.fixture
def troubled(paid_studio: Studio, gemini: GeminiEmulator) -> Iterator[Studio]:
    """One failed, one whose answer was lost, one in progress, one waiting; a picture from before."""
    billed = len(gemini.bills)
    gemini.script(Kind.PICTURE, Kind.OVERLOADED, Kind.DROP_AFTER, Fate(held=True))
    body = {"prompt": "A bridge in four states", "aspect_ratio": "16:9", "count": 5}
    job = paid_studio.post("/api/generate", body)["job_id"]
    gemini.wait_for(lambda seen: seen.in_flight == 1)
    yield paid_studio
    paid_studio.post(f"/api/generate/{job}/cancel", {})
    gemini.release()
    paid_studio.post(f"/api/generate/{job}/retry", {"task_indexes": [1, 2]})
    gemini.wait_for(lambda seen: len(seen.bills) == billed + 5)


def test_empty(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.route("**/api/images?*", lambda route: route.fulfill(json={"images": [], "next": None}))
    page.route("**/api/jobs?*", lambda route: route.fulfill(json={"jobs": [], "next": None}))
    page.reload()
    expect(page.get_by_role("heading", name="Start with one of these")).to_be_visible()
    assert _faults_in_all_looks(page) == {}


def test_filled_with_references_and_choices_open(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.fill("#prompt textarea", "A lake and its boats")
    page.click("#generate")
    picture = page.get_by_role("link", name="A lake and its boats")
    expect(picture.locator("img")).to_have_js_property("complete", True)
    expect(page.locator("[data-task-state]")).to_have_count(0)  # nothing moves any more
    picture.drag_to(page.locator("#prompt-card"))
    page.get_by_role("button", name="Reference 1, edit").click()
    page.locator("#composer").evaluate("composer => composer.setAttribute('data-open', '')")
    assert _faults_in_all_looks(page) == {}


def test_failing(open_page: OpenPage, troubled: Studio) -> None:
    page = open_page(troubled, may_fail=(REFUSED,))
    for state in ("failed", "interrupted", "in_progress", "pending"):
        expect(page.locator(f'ig-tile[data-task-state="{state}"]')).to_have_count(1)
    page.fill("#count", "101")
    expect(page.locator("ig-count .field-error")).to_be_visible()
    page.click("#generate")
    expect(page.locator("#prompt .field-error")).to_be_visible()
    assert _faults_in_all_looks(page) == {}


def test_the_focus_goes_through_the_page_in_order_and_is_seen(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.fill("#prompt textarea", "Reached by the keyboard")
    page.click("#generate")
    expect(page.get_by_role("link", name="Reached by the keyboard")).to_be_visible()
    page.get_by_role("link", name="API").focus()
    names: list[str] = []
    while names[-1:] != ["Gallery"]:
        page.keyboard.press("Tab")
        name, shown = page.evaluate(FOCUS)
        assert shown, f"the focus is not seen: {name}"
        names.append(name)
        assert len(names) < 30, names
    landmarks = ("Theme: system", "choose-model", "generate", "Gallery")
    assert tuple(name for name in names if name in landmarks) == landmarks
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('ig-tile') !== null")
    assert page.evaluate(FOCUS)[1]


def test_a_retried_tile_keeps_the_focus(open_page: OpenPage, paid_studio: Studio, gemini: GeminiEmulator) -> None:
    page = open_page(paid_studio)
    gemini.script(Kind.OVERLOADED, Fate(held=True))
    page.fill("#prompt textarea", "Kept in focus")
    page.click("#generate")
    retry = page.locator('ig-tile[data-task-state="failed"]').get_by_role("button", name="Retry")
    retry.focus()
    page.keyboard.press("Enter")
    tile = page.locator('ig-tile[data-task-state="in_progress"]')
    expect(tile).to_be_focused()
    gemini.wait_for(lambda seen: seen.in_flight == 1)
    gemini.release()
    expect(page.get_by_role("link", name="Kept in focus")).to_be_focused()


def test_what_is_ready_is_announced_once_and_politely(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    line = page.locator("ig-gallery > p[role=status]")
    line.evaluate(
        """line => {
            window.told = [];
            const note = () => line.textContent && told.push(line.textContent);
            new MutationObserver(note).observe(line, { childList: true });
        }"""
    )
    page.fill("#prompt textarea", "Two to be told of")
    page.fill("#count", "2")
    page.click("#generate")
    expect(page.get_by_role("link", name="Two to be told of")).to_have_count(2)
    expect(line).to_have_text(re.compile("of 2 pictures are ready"))
    assert len(page.evaluate("told")) == 1


def test_nothing_moves_for_those_who_want_no_motion(
    open_page: OpenPage, paid_studio: Studio, gemini: GeminiEmulator
) -> None:
    page = open_page(paid_studio)
    gemini.script(Fate(held=True))
    page.fill("#prompt textarea", "Standing still")
    page.click("#generate")
    expect(page.locator('ig-tile[data-task-state="in_progress"]')).to_have_count(1)
    moving = "() => document.getAnimations().filter((one) => one.playState === 'running').length"
    assert page.evaluate(moving) > 0
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(moving) == 0
    gemini.wait_for(lambda seen: seen.in_flight == 1)
    gemini.release()
    expect(page.get_by_role("link", name="Standing still")).to_be_visible()
