"""Gemini over real HTTP: what is sent, and what each answer means."""

from __future__ import annotations

import asyncio
import logging
import traceback

import pytest

from imagegen.catalogue.records import MicroUsd
from imagegen.providers import gemini_wire
from imagegen.providers.base import Billed, ErrorKind, ProviderError, Receiving
from imagegen.providers.gemini import GeminiProvider
from tests.emulator.gemini import BAD_KEY, KEY, RETIRED, Fate, GeminiEmulator, Kind
from tests.emulator.pictures import encoded
from tests.providers.conftest import PROMPT, MakeCall, picture_of

SECRET = "secret-key-zanzibar"

REFUSED = [
    (Kind.RATE_LIMITED, ErrorKind.RATE_LIMITED, Billed.NO),
    (Kind.DAILY_QUOTA, ErrorKind.QUOTA, Billed.NO),
    (Kind.ZERO_QUOTA, ErrorKind.QUOTA, Billed.NO),
    (Kind.OVERLOADED, ErrorKind.OVERLOADED, Billed.NO),
    (Kind.BAD_REQUEST, ErrorKind.BAD_REQUEST, Billed.NO),
    (Kind.BAD_KEY, ErrorKind.AUTH, Billed.NO),
    (Kind.UNAUTHENTICATED, ErrorKind.AUTH, Billed.NO),
    (Kind.PERMISSION_DENIED, ErrorKind.AUTH, Billed.NO),
    (Kind.FAILED_PRECONDITION, ErrorKind.QUOTA, Billed.NO),
    (Kind.NOT_FOUND, ErrorKind.NOT_FOUND, Billed.NO),
    (Kind.PROMPT_BLOCK, ErrorKind.POLICY, Billed.NO),
    (Kind.IMAGE_SAFETY, ErrorKind.POLICY, Billed.PERHAPS),
    (Kind.TEXT_ONLY, ErrorKind.NO_IMAGE, Billed.PERHAPS),
    (Kind.THOUGHTS_ONLY, ErrorKind.NO_IMAGE, Billed.PERHAPS),
    (Kind.NO_IMAGE, ErrorKind.NO_IMAGE, Billed.PERHAPS),
    (Kind.EMPTY, ErrorKind.NO_IMAGE, Billed.PERHAPS),
    (Kind.GARBAGE_PICTURE, ErrorKind.NO_IMAGE, Billed.PERHAPS),
    (Kind.INTERNAL, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (Kind.BAD_GATEWAY, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (Kind.DEADLINE, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (Kind.DROP_BEFORE, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (Kind.DROP_AFTER, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (Kind.RESET, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (Kind.CUT_BODY, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (Kind.GARBAGE_BODY, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (Kind.GARBAGE_BASE64, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (Kind.WRONG_SHAPE, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (Kind.HUGE, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
]


async def failure_of(
    provider: GeminiProvider, call_for: MakeCall, receiving: Receiving = lambda: None
) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await provider.generate(call_for(provider), receiving)
    return caught.value


async def test_what_is_sent(gemini: GeminiProvider, emulator: GeminiEmulator, call_for: MakeCall) -> None:
    references = (picture_of("red"), picture_of("blue", "JPEG"))
    call = call_for(gemini, aspect_ratio="21:9", image_size="4K", seed=2**31 - 1, references=references)

    picture = await gemini.generate(call, lambda: None)

    [received] = emulator.requests
    asked = received.asked
    assert received.key == KEY
    assert asked.prompt == PROMPT
    assert (asked.aspect_ratio, asked.image_size, asked.seed) == ("21:9", "4K", 2**31 - 1)
    assert asked.modalities == ("IMAGE",)
    assert asked.references == tuple((reference.media_type, reference.data) for reference in references)
    assert asked.parts == ("image", "image", "text")
    assert emulator.refused == []
    assert picture.data == encoded("21:9", "4K").picture(received.id)
    # 8 tokens of prompt and 2 × 560 of references at $2, 2000 of picture at $120, 238 of thoughts at $12 a million
    assert picture.usd == MicroUsd(16 + 2240 + 240_000 + 2856)


@pytest.mark.parametrize(("fate", "kind", "billed"), REFUSED, ids=[fate for fate, *_ in REFUSED])
async def test_fate(
    fate: Kind,
    kind: ErrorKind,
    billed: Billed,
    gemini: GeminiProvider,
    emulator: GeminiEmulator,
    call_for: MakeCall,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Each way a call can go wrong has its kind, is posted once, and quotes neither prompt nor key."""
    monkeypatch.setattr(gemini_wire, "ANSWER_MAX_BYTES", 4 * 2**20)
    caplog.set_level(logging.DEBUG)
    emulator.script(fate)

    error = await failure_of(gemini, call_for)

    assert (error.kind, error.billed) == (kind, billed)
    assert emulator.posts == 1
    whole = "".join(traceback.format_exception(error, chain=True)) + repr(error) + repr(vars(error)) + caplog.text
    for told in ("zanzibar", KEY):
        assert told not in whole
    assert error.__context__ is None
    assert error.message.endswith(".")


@pytest.mark.parametrize("delay", ["21s", "21.5s", "0.25s"])
async def test_the_wait_that_gemini_asks_for(
    delay: str, gemini: GeminiProvider, emulator: GeminiEmulator, call_for: MakeCall
) -> None:
    emulator.script(Fate(Kind.RATE_LIMITED, retry_delay=delay))
    error = await failure_of(gemini, call_for)
    assert error.retry_after == float(delay.rstrip("s"))


async def test_a_rate_limit_without_a_wait(
    gemini: GeminiProvider, emulator: GeminiEmulator, call_for: MakeCall
) -> None:
    emulator.script(Fate(Kind.RATE_LIMITED, retry_delay=None))
    assert (await failure_of(gemini, call_for)).retry_after is None


async def test_a_withheld_picture_tells_its_cost(
    gemini: GeminiProvider, emulator: GeminiEmulator, call_for: MakeCall
) -> None:
    emulator.script(Kind.IMAGE_SAFETY)
    assert (await failure_of(gemini, call_for)).usd == MicroUsd(8 * 2 + 238 * 12)


@pytest.mark.parametrize("fate", [Kind.WRONG_MIME, Kind.SLOW_BODY])
async def test_odd_answers_with_a_good_picture(
    fate: Kind, gemini: GeminiProvider, emulator: GeminiEmulator, call_for: MakeCall
) -> None:
    emulator.script(fate)
    picture = await gemini.generate(call_for(gemini), lambda: None)
    assert picture.data == encoded("1:1", "1K").picture(1)


async def test_no_answer_in_time(emulator: GeminiEmulator, call_for: MakeCall) -> None:
    emulator.script(Kind.HANG)
    provider = GeminiProvider(api_key=KEY, base_url=emulator.url, connect_timeout=5, read_timeout=0.2)
    error = await failure_of(provider, call_for)
    await provider.aclose()
    assert (error.kind, error.billed) == (ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS)
    assert "0.2 s" in error.message
    assert emulator.posts == 1


async def test_nobody_listens(call_for: MakeCall, unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    provider = GeminiProvider(api_key=KEY, base_url=url, connect_timeout=5, read_timeout=5)
    error = await failure_of(provider, call_for)
    await provider.aclose()
    assert (error.kind, error.billed) == (ErrorKind.CONNECTION_FAILED, Billed.NO)


async def test_a_request_that_cannot_be_built_is_known_unbilled(
    gemini: GeminiProvider, emulator: GeminiEmulator, call_for: MakeCall
) -> None:
    call = call_for(gemini, seed="zanzibar")
    with pytest.raises(ProviderError) as caught:
        await gemini.generate(call, lambda: None)
    assert (caught.value.kind, caught.value.billed) == (ErrorKind.INTERNAL, Billed.NO)
    assert "zanzibar" not in str(caught.value)
    assert emulator.posts == 0


async def test_a_bad_key_is_named_by_its_setting_only(emulator: GeminiEmulator, call_for: MakeCall) -> None:
    provider = GeminiProvider(api_key=BAD_KEY, base_url=emulator.url, connect_timeout=5, read_timeout=5)
    error = await failure_of(provider, call_for)
    await provider.aclose()
    assert error.kind is ErrorKind.AUTH
    assert "GEMINI_API_KEY" in error.message
    assert BAD_KEY not in repr(provider) + str(error)
    assert emulator.requests == []


async def test_the_retired_name_is_not_sent(
    gemini: GeminiProvider, emulator: GeminiEmulator, call_for: MakeCall
) -> None:
    """The catalogue's id is the old name; the wire carries the one that is served."""
    call = call_for(gemini)
    assert call.model.id == RETIRED
    await gemini.generate(call, lambda: None)
    assert len(emulator.requests) == 1


async def test_cancelling_passes_through(
    gemini: GeminiProvider, emulator: GeminiEmulator, call_for: MakeCall
) -> None:
    emulator.script(Fate(Kind.PICTURE, held=True))
    task = asyncio.create_task(gemini.generate(call_for(gemini), lambda: None))
    await asyncio.to_thread(emulator.wait_for, lambda seen: len(seen.requests) == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    emulator.release()
    await asyncio.to_thread(
        emulator.wait_for, lambda seen: len(seen.bills) == 1
    )  # as with the vendor: billed all the same
    assert emulator.posts == 1


async def test_receiving_is_told_before_the_body_is_whole(
    gemini: GeminiProvider, emulator: GeminiEmulator, call_for: MakeCall
) -> None:
    emulator.script(Kind.CUT_BODY)
    heads: list[int] = []
    await failure_of(gemini, call_for, lambda: heads.append(1))
    assert heads == [1]


async def test_forty_at_once(gemini: GeminiProvider, emulator: GeminiEmulator, call_for: MakeCall) -> None:
    emulator.script(*[Fate(Kind.NO_IMAGE, held=True)] * 40)
    calls = [asyncio.create_task(failure_of(gemini, call_for)) for _ in range(40)]
    await asyncio.to_thread(emulator.wait_for, lambda seen: seen.in_flight == 40)
    emulator.release()
    await asyncio.gather(*calls)
    assert emulator.most_in_flight == 40
    assert emulator.posts == 40


async def test_a_proxy_in_the_environment_is_not_for_loopback(
    emulator: GeminiEmulator, call_for: MakeCall, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_tcp_port}")
    provider = GeminiProvider(api_key=KEY, base_url=emulator.url, connect_timeout=5, read_timeout=5)
    await provider.generate(call_for(provider), lambda: None)
    await provider.aclose()
    assert len(emulator.bills) == 1


async def test_settings_of_other_google_tools_change_nothing(
    emulator: GeminiEmulator, call_for: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", BAD_KEY)
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    monkeypatch.setenv("GOOGLE_GENAI_HTTP_CLIENT", "httpx")
    provider = GeminiProvider(api_key=KEY, base_url=emulator.url, connect_timeout=5, read_timeout=5)
    await provider.generate(call_for(provider), lambda: None)
    await provider.aclose()
    assert emulator.requests[0].key == KEY


def test_a_key_shows_nowhere_in_a_provider() -> None:
    provider = GeminiProvider(api_key=SECRET, base_url=None, connect_timeout=5, read_timeout=5)
    assert SECRET not in repr(provider) + str(provider)
