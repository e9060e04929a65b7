"""What can be looked up in the job log, for one person each time."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar, Unpack

from imagegen.jobs import queries
from imagegen.jobs.database import Database
from imagegen.jobs.gallery import ImageFile, ImageFilter
from imagegen.jobs.glimpses import Glimpses
from imagegen.jobs.references import ReferenceFile, reference_file
from imagegen.jobs.views import AlbumView, EventView, ImageDetail, ImagePage, JobPage, JobView, LibraryView

Result = TypeVar("Result")


class Looking:
    """Reads of a job log. `concurrency` and the lanes that are served are what positions and ETAs depend on."""

    def __init__(self, database: Database, concurrency: int, lanes: Collection[str], glimpses: Glimpses) -> None:
        self._glimpses = glimpses
        self._database = database
        self._concurrency = concurrency
        self._lanes = lanes

    async def read(self, owner: str, look: Callable[[queries.Reader], Result]) -> Result:
        """What `look` finds for one person, in one snapshot."""
        concurrency, lanes = self._concurrency, self._lanes
        return await self._database.read(
            lambda session: look(queries.Reader(session, owner, concurrency, lanes, self._glimpses))
        )

    async def job(self, job_id: str, *, owner: str) -> JobView | None:
        """A job with its tasks and pictures."""
        return await self.read(owner, lambda reader: reader.job(job_id))

    async def jobs(
        self, *, owner: str, status: str | None, album: str | None, limit: int, after: str | None
    ) -> JobPage:
        """Jobs, newest first; `after` is the `next` of the page before."""
        return await self.read(
            owner, lambda reader: reader.jobs(status=status, album=album, limit=limit, after=after)
        )

    async def images(
        self, *, owner: str, limit: int, after: str | None = None, **wanted: Unpack[ImageFilter]
    ) -> ImagePage:
        """Pictures, newest first, that match every filter; `after` is the `next` of the page before."""
        return await self.read(owner, lambda reader: reader.images(limit=limit, after=after, **wanted))

    async def library(self, *, owner: str) -> LibraryView:
        """How many pictures there are outside the trash."""
        return await self.read(owner, lambda reader: reader.library())

    async def image(self, image_id: str, *, owner: str) -> ImageDetail | None:
        """One picture with how it was made; None also while it is in the trash."""
        return await self.read(owner, lambda reader: reader.image(image_id))

    async def image_file(self, image_id: str, *, owner: str) -> ImageFile | None:
        """Where the original of a picture lies in the store; None also while it is in the trash."""
        return await self.read(owner, lambda reader: reader.image_file(image_id))

    async def reference_file(self, reference_id: str, *, owner: str) -> ReferenceFile | None:
        """Where an upload lies in the store; None when there is no such upload."""
        return await self._database.read(lambda session: reference_file(session, reference_id, owner))

    async def events_after(self, seq: int, *, owner: str, limit: int) -> list[EventView]:
        """Events later than `seq`, oldest first."""
        return await self.read(owner, lambda reader: reader.events_after(seq, limit))

    async def event_bounds(self) -> tuple[int, int]:
        """Ids of the oldest and the newest event that is kept; (0, 0) when there is none."""
        return await self._database.read(queries.event_bounds)

    async def albums(self, *, owner: str) -> list[AlbumView]:
        """All albums by name."""
        return await self.read(owner, lambda reader: reader.albums())

    async def album(self, album_id: str, *, owner: str) -> AlbumView | None:
        """One album."""
        found = await self.read(owner, lambda reader: reader.albums(album_id))
        return found[0] if found else None
