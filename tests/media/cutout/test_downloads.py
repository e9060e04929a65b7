"""Models fetched over loopback."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from imagegen.media.cutout import CUTOUT_MODELS, Cutter, DownloadFailed
from imagegen.media.cutout.downloads import Downloads

CONTENT = bytes(range(256)) * 4096
"""A megabyte."""
U2NET = replace(
    CUTOUT_MODELS["u2net"],
    bytes=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    md5=hashlib.md5(CONTENT, usedforsecurity=False).hexdigest(),
)
MODELS = {"u2netp": CUTOUT_MODELS["u2netp"], "u2net": U2NET}


@dataclass
class Publisher:
    """Sends `head` and `body` to whoever asks, and then waits for `finish` before it closes."""

    head: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n" % len(CONTENT)
    body: bytes = CONTENT
    url: str = ""
    asked: list[str] = field(default_factory=list)
    finish: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append((await reader.readuntil(b"\r\n\r\n")).decode().splitlines()[0])
        writer.write(self.head + b"Connection: close\r\n\r\n" + self.body)
        await self.finish.wait()
        writer.close()


@pytest.fixture
async def publisher() -> AsyncIterator[Publisher]:
    publisher = Publisher()
    publisher.finish.set()
    server = await asyncio.start_server(publisher.serve, "127.0.0.1", 0)
    publisher.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield publisher
    publisher.finish.set()
    server.close()


@pytest.fixture
async def downloads(publisher: Publisher, tmp_path: Path) -> AsyncIterator[Downloads]:
    downloads = Downloads(tmp_path / "models", publisher.url, MODELS)
    yield downloads
    await downloads.aclose()


async def failure(downloads: Downloads) -> str:
    """Why u2net was not installed; nothing of it is left."""
    with pytest.raises(DownloadFailed) as caught:
        await downloads.download("u2net")
    state = downloads.states()[1]
    assert (state.installed, state.downloading) == (False, None)
    assert list(downloads._folder.glob("*")) == []
    return str(caught.value)


async def test_a_model_is_downloaded_once_and_then_there(downloads: Downloads, publisher: Publisher) -> None:
    assert [state.installed for state in downloads.states()] == [True, False]
    await asyncio.gather(downloads.download("u2net"), downloads.download("u2net"))
    await downloads.download("u2net")
    assert publisher.asked == ["GET /u2net.onnx HTTP/1.1"]
    assert [state.installed for state in downloads.states()] == [True, True]
    (path,) = downloads._folder.iterdir()
    assert path == U2NET.path(downloads._folder)
    assert path.read_bytes() == CONTENT
    assert Downloads(downloads._folder, models=MODELS).is_installed(U2NET)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what is bound to come; the test fails if it does not."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - progress is looked at, nobody is told of it
            await asyncio.sleep(0.005)


async def test_progress_is_visible_and_a_download_can_be_cancelled(
    downloads: Downloads, publisher: Publisher
) -> None:
    publisher.body, whole = CONTENT[: len(CONTENT) // 2], publisher.body
    publisher.finish.clear()
    waiting = asyncio.create_task(failure(downloads))
    await until(lambda: (downloads.states()[1].downloading or 0) >= 0.5)
    assert downloads.states()[1].downloading == 0.5
    assert not downloads.states()[1].installed
    downloads.cancel("u2net")
    assert await waiting == "The download was cancelled."
    publisher.body = whole
    publisher.finish.set()
    await downloads.download("u2net")
    assert downloads.states()[1].error is None


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        (None, CONTENT[:-1] + b"x", "not the expected file"),
        (None, CONTENT[:-1], "broke off"),
        (b"HTTP/1.1 200 OK\r\n", CONTENT[:-1], "not the expected file"),
        (b"HTTP/1.1 200 OK\r\n", CONTENT + b"x", "another file"),
        (b"HTTP/1.1 404 Not Found\r\n", b"", "404"),
        (b"HTTP/1.1 302 Found\r\nLocation: ftp://127.0.0.1/x\r\n", b"", "without encryption"),
        (b"nonsense\r\n", b"", "broke off"),
    ],
    ids=["changed", "cut short", "too short", "too long", "missing", "redirected", "not http"],
)
async def test_another_file_is_not_installed(
    downloads: Downloads, publisher: Publisher, head: bytes | None, body: bytes, expected: str
) -> None:
    publisher.head, publisher.body = head or publisher.head, body
    told = await failure(downloads)
    assert expected in told
    assert downloads.states()[1].error == told, "also for those who look later"


async def test_without_encryption_nobody_is_asked(publisher: Publisher, tmp_path: Path) -> None:
    plain = {**MODELS, "u2net": replace(U2NET, url=f"{publisher.url}/u2net.onnx")}
    assert "without encryption" in await failure(Downloads(tmp_path / "models", models=plain))
    assert publisher.asked == []


async def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "could not be reached" in await failure(Downloads(tmp_path / "models", "http://127.0.0.1:9", MODELS))


async def test_a_full_disk_is_told_before_anything_is_asked(
    downloads: Downloads, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imagegen.media.cutout.downloads.SPARE_BYTES", 10**18)
    assert "too little space" in await failure(downloads)
    assert publisher.asked == []


async def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, publisher: Publisher) -> None:
    (tmp_path / "models").write_text("a file")
    downloads = Downloads(tmp_path / "models", publisher.url, MODELS)
    with pytest.raises(DownloadFailed, match="could not be saved"):
        await downloads.download("u2net")


async def test_a_model_that_is_not_offered_is_refused(tmp_path: Path) -> None:
    cutter = Cutter(tmp_path)
    with pytest.raises(DownloadFailed, match="'bria-rmbg'; allowed: u2netp, u2net"):
        await cutter.download("bria-rmbg")
    cutter.cancel_download("bria-rmbg")
    assert [state.model.id for state in cutter.models()] == list(CUTOUT_MODELS)
    await cutter.aclose()


async def test_closing_stops_a_download(tmp_path: Path, publisher: Publisher) -> None:
    publisher.finish.clear()
    publisher.body = b""
    cutter = Cutter(tmp_path, base_url=publisher.url)
    waiting = asyncio.create_task(cutter.download("u2net"))
    await until(lambda: bool(publisher.asked))
    await cutter.aclose()
    with pytest.raises(DownloadFailed, match="cancelled"):
        await waiting
