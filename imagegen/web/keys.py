"""`/api/keys`: which providers have a key, and giving one. A key goes in and never comes out."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from imagegen.request import FieldProblem
from imagegen.web.bodies import read_json
from imagegen.web.context import NO_QUERY
from imagegen.web.key_service import KeyFixed, KeyRefused, KeyService, KeyState
from imagegen.web.openapi import body, problems
from imagegen.web.problems import Problem, invalid, not_found

router = APIRouter(tags=["keys"], dependencies=[NO_QUERY])


KEY_LEAST, KEY_MOST = 6, 500


class KeyBody(BaseModel):
    """A provider's key, as its vendor shows it."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(min_length=KEY_LEAST, max_length=KEY_MOST, pattern=r"^[\x21-\x7e]+$")


class KeyView(BaseModel):
    """`source` tells where the key comes from, null where there is none. What the environment gives is fixed."""

    provider: str
    title: str
    setting: str
    source: Literal["environment", "page"] | None


class KeyList(BaseModel):
    """Every provider that works with a key alone."""

    keys: list[KeyView]


async def _service(request: Request) -> KeyService:
    service: KeyService | None = request.app.state.keys
    if service is None:
        raise Problem(404, "Keys cannot be given here.")
    return service


Keys = Annotated[KeyService, Depends(_service)]


@router.get("/api/keys", responses=problems(404))
async def keys(service: Keys) -> KeyList:
    """Which providers have a key, and from where."""
    return KeyList(keys=[_view(state) for state in await service.states()])


@router.put("/api/keys/{provider}", responses=problems(404, 409, 413, 415), openapi_extra=body(KeyBody))
async def give(provider: str, request: Request, service: Keys) -> KeyView:
    """Test a key with a call that costs nothing, keep it in the data folder, and use it from now on."""
    key = _key_in(await read_json(request))
    try:
        return _view(await service.give(provider, key))
    except LookupError:
        raise not_found("provider that takes a key") from None
    except KeyFixed as fixed:
        raise Problem(409, str(fixed)) from None
    except KeyRefused as refused:
        raise invalid(FieldProblem("key", None, "a key that works", str(refused))) from None
    except OSError:
        raise Problem(507, "The key could not be saved in the data folder.") from None


@router.delete("/api/keys/{provider}", responses=problems(404, 409))
async def forget(provider: str, service: Keys) -> KeyView:
    """Forget a key that was given on the page."""
    try:
        return _view(await service.forget(provider))
    except LookupError:
        raise not_found("provider that takes a key") from None
    except KeyFixed as fixed:
        raise Problem(409, str(fixed)) from None
    except OSError:
        raise Problem(507, "The data folder cannot be written.") from None


def _key_in(body: object) -> str:
    """The key of the body. Read by hand, for a validator would repeat what it refuses. Raises `Problem`."""
    fields = body if isinstance(body, dict) else {}
    unknown = sorted(name[:100] for name in fields if name != "key")
    if unknown:
        raise invalid(*(FieldProblem(name, None, ["key"], f"{name}: unknown field") for name in unknown))
    key = fields.get("key")
    text = key.strip() if isinstance(key, str) else ""
    if not KEY_LEAST <= len(text) <= KEY_MOST or not text.isascii() or not text.isprintable() or " " in text:
        message = f"key: must be {KEY_LEAST} to {KEY_MOST} letters, digits and signs without spaces"
        raise invalid(FieldProblem("key", None, {"minLength": KEY_LEAST, "maxLength": KEY_MOST}, message))
    return text


def _view(state: KeyState) -> KeyView:
    return KeyView(provider=state.provider, title=state.title, setting=state.setting, source=state.source)
