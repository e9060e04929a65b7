"""The emulator answers as the vendor does, judged by the vendor's own client."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from io import BytesIO
from pathlib import Path

import httpx2
import pytest
from google.genai import Client, errors, types
from PIL import Image

from tests.emulator.gemini import BAD_KEY, KEY, MODEL, RETIRED, Fate, GeminiEmulator, Kind
from tests.emulator.pictures import PIXELS_1K, encoded

CONFIG = types.GenerateContentConfig(
    response_modalities=["TEXT", "IMAGE"],
    image_config=types.ImageConfig(aspect_ratio="4:5", image_size="1K"),
    automatic_continuation=False,
    seed=5,
)


@pytest.fixture(scope="module")
def running() -> Iterator[GeminiEmulator]:
    with GeminiEmulator() as emulator:
        yield emulator


@pytest.fixture
def emulator(running: GeminiEmulator) -> GeminiEmulator:
    running.forget()
    return running


def client(emulator: GeminiEmulator, key: str = KEY, version: str | None = None) -> Client:
    options = types.HttpOptions(
        base_url=emulator.url,
        api_version=version,
        timeout=10_000,
        retry_options=types.HttpRetryOptions(attempts=1),
    )
    return Client(api_key=key, http_options=options)


@pytest.fixture
async def sdk(emulator: GeminiEmulator) -> AsyncIterator[Client]:
    built = client(emulator)
    yield built
    await built.aio.aclose()
    built.close()


async def test_the_vendors_client_reads_a_picture(sdk: Client, emulator: GeminiEmulator) -> None:
    answer = await sdk.aio.models.generate_content(model=MODEL, contents="a cat", config=CONFIG)

    parts = answer.parts or []
    assert [bool(part.thought) for part in parts] == [True, True, False, False]
    blob = parts[-1].inline_data
    assert blob is not None
    assert blob.data is not None
    assert blob.mime_type == "image/jpeg"
    with Image.open(BytesIO(blob.data)) as picture:
        assert (picture.format, picture.size) == ("JPEG", PIXELS_1K["4:5"])
        picture.load()
    assert parts[-1].thought_signature
    assert answer.model_version == MODEL
    usage = answer.usage_metadata
    assert usage is not None
    assert (usage.candidates_token_count, usage.thoughts_token_count) == (1120, 238)
    [asked] = (received.asked for received in emulator.requests)
    assert (asked.prompt, asked.aspect_ratio, asked.image_size, asked.seed) == ("a cat", "4:5", "1K", 5)
    [bill] = emulator.bills
    assert (bill.request_id, bill.prompt, bill.seed) == (1, "a cat", 5)


async def test_both_versions_and_the_list_of_models(emulator: GeminiEmulator) -> None:
    for version in ("v1", "v1beta"):
        built = client(emulator, version=version)
        await built.aio.models.generate_content(model=MODEL, contents="x", config=CONFIG)
        assert (await built.aio.models.get(model=MODEL)).name == f"models/{MODEL}"
        assert [model.name async for model in await built.aio.models.list()] == [f"models/{MODEL}"]
        await built.aio.aclose()
        built.close()
    assert [received.version for received in emulator.requests] == ["v1", "v1beta"]
    assert emulator.posts == 2


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [
        (Kind.RATE_LIMITED, 429, "RESOURCE_EXHAUSTED"),
        (Kind.DAILY_QUOTA, 429, "RESOURCE_EXHAUSTED"),
        (Kind.OVERLOADED, 503, "UNAVAILABLE"),
        (Kind.INTERNAL, 500, "INTERNAL"),
        (Kind.BAD_GATEWAY, 502, "Bad Gateway"),
        (Kind.DEADLINE, 504, "DEADLINE_EXCEEDED"),
        (Kind.PERMISSION_DENIED, 403, "PERMISSION_DENIED"),
        (Kind.FAILED_PRECONDITION, 400, "FAILED_PRECONDITION"),
        (Kind.BAD_KEY, 400, "INVALID_ARGUMENT"),
        (Kind.NOT_FOUND, 404, "NOT_FOUND"),
    ],
)
async def test_errors(kind: Kind, code: int, status: str, sdk: Client, emulator: GeminiEmulator) -> None:
    emulator.script(kind)
    with pytest.raises(errors.APIError) as caught:
        await sdk.aio.models.generate_content(model=MODEL, contents="x", config=CONFIG)
    assert (caught.value.code, caught.value.status) == (code, status)
    assert emulator.bills == []


async def test_answers_without_a_picture(sdk: Client, emulator: GeminiEmulator) -> None:
    async def ask(kind: Kind) -> types.GenerateContentResponse:
        emulator.script(kind)
        return await sdk.aio.models.generate_content(model=MODEL, contents="x", config=CONFIG)

    blocked = await ask(Kind.PROMPT_BLOCK)
    assert blocked.prompt_feedback is not None
    assert blocked.prompt_feedback.block_reason is types.BlockedReason.PROHIBITED_CONTENT
    for kind, reason in (
        (Kind.IMAGE_SAFETY, "IMAGE_SAFETY"),
        (Kind.NO_IMAGE, "NO_IMAGE"),
        (Kind.TEXT_ONLY, "STOP"),
    ):
        [candidate] = (await ask(kind)).candidates or []
        assert candidate.finish_reason == reason
    assert (await ask(Kind.EMPTY)).candidates is None


@pytest.mark.parametrize(
    "change",
    [
        {"generationConfig": {"imageConfig": {"aspectRatio": "99:1"}}},
        {"generationConfig": {"imageConfig": {"imageSize": "512"}}},
        {"generationConfig": {"imageConfig": {"size": "1K"}}},
        {"generationConfig": {"seed": 2**31}},
        {"generationConfig": {"responseModalities": ["TEXT"]}},
        {"generationConfig": {"candidateCount": 2}},
        {"prompt": "x"},
        {"contents": []},
        {"contents": [{"parts": [{"inlineData": {"mimeType": "image/svg+xml", "data": ""}}]}]},
        {"contents": [{"parts": [{"inlineData": {"mimeType": "image/png", "data": "?"}}]}]},
    ],
)
async def test_a_wrong_field_or_value_is_refused(change: dict[str, object], emulator: GeminiEmulator) -> None:
    body = {"contents": [{"role": "user", "parts": [{"text": "x"}]}]} | change
    async with httpx2.AsyncClient(trust_env=False) as plain:
        url = f"{emulator.url}/v1/models/{MODEL}:generateContent"
        answer = await plain.post(url, json=body, headers={"x-goog-api-key": KEY})
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"
    assert len(emulator.refused) == 1
    assert emulator.bills == []


async def test_keys_and_models(emulator: GeminiEmulator) -> None:
    for key, model, code in ((BAD_KEY, MODEL, 400), (KEY, RETIRED, 404), (KEY, "gemini-9", 404)):
        built = client(emulator, key)
        with pytest.raises(errors.ClientError) as caught:
            await built.aio.models.generate_content(model=model, contents="x", config=CONFIG)
        assert caught.value.code == code
        await built.aio.aclose()
        built.close()
    assert emulator.requests == []


async def test_held_answers_wait_for_their_release(sdk: Client, emulator: GeminiEmulator) -> None:
    emulator.script(*[Fate(held=True)] * 3)
    calls = [
        asyncio.create_task(sdk.aio.models.generate_content(model=MODEL, contents=str(number), config=CONFIG))
        for number in range(3)
    ]
    await asyncio.to_thread(emulator.wait_for, lambda seen: seen.in_flight == 3)
    assert emulator.bills == []
    emulator.release()
    await asyncio.gather(*calls)
    assert {bill.prompt for bill in emulator.bills} == {"0", "1", "2"}
    assert emulator.most_in_flight == 3


async def test_a_fate_by_word_and_by_choice(sdk: Client, emulator: GeminiEmulator) -> None:
    async def code(prompt: str) -> int:
        try:
            await sdk.aio.models.generate_content(model=MODEL, contents=prompt, config=CONFIG)
        except errors.APIError as error:
            return error.code
        return 200

    assert await code("a cat, fate:overloaded") == 503
    assert await code("a cat, fate:nonsense") == 200
    emulator.decide = lambda received: Fate(Kind.INTERNAL) if received.asked.seed == 5 else None
    assert await code("a cat") == 500


@pytest.mark.parametrize("picture_format", ["jpeg", "png"])
def test_pictures_are_unique_and_as_heavy_as_photographs(picture_format: str) -> None:
    kind = encoded("1:1", "1K", "png" if picture_format == "png" else "jpeg")
    first, second = kind.picture(1), kind.picture(2)
    assert first != second
    assert 400_000 < len(first) < 3_000_000
    with Image.open(BytesIO(first)) as picture:
        picture.load()
        assert picture.format == picture_format.upper()


def test_the_program_serves_and_stops_when_interrupted() -> None:
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "tests.emulator.gemini", "--port", "0", "--latency", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as program:
        assert program.stdout is not None
        url = program.stdout.readline().split()[3].rstrip(",")
        answer = httpx2.get(f"{url}/v1/models", headers={"x-goog-api-key": KEY}, trust_env=False)
        assert answer.json()["models"][0]["name"] == f"models/{MODEL}"
        os.kill(program.pid, signal.SIGINT)
        assert "0 posts, 0 billed" in program.stdout.read()
    assert program.returncode == 0
