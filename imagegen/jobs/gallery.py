"""Reading the gallery: pages of pictures, one picture with how it was made, and how many there are.

Every function reads for one person and leaves out what is in the trash. A page costs the same however deep it is
and however many pictures there are: each kind of list has an index that is read in the order of the page.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypedDict

from sqlalchemy import BindParameter, ColumnElement, Integer, Select, String, bindparam, func, select
from sqlmodel import Session, col

from imagegen.jobs.clock import day_of
from imagegen.jobs.rendering import LISTED, image_view, listed_view, seconds_between
from imagegen.jobs.search import IMAGE_FTS, match_expression
from imagegen.jobs.tables import IMAGE, Attempt, Image, Job, JobReference, Task
from imagegen.jobs.views import ImageDetail, ImagePage, LibraryView, Lineage, Timings

ImageKind = Literal["original", "cutout"]
_NARROW = {"album": IMAGE.c.album_id, "style": IMAGE.c.style, "provider": IMAGE.c.provider}
"""Filters that leave so few pictures that they are read by an index of their own."""
CHILDREN_MAX = 100
"""How many children of each kind are told of a picture."""


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
    given: dict[str, object] = {**wanted, "after": after, "owner": owner, "limit": limit + 1}
    if wanted.get("words") is not None:
        given["words"] = match_expression(wanted["words"] or "")
        if given["words"] is None:
            return ImagePage(images=[], next=None)
    statement = _listing(frozenset(name for name, value in given.items() if value is not None), wanted.get("kind"))
    found = [listed_view(row) for row in session.connection().execute(statement, given)]
    page = found[:limit]
    return ImagePage(images=page, next=page[-1].id if len(found) > limit else None)


@cache
def _listing(given: frozenset[str], kind: ImageKind | None) -> Select[Any]:
    """The statement for a list with these parameters. Built once: that takes as long as to run it."""
    # Rows of columns cost half of what objects do.
    statement = select(*(IMAGE.c[name] for name in LISTED)).limit(bindparam("limit", type_=Integer))
    narrow = [column == bindparam(name) for name, column in _NARROW.items() if name in given]
    statement = statement.where(*narrow)
    owner = bindparam("owner", type_=String)
    statement = statement.where(*(_shown_beside(owner) if narrow else _shown(owner)))
    if kind is not None:
        parent = col(Image.parent_id)
        statement = statement.where(parent.is_(None) if kind == "original" else parent.is_not(None))
    if "words" not in given:
        if "after" in given:
            statement = statement.where(col(Image.id) < bindparam("after"))
        return statement.order_by(col(Image.id).desc())
    # By the index's own order, which is that of arrival: a page then costs the same however many match.
    statement = statement.join(IMAGE_FTS, IMAGE_FTS.c.rowid == col(Image.seq))
    statement = statement.where(IMAGE_FTS.c.image_fts.op("MATCH")(bindparam("words")))
    if "after" in given:
        before = select(col(Image.seq)).where(col(Image.id) == bindparam("after")).scalar_subquery()
        statement = statement.where(IMAGE_FTS.c.rowid < before)
    return statement.order_by(IMAGE_FTS.c.rowid.desc())


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


def _shown(owner: str | BindParameter[str]) -> list[ColumnElement[bool]]:
    return [col(Image.owner) == owner, col(Image.deleted_at).is_(None)]


def _shown_beside(owner: str | BindParameter[str]) -> list[ColumnElement[bool]]:
    """The same beside a narrower filter: then the owner offers no index, for SQLite would read that to its end."""
    return [col(Image.owner) + "" == owner, col(Image.deleted_at).is_(None)]


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
