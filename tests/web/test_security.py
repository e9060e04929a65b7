"""Who may ask, and what every answer carries."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from imagegen.web.security import Guard, host_allowed, host_name, space_host
from tests.web.conftest import OpenStudio, Studio

OWN = {"Host": "127.0.0.1:7860"}
POST = ("POST", "/api/generate")


async def answer_of(
    method: str, path: str, headers: Mapping[str, str], *, guard: Guard | None = None
) -> tuple[int, dict[str, str]]:
    """Status and headers. Reading the body fails, so a refusal proves that nothing of it was read."""
    guard = guard or Guard(PlainTextResponse("inside"))
    started: list[Message] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.append(message)

    async def receive() -> Message:
        raise AssertionError("the body was read")

    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await guard({"type": "http", "method": method, "path": path, "headers": raw}, receive, send)
    return started[0]["status"], {name.decode(): value.decode() for name, value in started[0]["headers"]}


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost:7860", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:7860", "studio.example"]
)
async def test_hosts_that_are_answered(host: str) -> None:
    guard = Guard(PlainTextResponse("inside"), allowed_hosts=("studio.example",))
    assert (await answer_of("GET", "/", {"Host": host}, guard=guard))[0] == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example:7860",
        "evil.example:127",
        "",
        "localhost:x",
        "[::1",
        "[::1]x",
        "::1",
        "localhost@evil.example",
        "localhost:",
        "0.0.0.0",
        "127.0.0.2",
    ],
)
async def test_other_hosts_are_misdirected(host: str) -> None:
    for method, path in (("GET", "/"), ("GET", "/healthz"), POST, ("GET", "/assets/page/x.js")):
        assert (await answer_of(method, path, {"Host": host}))[0] == 421


async def test_no_host_and_two_hosts_are_misdirected(studio: Studio) -> None:
    assert (await answer_of("GET", "/", {}))[0] == 421
    twice = [("Host", "localhost"), ("Host", "evil.example")]
    assert (await studio.client.get("/healthz", headers=twice)).status_code == 421


def test_an_allowed_host_with_a_port_holds_for_that_port() -> None:
    assert host_allowed("studio.example:8443", ["studio.example:8443"])
    assert not host_allowed("studio.example:8444", ["studio.example:8443"])
    assert host_name("[fe80::1]:80") == "fe80::1"


def test_a_space_has_a_host_of_its_own() -> None:
    assert space_host("Some.One/image_gen") == "some-one-image-gen.hf.space"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://127.0.0.1:7860"},
        {"Origin": "http://127.0.0.1:7860", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=["a program", "an older browser", "our page", "our page, reading", "the address bar"],
)
async def test_who_may_ask(headers: dict[str, str]) -> None:
    for method, path in (POST, ("GET", "/api/events"), ("GET", "/api/images/x/file"), ("GET", "/")):
        assert (await answer_of(method, path, OWN | headers))[0] == 200


CROSS_SITE = [
    {"Origin": "null"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://127.0.0.1:3000"},
    {"Origin": "http://localhost:7860"},
    {"Origin": "file://127.0.0.1:7860"},
    {"Origin": ""},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    {"Sec-Fetch-Site": "invented"},
]


@pytest.mark.parametrize("headers", CROSS_SITE, ids=str)
async def test_other_sites_may_not_ask(headers: dict[str, str]) -> None:
    for method, path in (POST, ("DELETE", "/api/images/x"), ("GET", "/api/events"), ("GET", "/gradio_api/info")):
        assert (await answer_of(method, path, OWN | headers))[0] == 403


async def test_a_link_may_open_the_page_and_nothing_else() -> None:
    link = OWN | {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert (await answer_of("GET", "/", link))[0] == 200
    assert (await answer_of("GET", "/docs", link))[0] == 200
    assert (await answer_of("GET", "/api/images/x/file", link))[0] == 403
    assert (await answer_of("POST", "/", link))[0] == 403


async def test_a_form_of_another_site_makes_nothing(studio: Studio) -> None:
    headers = {"Origin": "https://evil.example", "Content-Type": "text/plain"}
    answer = await studio.client.post("/api/generate", content=b'{"prompt": "x"}', headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert (await studio.client.get("/api/jobs")).json()["jobs"] == []


@pytest.mark.parametrize(
    "path",
    [
        "",
        "upload",
        "upload_progress",
        "file=/etc/passwd",
        "file/x",
        "proxy=http://x",
        "stream/1/2/3/playlist.m3u8",
        "component_server",
        "server_functions",
        "dev/reload",
        "deep_link",
        "run/generate",
        "api/generate",
        "run/predict",
        "call/v2/generate",
        "call/other",
        "call/generate/../../upload",
        "queue/join/",
        "queue/join/x",
        "queue/status",
        "queue/data/../../upload",
        "reset",
        "cancel",
        "vibe-edit",
        "process_recording",
        "login",
        "token",
        "user",
        "monitoring",
        "info/../upload",
    ],
)
async def test_gradios_other_routes_are_shut(path: str) -> None:
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"):
        assert (await answer_of(method, f"/gradio_api/{path}", OWN))[0] == 404
        assert (await answer_of(method, "/gradio_api", OWN))[0] == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "info"),
        ("GET", "heartbeat/abc"),
        ("GET", "startup-events"),
        ("POST", "queue/join"),
        ("GET", "queue/data"),
        *(("POST", f"call/{name}") for name in ("generate", "job", "images", "cutout")),
        ("GET", "call/generate/abc"),
    ],
)
async def test_gradios_routes_that_the_page_and_its_api_need(method: str, path: str) -> None:
    assert (await answer_of(method, f"/gradio_api/{path}", OWN))[0] == 200
    for headers in CROSS_SITE:
        assert (await answer_of(method, f"/gradio_api/{path}", OWN | headers))[0] == 403
    assert (await answer_of(method, f"/gradio_api/{path}", {"Host": "evil.example"}))[0] == 421
    other = "POST" if method == "GET" else "GET"
    assert (await answer_of(other, f"/gradio_api/{path}", OWN))[0] == 404


@pytest.mark.parametrize("path", ["/", "/api/jobs", "/healthz", "/docs", "/nothing", "/assets/docs/open.js"])
async def test_every_answer_makes_browsers_careful(studio: Studio, path: str) -> None:
    for headers in ({}, {"Host": "evil.example"}, {"Origin": "null"}):
        answer = await studio.client.get(path, headers=headers)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_data_runs_nothing_even_when_shown_as_a_page(studio: Studio) -> None:
    image_id = await studio.picture()
    policy = (await studio.client.get(f"/api/images/{image_id}/file")).headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy


async def test_a_space_may_be_framed_by_its_host_only(open_studio: OpenStudio) -> None:
    async with open_studio(SPACE_ID="some/one") as studio:
        answer = await studio.client.get("/", headers={"Host": "some-one.hf.space"})
        assert answer.status_code == 200
        assert "frame-ancestors 'self' https://huggingface.co" in answer.headers["content-security-policy"]
        assert "x-frame-options" not in answer.headers


async def test_web_sockets_are_closed() -> None:
    sent: list[Message] = []

    async def inside(_: Scope, __: Receive, ___: Send) -> None:
        raise AssertionError("passed on")

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    await Guard(inside)({"type": "websocket", "path": "/", "headers": []}, receive, send)
    assert [message["type"] for message in sent] == ["websocket.close"]
