"""From settings to a running engine: data folder, lock, schema, parts, start; and the way back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from random import SystemRandom

from filelock import FileLock, Timeout

from imagegen.catalogue.catalogue import Catalogue
from imagegen.catalogue.records import MicroUsd
from imagegen.jobs.clock import SystemClock
from imagegen.jobs.cutouts import LANE
from imagegen.jobs.database import Database
from imagegen.jobs.engine import Engine, Parts
from imagegen.jobs.migrate import migrate
from imagegen.jobs.pgqueuer_queue import PgQueuerQueue
from imagegen.jobs.retry import RetryPolicy
from imagegen.jobs.spending import Caps
from imagegen.jobs.workshop import nothing_here
from imagegen.keys import KeyRing
from imagegen.media.cutout import Cutter
from imagegen.media.store import MediaStore
from imagegen.prompts.styles import load_styles
from imagegen.providers import registry
from imagegen.providers.listed_prices import repriced
from imagegen.settings import ROOT, Settings

FILE_THREADS = 4
"""How many pictures are written or read at once; they wait for the disk, not for a core."""
STYLES = ROOT / "assets" / "styles"
LOCK = ".lock"
"""The file in the data folder that its one server holds."""


class DataFolderInUse(Exception):  # noqa: N818 - named for what happened
    """Another server holds the data folder."""


@asynccontextmanager
async def open_engine(
    settings: Settings, *, checkpoint: Callable[[str], None] = nothing_here
) -> AsyncIterator[Engine]:
    """A started engine on the data folder of the settings; stopped without grace at the end unless stopped before.

    Raises `StorageError`, `DataFolderInUse`, `MigrationRefused`, `SettingsError` or `StyleFileError` before
    anything is begun.
    """
    settings = KeyRing(settings.data_dir).applied(settings)
    records = registry.enabled(settings)
    registry.check_rates(settings)
    styles = load_styles(STYLES)
    store = MediaStore(settings.data_dir, checkpoint=checkpoint)
    store.check_writable()
    with held(settings.data_dir):
        settings.database_path.parent.mkdir(parents=True, exist_ok=True)
        migrate(settings.database_path)
        store.sweep_temporary()
        database = Database(settings.database_path)
        # Threads of their own: the loop's common ones may all be busy drawing or making thumbnails.
        files = ThreadPoolExecutor(FILE_THREADS, "media-store")
        loop = asyncio.get_running_loop()
        parts = Parts(
            database=database,
            store=store,
            catalogue=Catalogue(records, needed=registry.needed(settings)),
            providers=registry.build(settings),
            styles=styles,
            queue=PgQueuerQueue(
                {record.id: record.concurrency for record in registry.RECORDS} | {LANE: 1},
                settings.worker_concurrency,
            ),
            clock=SystemClock(),
            random=SystemRandom(),
            offload=lambda function: loop.run_in_executor(files, function),
            policy=retry_policy(settings),
            caps=caps_of(settings),
            on_retired=settings.on_retired,
            rates=settings.rate_limits,
            watched=True,
            concurrency=settings.worker_concurrency,
            checkpoint=checkpoint,
            remover=Cutter(settings.data_dir / "models"),
        )
        try:
            async with Engine(parts) as engine:
                yield engine
        finally:
            files.shutdown(wait=True)
            database.close()


async def price(engine: Engine) -> None:
    """Bring the prices up to the installed list, which takes a moment that no start should wait for."""
    while True:
        before = engine.catalogue
        records = await asyncio.to_thread(repriced, before.providers)
        if engine.catalogue is before:  # a key may have been given meanwhile, which brings other providers
            engine.switch(Catalogue(records, needed=before.needed), engine.providers)
            return


def retry_policy(settings: Settings) -> RetryPolicy:
    """How often and how long to try again, from the settings."""
    return RetryPolicy(
        max_retries=settings.max_retries,
        delay=settings.retry_delay,
        max_delay=settings.retry_max_delay,
        backoff=settings.retry_backoff,
        resend_unknown=settings.on_interrupted == "resend",
    )


def caps_of(settings: Settings) -> Caps:
    """The hard limits on spending, from the settings."""

    def amount(dollars: float | None) -> MicroUsd | None:
        return None if dollars is None else MicroUsd(round(dollars * 1_000_000))

    return Caps(job=amount(settings.budget_job_usd), day=amount(settings.budget_day_usd))


class held:  # noqa: N801 - reads as a statement
    """The exclusive lock of the data folder. Python's file handles are not inherited by child processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FileLock(folder / LOCK, timeout=0)

    def __enter__(self) -> None:
        try:
            self._lock.acquire()
        except Timeout:
            raise DataFolderInUse(
                f"another server already uses the data folder {self._folder}; stop it, or set IMAGEGEN_DATA_DIR"
            ) from None

    def __exit__(self, *_: object) -> None:
        self._lock.release()
