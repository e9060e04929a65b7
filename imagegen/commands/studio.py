"""The studio that a command speaks to: the server that holds the data folder, or one of its own in this process.

Both are reached through the REST API, so that a command has one way to ask and people read the same words. Without
a server the engine is opened here, and no page is built.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from imagegen.commands.terminal import CommandFailed
from imagegen.jobs.holding import address_of_holder
from imagegen.jobs.migrate import MigrationRefused
from imagegen.jobs.startup import DataFolderInUse, open_engine, price
from imagegen.media.store import StorageError
from imagegen.prompts.styles import StyleFileError
from imagegen.settings import Settings, SettingsError
from imagegen.web.application import create_api
from imagegen.web.broadcast import Broadcast

Json = dict[str, Any]
ANSWER_SECONDS = 60.0
CANNOT_OPEN = (SettingsError, StorageError, MigrationRefused, StyleFileError)
"""What keeps an engine from being opened; each tells in one line why."""


async def _nothing_to_finish() -> None:
    """The server goes on by itself."""


@dataclass(frozen=True, slots=True)
class Studio:
    """An open studio. `address` is the server's, None in this process; `finish` lets running calls end."""

    client: httpx2.AsyncClient
    address: str | None
    finish: Callable[[], Awaitable[None]] = _nothing_to_finish

    async def get(self, path: str) -> Json:
        """The JSON at that path. Raises `CommandFailed` with the words of a refusal."""
        return _told(await self._request("GET", path))

    async def post(self, path: str, body: Json) -> Json:
        """The answer to a JSON body. Raises as `get`."""
        return _told(await self._request("POST", path, json=body))

    async def upload(self, file: Path) -> str:
        """The reference id of a picture. Raises as `get`, naming the file."""
        try:
            data = await asyncio.to_thread(file.read_bytes)
        except OSError as error:
            raise CommandFailed(f"--reference {file}: {(error.strerror or 'it cannot be read').lower()}") from None
        answer = await self._request("POST", "/api/references", files={"file": ("reference", data)})
        if not answer.is_success:
            raise CommandFailed(f"--reference {file}: {answer.json()['detail']}")
        return str(answer.json()["id"])

    async def picture(self, image_id: str) -> bytes:
        """A picture in the format that its request asked for. Raises as `get`."""
        answer = await self._request("GET", f"/api/images/{image_id}/download")
        if not answer.is_success:
            _told(answer)
        return answer.content

    async def _request(self, method: str, path: str, **content: Any) -> httpx2.Response:  # noqa: ANN401
        try:
            return await self.client.request(method, path, **content)
        except httpx2.HTTPError as error:
            where = self.address or "the studio"
            raise CommandFailed(f"{where} did not answer ({type(error).__name__})") from None


@asynccontextmanager
async def open_studio(settings: Settings) -> AsyncIterator[Studio]:
    """The studio of that data folder. Raises `CommandFailed` when neither a server nor the folder can be used."""
    try:
        async with open_engine(settings) as engine, Broadcast(engine) as broadcast:
            await price(engine)
            transport = httpx2.ASGITransport(create_api(engine, broadcast))
            async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
                yield Studio(client, None, lambda: engine.stop(settings.shutdown_grace))
    except CANNOT_OPEN as error:
        raise CommandFailed(str(error)) from None
    except DataFolderInUse as in_use:
        address = await asyncio.to_thread(address_of_holder, settings.data_dir)
        if address is None:
            raise CommandFailed(str(in_use)) from None
        async with httpx2.AsyncClient(base_url=address, timeout=ANSWER_SECONDS, trust_env=False) as client:
            yield Studio(client, address)


def _told(answer: httpx2.Response) -> Json:
    if answer.is_success:
        told: Json = answer.json()
        return told
    try:
        words = str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        words = f"the answer was {answer.status_code}"
    raise CommandFailed(words)
