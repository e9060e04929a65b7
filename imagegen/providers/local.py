"""An image server of one's own that speaks OpenAI's images API: sd-server, LocalAI, vLLM-Omni and their like.

It has no key and costs nothing, so what was lost is simply asked for again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from imagegen.catalogue.records import Lifecycle, MicroUsd, ModelRecord, Price, ProviderRecord, Source
from imagegen.providers.answer import refused
from imagegen.providers.base import ErrorKind, Picture, ProviderCall, ProviderError, Reporter
from imagegen.providers.compatible import CAPABILITIES, picture_in, post
from imagegen.providers.compatible_answer import Place, models_in, nowhere, unreached
from imagegen.providers.wire import WireProvider

if TYPE_CHECKING:
    from imagegen.providers.http_wire import HttpWire

TITLE, SETTING = "Local server", "IMAGEGEN_LOCAL_BASE_URL"
PLACE = Place(TITLE, address=SETTING, key=SETTING)
SD_SERVER = "sd-cpp-local"
"""The one model that stable-diffusion.cpp's server lists, by its document of 2026-08-19. It reads more arguments,
the seed among them, from a tag in the prompt; without it the server has a seed of its own for all pictures."""
_OWN = Source("made on a computer of one's own", date(2026, 11, 21))

_MODEL = ModelRecord(
    id="local",
    wire_id="local",
    title="Local model",
    capabilities=CAPABILITIES,
    price=Price(per_image=dict.fromkeys(CAPABILITIES.image_sizes, MicroUsd(0)), source=_OWN),
    lifecycle=Lifecycle(source=_OWN),
)


class LocalProvider(WireProvider["HttpWire"]):
    """The server at `base_url`, which ends where `/images/generations` follows."""

    # Such a server makes one picture after the other; a second request would only wait for the first to time out.
    record: ClassVar[ProviderRecord] = ProviderRecord(
        id="local", title="Local server", paid=False, models=(_MODEL,), concurrency=1
    )

    def __init__(self, *, base_url: str, connect_timeout: float, read_timeout: float, api_key: str = "") -> None:
        super().__init__(
            api_key=api_key, base_url=base_url, connect_timeout=connect_timeout, read_timeout=read_timeout
        )
        self._models: frozenset[str] | None = None

    async def generate(self, call: ProviderCall, reporter: Reporter) -> Picture:
        """Make one picture with one POST. Raises `ProviderError` and nothing else, save cancellation."""
        wire = await self._ready()
        try:
            return await self._made(wire, call, reporter)
        except ProviderError as error:
            failure = _without_bill(error)
        raise failure  # out here, so that nothing hangs on it as its context

    async def check(self) -> None:
        """Ask for the list of models. Raises `ProviderError`."""
        wire = await self._ready()
        try:
            answer = await wire.ask("GET", "/models")
        except ProviderError:
            answer = None
        if answer is None:
            raise unreached(PLACE)
        if answer.status >= 500:  # there, and busy with starting
            message = f"{TITLE} is overloaded. Nothing was billed; it can be tried again later."
            raise ProviderError(ErrorKind.OVERLOADED, message)
        if answer.status in (401, 403):
            raise refused(answer.status, TITLE, SETTING, answer.headers)
        if answer.status != 200 or models_in(answer.body) is None:
            raise nowhere(PLACE)

    async def _made(self, wire: HttpWire, call: ProviderCall, reporter: Reporter) -> Picture:
        prompt = call.prompt
        if SD_SERVER in await self._known_models(wire):
            prompt += f'<sd_cpp_extra_args>{{"seed":{call.seed}}}</sd_cpp_extra_args>'
        answer = await post(wire, call, reporter.receiving, PLACE, prompt)
        data = await picture_in(wire, answer, PLACE, edited=bool(call.references))
        return Picture(data, MicroUsd(0))

    async def _known_models(self, wire: HttpWire) -> frozenset[str]:
        """Asked once; a server that does not tell is asked for its pictures all the same."""
        if self._models is None:
            try:
                answer = await wire.ask("GET", "/models")
            except ProviderError:
                return frozenset()
            if answer.status != 200:
                return frozenset()
            self._models = models_in(answer.body) or frozenset()
        return self._models

    def _load(self) -> Callable[..., HttpWire]:
        from imagegen.providers.http_wire import HttpWire  # noqa: PLC0415 - brings httpx2 with it

        def build(*, api_key: str, base_url: str, connect_timeout: float, read_timeout: float) -> HttpWire:
            return HttpWire(TITLE, base_url, {}, connect_timeout=connect_timeout, read_timeout=read_timeout)

        return build


def _without_bill(error: ProviderError) -> ProviderError:
    """The same failure where nothing is ever billed: what its sentences say of a bill falls away."""
    what, _, rest = error.message.partition(" It may have been billed")
    advice = rest.removeprefix("; ") if rest.startswith("; ") else ""
    message = f"{what} {advice[0].upper()}{advice[1:]}" if advice else what
    return ProviderError(error.kind, message, retry_after=error.retry_after, usd=MicroUsd(0))
