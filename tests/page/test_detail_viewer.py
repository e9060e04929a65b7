"""Zoom and pan: the arithmetic, and what keys, wheel and pointers make of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.page.conftest import LIVE, OpenPage, until
from tests.page.studio import Studio

pytestmark = pytest.mark.browser

STAGE = {"width": 1000, "height": 800, "top": 50, "right": 50, "bottom": 50, "left": 50}
SIZE = {"width": 1800, "height": 700}
SWIPE = """([from, to]) => {
    const viewer = document.querySelector("ig-viewer");
    const at = (type, x) => viewer.dispatchEvent(new PointerEvent(type, {
        pointerId: 1, pointerType: "touch", isPrimary: true, clientX: x, clientY: 300, bubbles: true }));
    viewer.setPointerCapture = () => {};
    at("pointerdown", from);
    at("pointermove", (from + to) / 2);
    at("pointermove", to);
    at("pointerup", to);
}"""
PINCH = """() => {
    const viewer = document.querySelector("ig-viewer");
    const at = (type, pointerId, x) => viewer.dispatchEvent(new PointerEvent(type, {
        pointerId, pointerType: "touch", clientX: x, clientY: 300, bubbles: true }));
    viewer.setPointerCapture = () => {};
    at("pointerdown", 1, 180);
    at("pointerdown", 2, 220);
    at("pointermove", 1, 100);
    at("pointermove", 2, 300);
    at("pointerup", 1, 100);
    at("pointerup", 2, 300);
}"""


@pytest.fixture(scope="module")
def blank(profile: BrowserContext, studio: Studio) -> Iterator[Page]:
    """For the pure modules."""
    tab = profile.new_page()
    tab.goto(studio.url)
    yield tab
    tab.close()


def _call(page: Page, name: str, *arguments: object) -> Any:
    return page.evaluate(
        "async ([name, given]) => (await studioModule('detail/zoom.js'))[name](...given)",
        [name, list(arguments)],
    )


def test_a_large_picture_is_fitted_between_the_controls_and_a_small_one_is_not_blown_up(blank: Page) -> None:
    assert _call(blank, "fitted", STAGE, SIZE) == {"scale": 0.5, "x": 50, "y": 225}
    assert _call(blank, "fitted", STAGE, {"width": 100, "height": 100}) == {"scale": 1, "x": 450, "y": 350}


def test_zooming_keeps_the_point_under_the_pointer(blank: Page) -> None:
    before = {"scale": 2, "x": -600, "y": -300}
    after = _call(blank, "zoomed", before, 1.5, {"x": 400, "y": 300}, STAGE, SIZE)
    assert after["scale"] == 3
    for axis, pointer in (("x", 400), ("y", 300)):
        assert (pointer - after[axis]) / 3 == pytest.approx((pointer - before[axis]) / 2)


def test_zoom_has_ends_and_a_picture_leaves_no_gap(blank: Page) -> None:
    point = {"x": 500, "y": 400}
    view = {"scale": 1, "x": 0, "y": 50}
    assert _call(blank, "zoomed", view, 0.001, point, STAGE, SIZE) == _call(blank, "fitted", STAGE, SIZE)
    assert _call(blank, "zoomed", view, 1000, point, STAGE, SIZE)["scale"] == 8
    assert _call(blank, "settled", {"scale": 1, "x": 9999, "y": 0}, STAGE, SIZE)["x"] == 50
    assert _call(blank, "settled", {"scale": 1, "x": -9999, "y": 0}, STAGE, SIZE)["x"] == 950 - 1800


def _open_one(page: Page, studio: Studio, prompt: str, count: int = 1) -> list[str]:
    studio.post("/api/generate", {"prompt": prompt, "count": count})
    tiles = page.locator("ig-tile[data-image-id]", has_text=prompt)
    expect(tiles).to_have_count(count)
    made: list[str] = tiles.evaluate_all("tiles => tiles.map(tile => tile.dataset.imageId)")
    page.goto(f"{studio.url}/?image={made[0]}")
    page.wait_for_selector(LIVE)
    page.wait_for_selector("ig-layer[data-loaded]")
    return made


def _scale(page: Page) -> float:
    scale: float = page.evaluate("document.querySelector('ig-viewer').scale")
    return scale


def _corner(page: Page) -> list[float]:
    corner: list[float] = page.evaluate(
        "(({ x, y }) => [x, y])(document.querySelector('ig-viewer .plane').getBoundingClientRect())"
    )
    return corner


def test_keys_and_buttons_zoom(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.emulate_media(reduced_motion="reduce")
    _open_one(page, studio, "Seen closely")
    whole = _scale(page)
    assert whole < 1
    page.keyboard.press("+")
    assert _scale(page) == pytest.approx(1.3 * whole)
    page.get_by_role("button", name="Zoom in").click()
    assert _scale(page) == pytest.approx(1.3 * 1.3 * whole)
    page.keyboard.press("-")
    page.get_by_role("button", name="Zoom out").click()
    assert _scale(page) == pytest.approx(whole)
    page.keyboard.press("0")
    assert _scale(page) == pytest.approx(max(1, 2 * whole))
    page.get_by_role("button", name="whole picture or 100%").click()
    assert _scale(page) == pytest.approx(whole)
    expect(page.get_by_role("button", name="whole picture or 100%")).to_have_text(f"{round(whole * 100)}%")


def test_wheel_double_click_and_drag(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.emulate_media(reduced_motion="reduce")
    _open_one(page, studio, "Turned and dragged")
    whole = _scale(page)
    page.mouse.move(500, 400)
    page.mouse.wheel(0, -400)
    until(page, "whole => document.querySelector('ig-viewer').scale > 1.5 * whole", whole)
    x, y = _corner(page)
    page.mouse.down()
    page.mouse.move(530, 380, steps=3)
    page.mouse.up()
    assert _corner(page) == [pytest.approx(x + 30), pytest.approx(y - 20)]
    page.mouse.dblclick(500, 400)
    assert _scale(page) == pytest.approx(whole)
    page.mouse.dblclick(500, 400)
    assert _scale(page) > whole


def test_fingers_swipe_and_pinch(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.set_viewport_size({"width": 390, "height": 844})
    first, second = _open_one(page, studio, "Under a finger", 2)
    expect(page.get_by_role("button", name="Next picture")).not_to_have_attribute("aria-disabled", "true")
    page.evaluate(SWIPE, [300, 280])  # too short
    expect(page.locator("ig-viewer")).to_have_attribute("data-image-id", first)
    page.evaluate(SWIPE, [300, 100])
    expect(page.locator("ig-viewer")).to_have_attribute("data-image-id", second)
    expect(page.get_by_role("button", name="Previous picture")).not_to_have_attribute("aria-disabled", "true")
    page.evaluate(SWIPE, [100, 300])
    expect(page.locator("ig-viewer")).to_have_attribute("data-image-id", first)
    whole = _scale(page)
    page.evaluate(PINCH)
    assert _scale(page) > 2 * whole
    page.evaluate(SWIPE, [300, 100])  # pans now
    expect(page.locator("ig-viewer")).to_have_attribute("data-image-id", first)


def test_the_thumbnail_is_there_before_the_original(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    (picture,) = _open_one(page, studio, "Slow to come")
    page.keyboard.press("Escape")
    page.route(f"**/api/images/{picture}/file", hold)
    page.goto(f"{studio.url}/?image={picture}&again")
    expect(page.locator("ig-layer img.thumbnail").first).to_have_js_property("complete", True)
    expect(page.locator("ig-layer[data-loaded]")).to_have_count(0)
    while not held:
        page.evaluate("new Promise(requestAnimationFrame)")
    held[0].continue_()
    expect(page.locator("ig-layer[data-loaded]")).to_have_count(1)
    expect(page.locator("ig-layer img.thumbnail")).to_have_count(0)


def test_a_file_that_is_gone_is_told_and_asked_for_again(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio, may_fail=("ERR_FAILED",))
    (picture,) = _open_one(page, studio, "File gone")
    page.route("**/file", lambda route: route.abort())
    page.goto(f"{studio.url}/?image={picture}&again")
    trouble = page.locator("ig-trouble")
    expect(trouble).to_contain_text("file could not be loaded")
    page.unroute("**/file")
    trouble.get_by_role("button", name="Retry").click()
    expect(page.locator("ig-layer[data-loaded]")).to_have_count(1)
    expect(trouble).to_be_hidden()
