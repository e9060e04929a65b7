"""What RunPod's answers mean: a job that was taken in, how it stands, and the picture in a worker's output. Pure.

What a job's output looks like is the worker's own affair. The forms that are read here are those of RunPod's
public endpoints and of the usual workers for FLUX, Stable Diffusion and ComfyUI.
"""

from __future__ import annotations

from collections.abc import Mapping

from imagegen.providers.answer import PICTURE_STARTS, decoded, empty, object_in, refused, told_cost, unknown
from imagegen.providers.base import ErrorKind, ProviderError, lost
from imagegen.providers.remote import Finished, Running, failed, stopped, unclear

TITLE, SETTING = "RunPod", "RUNPOD_API_KEY"
_NAMES = (
    "image_url",
    "image",
    "image_base64",
    "images",
    "image_urls",
    "url",
    "data",
    "base64",
    "output",
    "result",
    "message",  # of older ComfyUI workers
)
"""Under which names an output holds its picture, or what holds it; the first that does counts."""
_DEEPEST = 5


def taken_in(status: int, headers: Mapping[str, str], body: bytes) -> str:
    """The id of the job that was created; the names of `headers` are in lower case. Raises `ProviderError`."""
    if status == 404:
        raise no_endpoint()
    if status != 200:
        raise refused(status, TITLE, SETTING, headers)
    job = object_in(body).get("id")
    if not isinstance(job, str) or not job:
        raise unknown(f"{TITLE}'s answer could not be read.")
    return job


def stop_answered(status: int, headers: Mapping[str, str]) -> None:
    """Whether the wish to cancel was heard; what has ended or is gone needs none. Raises `ProviderError`.

    None of its documents says what a job that has ended is answered with, so that no refusal of the kind counts.
    """
    if status >= 300 and status not in (400, 404, 409):
        raise refused(status, TITLE, SETTING, headers)


def looked(status: int, body: bytes) -> Running | Finished:
    """How a job stands. Raises `ProviderError` when it has ended without a picture, or is not kept any more."""
    if status in (401, 403):
        raise unclear(TITLE)
    if status == 404:
        raise lost(TITLE)
    answer = object_in(body)
    match answer.get("status") if status == 200 else None:
        case "COMPLETED":
            return _finished(answer.get("output"))
        case "FAILED" | "TIMED_OUT":
            raise failed(TITLE)
        case "CANCELLED":
            raise stopped(TITLE)
    return Running()  # in the queue, at work, or nothing that says so: the look alone went wrong


def no_endpoint() -> ProviderError:
    """The endpoint that is set does not exist, or not for this key."""
    return ProviderError(
        ErrorKind.NOT_FOUND,
        f"{TITLE} does not know the endpoint. Nothing was billed; check IMAGEGEN_RUNPOD_ENDPOINT.",
    )


def picture_of(output: object, depth: int = 0) -> bytes | str | None:
    """The picture in a worker's output: its bytes, or the link to them, or None where there is none.

    It may be a link, a data URI or base64, alone or in lists and objects under the usual names.
    """
    if isinstance(output, str):
        return _picture_in(output)
    held: list[object] = []
    if isinstance(output, list):
        held = output
    elif isinstance(output, dict):
        held = [output[name] for name in _NAMES if name in output]
    if depth == _DEEPEST:
        return None
    return next((found for one in held if (found := picture_of(one, depth + 1)) is not None), None)


def _finished(output: object) -> Finished:
    usd = told_cost(output.get("cost")) if isinstance(output, dict) else None
    picture = picture_of(output)
    if picture is None:
        raise empty(TITLE, usd)
    return Finished(picture, usd)


def _picture_in(text: str) -> bytes | str | None:
    if text.startswith(("http://", "https://")):
        return text
    data = decoded(text)
    return data if data.startswith(PICTURE_STARTS) else None  # a plain word is base64, too
