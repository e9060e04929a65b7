"""One request to Stability AI: which route a model has, and the fields of its form.

Imported when the first picture is asked for, with httpx2's client.
"""

from __future__ import annotations

from imagegen.media.inspect import NotAPicture, inspect
from imagegen.providers.base import ProviderCall
from imagegen.providers.http_wire import HttpWire
from imagegen.providers.transfer import Answer, Receiving

STRENGTH = 0.7
"""How far a picture may leave its reference: at 0 it is the reference itself, at 1 the reference is not looked at.
The prompt is what was asked for, and the reference's composition has to stay."""
ANY_SEED = 0
"""What the vendor takes for "any seed"."""
STANDS_FOR_ANY_SEED = 2**31
"""Sent in its place, for a person's 0 is a seed like any other; above every seed that the house knows."""
_ROUTES = {"ultra": "ultra", "core": "core"}
_OF_STABLE_DIFFUSION = "sd3"
_SHAPE_TOLERANCE = 0.05
"""Of width by height: pixels come in steps of 64."""


class StabilityWire:
    """The vendor's client for the process. Timeouts are in seconds: for connecting, and for a call as a whole."""

    def __init__(self, *, api_key: str, base_url: str | None, connect_timeout: float, read_timeout: float) -> None:
        self._http = HttpWire(
            "Stability AI",
            base_url or "https://api.stability.ai",
            # In JSON the verdict on the picture is a member of the answer. Beside a picture's own bytes it is a
            # header; a proxy may drop that, and a blurred picture would pass for a good one.
            {"Authorization": f"Bearer {api_key}", "Accept": "application/json"},
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
        )

    async def look_up(self) -> int:
        """The HTTP status of asking for the balance, which costs nothing. Raises `ProviderError`."""
        return (await self._http.ask("GET", "/v1/user/balance")).status

    async def post(self, call: ProviderCall, receiving: Receiving) -> Answer:
        """Send the call, once. Raises `ProviderError`, and nothing that quotes."""
        route = _ROUTES.get(call.model.wire_id, _OF_STABLE_DIFFUSION)
        return await self._http.post(f"/v2beta/stable-image/generate/{route}", receiving, files=_form(call, route))

    @staticmethod
    def has_shape(aspect_ratio: str, picture: bytes) -> bool:
        """Whether a picture has that shape, as nearly as pixels allow; one that cannot be read counts as so."""
        try:
            found = inspect(picture)
        except NotAPicture:
            return True
        across, down = map(int, aspect_ratio.split(":"))
        return abs(found.width * down / (found.height * across) - 1) < _SHAPE_TOLERANCE

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()


_Part = tuple[str | None, bytes | str] | tuple[str | None, bytes | str, str]


def _form(call: ProviderCall, route: str) -> dict[str, _Part]:
    """Each field as a part of its own: the vendor takes multipart only, also where there is no file."""
    form: dict[str, _Part] = {name: (None, value) for name, value in _fields(call, route).items()}
    for reference in call.references[:1]:
        kind = reference.media_type.rpartition("/")[2]
        form["image"] = (f"reference.{kind}", reference.data, reference.media_type)
    return form


def _fields(call: ProviderCall, route: str) -> dict[str, str]:
    fields = {"prompt": call.prompt, "seed": str(call.seed if call.seed != ANY_SEED else STANDS_FOR_ANY_SEED)}
    if route == _OF_STABLE_DIFFUSION:
        fields |= {"model": call.model.wire_id, "mode": "image-to-image" if call.references else "text-to-image"}
    if call.references:  # the picture takes its shape from the reference, so none is asked for
        fields["strength"] = str(STRENGTH)
    else:
        fields["aspect_ratio"] = call.aspect_ratio
    if call.output_format is not None:
        fields["output_format"] = call.output_format
    return fields
