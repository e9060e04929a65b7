"""`python -m imagegen generate`: a prompt becomes files."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from imagegen.commands.studio import Studio, open_studio
from imagegen.commands.terminal import CommandFailed, Progress, complain, say
from imagegen.media.filenames import file_name
from imagegen.settings import SettingsError, load_settings

Json = dict[str, Any]
LOOK_SECONDS = 0.25
"""Between two looks at the job."""
INTERRUPTED = 130
LIVE = ("queued", "processing")


def run(options: argparse.Namespace) -> int:
    """Make the pictures and save them: 0 when all came, 1 when some did not."""
    try:
        settings = load_settings()
    except SettingsError as error:
        raise CommandFailed(str(error)) from None
    _prepare(options.out)

    async def generate() -> int:
        async with open_studio(settings) as studio:
            return await _generate(studio, options)

    return asyncio.run(generate())


async def _generate(studio: Studio, options: argparse.Namespace) -> int:
    wanted = _request(options, [await studio.upload(file) for file in options.reference])
    say(_estimate(await studio.post("/api/quote", wanted)))
    job_id = str((await studio.post("/api/generate", wanted))["job_id"])
    try:
        job = await _finished(studio, job_id)
    except asyncio.CancelledError:  # Ctrl-C; a second one does not wait
        complain(_left(studio, job_id))
        await studio.finish()
        return INTERRUPTED
    for image in job["images"]:
        say(str(await _save(studio, image, options)))
    for problem in _problems(job):
        complain(problem)
    return 0 if len(job["images"]) == job["progress"]["total"] else 1


def _request(options: argparse.Namespace, references: list[str]) -> Json:
    given = {
        "prompt": options.prompt,
        "aspect_ratio": options.aspect_ratio,
        "image_size": options.size,
        "count": options.count,
        "model": options.model,
        "style": options.style,
        "seed": options.seed,
        "reference_images": references,
    }
    return {name: value for name, value in given.items() if value not in (None, [])}


def _estimate(quote: Json) -> str:
    """`4 pictures by sketch for $0.00`."""
    total = quote["total"]
    price = f"${quote['usd']:.2f}" if quote["known"] else "an unknown price"
    return f"{total} picture{'s' if total != 1 else ''} by {quote['model']} for {price}"


async def _finished(studio: Studio, job_id: str) -> Json:
    progress = Progress()
    try:
        while True:
            job = await studio.get(f"/api/generate/{job_id}")
            if job["status"] not in LIVE:
                return job
            counts = job["progress"]
            progress.show(f"{counts['completed']} of {counts['total']} done")
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        progress.clear()


def _left(studio: Studio, job_id: str) -> str:
    if studio.address is not None:
        return f"job {job_id} goes on in the server at {studio.address}"
    return f"job {job_id} goes on at the next start; waiting for what is being made, Ctrl-C ends at once"


async def _save(studio: Studio, image: Json, options: argparse.Namespace) -> Path:
    data = await studio.picture(image["id"])
    path = options.out / file_name(options.prompt, image["seed"], image["format"])
    return await asyncio.to_thread(_write, path, data)


def _write(path: Path, data: bytes) -> Path:
    """Write that file, or one with a number before the ending where it is taken. Raises `CommandFailed`."""
    candidate, number = path, 1
    while True:
        try:
            with candidate.open("xb") as file:
                file.write(data)
        except FileExistsError:
            number += 1
            candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
        except OSError as error:
            raise CommandFailed(f"{candidate}: {(error.strerror or 'it cannot be written').lower()}") from None
        else:
            return candidate


def _prepare(folder: Path) -> None:
    """Before anything is paid for."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandFailed(f"--out {folder}: {(error.strerror or 'it cannot be used').lower()}") from None


def _problems(job: Json) -> Iterable[str]:
    for task in job["tasks"]:
        if task["status"] != "completed":
            yield f"picture {task['index'] + 1}: {task['error'] or task['status']}"
