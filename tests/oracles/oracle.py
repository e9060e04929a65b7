"""The environment of the vendors' own clients, how one of them is run, and what was recorded of them.

`recorded.json` holds what the clients and the worker of these versions sent and answered, so that it is held
against emulators and adapters where they are not installed as well; where they are, it must still be what they do.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from imagegen.settings import ROOT
from tests.emulator.server import Answer, Call, Emulator

_ENVIRONMENT = ROOT / ".venv-oracles"
PYTHON = _ENVIRONMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
HERE = Path(__file__).parent
RECORDED: dict[str, Any] = json.loads((HERE / "recorded.json").read_text("utf-8"))
ANY_UUID = "8f14e45f-ceea-467f-ab4d-fb2a35d0e1a1"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?!-u1)")

needs_oracles = pytest.mark.skipif(
    not PYTHON.exists(), reason="the vendors' own clients have an environment of their own: make oracles"
)


def told_by(program: str, told: dict[str, Any]) -> Any:
    """What a program of this folder writes when it is told something on standard input."""
    done = subprocess.run(
        [PYTHON, HERE / program], input=json.dumps(told), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def noted(emulator: Emulator[Any]) -> list[Any]:
    """What arrives at an emulator from now on: method, path and body."""
    calls: list[Any] = []
    understand = emulator.understand

    def noting(call: Call) -> Any:
        calls.append([call.method, call.path, json.loads(call.body) if call.body else None])
        answer: Answer | Any = understand(call)
        return answer

    emulator.understand = noting  # type: ignore[method-assign]
    return calls


def comparable(value: Any) -> Any:
    """The same with one id in the place of every random one."""
    return json.loads(_UUID.sub(ANY_UUID, json.dumps(value)))
