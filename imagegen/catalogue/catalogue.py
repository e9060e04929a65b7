"""Lookups over the records of the providers that are switched on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from imagegen.catalogue.records import ModelRecord, ModelStatus, ProviderRecord


class Catalogue:
    """The providers in the order of preference. Ids and aliases are unique over all of them.

    `needed` names models that are known but off, with the setting that each lacks.
    """

    def __init__(self, providers: Sequence[ProviderRecord], *, needed: Mapping[str, str] | None = None) -> None:
        self.providers = tuple(providers)
        self.needed = needed or {}
        self._by_name: dict[str, tuple[ProviderRecord, ModelRecord]] = {}
        for provider, model in self.entries():
            for name in (model.id, *model.aliases):
                if name in self._by_name:
                    raise ValueError(f"model id {name!r} stands twice in the catalogue")
                self._by_name[name] = (provider, model)

    def entries(self) -> Iterator[tuple[ProviderRecord, ModelRecord]]:
        """Every provider with each of its models, in order of preference."""
        for provider in self.providers:
            for model in provider.models:
                yield provider, model

    def find(self, name: str) -> tuple[ProviderRecord, ModelRecord] | None:
        """The model with that id or alias, and its provider."""
        return self._by_name.get(name)

    def successor(self, model: ModelRecord, today: date) -> tuple[ProviderRecord, ModelRecord] | None:
        """The living model that takes its place, over several generations; None where there is none."""
        passed = {model.id}
        while (found := self.find(model.lifecycle.successor or "")) is not None and found[1].id not in passed:
            model = found[1]
            if model.lifecycle.status_on(today) is not ModelStatus.RETIRED:
                return found
            passed.add(model.id)
        return None

    def provider(self, provider_id: str) -> ProviderRecord | None:
        """The provider with that id, when it is switched on."""
        return next((record for record in self.providers if record.id == provider_id), None)

    def choosable(self, today: date) -> tuple[str, ...]:
        """The ids that a request may name on that day, `auto` first."""
        living = (
            model.id for _, model in self.entries() if model.lifecycle.status_on(today) is not ModelStatus.RETIRED
        )
        return ("auto", *living)
