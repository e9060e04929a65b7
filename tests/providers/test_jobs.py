"""What every adapter does whose vendor works on jobs: create once, keep the id, ask until the job has ended."""

from __future__ import annotations

import asyncio

import pytest

from imagegen.providers import gemini_batch, http_wire, named, remote, transfer
from imagegen.providers.base import Billed, ErrorKind, ProviderError, Reporter
from tests.emulator.fates import Fate, Kind
from tests.emulator.jobs import JobEmulator
from tests.emulator.server import BAD_KEY
from tests.providers.conftest import Heard, MakeCall, Vendor

FATES = [
    (Kind.JOB_FAILED, ErrorKind.INTERNAL, Billed.PERHAPS),
    (Kind.JOB_STOPPED, ErrorKind.CANCELLED, Billed.PERHAPS),
    (Kind.JOB_LOST, ErrorKind.LOST, Billed.PERHAPS),
    (Kind.LINK_GONE, ErrorKind.LOST, Billed.PERHAPS),
    (Kind.LINK_PRIVATE, ErrorKind.NO_IMAGE, Billed.PERHAPS),
    (Kind.LINK_HUGE, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
    (Kind.LINK_CUT, ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS),
]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "LOOK_FIRST", 0.01)
    monkeypatch.setattr(named, "FIND_SECONDS", 0.1)
    monkeypatch.setattr(named, "UNCLEAR_SECONDS", 0.1)
    monkeypatch.setattr(gemini_batch, "LOOK_FIRST", 0.01)
    monkeypatch.setattr(http_wire, "FETCH_PAUSE", 0.01)
    monkeypatch.setattr(transfer, "ANSWER_MAX_BYTES", 4 * 2**20)


def emulator_of(vendor: Vendor) -> JobEmulator:  # type: ignore[type-arg]
    assert isinstance(vendor.emulator, JobEmulator)
    return vendor.emulator


@pytest.mark.parametrize(("fate", "kind", "billed"), FATES, ids=[fate for fate, *_ in FATES])
async def test_fate(fate: Kind, kind: ErrorKind, billed: Billed, job_vendor: Vendor, call_for: MakeCall) -> None:
    """A job that was created and brings no picture: nothing is created anew."""
    kind, billed = job_vendor.kind.otherwise.get(fate, (kind, billed))
    job_vendor.emulator.script(fate)
    heard = Heard()
    with pytest.raises(ProviderError) as caught:
        await job_vendor.provider.generate(call_for(job_vendor.provider), heard)
    assert (caught.value.kind, caught.value.billed) == (kind, billed)
    assert caught.value.__context__ is None
    assert "zanzibar" not in caught.value.message
    assert job_vendor.emulator.posts == len(heard.jobs) == 1


async def test_looks_that_fail_are_repeated(job_vendor: Vendor, call_for: MakeCall) -> None:
    job_vendor.emulator.script(Kind.LOOKS_FAIL)
    picture = await job_vendor.provider.generate(call_for(job_vendor.provider), Reporter())
    assert b"picture 1" in picture.data[:200]
    assert len(emulator_of(job_vendor).looks) > 3
    assert (job_vendor.emulator.posts, len(job_vendor.emulator.bills)) == (1, 1)


async def test_the_id_is_kept_before_the_job_is_asked_about(job_vendor: Vendor, call_for: MakeCall) -> None:
    looks_before: list[int] = []
    emulator = emulator_of(job_vendor)

    class Keeper(Reporter):
        async def created(self, remote_id: str) -> None:
            assert remote_id in emulator.jobs
            looks_before.append(len(emulator.looks))

    emulator.script(Kind.LOOKS_FAIL)  # a picture that is asked about whatever the vendor
    await job_vendor.provider.generate(call_for(job_vendor.provider), Keeper())
    assert looks_before == [0]


