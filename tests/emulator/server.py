"""A vendor's API on loopback, over real HTTP, with scripted faults and a bill counter: what all of them share.

What becomes of a request is decided by the script (one fate a request, in order of arrival), else by the `decide`
callable, else by a word in the prompt, else it is `default`. A client that leaves early is still billed, as with
the vendors.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from types import TracebackType
from typing import ClassVar, Generic, Protocol, Self, TypeVar

from tests.emulator.fates import Fate, Kind, named_in

KEY = "emulated-key"
BAD_KEY = "bad-key"
_PIECE = 1 << 18
_HEAD_LIMIT = 1 << 16
_HUGE_BYTES = 1 << 30


class Understood(Protocol):
    """What a request asks for, as far as every vendor has it."""

    @property
    def prompt(self) -> str: ...
    @property
    def seed(self) -> int | None: ...


_Asked = TypeVar("_Asked", bound=Understood)
_Result = TypeVar("_Result")


CLOSED, ENDLESS, CUT = 0, -1, -2
"""In the place of a status: the connection is closed without an answer; the body never ends, or breaks off."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a body in pieces, with further headers."""

    status: int
    pieces: Sequence[bytes]
    content_type: str = "application/json; charset=UTF-8"
    headers: Mapping[str, str] = field(default_factory=dict)


def json_answer(status: int, body: object) -> Answer:
    """An answer with a body of JSON."""
    return Answer(status, [json.dumps(body).encode()])


@dataclass(frozen=True, slots=True)
class Received(Generic[_Asked]):
    """A request for a picture that was understood. `at` is `time.monotonic()` at its arrival, in seconds."""

    id: int
    at: float
    version: str
    key: str
    asked: _Asked


@dataclass(frozen=True, slots=True)
class Bill:
    """A picture that counts as generated, whether or not the client ever saw it. `at` as in `Received`."""

    request_id: int
    prompt: str
    seed: int | None
    at: float


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request as it arrived. The names of `headers` are in lower case; `query` is not part of `path`."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    query: str = ""


