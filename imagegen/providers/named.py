"""Vendors that take our own id for a job, so that a creation whose answer was lost can still be asked about.

The id is the attempt's. Before anything is said of such a creation the vendor is asked for some seconds, which
costs nothing: the job is there and is waited for, or the vendor surely never got it, or it stays unclear.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from enum import Enum
from typing import TYPE_CHECKING

from imagegen.providers import remote
from imagegen.providers.base import ErrorKind, Picture, ProviderCall, ProviderError, Reporter
from imagegen.providers.remote import RemoteJobProvider

if TYPE_CHECKING:
    from imagegen.providers.http_wire import HttpWire

FIND_SECONDS = 5.0
"""How long a vendor has to say that it knows no such job: a request that was cut off may still be taken in."""
UNCLEAR_SECONDS = 60.0
"""How long one is asked that says neither; most pictures are there by then."""


class Standing(Enum):
    """What a vendor says of an id."""

    KNOWN = "it has a job of that id"
    NEVER = "it never had a job of that id"
    UNCLEAR = "it does not say"


class NamedJobProvider(RemoteJobProvider):
    """What such vendors have in common. `record` says `names_calls`."""

    async def resume(self, call: ProviderCall, remote_id: str, reporter: Reporter) -> Picture:
        """Wait for that job's picture. Raises `ProviderError`, `CONNECTION_FAILED` when there never was one."""
        wire = await self._ready()
        if await self._found(wire, remote_id) is Standing.NEVER:
            raise never(self.record.title)
        return await self._picture(wire, call, remote_id, reporter)

    @abstractmethod
    async def _send(self, wire: HttpWire, call: ProviderCall) -> None:
        """Post the call, once, under the attempt's id. Raises `ProviderError`."""

    @abstractmethod
    async def _standing(self, wire: HttpWire, remote_id: str) -> Standing:
        """What the vendor says of that id. Raises nothing."""

    async def _create(self, wire: HttpWire, call: ProviderCall) -> str:
        lost: ProviderError | None = None
        try:
            await self._send(wire, call)
        except ProviderError as error:
            if error.kind is not ErrorKind.OUTCOME_UNKNOWN:
                raise
            lost = error
        if lost is not None:
            standing = await self._found(wire, call.attempt_id)
            if standing is Standing.NEVER:
                raise never(self.record.title)
            if standing is Standing.UNCLEAR:
                raise lost
        return call.attempt_id

    async def _found(self, wire: HttpWire, remote_id: str) -> Standing:
        """What the vendor says of that id when it is given time."""
        clock = asyncio.get_running_loop().time
        begun, pause = clock(), remote.LOOK_FIRST
        while True:
            standing = await self._standing(wire, remote_id)
            enough = FIND_SECONDS if standing is Standing.NEVER else UNCLEAR_SECONDS
            if standing is Standing.KNOWN or clock() - begun >= enough:
                return standing
            await asyncio.sleep(pause)
            pause = min(pause * remote.LOOK_GROWTH, remote.LOOK_LAST)


def never(title: str) -> ProviderError:
    """The vendor says that it has no job of that id, and never had one."""
    return ProviderError(
        ErrorKind.CONNECTION_FAILED,
        f"{title} never got the request. Nothing was billed; it can be tried again later.",
    )
