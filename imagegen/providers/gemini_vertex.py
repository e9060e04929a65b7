"""The same Gemini over Vertex AI in Google Cloud: with a key alone (express mode), or as a project.

Which of the two it is, and whether it is Vertex AI at all, is decided by the settings. It answers with the same
models at the same list prices; batches it takes from Cloud Storage only, so the overnight lane is not here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from imagegen.catalogue.records import ProviderRecord
from imagegen.providers.answer import unknown
from imagegen.providers.base import Picture, ProviderCall, Reporter
from imagegen.providers.gemini import GeminiProvider
from imagegen.providers.gemini_access import Access, Project

if TYPE_CHECKING:
    from imagegen.providers.gemini_wire import GeminiWire


class VertexGeminiProvider(GeminiProvider):
    """Gemini over Vertex AI. Without a `project` the key decides who pays."""

    record: ClassVar[ProviderRecord] = replace(
        GeminiProvider.record,
        models=tuple(model for model in GeminiProvider.record.models if not model.overnight),
        resumable=False,
    )

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str | None,
        connect_timeout: float,
        read_timeout: float,
        project: Project | None = None,
    ) -> None:
        super().__init__(
            api_key=api_key, base_url=base_url, connect_timeout=connect_timeout, read_timeout=read_timeout
        )
        self._project = project

    @property
    def access(self) -> Access:
        """As whom Google knows this provider."""
        return Access.CLOUD_KEY if self._project is None else Access.PROJECT

    async def resume(self, call: ProviderCall, remote_id: str, reporter: Reporter) -> Picture:
        """A batch job of the Developer API, created under other settings. Raises `ProviderError`."""
        raise unknown(f"{self.record.title} does not tell what became of the picture.")

    async def cancel(self, remote_id: str) -> None:
        """Nothing runs here that could be cancelled."""

    def _load(self) -> Callable[..., GeminiWire]:
        from imagegen.providers import gemini_vertex_wire  # noqa: PLC0415 - brings google-genai with it

        return gemini_vertex_wire.wire_of(self._project)
