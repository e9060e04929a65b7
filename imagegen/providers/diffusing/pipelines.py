"""Loading a pipeline: from a folder, from what was downloaded before, or from the Hugging Face Hub.

Weights are read as safetensors only, and a model's own code is never run.
"""

from __future__ import annotations

import inspect
from pathlib import Path

import torch
from diffusers import DiffusionPipeline
from huggingface_hub.errors import HfHubHTTPError

from imagegen.providers.diffusing.places import folder_of
from imagegen.providers.diffusing.trouble import DiffusingFailed

_SAFE = {"use_safetensors": True, "trust_remote_code": False}
_NOT_FOR_YOU = (401, 403, 404)
"""The hub's answers for a model that does not exist, or that one has to be let into."""


class Pipelines:
    """One model: its pipeline that starts from words, and one of the same weights that starts from a picture."""

    def __init__(self, model: str) -> None:
        """Load a model, a folder or an id of the hub. Raises `DiffusingFailed`; takes seconds to hours."""
        self.from_words = _found(model)
        if "prompt" not in inspect.signature(self.from_words.__call__).parameters:
            raise DiffusingFailed("unloadable")  # makes pictures of one kind, whatever the words
        self.from_words.set_progress_bar_config(disable=True)
        self._from_picture: DiffusionPipeline | None = None

    def from_picture(self) -> DiffusionPipeline:
        """Raises `DiffusingFailed` where diffusers knows no such pipeline for the model."""
        if self._from_picture is None:
            # Here, because it imports every pipeline there is, for seconds.
            from diffusers import AutoPipelineForImage2Image  # noqa: PLC0415

            try:
                self._from_picture = AutoPipelineForImage2Image.from_pipe(self.from_words)
            except ValueError:
                raise DiffusingFailed("no_references") from None
            self._from_picture.set_progress_bar_config(disable=True)
        return self._from_picture


def _found(model: str) -> DiffusionPipeline:
    folder = folder_of(model)
    if folder is not None:
        return _loaded(folder)
    try:
        return _loaded(DiffusionPipeline.download(model, local_files_only=True, **_SAFE))
    except DiffusingFailed as failed:
        if failed.trouble != "unloadable":
            raise
    except (OSError, ValueError):  # not here yet
        pass
    return _loaded(_downloaded(model))


def _downloaded(model: str) -> str:
    """The folder of a model of the hub, fetched as far as it is not here."""
    try:
        return str(DiffusionPipeline.download(model, **_SAFE))
    except Exception as error:  # noqa: BLE001 - the hub's client raises those of three HTTP libraries
        refused = any(
            isinstance(one, HfHubHTTPError) and one.response.status_code in _NOT_FOR_YOU for one in _chain(error)
        )
        raise DiffusingFailed("no_model" if refused else "offline") from None


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _loaded(folder: Path | str) -> DiffusionPipeline:
    device, precision = _place()
    try:
        pipeline = DiffusionPipeline.from_pretrained(folder, dtype=precision, local_files_only=True, **_SAFE)
        return pipeline.to(device)
    except Exception as error:  # noqa: BLE001 - a damaged file can be unreadable in as many ways as there are formats
        raise DiffusingFailed("no_memory" if is_out_of_memory(error) else "unloadable") from None


def _place() -> tuple[str, torch.dtype]:
    """The best device here, and the numbers that pictures are made with on it: half as long but on a CPU.

    Where it can, a graphics card gets bfloat16, in whose range no model's values overflow as they may in float16.
    """
    if torch.cuda.is_available():
        return "cuda", torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if torch.backends.mps.is_available():
        return "mps", torch.float16
    return "cpu", torch.float32


def is_out_of_memory(error: BaseException) -> bool:
    """Whether that was the reason; torch tells of it in one way for each device."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    words = str(error)
    return isinstance(error, RuntimeError) and ("allocate memory" in words or "out of memory" in words)
