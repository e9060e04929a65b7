"""The environment of the vendors' own clients, and how one of them is run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from imagegen.settings import ROOT

_ENVIRONMENT = ROOT / ".venv-oracles"
PYTHON = _ENVIRONMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
HERE = Path(__file__).parent

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
