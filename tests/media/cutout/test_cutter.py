"""The cutter and its child: what happens to pictures when the child crashes, hangs or is left alone."""

from __future__ import annotations

import asyncio
import os
import platform
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from imagegen.media.cutout import CutoutFailed, CutoutOptions, Cutter
from tests.media.cutout.photographs import matte_of, photograph
from tests.media.pictures import encoded, noise

PLAIN = CutoutOptions()
WAIT_SECONDS = 30.0
needs_stopping = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that stops a process")


@pytest.fixture
async def cutter(tmp_path: Path) -> AsyncIterator[Cutter]:
    cutter = Cutter(tmp_path)
    yield cutter
    await cutter.aclose()


def pid(cutter: Cutter) -> int:
    child = cutter._worker.pid
    assert child is not None
    return child


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what is bound to come; the test fails if it does not."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not condition():  # noqa: ASYNC110 - another process's end is no event here
            await asyncio.sleep(0.005)


async def begun(cutter: Cutter, source: bytes) -> asyncio.Task[object]:
    """A cut-out that has been sent to a child which stands still."""
    await cutter.prepare()
    os.kill(pid(cutter), signal.SIGSTOP)
    task: asyncio.Task[object] = asyncio.create_task(cutter.cut(source, PLAIN))
    await until(cutter._worker._turn.locked)
    return task


async def reason(cutting: Awaitable[object]) -> str:
    with pytest.raises(CutoutFailed) as caught:
        await cutting
    assert len(str(caught.value)) < 120
    return caught.value.reason


async def test_a_picture_is_cut_out_in_one_child_that_stays(cutter: Cutter) -> None:
    assert cutter.state() == "cold"
    preparing = asyncio.create_task(cutter.prepare())
    await until(lambda: cutter.state() == "preparing")
    await preparing
    assert cutter.state() == "ready"
    first = pid(cutter)
    result = await cutter.cut(photograph(), PLAIN)
    assert result.notice is None
    assert matte_of(result.data).getextrema() == (0, 255)
    assert pid(cutter) == first


async def test_several_at_once_wait_for_each_other_and_each_gets_its_own(cutter: Cutter) -> None:
    sides = (100, 130, 160)
    results = await asyncio.gather(*(cutter.cut(photograph(side), PLAIN) for side in sides))
    assert [matte_of(result.data).size for result in results] == [(side, side) for side in sides]


async def test_a_picture_that_fails_leaves_the_child_at_work(cutter: Cutter) -> None:
    await cutter.prepare()
    first = pid(cutter)
    assert await reason(cutter.cut(b"no picture", PLAIN)) == "picture"
    assert await reason(cutter.cut(encoded(noise(800, 800), "png"), PLAIN)) == "nothing_found"
    assert (await cutter.cut(photograph(), PLAIN)).data
    assert pid(cutter) == first


async def test_models_that_are_not_there_are_refused_at_once(cutter: Cutter) -> None:
    assert await reason(cutter.cut(photograph(), CutoutOptions(model="u2net"))) == "model"
    assert await reason(cutter.cut(photograph(), CutoutOptions(model="bria-rmbg"))) == "model"
    assert cutter.state() == "cold"


async def test_a_damaged_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "u2net.onnx").write_bytes(b"other")
    cutter = Cutter(tmp_path)
    try:
        with pytest.raises(CutoutFailed, match="u2net is damaged"):
            await cutter.cut(photograph(), CutoutOptions(model="u2net"))
    finally:
        await cutter.aclose()


@needs_stopping
async def test_a_child_that_is_killed_is_replaced_and_the_picture_tried_once_more(cutter: Cutter) -> None:
    task = await begun(cutter, photograph())
    killed = pid(cutter)
    os.kill(killed, signal.SIGKILL)
    await task
    assert pid(cutter) != killed


@needs_stopping
async def test_a_picture_that_ends_the_child_twice_fails(cutter: Cutter) -> None:
    task = await begun(cutter, photograph())
    first = pid(cutter)
    os.kill(first, signal.SIGKILL)
    await until(lambda: cutter._worker.pid not in (None, first) and cutter.state() == "ready")
    os.kill(pid(cutter), signal.SIGKILL)
    with pytest.raises(CutoutFailed, match="ended 2 times on this picture"):
        await task
    assert cutter.state() == "cold"
    assert (await cutter.cut(photograph(), PLAIN)).data


