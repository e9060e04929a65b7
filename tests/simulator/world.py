"""What surrounds the engine in a simulated life: vendor, disk, database and queue, each with its faults."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Literal, TypeVar

from sqlalchemy.exc import OperationalError

from imagegen.jobs.database import Database, Transaction
from imagegen.jobs.queue import Entry, Handler
from imagegen.media.store import MediaStore, Receipt, StorageError, StoredPicture
from imagegen.providers.base import (
    Billed,
    ErrorKind,
    Picture,
    Provider,
    ProviderCall,
    ProviderError,
    Reporter,
    lost,
)
from tests.jobs.scripted import PAID, PRICE, png

Result = TypeVar("Result")


class Crash(BaseException):
    """The process is gone. Nothing of it may have an effect any more."""


Manner = Literal["answers", "jobs", "named jobs"]
"""How the vendor of a life works: it answers a call, or it makes jobs, whose name may be the attempt's own id."""


@dataclass
class VendorJob:
    """A job at the vendor, which goes on whether or not the process lives. `ends_at` in seconds of the loop."""

    call: ProviderCall
    fate: str
    ends_at: float
    stopped: bool = False


@dataclass
class World:
    """The seeded outside: what outlives a crash of the process."""

    seed: int
    random: Random = field(init=False)
    faulty: bool = True
    """Off in the last chapter of a life, when everything must come to an end."""
    dead: bool = False
    bills: dict[str, str] = field(default_factory=dict)
    """Attempt id → what the vendor billed it for. A second bill for one attempt is an error at once."""
    pictures: dict[str, bytes] = field(default_factory=dict)
    """Attempt id → the bytes that the vendor made."""
    asked_again: set[tuple[str, int]] = field(default_factory=set)
    """(job id, task index) that a person asked for again."""
    cancelled: dict[tuple[str, int], int] = field(default_factory=dict)
    """(job id, task index) → when a cancel of it was confirmed, in milliseconds."""
    trace: list[str] = field(default_factory=list)
    vendor_jobs: dict[str, VendorJob] = field(default_factory=dict)
    """The vendor's id → its job."""

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.has_backup = self.random.random() < 0.5
        self.manner: Manner = self.random.choice(["answers", "answers", "jobs", "named jobs"])

    def note(self, line: str) -> None:
        now = asyncio.get_running_loop().time()
        self.trace.append(f"{now:9.3f}  {line}")

    def chance(self, probability: float) -> bool:
        return self.faulty and self.random.random() < probability

    def check_alive(self) -> None:
        if self.dead:
            raise Crash

    def checkpoint(self, point: str) -> None:
        """A named point of a run; now and then the process dies there."""
        self.check_alive()
        if self.chance(0.015):
            self.note(f"CRASH at {point}")
            self.dead = True
            asyncio.get_running_loop().stop()
            raise Crash

    async def offload(self, function: Callable[[], Result], /) -> Result:
        """Blocking work, done at once, on a disk that is sometimes slow."""
        self.check_alive()
        if self.chance(0.1):
            await asyncio.sleep(self.random.uniform(0.0, 3.0))
        self.check_alive()
        return function()


class MortalDatabase(Database):
    """The real database; a dead process cannot reach it, and now and then it is away."""

    def __init__(self, path: Path, world: World) -> None:
        super().__init__(path, threads=False)
        self._world = world

    async def write(self, transaction: Transaction[Result]) -> Result:
        await self._before()
        result = await super().write(transaction)
        self._world.checkpoint("after commit")
        return result

    async def read(self, transaction: Transaction[Result]) -> Result:
        await self._before()
        return await super().read(transaction)

    async def _before(self) -> None:
        self._world.check_alive()
        if self._world.chance(0.05):
            await asyncio.sleep(self._world.random.uniform(0.0, 0.5))
        self._world.check_alive()
        if self._world.chance(0.004):
            self._world.note("database away")
            raise OperationalError("", {}, Exception("database is locked"))


class FaultyStore(MediaStore):
    """The real store on a disk that is full now and then, in a process that may die between its steps."""

    def __init__(self, root: Path, world: World) -> None:
        super().__init__(root, durable=False, checkpoint=world.checkpoint)
        self._world = world

    def spool(self, attempt_id: str, data: bytes, receipt: Receipt) -> None:
        if self._world.chance(0.03):
            raise StorageError("The disk is full.", errno.ENOSPC)
        super().spool(attempt_id, data, receipt)

    def accept(self, attempt_id: str) -> StoredPicture:
        if self._world.chance(0.02):
            raise StorageError("The disk is away.", errno.EIO)
        return super().accept(attempt_id)

    def forget(self, attempt_id: str) -> None:
        if self._world.chance(0.02):
            raise StorageError("The disk is away.", errno.EIO)
        super().forget(attempt_id)


