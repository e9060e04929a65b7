"""Where the server that holds a data folder is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from imagegen.jobs.holding import address_of_holder, announced

ADDRESS = "http://127.0.0.1:7861"


async def test_the_address_is_there_while_the_server_is(tmp_path: Path) -> None:
    assert address_of_holder(tmp_path) is None
    async with announced(tmp_path, ADDRESS):
        assert address_of_holder(tmp_path) == ADDRESS
    assert address_of_holder(tmp_path) is None


async def test_it_is_taken_away_also_when_the_server_fails(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        async with announced(tmp_path, ADDRESS):
            raise RuntimeError
    assert address_of_holder(tmp_path) is None


async def test_what_a_killed_server_left_is_replaced(tmp_path: Path) -> None:
    (tmp_path / ".address").write_text("http://127.0.0.1:1\n")
    async with announced(tmp_path, ADDRESS):
        assert address_of_holder(tmp_path) == ADDRESS


async def test_no_room_for_it_is_no_reason_not_to_serve(tmp_path: Path) -> None:
    async with announced(tmp_path / "gone", ADDRESS):
        assert address_of_holder(tmp_path / "gone") is None


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"ftp://x", b"127.0.0.1:7861"])
def test_what_is_no_address_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".address").write_bytes(content)
    assert address_of_holder(tmp_path) is None
