"""Runware's REST address on loopback, over real HTTP, with scripted faults and a bill counter.

Tasks are kept by the id that the sender chose: one is taken in once and billed once, and a second one of the same
id is refused. Everything goes to one path by POST; only `imageInference` may bill.

What becomes of a request is told in `tests.emulator.server`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, ClassVar

from tests.emulator.fates import Fate, Kind
from tests.emulator.jobs import Job, JobEmulator
from tests.emulator.pictures import PictureFormat
from tests.emulator.runware_requests import Asked, RefusedError, asked, task_in
from tests.emulator.server import BAD_KEY, Answer, Call, Received, json_answer

COST = 0.0038
"""Dollars for a picture, as the answer tells them."""
_AUTH = ("invalidApiKey", "Invalid API key. Get one at the vendor's page.")


@dataclass
class RunwareEmulator(JobEmulator[Asked]):
    """Tasks of the kinds `imageInference`, `getResponse`, `getTaskDetails` and `accountManagement`.

    `unheard` is what is said of an id that names no task: an error's code, or nothing at all. `unkept` is the same
    for a question about its details.
    """

    name: ClassVar[str] = "runware"

    unheard: str | None = "taskNotFound"
    unkept: str | None = "taskNotFound"

    @property
    def url(self) -> str:
        """The base URL, as `RUNWARE_BASE_URL` takes it."""
        return f"http://127.0.0.1:{self.port}/v1"

    def forget(self) -> None:
        super().forget()
        self.unheard = self.unkept = "taskNotFound"

    def job_id(self, received: Received[Asked]) -> str:
        """The id that the sender chose."""
        return received.asked.task

    def may_bill(self, call: Call) -> bool:
        """Looks are POSTs, too, and cost nothing."""
        return b'"imageInference"' in call.body

    def understand(self, call: Call) -> Received[Asked] | Answer:
        """A task that makes a picture, or the answer to what is none."""
        if call.method == "GET":
            return self._file(call) or Answer(404, [b"not found"], "text/plain")
        scheme, _, key = call.headers.get("authorization", "").partition(" ")
        if call.method != "POST" or call.path != "/v1":
            return Answer(404, [b"not found"], "text/plain")
        try:
            task = task_in(call.body)
        except RefusedError as error:
            self.refused.append(str(error))
            return refused(error, None)
        if scheme != "Bearer" or key in ("", BAD_KEY):
            return errors(401, *_AUTH, None)
        match task.get("taskType"):
            case "accountManagement":
                return json_answer(200, {"data": [{**task, "balance": {"amount": 9.5, "currency": "USD"}}]})
            case "getResponse":
                return self._stands(str(task["taskUUID"]))
            case "getTaskDetails":
                return self._details(str(task["taskUUID"]))
        try:
            what = asked(task)
        except RefusedError as error:
            self.refused.append(str(error))
            return refused(error, task)
        if what.task in self.jobs:
            self.refused.append("a second task of the same id")
            return errors(400, "conflictTaskUUID", "This taskUUID is in use already.", what.task)
        return Received(self.posts, time.monotonic(), "v1", key, what)

    def refusal(self, fate: Fate, received: Received[Asked]) -> Answer | None:
        """The error of a fate that is one. Where the vendor may repeat the prompt, this one does."""
        task, prompt = received.asked.task, received.asked.prompt
        match fate.kind:
            case Kind.RATE_LIMITED | Kind.DAILY_QUOTA:
                headers = {"retry-after": fate.retry_delay.rstrip("s")} if fate.retry_delay else {}
                answer = errors(429, "rateLimitExceeded", "Too many requests.", task)
                return Answer(answer.status, answer.pieces, headers=headers)
            case Kind.ZERO_QUOTA | Kind.FAILED_PRECONDITION:
                return errors(402, "insufficientCredits", "There are not enough credits.", task)
            case Kind.OVERLOADED:
                return errors(503, "serviceUnavailable", "The service is unavailable.", task)
            case Kind.INTERNAL:
                return errors(500, "internalServerError", "Something went wrong.", task)
            case Kind.BAD_GATEWAY:
                return Answer(502, [f"<html><title>502 Bad Gateway</title>{prompt}".encode()], "text/html")
            case Kind.DEADLINE:
                return Answer(504, [b"<html><title>504 Gateway Time-out</title>"], "text/html")
            case Kind.BAD_REQUEST:
                return errors(400, "invalidPositivePrompt", f"Invalid value: {prompt}", task)
            case Kind.BAD_KEY | Kind.UNAUTHENTICATED:
                return errors(401, *_AUTH, None)
            case Kind.PERMISSION_DENIED:
                return errors(403, "forbidden", "This key has no permission for that.", task)
            case Kind.NOT_FOUND:
                return errors(404, "modelNotFound", "There is no such model.", task)
            case Kind.PROMPT_BLOCK:
                return errors(400, "contentPolicyViolation", f"Not allowed: {prompt}", task)
        return None

    async def success(self, fate: Fate, received: Received[Asked]) -> Answer:
        """The acknowledgment of a task."""
        match fate.kind:
            case Kind.GARBAGE_BODY | Kind.GARBAGE_BASE64:
                return Answer(200, [b"\x89\xff{not json", received.asked.prompt.encode()])
            case Kind.WRONG_SHAPE:
                return json_answer(200, ["data", {"taskUUID": 1}])
        return json_answer(200, {"data": [_entry(received.asked.task)]})

    def _stands(self, task: str) -> Answer:
        job = self.looked_at(task)
        if isinstance(job, Answer):
            return job
        if job is None:
            return _unknown(self.unheard, task)
        prompt = job.received.asked.prompt
        match job.state:
            case "running":
                return json_answer(200, {"data": [{**_entry(task), "status": "processing", "progress": 40}]})
            case "failed":
                return errors(200, "inferenceError", f"Failed at {prompt}", task)
            case "stopped":
                return errors(200, "taskCancelled", "The task was cancelled.", task)
        if job.fate.kind is Kind.IMAGE_SAFETY:
            return errors(200, "providerContentPolicyViolation", f"Not shown: {prompt}", task)
        return json_answer(200, {"data": [self._finished(job)]})

    def _finished(self, job: Job[Asked]) -> dict[str, object]:
        entry = {**_entry(job.id), "status": "success", "cost": COST, "seed": job.received.asked.seed}
        if job.fate.kind in (Kind.EMPTY, Kind.NO_IMAGE, Kind.TEXT_ONLY, Kind.THOUGHTS_ONLY):
            return entry
        return entry | {"imageUUID": job.id, "imageURL": self.link(job)}

    def _details(self, task: str) -> Answer:
        job = self.jobs.get(task)
        if job is None:
            return _unknown(self.unkept, task)
        entry = {"taskType": "getTaskDetails", "taskUUID": task, "request": [dict(job.received.asked.fields)]}
        return json_answer(200, {"data": [entry | {"response": {"data": []}}]})

    def _file(self, call: Call) -> Answer | None:
        job = self.jobs.get(call.path.rpartition("/")[2])
        if job is None:
            return None
        what = job.received.asked
        flipped = job.fate.kind is Kind.WRONG_MIME
        picture_format: PictureFormat = "jpeg" if (what.output_format == "JPG") is not flipped else "png"
        return self.file(call, what.width, what.height, picture_format)


def errors(status: int, code: str, message: str, task: str | None) -> Answer:
    """An error in the vendor's form."""
    error: dict[str, object] = {"code": code, "message": message, "taskType": "imageInference"}
    if task is not None:
        error["taskUUID"] = task
    return json_answer(status, {"data": [], "errors": [error]})


def refused(error: RefusedError, task: dict[str, Any] | None) -> Answer:
    """A task that is not as it should be."""
    known = task.get("taskUUID") if task else None
    return errors(400, error.code, str(error), known if isinstance(known, str) else None)


def _unknown(code: str | None, task: str) -> Answer:
    return json_answer(200, {"data": []}) if code is None else errors(404, code, "No such task.", task)


def _entry(task: str) -> dict[str, object]:
    return {"taskType": "imageInference", "taskUUID": task}
