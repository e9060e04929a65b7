"""Reference images: picked, dropped, pasted, labelled, kept over a reload, and refused where they are none."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.page.conftest import OpenPage
from tests.page.studio import Studio

pytestmark = pytest.mark.browser

REFUSED = "the server responded with a status of 4"
DROP = """([selector, kind, name, type, text]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], name, { type }));
    const target = document.querySelector(selector);
    const event = kind === "paste"
        ? new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true })
        : new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true });
    target.dispatchEvent(event);
}"""


def _picture(colour: str) -> bytes:
    packed = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(packed, "PNG")
    return packed.getvalue()


def _pick(page: Page, *colours: str) -> None:
    files: list[FilePayload] = [
        {"name": f"{colour}.png", "mimeType": "image/png", "buffer": _picture(colour)} for colour in colours
    ]
    page.set_input_files("ig-references input[type=file]", files)


def test_usage_picked_labelled_used_and_removed(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    _pick(page, "red", "navy")
    thumbs = page.locator("ig-references button.thumb")
    expect(thumbs).to_have_count(2)
    expect(page.locator("ig-references")).to_contain_text("2 of 14")
    page.get_by_role("button", name="Reference 1, edit").click()
    page.keyboard.type("Product")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Reference 1: Product, edit")).to_be_visible()
    page.reload()
    expect(thumbs).to_have_count(2)
    expect(page.get_by_role("button", name="Reference 1: Product, edit")).to_be_visible()
    page.fill("#prompt textarea", "In these colours")
    with page.expect_request("**/api/generate") as asked:
        page.click("#generate")
    references = json.loads(asked.value.post_data or "{}")["reference_images"]
    assert [list(reference) for reference in references] == [["id", "label"], ["id"]]
    assert references[0]["label"] == "Product"
    expect(page.get_by_role("link", name="In these colours")).to_be_visible()
    page.get_by_role("button", name="Reference 2, edit").click()
    page.get_by_role("button", name="Remove").click()
    expect(thumbs).to_have_count(1)


def test_a_wrong_file_is_refused_with_its_name(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    for kind in ("drop", "paste"):
        file = [f"{kind}.svg", "image/svg+xml", "<svg onload='window.hacked=1'/>"]
        page.evaluate(DROP, ["#prompt textarea", kind, *file])
        expect(page.locator("ig-references .field-error")).to_contain_text(f"{kind}.svg is not a picture")
        expect(page.locator("ig-references button.thumb")).to_have_count(0)
    assert page.evaluate("window.hacked") is None


def test_a_picture_that_is_none_is_refused_by_the_server(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio, may_fail=(REFUSED,))
    page.evaluate(DROP, ["#gallery", "drop", "note.png", "image/png", "this is text"])
    expect(page.locator("ig-references .field-error")).to_contain_text("note.png: ")
    expect(page.locator("ig-references .busy")).to_have_count(0)
    expect(page.locator("ig-references button.thumb")).to_have_count(0)


def test_a_file_over_20_mb_is_not_sent(open_page: OpenPage, studio: Studio, tmp_path: Path) -> None:
    page = open_page(studio)
    large = tmp_path / "large.png"
    with large.open("wb") as file:
        file.truncate(20 * 1024 * 1024 + 1)
    page.set_input_files("ig-references input[type=file]", large)
    expect(page.locator("ig-references .field-error")).to_have_text("large.png is larger than 20 MB.")


def test_the_same_picture_twice_is_told(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    _pick(page, "teal", "teal")
    expect(page.locator("ig-references .field-error")).to_have_text("This picture is already a reference.")
    expect(page.locator("ig-references button.thumb")).to_have_count(1)


def test_a_picture_of_the_gallery_becomes_a_reference(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.fill("#prompt textarea", "To be dragged")
    page.click("#generate")
    tile = page.get_by_role("link", name="To be dragged")
    expect(tile.locator("img")).to_have_js_property("complete", True)
    expect(page.locator("[data-task-state]")).to_have_count(0)  # nothing moves any more
    tile.drag_to(page.locator("#prompt-card"))
    expect(page.locator("ig-references button.thumb")).to_have_count(1)
    page.fill("#prompt textarea", "Drawn after it")
    page.click("#generate")
    expect(page.get_by_role("link", name="Drawn after it")).to_be_visible()
