"""Money as whole micro-dollars, and a model's calendar."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagegen.catalogue.records import Lifecycle, MicroUsd, ModelStatus, as_usd, micro_usd

days = st.dates(date(2020, 1, 1), date(2040, 1, 1))


@pytest.mark.parametrize(
    ("dollars", "amount"),
    [("0.134", 134_000), ("1", 1_000_000), ("0", 0), (".5", 500_000), ("2.", 2_000_000), ("0.000001", 1)],
)
def test_dollars_become_micro_dollars(dollars: str, amount: int) -> None:
    assert micro_usd(dollars) == amount


@pytest.mark.parametrize("dollars", ["", ".", "-1", "1e3", "0.0000001", "1,5", " 1", "$1", "1.2.3"])
def test_what_is_no_amount_is_refused(dollars: str) -> None:
    with pytest.raises(ValueError, match="not an amount in dollars"):
        micro_usd(dollars)


@given(st.integers(0, 10**12))
def test_an_amount_written_out_reads_back_exactly(amount: int) -> None:
    written = f"{Decimal(amount) / 1_000_000:.6f}"
    assert micro_usd(written) == amount
    assert as_usd(MicroUsd(amount)) == float(written)


def test_an_unknown_amount_stays_unknown() -> None:
    assert as_usd(None) is None


def test_a_model_without_an_end_is_active() -> None:
    assert Lifecycle().status_on(date(2100, 1, 1)) is ModelStatus.ACTIVE


@pytest.mark.parametrize(
    ("days_left", "status"),
    [
        (31, ModelStatus.ACTIVE),
        (30, ModelStatus.RETIRING),
        (1, ModelStatus.RETIRING),
        (0, ModelStatus.RETIRED),
        (-1, ModelStatus.RETIRED),
    ],
)
def test_the_status_turns_on_its_days(days_left: int, status: ModelStatus) -> None:
    end = date(2026, 8, 17)
    assert Lifecycle(retired_on=end).status_on(end - timedelta(days_left)) is status


@given(days, days, st.integers(0, 90))
def test_a_model_never_comes_back(end: date, today: date, warning_days: int) -> None:
    order = [ModelStatus.ACTIVE, ModelStatus.RETIRING, ModelStatus.RETIRED]
    lifecycle = Lifecycle(retired_on=end, warning_days=warning_days)
    now, tomorrow = lifecycle.status_on(today), lifecycle.status_on(today + timedelta(1))
    assert order.index(now) <= order.index(tomorrow)
    assert (now is ModelStatus.RETIRED) == (today >= end)
