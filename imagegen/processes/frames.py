"""What goes over the child's pipes: frames of a small JSON object and bytes, each behind its length."""

from __future__ import annotations

import json
import struct
from asyncio import IncompleteReadError, StreamReader
from collections.abc import Mapping
from typing import IO, Any

_LENGTHS = struct.Struct(">II")

Header = dict[str, Any]
Frame = tuple[Header, bytes]


def packed(header: Mapping[str, object], body: bytes = b"") -> bytes:
    """One frame, with a body of less than 4 GB."""
    head = json.dumps(header).encode()
    return _LENGTHS.pack(len(head), len(body)) + head + body


def read_frame(stream: IO[bytes]) -> Frame | None:
    """The next frame; None once the other side is gone, also in the middle of one."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    head_length, body_length = _LENGTHS.unpack(lengths)
    head, body = stream.read(head_length), stream.read(body_length)
    if len(head) < head_length or len(body) < body_length:
        return None
    return json.loads(head), body


async def receive_frame(stream: StreamReader) -> Frame | None:
    """As `read_frame`, without holding up the event loop."""
    try:
        head_length, body_length = _LENGTHS.unpack(await stream.readexactly(_LENGTHS.size))
        head = await stream.readexactly(head_length)
        return json.loads(head), await stream.readexactly(body_length)
    except (IncompleteReadError, ConnectionError):
        return None
