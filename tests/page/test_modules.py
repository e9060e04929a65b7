"""The pure modules, run where they live: in the browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.page.studio import Studio

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(profile: BrowserContext, studio: Studio) -> Iterator[Page]:
    tab = profile.new_page()
    tab.goto(studio.url)
    yield tab
    tab.close()


def _call(page: Page, module: str, function: str, *arguments: object) -> Any:
    return page.evaluate(
        "async ([module, name, given]) => (await studioModule(`${module}`))[name](...given)",
        [module, function, list(arguments)],
    )


def test_words(page: Page) -> None:
    assert [_call(page, "studio/words.js", "ordinal", n) for n in (1, 2, 3, 4, 11, 21, 112)] == [
        "1st", "2nd", "3rd", "4th", "11th", "21st", "112th",
    ]  # fmt: skip
    assert [_call(page, "studio/words.js", "duration", s) for s in (0.2, 24, 70, 120, 4000)] == [
        "1 s", "24 s", "1 min 10 s", "2 min", "1 h 7 min",
    ]  # fmt: skip
    assert [_call(page, "studio/words.js", "clock", s) for s in (0, 17.9, 77)] == ["0:00", "0:17", "1:17"]
    assert [_call(page, "studio/words.js", "price", usd) for usd in (0, 0.536, None)] == [
        "free",
        "$0.54",
        "price unknown",
    ]
    assert _call(page, "studio/words.js", "price", 0.5, False) == "price unknown"
    assert _call(page, "studio/words.js", "unitPrice", 0.134) == "$0.134"
    assert [_call(page, "studio/words.js", "images", n) for n in (1, 4, 1200)] == [
        "1 image",
        "4 images",
        "1,200 images",
    ]


def test_tiles_read_in_rows(page: Page) -> None:
    placed = _call(page, "gallery/masonry.js", "place", [100, 50, 80, 40], 2, 200, 10)
    assert placed == {
        "places": [{"x": 0, "y": 0}, {"x": 210, "y": 0}, {"x": 0, "y": 110}, {"x": 210, "y": 60}],
        "height": 190,
    }
    assert _call(page, "gallery/masonry.js", "place", [], 2, 200, 10)["height"] == 0


@pytest.mark.parametrize(("width", "columns"), [(370, 2), (1040, 5), (200, 2), (2500, 12)])
def test_columns_fill_the_width(page: Page, width: int, columns: int) -> None:
    found = _call(page, "gallery/masonry.js", "columnsFor", width, 12)
    assert found["columns"] == columns
    assert found["size"] * columns + 12 * (columns - 1) == pytest.approx(width)


def test_low_tiles_do_not_pile_up_beside_a_high_one(page: Page) -> None:
    placed = _call(page, "gallery/masonry.js", "place", [300, 300, 80, 80, 80, 80], 3, 200, 10)
    assert [spot["x"] for spot in placed["places"]] == [0, 210, 420, 420, 420, 0]


def test_progress_stops_before_the_end_and_says_when_it_is_late(page: Page) -> None:
    def progress(elapsed: float | None, usual: float | None, done: float | None = None) -> Any:
        return _call(page, "gallery/progress.js", "progressOf", elapsed, usual, done)

    unknown = {"part": None, "left": None, "late": False}
    assert progress(None, 6) == unknown
    assert progress(3, None) == unknown
    assert progress(3, 6) == {"part": 0.5, "left": 3, "late": False}
    assert progress(6.5, 6) == {"part": 0.95, "left": 0, "late": False}
    assert progress(20, 6) == {"part": 0.95, "left": None, "late": True}
    assert progress(20, 6, 0.8) == {"part": 0.8, "left": pytest.approx(5), "late": False}
    assert progress(1, 6, 0) == {"part": 0, "left": None, "late": False}


def test_a_waiting_picture_begins_when_those_before_it_are_done(page: Page) -> None:
    def starts(left: float | None, usual: float | None, ahead: int, up_to: int) -> Any:
        return _call(page, "gallery/progress.js", "startsIn", left, usual, ahead, up_to)

    assert starts(None, None, 1, 2) is None
    assert starts(30, 10, 0, 3) == 0
    assert [starts(30, 10, ahead, 3) for ahead in (1, 2)] == [10, 20]
    assert starts(10, 10, 1, 2) == 0  # both run at once


def test_the_servers_time_is_known_whatever_the_browsers_clock_says(page: Page) -> None:
    told = page.evaluate(
        """async () => {
            const { ServerClock } = await studioModule("studio/clock.js");
            let local = 1000;
            const clock = new ServerClock(() => local);
            clock.hear("2026-11-21T08:00:00Z");
            local += 500;
            clock.hear("2026-11-21T07:59:00Z"); // an old event that was replayed
            clock.hear(null);
            local += 1500;
            return new Date(clock.now()).toISOString();
        }"""
    )
    assert told == "2026-11-21T08:00:02.000Z"


@pytest.mark.parametrize(
    ("steps", "in_haste"),
    [
        ([(0, 0), (40, 16), (80, 32), (120, 48)], False),  # a wheel
        ([(0, 0), (900, 5000)], False),  # the End key
        ([(0, 0), (900, 5000), (1800, 5500)], False),  # and again
        ([(0, 0), (140, 16), (280, 32)], True),
        ([(5000, 0), (4000, 30), (3000, 60)], True),
        ([(0, 0), (140, 16), (280, 32), (300, 48)], False),  # it slows down
    ],
)
def test_who_scrolls_fast_is_in_haste(page: Page, steps: list[tuple[int, int]], in_haste: bool) -> None:
    told = page.evaluate(
        """async (steps) => {
            const { Haste } = await studioModule("gallery/haste.js");
            let ended = 0;
            const haste = new Haste(() => { ended += 1; });
            let before = false;
            for (const [top, now] of steps) {
                before ||= haste.on;
                haste.note(top, 900, now);
            }
            const on = haste.on;
            if (on) await new Promise((done) => { haste.over = () => done(ended += 1); });
            return [on, haste.on, ended === (before || on ? 1 : 0)];
        }""",
        steps,
    )
    assert told == [in_haste, False, True]


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ((4, 0, 0), (4, 2, 0), "2 of 4 pictures are ready"),
        ((4, 2, 0), (4, 3, 1), "3 of 4 pictures are ready, 1 not made"),
        ((1, 0, 0), (1, 1, 0), "The picture is ready"),
        ((1, 0, 0), (1, 0, 1), "The picture was not made"),
        ((4, 2, 0), (4, 2, 0), ""),
        ((4, 2, 1), (4, 2, 0), ""),
    ],
)
def test_what_is_announced(
    page: Page, before: tuple[int, int, int], after: tuple[int, int, int], line: str
) -> None:
    def job(counts: tuple[int, int, int]) -> dict[str, object]:
        total, completed, failed = counts
        progress = {"total": total, "completed": completed, "failed": failed, "interrupted": 0}
        return {"job_id": "one", "progress": progress}

    told = page.evaluate(
        """async ([before, after]) => {
            const { news } = await studioModule("gallery/announcer.js");
            return news(new Map([[before.job_id, before]]), [after]);
        }""",
        [job(before), job(after)],
    )
    assert told == line


@pytest.mark.parametrize(
    ("error", "parts"),
    [
        (
            "Gemini is overloaded. Nothing was billed; try later.",
            ["Gemini is overloaded", "Nothing was billed; try later."],
        ),
        ("Gemini 3.5 refused the prompt.", ["Gemini 3.5 refused the prompt", ""]),
        (None, ["", ""]),
    ],
)
def test_an_error_has_a_headline(page: Page, error: str | None, parts: list[str]) -> None:
    assert _call(page, "studio/words.js", "headline", error) == parts
