"""Vendors that work on jobs: one POST creates a job, then it is asked about by its id, then its picture is read.

Only the POST may be billed; everything after it is free and is repeated until the job has ended, also by a later
run of the program that knows the id.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imagegen.catalogue.records import MicroUsd
from imagegen.providers.answer import PICTURE_STARTS, no_picture, unknown
from imagegen.providers.base import Billed, ErrorKind, Picture, ProviderCall, ProviderError, Reporter
from imagegen.providers.wire import WireProvider

if TYPE_CHECKING:
    from imagegen.providers.http_wire import HttpWire

JOB_SECONDS = 900.0
"""How long a job is waited for: a worker that starts cold loads its model for minutes. Whoever asks again later
asks about the same job first."""
LOOK_FIRST, LOOK_LAST, LOOK_GROWTH = 0.5, 3.0, 1.3
"""Seconds between looks at a job: soon at first, for the quickest models take one second."""


@dataclass(frozen=True, slots=True)
class Running:
    """The job has not ended. `done` goes from 0 to 1, None where the vendor does not tell."""

    done: float | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """The job has ended well: its picture's bytes, or the link to them, and what was told beside it."""

    picture: bytes | str = field(repr=False)
    usd: MicroUsd | None = None
    model_version: str | None = None
    usage: Mapping[str, int] = field(default_factory=dict)
    notice: str | None = None


class ResumableProvider(WireProvider["HttpWire"]):
    """A vendor that can be asked about a job later. `record` says `resumable`."""

    async def resume(self, call: ProviderCall, remote_id: str, reporter: Reporter) -> Picture:
        """Wait for the picture of that job. Raises `ProviderError`."""
        return await self._picture(await self._ready(), call, remote_id, reporter)

    async def _picture(self, wire: HttpWire, call: ProviderCall, remote_id: str, reporter: Reporter) -> Picture:
        finished = await self._ended(wire, call, remote_id, reporter)
        reporter.receiving()
        data = finished.picture if isinstance(finished.picture, bytes) else await wire.fetch(finished.picture)
        if not data.startswith(PICTURE_STARTS):
            raise no_picture(self.record.title, finished.usd)
        return Picture(data, finished.usd, finished.model_version, finished.usage, finished.notice)

    @abstractmethod
    async def _look(self, wire: HttpWire, call: ProviderCall, remote_id: str) -> Running | Finished:
        """How the job stands. Raises `ProviderError` when it has ended without a picture.

        The kinds `CONNECTION_FAILED`, `RATE_LIMITED` and `OVERLOADED` are about the look alone, which is repeated.
        """

    async def _ended(self, wire: HttpWire, call: ProviderCall, remote_id: str, reporter: Reporter) -> Finished:
        clock = asyncio.get_running_loop().time
        until, pause = clock() + JOB_SECONDS, LOOK_FIRST
        while True:
            try:
                state = await self._look(wire, call, remote_id)
            except ProviderError as error:
                if error.kind not in _LOOK_AGAIN:
                    raise
                state = Running()
            if isinstance(state, Finished):
                return state
            if state.done is not None:
                reporter.progress(state.done)
            if clock() + pause > until:
                raise unknown(f"{self.record.title} did not finish the picture within {JOB_SECONDS / 60:g} min.")
            await asyncio.sleep(pause)
            pause = min(pause * LOOK_GROWTH, LOOK_LAST)


class RemoteJobProvider(ResumableProvider):
    """What the vendors have in common that work on every call as a job."""

    async def generate(self, call: ProviderCall, reporter: Reporter) -> Picture:
        """Create one job with one POST and wait for its picture. Raises `ProviderError`."""
        wire = await self._ready()
        remote_id = await self._create(wire, call)
        await reporter.created(remote_id)
        return await self._picture(wire, call, remote_id, reporter)

    @abstractmethod
    async def _create(self, wire: HttpWire, call: ProviderCall) -> str:
        """Post the call, once, and return the job's id. Raises `ProviderError`."""


_LOOK_AGAIN = frozenset({ErrorKind.CONNECTION_FAILED, ErrorKind.RATE_LIMITED, ErrorKind.OVERLOADED})


def failed(title: str) -> ProviderError:
    """The job ended in an error of the vendor's own."""
    message = f"{title} could not make the picture. It may have been billed; try again if you like."
    return ProviderError(ErrorKind.INTERNAL, message, billed=Billed.PERHAPS)


def unclear(title: str) -> ProviderError:
    """The vendor does not tell of the job until something is mended, such as the key."""
    return unknown(f"{title} does not tell what became of the picture.")


def stopped(title: str) -> ProviderError:
    """The job was cancelled at the vendor before its picture was done."""
    message = f"The picture was stopped at {title}. What ran until then may have been billed."
    return ProviderError(ErrorKind.CANCELLED, message, billed=Billed.PERHAPS)
