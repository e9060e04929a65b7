"""A list of providers as `/api/providers` gives it, for tests of what the page makes of many."""

from __future__ import annotations

from typing import Any

RATIOS = ["1:1", "4:5", "4:3", "16:9", "9:16", "3:4", "2:3", "3:2", "5:4", "21:9"]


def model(id_: str, title: str, usd: float | None, **others: object) -> dict[str, Any]:
    """One model; `usd` is what a picture costs at 1K and 2K."""
    price = {
        "1K": usd,
        "2K": usd,
        "4K": None,
        "per_reference": 0.0,
        "source": "a price list",
        "read_on": "2026-11-02",
    }
    return {
        "id": id_,
        "wire_id": id_,
        "title": title,
        "status": "active",
        "retired_on": None,
        "successor": None,
        "price": None if usd is None else price,
        "seconds": None,
        "quality": "standard",
        "aspect_ratios": RATIOS,
        "image_sizes": ["1K", "2K"],
        "max_references": 0,
        "seed": "none",
        "output_formats": ["png"],
    } | others


def provider(id_: str, title: str, *models: dict[str, Any], **others: object) -> dict[str, Any]:
    """One provider, ready unless told otherwise."""
    return {
        "id": id_,
        "title": title,
        "paid": True,
        "stand_in": False,
        "status": "ready",
        "reason": None,
        "models": list(models),
        "limits": {"concurrency": 2, "images_per_minute": None, "learned": False, "paused_for": 0.0},
        "circuit": "closed",
        "reopens_in": 0.0,
        "errors": [],
    } | others


GEMINI = model(
    "gemini-3-pro-image",
    "Gemini 3 Pro Image",
    0.134,
    seconds=12.4,
    quality="best",
    max_references=14,
    image_sizes=["1K", "2K", "4K"],
)
LOST = "Painter could not be reached."
ENDING = model("old", "Old Painter", 0.02, status="retiring", retired_on="2026-12-01", successor="new")
MANY = [
    provider("gemini", "Gemini", GEMINI),
    provider(
        "swift",
        "Swift",
        *(model(f"swift-{number}", f"Swift {number}", 0.01 * number, seed="exact") for number in range(1, 7)),
        status="limited",
        reason="Swift asks to slow down.",
        limits={"concurrency": 4, "images_per_minute": 40, "learned": True, "paused_for": 20.0},
    ),
    provider(
        "painter",
        "Painter",
        ENDING,
        model("new", "New Painter", None),
        model("night", "Night Painter", 0.01, overnight=True),
        status="down",
        reason=LOST,
        circuit="open",
        reopens_in=90.0,
        errors=[
            {"at": "2026-11-21T12:00:00Z", "kind": "connection_failed", "message": "Painter could not be reached."}
        ],
    ),
]
"""Ten models of three providers: one ready, one that asks to wait, one that does not answer."""
