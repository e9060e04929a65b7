"""From settings to a running engine: one server to a data folder, and plain words when it cannot be."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import AliasChoices

from imagegen.catalogue.records import MicroUsd
from imagegen.jobs.migrate import MigrationRefused
from imagegen.jobs.retry import RetryPolicy
from imagegen.jobs.spending import Caps
from imagegen.jobs.startup import DataFolderInUse, caps_of, open_engine, price, retry_policy
from imagegen.media.store import StorageError
from imagegen.request import parse
from imagegen.settings import ROOT, Settings, SettingsError, load_settings
from tests.jobs.scripted import until_done

HOLD = """
import asyncio, sys
from imagegen.jobs.startup import open_engine
from imagegen.settings import load_settings

async def hold():
    async with open_engine(load_settings()):
        print("held", flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(hold())
"""


@pytest.fixture(autouse=True)
def data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A data folder of its own, with the sketch provider, whatever this computer has set."""
    for field in Settings.model_fields.values():
        assert isinstance(field.validation_alias, AliasChoices)
        for name in field.validation_alias.choices:
            monkeypatch.delenv(str(name), raising=False)
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    folder = tmp_path / "data"
    monkeypatch.setenv("IMAGEGEN_DATA_DIR", str(folder))
    monkeypatch.setenv("IMAGEGEN_PROVIDERS", "sketch")
    return folder


@contextmanager
def another_server() -> Iterator[subprocess.Popen[str]]:
    """A second process that holds the data folder until its input is closed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


async def test_a_fresh_folder_becomes_a_working_engine(data_folder: Path) -> None:
    async with open_engine(load_settings()) as engine:
        accepted = await engine.submit(parse({"prompt": "a lighthouse"}), owner="local")
        assert accepted.job_id is not None
        await until_done(engine, accepted.job_id)
    assert (data_folder / "imagegen.sqlite3").is_file()
    async with open_engine(load_settings()) as engine:
        job = await engine.job(accepted.job_id, owner="local")
    assert job is not None
    assert (job.status, len(job.images)) == ("completed", 1)


async def test_the_installed_list_of_prices_is_read_beside_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEGEN_PROVIDERS", "gemini,sketch")
    monkeypatch.setenv("GEMINI_API_KEY", "a-key")
    async with open_engine(load_settings()) as engine:
        await price(engine)
        found = engine.catalogue.find("gemini-3-pro-image")
    assert found is not None
    listed = found[1].price
    assert listed is not None
    assert listed.source is not None
    assert listed.source.where.startswith("genai-prices ")
    assert listed.per_image["1K"] == MicroUsd(134_000)


async def test_limits_of_a_provider_that_does_not_exist_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEGEN_RATE_LIMITS", "gemini=60,dalle=5")
    with pytest.raises(SettingsError, match="IMAGEGEN_RATE_LIMITS: there is no provider 'dalle'; allowed: "):
        async with open_engine(load_settings()):
            pass


@pytest.mark.parametrize(
    "value", ["gemini", "gemini=", "gemini=0", "gemini=-1", "=5", "gemini=1.5", "gemini=200000"]
)
def test_limits_that_are_none(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEGEN_RATE_LIMITS", value)
    with pytest.raises(
        SettingsError, match=f"IMAGEGEN_RATE_LIMITS: '{value}' cannot be used; it must be a provider"
    ):
        load_settings()


async def test_a_second_server_on_the_same_folder_is_refused(data_folder: Path) -> None:
    with another_server() as other:
        with pytest.raises(DataFolderInUse) as refused:
            async with open_engine(load_settings()):
                pytest.fail("two servers share a data folder")
        assert str(refused.value) == (
            f"another server already uses the data folder {data_folder}; stop it, or set IMAGEGEN_DATA_DIR"
        )
        _, _ = other.communicate("")
        assert other.returncode == 0
    async with open_engine(load_settings()):
        pass


async def test_the_folder_is_free_after_a_kill() -> None:
    with another_server() as other:
        other.kill()
        other.wait()
    async with open_engine(load_settings()):
        pass


async def test_a_child_process_does_not_keep_the_folder() -> None:
    async with open_engine(load_settings()):
        child = subprocess.Popen(  # noqa: ASYNC220 - all handles that can be inherited are
            [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, close_fds=False
        )
    try:
        async with open_engine(load_settings()):
            assert child.poll() is None
    finally:
        child.kill()
        child.communicate()


async def test_the_folder_is_free_again_when_a_start_fails(data_folder: Path) -> None:
    data_folder.mkdir()  # noqa: ASYNC240 - nothing else runs
    (data_folder / "imagegen.sqlite3").write_bytes(b"this is no database" * 99)
    for _ in range(2):
        with pytest.raises(MigrationRefused):
            async with open_engine(load_settings()):
                pass
    (data_folder / "imagegen.sqlite3").unlink()
    async with open_engine(load_settings()):
        pass


@pytest.mark.parametrize("below", ["", "deeper"])
async def test_a_folder_that_cannot_be_written_is_named(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    data_folder.write_text("a file, not a folder", "utf-8")  # noqa: ASYNC240 - nothing else runs
    monkeypatch.setenv("IMAGEGEN_DATA_DIR", str(data_folder / below))
    with pytest.raises(StorageError) as refused:
        async with open_engine(load_settings()):
            pass
    assert str(data_folder) in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_a_bad_setting_is_refused_before_anything_is_made(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for providers in ("midjourney", "gemini"):
        monkeypatch.setenv("IMAGEGEN_PROVIDERS", providers)
        with pytest.raises(SettingsError, match="IMAGEGEN_PROVIDERS"):
            async with open_engine(load_settings()):
                pass
    assert not data_folder.exists()  # noqa: ASYNC240 - nothing else runs


async def test_the_database_may_lie_in_a_folder_of_its_own(
    tmp_path: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "logs" / "deep" / "log.sqlite3"
    monkeypatch.setenv("IMAGEGEN_DATABASE_URL", f"sqlite:///{elsewhere}")
    async with open_engine(load_settings()):
        pass
    assert elsewhere.is_file()
    assert not (data_folder / "imagegen.sqlite3").exists()


def test_settings_become_a_policy_and_caps(monkeypatch: pytest.MonkeyPatch) -> None:
    assert retry_policy(load_settings()) == RetryPolicy()
    assert caps_of(load_settings()) == Caps()
    for name, value in (
        ("MAX_RETRIES", "5"),
        ("RETRY_DELAY", "0.5"),
        ("RETRY_MAX_DELAY", "9"),
        ("RETRY_BACKOFF", "false"),
        ("ON_INTERRUPTED", "resend"),
        ("BUDGET_JOB_USD", "0.1"),
        ("BUDGET_DAY_USD", "2.675"),
    ):
        monkeypatch.setenv(f"IMAGEGEN_{name}", value)
    settings = load_settings()
    assert retry_policy(settings) == RetryPolicy(5, 0.5, 9.0, backoff=False, resend_unknown=True)
    assert caps_of(settings) == Caps(job=MicroUsd(100_000), day=MicroUsd(2_675_000))
