"""The file of keys that were given on the page."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from imagegen.keys import KeyRing
from imagegen.settings import Settings

NAME = "GEMINI_API_KEY"


def test_kept_and_forgotten(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path)
    assert ring.kept() == {}
    ring.keep(NAME, "first")
    ring.keep(NAME, "second")
    assert KeyRing(tmp_path).kept() == {NAME: "second"}
    ring.forget(NAME)
    ring.forget(NAME)
    assert ring.kept() == {}
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]


def test_for_the_owner_alone(tmp_path: Path) -> None:
    KeyRing(tmp_path).keep(NAME, "secret")
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "[1]", '{"GEMINI_API_KEY": 7}', '{"ELSE": "x"}', "\x00"])
def test_a_damaged_file_is_no_key(tmp_path: Path, content: str) -> None:
    (tmp_path / "keys.json").write_text(content)
    assert KeyRing(tmp_path).kept() == {}


def test_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEGEN_DATA_DIR", str(tmp_path))
    monkeypatch.delenv(NAME, raising=False)
    ring = KeyRing(tmp_path)
    ring.keep(NAME, "from the page")
    given = ring.applied(Settings(_env_file=None)).gemini_api_key
    assert given is not None
    assert given.get_secret_value() == "from the page"
    assert "from the page" not in repr(ring.applied(Settings(_env_file=None)))
    monkeypatch.setenv(NAME, "from outside")
    given = ring.applied(Settings(_env_file=None)).gemini_api_key
    assert given is not None
    assert given.get_secret_value() == "from outside"
