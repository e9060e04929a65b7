"""One life: people submit, cancel and retry, the process crashes and starts again; in the end all is checked."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from sqlalchemy.exc import OperationalError

from imagegen.catalogue.catalogue import Catalogue
from imagegen.jobs import actions
from imagegen.jobs.database import Database
from imagegen.jobs.engine import Engine, Parts, StorageFull
from imagegen.jobs.migrate import migrate
from imagegen.jobs.pgqueuer_queue import PgQueuerQueue
from imagegen.jobs.queue import TaskQueue
from imagegen.jobs.retry import RetryPolicy
from imagegen.jobs.spending import Caps
from imagegen.media.references import clean_reference
from imagegen.media.store import MediaStore, StorageError
from imagegen.request import parse
from tests.jobs.scripted import STYLES, png
from tests.simulator.invariants import check
from tests.simulator.virtual_time import LoopClock, VirtualTimeLoop
from tests.simulator.world import (
    Backup,
    Crash,
    FatefulJobs,
    FatefulVendor,
    FaultyStore,
    MortalDatabase,
    UnreliableQueue,
    World,
)

REFERENCE = clean_reference(png((90, 120, 60), (16, 16)))
REFERENCE_ID = "reference"
CHAPTERS_AT_MOST = 60
"""Starts after crashes in one life; far more than the crash rate makes likely."""
LAST_CHAPTER_SECONDS = 4_000.0
"""Virtual time within which everything must have ended once no faults happen any more."""


@dataclass
class Life:
    """A world, a data folder, and the people who use the engine in it."""

    world: World
    folder: Path
    now: float = 0.0
    jobs: dict[str, int] = field(default_factory=dict)
    """Accepted job id → how many pictures were promised."""
    keys: dict[str, str] = field(default_factory=dict)
    wishes: int = 0

    def __post_init__(self) -> None:
        random = self.world.random
        self.concurrency = random.choice([1, 2, 4, 8])
        self.resend = random.random() < 0.15
        self.real_queue = self.world.seed % 8 == 0
        self.wishes = random.randint(3, 9)
        # One for the whole life: a transaction is done or not done, so a crash leaves nothing in the connection.
        self.database = MortalDatabase(self.folder / "imagegen.sqlite3", self.world)


def make_template(path: Path) -> None:
    """A database as each life begins with: nobody has asked for anything, and one reference is there."""
    migrate(path)
    database = Database(path, threads=False)
    asyncio.run(
        database.write(lambda session: actions.keep_reference(session, "local", 0, REFERENCE, REFERENCE_ID)[1])
    )
    database.close()


def live(world: World, folder: Path, template: Path) -> None:
    """Run one life in an empty folder and check it. Raises AssertionError; what happened is in `world.trace`."""
    shutil.copyfile(template, folder / "imagegen.sqlite3")
    MediaStore(folder, durable=False).put_reference(REFERENCE)
    life = Life(world, folder)
    try:
        for _ in range(CHAPTERS_AT_MOST):
            if not _chapter(life):
                break
        world.faulty = False
        assert not _chapter(life), "the last chapter must not crash"
        FatefulJobs(world).end_all()
        check(world, life.folder, life.jobs, resend=life.resend)
    except BaseException as error:
        error.add_note(f"replay with `python -m tests.simulator {world.seed}`")
        raise
    finally:
        life.database.close()


def _chapter(life: Life) -> bool:
    """From a start to a crash (True) or to the end of what people wished for (False)."""
    world = life.world
    world.dead = False
    loop = VirtualTimeLoop(life.now)
    # The tasks of a dead process fall over with Crash, and nobody is left to collect that.
    loop.set_exception_handler(lambda _loop, _context: None)
    asyncio.set_event_loop(loop)
    try:
        story = loop.create_task(_story(life, loop))
        try:
            loop.run_until_complete(story)
        except (Crash, RuntimeError):
            if not world.dead:
                raise
        if world.dead:
            _bury(loop)
        return world.dead
    finally:
        life.now = loop.time() + world.random.uniform(0.1, 30.0)
        asyncio.set_event_loop(None)
        loop.close()


def _bury(loop: VirtualTimeLoop) -> None:
    """Let every task of the dead process fall over; the world refuses whatever they still try."""
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    fallen = asyncio.gather(*tasks, return_exceptions=True)
    while not fallen.done():
        # The crash stopped the loop; a stop that was still on its way may end this run early.
        with suppress(RuntimeError):
            loop.run_until_complete(fallen)


async def _story(life: Life, loop: VirtualTimeLoop) -> None:
    world = life.world
    store = FaultyStore(life.folder, world)
    store.check_writable()
    store.sweep_temporary()
    vendor = FatefulVendor(world) if world.manner == "answers" else FatefulJobs(world)
    vendors = {one.record.id: one for one in (vendor, *([Backup(world)] if world.has_backup else []))}
    queue: TaskQueue
    if life.real_queue:
        queue = PgQueuerQueue(dict.fromkeys(vendors), life.concurrency)
    else:
        queue = UnreliableQueue(world, life.concurrency)
    engine = Engine(
        Parts(
            database=life.database,
            store=store,
            catalogue=Catalogue([one.record for one in vendors.values()]),
            providers=vendors,
            styles=STYLES,
            queue=queue,
            clock=LoopClock(loop),
            random=Random(world.random.getrandbits(64)),
            offload=world.offload,
            policy=RetryPolicy(resend_unknown=life.resend),
            caps=Caps(),
            concurrency=life.concurrency,
            checkpoint=world.checkpoint,
        )
    )
    await _start(engine, world)
    world.note("started")
    while world.faulty and life.wishes > 0:
        await asyncio.sleep(world.random.uniform(0.0, 25.0))
        life.wishes -= 1
        await _wish(life, engine)
    await _until_quiet(engine)
    await engine.stop(world.random.choice([0.0, 1.0, 60.0]) if world.faulty else 60.0)
    world.note("stopped")


async def _start(engine: Engine, world: World) -> None:
    """A start may meet a database or a disk that is away; a person would start again."""
    while True:
        try:
            await engine.start()
        except (OperationalError, StorageError):
            world.note("start failed, again")
        else:
            return


async def _wish(life: Life, engine: Engine) -> None:
    random, world = life.world.random, life.world
    kind = random.choices(["submit", "repeat", "cancel", "cancel some", "retry", "run again"], [5, 1, 1, 1, 2, 2])[
        0
    ]
    try:
        if kind == "submit" or not life.jobs:
            await _submit(life, engine, f"key-{len(life.keys)}-{life.now}")
        elif kind == "repeat":
            await _submit(life, engine, random.choice(sorted(life.keys)))
        elif kind.startswith("cancel"):
            job_id = random.choice(sorted(life.jobs))
            some = [random.randrange(life.jobs[job_id])] if kind == "cancel some" else []
            await engine.cancel(job_id, owner="local", task_indexes=some)
            now_ms = LoopClock(asyncio.get_running_loop()).now_ms()
            for index in some or range(life.jobs[job_id]):
                world.cancelled[job_id, index] = now_ms
            world.note(f"{kind} {job_id[-6:]} {some}")
        else:
            await _ask_again(life, engine, random.choice(sorted(life.jobs)), by_index=kind == "run again")
    except (OperationalError, StorageFull):
        world.note(f"{kind} was refused: the database is away")


async def _submit(life: Life, engine: Engine, key: str) -> None:
    count = Random(key).randint(1, 4)
    asked = {"prompt": key, "count": count, "seed": Random(key).randrange(1000)}
    # With references an attempt is prepared between its intent and its sending; without, both are one commit.
    references = [REFERENCE_ID] if Random(key).random() < 0.5 else []
    request = parse(asked | {"reference_images": references})
    # The answer may be lost in a crash although the job was stored; the same key then finds it again.
    life.keys.setdefault(key, "")
    accepted = await engine.submit(request, owner="local", idempotency_key=key)
    assert accepted.job_id is not None
    assert life.keys[key] in ("", accepted.job_id), "one key made two jobs"
    life.keys[key] = accepted.job_id
    life.jobs[accepted.job_id] = count
    life.world.note(f"submit {accepted.job_id[-6:]} × {count}")


async def _ask_again(life: Life, engine: Engine, job_id: str, *, by_index: bool) -> None:
    job = await engine.job(job_id, owner="local")
    assert job is not None
    chosen = [task.index for task in job.tasks if task.status == "interrupted"] if by_index else []
    if by_index and not chosen:
        return
    # Written down before it is asked: a crash may swallow the answer.
    for index in range(life.jobs[job_id]):
        life.world.cancelled.pop((job_id, index), None)
    life.world.asked_again.update((job_id, index) for index in chosen)
    if not chosen:
        life.world.asked_again.update((job_id, task.index) for task in job.tasks if task.status == "failed")
    await engine.retry(job_id, owner="local", task_indexes=chosen)
    life.world.note(f"retry {job_id[-6:]} {chosen or 'failed'}")


async def _until_quiet(engine: Engine) -> None:
    """Wait until no job is live; more than enough virtual time for every retry and reconcile."""
    async with asyncio.timeout(LAST_CHAPTER_SECONDS):
        while True:
            try:
                page = await engine.jobs(owner="local", status="live", album=None, limit=1, after=None)
                if not page.jobs:
                    return
            except OperationalError:
                pass
            await asyncio.sleep(10.0)
