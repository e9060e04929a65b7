"""What is logged, and what never is."""

from __future__ import annotations

import logging

import httpx2
import pytest
from starlette.types import Receive, Scope, Send

from imagegen.providers.base import ErrorKind, ProviderError
from imagegen.web.access_log import AccessLog
from tests.jobs.scripted import ScriptedProvider, until_done
from tests.web.conftest import OpenStudio, Studio

MARKER = "zanzibar-lighthouse"


async def test_one_line_without_the_query(studio: Studio, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "httpx2")  # the test's own client
    caplog.set_level(logging.INFO, "imagegen")
    await studio.client.get(f"/api/images?q={MARKER}")
    assert any(line.startswith("GET /api/images 200 ") and line.endswith(" ms") for line in caplog.messages)
    assert MARKER not in caplog.text


async def test_a_line_break_in_a_path_stays_encoded(studio: Studio, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await studio.client.get("/api/x%0aforged%20line")
    assert any(line.startswith("GET /api/x%0aforged%20line 404 ") for line in caplog.messages)


async def test_no_prompt_in_any_log_or_event(open_studio: OpenStudio, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    fates = [ProviderError(ErrorKind.POLICY, "It was refused."), ProviderError(ErrorKind.OUTCOME_UNKNOWN, "Lost.")]
    async with open_studio(ScriptedProvider([*fates, b"no picture"])) as studio:
        for _ in range(4):
            await until_done(studio.engine, await studio.submit(prompt=MARKER, subjects=[MARKER]))
        body = {"prompt": MARKER, MARKER: MARKER, "count": MARKER, "subjects": [MARKER] * 101}
        refused = await studio.client.post("/api/generate", json=body)
        assert refused.status_code == 422
        events = await studio.engine.events_after(0, owner="local", limit=1000)
    assert events
    assert MARKER not in "".join(event.model_dump_json() for event in events)
    assert MARKER not in caplog.text


async def test_a_failure_is_told_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_: Scope, __: Receive, ___: Send) -> None:
        raise ValueError(MARKER)

    transport = httpx2.ASGITransport(AccessLog(broken))
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get("/api/jobs")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "ValueError" in caplog.text
    assert "test_access_log.py" in caplog.text
    assert caplog.text.count(MARKER) <= caplog.text.count("raise ValueError(MARKER)")
    assert MARKER not in answer.text
