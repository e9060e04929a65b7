"""A child that speaks like the one with diffusers and draws noise instead: `-m tests.providers.fake_diffusing`.

The model's name says how it ends: `fails-TROUBLE` fails with that word, `dies` ends in the midst of a picture,
`hangs` falls silent there, and anything else draws. It is as strict about requests as the real one.
"""

from __future__ import annotations

import os
from io import BytesIO
from random import Random

from PIL import Image, ImageOps

from imagegen.processes.frames import Header
from imagegen.processes.serving import Service

STEPS = 4
FIELDS = {"model", "prompt", "width", "height", "seed", "output_format"}


def main() -> None:
    """Serve until stdin closes."""
    service = Service.open()
    is_loaded = False
    while True:
        request, reference = service.asked()
        assert set(request) == FIELDS, request
        assert request["width"] % 16 == request["height"] % 16 == 0
        if not is_loaded:
            service.say({"event": "loading"})
        model = request["model"]
        if model.startswith("fails-"):
            service.say({"event": "failed", "trouble": model.removeprefix("fails-")})
            continue
        is_loaded = True
        service.say({"event": "working"})
        for step in range(1, STEPS + 1):
            service.say({"event": "step", "done": step / STEPS}, encoded(small(), "JPEG") if step == 2 else b"")
            if step == 3 and model == "dies":
                os._exit(1)
            if step == 3 and model == "hangs":
                service.asked()
        service.say({"event": "done"}, encoded(drawn(request, reference), request["output_format"].upper()))


def drawn(request: Header, reference: bytes) -> Image.Image:
    """Noise of the seed and the words, over the reference where there is one."""
    size = request["width"], request["height"]
    noise = Random(f"{request['seed']} {request['prompt']}").randbytes(32 * 32 * 3)
    picture = Image.frombytes("RGB", (32, 32), noise).resize(size, Image.Resampling.NEAREST)
    if not reference:
        return picture
    with Image.open(BytesIO(reference)) as opened:
        return Image.blend(ImageOps.fit(opened.convert("RGB"), size), picture, 0.2)


def small() -> Image.Image:
    """An early state."""
    return Image.new("RGB", (32, 32), "grey")


def encoded(picture: Image.Image, kind: str) -> bytes:
    """The picture's file."""
    buffer = BytesIO()
    picture.save(buffer, kind)
    return buffer.getvalue()


if __name__ == "__main__":
    main()
