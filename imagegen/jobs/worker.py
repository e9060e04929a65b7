"""One entry of the queue, from claim to stored picture.

The worker owns no state that must survive: every step is committed before the next one begins, and whatever is
left open by a crash is settled by `imagegen.jobs.recovery`.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from imagegen.jobs import attempts, closing
from imagegen.jobs.attempts import Claimed, NewAttempt
from imagegen.jobs.calling import call
from imagegen.jobs.cutouts import LANE, CutoutRequest
from imagegen.jobs.failing_over import instead
from imagegen.jobs.ids import new_id, new_uuid
from imagegen.jobs.preparing import FREE_BYTES_WANTED, prepare
from imagegen.jobs.queue import Entry
from imagegen.jobs.retry import Failure, after_asking, decide
from imagegen.jobs.transitions import TaskKey
from imagegen.jobs.workshop import Workshop
from imagegen.media.store import NotAPicture, Receipt, StorageError
from imagegen.providers.base import Billed, ErrorKind, LeftWithVendorError, Picture, ProviderError
from imagegen.request import GenerationRequest

log = logging.getLogger("imagegen.worker")

SPOOL_WAITS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds between tries to write a picture that has arrived, while the disk is full or away."""
KEPT_AT_ONCE = 8
"""Answers that may be on their way to the disk beside running attempts; a 4K picture is up to 25 MB of memory."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A picture that has arrived, and what it was asked for with."""

    claimed: Claimed
    prompt: str
    picture: Picture


async def work(shop: Workshop, entry: Entry) -> None:
    """Carry out one attempt until its answer is here; storing it goes on beside the next attempt.

    Raises nothing but cancellation: what cannot be written down now is settled later.
    """
    if entry.lane != LANE and shop.gates.admit(entry.lane):
        shop.due_later()  # it waits in the log; the feeder knows when the gate opens
        return
    new = NewAttempt(
        id=new_uuid(shop.random),
        number=entry.attempt,
        worker=shop.boot_id,
        wire_id=shop.wire_id,
        now_ms=shop.clock.now_ms(),
    )
    shop.live.add(new.id)
    answer: Answer | None = None
    try:
        claimed, sent = await shop.database.write(lambda session: _claim(session, shop, entry, new))
        shop.changed()
        shop.checkpoint("sent" if sent else "claimed")
        if claimed is not None:
            answer = await _attempt(shop, claimed, sent)
    except Exception as error:  # noqa: BLE001 - the queue would log the error's text, which may hold a prompt
        log.error("attempt %s: left open by %s; it will be settled", new.id, type(error).__name__)
    finally:
        shop.gates.ended(entry.lane)
        if answer is None:
            let_go(shop, new.id)
    if answer is not None:
        keep(shop, answer)
        # The task keeps the answer also when this is cancelled; only the next attempt waits for room.
        while len(shop.keeping) > KEPT_AT_ONCE:
            await asyncio.wait(shop.keeping, return_when=asyncio.FIRST_COMPLETED)


def keep(shop: Workshop, answer: Answer) -> None:
    """Store an answer in a task of its own, which a stop waits for; its attempt is live until then."""
    keeper = asyncio.create_task(_keep(shop, answer), name="keep")
    shop.keeping.add(keeper)
    keeper.add_done_callback(shop.keeping.discard)


def let_go(shop: Workshop, attempt_id: str) -> None:
    """Nobody in this process carries the attempt any more."""
    shop.live.discard(attempt_id)
    shop.changed()


def _claim(session: Session, shop: Workshop, entry: Entry, new: NewAttempt) -> tuple[Claimed | None, bool]:
    """Claim the task; where nothing must be prepared, say in the same commit that its request leaves."""
    claimed = attempts.claim(session, entry.task_id, new)
    if claimed is None or isinstance(claimed.request, CutoutRequest) or claimed.request.reference_images:
        return claimed, False
    if claimed.provider not in shop.providers or shop.catalogue.find(claimed.model) is None:
        return claimed, False
    if shop.store.free_bytes() < FREE_BYTES_WANTED:
        return claimed, False
    return claimed, attempts.mark_sent(session, claimed, new.now_ms, shop.remote_id(claimed.provider, new.id))


async def _attempt(shop: Workshop, claimed: Claimed, sent: bool) -> Answer | None:
    """From the claim to the answer; None when there is none, and the attempt is closed."""
    try:
        ready = await prepare(shop, claimed, sent)
        if not sent:
            shop.checkpoint("prepared")
            sent = await shop.database.write(
                lambda session: attempts.mark_sent(
                    session, claimed, shop.clock.now_ms(), shop.remote_id(claimed.provider, claimed.attempt_id)
                )
            )
            shop.changed()
            shop.checkpoint("sent")
        if not sent:
            await shop.database.write(lambda session: closing.abandon(session, claimed, shop.clock.now_ms()))
            return None
        picture = await call(shop, claimed, ready.make)
    except ProviderError as error:
        await close_failed(shop, claimed, error)
        return None
    except LeftWithVendorError:  # it needs no worker: whoever looks for open attempts waits for it
        shop.checkpoint("left")
        return None
    except SQLAlchemyError:
        raise
    except Exception as error:  # noqa: BLE001 - a bug must end in a known state, and its text may hold a prompt
        log.error("attempt %s: unexpected %s", claimed.attempt_id, type(error).__name__)
        await close_failed(shop, claimed, unexpected(sent))
        return None
    shop.checkpoint("answered")
    return Answer(claimed, ready.prompt, picture)


