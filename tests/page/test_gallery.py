"""Finding pictures and doing something with them: search, albums, cut-outs, a tile's buttons, keys and menus."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.page.axe import faults
from tests.page.conftest import LIVE, OpenPage
from tests.page.played import cancelled_cutout
from tests.page.studio import Studio

pytestmark = pytest.mark.browser

NOTE = """kind => {
    window.heard = [];
    document.addEventListener(kind, (event) => window.heard.push(event.detail));
}"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A server with an album of one picture, and two more."""
    server = Studio(tmp_path_factory.mktemp("gallery") / "data")
    server.start()
    album = server.post("/api/albums", {"name": "Harbours"})["id"]
    server.post("/api/generate", {"prompt": "A quiet harbour at night", "album": album})
    server.post("/api/generate", {"prompt": "A mountain over the clouds", "count": 2, "aspect_ratio": "3:4"})
    yield server
    server.stop()


@pytest.fixture
def page(open_page: OpenPage, own: Studio) -> Page:
    tab = open_page(own)
    expect(_picture(tab, "A mountain")).to_have_count(2)
    expect(_picture(tab, "A quiet harbour")).to_have_count(1)
    return tab


def _picture(page: Page, name: str) -> Locator:
    return page.get_by_role("link", name=name)


def _heard(page: Page) -> list[Any]:
    heard: list[Any] = page.evaluate("window.heard")
    return heard


def _ids(page: Page) -> list[str]:
    ids: list[str] = page.locator("ig-tile").evaluate_all("tiles => tiles.map((tile) => tile.dataset.imageId)")
    return ids


def test_search_finds_words_is_kept_in_the_address_and_goes_back(page: Page) -> None:
    page.locator("ig-gallery .pane").focus()
    page.keyboard.press("/")
    search = page.get_by_role("searchbox", name="Search")
    expect(search).to_be_focused()
    page.keyboard.type("moun")
    expect(_picture(page, "A quiet harbour")).to_have_count(0)
    expect(_picture(page, "A mountain")).to_have_count(2)
    expect(page).to_have_url(re.compile(r"\?q=moun"))
    page.reload()
    page.wait_for_selector(LIVE)
    expect(search).to_have_value("moun")
    expect(_picture(page, "A mountain")).to_have_count(2)
    expect(_picture(page, "A quiet harbour")).to_have_count(0)
    search.fill("nothing has these words")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    page.get_by_role("button", name="Show all pictures").click()
    expect(_picture(page, "A quiet harbour")).to_have_count(1)
    page.go_back()
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    page.get_by_role("button", name="Clear search").click()
    expect(search).to_have_value("")
    expect(_picture(page, "A quiet harbour")).to_have_count(1)
    expect(page).not_to_have_url(re.compile("q="))


def test_escape_clears_the_search_and_leaves_it(page: Page) -> None:
    search = page.get_by_role("searchbox", name="Search")
    search.fill("harbour")
    expect(_picture(page, "A mountain")).to_have_count(0)
    search.press("Escape")
    expect(_picture(page, "A mountain")).to_have_count(2)
    expect(search).to_be_focused()
    search.press("Escape")
    expect(search).not_to_be_focused()


def test_words_are_words_and_never_markup_or_syntax(page: Page) -> None:
    search = page.get_by_role("searchbox", name="Search")
    for words in ('"AND" OR \\', "${7*7} {{q}}", "<img src=x onerror=alert(1)>", "고양이 \u202eabc 🐈"):
        search.fill(words)
        expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
        search.fill("")
        expect(_picture(page, "A quiet harbour")).to_have_count(1)


