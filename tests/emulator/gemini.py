"""The Gemini Developer API on loopback, over real HTTP, with scripted faults and a bill counter.

In a test:

    with GeminiEmulator() as emulator:
        emulator.script(Fate(Kind.OVERLOADED), Fate(Kind.PICTURE, held=True))
        ...                      # a client against emulator.url
        emulator.release()       # lets held answers go
        assert len(emulator.bills) == 1

By hand: `python -m tests.emulator.gemini --port 9000 --latency 2`; a word such as `fate:overloaded` in a prompt
decides what becomes of that request.

What becomes of a request is told in `tests.emulator.server`.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import threading
import time
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from tests.emulator import answers
from tests.emulator.answers import MODEL, RETIRED
from tests.emulator.fates import Fate, Kind
from tests.emulator.pictures import PictureFormat, encoded
from tests.emulator.requests import Asked, RefusedError, asked
from tests.emulator.server import BAD_KEY, KEY, Answer, Bill, Call, Emulator, Received

__all__ = ["BAD_KEY", "KEY", "MODEL", "RETIRED", "Asked", "Bill", "Fate", "GeminiEmulator", "Kind", "Received"]


@dataclass
class GeminiEmulator(Emulator[Asked]):
    """The generateContent route of v1 and v1beta, and the model list."""

    name: ClassVar[str] = "gemini"

    picture_format: PictureFormat = "jpeg"

    @property
    def url(self) -> str:
        """The base URL, as `GOOGLE_GEMINI_BASE_URL` takes it."""
        return f"http://127.0.0.1:{self.port}"

    def understand(self, call: Call) -> Received[Asked] | Answer:
        """A generateContent request, or the answer to what is none."""
        version, _, path = call.path.lstrip("/").partition("/")
        key = call.headers.get("x-goog-api-key", "")
        if version not in ("v1", "v1beta"):
            return answers.error(404, "NOT_FOUND", "Not found.")
        if not key:
            return answers.no_key()
        if key == BAD_KEY:
            return answers.bad_key()
        if call.method == "GET":
            return _models(version, path)
        if path != f"models/{MODEL}:generateContent":
            return answers.not_found(path[7:].partition(":")[0], version)
        try:
            what = asked(call.body)
        except RefusedError as error:
            self.refused.append(str(error))
            return answers.error(400, "INVALID_ARGUMENT", str(error))
        return Received(self.posts, time.monotonic(), version, key, what)

    def refusal(self, fate: Fate, received: Received[Asked]) -> Answer | None:
        """The error of a fate that is one."""
        return answers.refusal(fate, received.asked.prompt)

    async def success(self, fate: Fate, received: Received[Asked]) -> Answer:
        """The 200 of a fate that is one."""
        what = received.asked
        if fate.kind is Kind.PICTURE:  # the first picture of a shape takes a while to make: not on the loop
            await asyncio.to_thread(encoded, what.aspect_ratio, what.image_size, self.picture_format)
        return answers.success(fate, what, received.id, self.picture_format)


def _models(version: str, path: str) -> Answer:
    if path == "models":
        return answers.listing()
    return answers.one_model() if path == f"models/{MODEL}" else answers.not_found(path[7:], version)


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
    emulator = GeminiEmulator(
        options.latency, Fate(options.fate), port=options.port, picture_format=options.format
    )
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
