"""`python -m imagegen lifecycle`: which models their vendors have retired, and which will go soon.

Not a part of the tests: a calendar must not break a build.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

from imagegen.catalogue.records import Lifecycle, ModelRecord, ModelStatus, ProviderRecord
from imagegen.commands.findings import Finding
from imagegen.commands.terminal import say
from imagegen.providers.registry import RECORDS


def run(_: argparse.Namespace) -> int:
    """Print every model of every provider; 1 when one of them is about to go."""
    findings = list(look(RECORDS, datetime.now(UTC).date()))
    for finding in findings:
        say(str(finding))
    return int(any(finding.verdict == "warning" for finding in findings))


def look(records: Sequence[ProviderRecord], today: date) -> Iterator[Finding]:
    """A line for each model. A warning begins `warning_days` before its end and is over when it is retired."""
    for record in records:
        for model in record.models:
            yield _finding(model, today)


def _finding(model: ModelRecord, today: date) -> Finding:
    subject, ends = f"model {model.id}", model.lifecycle
    match ends.status_on(today):
        case ModelStatus.RETIRED:
            return Finding("ok", subject, f"retired on {ends.retired_on}{_instead(ends)}")
        case ModelStatus.RETIRING:
            return Finding("warning", subject, f"retires on {ends.retired_on}{_instead(ends)}{_read(ends)}")
    until = f" until {ends.retired_on}" if ends.retired_on else ""
    return Finding("ok", subject, f"active{until}, sent as {model.wire_id}{_read(ends)}")


def _instead(ends: Lifecycle) -> str:
    return f"; its successor is {ends.successor}" if ends.successor else ""


def _read(ends: Lifecycle) -> str:
    return f" (read on {ends.source.read_on}, {ends.source.where})" if ends.source else ""