def test_an_album_is_shown_made_renamed_and_deleted(page: Page) -> None:
    button = page.get_by_role("button", name="Album:")
    button.click()
    page.get_by_role("menuitemradio", name="Harbours").click()
    expect(_picture(page, "A mountain")).to_have_count(0)
    expect(_picture(page, "A quiet harbour")).to_have_count(1)
    expect(button).to_have_accessible_name("Album: Harbours")
    page.reload()
    page.wait_for_selector(LIVE)
    expect(button).to_have_accessible_name("Album: Harbours")
    expect(_picture(page, "A mountain")).to_have_count(0)

    button.click()
    page.get_by_role("menuitem", name="New album…").click()
    page.get_by_role("textbox", name="Name of the new album").fill("Later")
    page.get_by_role("button", name="Create").click()
    expect(button).to_have_accessible_name("Album: Later")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    button.click()
    page.get_by_role("menuitem", name="Rename album…").click()
    name = page.get_by_role("textbox", name="Name of the album")
    expect(name).to_have_value("Later")
    name.fill("Even later")
    page.get_by_role("button", name="Rename").click()
    expect(button).to_have_accessible_name("Album: Even later")
    for answer in ("Cancel", "Delete"):
        button.click()
        page.get_by_role("menuitem", name="Delete album…").click()
        dialog = page.get_by_role("dialog", name="Delete “Even later”?")
        dialog.get_by_role("button", name=answer).click()
        expect(dialog).to_have_count(0)
    expect(button).to_have_accessible_name("Album: All albums")
    expect(_picture(page, "A mountain")).to_have_count(2)
    button.click()
    expect(page.get_by_role("menuitemradio")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitemradio", name="Harbours")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(button).to_be_focused()


def test_what_is_made_for_an_album_appears_in_it(page: Page, own: Studio) -> None:
    page.get_by_role("button", name="Album:").click()
    page.get_by_role("menuitemradio", name="Harbours").click()
    expect(_picture(page, "A mountain")).to_have_count(0)
    album = page.evaluate("new URLSearchParams(location.search).get('album')")
    own.post("/api/generate", {"prompt": "Not in the album"})
    own.post("/api/generate", {"prompt": "Two boats", "album": album})
    expect(_picture(page, "Two boats")).to_have_count(1)
    expect(_picture(page, "Not in the album")).to_have_count(0)


def test_a_tile_under_the_pointer_offers_what_can_be_done(page: Page) -> None:
    tile = page.locator("ig-tile", has=_picture(page, "A quiet harbour"))
    image_id = tile.get_attribute("data-image-id")
    tile.hover()
    expect(tile.locator(".excerpt")).to_have_text("A quiet harbour at night")
    page.evaluate(NOTE, "ig:remix")
    with page.expect_response(f"**/api/images/{image_id}"):
        tile.get_by_role("button", name="Remix").click()
    page.wait_for_selector(f"ig-tile[data-image-id='{image_id}']")
    expect(page.locator("#prompt textarea")).to_have_value("A quiet harbour at night")
    assert [event["request"]["prompt"] for event in _heard(page)] == ["A quiet harbour at night"]
    tile.hover()
    page.evaluate(NOTE, "ig:use-reference")
    tile.get_by_role("button", name="Use as reference").click()
    assert _heard(page) == [{"imageId": image_id}]
    tile.hover()
    with page.expect_download() as download:
        tile.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.startswith("a-quiet-harbour-at-night-")
    tile.hover()
    page.route("**/cutout", lambda route: route.fulfill(status=202, json={"job_id": "none"}))
    page.route("**/api/generate/none", lambda route: route.fulfill(json=cancelled_cutout("none")))
    with page.expect_request(f"**/api/images/{image_id}/cutout") as asked:
        tile.get_by_role("button", name="Remove background").click()
    assert json.loads(asked.value.post_data or "")["model"] == "u2netp"
    page.mouse.move(1, 1)
    page.locator("#prompt textarea").focus()
    expect(page.locator(".actions")).to_have_count(0)


def test_a_picture_is_opened_by_click_and_by_enter(page: Page) -> None:
    picture = _picture(page, "A quiet harbour")
    image_id = page.locator("ig-tile", has=picture).get_attribute("data-image-id")
    page.evaluate(NOTE, "ig:open")
    picture.click(position={"x": 20, "y": 60})
    assert _heard(page) == [{"imageId": image_id}]
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    picture.focus()
    page.keyboard.press("Enter")
    assert _heard(page) == [{"imageId": image_id}] * 2
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(picture).to_have_attribute("href", f"/?image={image_id}")


def test_delete_with_undo_by_key_and_by_menu(page: Page) -> None:
    before = _ids(page)
    page.locator("ig-tile > a").first.focus()
    page.keyboard.press("Delete")
    toast = page.locator("#gallery ig-toasts")
    expect(toast).to_contain_text("Picture moved to the trash")
    expect(page.locator("ig-tile")).to_have_count(len(before) - 1)
    assert _ids(page) == before[1:]
    expect(page.locator("ig-tile > a").first).to_be_focused()
    toast.get_by_role("button", name="Undo").click()
    expect(page.locator("ig-tile")).to_have_count(len(before))
    assert _ids(page) == before
    tile = page.locator("ig-tile").nth(1)
    tile.hover()
    tile.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.locator("ig-tile")).to_have_count(len(before) - 1)
    assert _ids(page) == [before[0], *before[2:]]
    toast.get_by_role("button", name="Undo").click()
    expect(page.locator("ig-tile")).to_have_count(len(before))
    expect(toast).to_be_empty()


def test_deleted_elsewhere_it_disappears_and_comes_back(page: Page, own: Studio, open_page: OpenPage) -> None:
    elsewhere = open_page(own)
    before = _ids(page)
    elsewhere.evaluate("id => fetch(`/api/images/${id}`, { method: 'DELETE' })", before[0])
    expect(page.locator("ig-tile")).to_have_count(len(before) - 1)
    expect(page.locator("ig-gallery .total")).to_have_text(f"{len(before) - 1} in library")
    elsewhere.evaluate("id => fetch(`/api/images/${id}/restore`, { method: 'POST' })", before[0])
    expect(page.locator("ig-tile")).to_have_count(len(before))
    assert _ids(page) == before


