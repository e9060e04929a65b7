"""Reference images: picked, dropped, pasted, labelled, kept over a reload, and refused where they are none."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import pytest
from PIL import Image, ImageColor
from playwright.sync_api import FilePayload, Page, expect

from tests.page.conftest import OpenPage, until
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

PASTE = """([selector, data, text]) => {
    const transfer = new DataTransfer();
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], "pasted.png", { type: "image/png" }));
    if (text) transfer.setData("text/plain", text);
    const event = new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true });
    document.querySelector(selector).dispatchEvent(event);
}"""
MIDDLES = """async (images) => Promise.all(images.map(async (image) => {
    await image.decode();
    const canvas = new OffscreenCanvas(1, 1);
    const brush = canvas.getContext("2d");
    brush.drawImage(image, image.naturalWidth / 2, image.naturalHeight / 2, 1, 1, 0, 0, 1, 1);
    return [...brush.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => Math.round(part / 64)).join();
}))"""
"""The colour in the middle of each picture, coarse enough for what WebP makes of it."""


def _rgb(colour: str) -> str:
    return ",".join(str(int(part / 64 + 0.5)) for part in ImageColor.getrgb(colour))


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
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(thumbs).to_have_count(1)
    expect(page.get_by_role("button", name="Add references")).to_be_focused()


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
    expect(page.locator("ig-references .busy")).to_have_count(0)


def test_many_at_once_keep_their_order(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    colours = ["red", "green", "blue", "white", "black", "gold", "pink", "gray", "cyan", "tan"]
    _pick(page, *colours)
    expect(page.locator("ig-references")).to_contain_text("10 of 14")
    expect(page.locator("ig-references .busy")).to_have_count(0)
    drawn = page.locator("ig-references .thumb img").evaluate_all(MIDDLES)
    assert drawn == [_rgb(colour) for colour in colours]
    _pick(page, "navy", "lime", "plum", "peru", "snow")
    expect(page.locator("ig-references")).to_contain_text("14 of 14")
    expect(page.locator("ig-references .field-error")).to_have_text("At most 14 references: one was left out.")
    expect(page.get_by_role("button", name="Add references")).to_be_hidden()


def test_pasted_anywhere_but_text_stays_text(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.evaluate(PASTE, ["body", base64.b64encode(_picture("olive")).decode(), ""])
    thumbs = page.locator("ig-references button.thumb")
    expect(thumbs).to_have_count(1)
    page.evaluate(PASTE, ["#prompt textarea", base64.b64encode(_picture("coral")).decode(), "a passage"])
    page.evaluate(PASTE, ["#prompt textarea", base64.b64encode(_picture("khaki")).decode(), ""])
    expect(thumbs).to_have_count(2)
    expect(page.locator("ig-references .busy")).to_have_count(0)


def test_moved_by_drag_by_keys_and_by_buttons(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    _pick(page, "red", "green", "blue")
    thumbs = page.locator("ig-references .thumb img")
    expect(thumbs).to_have_count(3)

    def order() -> object:
        return thumbs.evaluate_all(MIDDLES)

    red, green, blue = (_rgb(colour) for colour in ("red", "green", "blue"))
    first = page.get_by_role("button", name="Reference 1, edit")
    page.get_by_role("button", name="Reference 3, edit").drag_to(first)
    assert order() == [blue, red, green]
    first.focus()
    page.keyboard.press("Shift+ArrowRight")
    assert order() == [red, blue, green]
    expect(page.get_by_role("button", name="Reference 2, edit")).to_be_focused()
    expect(page.locator("ig-references [role=status]")).to_have_text("Now reference 2 of 3")
    page.get_by_role("button", name="Reference 3, edit").click()
    page.get_by_role("button", name="Move earlier").click()
    assert order() == [red, green, blue]
    page.get_by_role("button", name="Move earlier").click()
    expect(page.get_by_role("button", name="Move earlier")).to_be_disabled()
    page.get_by_role("button", name="Move later").click()
    assert order() == [red, green, blue]
    page.get_by_role("button", name="Reference 2, edit").press("Delete")
    expect(thumbs).to_have_count(2)


def test_the_same_picture_twice_is_told(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    _pick(page, "teal", "teal")
    expect(page.locator("ig-references .field-error")).to_have_text("This picture is already a reference.")
    expect(page.locator("ig-references button.thumb")).to_have_count(1)


NOTE_END_OF_DRAG = """() => {
    window.dragged = false;
    window.addEventListener("dragend", () => { window.dragged = true }, { once: true });
}"""


def test_a_picture_of_the_gallery_becomes_a_reference(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.fill("#prompt textarea", "To be dragged")
    page.click("#generate")
    tile = page.get_by_role("link", name="To be dragged")
    expect(tile.locator("img")).to_have_js_property("complete", True)
    expect(page.locator("[data-task-state]")).to_have_count(0)  # nothing moves any more
    page.evaluate(NOTE_END_OF_DRAG)
    tile.drag_to(page.locator("#prompt-card"))
    expect(page.locator("ig-references button.thumb")).to_have_count(1)
    until(page, "() => window.dragged")  # before, the browser keeps presses to itself
    page.fill("#prompt textarea", "Drawn after it")
    page.click("#generate")
    expect(page.get_by_role("link", name="Drawn after it")).to_be_visible()


def test_an_upload_shows_its_face_after_a_reload_a_remix_and_in_another_tab(
    open_page: OpenPage, studio: Studio
) -> None:
    page = open_page(studio)
    _pick(page, "orchid")
    faces = page.locator("ig-references .thumb img")
    expect(faces).to_have_count(1)
    page.fill("#prompt textarea", "Seen again")
    with page.expect_response("**/api/generate") as accepted:
        page.click("#generate")
    job = accepted.value.json()["job_id"]
    expect(page.get_by_role("link", name="Seen again")).to_be_visible()
    orchid = [_rgb("orchid")]
    page.reload()
    expect(faces).to_have_count(1)
    expect(faces).not_to_have_js_property("naturalWidth", 0)
    assert faces.evaluate_all(MIDDLES) == orchid
    page.evaluate("localStorage.clear()")
    other = open_page(studio)
    faces = other.locator("ig-references .thumb img")
    expect(faces).to_have_count(0)
    other.evaluate(REMIX, job)
    expect(faces).to_have_count(1)
    expect(faces).not_to_have_js_property("naturalWidth", 0)
    assert faces.evaluate_all(MIDDLES) == orchid


REMIX = """async (job) => {
    const { images } = await (await fetch(`/api/generate/${job}`)).json();
    const { request } = await (await fetch(`/api/images/${images[0].id}`)).json();
    document.dispatchEvent(new CustomEvent("ig:remix", { detail: { request } }));
}"""


def test_a_reference_that_is_neither_here_nor_an_upload_is_looked_for_in_the_gallery(
    open_page: OpenPage, studio: Studio
) -> None:
    page = open_page(studio, may_fail=(REFUSED,))
    made = studio.post("/api/generate", {"prompt": "Older than what is loaded"})["job_id"]
    expect(page.get_by_role("link", name="Older than what is loaded")).to_be_visible()
    picture = page.evaluate("id => fetch(`/api/generate/${id}`).then(answer => answer.json())", made)["images"][0][
        "id"
    ]
    forget = "async id => (await studioModule('studio/library.js')).library.records.images.delete(id)"
    page.evaluate(forget, picture)
    request = {"prompt": "After it", "reference_images": [{"id": picture, "label": None}], "mode": "single"}
    page.evaluate(
        "request => document.dispatchEvent(new CustomEvent('ig:remix', { detail: { request } }))", request
    )
    face = page.locator("ig-references .thumb img")
    expect(face).to_have_attribute("src", f"/api/images/{picture}/thumb")
