"""Finds logging calls that could write down what a person wrote, a key or a picture.

A log line is a fixed text and values that are known to be harmless by their names: ids, kinds, states, counts and
types. Everything else, an exception's own text or traceback included, is reported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.source import dotted

LEVELS = {"debug", "info", "warning", "warn", "error", "critical", "exception", "log"}
LOGGERS = {"log", "logger", "logging", "_log", "_logger", "LOG", "LOGGER"}
HARMLESS = {
    "__name__",
    "attempt",
    "attempt_id",
    "boot_id",
    "count",
    "duration_ms",
    "id",
    "image_id",
    "index",
    "job_id",
    "kind",
    "milliseconds",
    "model_id",
    "number",
    "port",
    "provider",
    "provider_id",
    "state",
    "status",
    "task_id",
    "total",
    "worker",
}


def logging_calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Every call of a logger's method."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        receiver = dotted(node.func.value).rpartition(".")[2]
        made_here = isinstance(node.func.value, ast.Call) and dotted(node.func.value.func).endswith("getLogger")
        if node.func.attr in LEVELS and (receiver in LOGGERS or made_here):
            yield node


def is_harmless(value: ast.expr, also: frozenset[str] = frozenset()) -> bool:
    """Whether a value may stand in a log line; `also` are expressions allowed in this module."""
    if ast.unparse(value) in also or isinstance(value, ast.Constant):
        return True
    if isinstance(value, ast.Call):
        return dotted(value.func) == "len"
    return isinstance(value, ast.Name | ast.Attribute) and dotted(value).rpartition(".")[2] in HARMLESS


def careless(tree: ast.AST, also: frozenset[str] = frozenset()) -> list[str]:
    """Each logging call that may write too much, as its line and the part that is at fault."""
    found = []
    for call in logging_calls(tree):
        assert isinstance(call.func, ast.Attribute)
        values = call.args[1:] if call.func.attr == "log" else call.args
        faults = [keyword.arg or "**" for keyword in call.keywords]
        if call.func.attr == "exception":
            faults.append("exception")
        if not values or not (isinstance(values[0], ast.Constant) and isinstance(values[0].value, str)):
            faults.append("a text that is not fixed")
        faults += [ast.unparse(value) for value in values[1:] if not is_harmless(value, also)]
        found += [f"line {call.lineno}: {fault}" for fault in faults]
    return found
