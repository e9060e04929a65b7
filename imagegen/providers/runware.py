"""Runware: hosted models over one address that takes a list of tasks, each under an id that the sender chooses.

The id is the attempt's own, so a task whose answer was lost is asked about and never posted again. There is no
call that stops a task (runware-sdk 1.8.0 knows none), so one that was taken in runs to its end.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from imagegen.catalogue.geometry import PIXELS, PIXELS_1K, PIXELS_BY_64
from imagegen.catalogue.records import (
    Capabilities,
    Lifecycle,
    ModelRecord,
    Price,
    ProviderRecord,
    Source,
    Tier,
    micro_usd,
)
from imagegen.providers.answer import check_of
from imagegen.providers.base import ErrorKind, ProviderCall, ProviderError, lost
from imagegen.providers.named import NamedJobProvider, Standing
from imagegen.providers.remote import Finished, Running
from imagegen.providers.runware_answer import TITLE, Missing, account_status, has_details, looked, taken_in

if TYPE_CHECKING:
    from imagegen.providers.http_wire import HttpWire

OWN_BASE_URL = "https://api.runware.ai/v1"
STRENGTH = 0.8
"""How far a picture may go from the one it starts from, 0 to 1; 0.8 is the vendor's own default."""

_OPEN = frozenset({ErrorKind.OUTCOME_UNKNOWN, ErrorKind.LOST, ErrorKind.CONNECTION_FAILED})
"""What a look may fail with that says nothing of the task."""
_FORMATS = {"jpeg": "JPG", "png": "PNG", "webp": "WEBP"}
_LISTED = Lifecycle(source=Source("runware-sdk 1.8.0, runware/types/task_map.py", date(2026, 11, 21)))

# What Runware lists for the model (runware.ai/docs/models/google-nano-banana-pro, read 2026-11-21) is Gemini's own
# table but for one size. How many references it takes is not said there: it is Google's limit for the model.
_NANO_BANANA_PRO = Capabilities(
    aspect_ratios=tuple(PIXELS_1K),
    image_sizes=("1K", "2K", "4K"),
    max_references=14,
    pixels={**PIXELS, ("21:9", "1K"): (1548, 672)},
    seed="best effort",
    output_formats=tuple(_FORMATS),
)
# FLUX.1 starts from one picture (`inputs.seedImage` with `strength`). Edges are multiples of 64 from 128 to 2048.
_FLUX_1 = Capabilities(
    aspect_ratios=tuple(PIXELS_1K),
    image_sizes=("1K",),
    max_references=1,
    pixels=PIXELS_BY_64,
    seed="best effort",
    output_formats=tuple(_FORMATS),
)


_NANO_BANANA_PRO_PRICE = Price(
    per_image={"1K": micro_usd("0.138"), "2K": micro_usd("0.138"), "4K": micro_usd("0.244")},
    per_reference=None,  # not listed
    source=Source("runware.ai/docs/models/google-nano-banana-pro", date(2026, 11, 22)),
)


def _model(
    air: str, title: str, capabilities: Capabilities, tier: Tier, price: Price | None = None
) -> ModelRecord:
    """A model by its AIR id. What a picture costs is told with it.

    FLUX.1 is billed by the time that a GPU takes (runware.ai/docs/models-api/pricing, read 2026-11-22), so its
    price is not known beforehand.
    """
    return ModelRecord(
        id=air, wire_id=air, title=title, capabilities=capabilities, price=price, lifecycle=_LISTED, tier=tier
    )


_MODELS = (
    _model("google:4@2", "Nano Banana Pro on Runware", _NANO_BANANA_PRO, Tier.BEST, _NANO_BANANA_PRO_PRICE),
    _model("runware:101@1", "FLUX.1 dev on Runware", _FLUX_1, Tier.STANDARD),
    _model("runware:100@1", "FLUX.1 schnell on Runware", _FLUX_1, Tier.DRAFT),
)


class RunwareProvider(NamedJobProvider):
    """Image inference on Runware."""

    record: ClassVar[ProviderRecord] = ProviderRecord(
        id="runware", title=TITLE, paid=True, models=_MODELS, resumable=True, names_calls=True, cancels=False
    )

    async def check(self) -> None:
        """Ask for the account's details, which costs nothing. Raises `ProviderError`."""
        wire = await self._ready()
        task = {"taskType": "accountManagement", "taskUUID": str(uuid.uuid4()), "operation": "getDetails"}
        answer = await wire.ask("POST", "", json=[task])
        check_of(account_status(answer.status, answer.body), TITLE)

    async def _send(self, wire: HttpWire, call: ProviderCall) -> None:
        # References are megabytes of base64, which is no work for the event loop.
        body = await asyncio.to_thread(_body_of, call) if call.references else _body_of(call)
        headers = {"Content-Type": "application/json"}
        answer = await wire.post("", _nobody, headers=headers, content=body)
        taken_in(answer.status, answer.headers, answer.body, call.attempt_id)

    async def _look(self, wire: HttpWire, call: ProviderCall, remote_id: str) -> Running | Finished:
        state = await self._asked(wire, remote_id)
        if state is Missing.NOT_FOUND and await self._found(wire, remote_id) is not Standing.KNOWN:
            raise lost(TITLE)
        return Running() if isinstance(state, Missing) else state

    async def _standing(self, wire: HttpWire, remote_id: str) -> Standing:
        try:
            state = await self._asked(wire, remote_id)
            if state is Missing.NOT_FOUND:
                details = await wire.ask("POST", "", json=[_about("getTaskDetails", remote_id)])
                never = has_details(details.body, remote_id) is False
                return Standing.NEVER if never else Standing.UNCLEAR
        except ProviderError as error:
            return Standing.UNCLEAR if error.kind in _OPEN else Standing.KNOWN
        return Standing.UNCLEAR if state is Missing.SILENT else Standing.KNOWN

    async def _asked(self, wire: HttpWire, remote_id: str) -> Running | Finished | Missing:
        answer = await wire.ask("POST", "", json=[_about("getResponse", remote_id)])
        return looked(answer.status, answer.body, remote_id)

    def _load(self) -> Callable[..., HttpWire]:
        from imagegen.providers.http_wire import with_bearer  # noqa: PLC0415 - brings httpx2 with it

        return with_bearer(TITLE, OWN_BASE_URL)


def task_of(call: ProviderCall) -> dict[str, object]:
    """The one task that makes the call's picture."""
    width, height = call.model.capabilities.pixels[call.aspect_ratio, call.image_size]
    task: dict[str, object] = {
        "taskType": "imageInference",
        "taskUUID": call.attempt_id,
        "deliveryMethod": "async",
        "includeCost": True,
        "outputType": "URL",
        "numberResults": 1,
        "model": call.model.wire_id,
        "positivePrompt": call.prompt,
        "width": width,
        "height": height,
        "seed": call.seed,
    }
    if call.output_format is not None:
        task["outputFormat"] = _FORMATS[call.output_format]
    if call.references and call.model.capabilities.max_references == 1:
        task |= {"inputs": {"seedImage": call.references[0].data_uri()}, "strength": STRENGTH}
    elif call.references:
        task["inputs"] = {"referenceImages": [reference.data_uri() for reference in call.references]}
    return task


def _body_of(call: ProviderCall) -> bytes:
    return json.dumps([task_of(call)]).encode()


def _about(kind: str, task: str) -> dict[str, str]:
    return {"taskType": kind, "taskUUID": task}


def _nobody() -> None:
    """The answer to a creation is not yet the picture's."""