@dataclass
class Emulator(ABC, Generic[_Asked]):
    """The emulator and what it has seen. Runs in its own thread with its own event loop.

    `latency` is in seconds. Attributes may be read from any thread at any time.
    """

    name: ClassVar[str]

    latency: float = 0.0
    default: Fate = field(default_factory=Fate)
    decide: Callable[[Received[_Asked]], Fate | None] | None = None
    port: int = 0

    requests: list[Received[_Asked]] = field(default_factory=list, init=False)
    refused: list[str] = field(default_factory=list, init=False)
    bills: list[Bill] = field(default_factory=list, init=False)
    posts: int = field(default=0, init=False)
    in_flight: int = field(default=0, init=False)
    most_in_flight: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._script: deque[Fate] = deque()
        self._changed = threading.Condition()
        self._held: dict[int, asyncio.Event] = {}
        self._connections: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"{self.name}-emulator", daemon=True)

    @property
    @abstractmethod
    def url(self) -> str:
        """The base URL, as the vendor's setting takes it."""

    @abstractmethod
    def understand(self, call: Call) -> Received[_Asked] | Answer:
        """A request for a picture, or the answer to anything else and to what the vendor would refuse."""

    def may_bill(self, call: Call) -> bool:
        """Whether a POST is one that asks for a picture; others are not counted."""
        return True

    @abstractmethod
    def refusal(self, fate: Fate, received: Received[_Asked]) -> Answer | None:
        """The error of a fate that is one."""

    @abstractmethod
    async def success(self, fate: Fate, received: Received[_Asked]) -> Answer:
        """The 200 of a fate that is one."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listen on `port`, or on a free one when it is 0."""
        self._thread.start()
        self._server = self._call(
            asyncio.start_server(self._connection, "127.0.0.1", self.port, limit=_HEAD_LIMIT)
        )
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Close every connection and end the thread."""
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def forget(self) -> None:
        """Drop what was seen and scripted; for a new test on the same emulator, when nothing is in flight."""
        self._script.clear()
        for seen in (self.requests, self.refused, self.bills):
            seen.clear()
        self.posts = self.most_in_flight = 0
        self.decide, self.default = None, Fate()

    def script(self, *fates: Fate | Kind) -> None:
        """Append fates, one for each request that is to come."""
        self._script.extend(fate if isinstance(fate, Fate) else Fate(fate) for fate in fates)

    def release(self) -> None:
        """Let the held answers go that have arrived by now."""

        def set_all() -> None:
            for event in tuple(self._held.values()):
                event.set()

        self._loop.call_soon_threadsafe(set_all)

    def wait_for(self, met: Callable[[Self], bool], timeout: float = 10.0) -> None:
        """Block until the condition holds of this emulator; from async code call it with `asyncio.to_thread`.

        Raises `TimeoutError`.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: met(self), timeout):
                raise TimeoutError("the emulator did not come to the expected state")

    def _call(self, coroutine: Coroutine[object, object, _Result]) -> _Result:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=10)

    async def _close(self) -> None:
        self._server.close()
        for task in tuple(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _tell(self) -> None:
        with self._changed:
            self._changed.notify_all()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while await self._exchange(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client left, or the emulator is being stopped
        finally:
            self._connections.discard(task)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; False ends the connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        path, _, query = target.partition("?")
        call = Call(method, path, headers, body, query)
        self.posts += method == "POST" and self.may_bill(call)
        understood = self.understand(call)
        if isinstance(understood, Answer):
            self._tell()
            if understood.status == CUT:
                return await _send_half(writer, replace(understood, status=200))
            if understood.status in (CLOSED, ENDLESS):
                return understood.status == ENDLESS and await _send_without_end(writer)
            return await _send(writer, understood)
        fate = self._fate(understood)
        if fate.held:  # from now on, so that no release comes too early for whoever sees the request
            self._held[understood.id] = asyncio.Event()
        self.requests.append(understood)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        self._tell()
        try:
            return await self._live(reader, writer, understood, fate)
        finally:
            self.in_flight -= 1
            self._tell()

    def _fate(self, received: Received[_Asked]) -> Fate:
        if self._script:
            return self._script.popleft()
        decided = self.decide(received) if self.decide else None
        return decided or named_in(received.asked.prompt) or self.default

    async def _live(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, received: Received[_Asked], fate: Fate
    ) -> bool:
        await asyncio.sleep(self.latency if fate.latency is None else fate.latency)
        await self._work(fate, received)
        match fate.kind:
            case Kind.HANG:
                await reader.read()  # ends when the client leaves
                return False
            case Kind.DROP_BEFORE | Kind.DROP_AFTER:
                return False
            case Kind.RESET:
                _reset(writer)
                return False
            case Kind.HUGE:
                return await _send_without_end(writer)
        answer = self.refusal(fate, received)
        if answer is None:
            answer = await self.success(fate, received)
        if fate.kind is Kind.CUT_BODY:
            return await _send_half(writer, answer)
        return await _send(writer, answer, pauses=fate.kind is Kind.SLOW_BODY)

    async def _work(self, fate: Fate, received: Received[_Asked]) -> None:
        """What the vendor does before it answers: make the picture, which is when it bills."""
        if fate.held:
            await self._until_released(received)
        if fate.bills:
            self._bill(received)

    async def _until_released(self, received: Received[_Asked]) -> None:
        try:
            await self._held[received.id].wait()
        finally:
            del self._held[received.id]

    def _bill(self, received: Received[_Asked]) -> None:
        self.bills.append(Bill(received.id, received.asked.prompt, received.asked.seed, time.monotonic()))
        self._tell()


_PHRASES = {status.value: status.phrase for status in HTTPStatus}


def _head(answer: Answer, length: str) -> bytes:
    phrase = _PHRASES.get(answer.status, "Not In The Standard")
    further = (f"{name}: {value}" for name, value in answer.headers.items())
    content_type = f"Content-Type: {answer.content_type}"
    lines = (f"HTTP/1.1 {answer.status} {phrase}", content_type, *further, length, "", "")
    return "\r\n".join(lines).encode()


async def _send(writer: asyncio.StreamWriter, answer: Answer, *, pauses: bool = False) -> bool:
    """Send the answer in slices that share its memory. True: the connection can be used again."""
    writer.write(_head(answer, f"Content-Length: {sum(map(len, answer.pieces))}"))
    for piece in answer.pieces:
        view = memoryview(piece)
        for start in range(0, len(view), _PIECE):
            writer.write(view[start : start + _PIECE])
            await writer.drain()
            if pauses:
                await asyncio.sleep(0.05)
    return True


async def _send_half(writer: asyncio.StreamWriter, answer: Answer) -> bool:
    writer.write(_head(answer, f"Content-Length: {sum(map(len, answer.pieces))}"))
    whole = b"".join(answer.pieces)
    writer.write(whole[: len(whole) // 2])
    await writer.drain()
    return False


async def _send_without_end(writer: asyncio.StreamWriter) -> bool:
    writer.write(_head(Answer(200, ()), "Transfer-Encoding: chunked"))
    chunk = b"40000\r\n" + b" " * 0x40000 + b"\r\n"
    for _ in range(_HUGE_BYTES // len(chunk)):
        writer.write(chunk)
        await writer.drain()
    return False


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close by RST: no lingering, nothing more is sent."""
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
