"""OpenAI's Images API on loopback, over real HTTP, with scripted faults and a bill counter.

    with OpenAiEmulator() as emulator:
        emulator.script(Kind.OVERLOADED)
        ...                      # a client against emulator.url
        assert emulator.bills == []

What becomes of a request is told in `tests.emulator.server`.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import ClassVar

from tests.emulator import openai_answers as answers
from tests.emulator.fates import Fate
from tests.emulator.openai_requests import MODELS, Asked, RefusedError, asked
from tests.emulator.server import BAD_KEY, Answer, Call, Emulator, Received


@dataclass
class OpenAiEmulator(Emulator[Asked]):
    """The routes `images/generations`, `images/edits` and `models/ID` of v1."""

    name: ClassVar[str] = "openai"

    @property
    def url(self) -> str:
        """The base URL, as `OPENAI_BASE_URL` takes it."""
        return f"http://127.0.0.1:{self.port}/v1"

    def understand(self, call: Call) -> Received[Asked] | Answer:
        """A request for a picture, or the answer to what is none."""
        version, _, path = call.path.lstrip("/").partition("/")
        scheme, _, key = call.headers.get("authorization", "").partition(" ")
        if version != "v1":
            return answers.error(404, None, "invalid_request_error", f"Invalid URL ({call.method} {call.path})")
        if scheme != "Bearer" or key in ("", BAD_KEY):
            return answers.bad_key()
        if call.method == "GET" and path.startswith("models/"):
            model = path.removeprefix("models/")
            return answers.one_model(model) if model in MODELS else answers.not_found(model)
        if call.method != "POST" or path not in ("images/generations", "images/edits"):
            return answers.error(404, None, "invalid_request_error", f"Invalid URL ({call.method} {call.path})")
        try:
            what = asked(path, call.headers.get("content-type", ""), call.body)
        except RefusedError as error:
            self.refused.append(str(error))
            return answers.error(400, "invalid_value", "invalid_request_error", str(error))
        if what.model not in MODELS:
            return answers.not_found(what.model)
        return Received(self.posts, time.monotonic(), version, key, what)

    def refusal(self, fate: Fate, received: Received[Asked]) -> Answer | None:
        """The error of a fate that is one."""
        return answers.refusal(fate, received.asked)

    async def success(self, fate: Fate, received: Received[Asked]) -> Answer:
        """The 200 of a fate that is one."""
        # The first picture of a shape takes a while to make: not on the loop.
        return await asyncio.to_thread(answers.success, fate, received.asked, received.id)
