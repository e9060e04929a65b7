"""From a claimed task to a call that can be made: references and sources are read, the prompt is put together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from imagegen.catalogue.records import ModelStatus
from imagegen.jobs.attempts import Claimed
from imagegen.jobs.clock import day_of
from imagegen.jobs.cutouts import CutoutRequest
from imagegen.jobs.cutting import cut, source_bytes, source_path
from imagegen.jobs.references import load_references
from imagegen.jobs.workshop import Workshop
from imagegen.prompts.compose import compose
from imagegen.providers.base import ErrorKind, Picture, ProviderCall, ProviderError, Reporter
from imagegen.request import GenerationRequest

FREE_BYTES_WANTED = 64 * 2**20
"""Free space below which nothing is sent: a 4K picture is up to 25 MB, and the job log needs room as well."""


@dataclass(frozen=True, slots=True)
class Ready:
    """An attempt that is ready to go: the text it is known by, and the call that makes its picture."""

    prompt: str
    make: Callable[[Reporter], Awaitable[Picture]]


async def prepare(shop: Workshop, claimed: Claimed, sent: bool) -> Ready:
    """Everything that must be here before the attempt begins. Raises `ProviderError`: nothing was sent."""
    if not sent and await shop.offload(shop.store.free_bytes) < FREE_BYTES_WANTED:
        raise ProviderError(
            ErrorKind.INTERNAL, "The disk is full. Nothing was sent or billed; free some space, then retry."
        )
    match claimed.request:
        case CutoutRequest() as request:
            return await _prepare_cutout(shop, claimed, request)
        case GenerationRequest() as request:
            return await _prepare_call(shop, claimed, request)


async def _prepare_cutout(shop: Workshop, claimed: Claimed, request: CutoutRequest) -> Ready:
    remover = shop.remover
    if remover is None:
        raise ProviderError(ErrorKind.NOT_FOUND, "Background removal is not switched on here.")
    owner = claimed.key.owner
    path = await shop.database.read(lambda session: source_path(session, shop.store, request, owner))
    source = await shop.offload(lambda: source_bytes(path))
    return Ready(request.prompt, lambda _reporter: cut(remover, source, request.options))


async def _prepare_call(shop: Workshop, claimed: Claimed, request: GenerationRequest) -> Ready:
    provider = shop.providers.get(claimed.provider)
    call = call_without_references(shop, claimed, request)
    if provider is None or call is None:
        gone = f"{claimed.model} is not switched on any more. Nothing was sent or billed."
        raise ProviderError(ErrorKind.NOT_FOUND, gone)
    ends = call.model.lifecycle
    if ends.status_on(day_of(shop.clock.now_ms())) is ModelStatus.RETIRED:  # since it was asked for
        over = f"{call.model.title} was retired on {ends.retired_on}. Nothing was sent or billed."
        raise ProviderError(ErrorKind.NOT_FOUND, over)
    references = await load_references(
        shop.database,
        shop.store,
        shop.offload,
        [reference.id for reference in request.reference_images],
        owner=claimed.key.owner,
        max_edge=call.model.capabilities.reference_max_edge,
    )
    whole = replace(call, references=references)
    return Ready(call.prompt, lambda reporter: provider.generate(whole, reporter))


def call_without_references(shop: Workshop, claimed: Claimed, request: GenerationRequest) -> ProviderCall | None:
    """The call of a claimed task, its references left out; None when its model is not switched on any more."""
    found = shop.catalogue.find(claimed.model)
    if found is None:
        return None
    return ProviderCall(
        attempt_id=claimed.attempt_id,
        model=found[1],
        prompt=prompt_of(shop, request, claimed.style, claimed.subject),
        aspect_ratio=request.aspect_ratio,
        image_size=request.image_size,
        seed=claimed.seed,
        output_format=request.output_format,
    )


def prompt_of(
    shop: Workshop, request: GenerationRequest | CutoutRequest, style_id: str | None, subject: str | None
) -> str:
    """The final text of one picture; a style whose file has gone since adds nothing."""
    if isinstance(request, CutoutRequest):
        return request.prompt
    style = shop.styles.get(style_id) if style_id else None
    return compose(request, style=style.prompt if style else None, subject=subject)
