"""Records, originals and thumbnails of pictures."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.jobs.scripted import until_done
from tests.web.conftest import Studio


async def test_the_original_may_be_kept_for_ever(studio: Studio) -> None:
    image_id = await studio.picture()
    file = await studio.client.get(f"/api/images/{image_id}/file")
    assert file.status_code == 200
    assert file.headers["content-type"] == "image/png"
    assert file.headers["x-content-type-options"] == "nosniff"
    assert file.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert file.headers["content-disposition"] == f'inline; filename="imagegen-{image_id}.png"'
    record = (await studio.client.get(f"/api/images/{image_id}")).json()
    assert (record["bytes"], record["format"]) == (len(file.content), "png")
    assert record["prompt"] == "a red fox"


async def test_what_the_browser_has_is_not_sent_again(studio: Studio) -> None:
    image_id = await studio.picture()
    for kind in ("file", "thumb"):
        tag = (await studio.client.get(f"/api/images/{image_id}/{kind}")).headers["etag"]
        for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = await studio.client.get(f"/api/images/{image_id}/{kind}", headers={"If-None-Match": known})
            assert (again.status_code, again.content) == (304, b"")
        other = await studio.client.get(f"/api/images/{image_id}/{kind}", headers={"If-None-Match": '"other"'})
        assert other.status_code == 200


async def test_a_part_of_the_original(studio: Studio) -> None:
    image_id = await studio.picture()
    part = await studio.client.get(f"/api/images/{image_id}/file", headers={"Range": "bytes=1-3"})
    assert (part.status_code, part.content) == (206, b"PNG")
    beyond = await studio.client.get(f"/api/images/{image_id}/file", headers={"Range": "bytes=999999-"})
    assert beyond.status_code == 416


async def test_the_thumbnail_is_made_when_asked_for(studio: Studio) -> None:
    image_id = await studio.picture()
    thumb = await studio.client.get(f"/api/images/{image_id}/thumb")
    assert thumb.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(thumb.content)).format == "WEBP"


async def test_the_trash_hides_until_it_is_restored(studio: Studio) -> None:
    image_id = await studio.picture()
    addresses = [f"/api/images/{image_id}{end}" for end in ("", "/file", "/thumb")]
    for _ in range(2):
        gone = await studio.client.delete(f"/api/images/{image_id}")
        assert (gone.status_code, gone.json()) == (200, {"id": image_id, "deleted": True})
    assert [(await studio.client.get(address)).status_code for address in addresses] == [404, 404, 404]
    assert (await studio.client.get("/api/images")).json()["images"] == []
    for _ in range(2):
        back = await studio.client.post(f"/api/images/{image_id}/restore")
        assert (back.status_code, back.json()) == (200, {"id": image_id, "deleted": False})
    assert [(await studio.client.get(address)).status_code for address in addresses] == [200, 200, 200]


async def test_a_file_that_somebody_removed(studio: Studio) -> None:
    image_id = await studio.picture()
    found = await studio.engine.image_file(image_id, owner="local")
    assert found is not None
    studio.engine.store.image_path(found.sha256, found.format).unlink()
    for kind in ("file", "thumb"):
        assert (await studio.client.get(f"/api/images/{image_id}/{kind}")).status_code == 404


async def test_head_tells_what_get_would(studio: Studio) -> None:
    image_id = await studio.picture()
    for path in (f"/api/images/{image_id}/file", f"/api/images/{image_id}", "/api/images", "/api/events"):
        head = await studio.client.head(path)
        assert head.status_code == 200, path
    file = await studio.client.head(f"/api/images/{image_id}/file")
    assert (int(file.headers["content-length"]) > 0, file.content) == (True, b"")


async def test_pages_follow_each_other(studio: Studio) -> None:
    made = [await studio.picture() for _ in range(3)]
    first = (await studio.client.get("/api/images?limit=2")).json()
    rest = (await studio.client.get("/api/images", params={"limit": 2, "after": first["next"]})).json()
    assert [image["id"] for image in first["images"] + rest["images"]] == list(reversed(made))
    assert rest["next"] is None
    assert (await studio.client.get("/api/images?provider=nobody")).json()["images"] == []


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "after=1", "after=", "favorite=1", "limt=1"])
async def test_a_query_that_cannot_be_meant(studio: Studio, query: str) -> None:
    for path in ("/api/images", "/api/jobs"):
        answer = await studio.client.get(f"{path}?{query}")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == query.split("=", maxsplit=1)[0]


async def test_a_download_is_named_by_prompt_and_seed(studio: Studio) -> None:
    image_id = await studio.picture()
    record = (await studio.client.get(f"/api/images/{image_id}")).json()
    original = await studio.client.get(f"/api/images/{image_id}/file")
    saved = await studio.client.get(f"/api/images/{image_id}/download")
    assert saved.content == original.content
    assert saved.headers["content-disposition"] == f'attachment; filename="a-red-fox-{record["seed"]}.png"'
    assert saved.headers["content-type"] == "image/png"
    assert (await studio.client.get(f"/api/images/{image_id}/download?format=png")).content == original.content


@pytest.mark.parametrize("target", ["jpeg", "webp"])
async def test_a_download_in_another_format(studio: Studio, target: str) -> None:
    image_id = await studio.picture()
    saved = await studio.client.get(f"/api/images/{image_id}/download?format={target}")
    assert (saved.status_code, saved.headers["content-type"]) == (200, f"image/{target}")
    assert saved.headers["content-disposition"].endswith(f'.{target}"')
    picture = Image.open(io.BytesIO(saved.content))
    assert (picture.format, picture.size) == (target.upper(), (24, 16))
    again = await studio.client.get(
        f"/api/images/{image_id}/download?format={target}", headers={"If-None-Match": saved.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


async def test_a_download_comes_in_the_format_that_was_asked_for_at_first(studio: Studio) -> None:
    job_id = await studio.submit(prompt="a fox", output_format="png")
    await until_done(studio.engine, job_id)
    (image,) = (await studio.client.get(f"/api/generate/{job_id}")).json()["images"]
    assert (await studio.client.get(f"/api/images/{image['id']}/download")).headers["content-type"] == "image/png"


@pytest.mark.parametrize("query", ["format=gif", "format=", "fromat=png"])
async def test_a_download_that_cannot_be_meant(studio: Studio, query: str) -> None:
    image_id = await studio.picture()
    answer = await studio.client.get(f"/api/images/{image_id}/download?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


async def test_there_is_no_download_of_what_is_in_the_trash_missing_or_damaged(studio: Studio) -> None:
    image_id = await studio.picture()
    address = f"/api/images/{image_id}/download"
    found = await studio.engine.image_file(image_id, owner="local")
    assert found is not None
    path = studio.engine.store.image_path(found.sha256, found.format)
    path.write_bytes(path.read_bytes()[:40])
    assert (await studio.client.get(f"{address}?format=jpeg")).status_code == 404
    path.unlink()
    assert (await studio.client.get(f"{address}?format=jpeg")).status_code == 404
    assert (await studio.client.get(address)).status_code == 404
    await studio.client.delete(f"/api/images/{image_id}")
    assert (await studio.client.get(address)).status_code == 404
    assert (await studio.client.get("/api/images/nothing/download")).status_code == 404


async def test_the_library_tells_how_much_there_is(studio: Studio) -> None:
    assert (await studio.client.get("/api/library")).json() == {"images": 0, "cutouts": 0, "oldest": None}
    image_id = await studio.picture()
    full = (await studio.client.get("/api/library")).json()
    day = (await studio.client.get(f"/api/images/{image_id}")).json()["created_at"][:10]
    assert full == {"images": 1, "cutouts": 0, "oldest": day}


async def test_a_record_tells_its_lineage(studio: Studio) -> None:
    first = await studio.picture()
    job_id = await studio.submit(prompt="the same fox, older", reference_images=[first])
    await until_done(studio.engine, job_id)
    (second,) = (await studio.client.get(f"/api/generate/{job_id}")).json()["images"]
    record = (await studio.client.get(f"/api/images/{second['id']}")).json()
    assert record["lineage"] == {"parent": None, "cutout": None, "references": [first], "children": []}
    record = (await studio.client.get(f"/api/images/{first}")).json()
    assert record["lineage"] == {"parent": None, "cutout": None, "references": [], "children": [second["id"]]}


async def test_originals_and_cutouts_are_listed_apart(studio: Studio) -> None:
    image_id = await studio.picture()
    kinds = {kind: (await studio.client.get(f"/api/images?kind={kind}")).json() for kind in ("original", "cutout")}
    assert [image["id"] for image in kinds["original"]["images"]] == [image_id]
    assert kinds["cutout"]["images"] == []
    assert (await studio.client.get("/api/images?kind=other")).status_code == 422
