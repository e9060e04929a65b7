"""Runware over real HTTP: what is sent, under which id, and what becomes of a task whose answer was lost."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator

import pytest

from imagegen.catalogue.records import MicroUsd
from imagegen.providers import named, remote
from imagegen.providers.base import Billed, ErrorKind, ProviderError, Reporter
from imagegen.providers.runware import RunwareProvider
from tests.emulator.fates import Fate, Kind
from tests.emulator.runware import RunwareEmulator
from tests.emulator.runware_requests import MODELS
from tests.emulator.server import KEY
from tests.providers.conftest import PROMPT, Heard, MakeCall, Running, picture_of

UUID = "8f14e45f-ceea-467f-ab4d-fb2a35d0e1a1"
BY_ID = {model.id: model for model in RunwareProvider.record.models}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "LOOK_FIRST", 0.01)
    monkeypatch.setattr(named, "FIND_SECONDS", 0.1)
    monkeypatch.setattr(named, "UNCLEAR_SECONDS", 0.2)


@pytest.fixture
def runware_emulator(emulators: Running) -> RunwareEmulator:
    emulator = emulators["runware"]
    assert isinstance(emulator, RunwareEmulator)
    return emulator


@pytest.fixture
async def runware(runware_emulator: RunwareEmulator) -> AsyncIterator[RunwareProvider]:
    provider = RunwareProvider(api_key=KEY, base_url=runware_emulator.url, connect_timeout=5, read_timeout=10)
    yield provider
    await provider.aclose()


async def test_what_is_sent(
    runware: RunwareProvider, runware_emulator: RunwareEmulator, call_for: MakeCall
) -> None:
    call = call_for(runware, attempt_id=UUID, aspect_ratio="16:9", image_size="2K", output_format="webp")
    heard = Heard()

    picture = await runware.generate(call, heard)

    [received] = runware_emulator.requests
    assert received.asked.fields == {
        "taskType": "imageInference",
        "taskUUID": UUID,
        "deliveryMethod": "async",
        "includeCost": True,
        "outputType": "URL",
        "outputFormat": "WEBP",
        "numberResults": 1,
        "model": "google:4@2",
        "positivePrompt": PROMPT,
        "width": 2752,
        "height": 1536,
        "seed": 7,
    }
    assert heard.jobs == runware_emulator.looks == [UUID]
    assert picture.usd == MicroUsd(3800)


async def test_references_of_a_model_that_takes_several(
    runware: RunwareProvider, runware_emulator: RunwareEmulator, call_for: MakeCall
) -> None:
    red, blue = picture_of("red"), picture_of("blue", "JPEG")
    await runware.generate(call_for(runware, references=(red, blue)), Reporter())
    [received] = runware_emulator.requests
    uris = [
        f"data:{kind};base64,{base64.b64encode(one.data).decode()}"
        for kind, one in (("image/png", red), ("image/jpeg", blue))
    ]
    assert received.asked.fields["inputs"] == {"referenceImages": uris}


@pytest.mark.parametrize("air", ["runware:100@1", "runware:101@1"])
async def test_flux_starts_from_one_picture(
    air: str, runware: RunwareProvider, runware_emulator: RunwareEmulator, call_for: MakeCall
) -> None:
    red = picture_of("red")
    await runware.generate(call_for(runware, model=BY_ID[air], references=(red,)), Reporter())
    [received] = runware_emulator.requests
    assert received.asked.references == (("image/png", red.data),)
    assert received.asked.fields["strength"] == 0.8
    assert set(received.asked.fields["inputs"]) == {"seedImage"}


def test_all_models_are_known_to_the_emulator() -> None:
    assert sorted(BY_ID) == sorted(MODELS)


@pytest.mark.parametrize(
    ("unheard", "unkept"),
    [
        (None, "taskNotFound"),
        ("taskFailedOrNotFound", "taskNotFound"),
        ("taskExpired", "taskNotFound"),
        ("taskNotFound", None),
        ("taskNotFound", "taskFailedOrNotFound"),
    ],
)
async def test_a_lost_answer_stays_unknown_while_runware_does_not_say_no(
    unheard: str | None,
    unkept: str | None,
    runware: RunwareProvider,
    runware_emulator: RunwareEmulator,
    call_for: MakeCall,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is said of the id, or what could as well be a task that failed, to one of the two questions."""
    monkeypatch.setattr(named, "UNCLEAR_SECONDS", 1.0)  # for two rounds of questions also on a slow machine
    runware_emulator.unheard, runware_emulator.unkept = unheard, unkept
    runware_emulator.script(Kind.DROP_BEFORE)
    with pytest.raises(ProviderError) as caught:
        await runware.generate(call_for(runware), Reporter())
    assert (caught.value.kind, caught.value.billed) == (ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS)
    assert "connection" in caught.value.message
    assert (runware_emulator.posts, len(runware_emulator.looks) > 3) == (1, True)


