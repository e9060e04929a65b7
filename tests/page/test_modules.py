"""The pure modules, run where they live: in the browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.page.studio import Studio

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(browser: Browser, studio: Studio) -> Iterator[Page]:
    with browser.new_context() as profile:
        tab = profile.new_page()
        tab.goto(studio.url)
        yield tab


def _call(page: Page, module: str, function: str, *arguments: object) -> Any:
    return page.evaluate(
        "async ([module, name, given]) => (await import(`/assets/page/${module}`))[name](...given)",
        [module, function, list(arguments)],
    )


def test_words(page: Page) -> None:
    assert [_call(page, "words.js", "ordinal", n) for n in (1, 2, 3, 4, 11, 21, 112)] == [
        "1st", "2nd", "3rd", "4th", "11th", "21st", "112th",
    ]  # fmt: skip
    assert [_call(page, "words.js", "duration", s) for s in (0.2, 24, 70, 120, 4000)] == [
        "1 s", "24 s", "1 min 10 s", "2 min", "1 h 7 min",
    ]  # fmt: skip
    assert [_call(page, "words.js", "clock", s) for s in (0, 17.9, 77)] == ["0:00", "0:17", "1:17"]
    assert [_call(page, "words.js", "price", usd) for usd in (0, 0.536, None)] == [
        "free",
        "$0.54",
        "price unknown",
    ]
    assert _call(page, "words.js", "price", 0.5, False) == "price unknown"
    assert _call(page, "words.js", "unitPrice", 0.134) == "$0.134"
    assert [_call(page, "words.js", "images", n) for n in (1, 4, 1200)] == ["1 image", "4 images", "1,200 images"]


def test_a_tile_goes_into_the_shortest_column(page: Page) -> None:
    placed = _call(page, "masonry.js", "place", [100, 50, 80, 40], 2, 200, 10)
    assert placed == {
        "places": [{"x": 0, "y": 0}, {"x": 210, "y": 0}, {"x": 210, "y": 60}, {"x": 0, "y": 110}],
        "height": 150,
    }
    assert _call(page, "masonry.js", "place", [], 2, 200, 10)["height"] == 0


@pytest.mark.parametrize(("width", "columns"), [(370, 2), (1040, 5), (200, 2), (2500, 12)])
def test_columns_fill_the_width(page: Page, width: int, columns: int) -> None:
    found = _call(page, "masonry.js", "columnsFor", width, 12)
    assert found["columns"] == columns
    assert found["size"] * columns + 12 * (columns - 1) == pytest.approx(width)


def test_the_usual_time_is_learned_from_what_happened(page: Page) -> None:
    def event(index: int, status: str, step: str | None, second: int) -> dict[str, object]:
        at = f"2026-11-21T08:00:{second:02d}Z"
        return {"job_id": "job", "task_index": index, "status": status, "step": step, "at": at}

    assert _call(page, "pace.js", "usual", "a model") is None
    for index, seconds in enumerate((4, 30, 6)):
        _call(page, "pace.js", "observe", event(index, "in_progress", "starting", 0), "a model")
        _call(page, "pace.js", "observe", event(index, "in_progress", "sent", 1), "a model")
        _call(page, "pace.js", "observe", event(index, "completed", None, seconds), "a model")
    assert _call(page, "pace.js", "usual", "a model") == 6000
    _call(page, "pace.js", "observe", event(7, "in_progress", "saving", 0), "a model")
    assert _call(page, "pace.js", "startedAt", "job", 7) is None
