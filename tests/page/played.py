"""Records as the server answers them, for jobs that a test only plays."""

from __future__ import annotations

from typing import Any


def cancelled_cutout(job_id: str) -> dict[str, Any]:
    """A cut-out's job that was cancelled before it began: whole, for whoever on the page reads it."""
    return {
        "job_id": job_id,
        "kind": "cutout",
        "title": "",
        "status": "cancelled",
        "progress": {"total": 1, "completed": 0, "failed": 0, "cancelled": 1, "interrupted": 0},
        "quote": {},
        "eta_seconds": {"p50": None, "p90": None},
        "usual_seconds": {"p50": None, "p90": None},
        "album": None,
        "tasks": [],
        "images": [],
    }
