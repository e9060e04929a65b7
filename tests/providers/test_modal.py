"""An endpoint on Modal over real HTTP: the proxy token, the result that can be read again, and its address."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from imagegen.providers import remote
from imagegen.providers.base import Billed, ErrorKind, ProviderError, Reporter
from imagegen.providers.modal import ModalProvider
from imagegen.providers.modal_answer import result_address, state_in
from imagegen.providers.remote import Running as StillRunning
from imagegen.providers.transfer import Answer
from tests.emulator.fates import Fate, Kind
from tests.emulator.modal import SECRET, ModalEmulator
from tests.emulator.server import KEY
from tests.providers.conftest import PROMPT, Heard, MakeCall, Running, picture_of

AT_MODAL = "https://me--images-serve.modal.run/v1"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "LOOK_FIRST", 0.01)


@pytest.fixture
def emulator(emulators: Running) -> ModalEmulator:
    emulator = emulators["modal"]
    assert isinstance(emulator, ModalEmulator)
    return emulator


def provider_at(url: str, key: str = KEY, secret: str = SECRET) -> ModalProvider:
    return ModalProvider(api_key=key, api_secret=secret, base_url=url, connect_timeout=5, read_timeout=10)


@pytest.fixture
async def modal(emulator: ModalEmulator) -> AsyncIterator[ModalProvider]:
    provider = provider_at(emulator.url)
    yield provider
    await provider.aclose()


async def test_what_is_sent(modal: ModalProvider, emulator: ModalEmulator, call_for: MakeCall) -> None:
    picture = await modal.generate(call_for(modal, aspect_ratio="3:2", output_format="webp"), Reporter())
    [received] = emulator.requests
    assert received.asked.fields == {
        "prompt": PROMPT,
        "n": 1,
        "size": "1264x848",
        "seed": 7,
        "response_format": "b64_json",
        "output_format": "webp",
    }
    assert (picture.usd, emulator.jobs) == (None, {})


async def test_a_long_call_is_read_where_the_answer_leads(
    modal: ModalProvider, emulator: ModalEmulator, call_for: MakeCall
) -> None:
    """Posted once, with its references; told once that an answer comes, and that is the picture's."""
    emulator.script(Kind.LOOKS_FAIL)
    heard = Heard()
    picture = await modal.generate(call_for(modal, references=(picture_of("red"),)), heard)
    assert b"picture 1" in picture.data[:200]
    assert heard.jobs == [f"{emulator.url}/images/generations?__modal_function_call_id=fc-1"]
    assert (heard.heads, emulator.posts, len(emulator.bills)) == (1, 1, 1)


async def test_a_quick_call_is_no_job(modal: ModalProvider, emulator: ModalEmulator, call_for: MakeCall) -> None:
    heard = Heard()
    await modal.generate(call_for(modal), heard)
    assert (heard.jobs, heard.heads, emulator.looks) == ([], 1, [])


async def test_an_endpoint_without_a_token_gets_none(emulator: ModalEmulator, call_for: MakeCall) -> None:
    for key, secret in (("", ""), ("", SECRET), (KEY, "")):
        provider = provider_at(emulator.url, key, secret)
        with pytest.raises(ProviderError, match="check MODAL_KEY and MODAL_SECRET"):
            await provider.generate(call_for(provider), Reporter())
        await provider.aclose()
    assert emulator.requests == []


async def test_a_wrong_address_is_named(emulator: ModalEmulator, call_for: MakeCall, unused_tcp_port: int) -> None:
    for url, kind in (
        (emulator.url.removesuffix("/v1"), ErrorKind.NOT_FOUND),
        (f"http://127.0.0.1:{unused_tcp_port}/v1", ErrorKind.CONNECTION_FAILED),
    ):
        provider = provider_at(url)
        with pytest.raises(ProviderError, match="check MODAL_ENDPOINT_URL") as caught:
            await provider.generate(call_for(provider), Reporter())
        await provider.aclose()
        assert (caught.value.kind, caught.value.billed) == (kind, Billed.NO)


