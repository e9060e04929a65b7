"""Background removal from the detail view: what runs, how it ends, and before and after in one place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.page.axe import faults
from tests.page.conftest import LIVE, OpenPage, until
from tests.page.studio import Studio

pytestmark = pytest.mark.browser

REFUSED = "the server responded with a status of 4"
QUICK = {"id": "quick", "title": "Quick", "licence": "Apache-2.0", "bytes": 4_574_861}
FINE = {"id": "fine", "title": "Fine", "licence": "MIT", "bytes": 178_648_008}


def _open_one(page: Page, studio: Studio, prompt: str) -> str:
    studio.post("/api/generate", {"prompt": prompt})
    tile = page.locator("ig-tile[data-image-id]", has_text=prompt)
    expect(tile).to_have_count(1)
    picture = tile.get_attribute("data-image-id") or ""
    page.goto(f"{studio.url}/?image={picture}")
    page.wait_for_selector(LIVE)
    expect(page.locator("dl.facts")).to_be_visible()
    return picture


def _button(page: Page) -> Locator:
    return page.locator("dialog.detail").get_by_role("button", name="Remove background", exact=True)


def _said(page: Page) -> Locator:
    return page.locator("ig-cutout").get_by_role("status")


def _model(record: dict[str, Any], **state: object) -> dict[str, object]:
    return {**record, "installed": True, "progress": None, "error": None, **state}


def _answer_models(page: Page, state: str, *models: dict[str, object]) -> None:
    page.route("**/api/cutout/models", lambda route: route.fulfill(json={"state": state, "models": list(models)}))


def _answer_job(page: Page, picture: str, **changes: object) -> list[Any]:
    """The background remover is played: its job is one of the pictures' own, with these changes."""
    asked: list[Any] = []
    job = page.evaluate("id => fetch(`/api/images/${id}`).then(answer => answer.json())", picture)["job_id"]
    record = page.evaluate("id => fetch(`/api/generate/${id}`).then(answer => answer.json())", job)
    played = {**record, "job_id": "0played", "kind": "cutout", "images": [], **changes}

    def accept(route: Route) -> None:
        asked.append(json.loads(route.request.post_data or "{}"))
        route.fulfill(status=202, json={"job_id": "0played"})

    page.route(f"**/api/images/{picture}/cutout", accept)
    page.route("**/api/generate/0played", lambda route: route.fulfill(json=played))
    return asked


