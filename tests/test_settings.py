"""Settings from the environment and from `.env`, and one line for each that cannot be used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import AliasChoices

from imagegen.settings import ROOT, Settings, SettingsError, load_settings

FIELDS = {name: field.validation_alias for name, field in Settings.model_fields.items()}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No setting of this computer reaches the test; `.env` lies in `tmp_path`."""
    for alias in FIELDS.values():
        assert isinstance(alias, AliasChoices)
        for name in alias.choices:
            assert isinstance(name, str)
            monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(Settings.model_config, "env_file", tmp_path / ".env")
    return tmp_path / ".env"


def refusal(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> str:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert refused.value.__suppress_context__
    return str(refused.value)


def test_defaults_serve_one_person_on_loopback() -> None:
    settings = load_settings()
    assert (settings.host, settings.port, settings.auth) == ("127.0.0.1", 7860, "none")
    assert settings.data_dir == ROOT / "data"
    assert settings.database_path == ROOT / "data" / "imagegen.sqlite3"
    assert (settings.max_retries, settings.retry_delay, settings.retry_max_delay) == (2, 2.0, 60.0)
    assert (settings.worker_concurrency, settings.providers, settings.gemini_api_key) == (8, (), None)
    assert (settings.budget_job_usd, settings.budget_day_usd, settings.on_interrupted) == (None, None, "ask")


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("IMAGEGEN_HOST", "localhost", "host", "localhost"),
        ("IMAGEGEN_HOST", "::1", "host", "::1"),
        ("IMAGEGEN_PORT", "8080", "port", 8080),
        ("PORT", "8081", "port", 8081),
        ("IMAGEGEN_ALLOWED_HOSTS", "a.example, b.example,", "allowed_hosts", ("a.example", "b.example")),
        ("IMAGEGEN_DATA_DIR", "somewhere", "data_dir", Path("somewhere")),
        ("IMAGEGEN_PROVIDERS", " sketch ,gemini", "providers", ("sketch", "gemini")),
        ("IMAGEGEN_RETRY_BACKOFF", "off", "retry_backoff", False),
        ("IMAGEGEN_BUDGET_DAY_USD", "12.5", "budget_day_usd", 12.5),
        ("IMAGEGEN_ON_INTERRUPTED", "resend", "on_interrupted", "resend"),
        ("IMAGEGEN_ON_RETIRED", "refuse", "on_retired", "refuse"),
        ("GOOGLE_GEMINI_BASE_URL", "http://127.0.0.1:9", "gemini_base_url", "http://127.0.0.1:9"),
        ("OPENAI_BASE_URL", "http://127.0.0.1:9/v1", "openai_base_url", "http://127.0.0.1:9/v1"),
    ],
)
def test_a_setting_is_read(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, field: str, expected: object
) -> None:
    monkeypatch.setenv(name, value)
    assert getattr(load_settings(), field) == expected


def test_the_file_is_read_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, bare_environment: Path
) -> None:
    bare_environment.write_text("IMAGEGEN_PORT=1111\nIMAGEGEN_MAX_RETRIES=5\n", encoding="utf-8")
    monkeypatch.setenv("IMAGEGEN_PORT", "2222")
    settings = load_settings()
    assert (settings.port, settings.max_retries) == (2222, 5)


def test_the_own_name_of_the_port_goes_before_the_general_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "1111")
    monkeypatch.setenv("IMAGEGEN_PORT", "2222")
    assert load_settings().port == 2222


