"""Background removal over HTTP."""

from __future__ import annotations

import asyncio

import pytest

from imagegen.media.cutout import CUTOUT_MODELS, CutoutOptions
from tests.jobs.scripted import png, until_done
from tests.web.conftest import Studio

ANOTHER = "u2net"


async def test_a_cut_out_is_a_job(studio: Studio) -> None:
    image_id = await studio.picture()
    accepted = await studio.client.post(
        f"/api/images/{image_id}/cutout", json={"alpha_matting": True, "background": "#12aBfF"}
    )
    assert accepted.status_code == 202, accepted.text
    job_id = accepted.json()["job_id"]
    assert accepted.headers["location"] == f"/api/generate/{job_id}"
    await until_done(studio.engine, job_id)
    job = (await studio.client.get(f"/api/generate/{job_id}")).json()
    assert (job["kind"], job["status"]) == ("cutout", "completed")
    assert job["quote"] == {"usd": 0.0, "credits": 0, "per_image_usd": 0.0, "known": True}
    [child] = job["images"]
    assert (child["parent_id"], child["provider"]) == (image_id, None)
    assert (await studio.client.get(f"/api/images/{image_id}")).json()["cutout_id"] == child["id"]
    assert studio.remover.asked == [CutoutOptions("u2netp", alpha_matting=True, background="#12aBfF")]


async def test_no_body_means_the_usual_way(studio: Studio) -> None:
    image_id = await studio.picture()
    accepted = await studio.client.post(f"/api/images/{image_id}/cutout")
    assert accepted.status_code == 202
    await until_done(studio.engine, accepted.json()["job_id"])
    assert studio.remover.asked == [CutoutOptions()]


async def test_an_upload_can_be_cut_out(studio: Studio) -> None:
    files = {"file": ("mine.png", png((9, 8, 7), (64, 64)))}
    reference = (await studio.client.post("/api/references", files=files)).json()["id"]
    accepted = await studio.client.post(f"/api/references/{reference}/cutout", json={})
    assert accepted.status_code == 202
    await until_done(studio.engine, accepted.json()["job_id"])
    [image] = (await studio.client.get("/api/images")).json()["images"]
    assert image["parent_id"] is None


async def test_a_job_may_ask_for_it(studio: Studio) -> None:
    job_id = await studio.submit(remove_background=True)
    await until_done(studio.engine, job_id)
    jobs = (await studio.client.get("/api/jobs")).json()["jobs"]
    [cutout] = [job for job in jobs if job["kind"] == "cutout"]
    await until_done(studio.engine, cutout["job_id"])
    [image] = (await studio.client.get(f"/api/generate/{job_id}")).json()["images"]
    assert image["cutout_id"] is not None


async def test_the_same_key_is_the_same_job(studio: Studio) -> None:
    image_id = await studio.picture()
    address, headers = f"/api/images/{image_id}/cutout", {"Idempotency-Key": "k"}
    first, second = [await studio.client.post(address, headers=headers) for _ in range(2)]
    assert first.json() == second.json()
    other = await studio.client.post(address, headers=headers, json={"background": "#000000"})
    assert other.status_code == 409


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({"model": "magic"}, "model", f"model: magic is unknown; allowed: {', '.join(CUTOUT_MODELS)}"),
        ({"background": "red"}, "background", None),
        ({"alpha_matting": "yes"}, "alpha_matting", None),
        ({"speed": 9}, "speed", None),
    ],
)
async def test_a_wrong_wish_is_named(
    studio: Studio, body: dict[str, object], field: str, message: str | None
) -> None:
    image_id = await studio.picture()
    refused = await studio.client.post(f"/api/images/{image_id}/cutout", json=body)
    assert refused.status_code == 422
    [error] = refused.json()["errors"]
    assert error["field"] == field
    assert message in (None, error["message"])
    assert studio.remover.asked == []


async def test_a_model_that_is_not_here_yet(studio: Studio) -> None:
    image_id = await studio.picture()
    refused = await studio.client.post(f"/api/images/{image_id}/cutout", json={"model": ANOTHER})
    assert refused.status_code == 409
    assert refused.json()["detail"] == (
        f"model: {ANOTHER} is not downloaded yet. Download it first, or use one of: u2netp."
    )


@pytest.mark.parametrize("address", ["/api/images/nothing/cutout", "/api/references/nothing/cutout"])
async def test_what_is_not_there(studio: Studio, address: str) -> None:
    assert (await studio.client.post(address)).status_code == 404


async def test_models_are_listed_and_fetched(studio: Studio) -> None:
    told = (await studio.client.get("/api/cutout/models")).json()
    assert told["state"] == "ready"
    models = {model["id"]: model for model in told["models"]}
    assert [name for name, model in models.items() if model["installed"]] == ["u2netp"]
    assert models["u2netp"]["licence"] == "Apache-2.0"
    begun = await studio.client.post(f"/api/cutout/models/{ANOTHER}/download")
    assert (begun.status_code, begun.json()) == (202, {"id": ANOTHER, "downloading": True})
    async with asyncio.timeout(5):
        await studio.remover.fetched.wait()
    told = (await studio.client.get("/api/cutout/models")).json()
    assert [model["id"] for model in told["models"] if model["installed"]] == ["u2netp", ANOTHER]
    assert (await studio.client.post("/api/cutout/models/magic/download")).status_code == 404
