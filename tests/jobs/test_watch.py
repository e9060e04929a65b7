"""Providers that are silent or in trouble are looked at by a call that costs nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path

from imagegen.jobs.watch import Watch
from imagegen.providers.base import ErrorKind, ProviderError
from imagegen.request import parse
from tests.jobs.scripted import PAID, ScriptedProvider, running_engine, until_done


@dataclass
class Checked(ScriptedProvider):
    """Counts its checks; answers them from a list, then well."""

    checks: int = 0
    failures: list[ProviderError] = field(default_factory=list)

    async def check(self) -> None:
        self.checks += 1
        if self.failures:
            raise self.failures.pop(0)


async def test_only_the_silent_and_the_troubled_are_looked_at(tmp_path: Path) -> None:
    provider = Checked()
    async with running_engine(tmp_path, provider) as engine:
        watch = Watch(engine._shop, every=60.0)
        await watch.look()
        assert provider.checks == 1, "nothing was ever heard of it"
        await watch.look()
        assert provider.checks == 1, "it was heard of a moment ago"
        provider.failures = [ProviderError(ErrorKind.AUTH, "No such key.")]
        engine._shop.gates.failed(PAID.id, ErrorKind.AUTH, "No such key.", None)
        await watch.look()
        assert (provider.checks, engine.standing(PAID.id).light) == (2, "refused")
        await watch.look()
        assert (provider.checks, engine.standing(PAID.id).light) == (3, "ready")


async def test_what_waits_for_a_circuit_goes_when_a_check_says_that_it_is_well(tmp_path: Path) -> None:
    provider = Checked()
    async with running_engine(tmp_path, provider) as engine:
        for _ in range(3):
            engine._shop.gates.failed(PAID.id, ErrorKind.CONNECTION_FAILED, "Not reached.", None)
        submitted = await engine.submit(parse({"prompt": "a heron"}), owner="local")
        assert submitted.job_id is not None
        await asyncio.sleep(0)
        assert provider.calls == []
        await Watch(engine._shop, every=60.0).look()
        await until_done(engine, submitted.job_id)
    assert (provider.checks, len(provider.calls)) == (1, 1)


async def test_a_stand_in_is_never_looked_at(tmp_path: Path) -> None:
    record = replace(PAID, stand_in=True)
    provider = Checked()
    async with running_engine(tmp_path, provider, record=record) as engine:
        await Watch(engine._shop).look()
    assert provider.checks == 0
