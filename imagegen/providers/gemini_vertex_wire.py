"""google-genai against Vertex AI: with a key, or with the credentials of a Google Cloud project.

The address is chosen here and told to the SDK, so that the free look at a model goes where pictures are asked for.
Imported when the first picture is asked for, as google-genai is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial

import google.auth
from google.auth.credentials import Credentials
from google.auth.exceptions import GoogleAuthError, TransportError
from google.auth.transport.requests import Request
from google.genai import Client

from imagegen.providers.base import ErrorKind, ProviderError
from imagegen.providers.gemini_access import Project
from imagegen.providers.gemini_answer import without_credentials
from imagegen.providers.gemini_wire import GeminiWire, KeyWire, Service

VERSION = "v1"
"""The version that Google's discovery document describes; the SDK's own choice is v1beta1."""
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_CONTINENTS = ("us", "eu")
"""Locations with a host name of another form (google-genai 3.4.0, _api_client.py)."""


def wire_of(project: Project | None) -> Callable[..., GeminiWire]:
    """What builds the client: of that project, or of a key in express mode."""
    if project is None:
        return partial(KeyWire, _service("global"))
    return partial(ProjectWire, project)


class ProjectWire(GeminiWire):
    """A project with credentials, found when the first picture is asked for and renewed when they end."""

    def __init__(
        self,
        project: Project,
        *,
        api_key: str,  # every wire is given one; a project has none
        base_url: str | None,
        connect_timeout: float,
        read_timeout: float,
    ) -> None:
        super().__init__(
            _service(project.location),
            base_url=base_url,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
        )
        self._project = project
        self._find: Callable[[], Credentials] = project.credentials or _application_default
        self._credentials: Credentials | None = None
        self._signing_in = asyncio.Lock()

    async def signed_in(self) -> tuple[Client, Mapping[str, str]]:
        """The client, and a token that has not ended. Raises `ProviderError`, which quotes nothing of it."""
        credentials = await self._valid()
        if self._client is None:
            self._client = Client(
                vertexai=True,
                project=self._project.id,
                location=self._project.location,
                credentials=credentials,
                http_options=self._options,
            )
        return self._client, _bearer(credentials)

    async def _valid(self) -> Credentials:
        failure: ProviderError
        async with self._signing_in:
            try:
                if self._credentials is None:
                    self._credentials = await asyncio.to_thread(self._find)
                if not (self._credentials.valid and self._credentials.token):
                    await asyncio.to_thread(_renew, self._credentials)
                return self._credentials
            except TransportError:
                failure = ProviderError(
                    ErrorKind.CONNECTION_FAILED,
                    "Google could not be reached. Nothing was sent and nothing billed; check the connection.",
                )
            except (GoogleAuthError, OSError):  # OSError: a file that may not be read
                failure = without_credentials()
        raise failure  # out here, so that nothing of the credentials hangs on it as its context


def _application_default() -> Credentials:
    """As Google's tools find them: GOOGLE_APPLICATION_CREDENTIALS, gcloud's file, or the machine in the cloud."""
    credentials, _ = google.auth.default(scopes=[_SCOPE])
    found: Credentials = credentials
    return found


def _renew(credentials: Credentials) -> None:
    credentials.refresh(Request())  # type: ignore[no-untyped-call]


def _bearer(credentials: Credentials) -> Mapping[str, str]:
    headers = {"Authorization": f"Bearer {credentials.token}"}
    if credentials.quota_project_id:
        headers["x-goog-user-project"] = credentials.quota_project_id
    return headers


def _service(location: str) -> Service:
    """Where a location is served (google-genai 3.4.0, _api_client.py)."""
    host = f"{location}-aiplatform.googleapis.com"
    if location == "global":
        host = "aiplatform.googleapis.com"
    elif location in _CONTINENTS:
        host = f"aiplatform.{location}.rep.googleapis.com"
    return Service(True, f"https://{host}", f"{VERSION}/publishers/google/models", VERSION)
