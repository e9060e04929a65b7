"""What can be set and chosen stands in the README, with the values that are true."""

from __future__ import annotations

import re
from functools import cache

import pytest
from pydantic import AliasChoices
from pydantic.fields import FieldInfo

from imagegen.catalogue.records import ProviderRecord, as_usd
from imagegen.providers.registry import RECORDS
from imagegen.request import IMAGE_SIZES
from imagegen.settings import Settings
from tests.architecture.source import ROOT

README = (ROOT / "README.md").read_text("utf-8")
COUNTED_OTHERWISE = {"cache_dir", "data_dir", "allowed_hosts", "database_url", "providers"}
"""Defaults that depend on the computer or on other settings; the README has words for them."""


def aliases(field: FieldInfo) -> list[str]:
    """The environment names of a setting, its own first."""
    assert isinstance(field.validation_alias, AliasChoices)
    return [str(name) for name in field.validation_alias.choices]


@cache
def documented() -> dict[str, str]:
    """Setting → default, from the README's table; a row may hold several of each, in the same order."""
    section = README.split("\n## Settings\n")[1].split("\n## ")[0]
    found: dict[str, str] = {}
    for row in section.splitlines():
        cells = [cell.strip() for cell in row.split("|")[1:-1]]
        names = re.findall(r"`([A-Z_]+)`", cells[0]) if cells else []
        defaults = [part.strip().strip("`") for part in cells[1].split(",")] if len(names) > 1 else cells[1:2]
        for place, name in enumerate(names):
            found[name] = (defaults[place] if place < len(defaults) else defaults[-1]).strip("`")
    return found


def as_written(default: object) -> set[str]:
    """How a default may be written in the table."""
    if default is None or default == {}:
        return {"none", ""}
    if isinstance(default, bool):
        return {"on" if default else "off"}
    return {f"{default:g}"} if isinstance(default, int | float) else {str(default)}


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_a_setting_stands_in_the_table_with_its_default(name: str) -> None:
    field = Settings.model_fields[name]
    own, *others = aliases(field)
    assert own in documented()
    assert all(f"`{other}`" in README for other in others)
    if name not in COUNTED_OTHERWISE:
        assert documented()[own] in as_written(field.get_default(call_default_factory=True))


def test_the_table_has_no_setting_that_does_not_exist() -> None:
    assert set(documented()) <= {alias for field in Settings.model_fields.values() for alias in aliases(field)}


def test_the_exceptions_exist() -> None:
    assert set(Settings.model_fields) >= COUNTED_OTHERWISE


def test_the_table_is_read() -> None:
    assert documented()["IMAGEGEN_PORT"] == "7860"
    assert documented()["IMAGEGEN_RETRY_BACKOFF"] == "on"


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.id)
def test_a_provider_stands_in_the_readme_with_its_models_and_prices(record: ProviderRecord) -> None:
    (row,) = (line for line in README.splitlines() if line.startswith(f"| `{record.id}` |"))
    for model in record.models:
        if model.lifecycle.retired_on is not None:
            (told,) = (line for line in README.splitlines() if line.startswith(f"| `{model.id}` |"))
            assert f"| {model.lifecycle.retired_on} |" in told
            assert f"| `{model.lifecycle.successor}` |" in told
            continue
        assert f"`{model.id}`" in row
        if model.price is None or not record.paid:
            continue
        for size in IMAGE_SIZES:
            if size in model.price.per_image:
                assert f"${as_usd(model.price.per_image[size]):.3f}".rstrip("0") in row
            elif size in model.capabilities.image_sizes:
                assert "unknown" in row
