"""One Chromium, one browser profile and two servers for all tests of the page.

The profile is shared for its cache: Gradio alone is ninety files. What a test leaves in it is cleared after it.
"""

from __future__ import annotations

import shutil
import time
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
STUDIO_MODULE = """
window.studioModule = (name) => import(new URL(name, document.querySelector("script[src^='/assets/page/']").src));
"""
"""A module of the page as the page itself has it, not another copy from another address."""
REMIX = "request => document.dispatchEvent(new CustomEvent('ig:remix', { detail: { request } }))"
"""Fills the composer with a request of before, as the button of that name does."""
LIVE = 'ig-gallery[data-live="on"]'

OpenPage = Callable[..., Page]


def until(page: Page, condition: str, given: object = None) -> None:
    """Ask a JavaScript function each frame until it says yes. Playwright's way of it offends the page's policy."""
    end = time.monotonic() + TIMEOUT_MS / 1000
    while not page.evaluate(condition, given):
        assert time.monotonic() < end, f"not within {TIMEOUT_MS} ms: {condition}"
        page.evaluate("() => new Promise(requestAnimationFrame)")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=TIMEOUT_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def gemini() -> Iterator[GeminiEmulator]:
    with GeminiEmulator() as emulator:
        yield emulator


def one_at_a_time(gemini: GeminiEmulator) -> dict[str, str]:
    """The settings of a server that calls that Gemini, one picture at a time, and tries once only."""
    return {
        "GEMINI_API_KEY": KEY,
        "GOOGLE_GEMINI_BASE_URL": gemini.url,
        "IMAGEGEN_PROVIDERS": "gemini",
        "IMAGEGEN_WORKER_CONCURRENCY": "1",
        "IMAGEGEN_MAX_RETRIES": "0",
    }


@pytest.fixture(scope="package")
def servers(tmp_path_factory: pytest.TempPathFactory, gemini: GeminiEmulator) -> Iterator[tuple[Studio, Studio]]:
    """Without any key, and with one: most of a start is imports, so they start side by side."""
    env = one_at_a_time(gemini)
    free = Studio(tmp_path_factory.mktemp("studio") / "data", {"GOOGLE_GEMINI_BASE_URL": gemini.url})
    paid = Studio(tmp_path_factory.mktemp("paid") / "data", env, script="tests/page/patient.py")
    both = (free, paid)
    for server in both:
        server.launch()
    for server in both:
        server.wait_until_healthy()
    yield both
    gemini.release()
    for server in both:
        server.stop()


@pytest.fixture(scope="package")
def studio(servers: tuple[Studio, Studio]) -> Studio:
    """A server without any key: it draws sketches."""
    return servers[0]


@pytest.fixture(scope="package")
def paid_studio(servers: tuple[Studio, Studio]) -> Studio:
    """A server that calls an emulated Gemini, one picture at a time, and tries once only."""
    return servers[1]


@pytest.fixture(scope="package")
def profile(browser: Browser) -> Iterator[BrowserContext]:
    shared = browser.new_context(viewport={"width": 1440, "height": 900})
    shared.set_default_timeout(TIMEOUT_MS)
    shared.add_init_script(STUDIO_MODULE)
    yield shared
    shared.close()


@pytest.fixture
def context(profile: BrowserContext) -> Iterator[BrowserContext]:
    """As good as new: what a page keeps is cleared by a last page of each of the test's servers."""
    before = profile.pages
    yield profile
    profile.unroute_all()
    opened = [tab for tab in profile.pages if tab not in before]
    last = {urlsplit(tab.url).netloc: tab for tab in reversed(opened)}
    for tab in opened:
        if tab not in last.values():
            tab.close()
    for tab in last.values():
        tab.evaluate("localStorage.clear()")
        tab.close()


@pytest.fixture
def open_page(context: BrowserContext) -> Iterator[OpenPage]:
    """Opens the page of a server and waits until it is live.

    `script` runs in it before anything else. At the end of each test: no error in a console but those the test
    named with `may_fail`, and no request to another host.
    """
    faults: list[str] = []
    hosts: set[str] = set()
    own: set[str] = set()
    allowed: list[str] = []

    def open_one(server: Studio, *, may_fail: tuple[str, ...] = (), script: str = "") -> Page:
        allowed.extend(may_fail)
        own.add(urlsplit(server.url).netloc)
        tab = context.new_page()
        if script:
            tab.add_init_script(script)
        tab.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
        tab.on("pageerror", lambda error: faults.append(f"uncaught: {error}"))
        tab.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        tab.goto(server.url)
        tab.wait_for_selector(LIVE)
        return tab

    yield open_one
    assert [fault for fault in faults if not any(part in fault for part in allowed)] == []
    assert hosts - own - {""} == set()  # data: addresses have no host
