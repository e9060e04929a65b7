"""A model on this computer, run by Hugging Face's diffusers in a process of its own.

It has no key and costs nothing, so what was lost is simply made again.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import aclosing
from datetime import date
from typing import ClassVar

from imagegen.catalogue.geometry import PIXELS, PIXELS_1K
from imagegen.catalogue.records import (
    Capabilities,
    Lifecycle,
    MicroUsd,
    ModelRecord,
    Price,
    ProviderRecord,
    Source,
)
from imagegen.processes.child import ChildEnded
from imagegen.processes.frames import Header
from imagegen.processes.on_demand import OnDemandChild
from imagegen.providers.base import ErrorKind, Picture, Provider, ProviderCall, ProviderError, Reporter
from imagegen.providers.diffusing.places import folder_of
from imagegen.providers.diffusing.trouble import DiffusingFailed, Trouble

log = logging.getLogger("imagegen.diffusers")

TITLE, SETTING = "Diffusers (local)", "IMAGEGEN_DIFFUSERS_MODEL"
PACKAGES = ("torch", "diffusers", "transformers")
"""What is imported, of requirements-local.txt."""
REQUIREMENTS = "requirements-local.txt"
WORKER = "imagegen.providers.diffusing.worker"
LOADING_SECONDS = 6 * 3600.0
"""For loading a model; the first time it may have to be downloaded, tens of gigabytes."""
_PASSED_ON = (
    *("HF_HOME", "HF_HUB_CACHE", "HF_ENDPOINT", "HF_TOKEN", "HF_TOKEN_PATH", "HF_HUB_OFFLINE"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE"),
    *("CUDA_VISIBLE_DEVICES", "CUDA_HOME", "PYTORCH_CUDA_ALLOC_CONF", "PYTORCH_ENABLE_MPS_FALLBACK"),
)
"""What the hub's client and torch are told by the environment; `HF_TOKEN` opens models that ask for leave."""
_QUIET = {"HF_HUB_DISABLE_TELEMETRY": "1", "DISABLE_TELEMETRY": "YES", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
_OWN = Source("made on a computer of one's own", date(2026, 11, 21))
_SIZES = ("1K", "2K")

_MODEL = ModelRecord(
    id="diffusers",
    wire_id="diffusers",
    title="Diffusers (local)",
    capabilities=Capabilities(
        aspect_ratios=tuple(PIXELS_1K),
        image_sizes=_SIZES,
        max_references=1,
        # All in multiples of 16, of which diffusers' pipelines need 8 or 16; 4K is beyond the open models.
        pixels={(ratio, size): pixels for (ratio, size), pixels in PIXELS.items() if size in _SIZES},
        seed="exact",
        output_formats=("png", "jpeg", "webp"),
    ),
    price=Price(per_image=dict.fromkeys(_SIZES, MicroUsd(0)), source=_OWN),
    lifecycle=Lifecycle(source=_OWN),
)
_TROUBLES: dict[Trouble, tuple[ErrorKind, str]] = {
    "packages": (
        ErrorKind.NOT_FOUND,
        f"The packages of {TITLE} are missing or damaged; run pip install -r {REQUIREMENTS}.",
    ),
    "no_model": (ErrorKind.NOT_FOUND, f"The model of {TITLE} was not found; check {SETTING}."),
    "offline": (
        ErrorKind.CONNECTION_FAILED,
        f"The model of {TITLE} could not be downloaded; check the connection.",
    ),
    "unloadable": (
        ErrorKind.NOT_FOUND,
        f"The model of {TITLE} is damaged or of a kind that cannot be used; check {SETTING}.",
    ),
    "no_memory": (
        ErrorKind.NOT_FOUND,
        f"The model of {TITLE} is too large for this computer's memory; check {SETTING}.",
    ),
    "too_large": (
        ErrorKind.NO_IMAGE,
        "The picture is too large for this computer's memory; choose a smaller size.",
    ),
    "reference": (ErrorKind.BAD_REQUEST, "Reference 1 is not a picture that can be read."),
    "no_references": (
        ErrorKind.BAD_REQUEST,
        f"{TITLE} takes no reference pictures; make it without references.",
    ),
    "withheld": (
        ErrorKind.POLICY,
        f"{TITLE} withheld the picture under its content policy; change the prompt.",
    ),
    "failed": (ErrorKind.NO_IMAGE, f"{TITLE} could not make the picture."),
}
"""Each word of the child's, what follows from it, and how it is told."""
_SPOILS = frozenset({"packages", "unloadable", "no_memory", "too_large"})
"""After these the next picture gets a new child: what they leave behind in memory may be half done."""


class DiffusersProvider(Provider):
    """Each picture is made by one child, which is sent away after `idle_seconds` without work.

    `model` is a folder or an id of the Hugging Face Hub. `step_seconds` is how long the child may be silent while
    it works. `python` and `worker` stand in for this environment and its child in tests.
    """

    record: ClassVar[ProviderRecord] = ProviderRecord(
        id="diffusers", title="Diffusers (local)", paid=False, models=(_MODEL,), concurrency=1
    )

    def __init__(
        self,
        model: str,
        *,
        step_seconds: float = 600.0,
        idle_seconds: float = 600.0,
        python: str = sys.executable,
        worker: str = WORKER,
    ) -> None:
        self._model = model
        self._step_seconds = step_seconds
        self._worker = OnDemandChild(
            worker, idle_seconds=idle_seconds, passed_on=_PASSED_ON, settings=_QUIET, python=python
        )

    async def generate(self, call: ProviderCall, reporter: Reporter) -> Picture:
        """Make one picture. Raises `ProviderError` and nothing else, save cancellation."""
        async with self._worker.turn():
            outcome = await self._outcome(call, reporter)
        if isinstance(outcome, ProviderError):
            raise outcome  # out here, so that nothing hangs on it as its context
        return Picture(outcome, MicroUsd(0))

    async def check(self) -> None:
        """Look whether the folder holds a model; an id of the hub is looked up with the first picture."""
        failure: ProviderError | None = None
        try:
            await asyncio.to_thread(folder_of, self._model)
        except DiffusingFailed as failed:
            failure = _failure(failed.trouble)
        if failure is not None:
            raise failure  # out here, so that nothing hangs on it as its context

    async def aclose(self) -> None:
        """End the child, and what it does."""
        await self._worker.aclose()

    async def _outcome(self, call: ProviderCall, reporter: Reporter) -> bytes | ProviderError:
        """The picture, or why there is none. The child is only kept where it has answered."""
        try:
            return await self._asked(call, reporter)
        except TimeoutError:
            message = f"{TITLE} did not answer within {self._step_seconds:g} s."
            failure = ProviderError(ErrorKind.NO_IMAGE, message)
        except (ChildEnded, OSError):
            failure = _ended(self._worker.closed)
        except BaseException:  # a child that was interrupted would answer the next question with this answer
            await self._worker.drop()
            raise
        await self._worker.drop()
        log.warning("the process of diffusers was lost during a picture")
        return failure

    async def _asked(self, call: ProviderCall, reporter: Reporter) -> bytes | ProviderError:
        child = await self._worker.child()
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._step_seconds) as limit, aclosing(child.answers()) as answers:
            await child.send(self._request(call), call.references[0].data if call.references else b"")
            async for header, body in answers:
                match header["event"]:
                    case "loading":
                        limit.reschedule(loop.time() + LOADING_SECONDS)
                        continue
                    case "step":
                        reporter.progress(header["done"])
                        if body:
                            reporter.preview(body)
                    case "done":
                        reporter.receiving()
                        return body
                    case "failed":
                        if header["trouble"] in _SPOILS:
                            await self._worker.drop()
                        return _failure(header["trouble"])
                limit.reschedule(loop.time() + self._step_seconds)
        raise ChildEnded

    def _request(self, call: ProviderCall) -> Header:
        width, height = call.model.capabilities.pixels[call.aspect_ratio, call.image_size]
        return {
            "model": self._model,
            "prompt": call.prompt,
            "width": width,
            "height": height,
            "seed": call.seed,
            "output_format": call.output_format or "png",
        }


def _failure(trouble: Trouble) -> ProviderError:
    kind, message = _TROUBLES[trouble]
    return ProviderError(kind, message, usd=MicroUsd(0))


def _ended(closed: bool) -> ProviderError:
    if closed:  # the next start makes it
        return ProviderError(ErrorKind.CONNECTION_FAILED, "The studio is stopping.")
    return ProviderError(ErrorKind.OUTCOME_UNKNOWN, f"{TITLE} stopped while it worked on the picture.")
