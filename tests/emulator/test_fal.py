"""The emulator of fal's queue is as strict as the published schemas, and answers in the published forms."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from tests.emulator.fal import FalEmulator
from tests.emulator.fates import Fate
from tests.emulator.server import KEY


@pytest.fixture
def emulator() -> Iterator[FalEmulator]:
    with FalEmulator() as running:
        yield running


@pytest.fixture
def client(emulator: FalEmulator) -> Iterator[httpx2.Client]:
    headers = {"Authorization": f"Key {KEY}"}
    with httpx2.Client(base_url=emulator.url, headers=headers, trust_env=False) as built:
        yield built


def test_a_request_lives_in_the_queue(client: httpx2.Client, emulator: FalEmulator) -> None:
    emulator.script(Fate(held=True))
    told = client.post("/fal-ai/nano-banana-pro", json={"prompt": "a cat"}).json()
    assert (told["status"], told["queue_position"]) == ("IN_QUEUE", 0)

    status = client.get(told["status_url"])
    assert (status.status_code, status.json()["status"]) == (202, "IN_PROGRESS")
    assert client.get(told["response_url"]).status_code == 400
    emulator.release()
    emulator.wait_for(lambda seen: len(seen.bills) == 1)

    status = client.get(told["status_url"])
    assert (status.status_code, status.json()["status"]) == (200, "COMPLETED")
    [image] = client.get(told["response_url"]).json()["images"]
    assert client.get(image["url"]).content.startswith(b"\xff\xd8\xff")
    assert client.put(told["cancel_url"]).json() == {"status": "ALREADY_COMPLETED"}


def test_a_request_is_cancelled(client: httpx2.Client, emulator: FalEmulator) -> None:
    emulator.script(Fate(held=True))
    told = client.post("/fal-ai/nano-banana-pro", json={"prompt": "a cat"}).json()
    assert client.put(told["cancel_url"]).json() == {"status": "CANCELLATION_REQUESTED"}
    assert client.get(told["status_url"]).json()["status"] == "COMPLETED"
    result = client.get(told["response_url"])
    assert (result.status_code, result.json()["error_type"]) == (499, "client_cancelled")
    assert emulator.bills == []


@pytest.mark.parametrize(
    ("model", "wrong"),
    [
        ("nano-banana-pro", {}),
        ("nano-banana-pro", {"prompt": "x", "resolution": "8K"}),
        ("nano-banana-pro", {"prompt": "x", "aspect_ratio": "7:3"}),
        ("nano-banana-pro", {"prompt": "x", "image_urls": ["data:image/png;base64,AAAA"]}),
        ("nano-banana-pro/edit", {"prompt": "x"}),
        ("nano-banana-pro/edit", {"prompt": "x", "image_urls": ["https://example.com/fox.jpg"]}),
        ("flux/dev", {"prompt": "x", "image_size": {"width": 1000, "height": 1024}}),
        ("flux/dev", {"prompt": "x", "image_size": {"width": 1024, "height": 1024}, "output_format": "webp"}),
        ("flux/schnell", {"prompt": "x", "image_size": {"width": 1024, "height": 1024}, "seed": "7"}),
    ],
)
def test_the_emulator_is_strict(
    model: str, wrong: dict[str, object], client: httpx2.Client, emulator: FalEmulator
) -> None:
    answer = client.post(f"/fal-ai/{model}", json=wrong)
    assert answer.status_code == 422
    [detail] = answer.json()["detail"]
    assert set(detail) == {"loc", "msg", "type", "input"}
    assert (len(emulator.refused), emulator.bills) == (1, [])
