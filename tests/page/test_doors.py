"""Gradio's own API: the real client against the real server, and what an attacker would try instead."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Self

import httpx2
import pytest

from tests.server_process import ROOT, ServerProcess, job_when_done

pytestmark = pytest.mark.server

SECRET = "Zq7-secret"
JOIN = "/gradio_api/queue/join"


class GradioClient:
    """`gradio_client.Client` in a process of its own."""

    def __init__(self, url: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.page.gradio_calls", url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def call(self, endpoint: str, *positional: object, **named: object) -> dict[str, Any]:
        """`{"result"}`, or `{"error", "kind"}` with what the client raised."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([endpoint, positional, named]) + "\n")
        self._process.stdin.flush()
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    settings = {"IMAGEGEN_PROVIDERS": "sketch"}
    with ServerProcess(tmp_path_factory.mktemp("doors"), settings) as started:
        with started.client() as client:
            client.get("/config")  # waits for the page, which Gradio's client does for five seconds only
        yield started


@pytest.fixture(scope="module")
def gradio(server: ServerProcess) -> Iterator[GradioClient]:
    with GradioClient(server.url) as client:
        yield client


@pytest.fixture
def http(server: ServerProcess) -> Iterator[httpx2.Client]:
    with server.client() as client:
        yield client


def test_a_script_submits_follows_and_finds(gradio: GradioClient, http: httpx2.Client) -> None:
    job_id = gradio.call("/generate", "A red fox in snow", "16:9", "1K", 2, "sketch")["result"]
    job_when_done(http, job_id)
    job = gradio.call("/job", job_id)["result"]
    assert job == http.get(f"/api/generate/{job_id}").json()
    assert (job["status"], job["progress"]["completed"]) == ("completed", 2)
    page = gradio.call("/images", q="snow", limit=1)["result"]
    assert page == http.get("/api/images?q=snow&limit=1").json()
    assert page["images"][0]["job_id"] == job_id
    rest = gradio.call("/images", q="snow", after=page["next"])["result"]
    assert len(rest["images"]) == 1


def test_what_is_left_out_has_rests_defaults(gradio: GradioClient, http: httpx2.Client) -> None:
    job_id = gradio.call("/generate", "A kettle")["result"]
    job = http.get(f"/api/generate/{job_id}").json()
    assert (job["aspect_ratio"], job["progress"]["total"]) == ("1:1", 1)


def test_a_cutout_is_a_job(gradio: GradioClient, http: httpx2.Client) -> None:
    job_id = gradio.call("/generate", "A paper crane")["result"]
    (image,) = job_when_done(http, job_id)["images"]
    cutting = gradio.call("/cutout", image["id"])["result"]
    assert http.get(f"/api/generate/{cutting}").json()["kind"] == "cutout"
    http.post(f"/api/generate/{cutting}/cancel")


@pytest.mark.parametrize(
    ("endpoint", "given", "method", "path", "body"),
    [
        ("/generate", {"prompt": ""}, "POST", "/api/generate", {"prompt": ""}),
        ("/generate", {"prompt": "x", "aspect_ratio": "7:3"}, "POST", "/api/generate", {"aspect_ratio": "7:3"}),
        ("/generate", {"prompt": "x", "count": 101}, "POST", "/api/generate", {"count": 101}),
        ("/generate", {"prompt": "x", "model": "nobody"}, "POST", "/api/generate", {"model": "nobody"}),
        ("/generate", {"prompt": "x" * 10_001}, "POST", "/api/generate", {"prompt": "x" * 10_001}),
        ("/job", {"job_id": "0" * 26}, "GET", f"/api/generate/{'0' * 26}", None),
        ("/job", {"job_id": "../jobs"}, "GET", f"/api/generate/{'0' * 26}", None),
        ("/images", {"limit": 201}, "GET", "/api/images?limit=201", None),
        ("/images", {"after": "x"}, "GET", "/api/images?after=x", None),
        ("/cutout", {"image_id": "0" * 26}, "POST", f"/api/images/{'0' * 26}/cutout", {}),
    ],
)
def test_a_refusal_has_rests_words(
    gradio: GradioClient, http: httpx2.Client, endpoint: str, given: Any, method: str, path: str, body: Any
) -> None:
    told = gradio.call(endpoint, **given)
    asked = None if body is None else {"prompt": "x", **body} if endpoint == "/generate" else body
    assert told == {"error": http.request(method, path, json=asked).json()["detail"], "kind": "AppError"}


def test_the_endpoints_and_nothing_else_are_told(http: httpx2.Client) -> None:
    info = http.get("/gradio_api/info?serialize=False").json()
    assert set(info["named_endpoints"]) == {"/generate", "/job", "/images", "/cutout"}
    assert info["unnamed_endpoints"] == {}
    names = [parameter["parameter_name"] for parameter in info["named_endpoints"]["/generate"]["parameters"]]
    assert names == ["prompt", "aspect_ratio", "image_size", "count", "model"]


