"""Server-sent events come out whole, however the answer is cut into pieces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from imagegen.providers.event_stream import EventStream

STREAM = (
    b": a comment\nevent: one\ndata: first\n\n\r\n"
    b"data:second\r\ndata: line\r\nid: 7\r\n\r\nevent: cut\ndata: never"
)
EVENTS = [("one", b"first"), ("", b"second\nline")]


@given(st.lists(st.integers(0, len(STREAM)), max_size=8).map(sorted))
def test_however_it_is_cut(cuts: list[int]) -> None:
    stream = EventStream()
    pieces = [STREAM[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(STREAM)], strict=True)]
    assert [event for piece in pieces for event in stream.feed(piece)] == EVENTS


def test_an_event_without_data_is_none() -> None:
    assert list(EventStream().feed(b"event: ping\n\ndata: x\n\n")) == [("ping", b"x")]
