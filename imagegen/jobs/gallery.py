"""Reading the gallery: pages of pictures, one picture with how it was made, and how many there are.

Every function reads for one person and leaves out what is in the trash. A page costs the same however deep it is
and however many pictures there are: each kind of list has an index that is read in the order of the page.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, TypedDict

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlmodel import Session, col

from imagegen.jobs.clock import day_of
from imagegen.jobs.rendering import image_view, seconds_between
from imagegen.jobs.search import IMAGE_FTS, match_expression
from imagegen.jobs.tables import IMAGE, Attempt, Image, Job, JobReference, Task
from imagegen.jobs.views import ImageDetail, ImagePage, ImageView, LibraryView, Lineage, Timings

ImageKind = Literal["original", "cutout"]
CHILDREN_MAX = 100
"""How many children of each kind are told of a picture."""
_LISTED = [column for column in IMAGE.c if column.name not in ("seq", "prompt", "deleted_at")]
"""What lists show of a picture. Rows of columns cost half of what objects do."""


@dataclass(frozen=True, slots=True)
class ImageFile:
    """Where the original of a picture is found in the store."""

    sha256: str
    format: str


_FILE = select(col(Image.sha256), col(Image.format)).where(
    col(Image.id) == bindparam("image_id"), col(Image.owner) == bindparam("owner"), col(Image.deleted_at).is_(None)
)
"""Built once: a gallery that is scrolled asks a hundred times a second."""


class ImageFilter(TypedDict, total=False):
    """Which pictures to list; what is absent or None is any. `words` are the prompt's, or beginnings of them."""

    words: str | None
    album: str | None
    style: str | None
    provider: str | None
    kind: ImageKind | None


def find_images(session: Session, owner: str, wanted: ImageFilter, *, limit: int, after: str | None) -> ImagePage:
    """Pictures that match every filter, newest first."""
    where = [*_matching(wanted), *(_shown_beside(owner) if _narrow(wanted) else _shown(owner))]
    statement = select(*_LISTED)
    words = wanted.get("words")
    if words is None:
        statement = statement.order_by(col(Image.id).desc())
        if after is not None:
            where.append(col(Image.id) < after)
    else:
        expression = match_expression(words)
        if expression is None:
            return ImagePage(images=[], next=None)
        # By the index's own order, which is that of arrival: a page then costs the same however many match.
        statement = statement.join(IMAGE_FTS, IMAGE_FTS.c.rowid == col(Image.seq))
        statement = statement.order_by(IMAGE_FTS.c.rowid.desc())
        where.append(IMAGE_FTS.c.image_fts.op("MATCH")(expression))
        if after is not None:
            before = select(col(Image.seq)).where(col(Image.id) == after).scalar_subquery()
            where.append(IMAGE_FTS.c.rowid < before)
    found: list[ImageView] = [image_view(row) for row in session.execute(statement.where(*where).limit(limit + 1))]
    page = found[:limit]
    return ImagePage(images=page, next=page[-1].id if len(found) > limit else None)


def read_image(session: Session, owner: str, image_id: str) -> ImageDetail | None:
    """One picture with how it was made."""
    row = session.execute(
        select(Image, Job, Attempt, col(Task.notice))
        .join(Job, col(Job.id) == col(Image.job_id))
        .join(Attempt, col(Attempt.id) == col(Image.attempt_id))
        .join(Task, col(Task.id) == col(Attempt.task_id))
        .where(col(Image.id) == image_id, *_shown(owner))
    ).one_or_none()
    if row is None:
        return None
    image, job, attempt, notice = row
    return ImageDetail(
        **dict(image_view(image)),
        prompt=image.prompt,
        request=job.request,
        timings=Timings(
            waiting=seconds_between(job.created_at, attempt.sent_at),
            generating=seconds_between(attempt.sent_at, attempt.received_at),
            saving=seconds_between(attempt.received_at, attempt.ended_at),
        ),
        wire_id=attempt.wire_id,
        model_version=attempt.model_version,
        notice=notice,
        lineage=_lineage(session, owner, image, job),
    )


def image_file(session: Session, owner: str, image_id: str) -> ImageFile | None:
    """Where the original lies."""
    row = session.execute(_FILE, {"image_id": image_id, "owner": owner}).one_or_none()
    return None if row is None else ImageFile(*row)


def library(session: Session, owner: str) -> LibraryView:
    """How much there is."""
    mine = _shown(owner)
    images = session.execute(select(func.count()).select_from(Image).where(*mine)).scalar_one()
    cutouts = session.execute(
        select(func.count()).select_from(Image).where(*mine, col(Image.parent_id).is_not(None))
    ).scalar_one()
    oldest = session.execute(
        select(col(Image.created_at)).where(*mine).order_by(col(Image.id)).limit(1)
    ).scalar_one_or_none()
    return LibraryView(images=images, cutouts=cutouts, oldest=None if oldest is None else day_of(oldest))


def _shown(owner: str) -> list[ColumnElement[bool]]:
    return [col(Image.owner) == owner, col(Image.deleted_at).is_(None)]


def _shown_beside(owner: str) -> list[ColumnElement[bool]]:
    """The same beside a narrower filter: then the owner offers no index, for SQLite would read that to its end."""
    return [col(Image.owner) + "" == owner, col(Image.deleted_at).is_(None)]


def _narrow(wanted: ImageFilter) -> bool:
    return any(wanted.get(name) is not None for name in ("album", "style", "provider"))


def _matching(wanted: ImageFilter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [
        col(column) == value
        for column, value in (
            (Image.album_id, wanted.get("album")),
            (Image.style, wanted.get("style")),
            (Image.provider, wanted.get("provider")),
        )
        if value is not None
    ]
    kind = wanted.get("kind")
    if kind is not None:
        parent = col(Image.parent_id)
        where.append(parent.is_(None) if kind == "original" else parent.is_not(None))
    return where


def _lineage(session: Session, owner: str, image: Image, job: Job) -> Lineage:
    asked = [str(reference["id"]) for reference in job.request.get("reference_images") or ()]
    named = [name for name in (*asked, image.parent_id, image.cutout_id) if name is not None]
    here = _of_gallery(session, owner, named) if named else frozenset()
    cut_out_of_it = session.execute(
        select(col(Image.id))
        # Said twice for SQLite's sake: the index of children knows only pictures that have a parent.
        .where(col(Image.parent_id) == image.id, col(Image.parent_id).is_not(None), *_shown_beside(owner))
        .order_by(col(Image.id))
        .limit(CHILDREN_MAX)
    ).scalars()
    made_with_it = session.execute(
        select(col(Image.id))
        .join(JobReference, col(JobReference.job_id) == col(Image.job_id))
        .where(col(JobReference.reference_id) == image.id, *_shown_beside(owner))
        # In the order of two indexes: sorting the ten thousand pictures of one job would take milliseconds.
        .order_by(col(JobReference.job_id), col(Image.seq))
        .limit(CHILDREN_MAX)
    ).scalars()
    return Lineage(
        parent=image.parent_id if image.parent_id in here else None,
        cutout=image.cutout_id if image.cutout_id in here else None,
        references=[name for name in dict.fromkeys(asked) if name in here],
        children=[*cut_out_of_it, *made_with_it],
    )


def _of_gallery(session: Session, owner: str, names: Collection[str]) -> frozenset[str]:
    found = session.execute(select(col(Image.id)).where(col(Image.id).in_(set(names)), *_shown(owner)))
    return frozenset(found.scalars())
