"""A worker as people write them for RunPod: its own loop, its own check of the input, a picture in base64.

Run with `--rp_serve_api` it serves itself, which is what the vendor offers for trials at home.
"""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import runpod
from runpod.serverless.utils.rp_validator import validate

SCHEMA: dict[str, dict[str, Any]] = {
    "prompt": {"type": str, "required": True},
    "negative_prompt": {"type": str, "required": False, "default": None},
    "width": {"type": int, "required": False, "default": 1024, "constraints": lambda edge: edge % 64 == 0},
    "height": {"type": int, "required": False, "default": 1024, "constraints": lambda edge: edge % 64 == 0},
    "seed": {"type": int, "required": False, "default": None},
    "num_images": {"type": int, "required": False, "default": 1},
}


def png(width: int, height: int, grey: int) -> bytes:
    """A picture in one tone."""
    rows = (b"\0" + bytes([grey]) * width) * height

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def handler(job: dict[str, Any]) -> dict[str, Any]:
    """Make the picture, or say what is wrong with the input."""
    checked = validate(job["input"], SCHEMA)
    if "errors" in checked:
        return {"error": str(checked["errors"])}
    asked = checked["validated_input"]
    if "broken" in asked["prompt"]:
        raise RuntimeError(f"no picture of {asked['prompt']}")
    data = png(asked["width"], asked["height"], (asked["seed"] or 0) % 256)
    return {"images": [f"data:image/png;base64,{base64.b64encode(data).decode()}"], "seed": asked["seed"]}


runpod.serverless.start({"handler": handler})
