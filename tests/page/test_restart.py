"""The server dies and comes back: nothing typed is lost, and the page catches up by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.page.conftest import LIVE, OpenPage
from tests.page.studio import Studio

pytestmark = pytest.mark.browser

LOST = ("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE")


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    server = Studio(tmp_path_factory.mktemp("mortal") / "data")
    yield server
    if server.alive:
        server.stop()


@pytest.fixture
def running(mortal: Studio) -> Studio:
    """Runs at the beginning of each test and may be dead at its end."""
    if not mortal.alive:
        mortal.start()
    return mortal


def test_killed_and_started_again(open_page: OpenPage, running: Studio) -> None:
    page = open_page(running, may_fail=LOST)
    page.fill("#prompt textarea", "Made before the fall")
    page.click("#generate")
    expect(page.get_by_role("link", name="Made before the fall")).to_be_visible()
    page.fill("#prompt textarea", "Typed, and not yet sent")
    running.kill()
    expect(page.locator(LIVE)).to_have_count(0)
    expect(page.get_by_text("Connection lost")).to_be_visible()
    page.click("#generate")
    expect(page.locator("#submit .field-error")).to_contain_text("cannot be reached")
    expect(page.locator("#prompt textarea")).to_have_value("Typed, and not yet sent")

    running.start()
    running.post("/api/generate", {"prompt": "Made by somebody else meanwhile"})
    expect(page.locator(LIVE)).to_have_count(1)
    expect(page.get_by_text("Connection lost")).to_be_hidden()
    expect(page.get_by_role("link", name="Made by somebody else meanwhile")).to_be_visible()
    expect(page.get_by_role("link", name="Made before the fall")).to_be_visible()
    expect(page.locator("#prompt textarea")).to_have_value("Typed, and not yet sent")
    page.click("#generate")
    expect(page.get_by_role("link", name="Typed, and not yet sent")).to_have_count(1)


def test_an_orderly_stop_does_not_wait_for_open_pages(open_page: OpenPage, running: Studio) -> None:
    page = open_page(running, may_fail=LOST)
    assert running.stop() == 0
    expect(page.locator(LIVE)).to_have_count(0)
