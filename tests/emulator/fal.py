"""fal's queue on loopback, over real HTTP, with scripted faults and a bill counter.

    with FalEmulator() as emulator:
        emulator.script(Kind.OVERLOADED)
        ...                      # a client against emulator.url
        assert emulator.bills == []

What becomes of a request is told in `tests.emulator.server`, how jobs live in `tests.emulator.jobs`.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import ClassVar

from tests.emulator.fal_requests import MODELS, Asked, RefusedError, asked
from tests.emulator.fates import Fate, Kind
from tests.emulator.jobs import Job, JobEmulator
from tests.emulator.server import BAD_KEY, Answer, Call, Received, json_answer

_REQUEST = re.compile(r"/([\w.-]+/[\w.-]+/requests/[\w-]+?)(/status|/cancel)?")


@dataclass
class FalEmulator(JobEmulator[Asked]):
    """The queue's routes. The id of a job is `OWNER/APP/requests/REQUEST`; the vendor's own is its last part."""

    name: ClassVar[str] = "fal"

    @property
    def url(self) -> str:
        """The base URL, as `FAL_QUEUE_BASE_URL` takes it."""
        return f"http://127.0.0.1:{self.port}"

    def job_id(self, received: Received[Asked]) -> str:
        return f"{received.asked.app}/requests/{received.id:08d}-0000-4000-8000-000000000000"

    def understand(self, call: Call) -> Received[Asked] | Answer:
        """A request for a picture, or the answer to what is none."""
        job = self.jobs.get(call.path.removeprefix("/files/"))
        if job is not None:  # links to pictures need no key
            what = job.received.asked
            made = job.fate.made(what.output_format)
            return self.file(call, what.width, what.height, made) or _error(404, "Not found")
        scheme, _, key = call.headers.get("authorization", "").partition(" ")
        if scheme != "Key" or key in ("", BAD_KEY):
            return _error(401, "Cannot access application. Authentication is required to access it.")
        if found := _REQUEST.fullmatch(call.path):
            return self._about(call.method, found[1], found[2])
        model = call.path.lstrip("/")
        if call.method != "POST" or model not in MODELS:
            return _error(404, f"Application '{model}' not found")
        try:
            what = asked(model, call.body, call.headers.get("x-fal-no-retry"))
        except RefusedError as error:
            self.refused.append(str(error))
            return _model_error(422, error.kind, error.message, error.loc)
        return Received(self.posts, time.monotonic(), "queue", key, what)

    def refusal(self, fate: Fate, received: Received[Asked]) -> Answer | None:
        """The error of a fate that is one."""
        return refusal(fate, received.asked)

    async def success(self, fate: Fate, received: Received[Asked]) -> Answer:
        """The 200 of a fate that is one."""
        match fate.kind:
            case Kind.GARBAGE_BODY:
                return Answer(200, [b"\x89\xff{not json", received.asked.prompt.encode()])
            case Kind.WRONG_SHAPE:
                return json_answer(200, ["request_id", {"status": 1}])
        return json_answer(200, self._standing(self.job_id(received), "IN_QUEUE") | {"queue_position": 0})

    def _about(self, method: str, job_id: str, what: str | None) -> Answer:
        """The answer to a request about a job: its status, its result, or the wish to cancel it."""
        if (method, what) == ("PUT", "/cancel"):
            job = self.jobs.get(job_id)
            ended = job is not None and job.state != "running"
            if self.stop_job(job_id) is None:
                return json_answer(404, {"status": "NOT_FOUND"})
            return json_answer(400, {"status": "ALREADY_COMPLETED"}) if ended else json_answer(202, _REQUESTED)
        if (method, what) == ("GET", "/status"):
            seen = self.looked_at(job_id)
            if isinstance(seen, Answer):
                return seen
            if seen is None:
                return _error(404, "Request not found")
            ended = seen.state != "running"
            return json_answer(
                200 if ended else 202, self._standing(job_id, "COMPLETED" if ended else "IN_PROGRESS")
            )
        job = self.jobs.get(job_id)
        if method != "GET" or job is None:
            return _error(404, "Request not found")
        return self._result(job) if job.state != "running" else _error(400, "Request is still in progress")

    def _standing(self, job_id: str, status: str) -> dict[str, object]:
        address = f"{self.url}/{job_id}"
        return {
            "status": status,
            "request_id": job_id.rpartition("/")[2],
            "response_url": address,
            "status_url": f"{address}/status",
            "cancel_url": f"{address}/cancel",
        }

    def _result(self, job: Job[Asked]) -> Answer:
        """Where the vendor may repeat the prompt, this one does."""
        what = job.received.asked
        if job.state == "stopped":
            return json_answer(499, {"detail": "Request was cancelled", "error_type": "client_cancelled"})
        if job.state == "failed":
            return _model_error(500, "internal_server_error", f"failed while making {what.prompt}")
        link = self.link(job)
        match job.fate.kind:
            case Kind.PROMPT_BLOCK:
                return _model_error(422, "content_policy_violation", f"flagged: {what.prompt}", "prompt")
            case Kind.NO_IMAGE | Kind.TEXT_ONLY | Kind.THOUGHTS_ONLY:
                return _model_error(422, "no_media_generated", "The model generated no media")
            case Kind.EMPTY:
                return json_answer(200, {"images": [], "prompt": what.prompt})
            case Kind.GARBAGE_BASE64:
                link = "?%*"
        image = {
            "url": link,
            "content_type": f"image/{what.output_format}",
            "file_name": f"{what.prompt[:20]}.png",
        }
        told: dict[str, object] = {"images": [image]}
        if "image_size" in what.fields:
            flagged = job.fate.kind is Kind.IMAGE_SAFETY
            told |= {"prompt": what.prompt, "seed": what.seed, "has_nsfw_concepts": [flagged], "timings": {}}
        elif job.fate.kind is Kind.IMAGE_SAFETY:
            return _model_error(422, "content_policy_violation", f"flagged: {what.prompt}")
        return json_answer(200, told)


_REQUESTED = {"status": "CANCELLATION_REQUESTED"}


def refusal(fate: Fate, what: Asked) -> Answer | None:
    """The error of a fate that is one."""
    match fate.kind:
        case Kind.RATE_LIMITED | Kind.DAILY_QUOTA:
            answer = _error(429, "Too many requests")
            headers = {"retry-after": fate.retry_delay.rstrip("s")} if fate.retry_delay else {}
            return Answer(answer.status, answer.pieces, headers=headers)
        case Kind.ZERO_QUOTA | Kind.FAILED_PRECONDITION:
            return _error(403, "User is locked. Reason: Exhausted balance. Top up your balance.")
        case Kind.OVERLOADED:
            return _error(503, "Service unavailable")
        case Kind.INTERNAL:
            return _error(500, "Internal Server Error")
        case Kind.BAD_GATEWAY:
            return Answer(502, [f"<html><title>502 Bad Gateway</title>{what.prompt}".encode()], "text/html")
        case Kind.DEADLINE:
            return Answer(504, [b"<html><title>504 Gateway Time-out</title>"], "text/html")
        case Kind.BAD_REQUEST:
            return _model_error(422, "string_too_long", f"too long: {what.prompt}", "prompt")
        case Kind.BAD_KEY | Kind.UNAUTHENTICATED:
            return _error(401, "Cannot access application. Authentication is required to access it.")
        case Kind.PERMISSION_DENIED:
            return _error(403, "Cannot access application. Access denied.")
        case Kind.NOT_FOUND:
            return _error(404, f"Application '{what.model}' not found")
    return None


def _error(status: int, detail: str) -> Answer:
    """An error of the platform."""
    return json_answer(status, {"detail": detail})


def _model_error(status: int, kind: str, message: str, *loc: str) -> Answer:
    """An error of a model, in the form of fal's reference."""
    detail = {"loc": ["body", *loc], "msg": message, "type": kind, "input": message}
    return json_answer(status, {"detail": [detail]})
