"""From a request to its pictures: the count that is shown is the count that is made."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagegen.plan import Combination, PlannedTask, combinations, plan, total
from imagegen.request import SEED_MAX, TASKS_MAX, GenerationRequest, RequestError, parse

names = st.lists(st.text("abcdefgh", min_size=1, max_size=4), max_size=5, unique=True)
seeds = st.integers(0, SEED_MAX)
singles = st.builds(
    lambda styles, subjects, count: parse({"prompt": "x", "styles": styles, "subjects": subjects, "count": count}),
    names,
    names,
    st.integers(1, 100),
)
batches = st.builds(
    lambda styles, subjects, wanted: parse(
        {"prompt": "x", "mode": "batch", "styles": styles, "subjects": subjects, "total_images": wanted}
    ),
    names,
    names,
    st.integers(1, 300),
)


def pairs(tasks: tuple[PlannedTask, ...]) -> list[Combination]:
    return [(task.style, task.subject) for task in tasks]


def test_single_makes_every_combination() -> None:
    styles, subjects = ["watercolor", "van-gogh", "fantasy", "cartoon"], ["groom", "bride"]
    request = parse({"prompt": "a wedding", "styles": styles, "subjects": subjects})
    assert total(request) == 8
    assert pairs(plan(request, 0)) == [(style, subject) for style in styles for subject in subjects]


def test_batch_goes_round_style_by_style() -> None:
    request = parse(
        {
            "prompt": "x",
            "mode": "batch",
            "total_images": 5,
            "styles": ["A", "B", "C"],
            "subjects": ["groom", "bride"],
        }
    )
    assert pairs(plan(request, 0)) == [
        ("A", "groom"),
        ("A", "bride"),
        ("B", "groom"),
        ("B", "bride"),
        ("C", "groom"),
    ]


def test_a_batch_begins_again_from_the_start() -> None:
    request = parse({"prompt": "x", "mode": "batch", "total_images": 5, "styles": ["A", "B"]})
    assert pairs(plan(request, 0)) == [("A", None), ("B", None), ("A", None), ("B", None), ("A", None)]


def test_without_styles_and_subjects_there_is_one_combination_of_none() -> None:
    request = parse({"prompt": "x"})
    assert combinations(request) == ((None, None),)
    assert plan(request, 7) == (PlannedTask(0, None, None, 7),)


@settings(max_examples=60, deadline=None)
@given(singles | batches, seeds)
def test_the_count_shown_is_the_count_made(request: GenerationRequest, seed: int) -> None:
    tasks = plan(request, seed)
    assert len(tasks) == total(request)
    assert [task.index for task in tasks] == list(range(len(tasks)))


@settings(max_examples=60, deadline=None)
@given(singles, seeds)
def test_single_is_styles_by_subjects_by_count_in_order(request: GenerationRequest, seed: int) -> None:
    expected = [
        (style, subject)
        for style in request.styles or (None,)
        for subject in request.subjects or (None,)
        for _ in range(request.count)
    ]
    assert pairs(plan(request, seed)) == expected


@settings(max_examples=60, deadline=None)
@given(batches, seeds)
def test_a_batch_is_shared_evenly_and_in_turn(request: GenerationRequest, seed: int) -> None:
    tasks, rounds = plan(request, seed), combinations(request)
    assert len(tasks) == request.total_images
    assert all(pairs(tasks)[place] == rounds[place % len(rounds)] for place in range(len(tasks)))
    shares = [pairs(tasks).count(pair) for pair in rounds]
    assert max(shares) - min(shares) <= 1


@settings(max_examples=60, deadline=None)
@given(singles | batches, seeds)
def test_seeds_are_distinct_within_a_job_and_made_again_from_one_number(
    request: GenerationRequest, seed: int
) -> None:
    tasks = plan(request, seed)
    assert len({task.seed for task in tasks}) == len(tasks)
    assert all(0 <= task.seed <= SEED_MAX for task in tasks)
    assert tasks[0].seed == seed
    assert plan(request, seed) == tasks


def test_seeds_wrap_around_at_the_largest() -> None:
    assert [task.seed for task in plan(parse({"prompt": "x", "count": 3}), SEED_MAX)] == [SEED_MAX, 0, 1]


def test_ten_thousand_are_planned_and_one_more_is_refused() -> None:
    styles, subjects = [f"s{n}" for n in range(10)], [f"t{n}" for n in range(10)]
    full = parse({"prompt": "x", "styles": styles, "subjects": subjects, "count": 100})
    assert total(full) == len(plan(full, 0)) == TASKS_MAX

    over = parse({"prompt": "x", "styles": [*styles, "one-more"], "subjects": subjects, "count": 91})
    for count in (total, lambda request: plan(request, 0)):
        with pytest.raises(RequestError) as refused:
            count(over)
        (problem,) = refused.value.problems
        assert (problem.field, problem.value, problem.allowed) == ("count", 91, {"images_at_most": TASKS_MAX})
        assert "110 combinations × 91 = 10010 images; one job makes at most 10000" in problem.message


def test_the_largest_batch_is_planned() -> None:
    request = parse({"prompt": "x", "mode": "batch", "total_images": TASKS_MAX, "styles": ["A", "B", "C"]})
    assert len(plan(request, 0)) == TASKS_MAX
