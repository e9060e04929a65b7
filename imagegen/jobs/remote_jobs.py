"""Jobs at vendors that no worker carries: waited for after a restart, and stopped where a person cancelled.

What is to be done is read from the job log each time, so that a crash forgets nothing.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from imagegen.jobs import attempts
from imagegen.jobs.attempts import Claimed
from imagegen.jobs.calling import call
from imagegen.jobs.cutouts import stored_request
from imagegen.jobs.preparing import call_without_references
from imagegen.jobs.states import OPEN, AttemptState
from imagegen.jobs.tables import Attempt, Job, Task
from imagegen.jobs.transitions import TaskKey
from imagegen.jobs.worker import Answer, close_failed, keep, let_go, unexpected
from imagegen.jobs.workshop import Workshop
from imagegen.providers.base import ErrorKind, Picture, ProviderError, lost
from imagegen.request import GenerationRequest

log = logging.getLogger("imagegen.remote_jobs")

REMEMBERED_MS = 600_000
"""How long a vendor surely knows a call that it got. None documents it; a finished task of Runware's can be asked
about, and ten minutes cover a crash and the restart after it."""

STOP_AGAIN_MS = 60_000
"""A vendor that did not take the wish to stop a job is asked again then."""


@dataclass(frozen=True, slots=True)
class OpenAttempt:
    """An attempt that no worker is known to carry. `remote_id` names its job at the vendor, where one is known.

    `asked_again` says that a person had it run again since it was sent.
    """

    claimed: Claimed
    state: AttemptState
    sent_at: int | None
    remote_id: str | None
    asked_again: bool

    @property
    def attempt_id(self) -> str:
        """The attempt's id."""
        return self.claimed.attempt_id


CarryOn = Callable[[OpenAttempt], None]


class RemoteJobs:
    """The tasks that wait for jobs at vendors, or tell vendors to stop them."""

    def __init__(self, shop: Workshop) -> None:
        self._shop = shop
        self._waiting: set[asyncio.Task[None]] = set()
        self._stopping: asyncio.Task[None] | None = None
        self._ask_again: dict[str, float] = {}
        """When, in milliseconds since the epoch, the vendor of a cancelled attempt is asked again to stop it."""

    def carry_on(self, attempt: OpenAttempt) -> None:
        """Wait for that attempt's job, which is neither sent again nor waited for twice."""
        self._shop.live.add(attempt.attempt_id)
        waiting = asyncio.create_task(self._carry_on(attempt), name="remote job")
        self._waiting.add(waiting)
        waiting.add_done_callback(self._waiting.discard)

    def stop_cancelled(self) -> None:
        """Tell the vendors of the running jobs that a person cancelled since; in the background, one by one."""
        if self._stopping is None or self._stopping.done():
            self._stopping = asyncio.create_task(self._stop_cancelled(), name="stop remote jobs")

    async def close(self) -> None:
        """Wait for no job any more; the next start asks about them."""
        tasks = {*self._waiting, *([self._stopping] if self._stopping else [])}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _carry_on(self, attempt: OpenAttempt) -> None:
        shop, claimed = self._shop, attempt.claimed
        picture: Picture | None = None
        try:
            picture = await self._picture_of(attempt)
        except ProviderError as error:
            told = self._as_far_as_known(attempt, error)
            await close_failed(shop, claimed, told, asked_again=attempt.asked_again)
        except SQLAlchemyError as error:
            log.error("attempt %s: left open by %s; it will be settled", attempt.attempt_id, type(error).__name__)
        except Exception as error:  # noqa: BLE001 - a bug must end in a known state, and its text may hold a prompt
            log.error("attempt %s: unexpected %s", attempt.attempt_id, type(error).__name__)
            await close_failed(shop, claimed, unexpected(sent=True))
        finally:
            if picture is None:
                let_go(shop, attempt.attempt_id)
        if picture is not None and isinstance(claimed.request, GenerationRequest):
            asked = call_without_references(shop, claimed, claimed.request)
            keep(shop, Answer(claimed, asked.prompt if asked else claimed.request.prompt, picture))

    def _as_far_as_known(self, attempt: OpenAttempt, error: ProviderError) -> ProviderError:
        """A vendor that knows nothing of an old call may have had it and forgotten it since."""
        age_ms = self._shop.clock.now_ms() - (attempt.sent_at or 0)
        if error.kind is not ErrorKind.CONNECTION_FAILED or age_ms < REMEMBERED_MS:
            return error
        record = self._shop.catalogue.provider(attempt.claimed.provider)
        return lost(attempt.claimed.provider if record is None else record.title)

    async def _picture_of(self, attempt: OpenAttempt) -> Picture:
        shop, claimed = self._shop, attempt.claimed
        assert isinstance(claimed.request, GenerationRequest)
        asked, remote_id = call_without_references(shop, claimed, claimed.request), attempt.remote_id
        if asked is None or remote_id is None:
            raise unexpected(sent=True)
        provider = shop.providers[claimed.provider]
        return await call(shop, claimed, lambda reporter: provider.resume(asked, remote_id, reporter))

    async def _stop_cancelled(self) -> None:
        shop = self._shop
        try:
            running = await shop.database.read(_cancelled_jobs)
            known = {attempt_id for attempt_id, _, _ in running}
            self._ask_again = {one: at for one, at in self._ask_again.items() if one in known}
            for attempt_id, provider_id, remote_id in running:
                provider = shop.providers.get(provider_id)
                if provider is None or shop.clock.now_ms() < self._ask_again.get(attempt_id, 0):
                    continue
                try:
                    await provider.cancel(remote_id)
                    self._ask_again[attempt_id] = math.inf
                except ProviderError as error:
                    self._ask_again[attempt_id] = shop.clock.now_ms() + STOP_AGAIN_MS
                    log.warning("attempt %s: not stopped at %s yet: %s", attempt_id, provider_id, error.kind)
        except SQLAlchemyError as error:
            log.error("cancelled jobs could not be read (%s); trying again", type(error).__name__)


