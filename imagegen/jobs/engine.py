"""The engine: the job log, its queue and its workers behind one object that pages, routes and commands call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from imagegen.catalogue.catalogue import Catalogue
from imagegen.jobs import actions, cutouts, queries, recovery
from imagegen.jobs.clock import Clock, as_datetime, day_of
from imagegen.jobs.cutouts import LANE, NewCutout
from imagegen.jobs.cutting import BackgroundRemover
from imagegen.jobs.database import Database, Transaction
from imagegen.jobs.feeder import Feeder
from imagegen.jobs.gates import Gates, Standing
from imagegen.jobs.glimpses import Glimpses
from imagegen.jobs.ids import new_id, new_uuid
from imagegen.jobs.looking import Looking
from imagegen.jobs.preparing import FREE_BYTES_WANTED
from imagegen.jobs.queue import Entry, TaskQueue
from imagegen.jobs.references import ReferenceView
from imagegen.jobs.retry import RetryPolicy
from imagegen.jobs.spending import Caps
from imagegen.jobs.submit import NewJob, insert_job
from imagegen.jobs.tables import Album
from imagegen.jobs.views import (
    AlbumView,
    Submitted,
)
from imagegen.jobs.watch import Watch
from imagegen.jobs.workshop import Offload, Workshop, nothing_here
from imagegen.media.cutout import CutoutOptions
from imagegen.media.references import CleanReference
from imagegen.media.store import MediaStore
from imagegen.plan import Combination, combinations, plan
from imagegen.prompts.styles import Style
from imagegen.providers.base import Provider
from imagegen.quote import Quote, quote
from imagegen.request import SEED_MAX, FieldProblem, GenerationRequest, RequestError
from imagegen.routing.candidates import Conditions
from imagegen.routing.choose import Choice, OnRetired, choose

Result = TypeVar("Result")


class StorageFull(Exception):  # noqa: N818 - named for what happened
    """There is no room to store what would be made; nothing was accepted."""


@dataclass(frozen=True, slots=True)
class QuotedRequest:
    """What a request would make, with what, and for how much."""

    total: int
    quote: Quote
    choice: Choice
    combinations: tuple[Combination, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """What an engine is made of. Clock, random source, provider and queue are arguments, so that tests rule."""

    database: Database
    store: MediaStore
    catalogue: Catalogue
    providers: Mapping[str, Provider]
    styles: Mapping[str, Style]
    queue: TaskQueue
    clock: Clock
    random: Random
    offload: Offload
    policy: RetryPolicy
    caps: Caps
    concurrency: int
    checkpoint: Callable[[str], None] = nothing_here
    remover: BackgroundRemover | None = None
    on_retired: OnRetired = "reroute"
    rates: Mapping[str, int] = field(default_factory=dict)
    """Pictures a minute, by provider, as the person set them."""
    watched: bool = False
    """Whether each provider is checked once a minute."""


class Engine(Looking):
    """Accepts requests, carries them out in the background, and tells what became of them."""

    def __init__(self, parts: Parts) -> None:
        self.catalogue = parts.catalogue
        self.providers = parts.providers
        self.styles = parts.styles
        self.store = parts.store
        self.remover = parts.remover
        self._parts = parts
        super().__init__(parts.database, parts.concurrency, self._lanes_of(parts.catalogue), Glimpses())
        self._listeners: list[Callable[[], None]] = []
        self._stopped = False
        shop = Workshop(
            database=parts.database,
            store=parts.store,
            catalogue=parts.catalogue,
            providers=parts.providers,
            styles=parts.styles,
            policy=parts.policy,
            clock=parts.clock,
            random=parts.random,
            boot_id=new_uuid(parts.random),
            offload=parts.offload,
            glimpses=self._glimpses,
            gates=Gates(parts.clock, parts.rates),
            caps=parts.caps,
            on_retired=parts.on_retired,
            changed=self._changed,
            checkpoint=parts.checkpoint,
            remover=parts.remover,
        )
        self._shop = shop
        self._replaced: list[Provider] = []
        self._watch = Watch(shop)
        self._feeder = Feeder(shop, parts.queue, self._lanes, parts.concurrency)

    async def start(self) -> None:
        """Settle what an earlier run left open, then begin to work."""
        for model, seconds in await self._database.read(queries.recent_durations):
            self._shop.gates.measured(model, seconds)
        await self._feeder.start()
        if self._parts.watched:
            self._watch.start()

    def switch(self, catalogue: Catalogue, providers: Mapping[str, Provider]) -> None:
        """Work with these providers from now on; what runs with another one is finished by it."""
        self._replaced += [one for name, one in self.providers.items() if providers.get(name) is not one]
        self.catalogue = self._shop.catalogue = catalogue
        self.providers = self._shop.providers = providers
        self._lanes = self._lanes_of(catalogue)
        self._feeder.serve(self._lanes)

    def hold(self) -> None:
        """Begin no picture any more, at once; what runs goes on. The first half of a stop, safe to call twice."""
        self._feeder.hold()

    async def stop(self, grace: float) -> None:
        """Begin nothing new, give running attempts `grace` seconds; the rest waits for the next start.

        Stopping again changes nothing.
        """
        if self._stopped:
            return
        self._stopped = True
        await self._watch.stop()
        await self._feeder.stop(grace)
        for provider in (*self.providers.values(), *self._replaced):
            await provider.aclose()
        if self._parts.remover is not None:
            await self._parts.remover.aclose()

    def conditions(self) -> Conditions:
        """What routing knows at this moment beside the catalogue."""
        return self._shop.gates.conditions(record.id for record in self.catalogue.providers)

    @property
    def now(self) -> datetime:
        """What time it is by the job log's clock, in UTC."""
        return as_datetime(self._parts.clock.now_ms())

    @property
    def caps(self) -> Caps:
        """The hard limits on spending."""
        return self._parts.caps

    def standing(self, provider_id: str) -> Standing:
        """How a provider stands: its circuit, its limits, what went wrong lately."""
        return self._shop.gates.standing(provider_id)

    @property
    def running(self) -> bool:
        """Whether pictures are being made. False while it is stopped, or when a part of it has broken down."""
        return self._feeder.running

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop(0.0)

    # -- asking for pictures ------------------------------------------------------------------------------------

    def quote(self, request: GenerationRequest) -> QuotedRequest:
        """What the request would make and cost. Raises `RequestError`."""
        self._check_styles(request)
        today = day_of(self._parts.clock.now_ms())
        choice = choose(request, self.catalogue, today, self._parts.on_retired, self.conditions())
        quoted = quote(request, choice.model)
        return QuotedRequest(quoted.images, quoted, choice, combinations(request))

    async def submit(
        self, request: GenerationRequest, *, owner: str, idempotency_key: str | None = None
    ) -> Submitted:
        """Store the request as a job and return at once; the work happens in the background.

        Raises `RequestError`, `IdempotencyClash`, `OverBudget` or `StorageFull`; then nothing was stored.
        """
        quoted = self.quote(request)
        now_ms = self._parts.clock.now_ms()
        base_seed = request.seed if request.seed is not None else self._parts.random.randint(0, SEED_MAX)
        new = NewJob(
            id=new_id(now_ms, self._parts.random),
            owner=owner,
            idempotency_key=idempotency_key,
            request=request,
            choice=quoted.choice,
            quote=quoted.quote,
            tasks=plan(request, base_seed),
            now_ms=now_ms,
        )

        few = len(new.tasks) <= self._feeder.window

        def insert(session: Session) -> tuple[Submitted, list[Entry]]:
            # In the writer's thread, for asking the disk blocks.
            if self.store.free_bytes() < FREE_BYTES_WANTED:
                raise StorageFull
            inserted = insert_job(session, new, self._parts.caps)
            return inserted, recovery.entries_of(session, new.id) if few else []

        submitted, entries = await self._commit(insert)
        if few:
            self._feeder.offer(entries)
        else:
            self._feeder.wake()
        self._changed()
        return submitted

    async def cut_out(
        self, image_id: str, options: CutoutOptions, *, owner: str, idempotency_key: str | None = None
    ) -> Submitted | None:
        """Take the background out of a picture, in the background; the result is another picture.

        None when there is no such picture. Raises `IdempotencyClash` or `StorageFull`.
        """
        new = self._new_cutout(owner, idempotency_key)
        return await self._write(lambda session: cutouts.cut_out_image(session, new, image_id, options))

    async def cut_out_reference(
        self, reference_id: str, options: CutoutOptions, *, owner: str, idempotency_key: str | None = None
    ) -> Submitted | None:
        """Like `cut_out`, for an upload."""
        new = self._new_cutout(owner, idempotency_key)
        return await self._write(lambda session: cutouts.cut_out_reference(session, new, reference_id, options))

    async def cancel(self, job_id: str, *, owner: str, task_indexes: Sequence[int] = ()) -> bool:
        """Stop a job, or some of its pictures. False when there is no such job; raises `UnknownTask`."""
        now_ms = self._parts.clock.now_ms()
        cancelled = await self._write(
            lambda session: actions.cancel(session, owner, now_ms, job_id, tuple(task_indexes))
        )
        self._feeder.reconcile()
        return cancelled

    async def cancel_all(self, *, owner: str) -> int:
        """Stop everything that waits; returns how many pictures will not be made."""
        now_ms = self._parts.clock.now_ms()
        cancelled = await self._write(lambda session: actions.cancel_all(session, owner, now_ms))
        self._feeder.reconcile()
        return cancelled

    async def retry(self, job_id: str, *, owner: str, task_indexes: Sequence[int]) -> Submitted | None:
        """Run tasks again (see `actions.retry`). None when there is no such job."""
        now_ms, caps = self._parts.clock.now_ms(), self._parts.caps
        submitted = await self._write(
            lambda session: actions.retry(session, owner, now_ms, job_id, tuple(task_indexes), caps=caps)
        )
        self._shop.gates.try_again()
        self._feeder.reconcile()
        return submitted

    # -- keeping ------------------------------------------------------------------------------------------------

    async def delete_image(self, image_id: str, *, owner: str) -> bool:
        """Move a picture to the trash. False when there is no such picture."""
        now_ms = self._parts.clock.now_ms()
        return await self._write(
            lambda session: actions.set_deleted(session, owner, now_ms, image_id, deleted=True)
        )

    async def restore_image(self, image_id: str, *, owner: str) -> bool:
        """Bring a picture back from the trash. False when there is no such picture."""
        now_ms = self._parts.clock.now_ms()
        return await self._write(
            lambda session: actions.set_deleted(session, owner, now_ms, image_id, deleted=False)
        )

    async def add_reference(self, clean: CleanReference, *, owner: str) -> tuple[ReferenceView, bool]:
        """Keep a cleaned upload; the same content twice is one reference. The flag says whether it is new."""
        await self._parts.offload(lambda: self.store.put_reference(clean))
        now_ms = self._parts.clock.now_ms()
        fresh = new_id(now_ms, self._parts.random)
        reference, created = await self._write(
            lambda session: actions.keep_reference(session, owner, now_ms, clean, fresh)
        )
        return ReferenceView(reference.id, reference.width, reference.height), created

    async def create_album(self, name: str, *, owner: str) -> AlbumView:
        """Make an album with that name; names need not be unique."""
        now_ms = self._parts.clock.now_ms()
        album = Album(id=new_id(now_ms, self._parts.random), owner=owner, name=name, created_at=now_ms)
        await self._write(lambda session: actions.insert_album(session, album))
        made = await self.album(album.id, owner=owner)
        assert made is not None
        return made

    async def rename_album(self, album_id: str, name: str, *, owner: str) -> bool:
        """Give an album another name. False when there is no such album."""
        return await self._write(lambda session: actions.rename_album(session, owner, album_id, name))

    async def delete_album(self, album_id: str, *, owner: str) -> bool:
        """Remove an album; its pictures stay. False when there is no such album."""
        return await self._write(lambda session: actions.delete_album(session, owner, album_id))

    # -- telling ------------------------------------------------------------------------------------------------

    def on_commit(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back, in the event loop, after transactions that may have appended events; returns the way out."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    # -- within -------------------------------------------------------------------------------------------------

    def _lanes_of(self, catalogue: Catalogue) -> frozenset[str]:
        lanes = [record.id for record in catalogue.providers]
        return frozenset(lanes if self.remover is None else [*lanes, LANE])

    def _new_cutout(self, owner: str, idempotency_key: str | None) -> NewCutout:
        now_ms = self._parts.clock.now_ms()
        return NewCutout(new_id(now_ms, self._parts.random), owner, now_ms, idempotency_key)

    def _check_styles(self, request: GenerationRequest) -> None:
        unknown = [position for position, style in enumerate(request.styles) if style not in self.styles]
        allowed = sorted(self.styles)
        if unknown:
            raise RequestError(
                *(
                    FieldProblem(
                        f"styles.{position}",
                        request.styles[position][:100],
                        allowed,
                        f"styles.{position}: no such style; allowed: {', '.join(allowed)}",
                    )
                    for position in unknown
                )
            )

    async def _write(self, transaction: Transaction[Result]) -> Result:
        result = await self._commit(transaction)
        self._feeder.wake()
        self._changed()
        return result

    async def _commit(self, transaction: Transaction[Result]) -> Result:
        try:
            return await self._database.write(transaction)
        except OperationalError as error:
            if "full" in str(error.orig):
                raise StorageFull from None
            raise

    def _changed(self) -> None:
        for callback in tuple(self._listeners):
            callback()
