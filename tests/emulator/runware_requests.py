"""Reading a list of tasks as strictly as Runware does: an unknown field or value is an error with a code."""

from __future__ import annotations

import base64
import binascii
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NANO_BANANA_PRO = "google:4@2"
MODELS = (NANO_BANANA_PRO, "runware:100@1", "runware:101@1")
REFERENCES_MAX = 14
_EDGES = range(128, 2049, 64)
_WIDE = ((1024, 1024), (1264, 848), (1200, 896), (1152, 928), (1376, 768))
_LISTED = {
    *((side[0] * by, side[1] * by) for side in _WIDE for by in (1, 2, 4)),
    *((side[1] * by, side[0] * by) for side in _WIDE for by in (1, 2, 4)),
    *((1548, 672), (3168, 1344), (6336, 2688), (5096, 3392), (3392, 5096)),
}
"""The sizes that the vendor's page lists for Nano Banana Pro (read 2026-11-21)."""
_FIELDS = {
    "taskType",
    "taskUUID",
    "deliveryMethod",
    "includeCost",
    "outputType",
    "outputFormat",
    "numberResults",
    "model",
    "positivePrompt",
    "width",
    "height",
    "seed",
    "inputs",
}
_OF_FLUX = {"strength", "steps", "CFGScale", "negativePrompt"}
_URI = re.compile(r"data:(image/(?:png|jpeg|webp));base64,(.+)", re.DOTALL)


class RefusedError(Exception):
    """A task is refused with that error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Asked:
    """What a task asks for. References are (media type, bytes) in order; `fields` is the task as it came."""

    task: str
    prompt: str
    model: str
    width: int
    height: int
    seed: int | None
    output_format: str
    references: tuple[tuple[str, bytes], ...]
    fields: Mapping[str, Any] = field(repr=False)


def task_in(body: bytes) -> dict[str, Any]:
    """The one task of a request. Raises `RefusedError`."""
    try:
        decoded = json.loads(body)
    except ValueError:
        raise RefusedError("invalidRequest", "The body is no JSON.") from None
    if not isinstance(decoded, list) or len(decoded) != 1 or not isinstance(decoded[0], dict):
        raise RefusedError("invalidRequest", "The emulator takes a list of one task.")
    task: dict[str, Any] = decoded[0]
    try:
        version = uuid.UUID(str(task.get("taskUUID"))).version
    except ValueError:
        version = None
    if version != 4:
        raise RefusedError("invalidTaskUUID", "Invalid value for 'taskUUID' parameter. It must be a UUID v4.")
    kinds = ("imageInference", "getResponse", "getTaskDetails", "accountManagement")
    if task.get("taskType") not in kinds:
        raise RefusedError("unsupportedTaskType", f"Supported values are: {', '.join(kinds)}.")
    return task


def asked(task: dict[str, Any]) -> Asked:
    """An `imageInference` task. Raises `RefusedError`."""
    model = task.get("model")
    if model not in MODELS:
        raise RefusedError("modelNotFound", f"There is no model {model!r}.")
    flux = model != NANO_BANANA_PRO
    for name in task:
        if name not in _FIELDS | (_OF_FLUX if flux else set()):
            raise RefusedError("unsupportedParameter", f"Unsupported use of '{name}' parameter.")
    prompt = task.get("positivePrompt")
    if not isinstance(prompt, str) or len(prompt) < 2:
        raise RefusedError("invalidPositivePrompt", "A prompt has at least two characters.")
    _choices(task)
    width, height = task.get("width"), task.get("height")
    fits = (width in _EDGES and height in _EDGES) if flux else (width, height) in _LISTED
    if not (isinstance(width, int) and isinstance(height, int) and fits):
        raise RefusedError("invalidDimensions", f"{width}x{height} is no size of this model.")
    seed = task.get("seed")
    if seed is not None and not (isinstance(seed, int) and 0 <= seed < 2**63):
        raise RefusedError("invalidSeed", "Invalid value for 'seed' parameter.")
    references = _references(task, flux=flux)
    output_format = task.get("outputFormat", "JPG")
    return Asked(str(task["taskUUID"]), prompt, model, width, height, seed, output_format, references, task)


def _choices(task: Mapping[str, Any]) -> None:
    allowed: dict[str, tuple[object, ...]] = {
        "deliveryMethod": ("async",),  # the emulator delivers in no other way
        "includeCost": (True, False),
        "outputType": ("URL",),
        "outputFormat": ("JPG", "PNG", "WEBP"),
        "numberResults": (1,),
    }
    for name, values in allowed.items():
        if name in task and task[name] not in values:
            raise RefusedError(f"invalid{name[0].upper()}{name[1:]}", f"Invalid value for '{name}' parameter.")
    if "deliveryMethod" not in task:
        raise RefusedError("invalidDeliveryMethod", "The emulator delivers tasks that are asynchronous.")


def _references(task: Mapping[str, Any], *, flux: bool) -> tuple[tuple[str, bytes], ...]:
    inputs = task.get("inputs", {})
    name = "seedImage" if flux else "referenceImages"
    if not isinstance(inputs, dict) or not set(inputs) <= {name}:
        raise RefusedError("unsupportedParameter", "Unsupported use of 'inputs' parameter.")
    if flux and ("strength" in task) != (name in inputs):
        raise RefusedError("conflictStrength", "'strength' and 'inputs.seedImage' go together.")
    if flux and not 0 <= task.get("strength", 0) <= 1:
        raise RefusedError("invalidStrength", "Invalid value for 'strength' parameter.")
    given = inputs.get(name, [])
    images = [given] if isinstance(given, str) else given
    if not isinstance(images, list) or len(images) > REFERENCES_MAX or (name in inputs and not images):
        raise RefusedError("invalidReferenceImages", f"Between 1 and {REFERENCES_MAX} pictures are taken.")
    return tuple(_reference(image) for image in images)


def _reference(value: object) -> tuple[str, bytes]:
    found = _URI.fullmatch(value) if isinstance(value, str) else None
    try:
        return (found[1], base64.b64decode(found[2], validate=True)) if found else _no_picture()
    except binascii.Error:
        return _no_picture()


def _no_picture() -> tuple[str, bytes]:
    raise RefusedError("invalidImage", "That is no picture.")
