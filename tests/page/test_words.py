"""Both languages say the same things, and every key that the page asks for exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from imagegen.page.mount import AS_SHIPPED
from tests.page.studio import Studio

pytestmark = pytest.mark.browser

ASSETS = AS_SHIPPED.assets
AREAS = sorted(path.stem for path in (ASSETS / "words").glob("*.js"))
SCRIPTS = [path for path in sorted(ASSETS.rglob("*.js")) if path.name != "i18n.js"]
PLACES = re.compile(r"\{(\w+)\}")


@pytest.fixture(scope="module")
def page(profile: BrowserContext, studio: Studio) -> Iterator[Page]:
    tab = profile.new_page()
    tab.goto(studio.url)
    yield tab
    tab.close()


def _words(page: Page, area: str) -> dict[str, dict[str, str | dict[str, str]]]:
    found: dict[str, dict[str, str | dict[str, str]]] = page.evaluate(
        "async (area) => { const { en, ko } = await studioModule(`words/${area}.js`); return { en, ko }; }",
        area,
    )
    return found


def _forms(words: str | dict[str, str]) -> list[str]:
    return [words] if isinstance(words, str) else list(words.values())


@pytest.mark.parametrize("area", AREAS)
def test_both_languages_say_the_same_things(page: Page, area: str) -> None:
    words = _words(page, area)
    assert sorted(words["en"]) == sorted(words["ko"])
    for key, english in words["en"].items():
        korean = words["ko"][key]
        assert all(form.strip() for form in [*_forms(english), *_forms(korean)]), key
        assert isinstance(english, str) or "other" in english, key
        values = {frozenset(PLACES.findall(form)) - {"count"} for form in [*_forms(english), *_forms(korean)]}
        assert len(values) == 1, key


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.relative_to(ASSETS).as_posix())
def test_every_key_that_is_asked_for_exists(page: Page, script: Path) -> None:
    asked = set(re.findall(r"\bt\(\s*\"([a-z]\w*)\.(\w+)\"", script.read_text(encoding="utf-8")))
    for area, key in asked:
        assert area in AREAS, f"{area}.{key}"
        assert key in _words(page, area)["en"], f"{area}.{key}"


def test_values_and_plurals(page: Page) -> None:
    said = page.evaluate(
        """async () => {
            const { t } = await studioModule("studio/i18n.js");
            return [t("shared.images", { count: 1 }), t("shared.images", { count: 1200 })];
        }"""
    )
    assert said == ["1 image", "1,200 images"]


def test_a_korean_browser_reads_korean(profile: BrowserContext, studio: Studio) -> None:
    tab = profile.new_page()
    tab.add_init_script("Object.defineProperty(navigator, 'language', { get: () => 'ko-KR' })")
    tab.goto(studio.url)
    said = tab.evaluate(
        """async () => {
            const { t } = await studioModule("studio/i18n.js");
            return [document.documentElement.lang, t("shared.images", { count: 3 })];
        }"""
    )
    tab.close()
    assert said == ["ko", "이미지 3개"]
