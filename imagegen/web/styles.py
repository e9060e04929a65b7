"""`/api/styles`: the looks that can be chosen, with their previews."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from imagegen.prompts.styles import Style
from imagegen.web.context import NO_QUERY, EngineOf
from imagegen.web.openapi import problems
from imagegen.web.problems import not_found

router = APIRouter(tags=["styles"])

_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_EACH_TIME = "public, no-cache"


class StyleView(BaseModel):
    """One style. `id` is what a request names; `name_ko` is null without a Korean name."""

    id: str = Field(examples=["watercolor"])
    name: str = Field(examples=["Watercolor"])
    name_ko: str | None = Field(examples=["수채화"])
    preview_url: str | None = Field(
        description="A small WebP; null where the style has none", examples=["/api/styles/watercolor/preview?v=…"]
    )


class StyleList(BaseModel):
    """Styles in the order in which they are to be shown."""

    styles: list[StyleView]


class PreviewVersion(BaseModel):
    """Which preview is meant."""

    model_config = ConfigDict(extra="forbid")

    v: str | None = Field(None, max_length=64, description="As `preview_url` has it; then the answer may be kept")


@router.get("/api/styles", responses=problems(), dependencies=[NO_QUERY])
async def styles(engine: EngineOf) -> StyleList:
    """The styles of this server, in the order in which they are to be shown."""
    return StyleList(styles=[_view(style) for style in engine.styles.values()])


@router.get(
    "/api/styles/{style_id}/preview",
    responses={
        200: {
            "description": "The picture",
            "content": {"image/webp": {"schema": {"type": "string", "format": "binary"}}},
            "headers": {"ETag": {"schema": {"type": "string"}, "description": "Changes only with the bytes"}},
        },
        304: {"description": "The caller has it already"},
        **problems(404),
    },
    response_class=Response,
)
async def preview(
    style_id: str, version: Annotated[PreviewVersion, Query()], request: Request, engine: EngineOf
) -> Response:
    """A style's picture. With the right `v` in its address it may be kept for ever, else it is asked about."""
    style = engine.styles.get(style_id)
    if style is None or style.preview is None:
        raise not_found("preview")
    tag = f'"{style.preview_fingerprint}"'
    lasting = version.v == style.preview_fingerprint
    headers = {"ETag": tag, "Cache-Control": _FOR_EVER if lasting else _ASK_EACH_TIME}
    known = {entry.strip().removeprefix("W/") for entry in request.headers.get("if-none-match", "").split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(style.preview, headers=headers, media_type="image/webp")


def _view(style: Style) -> StyleView:
    address = f"/api/styles/{style.id}/preview?v={style.preview_fingerprint}" if style.preview else None
    return StyleView(id=style.id, name=style.name, name_ko=style.name_ko, preview_url=address)
