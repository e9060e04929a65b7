"""Replicate's API on loopback, over real HTTP, with scripted faults and a bill counter.

    with ReplicateEmulator() as emulator:
        emulator.script(Kind.OVERLOADED)
        ...                      # a client against emulator.url
        assert emulator.bills == []

What becomes of a request is told in `tests.emulator.server`, how jobs live in `tests.emulator.jobs`.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import ClassVar

from tests.emulator.fates import Fate, Kind
from tests.emulator.jobs import Job, JobEmulator
from tests.emulator.replicate_requests import MODELS, Asked, File, RefusedError, asked, uploaded
from tests.emulator.server import BAD_KEY, Answer, Call, Received, json_answer

CREATED = "2026-11-21T12:00:00.000Z"
SENSITIVE = "The input or output was flagged as sensitive. Please try again with different inputs. (E005)"
_CREATE = re.compile(r"/v1/models/([\w.-]+/[\w.-]+)/predictions")
_LOOK = re.compile(r"/v1/predictions/([\w-]+)")
_STOP = re.compile(r"/v1/predictions/([\w-]+)/cancel")
_STATES = {"running": "processing", "finished": "succeeded", "failed": "failed", "stopped": "canceled"}


@dataclass
class ReplicateEmulator(JobEmulator[Asked]):
    """The routes of v1 for the account, files, and predictions of official models; `files` were uploaded."""

    name: ClassVar[str] = "replicate"

    files: dict[str, File] = field(default_factory=dict, init=False)

    @property
    def url(self) -> str:
        """The base URL, as `REPLICATE_BASE_URL` takes it."""
        return f"http://127.0.0.1:{self.port}"

    def may_bill(self, call: Call) -> bool:
        return _CREATE.fullmatch(call.path) is not None

    def job_id(self, received: Received[Asked]) -> str:
        return f"rmxz{received.id:022d}"

    def forget(self) -> None:
        super().forget()
        self.files.clear()

    def understand(self, call: Call) -> Received[Asked] | Answer:
        """A request for a picture, or the answer to what is none."""
        job = self.jobs.get(call.path.removeprefix("/files/"))
        if job is not None:  # links to pictures need no key
            what = job.received.asked
            made = job.fate.made(what.output_format)
            return self.file(call, what.width, what.height, made) or _problem(404, "Not found.")
        scheme, _, key = call.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or key in ("", BAD_KEY):
            return _problem(401, "You did not pass a valid authentication token", "Unauthenticated")
        if call.method == "GET":
            return self._told(call)
        if call.method == "POST" and call.path == "/v1/files":
            return self._uploaded(call)
        if call.method == "POST" and (found := _STOP.fullmatch(call.path)):
            job = self.stop_job(found[1])
            return json_answer(200, self._prediction(job)) if job else _problem(404, "Not found.")
        found = _CREATE.fullmatch(call.path)
        if call.method != "POST" or found is None or found[1] not in MODELS:
            return _problem(404, "The requested resource could not be found.")
        try:
            what = asked(found[1], call.body, call.headers.get("prefer"), self.files)
        except RefusedError as error:
            self.refused.append(str(error))
            return _problem(422, str(error), "Input validation failed")
        return Received(self.posts, time.monotonic(), "v1", key, what)

    def refusal(self, fate: Fate, received: Received[Asked]) -> Answer | None:
        """The error of a fate that is one. Where the vendor may repeat the prompt, this one does."""
        return refusal(fate, received.asked)

    async def success(self, fate: Fate, received: Received[Asked]) -> Answer:
        """The 201 of a fate that is one."""
        match fate.kind:
            case Kind.GARBAGE_BODY:
                return Answer(201, [b"\x89\xff{not json", received.asked.prompt.encode()])
            case Kind.WRONG_SHAPE:
                return json_answer(201, ["id", {"urls": 1}])
        return json_answer(
            201, self._prediction(self.jobs[self.job_id(received)]) | {"status": "starting", "output": None}
        )

    def _told(self, call: Call) -> Answer:
        if call.path == "/v1/account":
            return json_answer(200, {"type": "user", "username": "ada", "name": "Ada", "github_url": None})
        found = _LOOK.fullmatch(call.path)
        seen = self.looked_at(found[1]) if found else None
        if isinstance(seen, Answer):
            return seen
        return json_answer(200, self._prediction(seen)) if seen else _problem(404, "Not found.")

    def _uploaded(self, call: Call) -> Answer:
        try:
            file = uploaded(call.headers.get("content-type", ""), call.body)
        except RefusedError as error:
            self.refused.append(str(error))
            return _problem(400, str(error))
        file_id = f"file{len(self.files):020d}"
        self.files[file_id] = file
        told = {
            "id": file_id,
            "name": "file",
            "content_type": file[0],
            "size": len(file[1]),
            "etag": file_id,
            "checksums": {},
            "metadata": {},
            "created_at": CREATED,
            "expires_at": CREATED,
            "urls": {"get": f"{self.url}/v1/files/{file_id}"},
        }
        return json_answer(201, told)

    def _prediction(self, job: Job[Asked]) -> dict[str, object]:
        what, address = job.received.asked, f"{self.url}/v1/predictions/{job.id}"
        told: dict[str, object] = {
            "id": job.id,
            "model": what.model,
            "version": "hidden",
            "input": dict(what.fields),
            "logs": f"making {what.prompt}",
            "output": None,
            "data_removed": False,
            "error": None,
            "status": _STATES[job.state],
            "created_at": CREATED,
            "urls": {"get": address, "cancel": f"{address}/cancel"},
        }
        if job.state == "failed":
            return told | {"error": f"CUDA out of memory while making {what.prompt}"}
        if job.state != "finished":
            return told
        told["metrics"] = {"predict_time": 1.5, "image_count": 1}
        match job.fate.kind:
            case Kind.PROMPT_BLOCK | Kind.IMAGE_SAFETY:
                return told | {"status": "failed", "error": SENSITIVE}
            case Kind.EMPTY:
                return told
            case Kind.NO_IMAGE | Kind.TEXT_ONLY | Kind.THOUGHTS_ONLY:
                return told | {"output": []}
            case Kind.GARBAGE_BASE64:
                return told | {"output": "?%*"}
        link = self.link(job)
        return told | {"output": [link] if "megapixels" in what.fields else link}


def refusal(fate: Fate, what: Asked) -> Answer | None:
    """The error of a fate that is one."""
    match fate.kind:
        case Kind.RATE_LIMITED | Kind.DAILY_QUOTA:
            wait = f" Your rate limit resets in ~{fate.retry_delay}." if fate.retry_delay else ""
            return _problem(429, f"Request was throttled.{wait}")
        case Kind.ZERO_QUOTA | Kind.FAILED_PRECONDITION:
            return _problem(402, "You have insufficient credit to run this model.", "Insufficient credit")
        case Kind.OVERLOADED:
            return _problem(503, "Service unavailable.")
        case Kind.INTERNAL:
            return _problem(500, "Internal server error.")
        case Kind.BAD_GATEWAY:
            return Answer(502, [f"<html><title>502 Bad Gateway</title>{what.prompt}".encode()], "text/html")
        case Kind.DEADLINE:
            return Answer(504, [b"<html><title>504 Gateway Time-out</title>"], "text/html")
        case Kind.BAD_REQUEST:
            return _problem(422, f"- input: {what.prompt}", "Input validation failed")
        case Kind.BAD_KEY | Kind.UNAUTHENTICATED:
            return _problem(401, "You did not pass a valid authentication token", "Unauthenticated")
        case Kind.PERMISSION_DENIED:
            return _problem(403, "You do not have permission to perform this action.")
        case Kind.NOT_FOUND:
            return _problem(404, "The requested resource could not be found.")
    return None


def _problem(status: int, detail: str, title: str | None = None) -> Answer:
    """An error in the vendor's form, that of RFC 7807; some have no title."""
    body: dict[str, object] = {"detail": detail, "status": status}
    return json_answer(status, body if title is None else {"title": title, **body})