def test_cut_outs_are_marked_and_shown_by_themselves(page: Page) -> None:
    first, second, *_ = _ids(page)
    listed = page.evaluate("fetch('/api/images').then((answer) => answer.json())")
    for image in listed["images"]:
        image["cutout_id"] = first if image["id"] == second else None
        image["parent_id"] = second if image["id"] == first else None
    only = {"images": [image for image in listed["images"] if image["id"] == first], "next": None}
    page.route(
        "**/api/images?*", lambda route: route.fulfill(json=only if "kind=" in route.request.url else listed)
    )
    page.route("**/api/library", lambda route: route.fulfill(json={"images": 9, "cutouts": 1, "oldest": None}))
    page.reload()
    page.wait_for_selector(LIVE)
    expect(page.locator("ig-tile[data-cut]")).to_have_attribute("data-image-id", second)
    expect(page.locator("ig-tile[data-cutout]")).to_have_attribute("data-image-id", first)
    cutouts = page.get_by_role("button", name="Cut-outs")
    cutouts.click()
    expect(page.locator("ig-tile")).to_have_count(1)
    expect(cutouts).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile("kind=cutout"))
    page.locator("ig-tile").hover()
    expect(page.get_by_role("button", name="Remove background")).to_be_hidden()
    page.get_by_role("button", name="All", exact=True).click()
    expect(page.locator("ig-tile[data-cut]")).to_have_count(1)


def test_the_language_is_chosen_and_kept(page: Page) -> None:
    page.get_by_role("button", name="Language: English").click()
    page.get_by_role("menuitemradio", name="한국어").click()
    expect(page.get_by_role("button", name="언어: 한국어")).to_be_visible()
    expect(page.get_by_role("heading", name="오늘")).to_be_visible()
    page.get_by_role("button", name="언어: 한국어").click()
    page.get_by_role("menuitemradio", name="English").click()
    expect(page.get_by_role("button", name="Language: English")).to_be_visible()


def test_on_a_phone_the_search_unfolds(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    search = page.get_by_role("searchbox", name="Search")
    expect(search).to_be_hidden()
    page.get_by_role("button", name="Search", exact=True).click()
    expect(search).to_be_focused()
    page.keyboard.type("harbour")
    expect(_picture(page, "A mountain")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.reload()
    page.wait_for_selector(LIVE)
    expect(search).to_be_visible()
    expect(_picture(page, "A mountain")).to_have_count(0)
    page.set_viewport_size({"width": 1440, "height": 900})


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_stands_in_anybodys_way(page: Page, theme: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    page.locator("ig-tile > a").first.focus()
    expect(page.locator(".actions")).to_have_count(1)
    assert faults(page) == []
    page.locator(".actions").get_by_role("button", name="More").click()
    expect(page.get_by_role("menu")).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Album:").click()
    page.get_by_role("menuitem", name="New album…").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("searchbox").fill("nothing like this")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    assert faults(page) == []


def test_how_long_a_picture_is_new(page: Page) -> None:
    looks = """async (looks) => {
        const { Seen } = await studioModule("gallery/seen.js");
        const seen = new Seen();
        return looks.map(([ids, at]) => seen.look(ids, at));
    }"""
    every_second = [[["a"], at * 1000] for at in range(13)]
    assert page.evaluate(looks, every_second) == [[]] * 12 + [["a"]]
    apart = [
        [["a"], 0],
        [["a", "b"], 1000],
        [["b"], 2000],
        [["a"], 900_000],
        *([["a"], 900_000 + n] for n in (1, 2)),
    ]
    assert page.evaluate(looks, apart) == [[]] * 6  # away for a quarter of an hour is not seen
    both = [[["a", "b"], 0], *([["a", "b"] if at > 3 else ["a"], at * 1000] for at in range(1, 18))]
    assert [ids for ids in page.evaluate(looks, both) if ids] == [["a"], ["b"]]


FASTER = """
const [every, now] = [window.setInterval.bind(window), performance.now.bind(performance)];
window.setInterval = (run, ms) => every(run, ms / 20);
let [gone, last] = [0, now()];
performance.now = () => {
    gone += (now() - last) * 20;
    last = now();
    return gone;
};
"""
"""A second takes a twentieth of one. Playwright's own clock would be that of the other tests as well."""


def test_a_new_picture_is_marked_until_it_was_seen_or_opened(open_page: OpenPage, own: Studio) -> None:
    page = open_page(own, script=FASTER)
    is_open = "id => document.dispatchEvent(new CustomEvent('ig:open', { detail: { imageId: id } }))"
    fresh = "async () => (await studioModule('studio/library.js')).library.fresh.size"
    page.evaluate(is_open, _ids(page)[0])
    own.post("/api/generate", {"prompt": "New for a while", "count": 2})
    tiles = page.locator("ig-tile[data-image-id]", has_text="New for a while")
    expect(tiles.locator(".badge")).to_have_count(2)  # behind an open picture they are not seen
    page.evaluate(is_open, tiles.first.get_attribute("data-image-id"))
    expect(tiles.locator(".badge")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(tiles.locator(".badge")).to_have_count(0)
    assert page.evaluate(fresh) == 0
