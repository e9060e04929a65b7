"""The models at work: from an RGB picture to its matte.

The bundled model runs on onnxruntime directly: `import rembg` takes seconds, a minute in a fresh environment, and
its `remove` spends most of its time around the model. The others run in rembg's own sessions, which know how each
wants its pixels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnxruntime
from PIL import Image

from imagegen.media.cutout.models import CutoutModel
from imagegen.media.cutout.options import CutoutFailed
from imagegen.media.cutout.scales import with_fixed_scales

STRONGEST_AT_LEAST = 0.3
"""Photographs reach 1.00 at the strongest place of the raw matte, blank pictures and noise 0.03 (measured with
u2netp). The matte is stretched to the full range afterwards, which would make a subject of nothing."""

_MEAN = np.array((0.485, 0.456, 0.406), np.float32)
_DEVIATION = np.array((0.229, 0.224, 0.225), np.float32)
"""Of the ImageNet photographs, as the model was trained with."""

onnxruntime.set_default_logger_severity(4)


class Network(Protocol):
    """A loaded model."""

    def matte(self, rgb: Image.Image) -> Image.Image:
        """How much of each pixel belongs to the subject: mode L, of the size of `rgb`. Raises `CutoutFailed`."""


class Networks:
    """Loaded models: the bundled one always, of the others the last one, for they take a gigabyte and more."""

    def __init__(self) -> None:
        self._bundled: BundledNetwork | None = None
        self._other: tuple[str, RembgNetwork] | None = None

    def has(self, model: CutoutModel) -> bool:
        """Whether the model needs no loading."""
        return model.bundled if self._other is None else model.bundled or self._other[0] == model.id

    def load(self, model: CutoutModel, path: Path) -> Network:
        """The model, checked and loaded where it is not yet. Raises `CutoutFailed`."""
        if model.bundled:
            if self._bundled is None:
                _check(model, path)
                self._bundled = BundledNetwork(path)
            return self._bundled
        if self._other is None or self._other[0] != model.id:
            self._other = None
            _check(model, path)
            self._other = model.id, RembgNetwork(model, path)
        return self._other[1]


class BundledNetwork:
    """U²-Net small: 320² pixels, values of 0–1."""

    _SIDE = 320
    _INPUT = "input.1"
    _FUSED = "1959"  # the other outputs are the six stages that it is made from

    def __init__(self, path: Path) -> None:
        model = with_fixed_scales(path.read_bytes(), self._INPUT, self._SIDE)
        self._session = onnxruntime.InferenceSession(model, _options(), providers=["CPUExecutionProvider"])

    def matte(self, rgb: Image.Image) -> Image.Image:
        """As `Network.matte`."""
        pixels = np.asarray(_reduced(rgb, self._SIDE), np.float32)
        pixels /= max(float(pixels.max()), 1e-6)
        pixels = (pixels - _MEAN) / _DEVIATION
        planes = np.ascontiguousarray(pixels.transpose(2, 0, 1)[np.newaxis])
        (raw,) = self._session.run([self._FUSED], {self._INPUT: planes})
        values = raw[0, 0]
        strongest, weakest = float(values.max()), float(values.min())
        _check_found(strongest)
        shares = (values - weakest) * (255.0 / (strongest - weakest))
        return Image.fromarray(shares.astype(np.uint8)).resize(rgb.size, Image.Resampling.BICUBIC)


class RembgNetwork:
    """One of rembg's sessions on a file of ours; rembg would look elsewhere, and download by itself."""

    def __init__(self, model: CutoutModel, path: Path) -> None:
        from rembg.sessions import sessions  # noqa: PLC0415 - takes seconds

        ours = {"download_models": classmethod(lambda *_, **__: str(path))}
        session = type("Session", (sessions[model.id],), ours)
        self._model = model
        self._session = session(model.id, _options(), providers=["CPUExecutionProvider"])
        self._listener = self._session.inner_session = _Listener(self._session.inner_session)

    def matte(self, rgb: Image.Image) -> Image.Image:
        """As `Network.matte`."""
        with np.errstate(all="ignore"):  # rembg divides by nothing where nothing was found
            mask: Image.Image = self._session.predict(_reduced(rgb, self._model.side))[0]
        strongest = self._listener.strongest
        _check_found(1 / (1 + float(np.exp(-strongest))) if self._model.sigmoid else strongest)
        return mask.resize(rgb.size, Image.Resampling.BICUBIC)


class _Listener:
    """Notes what comes out of a model before rembg stretches it."""

    def __init__(self, inner: onnxruntime.InferenceSession) -> None:
        self._inner = inner
        self.strongest = 0.0

    def get_inputs(self) -> Sequence[Any]:
        return self._inner.get_inputs()  # type: ignore[no-any-return]

    def run(self, names: Sequence[str] | None, inputs: Mapping[str, object]) -> Sequence[Any]:
        outputs: Sequence[Any] = self._inner.run(names, inputs)
        self.strongest = float(outputs[0].max())
        return outputs


def _options() -> onnxruntime.SessionOptions:
    """Threads that wait without spinning: a fifth less CPU, and quicker where the server needs the cores too.

    Without planned memory, which is no quicker, the bundled model takes 190 MB less.
    """
    options = onnxruntime.SessionOptions()
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _reduced(rgb: Image.Image, side: int) -> Image.Image:
    """Square, whatever the ratio was. rembg's own filter, after a first step that is cheap.

    Plain means of areas are quicker by some milliseconds and change mattes: their IoU with rembg's is 0.95–0.998,
    with this filter 0.986–0.9998.
    """
    return rgb.resize((side, side), Image.Resampling.LANCZOS, reducing_gap=3)


def _check_found(strongest: float) -> None:
    if not strongest >= STRONGEST_AT_LEAST:
        raise CutoutFailed("nothing_found", "Nothing was found to cut out.")


def _check(model: CutoutModel, path: Path) -> None:
    try:
        intact = model.is_intact(path)
    except OSError:
        raise CutoutFailed("model", f"The file of the model {model.id} is missing.") from None
    if not intact:
        raise CutoutFailed(
            "model", f"The file of the model {model.id} is damaged; delete it and download it again."
        )
