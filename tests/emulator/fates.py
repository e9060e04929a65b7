"""What becomes of one request to an emulated vendor."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from tests.emulator.pictures import PictureFormat


class Kind(StrEnum):
    """The ways a call can go. The comment says what the client sees."""

    PICTURE = "picture"  # 200 with thoughts and one picture
    SLOW_BODY = "slow-body"  # the same, its body in pieces with pauses
    WRONG_MIME = "wrong-mime"  # the same, labelled as another format
    RATE_LIMITED = "rate-limited"  # 429, per minute, with RetryInfo
    DAILY_QUOTA = "daily-quota"  # 429, per day, with RetryInfo all the same
    ZERO_QUOTA = "zero-quota"  # 429, per minute, of a quota that is 0
    OVERLOADED = "overloaded"  # 503
    INTERNAL = "internal"  # 500
    BAD_GATEWAY = "bad-gateway"  # 502 with an HTML body
    DEADLINE = "deadline"  # 504
    DROP_BEFORE = "drop-before"  # connection closed without an answer, nothing generated
    DROP_AFTER = "drop-after"  # connection closed without an answer, picture generated
    RESET = "reset"  # like drop-after, by RST
    CUT_BODY = "cut-body"  # connection closed in the middle of the picture
    HANG = "hang"  # no answer until the client leaves
    IMAGE_SAFETY = "image-safety"  # 200, the picture withheld
    PROMPT_BLOCK = "prompt-block"  # 200, the prompt refused
    TEXT_ONLY = "text-only"  # 200, words and no picture
    THOUGHTS_ONLY = "thoughts-only"  # 200, a thought picture and no final one
    NO_IMAGE = "no-image"  # 200, finishReason NO_IMAGE
    EMPTY = "empty"  # 200, no candidates
    GARBAGE_PICTURE = "garbage-picture"  # 200, inlineData that is no picture
    GARBAGE_BASE64 = "garbage-base64"  # 200, inlineData that is no base64
    GARBAGE_BODY = "garbage-body"  # 200, a body that is no JSON
    WRONG_SHAPE = "wrong-shape"  # 200, JSON of another shape
    HUGE = "huge"  # 200, an endless body
    BAD_REQUEST = "bad-request"  # 400, echoing the prompt
    BAD_KEY = "bad-key"  # 400 API_KEY_INVALID
    UNAUTHENTICATED = "unauthenticated"  # 401
    FAILED_PRECONDITION = "failed-precondition"  # 400, billing or region
    PERMISSION_DENIED = "permission-denied"  # 403
    NOT_FOUND = "not-found"  # 404, the model is gone
    JOB_FAILED = "job-failed"  # the job was created and ends in an error
    JOB_STOPPED = "job-stopped"  # the job was created and somebody cancelled it at the vendor
    JOB_LOST = "job-lost"  # the job was created, and the vendor knows nothing of it when asked
    LOOKS_FAIL = "looks-fail"  # a picture; the first looks are answered by 502, 429 and a close
    LINK_GONE = "link-gone"  # the picture's link is answered by 404
    LINK_PRIVATE = "link-private"  # the picture's link leads to an address of a private network
    LINK_HUGE = "link-huge"  # the file behind the link never ends
    LINK_CUT = "link-cut"  # the file behind the link breaks off half-way


GENERATED = frozenset(
    {
        Kind.PICTURE,
        Kind.SLOW_BODY,
        Kind.WRONG_MIME,
        Kind.DROP_AFTER,
        Kind.RESET,
        Kind.CUT_BODY,
        Kind.HANG,
        Kind.IMAGE_SAFETY,
        Kind.GARBAGE_PICTURE,
        Kind.GARBAGE_BASE64,
        Kind.GARBAGE_BODY,
        Kind.WRONG_SHAPE,
        Kind.HUGE,
        Kind.JOB_LOST,
        Kind.LOOKS_FAIL,
        Kind.LINK_GONE,
        Kind.LINK_PRIVATE,
        Kind.LINK_HUGE,
        Kind.LINK_CUT,
    }
)
"""The kinds in which a picture counts as generated and is billed, unless the fate says otherwise."""

OF_JOBS = frozenset(
    {
        Kind.JOB_FAILED,
        Kind.JOB_STOPPED,
        Kind.JOB_LOST,
        Kind.LOOKS_FAIL,
        Kind.LINK_GONE,
        Kind.LINK_PRIVATE,
        Kind.LINK_HUGE,
        Kind.LINK_CUT,
    }
)
"""The kinds that only vendors know who work on jobs."""

_WORD = re.compile(r"\bfate:([a-z0-9-]+)")


@dataclass(frozen=True, slots=True)
class Fate:
    """One request's fate.

    `latency` in seconds, None for the emulator's own. `held` makes the answer wait for `release()` after its
    latency, before the picture counts as generated. `billed` overrides what the kind implies.
    """

    kind: Kind = Kind.PICTURE
    latency: float | None = None
    retry_delay: str | None = "21s"
    billed: bool | None = None
    held: bool = False

    @property
    def bills(self) -> bool:
        """Whether the request is billed."""
        return self.kind in GENERATED if self.billed is None else self.billed

    def made(self, wanted: object) -> PictureFormat:
        """The format that comes: WebP carries no mark, so it is answered as WRONG_MIME is, with another one."""
        return "png" if (wanted == "png") is not (self.kind is Kind.WRONG_MIME) else "jpeg"


def named_in(prompt: str) -> Fate | None:
    """The fate that a prompt asks for by a word such as `fate:overloaded`, for trials by hand."""
    word = _WORD.search(prompt)
    return Fate(Kind(word[1])) if word and word[1] in set(Kind) else None
