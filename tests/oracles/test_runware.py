"""Runware's own client against the emulator, and its table of errors beside ours."""

from __future__ import annotations

import asyncio
from typing import Any

from imagegen.providers.runware_answer import _BY_CODE, category_of
from tests.emulator.fates import Kind
from tests.emulator.runware import COST, RunwareEmulator
from tests.emulator.server import BAD_KEY, KEY
from tests.oracles.oracle import RECORDED, comparable, needs_oracles, noted, told_by

FATES = {
    Kind.PICTURE: None,
    Kind.RATE_LIMITED: "rateLimit",
    Kind.ZERO_QUOTA: "quota",
    Kind.BAD_REQUEST: "validation",
    Kind.PROMPT_BLOCK: "safety",
    Kind.NOT_FOUND: "notFound",
    Kind.PERMISSION_DENIED: "auth",
    Kind.INTERNAL: "serverError",
    Kind.OVERLOADED: "serverError",
    Kind.JOB_FAILED: "provider",
    Kind.JOB_STOPPED: "notFound",
    Kind.IMAGE_SAFETY: "safety",
}
SAME = {
    "quota": {"quota"},
    "rateLimit": {"rate"},
    "safety": {"safety"},
    "auth": {"auth", "leave"},
    "notFound": {"model", "stopped", "vendor"},
    "serverError": {"full", "vendor"},
    "provider": {"full", "model", "vendor"},
    "timeout": {"vendor"},
    "validation": {"request"},
    "unknown": {"vendor"},
}
"""The client's categories, and ours that may stand for each."""
FURTHER = (
    "insufficientCredits",
    "quotaExceeded",
    "inferenceRateLimitExceeded",
    "rateLimitExceeded",
    "invalidApiKey",
    "missingApiKey",
    "invalidWidth",
    "conflictTaskUUID",
    "unsupportedParameter",
    "valueTooLarge",
    "maxLycorisModelsExceeded",
    "providerTimeout",
    "taskNotFound",
    "taskFailedOrNotFound",
    "internalServerError",
    "inferenceError",
    "somethingNew",
)


@needs_oracles
async def test_the_vendors_client() -> None:
    task = {
        "taskType": "imageInference",
        "model": "google:4@2",
        "positivePrompt": "a cat",
        "width": 1024,
        "height": 1024,
        "includeCost": True,
    }
    codes = [*_BY_CODE, *FURTHER]
    with RunwareEmulator() as emulator:
        emulator.script(*FATES)
        calls = noted(emulator)
        tasks = [*((KEY, task) for _ in FATES), (BAD_KEY, task), (KEY, task | {"width": 1000})]
        told: dict[str, Any] = await asyncio.to_thread(
            told_by, "runware_client.py", {"url": emulator.url, "tasks": tasks, "codes": codes}
        )

        assert comparable(calls[:2]) == RECORDED["runware-sdk 1.8.0"]
        picture, *rest, bad_key, bad_size = told["seen"]
        [result] = picture["results"]
        [first, *_] = emulator.jobs.values()
        assert (result["taskUUID"], result["cost"]) == (first.id, COST)
        assert result["imageURL"] == emulator.link(first)
        assert [one["error"] for one in rest] == list(FATES.values())[1:]
        assert (bad_key["error"], bad_key["status"]) == ("auth", 401)
        assert bad_size["error"] == "validation"
        assert len(emulator.refused) == 1, "no other task of the client's was found wrong"
        assert len(emulator.bills) == sum(kind in (Kind.PICTURE, Kind.IMAGE_SAFETY) for kind in FATES)
    for code, theirs in told["categories"].items():
        assert category_of(code) in SAME[theirs], code