def _cancelled_jobs(session: Session) -> list[tuple[str, str, str]]:
    """Attempt, provider and the vendor's id of each running job that is not wanted any more."""
    rows = session.execute(
        select(col(Attempt.id), col(Attempt.provider), col(Attempt.remote_id))
        .join(Task, col(Task.id) == col(Attempt.task_id))
        .where(
            col(Attempt.state) == AttemptState.SENT,
            col(Attempt.remote_id).is_not(None),
            col(Task.cancel_requested).is_(True),
        )
    )
    return [(attempt_id, provider_id, remote_id) for attempt_id, provider_id, remote_id in rows if remote_id]


def open_attempts(session: Session, carried: Collection[str]) -> list[OpenAttempt]:
    """The attempts without an end that are none of `carried`, oldest first."""
    rows = session.execute(
        select(Attempt, Task, Job)
        .join(Task, col(Task.id) == col(Attempt.task_id))
        .join(Job, col(Job.id) == col(Task.job_id))
        .where(col(Attempt.state).in_(sorted(OPEN)), col(Attempt.id).not_in(carried))
        .order_by(col(Attempt.intent_at))
    )
    return [
        OpenAttempt(
            claimed=Claimed(
                key=TaskKey(task.id or 0, task.job_id, task.index, task.owner),
                attempt_id=attempt.id,
                number=attempt.number,
                retries_made=attempts.retries_made(task.attempts, task.allowance_from),
                earlier=attempts.earlier_attempts(session, task.id or 0, task.allowance_from, attempt.provider),
                provider=attempt.provider,
                model=attempt.model,
                style=task.style,
                subject=task.subject,
                seed=task.seed,
                request=stored_request(job.request),
            ),
            state=AttemptState(attempt.state),
            sent_at=attempt.sent_at,
            remote_id=attempt.remote_id,
            asked_again=attempt.number <= task.allowance_from,
        )
        for attempt, task, job in rows
    ]
