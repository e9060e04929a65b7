"""Emulators of the vendors, adapters built as the registry builds them, and calls to make with them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from google.oauth2.credentials import Credentials
from PIL import Image

from imagegen.catalogue.records import ProviderRecord
from imagegen.providers.base import Billed, ErrorKind, Provider, ProviderCall, ReferencePicture, Reporter
from imagegen.providers.fal import FalProvider
from imagegen.providers.gemini import GeminiProvider
from imagegen.providers.gemini_access import Project
from imagegen.providers.gemini_vertex import VertexGeminiProvider
from imagegen.providers.local import LocalProvider
from imagegen.providers.local_diffusers import DiffusersProvider
from imagegen.providers.modal import ModalProvider
from imagegen.providers.openai import OpenAiProvider
from imagegen.providers.registry import RECORDS
from imagegen.providers.replicate import ReplicateProvider
from imagegen.providers.runpod import RunPodProvider
from imagegen.providers.runware import RunwareProvider
from imagegen.providers.sketch import SketchProvider
from imagegen.providers.stability import StabilityProvider
from tests.emulator.fal import FalEmulator
from tests.emulator.fates import Kind
from tests.emulator.gemini import GeminiEmulator
from tests.emulator.gemini_batch import GeminiBatchEmulator
from tests.emulator.local import LocalEmulator
from tests.emulator.modal import SECRET, ModalEmulator
from tests.emulator.openai import OpenAiEmulator
from tests.emulator.replicate import ReplicateEmulator
from tests.emulator.runpod import ENDPOINT, RunPodEmulator
from tests.emulator.runware import RunwareEmulator
from tests.emulator.server import KEY, Emulator
from tests.emulator.stability import StabilityEmulator
from tests.emulator.vertex import LOCATION, PROJECT, VertexEmulator
from tests.providers.awaited import AwaitedGemini

PROMPT = "a heron over the zanzibar reeds"
"""Holds words that stand in no message of ours."""

DIFFUSING = "tests.providers.fake_diffusing"
"""A child that draws noise where the real one has diffusers."""

MakeCall = Callable[..., ProviderCall]


@dataclass(frozen=True)
class VendorKind:
    """A vendor as it is under test: how its adapter is built, what answers in its place, the name of its key.

    `otherwise` has the fates that end in another way than at other vendors. `patience` is the wait in seconds
    that it means by a 429 that names none. A `keyless` one wants no key; where
    `checks` is off no call is surely free, so a key is not checked.
    """

    adapter: Callable[..., Provider]
    emulator: type[Emulator[Any]]
    setting: str
    otherwise: Mapping[Kind, tuple[ErrorKind, Billed]] = field(default_factory=dict)
    patience: float | None = None
    keyless: bool = False
    checks: bool = True


def vertex_project(api_key: str, **timeouts: Any) -> VertexGeminiProvider:
    """Gemini as a project's, whose token is what other vendors' key is; it neither ends nor needs a network."""
    project = Project(PROJECT, LOCATION, lambda: Credentials(token=api_key))  # type: ignore[no-untyped-call]
    return VertexGeminiProvider(api_key="", project=project, **timeouts)


REFUSES_AT_WORK = {Kind.PROMPT_BLOCK: (ErrorKind.POLICY, Billed.PERHAPS)}
"""A prompt against its policy is refused by the model, which may have worked by then."""
BY_LINK = {Kind.GARBAGE_BASE64: (ErrorKind.LOST, Billed.PERHAPS)}
"""The picture comes by a link and not as base64; in its place a file that is not there."""
VENDORS = {
    "gemini": VendorKind(GeminiProvider, GeminiEmulator, "GEMINI_API_KEY"),
    "gemini-vertex": VendorKind(vertex_project, VertexEmulator, "GOOGLE_APPLICATION_CREDENTIALS"),
    "gemini-vertex-key": VendorKind(VertexGeminiProvider, VertexEmulator, "GEMINI_API_KEY"),
    "openai": VendorKind(OpenAiProvider, OpenAiEmulator, "OPENAI_API_KEY"),
    "stability": VendorKind(StabilityProvider, StabilityEmulator, "STABILITY_API_KEY", patience=60),
    "modal": VendorKind(
        partial(ModalProvider, api_secret=SECRET),
        ModalEmulator,
        "MODAL_KEY",
        checks=False,
        otherwise={Kind.JOB_STOPPED: (ErrorKind.INTERNAL, Billed.PERHAPS)},
    ),
    "local": VendorKind(LocalProvider, LocalEmulator, "IMAGEGEN_LOCAL_BASE_URL", keyless=True),
    "replicate": VendorKind(
        ReplicateProvider, ReplicateEmulator, "REPLICATE_API_TOKEN", otherwise=REFUSES_AT_WORK | BY_LINK
    ),
    "fal": VendorKind(FalProvider, FalEmulator, "FAL_KEY", otherwise=REFUSES_AT_WORK | BY_LINK),
    "runware": VendorKind(RunwareProvider, RunwareEmulator, "RUNWARE_API_KEY"),
    "runpod": VendorKind(
        partial(RunPodProvider, endpoint=ENDPOINT),
        RunPodEmulator,
        "RUNPOD_API_KEY",
        # A worker has no word for its content policy: it fails, or has nothing to show.
        otherwise={
            Kind.PROMPT_BLOCK: (ErrorKind.INTERNAL, Billed.PERHAPS),
            Kind.IMAGE_SAFETY: (ErrorKind.NO_IMAGE, Billed.PERHAPS),
        },
    ),
}
"""Every adapter that bills or talks over HTTP, by its provider's id; after a hyphen, another way to the same."""