async def test_a_later_run_finds_the_picture_by_the_id(job_vendor: Vendor, call_for: MakeCall) -> None:
    emulator = emulator_of(job_vendor)
    emulator.script(Fate(held=True))
    heard, call = Heard(), call_for(job_vendor.provider)
    first = asyncio.create_task(job_vendor.provider.generate(call, heard))
    await asyncio.to_thread(emulator.wait_for, lambda seen: len(seen.looks) >= 1)
    first.cancel()
    await asyncio.wait({first})

    later = job_vendor.build()
    second = asyncio.create_task(later.resume(call, heard.jobs[0], Reporter()))
    emulator.release()
    picture = await second
    await later.aclose()

    assert b"picture 1" in picture.data[:200]
    assert (emulator.posts, len(emulator.bills)) == (1, 1)


async def test_a_job_is_cancelled_at_the_vendor(job_vendor: Vendor, call_for: MakeCall) -> None:
    emulator = emulator_of(job_vendor)
    emulator.script(Fate(held=True))
    heard = Heard()
    making = asyncio.create_task(job_vendor.provider.generate(call_for(job_vendor.provider), heard))
    await asyncio.to_thread(emulator.wait_for, lambda seen: len(seen.looks) >= 1)

    await job_vendor.provider.cancel(heard.jobs[0])

    if not job_vendor.provider.record.cancels:  # asking changes nothing, and the picture comes
        emulator.release()
        assert b"picture 1" in (await making).data[:200]
        assert (emulator.posts, len(emulator.bills), emulator.stops) == (1, 1, [])
        return
    with pytest.raises(ProviderError) as caught:
        await making
    assert caught.value.kind is ErrorKind.CANCELLED
    assert emulator.stops == heard.jobs
    assert (emulator.posts, emulator.bills) == (1, [])


async def test_a_job_that_never_ends_is_given_up_unknown(
    job_vendor: Vendor, call_for: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "JOB_SECONDS", 0.2)
    monkeypatch.setattr(gemini_batch, "JOB_SECONDS", 0.2)
    job_vendor.emulator.script(Fate(held=True))
    with pytest.raises(ProviderError) as caught:
        await job_vendor.provider.generate(call_for(job_vendor.provider), Reporter())
    assert (caught.value.kind, caught.value.billed) == (ErrorKind.OUTCOME_UNKNOWN, Billed.PERHAPS)
    job_vendor.emulator.release()
    await asyncio.to_thread(job_vendor.emulator.wait_for, lambda seen: len(seen.bills) == 1)


async def test_cancelling_what_has_ended_or_is_not_known_is_no_failure(
    job_vendor: Vendor, call_for: MakeCall
) -> None:
    emulator, heard = emulator_of(job_vendor), Heard()
    emulator.script(Kind.LOOKS_FAIL)  # a picture that is asked about whatever the vendor
    await job_vendor.provider.generate(call_for(job_vendor.provider), heard)
    [remote_id] = heard.jobs
    await job_vendor.provider.cancel(remote_id)
    assert emulator.jobs.pop(remote_id).state == "finished"
    await job_vendor.provider.cancel(remote_id)
    assert (emulator.posts, len(emulator.bills)) == (1, 1)


async def test_a_wish_to_cancel_that_is_refused_is_told(job_vendor: Vendor, call_for: MakeCall) -> None:
    emulator, heard = emulator_of(job_vendor), Heard()
    emulator.script(Kind.LOOKS_FAIL)  # a picture that is asked about whatever the vendor
    await job_vendor.provider.generate(call_for(job_vendor.provider), heard)
    stranger = job_vendor.build(key=BAD_KEY)
    if job_vendor.provider.record.cancels:
        with pytest.raises(ProviderError) as caught:
            await stranger.cancel(heard.jobs[0])
        assert caught.value.kind is ErrorKind.AUTH
    else:  # the vendor is not even asked
        await stranger.cancel(heard.jobs[0])
    await stranger.aclose()
    assert emulator.stops == []
