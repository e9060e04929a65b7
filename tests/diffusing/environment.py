"""The environment with torch and diffusers, and models of a few hundred kilobytes that are made in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from imagegen.settings import ROOT

_ENVIRONMENT = ROOT / ".venv-local"
PYTHON = _ENVIRONMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
HERE = Path(__file__).parent

needs_diffusers = pytest.mark.skipif(
    not PYTHON.exists(), reason="torch and diffusers have an environment of their own: make local"
)


def make_model(folder: Path, kind: str) -> Path:
    """A model with random weights in that folder; `kind` is one of those in `tiny_model.py`."""
    done = subprocess.run(
        [PYTHON, HERE / "tiny_model.py", kind, folder],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={"PATH": os.environ["PATH"], "HF_HUB_OFFLINE": "1", "HOME": str(folder.parent)},
    )
    assert done.returncode == 0, done.stderr
    return folder
