"""Background removal: a picture's subject on a transparent or plain ground, cut out in a process of its own.

Nothing heavy is loaded here: onnxruntime and rembg live in the child process that `Cutter` keeps.
"""

from imagegen.media.cutout.cutter import Cutter
from imagegen.media.cutout.downloads import DownloadFailed
from imagegen.media.cutout.models import CUTOUT_MODELS, CutoutModel, CutoutModelState
from imagegen.media.cutout.options import CutoutFailed, CutoutOptions, CutoutResult

__all__ = [
    "CUTOUT_MODELS",
    "CutoutFailed",
    "CutoutModel",
    "CutoutModelState",
    "CutoutOptions",
    "CutoutResult",
    "Cutter",
    "DownloadFailed",
]
