"""What an open page asks of its server while pictures arrive, without a browser's own work."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from bench.loopback import Connection

Viewer = AbstractContextManager[None]
TICK = 1.0
"""Seconds between refreshes of the plain app's gallery, as its timer says."""


@contextmanager
def watching_imagegen(port: int) -> Iterator[None]:
    """Follows the event stream and fetches each new picture's record and thumbnail."""
    shown: set[str] = set()
    opened = threading.Event()

    def watch(closing: threading.Event) -> None:
        with Connection(port) as fetching:
            for line in stream.stream("/api/events"):
                opened.set()
                if closing.is_set():
                    return
                image_id = json.loads(line[5:]).get("image_id") if line.startswith(b"data:") else None
                if image_id and image_id not in shown:
                    shown.add(image_id)
                    fetching.get(f"/api/images/{image_id}")
                    fetching.get(f"/api/images/{image_id}/thumb")

    with Connection(port) as stream, _beside(watch, stream.hang_up):
        opened.wait(10)
        yield


@contextmanager
def watching_plain_app(port: int) -> Iterator[None]:
    """Refreshes the gallery each second and fetches each new picture, for it shows the file itself."""
    shown: set[str] = set()

    def watch(closing: threading.Event) -> None:
        with Connection(port) as fetching:
            while not closing.wait(TICK):
                for path in _refreshed(fetching):
                    if path not in shown:
                        shown.add(path)
                        fetching.get(path)

    with _beside(watch, lambda: None):
        yield


@contextmanager
def _beside(watch: Callable[[threading.Event], None], hang_up: Callable[[], None]) -> Iterator[None]:
    """Runs `watch` in a thread until the block ends. Raises what ended it early: then nobody was looking on."""
    closing = threading.Event()
    failures: list[Exception] = []

    def run() -> None:
        try:
            watch(closing)
        except Exception as error:  # noqa: BLE001 - raised again in the thread that measures
            if not closing.is_set():
                failures.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        closing.set()
        hang_up()
        thread.join(30)
    if failures:
        raise failures[0]


def _refreshed(connection: Connection) -> list[str]:
    """The paths of the pictures that one tick of the timer brings."""
    event: str = connection.post("/gradio_api/call/pictures", {"data": []})["event_id"]
    lines = connection.get(f"/gradio_api/call/pictures/{event}").decode().splitlines()
    [data] = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")][-1:]
    entries: list[Any] = json.loads(data)[0]
    return [f"/gradio_api/file={entry['image']['path']}" for entry in entries]
