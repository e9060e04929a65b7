"""A thousand lives, each with its own faults. A failing seed replays with `python -m tests.simulator SEED`."""

from __future__ import annotations

import logging
import multiprocessing
import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.simulator.life import live, make_template
from tests.simulator.world import World

LIVES = 1_000
CHUNK = 50


def test_a_thousand_lives_lose_nothing_and_pay_once() -> None:
    context = multiprocessing.get_context("spawn")
    chunks = [range(first, first + CHUNK) for first in range(1, LIVES + 1, CHUNK)]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as processes:
        crashes, bills = (sum(column) for column in zip(*processes.map(_live_through, chunks), strict=True))
    # The lives must have been eventful, or they would show nothing.
    assert crashes > LIVES
    assert bills > LIVES


def test_a_life_is_repeatable(tmp_path: Path) -> None:
    traces = []
    for name in ("first", "second"):
        folder = tmp_path / name
        folder.mkdir()
        make_template(tmp_path / f"{name}.sqlite3")
        world = World(16)
        live(world, folder, tmp_path / f"{name}.sqlite3")
        traces.append(world.trace)
    assert traces[0] == traces[1]


def _live_through(seeds: range) -> tuple[int, int]:
    logging.disable(logging.CRITICAL)
    crashes = bills = 0
    # Memory, where there is such a folder: what is shown here does not depend on the disk's speed.
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        template = Path(name) / "template.sqlite3"
        make_template(template)
        for seed in seeds:
            folder = Path(name) / str(seed)
            folder.mkdir()
            world = World(seed)
            _live(world, folder, template)
            crashes += sum("CRASH" in line for line in world.trace)
            bills += len(world.bills)
    return crashes, bills


def _live(world: World, folder: Path, template: Path) -> None:
    """A failure as text: not every exception finds its way back from another process."""
    try:
        live(world, folder, template)
    except BaseException as error:  # noqa: BLE001 - Crash is one too, and every end is told
        text = "\n".join((f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())))
        raise AssertionError(text) from None
