"""Nothing in a coroutine holds up the event loop: pages, streams and queues share it."""

from __future__ import annotations

import ast
from itertools import chain

import pytest

from tests.architecture.blocking import blocked_coroutines, functions_of
from tests.architecture.source import modules

BEFORE_SERVING = {
    "imagegen.jobs.startup.open_engine": "at start, before a job, a page or a stream is there to be held up",
}


def found_in(source: str) -> dict[str, list[str]]:
    return blocked_coroutines(functions_of("imagegen.sample", ast.parse(source)))


def test_no_coroutine_blocks() -> None:
    functions = dict(chain.from_iterable(functions_of(name, m.tree).items() for name, m in modules().items()))
    blocked = blocked_coroutines(functions)
    assert {name: why for name, why in blocked.items() if name not in BEFORE_SERVING} == {}
    assert set(BEFORE_SERVING) <= set(blocked), "an exception that is not needed"
    assert sum(function.is_async for function in functions.values()) > 50, "the search has to find the coroutines"


@pytest.mark.parametrize(
    "body",
    [
        "time.sleep(1)",
        "with open('x') as f: pass",
        "data = path.read_bytes()",
        "(folder / 'x').write_text('y')",
        "os.replace(a, b)",
        "os.fsync(f.fileno())",
        "shutil.copy(a, b)",
        "subprocess.run(['x'])",
        "sqlite3.connect('x')",
        "requests.get('x')",
        "Image.open(path)",
        "shop.store.accept(attempt)",
        "self.store.free_bytes()",
        "if True:\n        for _ in range(3):\n            time.sleep(0)",
        "await something(path.read_bytes())",
        "return [path.stat() for path in paths]",
    ],
)
def test_a_blocking_call_is_found(body: str) -> None:
    assert list(found_in(f"async def sample():\n    {body}")) == ["imagegen.sample.sample"]


@pytest.mark.parametrize(
    "body",
    [
        "await asyncio.sleep(1)",
        "await asyncio.to_thread(path.read_bytes)",
        "await offload(lambda: path.read_bytes())",
        "await shop.offload(lambda: shop.store.accept(attempt))",
        "def blocking():\n        return path.read_bytes()\n    await offload(blocking)",
        "await page.open('x')",
        "text.replace('a', 'b')",
        "store.image_path(sha, 'png')",
        "await connection.stat()",
    ],
)
def test_what_does_not_block_is_left_alone(body: str) -> None:
    assert found_in(f"async def sample():\n    {body}") == {}


def test_a_blocking_call_is_found_through_plain_functions() -> None:
    source = """
def read(): return open("x").read()
def through(): return read()
class Shelf:
    def _look(self): return through()
    async def look(self): return self._look()
    async def fine(self): return await to_thread(self._look)
async def outer(): return through()
async def calls_a_coroutine(): return await outer()
"""
    assert set(found_in(source)) == {"imagegen.sample.Shelf.look", "imagegen.sample.outer"}
