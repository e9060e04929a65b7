"""A child that is there when it is needed: started with the first work, sent away when none has come lately."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

from imagegen.processes.child import Child, ChildEnded


class OnDemandChild:
    """One child of `module` at most, for one caller at a time, kept for `idle_seconds` without work.

    The other arguments are those of `Child.start`. It belongs to one event loop.
    """

    def __init__(
        self,
        module: str,
        *,
        idle_seconds: float,
        passed_on: Iterable[str] = (),
        settings: Mapping[str, str] | None = None,
        python: str = sys.executable,
    ) -> None:
        self._module = module
        self._idle_seconds = idle_seconds
        self._passed_on = tuple(passed_on)
        self._settings = settings
        self._python = python
        self._turn = asyncio.Lock()
        self._child: Child | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._leaving: set[asyncio.Task[None]] = set()
        self.closed = False

    @property
    def pid(self) -> int | None:
        """The child's process id; None while there is no child."""
        return None if self._child is None else self._child.pid

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until nobody else has the child."""
        async with self._turn:
            if self._idle:
                self._idle.cancel()
            try:
                yield
            finally:
                if self._child is not None and not self.closed:
                    loop = asyncio.get_running_loop()
                    self._idle = loop.call_later(self._idle_seconds, self._send_away)

    async def child(self) -> Child:
        """The child, started if there is none; for whoever's turn it is. Raises `OSError` or `ChildEnded`."""
        if self._child is None and not self.closed:
            self._child = await Child.start(
                self._module, passed_on=self._passed_on, settings=self._settings, python=self._python
            )
        if self._child is None or self.closed:  # perhaps while it started
            raise ChildEnded
        return self._child

    async def drop(self) -> None:
        """End the child, if there is one; another will be started when it is needed."""
        child, self._child = self._child, None
        if child is not None:
            await child.kill()

    async def aclose(self) -> None:
        """End the child and whatever it does. There will be no other."""
        self.closed = True
        if self._idle:
            self._idle.cancel()
        await self.drop()
        async with self._turn:  # who was about to start another child has seen that it is too late
            await self.drop()
            await asyncio.gather(*self._leaving)

    def _send_away(self) -> None:
        if not self._turn.locked():
            leaving = asyncio.create_task(self.drop())
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)
