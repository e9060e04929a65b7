"""The port that every provider implements, and how providers fail.

A provider turns one `ProviderCall` into one `Picture` or raises `ProviderError`. It makes one request to the
vendor per call and never repeats it by itself: whether to try again is decided by the job log.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from imagegen.catalogue.records import MicroUsd, ModelRecord, ProviderRecord


class ErrorKind(StrEnum):
    """Why a call brought no picture. What follows from each stands in `imagegen.jobs.retry`."""

    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    CONNECTION_FAILED = "connection_failed"
    BAD_REQUEST = "bad_request"
    AUTH = "auth"
    QUOTA = "quota"
    NOT_FOUND = "not_found"
    POLICY = "policy"
    NO_IMAGE = "no_image"
    CANCELLED = "cancelled"
    OUTCOME_UNKNOWN = "outcome_unknown"
    LOST = "lost"
    INTERNAL = "internal"


class Billed(StrEnum):
    """Whether the call cost money."""

    NO = "no"
    PERHAPS = "perhaps"
    YES = "yes"


class ProviderError(Exception):
    """A call that brought no picture.

    `message` is in plain words for people and holds no prompt, key or vendor text that could repeat them.
    `retry_after` is the provider's own wish, in seconds. `usd` is what the call cost where usage told.
    """

    def __init__(
        self,
        kind: ErrorKind,
        message: str,
        *,
        billed: Billed = Billed.NO,
        retry_after: float | None = None,
        usd: MicroUsd | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.billed = billed
        self.retry_after = retry_after
        self.usd = usd


class LeftWithVendorError(Exception):
    """The vendor has the job, whose id is kept, and will take hours: it is asked about later, by `resume`."""


def lost(title: str) -> ProviderError:
    """The vendor does not tell what became of a call, and will not later."""
    message = f"{title} does not tell what became of the picture. It may have been billed."
    return ProviderError(ErrorKind.LOST, message, billed=Billed.PERHAPS)


@dataclass(frozen=True, slots=True)
class ReferencePicture:
    """A reference as it is sent: cleaned of metadata, scaled to the model's limit. `media_type` like image/png."""

    data: bytes = field(repr=False)
    media_type: str

    def data_uri(self) -> str:
        """The picture inside a text, as base64."""
        return f"data:{self.media_type};base64,{b64encode(self.data).decode('ascii')}"


@dataclass(frozen=True, slots=True)
class ProviderCall:
    """One picture to make. `prompt` is the final text; `attempt_id` is a UUID that names this one call."""

    attempt_id: str
    model: ModelRecord
    prompt: str = field(repr=False)
    aspect_ratio: str
    image_size: str
    seed: int
    references: tuple[ReferencePicture, ...] = ()
    output_format: str | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """What came back. `data` is the vendor's bytes, untouched; `usd` None means the answer did not tell.

    `notice` is a sentence for people about how the picture came out, where there is something to know.
    `images_per_minute` is the account's limit, where the answer named it.
    """

    data: bytes = field(repr=False)
    usd: MicroUsd | None
    model_version: str | None = None
    usage: Mapping[str, int] = field(default_factory=dict)
    notice: str | None = None
    images_per_minute: int | None = None


class Reporter:
    """Whom a provider tells how a call goes, from the event loop. This one forgets all of it."""

    def receiving(self) -> None:
        """The answer's head has arrived and its body is being read. Told at most once."""

    async def created(self, remote_id: str) -> None:
        """The vendor works on the call as its job `remote_id`. Kept for good when this returns.

        Told before the job is asked about for the first time, so that a restart asks about it instead of creating
        another.
        """

    def progress(self, done: float) -> None:
        """How much of the work is done, from 0 to 1."""

    def preview(self, data: bytes) -> None:
        """An early state of the picture, as an encoded picture."""


class Provider(ABC):
    """One vendor. Built once per process; `record` is readable without building it."""

    record: ClassVar[ProviderRecord]

    @abstractmethod
    async def generate(self, call: ProviderCall, reporter: Reporter) -> Picture:
        """Make one picture. Raises `ProviderError`, `LeftWithVendorError`, and nothing else save cancellation."""

    async def resume(self, call: ProviderCall, remote_id: str, reporter: Reporter) -> Picture:
        """The picture of a job that was created before; nothing is created anew. `call` has no references.

        Raises `ProviderError`: `CONNECTION_FAILED` when the vendor surely never got the call, `LOST` when
        it does not tell of the job, as vendors without jobs never do, `OUTCOME_UNKNOWN` when it has not ended.
        """
        raise lost(self.record.title)

    async def cancel(self, remote_id: str) -> None:  # noqa: B027 - most vendors have no jobs to stop
        """Ask the vendor to stop that job; whoever waits for it learns how it ended. Raises `ProviderError`."""

    async def check(self) -> None:  # noqa: B027 - what needs no key has nothing to ask
        """Ask the vendor, with a call that costs nothing, whether the key works. Raises `ProviderError`."""

    async def prepare(self) -> None:  # noqa: B027 - most providers have nothing slow to load
        """Load what the first picture would otherwise wait for; called once, after the server answers."""

    @abstractmethod
    async def aclose(self) -> None:
        """Let go of connections and processes."""
