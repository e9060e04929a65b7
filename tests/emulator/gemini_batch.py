"""Gemini's Batch API on loopback: a job of inline requests is created, listed, asked about, cancelled.

What the fates of links are elsewhere is here, where the picture stands in the job itself: an error of the one
request (`link-gone`), no answer to it (`link-private`), an answer without end (`link-huge`), and base64 that
breaks off (`link-cut`). `expired` holds the prompts whose jobs end unfinished after two days.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import parse_qs

from tests.emulator import answers
from tests.emulator.answers import MODEL
from tests.emulator.fates import Fate, Kind
from tests.emulator.jobs import Job, JobEmulator
from tests.emulator.pictures import encoded
from tests.emulator.requests import Asked, RefusedError, asked
from tests.emulator.server import BAD_KEY, ENDLESS, Answer, Call, Received

PAGE_MAX = 3
"""Jobs on a page of the list, however many are asked for: every client has to turn pages."""
_STATES = {
    "running": "BATCH_STATE_RUNNING",
    "finished": "BATCH_STATE_SUCCEEDED",
    "failed": "BATCH_STATE_FAILED",
    "stopped": "BATCH_STATE_CANCELLED",
}
_JOB = re.compile(r"/v1/batches/([A-Za-z0-9]+)(:cancel)?")


@dataclass
class GeminiBatchEmulator(JobEmulator[Asked]):
    """The batch routes of v1, with jobs of one request, and the model list."""

    name: ClassVar[str] = "gemini-batch"

    expired: set[str] = field(default_factory=set)
    display_names: dict[int, str] = field(default_factory=dict, init=False)
    errors: dict[str, dict[str, object]] = field(default_factory=dict, init=False)
    """Prompt → the error with which its request ends."""

    @property
    def url(self) -> str:
        """The base URL, as `GOOGLE_GEMINI_BASE_URL` takes it."""
        return f"http://127.0.0.1:{self.port}"

    def forget(self) -> None:
        super().forget()
        for seen in (self.expired, self.display_names, self.errors):
            seen.clear()

    def may_bill(self, call: Call) -> bool:
        """A cancellation is a POST as well."""
        return call.path.endswith(":batchGenerateContent")

    def understand(self, call: Call) -> Received[Asked] | Answer:
        """A new job, or the answer to anything else."""
        key = call.headers.get("x-goog-api-key", "")
        if not key:
            return answers.no_key()
        if key == BAD_KEY:
            return answers.bad_key()
        if call.method == "GET" and call.path == "/v1/batches":
            return self._list(call)
        found = _JOB.fullmatch(call.path)
        if found is not None:
            return self._stopped(found[1]) if found[2] else self._look(found[1])
        if call.method == "GET" and call.path == f"/v1beta/models/{MODEL}":
            return answers.one_model()
        if call.method != "POST" or call.path != f"/v1/models/{MODEL}:batchGenerateContent":
            return answers.not_found(call.path.rpartition("/")[2].partition(":")[0], "v1")
        try:
            name, what = _one_request(call.body)
        except RefusedError as error:
            self.refused.append(str(error))
            return answers.error(400, "INVALID_ARGUMENT", str(error))
        self.display_names[self.posts] = name
        return Received(self.posts, time.monotonic(), "v1", key, what)

    def job_id(self, received: Received[Asked]) -> str:
        return f"batches/emulated{received.id}"

    def refusal(self, fate: Fate, received: Received[Asked]) -> Answer | None:
        """The error of a fate that is one: the job is not created."""
        return answers.refusal(fate, received.asked.prompt)

    async def success(self, fate: Fate, received: Received[Asked]) -> Answer:
        """The job as it is when it was just created."""
        what = received.asked
        if fate.kind is Kind.PICTURE:
            await asyncio.to_thread(encoded, what.aspect_ratio, what.image_size)
        return Answer(200, [json.dumps(self._operation(received, "BATCH_STATE_PENDING")).encode()])

    def _operation(self, received: Received[Asked], state: str) -> dict[str, object]:
        name = self.job_id(received)
        metadata = {
            "@type": "type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch",
            "name": name,
            "model": f"models/{MODEL}",
            "displayName": self.display_names[received.id],
            "createTime": "2026-11-21T12:00:00.123456Z",
            "updateTime": "2026-11-21T12:00:00.123456Z",
            "batchStats": {"requestCount": "1"},
            "state": state,
        }
        return {"name": name, "metadata": metadata}

    def _list(self, call: Call) -> Answer:
        query = parse_qs(call.query)
        start = int(query.get("pageToken", ["0"])[0].removeprefix("page="))
        size = min(int(query.get("pageSize", ["50"])[0]), PAGE_MAX)
        jobs = list(self.jobs.values())
        shown = [self._operation(job.received, _STATES[job.state]) for job in jobs[start : start + size]]
        more = {"nextPageToken": f"page={start + size}"} if start + size < len(jobs) else {}
        return Answer(200, [json.dumps(({"operations": shown} if shown else {}) | more).encode()])

    def _stopped(self, number: str) -> Answer:
        job = self.stop_job(f"batches/{number}")
        if job is None:
            return answers.error(404, "NOT_FOUND", "Requested entity was not found.")
        if job.state != "stopped":
            return answers.error(400, "FAILED_PRECONDITION", "The batch has ended.")
        return Answer(200, [b"{}"])

    def _look(self, number: str) -> Answer:
        job = self.looked_at(f"batches/{number}")
        if job is None:
            return answers.error(404, "NOT_FOUND", "Requested entity was not found.")
        if isinstance(job, Answer):
            return job
        if job.fate.kind is Kind.LINK_HUGE and job.state == "finished":
            return Answer(ENDLESS, ())
        state = _STATES[job.state]
        if job.state == "finished" and job.received.asked.prompt in self.expired:
            state = "BATCH_STATE_EXPIRED"
        operation = self._operation(job.received, state)
        if state == "BATCH_STATE_SUCCEEDED":
            return Answer(200, _with_output(operation, self._inlined(job)))
        return Answer(200, [json.dumps(operation | ({} if job.state == "running" else {"done": True})).encode()])

    def _inlined(self, job: Job[Asked]) -> Sequence[bytes] | None:
        """What came of the job's request, as an entry of its output; None when nothing is told."""
        kind, what = job.fate.kind, job.received.asked
        if kind is Kind.LINK_PRIVATE:
            return None
        error = self.errors.get(what.prompt)
        if kind is Kind.LINK_GONE:
            error = {"code": 13, "message": f"Internal error while drawing {what.prompt}."}
        if error is not None:
            return [json.dumps({"error": error}).encode()]
        whole = answers.success(job.fate, what, job.received.id, "jpeg")
        pieces = [bytes(piece) for piece in whole.pieces]
        if kind is Kind.LINK_CUT:
            pieces[1] = b"="  # in the middle of base64, where it may not be
        return [b'{"response": ', *pieces, b"}"]


