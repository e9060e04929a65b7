"""As whom Google knows us: by a key of one of its two services, or as a project with credentials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from google.auth.credentials import Credentials


class Access(Enum):
    """What a refusal is about, and where a person mends it."""

    STUDIO_KEY = "a key of Google AI Studio"
    CLOUD_KEY = "a key of Google Cloud"
    PROJECT = "a project of Google Cloud, with credentials"


@dataclass(frozen=True, slots=True)
class Project:
    """Who pays, and where the model is asked. `credentials` finds them, blocking; None: the application's default.

    It may raise `google.auth.exceptions.GoogleAuthError`.
    """

    id: str
    location: str
    credentials: Callable[[], Credentials] | None = None