OVERNIGHT = {
    "gemini-batch": VendorKind(
        AwaitedGemini,
        GeminiBatchEmulator,
        "GEMINI_API_KEY",
        # Its picture is in the job's output; in its place there is an error of Google's own, which may be billed.
        otherwise={Kind.LINK_GONE: (ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS)},
    )
}
"""Lanes whose jobs are left with the vendor, waited for all the same."""


def works_on_jobs(record: ProviderRecord) -> bool:
    """Whether each call is a job of the vendor's, and not those for the night alone."""
    return record.resumable and not any(model.overnight for model in record.models)


JOB_VENDORS = [record.id for record in RECORDS if works_on_jobs(record) and record.id in VENDORS] + [*OVERNIGHT]
KEYED_VENDORS = [name for name, kind in VENDORS.items() if not kind.keyless]
CHECKED_VENDORS = [name for name in KEYED_VENDORS if VENDORS[name].checks]


@dataclass(frozen=True)
class Vendor:
    """A vendor's adapter, and the emulator that it calls. `setting` is the name of its key."""

    kind: VendorKind
    emulator: Emulator[Any]
    provider: Provider

    @property
    def setting(self) -> str:
        """The name of its key."""
        return self.kind.setting

    @property
    def on_jobs(self) -> bool:
        """Whether each of its calls is a job."""
        return works_on_jobs(self.provider.record)

    def build(self, *, key: str = KEY, url: str | None = None, read_timeout: float = 10) -> Provider:
        """Another adapter of the same kind; the caller closes it."""
        return self.kind.adapter(
            api_key=key, base_url=url or self.emulator.url, connect_timeout=5, read_timeout=read_timeout
        )


class Heard(Reporter):
    """A reporter that counts and keeps what it is told."""

    def __init__(self) -> None:
        self.heads = 0
        self.jobs: list[str] = []
        self.done: list[float] = []
        self.previews: list[bytes] = []

    def receiving(self) -> None:
        self.heads += 1

    async def created(self, remote_id: str) -> None:
        self.jobs.append(remote_id)

    def progress(self, done: float) -> None:
        self.done.append(done)

    def preview(self, data: bytes) -> None:
        self.previews.append(data)


class Running:
    """The emulators of a test module, started when they are first asked for."""

    def __init__(self) -> None:
        self._emulators: dict[str, Emulator[Any]] = {}

    def __getitem__(self, name: str) -> Emulator[Any]:
        if name not in self._emulators:
            self._emulators[name] = (VENDORS | OVERNIGHT)[name].emulator()
            self._emulators[name].start()
        self._emulators[name].forget()
        return self._emulators[name]

    def stop(self) -> None:
        for emulator in self._emulators.values():
            emulator.stop()


@pytest.fixture(scope="module")
def emulators() -> Iterator[Running]:
    """By the provider's id; each comes without what earlier tests left behind."""
    running = Running()
    yield running
    running.stop()


