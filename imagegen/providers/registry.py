"""The providers there are, and how each is built from the settings. Adding one is adding a line here.

Provider modules import their vendor's SDK only when they are used, so this module is cheap to import.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec

from pydantic import SecretStr

from imagegen.catalogue.records import ProviderRecord
from imagegen.keys import FIELDS
from imagegen.providers.base import Provider
from imagegen.providers.fal import FalProvider
from imagegen.providers.gemini import GeminiProvider
from imagegen.providers.gemini_access import Project
from imagegen.providers.gemini_vertex import VertexGeminiProvider
from imagegen.providers.local import LocalProvider
from imagegen.providers.local_diffusers import PACKAGES, REQUIREMENTS, DiffusersProvider
from imagegen.providers.modal import ModalProvider
from imagegen.providers.openai import OpenAiProvider
from imagegen.providers.replicate import ReplicateProvider
from imagegen.providers.runpod import RunPodProvider
from imagegen.providers.runware import RunwareProvider
from imagegen.providers.sketch import SketchProvider
from imagegen.providers.stability import StabilityProvider
from imagegen.settings import Settings, SettingsError


@dataclass(frozen=True, slots=True)
class Registration:
    """One provider: its record, the environment names of what it cannot do without, and how it is built.

    `missing` names the settings that are not set; `build` is called only when it names none. `variant` is the
    record where the settings make it another one than usual. `packages` are the import names of what it cannot do
    without and imagegen can; `requirements` is the file to install them from.
    """

    record: ProviderRecord
    missing: Callable[[Settings], tuple[str, ...]]
    build: Callable[[Settings], Provider]
    variant: Callable[[Settings], ProviderRecord | None] = lambda _: None
    packages: tuple[str, ...] = ()
    requirements: str = ""

    def offered(self, settings: Settings) -> ProviderRecord:
        """The record as it is under these settings."""
        return self.variant(settings) or self.record

    def to_install(self) -> str | None:
        """The command that installs the packages, None where they are here."""
        return None if all(map(is_installed, self.packages)) else f"pip install -r {self.requirements}"


def is_installed(package: str) -> bool:
    """Whether a package could be imported; it is not, for that may take half a minute."""
    return find_spec(package) is not None


def _through_sdk(
    kind: Callable[..., Provider], key: SecretStr | None, base_url: str | None, settings: Settings
) -> Provider:
    return kind(
        api_key=key.get_secret_value() if key else "",
        base_url=base_url,
        connect_timeout=settings.http_timeout,
        read_timeout=settings.http_read_timeout,
    )


def _keyed(kind: type[Provider], key_name: str, base_url_field: str) -> Registration:
    """A provider that a key alone switches on; it may be told another address."""
    field = FIELDS[key_name]
    return Registration(
        record=kind.record,
        missing=lambda settings: () if getattr(settings, field) else (key_name,),
        build=lambda settings: _through_sdk(
            kind, getattr(settings, field), getattr(settings, base_url_field), settings
        ),
    )


def _gemini(settings: Settings) -> Provider:
    if settings.use_vertex:
        project = None
        if settings.vertex_project and settings.vertex_location:
            project = Project(settings.vertex_project, settings.vertex_location)
        kind = partial(VertexGeminiProvider, project=project)
        return _through_sdk(kind, settings.gemini_api_key, settings.vertex_base_url, settings)
    return _through_sdk(GeminiProvider, settings.gemini_api_key, settings.gemini_base_url, settings)


def _needed_for_gemini(settings: Settings) -> tuple[str, ...]:
    """A key, or on Vertex AI a project at a location, which comes before a key as it does in Google's own SDK."""
    if settings.use_vertex:
        if settings.vertex_project:
            return () if settings.vertex_location else ("GOOGLE_CLOUD_LOCATION",)
        if settings.vertex_location and not settings.gemini_api_key:
            return ("GOOGLE_CLOUD_PROJECT",)
    return () if settings.gemini_api_key else ("GEMINI_API_KEY",)


def _modal(settings: Settings) -> Provider:
    secret = settings.modal_secret.get_secret_value() if settings.modal_secret else ""
    kind = partial(ModalProvider, api_secret=secret)
    return _through_sdk(kind, settings.modal_key, settings.modal_endpoint_url, settings)


def _local(settings: Settings) -> Provider:
    return _through_sdk(LocalProvider, None, settings.local_base_url, settings)


def _runpod(settings: Settings) -> Provider:
    kind = partial(RunPodProvider, endpoint=settings.runpod_endpoint or "")
    return _through_sdk(kind, settings.runpod_api_key, settings.runpod_base_url, settings)


