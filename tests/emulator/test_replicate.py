"""The emulator answers as the vendor does, judged by the vendor's own client."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import httpx
import pytest
from replicate.client import Client
from replicate.exceptions import ReplicateError

from tests.emulator.fates import Fate, Kind
from tests.emulator.replicate import ReplicateEmulator
from tests.emulator.server import BAD_KEY, KEY

MODEL = ("google", "nano-banana-pro")


@pytest.fixture
def emulator() -> Iterator[ReplicateEmulator]:
    with ReplicateEmulator() as running:
        yield running


@pytest.fixture
def connections() -> Iterator[httpx.HTTPTransport]:
    """The client does not close its own."""
    with httpx.HTTPTransport() as transport:
        yield transport


@pytest.fixture
def sdk(emulator: ReplicateEmulator, connections: httpx.HTTPTransport) -> Client:
    return Client(api_token=KEY, base_url=emulator.url, transport=connections)


def test_the_vendors_client_creates_and_asks(sdk: Client, emulator: ReplicateEmulator) -> None:
    asked = {"prompt": "a cat", "aspect_ratio": "16:9", "resolution": "1K", "output_format": "jpg"}

    prediction = sdk.models.predictions.create(MODEL, asked)

    assert (prediction.status, prediction.output, prediction.model) == ("starting", None, "/".join(MODEL))
    assert prediction.input == asked
    prediction.reload()
    assert prediction.status == "succeeded"
    assert prediction.output == f"{emulator.url}/files/{prediction.id}"
    assert (emulator.posts, len(emulator.bills)) == (1, 1)


def test_the_vendors_client_cancels(sdk: Client, emulator: ReplicateEmulator) -> None:
    emulator.script(Fate(held=True))
    prediction = sdk.models.predictions.create(MODEL, {"prompt": "a cat"})
    states = [prediction.status]
    for change in (prediction.reload, prediction.cancel, prediction.reload):
        change()
        states.append(prediction.status)
    assert states == ["starting", "processing", "canceled", "canceled"]
    assert (emulator.posts, emulator.bills) == (1, [])


def test_the_vendors_client_uploads(sdk: Client, emulator: ReplicateEmulator) -> None:
    file = sdk.files.create(BytesIO(b"\xff\xd8\xff a picture"), filename="heron.jpg", content_type="image/jpeg")
    sdk.models.predictions.create(MODEL, {"prompt": "a cat", "image_input": [file.urls["get"]]})
    [received] = emulator.requests
    assert received.asked.references == (("image/jpeg", b"\xff\xd8\xff a picture"),)


def test_the_vendors_client_knows_whose_token_it_is(sdk: Client) -> None:
    assert sdk.accounts.current().username == "ada"


@pytest.mark.parametrize(
    ("fate", "status"), [(Kind.ZERO_QUOTA, 402), (Kind.BAD_REQUEST, 422), (Kind.RATE_LIMITED, 429)]
)
def test_the_vendors_client_reads_refusals(
    fate: Kind, status: int, sdk: Client, emulator: ReplicateEmulator
) -> None:
    emulator.script(fate)
    with pytest.raises(ReplicateError) as caught:
        sdk.models.predictions.create(MODEL, {"prompt": "a cat"})
    assert caught.value.status == status
    assert caught.value.detail
    assert emulator.posts == 1


def test_a_failure_is_told_in_the_prediction(sdk: Client, emulator: ReplicateEmulator) -> None:
    emulator.script(Kind.IMAGE_SAFETY)
    prediction = sdk.models.predictions.create(MODEL, {"prompt": "a cat"})
    prediction.reload()
    assert (prediction.status, prediction.output) == ("failed", None)
    assert "E005" in (prediction.error or "")


def test_a_bad_key(emulator: ReplicateEmulator, connections: httpx.HTTPTransport) -> None:
    stranger = Client(api_token=BAD_KEY, base_url=emulator.url, transport=connections)
    with pytest.raises(ReplicateError) as caught:
        stranger.models.predictions.create(MODEL, {"prompt": "a cat"})
    assert caught.value.status == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"prompt": ""},
        {"prompt": "x", "resolution": "8K"},
        {"prompt": "x", "aspect_ratio": "7:3"},
        {"prompt": "x", "seed": 1},
        {"prompt": "x", "image_input": ["https://example.com/fox.jpg"]},
        {"prompt": "x", "image_input": [f"data:image/png;base64,{'A' * 2**21}"]},
    ],
)
def test_the_emulator_is_strict(wrong: dict[str, object], sdk: Client, emulator: ReplicateEmulator) -> None:
    with pytest.raises(ReplicateError) as caught:
        sdk.models.predictions.create(MODEL, wrong)
    assert caught.value.status == 422
    assert (len(emulator.refused), emulator.bills) == (1, [])
