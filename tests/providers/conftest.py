"""Emulators of the vendors, adapters built as the registry builds them, and calls to make with them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from imagegen.providers.base import Provider, ProviderCall, ReferencePicture
from imagegen.providers.gemini import GeminiProvider
from imagegen.providers.openai import OpenAiProvider
from imagegen.providers.sketch import SketchProvider
from tests.emulator.gemini import GeminiEmulator
from tests.emulator.openai import OpenAiEmulator
from tests.emulator.server import KEY, Emulator

PROMPT = "a heron over the zanzibar reeds"
"""Holds words that stand in no message of ours."""

MakeCall = Callable[..., ProviderCall]


@dataclass(frozen=True)
class Vendor:
    """A vendor's adapter, and the emulator that it calls. `setting` is the name of its key."""

    kind: type[GeminiProvider | OpenAiProvider]
    emulator: Emulator[Any]
    provider: Provider
    setting: str

    def build(self, *, key: str = KEY, url: str | None = None, read_timeout: float = 10) -> Provider:
        """Another adapter of the same kind; the caller closes it."""
        return self.kind(
            api_key=key, base_url=url or self.emulator.url, connect_timeout=5, read_timeout=read_timeout
        )


@pytest.fixture(scope="module")
def shared_openai_emulator() -> Iterator[OpenAiEmulator]:
    with OpenAiEmulator() as emulator:
        yield emulator


@pytest.fixture
def openai_emulator(shared_openai_emulator: OpenAiEmulator) -> OpenAiEmulator:
    """The module's emulator, without what earlier tests left behind."""
    shared_openai_emulator.forget()
    return shared_openai_emulator


@pytest.fixture
async def openai(openai_emulator: OpenAiEmulator) -> AsyncIterator[OpenAiProvider]:
    provider = OpenAiProvider(api_key=KEY, base_url=openai_emulator.url, connect_timeout=5, read_timeout=10)
    yield provider
    await provider.aclose()


@pytest.fixture(params=[GeminiProvider, OpenAiProvider], ids=["gemini", "openai"])
def vendor(request: pytest.FixtureRequest) -> Vendor:
    """Every paid adapter in turn."""
    names = ("emulator", "gemini") if request.param is GeminiProvider else ("openai_emulator", "openai")
    emulator, provider = (request.getfixturevalue(name) for name in names)
    return Vendor(request.param, emulator, provider, f"{names[1].upper()}_API_KEY")


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


@pytest.fixture(params=["gemini", "openai", "sketch"])
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
