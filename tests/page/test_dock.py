"""The dock: what runs, waits and ended badly, and the tab's title and icon that tell of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.emulator.fates import Fate, Kind
from tests.emulator.gemini import GeminiEmulator
from tests.page.axe import faults
from tests.page.conftest import LIVE, OpenPage
from tests.page.studio import Studio

pytestmark = pytest.mark.browser

SHOW = """shown => {
    Object.defineProperty(document, 'hidden', { value: !shown, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
}"""


@pytest.fixture
def held(paid_studio: Studio, gemini: GeminiEmulator) -> Iterator[Studio]:
    """The next picture is held back until the test is over."""
    gemini.script(Fate(held=True))
    yield paid_studio
    gemini.release()


def _submit(studio: Studio, prompt: str, **more: object) -> str:
    job: str = studio.post("/api/generate", {"prompt": prompt, **more})["job_id"]
    return job


def _card(page: Page, job: str) -> Locator:
    return page.locator(f'ig-job[data-job-id="{job}"]')


def _make_good(page: Page, studio: Studio, job: str, title: str, total: int) -> None:
    """What was dismissed is so in one browser only: other tests would see it."""
    tasks = page.evaluate("id => fetch(`/api/generate/${id}`).then(answer => answer.json())", job)["tasks"]
    bad = [task["index"] for task in tasks if task["status"] in ("failed", "interrupted")]
    studio.post(f"/api/generate/{job}/retry", {"task_indexes": bad})
    expect(page.get_by_role("link", name=title)).to_have_count(total)


def test_a_job_is_followed_from_the_queue_to_its_end(
    open_page: OpenPage, held: Studio, gemini: GeminiEmulator
) -> None:
    page = open_page(held)
    first = _submit(held, "Runs first", count=2)
    second = _submit(held, "Waits behind it")
    expect(_card(page, first)).to_contain_text("0 / 2")
    expect(_card(page, second)).to_contain_text("in queue")
    expect(page.locator("ig-dock .summary")).to_contain_text("1 running")
    expect(page.locator("ig-dock .summary")).to_contain_text("2 queued")
    expect(_card(page, first).get_by_role("progressbar")).to_have_attribute("aria-valuenow", "0")
    page.reload()
    expect(_card(page, second)).to_contain_text("in queue")
    gemini.wait_for(lambda seen: seen.in_flight == 1)
    gemini.release()
    expect(_card(page, first).locator("img")).to_have_count(1)
    expect(_card(page, second)).to_contain_text("Gemini 3 Pro Image · $0.13")
    expect(page.locator("ig-job")).to_have_count(0)
    expect(page.locator("ig-dock")).to_be_hidden()


def test_cancel(open_page: OpenPage, held: Studio, gemini: GeminiEmulator) -> None:
    page = open_page(held)
    running = _submit(held, "Runs on")
    waiting = _submit(held, "Not wanted")
    _card(page, waiting).get_by_role("button", name="Cancel").click()
    expect(_card(page, waiting)).to_contain_text("Cancelled")
    expect(_card(page, waiting)).to_have_count(0)
    expect(_card(page, running)).to_have_count(1)
    gemini.wait_for(lambda seen: seen.in_flight == 1)


def test_failures_stay_until_they_are_run_again(
    open_page: OpenPage, paid_studio: Studio, gemini: GeminiEmulator
) -> None:
    page = open_page(paid_studio)
    gemini.script(Kind.PICTURE, Kind.OVERLOADED, Kind.OVERLOADED)
    job = _submit(paid_studio, "Two of three fail", count=3)
    card = _card(page, job)
    expect(card).to_contain_text("2 of 3 failed: ")
    expect(card).to_contain_text("overloaded")
    page.reload()
    expect(card.get_by_role("button", name="Cancel")).to_be_hidden()
    page.locator('ig-tile[data-task-state="failed"]').first.get_by_role("button", name="Dismiss").click()
    expect(card).to_contain_text("1 of 3 failed")
    with page.expect_request("**/retry") as asked:
        card.get_by_role("button", name="Retry").click()
    (index,) = json.loads(asked.value.post_data or "{}")["task_indexes"]
    assert index in (1, 2)  # not the one that was dismissed
    expect(page.get_by_role("link", name="Two of three fail")).to_have_count(2)
    expect(card).to_have_count(0)
    _make_good(page, paid_studio, job, "Two of three fail", 3)


def test_a_lost_answer_is_run_again_by_its_own_button(
    open_page: OpenPage, paid_studio: Studio, gemini: GeminiEmulator
) -> None:
    page = open_page(paid_studio)
    gemini.script(Kind.PICTURE, Kind.DROP_AFTER)
    job = _submit(paid_studio, "Lost in the dock", count=2)
    card = _card(page, job)
    expect(card).to_contain_text("May have been billed — run again?")
    expect(card.get_by_role("button", name="Retry")).to_be_hidden()
    again = card.get_by_role("button", name="Run again")
    expect(again).to_have_attribute("title", re.compile("picture 2 again"))
    with page.expect_request("**/retry") as asked:
        again.click()
    assert asked.value.post_data_json == {"task_indexes": [1]}
    expect(page.get_by_role("link", name="Lost in the dock")).to_have_count(2)
    expect(card).to_have_count(0)


def test_trouble_is_dismissed_with_its_tiles_and_stays_away(
    open_page: OpenPage, paid_studio: Studio, gemini: GeminiEmulator
) -> None:
    page = open_page(paid_studio)
    gemini.script(Kind.OVERLOADED, Kind.DROP_AFTER)
    job = _submit(paid_studio, "Seen and put away", count=2)
    expect(_card(page, job).get_by_role("button", name="Run again")).to_be_visible()
    expect(page.locator("ig-dock .summary")).to_contain_text(re.compile("needs? you"))
    page.emulate_media(reduced_motion="reduce")
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        assert faults(page) == [], theme
    _card(page, job).get_by_role("button", name="Dismiss").click()
    expect(_card(page, job)).to_have_count(0)
    expect(page.locator("ig-tile[data-task-state]")).to_have_count(0)
    page.reload()
    page.wait_for_selector(LIVE)
    expect(_card(page, job)).to_have_count(0)
    _make_good(page, paid_studio, job, "Seen and put away", 2)


def test_many_jobs_fold_into_a_number(open_page: OpenPage, held: Studio, gemini: GeminiEmulator) -> None:
    page = open_page(held)
    jobs = [_submit(held, f"One of eight, number {n}") for n in range(8)]
    expect(page.locator("ig-job")).to_have_count(6)
    rest = page.get_by_role("button", name="+2 queued")
    rest.click()
    expect(page.locator("ig-job")).to_have_count(8)
    page.get_by_role("button", name="Show fewer").click()
    expect(page.locator("ig-job")).to_have_count(6)
    for job in jobs[1:]:
        held.post(f"/api/generate/{job}/cancel", {})
    expect(page.locator("ig-job")).to_have_count(1)
    gemini.wait_for(lambda seen: seen.in_flight == 1)


def test_a_cut_out_is_called_one(open_page: OpenPage, held: Studio, gemini: GeminiEmulator) -> None:
    page = open_page(held)
    job = _submit(held, "Played as a cut-out")
    expect(_card(page, job)).to_have_count(1)
    record = page.evaluate("id => fetch(`/api/generate/${id}`).then(answer => answer.json())", job)
    del record["images"], record["tasks"]
    page.route(
        "**/api/jobs?*", lambda route: route.fulfill(json={"jobs": [{**record, "kind": "cutout"}], "next": None})
    )
    page.route(
        f"**/api/generate/{job}",
        lambda route: route.fulfill(json={**record, "kind": "cutout", "images": [], "tasks": []}),
    )
    page.reload()
    expect(_card(page, job)).to_contain_text("Cut-out · Played as a cut-out")
    gemini.wait_for(lambda seen: seen.in_flight == 1)


def test_the_tab_tells_how_far_it_is_and_that_it_is_done(
    open_page: OpenPage, held: Studio, gemini: GeminiEmulator
) -> None:
    page = open_page(held)
    icon = page.locator("link[rel~='icon']").first
    expect(page).to_have_title("imagegen")  # once the jobs of other tests are done
    usual = icon.get_attribute("href")
    job = _submit(held, "Watched from another tab", count=2)
    expect(page).to_have_title("0/2 · imagegen")
    expect(icon).to_have_attribute("href", re.compile("^data:image/svg"))
    page.evaluate(SHOW, False)
    gemini.wait_for(lambda seen: seen.in_flight == 1)
    gemini.release()
    expect(page).to_have_title("✓ 2 ready · imagegen")
    page.evaluate(SHOW, True)
    expect(page).to_have_title("imagegen")
    expect(icon).to_have_attribute("href", usual or "")
    expect(_card(page, job)).to_have_count(0)


def test_how_far_all_jobs_are_together(profile: BrowserContext, studio: Studio) -> None:
    tab = profile.new_page()
    tab.goto(studio.url)

    def summary(name: str, status: str, completed: int, total: int) -> list[object]:
        progress = {"total": total, "completed": completed, "failed": 0, "cancelled": 0, "interrupted": 0}
        return [name, {"job_id": name, "status": status, "progress": progress}]

    def together(before: list[str], *jobs: list[object]) -> Any:
        return tab.evaluate(
            """async ([before, jobs]) => {
                const { stretch, sumOf } = await studioModule("dock/progress.js");
                const ids = stretch(new Set(before), new Map(jobs));
                return [[...ids].sort(), sumOf(ids, new Map(jobs))];
            }""",
            [before, jobs],
        )

    done, live, old = (
        summary("a", "completed", 4, 4),
        summary("b", "processing", 1, 4),
        summary("c", "completed", 9, 9),
    )
    both = {"completed": 5, "ended": 5, "total": 8, "live": True}
    assert together(["a"], done, live, old) == [["a", "b"], both]
    assert together(["a"], done, old) == [["a"], {"completed": 4, "ended": 4, "total": 4, "live": False}]
    assert together(["gone"], old) == [[], {"completed": 0, "ended": 0, "total": 0, "live": False}]
    tab.close()
