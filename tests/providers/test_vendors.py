"""What every paid adapter does over real HTTP: one POST a call, and what each answer means."""

from __future__ import annotations

import asyncio
import logging
import traceback
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from imagegen.catalogue.records import ModelStatus
from imagegen.jobs.gates import NEEDS_A_PERSON
from imagegen.providers import named, transfer
from imagegen.providers.base import Billed, ErrorKind, Provider, ProviderError, Reporter
from imagegen.request import SEED_MAX
from imagegen.routing.circuit import UNWELL
from tests.emulator.fates import Fate, Kind
from tests.emulator.server import BAD_KEY, KEY
from tests.loopback import answering
from tests.providers.conftest import PROMPT, Heard, MakeCall, Vendor, picture_of

SECRET = "secret-key-zanzibar"
TODAY = date(2026, 11, 21)
FATES = [
    (Kind.RATE_LIMITED, ErrorKind.RATE_LIMITED, Billed.NO),
    (Kind.ZERO_QUOTA, ErrorKind.QUOTA, Billed.NO),
    (Kind.OVERLOADED, ErrorKind.OVERLOADED, Billed.NO),
    (Kind.BAD_REQUEST, ErrorKind.BAD_REQUEST, Billed.NO),
    (Kind.BAD_KEY, ErrorKind.AUTH, Billed.NO),
    (Kind.UNAUTHENTICATED, ErrorKind.AUTH, Billed.NO),
    (Kind.PERMISSION_DENIED, ErrorKind.AUTH, Billed.NO),
    (Kind.FAILED_PRECONDITION, ErrorKind.QUOTA, Billed.NO),
    (Kind.NOT_FOUND, ErrorKind.NOT_FOUND, Billed.NO),
    (Kind.PROMPT_BLOCK, ErrorKind.POLICY, Billed.NO),
    (Kind.IMAGE_SAFETY, ErrorKind.POLICY, Billed.PERHAPS),
    (Kind.NO_IMAGE, ErrorKind.NO_IMAGE, Billed.PERHAPS),
    (Kind.EMPTY, ErrorKind.NO_IMAGE, Billed.PERHAPS),
    (Kind.GARBAGE_PICTURE, ErrorKind.NO_IMAGE, Billed.PERHAPS),
    (Kind.INTERNAL, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (Kind.BAD_GATEWAY, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (Kind.DEADLINE, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (Kind.DROP_BEFORE, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (Kind.DROP_AFTER, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (Kind.RESET, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (Kind.CUT_BODY, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (Kind.GARBAGE_BODY, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (Kind.GARBAGE_BASE64, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (Kind.WRONG_SHAPE, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (Kind.HUGE, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named, "FIND_SECONDS", 0.1)
    monkeypatch.setattr(named, "UNCLEAR_SECONDS", 0.1)


async def failure_of(provider: Provider, call_for: MakeCall, reporter: Reporter | None = None) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await provider.generate(call_for(provider), reporter or Reporter())
    return caught.value


async def assert_found(vendor: Vendor, call_for: MakeCall) -> None:
    """The answer is lost, and the picture comes all the same: of the one POST, billed once."""
    picture = await vendor.provider.generate(call_for(vendor.provider), Reporter())
    assert b"picture 1" in picture.data[:200]
    assert (vendor.emulator.posts, len(vendor.emulator.bills)) == (1, 1)


@pytest.mark.parametrize(("fate", "kind", "billed"), FATES, ids=[fate for fate, *_ in FATES])
async def test_fate(
    fate: Kind,
    kind: ErrorKind,
    billed: Billed,
    vendor: Vendor,
    call_for: MakeCall,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Each way a call can go wrong has its kind, is posted once, and quotes neither prompt nor key.

    What is billed all the same is never taken for free, and a free vendor never speaks of a bill. A vendor that
    takes our own id is asked about a lost answer: what it has made arrives, what it never got is known to be free.
    """
    monkeypatch.setattr(transfer, "ANSWER_MAX_BYTES", 4 * 2**20)
    caplog.set_level(logging.DEBUG)
    vendor.emulator.script(fate)
    kind, billed = vendor.kind.otherwise.get(fate, (kind, billed))
    if kind is ErrorKind.OUTCOME_UNKNOWN and vendor.provider.record.names_calls:
        if Fate(fate).bills:
            await assert_found(vendor, call_for)
            return
        kind, billed = ErrorKind.CONNECTION_FAILED, Billed.NO

    error = await failure_of(vendor.provider, call_for)

    paid = vendor.provider.record.paid
    assert (error.kind, error.billed) == (kind, billed if paid else Billed.NO)
    assert paid or "It may have been billed" not in error.message
    assert vendor.emulator.posts == 1
    assert len(vendor.emulator.bills) == Fate(fate).bills
    assert error.billed is not Billed.NO or vendor.emulator.bills == [] or not paid
    whole = "".join(traceback.format_exception(error, chain=True)) + repr(error) + repr(vars(error)) + caplog.text
    for told in ("zanzibar", KEY):
        assert told not in whole
    assert error.__context__ is None
    assert error.message.endswith(".")


async def test_references_arrive_whole_and_in_order(vendor: Vendor, call_for: MakeCall) -> None:
    most = vendor.provider.record.models[0].capabilities.max_references
    references = (picture_of("red"), picture_of("blue", "JPEG"), picture_of("green", "WEBP"))[:most]
    await vendor.provider.generate(call_for(vendor.provider, references=references), Reporter())
    [received] = vendor.emulator.requests
    assert received.asked.references == tuple((one.media_type, one.data) for one in references)
    assert (received.asked.prompt, received.key) == (PROMPT, "" if vendor.kind.keyless else KEY)
    assert (vendor.emulator.posts, len(vendor.emulator.bills), vendor.emulator.refused) == (1, 1, [])


@pytest.mark.parametrize(
    "prompt", [' <b>a</b> "fox"\n\\ 🦊 في الثلج', "a\x00b", "x" * 10_000], ids=["odd", "nul", "long"]
)
@pytest.mark.parametrize("seed", [0, SEED_MAX])
async def test_a_prompt_arrives_verbatim_with_whatever_seed(
    prompt: str, seed: int, vendor: Vendor, call_for: MakeCall
) -> None:
    vendor.emulator.script(Kind.NO_IMAGE)
    with pytest.raises(ProviderError):
        await vendor.provider.generate(call_for(vendor.provider, prompt=prompt, seed=seed), Reporter())
    [received] = vendor.emulator.requests
    assert (received.asked.prompt, vendor.emulator.refused) == (prompt, [])


async def test_a_call_that_succeeds_is_logged_without_prompt_and_key(
    vendor: Vendor, call_for: MakeCall, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    await vendor.provider.generate(call_for(vendor.provider), Reporter())
    written = capfd.readouterr()
    for secret in ("zanzibar", KEY):
        assert secret not in caplog.text + written.out + written.err


def _shape(asked: Any) -> object:
    return (asked.width, asked.height) if hasattr(asked, "width") else asked.aspect_ratio


async def test_every_model_takes_every_shape_of_its_record(vendor: Vendor, call_for: MakeCall) -> None:
    """Its vendor refuses none, and understands the promised pixels, or where it chooses them, the ratio."""
    for model in vendor.provider.record.models:
        if model.overnight or model.lifecycle.status_on(TODAY) is ModelStatus.RETIRED:
            continue
        vendor.emulator.forget()
        shapes = model.capabilities.pixels
        vendor.emulator.script(*[Kind.NO_IMAGE] * len(shapes))  # no picture need be encoded
        for ratio, size in shapes:
            with pytest.raises(ProviderError):
                await vendor.provider.generate(
                    call_for(vendor.provider, model=model, aspect_ratio=ratio, image_size=size), Reporter()
                )
        assert vendor.emulator.refused == []
        assert len(vendor.emulator.requests) == len(shapes)
        understood = [_shape(one.asked) for one in vendor.emulator.requests]
        assert understood in (list(shapes.values()), [ratio for ratio, _ in shapes])


@pytest.mark.parametrize("delay", ["21s", "21.5s", "0.25s", None])
async def test_the_wait_that_is_asked_for(delay: str | None, vendor: Vendor, call_for: MakeCall) -> None:
    vendor.emulator.script(Fate(Kind.RATE_LIMITED, retry_delay=delay))
    error = await failure_of(vendor.provider, call_for)
    assert error.retry_after == (float(delay.rstrip("s")) if delay else vendor.kind.patience)


@pytest.mark.parametrize("fate", [Kind.WRONG_MIME, Kind.SLOW_BODY])
async def test_odd_answers_with_a_good_picture(fate: Kind, vendor: Vendor, call_for: MakeCall) -> None:
    vendor.emulator.script(fate)
    picture = await vendor.provider.generate(call_for(vendor.provider), Reporter())
    assert b"picture 1" in picture.data[:200]


async def test_no_answer_in_time(vendor: Vendor, call_for: MakeCall) -> None:
    vendor.emulator.script(Kind.HANG)
    provider = vendor.build(read_timeout=0.3)
    await provider.prepare()
    if provider.record.names_calls:
        await assert_found(replace(vendor, provider=provider), call_for)
        await provider.aclose()
        return
    error = await failure_of(provider, call_for)
    await provider.aclose()
    billed = Billed.PERHAPS if provider.record.paid else Billed.NO
    assert (error.kind, error.billed) == (ErrorKind.OUTCOME_UNKNOWN, billed)
    assert "0.3 s" in error.message
    assert vendor.emulator.posts == 1


async def test_nobody_listens(vendor: Vendor, call_for: MakeCall, unused_tcp_port: int) -> None:
    provider = vendor.build(url=f"http://127.0.0.1:{unused_tcp_port}")
    error = await failure_of(provider, call_for)
    await provider.aclose()
    assert (error.kind, error.billed) == (ErrorKind.CONNECTION_FAILED, Billed.NO)


async def test_a_bad_key_is_named_by_its_setting_only(keyed_vendor: Vendor, call_for: MakeCall) -> None:
    provider = keyed_vendor.build(key=BAD_KEY)
    error = await failure_of(provider, call_for)
    await provider.aclose()
    assert error.kind is ErrorKind.AUTH
    assert keyed_vendor.setting in error.message
    assert BAD_KEY not in repr(provider) + str(error)
    assert keyed_vendor.emulator.requests == []


async def test_a_key_is_checked_for_free(checked_vendor: Vendor, unused_tcp_port: int) -> None:
    await checked_vendor.provider.check()
    for provider, kind in (
        (checked_vendor.build(key=BAD_KEY), ErrorKind.AUTH),
        (checked_vendor.build(url=f"http://127.0.0.1:{unused_tcp_port}"), ErrorKind.CONNECTION_FAILED),
    ):
        with pytest.raises(ProviderError) as caught:
            await provider.check()
        await provider.aclose()
        assert caught.value.kind is kind
    assert (checked_vendor.emulator.posts, checked_vendor.emulator.bills) == (0, [])


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_where_a_key_cannot_be_checked_nobody_is_blamed(status: int, checked_vendor: Vendor) -> None:
    """A gateway may know the calls that make pictures only: that says nothing of the key or of its health."""
    with answering(lambda _: (status, b"{}")) as address:
        provider = checked_vendor.build(url=address)
        (failure,) = await asyncio.gather(provider.check(), return_exceptions=True)
        await provider.aclose()
    assert failure is None or isinstance(failure, ProviderError)  # 404 is what fal says of a good key
    assert failure is None or failure.kind not in NEEDS_A_PERSON | UNWELL


async def test_cancelling_passes_through(vendor: Vendor, call_for: MakeCall) -> None:
    vendor.emulator.script(Fate(held=True))
    task = asyncio.create_task(vendor.provider.generate(call_for(vendor.provider), Reporter()))
    await asyncio.to_thread(vendor.emulator.wait_for, lambda seen: len(seen.requests) == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    vendor.emulator.release()
    # As with the vendors: billed all the same.
    await asyncio.to_thread(vendor.emulator.wait_for, lambda seen: len(seen.bills) == 1)
    assert vendor.emulator.posts == 1


async def test_receiving_is_told_before_the_body_is_whole(vendor: Vendor, call_for: MakeCall) -> None:
    if vendor.on_jobs:  # its creation's answer is not the picture's
        heard = Heard()
        await vendor.provider.generate(call_for(vendor.provider), heard)
        assert heard.heads == 1
        return
    vendor.emulator.script(Kind.CUT_BODY)
    heard = Heard()
    await failure_of(vendor.provider, call_for, heard)
    assert heard.heads == 1


async def test_forty_at_once(vendor: Vendor, call_for: MakeCall) -> None:
    vendor.emulator.script(*[Fate(Kind.NO_IMAGE, held=True)] * 40)
    calls = [asyncio.create_task(failure_of(vendor.provider, call_for)) for _ in range(40)]
    on_jobs = vendor.on_jobs  # whose creation is answered at once
    await asyncio.to_thread(
        vendor.emulator.wait_for, lambda seen: (len(seen.requests) if on_jobs else seen.in_flight) == 40
    )
    vendor.emulator.release()
    await asyncio.gather(*calls)
    assert (on_jobs or vendor.emulator.most_in_flight == 40, vendor.emulator.posts) == (True, 40)


async def test_a_proxy_in_the_environment_is_not_for_loopback(
    vendor: Vendor, call_for: MakeCall, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_tcp_port}")
    provider = vendor.build()
    await provider.generate(call_for(provider), Reporter())
    await provider.aclose()
    assert len(vendor.emulator.bills) == 1


async def test_a_key_shows_nowhere_in_a_provider(vendor: Vendor) -> None:
    provider = vendor.build(key=SECRET)
    assert SECRET not in repr(provider) + str(provider)
