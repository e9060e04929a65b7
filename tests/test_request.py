"""From a JSON value to a request, or to problems that say what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagegen.request import (
    ALIASES,
    ASPECT_RATIOS,
    IMAGE_SIZES,
    SEED_MAX,
    FieldProblem,
    GenerationRequest,
    Reference,
    RequestError,
    parse,
)

BARE = {"prompt": "a red fox"}
BUDGETS_ALLOWED = "allowed: low, medium, high, or dollars for one picture, above 0 and up to 1,000"
FIELDS = sorted({*GenerationRequest.model_fields, *ALIASES, "pages", "foo"})

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=()), max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
bodies = st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=9), json_values, max_size=5)


def short_text(longest: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=longest).filter(
        str.strip
    )


references = st.one_of(
    short_text(12), st.fixed_dictionaries({"id": short_text(12)}, optional={"label": st.none() | short_text(12)})
)
counted = st.one_of(
    st.fixed_dictionaries({}, optional={"mode": st.just("single"), "count": st.integers(1, 100)}),
    st.fixed_dictionaries({"mode": st.just("batch"), "total_images": st.integers(1, 10_000)}),
)
good_bodies = st.builds(
    lambda body, counts: body | counts,
    st.fixed_dictionaries(
        {"prompt": short_text(60)},
        optional={
            "negative_prompt": short_text(30),
            "aspect_ratio": st.sampled_from(ASPECT_RATIOS),
            "image_size": st.sampled_from(IMAGE_SIZES),
            "seed": st.integers(0, SEED_MAX),
            "reference_images": st.lists(references, max_size=14),
            "styles": st.lists(short_text(9), max_size=4, unique=True),
            "subjects": st.lists(short_text(9), max_size=4, unique=True),
            "model": short_text(20),
            "album": short_text(20),
            "output_format": st.sampled_from(["png", "jpeg", "webp"]),
            "should_generate": st.booleans(),
            "remove_background": st.booleans(),
        },
    ),
    counted,
)


def outcome(body: object) -> GenerationRequest | RequestError:
    try:
        return parse(body)
    except RequestError as refused:
        return refused


def problems_of(body: object) -> tuple[FieldProblem, ...]:
    refused = outcome(body)
    return refused.problems if isinstance(refused, RequestError) else ()


def only_problem(body: object) -> FieldProblem:
    problems = problems_of(body)
    assert len(problems) == 1, problems
    return problems[0]


def test_a_prompt_is_all_that_is_needed() -> None:
    request = parse(BARE)
    assert (request.prompt, request.aspect_ratio, request.image_size, request.count) == (
        "a red fox",
        "1:1",
        "1K",
        1,
    )
    assert (request.mode, request.model, request.should_generate, request.enhance) == (
        "single",
        "auto",
        True,
        False,
    )


def test_a_persons_words_do_not_show_where_a_request_is_written_out() -> None:
    said = {
        "prompt": "SECRET fox",
        "negative_prompt": "SECRET people",
        "reference_images": [{"id": "a", "label": "SECRET face"}],
    }
    assert "SECRET" not in repr(parse(said))


def test_the_prompt_is_kept_word_for_word() -> None:
    assert parse({"prompt": "  a fox,\n\n🦊 고양이 \t"}).prompt == "  a fox,\n\n🦊 고양이 \t"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"prompt": ""}, "prompt: is empty; write 1 to 10,000 characters"),
        ({"prompt": " \n\t"}, "prompt: is empty; write 1 to 10,000 characters"),
        ({"prompt": "x" * 12_345}, "prompt: 12,345 characters; at most 10,000"),
        ({"prompt": None}, "prompt: is required"),
        ({"prompt": 7}, "prompt: must be text"),
        ({"prompt": "a\x00b"}, "prompt: holds characters that cannot be stored, like NUL"),
        ({"prompt": "half \ud83e"}, "prompt: holds characters that cannot be stored, like NUL"),
        ({"negative_prompt": "x" * 10_001}, "negative_prompt: 10,001 characters; at most 10,000"),
        ({"image_size": "8K"}, "image_size: 8K is unknown; allowed: 1K, 2K, 4K"),
        ({"image_size": ""}, "image_size: is empty; allowed: 1K, 2K, 4K"),
        ({"image_size": ["1K"]}, "image_size: must be text; allowed: 1K, 2K, 4K"),
        ({"output_format": "gif"}, "output_format: gif is unknown; allowed: png, jpeg, webp"),
        ({"count": 0}, "count: 0 is out of range; allowed: 1 to 100"),
        ({"count": 101}, "count: 101 is out of range; allowed: 1 to 100"),
        ({"count": 1.5}, "count: must be a whole number; allowed: 1 to 100"),
        ({"count": True}, "count: must be a whole number; allowed: 1 to 100"),
        ({"count": "3"}, "count: must be a whole number; allowed: 1 to 100"),
        ({"count": float("inf")}, "count: must be a whole number; allowed: 1 to 100"),
        ({"count": 10**5000}, "count: a huge number is out of range; allowed: 1 to 100"),
        ({"image_count": 0}, "image_count: 0 is out of range; allowed: 1 to 100"),
        ({"seed": -1}, "seed: -1 is out of range; allowed: 0 to 2,147,483,647"),
        ({"budget": 0}, f"budget: 0 is out of range; {BUDGETS_ALLOWED}"),
        ({"budget": []}, f"budget: must be text; {BUDGETS_ALLOWED}"),
        ({"seed": "lucky"}, "seed: must be a whole number; allowed: 0 to 2,147,483,647"),
        ({"should_generate": 1}, "should_generate: must be true or false"),
        ({"model": ""}, "model: is empty; write 1 to 200 characters"),
        ({"album": "a" * 201}, "album: 201 characters; at most 200"),
        ({"foo": 1}, "foo: unknown field"),
        ({"styles": "watercolor"}, "styles: must be a list; at most 100"),
        ({"styles": [f"s{n}" for n in range(101)]}, "styles: 101 given; at most 100"),
        ({"styles": ["a", 5]}, "styles.1: must be text"),
        ({"styles": ["a", "b", "a"]}, "styles.2: the same as styles.0; name each once"),
        ({"subjects": ["groom", "groom"]}, "subjects.1: the same as subjects.0; name each once"),
        ({"subject": " "}, "subject: is empty; write 1 to 200 characters"),
        ({"style": ["a"]}, "style: must be text"),
        ({"style": "a", "styles": ["b"]}, "style: give style or styles, not both"),
        ({"count": 2, "image_count": 2}, "image_count: give image_count or count, not both"),
        ({"reference_images": "abc"}, "reference_images: must be a list; at most 14"),
        ({"reference_images": ["r"] * 15}, "reference_images: 15 given; at most 14"),
        ({"reference_images": [5]}, "reference_images.0: must be an id, or an object with id and label"),
        ({"reference_images": [None]}, "reference_images.0: must be an id, or an object with id and label"),
        ({"reference_images": ["a", {"label": "hat"}]}, "reference_images.1.id: is required"),
        ({"reference_images": [{"id": "a", "url": "b"}]}, "reference_images.0.url: unknown field"),
        (
            {"reference_images": [{"id": "a", "label": "x" * 201}]},
            "reference_images.0.label: 201 characters; at most 200",
        ),
        ({"mode": "batch"}, "total_images: is required in mode batch; allowed: 1 to 10,000"),
        (
            {"mode": "batch", "total_images": 10_001},
            "total_images: 10001 is out of range; allowed: 1 to 10,000",
        ),
        (
            {"mode": "batch", "total_images": 5, "count": 2},
            "count: belongs to mode single; in mode batch give total_images",
        ),
        ({"total_images": 5}, "total_images: belongs to mode batch; in mode single give count"),
        ({"mode": "grid"}, "mode: grid is unknown; allowed: single, batch"),
        ({"pages": [{"text": ["Once"]}]}, "pages: stories are not part of this version; leave it out"),
        ({"character": "c1"}, "character: characters are not part of this version; leave it out"),
        ({"character_id": "c1"}, "character_id: characters are not part of this version; leave it out"),
        ({"enhance": True}, "enhance: prompt enhancement is not part of this version; leave it out or false"),
        ({"enhance": 0}, "enhance: prompt enhancement is not part of this version; leave it out or false"),
        ({"remove_background": 1}, "remove_background: must be true or false"),
    ],
)
def test_messages_are_plain(fields: dict[str, Any], message: str) -> None:
    problem = only_problem(BARE | fields)
    assert problem.message == message
    assert problem.message.startswith(f"{problem.field}: ")


@pytest.mark.parametrize("mode", ["pack", "story", "matrix"])
def test_modes_to_come_say_so(mode: str) -> None:
    problem = only_problem(BARE | {"mode": mode})
    assert problem == FieldProblem(
        "mode", mode, ["single", "batch"], f"mode: {mode} is not part of this version; allowed: single, batch"
    )


def test_an_unknown_ratio_is_named_with_all_that_are_allowed() -> None:
    problem = only_problem(BARE | {"aspect_ratio": "9:1"})
    allowed = ", ".join(ASPECT_RATIOS)
    assert problem == FieldProblem(
        "aspect_ratio", "9:1", list(ASPECT_RATIOS), f"aspect_ratio: 9:1 is unknown; allowed: {allowed}"
    )


@pytest.mark.parametrize(
    ("fields", "value", "allowed"),
    [
        ({"count": 0}, 0, {"type": "integer", "minimum": 1, "maximum": 100}),
        ({"seed": 2**31}, 2**31, {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}),
        ({"seed": float("inf")}, "inf", {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}),
        ({"prompt": "x" * 10_001}, {"length": 10_001}, {"type": "string", "minLength": 1, "maxLength": 10_000}),
        ({"negative_prompt": []}, {"length": 0}, {"type": "string", "maxLength": 10_000}),
        ({"reference_images": ["r"] * 15}, {"length": 15}, {"type": "array", "maxItems": 14}),
        ({"reference_images": [{}]}, None, {"type": "string", "minLength": 1, "maxLength": 200}),
        ({"reference_images": [{"id": "r", "x": 1}]}, None, sorted(Reference.model_fields)),
        ({"should_generate": "yes"}, "yes", [True, False]),
        ({"enhance": True}, True, [False]),
        ({"character": "c"}, {"length": 1}, [None]),
        ({"styles": ["a", "a"]}, "a", {"uniqueItems": True}),
    ],
)
def test_value_and_allowed_are_for_programs(fields: dict[str, Any], value: object, allowed: object) -> None:
    problem = only_problem(BARE | fields)
    assert (problem.value, problem.allowed) == (value, allowed)


def test_an_unknown_field_is_answered_with_the_known_ones() -> None:
    allowed = only_problem(BARE | {"promt": "a secret"}).allowed
    assert isinstance(allowed, list)
    assert {"prompt", "count", "image_count", "styles", "style"} <= set(allowed)
    assert not {"character", "enhance", "pages"} & set(allowed)
    for name in allowed:
        assert all(problem.message != f"{name}: unknown field" for problem in problems_of(BARE | {name: {}}))


def test_every_problem_is_told_at_once() -> None:
    problems = problems_of(
        {"prompt": "", "count": 0, "foo": 1, "style": "a", "styles": ["b"], "aspect_ratio": "x"}
    )
    assert {problem.field for problem in problems} == {"prompt", "count", "foo", "style", "aspect_ratio"}
    twice = problems_of(BARE | {"mode": "batch", "count": 2, "styles": ["a", "a"]})
    assert {problem.field for problem in twice} == {"total_images", "count", "styles.1"}


@pytest.mark.parametrize("body", [None, 1, "a red fox", [BARE], True])
def test_only_an_object_is_a_request(body: object) -> None:
    assert only_problem(body) == FieldProblem("", None, "a JSON object", "the request must be a JSON object")


def test_other_names_mean_the_same() -> None:
    assert parse(BARE | {"image_count": 3, "style": "fantasy", "subject": "groom"}) == parse(
        BARE | {"count": 3, "styles": ["fantasy"], "subjects": ["groom"]}
    )


@pytest.mark.parametrize("name", sorted({*GenerationRequest.model_fields, *ALIASES, "pages"} - {"prompt"}))
def test_null_is_not_given(name: str) -> None:
    assert parse(BARE | {name: None}) == parse(BARE)
    if name in ALIASES:
        assert parse(BARE | {name: None, ALIASES[name]: None}) == parse(BARE)


def test_a_whole_number_may_be_written_as_a_decimal() -> None:
    request = parse(BARE | {"count": 4.0, "seed": 7.0})
    assert (request.count, request.seed) == (4, 7)
    assert type(request.count) is int


def test_references_keep_their_order_and_labels() -> None:
    request = parse(
        BARE | {"reference_images": ["b", {"id": "a", "label": "the hat"}, {"id": "c", "label": None}]}
    )
    assert [(reference.id, reference.label) for reference in request.reference_images] == [
        ("b", None),
        ("a", "the hat"),
        ("c", None),
    ]


def test_a_request_cannot_be_changed() -> None:
    request = parse(BARE)
    with pytest.raises(ValueError, match="frozen"):
        request.count = 2  # type: ignore[misc]


@settings(max_examples=200, deadline=None)
@given(body=json_values | bodies | st.builds(lambda body: BARE | body, bodies))
def test_any_json_is_a_request_or_a_refusal_that_can_be_sent(body: object) -> None:
    found = outcome(body)
    if isinstance(found, GenerationRequest):
        assert parse(found.model_dump()) == parse(json.loads(json.dumps(found.model_dump()))) == found
        return
    assert found.problems
    for problem in found.problems:
        json.dumps([problem.field, problem.value, problem.allowed, problem.message], allow_nan=False)
        assert problem.message.encode()
        assert len(problem.message) < 600
        for leak in ("input", "should", "validation", "Value error", "pydantic", "NoneType"):
            assert leak not in problem.message.replace(problem.field, "")


@settings(max_examples=60, deadline=None)
@given(good_bodies)
def test_good_requests_survive_storage(body: dict[str, Any]) -> None:
    request = parse(body)
    stored = json.loads(json.dumps(request.model_dump(mode="json")))
    assert parse(stored) == request
    assert GenerationRequest.model_validate(stored) == request
    assert request.prompt == body["prompt"]


MARKER = "Zq7-secret-text"
secret = st.one_of(
    st.just(MARKER),
    st.just(MARKER + "\x00"),
    st.just(MARKER * 1000),
    st.builds(lambda value: [MARKER, value], json_values),
    st.just({MARKER: MARKER}),
    st.just([[MARKER]]),
)
hidden_fields = st.fixed_dictionaries(
    {},
    optional={
        "prompt": secret,
        "negative_prompt": secret,
        "subject": secret,
        "subjects": secret | st.lists(secret, max_size=3),
        "reference_images": st.one_of(
            st.lists(
                st.fixed_dictionaries({"id": st.just("")}, optional={"label": secret, "labl": secret}), max_size=3
            ),
            st.just(MARKER),
        ),
        "promt": secret,
        "pages": secret,
        "character": secret,
        "enhance": secret,
        "count": st.just(0),
    },
)


@settings(max_examples=150, deadline=None)
@given(hidden_fields)
def test_a_persons_text_is_never_repeated(body: dict[str, Any]) -> None:
    refused = outcome(body)
    assert MARKER not in repr(problems_of(body))
    if isinstance(refused, RequestError):
        assert MARKER not in str(refused)
        assert refused.__suppress_context__
