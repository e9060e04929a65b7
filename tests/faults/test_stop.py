"""SIGTERM, and starts after it, with a real server: nothing new begins, what runs is finished, the rest waits."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator.gemini import KEY, Fate, GeminiEmulator, Kind
from tests.server_process import ServerProcess, job_when_done

pytestmark = pytest.mark.server
HELD = Fate(Kind.PICTURE, held=True)


@pytest.fixture
def gemini() -> Iterator[GeminiEmulator]:
    with GeminiEmulator() as emulator:
        yield emulator


def server(folder: Path, gemini: GeminiEmulator, **settings: str) -> ServerProcess:
    fixed = {
        "GEMINI_API_KEY": KEY,
        "GOOGLE_GEMINI_BASE_URL": gemini.url,
        "IMAGEGEN_WORKER_CONCURRENCY": "2",
        "IMAGEGEN_SHUTDOWN_GRACE": "30",
    }
    return ServerProcess(folder, fixed | settings, script="tests/faults/mortal_app.py")


def test_running_pictures_are_finished_and_the_rest_waits(gemini: GeminiEmulator, tmp_path: Path) -> None:
    gemini.script(HELD, HELD)
    first = server(tmp_path, gemini)
    with first, first.client() as client:
        job_id = client.post("/api/generate", json={"prompt": "a harbour", "count": 5}).json()["job_id"]
        gemini.wait_for(lambda seen: len(seen.requests) == 2)
        with client.stream("GET", "/api/events") as stream:
            first.process.terminate()
            # The stream ends at once, although pictures are still on their way.
            for _line in stream.iter_lines():
                pass
        gemini.release()
        assert first.wait() == 0
    assert len(gemini.bills) == gemini.posts == 2

    second = server(tmp_path, gemini)
    with second, second.client() as client:
        job = job_when_done(client, job_id)
        assert (job["status"], job["progress"]["completed"]) == ("completed", 5)
    assert len(gemini.bills) == gemini.posts == 5


def test_after_the_grace_a_running_call_is_asked_about(gemini: GeminiEmulator, tmp_path: Path) -> None:
    gemini.script(HELD)
    first = server(tmp_path, gemini, IMAGEGEN_SHUTDOWN_GRACE="0.2")
    with first, first.client() as client:
        job_id = client.post("/api/generate", json={"prompt": "a harbour"}).json()["job_id"]
        gemini.wait_for(lambda seen: len(seen.requests) == 1)
        assert first.stop() == 0
    second = server(tmp_path, gemini)
    with second, second.client() as client:
        [task] = job_when_done(client, job_id)["tasks"]
        assert task["status"] == "interrupted"
    assert gemini.posts == 1


def test_a_second_signal_ends_at_once(gemini: GeminiEmulator, tmp_path: Path) -> None:
    gemini.script(HELD)
    running = server(tmp_path, gemini, IMAGEGEN_SHUTDOWN_GRACE="3600")
    with running, running.client() as client:
        client.post("/api/generate", json={"prompt": "a harbour"})
        gemini.wait_for(lambda seen: len(seen.requests) == 1)
        running.process.terminate()
        deadline = time.monotonic() + 20
        while _answers(running):
            assert time.monotonic() < deadline, "it never stopped listening"
        running.process.terminate()
        assert running.wait(20) == 128 + signal.SIGTERM


def test_a_restart_shows_the_same(gemini: GeminiEmulator, tmp_path: Path) -> None:
    first = server(tmp_path, gemini)
    with first, first.client() as client:
        body = {"prompt": "a harbour", "count": 3}
        accepted = client.post("/api/generate", json=body, headers={"Idempotency-Key": "once"})
        job_id = accepted.json()["job_id"]
        job_when_done(client, job_id)
        before = [client.get(path).json() for path in (f"/api/generate/{job_id}", "/api/images", "/api/jobs")]
    second = server(tmp_path, gemini)
    with second, second.client() as client:
        after = [client.get(path).json() for path in (f"/api/generate/{job_id}", "/api/images", "/api/jobs")]
        again = client.post("/api/generate", json=body, headers={"Idempotency-Key": "once"})
        assert (again.status_code, again.json()) == (202, accepted.json())
    assert after == before
    assert gemini.posts == 3


def _answers(running: ServerProcess) -> bool:
    host, port = running.url.removeprefix("http://").split(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except OSError:
        return False
    return True
