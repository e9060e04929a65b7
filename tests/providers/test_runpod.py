"""RunPod over real HTTP: what is sent, the outputs of several workers, and an endpoint that does not exist."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO

import pytest
from PIL import Image

from imagegen.catalogue.records import MicroUsd
from imagegen.providers import remote
from imagegen.providers.base import ErrorKind, ProviderError, Reporter
from imagegen.providers.runpod import RunPodProvider
from tests.emulator.runpod import ENDPOINT, Form, RunPodEmulator, in_base64
from tests.emulator.server import KEY
from tests.providers.conftest import PROMPT, Heard, MakeCall, Running

FORMS: dict[str, Form] = {
    "a data URI": lambda _, data: {"image": f"data:image/png;base64,{in_base64(data)}"},
    "base64 in a list": lambda _, data: {"images": [in_base64(data)]},
    "ComfyUI's": lambda _, data: {"images": [{"filename": "1.png", "type": "base64", "data": in_base64(data)}]},
    "a list of links": lambda link, _: [link],
    "a result": lambda link, _: {"result": link},
}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "LOOK_FIRST", 0.01)


@pytest.fixture
def runpod_emulator(emulators: Running) -> RunPodEmulator:
    emulator = emulators["runpod"]
    assert isinstance(emulator, RunPodEmulator)
    return emulator


def adapter(emulator: RunPodEmulator, endpoint: str = ENDPOINT) -> RunPodProvider:
    return RunPodProvider(
        endpoint=endpoint, api_key=KEY, base_url=emulator.url, connect_timeout=5, read_timeout=10
    )


@pytest.fixture
async def runpod(runpod_emulator: RunPodEmulator) -> AsyncIterator[RunPodProvider]:
    provider = adapter(runpod_emulator)
    yield provider
    await provider.aclose()


async def test_what_is_sent(runpod: RunPodProvider, runpod_emulator: RunPodEmulator, call_for: MakeCall) -> None:
    heard = Heard()
    picture = await runpod.generate(call_for(runpod, aspect_ratio="21:9"), heard)
    [received] = runpod_emulator.requests
    assert received.asked.fields == {"prompt": PROMPT, "width": 1472, "height": 640, "seed": 7}
    assert heard.jobs == list(runpod_emulator.jobs)
    assert picture.usd == MicroUsd(2500)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
async def test_outputs_of_other_workers(
    form: Form, runpod: RunPodProvider, runpod_emulator: RunPodEmulator, call_for: MakeCall
) -> None:
    runpod_emulator.form = form
    picture = await runpod.generate(call_for(runpod), Reporter())
    with Image.open(BytesIO(picture.data)) as opened:
        assert opened.size == (1024, 1024)
    assert picture.usd is None, "no worker but the public ones tells the cost"


async def test_an_endpoint_that_does_not_exist(runpod_emulator: RunPodEmulator, call_for: MakeCall) -> None:
    provider = adapter(runpod_emulator, "nowhere")
    for asked in (provider.generate(call_for(provider), Reporter()), provider.check()):
        with pytest.raises(ProviderError) as caught:
            await asked
        assert caught.value.kind is ErrorKind.NOT_FOUND
        assert "IMAGEGEN_RUNPOD_ENDPOINT" in caught.value.message
    await provider.aclose()
    assert (runpod_emulator.requests, runpod_emulator.bills) == ([], [])


async def test_a_result_that_is_not_kept_any_more(
    runpod: RunPodProvider, runpod_emulator: RunPodEmulator, call_for: MakeCall
) -> None:
    with pytest.raises(ProviderError) as caught:
        await runpod.resume(call_for(runpod), "0000-u1", Reporter())
    assert caught.value.kind is ErrorKind.LOST
    assert runpod_emulator.posts == 0
