"""What the vendors' own clients sent and a real worker answered, held against our emulators and adapter."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import httpx2
import pytest
from PIL import Image

from imagegen.providers.base import ErrorKind, ProviderError
from imagegen.providers.remote import Finished
from imagegen.providers.runpod_answer import looked, taken_in
from tests.emulator.jobs import JobEmulator
from tests.emulator.runpod import RunPodEmulator
from tests.emulator.runware import RunwareEmulator
from tests.emulator.server import BAD_KEY, KEY
from tests.oracles.oracle import ANY_UUID, RECORDED

CLIENTS: dict[str, type[JobEmulator[Any]]] = {
    "runware-sdk 1.8.0": RunwareEmulator,
    "runpod 1.12.0": RunPodEmulator,
}


@pytest.mark.parametrize("client", CLIENTS)
async def test_the_emulator_takes_what_the_client_sends(client: str) -> None:
    with CLIENTS[client]() as emulator:
        root = f"http://127.0.0.1:{emulator.port}"
        async with httpx2.AsyncClient(base_url=root, trust_env=False) as plain:
            for method, path, body in RECORDED[client]:
                headers = {"Authorization": f"Bearer {KEY}"}
                answer = await plain.request(method, path, json=body, headers=headers)
                assert answer.status_code == (404 if "nowhere" in path else 200)
                refused = await plain.request(
                    method, path, json=body, headers={"Authorization": f"Bearer {BAD_KEY}"}
                )
                assert refused.status_code == 401
        assert emulator.refused == []
        assert (emulator.posts, len(emulator.bills)) == (2, 1)


def test_our_adapter_reads_what_the_worker_answers() -> None:
    made, finished, made_again, failed = (
        json.dumps(answer).encode() for answer in RECORDED["runpod 1.12.0, a worker that serves itself"]
    )
    assert taken_in(200, {}, made) == taken_in(200, {}, made_again) == f"test-{ANY_UUID}"
    state = looked(200, finished)
    assert isinstance(state, Finished)
    assert isinstance(state.picture, bytes)
    with Image.open(BytesIO(state.picture)) as opened:
        assert (opened.format, opened.size) == ("PNG", (1472, 832))
        opened.load()
    with pytest.raises(ProviderError) as caught:
        looked(200, failed)
    assert caught.value.kind is ErrorKind.INTERNAL
