"""From the event table to open streams, over a table that the test writes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest

from imagegen.jobs.views import EventView
from imagegen.web import broadcast as module
from imagegen.web.broadcast import Broadcast, StreamsClosed


class Table:
    """An event table in memory."""

    def __init__(self) -> None:
        self.events: list[EventView] = []
        self.reads = 0
        self.failing = False
        self._callbacks: list[Callable[[], None]] = []

    def append(self, count: int = 1) -> None:
        """One commit with so many events."""
        newest = self.events[-1].id if self.events else 0
        self.events.extend(
            EventView(
                id=newest + n,
                kind="task",
                job_id="job",
                task_index=0,
                status="completed",
                step=None,
                image_id=None,
                at=datetime.now(UTC),
            )
            for n in range(1, count + 1)
        )
        for callback in self._callbacks:
            callback()

    async def events_after(self, seq: int, *, owner: str, limit: int) -> list[EventView]:
        assert owner == "local"
        self.reads += 1
        if self.failing:
            raise OSError("gone")
        return [event for event in self.events if event.id > seq][:limit]

    async def event_bounds(self) -> tuple[int, int]:
        return (self.events[0].id, self.events[-1].id) if self.events else (0, 0)

    def on_commit(self, callback: Callable[[], None]) -> Callable[[], None]:
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)


class Reader:
    """What a browser makes of a stream."""

    def __init__(self, stream: AsyncIterator[bytes]) -> None:
        self._stream = stream
        self._waiting: list[dict[str, str]] = []

    async def next(self) -> dict[str, str]:
        """The next block: its fields, a comment under ''."""
        async with asyncio.timeout(5):
            while not self._waiting:
                for block in (await anext(self._stream)).decode().strip("\n").split("\n\n"):
                    fields = (line.partition(":") for line in block.split("\n"))
                    self._waiting.append({name: value.strip() for name, _, value in fields})
        return self._waiting.pop(0)

    async def ids(self, count: int) -> list[int]:
        """The ids of the next events."""
        return [int((await self.next())["id"]) for _ in range(count)]

    async def end(self) -> None:
        """Wait for the end."""
        async with asyncio.timeout(5):
            async for _ in self._stream:
                pass


async def test_a_new_listener_gets_new_events() -> None:
    table = Table()
    table.append(3)
    async with Broadcast(table) as broadcast:
        reader = Reader(broadcast.open("local", None))
        assert await reader.next() == {"id": "3", "retry": "1000"}
        table.append()
        event = await reader.next()
        assert (event["id"], event["event"]) == ("4", "task")
        assert json.loads(event["data"])["status"] == "completed"
        assert "prompt" not in event["data"]


async def test_what_is_committed_while_a_stream_opens_is_not_kept_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last event of all: no later commit would bring it along."""
    table = Table()
    table.append(3)

    async def bounds_then_commit() -> tuple[int, int]:
        bounds = await Table.event_bounds(table)
        table.append()
        await asyncio.sleep(0)  # the reader wakes, finds nobody, and sleeps again
        await asyncio.sleep(0)
        return bounds

    monkeypatch.setattr(table, "event_bounds", bounds_then_commit)
    async with Broadcast(table) as broadcast:
        reader = Reader(broadcast.open("local", 2))
        assert await reader.next() == {"id": "2", "retry": "1000"}
        assert await reader.ids(2) == [3, 4]


@pytest.mark.parametrize("batch", [2, 500])
async def test_replay_goes_over_into_live_without_gap_or_repeat(
    batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", batch)
    table = Table()
    table.append(7)
    async with Broadcast(table) as broadcast:
        reader = Reader(broadcast.open("local", 2))
        assert await reader.next() == {"id": "2", "retry": "1000"}
        table.append(5)
        assert await reader.ids(10) == list(range(3, 13))


@pytest.mark.parametrize(("last_id", "is_reset"), [(8, True), (9, False), (12, False), (13, True)])
async def test_reset_when_replay_is_not_possible(last_id: int, is_reset: bool) -> None:
    table = Table()
    table.append(12)
    del table.events[:9]  # 10, 11 and 12 are kept
    async with Broadcast(table) as broadcast:
        reader = Reader(broadcast.open("local", last_id))
        await reader.next()
        table.append()
        block = await reader.next()
        assert (block["event"] == "reset") == is_reset
        if is_reset:
            assert (block["id"], json.loads(block["data"])) == ("12", {"last_event_id": 12})
            assert await reader.ids(1) == [13]


async def test_a_new_data_folder_resets_browsers_of_the_old_one() -> None:
    async with Broadcast(Table()) as broadcast:
        reader = Reader(broadcast.open("local", 41))
        await reader.next()
        assert (await reader.next())["event"] == "reset"


async def test_one_read_serves_every_listener() -> None:
    table = Table()
    async with Broadcast(table) as broadcast:
        readers = [Reader(broadcast.open("local", None)) for _ in range(20)]
        for reader in readers:
            await reader.next()
        for _ in range(10):
            table.append(3)
        for reader in readers:
            assert await reader.ids(30) == list(range(1, 31))
        assert table.reads <= 2


async def test_who_is_slow_is_ended_and_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUEUE", 5)
    table = Table()
    async with Broadcast(table) as broadcast:
        slow, quick = (Reader(broadcast.open("local", None)) for _ in range(2))
        await slow.next()
        await quick.next()
        for expected in range(1, 8):
            table.append()
            assert await quick.ids(1) == [expected]
        await slow.end()
        again = Reader(broadcast.open("local", 0))
        await again.next()
        assert await again.ids(7) == list(range(1, 8))


async def test_a_quiet_stream_is_kept_alive() -> None:
    async with Broadcast(Table(), ping_seconds=0.01) as broadcast:
        reader = Reader(broadcast.open("local", None))
        await reader.next()
        assert [await reader.next() for _ in range(2)] == [{"": "ping"}, {"": "ping"}]


async def test_closing_ends_every_stream_at_once() -> None:
    async with Broadcast(Table()) as broadcast:
        readers = [Reader(broadcast.open("local", None)) for _ in range(3)]
        for reader in readers:
            await reader.next()
        late = Reader(broadcast.open("local", None))
        broadcast.close()
        for reader in (*readers, late):
            await reader.end()
        assert broadcast.listeners == 0
        with pytest.raises(StreamsClosed):
            broadcast.open("local", None)


async def test_nothing_is_read_while_nobody_listens() -> None:
    table = Table()
    async with Broadcast(table) as broadcast:
        stream = broadcast.open("local", None)
        reader = Reader(stream)
        await reader.next()
        assert broadcast.listeners == 1
        await stream.aclose()  # type: ignore[attr-defined]
        assert broadcast.listeners == 0
        table.append(3)
        next_reader = Reader(broadcast.open("local", None))
        assert await next_reader.next() == {"id": "3", "retry": "1000"}
        assert table.reads == 0


async def test_a_failed_read_ends_streams_and_not_the_reader(caplog: pytest.LogCaptureFixture) -> None:
    table = Table()
    async with Broadcast(table) as broadcast:
        reader = Reader(broadcast.open("local", None))
        await reader.next()
        table.failing = True
        table.append()
        await reader.end()
        assert "OSError" in caplog.text
        table.failing = False
        again = Reader(broadcast.open("local", 0))
        await again.next()
        assert await again.ids(1) == [1]
