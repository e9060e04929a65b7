"""The process itself: `python app.py` on a free port."""

from __future__ import annotations

import signal
import socket
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from imagegen.web.listening import CannotListen, address_of, listen
from tests.emulator.gemini import KEY, GeminiEmulator, Kind
from tests.server_process import ServerProcess

pytestmark = pytest.mark.server


def ended(data_dir: Path, settings: dict[str, str], *, port: int = 0) -> tuple[int, str]:
    """Exit status and error output of a server that does not get to run."""
    server = ServerProcess(data_dir, settings, port=port)
    status = server.wait()
    for pipe in (server.process.stdout, server.process.stderr):
        assert pipe is not None
        pipe.close()
    return status, "".join(server.errors)


def test_it_tells_where_it_is_and_stops_cleanly(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server, server.client() as client, ExitStack() as tabs:
        assert client.get("/healthz").json()["status"] == "ok"
        page = client.get("/")
        assert (page.status_code, "gradio" in page.text) == (200, True)
        for _ in range(3):
            stream = tabs.enter_context(client.stream("GET", "/api/events"))
            assert next(stream.iter_lines()) == "id: 0"
        assert server.stop() == 0
        assert not [line for line in server.errors if "Traceback" in line or "ERROR" in line]


def test_it_stops_while_the_page_is_still_being_built(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server:
        assert server.stop() == 0
        assert server.errors == []


def test_a_second_signal_does_not_wait_for_running_work(tmp_path: Path) -> None:
    with GeminiEmulator() as gemini:
        gemini.script(Kind.HANG)
        settings = {"GEMINI_API_KEY": KEY, "GOOGLE_GEMINI_BASE_URL": gemini.url}
        with ServerProcess(tmp_path, settings) as server, server.client() as client:
            client.post("/api/generate", json={"prompt": "x"})
            with client.stream("GET", "/api/events", headers={"Last-Event-ID": "0"}) as stream:
                lines = stream.iter_lines()
                assert any('"step":"sent"' in line for line in lines)
                server.process.send_signal(signal.SIGTERM)
                assert [*lines][-1:] in ([], [""])  # the stream ends when the first signal is being obeyed
            server.process.send_signal(signal.SIGTERM)
            assert server.wait() == 128 + signal.SIGTERM


def test_a_port_in_use(tmp_path: Path) -> None:
    with closing(listen("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen, match=f"cannot listen on 127.0.0.1 port {port}: address already in use"):
            listen("127.0.0.1", port)
        status, errors = ended(tmp_path, {}, port=port)
    assert (status, errors.count("\n")) == (1, 1)
    assert f"port {port}" in errors
    assert list(tmp_path.iterdir()) == []


def test_a_second_server_on_the_same_data_folder(tmp_path: Path) -> None:
    with ServerProcess(tmp_path):
        status, errors = ended(tmp_path, {})
    assert (status, errors.count("\n")) == (1, 1)
    assert "another server already uses the data folder" in errors


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"IMAGEGEN_HOST": "0.0.0.0"}, "IMAGEGEN_HOST"),
        ({"IMAGEGEN_PORT": "seven"}, "IMAGEGEN_PORT"),
        ({"IMAGEGEN_PROVIDERS": "nobody"}, "there is no provider 'nobody'"),
        ({"IMAGEGEN_PROVIDERS": "gemini"}, "GEMINI_API_KEY"),
    ],
    ids=["host", "port", "provider", "key"],
)
def test_a_setting_that_cannot_be_used(tmp_path: Path, settings: dict[str, str], words: str) -> None:
    status, errors = ended(tmp_path, settings)
    assert (status, errors.count("\n")) == (1, 1)
    assert errors.startswith("imagegen: ")
    assert words in errors


def test_a_data_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    status, errors = ended(tmp_path / "file" / "data", {})
    assert (status, errors.count("\n")) == (1, 1)
    assert str(tmp_path) in errors


def test_a_database_of_a_newer_version(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "imagegen.sqlite3")) as database, database:
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("INSERT INTO alembic_version VALUES ('2099_01_01_later')")
    status, errors = ended(tmp_path, {})
    assert (status, errors.count("\n")) == (1, 1)
    assert "newer imagegen" in errors


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_connections_wait_until_somebody_accepts(host: str) -> None:
    with closing(listen(host, 0)) as listening:
        address = listening.getsockname()[:2]
        assert address_of(listening) == (
            f"http://[::1]:{address[1]}" if host == "::1" else f"http://{host}:{address[1]}"
        )
        with closing(socket.create_connection(address, timeout=5)):
            accepted, _ = listening.accept()
            accepted.close()
