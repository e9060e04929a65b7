"""Which model serves a request, and why no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from imagegen.catalogue.catalogue import Catalogue
from imagegen.catalogue.records import (
    Capabilities,
    Lifecycle,
    MicroUsd,
    ModelRecord,
    Price,
    ProviderRecord,
    Tier,
)
from imagegen.request import ROUTINGS, FieldProblem, RequestError, parse
from imagegen.routing.candidates import Conditions, obstacles
from imagegen.routing.choose import Choice, choose
from tests.jobs.scripted import CAPABILITIES, MODEL

TODAY = date(2026, 11, 21)
SMALL_CAPABILITIES: Capabilities = replace(
    CAPABILITIES, aspect_ratios=("1:1", "16:9"), image_sizes=("1K",), max_references=2
)


def provider(name: str, model: ModelRecord) -> ProviderRecord:
    return ProviderRecord(id=name, title=name.title(), paid=True, models=(model,))


def _retired(name: str, on: date, successor: str | None) -> ModelRecord:
    title = name.partition("-")[0].title()
    return replace(MODEL, id=name, title=title, lifecycle=Lifecycle(retired_on=on, successor=successor))


SMALL = provider("small", replace(MODEL, id="small-model", title="Small", capabilities=SMALL_CAPABILITIES))
LARGE = provider("large", replace(MODEL, id="large-model", title="Large", aliases=("grand",)))
OLD = provider(
    "old",
    replace(MODEL, id="old-model", title="Old", lifecycle=Lifecycle(retired_on=date(2026, 8, 17))),
)
ALL = Catalogue([OLD, SMALL, LARGE])
OLDER = provider("older", _retired("older-model", date(2026, 5, 12), "replaced-model"))
REPLACED = provider("replaced", _retired("replaced-model", date(2026, 8, 17), "grand"))


def chosen(catalogue: Catalogue = ALL, today: date = TODAY, **fields: object) -> Choice:
    return choose(parse({"prompt": "x", **fields}), catalogue, today)


def problems(catalogue: Catalogue = ALL, today: date = TODAY, **fields: object) -> tuple[FieldProblem, ...]:
    with pytest.raises(RequestError) as refused:
        chosen(catalogue, today, **fields)
    return refused.value.problems


def test_auto_takes_the_first_that_lives_and_can() -> None:
    choice = chosen()
    assert (choice.provider, choice.model.id) == (SMALL, "small-model")
    assert choice.reasons == ("Small is the first in order that can do this",)


def test_auto_passes_over_who_cannot_and_says_why() -> None:
    choice = chosen(image_size="4K", aspect_ratio="9:16")
    assert choice.model.id == "large-model"
    assert choice.reasons == (
        "aspect_ratio: Small does not make 9:16; it makes 1:1, 16:9",
        "image_size: Small does not make 4K; it makes 1K",
        "Large is the first in order that can do this",
    )


SEEDLESS = provider(
    "seedless", replace(MODEL, id="dice-model", title="Dice", capabilities=replace(CAPABILITIES, seed="none"))
)


def test_who_takes_no_seed_is_passed_over_when_one_is_asked_for() -> None:
    both = Catalogue([SEEDLESS, LARGE])
    choice = chosen(both, seed=7)
    assert choice.provider is LARGE
    assert choice.reasons == ("seed: Dice takes no seed", "Large is the first in order that can do this")
    assert choice.others == ()  # nor does it take over
    assert chosen(both).provider is SEEDLESS
    assert chosen(both, seed=7, routing="cheapest").provider is LARGE


@pytest.mark.parametrize("model", ["auto", "dice-model"])
def test_where_nobody_else_can_the_seed_is_given_up_and_said_so(model: str) -> None:
    choice = chosen(Catalogue([SEEDLESS, SMALL]), seed=7, image_size="4K", model=model)
    assert choice.provider is SEEDLESS
    assert "Dice takes no seed, so it makes another picture each time" in choice.reasons


def test_the_only_model_says_so() -> None:
    assert chosen(Catalogue([LARGE])).reasons == ("Large is the only model that is switched on",)


def test_a_model_is_taken_by_name_or_alias() -> None:
    for name in ("large-model", "grand"):
        choice = chosen(model=name)
        assert (choice.provider, choice.reasons) == (LARGE, ("Large was asked for by name",))


def test_a_named_model_that_cannot_is_not_replaced() -> None:
    (problem,) = problems(model="small-model", image_size="2K")
    assert (problem.field, problem.value, problem.allowed) == ("image_size", "2K", ["1K"])


def test_an_unknown_model_is_answered_with_the_known_ones() -> None:
    (problem,) = problems(model="dall-e-9")
    assert problem == FieldProblem(
        "model",
        "dall-e-9",
        ["auto", "small-model", "large-model"],
        "model: dall-e-9 is unknown; allowed: auto, small-model, large-model",
    )


def test_a_long_wrong_name_is_cut() -> None:
    (problem,) = problems(model="m" * 200)
    assert problem.value == "m" * 100


def test_a_model_is_retired_on_its_day() -> None:
    before, on = date(2026, 8, 16), date(2026, 8, 17)
    assert chosen(today=before, model="old-model").provider is OLD
    assert chosen(today=before).provider is OLD
    (problem,) = problems(today=on, model="old-model")
    assert problem.message.startswith("model: Old was retired on 2026-08-17; allowed: auto, small-model")
    assert "old-model" not in str(problem.allowed)
    assert chosen(today=on).provider is SMALL


def test_obstacles_name_the_field_the_value_and_what_is_allowed() -> None:
    request = parse(
        {"prompt": "x", "aspect_ratio": "21:9", "image_size": "4K", "reference_images": ["a", "b", "c"]}
    )
    assert obstacles(request, LARGE.models[0]) == ()
    assert [
        (problem.field, problem.value, problem.allowed) for problem in obstacles(request, SMALL.models[0])
    ] == [
        ("aspect_ratio", "21:9", ["1:1", "16:9"]),
        ("image_size", "4K", ["1K"]),
        ("reference_images", 3, {"maxItems": 2}),
    ]


def test_when_nobody_can_the_first_ones_obstacles_are_told() -> None:
    (problem,) = problems(Catalogue([SMALL]), reference_images=["a", "b", "c"])
    assert problem.message == "reference_images: Small takes at most 2, 3 were given"


def test_references_for_who_takes_none() -> None:
    plain = replace(MODEL, id="plain-model", title="Plain", capabilities=replace(CAPABILITIES, max_references=0))
    (problem,) = problems(Catalogue([provider("plain", plain)]), reference_images=["a"] * 14, model="plain-model")
    assert problem.message == "reference_images: Plain takes none, 14 were given"
    assert (problem.value, problem.allowed) == (14, {"maxItems": 0})


@pytest.mark.parametrize("catalogue", [Catalogue([]), Catalogue([OLD])])
def test_with_no_living_model_nothing_can_serve(catalogue: Catalogue) -> None:
    (problem,) = problems(catalogue)
    assert (problem.field, problem.message) == ("model", "model: no provider is switched on")


def test_a_model_whose_key_is_missing_says_which() -> None:
    catalogue = Catalogue([LARGE], needed={"paid-model": "PAID_API_KEY"})
    with pytest.raises(RequestError) as refused:
        choose(parse({"prompt": "x", "model": "paid-model"}), catalogue, TODAY)
    [problem] = refused.value.problems
    assert problem.message == "model: paid-model needs PAID_API_KEY, which is missing; allowed: auto, large-model"


def test_the_successor_takes_the_place_of_a_retired_model_and_it_is_said() -> None:
    catalogue = Catalogue([SMALL, REPLACED, LARGE])
    choice = chosen(catalogue, model="replaced-model")
    assert (choice.provider, choice.model) == (LARGE, LARGE.models[0])
    assert choice.notice == "Replaced was retired on 2026-08-17; Large takes its place."
    assert choice.reasons == (choice.notice,)
    assert chosen(catalogue, model="large-model").notice is None
    assert chosen(catalogue).notice is None


def test_over_several_generations_the_living_one_serves() -> None:
    choice = chosen(Catalogue([OLDER, REPLACED, LARGE]), model="older-model")
    assert choice.model is LARGE.models[0]
    assert choice.notice == "Older was retired on 2026-05-12; Large takes its place."


def test_before_its_last_day_a_model_serves_itself() -> None:
    choice = chosen(Catalogue([REPLACED, LARGE]), date(2026, 8, 16), model="replaced-model")
    assert (choice.provider, choice.notice) == (REPLACED, None)


def test_refused_where_that_is_wanted_or_nobody_takes_its_place() -> None:
    request = parse({"prompt": "x", "model": "replaced-model"})
    circle = _retired("a-model", date(2026, 1, 1), "replaced-model")
    for catalogue, policy in (
        (Catalogue([REPLACED, LARGE]), "refuse"),
        (Catalogue([REPLACED, SMALL]), "reroute"),
        (Catalogue([provider("circle", replace(circle, aliases=("grand",))), REPLACED]), "reroute"),
    ):
        with pytest.raises(RequestError) as refused:
            choose(request, catalogue, TODAY, policy)  # type: ignore[arg-type]
        (problem,) = refused.value.problems
        assert problem.message.startswith("model: Replaced was retired on 2026-08-17; allowed: auto")


def test_what_the_successor_cannot_do_is_refused_before_anything_is_stored() -> None:
    catalogue = Catalogue([provider("gone", _retired("gone-model", date(2026, 8, 17), "small-model")), SMALL])
    (problem,) = problems(catalogue, model="gone-model", image_size="4K")
    assert problem.message == "image_size: Small does not make 4K; it makes 1K"


def test_who_cannot_be_used_goes_last_and_who_takes_its_place_is_said() -> None:
    catalogue, asked = Catalogue([SMALL, LARGE]), parse({"prompt": "x"})
    choice = choose(asked, catalogue, TODAY, now=Conditions(down={"small": "It is overloaded."}))
    assert (choice.provider, [one.provider for one in choice.others]) == (LARGE, [SMALL])
    assert choice.notice == "Small cannot be used at the moment; Large takes its place."
    assert choice.reasons[-1] == "Small cannot be used at the moment, so it goes last"
    both = choose(asked, catalogue, TODAY, now=Conditions(down=dict.fromkeys(("small", "large"), "No.")))
    assert (both.provider, both.notice) == (SMALL, None)
    named = parse({"prompt": "x", "model": "small-model"})
    told = choose(named, catalogue, TODAY, now=Conditions(down={"small": "It is overloaded."}))
    assert (told.provider, told.reasons[-1]) == (SMALL, "Small cannot be used at the moment")


def test_the_wishes_of_auto() -> None:
    dear = replace(MODEL, id="dear-model", title="Dear", tier=Tier.BEST)
    cheap = replace(MODEL, id="cheap-model", title="Cheap", price=Price(per_image={"1K": MicroUsd(1)}))
    unknown = replace(MODEL, id="unknown-model", title="Unknown", price=None, tier=Tier.DRAFT)
    catalogue = Catalogue([provider("unknown", unknown), provider("dear", dear), provider("cheap", cheap)])
    now = Conditions(seconds={"dear-model": 9.0, "cheap-model": 4.0})

    def first(**wishes: object) -> str:
        return choose(parse({"prompt": "x", **wishes}), catalogue, TODAY, now=now).model.title

    assert [first(routing=routing) for routing in ROUTINGS] == ["Unknown", "Cheap", "Dear", "Cheap"]
    assert first(budget="low") == "Cheap"
    assert first(budget=0.2, routing="best") == "Dear"
    assert first(budget="high") == "Unknown"


def test_a_model_that_takes_hours_serves_only_who_names_it() -> None:
    night = provider("night", replace(MODEL, id="night-model", title="Night", overnight=True))
    catalogue = Catalogue([night, LARGE])
    assert chosen(catalogue).provider is LARGE
    assert chosen(catalogue, model="night-model").provider is night
    assert chosen(catalogue, model="grand", failover=True).others == ()


def test_a_stand_in_serves_where_it_is_first_or_alone_but_not_in_the_place_of_another() -> None:
    stand_in = replace(provider("stand-in", replace(MODEL, id="stand-in-model")), stand_in=True, paid=False)
    assert chosen(Catalogue([stand_in])).provider is stand_in
    assert chosen(Catalogue([stand_in, SMALL])).provider is stand_in
    assert chosen(Catalogue([OLD, stand_in])).provider is stand_in
    (problem,) = problems(Catalogue([SMALL, stand_in]), image_size="4K")
    assert problem.message == "image_size: Small does not make 4K; it makes 1K"
    assert chosen(Catalogue([SMALL, stand_in]), image_size="4K", model="stand-in-model").provider is stand_in
