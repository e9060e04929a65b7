"""Kill −9 of the real server at every named point of a run, and a start right after it.

No task is lost, and nothing that may have been billed is sent again by itself.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator.gemini import KEY, GeminiEmulator, Kind
from tests.jobs.scripted import png
from tests.server_process import ServerProcess, job_when_done

pytestmark = pytest.mark.server

# Point → (bills in the end, what became of the task without anybody asking)
BEFORE_SENDING = {"claimed": (1, "completed"), "prepared": (1, "completed")}
LOST = {"sent": (0, "interrupted"), "answered": (1, "interrupted"), "spool.receipt": (1, "interrupted")}
ON_DISK = dict.fromkeys(
    ("spool.picture", "spooled", "received", "accept.marked", "accept.moved", "shelved", "stored"),
    (1, "completed"),
)
AFTER_A_REFUSAL = {"failed": (1, "completed")}
POINTS = BEFORE_SENDING | LOST | ON_DISK | AFTER_A_REFUSAL


@pytest.fixture
def gemini() -> Iterator[GeminiEmulator]:
    with GeminiEmulator() as emulator:
        yield emulator


@pytest.mark.parametrize("point", POINTS)
def test_killed_at(point: str, gemini: GeminiEmulator, tmp_path: Path) -> None:
    bills, outcome = POINTS[point]
    settings = {
        "GEMINI_API_KEY": KEY,
        "GOOGLE_GEMINI_BASE_URL": gemini.url,
        "IMAGEGEN_RETRY_DELAY": "0.01",
    }
    if point in AFTER_A_REFUSAL:
        gemini.script(Kind.OVERLOADED)
    mortal = ServerProcess(tmp_path, settings | {"DIE_AT": point}, script="tests/faults/mortal_app.py")
    with mortal, mortal.client() as client:
        request: dict[str, object] = {"prompt": "a lighthouse", "model": "auto"}
        if point in BEFORE_SENDING:  # only what must be prepared has a moment between intent and sending
            uploaded = client.post("/api/references", files={"file": ("a.png", png((1, 2, 3), (64, 64)))})
            request["reference_images"] = [uploaded.json()["id"]]
        accepted = client.post("/api/generate", json=request)
        assert accepted.status_code == 202
        job_id = accepted.json()["job_id"]
        assert mortal.wait() == -signal.SIGKILL

    posts_before = gemini.posts
    again = ServerProcess(tmp_path, settings, script="tests/faults/mortal_app.py")
    with again, again.client() as client:
        job = job_when_done(client, job_id)
        [task] = job["tasks"]
        assert (len(gemini.bills), task["status"]) == (bills, outcome)
        if point in LOST or point in ON_DISK:
            assert gemini.posts == posts_before, "a request that may have been billed was sent again"
        if outcome == "interrupted":
            assert "May have been billed" in task["error"]
            client.post(f"/api/generate/{job_id}/retry", json={"task_indexes": [0]})
            job = job_when_done(client, job_id)
            assert job["status"] == "completed"
        [image] = job["images"]
        original = client.get(image["url"])
        assert original.status_code == 200
        assert len(original.content) == image["bytes"]
    assert list((tmp_path / "incoming").iterdir()) == []
