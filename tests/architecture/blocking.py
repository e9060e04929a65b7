"""Finds calls that would hold up the event loop: in coroutines, and in the plain functions that these call.

What stands inside a lambda or a nested function is left out, for that is how work is handed to a thread.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from imagegen.media.store import MediaStore
from tests.architecture.source import dotted

BLOCKING_NAMES = {"open", "input", "sleep", "urlopen"}
BLOCKING_MODULES = {"os", "shutil", "subprocess", "sqlite3", "requests", "tempfile"}
HARMLESS = {
    "os.fspath",
    "os.environ.get",
    "os.getpid",
    "os.cpu_count",
    "os.path.join",
    "os.urandom",
    "os._exit",
    "subprocess.list2cmdline",
}
BLOCKING_CALLS = {
    "time.sleep",
    "Image.open",
    "PillowImage.open",
    "socket.create_connection",
    "socket.getaddrinfo",
    "urllib.request.urlopen",
    "create_engine",
    "sqlalchemy.create_engine",
    "command.upgrade",
}
BLOCKING_METHODS = {
    "read_bytes",
    "read_text",
    "write_bytes",
    "write_text",
    "unlink",
    "mkdir",
    "rmdir",
    "touch",
    "is_file",
    "is_dir",
    "stat",
    "lstat",
    "iterdir",
    "glob",
    "rglob",
    "rename",
    "symlink_to",
    "hardlink_to",
    "chmod",
    "samefile",
    "fsync",
    "thumbnail",
    "tobytes",
}
PURE_STORE_METHODS = {"image_path", "thumbnail_path", "reference_path"}
STORE_METHODS = {name for name in vars(MediaStore) if not name.startswith("_")} - PURE_STORE_METHODS


@dataclass
class Function:
    """A function of a module: where it blocks by itself, and which plain functions it calls."""

    is_async: bool
    blocks: list[str] = field(default_factory=list)
    calls: set[str] = field(default_factory=set)


def _own_nodes(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes that run when the body runs: not those of lambdas and nested functions."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        yield node
        waiting.extend(ast.iter_child_nodes(node))


def is_blocking(call: ast.Call) -> bool:
    """Whether the call reaches for the disk, another process, a socket or the clock."""
    name = dotted(call.func)
    first, _, _ = name.partition(".")
    last = name.rpartition(".")[2]
    if name in HARMLESS:
        return False
    if name in BLOCKING_NAMES or name in BLOCKING_CALLS:
        return True
    if "." not in name:
        return False
    if first in BLOCKING_MODULES or last in BLOCKING_METHODS:
        return True
    return last in STORE_METHODS and ".store." in f".{name}"


def functions_of(module: str, tree: ast.Module) -> dict[str, Function]:
    """The functions of a module by `module.name` (methods by `module.Class.name`)."""
    origins: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("imagegen"):
            origins |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    found: dict[str, Function] = {}
    _collect(module, tree.body, module, origins, found)
    return found


def _collect(
    module: str, body: list[ast.stmt], prefix: str, origins: Mapping[str, str], found: dict[str, Function]
) -> None:
    for node in ast.walk(ast.Module(body, [])):
        for child in ast.iter_child_nodes(node):
            child.parent = node  # type: ignore[attr-defined]
    for node in ast.walk(ast.Module(body, [])):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found[f"{prefix}.{_qualified(node)}"] = _examine(module, node, origins)


def _qualified(node: ast.AST) -> str:
    parts: list[str] = []
    current: ast.AST | None = node
    while current is not None:
        if isinstance(current, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            parts.append(current.name)
        current = getattr(current, "parent", None)
    return ".".join(reversed(parts))


def _examine(
    module: str, function: ast.FunctionDef | ast.AsyncFunctionDef, origins: Mapping[str, str]
) -> Function:
    examined = Function(isinstance(function, ast.AsyncFunctionDef))
    nodes = list(_own_nodes(function.body))
    awaited = {id(node.value) for node in nodes if isinstance(node, ast.Await)}
    for node in nodes:
        if not isinstance(node, ast.Call) or id(node) in awaited:
            continue
        name = dotted(node.func)
        if is_blocking(node):
            examined.blocks.append(f"line {node.lineno}: {name or ast.unparse(node.func)}")
        elif name.startswith("self.") and name.count(".") == 1:
            owner = _qualified(function).rpartition(".")[0]
            examined.calls.add(f"{module}.{owner}.{name.removeprefix('self.')}")
        elif name:
            first, _, rest = name.partition(".")
            target = origins.get(first, f"{module}.{first}")
            examined.calls.add(f"{target}.{rest}" if rest else target)
    return examined


def blocked_coroutines(functions: Mapping[str, Function]) -> dict[str, list[str]]:
    """Each coroutine that blocks, by itself or through plain functions, with how it comes to that."""
    reasons: dict[str, list[str]] = {name: list(function.blocks) for name, function in functions.items()}
    changed = True
    while changed:
        changed = False
        for name, function in functions.items():
            for callee in sorted(function.calls):
                if callee in functions and not functions[callee].is_async and reasons[callee]:
                    reason = f"{callee} ({reasons[callee][0]})"
                    if not any(known.startswith(f"{callee} (") for known in reasons[name]):
                        reasons[name].append(reason)
                        changed = True
    return {name: reasons[name] for name, function in functions.items() if function.is_async and reasons[name]}
