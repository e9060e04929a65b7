"""Submitting, following, cancelling and retrying over HTTP."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from imagegen.catalogue.records import MicroUsd
from imagegen.jobs.spending import Caps
from imagegen.providers.base import ErrorKind, ProviderError
from tests.jobs.scripted import MODEL, PAID, ScriptedProvider, until_done
from tests.web.conftest import OpenStudio, Studio


async def test_from_prompt_to_picture(studio: Studio) -> None:
    accepted = await studio.client.post("/api/generate", json={"prompt": "a red fox", "count": 2})
    assert accepted.status_code == 202
    job_id = accepted.json()["job_id"]
    assert accepted.headers["location"] == f"/api/generate/{job_id}"
    assert accepted.json() == {
        "job_id": job_id,
        "status": "queued",
        "total": 2,
        "quote": {"usd": 0.268, "credits": 2, "per_image_usd": 0.134, "known": True},
        "image_url": None,
        "message": None,
    }
    await until_done(studio.engine, job_id)
    job = (await studio.client.get(f"/api/generate/{job_id}")).json()
    assert job["status"] == "completed"
    assert job["progress"] == {"total": 2, "completed": 2, "failed": 0, "cancelled": 0, "interrupted": 0}
    assert [task["status"] for task in job["tasks"]] == ["completed", "completed"]
    file = await studio.client.get(job["images"][0]["url"])
    assert file.content[:8] == b"\x89PNG\r\n\x1a\n"


async def test_text_only_makes_nothing(studio: Studio) -> None:
    answer = await studio.client.post("/api/generate", json={"prompt": "a red fox", "should_generate": False})
    assert answer.status_code == 200
    assert answer.json() == {
        "job_id": None,
        "status": "skipped",
        "image_url": None,
        "message": "Nothing was made: should_generate is false.",
    }
    assert (await studio.client.get("/api/jobs")).json()["jobs"] == []


async def test_text_only_is_checked_like_any_request(studio: Studio) -> None:
    body = {"prompt": "a red fox", "should_generate": False, "model": "no-such-model"}
    assert (await studio.client.post("/api/generate", json=body)).status_code == 422


async def test_an_unknown_model_is_named_with_what_is_allowed(studio: Studio) -> None:
    answer = await studio.client.post("/api/generate", json={"prompt": "a red fox", "model": "dall-e-9"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    (error,) = answer.json()["errors"]
    assert (error["field"], error["value"], error["allowed"]) == ("model", "dall-e-9", ["auto", "scripted-model"])


async def test_a_refused_prompt_is_not_repeated(studio: Studio) -> None:
    answer = await studio.client.post("/api/generate", json={"prompt": "confidential " * 1000})
    assert answer.status_code == 422
    assert "confidential" not in answer.text
    assert answer.json()["errors"][0]["value"] == {"length": 13_000}


@pytest.mark.parametrize("count", [1, 50])
async def test_one_key_makes_one_job(studio: Studio, count: int) -> None:
    submits = (
        studio.client.post("/api/generate", json={"prompt": "a red fox"}, headers={"Idempotency-Key": "k"})
        for _ in range(count)
    )
    answers = await asyncio.gather(*submits)
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    assert len((await studio.client.get("/api/jobs")).json()["jobs"]) == 1


async def test_a_key_is_for_one_body(studio: Studio) -> None:
    headers = {"Idempotency-Key": "k"}
    await studio.client.post("/api/generate", json={"prompt": "a red fox"}, headers=headers)
    clash = await studio.client.post("/api/generate", json={"prompt": "a blue fox"}, headers=headers)
    assert clash.status_code == 409
    assert clash.json()["errors"][0]["field"] == "Idempotency-Key"
    assert "fox" not in clash.text


@pytest.mark.parametrize("key", ["", "x" * 201, "tab\tinside", "naïve"])
async def test_a_key_is_1_to_200_printable_characters(studio: Studio, key: str) -> None:
    headers = {b"Idempotency-Key": key.encode("latin-1")}
    answer = await studio.client.post("/api/generate", json={"prompt": "x"}, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


async def test_what_a_cap_forbids_comes_with_alternatives(open_studio: OpenStudio) -> None:
    async with open_studio(caps=Caps(job=MicroUsd(300_000))) as studio:
        answer = await studio.client.post("/api/generate", json={"prompt": "x", "count": 4})
        assert answer.status_code == 402
        assert "IMAGEGEN_BUDGET_JOB_USD allows $0.3" in answer.json()["detail"]
        fewer, nothing = answer.json()["alternatives"]
        assert fewer == {
            "change": {"count": 2},
            "quote": {"usd": 0.268, "credits": 2, "per_image_usd": 0.134, "known": True},
        }
        assert nothing["change"] == {"should_generate": False}
        taken = await studio.client.post("/api/generate", json={"prompt": "x", **fewer["change"]})
        assert taken.status_code == 202


assert MODEL.price is not None
DEAR_AT_4K = replace(MODEL.price, per_image={**MODEL.price.per_image, "4K": MicroUsd(240_000)})
DEAR = replace(PAID, models=(replace(MODEL, price=DEAR_AT_4K),))


async def test_where_no_smaller_size_fits_more_pictures_of_one_may(open_studio: OpenStudio) -> None:
    async with open_studio(record=DEAR, caps=Caps(job=MicroUsd(300_000))) as studio:
        wanted = {"prompt": "x", "count": 5, "image_size": "4K"}
        answer = await studio.client.post("/api/generate", json=wanted)
        changes = [one["change"] for one in answer.json()["alternatives"]]
        assert changes == [{"count": 1}, {"image_size": "2K", "count": 2}, {"should_generate": False}]
        taken = await studio.client.post("/api/generate", json={**wanted, **changes[1]})
        assert taken.status_code == 202


async def test_cancel_one_task_and_then_the_job(open_studio: OpenStudio) -> None:
    provider = ScriptedProvider(gate=asyncio.Event())
    async with open_studio(provider) as studio:
        job_id = await studio.submit(count=20)
        assert (await cancel(studio, job_id, {"task_indexes": [19]})) == {"cancelled": True}
        job = (await studio.client.get(f"/api/generate/{job_id}")).json()
        assert job["progress"]["cancelled"] == 1
        assert (await cancel(studio, job_id, None)) == {"cancelled": True}
        assert provider.gate is not None
        provider.gate.set()
        await until_done(studio.engine, job_id)
        progress = (await studio.client.get(f"/api/generate/{job_id}")).json()["progress"]
        assert progress["completed"] + progress["cancelled"] == 20
        assert progress["completed"] == provider.bills


async def test_retry_runs_what_failed_again(open_studio: OpenStudio) -> None:
    provider = ScriptedProvider([ProviderError(ErrorKind.POLICY, "It was refused.")])
    async with open_studio(provider) as studio:
        job_id = await studio.submit()
        await until_done(studio.engine, job_id)
        failed = (await studio.client.get(f"/api/generate/{job_id}")).json()
        assert (failed["status"], failed["tasks"][0]["error"]) == ("failed", "It was refused.")
        again = await studio.client.post(f"/api/generate/{job_id}/retry")
        assert (again.status_code, again.json()["job_id"]) == (202, job_id)
        await until_done(studio.engine, job_id)
        assert (await studio.client.get(f"/api/generate/{job_id}")).json()["status"] == "completed"


async def test_a_task_that_the_job_has_not(studio: Studio) -> None:
    job_id = await studio.submit()
    answer = await studio.client.post(f"/api/generate/{job_id}/retry", json={"task_indexes": [0, 7]})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["field"], error["value"], error["allowed"]) == (
        "task_indexes",
        [7],
        {"minimum": 0, "maximum": 0},
    )


@pytest.mark.parametrize("job_id", ["nothing", "..", "%2e%2e", "%00", "é", "0" * 300, "' OR 1=1", "%ff"])
async def test_ids_of_any_shape_are_only_unknown(studio: Studio, job_id: str) -> None:
    for method, path in (
        ("GET", f"/api/generate/{job_id}"),
        ("POST", f"/api/generate/{job_id}/cancel"),
        ("POST", f"/api/generate/{job_id}/retry"),
        ("GET", f"/api/images/{job_id}/file"),
        ("DELETE", f"/api/albums/{job_id}"),
    ):
        answer = await studio.client.request(method, path)
        assert answer.status_code in (404, 405), (method, path)
        assert answer.headers["content-type"] == "application/problem+json"


async def cancel(studio: Studio, job_id: str, body: object) -> object:
    path = f"/api/generate/{job_id}/cancel"
    answer = await (studio.client.post(path, json=body) if body else studio.client.post(path))
    assert answer.status_code == 200
    return answer.json()
