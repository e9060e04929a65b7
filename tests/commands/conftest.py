"""Commands as a person runs them: a data folder of their own, no settings from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from imagegen.commands.line import main
from imagegen.settings import Settings
from tests.server_process import ROOT

Run = Callable[..., tuple[int, str, str]]
"""Arguments of the command line → exit status, standard output, standard error."""
LIMIT = 60.0


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of the settings; it does not exist yet."""
    for name in os.environ:
        if name.startswith(("IMAGEGEN_", "GEMINI_", "GOOGLE_", "OPENAI_")) or name in ("PORT", "SPACE_ID"):
            monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", tmp_path / ".env")
    folder = tmp_path / "data"
    monkeypatch.setenv("IMAGEGEN_DATA_DIR", str(folder))
    return folder


@pytest.fixture
def run(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process."""

    def command(*arguments: str | Path) -> tuple[int, str, str]:
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as ended:
            status = int(ended.code or 0)
        told = capsys.readouterr()
        return status, told.out, told.err

    return command


def started(data_dir: Path, settings: Mapping[str, str], *arguments: str | Path) -> subprocess.Popen[str]:
    """A command as a process of its own, which hears Ctrl-C."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell starts its background jobs
        signal.signal(signal.SIGINT, signal.default_int_handler)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("IMAGEGEN_")}
    return subprocess.Popen(
        [sys.executable, "-m", "imagegen", *map(str, arguments)],
        cwd=ROOT,
        env=environment | {"IMAGEGEN_DATA_DIR": str(data_dir)} | dict(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def interrupted(command: subprocess.Popen[str]) -> tuple[int, str, str]:
    """What it tells after Ctrl-C."""
    command.send_signal(signal.SIGINT)
    out, err = command.communicate(timeout=LIMIT)
    return command.returncode, out, err
