"""The choice of a model among many: who can be had, what Auto is told, who makes it and why."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.page.axe import faults
from tests.page.conftest import REMIX, OpenPage
from tests.page.offers import MANY
from tests.page.studio import Studio

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 390, "height": 844}
QUOTE: dict[str, Any] = {
    "total": 1,
    "usd": 0.134,
    "per_image_usd": 0.134,
    "credits": 1,
    "known": True,
    "provider": "gemini",
    "model": "gemini-3-pro-image",
    "reasons": ["Gemini 3 Pro Image is the first in order that can do this"],
    "fallbacks": [
        {"provider": "gemini", "model": "gemini-2", "title": "Gemini 2", "per_image_usd": 0.05},
        {"provider": "swift", "model": "swift-3", "title": "Swift 3", "per_image_usd": 0.03},
        {"provider": "swift", "model": "swift-4", "title": "Swift 4", "per_image_usd": 0.04},
        {"provider": "painter", "model": "new", "title": "New Painter", "per_image_usd": None},
        {"provider": "fourth", "model": "last", "title": "Fourth", "per_image_usd": 0.01},
    ],
    "combinations": [],
}
"""Two of these would be asked: a picture goes to three providers at most."""


@pytest.fixture
def page(open_page: OpenPage, studio: Studio) -> Page:
    tab = open_page(studio, may_fail=("status of 503", "status of 422"))
    tab.route("**/api/providers", lambda route: route.fulfill(json={"providers": MANY}))
    tab.route("**/api/quote", lambda route: route.fulfill(json=QUOTE))
    tab.route("**/api/generate", lambda route: route.fulfill(status=503))
    tab.reload()
    expect(tab.locator("#model .face")).to_contain_text("Gemini 3 Pro Image · ≈ 12 s")
    return tab


def _open(page: Page) -> Locator:
    page.locator("#model .face").click()
    return page.get_by_role("dialog", name="Model")


def _sent(page: Page) -> Any:
    page.fill("#prompt textarea", "Sent as chosen")
    with page.expect_request("**/api/generate") as asked:
        page.click("#generate")
    return json.loads(asked.value.post_data or "{}")


def test_each_model_says_who_makes_it_how_that_stands_and_what_it_can_do(page: Page) -> None:
    dialog = _open(page)
    gemini = dialog.get_by_role("option", name="Gemini 3 Pro Image")
    label = "Gemini 3 Pro Image · Gemini · $0.134 · usually 12 s · Best quality · Up to 14 references · Up to 4K"
    expect(gemini).to_have_attribute("aria-label", label)
    limited = dialog.get_by_role("group", name="Asked to slow down Swift")
    expect(limited.locator(".reason")).to_have_text("Swift asks to slow down.")
    expect(limited.get_by_role("option")).to_have_count(6)
    down = dialog.get_by_role("group", name="Not available now Painter")
    expect(down.locator(".light")).to_have_attribute("title", "Painter could not be reached.")
    expect(down.get_by_role("option", name="Old Painter")).to_contain_text("Until Dec 1, 2026, then New Painter")
    expect(down.get_by_role("option", name="New Painter · Painter")).to_contain_text("price unknown")
    slow = down.get_by_role("option", name="Night Painter")
    expect(slow).to_have_attribute(
        "aria-label", "Night Painter · Painter · $0.01 · takes hours · Standard quality"
    )
    page.emulate_media(reduced_motion="reduce")
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        assert faults(page) == []
    page.set_viewport_size(PHONE)
    box, row = dialog.bounding_box(), gemini.bounding_box()
    assert box is not None
    assert row is not None
    assert (box["x"], box["width"]) == (0, 390)
    assert row["x"] + row["width"] <= 390
    page.set_viewport_size({"width": 1440, "height": 900})


def test_a_model_that_takes_no_seed_says_so_where_one_is_set(page: Page) -> None:
    page.evaluate(REMIX, {"prompt": "The same again", "seed": 7})
    dialog = _open(page)
    expect(dialog.get_by_role("option", name="Gemini 3 Pro Image")).to_contain_text("Takes no seed")
    expect(dialog.get_by_role("option", name="Swift 1 ·")).not_to_contain_text("Takes no seed")


def test_a_list_of_many_is_narrowed_and_led_by_keys(page: Page) -> None:
    dialog = _open(page)
    search = dialog.get_by_role("combobox", name="Find among 10 models")
    expect(search).to_be_focused()
    page.keyboard.type("painter new")
    expect(dialog.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Control+a")
    page.keyboard.type("swift")
    expect(dialog.get_by_role("option")).to_have_count(6)
    expect(search).to_have_attribute("aria-activedescendant", "ig-model-swift-1")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(search).to_have_attribute("aria-activedescendant", "ig-model-swift-3")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(page.locator("#model .face")).to_contain_text("Swift 3")
    assert _sent(page)["model"] == "swift-3"
    _open(page)
    page.keyboard.type("nobody has that")
    expect(dialog.locator(".nothing")).to_be_visible()


def test_auto_is_told_how_to_choose_and_what_it_may_cost(page: Page) -> None:
    dialog = _open(page)
    dialog.get_by_label("Cheapest").check()
    dialog.get_by_label("≤ $0.15").check()
    page.keyboard.press("Escape")
    policy = page.locator("ig-model .policy")
    expect(policy).to_have_text("Cheapest · ≤ $0.15")
    page.reload()
    expect(policy).to_have_text("Cheapest · ≤ $0.15")
    sent = _sent(page)
    assert (sent["model"], sent["routing"], sent["budget"]) == ("auto", "cheapest", "medium")
    assert "failover" not in sent
    _open(page)
    dialog.get_by_role("spinbutton").fill("0.2")
    expect(policy).to_have_text("Cheapest · ≤ $0.20")
    dialog.get_by_role("option", name="Swift 2").click()
    named = _sent(page)
    assert named["model"] == "swift-2"
    assert named.keys().isdisjoint({"routing", "budget", "failover"})


def test_another_may_take_over_a_named_model_where_that_is_wished(page: Page) -> None:
    dialog = _open(page)
    allowed = dialog.get_by_role("switch", name="If it fails, another may take over")
    expect(allowed).to_be_checked()
    dialog.get_by_role("option", name="Swift 2").click()
    _open(page)
    expect(allowed).not_to_be_checked()
    allowed.check()
    page.keyboard.press("Escape")
    assert _sent(page)["failover"] is True


def test_a_remix_shows_how_its_model_was_chosen(page: Page) -> None:
    request = {"prompt": "Again", "model": "auto", "routing": "fastest", "budget": 0.5, "failover": False}
    page.evaluate(REMIX, request)
    expect(page.locator("ig-model .policy")).to_have_text("Fastest · ≤ $0.50")
    dialog = _open(page)
    expect(dialog.get_by_label("Fastest")).to_be_checked()
    expect(dialog.get_by_role("spinbutton")).to_have_value("0.5")
    expect(dialog.get_by_role("switch")).not_to_be_checked()
    page.keyboard.press("Escape")
    assert _sent(page).items() >= {**request, "prompt": "Sent as chosen"}.items()


def test_the_estimate_tells_who_makes_it_why_and_who_would_take_over(page: Page) -> None:
    page.get_by_role("button", name=re.compile("Gemini 3 Pro Image.*: Why, and who would")).click()
    panel = page.get_by_role("region", name="Why, and who would take over")
    expect(panel).to_contain_text("is the first in order that can do this")
    expect(panel.locator(".maker")).to_contain_text(
        ["Gemini 3 Pro Image", "Swift 3 · Swift", "New Painter · Painter"]
    )
    expect(panel.locator(".cost")).to_have_text(["$0.134", "$0.03", "price unknown"])
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_a_budget_that_nothing_fits_says_so_where_it_is_set(page: Page) -> None:
    message = "budget: nothing makes this for so little; the cheapest is Swift 1 at $0.01 a picture"
    problem = {
        "detail": message,
        "errors": [{"field": "budget", "value": 0.001, "allowed": None, "message": message}],
    }
    page.unroute("**/api/quote")
    page.route("**/api/quote", lambda route: route.fulfill(status=422, json=problem))
    dialog = _open(page)
    dialog.get_by_role("spinbutton").fill("0.001")
    expect(dialog.get_by_role("alert")).to_contain_text("the cheapest is Swift 1 at $0.01 a picture")