async def test_a_task_that_is_taken_in_late_is_found(
    runware: RunwareProvider,
    runware_emulator: RunwareEmulator,
    call_for: MakeCall,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The answer is lost before the task is there: the first looks find nothing, and the picture comes."""
    monkeypatch.setattr(named, "FIND_SECONDS", 30)
    monkeypatch.setattr(named, "UNCLEAR_SECONDS", 30)
    impatient = RunwareProvider(api_key=KEY, base_url=runware_emulator.url, connect_timeout=5, read_timeout=0.1)
    await impatient.prepare()
    runware_emulator.script(Fate(latency=0.5))
    picture = await impatient.generate(call_for(impatient), Reporter())
    await impatient.aclose()
    assert b"picture 1" in picture.data[:200]
    assert len(runware_emulator.looks) > 2
    assert (runware_emulator.posts, len(runware_emulator.bills)) == (1, 1)


async def test_resuming_what_runware_never_got(
    runware: RunwareProvider, runware_emulator: RunwareEmulator, call_for: MakeCall
) -> None:
    with pytest.raises(ProviderError) as caught:
        await runware.resume(call_for(runware), UUID, Reporter())
    assert (caught.value.kind, caught.value.billed) == (ErrorKind.CONNECTION_FAILED, Billed.NO)
    assert "never got" in caught.value.message
    assert (runware_emulator.posts, runware_emulator.bills) == (0, [])


async def test_resuming_what_runware_had_and_does_not_show_any_more(
    runware: RunwareProvider, runware_emulator: RunwareEmulator, call_for: MakeCall
) -> None:
    """It keeps what was asked of it, so the id is not taken for one that it never got."""
    runware_emulator.script(Kind.JOB_LOST)
    call = call_for(runware, attempt_id=UUID)
    for is_later in (False, True):  # the program was started again in between
        with pytest.raises(ProviderError) as caught:
            await (runware.resume(call, UUID, Reporter()) if is_later else runware.generate(call, Reporter()))
        assert (caught.value.kind, caught.value.billed) == (ErrorKind.LOST, Billed.PERHAPS)
    assert (runware_emulator.posts, len(runware_emulator.bills)) == (1, 1)


async def test_resuming_by_the_attempts_id_alone(
    runware: RunwareProvider, runware_emulator: RunwareEmulator, call_for: MakeCall
) -> None:
    """The program ended before the answer to the creation was here: no id was told, and none is needed."""
    runware_emulator.script(Fate(held=True))
    call, heard = call_for(runware, attempt_id=UUID), Heard()
    first = asyncio.create_task(runware.generate(call, heard))
    await asyncio.to_thread(runware_emulator.wait_for, lambda seen: UUID in seen.jobs)
    first.cancel()
    await asyncio.wait({first})
    runware_emulator.release()
    picture = await runware.resume(call, call.attempt_id, Reporter())
    assert b"picture 1" in picture.data[:200]
    assert (runware_emulator.posts, len(runware_emulator.bills)) == (1, 1)


async def test_an_id_that_is_taken_is_not_made_twice(
    runware: RunwareProvider, runware_emulator: RunwareEmulator, call_for: MakeCall
) -> None:
    """As when something between repeats the request: the second is refused, and the picture is the first one's."""
    call = call_for(runware, attempt_id=UUID)
    pictures = [await runware.generate(call, Reporter()) for _ in range(2)]
    assert pictures[0].data == pictures[1].data
    assert (len(runware_emulator.jobs), len(runware_emulator.bills)) == (1, 1)


async def test_progress_is_told(
    runware: RunwareProvider, runware_emulator: RunwareEmulator, call_for: MakeCall
) -> None:
    runware_emulator.script(Fate(held=True))
    heard = Heard()
    making = asyncio.create_task(runware.generate(call_for(runware), heard))
    await asyncio.to_thread(runware_emulator.wait_for, lambda seen: len(seen.looks) >= 2)
    runware_emulator.release()
    await making
    assert set(heard.done) == {0.4}


async def test_a_check_makes_nothing(runware: RunwareProvider, runware_emulator: RunwareEmulator) -> None:
    await runware.check()
    assert (runware_emulator.posts, runware_emulator.jobs) == (0, {})


def test_nothing_stops_a_task() -> None:
    record = RunwareProvider.record
    assert (record.resumable, record.names_calls, record.cancels) == (True, True, False)
