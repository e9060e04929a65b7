"""The Gemini Developer API on loopback, over real HTTP, with scripted faults and a bill counter.

In a test:

    with GeminiEmulator() as emulator:
        emulator.script(Fate(Kind.OVERLOADED), Fate(Kind.PICTURE, held=True))
        ...                      # a client against emulator.url
        emulator.release()       # lets held answers go
        assert len(emulator.bills) == 1

By hand: `python -m tests.emulator.gemini --port 9000 --latency 2`; a word such as `fate:overloaded` in a prompt
decides what becomes of that request.

What becomes of a request is decided by the script (one fate a request, in order of arrival), else by the `decide`
callable, else by a word in the prompt, else it is `default`. A client that leaves early is still billed, as with
the vendor.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from types import TracebackType
from typing import Self, TypeVar

from tests.emulator import answers
from tests.emulator.answers import BAD_KEY, MODEL, RETIRED, Answer
from tests.emulator.fates import Fate, Kind, named_in
from tests.emulator.pictures import PictureFormat, encoded
from tests.emulator.requests import Asked, RefusedError, asked

__all__ = ["BAD_KEY", "MODEL", "RETIRED", "Asked", "Bill", "Fate", "GeminiEmulator", "Kind", "Received"]

KEY = "emulated-key"
_Result = TypeVar("_Result")
_PIECE = 1 << 18
_HEAD_LIMIT = 1 << 16
_HUGE_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Received:
    """A generateContent request that was understood. `at` is `time.monotonic()` at its arrival, in seconds."""

    id: int
    at: float
    version: str
    key: str
    asked: Asked


@dataclass(frozen=True, slots=True)
class Bill:
    """A picture that counts as generated, whether or not the client ever saw it. `at` as in `Received`."""

    request_id: int
    prompt: str
    seed: int | None
    at: float


@dataclass
class GeminiEmulator:
    """The emulator and what it has seen. Runs in its own thread with its own event loop.

    `latency` is in seconds. Attributes may be read from any thread at any time.
    """

    latency: float = 0.0
    picture_format: PictureFormat = "jpeg"
    default: Fate = field(default_factory=Fate)
    decide: Callable[[Received], Fate | None] | None = None
    port: int = 0

    requests: list[Received] = field(default_factory=list, init=False)
    refused: list[str] = field(default_factory=list, init=False)
    bills: list[Bill] = field(default_factory=list, init=False)
    posts: int = field(default=0, init=False)
    in_flight: int = field(default=0, init=False)
    most_in_flight: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._script: deque[Fate] = deque()
        self._changed = threading.Condition()
        self._held: set[asyncio.Event] = set()
        self._connections: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="gemini-emulator", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The base URL, as `GOOGLE_GEMINI_BASE_URL` takes it."""
        return f"http://127.0.0.1:{self.port}"

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
            for event in tuple(self._held):
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
        version, _, path = target.partition("?")[0].lstrip("/").partition("/")
        key = headers.get("x-goog-api-key", "")
        if version not in ("v1", "v1beta"):
            answer = answers.error(404, "NOT_FOUND", "Not found.")
        elif not key:
            answer = answers.no_key()
        elif key == BAD_KEY:
            answer = answers.bad_key()
        elif method == "GET":
            answer = self._models(version, path)
        else:
            return await self._generate(reader, writer, version, path, key, body)
        self.posts += method == "POST"
        return await _send(writer, answer)

    def _models(self, version: str, path: str) -> Answer:
        if path == "models":
            return answers.listing()
        return answers.one_model() if path == f"models/{MODEL}" else answers.not_found(path[7:], version)

    async def _generate(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        version: str,
        path: str,
        key: str,
        body: bytes,
    ) -> bool:
        self.posts += 1
        if path != f"models/{MODEL}:generateContent":
            self._tell()
            return await _send(writer, answers.not_found(path[7:].partition(":")[0], version))
        try:
            what = asked(body)
        except RefusedError as error:
            self.refused.append(str(error))
            self._tell()
            return await _send(writer, answers.error(400, "INVALID_ARGUMENT", str(error)))
        received = Received(self.posts, time.monotonic(), version, key, what)
        fate = self._fate(received)
        self.requests.append(received)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        self._tell()
        try:
            return await self._live(reader, writer, received, fate)
        finally:
            self.in_flight -= 1
            self._tell()

    def _fate(self, received: Received) -> Fate:
        if self._script:
            return self._script.popleft()
        decided = self.decide(received) if self.decide else None
        return decided or named_in(received.asked.prompt) or self.default

    async def _live(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, received: Received, fate: Fate
    ) -> bool:
        await asyncio.sleep(self.latency if fate.latency is None else fate.latency)
        if fate.held:
            event = asyncio.Event()
            self._held.add(event)
            try:
                await event.wait()
            finally:
                self._held.discard(event)
        what = received.asked
        if fate.bills:
            self.bills.append(Bill(received.id, what.prompt, what.seed, time.monotonic()))
            self._tell()
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
        answer = answers.refusal(fate, what.prompt)
        if answer is None:
            if fate.kind is Kind.PICTURE:  # the first picture of a shape takes a while to make: not on the loop
                await asyncio.to_thread(encoded, what.aspect_ratio, what.image_size, self.picture_format)
            answer = answers.success(fate, what, received.id, self.picture_format)
        if fate.kind is Kind.CUT_BODY:
            return await _send_half(writer, answer)
        return await _send(writer, answer, pauses=fate.kind is Kind.SLOW_BODY)


def _head(answer: Answer, length: str) -> bytes:
    phrase = HTTPStatus(answer.status).phrase
    lines = (f"HTTP/1.1 {answer.status} {phrase}", f"Content-Type: {answer.content_type}", length, "", "")
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
    writer.write(b"".join(answer.pieces[:2]))
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


def main() -> None:
    """Serve until interrupted, and then say what was seen."""
    parser = argparse.ArgumentParser(prog="python -m tests.emulator.gemini", description=__doc__)
    parser.formatter_class = partial(argparse.RawDescriptionHelpFormatter, max_help_position=32)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--latency", type=float, default=2.0, help="seconds that a picture takes")
    parser.add_argument("--format", choices=("jpeg", "png"), default="jpeg", help="what pictures are")
    parser.add_argument(
        "--size", action="append", default=[], help="prepare 1:1 pictures of this size (1K, 2K, 4K)"
    )
    parser.add_argument("--fate", type=Kind, default=Kind.PICTURE, help=", ".join(Kind))
    options = parser.parse_args()
    for size in options.size:
        encoded("1:1", size, options.format)
    emulator = GeminiEmulator(options.latency, options.format, Fate(options.fate), port=options.port)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell starts background jobs with SIGINT ignored
        signal.signal(number, lambda *_: stop.set())
    with emulator:
        print(f"Gemini emulator on {emulator.url}, model {MODEL}, any key but {BAD_KEY!r}", flush=True)  # noqa: T201
        stop.wait()
    seen = f"{emulator.posts} posts, {len(emulator.bills)} billed, {emulator.most_in_flight} at once"
    print(seen, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
