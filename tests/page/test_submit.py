"""From the composer to the picture: by mouse and by keyboard, and what a refusal looks like."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import OpenPage
from tests.page.studio import Studio

pytestmark = pytest.mark.browser

HOSTILE = (
    '${alert(1)} {{value}} ${price} C:\\users\\new <img src=x onerror="window.hacked=1"><script>window.hacked=1'
    "</script> `back` &amp; #{x}"
)
REFUSED = "the server responded with a status of 4"

HOLD_ONE_SUBMIT = """() => {
    const real = window.fetch;
    window.held = new Promise((tell) => {
        window.fetch = async (...given) => {
            if (given[0] === "/api/generate") {
                window.fetch = real;
                await new Promise((release) => { window.release = release; tell(); });
            }
            return real(...given);
        };
    });
}"""


def _tiles_of(page: Page, title: str) -> str:
    return f'ig-tile[data-image-id]:has(a:has-text("{title}"))'


def test_usage_a_prompt_becomes_pictures(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.fill("#prompt textarea", "Two quiet lakes")
    page.get_by_label("16:9").check()
    page.get_by_role("button", name="2 images").click()
    page.click("#generate")
    tiles = page.locator(_tiles_of(page, "Two quiet lakes"))
    expect(tiles).to_have_count(2)
    expect(tiles.locator("img")).to_have_count(2)
    picture = tiles.first.locator("img")
    expect(picture).to_have_js_property("complete", True)
    ratio = picture.evaluate("image => image.getAttribute('width') / image.getAttribute('height')")
    assert ratio == pytest.approx(16 / 9, rel=0.02)
    assert tiles.first.evaluate("tile => tile.dataset.taskState === undefined")
    assert page.locator("ig-gallery").evaluate("gallery => Number(gallery.dataset.seq)") > 0


def test_a_finished_tile_opens_the_picture(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.fill("#prompt textarea", "One to be opened")
    page.click("#generate")
    page.locator(_tiles_of(page, "One to be opened")).click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Download")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_price_is_shown_before_the_click(open_page: OpenPage, studio: Studio, paid_studio: Studio) -> None:
    page = open_page(studio)
    page.fill("#count", "3")
    expect(page.locator("#estimate")).to_contain_text("3 images")
    expect(page.locator("#estimate")).to_contain_text("free")
    paid = open_page(paid_studio)
    paid.fill("#count", "4")
    expect(paid.locator("#estimate")).to_contain_text("$0.54")
    paid.get_by_label("4K").check()
    expect(paid.locator("#estimate")).to_contain_text("$0.96")
    expect(paid.locator("#model")).to_contain_text("$0.24")


def test_by_keyboard_only(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.locator("#prompt textarea").focus()
    page.keyboard.type("Made without a mouse")
    ratio = page.get_by_role("radio", name="1:1")
    for _ in range(20):
        page.keyboard.press("Tab")  # over the tools of the prompt, the references and the styles
        if ratio.evaluate("radio => radio === document.activeElement"):
            break
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("4:5")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("2K")).to_be_checked()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Control+Enter")
    tile = page.locator(_tiles_of(page, "Made without a mouse"))
    expect(tile).to_have_count(1)
    link = tile.get_by_role("link", name="Made without a mouse")
    link.focus()
    expect(link).to_be_focused()


def test_one_press_makes_one_job(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    sent: list[str | None] = []
    page.on("request", lambda request: sent.append(request.post_data) if "/api/generate" in request.url else None)
    page.fill("#prompt textarea", "Only once")
    page.locator("#generate").dblclick()
    expect(page.locator(_tiles_of(page, "Only once"))).to_have_count(1)
    assert len([body for body in sent if body]) == 1


def test_another_press_while_one_is_on_its_way_is_not_lost(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.evaluate(HOLD_ONE_SUBMIT)
    page.fill("#prompt textarea", "The one that waits")
    page.click("#generate")
    page.evaluate("() => window.held")
    page.fill("#prompt textarea", "The one behind it")
    page.locator("#generate").dblclick()
    page.evaluate("window.release()")
    expect(page.locator(_tiles_of(page, "The one that waits"))).to_have_count(1)
    expect(page.locator(_tiles_of(page, "The one behind it"))).to_have_count(1)


def test_templates_and_markup_in_a_prompt_stay_text(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    page.fill("#prompt textarea", HOSTILE)
    page.click("#generate")
    name = page.locator("ig-tile[data-image-id] a .sr-only", has_text="${price}")
    expect(name).to_contain_text("C:\\users\\new <img src=x")
    page.reload()
    expect(page.locator("#prompt textarea")).to_have_value(HOSTILE)
    expect(name).to_have_count(1)
    assert page.evaluate("window.hacked") is None
    assert page.locator("img[src='x']").count() == 0


def test_right_to_left_and_emoji_stay_as_they_are(open_page: OpenPage, studio: Studio) -> None:
    words = "قطة سوداء 🐈‍⬛ تحت المطر"
    page = open_page(studio)
    page.fill("#prompt textarea", words)
    expect(page.locator("#prompt textarea")).to_have_css("direction", "rtl")
    page.click("#generate")
    tile = page.locator(_tiles_of(page, words))
    expect(tile).to_have_count(1)
    tile.hover()
    expect(tile.locator(".excerpt")).to_have_text(words)
    expect(tile.locator(".excerpt")).to_have_css("direction", "rtl")


def test_no_space_left_is_told_above_the_button_and_the_draft_stays(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio, may_fail=("status of 507",))
    told = "The disk of the data folder is full. Nothing was sent or billed; free some space."
    full = {"type": "about:blank", "title": "Insufficient Storage", "status": 507, "detail": told, "errors": []}
    page.route("**/api/generate", lambda route: route.fulfill(status=507, json=full))
    page.fill("#prompt textarea", "Too big for this disk")
    page.click("#generate")
    expect(page.locator("ig-submit").get_by_role("alert")).to_have_text(told)
    expect(page.locator("#prompt textarea")).to_have_value("Too big for this disk")
    page.unroute("**/api/generate")
    page.click("#generate")
    expect(page.locator(_tiles_of(page, "Too big for this disk"))).to_have_count(1)
    expect(page.locator("ig-submit").get_by_role("alert")).to_be_hidden()


def test_an_empty_prompt_is_refused_at_the_prompt(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio, may_fail=(REFUSED,))
    page.click("#generate")
    expect(page.locator("#prompt .field-error")).to_be_visible()
    expect(page.locator("#prompt textarea")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#prompt textarea")).to_be_focused()
    page.fill("#prompt textarea", "Now there is one")
    expect(page.locator("#prompt .field-error")).to_have_count(0)


def test_a_prompt_that_is_too_long_is_counted_and_refused(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio, may_fail=(REFUSED,))
    page.fill("#prompt textarea", "🌊" * 10_001)
    expect(page.locator("ig-prompt-foot .counter")).to_have_text("10,001 / 10,000")
    page.click("#generate")
    expect(page.locator("#prompt .field-error")).to_contain_text("10,000")


def test_a_count_out_of_range_is_refused_at_the_count(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio, may_fail=(REFUSED,))
    page.fill("#prompt textarea", "Too many")
    page.fill("#count", "101")
    expect(page.locator("ig-count .field-error")).to_contain_text("100")
    page.fill("#count", "1")
    expect(page.locator("ig-count .field-error")).to_have_count(0)


def test_only_sketches_is_told_and_only_then(open_page: OpenPage, studio: Studio, paid_studio: Studio) -> None:
    told = "Pictures are offline sketches until a key is set."
    expect(open_page(studio).get_by_text(told)).to_be_visible()
    page = open_page(paid_studio)
    expect(page.locator("#model .face")).to_contain_text("Gemini 3 Pro Image")
    expect(page.get_by_text(told)).to_be_hidden()
