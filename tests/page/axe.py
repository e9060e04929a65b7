"""axe-core in a page: which rules of WCAG 2 it breaks."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async rules => (await axe.run(document, {
    runOnly: { type: 'tag', values: rules }, resultTypes: ['violations'],
})).violations"""


def faults(page: Page) -> list[str]:
    """One line for each element that breaks a rule: the rule, the element and why."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    found: list[dict[str, Any]] = page.evaluate(RUN, RULES)
    return [
        f"{rule['id']}: {' '.join(str(part) for part in node['target'])}: {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


@cache
def _source() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
