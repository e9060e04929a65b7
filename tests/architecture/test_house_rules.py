"""Names, sizes and leftovers: the house stays worth living in."""

from __future__ import annotations

import ast
import re
import subprocess

import pytest

from imagegen.settings import ROOT
from tests.architecture.source import Module, functions, modules

FILE_LINES, FUNCTION_LINES = 400, 60
VAGUE = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
LEFTOVER = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME")) + r")\b|\bfor " + r"now\b")
PLACE = re.compile(r"(?<![\w.])/wo" + r"rk/|(?<![\w/])\.\./sha" + r"red\b|(?<![\w.])sha" + r"red/")
SOURCES = sorted(modules().values(), key=lambda module: module.name)


def tracked_texts() -> dict[str, str]:
    """Every text file of the project that is, or is about to be, under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    found: dict[str, str] = {}
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if name and path.is_file() and not name.startswith("assets/docs/"):
            data = path.read_bytes()
            if b"\0" not in data:
                found[name] = data.decode("utf-8", "replace")
    return found


@pytest.mark.parametrize("module", SOURCES, ids=lambda module: module.name)
def test_files_and_functions_are_of_a_size_to_read(module: Module) -> None:
    assert len(module.text.splitlines()) <= FILE_LINES
    too_long = [
        function.name
        for function in functions(module.tree)
        if (function.end_lineno or 0) - function.lineno + 1 > FUNCTION_LINES
    ]
    assert too_long == []


@pytest.mark.parametrize("module", SOURCES, ids=lambda module: module.name)
def test_every_file_and_every_public_name_is_explained(module: Module) -> None:
    assert ast.get_docstring(module.tree), "a module says what it is for"
    silent = [
        node.name
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and module.name != "app"
    ]
    assert silent == []


def test_no_name_is_vague() -> None:
    names = {part for module in SOURCES for part in module.name.split(".")}
    assert not names & VAGUE


def test_nothing_is_left_undone() -> None:
    found = [
        f"{name}:{number}"
        for name, text in tracked_texts().items()
        if name.endswith((".py", ".js", ".css", ".md", ".toml", ".html")) or name == "Makefile"
        for number, line in enumerate(text.splitlines(), 1)
        if LEFTOVER.search(line)
    ]
    assert found == []
    assert LEFTOVER.search("# TO" + "DO: later")


def test_ports_are_abstract_and_not_half_done() -> None:
    lazy = "NotImplemented" + "Error"
    assert [module.name for module in SOURCES if lazy in module.text] == []


def test_no_file_speaks_of_the_place_it_was_made_in() -> None:
    texts = tracked_texts()
    assert "imagegen/request.py" in texts
    assert [name for name, text in texts.items() if PLACE.search(text)] == []
    for told in ("open('/wo" + "rk/x')", "see ../sha" + "red/SPEC.md", "read sha" + "red/API.md"):
        assert PLACE.search(told)