def test_a_call_by_hand_as_gradios_documentation_shows_it(http: httpx2.Client) -> None:
    event_id = http.post("/gradio_api/call/images", json={"data": ["", "", 1, ""]}).json()["event_id"]
    with http.stream("GET", f"/gradio_api/call/images/{event_id}") as stream:
        lines = [line for line in stream.iter_lines() if line]
    assert lines[0] == "event: complete"
    assert "images" in json.loads(lines[1].removeprefix("data: "))[0]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (JOIN, b"{"),
        (JOIN, b"[" * 100_000),
        (JOIN, b"[]"),
        (JOIN, b"null"),
        (JOIN, {"fn_index": 0, "session_hash": "s"}),
        (JOIN, {"data": [SECRET], "fn_index": 0, "session_hash": "s"}),
        (JOIN, {"data": [SECRET] * 6, "fn_index": 0, "session_hash": "s"}),
        (JOIN, {"data": [SECRET], "fn_index": 99, "session_hash": "s"}),
        (JOIN, {"data": [SECRET], "fn_index": -3, "session_hash": "s"}),
        (JOIN, {"data": [SECRET], "fn_index": True, "session_hash": "s"}),
        (JOIN, {"data": [SECRET], "fn_index": 1}),
        (JOIN, {"data": [SECRET], "fn_index": 1, "session_hash": "../s"}),
        (JOIN, {"data": [SECRET], "fn_index": 1, "session_hash": "s" * 101}),
        (JOIN, {"data": [SECRET], "fn_index": 1, "session_hash": ["s"]}),
        (JOIN, {"data": [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}], "fn_index": 1}),
        ("/gradio_api/call/job", {"data": [["/etc/passwd"]]}),
        ("/gradio_api/call/job", {"data": {"0": "x"}}),
        ("/gradio_api/call/generate", {"data": ["x" * 200_001, "1:1", "1K", 1, "auto"]}),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value)[:60],
)
def test_what_is_no_call_gets_no_further(
    server: ServerProcess, http: httpx2.Client, path: str, body: bytes | dict[str, Any]
) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = http.post(path, content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, SECRET in answer.text) == (400, False)
    assert not any("Traceback" in line or SECRET in line for line in server.errors)


def test_what_is_sent_beside_a_call_does_not_reach_gradio(http: httpx2.Client) -> None:
    call = {
        "data": ["0" * 26],
        "fn_index": 1,
        "session_hash": "beside",
        "event_data": {"_data": {"path": "/etc/passwd"}},
        "oauth_token": "x",
        "trigger_id": 3,
        "batched": True,
        "simple_format": True,
    }
    assert http.post(JOIN, json=call).status_code == 200
    with http.stream("GET", "/gradio_api/queue/data?session_hash=beside") as stream:
        told = [json.loads(line.removeprefix("data: ")) for line in stream.iter_lines() if line]
    (done,) = [message for message in told if message["msg"] == "process_completed"]
    assert (done["success"], done["output"]["error"]) == (False, "There is no such job.")


@pytest.mark.parametrize("path", [JOIN, "/gradio_api/call/generate"])
def test_another_site_makes_no_call(http: httpx2.Client, path: str) -> None:
    call = {"data": ["made by another site", "1:1", "1K", 1, "auto"], "fn_index": 0, "session_hash": "evil"}
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert http.post(path, json=call, headers=headers).status_code == 403
    assert http.post(path, json=call, headers={"Host": "evil.example"}).status_code == 421
    titles = [job["title"] for job in http.get("/api/jobs").json()["jobs"]]
    assert "made by another site" not in titles


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/upload",
        "/gradio_api/run/generate",
        "/gradio_api/api/generate",
        "/gradio_api/call/v2/generate",
        "/gradio_api/component_server",
        "/gradio_api/reset",
        "/gradio_api/cancel",
        "/gradio_api/queue/join/",
        "/login",
        "/",
    ],
)
def test_nothing_else_of_gradio_can_be_posted_to(http: httpx2.Client, path: str) -> None:
    answer = http.post(path, json={"data": []})
    assert answer.status_code in (404, 405)


def test_no_prompt_reaches_the_log(server: ServerProcess, gradio: GradioClient) -> None:
    gradio.call("/generate", SECRET, "7:3")
    gradio.call("/generate", SECRET, model=SECRET)
    gradio.call("/images", q=SECRET)
    assert any("/gradio_api/queue/join" in line for line in server.errors)
    assert not any(SECRET in line or "Traceback" in line for line in server.errors)
