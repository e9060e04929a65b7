"""A provider whose client is imported and built when the first picture is asked for, not with the house."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from imagegen.providers.base import Provider


class Wire(Protocol):
    """A vendor's client with its connections."""

    async def aclose(self) -> None:
        """Close the connections."""


WireT = TypeVar("WireT", bound=Wire)


class WireProvider(Provider, Generic[WireT]):
    """One client for the process. Timeouts are in seconds: for connecting, and for a call as a whole."""

    def __init__(self, *, api_key: str, base_url: str | None, connect_timeout: float, read_timeout: float) -> None:
        self._api_key = api_key
        self._base_url = base_url
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._building = asyncio.Lock()
        self._wire: WireT | None = None

    async def prepare(self) -> None:
        """Import and build the client, off the event loop; the first call does it if nobody did before."""
        await self._ready()

    async def aclose(self) -> None:
        """Close the connections."""
        if self._wire is not None:
            await self._wire.aclose()
            self._wire = None

    @abstractmethod
    def _load(self) -> Callable[..., WireT]:
        """Import the client, and give what builds it. Runs in a thread."""

    async def _ready(self) -> WireT:
        async with self._building:
            if self._wire is None:
                self._wire = await asyncio.to_thread(self._build)
            return self._wire

    def _build(self) -> WireT:
        return self._load()(
            api_key=self._api_key,
            base_url=self._base_url,
            connect_timeout=self._connect_timeout,
            read_timeout=self._read_timeout,
        )
