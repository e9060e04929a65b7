"""A local image server on loopback: stable-diffusion.cpp's manners, or another's where it lists other models.

It has no key and bills nothing; its `bills` count the pictures that it made. What becomes of a request is told in
`tests.emulator.server`.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from dataclasses import dataclass, replace
from typing import ClassVar

from tests.emulator.compatible import ROUTES, Asked, RefusedError, asked, link_to, refusal, success
from tests.emulator.fates import Fate
from tests.emulator.pictures import encoded_at
from tests.emulator.server import Answer, Call, Emulator, Received

SD_SERVER = "sd-cpp-local"
_FURTHER = re.compile(r"<sd_cpp_extra_args>(.*?)</sd_cpp_extra_args>")


@dataclass
class LocalEmulator(Emulator[Asked]):
    """The routes `images/generations`, `images/edits` and `models` of v1.

    `lists` are the models that it tells of, with `models_status` as that answer's status, `routes` those of its
    routes that make pictures. With `links` it answers with links, whose files are not there where `gone` is set.
    """

    name: ClassVar[str] = "local"

    lists: tuple[str, ...] = (SD_SERVER,)
    routes: tuple[str, ...] = ROUTES
    links: bool = False
    gone: bool = False
    models_status: int = 200

    def forget(self) -> None:
        super().forget()
        self.lists, self.routes = (SD_SERVER,), ROUTES
        self.links = self.gone = False
        self.models_status = 200

    @property
    def url(self) -> str:
        """The base URL, as `IMAGEGEN_LOCAL_BASE_URL` takes it."""
        return f"http://127.0.0.1:{self.port}/v1"

    def understand(self, call: Call) -> Received[Asked] | Answer:
        """A request for a picture, or the answer to what is none."""
        version, _, route = call.path.lstrip("/").partition("/")
        if (call.method, call.path) == ("GET", "/v1/models"):
            entries = [{"id": one, "object": "model", "owned_by": "local"} for one in self.lists]
            return Answer(self.models_status, [json.dumps({"data": entries}).encode()])
        if call.method == "GET" and version == "files" and not self.gone:
            received = next(one for one in self.requests if str(one.id) == route)
            size = received.asked.width, received.asked.height
            return Answer(200, [encoded_at(*size, "png").picture(received.id)], "image/png")
        if version != "v1" or call.method != "POST" or route not in self.routes:
            return Answer(404, [b""], "text/plain")
        try:
            what = asked(route, call.headers.get("content-type", ""), call.body)
        except RefusedError as error:
            self.refused.append(str(error))
            return Answer(400, [json.dumps({"error": str(error)}).encode()])
        return Received(self.posts, time.monotonic(), version, "", self._as_it_reads(what))

    def _as_it_reads(self, what: Asked) -> Asked:
        """stable-diffusion.cpp takes its seed from a tag in the prompt, and not from the field."""
        if SD_SERVER not in self.lists:
            return what
        found = _FURTHER.search(what.prompt)
        seed = json.loads(found[1]).get("seed") if found else None
        return replace(what, prompt=_FURTHER.sub("", what.prompt), seed=seed)

    def refusal(self, fate: Fate, received: Received[Asked]) -> Answer | None:
        """The error of a fate that is one."""
        return refusal(fate, received.asked.prompt)

    async def success(self, fate: Fate, received: Received[Asked]) -> Answer:
        """The 200 of a fate that is one."""
        if self.links:
            return link_to(f"/files/{received.id}")
        # The first picture of a shape takes a while to make: not on the loop.
        return await asyncio.to_thread(success, fate, received.asked, received.id)