async def test_checking_wakes_no_container(unused_tcp_port: int) -> None:
    provider = provider_at(f"http://127.0.0.1:{unused_tcp_port}/v1")
    await provider.check()  # nothing listens there, so a request would have failed
    await provider.aclose()


async def test_a_result_of_another_endpoint_is_not_asked_for(
    modal: ModalProvider, emulator: ModalEmulator, call_for: MakeCall
) -> None:
    """The proxy token goes with each look, and belongs to this endpoint alone."""
    for elsewhere in ("https://evil.example/v1/images/generations?id=1", "/images/generations?id=1", "fc-1"):
        with pytest.raises(ProviderError, match="does not tell what became") as caught:
            await modal.resume(call_for(modal), elsewhere, Reporter())
        assert (caught.value.kind, caught.value.billed) == (ErrorKind.LOST, Billed.PERHAPS)
    assert emulator.looks == []


@pytest.mark.parametrize(
    ("location", "base_url", "address"),
    [
        ("?id=fc-1", AT_MODAL, f"{AT_MODAL}/images/generations?id=fc-1"),
        ("/v1/x?id=fc-1", AT_MODAL + "/", "https://me--images-serve.modal.run/v1/x?id=fc-1"),
        ("https://other.modal.run/r", AT_MODAL, "https://other.modal.run/r"),
        ("http://127.0.0.1:8000/r", "http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/r"),
        ("", AT_MODAL, None),
        ("https://evil.example/r", AT_MODAL, None),
        ("https://modal.run.evil.example/r", AT_MODAL, None),
        ("https://evilmodal.run/r", AT_MODAL, None),
        ("http://other.modal.run/r", AT_MODAL, None),
        ("https://other.modal.run:8443/r", AT_MODAL, None),
        ("https://other.modal.run/r", "https://images.example/v1", None),
        ("http://127.0.0.1:8001/r", "http://127.0.0.1:8000/v1", None),
        ("http://127.0.0.1:none/r", "http://127.0.0.1:8000/v1", None),
        ("ftp://me--images-serve.modal.run/r", AT_MODAL, None),
    ],
)
def test_where_a_result_may_be_read(location: str, base_url: str, address: str | None) -> None:
    assert result_address(location, base_url) == address


def state(status: int, body: object = "") -> object:
    return state_in(Answer(status, {"content-type": "application/json"}, json.dumps(body).encode()))


def test_a_result_that_is_not_there_yet() -> None:
    assert isinstance(state(303), StillRunning)


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_a_look_that_fails_says_nothing_of_the_picture(status: int) -> None:
    with pytest.raises(ProviderError) as caught:
        state(status)
    assert caught.value.kind is ErrorKind.OVERLOADED  # which the loop repeats


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, "", ErrorKind.LOST),
        (410, "", ErrorKind.LOST),
        (401, "", ErrorKind.OUTCOME_UNKNOWN),
        (500, "", ErrorKind.INTERNAL),
        (400, {"error": "zanzibar"}, ErrorKind.INTERNAL),
        (400, {"error": {"code": "content_policy_violation"}}, ErrorKind.POLICY),
        (200, {"data": []}, ErrorKind.NO_IMAGE),
    ],
)
def test_what_ran_may_have_been_billed(status: int, body: object, kind: ErrorKind) -> None:
    with pytest.raises(ProviderError) as caught:
        state(status, body)
    assert (caught.value.kind, caught.value.billed) == (kind, Billed.PERHAPS)
    assert "zanzibar" not in caught.value.message


async def test_a_result_that_leads_nowhere_is_unknown(
    modal: ModalProvider, emulator: ModalEmulator, call_for: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ModalEmulator, "job_id", lambda *_: "https://evil.example/result")
    emulator.script(Fate(held=True))
    heard = Heard()
    with pytest.raises(ProviderError, match="could not be read") as caught:
        await modal.generate(call_for(modal), heard)
    assert (caught.value.billed, heard.jobs, emulator.looks) == (Billed.PERHAPS, [], [])
    emulator.release()
