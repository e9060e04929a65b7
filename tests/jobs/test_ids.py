"""Ids that sort by age."""

from __future__ import annotations

import re
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from imagegen.jobs.ids import new_id, new_uuid

moments = st.integers(0, 2**48 - 1)
randoms = st.integers(0, 2**32).map(Random)


@given(moments, moments, randoms)
def test_later_is_greater(first: int, second: int, random: Random) -> None:
    earlier, later = new_id(first, random), new_id(second, random)
    assert (earlier < later) == (first < second) or first == second


@given(moments, randoms)
def test_an_id_is_safe_in_addresses_and_file_names(moment: int, random: Random) -> None:
    assert re.fullmatch(r"[0-9a-hjkmnp-tv-z]{26}", new_id(moment, random))


def test_ids_of_one_millisecond_differ() -> None:
    random = Random(1)
    assert len({new_id(1_763_683_200_000, random) for _ in range(10_000)}) == 10_000


def test_an_attempt_is_named_by_a_uuid() -> None:
    random = Random(1)
    names = {new_uuid(random) for _ in range(1000)}
    assert len(names) == 1000
    assert {UUID(name).version for name in names} == {4}
    assert all(str(UUID(name)) == name for name in names)
