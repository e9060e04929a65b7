"""From the event table to every open stream: one reader per person, however many tabs listen.

The reader is woken after each commit that appended events, reads what is new once, and hands the encoded frames to
every stream. A stream that cannot keep up is ended; its browser connects again and is replayed from the table.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from typing import Protocol, Self

from fastapi.sse import format_sse_event

from imagegen.jobs.views import EventView

log = logging.getLogger("imagegen.events")

BATCH = 500
"""Events read from the table at once."""
QUEUE = 2_000
"""Frames of about 200 bytes that wait for one slow stream before it is ended."""
PING_SECONDS = 15.0
RETRY_MS = 1_000

Frame = tuple[int, bytes]
"""An event's id, and its bytes on the wire."""


class EventLog(Protocol):
    """What is needed of the engine."""

    async def events_after(self, seq: int, *, owner: str, limit: int) -> list[EventView]: ...
    async def event_bounds(self) -> tuple[int, int]: ...
    def on_commit(self, callback: Callable[[], None]) -> Callable[[], None]: ...


class StreamsClosed(Exception):  # noqa: N818 - named for what happened
    """The server is stopping; no new stream is opened."""


class Listener:
    """One open stream's waiting frames. `None` in the queue ends it."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.frames: asyncio.Queue[Frame | None] = asyncio.Queue(QUEUE)
        self.ended = False

    def put(self, frame: Frame) -> None:
        """Hand over a frame; a full queue ends the stream."""
        if not self.ended:
            try:
                self.frames.put_nowait(frame)
            except asyncio.QueueFull:
                self.end()

    def end(self) -> None:
        """End the stream now, without what still waits: the table has it."""
        self.ended = True
        while not self.frames.empty():
            self.frames.get_nowait()
        self.frames.put_nowait(None)


class Broadcast:
    """The process's one reader of new events and its listeners. Use as an async context manager."""

    def __init__(self, log: EventLog, *, ping_seconds: float = PING_SECONDS) -> None:
        self._log = log
        self._ping_seconds = ping_seconds
        self._listeners: dict[str, set[Listener]] = {}
        self._read_to: dict[str, int] = {}
        self._woken = asyncio.Event()
        self._closed = False
        self._reader: asyncio.Task[None] | None = None
        self._unsubscribe: Callable[[], None] = lambda: None

    async def __aenter__(self) -> Self:
        self._unsubscribe = self._log.on_commit(self._woken.set)
        self._reader = asyncio.create_task(self._read(), name="event reader")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
        self._unsubscribe()
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader

    @property
    def listeners(self) -> int:
        """How many streams are open."""
        return sum(len(group) for group in self._listeners.values())

    def close(self) -> None:
        """End every stream and open no more. From the event loop only."""
        self._closed = True
        for owner in self._listeners:
            self._end(owner)

    def open(self, owner: str, last_id: int | None) -> AsyncIterator[bytes]:
        """A stream of that person's events as bytes on the wire, from after `last_id`, or new ones only.

        Raises `StreamsClosed`.
        """
        if self._closed:
            raise StreamsClosed
        return self._stream(Listener(owner), last_id)

    async def _stream(self, listener: Listener, last_id: int | None) -> AsyncIterator[bytes]:
        oldest, newest = await self._log.event_bounds()
        horizon = self._add(listener, newest)
        self._woken.set()  # what came after the bounds were read, while perhaps nobody listened, woke nobody
        try:
            lost = last_id is not None and (last_id > newest or last_id + 1 < oldest)
            after = horizon if last_id is None or lost else last_id
            yield _opening(after) + (_reset(after) if lost else b"")
            async for frames in self._replay(listener, after, horizon):
                yield frames
            async for frames in self._live(listener, after):
                yield frames
        finally:
            self._remove(listener)

    async def _replay(self, listener: Listener, last_id: int, horizon: int) -> AsyncIterator[bytes]:
        """What is between the two in the table; later events come through the listener's queue."""
        while last_id < horizon and not listener.ended:
            events = await self._log.events_after(last_id, owner=listener.owner, limit=BATCH)
            old = [event for event in events if event.id <= horizon]
            if not old:
                return
            yield b"".join(_frame(event)[1] for event in old)
            last_id = old[-1].id

    async def _live(self, listener: Listener, last_id: int) -> AsyncIterator[bytes]:
        """What waits in the queue, as much at once as there is; a ping when nothing came for a while."""
        while True:
            try:
                async with asyncio.timeout(self._ping_seconds):
                    waiting = [await listener.frames.get()]
            except TimeoutError:
                yield format_sse_event(comment="ping")
                continue
            while not listener.frames.empty():
                waiting.append(listener.frames.get_nowait())
            fresh = [frame[1] for frame in waiting if frame is not None and frame[0] > last_id]
            if fresh:
                yield b"".join(fresh)
            if None in waiting:
                return

    def _add(self, listener: Listener, newest: int) -> int:
        """Begin to listen; returns the last event that will not come through the queue."""
        if self._closed:
            listener.end()
        self._listeners.setdefault(listener.owner, set()).add(listener)
        return self._read_to.setdefault(listener.owner, newest)

    def _remove(self, listener: Listener) -> None:
        group = self._listeners.get(listener.owner, set())
        group.discard(listener)
        if not group:  # nobody listens, nothing is read; the next stream starts from the newest event
            self._listeners.pop(listener.owner, None)
            self._read_to.pop(listener.owner, None)

    def _end(self, owner: str) -> None:
        for listener in self._listeners.get(owner, ()):
            listener.end()

    async def _read(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            for owner in tuple(self._read_to):
                try:
                    await self._fan_out(owner)
                except Exception as error:  # noqa: BLE001 - one failed read must not silence the process for ever
                    log.error("new events cannot be read (%s); streams connect again", type(error).__name__)
                    self._end(owner)

    async def _fan_out(self, owner: str) -> None:
        more = True
        while more and owner in self._read_to:
            events = await self._log.events_after(self._read_to[owner], owner=owner, limit=BATCH)
            more = len(events) == BATCH
            if owner not in self._read_to:
                return
            for frame in map(_frame, events):
                self._read_to[owner] = frame[0]
                for listener in self._listeners.get(owner, ()):
                    listener.put(frame)


def _opening(last_id: int) -> bytes:
    """The first bytes. The id has no event: it only tells the browser where to go on from if it is cut off now."""
    return format_sse_event(retry=RETRY_MS, id=str(last_id))


def _reset(horizon: int) -> bytes:
    """Tells the browser to read everything anew; the stream goes on after `horizon`."""
    return format_sse_event(event="reset", id=str(horizon), data_str=f'{{"last_event_id":{horizon}}}')


def _frame(event: EventView) -> Frame:
    return event.id, format_sse_event(event=event.kind, id=str(event.id), data_str=event.model_dump_json())
