"""What a person at a browser sees: how soon a picture appears, how soon the page is there, how it scrolls."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

from bench.figures import Figure, Target, at_percentile, compare
from bench.gemini import Gemini
from bench.processes import ROOT
from bench.studios import Imagegen, PlainApp, Running, Studio, running

LIBRARY = 100_000
SCROLLED_SECONDS = 12
PIXELS_A_FRAME = {"looking": 40, "in haste": 140}
"""At 60 frames a second 2,400 pixels a second, at which every picture is fetched, and 8,400, at which none is."""
USABLE = {Imagegen: 'ig-gallery[data-live="on"]', PlainApp: "button:has-text('Generate')"}
PICTURES = {
    Imagegen: "ig-tile[data-image-id] img",
    PlainApp: ".grid-container img, .thumbnails img, .gallery-item img",
}

SEEN = """selector => {
    window.seen = [];
    const known = new Set();
    const look = () => {
        for (const image of document.querySelectorAll(selector)) {
            const key = image.currentSrc || image.src;
            if (known.has(key) || !image.complete || image.naturalWidth === 0) continue;
            known.add(key);
            window.seen.push(performance.timeOrigin + performance.now());
        }
        requestAnimationFrame(look);
    };
    look();
}"""
"""Notes, at each frame, the time at which another picture is there to be painted, in milliseconds of the epoch."""

FIRST_TILE = """() => {
    const look = () => {
        const image = document.querySelector("ig-tile img");
        const shown = image?.complete && image.naturalWidth > 0;
        if (shown) document.documentElement.dataset.firstTile = performance.now();
        else requestAnimationFrame(look);
    };
    look();
}"""

SCROLL = """async ([seconds, step]) => {
    const pane = document.querySelector("ig-gallery .pane");
    const frames = [];
    let nodes = 0;
    let last = performance.now();
    for (const end = last + seconds * 1000; last < end;) {
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        frames.push(now - last);
        last = now;
        pane.scrollTop += step;
        nodes = Math.max(nodes, document.querySelectorAll("*").length);
    }
    return [frames, nodes];
}"""


def measure(gemini: Gemini, quick: bool) -> Iterator[Figure]:
    """All figures of the page. `quick` takes fewer pictures and rounds."""
    with _chromium() as browser:
        yield from _arrivals(browser, gemini, 6 if quick else 60)
        yield from _starts(browser, gemini, 1 if quick else 5)
        yield from _big_library(browser, gemini, 2 if quick else 5)


def _arrivals(browser: Browser, gemini: Gemini, pictures: int) -> Iterator[Figure]:
    """From the provider's answer to the picture in the page, one at a time, in both on the same machine."""
    gemini.latency(0.3)
    with running(Imagegen, gemini) as ours, running(PlainApp, gemini) as plain:
        for size in ("1K", "2K"):
            delays = [_delays(browser, gemini, studio, size, pictures) for studio in (ours, plain)]
            for percent, target in ((50, None), (95, Target("ratio", "≤", 0.35))):
                pair = (at_percentile(delays[0], percent), at_percentile(delays[1], percent))
                yield compare(f"answer complete → thumbnail visible, {size}, p{percent}", "ms", [pair], target)


def _delays(browser: Browser, gemini: Gemini, studio: Running, size: str, pictures: int) -> list[float]:
    """Milliseconds of each picture. The pause between two is no multiple of the plain app's timer of a second."""
    page = _open(browser, studio)
    page.evaluate(SEEN, PICTURES[type(studio.studio)])
    page.evaluate("() => new Promise((done) => setTimeout(done, 1500))")  # what was there before is noted
    delays = []
    for _ in range(pictures):
        answered = len(gemini.answers())
        studio.submit(size, 1)
        while not (times := gemini.answers(answered)):
            time.sleep(0.01)
        at = (times[0] + time.time() - time.monotonic()) * 1000
        delays.append(_next(page, at) - at)
        time.sleep(0.27)
    page.context.close()
    return delays


def _next(page: Page, after: float, limit: float = 60.0) -> float:
    """When the first picture after that time was there, in milliseconds of the epoch. Raises `TimeoutError`."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        times: list[float] = page.evaluate("window.seen")
        if later := [at for at in times if at >= after]:
            return later[0]
        time.sleep(0.02)
    raise TimeoutError("no picture appeared")


def _starts(browser: Browser, gemini: Gemini, rounds: int) -> Iterator[Figure]:
    """From the start of the process to a page that can be used, in a fresh browser profile.

    On the folders of an earlier start, which compiles bytecode and fills the disk's cache.
    """
    with TemporaryDirectory(prefix="imagegen-bench-") as mine, TemporaryDirectory(prefix="plain-bench-") as other:
        ours, plain = Imagegen(Path(mine), gemini.url), PlainApp(Path(other), gemini.url)
        _start(ours, browser)
        _start(plain, browser)
        pairs = [(_start(ours, browser), _start(plain, browser)) for _ in range(rounds)]
    yield compare("cold start → first usable page", "s", pairs, Target("ratio", "≤", 0.6))


def _start(studio: Studio, browser: Browser) -> float:
    with studio.start() as program:
        begun = time.monotonic()
        program.first_answer(studio.first_path)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{program.port}/")
        page.wait_for_selector(USABLE[type(studio)], timeout=60_000)
        usable = time.monotonic()
        context.close()
    return usable - begun


def _big_library(browser: Browser, gemini: Gemini, rounds: int) -> Iterator[Figure]:
    with TemporaryDirectory(prefix="imagegen-bench-") as folder:
        studio = Imagegen(Path(folder), gemini.url)
        environment = os.environ | studio.environment
        command = [sys.executable, "-m", "imagegen", "demo", str(LIBRARY)]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
        with studio.start() as program:
            program.first_answer("/")
            program.settle()
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            firsts, page = [], None
            for _ in range(rounds + 1):
                page = context.new_page()
                page.add_init_script(f"({FIRST_TILE})()")
                page.goto(f"http://127.0.0.1:{program.port}/")
                page.wait_for_selector("html[data-first-tile]", timeout=60_000)
                firsts.append(float(page.get_attribute("html", "data-first-tile") or "nan") / 1000)
                if len(firsts) <= rounds:
                    page.close()
            assert page is not None
            scrolled = {
                how: page.evaluate(SCROLL, [SCROLLED_SECONDS, step]) for how, step in PIXELS_A_FRAME.items()
            }
            context.close()
    warm = sorted(firsts[1:])  # the first one filled the browser's cache
    yield Figure(
        f"first tile at {LIBRARY:,} images, warm", "s", warm[len(warm) // 2], target=Target("ours", "≤", 1.5)
    )
    for how, (frames, _) in scrolled.items():
        yield Figure(f"scroll frame p95, {how}", "ms", at_percentile(frames, 95), target=Target("ours", "≤", 50))
    most = max(nodes for _, nodes in scrolled.values())
    yield Figure("DOM nodes while scrolling, most", "", most, target=Target("ours", "≤", 1500))


def _open(browser: Browser, studio: Running) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(f"http://127.0.0.1:{studio.program.port}/")
    page.wait_for_selector(USABLE[type(studio.studio)], timeout=60_000)
    return page


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()
