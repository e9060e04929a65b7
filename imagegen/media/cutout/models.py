"""The models that are offered: all run on this computer, none needs a paid licence.

Name, address and md5 of each file are those that rembg 2.0.86 pins in `rembg/sessions/`. Its sessions that send
the picture to a service (`withoutbg`, `atlascloud`) are left out, and the one that is paid for commercially
(`bria-rmbg`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

_ASSETS = Path(__file__).resolve().parents[3] / "assets" / "models"
_RELEASE = "https://github.com/danielgatis/rembg/releases/download/v0.0.0/"


@dataclass(frozen=True, slots=True)
class CutoutModel:
    """One model. `bytes` is the exact size of its file; `side` the edge of its square input in pixels.

    `sigmoid` says that it gives logits, where the others give shares of 0–1. `licence` is that of the weights, as
    `licence_source` states it; `checksums_source` says where `bytes` and `sha256` are from.
    """

    id: str
    title: str
    licence: str
    licence_source: str
    bytes: int
    sha256: str
    md5: str
    checksums_source: str
    url: str
    side: int
    sigmoid: bool = False
    bundled: bool = False

    def path(self, models_dir: Path) -> Path:
        """Where its file lies, if it is installed."""
        return (_ASSETS if self.bundled else models_dir) / f"{self.id}.onnx"

    def is_intact(self, path: Path) -> bool:
        """Whether the file has the size and both checksums of the record. Raises `OSError`."""
        if path.stat().st_size != self.bytes:
            return False
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            md5 = hashlib.file_digest(file, _md5).hexdigest()
        return (sha256, md5) == (self.sha256, self.md5)


@dataclass(frozen=True, slots=True)
class CutoutModelState:
    """A model, and whether its file is here. `downloading` is the share that has come, 0–1; `error` a sentence."""

    model: CutoutModel
    installed: bool
    downloading: float | None = None
    error: str | None = None


def _md5() -> hashlib._Hash:
    """Allowed also where md5 is barred for security: it is what the publisher pins, beside sha256."""
    return hashlib.md5(usedforsecurity=False)


_SEVERAL_MANIFESTS = "agreeing manifests of public projects that ship this release file, November 2026; md5: rembg"
_U2NET_LICENCE = "https://github.com/xuebinqin/U-2-Net/blob/master/LICENSE"

CUTOUT_MODELS: Mapping[str, CutoutModel] = MappingProxyType(
    {
        model.id: model
        for model in (
            CutoutModel(
                id="u2netp",
                title="Quick (U²-Net small)",
                licence="Apache-2.0",
                licence_source=_U2NET_LICENCE,
                bytes=4_574_861,
                sha256="309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8",
                md5="8e83ca70e441ab06c318d82300c84806",
                checksums_source="counted on the bundled file; md5: rembg",
                url=_RELEASE + "u2netp.onnx",
                side=320,
                bundled=True,
            ),
            CutoutModel(
                id="u2net",
                title="General (U²-Net)",
                licence="Apache-2.0",
                licence_source=_U2NET_LICENCE,
                bytes=175_997_641,
                sha256="8d10d2f3bb75ae3b6d527c77944fc5e7dcd94b29809d47a739a7a728a912b491",
                md5="60024c5c889badc19c04ad937298a77b",
                checksums_source=_SEVERAL_MANIFESTS,
                url=_RELEASE + "u2net.onnx",
                side=320,
            ),
            CutoutModel(
                id="isnet-general-use",
                title="Objects (IS-Net)",
                licence="Apache-2.0",
                licence_source="https://github.com/xuebinqin/DIS/blob/main/LICENSE.md",
                bytes=178_648_008,
                sha256="60920e99c45464f2ba57bee2ad08c919a52bbf852739e96947fbb4358c0d964a",
                md5="fc16ebd8b0c10d971d3513d564d01e29",
                checksums_source=_SEVERAL_MANIFESTS,
                url=_RELEASE + "isnet-general-use.onnx",
                side=1024,
            ),
            CutoutModel(
                id="birefnet-general-lite",
                title="Fine edges (BiRefNet lite)",
                licence="MIT",
                licence_source="https://github.com/ZhengPeng7/BiRefNet/blob/main/LICENSE",
                bytes=224_005_088,
                sha256="5600024376f572a557870a5eb0afb1e5961636bef4e1e22132025467d0f03333",
                md5="4fab47adc4ff364be1713e97b7e66334",
                checksums_source=_SEVERAL_MANIFESTS,
                url=_RELEASE + "BiRefNet-general-bb_swin_v1_tiny-epoch_232.onnx",
                side=1024,
                sigmoid=True,
            ),
        )
    }
)
"""By id, in the order in which they are offered: the quickest first."""