@asynccontextmanager
async def vendor_of(name: str, emulators: Running) -> AsyncIterator[Vendor]:
    """One vendor, its adapter built as the registry builds it."""
    kind, emulator = (VENDORS | OVERNIGHT)[name], emulators[name]
    provider = kind.adapter(api_key=KEY, base_url=emulator.url, connect_timeout=5, read_timeout=10)
    yield Vendor(kind, emulator, provider)
    await provider.aclose()


@pytest.fixture(params=VENDORS)
async def vendor(request: pytest.FixtureRequest, emulators: Running) -> AsyncIterator[Vendor]:
    """Every adapter in turn."""
    async with vendor_of(request.param, emulators) as one:
        yield one


@pytest.fixture(params=JOB_VENDORS)
async def job_vendor(request: pytest.FixtureRequest, emulators: Running) -> AsyncIterator[Vendor]:
    """Every adapter that works on the vendor's jobs, in turn."""
    async with vendor_of(request.param, emulators) as one:
        yield one


@pytest.fixture(params=KEYED_VENDORS)
async def keyed_vendor(request: pytest.FixtureRequest, emulators: Running) -> AsyncIterator[Vendor]:
    """Every adapter that has a key, in turn."""
    async with vendor_of(request.param, emulators) as one:
        yield one


@pytest.fixture(params=CHECKED_VENDORS)
async def checked_vendor(request: pytest.FixtureRequest, emulators: Running) -> AsyncIterator[Vendor]:
    """Every adapter whose key can be checked for free, in turn."""
    async with vendor_of(request.param, emulators) as one:
        yield one


@pytest.fixture
def openai_emulator(emulators: Running) -> OpenAiEmulator:
    emulator = emulators["openai"]
    assert isinstance(emulator, OpenAiEmulator)
    return emulator


@pytest.fixture
async def openai(openai_emulator: OpenAiEmulator) -> AsyncIterator[OpenAiProvider]:
    provider = OpenAiProvider(api_key=KEY, base_url=openai_emulator.url, connect_timeout=5, read_timeout=10)
    yield provider
    await provider.aclose()


@pytest.fixture
def emulator(emulators: Running) -> GeminiEmulator:
    emulator = emulators["gemini"]
    assert isinstance(emulator, GeminiEmulator)
    return emulator


@pytest.fixture
async def gemini(emulator: GeminiEmulator) -> AsyncIterator[GeminiProvider]:
    provider = GeminiProvider(api_key=KEY, base_url=emulator.url, connect_timeout=5, read_timeout=10)
    yield provider
    await provider.aclose()


@pytest.fixture
async def sketch() -> AsyncIterator[SketchProvider]:
    provider = SketchProvider()
    yield provider
    await provider.aclose()


ALONE: Mapping[str, Callable[[], Provider]] = {
    "diffusers": lambda: DiffusersProvider("tiny", worker=DIFFUSING),
    "sketch": SketchProvider,
}
"""The providers that make their pictures here."""


@pytest.fixture(params=[*VENDORS, *ALONE])
async def provider(request: pytest.FixtureRequest, emulators: Running) -> AsyncIterator[Provider]:
    """Every registered adapter in turn, against its emulator where it has one."""
    if request.param in ALONE:
        alone = ALONE[request.param]()
        yield alone
        await alone.aclose()
        return
    async with vendor_of(request.param, emulators) as one:
        yield one.provider


@pytest.fixture
def call_for() -> MakeCall:
    """Builds a call for a provider's first model; everything but the provider has a default."""

    def build(provider: Provider | type[Provider], **changes: Any) -> ProviderCall:
        fields: dict[str, Any] = {
            "attempt_id": str(uuid4()),
            "model": provider.record.models[0],
            "prompt": PROMPT,
            "aspect_ratio": "1:1",
            "image_size": "1K",
            "seed": 7,
        }
        return ProviderCall(**fields | changes)

    return build


def picture_of(colour: str, picture_format: str = "PNG") -> ReferencePicture:
    """A small reference in one colour, as large as every vendor wants it."""
    buffer = BytesIO()
    Image.new("RGB", (96, 64), colour).save(buffer, picture_format)
    return ReferencePicture(buffer.getvalue(), f"image/{picture_format.lower()}")
