"""Emulators of vendors that work on jobs: a POST creates a job, which is asked about, cancelled, its file read.

A job that is not held has ended when its creation is answered. A held one runs until `release()`, or until it is
cancelled, which is not billed. A creation that the client never heard of is a job all the same, and is billed.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from tests.emulator.fates import Fate, Kind
from tests.emulator.pictures import PictureFormat, encoded_at
from tests.emulator.server import CLOSED, ENDLESS, Answer, Call, Emulator, Received, Understood

_Asked = TypeVar("_Asked", bound=Understood)
State = Literal["running", "finished", "failed", "stopped"]
PRIVATE_LINK = "http://10.0.0.1/picture.png"
_SULKS = (502, 429, CLOSED)
"""What the first looks at a job of `LOOKS_FAIL` are answered with."""


@dataclass
class Job(Generic[_Asked]):
    """A job as the vendor has it. `looks` counts the times it was asked about."""

    id: str
    fate: Fate
    received: Received[_Asked]
    state: State = "running"
    looks: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class JobEmulator(Emulator[_Asked]):
    """What they have in common; `jobs` holds every job by its id, `looks` and `stops` the ids asked about."""

    jobs: dict[str, Job[_Asked]] = field(default_factory=dict, init=False)
    looks: list[str] = field(default_factory=list, init=False)
    stops: list[str] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._running: set[asyncio.Task[None]] = set()

    @abstractmethod
    def job_id(self, received: Received[_Asked]) -> str:
        """The id of the job that a request creates."""

    def forget(self) -> None:
        super().forget()
        for seen in (self.jobs, self.looks, self.stops):
            seen.clear()

    def link(self, job: Job[_Asked]) -> str:
        """Where the job's picture is, as the vendor's answer says it."""
        return (
            PRIVATE_LINK if job.fate.kind is Kind.LINK_PRIVATE else f"http://127.0.0.1:{self.port}/files/{job.id}"
        )

    def looked_at(self, job_id: str) -> Job[_Asked] | Answer | None:
        """The job that is asked about, or the failure that its fate has for this look; None when there is none."""
        self.looks.append(job_id)
        job = self.jobs.get(job_id)
        if job is None or job.fate.kind is Kind.JOB_LOST:
            return None
        job.looks += 1
        if job.fate.kind is Kind.LOOKS_FAIL and job.looks <= len(_SULKS):
            status = _SULKS[job.looks - 1]
            return Answer(status, [b"<html>trouble</html>"], "text/html")
        return job

    def stop_job(self, job_id: str) -> Job[_Asked] | None:
        """Cancel a job as the vendor does: one that has ended stays as it is."""
        self.stops.append(job_id)
        job = self.jobs.get(job_id)
        if job is not None and job.state == "running":
            job.state = "stopped"
            job.ended.set()
        return job

    def file(self, call: Call, width: int, height: int, picture_format: PictureFormat) -> Answer | None:
        """The answer to a request for a job's file; None when the path is not one of a file."""
        folder, _, job_id = call.path.lstrip("/").partition("/")
        job = self.jobs.get(job_id)
        if folder != "files" or job is None:
            return None
        match job.fate.kind:
            case Kind.LINK_GONE:
                return Answer(404, [b"gone"], "text/plain")
            case Kind.LINK_HUGE:
                return Answer(ENDLESS, ())
            case Kind.GARBAGE_PICTURE:
                return Answer(200, [f"no picture of {job.received.asked.prompt}".encode()], "image/png")
        picture = encoded_at(width, height, picture_format).picture(job.received.id)
        return Answer(200, [picture], f"image/{picture_format}")

    async def _work(self, fate: Fate, received: Received[_Asked]) -> None:
        if self.refusal(fate, received) is not None or fate.kind is Kind.DROP_BEFORE:
            return
        job = Job(self.job_id(received), fate, received)
        self.jobs[job.id] = job
        if fate.held:
            task = asyncio.ensure_future(self._run(job))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        else:
            self._end(job)

    async def _run(self, job: Job[_Asked]) -> None:
        released = asyncio.ensure_future(self._until_released(job.received))
        stopped = asyncio.ensure_future(job.ended.wait())
        await asyncio.wait({released, stopped}, return_when=asyncio.FIRST_COMPLETED)
        for waiter in (released, stopped):
            waiter.cancel()
        self._end(job)

    def _end(self, job: Job[_Asked]) -> None:
        if job.state == "running":
            ends: dict[Kind, State] = {Kind.JOB_FAILED: "failed", Kind.JOB_STOPPED: "stopped"}
            job.state = ends.get(job.fate.kind, "finished")
            if job.fate.bills:
                self._bill(job.received)
        job.ended.set()
        self._tell()