def test_the_cut_out_appears_beside_what_was_before(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.emulate_media(reduced_motion="reduce")
    picture = _open_one(page, studio, "A ceramic bottle on a plinth")
    cutout = _open_one(page, studio, "What is left of it")
    page.goto(f"{studio.url}/?image={picture}")
    page.wait_for_selector(LIVE)
    expect(page.get_by_role("slider")).to_have_count(0)
    _answer_models(page, "ready", _model(QUICK))
    asked = _answer_job(page, picture, status="completed")
    record = page.evaluate("id => fetch(`/api/images/${id}`).then(answer => answer.json())", picture)
    record = {**record, "cutout_id": cutout, "lineage": {**record["lineage"], "cutout": cutout}}
    page.route(f"**/api/images/{picture}", lambda route: route.fulfill(json=record))
    _button(page).click()
    slider = page.get_by_role("slider", name="Before and after")
    expect(slider).to_be_visible()
    assert len(asked) == 1
    expect(_said(page)).to_have_text("The background is removed.")
    expect(slider).to_have_attribute("aria-valuenow", "50")
    expect(page.locator("ig-layer[data-loaded]")).to_have_count(2)
    _moves(page, slider)
    _shows_one_or_both(page, slider)
    assert faults(page) == []
    page.get_by_role("button", name="Cut-out").click()  # among its relatives
    expect(page.locator(f'ig-viewer[data-image-id="{cutout}"]')).to_be_visible()


def _moves(page: Page, slider: Locator) -> None:
    slider.focus()
    for key, value in (("ArrowLeft", 48), ("ArrowRight", 50), ("PageUp", 60), ("Home", 0), ("End", 100)):
        page.keyboard.press(key)
        expect(slider).to_have_attribute("aria-valuenow", str(value))
    expect(slider).to_have_attribute("aria-valuetext", "100% original")
    plane = page.locator("ig-viewer .plane").bounding_box()
    box = slider.bounding_box()
    assert plane is not None
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(plane["x"] + plane["width"] / 4, 400, steps=3)
    page.mouse.up()
    expect(slider).to_have_attribute("aria-valuenow", "25")


def _shows_one_or_both(page: Page, slider: Locator) -> None:
    page.get_by_role("radio", name="Cut-out").check(force=True)
    expect(slider).to_be_hidden()
    page.get_by_role("radio", name="Original").check(force=True)
    expect(slider).to_be_hidden()
    page.get_by_role("radio", name="Compare").check(force=True)
    expect(slider).to_be_visible()


def test_getting_ready_and_running_are_told_and_one_at_a_time_is_enough(
    open_page: OpenPage, studio: Studio
) -> None:
    page = open_page(studio)
    picture = _open_one(page, studio, "Taking its time")
    _answer_models(page, "preparing", _model(QUICK))
    asked = _answer_job(page, picture, status="processing")
    _button(page).click()
    expect(_said(page)).to_contain_text("Getting ready")
    expect(_button(page)).to_have_attribute("aria-disabled", "true")
    expect(_button(page)).to_have_attribute("title", "The background is being removed.")
    _answer_models(page, "ready", _model(QUICK))
    expect(_said(page)).to_contain_text("Removing the background")
    page.keyboard.press("b")
    assert len(asked) == 1


def test_one_that_ends_while_the_page_loads_anew_is_told(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    picture = _open_one(page, studio, "Ended behind a reload")
    _answer_models(page, "ready", _model(QUICK))
    _answer_job(page, picture, status="processing")
    _button(page).click()
    expect(_said(page)).to_contain_text("Removing the background")
    _answer_job(page, picture, status="completed")  # no longer among the live ones
    page.evaluate("async () => (await studioModule('studio/library.js')).library.load()")
    expect(_said(page)).to_have_text("The background is removed.")


def test_a_failure_is_told_in_its_own_words(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    picture = _open_one(page, studio, "Fog and nothing else")
    failed = [{"index": 0, "status": "failed", "error": "Nothing was found to cut out."}]
    progress = {"total": 1, "completed": 0, "failed": 1, "cancelled": 0, "interrupted": 0}
    _answer_models(page, "ready", _model(QUICK))
    _answer_job(page, picture, status="failed", tasks=failed, progress=progress)
    _button(page).click()
    expect(_said(page)).to_have_text("Nothing was found to cut out.")
    expect(_button(page)).not_to_have_attribute("aria-disabled", "true")


def test_a_refusal_is_told(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio, may_fail=(REFUSED,))
    picture = _open_one(page, studio, "Refused at the door")
    refusal = {"status": 409, "title": "Conflict", "detail": "The picture is too large to cut out.", "errors": []}
    page.route(f"**/api/images/{picture}/cutout", lambda route: route.fulfill(status=409, json=refusal))
    _button(page).click()
    expect(_said(page)).to_have_text("The picture is too large to cut out.")


def test_without_a_remover_the_button_says_so(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio, may_fail=(REFUSED,))
    page.route("**/api/cutout/models", lambda route: route.fulfill(status=404, json={"detail": "none"}))
    _open_one(page, studio, "Keeps its background")
    expect(_button(page)).to_have_attribute("title", "Background removal is not available here.")


def test_model_edges_and_background_are_chosen_and_kept(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    _answer_models(page, "ready", _model(QUICK), _model(FINE))
    picture = _open_one(page, studio, "Cut with care")
    page.get_by_role("button", name="Background removal settings").click()
    choices = page.locator("ig-cutout .choices")
    expect(choices).to_contain_text("MIT · 178.6 MB")
    choices.get_by_role("radio", name="Fine").check()
    choices.get_by_role("checkbox", name="Finer edges").check()
    choices.get_by_role("radio", name="White").check()
    assert faults(page) == []
    page.reload()
    expect(page.locator("dl.facts")).to_be_visible()
    asked = _answer_job(page, picture, status="processing")
    page.get_by_role("button", name="Background removal settings").click()
    expect(page.locator("ig-cutout").get_by_role("radio", name="Fine")).to_be_checked()
    page.keyboard.press("b")
    expect(_button(page)).to_have_attribute("aria-disabled", "true")
    until(page, "() => true")
    assert asked == [{"model": "fine", "alpha_matting": True, "background": "#ffffff"}]


def test_a_model_is_fetched_with_its_progress(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    _answer_models(page, "cold", _model(QUICK), _model(FINE, installed=False))
    _open_one(page, studio, "Waiting for a better one")
    page.get_by_role("button", name="Background removal settings").click()
    choices = page.locator("ig-cutout .choices")
    expect(choices.get_by_role("radio", name="Fine")).to_be_disabled()
    page.route("**/api/cutout/models/fine/download", lambda route: route.fulfill(status=202, json={"id": "fine"}))
    _answer_models(page, "cold", _model(QUICK), _model(FINE, installed=False, progress=0.42))
    choices.get_by_role("button", name="Download Fine, 178.6 MB").click()
    bar = choices.get_by_role("progressbar", name="Downloading Fine: 42%")
    expect(bar).to_have_attribute("aria-valuenow", "42")
    _answer_models(page, "cold", _model(QUICK), _model(FINE, installed=False, error="The connection was lost."))
    expect(choices.get_by_role("alert")).to_have_text("The connection was lost.")
    expect(choices.get_by_role("button", name="Download Fine, 178.6 MB")).to_be_visible()


SUBJECT = "A ceramic serum bottle on a travertine plinth"


def test_from_the_click_to_the_slider_with_the_real_remover(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.emulate_media(reduced_motion="reduce")
    picture = _open_one(page, studio, SUBJECT)
    _button(page).click()
    slider = page.get_by_role("slider", name="Before and after")
    expect(slider).to_be_visible()
    expect(_said(page)).to_have_text("The background is removed.")
    expect(page.locator("ig-layer[data-loaded]")).to_have_count(2)
    record = page.evaluate("id => fetch(`/api/images/${id}`).then(answer => answer.json())", picture)
    alphas = page.evaluate(ALPHAS, f"/api/images/{record['cutout_id']}/file")
    assert min(alphas) == 0, "the background is gone"
    assert max(alphas) == 255, "the bottle is not"


ALPHAS = """async (address) => {
    const picture = await createImageBitmap(await (await fetch(address)).blob());
    const brush = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
    brush.drawImage(picture, 0, 0);
    const data = brush.getImageData(0, 0, picture.width, picture.height).data;
    return [...new Set(data.filter((_, index) => index % 4 === 3))];
}"""


def test_one_that_was_started_elsewhere_is_followed(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.emulate_media(reduced_motion="reduce")
    picture = _open_one(page, studio, f"{SUBJECT}, started elsewhere")
    held = [True]

    def hold(route: Route) -> None:
        answer = route.fetch()
        record = answer.json()
        if held and record.get("kind") == "cutout":
            record["status"] = "processing"
            record["tasks"][0] |= {"status": "in_progress", "image_id": None}
        route.fulfill(json=record)

    page.route("**/api/generate/*", hold)
    job = studio.post(f"/api/images/{picture}/cutout", {})["job_id"]
    expect(_button(page)).to_have_attribute("title", "The background is being removed.")
    expect(_said(page)).not_to_be_empty()
    held.clear()
    page.evaluate("async id => (await studioModule('studio/library.js')).library.refreshJob(id)", job)
    expect(_said(page)).to_have_text("The background is removed.")
    expect(page.get_by_role("slider", name="Before and after")).to_be_visible()


def test_one_that_its_job_asked_for_arrives_by_itself(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    prompt = f"{SUBJECT}, cut out when done"
    studio.post("/api/generate", {"prompt": prompt, "remove_background": True})
    tile = page.locator("ig-tile[data-image-id]:not([data-cutout])", has_text=prompt)
    expect(tile).to_have_count(1)
    tile.locator("a").first.click()
    expect(page.get_by_role("slider", name="Before and after")).to_be_visible()


def test_a_failure_is_told_again_when_the_picture_is_opened_again(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    picture = _open_one(page, studio, "Nothing to see twice")
    job = page.evaluate("id => fetch(`/api/images/${id}`).then(answer => answer.json())", picture)["job_id"]

    def fail(route: Route) -> None:
        record = route.fetch().json()
        if record["job_id"] == job:
            record |= {"kind": "cutout", "status": "failed", "images": []}
            told = {"status": "failed", "error": "Nothing was found to cut out.", "parent_id": picture}
            record["tasks"][0] |= told
        route.fulfill(json=record)

    page.route("**/api/generate/*", fail)
    page.evaluate("async id => (await studioModule('studio/library.js')).library.refreshJob(id)", job)
    page.keyboard.press("Escape")
    until(page, "() => !location.search.includes('image=')")
    page.evaluate("id => document.dispatchEvent(new CustomEvent('ig:open', { detail: { imageId: id } }))", picture)
    expect(_said(page)).to_have_text("Nothing was found to cut out.")


def test_what_one_should_know_of_a_cut_out_is_told_and_stays(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    picture = _open_one(page, studio, "Hair against hair")
    cutout = _open_one(page, studio, "What came of the hair")
    notice = "Alpha matting found no clear inside and outside, so the plain edges were used."
    page.goto(f"{studio.url}/?image={picture}")
    page.wait_for_selector(LIVE)
    expect(page.locator("dl.facts")).to_be_visible()
    job = page.evaluate("id => fetch(`/api/images/${id}`).then(answer => answer.json())", cutout)["job_id"]
    [task] = page.evaluate("id => fetch(`/api/generate/${id}`).then(answer => answer.json())", job)["tasks"]
    _answer_models(page, "ready", _model(QUICK))
    _answer_job(page, picture, status="completed", tasks=[{**task, "notice": notice}])
    _button(page).click()
    expect(_said(page)).to_have_text(f"The background is removed. {notice}")
    changes: dict[str, dict[str, object]] = {cutout: {"notice": notice}, picture: {"cutout_id": cutout}}

    def tell(route: Route) -> None:
        record = route.fetch().json()
        route.fulfill(json=record | changes[record["id"]])

    for image_id in changes:
        page.route(f"**/api/images/{image_id}", tell)
    page.goto(f"{studio.url}/?image={picture}")
    expect(_said(page)).to_have_text(notice)
