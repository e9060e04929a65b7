"""Models fetched from their publisher when a person asks for one."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx2

from imagegen.media.cutout.models import CUTOUT_MODELS, CutoutModel, CutoutModelState

log = logging.getLogger("imagegen.cutout")

SPARE_BYTES = 256 * 1024**2
"""Left free on the disk, for pictures and the database."""
_TIMEOUT = httpx2.Timeout(30.0)
"""Seconds for a connection, and without a byte; a whole file may take as long as it takes."""


class DownloadFailed(Exception):  # noqa: N818 - an answer to a person, not a fault
    """The model was not installed. The message is plain."""


@dataclass(slots=True)
class _Running:
    task: asyncio.Task[None]
    received: int = 0


class Downloads:
    """One download of each model at a time; who asks for the same one meanwhile waits for it too.

    With a `base_url`, files come from there under their own names, also over http. The folder is read once.
    """

    def __init__(
        self, folder: Path, base_url: str | None = None, models: Mapping[str, CutoutModel] = CUTOUT_MODELS
    ) -> None:
        self._folder = folder
        self._models = models
        self._base_url = base_url
        self._schemes = {"https"} if base_url is None else {"https", httpx2.URL(base_url).scheme}
        self._installed = {model.id for model in models.values() if model.path(folder).is_file()}
        self._running: dict[str, _Running] = {}
        self._errors: dict[str, str] = {}

    def is_installed(self, model: CutoutModel) -> bool:
        """Whether the file was here at start, or has come since."""
        return model.id in self._installed

    def states(self) -> list[CutoutModelState]:
        """Every model that is offered."""
        return [
            CutoutModelState(
                model,
                model.id in self._installed,
                self._running[model.id].received / model.bytes if model.id in self._running else None,
                self._errors.get(model.id),
            )
            for model in self._models.values()
        ]

    async def download(self, model_id: str) -> None:
        """Install a model; nothing happens if it is. Raises `DownloadFailed`.

        Whoever waits may be cancelled without harm to the download; `cancel` stops it.
        """
        model = self._models.get(model_id)
        if model is None:
            raise DownloadFailed(f"There is no model {model_id[:40]!r}; allowed: {', '.join(self._models)}.")
        if model.id in self._installed:
            return
        if model.id not in self._running:
            self._errors.pop(model.id, None)
            running = _Running(asyncio.create_task(self._install(model)))
            running.task.add_done_callback(lambda _: self._running.pop(model.id, None))
            self._running[model.id] = running
        task = self._running[model.id].task
        await asyncio.wait([task])
        if model.id not in self._installed:
            raise DownloadFailed(self._errors.get(model.id, "The download was cancelled."))

    def cancel(self, model_id: str) -> None:
        """Stop a download."""
        if model_id in self._running:
            self._running[model_id].task.cancel()

    async def aclose(self) -> None:
        """Stop all downloads."""
        tasks = [running.task for running in self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _install(self, model: CutoutModel) -> None:
        """Download, check and put in place. What goes wrong is kept for `states`; nothing half is left."""
        part = self._folder / f"{model.id}.part"
        try:
            file = await asyncio.to_thread(self._created, part, model)
            try:
                await self._received(model, file)
            finally:
                await asyncio.to_thread(file.close)
            await asyncio.to_thread(self._put_in_place, part, model)
        except DownloadFailed as failed:
            self._errors[model.id] = str(failed)
        except (httpx2.HTTPError, httpx2.InvalidURL):
            self._errors[model.id] = "The server could not be reached, or broke off; try again."
        except OSError:
            self._errors[model.id] = "The model could not be saved; see that there is space and leave to write."
        else:
            self._installed.add(model.id)
            log.info("the model %s was installed", model.id)
        finally:
            await asyncio.to_thread(_removed, part)

    def _created(self, part: Path, model: CutoutModel) -> IO[bytes]:
        self._folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self._folder).free < model.bytes + SPARE_BYTES:
            raise DownloadFailed(f"There is too little space; the model takes {model.bytes / 1e6:.0f} MB.")
        return part.open("wb")

    async def _received(self, model: CutoutModel, file: IO[bytes]) -> None:
        async with (
            httpx2.AsyncClient(
                follow_redirects=True,
                timeout=_TIMEOUT,
                headers={"Accept-Encoding": "identity"},
                event_hooks={"request": [self._check_scheme]},
            ) as client,
            client.stream("GET", self._url(model)) as response,
        ):
            if response.status_code != httpx2.codes.OK:
                raise DownloadFailed(f"The server answered with {response.status_code} instead of the file.")
            async for chunk in response.aiter_raw():
                running = self._running[model.id]
                running.received += len(chunk)
                if running.received > model.bytes:
                    raise DownloadFailed("The server sent another file than expected.")
                await asyncio.to_thread(file.write, chunk)

    def _url(self, model: CutoutModel) -> str:
        return model.url if self._base_url is None else f"{self._base_url}/{model.url.rpartition('/')[2]}"

    async def _check_scheme(self, request: httpx2.Request) -> None:
        """Also of each redirect."""
        if request.url.scheme not in self._schemes:
            raise DownloadFailed("The server wanted to send the file without encryption.")

    def _put_in_place(self, part: Path, model: CutoutModel) -> None:
        if not model.is_intact(part):
            raise DownloadFailed("What came is not the expected file; try again.")
        part.replace(model.path(self._folder))


def _removed(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)
