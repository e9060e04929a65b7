"""The batch emulator, judged by the vendor's own client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from io import BytesIO

import httpx2
import pytest
from google.genai import Client, errors, types
from PIL import Image

from tests.emulator.fates import Fate, Kind
from tests.emulator.gemini_batch import PAGE_MAX, GeminiBatchEmulator
from tests.emulator.google_schema import faults
from tests.emulator.server import BAD_KEY, KEY

MODEL = "gemini-3-pro-image"


@pytest.fixture(scope="module")
def running() -> Iterator[GeminiBatchEmulator]:
    with GeminiBatchEmulator() as emulator:
        yield emulator


@pytest.fixture
def emulator(running: GeminiBatchEmulator) -> GeminiBatchEmulator:
    running.forget()
    return running


@pytest.fixture
async def sdk(emulator: GeminiBatchEmulator) -> AsyncIterator[Client]:
    options = types.HttpOptions(base_url=emulator.url, retry_options=types.HttpRetryOptions(attempts=1))
    built = Client(vertexai=False, api_key=KEY, http_options=options)
    yield built
    await built.aio.aclose()
    built.close()


async def create(sdk: Client, prompt: str = "a cat", name: str = "one") -> types.BatchJob:
    config = types.GenerateContentConfig(
        response_modalities=["IMAGE"], image_config=types.ImageConfig(aspect_ratio="4:5", image_size="1K"), seed=5
    )
    request = types.InlinedRequest(contents=prompt, config=config)
    return await sdk.aio.batches.create(
        model=MODEL, src=[request], config=types.CreateBatchJobConfig(display_name=name)
    )


async def test_the_vendors_client_creates_a_job_and_reads_its_picture(
    sdk: Client, emulator: GeminiBatchEmulator
) -> None:
    job = await create(sdk)
    assert (job.display_name, job.state, job.done) == ("one", types.JobState.JOB_STATE_PENDING, False)
    assert job.name is not None

    ended = await sdk.aio.batches.get(name=job.name)
    assert (ended.state, ended.done) == (types.JobState.JOB_STATE_SUCCEEDED, True)
    assert ended.dest is not None
    [inlined] = ended.dest.inlined_responses or []
    assert inlined.response is not None
    blob = (inlined.response.parts or [])[-1].inline_data
    assert blob is not None
    with Image.open(BytesIO(blob.data or b"")) as picture:
        assert picture.size == (928, 1152)
        picture.load()
    [received] = emulator.requests
    assert faults("GenerateContentRequest", received.asked.fields) == []
    assert (emulator.posts, len(emulator.bills)) == (1, 1)


@pytest.mark.parametrize(
    ("kind", "state"),
    [(Kind.JOB_FAILED, "JOB_STATE_FAILED"), (Kind.JOB_STOPPED, "JOB_STATE_CANCELLED")],
)
async def test_jobs_that_end_badly(kind: Kind, state: str, sdk: Client, emulator: GeminiBatchEmulator) -> None:
    emulator.script(kind)
    job = await create(sdk)
    assert (await sdk.aio.batches.get(name=job.name or "")).state == state
    assert emulator.bills == []


async def test_a_job_that_expires_and_a_request_that_fails(sdk: Client, emulator: GeminiBatchEmulator) -> None:
    emulator.expired.add("late")
    emulator.errors["bad"] = {"code": 3, "message": "No."}
    late, bad = await create(sdk, "late"), await create(sdk, "bad")
    assert (await sdk.aio.batches.get(name=late.name or "")).state == types.JobState.JOB_STATE_EXPIRED
    dest = (await sdk.aio.batches.get(name=bad.name or "")).dest
    assert dest is not None
    [inlined] = dest.inlined_responses or []
    assert inlined.error is not None
    assert inlined.error.code == 3


async def test_a_job_is_cancelled_and_listed(sdk: Client, emulator: GeminiBatchEmulator) -> None:
    emulator.script(Fate(held=True))
    names = [(await create(sdk, name=str(number))).name or "" for number in range(PAGE_MAX + 1)]
    await sdk.aio.batches.cancel(name=names[0])
    assert emulator.posts == len(names)
    listed = await sdk.aio.batches.list(config=types.ListBatchJobsConfig(page_size=100))
    found = [job async for job in listed]
    assert [job.display_name for job in found] == ["0", "1", "2", "3"]
    assert found[0].state == types.JobState.JOB_STATE_CANCELLED
    with pytest.raises(errors.ClientError):
        await sdk.aio.batches.cancel(name=names[1])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"batch": {"inputConfig": {"requests": {"requests": []}}}},
        {"batch": {"inputConfig": {"requests": {"requests": [{"request": {}}]}}}},
        {"batch": {"name": "x", "inputConfig": {"requests": {"requests": [{"request": {}}]}}}},
        {"batch": {"inputConfig": {"requests": {"requests": [{"prompt": "x", "request": {}}]}}}},
    ],
)
async def test_a_wrong_field_is_refused(body: dict[str, object], emulator: GeminiBatchEmulator) -> None:
    url = f"{emulator.url}/v1/models/{MODEL}:batchGenerateContent"
    async with httpx2.AsyncClient(trust_env=False) as plain:
        for key, seen in ((BAD_KEY, 0), ("", 0), (KEY, 1)):
            answer = await plain.post(url, json=body, headers={"x-goog-api-key": key})
            assert answer.status_code in (400, 403)
            assert len(emulator.refused) == seen
    assert emulator.jobs == {}