def test_an_empty_value_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GEMINI_API_KEY", "IMAGEGEN_PORT", "IMAGEGEN_PROVIDERS", "IMAGEGEN_BUDGET_JOB_USD"):
        monkeypatch.setenv(name, "")
    settings = load_settings()
    assert (settings.gemini_api_key, settings.port, settings.providers) == (None, 7860, ())
    assert settings.budget_job_usd is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IMAGEGEN_PORT", "65536"),
        ("IMAGEGEN_PORT", "http"),
        ("IMAGEGEN_WORKER_CONCURRENCY", "0"),
        ("IMAGEGEN_MAX_RETRIES", "-1"),
        ("IMAGEGEN_RETRY_DELAY", "-0.1"),
        ("IMAGEGEN_RETRY_BACKOFF", "perhaps"),
        ("IMAGEGEN_HTTP_TIMEOUT", "0"),
        ("IMAGEGEN_ON_INTERRUPTED", "guess"),
        ("IMAGEGEN_ON_RETIRED", "guess"),
        ("IMAGEGEN_AUTH", "password"),
        ("IMAGEGEN_BUDGET_JOB_USD", "0"),
        ("IMAGEGEN_BUDGET_DAY_USD", "inf"),
        ("IMAGEGEN_DATABASE_URL", "postgresql://host/db"),
        ("GOOGLE_GEMINI_BASE_URL", "ftp://host"),
        ("OPENAI_BASE_URL", "host/v1"),
        ("OPENAI_BASE_URL", "https:///v1"),
        ("STABILITY_BASE_URL", "https://api.stability.ai/v2beta"),
        ("REPLICATE_BASE_URL", "https://api.replicate.com/v1/"),
        ("IMAGEGEN_HOST", "0.0.0.0"),
        ("IMAGEGEN_HOST", "example.org"),
    ],
)
def test_a_bad_value_is_refused_in_one_line_that_names_the_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    message = refusal(monkeypatch, name, value)
    assert message.startswith(f"{name}: ")
    assert "\n" not in message
    assert "Input" not in message


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("IMAGEGEN_PORT", "http", "IMAGEGEN_PORT: 'http' cannot be used; it must be a whole number"),
        ("IMAGEGEN_PORT", "65536", "IMAGEGEN_PORT: '65536' cannot be used; it must be at most 65535"),
        (
            "IMAGEGEN_ON_INTERRUPTED",
            "?",
            "IMAGEGEN_ON_INTERRUPTED: '?' cannot be used; allowed: 'ask' or 'resend'",
        ),
        (
            "IMAGEGEN_BUDGET_DAY_USD",
            "0",
            "IMAGEGEN_BUDGET_DAY_USD: '0' cannot be used; it must be more than 0",
        ),
    ],
)
def test_the_line_says_the_value_and_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    assert refusal(monkeypatch, name, value) == message


def test_a_password_in_the_address_of_a_database_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "hunter2" not in refusal(monkeypatch, "IMAGEGEN_DATABASE_URL", "postgresql://me:hunter2@host/db")


def test_other_interfaces_need_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    message = refusal(monkeypatch, "IMAGEGEN_HOST", "0.0.0.0")
    assert "loopback only" in message
    assert "localhost, 127.0.0.1, ::1" in message


@pytest.mark.parametrize(("given", "lacking"), [("MODAL_KEY", "MODAL_SECRET"), ("MODAL_SECRET", "MODAL_KEY")])
def test_half_a_token_for_modal_is_refused(monkeypatch: pytest.MonkeyPatch, given: str, lacking: str) -> None:
    monkeypatch.setenv("MODAL_ENDPOINT_URL", "https://me--images.modal.run/v1")
    assert load_settings().modal_key is None
    message = refusal(monkeypatch, given, "half-a-token")
    assert message == f"{given}: it needs {lacking} beside it; set both, or neither"
    monkeypatch.setenv(lacking, "the-other-half")
    assert load_settings().modal_secret is not None


def test_the_database_may_lie_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEGEN_DATABASE_URL", "sqlite:////var/lib/log.sqlite3")
    assert load_settings().database_path == Path("/var/lib/log.sqlite3")


def test_a_key_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "AIza-very-secret")
    settings = load_settings()
    assert settings.gemini_api_key is not None
    assert settings.gemini_api_key.get_secret_value() == "AIza-very-secret"
    dumped: dict[str, Any] = settings.model_dump(mode="json")
    assert "AIza" not in f"{settings!r} {settings} {dumped} {settings.model_dump_json()}"
    assert "AIza" not in refusal(monkeypatch, "IMAGEGEN_PORT", "no")


def test_settings_cannot_be_changed() -> None:
    settings = load_settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1  # type: ignore[misc]
