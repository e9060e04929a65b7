"""google-genai for one request, its retries switched off and its answer taken as it came.

Imported when the first picture is asked for, not with the house: google-genai takes most of a second.
"""

from __future__ import annotations

from google.genai import Client, types

from imagegen.providers.base import ProviderCall
from imagegen.providers.transfer import Answer, Receiving, Transfer


class GeminiWire:
    """The SDK's client for the process. Timeouts are in seconds: for connecting, and for a call as a whole."""

    def __init__(self, *, api_key: str, base_url: str | None, connect_timeout: float, read_timeout: float) -> None:
        self._key = api_key
        self._base_url = (base_url or "https://generativelanguage.googleapis.com").rstrip("/")
        self._transfer = Transfer("Gemini", base_url, connect_timeout=connect_timeout, deadline=read_timeout)
        options = types.HttpOptions(
            base_url=base_url,
            timeout=int(read_timeout * 1000),  # told to the server, which need not work longer than we wait
            retry_options=types.HttpRetryOptions(attempts=1),
            httpx_async_client=self._transfer,
        )
        self._client = Client(vertexai=False, api_key=api_key, http_options=options)

    async def look_up(self, wire_id: str) -> int:
        """The HTTP status of asking for a model's record, which costs nothing. Raises `ProviderError`."""
        address = f"{self._base_url}/v1beta/models/{wire_id}"
        request = self._transfer.build_request("GET", address, headers={"x-goog-api-key": self._key})
        return await self._transfer.status_of(request, "Google")

    async def post(self, call: ProviderCall, receiving: Receiving) -> Answer:
        """Send the call, once. Raises `ProviderError`, and nothing that quotes."""
        return await self._transfer.answer_to(
            lambda: self._client.aio.models.generate_content(
                model=call.model.wire_id, contents=_contents(call), config=_config(call)
            ),
            receiving,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transfer.aclose()
        self._client.close()


def _contents(call: ProviderCall) -> types.Content:
    pictures = [
        types.Part.from_bytes(data=reference.data, mime_type=reference.media_type) for reference in call.references
    ]
    return types.Content(role="user", parts=[*pictures, types.Part.from_text(text=call.prompt)])


def _config(call: ProviderCall) -> types.GenerateContentConfig:
    return types.GenerateContentConfig(
        seed=call.seed,
        response_modalities=["IMAGE"],
        image_config=types.ImageConfig(aspect_ratio=call.aspect_ratio, image_size=call.image_size),
        automatic_continuation=False,  # each continuation is billed as another call
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        should_return_http_response=True,
    )
