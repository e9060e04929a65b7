"""Gemini on Vertex AI on loopback: Google's other paths and credentials, the same request and answer.

A key goes to the model itself (express mode), a bearer token to the model of a project at a location.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, replace
from typing import ClassVar

from tests.emulator import answers
from tests.emulator.answers import MODEL
from tests.emulator.fates import Fate
from tests.emulator.gemini import GeminiEmulator
from tests.emulator.requests import Asked, RefusedError, asked
from tests.emulator.server import BAD_KEY, Answer, Call, Received

PROJECT, LOCATION = "emulated-project-1", "global"
_PATH = re.compile(
    r"/v1/(?:projects/(?P<project>[^/]+)/locations/(?P<location>[^/]+)/)?"
    r"publishers/google/models/(?P<model>[^/:]+)(?P<verb>:generateContent)?"
)
_MARKS = (
    (b'"promptTokenCount"', b'"trafficType": "ON_DEMAND", "promptTokenCount"'),
    (b'"modelVersion"', b'"createTime": "2026-11-21T12:00:00.123456Z", "modelVersion"'),
)
"""What Vertex AI adds to the Developer API's answer."""


@dataclass
class VertexEmulator(GeminiEmulator):
    """The generateContent routes of v1, and a model's record."""

    name: ClassVar[str] = "vertex"

    def understand(self, call: Call) -> Received[Asked] | Answer:
        """A generateContent request, or the answer to what is none."""
        found = _PATH.fullmatch(call.path)
        if found is None:
            return answers.error(404, "NOT_FOUND", "Not found.")
        key, token = call.headers.get("x-goog-api-key", ""), call.headers.get("authorization", "")
        token = token.removeprefix("Bearer ")
        refused = _unknown_caller(key, token, found) or _not_there(found)
        if refused is not None:
            return refused
        if call.method == "GET" and not found["project"] and not found["verb"]:
            entry = {"name": f"publishers/google/models/{MODEL}", "versionId": "default", "launchStage": "GA"}
            return Answer(200, [json.dumps(entry).encode()])
        if call.method != "POST" or not found["verb"] or bool(token) != bool(found["project"]):
            return answers.error(404, "NOT_FOUND", "Not found.")
        try:
            what = asked(call.body)
        except RefusedError as error:
            self.refused.append(str(error))
            return answers.error(400, "INVALID_ARGUMENT", str(error))
        return Received(self.posts, time.monotonic(), "v1", key or token, what)

    async def success(self, fate: Fate, received: Received[Asked]) -> Answer:
        """The 200 of a fate that is one."""
        answer = await super().success(fate, received)
        *before, last = answer.pieces
        for mark, more in _MARKS:
            last = bytes(last).replace(mark, more)
        return replace(answer, pieces=[*before, last])


def _unknown_caller(key: str, token: str, found: re.Match[str]) -> Answer | None:
    if key and token:
        return answers.error(400, "INVALID_ARGUMENT", "Credentials of two kinds.")
    if not key and not token:
        return answers.no_key()
    if key == BAD_KEY:
        return answers.bad_key()
    if token == BAD_KEY or (key and found["project"]):
        return answers.error(
            401,
            "UNAUTHENTICATED",
            "Request had invalid authentication credentials. Expected OAuth 2 access token.",
            [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_TYPE_UNSUPPORTED"}],
        )
    return None


def _not_there(found: re.Match[str]) -> Answer | None:
    if found["project"] and found["project"] != PROJECT:
        return answers.error(
            403, "PERMISSION_DENIED", "Permission 'aiplatform.endpoints.predict' denied on resource."
        )
    if found["model"] != MODEL or (found["location"] or LOCATION) != LOCATION:
        return answers.error(
            404, "NOT_FOUND", "Publisher Model was not found or your project does not have access to it."
        )
    return None
