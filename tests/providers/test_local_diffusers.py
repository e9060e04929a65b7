"""The provider `diffusers` and its child: what is told, and what becomes of a picture when the child is gone."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from pathlib import Path
from typing import get_args

import pytest
from PIL import Image

from imagegen.processes.child import Child
from imagegen.providers.base import Billed, ErrorKind, ProviderError, Reporter
from imagegen.providers.diffusing.places import folder_of
from imagegen.providers.diffusing.trouble import DiffusingFailed, Trouble
from imagegen.providers.local_diffusers import _TROUBLES, PACKAGES, SETTING, WORKER, DiffusersProvider
from imagegen.providers.registry import is_installed
from tests.providers.conftest import DIFFUSING, PROMPT, Heard, MakeCall, picture_of

WAIT_SECONDS = 30.0
KINDS = {
    "packages": ErrorKind.NOT_FOUND,
    "no_model": ErrorKind.NOT_FOUND,
    "offline": ErrorKind.CONNECTION_FAILED,
    "unloadable": ErrorKind.NOT_FOUND,
    "no_memory": ErrorKind.NOT_FOUND,
    "too_large": ErrorKind.NO_IMAGE,
    "reference": ErrorKind.BAD_REQUEST,
    "no_references": ErrorKind.BAD_REQUEST,
    "withheld": ErrorKind.POLICY,
    "failed": ErrorKind.NO_IMAGE,
}
MakeProvider = Callable[..., DiffusersProvider]


@pytest.fixture
async def make() -> AsyncIterator[MakeProvider]:
    """Builds providers with the child that draws noise, and closes them."""
    made: list[DiffusersProvider] = []

    def build(model: str = "tiny", *, worker: str = DIFFUSING, **changes: float) -> DiffusersProvider:
        made.append(DiffusersProvider(model, worker=worker, **changes))  # type: ignore[arg-type]
        return made[-1]

    yield build
    for one in made:
        await one.aclose()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what is bound to come; the test fails if it does not."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not condition():  # noqa: ASYNC110 - another process's end is no event here
            await asyncio.sleep(0.005)


async def failure(provider: DiffusersProvider, call_for: MakeCall, heard: Reporter | None = None) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await provider.generate(call_for(provider), heard or Reporter())
    error = caught.value
    assert (error.billed, error.__context__) == (Billed.NO, None)
    assert "billed" not in error.message
    assert "zanzibar" not in repr(error)
    assert error.message.endswith(".")
    return error


def pid(provider: DiffusersProvider) -> int:
    child = provider._worker.pid
    assert child is not None
    return child


async def test_a_picture_with_its_steps_and_an_early_state(make: MakeProvider, call_for: MakeCall) -> None:
    provider, heard = make(), Heard()
    picture = await provider.generate(call_for(provider, aspect_ratio="21:9", output_format="webp"), heard)
    with Image.open(BytesIO(picture.data)) as opened:
        assert (opened.size, opened.format) == ((1584, 672), "WEBP")
    assert heard.done == [0.25, 0.5, 0.75, 1.0]
    assert (len(heard.previews), heard.heads, picture.usd) == (1, 1, 0)
    with Image.open(BytesIO(heard.previews[0])) as early:
        assert early.format == "JPEG"


async def test_the_child_stays_and_a_seed_makes_the_same_picture(make: MakeProvider, call_for: MakeCall) -> None:
    provider = make()
    pictures = [await provider.generate(call_for(provider, seed=seed), Reporter()) for seed in (7, 8, 7)]
    first = pid(provider)
    assert pictures[0].data == pictures[2].data != pictures[1].data
    await provider.generate(call_for(provider, references=(picture_of("red"),)), Reporter())
    assert pid(provider) == first


async def test_one_picture_at_a_time(make: MakeProvider, call_for: MakeCall) -> None:
    provider, heard = make(), [Heard(), Heard()]
    await asyncio.gather(*(provider.generate(call_for(provider), one) for one in heard))
    assert provider.record.concurrency == 1
    assert [one.done for one in heard] == [[0.25, 0.5, 0.75, 1.0]] * 2


@pytest.mark.parametrize("trouble", get_args(Trouble))
async def test_each_trouble_has_words(trouble: Trouble, make: MakeProvider, call_for: MakeCall) -> None:
    provider = make(f"fails-{trouble}")
    error = await failure(provider, call_for)
    assert (error.kind, error.message) == (KINDS[trouble], _TROUBLES[trouble][1])
    again = await failure(provider, call_for)  # and the child answers anew
    assert again.message == error.message


async def test_a_child_that_dies_is_told_and_replaced(make: MakeProvider, call_for: MakeCall) -> None:
    provider, heard = make("dies"), Heard()
    error = await failure(provider, call_for, heard)
    assert error.kind is ErrorKind.OUTCOME_UNKNOWN
    assert error.message == "Diffusers (local) stopped while it worked on the picture."
    assert heard.done == [0.25, 0.5, 0.75]
    provider._model = "tiny"
    assert await provider.generate(call_for(provider), Reporter())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that kills")
async def test_a_child_that_is_killed_between_pictures(make: MakeProvider, call_for: MakeCall) -> None:
    import signal  # noqa: PLC0415 - without SIGKILL on Windows

    provider = make()
    await provider.generate(call_for(provider), Reporter())
    killed = pid(provider)
    os.kill(killed, signal.SIGKILL)
    assert (await failure(provider, call_for)).kind is ErrorKind.OUTCOME_UNKNOWN
    await provider.generate(call_for(provider), Reporter())
    assert pid(provider) != killed


async def test_a_silent_child_is_ended(make: MakeProvider, call_for: MakeCall) -> None:
    provider = make("hangs")

    class Impatient(Heard):
        def progress(self, done: float) -> None:
            super().progress(done)
            if done == 0.75:
                provider._step_seconds = 0.2

    heard = Impatient()
    error = await failure(provider, call_for, heard)
    assert heard.done == [0.25, 0.5, 0.75]
    assert (error.kind, error.message) == (
        ErrorKind.NO_IMAGE,
        "Diffusers (local) did not answer within 0.2 s.",
    )
    assert provider._worker.pid is None


async def test_who_no_longer_waits_does_not_spoil_the_next_picture(make: MakeProvider, call_for: MakeCall) -> None:
    provider, heard = make("hangs"), Heard()
    task = asyncio.create_task(provider.generate(call_for(provider), heard))
    await until(lambda: len(heard.done) == 3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert provider._worker.pid is None
    provider._model = "tiny"
    picture = await provider.generate(call_for(provider, aspect_ratio="16:9"), Reporter())
    assert Image.open(BytesIO(picture.data)).size == (1376, 768)


async def test_closing_ends_a_picture_and_starts_none(make: MakeProvider, call_for: MakeCall) -> None:
    provider, heard = make("hangs"), Heard()
    tasks = [asyncio.create_task(failure(provider, call_for, heard)) for _ in range(2)]
    await until(lambda: len(heard.done) == 3)
    async with asyncio.timeout(WAIT_SECONDS):
        await provider.aclose()
    for task in tasks:
        error = await task
        assert (error.kind, error.message) == (ErrorKind.CONNECTION_FAILED, "The studio is stopping.")
    assert provider._worker.pid is None


async def test_without_work_the_child_is_sent_away(make: MakeProvider, call_for: MakeCall) -> None:
    provider = make(idle_seconds=0)
    await provider.generate(call_for(provider), Reporter())
    await until(lambda: provider._worker.pid is None)
    assert await provider.generate(call_for(provider), Reporter())


async def test_a_python_that_is_not_there(call_for: MakeCall) -> None:
    provider = DiffusersProvider("tiny", python="/nowhere/python", worker=DIFFUSING)
    assert (await failure(provider, call_for)).kind is ErrorKind.OUTCOME_UNKNOWN
    await provider.aclose()


@pytest.mark.skipif(all(map(is_installed, PACKAGES)), reason="the packages are installed here")
async def test_the_real_child_without_its_packages_says_so(make: MakeProvider, call_for: MakeCall) -> None:
    error = await failure(make(worker=WORKER), call_for)
    assert error.message.endswith("run pip install -r requirements-local.txt.")
    assert error.kind is ErrorKind.NOT_FOUND


async def test_the_child_is_given_no_vendors_keys_but_the_hubs(
    make: MakeProvider, call_for: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "SECRET")
    monkeypatch.setenv("HF_HOME", "/the/hub")
    provider = make()
    await provider.generate(call_for(provider), Reporter())
    if sys.platform == "linux":
        environment = await asyncio.to_thread(Path(f"/proc/{pid(provider)}/environ").read_bytes)
        assert b"SECRET" not in environment
        assert b"HF_HOME=/the/hub" in environment
        assert PROMPT.encode() not in await asyncio.to_thread(Path(f"/proc/{pid(provider)}/cmdline").read_bytes)


@pytest.mark.parametrize("model", ["owner/name", "stable-ai/sd_3.5-m"])
def test_an_id_of_the_hub_is_no_folder(model: str) -> None:
    assert folder_of(model) is None


def test_a_folder_holds_a_model(tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text("{}")
    assert folder_of(str(tmp_path)) == tmp_path


@pytest.mark.parametrize(
    "model", ["", "name", "a/b/c", "/no/where", "./models/x", "~/models", "../models", "a b/c"]
)
def test_what_is_neither_is_no_model(model: str) -> None:
    with pytest.raises(DiffusingFailed, match="no_model"):
        folder_of(model)


async def test_a_check_looks_at_the_folder_and_starts_nothing(tmp_path: Path, make: MakeProvider) -> None:
    with pytest.raises(ProviderError, match=SETTING) as caught:
        await make(str(tmp_path)).check()
    assert (caught.value.kind, caught.value.__context__) == (ErrorKind.NOT_FOUND, None)
    (tmp_path / "model_index.json").write_text("{}")
    for model in (str(tmp_path), "owner/name"):
        provider = make(model)
        await provider.check()
        assert provider._worker.pid is None


async def test_a_child_hears_of_its_parents_end(make: MakeProvider, call_for: MakeCall) -> None:
    child = await Child.start(DIFFUSING)
    child._stdin.close()
    async with asyncio.timeout(WAIT_SECONDS):
        assert await child._process.wait() == 0
    await child.kill()
