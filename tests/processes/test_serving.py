"""A child's own ends of its pipes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from imagegen.processes.serving import widen


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets pipes be widened")
def test_pipes_are_widened_and_what_is_no_pipe_is_left_alone(tmp_path: Path) -> None:
    import fcntl  # noqa: PLC0415 - not on Windows

    reading, writing = os.pipe()
    with os.fdopen(reading), os.fdopen(writing, "wb"), (tmp_path / "no pipe").open("wb") as file:
        before = fcntl.fcntl(writing, fcntl.F_GETPIPE_SZ)
        widen(file.fileno(), reading)
        assert fcntl.fcntl(writing, fcntl.F_GETPIPE_SZ) > before
