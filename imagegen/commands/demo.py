"""`python -m imagegen demo N`: an empty data folder becomes a gallery of half a year."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random

from imagegen.commands.terminal import CommandFailed, Progress, say
from imagegen.jobs.clock import SystemClock
from imagegen.jobs.ids import new_uuid
from imagegen.jobs.migrate import migrate
from imagegen.jobs.samples import Filling, Sample, fill, prompt_of, span
from imagegen.jobs.startup import STYLES, DataFolderInUse, held
from imagegen.media.store import MediaStore, Receipt, StorageError
from imagegen.media.thumbnails import ensure_thumbnail
from imagegen.prompts.styles import load_styles
from imagegen.providers.base import ProviderCall, Reporter
from imagegen.providers.sketch import SketchProvider
from imagegen.settings import Settings, SettingsError, load_settings
from imagegen.web.context import OWNER

FILES = 60
"""Pictures that are really drawn; the others show one of them."""
SEED = 20_261_121
"""The same folder for the same N, apart from its dates."""


def run(options: argparse.Namespace) -> int:
    """Fill the data folder of the settings."""
    try:
        settings = load_settings()
        begun = time.monotonic()
        filling = _filled(settings, options.images)
    except (SettingsError, StorageError, DataFolderInUse) as error:
        raise CommandFailed(str(error)) from None
    say(
        f"{options.images:,} pictures from {span(filling)} are in {settings.data_dir} "
        f"({time.monotonic() - begun:.0f} s). Start the studio to see them."
    )
    return 0


def _filled(settings: Settings, images: int) -> Filling:
    folder, progress = settings.data_dir, Progress()
    store = MediaStore(folder, durable=False)  # it can all be made again
    folder.mkdir(parents=True, exist_ok=True)
    with held(folder):
        _check_empty(folder, settings.database_path)
        store.check_writable()
        random = Random(SEED)
        progress.show("drawing")
        samples = asyncio.run(_draw(store, min(images, FILES), random))
        settings.database_path.parent.mkdir(parents=True, exist_ok=True)
        migrate(settings.database_path)
        filling = Filling(
            images=images,
            owner=OWNER,
            now_ms=SystemClock().now_ms(),
            provider=SketchProvider.record,
            styles=sorted(load_styles(STYLES)),
            samples=samples,
        )
        fill(settings.database_path, filling, random, lambda done: progress.show(f"{done:,} of {images:,}"))
        progress.clear()
    return filling


def _check_empty(folder: Path, database: Path) -> None:
    """Empty folders and hidden files, like the lock, do not count."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    if database.exists() or any(files):
        raise CommandFailed(
            f"the data folder {folder} is not empty; set IMAGEGEN_DATA_DIR to a new or an empty folder"
        )


async def _draw(store: MediaStore, files: int, random: Random) -> list[Sample]:
    """Draw, store and scale down that many pictures, in the shapes of the provider in turn."""
    provider = SketchProvider()
    try:
        return await asyncio.gather(
            *(_sample(store, provider, call, new_uuid(random)) for call in islice(_calls(random), files))
        )
    finally:
        await provider.aclose()


async def _sample(store: MediaStore, provider: SketchProvider, call: ProviderCall, attempt_id: str) -> Sample:
    drawn = await provider.generate(call, Reporter())

    def shelve() -> Sample:
        store.spool(attempt_id, drawn.data, Receipt(drawn.usd, drawn.model_version))
        picture = store.accept(attempt_id)
        store.forget(attempt_id)
        ensure_thumbnail(store, picture.sha256, picture.format)
        return Sample(call.aspect_ratio, picture)

    return await asyncio.to_thread(shelve)


def _calls(random: Random) -> Iterator[ProviderCall]:
    (model,) = SketchProvider.record.models
    while True:
        for ratio in model.capabilities.aspect_ratios:
            yield ProviderCall(
                attempt_id=new_uuid(random),
                model=model,
                prompt=prompt_of(random),
                aspect_ratio=ratio,
                image_size="1K",
                seed=random.randrange(2**31),
            )
