"""Reading a gallery of 100,000 pictures over HTTP: pages, search, memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Figure, Target, at_percentile
from bench.gemini import Gemini
from bench.loopback import Connection
from bench.processes import ROOT, Program, free_port

IMAGES = 100_000
PAGE = 60
"""Pictures of one page, as the page asks for them."""
DEEP = 0.9
"""How far down the deep page lies."""
QUICK = Target("ours", "≤", 5)


def measure(gemini: Gemini, quick: bool) -> Iterator[Figure]:
    """A demo gallery behind the real server; one connection asks, so a figure is one round trip."""
    rounds = 100 if quick else 400
    with _gallery() as (program, connection):
        cursor, album = _deep_cursor(connection), _an_album(connection)
        pages = {
            "first page": f"/api/images?limit={PAGE}",
            "deep page": f"/api/images?limit={PAGE}&after={cursor}",
            "search, 1 in 100": f"/api/images?limit={PAGE}&q=mountain",
            "search, two words": f"/api/images?limit={PAGE}&q=harbour+dawn",
            "search, deep page": f"/api/images?limit={PAGE}&q=mountain&after={cursor}",
            "an album": f"/api/images?limit={PAGE}&album={album}",
        }
        times, sizes = _in_turn(connection, pages, rounds)
        for name, values in times.items():
            yield Figure(f"GET /api/images, {name}, p50", "ms", at_percentile(values, 50))
            yield Figure(f"GET /api/images, {name}, p95", "ms", at_percentile(values, 95), target=QUICK)
        first, deep = times["first page"], times["deep page"]
        depth = at_percentile(deep, 50) / at_percentile(first, 50)
        yield Figure("deep page over first page, p50", "×", depth, target=Target("ours", "≤", 1.2))
        yield Figure("largest answer", "KB", max(sizes.values()) / 1000, target=Target("ours", "≤", 100))
        others = {"live jobs": "/api/jobs?status=live", "albums": "/api/albums", "library": "/api/library"}
        for name, values in _in_turn(connection, others, rounds // 4)[0].items():
            yield Figure(f"GET {others[name]}, p95", "ms", at_percentile(values, 95))
        yield Figure(
            f"peak memory, {IMAGES:,} pictures", "MiB", program.peak_mib(), target=Target("ours", "≤", 300)
        )


@contextmanager
def _gallery() -> Iterator[tuple[Program, Connection]]:
    """A server on a filled folder, its page loaded."""
    with TemporaryDirectory(prefix="imagegen-bench-") as name:
        folder, port = Path(name), free_port()
        environment = {
            "IMAGEGEN_DATA_DIR": str(folder / "data"),
            "IMAGEGEN_PORT": str(port),
            "IMAGEGEN_PROVIDERS": "sketch",
        }
        subprocess.run(
            [sys.executable, "-m", "imagegen", "demo", str(IMAGES)],
            cwd=ROOT,
            env=os.environ | environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        server = Program([sys.executable, "app.py"], environment, port=port, log=folder / "server.log")
        with server as program, Connection(port) as connection:
            program.first_answer("/")
            program.settle()
            yield program, connection


def _deep_cursor(connection: Connection) -> str:
    after = ""
    for _ in range(round(IMAGES * DEEP / 200)):
        page = json.loads(connection.get(f"/api/images?limit=200{after}"))
        after = f"&after={page['next']}"
    return after.removeprefix("&after=")


def _an_album(connection: Connection) -> str:
    return str(json.loads(connection.get("/api/albums"))["albums"][0]["id"])


def _in_turn(
    connection: Connection, paths: dict[str, str], rounds: int
) -> tuple[dict[str, list[float]], dict[str, int]]:
    """Milliseconds of each round trip and bytes of each answer, by name; one after the other in each round."""
    times: dict[str, list[float]] = {name: [] for name in paths}
    sizes = {name: len(connection.get(path)) for name, path in paths.items()}
    for _ in range(rounds):
        for name, path in paths.items():
            begun = time.perf_counter()
            connection.get(path)
            times[name].append((time.perf_counter() - begun) * 1000)
    return times, sizes
