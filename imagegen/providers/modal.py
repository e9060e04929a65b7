"""An image server of one's own, deployed on Modal, that speaks OpenAI's images API.

A call that takes longer than 150 s is answered with 303 and an address where its result can be read, as often as
one likes, without running it again (Modal's guide on request timeouts, read 2026-11-21). That address is its id.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from imagegen.catalogue.records import Lifecycle, ModelRecord, ProviderRecord, Source
from imagegen.providers.answer import unknown
from imagegen.providers.base import Picture, ProviderCall, Reporter, lost
from imagegen.providers.compatible import CAPABILITIES, picture_in, post
from imagegen.providers.modal_answer import PLACE, SEE_OTHER, TITLE, result_address, state_in
from imagegen.providers.remote import Finished, ResumableProvider, Running

if TYPE_CHECKING:
    from imagegen.providers.http_wire import HttpWire

RESULT_SECONDS = 170.0
"""How long one reading of a result may take: Modal lets it wait for 150 s before it says 303 again."""

_MODEL = ModelRecord(
    id="modal",
    wire_id="modal",
    title="Model on Modal",
    capabilities=CAPABILITIES,
    price=None,  # seconds of whichever GPU the deployment asks for
    lifecycle=Lifecycle(source=Source("deployed by its owner", date(2026, 11, 21))),
)


class ModalProvider(ResumableProvider):
    """The endpoint at `base_url`, which ends where `/images/generations` follows.

    `api_key` and `api_secret` are its proxy token, both empty where it has none.

    Keys are not checked: every request that gets through wakes a container, whose seconds are billed.
    """

    record: ClassVar[ProviderRecord] = ProviderRecord(
        id="modal", title="Modal", paid=True, models=(_MODEL,), resumable=True, cancels=False
    )

    def __init__(
        self, *, api_key: str, api_secret: str, base_url: str, connect_timeout: float, read_timeout: float
    ) -> None:
        super().__init__(
            api_key=api_key, base_url=base_url, connect_timeout=connect_timeout, read_timeout=read_timeout
        )
        self._address = base_url
        self._api_secret = api_secret

    async def generate(self, call: ProviderCall, reporter: Reporter) -> Picture:
        """Make one picture with one POST, and wait where it takes long. Raises `ProviderError`."""
        wire = await self._ready()
        answer = await post(wire, call, reporter.receiving, PLACE, call.prompt)
        if answer.status != SEE_OTHER:
            return Picture(await picture_in(wire, answer, PLACE, edited=bool(call.references)), usd=None)
        result = result_address(answer.headers.get("location", ""), self._address)
        if result is None:
            raise unknown(f"{TITLE}'s answer could not be read.")
        await reporter.created(result)
        return await self._picture(wire, call, result, reporter)

    async def _look(self, wire: HttpWire, call: ProviderCall, remote_id: str) -> Running | Finished:
        if result_address(remote_id, self._address) != remote_id:  # of an endpoint that was set before
            raise lost(TITLE)
        return state_in(await wire.ask("GET", remote_id, seconds=RESULT_SECONDS))

    def _load(self) -> Callable[..., HttpWire]:
        from imagegen.providers.http_wire import HttpWire  # noqa: PLC0415 - brings httpx2 with it

        secret = self._api_secret

        def build(*, api_key: str, base_url: str, connect_timeout: float, read_timeout: float) -> HttpWire:
            token = {"Modal-Key": api_key, "Modal-Secret": secret} if api_key and secret else {}
            return HttpWire(TITLE, base_url, token, connect_timeout=connect_timeout, read_timeout=read_timeout)

        return build
