"""Gemini's Batch API, one picture a job: created once, asked about rarely, its picture read with the last look.

Google promises a job's end within a day and gives up after two. Its name is the attempt's id, so that a job whose
creation was not answered is found in the list of jobs; a later run, which knows no batch's name, cannot do that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from imagegen.providers.answer import unknown
from imagegen.providers.base import ErrorKind, Picture, ProviderCall, ProviderError, Reporter
from imagegen.providers.gemini_batch_answer import Page, batch_in, page_in, standing, stop_answered

if TYPE_CHECKING:
    from imagegen.providers.gemini_wire import GeminiWire

JOB_SECONDS = 48 * 3600.0
"""How long a job is waited for; Google ends one that has not by then. A restart waits as long again."""
LOOK_FIRST, LOOK_LAST, LOOK_GROWTH = 60.0, 300.0, 1.5
"""Seconds between looks at a job."""
READ_SECONDS = 120.0
"""For a look, the last of which brings the picture: a 4K one in base64 has about 30 MB."""
FIND_SECONDS, FIND_PAUSE = 20.0, 2.0
"""How long a job is looked for whose creation was not answered, and between two looks."""
PAGES_MAX, PAGE_SIZE = 50, 10
"""Of the list of jobs: five times the hundred that Google runs at once. The pages are small, for a listed job may
bring its picture along."""

_OF_THE_LOOK = frozenset({ErrorKind.CONNECTION_FAILED, ErrorKind.RATE_LIMITED, ErrorKind.OVERLOADED})
_JOBS = "v1"


async def created(wire: GeminiWire, call: ProviderCall) -> str:
    """Create the call's job with one POST; its name, as in `batches/123`. Raises `ProviderError`."""
    doubt: ProviderError
    try:
        answer = await wire.post_batch(call)
        return batch_in(answer.status, answer.body)
    except ProviderError as error:
        if error.kind is not ErrorKind.OUTCOME_UNKNOWN:
            raise
        doubt = error
    name = await _found(wire, call.attempt_id)
    if name is None:  # which proves nothing: it may be taken in later
        raise doubt
    return name


async def picture_of(wire: GeminiWire, call: ProviderCall, name: str, reporter: Reporter) -> Picture:
    """Wait for the job's end and read its picture. Raises `ProviderError`, `OUTCOME_UNKNOWN` if it never ends."""
    clock = asyncio.get_running_loop().time
    until = clock() + JOB_SECONDS
    for pause in pauses():
        if clock() + pause > until:
            break
        await asyncio.sleep(pause)
        try:
            answer = await wire.ask("GET", f"{_JOBS}/{name}", READ_SECONDS)
        except ProviderError as error:
            if error.kind not in _OF_THE_LOOK:
                raise
            continue
        ended = standing(answer.status, answer.body)
        if ended is not None:
            reporter.receiving()
            return ended.picture(call.model.price)
    raise unknown(f"Gemini did not finish the picture within {JOB_SECONDS / 3600:g} h.")


def pauses() -> Iterator[float]:
    """Seconds before each look at a job."""
    pause = LOOK_FIRST
    while True:
        yield pause
        pause = min(pause * LOOK_GROWTH, LOOK_LAST)


async def cancel(wire: GeminiWire, name: str) -> None:
    """Ask Google to stop the job. Raises `ProviderError`."""
    answer = await wire.ask("POST", f"{_JOBS}/{name}:cancel")
    stop_answered(answer.status, answer.body)


async def _found(wire: GeminiWire, display_name: str) -> str | None:
    clock = asyncio.get_running_loop().time
    until = clock() + FIND_SECONDS
    while True:
        name = await _listed(wire, display_name)
        if name is not None or clock() + FIND_PAUSE > until:
            return name
        await asyncio.sleep(FIND_PAUSE)


async def _listed(wire: GeminiWire, display_name: str) -> str | None:
    """The job of that name among those that Google lists; None when it is not there, or the list is not read."""
    query = f"pageSize={PAGE_SIZE}"
    for _ in range(PAGES_MAX):
        try:
            answer = await wire.ask("GET", f"{_JOBS}/batches?{query}", READ_SECONDS)
        except ProviderError:
            return None
        page: Page = page_in(answer.status, answer.body)
        if display_name in page.names:
            return page.names[display_name]
        if not page.next_token:
            return None
        query = f"pageSize={PAGE_SIZE}&pageToken={page.next_token}"
    return None
