"""Gemini's overnight lane as a provider that waits, so that the suite over vendors' jobs runs over it."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from imagegen.catalogue.records import ProviderRecord
from imagegen.providers.base import LeftWithVendorError, Picture, ProviderCall, Reporter
from imagegen.providers.gemini import GeminiProvider


class AwaitedGemini(GeminiProvider):
    """Leaves the job with Google as ever, and then does what the engine does with it."""

    record: ClassVar[ProviderRecord] = replace(
        GeminiProvider.record, models=tuple(model for model in GeminiProvider.record.models if model.overnight)
    )

    async def generate(self, call: ProviderCall, reporter: Reporter) -> Picture:
        """The picture of the job that is created, however long it takes."""
        created: list[str] = []
        keep = reporter.created

        async def noted(remote_id: str) -> None:
            await keep(remote_id)
            created.append(remote_id)

        reporter.created = noted  # type: ignore[method-assign]
        try:
            return await super().generate(call, reporter)
        except LeftWithVendorError:
            pass
        [remote_id] = created
        return await self.resume(call, remote_id, reporter)
