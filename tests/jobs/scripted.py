"""A provider whose answers a test writes down, and an engine around it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Literal

from PIL import Image as PillowImage

from imagegen.catalogue.catalogue import Catalogue
from imagegen.catalogue.records import (
    Capabilities,
    MicroUsd,
    ModelRecord,
    Price,
    ProviderRecord,
    micro_usd,
)
from imagegen.jobs.clock import Clock, SystemClock
from imagegen.jobs.cutouts import LANE
from imagegen.jobs.cutting import BackgroundRemover
from imagegen.jobs.database import Database
from imagegen.jobs.engine import Engine, Parts
from imagegen.jobs.migrate import migrate
from imagegen.jobs.pgqueuer_queue import PgQueuerQueue
from imagegen.jobs.retry import RetryPolicy
from imagegen.jobs.spending import Caps
from imagegen.jobs.workshop import nothing_here
from imagegen.media.cutout import CUTOUT_MODELS, CutoutFailed, CutoutModelState, CutoutOptions, CutoutResult
from imagegen.media.store import MediaStore
from imagegen.prompts.styles import Style
from imagegen.providers.base import Picture, Provider, ProviderCall, ProviderError, Reporter
from imagegen.request import ASPECT_RATIOS, IMAGE_SIZES

PRICE = micro_usd("0.134")
CAPABILITIES = Capabilities(
    aspect_ratios=ASPECT_RATIOS,
    image_sizes=IMAGE_SIZES,
    max_references=14,
    pixels={},
    seed="best effort",
    output_formats=("png",),
)
MODEL = ModelRecord(
    id="scripted-model",
    wire_id="scripted-wire",
    title="Scripted",
    capabilities=CAPABILITIES,
    price=Price(per_image=dict.fromkeys(IMAGE_SIZES, PRICE)),
)
PAID = ProviderRecord(id="scripted", title="Scripted", paid=True, models=(MODEL,))
FREE = replace(PAID, paid=False)
STYLES = {name: Style(name, name.title(), f"in {name}") for name in ("watercolor", "cartoon", "fantasy")}


def png(colour: tuple[int, int, int] = (200, 80, 40), size: tuple[int, int] = (24, 16)) -> bytes:
    """A tiny but real picture."""
    out = io.BytesIO()
    PillowImage.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


Answer = bytes | ProviderError | Callable[[ProviderCall], "bytes | ProviderError"]


@dataclass
class ScriptedProvider(Provider):
    """Answers from a list, then with pictures; counts calls and what it billed."""

    answers: list[Answer] = field(default_factory=list)
    calls: list[ProviderCall] = field(default_factory=list)
    bills: int = 0
    gate: asyncio.Event | None = None
    """When set, no call answers before it."""
    arrived: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    """Released once for each call that came in."""
    tells_price: bool = True
    record = PAID

    async def generate(self, call: ProviderCall, reporter: Reporter) -> Picture:
        self.calls.append(call)
        self.arrived.release()
        answer: Answer = self.answers.pop(0) if self.answers else png((call.seed % 256, call.seed // 256 % 256, 7))
        if self.gate is not None:
            await self.gate.wait()
        if callable(answer):
            answer = answer(call)
        if isinstance(answer, ProviderError):
            raise answer
        self.bills += 1
        reporter.receiving()
        return Picture(answer, PRICE if self.tells_price else None, "scripted-2026", {"images": 1})

    async def aclose(self) -> None:
        pass


@dataclass
class ScriptedRemover:
    """Hands back a picture of another colour, or fails as a test says."""

    fail: str | None = None
    notice: str | None = None
    sources: list[bytes] = field(default_factory=list)
    asked: list[CutoutOptions] = field(default_factory=list)
    downloaded: list[str] = field(default_factory=list)
    fetched: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False

    async def cut(self, source: bytes, options: CutoutOptions) -> CutoutResult:
        self.sources.append(source)
        self.asked.append(options)
        if self.fail is not None:
            raise CutoutFailed("nothing_found", self.fail)
        return CutoutResult(png((len(self.sources), 9, 9)), self.notice)

    def models(self) -> list[CutoutModelState]:
        return [
            CutoutModelState(model, installed=model.bundled or model.id in self.downloaded)
            for model in CUTOUT_MODELS.values()
        ]

    def state(self) -> Literal["cold", "preparing", "ready"]:
        return "ready"

    async def download(self, model_id: str) -> None:
        self.downloaded.append(model_id)
        self.fetched.set()

    async def aclose(self) -> None:
        self.closed = True


@asynccontextmanager
async def running_engine(
    folder: Path,
    provider: Provider,
    *,
    record: ProviderRecord = PAID,
    policy: RetryPolicy | None = None,
    caps: Caps | None = None,
    concurrency: int = 8,
    clock: Clock | None = None,
    seed: int = 1,
    started: bool = True,
    checkpoint: Callable[[str], None] = nothing_here,
    remover: BackgroundRemover | None = None,
    others: Sequence[Provider] = (),
    rates: Mapping[str, int] | None = None,
) -> AsyncIterator[Engine]:
    """An engine with the real queue, real SQLite and a real store in `folder`; `others` come after `provider`."""
    providers = {record.id: provider} | {other.record.id: other for other in others}
    store = MediaStore(folder)
    store.check_writable()
    path = folder / "imagegen.sqlite3"
    migrate(path)
    database = Database(path)
    engine = Engine(
        Parts(
            database=database,
            store=store,
            catalogue=Catalogue([record, *(other.record for other in others)]),
            providers=providers,
            styles=STYLES,
            queue=PgQueuerQueue({**dict.fromkeys(providers), record.id: record.concurrency, LANE: 1}, concurrency),
            clock=clock or SystemClock(),
            random=Random(seed),
            offload=asyncio.to_thread,
            policy=policy or RetryPolicy(max_retries=2, delay=0.01, max_delay=0.05),
            caps=caps or Caps(),
            concurrency=concurrency,
            checkpoint=checkpoint,
            remover=remover,
            rates=rates or {},
        )
    )
    try:
        if started:
            await engine.start()
        yield engine
    finally:
        await engine.stop(0.0)
        database.close()


async def until_done(engine: Engine, job_id: str, *, owner: str = "local") -> None:
    """Wait, woken by the engine's own events, until no task of the job is live."""
    changed = asyncio.Event()
    leave = engine.on_commit(changed.set)
    try:
        async with asyncio.timeout(20):
            while True:
                changed.clear()
                job = await engine.job(job_id, owner=owner)
                assert job is not None
                if job.status not in ("queued", "processing"):
                    return
                await changed.wait()
    finally:
        leave()


NO_MONEY = MicroUsd(0)
