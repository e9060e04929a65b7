"""google-genai for one request, its retries switched off and its answer taken as it came.

Imported when the first picture is asked for, not with the house: google-genai takes most of a second.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from google.genai import Client, types

from imagegen.providers.base import ProviderCall
from imagegen.providers.transfer import LOOK_UP_SECONDS, Answer, Receiving, Transfer


@dataclass(frozen=True, slots=True)
class Service:
    """One of the two services of Google that serve the model. `version` None leaves it to the SDK.

    `models` is the path of its models' records, which cost nothing to read.
    """

    is_vertex: bool
    address: str
    models: str
    version: str | None = None


DEVELOPER_API = Service(False, "https://generativelanguage.googleapis.com", "v1beta/models")


class GeminiWire(ABC):
    """The SDK's client for the process. Timeouts are in seconds: for connecting, and for a call as a whole."""

    def __init__(
        self, service: Service, *, base_url: str | None, connect_timeout: float, read_timeout: float
    ) -> None:
        self._base_url = (base_url or service.address).rstrip("/")
        self._service = service
        self._transfer = Transfer("Gemini", self._base_url, connect_timeout=connect_timeout, deadline=read_timeout)
        self._options = types.HttpOptions(
            base_url=self._base_url,
            api_version=service.version,
            timeout=int(read_timeout * 1000),  # told to the server, which need not work longer than we wait
            retry_options=types.HttpRetryOptions(attempts=1),
            httpx_async_client=self._transfer,
        )
        self._client: Client | None = None

    @abstractmethod
    async def signed_in(self) -> tuple[Client, Mapping[str, str]]:
        """The client, and the headers that say who asks. Raises `ProviderError`."""

    async def look_up(self, wire_id: str) -> int:
        """The HTTP status of asking for a model's record, which costs nothing. Raises `ProviderError`."""
        _, headers = await self.signed_in()
        address = f"{self._base_url}/{self._service.models}/{wire_id}"
        request = self._transfer.build_request("GET", address, headers=headers)
        return await self._transfer.status_of(request, "Google")

    async def post(self, call: ProviderCall, receiving: Receiving) -> Answer:
        """Send the call, once. Raises `ProviderError`, and nothing that quotes."""
        client, _ = await self.signed_in()
        return await self._transfer.answer_to(
            lambda: client.aio.models.generate_content(
                model=call.model.wire_id, contents=contents_of(call), config=config_of(call)
            ),
            receiving,
        )

    async def post_batch(self, call: ProviderCall) -> Answer:
        """Create a batch job of that one call, once, under the attempt's name. Raises `ProviderError`."""
        client, _ = await self.signed_in()
        request = types.InlinedRequest(contents=[contents_of(call)], config=config_of(call))
        name = types.CreateBatchJobConfig(display_name=call.attempt_id)
        return await self._transfer.answer_to(
            lambda: client.aio.batches.create(model=call.model.wire_id, src=[request], config=name), lambda: None
        )

    async def ask(self, method: str, path: str, seconds: float = LOOK_UP_SECONDS) -> Answer:
        """A request that costs nothing, answered within `seconds`. Raises `ProviderError`, as `Transfer.read`."""
        _, headers = await self.signed_in()
        request = self._transfer.build_request(method, f"{self._base_url}/{path}", headers=headers)
        return await self._transfer.read(request, seconds)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transfer.aclose()
        if self._client is not None:
            self._client.close()


class KeyWire(GeminiWire):
    """Known by a key: of Google AI Studio for the Developer API, of Google Cloud for Vertex AI's express mode."""

    def __init__(
        self,
        service: Service = DEVELOPER_API,
        *,
        api_key: str,
        base_url: str | None,
        connect_timeout: float,
        read_timeout: float,
    ) -> None:
        super().__init__(service, base_url=base_url, connect_timeout=connect_timeout, read_timeout=read_timeout)
        self._headers = {"x-goog-api-key": api_key}
        self._built = self._client = Client(
            vertexai=service.is_vertex, api_key=api_key, http_options=self._options
        )

    async def signed_in(self) -> tuple[Client, Mapping[str, str]]:
        """The client and the key's header; nothing is asked of anybody."""
        return self._built, self._headers


def contents_of(call: ProviderCall) -> types.Content:
    """The references in their order, then the prompt."""
    pictures = [
        types.Part.from_bytes(data=reference.data, mime_type=reference.media_type) for reference in call.references
    ]
    return types.Content(role="user", parts=[*pictures, types.Part.from_text(text=call.prompt)])


def config_of(call: ProviderCall) -> types.GenerateContentConfig:
    """One picture of the asked shape, without a second request by the SDK."""
    return types.GenerateContentConfig(
        seed=call.seed,
        response_modalities=["IMAGE"],
        image_config=types.ImageConfig(aspect_ratio=call.aspect_ratio, image_size=call.image_size),
        automatic_continuation=False,  # each continuation is billed as another call
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        should_return_http_response=True,
    )
