"""Gemini on Vertex AI over real HTTP: where it is asked, with what credentials, and what is said without them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials, Credentials
from google.auth.exceptions import DefaultCredentialsError, RefreshError, TransportError

from imagegen.providers.base import Billed, ErrorKind, ProviderError, Reporter
from imagegen.providers.gemini import GeminiProvider
from imagegen.providers.gemini_access import Project
from imagegen.providers.gemini_vertex import VertexGeminiProvider
from imagegen.providers.gemini_vertex_wire import wire_of
from imagegen.providers.registry import build, needed
from imagegen.settings import Settings
from tests.emulator.answers import MODEL
from tests.emulator.fates import Kind
from tests.emulator.google_schema import faults
from tests.emulator.server import KEY
from tests.emulator.vertex import LOCATION, PROJECT, VertexEmulator
from tests.providers.conftest import MakeCall, Running, picture_of

TOKEN = "token-zanzibar"


class Renewed(Credentials):
    """Credentials whose token is made anew each time it has ended, without a network."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.renewals = 0

    def refresh(self, request: object) -> None:
        self.renewals += 1
        self.token = f"{TOKEN}-{self.renewals}"
        self.end_in(timedelta(hours=1))

    def end_in(self, time: timedelta) -> None:
        self.expiry = datetime.now(UTC).replace(tzinfo=None) + time  # as google-auth keeps it


@pytest.fixture
def vertex(emulators: Running) -> VertexEmulator:
    emulator = emulators["gemini-vertex"]
    assert isinstance(emulator, VertexEmulator)
    return emulator


MakeProvider = Callable[..., VertexGeminiProvider]


@pytest.fixture
async def provider_of(vertex: VertexEmulator) -> AsyncIterator[MakeProvider]:
    built: list[VertexGeminiProvider] = []

    def make(project: Project | None, key: str = "") -> VertexGeminiProvider:
        built.append(
            VertexGeminiProvider(
                api_key=key, base_url=vertex.url, connect_timeout=5, read_timeout=10, project=project
            )
        )
        return built[-1]

    yield make
    for provider in built:
        await provider.aclose()


async def failure_of(provider: VertexGeminiProvider, call_for: MakeCall) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await provider.generate(call_for(provider), Reporter())
    assert caught.value.__context__ is None
    assert (caught.value.billed, TOKEN in repr(vars(caught.value)) + repr(provider)) == (Billed.NO, False)
    return caught.value


async def test_the_same_request_goes_to_the_project(
    provider_of: MakeProvider, vertex: VertexEmulator, call_for: MakeCall
) -> None:
    provider = provider_of(Project(PROJECT, LOCATION, Renewed))
    references = (picture_of("red"), picture_of("blue", "JPEG"))
    call = call_for(provider, aspect_ratio="21:9", image_size="2K", references=references)
    picture = await provider.generate(call, Reporter())

    [received] = vertex.requests
    assert received.key == f"{TOKEN}-1"
    assert faults("GenerateContentRequest", received.asked.fields) == []
    assert set(received.asked.fields) == {"contents", "generationConfig"}
    assert received.asked.parts == ("image", "image", "text")
    assert (picture.model_version, picture.usd) == ("gemini-3-pro-image", 16 + 2240 + 134_400 + 2856)


async def test_the_emulator_answers_as_google_describes_it(
    provider_of: MakeProvider, vertex: VertexEmulator, call_for: MakeCall
) -> None:
    provider = provider_of(None, KEY)
    await provider.generate(call_for(provider), Reporter())
    answer = await vertex.success(vertex.default, vertex.requests[0])
    body = json.loads(b"".join(map(bytes, answer.pieces)))
    assert "createTime" in body
    assert (body["usageMetadata"]["trafficType"], body["modelVersion"]) == ("ON_DEMAND", MODEL)
    assert faults("GenerateContentResponse", body) == []


async def test_a_token_is_renewed_when_it_has_ended(
    provider_of: MakeProvider, vertex: VertexEmulator, call_for: MakeCall
) -> None:
    credentials = Renewed()
    provider = provider_of(Project(PROJECT, LOCATION, lambda: credentials))
    for _ in range(2):
        await provider.generate(call_for(provider), Reporter())
    credentials.end_in(timedelta(minutes=-1))
    await provider.check()
    await provider.generate(call_for(provider), Reporter())
    assert [received.key for received in vertex.requests] == [f"{TOKEN}-1", f"{TOKEN}-1", f"{TOKEN}-2"]


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (DefaultCredentialsError, ErrorKind.AUTH, "GOOGLE_APPLICATION_CREDENTIALS"),
        (RefreshError, ErrorKind.AUTH, "GOOGLE_APPLICATION_CREDENTIALS"),
        (PermissionError, ErrorKind.AUTH, "GOOGLE_APPLICATION_CREDENTIALS"),
        (TransportError, ErrorKind.CONNECTION_FAILED, "could not be reached"),
    ],
)
async def test_without_credentials_nothing_is_sent(
    error: type[Exception],
    kind: ErrorKind,
    words: str,
    provider_of: MakeProvider,
    vertex: VertexEmulator,
    call_for: MakeCall,
) -> None:
    def fail() -> Credentials:
        raise error(TOKEN)

    provider = provider_of(Project(PROJECT, LOCATION, fail))
    failure = await failure_of(provider, call_for)
    with pytest.raises(ProviderError) as caught:
        await provider.check()
    assert (failure.kind, caught.value.kind) == (kind, kind)
    assert words in failure.message
    assert vertex.posts == 0


