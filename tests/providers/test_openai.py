"""OpenAI over real HTTP: what is sent, judged by the vendor's published schema, and what a picture costs."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from PIL import Image

from imagegen.catalogue.records import MicroUsd, ModelRecord, ModelStatus
from imagegen.providers.base import Billed, ErrorKind, ProviderError, Reporter
from imagegen.providers.openai import OpenAiProvider
from imagegen.providers.openai_options import QUALITIES
from tests.emulator import openai_answers
from tests.emulator.fates import Kind
from tests.emulator.openai import OpenAiEmulator
from tests.emulator.openai_requests import FREE_SIZES
from tests.emulator.openai_schema import faults
from tests.emulator.server import BAD_KEY, KEY, Answer
from tests.providers.conftest import PROMPT, Heard, MakeCall, picture_of

TODAY = date(2026, 11, 21)
MODELS = [
    model for model in OpenAiProvider.record.models if model.lifecycle.status_on(TODAY) is not ModelStatus.RETIRED
]


async def test_what_is_sent_without_references(
    openai: OpenAiProvider, openai_emulator: OpenAiEmulator, call_for: MakeCall
) -> None:
    call = call_for(openai, aspect_ratio="21:9", image_size="2K", output_format="jpeg")

    picture = await openai.generate(call, Reporter())

    [received] = openai_emulator.requests
    assert received.asked.fields == {
        "model": "gpt-image-2",
        "prompt": PROMPT,
        "n": 1,
        "size": "3168x1344",
        "quality": "medium",
        "output_format": "jpeg",
        "stream": True,
        "partial_images": 1,
    }
    assert faults("CreateImageRequest", received.asked.fields) == []
    with Image.open(BytesIO(picture.data)) as opened:
        assert (opened.format, opened.size) == ("JPEG", (3168, 1344))
    # 8 tokens of prompt at $5, 1767 of picture and 100 of its early state at $30 a million
    assert picture.usd == MicroUsd(8 * 5 + 1867 * 30)


async def test_an_early_state_is_shown_before_the_picture(
    openai: OpenAiProvider, openai_emulator: OpenAiEmulator, call_for: MakeCall
) -> None:
    for references in ((), (picture_of("red"),)):
        heard = Heard()
        picture = await openai.generate(call_for(openai, references=references), heard)
        [early] = heard.previews
        with Image.open(BytesIO(early)) as opened:
            assert opened.size == (256, 256)
        assert early != picture.data


async def test_a_stream_that_breaks_after_the_picture_loses_nothing(
    openai: OpenAiProvider, openai_emulator: OpenAiEmulator, call_for: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = openai_answers.success
    monkeypatch.setattr(
        openai_answers,
        "success",
        lambda *given: replace(whole(*given), pieces=[*whole(*given).pieces, b"event: trouble\ndata: " * 9]),
    )
    picture = await openai.generate(call_for(openai), Reporter())
    assert b"picture 1" in picture.data[:200]


async def test_an_error_in_the_stream_may_be_billed(
    openai: OpenAiProvider, openai_emulator: OpenAiEmulator, call_for: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    for code, kind in (("server_error", ErrorKind.OUTCOME_UNKNOWN), ("moderation_blocked", ErrorKind.POLICY)):
        event = f'event: error\ndata: {{"error": {{"code": "{code}", "message": "zanzibar"}}}}\n\n'.encode()
        answer = Answer(200, [event], "text/event-stream")
        monkeypatch.setattr(openai_answers, "success", lambda *_, answer=answer: answer)
        with pytest.raises(ProviderError) as caught:
            await openai.generate(call_for(openai), Reporter())
        assert (caught.value.kind, caught.value.billed) == (kind, Billed.PERHAPS)
        assert "zanzibar" not in caught.value.message


async def test_what_is_sent_with_references(
    openai: OpenAiProvider, openai_emulator: OpenAiEmulator, call_for: MakeCall
) -> None:
    call = call_for(openai, aspect_ratio="4:5", references=(picture_of("red"), picture_of("blue", "JPEG")))

    picture = await openai.generate(call, Reporter())

    [received] = openai_emulator.requests
    fields = dict(received.asked.fields)
    assert fields == {
        "model": "gpt-image-2",
        "prompt": PROMPT,
        "n": 1,
        "size": "928x1152",
        "quality": "medium",
        "stream": True,
        "partial_images": 1,
    }
    files = ["bytes of a file"] * len(received.asked.references)
    assert faults("CreateImageEditRequest", fields | {"image": files}) == []
    # 8 tokens of prompt at $5, 2 × 1024 of references at $8, 1767 + 100 of picture at $30
    assert picture.usd == MicroUsd(8 * 5 + 2048 * 8 + 1867 * 30)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
async def test_every_model_is_asked_for_its_quality(
    model: ModelRecord, openai: OpenAiProvider, openai_emulator: OpenAiEmulator, call_for: MakeCall
) -> None:
    openai_emulator.script(Kind.NO_IMAGE)  # no picture need be encoded
    with pytest.raises(ProviderError):
        await openai.generate(call_for(openai, model=model), Reporter())
    [received] = openai_emulator.requests
    assert (received.asked.model, received.asked.quality) == (model.wire_id, QUALITIES[model.wire_id])


async def test_without_a_price_the_cost_stays_unknown(
    openai: OpenAiProvider, openai_emulator: OpenAiEmulator, call_for: MakeCall
) -> None:
    [model] = (model for model in MODELS if model.id == "gpt-image-2.6-flare")
    picture = await openai.generate(call_for(openai, model=model), Reporter())
    assert picture.usd is None
    assert picture.usage["output_image_tokens"] > 0


def test_those_that_are_gone_name_a_living_one() -> None:
    gone = {model.id: model for model in OpenAiProvider.record.models if model not in MODELS}
    assert set(gone) == {"gpt-image-1", "dall-e-3"}
    for model in gone.values():
        assert model.lifecycle.successor in {living.id for living in MODELS}
        assert model.wire_id not in QUALITIES


def test_two_models_end_and_name_who_follows() -> None:
    ending = {model.id: model.lifecycle for model in MODELS if model.lifecycle.retired_on}
    assert set(ending) == {"gpt-image-1.5", "gpt-image-1-mini"}
    for lifecycle in ending.values():
        assert lifecycle.status_on(TODAY) is ModelStatus.RETIRING
        assert lifecycle.status_on(date(2026, 12, 1)) is ModelStatus.RETIRED
        assert lifecycle.successor in FREE_SIZES


async def test_settings_of_other_tools_change_nothing(
    openai_emulator: OpenAiEmulator, call_for: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", BAD_KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", BAD_KEY)
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"Authorization: Bearer {BAD_KEY}")
    provider = OpenAiProvider(api_key=KEY, base_url=openai_emulator.url, connect_timeout=5, read_timeout=5)
    await provider.generate(call_for(provider), Reporter())
    await provider.aclose()
    assert openai_emulator.requests[0].key == KEY


async def test_the_client_logs_no_prompt(
    openai: OpenAiProvider, call_for: MakeCall, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await openai.generate(call_for(openai), Reporter())
    assert caplog.records
    assert "zanzibar" not in caplog.text


async def test_a_request_that_cannot_be_built_is_known_unbilled(
    openai: OpenAiProvider, openai_emulator: OpenAiEmulator, call_for: MakeCall
) -> None:
    with pytest.raises(ProviderError) as caught:
        await openai.generate(call_for(openai, aspect_ratio="zanzibar"), Reporter())
    assert caught.value.kind is ErrorKind.INTERNAL
    assert "zanzibar" not in str(caught.value)
    assert openai_emulator.posts == 0
