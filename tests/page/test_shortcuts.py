"""Every key that the overlay lists does what it says; a key that is added there must be pressed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.page.conftest import OpenPage
from tests.page.studio import Studio

pytestmark = pytest.mark.browser

Press = Callable[[Page, str], None]

LISTED = """async () => {
    const { keysOf, shortcuts } = await studioModule("studio/shortcuts.js");
    return shortcuts().map((entry) => ({ group: entry.group ?? "", label: entry.label, keys: keysOf(entry) }));
}"""
HEAR = """name => {
    window.heard = 0;
    document.addEventListener(name, () => { window.heard += 1 }, { once: true });
}"""
KEEP_COPIED = """
window.copied = 0;
Object.defineProperty(navigator, "clipboard", { value: { write: async () => { window.copied += 1 } } });
"""
RESTORE = "id => fetch(`/api/images/${id}/restore`, { method: 'POST' })"
OPEN = "id => document.dispatchEvent(new CustomEvent('ig:open', { detail: { imageId: id } }))"


def _press_all(page: Page, group: str, table: Mapping[str, Press]) -> None:
    """Press each key of a group as the table says; the table and the list must name the same."""
    listed = [entry for entry in page.evaluate(LISTED) if entry["group"] == group]
    assert sorted(entry["label"] for entry in listed) == sorted(table)
    for entry in listed:
        for key in entry["keys"]:
            table[entry["label"]](page, key.replace("Mod+", "Control+"))


def _make(page: Page, studio: Studio, prompt: str, count: int) -> list[str]:
    studio.post("/api/generate", {"prompt": prompt, "count": count})
    tiles = page.locator("ig-tile[data-image-id]", has_text=prompt)
    expect(tiles).to_have_count(count)
    made: list[str] = tiles.evaluate_all("tiles => tiles.map(tile => tile.dataset.imageId)")
    return made


def _picture(page: Page, image: str) -> Locator:
    return page.locator(f'ig-tile[data-image-id="{image}"] > a')


def _stand_on(page: Page, image: str) -> None:
    """Focus one of the newest pictures, also where another key went to the end of a long gallery."""
    page.locator("ig-gallery .pane").evaluate("pane => pane.scrollTo(0, 0)")
    _picture(page, image).focus()


def _leave(page: Page) -> None:
    page.locator("ig-gallery .pane").focus()


def test_anywhere(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.fill("#prompt textarea", "By a key alone")

    def overlay(page: Page, key: str) -> None:
        _leave(page)
        page.keyboard.press(key)
        dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
        shown = dialog.locator("dt").all_inner_texts()
        assert shown == [entry["label"] for entry in _in_groups(page)]
        dialog.get_by_role("button", name="Close").click()
        expect(dialog).to_have_count(0)

    def search(page: Page, key: str) -> None:
        _leave(page)
        page.keyboard.press(key)
        expect(page.get_by_role("searchbox")).to_be_focused()

    def prompt(page: Page, key: str) -> None:
        _leave(page)
        page.keyboard.press(key)
        expect(page.locator("#prompt textarea")).to_be_focused()

    def generate(page: Page, key: str) -> None:
        with page.expect_response("**/api/generate") as answered:
            page.keyboard.press(key)
        assert answered.value.status == 202

    def providers(page: Page, key: str) -> None:
        _leave(page)
        page.keyboard.press(key)
        dialog = page.get_by_role("dialog", name="Providers and costs")
        dialog.get_by_role("button", name="Close").click()
        expect(dialog).to_have_count(0)

    table = {
        "Providers and costs": providers,
        "Keyboard shortcuts": overlay,
        "Write the prompt": prompt,
        "Generate": generate,
    }
    _press_all(page, "Anywhere", table)
    _press_all(page, "", {"Search": search})


def _in_groups(page: Page) -> list[Any]:
    """As the overlay shows them: what has no group of its own stands with those for anywhere."""
    listed = page.evaluate(LISTED)
    groups = list(dict.fromkeys(entry["group"] or "Anywhere" for entry in listed))
    return [entry for group in groups for entry in listed if (entry["group"] or "Anywhere") == group]


def test_in_the_gallery(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    images = _make(page, studio, "Walked by keys", 8)  # more than stand beside each other
    ends: dict[str, tuple[int, int | None]] = {
        "ArrowRight": (0, 1),
        "ArrowLeft": (1, 0),
        "ArrowUp": (7, None),
        "Home": (1, 0),
    }

    def walk(page: Page, key: str) -> None:
        start, end = ends.get(key, (0, None))
        _stand_on(page, images[start])
        page.keyboard.press(key)
        if end is not None:
            expect(_picture(page, images[end])).to_be_focused()
        else:
            expect(_picture(page, images[start])).not_to_be_focused()
            expect(page.locator("ig-tile > a:focus")).to_have_count(1)

    def open_it(page: Page, key: str) -> None:
        _stand_on(page, images[0])
        page.keyboard.press(key)
        expect(page.locator("dialog.detail")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("dialog.detail")).to_be_hidden()

    def remove(page: Page, key: str) -> None:
        _stand_on(page, images[2])
        page.keyboard.press(key)
        expect(_picture(page, images[2])).to_have_count(0)
        page.evaluate(RESTORE, images[2])
        expect(_picture(page, images[2])).to_have_count(1)

    def clear(page: Page, key: str) -> None:
        search = page.get_by_role("searchbox")
        search.fill("no picture has these words")
        expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
        search.press(key)
        expect(search).to_have_value("")
        expect(_picture(page, images[0])).to_have_count(1)

    table = {
        "Go from picture to picture": walk,
        "First or last picture": walk,
        "Open the picture": open_it,
        "Delete": remove,
        "Clear search": clear,
    }
    _press_all(page, "Gallery", table)


def test_on_a_reference(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    images = _make(page, studio, "Referred to by keys", 3)
    use = "id => document.dispatchEvent(new CustomEvent('ig:use-reference', { detail: { imageId: id } }))"
    for image in images:
        page.evaluate(use, image)
    thumbs = page.locator("ig-references button.thumb")
    expect(thumbs).to_have_count(3)

    def order() -> list[str]:
        ids: list[str] = thumbs.evaluate_all("buttons => buttons.map(button => button.dataset.reference)")
        return ids

    def move(page: Page, key: str) -> None:
        place = 1 if key.endswith("Left") else 0
        moved = order()[place]
        thumbs.nth(place).focus()
        page.keyboard.press(key)
        expect(thumbs.nth(1 - place)).to_have_attribute("data-reference", moved)

    def remove(page: Page, key: str) -> None:
        left = order()[1:]
        thumbs.first.focus()
        page.keyboard.press(key)
        expect(thumbs).to_have_count(len(left))
        assert order() == left

    _press_all(page, "References", {"Move earlier": move, "Move later": move, "Remove": remove})


def test_on_the_open_picture(open_page: OpenPage, studio: Studio) -> None:
    # The picture goes to the trash while its cut-out still tells news of it: asked for then, it is gone.
    page = open_page(studio, script=KEEP_COPIED, may_fail=("status of 404",))
    images = _make(page, studio, "Opened by keys", 3)
    detail = page.locator("dialog.detail")

    def show(image: str) -> None:
        if not detail.is_visible() or page.locator(f'ig-viewer[data-image-id="{image}"]').count() == 0:
            page.evaluate(OPEN, image)
        expect(page.locator(f'ig-viewer[data-image-id="{image}"]')).to_be_visible()
        expect(detail.locator("ig-layer[data-loaded]").first).to_be_visible()
        expect(detail.locator("dl.facts")).to_have_count(1)

    def step(page: Page, key: str) -> None:
        show(images[1])
        expect(detail.get_by_role("button", name="Next picture")).not_to_have_attribute("aria-disabled", "true")
        page.keyboard.press(key)
        now = images[0] if key == "ArrowLeft" else images[2]
        expect(page.locator(f'ig-viewer[data-image-id="{now}"]')).to_be_visible()

    def zoom(page: Page, key: str) -> None:
        show(images[1])
        scale = detail.locator(".scale")
        before = scale.inner_text()
        page.keyboard.press(key)
        expect(scale).not_to_have_text(before)

    def hears(name: str) -> Press:
        def press(page: Page, key: str) -> None:
            show(images[1])
            page.evaluate(HEAR, name)
            page.keyboard.press(key)
            expect(detail).to_be_hidden()
            assert page.evaluate("window.heard") == 1

        return press

    def asks(path: str) -> Press:
        def press(page: Page, key: str) -> None:
            show(images[1])
            with page.expect_response(path) as answered:
                page.keyboard.press(key)
            assert answered.value.status == 202

        return press

    def download(page: Page, key: str) -> None:
        show(images[1])
        with page.expect_download() as begun:
            page.keyboard.press(key)
        assert begun.value.suggested_filename.startswith("opened-by-keys")

    def copy(page: Page, key: str) -> None:
        show(images[1])
        page.keyboard.press(key)
        expect(detail).to_contain_text("Copied")
        assert page.evaluate("window.copied") == 1

    def facts(page: Page, key: str) -> None:
        show(images[1])
        page.keyboard.press(key)
        expect(detail.locator("dl.facts")).to_be_hidden()
        page.keyboard.press(key)
        expect(detail.locator("dl.facts")).to_be_visible()

    def remove(page: Page, key: str) -> None:
        show(images[1])
        page.keyboard.press(key)
        expect(_picture(page, images[1])).to_have_count(0)
        page.evaluate(RESTORE, images[1])
        expect(_picture(page, images[1])).to_have_count(1)

    def close(page: Page, key: str) -> None:
        show(images[1])
        page.keyboard.press(key)
        expect(detail).to_be_hidden()

    table = {
        "Previous or next picture": step,
        "Zoom in or out": zoom,
        "Whole picture or 100%": zoom,
        "Remix": hears("ig:remix"),
        "Variation": asks("**/api/generate"),
        "Download": download,
        "Remove background": asks("**/cutout"),
        "Use as reference": hears("ig:use-reference"),
        "Copy image": copy,
        "Details": facts,
        "Delete": remove,
        "Close": close,
    }
    _press_all(page, "Open picture", table)