class FatefulVendor(Provider):
    """A paid vendor with good and bad days. Whatever it bills is written down, whoever lives to see it."""

    record = PAID

    def __init__(self, world: World) -> None:
        self._world = world

    async def generate(self, call: ProviderCall, reporter: Reporter) -> Picture:
        world = self._world
        world.check_alive()
        fate = world.random.choices(FATES, WEIGHTS)[0] if world.faulty else "picture"
        world.note(f"call {call.attempt_id[:8]} → {fate}")
        if fate in _REFUSED_AT_ONCE:
            await asyncio.sleep(world.random.uniform(0.01, 0.3))
            raise _REFUSED_AT_ONCE[fate](world.random)
        early = world.random.random() < 0.5
        if early:
            self._bill(call, fate)
        await asyncio.sleep(world.random.uniform(0.2, 20.0))
        if world.dead:
            raise Crash  # the vendor never came so far as to bill it, or it billed early
        if not early:
            self._bill(call, fate)
        return self._answer(call, fate, reporter)

    async def aclose(self) -> None:
        pass

    def _bill(self, call: ProviderCall, fate: str) -> None:
        if fate in ("drop before billing", "prompt blocked"):
            return
        assert call.attempt_id not in self._world.bills, f"attempt {call.attempt_id} was billed twice"
        self._world.bills[call.attempt_id] = fate
        if fate in ("picture", "drop after billing"):
            colour = self._world.random.randrange(1 << 24)
            self._world.pictures[call.attempt_id] = png((colour & 255, colour >> 8 & 255, colour >> 16), (8, 8))

    def _answer(self, call: ProviderCall, fate: str, reporter: Reporter) -> Picture:
        if fate in ("drop before billing", "drop after billing"):
            raise ProviderError(ErrorKind.OUTCOME_UNKNOWN, "The connection broke.", billed=Billed.PERHAPS)
        if fate == "prompt blocked":
            raise ProviderError(ErrorKind.POLICY, "The prompt was refused.", billed=Billed.NO)
        if fate == "safety":
            raise ProviderError(ErrorKind.POLICY, "Refused.", billed=Billed.PERHAPS)
        if fate == "text only":
            raise ProviderError(ErrorKind.NO_IMAGE, "No picture.", billed=Billed.YES, usd=PRICE)
        reporter.receiving()
        if fate == "garbage":
            return Picture(b"no picture at all", PRICE, "v1", {})
        return Picture(self._world.pictures[call.attempt_id], PRICE, "v1", {"images": 1})


