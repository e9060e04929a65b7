"""References of a request: uploads by their id, or pictures of the gallery by theirs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from imagegen.jobs.database import Database
from imagegen.jobs.tables import Image, Reference
from imagegen.media.references import ReferenceRefused, scaled_for
from imagegen.media.store import MediaStore
from imagegen.providers.base import ErrorKind, ProviderError, ReferencePicture


@dataclass(frozen=True, slots=True)
class ReferenceView:
    """An uploaded reference; its size in pixels as it is kept."""

    id: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ReferenceFile:
    """Where the cleaned bytes of an upload are found in the store; `media_type` like `image/png`."""

    sha256: str
    media_type: str


def reference_file(session: Session, reference_id: str, owner: str) -> ReferenceFile | None:
    """Where an upload lies. None when that person has no such upload, also for a picture of the gallery."""
    row = session.execute(
        select(col(Reference.sha256), col(Reference.media_type)).where(
            col(Reference.id) == reference_id, col(Reference.owner) == owner
        )
    ).one_or_none()
    return None if row is None else ReferenceFile(*row)


def unknown_references(session: Session, ids: Sequence[str], owner: str) -> list[int]:
    """Positions of ids that are neither an upload nor a picture of that person, counting from 0."""
    wanted = set(ids)
    known: set[str] = set()
    known.update(
        session.execute(
            select(col(Reference.id)).where(col(Reference.id).in_(wanted), col(Reference.owner) == owner)
        ).scalars()
    )
    known.update(
        session.execute(
            select(col(Image.id)).where(
                col(Image.id).in_(wanted), col(Image.owner) == owner, col(Image.deleted_at).is_(None)
            )
        ).scalars()
    )
    return [position for position, reference in enumerate(ids) if reference not in known]


def reference_files(session: Session, store: MediaStore, ids: Sequence[str], owner: str) -> list[Path]:
    """Where the pictures of those ids lie, in their order. Raises `LookupError` when one has gone."""
    paths: dict[str, Path] = {}
    for reference in session.execute(
        select(Reference).where(col(Reference.id).in_(ids), col(Reference.owner) == owner)
    ).scalars():
        paths[reference.id] = store.reference_path(reference.sha256, reference.media_type)
    for image in session.execute(select(Image).where(col(Image.id).in_(ids), col(Image.owner) == owner)).scalars():
        paths[image.id] = store.image_path(image.sha256, image.format)
    return [paths[reference] for reference in ids]


async def load_references(
    database: Database,
    store: MediaStore,
    offload: Callable[[Callable[[], list[ReferencePicture]]], Awaitable[list[ReferencePicture]]],
    ids: Sequence[str],
    *,
    owner: str,
    max_edge: int,
) -> tuple[ReferencePicture, ...]:
    """The pictures as they are sent, at most `max_edge` pixels on the longer edge.

    Raises `ProviderError` (nothing sent, nothing billed) when one is gone or cannot be read.
    """
    if not ids:
        return ()
    try:
        paths = await database.read(lambda session: reference_files(session, store, ids, owner))
        return tuple(await offload(lambda: [_load(path, max_edge) for path in paths]))
    except (LookupError, OSError, ReferenceRefused):
        message = (
            "A reference picture is gone or damaged. Nothing was sent or billed; remove it or upload it again."
        )
        raise ProviderError(ErrorKind.BAD_REQUEST, message) from None


def _load(path: Path, max_edge: int) -> ReferencePicture:
    data, media_type = scaled_for(path.read_bytes(), max_edge)
    return ReferencePicture(data, media_type)
