"""The emulator answers as the vendor does, judged by the vendor's own client and its published schema."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator
from io import BytesIO

import httpx2
import openai
import pytest
from openai import AsyncOpenAI
from PIL import Image

from tests.emulator.fates import Kind
from tests.emulator.openai import OpenAiEmulator
from tests.emulator.openai_schema import checksum, faults
from tests.emulator.server import BAD_KEY, KEY

MODEL = "gpt-image-2"


@pytest.fixture(scope="module")
def running() -> Iterator[OpenAiEmulator]:
    with OpenAiEmulator() as emulator:
        yield emulator


@pytest.fixture
def emulator(running: OpenAiEmulator) -> OpenAiEmulator:
    running.forget()
    return running


def client(emulator: OpenAiEmulator, key: str = KEY) -> AsyncOpenAI:
    plain = httpx2.AsyncClient(trust_env=False)
    return AsyncOpenAI(api_key=key, base_url=emulator.url, max_retries=0, http_client=plain)


@pytest.fixture
async def sdk(emulator: OpenAiEmulator) -> AsyncIterator[AsyncOpenAI]:
    async with client(emulator) as built:
        yield built


def test_the_published_document_is_as_it_came() -> None:
    now, then = checksum()
    assert now == then


def test_the_judge_finds_faults() -> None:
    assert faults("CreateImageRequest", {"prompt": "x", "n": 1}) == []
    for wrong in (
        {},
        {"prompt": 1},
        {"prompt": "x", "n": 11},
        {"prompt": "x", "quality": "best"},
        {"prompt": "x", "seed": 1},
    ):
        assert faults("CreateImageRequest", wrong) != []


async def test_the_vendors_client_reads_a_picture(sdk: AsyncOpenAI, emulator: OpenAiEmulator) -> None:
    answer = await sdk.images.generate(model=MODEL, prompt="a cat", n=1, size="1536x1024", quality="medium")

    [image] = answer.data or []
    with Image.open(BytesIO(base64.b64decode(image.b64_json or ""))) as picture:
        assert (picture.format, picture.size) == ("PNG", (1536, 1024))
        picture.load()
    assert answer.usage is not None
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (2, 1767)
    assert faults("ImagesResponse", answer.model_dump(mode="json", exclude_none=True)) == []
    [received] = emulator.requests
    assert faults("CreateImageRequest", received.asked.fields) == []
    [bill] = emulator.bills
    assert (bill.request_id, bill.prompt) == (1, "a cat")


async def test_the_vendors_client_reads_a_stream(sdk: AsyncOpenAI, emulator: OpenAiEmulator) -> None:
    stream = await sdk.images.generate(model=MODEL, prompt="a cat", stream=True, partial_images=2)
    events = [event async for event in stream]
    assert [event.type.rpartition(".")[2] for event in events] == ["partial_image", "partial_image", "completed"]
    for event in events:
        schema = "ImageGenCompletedEvent" if event.type.endswith("completed") else "ImageGenPartialImageEvent"
        assert faults(schema, event.model_dump(mode="json", exclude_none=True)) == []
        with Image.open(BytesIO(base64.b64decode(event.b64_json))) as picture:
            picture.load()
    [received] = emulator.requests
    assert faults("CreateImageRequest", received.asked.fields) == []


async def test_references_in_a_form(sdk: AsyncOpenAI, emulator: OpenAiEmulator) -> None:
    pictures = [b"\x89PNG\r\n\x1a\n one \r\n--", b"\xff\xd8\xff two \n"]
    files = [("1.png", pictures[0], "image/png"), ("2.jpg", pictures[1], "image/jpeg")]
    await sdk.images.edit(model=MODEL, prompt="a cat", image=files, size="1024x1024", quality="low")
    [received] = emulator.requests
    assert received.asked.references == (("image/png", pictures[0]), ("image/jpeg", pictures[1]))


@pytest.mark.parametrize(
    ("kind", "error", "code"),
    [
        (Kind.RATE_LIMITED, openai.RateLimitError, "rate_limit_exceeded"),
        (Kind.ZERO_QUOTA, openai.RateLimitError, "insufficient_quota"),
        (Kind.PROMPT_BLOCK, openai.BadRequestError, "moderation_blocked"),
        (Kind.BAD_REQUEST, openai.BadRequestError, "invalid_value"),
        (Kind.BAD_KEY, openai.AuthenticationError, "invalid_api_key"),
        (Kind.PERMISSION_DENIED, openai.PermissionDeniedError, None),
        (Kind.NOT_FOUND, openai.NotFoundError, "model_not_found"),
        (Kind.OVERLOADED, openai.InternalServerError, None),
        (Kind.BAD_GATEWAY, openai.InternalServerError, None),
    ],
)
async def test_errors(
    kind: Kind,
    error: type[openai.APIStatusError],
    code: str | None,
    sdk: AsyncOpenAI,
    emulator: OpenAiEmulator,
) -> None:
    emulator.script(kind)
    with pytest.raises(error) as caught:
        await sdk.images.generate(model=MODEL, prompt="x")
    assert caught.value.code == code
    if kind is not Kind.BAD_GATEWAY:
        told = dict(caught.value.response.json()["error"])
        told.pop("moderation_details", None)  # newer than the document
        assert faults("Error", told) == []
    assert emulator.bills == []


@pytest.mark.parametrize(
    "change",
    [
        {"size": "1000x1000"},
        {"size": "4096x4096"},
        {"size": "3840x1024"},
        {"size": "512x512"},
        {"size": "big"},
        {"model": "gpt-image-1.5", "size": "1264x848"},
        {"quality": "best"},
        {"output_format": "gif"},
        {"seed": 5},
        {"n": 2},
        {"prompt": ""},
    ],
)
async def test_a_wrong_field_or_value_is_refused(change: dict[str, object], emulator: OpenAiEmulator) -> None:
    body = {"model": MODEL, "prompt": "x"} | change
    async with httpx2.AsyncClient(trust_env=False) as plain:
        headers = {"Authorization": f"Bearer {KEY}"}
        answer = await plain.post(f"{emulator.url}/images/generations", json=body, headers=headers)
    assert answer.status_code == 400
    assert faults("ErrorResponse", answer.json()) == []
    assert len(emulator.refused) == 1
    assert emulator.bills == []


async def test_keys_and_models(emulator: OpenAiEmulator) -> None:
    for key, model, status in ((BAD_KEY, MODEL, 401), (KEY, "dall-e-3", 404)):
        async with client(emulator, key) as sdk:
            with pytest.raises(openai.APIStatusError) as caught:
                await sdk.images.generate(model=model, prompt="x", size="1024x1024")
            assert caught.value.status_code == status
    async with client(emulator) as sdk:
        entry = await sdk.models.retrieve(MODEL)
        assert faults("Model", entry.model_dump(mode="json", exclude_none=True)) == []
    assert emulator.requests == []
