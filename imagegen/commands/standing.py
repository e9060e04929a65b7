"""How the providers of a running server stand, and what each model asks for a picture: lines of `doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2

from imagegen.catalogue.records import ModelRecord, as_usd
from imagegen.commands.findings import Finding, Verdict

ANSWER_SECONDS = 5.0


def prices(model: ModelRecord) -> Finding:
    """What one picture costs at list price, by size; unknown is said so."""
    sizes = model.capabilities.image_sizes
    if model.price is None:
        return Finding("ok", f"price {model.id}", "unknown")
    told = (
        f"{size} {'unknown' if (amount := model.price.per_image.get(size)) is None else f'${as_usd(amount):g}'}"
        for size in sizes
    )
    source = model.price.source
    read = f" (read on {source.read_on}, {source.where})" if source else ""
    return Finding("ok", f"price {model.id}", ", ".join(told) + read)


def of_server(address: str) -> Iterator[Finding]:
    """What the server says of its providers, in its own words."""
    try:
        answer = httpx2.get(f"{address}/api/providers", timeout=ANSWER_SECONDS, trust_env=False)
        told: list[dict[str, Any]] = answer.raise_for_status().json()["providers"]
    except (httpx2.HTTPError, ValueError, KeyError):
        yield Finding("warning", "health", f"{address} does not tell how its providers stand")
        return
    for one in told:
        limits = one["limits"]
        words = [one["status"]]
        if one["reason"]:
            words.append(str(one["reason"]))
        if one["reopens_in"]:
            words.append(f"next try in {one['reopens_in']:.0f} s")
        if limits["images_per_minute"] is not None:
            learned = "learned" if limits["learned"] else "set"
            words.append(f"{limits['images_per_minute']} images a minute ({learned})")
        verdict: Verdict = "ok" if one["status"] in ("ready", "limited") else "warning"
        yield Finding(verdict, f"health {one['id']}", "; ".join(words))