async def _keep(shop: Workshop, answer: Answer) -> None:
    """The answer is here: on disk first, before anything else can fail, then into the log."""
    attempt_id = answer.claimed.attempt_id
    try:
        async with shop.storing:
            await _store(shop, answer)
    except Exception as error:  # noqa: BLE001 - as in `work`
        log.error("attempt %s: left open by %s; it will be settled", attempt_id, type(error).__name__)
    finally:
        let_go(shop, attempt_id)


async def _store(shop: Workshop, answer: Answer) -> None:
    claimed, picture = answer.claimed, answer.picture
    receipt = Receipt(picture.usd, picture.model_version, dict(picture.usage), picture.notice)
    try:
        await _spool(shop, claimed.attempt_id, picture.data, receipt)
    except StorageError as error:
        lost = ProviderError(
            ErrorKind.OUTCOME_UNKNOWN, f"The picture arrived but could not be saved: {error}", billed=Billed.YES
        )
        await close_failed(shop, claimed, lost)
        return
    shop.checkpoint("spooled")
    await finish(shop, claimed.key, claimed.attempt_id, answer.prompt, receipt)
    if isinstance(claimed.request, GenerationRequest) and claimed.request.remove_background:
        shop.due_later()


async def finish(shop: Workshop, key: TaskKey, attempt_id: str, prompt: str, receipt: Receipt) -> None:
    """From bytes in the spool to a completed task. Safe to call again after a crash at any point of it."""
    await shop.database.write(
        lambda session: attempts.mark_received(
            session,
            key,
            attempt_id,
            shop.clock.now_ms(),
            usd=receipt.usd,
            model_version=receipt.model_version,
            usage=receipt.usage,
        )
    )
    shop.changed()
    shop.checkpoint("received")
    try:
        stored = await shop.offload(lambda: shop.store.accept(attempt_id))
    except NotAPicture:
        await _close_unreadable(shop, key, attempt_id, receipt)
        return
    shop.checkpoint("shelved")
    now_ms = shop.clock.now_ms()
    image_id, cutout_job_id = new_id(now_ms, shop.random), new_id(now_ms, shop.random)
    await shop.database.write(
        lambda session: attempts.close_stored(
            session,
            attempt_id,
            stored,
            now_ms,
            prompt=prompt,
            image_id=image_id,
            cutout_job_id=cutout_job_id,
            notice=receipt.notice,
        )
    )
    shop.changed()
    shop.checkpoint("stored")
    await shop.offload(lambda: shop.store.forget(attempt_id))


async def _close_unreadable(shop: Workshop, key: TaskKey, attempt_id: str, receipt: Receipt) -> None:
    failure = Failure(
        ErrorKind.NO_IMAGE, "The answer was no picture that can be opened. It was billed all the same.", Billed.YES
    )
    decision = decide(failure, 0, shop.policy, shop.random, paid=True)
    await shop.database.write(
        lambda session: closing.close_failed(
            session, key, attempt_id, failure, decision, now_ms=shop.clock.now_ms(), usd=receipt.usd
        )
    )
    await shop.offload(lambda: shop.store.discard(attempt_id))


async def _spool(shop: Workshop, attempt_id: str, data: bytes, receipt: Receipt) -> None:
    for wait in (*SPOOL_WAITS, None):
        try:
            await shop.offload(lambda: shop.store.spool(attempt_id, data, receipt))
        except StorageError:
            if wait is None:
                raise
            log.error("attempt %s: the picture cannot be saved yet", attempt_id)
            await asyncio.sleep(wait)
        else:
            return


async def close_failed(
    shop: Workshop, claimed: Claimed, error: ProviderError, *, asked_again: bool = False
) -> None:
    """Close an attempt that brought no picture, and decide what follows.

    `asked_again` says that a person had it run again when its job was asked about.
    """
    failure = Failure(error.kind, error.message, error.billed, error.retry_after)
    retries = claimed.retries_made - len(
        {*claimed.earlier.providers} - {claimed.provider}
    )  # a failover is no retry
    decision = decide(failure, retries, shop.policy, shop.random, paid=shop.is_paid(claimed.provider))
    decision = after_asking(failure, decision) if asked_again else instead(shop, claimed, failure, decision)
    await shop.database.write(
        lambda session: closing.close_failed(
            session,
            claimed.key,
            claimed.attempt_id,
            failure,
            decision,
            now_ms=shop.clock.now_ms(),
            usd=error.usd,
            caps=shop.caps,
        )
    )
    log.info("attempt %s: %s from %s", claimed.attempt_id, error.kind, claimed.provider)
    shop.due_later()
    shop.checkpoint("failed")


def unexpected(sent: bool) -> ProviderError:
    """A bug of ours."""
    if sent:
        return ProviderError(
            ErrorKind.OUTCOME_UNKNOWN,
            "Something went wrong here while the picture was made.",
            billed=Billed.PERHAPS,
        )
    return ProviderError(
        ErrorKind.INTERNAL, "Something went wrong here before anything was sent. Nothing was billed."
    )