@needs_stopping
async def test_a_child_that_hangs_is_ended_at_the_time_limit(tmp_path: Path) -> None:
    cutter = Cutter(tmp_path, limit_seconds=0.1)
    try:
        with pytest.raises(CutoutFailed, match=r"longer than 0\.1 seconds"):
            await (await begun(cutter, photograph()))
        assert cutter.state() == "cold"
        cutter._limit_seconds = WAIT_SECONDS
        assert (await cutter.cut(photograph(), PLAIN)).data
    finally:
        await cutter.aclose()


@needs_stopping
async def test_who_no_longer_waits_does_not_spoil_the_next_picture(cutter: Cutter) -> None:
    task = await begun(cutter, photograph(100))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert matte_of((await cutter.cut(photograph(130), PLAIN)).data).size == (130, 130)


@needs_stopping
async def test_closing_ends_the_child_and_what_it_does(cutter: Cutter) -> None:
    task = await begun(cutter, photograph())
    waiting = asyncio.create_task(cutter.cut(photograph(), PLAIN))
    child = pid(cutter)
    async with asyncio.timeout(WAIT_SECONDS):
        await cutter.aclose()
    assert await reason(task) == "closed"
    assert await reason(waiting) == "closed"
    assert not is_alive(child)


async def test_closing_during_the_start_leaves_no_child(tmp_path: Path) -> None:
    cutter = Cutter(tmp_path)
    preparing = asyncio.create_task(cutter.prepare())
    await until(lambda: cutter.state() == "preparing")
    await cutter.aclose()
    assert await reason(preparing) == "closed"
    assert cutter.state() == "cold"


async def test_without_work_the_child_is_sent_away(tmp_path: Path) -> None:
    cutter = Cutter(tmp_path, idle_seconds=0)
    try:
        await cutter.prepare()
        await until(lambda: cutter.state() == "cold")
        assert (await cutter.cut(photograph(), PLAIN)).data
    finally:
        await cutter.aclose()


async def test_a_child_that_cannot_start_is_told(cutter: Cutter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imagegen.processes.child._ROOT", "/nowhere")
    monkeypatch.chdir("/")
    with pytest.raises(CutoutFailed, match="could not be started"):
        await cutter.prepare()
    assert cutter.state() == "cold"


async def test_the_child_is_given_no_keys(cutter: Cutter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "SECRET")
    await cutter.prepare()
    if sys.platform == "linux":
        assert b"SECRET" not in await asyncio.to_thread(Path(f"/proc/{pid(cutter)}/environ").read_bytes)
        assert b"u2net" not in await asyncio.to_thread(Path(f"/proc/{pid(cutter)}/cmdline").read_bytes)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told to keep freed memory")
async def test_the_child_keeps_memory_from_picture_to_picture(cutter: Cutter) -> None:
    source = photograph(1536)
    for _ in range(3):
        await cutter.cut(source, PLAIN)
    before = faults(pid(cutter))
    await cutter.cut(source, PLAIN)
    pages = 1536 * 1536 * 4 // os.sysconf("SC_PAGE_SIZE")
    assert faults(pid(cutter)) - before < pages / 2, "less than half of one of the several copies of a picture"


def faults(process: int) -> int:
    """How many pages of memory a process has been given."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[7])


PARENT = """
import asyncio, sys
from pathlib import Path
from imagegen.media.cutout import Cutter, CutoutOptions

async def main():
    cutter = Cutter(Path("."))
    await cutter.prepare()
    print(cutter._worker.pid, flush=True)
    while True:
        await cutter.cut(Path(sys.argv[1]).read_bytes(), CutoutOptions())

asyncio.run(main())
"""


async def test_the_child_ends_with_its_parent(tmp_path: Path) -> None:
    source = tmp_path / "picture.png"
    source.write_bytes(photograph(1024))
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", PARENT, source, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    assert is_alive(child)
    parent.kill()
    await parent.wait()
    await until(lambda: not is_alive(child))


def is_alive(process: int) -> bool:
    """Also false for one that has ended and that nobody has asked about yet."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return sys.platform != "linux"
