"""What an open page asks of its server while pictures arrive, without a browser's own work."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from http.client import HTTPException
from typing import Any

from bench.loopback import Connection

Viewer = AbstractContextManager[None]
TICK = 1.0
"""Seconds between refreshes of the plain app's gallery, as its timer says."""


@contextmanager
def watching_imagegen(port: int) -> Iterator[None]:
    """Follows the event stream and fetches each new picture's record and thumbnail."""
    stream = Connection(port)
    opened, closing = threading.Event(), threading.Event()

    def watch() -> None:
        with suppress(OSError, HTTPException, ValueError), Connection(port) as fetching:
            for line in stream.stream("/api/events"):
                opened.set()
                if closing.is_set():
                    return
                image_id = json.loads(line[5:]).get("image_id") if line.startswith(b"data:") else None
                if image_id and image_id not in shown:
                    shown.add(image_id)
                    fetching.get(f"/api/images/{image_id}")
                    fetching.get(f"/api/images/{image_id}/thumb")

    shown: set[str] = set()
    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    opened.wait(10)
    yield
    closing.set()
    stream.close()
    thread.join(10)


@contextmanager
def watching_plain_app(port: int) -> Iterator[None]:
    """Refreshes the gallery each second and fetches each new picture, for it shows the file itself."""
    closing = threading.Event()
    shown: set[str] = set()

    def watch() -> None:
        with suppress(OSError, HTTPException), Connection(port) as fetching:
            while not closing.wait(TICK):
                for path in _refreshed(fetching):
                    if path not in shown:
                        shown.add(path)
                        fetching.get(path)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    yield
    closing.set()
    thread.join(30)


def _refreshed(connection: Connection) -> list[str]:
    """The paths of the pictures that one tick of the timer brings."""
    event: str = connection.post("/gradio_api/call/pictures", {"data": []})["event_id"]
    lines = connection.get(f"/gradio_api/call/pictures/{event}").decode().splitlines()
    [data] = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")][-1:]
    entries: list[Any] = json.loads(data)[0]
    return [f"/gradio_api/file={entry['image']['path']}" for entry in entries]
