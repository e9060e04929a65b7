"""Gemini's overnight lane over real HTTP: one job a picture, left with Google, found again, paid for once."""

from __future__ import annotations

import logging
import traceback
from collections.abc import AsyncIterator
from itertools import islice

import pytest

from imagegen.catalogue.records import MicroUsd
from imagegen.providers import gemini_batch, transfer
from imagegen.providers.base import Billed, ErrorKind, LeftWithVendorError, ProviderCall, ProviderError, Reporter
from imagegen.providers.gemini import GeminiProvider
from imagegen.providers.gemini_vertex import VertexGeminiProvider
from tests.emulator.fates import Fate, Kind
from tests.emulator.gemini_batch import PAGE_MAX, GeminiBatchEmulator
from tests.emulator.google_schema import faults
from tests.emulator.pictures import encoded
from tests.emulator.server import KEY
from tests.providers.awaited import AwaitedGemini
from tests.providers.conftest import PROMPT, Heard, MakeCall, Running, picture_of
from tests.providers.test_vendors import FATES

FOUND = {Kind.DROP_AFTER, Kind.RESET, Kind.CUT_BODY, Kind.HUGE}
"""Fates of a creation that was carried out and not answered: the list of jobs has it."""
ERRORS = [
    (3, ErrorKind.BAD_REQUEST, Billed.NO),
    (5, ErrorKind.NOT_FOUND, Billed.NO),
    (7, ErrorKind.AUTH, Billed.NO),
    (8, ErrorKind.RATE_LIMITED, Billed.NO),
    (9, ErrorKind.QUOTA, Billed.NO),
    (13, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (14, ErrorKind.OVERLOADED, Billed.NO),
    (429, ErrorKind.RATE_LIMITED, Billed.NO),
    (500, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gemini_batch, "LOOK_FIRST", 0.01)
    monkeypatch.setattr(gemini_batch, "FIND_SECONDS", 0.05)
    monkeypatch.setattr(gemini_batch, "FIND_PAUSE", 0.02)


@pytest.fixture
def batch(emulators: Running) -> GeminiBatchEmulator:
    emulator = emulators["gemini-batch"]
    assert isinstance(emulator, GeminiBatchEmulator)
    return emulator


@pytest.fixture
async def lane(batch: GeminiBatchEmulator) -> AsyncIterator[GeminiProvider]:
    """The provider as it is, which leaves its jobs."""
    provider = GeminiProvider(api_key=KEY, base_url=batch.url, connect_timeout=5, read_timeout=10)
    yield provider
    await provider.aclose()


@pytest.fixture
async def awaited(batch: GeminiBatchEmulator) -> AsyncIterator[AwaitedGemini]:
    """The same, which waits."""
    provider = AwaitedGemini(api_key=KEY, base_url=batch.url, connect_timeout=5, read_timeout=10)
    yield provider
    await provider.aclose()


def overnight(call_for: MakeCall, **changes: object) -> ProviderCall:
    return call_for(AwaitedGemini, **changes)


async def test_a_job_is_left_with_google_under_the_attempts_name(
    lane: GeminiProvider, batch: GeminiBatchEmulator, call_for: MakeCall
) -> None:
    references = (picture_of("red"), picture_of("blue", "JPEG"))
    call, heard = overnight(call_for, aspect_ratio="21:9", image_size="4K", references=references), Heard()
    with pytest.raises(LeftWithVendorError):
        await lane.generate(call, heard)

    [received] = batch.requests
    asked = received.asked
    assert batch.display_names == {received.id: call.attempt_id}
    assert faults("GenerateContentRequest", asked.fields) == []
    assert set(asked.fields) == {"contents", "generationConfig"}
    assert (asked.prompt, asked.aspect_ratio, asked.image_size, asked.seed) == (PROMPT, "21:9", "4K", 7)
    assert (asked.parts, asked.modalities) == (("image", "image", "text"), ("IMAGE",))
    assert asked.references == tuple((one.media_type, one.data) for one in references)
    assert heard.jobs == list(batch.jobs)
    assert (batch.posts, batch.looks, batch.refused) == (1, [], [])

    later = GeminiProvider(api_key=KEY, base_url=batch.url, connect_timeout=5, read_timeout=10)
    picture = await later.resume(call_for(AwaitedGemini), heard.jobs[0], heard)
    await later.aclose()
    assert picture.data == encoded("21:9", "4K").picture(received.id)
    # 8 tokens of prompt and 2 × 560 of references at $1, 2000 of picture at $60, 238 of thoughts at $6 a million
    assert picture.usd == MicroUsd(8 + 1120 + 120_000 + 1428)
    assert (heard.heads, picture.model_version) == (1, "gemini-3-pro-image")
    assert (batch.posts, len(batch.bills), len(batch.looks)) == (1, 1, 1)


@pytest.mark.parametrize(("fate", "kind", "billed"), FATES, ids=[fate for fate, *_ in FATES])
async def test_fate(
    fate: Kind,
    kind: ErrorKind,
    billed: Billed,
    awaited: AwaitedGemini,
    batch: GeminiBatchEmulator,
    call_for: MakeCall,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What a call can come to, a job can: at its creation or in its one answer. It is posted once."""
    monkeypatch.setattr(transfer, "ANSWER_MAX_BYTES", 4 * 2**20)
    caplog.set_level(logging.DEBUG)
    batch.script(fate)
    if fate in FOUND:
        picture = await awaited.generate(overnight(call_for), Reporter())
        assert b"picture 1" in picture.data[:200]
        assert (batch.posts, len(batch.bills)) == (1, 1)
        return
    with pytest.raises(ProviderError) as caught:
        await awaited.generate(overnight(call_for), Reporter())
    error = caught.value
    assert (error.kind, error.billed) == (kind, billed)
    assert (batch.posts, len(batch.bills)) == (1, Fate(fate).bills)
    whole = "".join(traceback.format_exception(error)) + repr(vars(error)) + caplog.text
    assert "zanzibar" not in whole
    assert KEY not in whole
    assert error.__context__ is None


async def test_a_creation_without_an_answer_is_found_on_a_later_page(
    lane: GeminiProvider, batch: GeminiBatchEmulator, call_for: MakeCall
) -> None:
    batch.script(*[Kind.PICTURE] * (PAGE_MAX + 1), Kind.DROP_AFTER)
    heard = Heard()
    for _ in range(PAGE_MAX + 2):
        with pytest.raises(LeftWithVendorError):
            await lane.generate(overnight(call_for), heard)
    assert heard.jobs == list(batch.jobs)
    assert batch.posts == len(batch.bills) == PAGE_MAX + 2


async def test_no_answer_in_time(batch: GeminiBatchEmulator, call_for: MakeCall) -> None:
    batch.script(Kind.HANG)
    impatient = GeminiProvider(api_key=KEY, base_url=batch.url, connect_timeout=5, read_timeout=0.3)
    await impatient.prepare()
    heard = Heard()
    with pytest.raises(LeftWithVendorError):
        await impatient.generate(overnight(call_for), heard)
    await impatient.aclose()
    assert heard.jobs == list(batch.jobs)
    assert batch.posts == 1


@pytest.mark.parametrize(("code", "kind", "billed"), ERRORS, ids=[str(code) for code, *_ in ERRORS])
async def test_an_error_in_the_job_means_what_its_status_would(
    code: int,
    kind: ErrorKind,
    billed: Billed,
    awaited: AwaitedGemini,
    batch: GeminiBatchEmulator,
    call_for: MakeCall,
) -> None:
    batch.script(Fate(billed=False))
    batch.errors[PROMPT] = {"code": code, "message": f"No {PROMPT}."}
    with pytest.raises(ProviderError) as caught:
        await awaited.generate(overnight(call_for), Reporter())
    assert (caught.value.kind, caught.value.billed) == (kind, billed)
    assert "zanzibar" not in caught.value.message


async def test_a_job_that_expired(awaited: AwaitedGemini, batch: GeminiBatchEmulator, call_for: MakeCall) -> None:
    batch.expired.add(PROMPT)
    with pytest.raises(ProviderError) as caught:
        await awaited.generate(overnight(call_for), Reporter())
    assert (caught.value.kind, caught.value.billed) == (ErrorKind.INTERNAL, Billed.PERHAPS)


async def test_looks_are_rare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gemini_batch, "LOOK_FIRST", 60.0)
    assert list(islice(gemini_batch.pauses(), 6)) == [60, 90, 135, 202.5, 300, 300]


def test_half_price_and_only_for_who_names_it() -> None:
    usual, lane = GeminiProvider.record.models[:2]
    assert (usual.overnight, lane.overnight, usual.wire_id) == (False, True, lane.wire_id)
    assert usual.price is not None
    assert lane.price is not None
    assert {size: price * 2 for size, price in lane.price.per_image.items()} == usual.price.per_image
    for name in (
        "per_reference",
        "input_per_million_tokens",
        "output_text_per_million_tokens",
        "output_image_per_million_tokens",
    ):
        assert getattr(lane.price, name) * 2 == getattr(usual.price, name)


async def test_vertex_takes_no_such_jobs_and_does_not_lose_them(
    batch: GeminiBatchEmulator, call_for: MakeCall
) -> None:
    vertex = VertexGeminiProvider(api_key=KEY, base_url=batch.url, connect_timeout=5, read_timeout=5)
    assert not any(model.overnight for model in vertex.record.models)
    with pytest.raises(ProviderError) as caught:
        await vertex.resume(overnight(call_for), "batches/1", Reporter())
    await vertex.cancel("batches/1")
    await vertex.aclose()
    assert (caught.value.kind, caught.value.billed) == (ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS)
    assert batch.looks == batch.stops == []
