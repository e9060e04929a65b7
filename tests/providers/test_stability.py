"""Stability AI over real HTTP: the exact form, what a picture costs, and the answers that only it gives."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from imagegen.catalogue.records import MicroUsd, ModelRecord
from imagegen.providers.base import Billed, ErrorKind, ProviderError, Reporter
from imagegen.providers.stability import RATIOS, StabilityProvider
from imagegen.providers.stability_answer import picture_in
from imagegen.request import SEED_MAX
from tests.emulator.fates import Kind
from tests.emulator.pictures import PIXELS_1K
from tests.emulator.server import KEY
from tests.emulator.stability import SEED_MAX as SEED_LIMIT
from tests.emulator.stability import StabilityEmulator
from tests.providers.conftest import PROMPT, MakeCall, Running, picture_of

MODELS = {model.id: model for model in StabilityProvider.record.models}
PRICES = {
    "stable-image-ultra": 80_000,
    "stable-image-core": 30_000,
    "sd3.5-large": 65_000,
    "sd3.5-large-turbo": 40_000,
    "sd3.5-medium": 35_000,
}
"""Micro-dollars."""


@pytest.fixture
def emulator(emulators: Running) -> StabilityEmulator:
    emulator = emulators["stability"]
    assert isinstance(emulator, StabilityEmulator)
    return emulator


@pytest.fixture
async def stability(emulator: StabilityEmulator) -> AsyncIterator[StabilityProvider]:
    provider = StabilityProvider(api_key=KEY, base_url=emulator.url, connect_timeout=5, read_timeout=10)
    yield provider
    await provider.aclose()


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.id)
async def test_what_is_sent_and_what_it_costs(
    model: ModelRecord, stability: StabilityProvider, emulator: StabilityEmulator, call_for: MakeCall
) -> None:
    call = call_for(stability, model=model, aspect_ratio="21:9", output_format="jpeg")
    picture = await stability.generate(call, Reporter())
    [received] = emulator.requests
    expected = {"prompt": PROMPT, "seed": "7", "aspect_ratio": "21:9", "output_format": "jpeg"}
    if model.id.startswith("sd3.5"):
        expected |= {"model": model.id, "mode": "text-to-image"}
    assert received.asked.fields == expected
    assert received.asked.route == ("sd3" if model.id.startswith("sd3.5") else model.wire_id)
    assert (picture.usd, picture.notice) == (None, None)  # the answer tells no price
    assert picture.data.startswith(b"\xff\xd8")


@pytest.mark.parametrize("model", [one for one in MODELS.values() if one.capabilities.max_references])
@pytest.mark.parametrize(("ratio", "told"), [("3:2", False), ("1:1", True)])
async def test_a_reference_gives_the_picture_its_shape(
    model: ModelRecord,
    ratio: str,
    told: bool,
    stability: StabilityProvider,
    emulator: StabilityEmulator,
    call_for: MakeCall,
) -> None:
    """The reference is 96 × 64 pixels; that another shape was asked for is told."""
    call = call_for(stability, model=model, aspect_ratio=ratio, references=(picture_of("teal", "WEBP"),))
    picture = await stability.generate(call, Reporter())
    [received] = emulator.requests
    assert "aspect_ratio" not in received.asked.fields
    assert received.asked.fields["strength"] == "0.7"
    assert received.asked.fields.get("mode") in ("image-to-image", None)
    assert (picture.notice is not None) == told


def test_core_takes_no_reference() -> None:
    assert {model.id for model in MODELS.values() if not model.capabilities.max_references} == {
        "stable-image-core"
    }


@pytest.mark.parametrize(("seed", "sent"), [(0, 2**31), (1, 1), (SEED_MAX, SEED_MAX)])
async def test_a_seed_is_never_any_seed(
    seed: int, sent: int, stability: StabilityProvider, emulator: StabilityEmulator, call_for: MakeCall
) -> None:
    """The vendor takes 0 for any; no two of our seeds are the same there."""
    emulator.script(Kind.NO_IMAGE)
    with pytest.raises(ProviderError):
        await stability.generate(call_for(stability, seed=seed), Reporter())
    assert emulator.requests[0].asked.seed == sent <= SEED_LIMIT
    assert sent == seed or sent > SEED_MAX


def refusal(status: int, body: object) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        picture_in(status, {}, json.dumps(body).encode())
    return caught.value


@pytest.mark.parametrize("headers", [{}, {"finish-reason": "SUCCESS"}])
def test_the_bytes_of_a_picture_are_an_answer_too(headers: dict[str, str]) -> None:
    assert picture_in(200, headers, b"\xff\xd8\xff\xe0 and more").data == b"\xff\xd8\xff\xe0 and more"


def test_bytes_may_be_of_a_blurred_picture() -> None:
    with pytest.raises(ProviderError) as caught:
        picture_in(200, {"finish-reason": "CONTENT_FILTERED"}, b"\xff\xd8\xff\xe0 and more")
    assert (caught.value.kind, caught.value.billed) == (ErrorKind.POLICY, Billed.PERHAPS)


def test_a_blurred_picture_is_none_and_was_billed() -> None:
    body = {"image": "/9j/4AAQ", "finish_reason": "CONTENT_FILTERED", "seed": 1}
    error = refusal(200, body)
    assert (error.kind, error.billed) == (ErrorKind.POLICY, Billed.PERHAPS)


@pytest.mark.parametrize(
    ("status", "name", "kind"),
    [
        (403, "content_moderation", ErrorKind.POLICY),
        (422, "public_figure", ErrorKind.POLICY),
        (422, "invalid_language", ErrorKind.BAD_REQUEST),
        (422, "other", ErrorKind.BAD_REQUEST),
        (413, "payload_too_large", ErrorKind.BAD_REQUEST),
        (402, "payment_required", ErrorKind.QUOTA),
        (403, "permission_denied", ErrorKind.AUTH),
    ],
)
def test_a_refusal_costs_nothing(status: int, name: str, kind: ErrorKind) -> None:
    error = refusal(status, {"id": "1", "name": name, "errors": ["zanzibar"]})
    assert (error.kind, error.billed) == (kind, Billed.NO)
    assert "zanzibar" not in error.message
    assert ("English" in error.message) == (name == "invalid_language")


def test_prices_are_those_of_the_document() -> None:
    told = {model.id: model.price.per_image["1K"] for model in MODELS.values() if model.price}
    assert told == {name: MicroUsd(amount) for name, amount in PRICES.items()}


def test_the_shapes_are_the_houses() -> None:
    assert set(RATIOS) < set(PIXELS_1K)
    assert set(PIXELS_1K) - set(RATIOS) == {"3:4", "4:3"}
