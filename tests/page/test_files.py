"""The page's files: what they name exists, and nothing in them leads out of the house."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from imagegen.page.files import address, head
from imagegen.page.mount import AS_SHIPPED

ASSETS = AS_SHIPPED.assets
SCRIPTS = sorted(ASSETS.rglob("*.js"))
STYLE_SHEETS = sorted(ASSETS.rglob("*.css"))


def test_the_head_loads_one_style_sheet_and_the_first_modules_and_starts_one() -> None:
    base = re.escape(address(ASSETS))
    page = head(ASSETS)
    assert re.findall(f'<link rel="stylesheet" href="{base}/(.+)">', page) == ["main.css"]
    assert re.findall(f'<script type="module" src="{base}/(.+)"></script>', page) == ["main.js"]
    assert re.findall(f'<script src="{base}/(.+)"></script>', page) == ["quiet.js"]
    preloaded = re.findall(f'<link rel="modulepreload" href="{base}/(.+)">', page)
    assert {ASSETS / name for name in preloaded} == needed("from", "import") - {ASSETS / "main.js"}


def test_the_style_sheet_imports_every_other_once() -> None:
    imported = re.findall(r'^@import "(.+)";$', (ASSETS / "main.css").read_text("utf-8"), re.MULTILINE)
    assert sorted(["main.css", *imported]) == [path.relative_to(ASSETS).as_posix() for path in STYLE_SHEETS]


def test_what_comes_later_is_asked_for_by_the_entry_alone() -> None:
    later = {path for path in SCRIPTS if path.relative_to(ASSETS).parts[0] in ("detail", "keys", "providers")}
    later |= {ASSETS / "composer" / name for name in ("picker.js", "offers.js")}
    assert needed("from", "import", "import(") - needed("from", "import") >= later


def test_every_module_is_needed() -> None:
    assert needed("from", "import", "import(") == set(SCRIPTS) - {ASSETS / "quiet.js"}


def needed(*forms: str) -> set[Path]:
    """The modules that main.js leads to by the import statements of these forms."""
    pattern = "|".join({"from": 'from "', "import": '^import "', "import(": r'import\("'}[form] for form in forms)
    found: set[Path] = set()
    left = [ASSETS / "main.js"]
    while left:
        script = left.pop()
        found.add(script)
        names = re.findall(rf'(?:{pattern})(\.[^"]+)"', script.read_text("utf-8"), re.MULTILINE)
        left += [path for name in names if (path := (script.parent / name).resolve()) not in found]
    return found


def test_another_content_is_another_address(tmp_path: Path) -> None:
    file = tmp_path / "main.js"
    file.write_text("one")
    before = address(tmp_path)
    file.write_text("two")
    assert re.fullmatch("/assets/page/[0-9a-f]{12}", before)
    assert address(tmp_path) != before


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"quiet\.js"):
        head(tmp_path)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.relative_to(ASSETS).as_posix())
def test_imports_exist_and_files_are_short(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    for name in re.findall(r'(?:from|^import) "(\.[^"]+)"', text, re.MULTILINE):
        assert (script.parent / name).is_file(), name
    assert len(text.splitlines()) <= 250


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.relative_to(ASSETS).as_posix())
def test_text_never_becomes_markup(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert way not in text


@pytest.mark.parametrize("path", [*SCRIPTS, *STYLE_SHEETS], ids=lambda path: path.name)
def test_nothing_is_fetched_from_elsewhere(path: Path) -> None:
    addresses = re.findall(r"https?://[^\"'\s)]+", path.read_text(encoding="utf-8"))
    assert set(addresses) <= {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("sheet", STYLE_SHEETS, ids=lambda path: path.name)
def test_style_sheets_name_only_stable_hooks_of_gradio(sheet: Path) -> None:
    text = sheet.read_text(encoding="utf-8")
    assert not re.search(r"svelte-|#html-|gradio-container-\d", text)
    if sheet.name != "gradio.css":
        assert not re.search(r"\.(block|form|column|wrap|prose|html-container)\b|data-testid", text)
