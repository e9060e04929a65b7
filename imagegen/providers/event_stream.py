"""Server-sent events out of the pieces of an answer, as they arrive. Pure.

After the HTML standard's "event stream interpretation", for streams that are read once: ids and retry times are
passed over.
"""

from __future__ import annotations

from collections.abc import Iterator


class EventStream:
    """Feed it pieces; it gives back the events that are complete."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._name = b""
        self._data: list[bytes] = []

    def feed(self, piece: bytes) -> Iterator[tuple[str, bytes]]:
        """The events that this piece completes, each as its name and its data."""
        self._rest += piece
        while (end := self._rest.find(b"\n")) >= 0:
            line = bytes(self._rest[:end]).removesuffix(b"\r")
            del self._rest[: end + 1]
            if line:
                self._take(line)
            elif self._data:
                yield self._name.decode("ascii", "replace"), b"\n".join(self._data)
                self._name, self._data = b"", []

    def _take(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"event":
            self._name = value
        elif field == b"data":
            self._data.append(value)
