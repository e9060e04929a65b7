"""What doctor finds, and what it never shows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from imagegen.commands import doctor
from imagegen.jobs.startup import held
from imagegen.keys import KeyRing
from imagegen.media.cutout import CUTOUT_MODELS, CutoutModel
from imagegen.settings import Settings
from tests.commands.conftest import Run
from tests.server_process import ServerProcess

KEY = "AIza-not-to-be-shown"


def found(out: str) -> dict[str, tuple[str, str]]:
    """Subject → verdict and words."""
    lines = (line.split(maxsplit=1) for line in out.splitlines())
    return {rest.partition(": ")[0]: (verdict, rest.partition(": ")[2]) for verdict, rest in lines}


def test_a_fresh_installation_is_well(run: Run, data_dir: Path) -> None:
    status, out, err = run("doctor")
    assert (status, err) == (0, "")
    told = found(out)
    assert {verdict for verdict, _ in told.values()} == {"ok", "warning"}
    assert told["data folder"] == ("ok", f"{data_dir} can be written")
    assert told["IMAGEGEN_DATA_DIR"] == ("ok", f"{data_dir} (environment)")
    assert told["IMAGEGEN_PORT"] == ("ok", "7860 (default)")
    assert told["server"] == ("ok", "none uses the data folder")
    assert told["database"][1].endswith("will be made by the first start")
    assert told["providers"][0] == "warning"
    assert told["provider gemini"] == ("ok", "off: needs GEMINI_API_KEY")
    assert told["provider openai"] == ("ok", "off: needs OPENAI_API_KEY")
    assert told["cut-out model u2netp"] == ("ok", "here and whole")
    names = {str(next(iter(field.validation_alias.choices))) for field in Settings.model_fields.values()}  # type: ignore[union-attr]
    assert names <= set(told)


def test_where_a_setting_comes_from_and_no_key(
    run: Run, tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(f"GEMINI_API_KEY={KEY}\nIMAGEGEN_MAX_RETRIES=5\n")
    monkeypatch.setattr(doctor, "ENV_FILE", tmp_path / ".env")
    monkeypatch.setenv("PORT", "8123")
    told = found(run("doctor")[1])
    assert told["GEMINI_API_KEY"] == ("ok", "set, not shown (.env)")
    assert told["IMAGEGEN_MAX_RETRIES"] == ("ok", "5 (.env)")
    assert told["IMAGEGEN_PORT"] == ("ok", "8123 (environment, PORT)")
    verdict, words = told["model gemini-3-pro-image-preview"]
    assert (verdict, words.partition(" (")[0]) == ("ok", "active, sent as gemini-3-pro-image")
    assert told["model imagen-4.0-generate-001"][1].startswith("retired on 2026-08-17; its successor is")


def test_a_key_given_on_the_page_is_told_and_not_shown(run: Run, data_dir: Path) -> None:
    data_dir.mkdir()
    KeyRing(data_dir).keep("GEMINI_API_KEY", KEY)
    status, out, _ = run("doctor")
    assert (status, KEY in out) == (0, False)
    assert found(out)["GEMINI_API_KEY"] == ("ok", "set, not shown (given on the page)")
    assert "provider gemini" in found(out)


def test_a_setting_that_cannot_be_used(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEGEN_RETRY_DELAY", "soon")
    status, out, _ = run("doctor")
    assert status == 1
    assert found(out)["settings"][0] == "problem"


def test_a_folder_that_is_a_file(run: Run, data_dir: Path) -> None:
    data_dir.write_text("a file")
    status, out, _ = run("doctor")
    assert status == 1
    assert found(out)["data folder"][0] == "problem"


def test_little_space(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, verdict, status in ((2**20, "problem", 1), (2**29, "warning", 0)):
        monkeypatch.setattr("imagegen.media.store.MediaStore.free_bytes", lambda _, free=free: free)
        answered, out, _ = run("doctor")
        assert (answered, found(out)["disk"][0]) == (status, verdict)


@pytest.mark.parametrize(
    ("revision", "verdict"), [("2099_01_01_later", "problem"), ("2026_11_21_first_tables", "ok")]
)
def test_the_schema(run: Run, data_dir: Path, revision: str, verdict: str) -> None:
    data_dir.mkdir()
    with closing(sqlite3.connect(data_dir / "imagegen.sqlite3")) as connection:
        connection.executescript(
            "CREATE TABLE alembic_version (version_num TEXT); CREATE TABLE image (id TEXT);"
            f"INSERT INTO alembic_version VALUES ('{revision}')"
        )
    status, out, _ = run("doctor")
    assert (status, found(out)["database"][0]) == (int(verdict == "problem"), verdict)


def test_a_damaged_database(run: Run, data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "imagegen.sqlite3").write_bytes(b"no database" * 1000)
    status, out, _ = run("doctor")
    assert (status, found(out)["database"][0]) == (1, "problem")


def test_weights_that_are_missing_or_damaged(
    run: Run, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def elsewhere(model: CutoutModel, _: Path) -> Path:
        return tmp_path / f"{model.id}.onnx"

    monkeypatch.setattr(CutoutModel, "path", elsewhere)
    status, out, _ = run("doctor")
    assert (status, found(out)["cut-out model u2netp"][0]) == (1, "problem")
    others = [name for name, model in CUTOUT_MODELS.items() if not model.bundled]
    assert {found(out)[f"cut-out model {name}"][0] for name in others} == {"ok"}
    (tmp_path / f"{others[0]}.onnx").write_bytes(b"half of it")
    status, out, _ = run("doctor")
    assert found(out)[f"cut-out model {others[0]}"][0] == "problem"
    assert "delete it" in found(out)[f"cut-out model {others[0]}"][1]


def test_a_folder_that_is_held_without_an_address(run: Run, data_dir: Path) -> None:
    data_dir.mkdir()
    with held(data_dir):
        assert found(run("doctor")[1])["server"] == ("warning", "one uses the data folder, at an unknown address")


@pytest.mark.server
def test_a_running_server_is_asked(run: Run, data_dir: Path) -> None:
    with ServerProcess(data_dir, {"IMAGEGEN_PROVIDERS": "sketch"}) as server:
        told = found(run("doctor")[1])
        assert told["server"] == ("ok", f"runs at {server.url}")
        assert told["health sketch"] == ("ok", "ready")
