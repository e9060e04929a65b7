"""Frames over pipes."""

from __future__ import annotations

import asyncio
from io import BytesIO

import pytest

from imagegen.processes.frames import packed, read_frame, receive_frame

FRAMES = [({"event": "done", "notice": "ünï"}, b"\0picture"), ({}, b"")]


def test_frames_are_read_as_they_were_packed() -> None:
    stream = BytesIO(b"".join(packed(header, body) for header, body in FRAMES))
    assert [read_frame(stream), read_frame(stream)] == FRAMES
    assert read_frame(stream) is None


@pytest.mark.parametrize("kept", [0, 5, 12, -1])
async def test_a_frame_that_breaks_off_is_none(kept: int) -> None:
    data = packed(*FRAMES[0])[:kept]
    assert read_frame(BytesIO(data)) is None
    stream = asyncio.StreamReader()
    stream.feed_data(data)
    stream.feed_eof()
    assert await receive_frame(stream) is None


async def test_frames_are_received_as_they_were_packed() -> None:
    stream = asyncio.StreamReader()
    stream.feed_data(b"".join(packed(header, body) for header, body in FRAMES))
    assert [await receive_frame(stream), await receive_frame(stream)] == FRAMES
