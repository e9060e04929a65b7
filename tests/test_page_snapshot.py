"""The page at a second start: shown from its snapshot, the same as Gradio draws it, before Gradio is there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from imagegen.page.mount import AS_SHIPPED
from imagegen.page.snapshot import EarlyPage, app_id, fingerprint
from tests.server_process import ROOT, ServerProcess

pytestmark = pytest.mark.server

FORWARDED = {"X-Forwarded-Proto": "http"}
"""What comes through a proxy is answered by Gradio itself."""


def _modules(server: ServerProcess) -> str:
    """The libraries that the process has mapped."""
    return Path(f"/proc/{server.process.pid}/maps").read_text("utf-8")


def _at_any(text: str, url: str) -> str:
    return text.replace(url, "http://here")


def test_a_second_start_shows_the_same_page_without_gradio(tmp_path: Path) -> None:
    settings = {"IMAGEGEN_PROVIDERS": "sketch", "IMAGEGEN_CACHE_DIR": str(tmp_path / "cache")}
    paths = ("/", "/manifest.json", "/favicon.ico", "/theme.css")
    drawn: dict[str, str] = {}
    with ServerProcess(tmp_path, settings) as first, first.client() as client:
        for path in paths:
            answer = client.get(path)
            assert answer.status_code == 200
            drawn[path] = _at_any(answer.text, first.url)
        assert client.get("/gradio_api/info").status_code == 200
    assert (tmp_path / "cache" / "page.json").is_file()
    with ServerProcess(tmp_path, settings) as second, second.client() as client:
        shown = {path: _at_any(client.get(path).text, second.url) for path in paths}
        assert shown == drawn
        script = next(part for part in drawn["/"].split('"') if part.startswith("./assets/index-"))
        assert client.get(script.removeprefix(".")).status_code == 200
        assert client.get("/assets/nothing.js").status_code == 404
        assert "/pandas/" not in _modules(second), "Gradio was imported, for it brings pandas"
        itself = client.get("/", headers=FORWARDED)
        assert _at_any(itself.text, second.url) == drawn["/"]
        assert "/pandas/" in _modules(second)


def test_drawn_ahead_of_time_the_first_start_needs_no_gradio(tmp_path: Path) -> None:
    settings = {"IMAGEGEN_CACHE_DIR": str(tmp_path / "cache")}
    subprocess.run([sys.executable, "-m", "imagegen.page"], check=True, env=os.environ | settings, cwd=ROOT)
    with ServerProcess(tmp_path / "data", settings | {"IMAGEGEN_PROVIDERS": "sketch"}) as server:
        with server.client() as client:
            assert "/assets/page/" in client.get("/").text
        assert "/pandas/" not in _modules(server)


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", json.dumps(dict.fromkeys(("fingerprint", "html", "theme", "manifest"), "x"))]
)
def test_another_snapshot_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "page.json").write_text(content)
    early = EarlyPage(tmp_path, AS_SHIPPED.assets)
    assert not early.complete
    assert not early.answers({"type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"localhost")]})


async def test_a_page_that_cannot_be_drawn_leaves_no_snapshot(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    early = EarlyPage(tmp_path, AS_SHIPPED.assets)

    async def broken(_scope: object, _receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 500, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b""})  # type: ignore[operator]

    await early.keep(broken)
    assert not EarlyPage(tmp_path, AS_SHIPPED.assets).complete
    assert "cannot be kept" in caplog.text


def test_the_mark_changes_with_the_files(tmp_path: Path) -> None:
    (tmp_path / "main.js").write_text("one")
    before = fingerprint(tmp_path)
    assert fingerprint(tmp_path) == before
    (tmp_path / "main.js").write_text("two")
    assert fingerprint(tmp_path) != before
    assert 0 <= app_id(before) < 2**53


def test_a_strange_host_is_not_put_into_the_page(tmp_path: Path) -> None:
    early = EarlyPage(tmp_path, AS_SHIPPED.assets)
    early._snapshot = object()  # type: ignore[assignment]
    for host, answered in ((b"localhost:7860", True), (b"[::1]:7860", True), (b'"><script>', False), (b"", False)):
        scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", host)]}
        assert early.answers(scope) is answered
