"""Google's own document judges what the Gemini emulator answers, and what it refuses."""

from __future__ import annotations

import json
import re

import httpx2
import pytest

from imagegen.catalogue.geometry import EDGE_FACTORS, PIXELS_1K
from tests.emulator.fates import OF_JOBS, Kind
from tests.emulator.gemini import KEY, MODEL, GeminiEmulator
from tests.emulator.google_schema import checksum, described, faults

UNREADABLE = {
    *(Kind.DROP_BEFORE, Kind.DROP_AFTER, Kind.RESET, Kind.CUT_BODY, Kind.HANG, Kind.HUGE),
    *(Kind.GARBAGE_BODY, Kind.BAD_GATEWAY),
}
"""Fates without an answer in JSON."""
UNLIKE = {Kind.WRONG_SHAPE, Kind.GARBAGE_BASE64}
"""Fates whose answer is not as the document has it, on purpose."""
ASKED = {
    "contents": [{"role": "user", "parts": [{"text": "a cat"}]}],
    "generationConfig": {"imageConfig": {"aspectRatio": "4:5", "imageSize": "1K"}},
}


def test_the_document_is_as_it_came() -> None:
    now, then = checksum()
    assert now == then


def test_the_house_offers_the_ratios_and_sizes_that_google_names() -> None:
    assert set(re.findall(r"\d+:\d+", described("ImageConfig", "aspectRatio"))) == set(PIXELS_1K)
    assert set(re.findall(r"`(\dK)`", described("ImageConfig", "imageSize"))) == set(EDGE_FACTORS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"prompt": "x"},
        {"contents": [{"parts": [{"text": 1}]}]},
        {"contents": [{"parts": [{"words": "x"}]}]},
        {"contents": [{"parts": [{"inlineData": {"data": "?", "mimeType": "image/png"}}]}]},
        {"generationConfig": {"seed": 2**31}},
        {"generationConfig": {"seed": "5"}},
        {"generationConfig": {"responseModalities": ["PICTURE"]}},
        {"generationConfig": {"imageConfig": {"size": "1K"}}},
        {"generationConfig": {"thinkingConfig": {"thoughts": True}}},
    ],
)
def test_the_judge_finds_faults(wrong: dict[str, object]) -> None:
    assert faults("GenerateContentRequest", ASKED) == []
    assert len(faults("GenerateContentRequest", ASKED | wrong)) == 1


@pytest.mark.parametrize("spelling", ["mimeType", "mime_type"])
def test_both_spellings_of_a_name_and_both_alphabets_of_base64_are_known(spelling: str) -> None:
    parts = [{"inlineData": {"data": data, spelling: "image/png"}} for data in ("a-_b", "a+/b", "YQ==")]
    assert faults("GenerateContentRequest", ASKED | {"contents": [{"parts": parts}]}) == []


def test_every_answer_of_the_emulator_is_as_google_describes_it() -> None:
    kinds = [kind for kind in Kind if kind not in UNREADABLE | OF_JOBS]
    with GeminiEmulator() as emulator:
        emulator.script(*kinds)
        found = {}
        for kind in kinds:
            answer = httpx2.post(
                f"{emulator.url}/v1/models/{MODEL}:generateContent",
                json=ASKED,
                headers={"x-goog-api-key": KEY},
                trust_env=False,
            )
            body = json.loads(answer.content)
            if answer.status_code == 200:
                found[kind] = faults("GenerateContentResponse", body)
            else:
                status = dict(body["error"])
                assert (status["code"], status.pop("status").isupper()) == (answer.status_code, True)
                found[kind] = faults("GoogleRpcStatus", status)
    assert len(found) > 15
    assert {kind for kind, wrong in found.items() if wrong} == UNLIKE