def _with_output(operation: dict[str, object], inlined: Sequence[bytes] | None) -> Sequence[bytes]:
    """A finished job: its output stands in its metadata."""
    metadata = operation["metadata"]
    assert isinstance(metadata, dict)
    entries = [] if inlined is None else ["@"]
    metadata["output"] = {"inlinedResponses": {"inlinedResponses": entries}} if entries else {}
    before, _, after = json.dumps(operation | {"done": True}).encode().partition(b'"@"')
    return [before, *(inlined or ()), after]


def _one_request(body: bytes) -> tuple[str, Asked]:
    """The job's display name and its request. Raises `RefusedError`."""
    try:
        batch = json.loads(body)["batch"]
        [entry] = batch["inputConfig"]["requests"]["requests"]
        known = {"batch": set(batch), "inputConfig": set(batch["inputConfig"]), "request": set(entry)}
    except (ValueError, KeyError, TypeError):
        raise RefusedError("Invalid JSON payload received.") from None
    allowed = {
        "batch": {"displayName", "inputConfig"},
        "inputConfig": {"requests"},
        "request": {"request", "metadata"},
    }
    for where, names in known.items():
        for name in names - allowed[where]:
            raise RefusedError(f"Invalid JSON payload received. Unknown name \"{name}\" at '{where}'.")
    return batch.get("displayName", ""), asked(json.dumps(entry["request"]).encode())