def _runpod_missing(settings: Settings) -> tuple[str, ...]:
    needed = {"RUNPOD_API_KEY": settings.runpod_api_key, "IMAGEGEN_RUNPOD_ENDPOINT": settings.runpod_endpoint}
    return tuple(name for name, value in needed.items() if not value)


REGISTRATIONS: tuple[Registration, ...] = (
    Registration(
        record=GeminiProvider.record,
        missing=_needed_for_gemini,
        build=_gemini,
        variant=lambda settings: VertexGeminiProvider.record if settings.use_vertex else None,
    ),
    _keyed(OpenAiProvider, "OPENAI_API_KEY", "openai_base_url"),
    _keyed(StabilityProvider, "STABILITY_API_KEY", "stability_base_url"),
    _keyed(ReplicateProvider, "REPLICATE_API_TOKEN", "replicate_base_url"),
    _keyed(FalProvider, "FAL_KEY", "fal_queue_base_url"),
    _keyed(RunwareProvider, "RUNWARE_API_KEY", "runware_base_url"),
    Registration(record=RunPodProvider.record, missing=_runpod_missing, build=_runpod),
    Registration(
        record=ModalProvider.record,
        missing=lambda settings: () if settings.modal_endpoint_url else ("MODAL_ENDPOINT_URL",),
        build=_modal,
    ),
    Registration(
        record=LocalProvider.record,
        missing=lambda settings: () if settings.local_base_url else ("IMAGEGEN_LOCAL_BASE_URL",),
        build=_local,
    ),
    Registration(
        record=DiffusersProvider.record,
        missing=lambda settings: () if settings.diffusers_model else ("IMAGEGEN_DIFFUSERS_MODEL",),
        build=lambda settings: DiffusersProvider(settings.diffusers_model or ""),
        packages=PACKAGES,
        requirements=REQUIREMENTS,
    ),
    Registration(record=SketchProvider.record, missing=lambda _: (), build=lambda _: SketchProvider()),
)
"""In the order of preference that holds without `IMAGEGEN_PROVIDERS`; `sketch`, which needs nothing, is last."""

RECORDS: tuple[ProviderRecord, ...] = tuple(registration.record for registration in REGISTRATIONS)


def enabled(settings: Settings) -> tuple[ProviderRecord, ...]:
    """The records of the providers that are switched on, in order of preference. Raises `SettingsError`."""
    return tuple(registration.offered(settings) for registration in _switched_on(settings))


def check_rates(settings: Settings) -> None:
    """Refuse limits of providers that do not exist. Raises `SettingsError`."""
    known = {record.id for record in RECORDS}
    for name in settings.rate_limits:
        if name not in known:
            allowed = ", ".join(sorted(known))
            raise SettingsError(f"IMAGEGEN_RATE_LIMITS: there is no provider {name!r}; allowed: {allowed}")


def build(settings: Settings) -> Mapping[str, Provider]:
    """The providers that are switched on, by id, in order of preference. Raises `SettingsError`."""
    return {registration.record.id: registration.build(settings) for registration in _switched_on(settings)}


def needed(settings: Settings) -> Mapping[str, str]:
    """For each model that is off: its id → what has to be set or installed."""
    return {
        name: lacking
        for registration in REGISTRATIONS
        if (lacking := _lacking(settings, registration))
        for model in registration.offered(settings).models
        for name in (model.id, *model.aliases)
    }


def _lacking(settings: Settings, registration: Registration) -> str:
    """Why that provider is off, in words; empty where it is on."""
    wanted = list(registration.missing(settings))
    if not wanted and registration.to_install():
        wanted.append(f"what is in {registration.requirements}")
    if settings.providers and registration.record.id not in settings.providers:
        wanted.append(f"{registration.record.id} in IMAGEGEN_PROVIDERS")
    return " and ".join(wanted)


def _switched_on(settings: Settings) -> tuple[Registration, ...]:
    if not settings.providers:
        return tuple(one for one in REGISTRATIONS if not one.missing(settings) and not one.to_install())
    by_id = {registration.record.id: registration for registration in REGISTRATIONS}
    chosen: dict[str, Registration] = {}
    for provider_id in settings.providers:
        if provider_id not in by_id:
            allowed = ", ".join(by_id)
            raise SettingsError(f"IMAGEGEN_PROVIDERS: there is no provider {provider_id!r}; allowed: {allowed}")
        missing = by_id[provider_id].missing(settings)
        if missing:
            needs = " and ".join(missing)
            raise SettingsError(
                f"IMAGEGEN_PROVIDERS: {provider_id!r} needs {needs}; set it or leave {provider_id} out"
            )
        if command := by_id[provider_id].to_install():
            raise SettingsError(
                f"IMAGEGEN_PROVIDERS: {provider_id!r} needs packages; run {command} or leave {provider_id} out"
            )
        chosen[provider_id] = by_id[provider_id]
    return tuple(chosen.values())
