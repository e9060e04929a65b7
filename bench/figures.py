"""What a measurement gives: figures with their targets, and the table of them."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure must reach: `ours` itself, or its `ratio` to the plain app, at least or at most that value."""

    of: Literal["ours", "ratio"]
    bound: Literal["≥", "≤"]
    value: float

    def __str__(self) -> str:
        return f"{self.bound} {self.value:g}{'×' if self.of == 'ratio' else ''}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure. `plain` is the plain app's, None where it has none."""

    measure: str
    unit: str
    ours: float
    plain: float | None = None
    target: Target | None = None
    pair_ratio: float | None = None
    """The median of the ratios of each pair of runs, where there were several pairs."""

    @property
    def ratio(self) -> float | None:
        """Ours over the plain app's."""
        if self.pair_ratio is not None:
            return self.pair_ratio
        return self.ours / self.plain if self.plain else None

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None where there is none."""
        if self.target is None:
            return None
        value = self.ours if self.target.of == "ours" else self.ratio
        if value is None:
            return None
        return value >= self.target.value if self.target.bound == "≥" else value <= self.target.value


def compare(measure: str, unit: str, pairs: Sequence[tuple[float, float]], target: Target | None = None) -> Figure:
    """A figure from pairs of runs (ours, plain), one right after the other: the medians, also of the ratios."""
    return Figure(
        measure,
        unit,
        statistics.median(ours for ours, _ in pairs),
        statistics.median(plain for _, plain in pairs),
        target,
        statistics.median(ours / plain for ours, plain in pairs),
    )


def at_percentile(values: Sequence[float], percent: int) -> float:
    """The value below which that share of the values lies, interpolated; `percent` is 1–99."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def table(figures: Iterable[Figure]) -> str:
    """The figures as aligned text, one a line."""
    head = ("measure", "unit", "ours", "plain app", "ratio", "target", "met")
    rows = [head, *(_row(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = ["  ".join(_aligned(cell, widths[i], i) for i, cell in enumerate(row)).rstrip() for row in rows]
    return "\n".join([lines[0], "  ".join("─" * width for width in widths), *lines[1:]])


def _row(figure: Figure) -> tuple[str, ...]:
    met = {None: "", True: "yes", False: "NO"}[figure.met]
    target = str(figure.target) if figure.target else ""
    return (
        figure.measure,
        figure.unit,
        _number(figure.ours),
        _number(figure.plain),
        f"{_number(figure.ratio)}×" if figure.ratio is not None else "",
        target,
        met,
    )


def _number(value: float | None) -> str:
    """Three significant digits."""
    if value is None:
        return ""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _aligned(cell: str, width: int, column: int) -> str:
    return cell.rjust(width) if 2 <= column <= 4 else cell.ljust(width)
