"""Every setting, read once at start from the environment and from `.env` beside `app.py`.

Empty values count as not set. A value that cannot be used raises `SettingsError` with one line that names the
setting, the value (never a key) and what is allowed.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
RATE_MAX = 100_000
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


class SettingsError(Exception):
    """A setting cannot be used."""


def _name(setting: str) -> AliasChoices:
    return AliasChoices(setting)


class Settings(BaseSettings):
    """The settings in force. Names and defaults are documented in README.md."""

    model_config = SettingsConfigDict(
        env_file=ROOT / ".env", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    host: str = Field("127.0.0.1", validation_alias=_name("IMAGEGEN_HOST"))
    port: int = Field(7860, ge=0, le=65535, validation_alias=AliasChoices("IMAGEGEN_PORT", "PORT"))
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), validation_alias=_name("IMAGEGEN_ALLOWED_HOSTS")
    )
    data_dir: Path = Field(ROOT / "data", validation_alias=_name("IMAGEGEN_DATA_DIR"))
    cache_dir: Path = Field(ROOT / ".cache", validation_alias=_name("IMAGEGEN_CACHE_DIR"))
    database_url: str | None = Field(None, validation_alias=_name("IMAGEGEN_DATABASE_URL"))
    providers: Annotated[tuple[str, ...], NoDecode] = Field((), validation_alias=_name("IMAGEGEN_PROVIDERS"))
    worker_concurrency: int = Field(8, ge=1, le=256, validation_alias=_name("IMAGEGEN_WORKER_CONCURRENCY"))
    max_retries: int = Field(2, ge=0, le=20, validation_alias=_name("IMAGEGEN_MAX_RETRIES"))
    retry_delay: float = Field(2.0, ge=0, le=3600, validation_alias=_name("IMAGEGEN_RETRY_DELAY"))
    retry_max_delay: float = Field(60.0, ge=0, le=86_400, validation_alias=_name("IMAGEGEN_RETRY_MAX_DELAY"))
    retry_backoff: bool = Field(True, validation_alias=_name("IMAGEGEN_RETRY_BACKOFF"))
    http_timeout: float = Field(60.0, gt=0, le=3600, validation_alias=_name("IMAGEGEN_HTTP_TIMEOUT"))
    http_read_timeout: float = Field(300.0, gt=0, le=3600, validation_alias=_name("IMAGEGEN_HTTP_READ_TIMEOUT"))
    on_interrupted: Literal["ask", "resend"] = Field("ask", validation_alias=_name("IMAGEGEN_ON_INTERRUPTED"))
    on_retired: Literal["reroute", "refuse"] = Field("reroute", validation_alias=_name("IMAGEGEN_ON_RETIRED"))
    rate_limits: Annotated[dict[str, int], NoDecode] = Field(
        default_factory=dict, validation_alias=_name("IMAGEGEN_RATE_LIMITS")
    )
    shutdown_grace: float = Field(60.0, ge=0, le=3600, validation_alias=_name("IMAGEGEN_SHUTDOWN_GRACE"))
    auth: Literal["none"] = Field("none", validation_alias=_name("IMAGEGEN_AUTH"))
    budget_job_usd: float | None = Field(
        None, gt=0, allow_inf_nan=False, validation_alias=_name("IMAGEGEN_BUDGET_JOB_USD")
    )
    budget_day_usd: float | None = Field(
        None, gt=0, allow_inf_nan=False, validation_alias=_name("IMAGEGEN_BUDGET_DAY_USD")
    )
    gemini_api_key: SecretStr | None = Field(None, validation_alias=_name("GEMINI_API_KEY"))
    gemini_base_url: str | None = Field(None, validation_alias=_name("GOOGLE_GEMINI_BASE_URL"))
    use_vertex: bool = Field(False, validation_alias=_name("GOOGLE_GENAI_USE_VERTEXAI"))
    vertex_project: str | None = Field(
        None, pattern=r"^[A-Za-z0-9.:-]{1,100}$", validation_alias=_name("GOOGLE_CLOUD_PROJECT")
    )
    vertex_location: str | None = Field(
        None, pattern=r"^[A-Za-z0-9-]{1,100}$", validation_alias=_name("GOOGLE_CLOUD_LOCATION")
    )
    vertex_base_url: str | None = Field(None, validation_alias=_name("GOOGLE_VERTEX_BASE_URL"))
    openai_api_key: SecretStr | None = Field(None, validation_alias=_name("OPENAI_API_KEY"))
    openai_base_url: str | None = Field(None, validation_alias=_name("OPENAI_BASE_URL"))
    stability_api_key: SecretStr | None = Field(None, validation_alias=_name("STABILITY_API_KEY"))
    stability_base_url: str | None = Field(None, validation_alias=_name("STABILITY_BASE_URL"))
    replicate_api_token: SecretStr | None = Field(None, validation_alias=_name("REPLICATE_API_TOKEN"))
    replicate_base_url: str | None = Field(None, validation_alias=_name("REPLICATE_BASE_URL"))
    fal_key: SecretStr | None = Field(None, validation_alias=_name("FAL_KEY"))
    fal_queue_base_url: str | None = Field(None, validation_alias=_name("FAL_QUEUE_BASE_URL"))
    runpod_api_key: SecretStr | None = Field(None, validation_alias=_name("RUNPOD_API_KEY"))
    runpod_base_url: str | None = Field(None, validation_alias=_name("RUNPOD_ENDPOINT_BASE_URL"))
    runpod_endpoint: str | None = Field(
        None, pattern=r"^[A-Za-z0-9-]{1,100}$", validation_alias=_name("IMAGEGEN_RUNPOD_ENDPOINT")
    )
    runware_api_key: SecretStr | None = Field(None, validation_alias=_name("RUNWARE_API_KEY"))
    runware_base_url: str | None = Field(None, validation_alias=_name("RUNWARE_BASE_URL"))
    modal_key: SecretStr | None = Field(None, validation_alias=_name("MODAL_KEY"))
    modal_secret: SecretStr | None = Field(None, validation_alias=_name("MODAL_SECRET"))
    modal_endpoint_url: str | None = Field(None, validation_alias=_name("MODAL_ENDPOINT_URL"))
    local_base_url: str | None = Field(None, validation_alias=_name("IMAGEGEN_LOCAL_BASE_URL"))
    diffusers_model: str | None = Field(None, max_length=1000, validation_alias=_name("IMAGEGEN_DIFFUSERS_MODEL"))
    space_id: str | None = Field(None, validation_alias=_name("SPACE_ID"))

    @field_validator("allowed_hosts", "providers", mode="before")
    @classmethod
    def _comma_list(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("rate_limits", mode="before")
    @classmethod
    def _rates(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        rates: dict[str, int] = {}
        for part in filter(None, map(str.strip, value.split(","))):
            name, _, number = (piece.strip() for piece in part.partition("="))
            if not name or not number.isdigit() or not 1 <= int(number) <= RATE_MAX:
                raise ValueError(
                    f"{part!r} cannot be used; it must be a provider and its images per minute, as in gemini=60, "
                    f"with 1 to {RATE_MAX:,} images"
                )
            rates[name] = int(number)
        return rates

    @field_validator(
        "gemini_base_url",
        "vertex_base_url",
        "openai_base_url",
        "stability_base_url",
        "replicate_base_url",
        "fal_queue_base_url",
        "runpod_base_url",
        "runware_base_url",
        "modal_endpoint_url",
        "local_base_url",
    )
    @classmethod
    def _has_scheme(cls, value: str | None) -> str | None:
        if value is not None and not re.match(r"https?://[^/?#]", value):
            raise ValueError("must begin with http:// or https:// and name a host")
        return value

    @field_validator("stability_base_url", "replicate_base_url")
    @classmethod
    def _without_version(cls, value: str | None) -> str | None:
        if value is not None and re.search(r"/v\d+(alpha|beta)?\d*/?$", value):
            raise ValueError("must not end with a version like /v1, which is added to it")
        return value

    @field_validator("database_url")
    @classmethod
    def _sqlite(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith("sqlite:///"):
            raise ValueError("must be sqlite:///PATH; other databases are not part of this version")
        return value

    @model_validator(mode="after")
    def _loopback_without_sign_in(self) -> Settings:
        if not _is_loopback(self.host):
            raise ValueError(
                f"IMAGEGEN_HOST: {self.host!r} is open to others, and without sign-in imagegen answers on "
                f"loopback only; allowed: {', '.join(LOOPBACK_NAMES)}"
            )
        return self

    @model_validator(mode="after")
    def _whole_token(self) -> Settings:
        if self.modal_endpoint_url and bool(self.modal_key) != bool(self.modal_secret):
            given, lacking = ("MODAL_KEY", "MODAL_SECRET") if self.modal_key else ("MODAL_SECRET", "MODAL_KEY")
            raise ValueError(f"{given}: it needs {lacking} beside it; set both, or neither")
        return self

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        if self.database_url is not None:
            return Path(self.database_url.removeprefix("sqlite:///"))
        return self.data_dir / "imagegen.sqlite3"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def load_settings() -> Settings:
    """The settings of this process. Raises `SettingsError`."""
    try:
        return Settings()
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        where = f"{detail['loc'][0]}: " if detail["loc"] else ""
        raise SettingsError(where + _in_words(detail)) from None


def _in_words(detail: ErrorDetails) -> str:
    words = _WORDS.get(detail["type"])
    if words is None:  # our own validators', which know whether the value may be shown
        return detail["msg"].removeprefix("Value error, ")
    return f"{detail['input']!r} cannot be used; {words.format(**detail.get('ctx', {}))}"


_WORDS = {
    "int_parsing": "it must be a whole number",
    "float_parsing": "it must be a number",
    "finite_number": "it must be a number",
    "bool_parsing": "it must be true or false",
    "literal_error": "allowed: {expected}",
    "greater_than": "it must be more than {gt:g}",
    "greater_than_equal": "it must be at least {ge}",
    "less_than_equal": "it must be at most {le}",
    "string_too_long": "it must have at most {max_length} characters",
    "string_pattern_mismatch": "it must be letters, digits and hyphens",
}
