"""What `doctor` says of prices and of a running server's providers is what the API says."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from imagegen.commands.standing import of_server, prices
from imagegen.providers.gemini import GeminiProvider
from imagegen.providers.openai import OpenAiProvider
from tests.loopback import answering

PRO = GeminiProvider.record.models[0]
TOLD = {
    "status": "ready",
    "reason": None,
    "reopens_in": 0.0,
    "limits": {"images_per_minute": None, "learned": False},
}
PROVIDERS = [
    TOLD | {"id": "gemini", "limits": {"images_per_minute": 24, "learned": True}, "status": "limited"},
    TOLD | {"id": "openai", "status": "down", "reason": "OpenAI is overloaded.", "reopens_in": 21.4},
    TOLD | {"id": "sketch"},
]


def _answer(path: str) -> tuple[int, bytes]:
    return (200, json.dumps({"providers": PROVIDERS}).encode()) if path == "/api/providers" else (404, b"{}")


@pytest.fixture
def server() -> Iterator[str]:
    with answering(_answer) as address:
        yield address


def test_how_providers_stand(server: str) -> None:
    assert [str(finding) for finding in of_server(server)] == [
        "ok       health gemini: limited; 24 images a minute (learned)",
        "warning  health openai: down; OpenAI is overloaded.; next try in 21 s",
        "ok       health sketch: ready",
    ]


def test_a_server_that_does_not_tell(server: str, unused_tcp_port: int) -> None:
    for address in (f"{server}/elsewhere", f"http://127.0.0.1:{unused_tcp_port}"):
        (finding,) = of_server(address)
        assert finding.verdict == "warning"


def test_prices_by_size_with_source_and_date() -> None:
    told = str(prices(PRO))
    assert told.startswith(
        "ok       price gemini-3-pro-image-preview: 1K $0.134, 2K $0.134, 4K $0.24 (read on 2026-"
    )
    by_id = {model.id: model for model in OpenAiProvider.record.models}
    assert prices(by_id["gpt-image-2"]).words.startswith("1K $0.056, 2K unknown (read on ")
    assert prices(by_id["gpt-image-2.6-flare"]).words == "unknown"
