"""A big library: only what is seen is built, older pictures come while one scrolls, and nothing jumps."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from imagegen.jobs.ids import new_id
from tests.page.conftest import LIVE, OpenPage, until
from tests.page.studio import Studio

pytestmark = pytest.mark.browser

NOON = 1_793_534_400_000
"""A noon in November 2026, in milliseconds of the epoch."""
HOUR = 3_600_000
PIXEL = "<svg xmlns='http://www.w3.org/2000/svg' width='4' height='5'/>"
PICTURES = 1_000
AT_TOP = "pane => { pane.scrollTop = 0 }"
TO_END = "pane => { pane.scrollTop = pane.scrollHeight }"
PLACES = """(pane) => {
    const { top } = pane.getBoundingClientRect();
    const tiles = [...pane.querySelectorAll("ig-tile[data-image-id]")];
    return Object.fromEntries(tiles.map((tile) => [tile.dataset.imageId, tile.getBoundingClientRect().top - top]));
}"""
"""How far below the pane's upper edge each picture begins."""
FLY = """(pane) => {
    const images = [];
    for (let step = 0; step < 5; step += 1) {
        pane.scrollTop += pane.clientHeight;
        pane.dispatchEvent(new Event("scroll"));
        images.push(...pane.querySelectorAll("ig-tile img"));
    }
    return new Set(images.filter((image) => !image.hasAttribute("src"))).size;
}"""
"""Five screens within one frame; how many pictures were not asked for meanwhile."""
SEEN = """(pane) => {
    const { top, bottom } = pane.getBoundingClientRect();
    const images = [...pane.querySelectorAll("ig-tile img")];
    const seen = images.filter((image) => {
        const box = image.getBoundingClientRect();
        return box.bottom > top && box.top < bottom;
    });
    return seen.length > 0 && seen.every((image) => image.complete && image.naturalWidth > 0);
}"""
WATCH = """
window.scrolled = new Set();
(function watch() {
    const pane = document.querySelector("ig-gallery .pane");
    if (pane?.querySelector("ig-tile")) window.scrolled.add(pane.scrollTop);
    requestAnimationFrame(watch);
})();
"""
"""Every place that was painted since the page was loaded."""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    server = Studio(tmp_path_factory.mktemp("wall") / "data")
    server.start()
    yield server
    server.stop()


class Library:
    """Stands in for the server: a thousand pictures, one an hour, each a job of its own."""

    def __init__(self) -> None:
        source = random.Random(7)
        self.records: list[dict[str, Any]] = [_record(NOON - n * HOUR, source) for n in range(PICTURES)]
        self.asked: list[int] = []
        """Where each page that was asked for began."""

    def serve(self, page: Page) -> None:
        """Answer instead of the server."""
        page.route("**/api/images?*", self._page)
        page.route("**/api/jobs?*", lambda route: route.fulfill(json={"jobs": [], "next": None}))
        page.route("**/api/library", lambda route: route.fulfill(json=self._totals()))
        page.route("**/thumb", lambda route: route.fulfill(content_type="image/svg+xml", body=PIXEL))
        page.route("**/api/images/*", self._one)

    def _page(self, route: Route) -> None:
        query = parse_qs(urlsplit(route.request.url).query)
        begin, limit = int(query.get("after", ["0"])[0]), int(query["limit"][0])
        self.asked.append(begin)
        end = begin + limit
        following = str(end) if end < len(self.records) else None
        route.fulfill(json={"images": self.records[begin:end], "next": following})

    def _one(self, route: Route) -> None:
        image_id = urlsplit(route.request.url).path.rpartition("/")[2]
        record = next((record for record in self.records if record["id"] == image_id), None)
        if record is None:  # really made, by a test before
            return route.continue_()
        return route.fulfill(json=record | {"prompt": f"The prompt of {image_id}", "request": {}})

    def _totals(self) -> dict[str, Any]:
        return {"images": len(self.records), "cutouts": 0, "oldest": None}


def _record(born: int, source: random.Random) -> dict[str, Any]:
    image_id = new_id(born, source)
    height = source.choice([640, 800, 1000, 1250])
    return {
        "id": image_id,
        "job_id": new_id(born, source),
        "task_index": 0,
        "url": f"/api/images/{image_id}/file",
        "thumbnail_url": f"/api/images/{image_id}/thumb",
        "width": 800,
        "height": height,
        "parent_id": None,
        "cutout_id": None,
        "model": "sketch",
    }


@pytest.fixture
def wall(open_page: OpenPage, empty: Studio) -> tuple[Page, Library]:
    page = open_page(empty)
    library = Library()
    library.serve(page)
    page.reload()
    page.wait_for_selector(LIVE)
    expect(page.locator("ig-tile[data-image-id]").first).to_be_visible()
    return page, library


