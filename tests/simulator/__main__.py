"""Replay lives by their seeds: `python -m tests.simulator SEED [SEED …]`, or `FIRST-LAST` for a range."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.simulator.life import live, make_template
from tests.simulator.world import World


def main(arguments: list[str]) -> int:
    seeds = [seed for argument in arguments for seed in _range(argument)]
    with tempfile.TemporaryDirectory() as name:
        template = Path(name) / "template.sqlite3"
        make_template(template)
        for seed in seeds:
            folder = Path(name) / str(seed)
            folder.mkdir()
            world = World(seed)
            try:
                live(world, folder, template)
            finally:
                if len(seeds) == 1:
                    sys.stdout.write("\n".join(world.trace) + "\n")
    sys.stdout.write(f"{len(seeds)} lives lived\n")
    return 0


def _range(argument: str) -> range:
    first, _, last = argument.partition("-")
    return range(int(first), int(last or first) + 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
