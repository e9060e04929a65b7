"""What is said of models before, at and after their end; the calendar of the shipped records is only read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from imagegen.catalogue.catalogue import Catalogue
from imagegen.catalogue.records import Lifecycle, ModelStatus, Source
from imagegen.commands import lifecycle
from imagegen.providers.registry import RECORDS
from imagegen.request import RequestError, parse
from imagegen.routing.choose import choose
from tests.commands.conftest import Run
from tests.jobs.scripted import MODEL, PAID

END = date(2026, 12, 1)
SOURCE = Source("https://vendor.example/deprecations", date(2026, 11, 21))
ENDING = replace(MODEL, lifecycle=Lifecycle(retired_on=END, successor="next-model", source=SOURCE))
DATED = [
    (provider, model)
    for provider in RECORDS
    for model in provider.models
    if model.lifecycle.retired_on is not None
]


@pytest.mark.parametrize(
    ("days", "verdict", "words"),
    [
        (31, "ok", "active until 2026-12-01, sent as "),
        (30, "warning", "retires on 2026-12-01; its successor is next-model (read on 2026-11-21, https://vendor"),
        (1, "warning", "retires on 2026-12-01"),
        (0, "ok", "retired on 2026-12-01; its successor is next-model"),
        (-400, "ok", "retired on 2026-12-01"),
    ],
)
def test_the_warning_begins_thirty_days_ahead(days: int, verdict: str, words: str) -> None:
    record = replace(PAID, models=(ENDING,))
    (finding,) = lifecycle.look([record], END - timedelta(days))
    assert (finding.verdict, finding.subject) == (verdict, f"model {MODEL.id}")
    assert finding.words.startswith(words)


def test_every_known_model_is_told(run: Run) -> None:
    status, out, err = run("lifecycle")
    assert err == ""
    assert status == int("warning" in {line.split()[0] for line in out.splitlines()})
    assert [line.split()[2].rstrip(":") for line in out.splitlines()] == [
        model.id for record in RECORDS for model in record.models
    ]


@pytest.mark.parametrize(("provider", "model"), DATED, ids=lambda record: record.id)
def test_past_its_end_a_model_cannot_be_chosen_and_its_successor_serves(provider: object, model: object) -> None:
    """With the clock moved to the day before, the day itself, and ten years later."""
    catalogue = Catalogue(RECORDS)
    found = next(entry for entry in catalogue.entries() if entry == (provider, model))[1]
    end = found.lifecycle.retired_on
    assert end is not None
    assert found.id in catalogue.choosable(end - timedelta(days=1))
    for day in (end, end + timedelta(days=3650)):
        assert found.id not in catalogue.choosable(day)
        request = parse({"prompt": "x", "model": found.id})
        with pytest.raises(RequestError, match="was retired on"):
            choose(request, catalogue, day, "refuse")
        successor = catalogue.successor(found, day)
        if successor is None:  # as of its own end in ten years
            with pytest.raises(RequestError, match="was retired on"):
                choose(request, catalogue, day)
        else:
            assert successor[1].lifecycle.status_on(day) is not ModelStatus.RETIRED
            choice = choose(request, catalogue, day)
            assert choice.model == successor[1]
            assert choice.notice is not None
