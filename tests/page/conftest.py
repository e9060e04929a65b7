"""One Chromium and one server for all tests of the page; each test has a browser profile of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.emulator.gemini import KEY, GeminiEmulator
from tests.page.studio import Studio

TIMEOUT_MS = 30_000
QUIET = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
LIVE = 'ig-gallery[data-live="on"]'

OpenPage = Callable[..., Page]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=TIMEOUT_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A server without any key: it draws sketches."""
    server = Studio(tmp_path_factory.mktemp("studio") / "data")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="package")
def gemini() -> Iterator[GeminiEmulator]:
    with GeminiEmulator() as emulator:
        yield emulator


@pytest.fixture(scope="package")
def paid_studio(tmp_path_factory: pytest.TempPathFactory, gemini: GeminiEmulator) -> Iterator[Studio]:
    """A server that calls an emulated Gemini, one picture at a time, and tries once only."""
    env = {
        "GEMINI_API_KEY": KEY,
        "GOOGLE_GEMINI_BASE_URL": gemini.url,
        "IMAGEGEN_PROVIDERS": "gemini",
        "IMAGEGEN_WORKER_CONCURRENCY": "1",
        "IMAGEGEN_MAX_RETRIES": "0",
    }
    server = Studio(tmp_path_factory.mktemp("paid") / "data", env)
    server.start()
    yield server
    gemini.release()
    server.stop()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    profile = browser.new_context(viewport={"width": 1440, "height": 900})
    profile.set_default_timeout(TIMEOUT_MS)
    yield profile
    profile.close()


@pytest.fixture
def open_page(context: BrowserContext) -> Iterator[OpenPage]:
    """Opens the page of a server and waits until it is live.

    At the end of each test: no error in a console but those the test named with `may_fail`, and no request to
    another host.
    """
    faults: list[str] = []
    hosts: set[str] = set()
    own: set[str] = set()
    allowed: list[str] = []

    def open_one(server: Studio, *, may_fail: tuple[str, ...] = ()) -> Page:
        allowed.extend(may_fail)
        own.add(urlsplit(server.url).netloc)
        tab = context.new_page()
        tab.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
        tab.on("pageerror", lambda error: faults.append(f"uncaught: {error}"))
        tab.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        tab.goto(server.url)
        tab.wait_for_selector(LIVE)
        return tab

    yield open_one
    assert [fault for fault in faults if not any(part in fault for part in allowed)] == []
    assert hosts - own - {""} == set()  # data: addresses have no host
