"""Real adapters over real HTTP: a vendor that fails, and another one that may take over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from imagegen.catalogue.records import MicroUsd, micro_usd
from imagegen.jobs.engine import Engine
from imagegen.jobs.retry import RetryPolicy
from imagegen.jobs.spending import Caps, OverBudget
from imagegen.jobs.views import TaskView
from imagegen.providers.base import Picture, Provider, ProviderCall, ProviderError, Reporter
from imagegen.providers.gemini import GeminiProvider
from imagegen.providers.openai import OpenAiProvider
from imagegen.providers.sketch import SketchProvider
from imagegen.request import parse
from tests.emulator.fates import Fate, Kind
from tests.emulator.gemini import GeminiEmulator
from tests.emulator.openai import OpenAiEmulator
from tests.emulator.server import BAD_KEY, KEY
from tests.jobs.scripted import running_engine, until_done
from tests.media.tls_server import running_site

MODEL = GeminiProvider.record.models[0]


@dataclass
class Watched(Provider):
    """A provider whose failures are noted, with the moment at which each became known."""

    inner: Provider
    known_at: list[float] = field(default_factory=list)
    record = GeminiProvider.record

    async def generate(self, call: ProviderCall, reporter: Reporter) -> Picture:
        try:
            return await self.inner.generate(call, reporter)
        except ProviderError:
            self.known_at.append(time.monotonic())
            raise

    async def aclose(self) -> None:
        await self.inner.aclose()


@pytest.fixture(scope="module")
def started() -> Iterator[tuple[GeminiEmulator, OpenAiEmulator]]:
    with GeminiEmulator() as first, OpenAiEmulator() as second:
        yield first, second


@pytest.fixture
def vendors(started: tuple[GeminiEmulator, OpenAiEmulator]) -> tuple[GeminiEmulator, OpenAiEmulator]:
    for emulator in started:
        emulator.forget()
    return started


@asynccontextmanager
async def house(
    folder: Path, second: OpenAiEmulator, *, url: str, key: str = KEY, **changes: Any
) -> AsyncIterator[tuple[Engine, Watched]]:
    """Gemini at that address, then OpenAI, then the sketch, with the retries of a real house."""
    first = Watched(GeminiProvider(api_key=key, base_url=url, connect_timeout=5, read_timeout=1))
    backup = OpenAiProvider(api_key=KEY, base_url=second.url, connect_timeout=5, read_timeout=10)
    others = (backup, SketchProvider())
    for one in (first.inner, *others):
        await one.prepare()
    async with running_engine(
        folder, first, record=GeminiProvider.record, others=others, policy=RetryPolicy(), **changes
    ) as engine:
        yield engine, first


async def made(engine: Engine, **fields: object) -> TaskView:
    """The task of a picture that was asked for, when it has ended."""
    submitted = await engine.submit(parse({"prompt": "a heron", **fields}), owner="local")
    assert submitted.job_id is not None
    await until_done(engine, submitted.job_id)
    job = await engine.job(submitted.job_id, owner="local")
    assert job is not None
    return job.tasks[0]


REFUSED, NO_NAME, NO_TLS = "refused", "no name", "no tls"


@pytest.mark.parametrize("trouble", [REFUSED, NO_NAME, NO_TLS])
async def test_a_vendor_that_cannot_be_reached(
    trouble: str, vendors: tuple[GeminiEmulator, OpenAiEmulator], tmp_path: Path, unused_tcp_port: int
) -> None:
    first, second = vendors
    async with running_site() as strange:  # with a certificate of an authority that nobody knows
        url = {
            REFUSED: f"http://127.0.0.1:{unused_tcp_port}",
            NO_NAME: "http://nobody.invalid",
            NO_TLS: strange.url(host="127.0.0.1"),
        }[trouble]
        async with house(tmp_path, second, url=url) as (engine, watched):
            task = await made(engine)
    assert (task.status, task.provider, task.model) == ("completed", "openai", "gpt-image-2")
    assert task.notice is not None
    assert task.notice.endswith("GPT Image 2 took over, at $0.056 a picture instead of $0.134.")
    assert second.requests[0].at - watched.known_at[0] < 3
    assert (first.bills, len(second.bills)) == ([], 1)


@pytest.mark.parametrize(
    "fate",
    [
        Fate(Kind.RATE_LIMITED),
        Fate(Kind.OVERLOADED),
        Fate(Kind.ZERO_QUOTA),
        Fate(Kind.DAILY_QUOTA),
        Fate(Kind.BAD_KEY),
        Fate(Kind.FAILED_PRECONDITION),
        Fate(Kind.NOT_FOUND),
    ],
    ids=lambda fate: fate.kind,
)
async def test_a_vendor_that_surely_did_nothing(
    fate: Fate, vendors: tuple[GeminiEmulator, OpenAiEmulator], tmp_path: Path
) -> None:
    first, second = vendors
    first.default = fate
    async with house(tmp_path, second, url=first.url) as (engine, watched):
        task = await made(engine)
    assert (task.status, task.provider) == ("completed", "openai")
    assert second.requests[0].at - watched.known_at[0] < 3
    assert (first.bills, len(second.bills)) == ([], 1)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (Kind.BAD_REQUEST, "failed"),
        (Kind.PROMPT_BLOCK, "failed"),
        (Kind.IMAGE_SAFETY, "failed"),
        (Kind.NO_IMAGE, "failed"),
        (Kind.INTERNAL, "interrupted"),
        (Kind.BAD_GATEWAY, "interrupted"),
        (Kind.DEADLINE, "interrupted"),
        (Kind.RESET, "interrupted"),
        (Kind.DROP_BEFORE, "interrupted"),
        (Kind.DROP_AFTER, "interrupted"),
        (Kind.HANG, "interrupted"),
        (Kind.GARBAGE_BODY, "interrupted"),
    ],
)
async def test_a_refusal_or_an_unknown_outcome_makes_no_second_call(
    kind: Kind, status: str, vendors: tuple[GeminiEmulator, OpenAiEmulator], tmp_path: Path
) -> None:
    first, second = vendors
    first.default = Fate(kind)
    async with house(tmp_path, second, url=first.url) as (engine, _):
        task = await made(engine)
    assert (task.status, task.provider) == (status, "gemini")
    assert (first.posts, second.posts) == (1, 0)


async def test_a_model_by_name_stays_unless_the_person_allows_another(
    vendors: tuple[GeminiEmulator, OpenAiEmulator], tmp_path: Path
) -> None:
    first, second = vendors
    async with house(tmp_path, second, url=first.url, key=BAD_KEY) as (engine, _):
        stays = await made(engine, model=MODEL.id)
        goes = await made(engine, model=MODEL.id, failover=True)
        kept = await made(engine, failover=False, routing="best")
    assert (stays.status, stays.provider) == ("failed", "gemini")
    assert (goes.status, goes.provider) == ("completed", "openai")
    assert kept.provider in ("gemini", "openai")


async def test_the_sketch_never_takes_over(vendors: tuple[GeminiEmulator, OpenAiEmulator], tmp_path: Path) -> None:
    first, second = vendors
    second.default = Fate(Kind.BAD_KEY)
    async with house(tmp_path, second, url=first.url, key=BAD_KEY) as (engine, _):
        task = await made(engine)
    assert (task.status, task.provider) == ("failed", "openai")


async def test_a_dearer_model_takes_over_only_within_the_caps(
    vendors: tuple[GeminiEmulator, OpenAiEmulator], tmp_path: Path
) -> None:
    """OpenAI at $0.056 fails, Gemini would make it for $0.134."""
    first, second = vendors
    second.default = Fate(Kind.BAD_KEY)
    for cap, provider in ((None, "gemini"), ("0.10", "openai")):
        caps = Caps(day=None if cap is None else micro_usd(cap))
        folder = tmp_path / (cap or "none")
        folder.mkdir()
        async with house(folder, second, url=first.url, caps=caps) as (engine, _):
            task = await made(engine, model="gpt-image-2", failover=True)
        assert task.provider == provider
    assert len(first.bills) == 1


async def test_fifty_submits_at_once_send_no_call_that_could_pass_the_cap(
    vendors: tuple[GeminiEmulator, OpenAiEmulator], tmp_path: Path
) -> None:
    """Half of Gemini's calls go over to a cheaper model, the others are billed: the sum stays under the cap."""
    first, second = vendors
    first.decide = lambda received: Fate(Kind.ZERO_QUOTA) if received.id % 2 else None
    cap = MicroUsd(1_000_000)
    async with house(tmp_path, second, url=first.url, caps=Caps(day=cap)) as (engine, _):
        asked = [engine.submit(parse({"prompt": f"heron {n}", "count": 2}), owner="local") for n in range(50)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        for answer in answers:
            if not isinstance(answer, BaseException):
                await until_done(engine, answer.job_id or "")
    accepted = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert all(isinstance(answer, OverBudget) for answer in answers if isinstance(answer, BaseException))
    # At most three jobs of two fit at $0.134 each; later ones may fit where a cheaper model took over.
    assert len(accepted) >= 3
    spent = 134_000 * len(first.bills) + 60_000 * len(second.bills)
    assert 0 < spent <= cap
