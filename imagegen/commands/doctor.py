"""`python -m imagegen doctor`: what is in force, what is there, and what to do about what is not."""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import httpx2
from dotenv import dotenv_values
from filelock import FileLock, Timeout
from pydantic import AliasChoices, SecretStr

from imagegen import VERSION
from imagegen.catalogue.records import ModelStatus
from imagegen.commands import lifecycle, standing
from imagegen.commands.findings import Finding
from imagegen.commands.terminal import say
from imagegen.jobs.holding import address_of_holder
from imagegen.jobs.migrate import HEAD, MIGRATIONS, MigrationRefused, revision_of
from imagegen.jobs.preparing import FREE_BYTES_WANTED
from imagegen.jobs.startup import LOCK, STYLES
from imagegen.keys import KeyRing
from imagegen.media.cutout import CUTOUT_MODELS
from imagegen.media.store import MediaStore, StorageError
from imagegen.prompts.styles import StyleFileError, load_styles
from imagegen.providers import registry
from imagegen.settings import ROOT, Settings, SettingsError, load_settings

PACKAGES = ("gradio", "google-genai", "pillow", "sqlmodel", "rembg", "onnxruntime", "fastapi", "pgqueuer")
MASK = "set, not shown"
ENV_FILE = ROOT / ".env"
COMFORTABLE_BYTES = 2**30


def run(_: argparse.Namespace) -> int:
    """Print every finding; 1 when one of them is a problem."""
    findings = list(look())
    for finding in findings:
        say(str(finding))
    return int(any(finding.verdict == "problem" for finding in findings))


def look() -> Iterator[Finding]:
    """Everything there is to find. Nothing is changed, except that a missing data folder is made."""
    yield Finding("ok", "imagegen", f"{VERSION} on Python {platform.python_version()}, {platform.system()}")
    yield from _packages()
    try:
        settings = load_settings()
    except SettingsError as error:
        yield Finding("problem", "settings", str(error))
        return
    yield from _settings(settings)
    yield from _data_folder(settings)
    yield from _database(settings.database_path)
    yield from _providers(settings)
    yield from _styles()
    yield from _weights(settings)


def _packages() -> Iterator[Finding]:
    for name in PACKAGES:
        try:
            yield Finding("ok", name, version(name))
        except PackageNotFoundError:
            yield Finding("problem", name, "is not installed; run pip install -r requirements.txt")


def _settings(settings: Settings) -> Iterator[Finding]:
    """Every setting with its value and where that comes from; of a key only that it is set."""
    in_file = {name for name, value in dotenv_values(ENV_FILE).items() if value}
    kept = KeyRing(settings.data_dir).kept()
    for name, field in Settings.model_fields.items():
        assert isinstance(field.validation_alias, AliasChoices)
        names = [str(choice) for choice in field.validation_alias.choices]
        source = _source(names, in_file)
        value = getattr(settings, name)
        if value is None and names[0] in kept:
            value, source = SecretStr(kept[names[0]]), "given on the page"
        yield Finding("ok", names[0], f"{_shown(value)} ({source})")


def _source(names: list[str], in_file: set[str]) -> str:
    for name in names:
        if os.environ.get(name):
            return "environment" if name == names[0] else f"environment, {name}"
    for name in names:
        if name in in_file:
            return ".env" if name == names[0] else f".env, {name}"
    return "default"


def _shown(value: object) -> str:
    match value:
        case SecretStr():
            return MASK
        case None | ():
            return "none"
        case dict():
            return ",".join(f"{name}={number}" for name, number in value.items()) or "none"
        case tuple():
            return ", ".join(map(str, value))
        case bool():
            return "on" if value else "off"
    return str(value)


