"""What is asked of a cut-out, what comes of it, and why there may be none."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

Reason = Literal["nothing_found", "picture", "too_large", "slow", "ended", "model", "option", "closed"]

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class CutoutFailed(Exception):  # noqa: N818 - an answer to a person, not a fault
    """There is no cut-out. The message is plain and says nothing of what the picture shows.

    `reason` is for programs: `ended` and `closed` may go well another time, the others will not.
    """

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class CutoutOptions:
    """`model` is an id of `CUTOUT_MODELS`; `background` is `#rrggbb`, or None for transparent.

    `decontaminate` takes the old background's colour out of soft edges. `alpha_matting` finds the edges anew, hair
    above all, takes many seconds, and decontaminates in any case. Raises `CutoutFailed` for another colour.
    """

    model: str = "u2netp"
    alpha_matting: bool = False
    background: str | None = None
    decontaminate: bool = True

    def __post_init__(self) -> None:
        if self.background is not None and not _COLOUR.fullmatch(self.background):
            raise CutoutFailed(
                "option", f"background {self.background[:20]!r} is not a colour; allowed: #rrggbb, or nothing."
            )


@dataclass(frozen=True, slots=True)
class CutoutResult:
    """An RGBA picture as PNG, of the source's size as displayed. `notice` is a sentence for people.

    No `repr` shows the picture: event loops write those of their tasks' results, also where nobody reads them.
    """

    data: bytes = field(repr=False)
    notice: str | None = None
