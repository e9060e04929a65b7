"""The queue: every entry once, in order of priority, within its limits, and an orderly end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from imagegen.jobs import pgqueuer_queue
from imagegen.jobs.pgqueuer_queue import PgQueuerQueue
from imagegen.jobs.queue import Entry


def entries(numbers: range, *, lane: str = "a", priority: int = 0) -> list[Entry]:
    return [Entry(number, 1, lane, priority) for number in numbers]


async def turns(number: int) -> None:
    """Let everything else run that many times."""
    for _ in range(number):
        await asyncio.sleep(0)


@dataclass
class Counter:
    """A handler that notes what it was given and how many ran at once."""

    wanted: int
    gate: asyncio.Event | None = None
    seen: list[Entry] = field(default_factory=list)
    cancelled: list[Entry] = field(default_factory=list)
    running: dict[str, int] = field(default_factory=dict)
    most: dict[str, int] = field(default_factory=dict)
    most_of_all: int = 0
    arrived: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    finished: asyncio.Event = field(default_factory=asyncio.Event)
    ended: int = 0

    async def __call__(self, entry: Entry) -> None:
        self.seen.append(entry)
        self.running[entry.lane] = self.running.get(entry.lane, 0) + 1
        self.most[entry.lane] = max(self.most.get(entry.lane, 0), self.running[entry.lane])
        self.most_of_all = max(self.most_of_all, sum(self.running.values()))
        self.arrived.release()
        try:
            await turns(50)  # long enough for every free slot to be filled
            if self.gate is not None:
                await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled.append(entry)
            raise
        finally:
            self.running[entry.lane] -= 1
        self.ended += 1
        if self.ended == self.wanted:
            self.finished.set()

    async def done(self) -> None:
        await asyncio.wait_for(self.finished.wait(), 20)

    async def begun(self, number: int) -> None:
        for _ in range(number):
            await asyncio.wait_for(self.arrived.acquire(), 20)


@asynccontextmanager
async def running(
    handler: Counter, lanes: Mapping[str, int | None], concurrency: int, first: list[Entry]
) -> AsyncIterator[PgQueuerQueue]:
    """A queue that holds the entries before it begins to deliver."""
    queue = PgQueuerQueue(lanes, concurrency)
    await queue.put(first)
    await queue.start(handler)
    try:
        yield queue
    finally:
        if handler.gate is not None:
            handler.gate.set()
        await queue.stop(20.0)


async def test_every_entry_is_delivered_once() -> None:
    given = entries(range(60)) + entries(range(60, 120), lane="b", priority=3)
    handler = Counter(180)
    async with running(handler, {"a": None, "b": None}, 8, given) as queue:
        later = entries(range(120, 180))
        assert await queue.put(later) == later
        await handler.done()
    assert sorted(handler.seen, key=lambda entry: entry.task_id) == given + later


async def test_an_entry_comes_back_as_it_was_put() -> None:
    given = Entry(task_id=7, attempt=3, lane="b", priority=1)
    handler = Counter(1)
    async with running(handler, {"a": None, "b": None}, 2, [given]):
        await handler.done()
    assert handler.seen == [given]


async def test_higher_priority_first_and_equals_in_their_order() -> None:
    low, high = entries(range(5)), entries(range(5, 10), priority=1)
    handler = Counter(10)
    async with running(handler, {"a": None}, 1, low + high):
        await handler.done()
    assert handler.seen == high + low


@pytest.mark.parametrize("concurrency", [1, 2, 3, 8])
async def test_no_more_than_the_limit_run_at_once(concurrency: int) -> None:
    handler = Counter(40)
    given = entries(range(20)) + entries(range(20, 40), lane="b")
    async with running(handler, {"a": None, "b": None}, concurrency, given):
        await handler.done()
    assert handler.most_of_all == concurrency


async def test_a_lane_has_a_limit_of_its_own() -> None:
    handler = Counter(40)
    given = entries(range(20)) + entries(range(20, 40), lane="b")
    async with running(handler, {"a": 2, "b": None}, 6, given):
        await handler.done()
    assert handler.most["a"] == 2
    assert handler.most_of_all <= 6
    assert handler.most["b"] > 2


async def test_a_slow_lane_does_not_hold_up_another() -> None:
    handler = Counter(0, gate=asyncio.Event())
    async with running(handler, {"a": 2, "b": None}, 4, entries(range(9))) as queue:
        await handler.begun(2)
        await queue.put(entries(range(20, 22), lane="b"))
        await handler.begun(2)
        assert [entry.lane for entry in handler.seen] == ["a", "a", "b", "b"]


async def test_a_key_that_is_queued_is_not_queued_again() -> None:
    handler = Counter(3)
    first, other = Entry(1, 1, "a", 0), Entry(1, 2, "a", 0)
    queue = PgQueuerQueue({"a": None}, 1)
    assert await queue.put([first, other]) == [first, other]
    assert await queue.put([first, other, Entry(2, 1, "a", 0)]) == [Entry(2, 1, "a", 0)]
    assert await queue.put([]) == []
    await queue.start(handler)
    await handler.done()
    await queue.stop(0.0)
    assert handler.seen == [first, other, Entry(2, 1, "a", 0)]


async def test_a_key_is_free_again_when_its_entry_is_done() -> None:
    handler = Counter(1)
    given = entries(range(1))
    async with running(handler, {"a": None}, 1, given) as queue:
        await handler.done()
        for _ in range(1000):  # PgQueuer frees the key a moment after the handler's end
            await turns(1)
            if await queue.put(given):
                break
        await handler.begun(2)
    assert handler.seen == given * 2


async def test_the_queues_own_log_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pgqueuer_queue, "LOG_CLEAR_EVERY", 10)
    handler = Counter(50)
    async with running(handler, {"a": None}, 4, entries(range(50))) as queue:
        await handler.done()
        assert len(queue._queries._log) < 50


@pytest.mark.parametrize("concurrency", [1, 3])
async def test_a_stop_lets_what_runs_finish_and_delivers_nothing_more(concurrency: int) -> None:
    handler = Counter(concurrency, gate=asyncio.Event())
    assert handler.gate is not None
    given = entries(range(9)) + entries(range(9, 18), lane="b")
    async with running(handler, {"a": None, "b": None}, concurrency, given) as queue:
        await handler.begun(concurrency)
        await turns(50)  # with one slot PgQueuer has fetched a second entry by now, of the other lane
        stopping = asyncio.create_task(queue.stop(20.0))
        await turns(1)
        handler.gate.set()
        await asyncio.wait_for(stopping, 20)
        assert (handler.ended, len(handler.seen), handler.cancelled) == (concurrency, concurrency, [])


@pytest.mark.parametrize("concurrency", [1, 3])
async def test_without_grace_what_runs_is_cancelled_before_the_stop_returns(concurrency: int) -> None:
    handler = Counter(0, gate=asyncio.Event())
    async with running(handler, {"a": None}, concurrency, entries(range(9))) as queue:
        await handler.begun(concurrency)
        await asyncio.wait_for(queue.stop(0.0), 5)
        assert (handler.ended, handler.cancelled) == (0, handler.seen)
        assert len(handler.seen) == concurrency


async def test_stopping_twice_or_before_the_start_does_nothing() -> None:
    queue = PgQueuerQueue({"a": None}, 2)
    await queue.stop(1.0)
    await queue.start(Counter(0))
    await queue.stop(1.0)
    await queue.stop(1.0)
