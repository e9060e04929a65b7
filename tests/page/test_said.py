"""What the server says is said in Korean on a Korean page: all of it, as its source has it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.emulator.fates import Kind
from tests.emulator.gemini import GeminiEmulator
from tests.page.conftest import OpenPage
from tests.page.sentences import HOLE, sentences
from tests.page.studio import Studio

pytestmark = pytest.mark.browser

IN_KOREAN = "Object.defineProperty(navigator, 'language', { get: () => 'ko-KR' })"
HANGUL = re.compile("[가-힣]")
OUR_OWN = {"server.unreachable", "server.answered"}
"""Said by the page, not by the server."""
BRANDS = {
    *("Gemini", "Gemini 3 Pro Image", "OpenAI", "Stability AI", "Modal", "Replicate", "fal", "Nano Banana Pro"),
    *("Runware", "RunPod", "RunPod endpoint", "imagegen"),
}
"""Names that are the same in every language."""
COMPOSED = {
    "The file has 25.1 MB; allowed: up to 20 MB of PNG, JPEG or WebP.",
    "The picture arrived but could not be saved: The picture could not be saved: the disk is full.",
    "The disk is full. Nothing was sent or billed; free some space, then retry. Tried 3 times.",
    "budget: tiny is unknown; allowed: low, medium, high, or dollars for one picture, above 0 and up to 1,000",
    "aspect_ratio: '7:3' is unknown; allowed: 1:1, 16:9; count: 101 is out of range; allowed: 1 to 100",
}
"""Put together of several while the server runs."""
FOLLOWS = re.compile(r"^\{\} (?=[A-Z])")
"""A sentence that comes after another one."""
SAMPLES = {FOLLOWS.sub("", sentence).replace(HOLE, "7") for sentence in sentences() - BRANDS} | COMPOSED
PARTS = """async (texts) => {
    const { partsOf } = await studioModule("studio/said.js");
    return texts.map((text) => partsOf(text).filter((part) => part.text && /[a-z]/i.test(part.text)));
}"""
CODES = """async () => {
    const areas = ["cutouts", "refusals", "server", "troubles"];
    const words = await Promise.all(areas.map((area) => studioModule(`words/${area}.js`)));
    return areas.flatMap((area, index) => Object.keys(words[index].en).map((key) => `${area}.${key}`));
}"""
SAID = """async (texts) => {
    const { said } = await studioModule("studio/said.js");
    return texts.map(said);
}"""

SPILLS = """tile => {
    const { top, bottom } = tile.getBoundingClientRect();
    const isOutside = (box) => box.top < top || box.bottom > bottom;
    const parts = [...tile.querySelectorAll("strong, span, button")].filter((part) => part.checkVisibility());
    return parts.filter((part) => isOutside(part.getBoundingClientRect())).map((part) => part.textContent);
}"""
"""Words of a tile that lie outside of it."""
CUT_OFF = """() => [...document.querySelectorAll("#studio :is(button, label, legend, p, span, strong, h2)")]
    .filter((part) => part.clientWidth > 0 && part.scrollWidth > part.clientWidth + 1)
    .filter((part) => getComputedStyle(part).overflowX !== "visible" && !part.matches(".sr-only, #prompt *"))
    .map((part) => part.textContent)"""
"""Labels of the page at rest that are wider than their place; that of the prompt is for screen readers only."""


@pytest.fixture(scope="module")
def page(profile: BrowserContext, studio: Studio) -> Iterator[Page]:
    tab = profile.new_page()
    tab.goto(studio.url)
    yield tab
    tab.close()


@pytest.fixture(scope="module")
def korean(profile: BrowserContext, studio: Studio) -> Iterator[Page]:
    tab = profile.new_page()
    tab.add_init_script(IN_KOREAN)
    tab.goto(studio.url)
    yield tab
    tab.close()


def test_each_phrase_of_the_server_has_a_code_and_each_code_a_phrase(page: Page) -> None:
    assert len(SAMPLES) > 100  # the source was read
    found = page.evaluate(PARTS, sorted(SAMPLES))
    assert [part["text"] for parts in found for part in parts if part["code"] is None] == []
    used = {part["code"] for parts in found for part in parts}
    assert set(page.evaluate(CODES)) - used - OUR_OWN == {"troubles.pictureNotSaved"}  # which is part of another


def test_an_english_page_says_what_the_server_says(page: Page) -> None:
    assert page.evaluate(SAID, sorted(SAMPLES)) == sorted(SAMPLES)


def test_a_korean_page_says_it_in_korean(korean: Page) -> None:
    assert all(HANGUL.search(text) for text in korean.evaluate(SAID, sorted(SAMPLES)))
    said = korean.evaluate(
        SAID,
        [
            "Gemini is overloaded. Nothing was billed; it can be tried again later. Tried 3 times.",
            "aspect_ratio: '7:3' is unknown; allowed: 1:1, 16:9",
            "It would cost $13.4; IMAGEGEN_BUDGET_DAY_USD allows $5, of which $0.5 is spent or promised today. "
            "Nothing was sent or billed.",
            "The picture arrived but could not be saved: The picture could not be saved: the disk is full.",
            "Words of a newer server.",
        ],
    )
    assert said == [
        "Gemini에 요청이 몰려 있습니다. 요금은 청구되지 않았습니다. 나중에 다시 시도할 수 있습니다. "
        "3번 시도했습니다.",
        "aspect_ratio: 알 수 없는 값입니다: '7:3'. 허용: 1:1, 16:9",
        "예상 비용은 $13.4입니다. IMAGEGEN_BUDGET_DAY_USD 한도는 $5이고, 오늘 이미 $0.5만큼 쓰거나 예약했습니다. "
        "보내거나 청구된 것은 없습니다.",
        "이미지가 도착했지만 저장하지 못했습니다. 이미지를 저장하지 못했습니다. 디스크가 가득 찼습니다.",
        "Words of a newer server.",
    ]


def test_titles_are_the_persons_own_but_where_there_is_none(korean: Page) -> None:
    titles = korean.evaluate(
        """async (jobs) => {
            const { inOurWords } = await studioModule("studio/said.js");
            return JSON.parse(JSON.stringify(jobs), inOurWords).map((job) => job.title);
        }""",
        [
            {"job_id": "1", "kind": "cutout", "title": "Your picture"},
            {"job_id": "2", "kind": "images", "title": "Your picture"},
            {"job_id": "3", "kind": "cutout", "title": "The file is empty"},
        ],
    )
    assert titles == ["직접 올린 사진", "Your picture", "The file is empty"]


def test_no_label_is_cut_off_in_either_language(page: Page, korean: Page) -> None:
    for tab in (page, korean):
        tab.locator("ig-styles .name").first.wait_for()
        for width, height in ((1440, 900), (390, 844)):
            tab.set_viewport_size({"width": width, "height": height})
            assert tab.evaluate(CUT_OFF) == []


def test_failures_and_refusals_are_read_in_korean(
    open_page: OpenPage, paid_studio: Studio, gemini: GeminiEmulator
) -> None:
    page = open_page(paid_studio, script=IN_KOREAN, may_fail=("404 (Not Found)",))
    gemini.script(Kind.OVERLOADED, Kind.DROP_AFTER)
    job = paid_studio.post("/api/generate", {"prompt": "Fails in Korean", "count": 2})["job_id"]
    failed = page.locator('ig-tile[data-task-state="failed"]', has_text="Gemini에 요청이 몰려 있습니다")
    expect(failed).to_contain_text("요금은 청구되지 않았습니다")
    lost = page.locator('ig-tile[data-task-state="interrupted"]')
    expect(lost).to_contain_text("이미지가 도착하기 전에 Gemini 연결이 끊어졌습니다")
    assert lost.inner_text().count("다시 실행할까요?") == 1
    card = page.locator(f'ig-job[data-job-id="{job}"]')
    expect(card).to_contain_text("Gemini에 요청이 몰려 있습니다")
    page.set_viewport_size({"width": 390, "height": 844})
    for tile in (failed, lost):
        assert tile.evaluate(SPILLS) == []
    refused = page.evaluate(
        "async () => (await studioModule('studio/api.js')).get('/api/images/none').catch((error) => error.message)"
    )
    assert refused == "이미지가 없습니다."
    paid_studio.post(f"/api/generate/{job}/retry", {"task_indexes": [0, 1]})
    expect(page.locator("ig-tile[data-task-state]")).to_have_count(0)
