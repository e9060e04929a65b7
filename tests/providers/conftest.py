"""A Gemini emulator, adapters built as the registry builds them, and calls to make with them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from imagegen.providers.base import Provider, ProviderCall, ReferencePicture
from imagegen.providers.gemini import GeminiProvider
from imagegen.providers.sketch import SketchProvider
from tests.emulator.gemini import KEY, GeminiEmulator

PROMPT = "a heron over the zanzibar reeds"
"""Holds words that stand in no message of ours."""

MakeCall = Callable[..., ProviderCall]


@pytest.fixture(scope="module")
def shared_emulator() -> Iterator[GeminiEmulator]:
    with GeminiEmulator() as emulator:
        yield emulator


@pytest.fixture
def emulator(shared_emulator: GeminiEmulator) -> GeminiEmulator:
    """The module's emulator, without what earlier tests left behind."""
    shared_emulator.forget()
    return shared_emulator


@pytest.fixture
async def gemini(emulator: GeminiEmulator) -> AsyncIterator[GeminiProvider]:
    provider = GeminiProvider(api_key=KEY, base_url=emulator.url, connect_timeout=5, read_timeout=10)
    yield provider
    await provider.aclose()


@pytest.fixture
async def sketch() -> AsyncIterator[SketchProvider]:
    provider = SketchProvider()
    yield provider
    await provider.aclose()


@pytest.fixture(params=["gemini", "sketch"])
def provider(request: pytest.FixtureRequest) -> Provider:
    """Every registered adapter in turn, against its emulator where it has one."""
    built: Provider = request.getfixturevalue(request.param)
    return built


@pytest.fixture
def call_for() -> MakeCall:
    """Builds a call for a provider's first model; everything but the provider has a default."""

    def build(provider: Provider | type[Provider], **changes: Any) -> ProviderCall:
        fields: dict[str, Any] = {
            "attempt_id": "0199a1b2-0000-7000-8000-000000000001",
            "model": provider.record.models[0],
            "prompt": PROMPT,
            "aspect_ratio": "1:1",
            "image_size": "1K",
            "seed": 7,
        }
        return ProviderCall(**fields | changes)

    return build


def picture_of(colour: str, picture_format: str = "PNG") -> ReferencePicture:
    """A small reference in one colour."""
    buffer = BytesIO()
    Image.new("RGB", (48, 32), colour).save(buffer, picture_format)
    return ReferencePicture(buffer.getvalue(), f"image/{picture_format.lower()}")
