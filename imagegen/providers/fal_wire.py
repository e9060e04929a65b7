"""The HTTP client for fal's queue. Imported when the first picture is asked for, with httpx2."""

from __future__ import annotations

from imagegen.providers.http_wire import HttpWire


def fal_wire(*, api_key: str, base_url: str | None, connect_timeout: float, read_timeout: float) -> HttpWire:
    """The client for the process; `base_url` is the queue's."""
    return HttpWire(
        "fal",
        base_url or "https://queue.fal.run",
        {"Authorization": f"Key {api_key}"},
        connect_timeout=connect_timeout,
        read_timeout=read_timeout,
    )
