"""Cuts pictures out, one at a time, in a child process that may crash or hang without harm to anything else."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from imagegen.media.cutout.downloads import Downloads
from imagegen.media.cutout.models import CUTOUT_MODELS, CutoutModel, CutoutModelState
from imagegen.media.cutout.options import CutoutFailed, CutoutOptions, CutoutResult
from imagegen.processes.child import Child, ChildEnded
from imagegen.processes.frames import Header
from imagegen.processes.on_demand import OnDemandChild

log = logging.getLogger("imagegen.cutout")

State = Literal["cold", "preparing", "ready"]

SOURCE_MAX_BYTES = 256 * 1024**2
PREPARE_SECONDS = 600.0
"""For loading libraries and models. rembg's numba code compiles once in a fresh environment: a minute and more."""
_WORKER = "imagegen.media.cutout.worker"
_PASSED_ON = ("NUMBA_CACHE_DIR", "NUMBA_NUM_THREADS")
_TRIES = 2
_STOPPING = "The studio is stopping."
_NOT_STARTED = "The cut-out could not be started."


class Cutter:
    """Works in one child, which is sent away after `idle_seconds` without work.

    `models_dir` holds models that were downloaded; `limit_seconds` is the time for one picture, preparation not
    counted. `base_url` stands in for the publisher's address in tests. A cutter belongs to one event loop.
    """

    def __init__(
        self,
        models_dir: Path,
        *,
        limit_seconds: float = 120.0,
        idle_seconds: float = 300.0,
        base_url: str | None = None,
    ) -> None:
        self._models_dir = models_dir
        self._limit_seconds = limit_seconds
        self._downloads = Downloads(models_dir, base_url)
        self._worker = OnDemandChild(_WORKER, idle_seconds=idle_seconds, passed_on=_PASSED_ON)
        self._state: State = "cold"

    def state(self) -> State:
        """`cold` without a child, `preparing` while it loads what it needs, `ready` also while it works."""
        return "cold" if self._worker.pid is None else self._state

    async def prepare(self) -> None:
        """Have the child ready, so that the first picture need not wait for it. Raises `CutoutFailed`."""
        async with self._worker.turn():
            await self._ready_child()

    async def cut(self, source: bytes, options: CutoutOptions) -> CutoutResult:
        """The subject of an encoded picture. Raises `CutoutFailed`."""
        model = self._model(options)
        if len(source) > SOURCE_MAX_BYTES:
            raise CutoutFailed(
                "too_large", f"The file is too large; allowed: up to {SOURCE_MAX_BYTES // 1024**2} MB."
            )
        request = asdict(options) | {"path": str(model.path(self._models_dir))}
        async with self._worker.turn():
            for _ in range(_TRIES):
                try:
                    return await self._tried(request, source)
                except ChildEnded:
                    log.warning("the cut-out process ended during a picture")
            raise CutoutFailed("ended", f"The cut-out ended {_TRIES} times on this picture.")

    def models(self) -> list[CutoutModelState]:
        """Every model that is offered, and whether it is installed."""
        return self._downloads.states()

    async def download(self, model_id: str) -> None:
        """Install a model; `models()` tells how far it is. Raises `DownloadFailed`."""
        await self._downloads.download(model_id)

    def cancel_download(self, model_id: str) -> None:
        """Stop a download; whoever waits for it gets `DownloadFailed`. Nothing happens if there is none."""
        self._downloads.cancel(model_id)

    async def aclose(self) -> None:
        """End the child and all downloads. A cut-out that runs fails with the reason `closed`."""
        await asyncio.gather(self._worker.aclose(), self._downloads.aclose())

    def _model(self, options: CutoutOptions) -> CutoutModel:
        model = CUTOUT_MODELS.get(options.model)
        if model is None:
            allowed = ", ".join(CUTOUT_MODELS)
            raise CutoutFailed("model", f"There is no model {options.model[:40]!r}; allowed: {allowed}.")
        if not self._downloads.is_installed(model):
            raise CutoutFailed("model", f"The model {model.id} is not installed; download it first.")
        return model

    async def _tried(self, request: Header, source: bytes) -> CutoutResult:
        """One try. Raises `ChildEnded` and `CutoutFailed`; the child is only kept where it has answered."""
        child = await self._ready_child()
        try:
            async with asyncio.timeout(self._limit_seconds) as limit, aclosing(child.answers()) as answers:
                await child.send(request, source)
                async for header, body in answers:
                    if header["event"] in ("preparing", "working"):
                        is_working = header["event"] == "working"
                        self._state = "ready" if is_working else "preparing"
                        seconds = self._limit_seconds if is_working else PREPARE_SECONDS
                        limit.reschedule(asyncio.get_running_loop().time() + seconds)
                        continue
                    self._state = "ready"
                    return _result(header, body)
            raise ChildEnded
        except TimeoutError:
            await self._worker.drop()
            log.warning("a cut-out was stopped after its time limit")
            message = f"The cut-out took longer than {self._limit_seconds:g} seconds."
            raise CutoutFailed("slow", message) from None
        except CutoutFailed:
            raise
        except BaseException:  # a child that was interrupted would answer the next question with this answer
            await self._worker.drop()
            raise

    async def _ready_child(self) -> Child:
        """The child, started if there is none. Raises `CutoutFailed`."""
        fresh = self._worker.pid is None
        try:
            child = await self._worker.child()
            if fresh:
                await self._prepared(child)
        except (OSError, TimeoutError, ChildEnded):
            pass
        except BaseException:
            await self._worker.drop()
            raise
        else:
            return child
        await self._worker.drop()
        raise CutoutFailed(*("closed", _STOPPING) if self._worker.closed else ("ended", _NOT_STARTED))

    async def _prepared(self, child: Child) -> None:
        """Wait until it has loaded its libraries. Raises `TimeoutError` and `ChildEnded`."""
        self._state = "preparing"
        async with asyncio.timeout(PREPARE_SECONDS), aclosing(child.answers()) as answers:
            await anext(answers)
        self._state = "ready"


def _result(header: Header, body: bytes) -> CutoutResult:
    if header["event"] == "failed":
        raise CutoutFailed(header["reason"], header["message"])
    return CutoutResult(body, header["notice"])
