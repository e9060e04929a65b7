"""Which providers are switched on by which settings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from imagegen.providers import registry
from imagegen.providers.gemini import GeminiProvider
from imagegen.providers.openai import OpenAiProvider
from imagegen.providers.registry import RECORDS, REGISTRATIONS, build, enabled
from imagegen.providers.registry import needed as needed_for
from imagegen.providers.sketch import SketchProvider
from imagegen.settings import Settings, SettingsError

NAMES = [str(name) for field in Settings.model_fields.values() for name in field.validation_alias.choices]  # type: ignore[union-attr]


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Any:
    def make(**environment: str) -> Settings:
        for name in NAMES:
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return Settings(_env_file=None)

    return make


def ids(settings: Settings) -> list[str]:
    return [record.id for record in enabled(settings)]


def test_without_a_key_there_is_the_sketch(settings: Any) -> None:
    assert ids(settings()) == ["sketch"]
    assert ids(settings(GEMINI_API_KEY="")) == ["sketch"]


def test_a_key_switches_gemini_on_before_the_sketch(settings: Any) -> None:
    assert ids(settings(GEMINI_API_KEY="k")) == ["gemini", "sketch"]


def test_openai_comes_after_gemini(settings: Any) -> None:
    assert ids(settings(GEMINI_API_KEY="k", OPENAI_API_KEY="k")) == ["gemini", "openai", "sketch"]
    assert ids(settings(OPENAI_API_KEY="k")) == ["openai", "sketch"]


def test_the_setting_decides_which_and_in_what_order(settings: Any) -> None:
    assert ids(settings(GEMINI_API_KEY="k", IMAGEGEN_PROVIDERS="sketch, gemini")) == ["sketch", "gemini"]
    assert ids(settings(GEMINI_API_KEY="k", IMAGEGEN_PROVIDERS="sketch")) == ["sketch"]
    assert ids(settings(IMAGEGEN_PROVIDERS="sketch,sketch")) == ["sketch"]


def test_an_unknown_provider_is_named_with_what_is_allowed(settings: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        enabled(settings(IMAGEGEN_PROVIDERS="gemnii"))
    allowed = ", ".join(record.id for record in RECORDS)
    assert str(caught.value) == f"IMAGEGEN_PROVIDERS: there is no provider 'gemnii'; allowed: {allowed}"


def test_gemini_without_its_key_is_refused(settings: Any) -> None:
    with pytest.raises(SettingsError, match=r"^IMAGEGEN_PROVIDERS: 'gemini' needs GEMINI_API_KEY; .*$"):
        enabled(settings(IMAGEGEN_PROVIDERS="gemini"))


def all_that_is_needed(settings: Any) -> dict[str, str]:
    """A value for every setting without which some provider is off."""
    names = {name for registration in REGISTRATIONS for name in registration.missing(settings())}
    return {name: "http://127.0.0.1:1/v1" if name.endswith("_URL") else "k" for name in names}


@pytest.fixture
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "is_installed", lambda package: True)


@pytest.mark.usefixtures("_installed")
async def test_build_gives_the_adapters_in_order(settings: Any) -> None:
    built = build(settings(**all_that_is_needed(settings)))
    assert [provider.record for provider in built.values()] == list(RECORDS)
    assert [type(built[name]) for name in ("gemini", "openai", "sketch")] == [
        GeminiProvider,
        OpenAiProvider,
        SketchProvider,
    ]
    assert list(built) == [record.id for record in RECORDS]
    for provider in built.values():
        await provider.aclose()


def test_importing_the_registry_imports_no_sdk() -> None:
    program = (
        "import sys, imagegen.providers.registry as r; r.enabled;"
        "print([name for name in ('google.genai', 'openai', 'httpx2', 'gradio') if name in sys.modules])"
    )
    root = Path(__file__).resolve().parents[2]
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root)
    assert told.stdout.strip() == "[]"


@pytest.mark.usefixtures("_installed")
def test_a_missing_key_is_known_for_every_name_of_the_model(settings: Any) -> None:
    needed = needed_for(settings())
    assert needed["gemini-3-pro-image-preview"] == needed["gemini-3-pro-image"] == "GEMINI_API_KEY"
    assert needed["imagen-4.0-generate-001"] == "GEMINI_API_KEY"
    assert needed["gpt-image-2"] == "OPENAI_API_KEY"
    assert needed["stable-image-ultra"] == "STABILITY_API_KEY"
    assert (needed["modal"], needed["local"]) == ("MODAL_ENDPOINT_URL", "IMAGEGEN_LOCAL_BASE_URL")
    assert (needed["google/nano-banana-pro"], needed["fal-ai/flux/dev"]) == ("REPLICATE_API_TOKEN", "FAL_KEY")
    assert set(needed.values()) - set(needed_for(settings(GEMINI_API_KEY="key")).values()) == {"GEMINI_API_KEY"}
    assert needed_for(settings(**all_that_is_needed(settings))) == {}
    left_out = needed_for(settings(IMAGEGEN_PROVIDERS="sketch", OPENAI_API_KEY="key"))
    assert left_out["gpt-image-2"] == "openai in IMAGEGEN_PROVIDERS"
    assert left_out["stable-image-ultra"] == "STABILITY_API_KEY and stability in IMAGEGEN_PROVIDERS"
    assert "sketch" not in left_out


def test_diffusers_needs_a_model_and_packages(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with_model = settings(IMAGEGEN_DIFFUSERS_MODEL="owner/name")
    monkeypatch.setattr(registry, "is_installed", lambda package: package != "torch")
    assert ids(with_model) == ["sketch"]
    assert needed_for(with_model)["diffusers"] == "what is in requirements-local.txt"
    with pytest.raises(SettingsError) as caught:
        enabled(settings(IMAGEGEN_DIFFUSERS_MODEL="owner/name", IMAGEGEN_PROVIDERS="diffusers"))
    command = "pip install -r requirements-local.txt"
    assert str(caught.value).endswith(f"'diffusers' needs packages; run {command} or leave diffusers out")
    monkeypatch.setattr(registry, "is_installed", lambda package: True)
    assert ids(settings(IMAGEGEN_DIFFUSERS_MODEL="owner/name")) == ["diffusers", "sketch"]
    assert needed_for(settings())["diffusers"] == "IMAGEGEN_DIFFUSERS_MODEL"


def test_whether_a_package_is_installed_is_told_without_importing_it() -> None:
    assert registry.is_installed("ensurepip")
    assert not registry.is_installed("no_such_package_as_this")