async def test_credentials_that_cannot_be_renewed(
    provider_of: MakeProvider, vertex: VertexEmulator, call_for: MakeCall
) -> None:
    provider = provider_of(Project(PROJECT, LOCATION, AnonymousCredentials))
    failure = await failure_of(provider, call_for)
    assert (failure.kind, vertex.posts) == (ErrorKind.AUTH, 0)


@pytest.mark.parametrize("content", [None, "{}", "not json"])
async def test_the_applications_own_credentials_are_looked_for(
    content: str | None,
    provider_of: MakeProvider,
    call_for: MakeCall,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    file = tmp_path / "credentials.json"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    failure = await failure_of(provider_of(Project(PROJECT, LOCATION)), call_for)
    assert failure.kind is ErrorKind.AUTH
    assert failure.message.endswith("check GOOGLE_APPLICATION_CREDENTIALS.")


@pytest.mark.parametrize(
    ("project", "location", "kind", "setting"),
    [
        ("another", LOCATION, ErrorKind.AUTH, "GOOGLE_CLOUD_PROJECT"),
        (PROJECT, "us-central1", ErrorKind.NOT_FOUND, "GOOGLE_CLOUD_LOCATION"),
    ],
)
async def test_a_refusal_names_the_setting_to_look_at(
    project: str,
    location: str,
    kind: ErrorKind,
    setting: str,
    provider_of: MakeProvider,
    call_for: MakeCall,
) -> None:
    failure = await failure_of(provider_of(Project(project, location, Renewed)), call_for)
    assert (failure.kind, setting in failure.message) == (kind, True)


@pytest.mark.parametrize("fate", [Kind.ZERO_QUOTA, Kind.FAILED_PRECONDITION])
async def test_billing_is_looked_up_in_the_console(
    fate: Kind, provider_of: MakeProvider, vertex: VertexEmulator, call_for: MakeCall
) -> None:
    vertex.script(fate)
    failure = await failure_of(provider_of(None, KEY), call_for)
    assert failure.kind is ErrorKind.QUOTA
    assert "Google Cloud console" in failure.message


@pytest.mark.parametrize(
    ("location", "address"),
    [
        ("global", "https://aiplatform.googleapis.com"),
        ("eu", "https://aiplatform.eu.rep.googleapis.com"),
        ("europe-west4", "https://europe-west4-aiplatform.googleapis.com"),
    ],
)
async def test_a_location_has_its_address(location: str, address: str) -> None:
    wire = wire_of(Project(PROJECT, location, Renewed))(
        api_key="", base_url=None, connect_timeout=5, read_timeout=5
    )
    client, headers = await wire.signed_in()
    assert client._api_client._http_options.base_url == address
    assert headers == {"Authorization": f"Bearer {TOKEN}-1"}
    await wire.aclose()


async def test_other_settings_of_google_change_nothing(
    provider_of: MakeProvider, vertex: VertexEmulator, call_for: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION"):
        monkeypatch.setenv(name, "another")
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "false")
    monkeypatch.setenv("GOOGLE_GENAI_API_VERSION", "v1beta")
    for provider in (provider_of(None, KEY), provider_of(Project(PROJECT, LOCATION, Renewed))):
        await provider.generate(call_for(provider), Reporter())
    assert [received.key for received in vertex.requests] == [KEY, f"{TOKEN}-1"]


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Any:
    def make(**environment: str) -> Settings:
        for name in ("GEMINI_API_KEY", "GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return Settings(_env_file=None)

    return make


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ("", "GEMINI_API_KEY"),
        ("GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION"),
        ("GOOGLE_CLOUD_PROJECT GEMINI_API_KEY", "GOOGLE_CLOUD_LOCATION"),
        ("GOOGLE_CLOUD_LOCATION", "GOOGLE_CLOUD_PROJECT"),
        ("GEMINI_API_KEY", None),
        ("GOOGLE_CLOUD_LOCATION GEMINI_API_KEY", None),
        ("GOOGLE_CLOUD_PROJECT GOOGLE_CLOUD_LOCATION", None),
    ],
)
def test_what_is_missing_is_named_by_its_setting(given: str, missing: str | None, settings: Any) -> None:
    set_ = dict.fromkeys(given.split(), "x")
    assert needed(settings(GOOGLE_GENAI_USE_VERTEXAI="true", **set_)).get("gemini-3-pro-image") == missing


async def test_the_settings_decide_whom_google_knows(settings: Any) -> None:
    def chosen(**environment: str) -> tuple[type, str]:
        provider = build(settings(GEMINI_API_KEY="k", **environment))["gemini"]
        assert isinstance(provider, GeminiProvider)
        return type(provider), provider.access.name

    assert chosen() == (GeminiProvider, "STUDIO_KEY")
    assert chosen(GOOGLE_CLOUD_PROJECT="p", GOOGLE_CLOUD_LOCATION="l") == (GeminiProvider, "STUDIO_KEY")
    assert chosen(GOOGLE_GENAI_USE_VERTEXAI="1") == (VertexGeminiProvider, "CLOUD_KEY")
    project = {"GOOGLE_CLOUD_PROJECT": "p", "GOOGLE_CLOUD_LOCATION": "l"}
    assert chosen(GOOGLE_GENAI_USE_VERTEXAI="1", **project) == (VertexGeminiProvider, "PROJECT")
