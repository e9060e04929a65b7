"""A local image server over real HTTP: what is sent, whose seed counts, and what a wrong address is told as."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from imagegen.providers import http_wire
from imagegen.providers.base import Billed, ErrorKind, ProviderError, Reporter
from imagegen.providers.compatible_answer import found_in, models_in
from imagegen.providers.local import PLACE, SETTING, LocalProvider
from imagegen.providers.transfer import Answer
from tests.emulator.fates import Fate, Kind
from tests.emulator.local import SD_SERVER, LocalEmulator
from tests.providers.conftest import PROMPT, MakeCall, Running, picture_of


@pytest.fixture
def emulator(emulators: Running) -> LocalEmulator:
    emulator = emulators["local"]
    assert isinstance(emulator, LocalEmulator)
    return emulator


@pytest.fixture
async def local(emulator: LocalEmulator) -> AsyncIterator[LocalProvider]:
    provider = LocalProvider(base_url=emulator.url, connect_timeout=5, read_timeout=10)
    yield provider
    await provider.aclose()


async def failure(provider: LocalProvider, call_for: MakeCall, **changes: object) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await provider.generate(call_for(provider, **changes), Reporter())
    assert (caught.value.billed, caught.value.usd, caught.value.__context__) == (Billed.NO, 0, None)
    return caught.value


@pytest.mark.parametrize("output_format", [None, "jpeg"])
async def test_what_is_sent(
    output_format: str | None, local: LocalProvider, emulator: LocalEmulator, call_for: MakeCall
) -> None:
    emulator.lists = ("flux", "a-language-model")
    call = call_for(local, aspect_ratio="9:16", image_size="2K", output_format=output_format)
    picture = await local.generate(call, Reporter())
    [received] = emulator.requests
    expected = {"prompt": PROMPT, "n": 1, "size": "1536x2752", "seed": 7, "response_format": "b64_json"}
    assert received.asked.fields == expected | ({"output_format": output_format} if output_format else {})
    assert (picture.usd, picture.model_version) == (0, None)


@pytest.mark.parametrize("count", [1, 3])
async def test_references_are_a_form(
    count: int, local: LocalProvider, emulator: LocalEmulator, call_for: MakeCall
) -> None:
    """One is `image`, several are `image[]`: not every server knows both."""
    references = (picture_of("red"), picture_of("blue", "JPEG"), picture_of("green", "WEBP"))[:count]
    await local.generate(call_for(local, references=references), Reporter())
    [received] = emulator.requests
    assert received.asked.references == tuple((one.media_type, one.data) for one in references)
    assert (received.asked.prompt, received.asked.seed) == (PROMPT, 7)


async def test_sd_server_gets_its_seed_in_the_prompt(
    local: LocalProvider, emulator: LocalEmulator, call_for: MakeCall
) -> None:
    for seed in (7, 8):
        await local.generate(call_for(local, seed=seed), Reporter())
    assert [one.asked.seed for one in emulator.requests] == [7, 8]
    sent = emulator.requests[0].asked.fields["prompt"]
    assert sent == f'{PROMPT}<sd_cpp_extra_args>{{"seed":7}}</sd_cpp_extra_args>'
    assert emulator.requests[0].asked.prompt == PROMPT


async def test_a_server_that_does_not_list_its_models_is_asked_all_the_same(
    call_for: MakeCall, emulator: LocalEmulator
) -> None:
    emulator.lists = ()
    provider = LocalProvider(base_url=emulator.url + "/", connect_timeout=5, read_timeout=10)
    await provider.generate(call_for(provider), Reporter())
    await provider.aclose()
    assert emulator.requests[0].asked.fields["prompt"] == PROMPT


async def test_a_link_is_followed_on_the_same_server(
    local: LocalProvider, emulator: LocalEmulator, call_for: MakeCall
) -> None:
    emulator.links = True
    picture = await local.generate(call_for(local), Reporter())
    assert b"picture 1" in picture.data[:200]


async def test_a_link_elsewhere_is_not_followed_into_the_own_network(local: LocalProvider) -> None:
    wire = await local._ready()
    with pytest.raises(ProviderError, match="not public"):
        await wire.fetch("http://10.0.0.1/picture.png")


async def test_a_server_without_edits_says_so(
    local: LocalProvider, emulator: LocalEmulator, call_for: MakeCall
) -> None:
    emulator.routes = ("images/generations",)
    error = await failure(local, call_for, references=(picture_of("red"),))
    assert error.kind is ErrorKind.NOT_FOUND
    assert error.message.startswith("Local server takes no reference pictures.")


async def test_an_address_without_the_route_is_named(
    emulator: LocalEmulator, call_for: MakeCall, unused_tcp_port: int
) -> None:
    without_version = emulator.url.removesuffix("/v1")
    for url, kind in (
        (without_version, ErrorKind.NOT_FOUND),
        (f"http://127.0.0.1:{unused_tcp_port}", ErrorKind.CONNECTION_FAILED),
    ):
        provider = LocalProvider(base_url=url, connect_timeout=5, read_timeout=10)
        error = await failure(provider, call_for)
        assert (error.kind, SETTING in error.message) == (kind, True)
        with pytest.raises(ProviderError) as caught:
            await provider.check()
        assert (caught.value.kind, SETTING in caught.value.message) == (kind, True)
        await provider.aclose()
    assert emulator.bills == []


async def test_check_asks_for_the_models_only(local: LocalProvider, emulator: LocalEmulator) -> None:
    await local.check()
    assert (emulator.posts, emulator.bills) == (0, [])


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, ErrorKind.AUTH), (403, ErrorKind.AUTH), (404, ErrorKind.NOT_FOUND), (503, ErrorKind.OVERLOADED)],
)
async def test_what_a_check_finds(
    status: int, kind: ErrorKind, local: LocalProvider, emulator: LocalEmulator, call_for: MakeCall
) -> None:
    """A server that does not tell its models makes pictures all the same, and is asked for them again."""
    emulator.models_status = status
    with pytest.raises(ProviderError) as caught:
        await local.check()
    assert (caught.value.kind, caught.value.billed) == (kind, Billed.NO)
    await local.generate(call_for(local), Reporter())
    emulator.models_status = 200
    await local.generate(call_for(local), Reporter())
    assert [one.asked.seed for one in emulator.requests] == [None, 7]


@pytest.mark.parametrize(
    ("fate", "message"),
    [
        (Kind.DROP_AFTER, "The connection to Local server broke before the picture was here."),
        (Kind.GARBAGE_PICTURE, "What Local server sent is not a picture. Try again if you like."),
        (Kind.EMPTY, f"Local server answered without a picture. Check {SETTING}."),
        (Kind.INTERNAL, "Local server failed while it worked on the picture (HTTP 500)."),
        (
            Kind.BAD_REQUEST,
            "Local server did not accept the request (HTTP 400). Nothing was billed; change the request.",
        ),
    ],
)
async def test_nothing_is_said_of_a_bill_that_may_be(
    fate: Kind, message: str, local: LocalProvider, emulator: LocalEmulator, call_for: MakeCall
) -> None:
    emulator.script(fate)
    assert (await failure(local, call_for)).message == message


async def test_the_servers_own_wish_to_wait_is_kept(
    local: LocalProvider, emulator: LocalEmulator, call_for: MakeCall
) -> None:
    emulator.script(Fate(Kind.RATE_LIMITED, retry_delay="3s"))
    assert (await failure(local, call_for)).retry_after == 3


def answer(status: int, body: object, content_type: str = "application/json") -> Answer:
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Answer(status, {"content-type": content_type}, data)


def test_a_page_is_no_images_api() -> None:
    with pytest.raises(ProviderError, match=rf"^There is no images API .* check {SETTING}\.$") as caught:
        found_in(answer(200, "<html>ComfyUI</html>", "text/html; charset=utf-8"), PLACE)
    assert (caught.value.kind, caught.value.billed) == (ErrorKind.NO_IMAGE, Billed.PERHAPS)


@pytest.mark.parametrize("status", [301, 302, 307, 308, 404, 405, 501])
def test_where_there_is_no_route_nothing_was_made(status: int) -> None:
    with pytest.raises(ProviderError, match="There is no images API") as caught:
        found_in(answer(status, ""), PLACE)
    assert (caught.value.kind, caught.value.billed) == (ErrorKind.NOT_FOUND, Billed.NO)


def test_a_model_that_is_not_there_is_no_wrong_address() -> None:
    missing = {"error": {"code": "model_not_found", "message": "zanzibar"}}
    with pytest.raises(ProviderError, match="does not serve this model"):
        found_in(answer(404, missing), PLACE)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ([{"b64_json": "aGVyb24="}], b"heron"),
        ([{"url": "/heron.png", "b64_json": None}], "/heron.png"),
        ([{"url": "/heron.png", "b64_json": "aGVyb24="}], b"heron"),
        ([{"b64_json": ""}, {"b64_json": "aGVyb24="}], b"heron"),
    ],
)
def test_bytes_come_before_links(data: object, found: bytes | str) -> None:
    body = {"data": data, "usage": {"strange": "zanzibar"}, "created": "yesterday"}
    assert found_in(answer(200, body), PLACE) == found


@pytest.mark.parametrize(
    ("body", "models"),
    [
        (b'{"data":[{"id":"sd-cpp-local"},{"id":"b"}]}', {SD_SERVER, "b"}),
        (b'{"data":[]}', frozenset()),
        (b'{"data":{}}', None),
        (b'{"models":[]}', None),
        (b"[]", None),
        (b"<html>", None),
    ],
)
def test_a_list_of_models(body: bytes, models: set[str] | None) -> None:
    assert models_in(body) == models


async def test_a_made_picture_that_cannot_be_fetched(
    local: LocalProvider, emulator: LocalEmulator, call_for: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_wire, "FETCH_PAUSE", 0.01)
    emulator.links, emulator.gone = True, True
    error = await failure(local, call_for)
    assert error.message == "Local server made the picture, but it could not be fetched."
