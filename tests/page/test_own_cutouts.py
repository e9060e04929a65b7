"""Pictures of one's own lose their background, as references or dropped for it. The remover is the real one."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, Route, expect

from tests.media.cutout.photographs import photograph
from tests.page.axe import faults
from tests.page.conftest import OpenPage
from tests.page.played import cancelled_cutout
from tests.page.studio import Studio

pytestmark = pytest.mark.browser

REFUSED = "the server responded with a status of 4"
DRAG = """([selector, kind, files]) => {
    const transfer = new DataTransfer();
    for (const [name, type, data] of files) {
        const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type }));
    }
    const event = new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true });
    document.querySelector(selector).dispatchEvent(event);
}"""
CUTOUT_ZONE = ".drop-zones .zone:nth-child(2)"
REFERENCE_ZONE = ".drop-zones .zone:nth-child(1)"
LOST = {"total": 1, "completed": 0, "failed": 1, "cancelled": 0, "interrupted": 0}
Files = Iterable[tuple[str, str, bytes]]


def flat(colour: str = "teal") -> bytes:
    """A picture of nothing."""
    packed = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(packed, "PNG")
    return packed.getvalue()


def _drag(page: Page, selector: str, kind: str, files: Files) -> None:
    page.evaluate(
        DRAG, [selector, kind, [(name, mime, base64.b64encode(data).decode()) for name, mime, data in files]]
    )


def _drop_to_cut(page: Page, files: Files) -> None:
    files = list(files)
    _drag(page, "#gallery", "dragover", files)
    expect(page.locator(CUTOUT_ZONE)).to_be_visible()
    _drag(page, CUTOUT_ZONE, "drop", files)
    expect(page.locator(CUTOUT_ZONE)).to_be_hidden()


def _toast(page: Page) -> Locator:
    return page.locator("#gallery ig-toasts")


def _pick(page: Page, data: bytes) -> None:
    files: list[FilePayload] = [{"name": "mine.png", "mimeType": "image/png", "buffer": data}]
    page.set_input_files("ig-references input[type=file]", files)


def test_a_reference_is_cut_out_and_the_result_is_offered(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    _pick(page, photograph())
    page.get_by_role("button", name="Reference 1, edit").click()
    with page.expect_response("**/api/references/*/cutout") as accepted:
        page.locator("ig-reference-editor").get_by_role("button", name="Remove background").click()
    job = accepted.value.json()["job_id"]
    expect(page.locator(f'ig-job[data-job-id="{job}"]')).to_be_visible()
    expect(_toast(page)).to_contain_text("The cut-out is ready.")
    expect(page.locator("ig-references button.thumb")).to_have_count(1)
    _toast(page).get_by_role("button", name="Open").click()
    made = page.evaluate("job => fetch(`/api/generate/${job}`).then(answer => answer.json())", job)["images"][0]
    expect(page.locator(f'ig-viewer[data-image-id="{made["id"]}"]')).to_be_visible()
    expect(page.locator("dialog.detail .prompt")).to_have_text("No prompt: your own picture")
    expect(page.locator("dialog.detail dl")).to_contain_text("Quick (U²-Net small)")


def test_what_came_to_nothing_is_told_with_its_reason(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)

    def fail(route: Route) -> None:
        record = route.fetch().json()
        if record.get("kind") == "cutout" and record["status"] == "completed":
            record |= {"status": "failed", "images": [], "progress": LOST}
            record["tasks"][0] |= {"status": "failed", "error": "Nothing was found to cut out.", "image_id": None}
        route.fulfill(json=record)

    page.route("**/api/generate/*", fail)
    _drop_to_cut(page, [("fog.png", "image/png", photograph())])
    expect(_toast(page)).to_contain_text("Nothing was found to cut out.")
    failed = page.locator("ig-job[data-state=trouble]", has_text="Your picture")
    expect(failed).to_contain_text("Nothing was found to cut out")
    expect(page.locator("ig-references button.thumb")).to_have_count(0)


def test_the_zones_show_where_a_file_goes(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.emulate_media(reduced_motion="reduce")  # colours are read at once
    file = [("red.png", "image/png", flat("red"))]
    reference, cutout = page.locator(REFERENCE_ZONE), page.locator(CUTOUT_ZONE)
    _drag(page, "#gallery", "dragover", file)
    expect(reference).to_have_attribute("data-over", "")
    expect(reference).to_contain_text("Use as reference")
    expect(cutout).to_contain_text("Remove background")
    assert faults(page) == []
    _drag(page, CUTOUT_ZONE, "dragover", file)
    expect(cutout).to_have_attribute("data-over", "")
    expect(reference).not_to_have_attribute("data-over", "")
    page.evaluate("window.dispatchEvent(new DragEvent('dragleave'))")
    expect(cutout).to_be_hidden()
    _drag(page, "#gallery", "dragover", file)
    _drag(page, REFERENCE_ZONE, "drop", file)
    expect(page.locator("ig-references button.thumb")).to_have_count(1)


def test_ten_files_make_ten_jobs_and_a_wrong_one_is_named(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio, may_fail=(REFUSED,))
    begun: list[str] = []
    page.on("response", lambda answer: begun.append(answer.url) if answer.url.endswith("/cutout") else None)
    files = [(f"{side}.png", "image/png", photograph(side)) for side in range(128, 168, 4)]
    wrong = [("note.svg", "image/svg+xml", b"<svg/>"), ("text.png", "image/png", b"this is text")]
    _drop_to_cut(page, [*files, *wrong])
    expect(_toast(page)).to_contain_text("11 backgrounds are being removed.")
    problem = page.locator("ig-notices").get_by_role("alert")
    expect(problem).to_contain_text("note.svg is not a picture that can be used")
    expect(problem).to_contain_text("text.png: ")
    expect(_toast(page)).to_contain_text("10 cut-outs are ready.")
    assert len(set(begun)) == len(files)
    expect(page.locator("ig-references button.thumb")).to_have_count(0)


def test_a_refusal_stands_at_the_references(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio, may_fail=(REFUSED,))
    _pick(page, flat("navy"))
    page.get_by_role("button", name="Reference 1, edit").click()
    refusal = {"status": 409, "title": "Conflict", "detail": "That model is not downloaded yet.", "errors": []}
    page.route("**/api/references/*/cutout", lambda route: route.fulfill(status=409, json=refusal))
    page.locator("ig-reference-editor").get_by_role("button", name="Remove background").click()
    expect(page.locator("ig-references .field-error")).to_have_text("That model is not downloaded yet.")


def test_a_picture_of_the_gallery_is_cut_out_as_itself(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    studio.post("/api/generate", {"prompt": "A jug to be cut out of the composer"})
    tile = page.locator("ig-tile[data-image-id]", has_text="A jug to be cut out of the composer")
    expect(tile).to_have_count(1)
    picture = tile.get_attribute("data-image-id")
    page.evaluate(
        "id => document.dispatchEvent(new CustomEvent('ig:use-reference', { detail: { imageId: id } }))", picture
    )
    page.get_by_role("button", name="Reference 1, edit").click()
    asked: list[Any] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.post_data_json)
        route.fulfill(status=202, json={"job_id": "0nothing"})

    page.route(f"**/api/images/{picture}/cutout", refuse)
    page.route("**/api/generate/0nothing", lambda route: route.fulfill(json=cancelled_cutout("0nothing")))
    page.locator("ig-reference-editor").get_by_role("button", name="Remove background").click()
    expect(_toast(page)).to_contain_text("The background is being removed.")
    assert [body["model"] for body in asked] == ["u2netp"]


def test_on_a_phone_the_sheet_tells_and_opens_it(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="All options").click()
    _pick(page, photograph(200))
    page.get_by_role("button", name="Reference 1, edit").click()
    page.locator("ig-reference-editor").get_by_role("button", name="Remove background").click()
    told = page.locator("#composer ig-toasts")
    expect(told).to_contain_text("The cut-out is ready.")
    told.get_by_role("button", name="Open").click()
    expect(page.locator("dialog.detail dl.facts")).to_have_count(1)
