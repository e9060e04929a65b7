"""One picture, closely: opened, looked through, told about, used again, and left as it was found."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.page.axe import faults
from tests.page.conftest import LIVE, OpenPage, until
from tests.page.studio import Studio

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
NOT_FOUND = "the server responded with a status of 404"
OPEN = "id => document.dispatchEvent(new CustomEvent('ig:open', { detail: { imageId: id } }))"
RECORD = "async id => (await fetch(`/api/images/${id}`)).json()"
HEAR = """name => {
    window.heard = null;
    document.addEventListener(name, event => { window.heard = event.detail }, { once: true });
}"""


def _make(page: Page, studio: Studio, prompt: str, **more: object) -> list[str]:
    """Ids of the pictures of one job, in the order of its plan; no other job may have that prompt."""
    total = studio.post("/api/generate", {"prompt": prompt, **more})["total"]
    tiles = page.locator("ig-tile[data-image-id]", has_text=prompt)
    expect(tiles).to_have_count(total)
    made: list[str] = tiles.evaluate_all("tiles => tiles.map(tile => tile.dataset.imageId)")
    return made


def _detail(page: Page) -> Locator:
    return page.locator("dialog.detail")


def _show(page: Page, picture: str) -> None:
    page.evaluate(OPEN, picture)
    _is_shown(page, picture)


def _is_shown(page: Page, picture: str) -> None:
    expect(page.locator(f'ig-viewer[data-image-id="{picture}"]')).to_be_visible()
    expect(page.locator("ig-layer[data-loaded] img").first).to_have_attribute("src", f"/api/images/{picture}/file")
    expect(page.locator("dl.facts")).to_have_count(1)


def _addressed(page: Page) -> str | None:
    """As the page has it now: `page.url` is told of a step in its history a little later."""
    picture: str | None = page.evaluate("() => new URLSearchParams(location.search).get('image')")
    return picture


def test_who_presses_before_it_is_there_is_answered_then(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    (picture,) = _make(page, studio, "Opened early")
    held: list[Route] = []
    page.route("**/detail/detail.js", lambda route: held.append(route))  # noqa: PLW0108 - Playwright takes no built-in
    with page.expect_request("**/detail/detail.js"):
        page.reload()
    page.locator(f'ig-tile[data-image-id="{picture}"] a:has(img)').click()
    expect(_detail(page)).to_have_count(0)
    held[0].continue_()
    _is_shown(page, picture)
    page.unroute("**/detail/detail.js")


def test_opened_and_closed_in_every_way(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    (picture,) = _make(page, studio, "Opened and closed")
    detail = _detail(page)
    for how in ("key", "button", "back"):
        page.locator(f'ig-tile[data-image-id="{picture}"] a:has(img)').focus()
        _show(page, picture)
        assert _addressed(page) == picture
        if how == "key":
            page.keyboard.press("Escape")
        elif how == "button":
            detail.get_by_role("button", name="Close").click()
        else:
            page.go_back()
        expect(detail).to_be_hidden()
        until(page, "() => !location.search.includes('image=')")
        expect(page.locator(f'ig-tile[data-image-id="{picture}"] a:has(img)')).to_be_focused()
    page.go_forward()
    _is_shown(page, picture)


def test_a_link_opens_it_and_a_reload_keeps_it(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    (picture,) = _make(page, studio, "Linked to")
    page.goto(f"{studio.url}/?image={picture}")
    for _ in range(2):
        page.wait_for_selector(LIVE)
        _is_shown(page, picture)
        assert _addressed(page) == picture
        page.reload()
    _is_shown(page, picture)
    page.keyboard.press("Escape")
    expect(_detail(page)).to_be_hidden()
    until(page, "() => !location.search.includes('image=')")
    assert page.url.startswith(studio.url)


def test_a_link_knows_what_stands_beside_when_the_gallery_comes_before_its_record(
    open_page: OpenPage, studio: Studio
) -> None:
    page = open_page(studio)
    first, _ = _make(page, studio, "Two that were linked to", count=2)
    lists: list[Route] = []
    records: list[Route] = []
    # Playwright reads the name of what it is given, which a bound method of a list has not.
    page.route("**/api/images?*", lambda route: lists.append(route))  # noqa: PLW0108
    page.route(f"**/api/images/{first}", lambda route: records.append(route))  # noqa: PLW0108
    with page.expect_request(f"**/api/images/{first}"):
        page.goto(f"{studio.url}/?image={first}")
    page.unroute("**/api/images?*")
    for route in lists:
        route.continue_()
    expect(_detail(page).get_by_role("button", name="Next picture")).not_to_have_attribute("aria-disabled", "true")
    records[0].continue_()
    _is_shown(page, first)


def test_what_is_not_there_is_said_plainly(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio, may_fail=(NOT_FOUND,))
    page.goto(f"{studio.url}/?image=never-was")
    expect(_detail(page).get_by_role("alert")).to_contain_text("This picture is not here")
    expect(_detail(page).get_by_role("button", name="Remix")).to_be_hidden()
    _detail(page).get_by_role("alert").get_by_role("button", name="Close").click()
    expect(_detail(page)).to_be_hidden()
    page.wait_for_selector(LIVE)
    (picture,) = _make(page, studio, "Deleted elsewhere")
    _show(page, picture)
    page.evaluate("id => fetch(`/api/images/${id}`, { method: 'DELETE' })", picture)
    expect(_detail(page).get_by_role("alert")).to_contain_text("It was deleted")


def test_a_lost_server_is_asked_again(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio, may_fail=("ERR_FAILED",))
    (picture,) = _make(page, studio, "Asked for twice")
    page.route(f"**/api/images/{picture}", lambda route: route.abort())
    page.evaluate(OPEN, picture)
    trouble = _detail(page).get_by_role("alert")
    expect(trouble).to_contain_text("could not be loaded")
    page.unroute(f"**/api/images/{picture}")
    trouble.get_by_role("button", name="Retry").click()
    expect(_detail(page).get_by_text("Seed")).to_be_visible()
    expect(trouble).to_be_hidden()


def test_neighbours_by_keys_and_buttons(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    first, second, third = _make(page, studio, "Three in a row", count=3)
    _show(page, first)
    page.keyboard.press("ArrowRight")
    _is_shown(page, second)
    _detail(page).get_by_role("button", name="Next picture").click()
    _is_shown(page, third)
    assert _addressed(page) == third
    page.keyboard.press("ArrowLeft")
    _is_shown(page, second)
    _detail(page).get_by_role("button", name="Previous picture").click()
    _is_shown(page, first)
    page.go_back()  # looking through is one step
    expect(_detail(page)).to_be_hidden()


def test_everything_about_it_is_told(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    made = _make(
        page,
        studio,
        "A bridge of paper",
        aspect_ratio="4:5",
        image_size="2K",
        negative_prompt="people",
        seed=421,
        styles=["watercolor", "cartoon"],
    )
    _show(page, made[1])
    panel = _detail(page).locator("ig-panel")
    expect(panel.locator("dt", has_text="Seed")).to_be_visible()
    facts = dict(
        zip(panel.locator("dt").all_text_contents(), panel.locator("dd").all_text_contents(), strict=True)
    )
    record = page.evaluate(RECORD, made[1])
    assert facts["Size"] == f"{record['width']} × {record['height']} · 2K"
    assert facts["Ratio"] == "4:5"
    assert facts["Seed"] == str(record["seed"])
    assert facts["Without"] == "people"
    assert facts["Cost"] == "free"
    assert facts["Model"] == "Offline sketch"
    assert facts["Style"] == "Cartoon"
    assert facts["File"].startswith(record["format"].upper())
    assert "Made" in facts
    expect(panel.locator(".prompt")).to_have_text("A bridge of paper")
    expect(panel.locator(".timings")).to_contain_text("Generating")
    panel.get_by_text("Sent to the model as").click()
    expect(panel.get_by_text(record["prompt"], exact=True)).to_be_visible()


def test_a_price_that_is_not_known_is_said_to_be_unknown(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    (picture,) = _make(page, studio, "Who knows what it cost")
    record = page.evaluate(RECORD, picture)
    page.route(f"**/api/images/{picture}", lambda route: route.fulfill(json={**record, "usd": None}))
    _show(page, picture)
    expect(_detail(page).locator("dl")).to_contain_text("price unknown")


def test_remix_gives_back_every_setting(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    (picture,) = _make(page, studio, "Once more", aspect_ratio="16:9", negative_prompt="rain", seed=7)
    _show(page, picture)
    page.evaluate(HEAR, "ig:remix")
    _detail(page).get_by_role("button", name="Remix").click()
    until(page, "() => heard")
    request = page.evaluate("heard")["request"]
    assert (request["prompt"], request["aspect_ratio"]) == ("Once more", "16:9")
    assert (request["negative_prompt"], request["seed"]) == ("rain", 7)
    expect(_detail(page)).to_be_hidden()


def test_use_as_reference(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    (picture,) = _make(page, studio, "To be looked at by a model")
    _show(page, picture)
    page.evaluate(HEAR, "ig:use-reference")
    page.keyboard.press("u")
    until(page, "() => heard")
    assert page.evaluate("heard") == {"imageId": picture}
    expect(_detail(page)).to_be_hidden()


def test_a_variation_is_the_same_with_the_picture_and_another_seed(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    made = _make(page, studio, "In two styles", seed=9, styles=["watercolor", "cartoon"], count=2)
    _show(page, made[2])
    button = _detail(page).get_by_role("button", name="Variation")
    expect(button).to_contain_text("free")
    with page.expect_request(
        lambda request: request.method == "POST" and request.url.endswith("/api/generate")
    ) as asked:
        button.click()
    assert re.fullmatch("[0-9a-f]{32}", asked.value.headers["idempotency-key"])
    body = json.loads(asked.value.post_data or "{}")
    assert body["reference_images"] == [{"id": made[2]}]
    assert (body["seed"], body["count"], body["styles"]) == (None, 1, ["cartoon"])
    expect(_detail(page).get_by_role("status").filter(has_text="on its way")).to_be_visible()
    expect(page.locator("ig-tile[data-image-id]", has_text="In two styles")).to_have_count(5)


def test_a_variation_that_cannot_be_made_says_why(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio, may_fail=("the server responded with a status of 422",))
    (picture,) = _make(page, studio, "No more of these")
    refusal = {"status": 422, "title": "Invalid", "detail": "model: sketch takes no references", "errors": []}
    page.route("**/api/quote", lambda route: route.fulfill(status=422, json=refusal))
    _show(page, picture)
    button = _detail(page).get_by_role("button", name="Variation")
    expect(button).to_have_attribute("title", "model: sketch takes no references")
    expect(button).to_have_attribute("aria-disabled", "true")


def test_the_prompt_and_the_picture_are_copied(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=studio.url)
    (picture,) = _make(page, studio, "Copied ${word} for <b>word</b>", output_format="jpeg")
    _show(page, picture)
    _detail(page).get_by_role("button", name="Copy prompt").click()
    expect(_detail(page).get_by_text("Copied", exact=True)).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "Copied ${word} for <b>word</b>"
    page.keyboard.press("c")
    expect(_detail(page).locator("ig-actions > .status")).to_have_text("Copied")
    kinds = page.evaluate("navigator.clipboard.read().then(items => items.flatMap(item => item.types))")
    assert kinds == ["image/png"]
    page.context.clear_permissions()


def test_a_browser_that_forbids_copying_is_explained(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio, script="Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    (picture,) = _make(page, studio, "Not to be copied")
    _show(page, picture)
    _detail(page).get_by_role("button", name="Copy image").click()
    expect(_detail(page).get_by_role("status").filter(has_text="only on https")).to_be_visible()


def test_delete_goes_on_to_the_next_and_can_be_undone(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    first, second = _make(page, studio, "One of two stays", count=2)
    _show(page, first)
    page.evaluate(
        "() => document.addEventListener('ig:toast', event => { window.toast = event.detail }, { once: true })"
    )
    page.keyboard.press("Delete")
    _is_shown(page, second)
    expect(page.locator(f'ig-tile[data-image-id="{first}"]')).to_have_count(0)
    assert page.evaluate("[toast.text, toast.action.label]") == ["Picture deleted", "Undo"]
    page.evaluate("toast.action.run()")
    expect(page.locator(f'ig-tile[data-image-id="{first}"]')).to_have_count(1)


def test_the_facts_can_be_put_away_and_stay_away(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    (picture,) = _make(page, studio, "Nothing but the picture")
    _show(page, picture)
    panel = _detail(page).locator("ig-panel")
    expect(panel).to_be_visible()
    page.keyboard.press("i")
    expect(panel).to_be_hidden()
    page.reload()
    _is_shown(page, picture)
    expect(panel).to_be_hidden()
    _detail(page).get_by_role("button", name="Details").click()
    expect(panel).to_be_visible()


def test_on_a_phone_the_facts_are_a_sheet(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    (picture,) = _make(page, studio, "Held in one hand", aspect_ratio="9:16")
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    _show(page, picture)
    handle = _detail(page).get_by_role("button", name="Details")
    expect(handle).to_have_attribute("aria-expanded", "false")
    expect(_detail(page).get_by_role("button", name="Remix")).to_be_in_viewport()
    expect(_detail(page).locator("dl")).to_be_hidden()
    handle.click()
    expect(handle).to_have_attribute("aria-expanded", "true")
    expect(_detail(page).locator("dl")).to_be_in_viewport()
    handle.press("Enter")
    expect(_detail(page).locator("dl")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_accessible_in_all_looks(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    (picture,) = _make(page, studio, "Read aloud", negative_prompt="noise")
    page.emulate_media(reduced_motion="reduce")
    _show(page, picture)
    expect(_detail(page).get_by_role("button", name="Variation")).to_contain_text("free")
    for size in ({"width": 1440, "height": 900}, PHONE):
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        if size is PHONE:
            _detail(page).get_by_role("button", name="Details").click()
        for theme in ("light", "dark"):
            page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
            assert faults(page) == [], theme


def test_downloaded_as_it_came_and_named_by_prompt_and_seed(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    (picture,) = _make(page, studio, "A Kite over the Sea!", seed=31)
    _show(page, picture)
    with page.expect_download() as saved:
        _detail(page).get_by_role("button", name="Download").click()
    record = page.evaluate(RECORD, picture)
    assert saved.value.suggested_filename == f"a-kite-over-the-sea-{record['seed']}.{record['format']}"
    original = page.request.get(f"{studio.url}/api/images/{picture}/file").body()
    assert Path(saved.value.path()).read_bytes() == original
    assert len(original) == record["bytes"]


def test_album_format_and_what_was_made_with_it(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    album = studio.post("/api/albums", {"name": "Kettles & cups"})["id"]
    (picture,) = _make(page, studio, "A kettle of tin", album=album, output_format="jpeg")
    (later,) = _make(page, studio, "The same, of gold", reference_images=[picture])
    _show(page, picture)
    facts = _detail(page).locator("dl.facts")
    expect(facts.locator("div", has=page.get_by_text("Album", exact=True))).to_contain_text("Kettles & cups")
    expect(facts.locator("div", has=page.get_by_text("Format", exact=True))).to_contain_text("JPEG")
    _detail(page).get_by_role("group", name="Made from this").get_by_role("button").click()
    _is_shown(page, later)
    expect(_detail(page).get_by_role("group", name="Made from", exact=True).get_by_role("button")).to_have_count(1)