def _scroll_until(page: Page, move: str, met: Callable[[], bool]) -> None:
    """Scroll, wait until the page has built what is seen there, and again."""
    pane = page.locator("ig-gallery .pane")
    for _ in range(200):
        if met():
            return
        pane.evaluate(move)
        pane.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    raise AssertionError("scrolled on and on")


def test_only_what_is_near_is_built_and_the_past_comes_page_by_page(wall: tuple[Page, Library]) -> None:
    page, library = wall
    asked_at_first = len(library.asked)
    assert asked_at_first < 6
    last = page.locator(f'[data-image-id="{library.records[-1]["id"]}"]')
    most = 0

    def at_the_end() -> bool:
        nonlocal most
        most = max(most, page.evaluate("document.querySelectorAll('*').length"))
        return last.count() == 1

    _scroll_until(page, TO_END, at_the_end)
    assert library.asked == sorted(set(library.asked)), "each page once, in order"
    assert most <= 1_500
    assert page.locator("ig-tile").count() < 120
    first = page.locator(f'[data-image-id="{library.records[0]["id"]}"]')
    expect(first).to_have_count(0)
    page.locator("ig-gallery .pane").evaluate(AT_TOP)
    expect(first).to_be_visible()
    expect(last).to_have_count(0)


def test_days_have_their_headings_and_counts(wall: tuple[Page, Library]) -> None:
    page, library = wall
    headings = page.locator("ig-gallery .day h2")
    expect(headings.first).to_be_visible()
    day = page.locator("ig-gallery .day").nth(1)
    expect(day.locator(".count")).to_have_text("24 images")
    expect(page.locator("ig-gallery .total")).to_have_text("1,000 in library")
    expect(page.get_by_role("searchbox")).to_have_attribute("placeholder", "Search 1,000 images")
    assert library.asked[0] == 0


def test_what_arrives_above_moves_nothing_that_is_looked_at(wall: tuple[Page, Library], empty: Studio) -> None:
    page, library = wall
    pane = page.locator("ig-gallery .pane")
    pane.evaluate("pane => { pane.scrollTop = 900 }")
    looked_at = page.locator(f'[data-image-id="{library.records[20]["id"]}"]')
    expect(looked_at).to_be_visible()
    before = looked_at.bounding_box()
    height = pane.evaluate("pane => pane.scrollHeight")
    page.unroute("**/api/images/*")
    page.unroute("**/api/jobs?*")
    empty.post("/api/generate", {"prompt": "Arrives above", "count": 3})
    expect(pane).not_to_have_js_property("scrollHeight", height)
    assert looked_at.bounding_box() == before
    pane.evaluate(AT_TOP)
    expect(page.get_by_role("link", name="Arrives above")).to_have_count(3)
    expect(page.locator("[data-task-state]")).to_have_count(0)  # the next test's page must not see them arrive


def test_arrow_keys_go_from_picture_to_picture(wall: tuple[Page, Library]) -> None:
    page, library = wall

    def focused() -> str | None:
        found: str | None = page.evaluate("document.activeElement.closest('ig-tile')?.dataset.imageId ?? null")
        return found

    ids = [record["id"] for record in library.records]
    page.get_by_role("region", name="Gallery").focus()
    page.keyboard.press("Tab")
    assert focused() == ids[0]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert focused() == ids[2]
    page.keyboard.press("ArrowLeft")
    assert focused() == ids[1]
    here = page.locator("ig-tile:focus-within").bounding_box()
    page.keyboard.press("ArrowDown")
    below = page.locator("ig-tile:focus-within").bounding_box()
    assert here is not None
    assert below is not None
    assert below["x"] == here["x"]
    assert below["y"] > here["y"]
    page.keyboard.press("ArrowUp")
    assert focused() == ids[1]
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    assert focused() == ids[41]
    expect(page.locator("ig-tile:focus-within")).to_be_in_viewport()
    page.keyboard.press("Home")
    assert focused() == ids[0]
    expect(page.locator("ig-tile:focus-within")).to_be_in_viewport()


def test_neighbours_go_on_into_the_past(wall: tuple[Page, Library]) -> None:
    page, library = wall
    ids = [record["id"] for record in library.records]
    found = page.evaluate(
        """async ([first, last]) => {
            const { library } = await studioModule("studio/library.js");
            let count = 0;
            let id = first;
            while (id !== last) [id, count] = [await library.neighbour(id, 1), count + 1];
            return [count, await library.neighbour(last, 1), await library.neighbour(last, -1),
                await library.neighbour(first, -1), await library.neighbour("unknown", 1)];
        }""",
        [ids[0], ids[-1]],
    )
    assert found == [PICTURES - 1, None, ids[-2], None, None]


def test_a_tile_whose_job_is_not_known_is_named_by_its_prompt(wall: tuple[Page, Library]) -> None:
    page, library = wall
    expect(page.get_by_role("link", name=f"The prompt of {library.records[0]['id']}")).to_be_visible()


