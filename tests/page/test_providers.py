"""How the providers stand and what pictures cost, wherever the page tells of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.emulator.fates import Fate, Kind
from tests.emulator.gemini import GeminiEmulator
from tests.emulator.pictures import encoded_at
from tests.page.axe import faults
from tests.page.conftest import OpenPage, one_at_a_time
from tests.page.offers import MANY
from tests.page.studio import Studio

pytestmark = pytest.mark.browser

TODAY = {"day": "2026-11-21", "usd": 1.27, "cap_usd": 5.0, "job_cap_usd": None}
NOTHING = {"usd": 0.0, "perhaps_usd": 0.0, "unknown": 0, "pictures": 0}
COSTS: dict[str, Any] = {
    "month": "2026-11",
    "usd": 3.2,
    "perhaps_usd": 0.13,
    "unknown": 1,
    "pictures": 24,
    "days": [NOTHING | {"day": "2026-11-03", "usd": 3.2, "perhaps_usd": 0.13, "unknown": 1, "pictures": 24}],
    "models": [NOTHING | {"provider": "gemini", "model": "gemini-3-pro-image", "usd": 3.2, "pictures": 23}],
}
REFRESH = "async (job) => (await studioModule('studio/library.js')).library.refreshJob(job)"

EARLY = encoded_at(64, 64, "png").picture(1)


def _with_many(page: Page) -> None:
    page.route("**/api/providers", lambda route: route.fulfill(json={"providers": MANY}))
    page.route("**/api/costs/today", lambda route: route.fulfill(json=TODAY))
    page.reload()


def test_today_is_told_against_its_cap_and_warns_when_that_is_near(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    spend = page.locator("ig-today .spend")
    expect(spend).to_be_hidden()  # only sketches are on: nothing can be spent
    _with_many(page)
    expect(spend).to_have_text("Today$1.27of $5.00")
    told = page.get_by_role("button", name="Providers and costs. $1.27 spent today, the cap is $5.00")
    expect(told).to_have_attribute(
        "title", "Providers and costs. $1.27 spent today, the cap is $5.00. Painter: Not available now"
    )
    page.route("**/api/costs/today", lambda route: route.fulfill(json=TODAY | {"usd": 4.6}))
    studio.post("/api/generate", {"prompt": "Costs nothing, but ends", "model": "sketch"})
    expect(page.get_by_role("button", name="The cap is near")).to_contain_text("$4.60")
    expect(page.locator("ig-today")).to_have_attribute("data-near", "")


def test_the_panel_tells_how_each_provider_stands(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    _with_many(page)
    page.locator("ig-gallery .pane").focus()
    page.keyboard.press("o")
    dialog = page.get_by_role("dialog", name="Providers and costs")
    swift = dialog.get_by_role("region", name="Swift")
    expect(swift.locator(".facts")).to_contain_text("40 pictures a minute, as its refusals taught")
    expect(swift.locator(".facts")).to_contain_text("4 at once")
    expect(swift.locator(".facts")).to_contain_text("Paused for ")
    painter = dialog.get_by_role("region", name="Painter")
    expect(painter).to_contain_text("Nothing is sent; next try in 1 min")
    painter.get_by_text("1 recent error").click()
    expect(painter.locator(".errors time")).to_be_visible()
    dialog.get_by_role("region", name="Gemini").get_by_text("1 model").click()
    expect(dialog.get_by_role("row", name="Gemini 3 Pro Image")).to_contain_text("$0.134")
    expect(dialog).to_contain_text("a price list, read on Nov 2, 2026")
    expect(dialog.get_by_role("button", name="Add a key").first).to_be_visible()
    page.emulate_media(reduced_motion="reduce")
    assert faults(page) == []
    well = [provider | {"status": "ready", "reason": None, "circuit": "closed"} for provider in MANY]
    page.route("**/api/providers", lambda route: route.fulfill(json={"providers": well}))
    expect(painter.locator(".state")).to_have_text("Ready")  # without a press: it is asked again while it is seen
    expect(painter.locator(".errors time")).to_be_visible()  # and what was unfolded stays so


def test_a_month_is_told_by_day_and_by_model(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url.partition("month=")[2])
        first = len(asked) == 1
        route.fulfill(
            json=COSTS | {"month": asked[-1]}
            if first
            else NOTHING | {"month": asked[-1], "days": [], "models": []}
        )

    page.route("**/api/costs?*", answer)
    _with_many(page)
    expect(page.locator("ig-today .spend")).to_be_visible()
    page.locator("ig-today button").click()
    month = page.get_by_role("tabpanel", name="Costs")
    expect(month.locator(".sums")).to_have_text("$3.2024 imagesperhaps $0.13 more1 at an unknown price")
    bars = month.get_by_role("list", name="By day").get_by_role("listitem")
    expect(bars.nth(2)).to_contain_text("$3.20, perhaps $0.13 more")
    expect(month.get_by_role("row", name="Gemini 3 Pro Image")).to_contain_text("23 images")
    page.emulate_media(reduced_motion="reduce")
    assert faults(page) == []
    month.get_by_role("button", name="Month before").click()
    expect(month).to_contain_text("Nothing was spent.")
    assert asked[1] < asked[0]
    expect(month.get_by_role("link", name="CSV")).to_have_attribute("href", f"/api/costs.csv?month={asked[1]}")


def test_what_waits_for_a_provider_that_is_down_says_so(
    open_page: OpenPage, gemini: GeminiEmulator, tmp_path: Path
) -> None:
    alone = Studio(tmp_path / "data", one_at_a_time(gemini))
    alone.start()
    page = open_page(alone)
    gemini.script(Kind.OVERLOADED, Kind.OVERLOADED, Kind.OVERLOADED)
    job = alone.post("/api/generate", {"prompt": "Held up", "count": 4})["job_id"]
    card = page.locator(f'ig-job[data-job-id="{job}"]')
    expect(card).to_contain_text("Gemini is not available now; next try in ")
    expect(page.locator('ig-tile[data-task-state="pending"]')).to_contain_text("Gemini is not available now")
    page.close()
    alone.stop()


def test_what_failed_is_made_by_another_model_at_one_press(
    open_page: OpenPage, paid_studio: Studio, gemini: GeminiEmulator
) -> None:
    page = open_page(paid_studio)
    quote = {"usd": 0.01, "credits": 1, "per_image_usd": 0.01, "known": True}
    found = [{"change": {"model": name}, "quote": quote} for name in ("swift-1", "swift-2")]
    page.route("**/alternatives", lambda route: route.fulfill(json={"alternatives": found}))
    page.route("**/api/providers", lambda route: route.fulfill(json={"providers": MANY}))
    page.reload()
    gemini.script(Kind.IMAGE_SAFETY)
    page.fill("#prompt textarea", "Refused by the first")
    page.click("#generate")
    tile = page.locator('ig-tile[data-task-state="failed"]')
    expect(tile.get_by_role("button", name="Try Swift 1 · $0.01")).to_be_visible()
    card = page.locator("ig-job", has_text="Refused by the first")
    job = card.get_attribute("data-job-id")
    card.get_by_role("button", name="Other models").click()
    expect(page.get_by_role("menuitem", name="Swift 2")).to_be_visible()
    page.keyboard.press("Escape")
    asked: list[Any] = []

    def answer(route: Route) -> None:
        asked.append(json.loads(route.request.post_data or "{}"))
        known = asked[-1] | {"model": "gemini-3-pro-image"}  # of the real server's
        route.continue_(post_data=json.dumps(known))

    page.route("**/api/generate", answer)
    card.get_by_role("button", name="Try Swift 1 · $0.01").click()
    expect(page.get_by_role("link", name="Refused by the first")).to_be_visible()
    expect(tile).to_have_count(0)  # its place is taken
    assert [(body["prompt"], body["model"]) for body in asked] == [("Refused by the first", "swift-1")]
    paid_studio.post(f"/api/generate/{job}/retry", {"task_indexes": [0]})  # other tests would see what failed
    expect(page.get_by_role("link", name="Refused by the first")).to_have_count(2)


def test_a_request_above_a_cap_is_offered_smaller_at_one_press(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio, may_fail=("status of 402",))
    offers = [
        {
            "change": {"image_size": "1K"},
            "quote": {"usd": 0.13, "credits": 1, "per_image_usd": 0.13, "known": True},
        },
        {"change": {"count": 2}, "quote": {"usd": 0.48, "credits": 2, "per_image_usd": 0.24, "known": True}},
        {
            "change": {"image_size": "2K", "count": 3},
            "quote": {"usd": 0.4, "credits": 3, "per_image_usd": 0.13, "known": True},
        },
        {
            "change": {"model": "sketch", "routing": "order"},
            "quote": {"usd": 0, "credits": 4, "per_image_usd": 0, "known": True},
        },
        {
            "change": {"should_generate": False},
            "quote": {"usd": 0, "credits": 0, "per_image_usd": None, "known": True},
        },
    ]
    refused = {"detail": "It would cost $0.96; the cap allows $0.5.", "alternatives": offers}
    page.route("**/api/generate", lambda route: route.fulfill(status=402, json=refused))
    page.fill("#prompt textarea", "Too dear at first")
    page.fill("#count input", "4")
    page.click("#generate")
    group = page.get_by_role("group", name="Or instead")
    expect(group.get_by_role("button")).to_have_text(
        ["1K$0.13", "2 images$0.48", "2K · 3 images$0.40", "Offline sketchfree", "Only the text"]
    )
    page.unroute("**/api/generate")
    group.get_by_role("button", name="Only the text").click()
    expect(page.get_by_text("Nothing was made").filter(visible=True).first).to_be_visible()
    page.route("**/api/generate", lambda route: route.fulfill(status=402, json=refused))
    page.click("#generate")
    page.unroute("**/api/generate")
    with page.expect_request("**/api/generate") as asked:
        group.get_by_role("button", name="2K · 3 images").click()
    sent = json.loads(asked.value.post_data or "{}")
    assert (sent["count"], sent["image_size"]) == (3, "2K")
    expect(group).to_have_count(0)
    expect(page.locator("#count input")).to_have_value("3")
    expect(page.get_by_role("link", name="Too dear at first (3 of 3)")).to_be_visible()


def test_a_picture_being_made_shows_how_far_it_is_and_its_early_states(
    open_page: OpenPage, paid_studio: Studio, gemini: GeminiEmulator
) -> None:
    page = open_page(paid_studio, may_fail=("status of 404",))
    early: dict[str, float | str | None] = {"done": 0.4, "preview_url": None}

    def answer(route: Route) -> None:
        job = route.fetch().json()
        job["tasks"] = [task | early if task["status"] == "in_progress" else task for task in job["tasks"]]
        route.fulfill(json=job)

    page.route(re.compile("/api/generate/[^/]+$"), answer)
    page.route("**/early/*", lambda route: route.fulfill(body=EARLY, content_type="image/png"))
    gemini.script(Fate(held=True))
    job = paid_studio.post("/api/generate", {"prompt": "Seen early"})["job_id"]
    tile = page.locator('ig-tile[data-task-state="in_progress"]')
    expect(tile.locator("strong")).to_have_text("40%")
    expect(tile.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "40")
    expect(tile.locator(".early img")).to_have_count(0)
    for number in (1, 2):
        early |= {"done": 0.6, "preview_url": f"/early/{number}"}
        page.evaluate(REFRESH, job)
        expect(tile.locator(".early img").last).to_have_attribute("src", f"/early/{number}")
        expect(tile.locator(".early img")).to_have_count(1)  # the one before is gone when it is faded in
    expect(tile.locator("strong")).to_have_text("60%")
    gemini.release()
    expect(page.get_by_role("link", name="Seen early")).to_be_visible()
    expect(page.locator(".early")).to_have_count(0)
