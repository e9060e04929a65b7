"""The words of the command line."""

from __future__ import annotations

import pytest

from imagegen import VERSION
from tests.commands.conftest import Run


@pytest.mark.parametrize("command", ["generate", "demo", "doctor"])
def test_every_command_explains_itself(run: Run, command: str) -> None:
    status, overview, _ = run("--help")
    assert (status, command in overview) == (0, True)
    status, told, _ = run(command, "--help")
    assert (status, told.startswith(f"usage: python -m imagegen {command}")) == (0, True)
    assert len(told.splitlines()) > 5


def test_the_version(run: Run) -> None:
    assert run("--version")[:2] == (0, f"imagegen {VERSION}\n")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("paint",),
        ("generate",),
        ("demo",),
        ("demo", "0"),
        ("demo", "many"),
        ("generate", "x", "--count", "two"),
    ],
)
def test_a_wrong_line_is_told_and_changes_nothing(run: Run, arguments: tuple[str, ...]) -> None:
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert err.splitlines()[-1].startswith("python -m imagegen")


@pytest.mark.parametrize("command", [("generate", "x"), ("demo", "3")])
def test_a_setting_that_cannot_be_used_is_one_line(
    run: Run, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAGEGEN_MAX_RETRIES", "many")
    status, out, err = run(*command)
    assert (status, out) == (1, "")
    assert err.startswith("imagegen: IMAGEGEN_MAX_RETRIES")
    assert len(err.splitlines()) == 1
