"""The composer: style, model, options, the question above five dollars, examples, remix, and the keys."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from tests.page.axe import faults
from tests.page.conftest import OpenPage
from tests.page.studio import Studio

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
REFUSED = "the server responded with a status of 4"
DISPATCH = "([name, detail]) => { document.dispatchEvent(new CustomEvent(name, { detail })) }"


def _sent(request: Request) -> Any:
    return json.loads(request.post_data or "{}")


def _generated(page: Page) -> Any:
    """Press the button; the request that was sent."""
    with page.expect_request("**/api/generate") as asked:
        page.click("#generate")
    return _sent(asked.value)


def _faults(page: Page) -> dict[str, list[str]]:
    page.emulate_media(reduced_motion="reduce")
    found = {}
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        if broken := faults(page):
            found[theme] = broken
    return found


def test_a_style_is_chosen_in_the_row_and_among_all(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    row = page.locator("ig-styles").get_by_role("group", name="Style")
    chosen = row.locator("[aria-pressed=true]")
    expect(row.get_by_role("button")).to_have_count(5)
    expect(chosen).to_have_count(0)
    page.fill("#prompt textarea", "A boat in a style")
    row.get_by_role("button").first.click()
    expect(chosen).to_have_count(1)
    row.get_by_role("button").first.click()
    expect(chosen).to_have_count(0)
    page.get_by_role("button", name="Browse 12").click()
    dialog = page.get_by_role("dialog", name="Choose a style")
    expect(dialog.get_by_role("group", name="Style").get_by_role("button")).to_have_count(12)
    dialog.get_by_role("button", name="Cartoon").click()
    assert _faults(page) == {}
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_have_count(0)
    expect(chosen).to_have_text("Cartoon")  # though it is none of the first five
    assert _generated(page)["styles"] == ["cartoon"]
    page.get_by_role("button", name="Browse 12").click()
    dialog.get_by_role("button", name="No style").click()
    page.keyboard.press("Escape")
    expect(chosen).to_have_count(0)


def test_a_model_is_chosen_by_hand_and_by_keys(open_page: OpenPage, paid_studio: Studio) -> None:
    page = open_page(paid_studio)
    face = page.locator("#model .face")
    face.click()
    dialog = page.get_by_role("dialog", name="Model")
    gemini = dialog.get_by_role("option", name=re.compile("Gemini 3 Pro Image · Gemini"))
    expect(gemini).to_contain_text("$0.134")
    gemini.click()
    expect(dialog).to_have_count(0)
    expect(face).to_be_focused()
    expect(face).to_contain_text("Gemini 3 Pro Image")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("option", selected=True)).to_contain_text("Gemini 3 Pro Image")
    dialog.get_by_text("In order").click()
    expect(dialog.get_by_role("option", selected=True)).to_have_count(0)
    page.keyboard.press("Escape")
    expect(face).to_contain_text("Auto")
    page.get_by_label("4K").check()
    face.click()
    expect(gemini).to_contain_text("$0.24")


def test_options_are_sent_kept_and_told(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio, may_fail=("status of 503",))
    page.route("**/api/generate", lambda route: route.fulfill(status=503))  # what is sent is enough
    page.fill("#prompt textarea", "With every option")
    page.get_by_role("button", name="Say what is not wanted").click()
    expect(page.get_by_role("textbox", name="Negative prompt")).to_be_focused()
    page.keyboard.type("people")
    page.get_by_role("spinbutton", name="Seed").fill("42")
    expect(page.get_by_role("button", name="Keep this seed")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("WebP").check()
    page.get_by_role("switch", name="Remove background when done").check()
    page.select_option("#album select", label="New album…")
    page.get_by_role("textbox", name="Name of the album").fill("Spring")
    page.get_by_role("button", name="Create").click()
    expect(page.locator("#album select")).to_have_value(re.compile(".{10}"))
    assert _faults(page) == {}
    page.locator("ig-options").get_by_role("button", name="Close").click()
    more = page.locator("ig-options .more")
    expect(more).to_contain_text("Negative · Seed 42 · Spring · WebP · Cut-out")
    page.reload()
    expect(more).to_contain_text("Negative · Seed 42 · Spring · WebP · Cut-out")
    sent = _generated(page)
    assert sent | {"album": ""} == {
        "prompt": "With every option",
        "negative_prompt": "people",
        "aspect_ratio": "1:1",
        "image_size": "1K",
        "count": 1,
        "styles": [],
        "model": "auto",
        "seed": 42,
        "album": "",
        "output_format": "webp",
        "remove_background": True,
        "reference_images": [],
    }
    expect(more).to_contain_text("Seed 42")


def test_a_seed_that_is_not_kept_serves_once(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.fill("#prompt textarea", "Rolled once")
    page.locator("ig-options .more").click()
    seed = page.get_by_role("spinbutton", name="Seed")
    page.get_by_role("button", name="Roll a seed").click()
    expect(seed).to_have_value(re.compile(r"\d+"))
    rolled = int(seed.input_value())
    page.keyboard.press("Escape")
    expect(seed).to_be_hidden()
    assert _generated(page)["seed"] == rolled
    expect(page.locator("ig-options .summary")).to_have_text("")
    page.locator("ig-options .more").click()
    page.get_by_role("button", name="Keep this seed").click()
    expect(seed).to_have_value(re.compile(r"\d+"))
    page.get_by_role("button", name="Keep this seed").click()
    expect(page.get_by_role("button", name="Keep this seed")).to_have_attribute("aria-pressed", "false")


def test_a_wrong_option_is_told_in_the_panel(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio, may_fail=(REFUSED,))
    page.fill("#prompt textarea", "A seed out of range")
    page.locator("ig-options .more").click()
    page.get_by_role("spinbutton", name="Seed").fill("-1")
    page.keyboard.press("Escape")
    page.click("#generate")
    expect(page.locator("#seed .field-error")).to_contain_text("allowed: 0 to")
    expect(page.get_by_role("spinbutton", name="Seed")).to_be_focused()


def test_much_money_is_asked_about(open_page: OpenPage, paid_studio: Studio) -> None:
    page = open_page(paid_studio, may_fail=("Failed to load resource",))
    sent: list[Any] = []
    # Not what is asked about jobs that failed before.
    page.on("request", lambda one: sent.append(_sent(one)) if one.url.endswith("/api/generate") else None)
    page.route("**/api/generate", lambda route: route.fulfill(status=503))
    page.fill("#prompt textarea", "A whole campaign")
    page.fill("#count", "40")
    page.click("#generate")  # before the price is shown: it is waited for
    dialog = page.get_by_role("dialog", name="Spend $5.36?")
    expect(dialog).to_contain_text("40 images will cost $5.36")
    assert _faults(page) == {}
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.locator("#generate")).to_have_attribute("aria-busy", "false")
    assert sent == []
    page.fill("#count", "37")
    expect(page.locator("#estimate")).to_contain_text("$4.96")
    page.click("#generate")
    expect(page.locator("#estimate .field-error")).to_contain_text("503")
    page.fill("#count", "40")
    page.keyboard.press("Control+Enter")
    dialog.get_by_role("button", name="Generate for $5.36").click()
    expect(page.locator("#generate")).to_have_attribute("aria-busy", "false")
    assert [body["count"] for body in sent] == [37, 40]


def test_a_key_can_be_added_from_the_banner(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    banner = page.locator("ig-sketch-banner")
    expect(banner).to_contain_text("offline sketches")
    banner.get_by_role("button", name="Add a key").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_an_example_is_made_at_one_press(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.route("**/api/images?*", lambda route: route.fulfill(json={"images": [], "next": None}))
    page.route("**/api/jobs?*", lambda route: route.fulfill(json={"jobs": [], "next": None}))
    page.reload()
    expect(page.locator("ig-empty .cost")).to_contain_text("free")
    example = page.get_by_role("list", name="Examples").get_by_role("button", name="Landscape")
    assert _faults(page) == {}
    page.unroute_all()
    with page.expect_request("**/api/generate") as asked:
        example.click()
    body = _sent(asked.value)
    assert (body["aspect_ratio"], body["count"]) == ("3:2", 1)
    expect(page.locator("#prompt textarea")).to_have_value(body["prompt"])
    expect(page.get_by_role("link", name="Misty mountain ridges")).to_be_visible()


def test_remix_restores_every_setting(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio, may_fail=("status of 503",))
    page.route("**/api/generate", lambda route: route.fulfill(status=503))
    page.fill("#prompt textarea", "Before")
    request: dict[str, Any] = {
        "prompt": "After: ${price} <b>مرحبا</b> 🌊",
        "negative_prompt": "fog",
        "aspect_ratio": "21:9",
        "image_size": "2K",
        "count": 3,
        "styles": ["noir"],
        "model": "sketch",
        "seed": 7,
        "mode": "single",
        "album": None,
        "output_format": "jpeg",
        "remove_background": True,
        "reference_images": [],
        "should_generate": True,
    }
    page.evaluate(DISPATCH, ["ig:remix", {"request": request}])
    expect(page.locator("#prompt textarea")).to_have_value(request["prompt"])
    expect(page.locator("#prompt textarea")).to_be_focused()
    expect(page.get_by_label("21:9")).to_be_checked()
    expect(page.get_by_label("2K")).to_be_checked()
    expect(page.locator("#count input")).to_have_value("3")
    expect(page.locator("#model .face")).to_contain_text("Offline sketch")
    expect(page.locator("ig-styles [aria-pressed=true]")).to_have_attribute("data-style", "noir")
    sent = _generated(page)
    assert sent == {name: value for name, value in request.items() if name in sent}
    assert sent.keys() == request.keys() - {"mode", "album", "should_generate"}


def test_a_picture_of_the_gallery_is_used_and_remixed_as_reference(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.fill("#prompt textarea", "To be used again")
    page.click("#generate")
    tile = page.locator('ig-tile[data-image-id]:has(a:has-text("To be used again"))')
    image = tile.first.get_attribute("data-image-id")
    page.evaluate(DISPATCH, ["ig:use-reference", {"imageId": image}])
    thumb = page.get_by_role("button", name="Reference 1, edit")
    expect(thumb.locator("img")).to_have_js_property("naturalWidth", 384)
    page.evaluate(DISPATCH, ["ig:use-reference", {"imageId": image}])
    expect(page.locator("ig-references .field-error")).to_have_text("This picture is already a reference.")
    again = {"prompt": "Again", "reference_images": [{"id": image, "label": "Mood"}]}
    page.evaluate(DISPATCH, ["ig:remix", {"request": again}])
    expect(page.get_by_role("button", name="Reference 1: Mood, edit")).to_be_visible()
    assert _generated(page)["reference_images"] == [{"id": image, "label": "Mood"}]


def test_the_keys_are_listed_and_do_what_they_say(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.locator("#prompt textarea").focus()
    page.keyboard.type("?p")
    expect(page.locator("#prompt textarea")).to_have_value("?p")
    page.locator("ig-gallery [tabindex='0']").first.focus()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    for name in ("Generate", "Write the prompt", "Keyboard shortcuts"):
        expect(dialog.locator("dt", has_text=re.compile(f"^{name}$"))).to_be_visible()
    expect(dialog.locator("dl > div", has_text="Generate")).to_contain_text("Ctrl")
    assert _faults(page) == {}
    page.keyboard.press("p")  # behind the dialog nothing is heard
    expect(dialog).to_be_visible()
    page.mouse.click(5, 5)
    expect(dialog).to_have_count(0)
    page.keyboard.press("p")
    expect(page.locator("#prompt textarea")).to_be_focused()


def test_a_phones_sheet_holds_the_focus_and_goes(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    page.get_by_role("button", name="1 image").click()
    sheet = page.get_by_role("dialog", name="Choices for the picture")
    expect(sheet.locator("#count")).to_be_in_viewport()
    assert _faults(page) == {}
    for _ in range(60):
        page.keyboard.press("Tab")
        inside = "document.activeElement === document.body || document.activeElement.closest('#composer') !== null"
        assert page.evaluate(inside)
    for name in ("Negative prompt", "Name of the album", "Label of the reference"):
        assert page.get_by_role("textbox", name=name).count() <= 1
    sheet.get_by_role("textbox", name="Negative prompt").fill("people")
    bar = sheet.get_by_role("button", name="Close").first
    box = bar.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 180, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 180, box["y"] + 160, steps=4)
    page.mouse.up()
    expect(page.locator("#aspect-ratio")).to_be_hidden()
    page.get_by_role("button", name="Style", exact=True).click()
    page.get_by_role("button", name="Browse 12").click()
    dialog = page.get_by_role("dialog", name="Choose a style")
    dialog.get_by_role("button", name="Poster").click()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator("#aspect-ratio")).to_be_visible()  # one Escape, one step back
    page.locator("#composer-veil").click(position={"x": 180, "y": 10})
    expect(page.locator("#aspect-ratio")).to_be_hidden()
    expect(page.get_by_role("button", name="Poster")).to_be_visible()


def test_a_folded_phone_sheet_tells_of_references(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio)
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    told = page.get_by_role("button", name="2 references")
    expect(told).to_be_hidden()
    studio.post("/api/generate", {"prompt": "To be referred to", "count": 2})
    pictures = page.locator("ig-tile[data-image-id]", has_text="To be referred to")
    expect(pictures).to_have_count(2)
    for image_id in pictures.evaluate_all("tiles => tiles.map(tile => tile.dataset.imageId)"):
        page.evaluate(DISPATCH, ["ig:use-reference", {"imageId": image_id}])
    told.click()
    expect(page.get_by_role("button", name="Reference 2, edit")).to_be_in_viewport()


def test_the_draft_outlives_a_lost_server(open_page: OpenPage, studio: Studio) -> None:
    page = open_page(studio, may_fail=("Failed to load resource",))
    page.route("**/api/generate", lambda route: route.abort())
    page.fill("#prompt textarea", "Not lost")
    page.get_by_label("9:16").check()
    page.click("#generate")
    expect(page.locator("#estimate .field-error")).to_contain_text("Nothing is lost")
    page.reload()
    expect(page.locator("#prompt textarea")).to_have_value("Not lost")
    expect(page.get_by_label("9:16")).to_be_checked()


def test_a_korean_reads_korean(open_page: OpenPage, studio: Studio) -> None:
    korean = "Object.defineProperty(navigator, 'language', { get: () => 'ko-KR' })"
    page = open_page(studio, script=korean)
    expect(page.get_by_role("textbox", name="프롬프트", exact=True)).to_be_visible()
    expect(page.locator("#generate")).to_have_text("생성")
    expect(page.get_by_role("group", name="비율").get_by_role("radio")).to_have_count(10)
    expect(page.locator("#estimate")).to_contain_text("이미지 1개")
    expect(page.locator("ig-styles button").nth(1)).to_have_text(re.compile("[가-힣]"))
    english = re.compile(r"[A-Za-z]{3,}")
    said = page.locator("#composer").inner_text()
    known = ("Ctrl", "Offline sketch", "sketch", "PNG", "JPEG", "WebP")
    for name in known:
        said = said.replace(name, "")
    assert english.findall(said) == []