@pytest.mark.parametrize(
    ("day", "title"),
    [
        ("2026-11-21", "Today"),
        ("2026-11-20", "Yesterday"),
        ("2026-11-02", "Mon, November 2"),
        ("2025-12-31", "December 31, 2025"),
    ],
)
def test_what_days_are_called(wall: tuple[Page, Library], day: str, title: str) -> None:
    page, _ = wall
    said = page.evaluate(
        """async (day) => {
            const { dayTitle } = await studioModule("gallery/days.js");
            return dayTitle(day, new Date(2026, 10, 21, 0, 5));
        }""",
        day,
    )
    assert said == title


def test_the_time_in_an_id(wall: tuple[Page, Library]) -> None:
    page, library = wall
    born = page.evaluate(
        "async (id) => (await studioModule('studio/timeline.js')).bornAt(id)", library.records[3]["id"]
    )
    assert born == NOON - 3 * HOUR


def _seen(page: Page) -> dict[str, float]:
    """The pictures on the screen, and how far down each is."""
    places: dict[str, float] = page.locator("ig-gallery .pane").evaluate(PLACES)
    return {image: top for image, top in places.items() if 0 <= top < 600}


def test_a_reload_comes_back_to_the_same_pictures_without_a_jump(wall: tuple[Page, Library]) -> None:
    page, library = wall
    pane = page.locator("ig-gallery .pane")
    _scroll_until(page, "pane => { pane.scrollTop += 700 }", lambda: max(library.asked) >= 300)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    before, scrolled = _seen(page), pane.evaluate("pane => pane.scrollTop")
    assert len(before) > 3
    page.add_init_script(WATCH)
    page.reload()
    page.wait_for_selector(LIVE)
    expect(page.locator(f'ig-tile[data-image-id="{next(iter(before))}"]')).to_be_attached()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    after = _seen(page)
    assert {image: round(top) for image, top in after.items()} == {
        image: round(top) for image, top in before.items()
    }
    assert page.evaluate("[...window.scrolled]") == [pytest.approx(scrolled, abs=2)]


def test_the_place_is_that_of_the_picture_and_not_of_the_pixels(wall: tuple[Page, Library]) -> None:
    page, library = wall
    _scroll_until(page, "pane => { pane.scrollTop += 700 }", lambda: max(library.asked) >= 100)
    before = _seen(page)
    gone = min(before, key=lambda image: before[image])
    source = random.Random(11)
    library.records = [_record(NOON + n * HOUR, source) for n in range(30, 0, -1)] + library.records
    library.records = [record for record in library.records if record["id"] != gone]
    page.set_viewport_size({"width": 1100, "height": 900})
    page.reload()
    page.wait_for_selector(LIVE)
    left = sorted(set(before) - {gone}, reverse=True)
    expect(page.locator(f'ig-tile[data-image-id="{left[0]}"]')).to_be_in_viewport()


def test_a_new_way_to_the_page_begins_at_the_top(wall: tuple[Page, Library], empty: Studio) -> None:
    page, library = wall
    _scroll_until(page, "pane => { pane.scrollTop += 700 }", lambda: max(library.asked) >= 100)
    deep = next(iter(_seen(page)))
    page.goto(empty.url)
    page.wait_for_selector(LIVE)
    expect(page.locator(f'ig-tile[data-image-id="{library.records[0]["id"]}"]')).to_be_in_viewport()
    expect(page.locator(f'ig-tile[data-image-id="{deep}"]')).to_have_count(0)


def test_what_flies_past_is_not_fetched_and_what_is_looked_at_is(wall: tuple[Page, Library]) -> None:
    page, _ = wall
    pane = page.locator("ig-gallery .pane")
    thumbs: set[str] = set()
    page.on("request", lambda request: thumbs.add(request.url) if request.url.endswith("/thumb") else None)
    assert pane.evaluate(FLY) > 10
    until(page, f"() => ({SEEN})(document.querySelector('ig-gallery .pane'))")
    assert page.locator("ig-tile img:not([src])").count() == 0
    mounted = page.locator("ig-tile img").count()
    assert len(thumbs) <= 2 * mounted, "those of the first step, which is no haste yet, and those of the last"


def test_seen_pictures_are_shown_in_haste_as_well(wall: tuple[Page, Library]) -> None:
    page, _ = wall
    pane = page.locator("ig-gallery .pane")
    until(page, f"() => ({SEEN})(document.querySelector('ig-gallery .pane'))")
    pane.evaluate(FLY)
    until(page, f"() => ({SEEN})(document.querySelector('ig-gallery .pane'))")
    shown = """pane => {
        for (const top of [1500, 700, 0]) { pane.scrollTop = top; pane.dispatchEvent(new Event("scroll")); }
        const image = pane.querySelector("ig-tile img");
        return image.hasAttribute("src");
    }"""
    assert pane.evaluate(shown)
