"""What a running call shows before its picture is there: how far it is, and an early state of the picture.

It lives in memory only: after a restart the next word of the provider shows it again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from imagegen.providers.answer import MEDIA_TYPES

PREVIEW_MAX_BYTES = 8 * 2**20
"""What is longer is no early state; a whole 1K picture as PNG is about 2 MB."""


@dataclass(frozen=True, slots=True)
class Glimpse:
    """`done` goes from 0 to 1, None where the provider does not tell; `number` counts the previews."""

    done: float | None = None
    number: int = 0
    preview: bytes = field(default=b"", repr=False)
    media_type: str = ""


class Glimpses:
    """By task id, of the tasks that run."""

    def __init__(self) -> None:
        self._of: dict[int, Glimpse] = {}

    def get(self, task_id: int) -> Glimpse | None:
        """What there is to see of a task."""
        return self._of.get(task_id)

    def progress(self, task_id: int, done: float) -> None:
        """So much of the work is done."""
        self._of[task_id] = replace(self._of.get(task_id, Glimpse()), done=min(max(done, 0.0), 1.0))

    def preview(self, task_id: int, data: bytes) -> bool:
        """A newer early state. False for what is no picture that a browser shows."""
        media_type = next((kind for start, kind in MEDIA_TYPES.items() if data.startswith(start)), None)
        if media_type is None or len(data) > PREVIEW_MAX_BYTES:
            return False
        before = self._of.get(task_id, Glimpse())
        self._of[task_id] = replace(before, number=before.number + 1, preview=data, media_type=media_type)
        return True

    def forget(self, task_id: int) -> None:
        """The call has ended."""
        self._of.pop(task_id, None)
