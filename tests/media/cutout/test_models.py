"""The models that are offered, and the one that is bundled."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from imagegen.media.cutout import CUTOUT_MODELS, CutoutModel

BUNDLED = CUTOUT_MODELS["u2netp"]
ASSETS = BUNDLED.path(Path()).parent


def test_the_bundled_file_is_the_one_that_the_record_and_the_list_of_sums_name() -> None:
    assert BUNDLED.is_intact(BUNDLED.path(Path("elsewhere")))
    assert f"{BUNDLED.sha256}  u2netp.onnx" in (ASSETS / "SHA256SUMS").read_text().splitlines()
    assert [model.id for model in CUTOUT_MODELS.values() if model.bundled] == ["u2netp"]


def test_a_file_that_differs_in_one_byte_is_not_intact(tmp_path: Path) -> None:
    data = bytearray(BUNDLED.path(Path()).read_bytes())
    data[1000] ^= 1
    changed = tmp_path / "u2netp.onnx"
    changed.write_bytes(data)
    assert not BUNDLED.is_intact(changed)
    changed.write_bytes(data[:-1])
    assert not BUNDLED.is_intact(changed)


@pytest.mark.parametrize("model", CUTOUT_MODELS.values(), ids=lambda model: model.id)
def test_a_record_says_what_rembg_pins(model: CutoutModel) -> None:
    """Its address and md5 stand in the installed rembg, for a session that runs here and costs nothing."""
    from rembg.sessions import sessions  # noqa: PLC0415 - seconds, and only needed here

    session = sessions[model.id]
    assert session.is_local()
    assert not session.requires_credentials()
    assert not session.has_usage_cost()
    source = Path(sys.modules[session.__module__].__file__ or "").read_text("utf-8")
    assert f'"{model.url}"' in source
    assert f'"md5:{model.md5}"' in source
    assert model.licence in ("Apache-2.0", "MIT")


def test_nothing_heavy_is_loaded_for_asking() -> None:
    code = "import sys, imagegen.media.cutout; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "imagegen.media.cutout.cutter" in loaded
    assert not {"rembg", "onnxruntime", "numpy", "numba", "PIL", "skimage"} & loaded
