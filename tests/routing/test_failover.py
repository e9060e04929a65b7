"""Who takes over, and after which failures."""

from __future__ import annotations

import pytest

from imagegen.providers.base import Billed, ErrorKind
from imagegen.routing.candidates import Candidate
from imagegen.routing.failover import GOES_ELSEWHERE, PASSES, goes_elsewhere, successor
from tests.routing.test_choose import LARGE, OLD, SMALL

OTHERS = tuple(Candidate(record, record.models[0], None) for record in (SMALL, LARGE, OLD))


@pytest.mark.parametrize("kind", sorted(set(ErrorKind) - GOES_ELSEWHERE - PASSES))
@pytest.mark.parametrize("down", [False, True])
def test_a_refusal_or_an_unknown_outcome_never_goes_elsewhere(kind: ErrorKind, down: bool) -> None:
    assert not goes_elsewhere(kind, Billed.NO, None, down=down)


@pytest.mark.parametrize("kind", sorted(ErrorKind))
def test_what_may_have_cost_money_never_goes_elsewhere(kind: ErrorKind) -> None:
    for billed in (Billed.PERHAPS, Billed.YES):
        assert not goes_elsewhere(kind, billed, None, down=True)


@pytest.mark.parametrize("kind", sorted(GOES_ELSEWHERE))
def test_a_key_a_quota_and_a_model_that_is_gone_go_elsewhere_at_once(kind: ErrorKind) -> None:
    assert goes_elsewhere(kind, Billed.NO, None, down=False)


@pytest.mark.parametrize("kind", sorted(PASSES))
def test_what_passes_is_waited_for_three_seconds(kind: ErrorKind) -> None:
    assert not goes_elsewhere(kind, Billed.NO, 3.0, down=False)
    assert goes_elsewhere(kind, Billed.NO, 3.1, down=False)
    assert goes_elsewhere(kind, Billed.NO, None, down=False)
    assert goes_elsewhere(kind, Billed.NO, 0.1, down=True)


def test_the_best_that_was_not_tried_takes_over() -> None:
    def after(tried: set[str], down: set[str]) -> str | None:
        found = successor("failed", OTHERS, tried, down)
        return found.provider.id if found else None

    assert after({"failed"}, set()) == "small"
    assert after({"failed"}, {"small"}) == "large"
    assert after({"failed", "small"}, set()) == "large"


def test_there_are_three_levels() -> None:
    assert successor("small", OTHERS, {"first", "second", "small"}, set()) is None
    assert successor("small", OTHERS, {"first", "small"}, set()) is not None


def test_the_failed_provider_never_takes_over() -> None:
    assert successor("small", OTHERS[:1], {"small"}, set()) is None
