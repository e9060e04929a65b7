"""RunPod's own client against the emulator, and our adapter against a real worker that serves itself.

The worker's own server is like the cloud in what it takes and gives for a job. It differs in its paths, which name
no endpoint, in asking for a status by POST, in working only when it is asked for the status, and in having neither
keys nor health nor a way to cancel; a relay stands in between for paths and methods alone.
"""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from typing import Any

import httpx2
import pytest
from PIL import Image

from imagegen.providers.base import Billed, ErrorKind, ProviderCall, ProviderError, Reporter
from imagegen.providers.runpod import RunPodProvider
from tests.emulator.runpod import COST, ENDPOINT, RunPodEmulator
from tests.emulator.server import BAD_KEY, KEY
from tests.oracles.oracle import HERE, PYTHON, RECORDED, comparable, needs_oracles, noted, told_by

STARTS_WITHIN = 60.0


@needs_oracles
async def test_the_vendors_client() -> None:
    with RunPodEmulator() as emulator:
        calls = noted(emulator)
        told: dict[str, Any] = await asyncio.to_thread(
            told_by,
            "runpod_client.py",
            {
                "url": emulator.url,
                "endpoint": ENDPOINT,
                "key": KEY,
                "bad_key": BAD_KEY,
                "inputs": [{"prompt": "a cat", "width": 1024, "height": 768, "seed": 7}],
            },
        )
        assert comparable(calls) == RECORDED["runpod 1.12.0"]
        [job] = emulator.jobs.values()
        assert told["jobs"] == [
            {
                "id": job.id,
                "status": "COMPLETED",
                "output": {"image_url": emulator.link(job), "cost": COST},
                "cancelled": {"id": job.id, "status": "COMPLETED"},
            }
        ]
        assert told["health"]["jobs"]["completed"] == 0
        assert (told["bad key"], told["nowhere"]) == ("401 Unauthorized", 404)
        assert (emulator.posts, len(emulator.bills), emulator.refused) == (1, 1, [])


@needs_oracles
async def test_a_real_worker_makes_our_picture(unused_tcp_port: int) -> None:
    answers: list[Any] = []
    with _worker(unused_tcp_port) as worker, _relay(worker, answers) as relay:
        provider = RunPodProvider(
            endpoint=ENDPOINT, api_key=KEY, base_url=relay, connect_timeout=5, read_timeout=30
        )
        picture = await provider.generate(_call("a cat"), Reporter())
        with Image.open(BytesIO(picture.data)) as opened:
            assert (opened.format, opened.size) == ("PNG", (1472, 832))
            assert opened.getpixel((0, 0)) == 7, "the seed arrived"
        assert picture.usd is None

        with pytest.raises(ProviderError) as caught:
            await provider.generate(_call("a broken cat"), Reporter())
        await provider.aclose()
    assert (caught.value.kind, caught.value.billed) == (ErrorKind.INTERNAL, Billed.PERHAPS)
    assert "cat" not in caught.value.message
    assert _outlines(answers) == _outlines(RECORDED["runpod 1.12.0, a worker that serves itself"])


def _outlines(answers: list[Any]) -> Any:
    """The worker's answers without what differs from one machine to the next: a traceback, a picture's bytes."""
    told = [dict(answer) for answer in comparable(answers)]
    for answer in told:
        if "error" in answer:
            answer["error"] = "a traceback"
        if "output" in answer:
            answer["output"] = answer["output"] | {"images": len(answer["output"]["images"])}
    return told


def _call(prompt: str) -> ProviderCall:
    [model] = RunPodProvider.record.models
    return ProviderCall(
        attempt_id="8f14e45f-ceea-467f-ab4d-fb2a35d0e1a1",
        model=model,
        prompt=prompt,
        aspect_ratio="16:9",
        image_size="1K",
        seed=7,
    )


@contextmanager
def _worker(port: int) -> Iterator[str]:
    """A worker that serves itself, by its address."""
    command = [str(PYTHON), str(HERE / "runpod_worker.py"), "--rp_serve_api", "--rp_api_host=127.0.0.1"]
    with subprocess.Popen([*command, f"--rp_api_port={port}"], stdout=subprocess.DEVNULL) as program:
        try:
            until = time.monotonic() + STARTS_WITHIN
            while True:
                try:
                    httpx2.get(f"http://127.0.0.1:{port}/openapi.json", trust_env=False)
                    break
                except httpx2.ConnectError:
                    assert program.poll() is None, "the worker did not start"
                    assert time.monotonic() < until, "the worker did not answer in time"
                    time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            program.terminate()


@contextmanager
def _relay(worker: str, answers: list[Any]) -> Iterator[str]:
    """The base URL under which the worker is found as the cloud would show it; `answers` takes what it says."""

    class Relay(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._pass(self.rfile.read(int(self.headers.get("Content-Length", 0))))

        def do_GET(self) -> None:
            self._pass(b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _pass(self, body: bytes) -> None:
            path = self.path.removeprefix(f"/v2/{ENDPOINT}")
            told = httpx2.post(
                worker + path, content=body, headers={"Content-Type": "application/json"}, trust_env=False
            )
            answers.append(told.json())
            self.send_response(told.status_code)
            self.send_header("Content-Length", str(len(told.content)))
            self.end_headers()
            self.wfile.write(told.content)

    with ThreadingHTTPServer(("127.0.0.1", 0), Relay) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v2"
        finally:
            server.shutdown()
            thread.join()
