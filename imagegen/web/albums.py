"""`/api/albums`: make, list, rename and delete albums. Pictures stay when their album goes."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, field_validator

from imagegen.jobs.views import AlbumView
from imagegen.web.bodies import read_model
from imagegen.web.context import NO_QUERY, Caller, EngineOf
from imagegen.web.openapi import NOT_BLANK, body, problems
from imagegen.web.problems import not_found

router = APIRouter(tags=["albums"], dependencies=[NO_QUERY])


class AlbumName(BaseModel):
    """What an album is called, 1–200 characters."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(
        min_length=1, max_length=200, examples=["Spring campaign"], json_schema_extra={"pattern": NOT_BLANK}
    )

    @field_validator("name")
    @classmethod
    def _readable(cls, name: str) -> str:
        if "\x00" in name or not name.strip():
            raise ValueError("must be readable text and not blank")
        return name


class AlbumList(BaseModel):
    """All albums by name."""

    albums: list[AlbumView]


class Deleted(BaseModel):
    """Whether it is gone now."""

    id: str
    deleted: bool


@router.get("/api/albums", responses=problems())
async def albums(engine: EngineOf, owner: Caller) -> AlbumList:
    """All albums, each with its active job."""
    return AlbumList(albums=await engine.albums(owner=owner))


@router.post("/api/albums", status_code=201, responses=problems(413, 415), openapi_extra=body(AlbumName))
async def create(request: Request, response: Response, engine: EngineOf, owner: Caller) -> AlbumView:
    """Make an album."""
    made = await engine.create_album((await read_model(request, AlbumName)).name, owner=owner)
    response.headers["Location"] = f"/api/albums/{made.id}"
    return made


@router.get("/api/albums/{album_id}", responses=problems(404))
async def album(album_id: str, engine: EngineOf, owner: Caller) -> AlbumView:
    """One album."""
    return _found(await engine.album(album_id, owner=owner))


@router.patch("/api/albums/{album_id}", responses=problems(404, 413, 415), openapi_extra=body(AlbumName))
async def rename(album_id: str, request: Request, engine: EngineOf, owner: Caller) -> AlbumView:
    """Give an album another name."""
    name = (await read_model(request, AlbumName)).name
    await engine.rename_album(album_id, name, owner=owner)
    return _found(await engine.album(album_id, owner=owner))


@router.delete("/api/albums/{album_id}", responses=problems(404))
async def delete(album_id: str, engine: EngineOf, owner: Caller) -> Deleted:
    """Delete an album; its pictures stay."""
    if not await engine.delete_album(album_id, owner=owner):
        raise not_found("album")
    return Deleted(id=album_id, deleted=True)


def _found(found: AlbumView | None) -> AlbumView:
    if found is None:
        raise not_found("album")
    return found
