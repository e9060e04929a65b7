"""Gemini over real HTTP: what is sent, and what each answer means."""

from __future__ import annotations

import pytest

from imagegen.catalogue.records import MicroUsd
from imagegen.providers.base import Billed, ErrorKind, ProviderError, Reporter
from imagegen.providers.gemini import GeminiProvider
from tests.emulator.gemini import BAD_KEY, KEY, RETIRED, Fate, GeminiEmulator, Kind
from tests.emulator.google_schema import faults
from tests.emulator.pictures import encoded
from tests.providers.conftest import PROMPT, MakeCall, picture_of

REFUSED = [
    (Kind.DAILY_QUOTA, ErrorKind.QUOTA, Billed.NO),
    (Kind.TEXT_ONLY, ErrorKind.NO_IMAGE, Billed.PERHAPS),
    (Kind.THOUGHTS_ONLY, ErrorKind.NO_IMAGE, Billed.PERHAPS),
]
"""What only this vendor answers; the rest stands in test_vendors.py."""


async def failure_of(
    provider: GeminiProvider, call_for: MakeCall, reporter: Reporter | None = None
) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await provider.generate(call_for(provider), reporter or Reporter())
    return caught.value


async def test_what_is_sent(gemini: GeminiProvider, emulator: GeminiEmulator, call_for: MakeCall) -> None:
    references = (picture_of("red"), picture_of("blue", "JPEG"))
    call = call_for(gemini, aspect_ratio="21:9", image_size="4K", seed=2**31 - 1, references=references)

    picture = await gemini.generate(call, Reporter())

    [received] = emulator.requests
    asked = received.asked
    assert received.key == KEY
    assert asked.prompt == PROMPT
    assert (asked.aspect_ratio, asked.image_size, asked.seed) == ("21:9", "4K", 2**31 - 1)
    assert asked.modalities == ("IMAGE",)
    assert asked.references == tuple((reference.media_type, reference.data) for reference in references)
    assert asked.parts == ("image", "image", "text")
    assert emulator.refused == []
    assert faults("GenerateContentRequest", asked.fields) == []
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
) -> None:
    emulator.script(fate)
    error = await failure_of(gemini, call_for)
    assert (error.kind, error.billed) == (kind, billed)
    assert emulator.posts == 1


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
    picture = await gemini.generate(call_for(gemini), Reporter())
    assert picture.data == encoded("1:1", "1K").picture(1)


async def test_a_request_that_cannot_be_built_is_known_unbilled(
    gemini: GeminiProvider, emulator: GeminiEmulator, call_for: MakeCall
) -> None:
    call = call_for(gemini, seed="zanzibar")
    with pytest.raises(ProviderError) as caught:
        await gemini.generate(call, Reporter())
    assert (caught.value.kind, caught.value.billed) == (ErrorKind.INTERNAL, Billed.NO)
    assert "zanzibar" not in str(caught.value)
    assert emulator.posts == 0


async def test_the_retired_name_is_not_sent(
    gemini: GeminiProvider, emulator: GeminiEmulator, call_for: MakeCall
) -> None:
    """The catalogue's id is the old name; the wire carries the one that is served."""
    call = call_for(gemini)
    assert call.model.id == RETIRED
    await gemini.generate(call, Reporter())
    assert len(emulator.requests) == 1


async def test_settings_of_other_google_tools_change_nothing(
    emulator: GeminiEmulator, call_for: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", BAD_KEY)
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    monkeypatch.setenv("GOOGLE_GENAI_HTTP_CLIENT", "httpx")
    provider = GeminiProvider(api_key=KEY, base_url=emulator.url, connect_timeout=5, read_timeout=5)
    await provider.generate(call_for(provider), Reporter())
    await provider.aclose()
    assert emulator.requests[0].key == KEY
