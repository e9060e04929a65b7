"""The gallery follows the job log: in each phase, in each tab, after each reload."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Request, expect

from tests.emulator.fates import Fate, Kind
from tests.emulator.gemini import GeminiEmulator
from tests.page.conftest import LIVE, OpenPage
from tests.page.studio import Studio

pytestmark = pytest.mark.browser

CLOCK_AN_HOUR_AHEAD = "const now = Date.now; Date.now = () => now() + 3_600_000"
NO_LOCKS = "Object.defineProperty(navigator, 'locks', { value: undefined })"
SHOW = """shown => {
    Object.defineProperty(document, 'hidden', { value: !shown, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
}"""


def _submit(page: Page, prompt: str, count: int = 1) -> None:
    page.fill("#prompt textarea", prompt)
    page.fill("#count", str(count))
    page.click("#generate")


def _card(page: Page, title: str) -> Locator:
    return page.locator("ig-job[data-job-id]", has_text=title)


def _state(page: Page, state: str) -> Locator:
    return page.locator(f'ig-tile[data-task-state="{state}"]')


def test_each_phase_survives_a_reload(open_page: OpenPage, paid_studio: Studio, gemini: GeminiEmulator) -> None:
    page = open_page(paid_studio)
    before = page.locator("ig-tile[data-image-id]").count()
    gemini.script(Fate(held=True), Fate(held=True))
    _submit(page, "Through all phases", 2)
    for _ in range(2):
        expect(_state(page, "in_progress")).to_contain_text("Sent to")
        expect(_state(page, "pending")).to_have_count(1)
        expect(_card(page, "Through all phases")).to_contain_text("0 / 2")
        page.reload()
        page.wait_for_selector(LIVE)
    gemini.wait_for(lambda seen: seen.in_flight == 1)
    gemini.release()
    expect(page.locator("ig-tile[data-image-id]")).to_have_count(before + 1)
    expect(_card(page, "Through all phases")).to_contain_text("1 / 2")
    page.reload()
    expect(page.locator("ig-tile[data-image-id]")).to_have_count(before + 1)
    gemini.wait_for(lambda seen: seen.in_flight == 1)
    gemini.release()
    expect(page.locator("ig-tile[data-image-id]")).to_have_count(before + 2)
    expect(_card(page, "Through all phases")).to_have_count(0)
    page.reload()
    expect(page.locator("ig-tile[data-image-id]")).to_have_count(before + 2)
    expect(page.locator("ig-tile[data-task-state]")).to_have_count(0)


def test_a_failure_says_why_and_is_retried(
    open_page: OpenPage, paid_studio: Studio, gemini: GeminiEmulator
) -> None:
    page = open_page(paid_studio)
    gemini.script(Kind.OVERLOADED)
    _submit(page, "Fails at first")
    expect(_state(page, "failed")).to_contain_text("overloaded")
    page.reload()
    expect(_state(page, "failed")).to_contain_text("overloaded")
    _state(page, "failed").get_by_role("button", name="Retry").click()
    expect(page.get_by_role("link", name="Fails at first")).to_be_visible()
    expect(_state(page, "failed")).to_have_count(0)


def test_a_lost_answer_is_sent_again_only_by_hand(
    open_page: OpenPage, paid_studio: Studio, gemini: GeminiEmulator
) -> None:
    page = open_page(paid_studio)
    billed = len(gemini.bills)
    gemini.script(Kind.DROP_AFTER)
    _submit(page, "Lost on the way")
    tile = _state(page, "interrupted")
    expect(tile).to_contain_text("May have been billed — run again?")
    page.reload()
    expect(tile).to_contain_text("May have been billed — run again?")
    assert len(gemini.bills) == billed + 1
    tile.get_by_role("button", name="Run again").click()
    expect(page.get_by_role("link", name="Lost on the way")).to_be_visible()
    assert len(gemini.bills) == billed + 2


def test_a_dismissed_failure_stays_away_in_this_browser_until_it_is_run_again(
    open_page: OpenPage, paid_studio: Studio, gemini: GeminiEmulator
) -> None:
    page = open_page(paid_studio)
    gemini.script(Kind.OVERLOADED, Kind.OVERLOADED)
    with page.expect_response("**/api/generate") as answer:
        _submit(page, "Not wanted any more", 2)
    job = answer.value.json()["job_id"]
    expect(_state(page, "failed")).to_have_count(2)
    _state(page, "failed").first.get_by_role("button", name="Dismiss").click()
    expect(_state(page, "failed")).to_have_count(1)
    expect(_state(page, "failed").get_by_role("button", name="Retry")).to_be_focused()
    page.reload()
    expect(_state(page, "failed")).to_have_count(1)
    _state(page, "failed").get_by_role("button", name="Dismiss").click()
    expect(_state(page, "failed")).to_have_count(0)
    gemini.script(Kind.OVERLOADED, Kind.PICTURE)
    paid_studio.post(f"/api/generate/{job}/retry", {"task_indexes": []})
    expect(page.get_by_role("link", name="Not wanted any more")).to_have_count(1)
    expect(_state(page, "failed")).to_have_count(1)
    _state(page, "failed").get_by_role("button", name="Retry").click()
    expect(page.get_by_role("link", name="Not wanted any more")).to_have_count(2)


def test_progress_goes_by_the_servers_clock_and_tells_when_it_is_late(
    open_page: OpenPage, paid_studio: Studio, gemini: GeminiEmulator
) -> None:
    page = open_page(paid_studio, script=CLOCK_AN_HOUR_AHEAD)
    _submit(page, "Quickly made, so that there is a usual time")
    expect(page.get_by_role("link", name="Quickly made")).to_be_visible()
    gemini.script(Fate(held=True))
    _submit(page, "Slow for once")
    tile = _state(page, "in_progress")
    expect(tile).to_contain_text("Sent to Gemini")
    expect(tile).to_contain_text("Longer than usual")
    expect(tile).to_contain_text(re.compile(r"0:\d\d"))
    expect(tile.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "95")
    gemini.wait_for(lambda seen: seen.in_flight == 1)
    gemini.release()
    expect(page.get_by_role("link", name="Slow for once")).to_be_visible()


def test_cancel_keeps_what_runs_and_drops_what_waits(
    open_page: OpenPage, paid_studio: Studio, gemini: GeminiEmulator
) -> None:
    page = open_page(paid_studio)
    gemini.script(Fate(held=True))
    _submit(page, "Half of it", 3)
    expect(_state(page, "in_progress")).to_have_count(1)
    expect(_state(page, "pending")).to_have_count(2)
    _card(page, "Half of it").get_by_role("button", name="Cancel").click()
    expect(_state(page, "pending")).to_have_count(0)
    gemini.wait_for(lambda seen: seen.in_flight == 1)
    gemini.release()
    expect(page.get_by_role("link", name="Half of it")).to_have_count(1)
    expect(_card(page, "Half of it")).to_have_count(0)


def test_two_tabs_show_the_same(open_page: OpenPage, studio: Studio) -> None:
    one, two = open_page(studio), open_page(studio)
    _submit(one, "Seen in both")
    expect(two.get_by_role("link", name="Seen in both")).to_be_visible()
    _submit(two, "And back again")
    expect(one.get_by_role("link", name="And back again")).to_be_visible()


def test_eight_tabs_share_one_stream_and_pass_it_on(
    open_page: OpenPage, context: BrowserContext, studio: Studio
) -> None:
    streams: list[str] = []

    def note(request: Request) -> None:
        if "/api/events" in request.url:
            streams.append(request.url)

    context.on("request", note)
    pages = [open_page(studio) for _ in range(8)]
    context.remove_listener("request", note)
    assert len(streams) == 1
    _submit(pages[7], "Seen by eight")
    for page in pages:
        expect(page.get_by_role("link", name="Seen by eight")).to_have_count(1)
    pages[0].close()
    _submit(pages[7], "Seen by seven")
    for page in pages[1:]:
        expect(page.get_by_role("link", name="Seen by seven")).to_have_count(1)
        expect(page.locator(LIVE)).to_have_count(1)


def test_without_locks_each_tab_has_its_own_stream(open_page: OpenPage, studio: Studio) -> None:
    one, two = open_page(studio, script=NO_LOCKS), open_page(studio, script=NO_LOCKS)
    _submit(one, "Without locks")
    for page in (one, two):
        expect(page.get_by_role("link", name="Without locks")).to_have_count(1)


def test_a_hidden_tab_without_locks_lets_its_connection_go(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio, script=NO_LOCKS)
    page.evaluate(SHOW, False)
    expect(page.locator(LIVE)).to_have_count(0)
    studio.post("/api/generate", {"prompt": "Made while nobody looked"})
    page.evaluate(SHOW, True)
    expect(page.locator(LIVE)).to_have_count(1)
    expect(page.get_by_role("link", name="Made while nobody looked")).to_have_count(1)


def test_when_events_can_no_longer_be_replayed_everything_is_read_anew(
    open_page: OpenPage, context: BrowserContext, studio: Studio
) -> None:
    page = open_page(studio, script=NO_LOCKS)
    page.evaluate(SHOW, False)
    context.route(
        "**/api/events*",
        lambda route: route.fulfill(content_type="text/event-stream", body="event: reset\ndata: {}\n\n"),
    )
    studio.post("/api/generate", {"prompt": "Known only from the records"})
    page.evaluate(SHOW, True)
    expect(page.get_by_role("link", name="Known only from the records")).to_have_count(1)


COUNT_FRAMES = """
window.asked = 0;
const nextFrame = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (callback) => { window.asked += 1; return nextFrame(callback); };
"""
SETTLES = """async () => {
    for (let second = 0; second < 30; second += 1) {
        window.asked = 0;
        for (let frame = 0; frame < 60; frame += 1) await new Promise((done) => requestAnimationFrame(done));
        if (window.asked === 60) return true;
    }
    return false;
}"""
"""Whether there comes a time at which nobody but this asks for frames."""


def test_a_page_on_which_nothing_happens_wakes_nobody(open_page: OpenPage, studio: Studio) -> None:
    """Without `quiet.js`, Gradio's loading sign counts on for ever."""
    page = open_page(studio, script=COUNT_FRAMES)
    assert page.evaluate(SETTLES)
