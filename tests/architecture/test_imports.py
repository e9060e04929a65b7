"""The way of the data is the order of the rooms: nothing below knows what is above."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter

import pytest

from tests.architecture.source import ROOT, imported, modules, without_type_checking

BELOW: dict[str, set[str]] = {
    "catalogue": set(),
    "settings": set(),
    "keys": {"settings"},
    "processes": set(),
    "media": {"processes"},
    "request": {"catalogue"},
    "plan": {"request"},
    "quote": {"catalogue", "plan", "request"},
    "prompts": {"catalogue", "request"},
    "routing": {"catalogue", "plan", "providers", "quote", "request"},
    "providers": {"catalogue", "request", "prompts", "media", "keys", "processes"},
    "jobs": {"catalogue", "request", "plan", "quote", "prompts", "routing", "providers", "media", "keys"},
}
"""Which rooms each room may import."""
BELOW["web"] = {*BELOW, "imagegen"} - {"settings", "web"}
BELOW["page"] = {*BELOW} - {"settings", "web", "page", "media", "providers"}
BELOW["commands"] = {*BELOW, "imagegen"} - {"page"}
BELOW["__main__"] = {"commands"}
READS_SETTINGS = (
    "imagegen.providers.registry",
    "imagegen.jobs.startup",
    "imagegen.web",
    "imagegen.page",
    "imagegen.commands",
)
"""What is built from settings; everything else is handed what it needs."""
ONLY_IN = {
    "gradio": {"imagegen.page"},
    "google": {"imagegen.providers.gemini"},
    "openai": {"imagegen.providers.openai"},
    "fastapi": {"imagegen.web", "imagegen.page"},
    "starlette": {"imagegen.web", "imagegen.page", "app"},
    "uvicorn": {"imagegen.web"},
    "sqlmodel": {"imagegen.jobs"},
    "sqlalchemy": {"imagegen.jobs"},
    "alembic": {"imagegen.jobs"},
    "pgqueuer": {"imagegen.jobs"},
    "PIL": {"imagegen.media", "imagegen.providers.sketch", "imagegen.providers.diffusing"},
    "torch": {"imagegen.providers.diffusing"},
    "diffusers": {"imagegen.providers.diffusing"},
    "numpy": {"imagegen.providers.sketch", "imagegen.media.cutout"},
    "onnxruntime": {"imagegen.media.cutout"},
    "rembg": {"imagegen.media.cutout"},
    "httpcore2": {"imagegen.media"},
}
"""Which rooms know which library; elsewhere it would have to be replaced as well."""


def violations(name: str, tree: ast.AST) -> list[str]:
    """What a module imports that its room may not know."""
    room = name.split(".")[1] if "." in name else name
    if room in ("app", "imagegen"):
        return []
    found = []
    for target in imported(tree, set(modules())):
        other = target.split(".")[1] if "." in target else target
        allowed = (
            other == room or other in BELOW[room] or (other == "settings" and name.startswith(READS_SETTINGS))
        )
        if not allowed:
            found.append(f"{name} imports {target}")
    return found


def strange_libraries(name: str, tree: ast.AST) -> list[str]:
    """Libraries that belong to other rooms."""
    found = []
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        for library in (full.partition(".")[0] for full in names):
            if library in ONLY_IN and not name.startswith(tuple(ONLY_IN[library])):
                found.append(f"{name} imports {library}")
    return found


def test_every_room_has_its_place() -> None:
    assert {module.room for module in modules().values()} == {*BELOW, "app", "imagegen"}


@pytest.mark.parametrize("name", sorted(modules()))
def test_imports_run_downwards(name: str) -> None:
    assert violations(name, modules()[name].tree) == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("imagegen.request", "from imagegen.plan import plan"),
        ("imagegen.plan", "import imagegen.settings"),
        ("imagegen.media.store", "from imagegen.request import Reference"),
        ("imagegen.providers.gemini", "from imagegen.jobs import states"),
        ("imagegen.jobs.worker", "def later():\n    from imagegen.web import events"),
        ("imagegen.jobs.worker", "from imagegen.settings import load_settings"),
        ("imagegen.web.events", "from imagegen.page.mount import create_page_app"),
        ("imagegen.commands.generate", "from imagegen.page.mount import create_page_app"),
    ],
)
def test_an_import_upwards_is_found(name: str, line: str) -> None:
    assert len(violations(name, ast.parse(line))) == 1


def test_no_module_imports_itself_in_a_circle() -> None:
    known = set(modules())
    graph = {
        name: set(imported(without_type_checking(module.tree), known)) - {name}
        for name, module in modules().items()
    }
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("name", sorted(modules()))
def test_a_library_stays_in_its_room(name: str) -> None:
    assert strange_libraries(name, modules()[name].tree) == []


def test_a_library_in_a_strange_room_is_found() -> None:
    assert strange_libraries("imagegen.jobs.worker", ast.parse("import gradio.blocks"))
    assert strange_libraries("imagegen.request", ast.parse("def f():\n    from sqlalchemy import text"))
    assert not strange_libraries("imagegen.jobs.worker", ast.parse("import sqlalchemy.exc"))


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("imagegen.jobs.startup", {"gradio", "google.genai", "pandas", "alembic", "fastapi", "uvicorn"}),
        ("imagegen.web.server", {"gradio", "google.genai", "pandas", "alembic"}),
        ("app", {"gradio", "google.genai", "pandas", "alembic", "sqlalchemy", "fastapi"}),
        ("imagegen.commands.line", {"gradio", "google.genai", "sqlalchemy", "fastapi", "PIL", "numpy"}),
        ("imagegen.commands.generate", {"gradio", "google.genai", "pandas", "alembic", "onnxruntime"}),
        ("imagegen.commands.demo", {"gradio", "google.genai", "pandas", "alembic", "onnxruntime"}),
        ("imagegen.commands.doctor", {"gradio", "google.genai", "pandas", "alembic", "onnxruntime"}),
    ],
)
def test_a_start_loads_nothing_heavy(module: str, unwanted: set[str]) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert module in loaded
    assert not unwanted & loaded
