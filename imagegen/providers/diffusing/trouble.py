"""Why the child made no picture, as it tells its parent: a word, for which the parent has the sentence."""

from __future__ import annotations

from typing import Literal

Trouble = Literal[
    "packages", "no_model", "offline", "unloadable", "no_memory", "too_large", "reference", "no_references",
    "withheld", "failed",
]  # fmt: skip
"""`packages`: not importable. `no_model`: nothing there, or not for this person. `offline`: not downloaded.
`unloadable`: there, and damaged or of no kind that makes pictures from words. `no_memory`: the model is too large,
`too_large`: the picture. `no_references`: the model starts from words only. `withheld`: its own safety checker."""


class DiffusingFailed(Exception):  # noqa: N818 - an answer to a person, not a fault
    """There is no picture, for the reason `trouble`."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble: Trouble = trouble