def _data_folder(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir
    store = MediaStore(folder)
    try:
        store.check_writable()
        free = store.free_bytes()
    except StorageError as error:
        yield Finding("problem", "data folder", str(error))
        return
    yield Finding("ok", "data folder", f"{folder} can be written")
    words = f"{free / 2**30:.1f} GiB free"
    if free < FREE_BYTES_WANTED:
        yield Finding("problem", "disk", f"{words}; nothing is made below {FREE_BYTES_WANTED / 2**20:.0f} MiB")
    elif free < COMFORTABLE_BYTES:
        yield Finding("warning", "disk", f"{words}; that is a few hundred pictures")
    else:
        yield Finding("ok", "disk", words)
    yield from _holder(folder)


def _holder(folder: Path) -> Iterator[Finding]:
    """Whether a server runs on the folder. The lock is taken for a moment to see."""
    try:
        with FileLock(folder / LOCK, timeout=0):
            yield Finding("ok", "server", "none uses the data folder")
            return
    except Timeout:
        pass
    address = address_of_holder(folder)
    if address is None:
        yield Finding("warning", "server", "one uses the data folder, at an unknown address")
        return
    try:
        answer = httpx2.get(f"{address}/healthz", timeout=5.0, trust_env=False)
    except httpx2.HTTPError as error:
        yield Finding("warning", "server", f"{address} does not answer ({type(error).__name__})")
        return
    if not answer.is_success:
        yield Finding("problem", "server", f"{address} answers, but is not well (status {answer.status_code})")
        return
    yield Finding("ok", "server", f"runs at {address}")
    yield from standing.of_server(address)


def _database(path: Path) -> Iterator[Finding]:
    try:
        revision = revision_of(path)
    except MigrationRefused as error:
        yield Finding("problem", "database", str(error))
        return
    if revision is None:
        yield Finding("ok", "database", f"{path} will be made by the first start")
        return
    known = {script.stem for script in (MIGRATIONS / "versions").glob("*.py")}
    if revision == HEAD:
        yield Finding("ok", "database", f"schema {revision}")
    elif revision in known:
        yield Finding("ok", "database", f"schema {revision}; the next start copies it and brings it to {HEAD}")
    else:
        yield Finding("problem", "database", f"schema {revision} is of a newer imagegen; install that again")
        return
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            (sound,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            (images,) = connection.execute("SELECT count(*) FROM image").fetchone()
    except sqlite3.DatabaseError as error:
        yield Finding("problem", "database", f"{path} cannot be read: {error}; restore a copy from 'backups'")
        return
    if sound == "ok":
        yield Finding("ok", "pictures", f"{images:,}")
    else:
        yield Finding("problem", "database", f"{path} is damaged; restore a copy from 'backups'")


def _providers(settings: Settings) -> Iterator[Finding]:
    try:
        records = registry.enabled(KeyRing(settings.data_dir).applied(settings))
    except SettingsError as error:
        yield Finding("problem", "providers", str(error))
        return
    if all(record.stand_in for record in records):
        yield Finding("warning", "providers", "only offline sketches; give a provider its key to make pictures")
    today = datetime.now(UTC).date()
    for record in records:
        yield Finding("ok", f"provider {record.id}", record.title)
        yield from lifecycle.look([record], today)
        yield from (
            standing.prices(model)
            for model in record.models
            if record.paid and model.lifecycle.status_on(today) is not ModelStatus.RETIRED
        )
    on = {record.id for record in records}
    for registration in registry.REGISTRATIONS:
        missing = registration.missing(settings)
        if registration.record.id not in on:
            why = f"needs {' and '.join(missing)}" if missing else "is not in IMAGEGEN_PROVIDERS"
            if not missing and not settings.providers and (command := registration.to_install()):
                yield Finding(
                    "warning", f"provider {registration.record.id}", f"off: needs more packages; run {command}"
                )
                continue
            yield Finding("ok", f"provider {registration.record.id}", f"off: {why}")


def _styles() -> Iterator[Finding]:
    try:
        yield Finding("ok", "styles", ", ".join(load_styles(STYLES)))
    except StyleFileError as error:
        yield Finding("problem", "styles", str(error))


def _weights(settings: Settings) -> Iterator[Finding]:
    """The cut-out models: those that come with imagegen must be there and whole."""
    for model in CUTOUT_MODELS.values():
        path = model.path(settings.data_dir / "models")
        subject = f"cut-out model {model.id}"
        try:
            whole = model.is_intact(path)
        except FileNotFoundError:
            if model.bundled:
                yield Finding("problem", subject, f"{path} is missing; get the project's files again")
            else:
                yield Finding("ok", subject, f"not downloaded ({model.bytes / 1e6:.0f} MB)")
            continue
        except OSError as error:
            yield Finding("problem", subject, f"{path}: {(error.strerror or 'it cannot be read').lower()}")
            continue
        if whole:
            yield Finding("ok", subject, "here and whole")
        else:
            remedy = "get the project's files again" if model.bundled else "delete it and download it again"
            yield Finding("problem", subject, f"{path} is damaged; {remedy}")
