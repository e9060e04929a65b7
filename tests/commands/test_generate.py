"""A prompt becomes files: in this process, through a server, and interrupted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from tests.commands.conftest import LIMIT, Run, interrupted, started
from tests.emulator.gemini import KEY, GeminiEmulator, Kind
from tests.jobs.scripted import png
from tests.server_process import ServerProcess


def test_pictures_are_made_here_when_no_server_runs(run: Run, data_dir: Path, tmp_path: Path) -> None:
    out = tmp_path / "made" / "here"
    wanted = ("--count", "2", "--seed", "7", "--aspect-ratio", "16:9", "--style", "watercolor")
    status, told, err = run("generate", "A red fox!", *wanted, "--out", out)
    assert (status, err) == (0, "")
    files = [out / "a-red-fox-7.png", out / "a-red-fox-8.png"]
    assert told.splitlines() == ["2 pictures by sketch for $0.00", *map(str, files)]
    for file in files:
        with Image.open(file) as picture:
            assert picture.size == (1376, 768)
    assert not (data_dir / ".address").exists()


def test_nothing_that_is_there_is_written_over(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x-7.png").write_bytes(b"mine")
    status, told, _ = run("generate", "x", "--seed", "7", "--out", tmp_path)
    assert (status, told.splitlines()[-1]) == (0, str(tmp_path / "x-7-2.png"))
    assert (tmp_path / "x-7.png").read_bytes() == b"mine"


def test_a_reference_is_taken_along(run: Run, data_dir: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.png").write_bytes(png((len(name), 9, name == "two"), (40, 30)))
    references = ("--reference", tmp_path / "one.png", tmp_path / "two.png")
    assert run("generate", "x", *references, "--out", tmp_path)[0] == 0
    with closing(sqlite3.connect(data_dir / "imagegen.sqlite3")) as connection:
        ((count,),) = connection.execute("SELECT json_array_length(request, '$.reference_images') FROM job")
    assert count == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("generate", "x", "--aspect-ratio", "7:3"), "aspect_ratio: 7:3 is unknown; allowed: 1:1"),
        (("generate", "x", "--size", "8K"), "image_size: 8K is unknown; allowed: 1K, 2K, 4K"),
        (("generate", " "), "prompt: is empty"),
        (("generate", "x", "--model", "nobody"), "model: "),
        (("generate", "x", "--style", "nobody"), "styles.0: no such style"),
        (("generate", "x", "--count", "0"), "count: 0 is out of range"),
        (("generate", "x", "--reference", "no-such.png"), "--reference no-such.png: no such file or directory"),
        (("generate", "x", "--reference", "README.md"), "--reference README.md: "),
        (("generate", "x", "--out", "README.md"), "--out README.md: file exists"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_makes_nothing(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "README.md").write_text("no picture")
    monkeypatch.chdir(tmp_path)
    status, out, err = run(*arguments)
    assert (status, out) == (1, "")
    assert err.startswith(f"imagegen: {words}")
    assert len(err.splitlines()) == 1
    assert not list(tmp_path.glob("*.png"))


@pytest.mark.server
def test_a_server_that_holds_the_folder_makes_them(run: Run, data_dir: Path, tmp_path: Path) -> None:
    with ServerProcess(data_dir, {"IMAGEGEN_PROVIDERS": "sketch"}) as server, server.client() as client:
        assert (data_dir / ".address").read_text().strip() == server.url
        status, told, err = run("generate", "A kettle", "--seed", "3", "--out", tmp_path)
        assert (status, err, told.splitlines()[-1]) == (0, "", str(tmp_path / "a-kettle-3.png"))
        (job,) = client.get("/api/jobs").json()["jobs"]
        assert (job["title"], job["status"]) == ("A kettle", "completed")
        assert run("generate", "x", "--aspect-ratio", "7:3")[0] == 1
        server.stop()
    assert not (data_dir / ".address").exists()


def test_what_fails_is_told_and_the_rest_is_saved(tmp_path: Path) -> None:
    with GeminiEmulator() as gemini:
        gemini.script(Kind.PROMPT_BLOCK)
        settings = {
            "GEMINI_API_KEY": KEY,
            "GOOGLE_GEMINI_BASE_URL": gemini.url,
            "IMAGEGEN_WORKER_CONCURRENCY": "1",
        }
        command = started(tmp_path / "data", settings, "generate", "x", "--count", "2", "--out", tmp_path)
        out, err = command.communicate(timeout=LIMIT)
    assert command.returncode == 1
    assert out.splitlines()[0].startswith("2 pictures by gemini-3-pro-image-preview for $")
    assert len(list(tmp_path.glob("x-*.jpeg"))) == 1
    assert err.startswith("imagegen: picture 1: ")
    assert len(err.splitlines()) == 1


def test_ctrl_c_leaves_the_job_to_the_next_start(tmp_path: Path) -> None:
    with GeminiEmulator() as gemini:
        gemini.script(Kind.HANG)
        settings = {
            "GEMINI_API_KEY": KEY,
            "GOOGLE_GEMINI_BASE_URL": gemini.url,
            "IMAGEGEN_WORKER_CONCURRENCY": "1",
            "IMAGEGEN_SHUTDOWN_GRACE": "0",
        }
        command = started(tmp_path / "data", settings, "generate", "x", "--count", "3", "--out", tmp_path)
        gemini.wait_for(lambda emulator: emulator.posts == 1, LIMIT)
        status, _, err = interrupted(command)
    assert status == 130
    assert "goes on at the next start" in err
    assert "Traceback" not in err
    with closing(sqlite3.connect(tmp_path / "data" / "imagegen.sqlite3")) as connection:
        states = [state for (state,) in connection.execute("SELECT state FROM task ORDER BY id")]
    assert states[1:] == ["pending", "pending"]