class FatefulJobs(FatefulVendor):
    """The same vendor where it works on jobs, which are asked about and stopped by an id."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._named = world.manner == "named jobs"
        self.record = replace(PAID, resumable=True, names_calls=self._named)  # type: ignore[misc]

    async def generate(self, call: ProviderCall, reporter: Reporter) -> Picture:
        world = self._world
        world.check_alive()
        fate = world.random.choices((*FATES, "job lost"), (*WEIGHTS, 4))[0] if world.faulty else "picture"
        world.note(f"call {call.attempt_id[:8]} → {fate}")
        if fate in _REFUSED_AT_ONCE:
            await asyncio.sleep(world.random.uniform(0.01, 0.3))
            raise _REFUSED_AT_ONCE[fate](world.random)
        remote_id = call.attempt_id if self._named else f"job-{world.random.getrandbits(64):016x}"
        if fate != "drop before billing":
            ends_at = asyncio.get_running_loop().time() + world.random.uniform(0.2, 40.0)
            world.vendor_jobs[remote_id] = VendorJob(call, fate, ends_at)
        await asyncio.sleep(world.random.uniform(0.01, 2.0))
        world.check_alive()
        if fate.startswith("drop") and not self._named:
            raise ProviderError(ErrorKind.OUTCOME_UNKNOWN, "The connection broke.", billed=Billed.PERHAPS)
        if not fate.startswith("drop"):
            await reporter.created(remote_id)
        return await self.resume(call, remote_id, reporter)

    async def resume(self, call: ProviderCall, remote_id: str, reporter: Reporter) -> Picture:
        world = self._world
        while True:
            world.check_alive()
            job = self._look(remote_id)
            if job is None and self._named:
                raise ProviderError(ErrorKind.CONNECTION_FAILED, "It never arrived.")
            if job is None or job.fate == "job lost":
                raise lost("The vendor")
            if job.stopped:
                raise ProviderError(ErrorKind.CANCELLED, "It was stopped.", billed=Billed.PERHAPS)
            if asyncio.get_running_loop().time() >= job.ends_at:
                return self._answer(call, job.fate.replace("drop after billing", "picture"), reporter)
            if world.chance(0.02):
                raise ProviderError(ErrorKind.OUTCOME_UNKNOWN, "It takes too long.", billed=Billed.PERHAPS)
            await asyncio.sleep(world.random.uniform(0.5, 5.0))

    async def cancel(self, remote_id: str) -> None:
        world = self._world
        world.check_alive()
        if world.chance(0.2):
            raise ProviderError(ErrorKind.CONNECTION_FAILED, "Not reached.")
        job = self._look(remote_id)
        if job is not None and asyncio.get_running_loop().time() < job.ends_at and not job.stopped:
            world.note(f"stopped {job.call.attempt_id[:8]}")
            job.stopped = True
            if world.random.random() < 0.5:
                self._bill(job.call, "stopped")

    def _look(self, remote_id: str) -> VendorJob | None:
        """The job as it stands now; one whose time has come was billed, whoever was looking."""
        job = self._world.vendor_jobs.get(remote_id)
        if job is not None and asyncio.get_running_loop().time() >= job.ends_at and not job.stopped:
            self._bill_once(job)
        return job

    def _bill_once(self, job: VendorJob) -> None:
        if job.call.attempt_id not in self._world.bills:
            self._bill(job.call, job.fate)

    def end_all(self) -> None:
        """Every job ends, for the reckoning at the end of a life."""
        for job in self._world.vendor_jobs.values():
            if not job.stopped:
                self._bill_once(job)


_REFUSED_AT_ONCE: dict[str, Callable[[Random], ProviderError]] = {
    "connection refused": lambda random: ProviderError(ErrorKind.CONNECTION_FAILED, "Not reached."),
    "overloaded": lambda random: ProviderError(ErrorKind.OVERLOADED, "Busy."),
    "rate limited": lambda random: ProviderError(
        ErrorKind.RATE_LIMITED, "Slow down.", retry_after=random.choice([None, 1.5, 21.0, 600.0])
    ),
    "bad request": lambda random: ProviderError(ErrorKind.BAD_REQUEST, "Not understood."),
    "wrong key": lambda random: ProviderError(ErrorKind.AUTH, "The key was refused."),
    "bug": lambda random: ProviderError(ErrorKind.INTERNAL, "A bug."),
}
FATES, WEIGHTS = zip(
    *{
        "picture": 60,
        "drop after billing": 5,
        "drop before billing": 5,
        "safety": 3,
        "prompt blocked": 2,
        "text only": 3,
        "garbage": 3,
        "overloaded": 7,
        "rate limited": 6,
        "connection refused": 5,
        "bad request": 1,
        "wrong key": 1,
        "bug": 1,
    }.items(),
    strict=True,
)


class Backup(FatefulVendor):
    """Another vendor, which takes over where the first one fails; as fateful as that one."""

    record = replace(PAID, id="backup", models=(replace(PAID.models[0], id="backup-model"),))


class UnreliableQueue:
    """A queue that honours its port and no more: it loses entries, delivers some twice, and mixes the order."""

    def __init__(self, world: World, concurrency: int) -> None:
        self._world = world
        self._slots = asyncio.Semaphore(concurrency)
        self._queued: set[str] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._handler: Handler | None = None
        self._stopped = False

    async def start(self, handler: Handler) -> None:
        self._handler = handler

    async def put(self, entries: Sequence[Entry]) -> list[Entry]:
        accepted = [entry for entry in entries if entry.key not in self._queued]
        for entry in accepted:
            if self._world.chance(0.03):
                self._world.note(f"queue loses {entry.key}")
                continue
            self._queued.add(entry.key)
            copies = 2 if self._world.chance(0.05) else 1
            for _ in range(copies):
                task = asyncio.ensure_future(self._deliver(entry))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
        return [entry for entry in accepted if entry.key in self._queued]

    @property
    def running(self) -> bool:
        return self._handler is not None and not self._stopped

    def hold(self) -> None:
        self._stopped = True

    async def stop(self, grace: float) -> None:
        self.hold()
        if self._running:
            _, unfinished = await asyncio.wait(self._running, timeout=grace)
            for task in unfinished:
                task.cancel()
            if unfinished:
                await asyncio.wait(unfinished)

    async def _deliver(self, entry: Entry) -> None:
        assert self._handler is not None
        await asyncio.sleep(self._world.random.uniform(0.0, 0.2))
        async with self._slots:
            if not self._stopped:
                await self._handler(entry)
        self._queued.discard(entry.key)
