"""Every sentence that the server may say to a person, read out of the product's source as it is written there.

It is what a tool like xgettext does: the calls that carry words for people are known by name, and what they are
given is followed to the strings behind it. A value that is only known at run time stands as `{}`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import product

from tests.architecture.source import Module, modules

HOLE = "{}"
PLACE = re.compile(r"\{\w+\}")
ROOMS = ("request", "plan", "routing", "jobs", "providers", "media", "web")
SPEAKERS = {
    "FieldProblem": 3,
    "Problem": 1,
    "ProviderError": 1,
    "Failure": 1,
    "Choice": 2,
    "CutoutFailed": 1,
    "DownloadFailed": 0,
    "KeyFixed": 0,
    "NotAPicture": 1,
    "ReferenceRefused": 1,
    "StorageError": 0,
    "Ask": 0,
    "GiveUp": 0,
    "unknown": 0,
}
"""Calls whose argument at that place is for people to read."""
NAMED = ("title", "notice")
"""Keywords that give the name of something to choose, or what a person should know."""
KINDS = "not_found"
"""This call is given a kind of thing only; the sentence around it stands in its own function."""
TOLD = ("message", "notice")
"""Members of what the cut-out's process sends that are for people."""
KEPT = ("_errors", "_WORDS", "_REASONS", "FIRST_FRAME", "NO_MATTING", "reasons")
"""Tables and lists of sentences."""
TELLERS = ("why", "_left_out", "_down", "_seedless")
"""Functions whose answer is for people to read."""
_DEEPEST = 9


def sentences() -> set[str]:
    """All of them; what only joins values is left out."""
    found = {text for module in modules().values() if module.room in ROOMS for text in _Reader(module).said()}
    return {text for text in found if any(letter.isalpha() for letter in text.replace(HOLE, ""))}


class _Reader:
    """One module: what its names stand for, and what it says."""

    def __init__(self, module: Module) -> None:
        self._tree = module.tree
        self._values: dict[str, list[ast.expr]] = {}
        self._answers: dict[str, list[ast.expr]] = {}
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._learn(target, node.value)
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                self._learn(node.target, node.value)
            elif isinstance(node, ast.FunctionDef):
                returned = [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value]
                self._answers[node.name] = returned

    def said(self) -> Iterator[str]:
        """The module's sentences."""
        for node in ast.walk(self._tree):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[added]) if (
                    name in KEPT
                ):
                    yield from self._texts(added)
                case ast.Call():
                    yield from self._in_call(node)
                case ast.FunctionDef(name=name) if name in TELLERS:
                    for answer in self._answers[name]:
                        yield from self._texts(answer)
                case ast.Dict():
                    for key, value in zip(node.keys, node.values, strict=True):
                        if isinstance(key, ast.Constant) and key.value in TOLD:
                            yield from self._texts(value)
                case ast.Assign(targets=[ast.Subscript(value=ast.Attribute(attr=name)) | ast.Name(id=name)]):
                    if name in KEPT:
                        yield from self._texts(node.value)
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if name in KEPT:
                    yield from self._texts(value)

    def _in_call(self, call: ast.Call) -> Iterator[str]:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name == KINDS:
            yield from (f"There is no such {what}." for what in self._texts(call.args[0]))
        for keyword in call.keywords:
            if keyword.arg in NAMED:
                yield from self._texts(keyword.value)
        place = SPEAKERS.get(name)
        if place is None:
            return
        given = self._arguments(call.args)
        for arguments in given:
            if len(arguments) > place:
                yield from self._texts(arguments[place])

    def _arguments(self, given: list[ast.expr]) -> list[list[ast.expr]]:
        """The arguments of a call; several times where a starred one is one of several tuples."""
        choices = [self._tuples(one.value) if isinstance(one, ast.Starred) else [[one]] for one in given]
        return [[one for part in parts for one in part] for parts in product(*choices)]

    def _tuples(self, node: ast.expr, depth: int = 0) -> list[list[ast.expr]]:
        match node:
            case ast.Tuple():
                return [node.elts]
            case ast.IfExp():
                return self._tuples(node.body) + self._tuples(node.orelse)
            case ast.Subscript(value=ast.Name(id=name)) if depth < _DEEPEST:
                tables = [value for value in self._values.get(name, []) if isinstance(value, ast.Dict)]
                return [
                    one for table in tables for value in table.values for one in self._tuples(value, depth + 1)
                ]
        return []

    def _learn(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self._values.setdefault(target.id, []).append(value)
        elif isinstance(target, ast.Tuple) and target.elts and isinstance(target.elts[-1], ast.Name):
            self._values.setdefault(target.elts[-1].id, []).append(value)  # `allowed, words = TABLE[name]`

    def _texts(self, node: ast.AST, depth: int = 0) -> set[str]:
        """What an expression may read as."""
        if depth > _DEEPEST:
            return {HOLE}

        def texts(part: ast.AST) -> set[str]:
            return self._texts(part, depth + 1)

        match node:
            case ast.Constant(value=str(text)):
                return {text}
            case ast.JoinedStr():
                return {"".join(parts) for parts in product(*(texts(part) for part in node.values))}
            case ast.FormattedValue(format_spec=None):
                return texts(node.value)
            case ast.IfExp():
                return texts(node.body) | texts(node.orelse)
            case ast.BoolOp(op=ast.Or()):
                return set().union(*(texts(one) for one in node.values))
            case ast.BinOp(op=ast.Add()):
                return {left + right for left, right in product(texts(node.left), texts(node.right))}
            case ast.Tuple(elts=[*_, last]):
                return texts(last)
            case ast.Dict():
                return set().union(*(texts(one) for one in node.values))
            case ast.List(elts=elements):
                return set().union(*(texts(one) for one in elements if not isinstance(one, ast.Starred)))
            case ast.ListComp(elt=element):
                return texts(element)
            case ast.Name(id=name) if name in self._values:
                return set().union(*(texts(one) for one in self._values[name]))
            case ast.Subscript(value=ast.Name(id=name)) if name in self._values:
                return set().union(*(texts(one) for one in self._values[name]))
            case ast.Call(func=ast.Attribute(value=value, attr="format")):
                return {PLACE.sub(HOLE, text) for text in texts(value)}
            case ast.Call(func=ast.Name(id=name)) if name in self._answers:
                return set().union(*(texts(one) for one in self._answers[name]))
        return {HOLE}
