"""Draws the pictures of docs/: `python -m tests.page.pictures`. By hand, whenever the looks have changed."""

from __future__ import annotations

import json
import shutil
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.emulator.gemini import KEY, Fate, GeminiEmulator, Kind
from tests.page.conftest import LIVE
from tests.server_process import ROOT, ServerProcess

VIEWS: dict[str, Any] = {
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "phone-dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "is_mobile": True},
    "phone-light": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "is_mobile": True},
}
SKETCHES: list[dict[str, Any]] = [
    {"prompt": "Fjord at first light, mist over still water", "aspect_ratio": "16:9", "count": 2},
    {"prompt": "Night skyline over the harbour, lit windows", "aspect_ratio": "3:4", "count": 2},
    {"prompt": "A bowl of oranges and a jug on linen", "aspect_ratio": "4:5", "styles": ["watercolor"]},
    {"prompt": "Portrait of a woman with red hair, soft light", "aspect_ratio": "4:5", "count": 2},
    {"prompt": "A ringed planet above its moons, stars", "aspect_ratio": "1:1", "count": 2},
    {"prompt": "Abstract tiles, cobalt and orange, bold shapes", "aspect_ratio": "1:1", "styles": ["poster"]},
    {"prompt": "Desert dunes at dusk", "aspect_ratio": "21:9"},
    {"prompt": "Old town roofs after rain", "aspect_ratio": "3:4", "styles": ["van-gogh"]},
    {"prompt": "Pale lilies in a glass vase", "aspect_ratio": "2:3", "styles": ["paper-cut"]},
    {"prompt": "A ceramic serum bottle on a travertine plinth", "aspect_ratio": "4:5", "count": 2},
]
FATES = (
    Fate(),
    Fate(Kind.IMAGE_SAFETY),
    Fate(Kind.DROP_AFTER),
    Fate(Kind.DAILY_QUOTA),
    Fate(Kind.TEXT_ONLY),
    Fate(),
)


def main() -> None:
    """Four scenes in four views, as WebP."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        expect.set_options(timeout=60_000)
        with (
            TemporaryDirectory() as folder,
            ServerProcess(Path(folder), {"IMAGEGEN_PROVIDERS": "sketch"}) as studio,
        ):
            _draw(browser, studio.url, "empty")
            for sketch in SKETCHES:
                _post(studio.url, "/api/generate", sketch)
            _until_done(studio.url)
            bottle = _get(studio.url, "/api/images?q=bottle")["images"][0]["id"]
            _draw(browser, studio.url, "page")
            _post(studio.url, f"/api/images/{bottle}/cutout", {})
            _until_done(studio.url)
            _draw(browser, studio.url, "detail", path=f"/?image={bottle}", prepare=_compared)
        with TemporaryDirectory() as folder, GeminiEmulator() as gemini:
            settings = {
                "GEMINI_API_KEY": KEY,
                "GOOGLE_GEMINI_BASE_URL": gemini.url,
                "IMAGEGEN_PROVIDERS": "gemini",
                "IMAGEGEN_WORKER_CONCURRENCY": "1",
                "IMAGEGEN_MAX_RETRIES": "0",
            }
            with ServerProcess(Path(folder), settings) as studio:
                gemini.script(*FATES)
                wanted = {"prompt": "A fox in fresh snow", "mode": "batch", "total_images": len(FATES)}
                _post(studio.url, "/api/generate", wanted)
                _until_done(studio.url)
                _draw(browser, studio.url, "failures", prepare=_refused)
        browser.close()


def _draw(
    browser: Browser, url: str, scene: str, *, path: str = "/", prepare: Callable[[Page], None] | None = None
) -> None:
    for view, options in VIEWS.items():
        context = browser.new_context(**options)
        page = context.new_page()
        page.goto(url + path)
        page.wait_for_selector(LIVE)
        if prepare is not None:
            prepare(page)
        page.wait_for_load_state("load")
        page.wait_for_timeout(1500)  # thumbnails and transitions
        file = ROOT / "docs" / f"{scene}-{view}.webp"
        page.screenshot(path=file.with_suffix(".png"))
        with Image.open(file.with_suffix(".png")) as shot:
            shot.convert("RGB").save(file, quality=88, method=6)
        file.with_suffix(".png").unlink()
        context.close()


def _compared(page: Page) -> None:
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_role("slider")).to_be_visible()


def _refused(page: Page) -> None:
    """What a person reads who has asked for something impossible."""
    page.fill("#prompt textarea", "")
    page.click("#generate")
    expect(page.locator("#prompt-error, .field-error").first).to_be_visible()


def _until_done(url: str) -> None:
    while _get(url, "/api/jobs?status=live")["jobs"]:
        time.sleep(0.2)


def _post(url: str, path: str, body: dict[str, Any]) -> Any:
    head = {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url + path, json.dumps(body).encode(), head)) as answer:
        return json.load(answer)


def _get(url: str, path: str) -> Any:
    with urllib.request.urlopen(url + path) as answer:
        return json.load(answer)


if __name__ == "__main__":
    main()
