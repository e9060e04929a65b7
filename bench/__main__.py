"""`python -m bench`: every measurement, or some, as one table; the figures also go to bench/results/."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench import adapters, batch, cpu, cutout, gallery, idle, memory, overhead, page, start, submit
from bench.figures import Figure, table
from bench.gemini import Gemini

MEASUREMENTS: dict[str, Callable[[Gemini, bool], Iterator[Figure]]] = {
    "batch": batch.measure,
    "cpu": cpu.measure,
    "scale": cpu.measure_scale,
    "submit": submit.measure,
    "departure": submit.measure_departure,
    "overhead": overhead.measure,
    "adapters": adapters.measure,
    "memory": memory.measure,
    "gallery": gallery.measure,
    "start": start.measure,
    "page": page.measure,
    "idle": idle.measure,
    "cutout": cutout.measure,
}
RESULTS = Path(__file__).resolve().parent / "results"


def main() -> int:
    """Measure and print. 0 also when targets are missed: on a busy machine that says little."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="fewer pictures and rounds: two minutes, coarse figures"
    )
    parser.add_argument(
        "--only", action="append", choices=MEASUREMENTS, metavar="NAME", help=f"one of {', '.join(MEASUREMENTS)}"
    )
    options = parser.parse_args()
    if sys.platform != "linux":
        parser.error("the benches read /proc and run on Linux only")
    figures: list[Figure] = []
    with Gemini("1K", "2K") as gemini:
        for name in options.only or MEASUREMENTS:
            begun = time.monotonic()
            figures.extend(MEASUREMENTS[name](gemini, options.quick))
            print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    print(table(figures))
    print(f"\nwritten to {_keep(figures)}")
    return 0


def _keep(figures: list[Figure]) -> Path:
    """Write the figures as JSON, with what they were measured on."""
    now = datetime.now(UTC)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{now:%Y-%m-%dT%H%M%S}.json"
    content = {
        "measured_at": now.isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg(),
        "figures": [asdict(figure) | {"ratio": figure.ratio, "met": figure.met} for figure in figures],
    }
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main())
