"""An image server deployed on Modal, behind Modal's gateway, on loopback.

The gateway wants the proxy token. A call that takes too long for one request is answered with 303 and an address
where its result can be read: that is a held picture, and what only vendors know who work on jobs. What becomes of
a request is told in `tests.emulator.server`.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import ClassVar

from tests.emulator.compatible import ROUTES, Asked, RefusedError, asked, link_to, refusal, success
from tests.emulator.fates import OF_JOBS, Fate, Kind
from tests.emulator.jobs import Job, JobEmulator
from tests.emulator.openai_answers import error
from tests.emulator.server import BAD_KEY, Answer, Call, Emulator, Received

SECRET = "emulated-secret"
_LINKS = {Kind.LINK_GONE, Kind.LINK_PRIVATE, Kind.LINK_HUGE, Kind.LINK_CUT}


def takes_long(fate: Fate) -> bool:
    """Whether the call outlives its request."""
    return fate.kind in OF_JOBS or (fate.held and fate.kind is Kind.PICTURE)


@dataclass
class ModalEmulator(JobEmulator[Asked]):
    """The routes `images/generations` and `images/edits` of v1; the id of a job is the address of its result."""

    name: ClassVar[str] = "modal"

    @property
    def url(self) -> str:
        """The base URL, as `MODAL_ENDPOINT_URL` takes it."""
        return f"http://127.0.0.1:{self.port}/v1"

    def job_id(self, received: Received[Asked]) -> str:
        """The address where the result of a request is read."""
        return f"{self.url}/images/generations?__modal_function_call_id=fc-{received.id}"

    def link(self, job: Job[Asked]) -> str:
        """Where the job's picture is; on the endpoint itself unless it is private."""
        return super().link(job) if job.fate.kind is Kind.LINK_PRIVATE else f"/files/{job.received.id}"

    def understand(self, call: Call) -> Received[Asked] | Answer:
        """A request for a picture, or the answer to what is none."""
        key, secret = call.headers.get("modal-key", ""), call.headers.get("modal-secret")
        if key in ("", BAD_KEY) or secret != SECRET:
            return Answer(401, [b"modal-http: missing credentials for proxy authorization"], "text/plain")
        if call.method == "GET":
            return self._read(call)
        version, _, route = call.path.lstrip("/").partition("/")
        if version != "v1" or route not in ROUTES:
            return Answer(404, [b'{"detail":"Not Found"}'])
        try:
            what = asked(route, call.headers.get("content-type", ""), call.body)
        except RefusedError as refused:
            self.refused.append(str(refused))
            return error(400, "invalid_value", "invalid_request_error", str(refused))
        return Received(self.posts, time.monotonic(), version, key, what)

    def _read(self, call: Call) -> Answer:
        for job in self.jobs.values():
            if call.path == f"/files/{job.received.id}":
                what = job.received.asked
                found = self.file(replace(call, path=f"/files/{job.id}"), what.width, what.height, "png")
                assert found is not None
                return found
        looked = self.looked_at(f"http://127.0.0.1:{self.port}{call.path}?{call.query}")
        if looked is None:
            return Answer(404, [b"modal-http: invalid function call"], "text/plain")
        return looked if isinstance(looked, Answer) else self._result(looked)

    def _result(self, job: Job[Asked]) -> Answer:
        match job.state:
            case "running":
                return Answer(303, [], headers={"Location": job.id})
            case "failed" | "stopped":
                return Answer(500, [b"Internal Server Error"], "text/plain")
        if job.fate.kind in _LINKS:
            return link_to(self.link(job))
        return success(job.fate, job.received.asked, job.received.id)

    def refusal(self, fate: Fate, received: Received[Asked]) -> Answer | None:
        """The error of a fate that is one."""
        return refusal(fate, received.asked.prompt)

    async def success(self, fate: Fate, received: Received[Asked]) -> Answer:
        """The 200 of a fate that is one, or the 303 of one that takes long."""
        if takes_long(fate):
            return Answer(303, [], headers={"Location": self.job_id(received)})
        # The first picture of a shape takes a while to make: not on the loop.
        return await asyncio.to_thread(success, fate, received.asked, received.id)

    async def _work(self, fate: Fate, received: Received[Asked]) -> None:
        if takes_long(fate):
            await super()._work(fate, received)
        else:
            await Emulator._work(self, fate, received)
