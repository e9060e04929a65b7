"""Giving a provider its key while the server runs: tested for free, kept, and put to use at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import SecretStr

from imagegen.catalogue.catalogue import Catalogue
from imagegen.jobs.engine import Engine
from imagegen.keys import FIELDS, KeyRing
from imagegen.providers import registry
from imagegen.providers.base import Provider, ProviderError
from imagegen.providers.listed_prices import repriced
from imagegen.providers.registry import REGISTRATIONS, Registration
from imagegen.settings import Settings

KeySource = Literal["environment", "page"]


class KeyFixed(Exception):  # noqa: N818 - named for what happened
    """The environment gives this provider its key, or does not switch it on; the page cannot change that."""


class KeyRefused(Exception):  # noqa: N818
    """The vendor does not accept the key, or could not be asked. The message is for people."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """Whether a provider has a key, and from where. Never the key itself."""

    provider: str
    title: str
    setting: str
    source: KeySource | None


class KeyService:
    """The keys of one server. `settings` are those of the environment alone."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self._settings = settings
        self._engine = engine
        self._ring = KeyRing(settings.data_dir)
        self._changing = asyncio.Lock()

    async def states(self) -> list[KeyState]:
        """Every provider that works with a key alone and may be switched on here."""
        kept = await asyncio.to_thread(self._ring.kept)
        return [
            KeyState(record.record.id, record.record.title, name, self._source(name, kept))
            for record, name in self._keyed().values()
        ]

    async def give(self, provider_id: str, key: str) -> KeyState:
        """Test a key with a free call, keep it, use it from now on.

        Raises `LookupError` for a provider that takes no key, `KeyFixed`, `KeyRefused`, or `OSError`.
        """
        registration, name = self._keyed()[provider_id]
        if self._environment_has(name):
            raise KeyFixed(f"{name} is set in the environment, which comes first; change it there.")
        async with self._changing:
            tried = registration.build(self._settings.model_copy(update={FIELDS[name]: SecretStr(key)}))
            try:
                await tried.check()
            except ProviderError as error:
                raise KeyRefused(error.message) from None
            finally:
                await tried.aclose()
            await asyncio.to_thread(self._ring.keep, name, key)
            await self._put_to_use(provider_id)
        return KeyState(provider_id, registration.record.title, name, "page")

    async def forget(self, provider_id: str) -> KeyState:
        """Keep that provider's key no longer. Raises `LookupError`, `KeyFixed` or `OSError`."""
        registration, name = self._keyed()[provider_id]
        if self._environment_has(name):
            raise KeyFixed(f"{name} is set in the environment; remove it there.")
        async with self._changing:
            await asyncio.to_thread(self._ring.forget, name)
            await self._put_to_use(provider_id)
        return KeyState(provider_id, registration.record.title, name, None)

    async def _put_to_use(self, changed: str) -> None:
        settings = await asyncio.to_thread(self._ring.applied, self._settings)
        records = registry.enabled(settings)
        running = {name: one for name, one in self._engine.providers.items() if name != changed}
        providers: dict[str, Provider] = {
            registration.record.id: running.get(registration.record.id) or registration.build(settings)
            for registration in REGISTRATIONS
            if registration.offered(settings) in records
        }
        priced = await asyncio.to_thread(repriced, records)
        self._engine.switch(Catalogue(priced, needed=registry.needed(settings)), providers)

    def _keyed(self) -> Mapping[str, tuple[Registration, str]]:
        offered = {}
        for registration in REGISTRATIONS:
            [name, *others] = registration.missing(_without_keys(self._settings)) or ("",)
            chosen = not self._settings.providers or registration.record.id in self._settings.providers
            if name in FIELDS and not others and chosen:
                offered[registration.record.id] = (registration, name)
        return offered

    def _environment_has(self, name: str) -> bool:
        return getattr(self._settings, FIELDS[name]) is not None

    def _source(self, name: str, kept: Mapping[str, str]) -> KeySource | None:
        if self._environment_has(name):
            return "environment"
        return "page" if name in kept else None


def _without_keys(settings: Settings) -> Settings:
    return settings.model_copy(update=dict.fromkeys(FIELDS.values()))
