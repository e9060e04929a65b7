"""RunPod's serverless API on loopback, over real HTTP, with scripted faults and a bill counter.

One endpoint, whose worker takes the fields that RunPod's public image endpoints share and answers as they do;
`form` makes it answer as another worker would. What becomes of a request is told in `tests.emulator.server`.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tests.emulator.fates import Fate, Kind
from tests.emulator.jobs import Job, JobEmulator
from tests.emulator.pictures import encoded_at
from tests.emulator.server import BAD_KEY, Answer, Call, Received, json_answer

ENDPOINT = "emulated-endpoint"
COST = 0.0025
"""Dollars for a picture, as the answer tells them."""
_FIELDS = {
    "prompt",
    "negative_prompt",
    "width",
    "height",
    "seed",
    "num_inference_steps",
    "guidance",
    "image_format",
}
_EDGES = range(256, 1537, 64)
_STATES = {"running": "IN_PROGRESS", "failed": "FAILED", "stopped": "CANCELLED", "finished": "COMPLETED"}

Form = Callable[[str, bytes], object]
"""An output, made of the picture's link and its bytes."""


def public(link: str, _: bytes) -> object:
    """As RunPod's public endpoints answer."""
    return {"image_url": link, "cost": COST}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a job asks for. `fields` is its input as it came."""

    prompt: str
    width: int
    height: int
    seed: int | None
    fields: Mapping[str, Any] = field(repr=False)

    @property
    def references(self) -> tuple[tuple[str, bytes], ...]:
        """The worker takes none."""
        return ()


class RefusedError(Exception):
    """The job is refused with a 400."""


@dataclass
class RunPodEmulator(JobEmulator[Asked]):
    """The routes `run`, `status/ID`, `cancel/ID` and `health` of one endpoint."""

    name: ClassVar[str] = "runpod"

    form: Form = public

    @property
    def url(self) -> str:
        """The base URL, as `RUNPOD_ENDPOINT_BASE_URL` takes it."""
        return f"http://127.0.0.1:{self.port}/v2"

    def forget(self) -> None:
        super().forget()
        self.form = public

    def job_id(self, received: Received[Asked]) -> str:
        """An id in the vendor's form."""
        return f"{received.id:08x}-0000-4000-8000-000000000000-u1"

    def may_bill(self, call: Call) -> bool:
        """Cancelling is a POST, too, and costs nothing."""
        return call.path.endswith("/run")

    def understand(self, call: Call) -> Received[Asked] | Answer:
        """A job, or the answer to what is none."""
        if call.path.startswith("/files/"):
            return self._file(call) or Answer(404, [b"not found"], "text/plain")
        scheme, _, key = call.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or key in ("", BAD_KEY):
            return Answer(401, [b""])
        match call.method, call.path.removeprefix("/v2/").split("/"):
            case "POST", [endpoint, "run"] if endpoint == ENDPOINT:
                try:
                    return Received(self.posts, time.monotonic(), "v2", key, asked(call.body))
                except RefusedError as error:
                    self.refused.append(str(error))
                    return json_answer(400, {"error": str(error)})
            case "GET", [endpoint, "status", job] if endpoint == ENDPOINT:
                return self._stands(job)
            case "POST", [endpoint, "cancel", job] if endpoint == ENDPOINT:
                stopped = self.stop_job(job)
                state = {"id": job, "status": _STATES[stopped.state]} if stopped else None
                return json_answer(404, {"error": "job not found"}) if state is None else json_answer(200, state)
            case "GET", [endpoint, "health"] if endpoint == ENDPOINT:
                jobs = {"completed": len(self.jobs), "failed": 0, "inProgress": 0, "inQueue": 0, "retried": 0}
                return json_answer(200, {"jobs": jobs, "workers": {"idle": 1, "running": 0}})
        return json_answer(404, {"error": "endpoint not found"})

    def refusal(self, fate: Fate, received: Received[Asked]) -> Answer | None:
        """The error of a fate that is one. Where the vendor may repeat the prompt, this one does."""
        prompt = received.asked.prompt
        match fate.kind:
            case Kind.RATE_LIMITED | Kind.DAILY_QUOTA:
                headers = {"retry-after": fate.retry_delay.rstrip("s")} if fate.retry_delay else {}
                return Answer(429, [b"Too Many Requests"], "text/plain", headers)
            case Kind.ZERO_QUOTA | Kind.FAILED_PRECONDITION:
                return json_answer(402, {"error": "insufficient balance"})
            case Kind.OVERLOADED:
                return Answer(503, [b"<html>503</html>"], "text/html")
            case Kind.INTERNAL:
                return json_answer(500, {"error": "internal error"})
            case Kind.BAD_GATEWAY:
                return Answer(502, [f"<html><title>502 Bad Gateway</title>{prompt}".encode()], "text/html")
            case Kind.DEADLINE:
                return Answer(504, [b"<html><title>504 Gateway Time-out</title>"], "text/html")
            case Kind.BAD_REQUEST:
                return json_answer(400, {"error": f"bad request: {prompt}"})
            case Kind.BAD_KEY | Kind.UNAUTHENTICATED:
                return Answer(401, [b""])
            case Kind.PERMISSION_DENIED:
                return json_answer(403, {"error": "forbidden"})
            case Kind.NOT_FOUND:
                return json_answer(404, {"error": "endpoint not found"})
        return None

    async def success(self, fate: Fate, received: Received[Asked]) -> Answer:
        """The answer to a job that was taken in."""
        match fate.kind:
            case Kind.GARBAGE_BODY | Kind.GARBAGE_BASE64:
                return Answer(200, [b"\x89\xff{not json", received.asked.prompt.encode()])
            case Kind.WRONG_SHAPE:
                return json_answer(200, ["id", {"status": 1}])
        # The first picture of a shape takes a while to make: not on the loop, and before it is asked about.
        await asyncio.to_thread(encoded_at, received.asked.width, received.asked.height, "png")
        return json_answer(200, {"id": self.job_id(received), "status": "IN_QUEUE"})

    def _stands(self, job_id: str) -> Answer:
        job = self.looked_at(job_id)
        if isinstance(job, Answer):
            return job
        if job is None:
            return json_answer(404, {"error": "job not found"})
        told: dict[str, object] = {
            "id": job_id,
            "status": _STATES[job.state],
            "delayTime": 31,
            "executionTime": 1437,
        }
        prompt = job.received.asked.prompt
        if job.state == "failed" or job.fate.kind is Kind.PROMPT_BLOCK:
            return json_answer(
                200, told | {"status": "FAILED", "error": f"the worker raised an error at {prompt}"}
            )
        if job.state == "finished":
            told |= {"output": self._output(job), "workerId": "u1"}
        return json_answer(200, told)

    def _output(self, job: Job[Asked]) -> object:
        match job.fate.kind:
            case Kind.EMPTY:
                return None
            case Kind.NO_IMAGE | Kind.IMAGE_SAFETY:
                return {"status": f"nothing to show for {job.received.asked.prompt}"}
        what = job.received.asked
        return self.form(self.link(job), encoded_at(what.width, what.height, "png").picture(job.received.id))

    def _file(self, call: Call) -> Answer | None:
        job = self.jobs.get(call.path.rpartition("/")[2])
        if job is None:
            return None
        what = job.received.asked
        return self.file(call, what.width, what.height, "jpeg" if job.fate.kind is Kind.WRONG_MIME else "png")


def asked(body: bytes) -> Asked:
    """The body as a job. Raises `RefusedError` for what a worker that checks its input refuses."""
    try:
        decoded = json.loads(body)
    except ValueError:
        raise RefusedError("the body is no JSON") from None
    if not isinstance(decoded, dict) or not set(decoded) <= {"input", "webhook", "policy", "s3Config"}:
        raise RefusedError("an object with input is expected")
    given = decoded.get("input")
    if not isinstance(given, dict) or not set(given) <= _FIELDS:
        raise RefusedError("Unexpected input.")
    prompt, seed = given.get("prompt"), given.get("seed")
    width, height = given.get("width", 1024), given.get("height", 1024)
    if not isinstance(prompt, str) or not prompt:
        raise RefusedError("prompt is a required input.")
    if width not in _EDGES or height not in _EDGES:
        raise RefusedError("width and height do not meet the constraints.")
    if seed is not None and not isinstance(seed, int):
        raise RefusedError("seed should be an integer.")
    return Asked(prompt, width, height, seed, given)


def in_base64(data: bytes) -> str:
    """Bytes as workers put them into an output."""
    return base64.b64encode(data).decode()
