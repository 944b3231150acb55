"""What the JSON of a segment may say: every problem at once with its path, caps first, one canonical form."""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
import simplejson
from jsonschema import Draft202012Validator

from duckmart.errors import Problem, SpecError, TooLarge
from duckmart.settings import Settings
from duckmart.spec.json_text import read_json
from duckmart.spec.parser import parse, readable
from duckmart.spec.paths import dotted
from duckmart.spec.segment import Segment
from duckmart.spec.tree import conditions, walk
from tests.tiny import attribute, event

SETTINGS = Settings(max_depth=20, max_conditions=200, max_list_values=100_000, max_body=5_000_000)
ADULT = attribute("age", "gte", 18)
ACTIVE = event("LOGIN", "gte", 1, 30)


def segment(raw: Any, settings: Settings = SETTINGS) -> Segment:
    """Through JSON text, as a door would take it."""
    return parse(read_json(simplejson.dumps(raw, use_decimal=True), settings), settings)


def problems(raw: Any, settings: Settings = SETTINGS) -> list[Problem]:
    with pytest.raises(SpecError) as raised:
        segment(raw, settings)
    return list(raised.value.problems)


def codes(raw: Any, settings: Settings = SETTINGS) -> dict[str, str]:
    return {problem.path: problem.code for problem in problems(raw, settings)}


def unreadable(text: str | bytes, settings: Settings = SETTINGS) -> Problem:
    with pytest.raises(SpecError) as raised:
        read_json(text, settings)
    [problem] = raised.value.problems
    return problem


def nested(depth: int) -> dict[str, Any]:
    """Groups within groups, the root counted as 1."""
    raw: dict[str, Any] = {"user_filters": [ADULT]}
    for _ in range(depth - 1):
        raw = {"groups": [raw]}
    return raw


# Reading


def test_the_original_payload_is_a_segment() -> None:
    made = segment(
        {
            "user_filters": [{"field": "age", "operator": "gte", "value": 25}],
            "event_filters": [{"event_name": "LOGIN", "operator": "gte", "count": 1, "time_range_days": 30}],
            "logic_operator": "AND",
            "limit": 1000,
        }
    )

    assert [child.operator for child in made.children] == ["gte", "gte"]
    assert made.limit == 1000


def test_an_empty_object_is_everyone_with_nothing_else_set() -> None:
    made = segment({})

    assert made.children == ()
    assert (made.negate, made.limit, made.as_of, made.timezone) == (False, None, None, "UTC")


def test_null_for_an_optional_key_is_the_same_as_leaving_it_out() -> None:
    keys = ("user_filters", "event_filters", "groups", "logic_operator", "negate")
    keys += ("limit", "as_of", "timezone")

    assert segment(dict.fromkeys(keys)) == segment({})
    assert segment({"event_filters": [ACTIVE | {"time_range_days": None}]}) == segment(
        {"event_filters": [event("LOGIN", "gte", 1)]}
    )


def test_null_for_a_required_value_is_refused() -> None:
    for key in ("event_name", "operator"):
        assert codes({"event_filters": [ACTIVE | {key: None}]}).keys() == {f"event_filters.0.{key}"}
    assert codes({"user_filters": [attribute("age", "in", [25, None])]}) == {
        "user_filters.0.value.1": "wrong_type"
    }


def test_children_come_in_the_order_of_the_spec_with_their_paths() -> None:
    made = segment(
        {"groups": [{"user_filters": [ADULT]}], "event_filters": [ACTIVE], "user_filters": [ADULT]}
    )

    assert [dotted(path) for path, _ in walk(made)] == [
        "user_filters.0",
        "event_filters.0",
        "groups.0",
        "groups.0.user_filters.0",
    ]


# Problems


def test_all_problems_are_reported_at_once_with_their_paths() -> None:
    raw = {
        "user_filters": [{"field": "age", "operator": "gte", "value": {}}, {"operator": "about"}],
        "event_filters": [{"event_name": "", "operator": "inn", "count": -1, "time_range_days": 0}],
        "groups": [{"user_filters": "none", "negate": "yes"}, 7],
        "logic_operator": "XOR",
        "limit": 0,
        "as_of": "yesterday",
        "timezone": "Mars/Olympus",
    }

    assert codes(raw) == {
        "user_filters.0.value": "wrong_type",
        "user_filters.1.field": "missing",
        "user_filters.1.operator": "unknown_operator",
        "event_filters.0.event_name": "empty",
        "event_filters.0.operator": "unknown_operator",
        "event_filters.0.count": "out_of_range",
        "event_filters.0.time_range_days": "out_of_range",
        "groups.0.user_filters": "wrong_type",
        "groups.0.negate": "wrong_type",
        "groups.1": "wrong_type",
        "logic_operator": "wrong_value",
        "limit": "out_of_range",
        "as_of": "bad_time",
        "timezone": "unknown_timezone",
    }


@pytest.mark.parametrize("raw", [[], "x", 7, True, None])
def test_a_spec_that_is_not_an_object_is_refused(raw: Any) -> None:
    assert codes(raw) == {"": "wrong_type"}


@pytest.mark.parametrize(
    ("raw", "path", "near"),
    [
        ({"user_filter": []}, "user_filter", "'user_filters'"),
        ({"Limit": 5}, "Limit", "'limit'"),
        ({"user_filters": [ADULT | {"valeu": 1}]}, "user_filters.0.valeu", "'value'"),
        ({"event_filters": [ACTIVE | {"time_rang": 1}]}, "event_filters.0.time_rang", "'time_range'"),
        (
            {"event_filters": [ACTIVE | {"time_range": {"form": "x"}}]},
            "event_filters.0.time_range.form",
            "'from'",
        ),
        (
            {"event_filters": [ACTIVE | {"where": [ADULT | {"feild": 1}]}]},
            "event_filters.0.where.0.feild",
            "'field'",
        ),
        (
            {"sequence_filters": [{"steps": [{"event_name": "A", "wher": []}], "within_days": 7}]},
            "sequence_filters.0.steps.0.wher",
            "'where'",
        ),
        ({"sample": {"seed": "x", "percnt": 10}}, "sample.percnt", "'percent'"),
        ({"groups": [{"user_filters": [ADULT], "negated": True}]}, "groups.0.negated", "'negate'"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_known_one(raw: Any, path: str, near: str) -> None:
    [problem] = problems(raw)

    assert (problem.path, problem.code) == (path, "unknown_key")
    assert near in problem.hint


def test_an_unknown_key_like_none_is_answered_with_all_known_keys() -> None:
    [problem] = problems({"user_filters": [ADULT | {"zzz": 1}]})

    assert problem.hint == "known keys: field, operator, value, other_field, case_sensitive"


def test_delivery_keys_belong_to_the_root_alone() -> None:
    group = {"user_filters": [ADULT], "limit": 5, "as_of": "2026-11-22", "timezone": "UTC"}

    assert set(codes({"groups": [group]}).values()) == {"unknown_key"}


def test_an_unknown_operator_is_answered_with_the_nearest_or_with_all() -> None:
    near, far = problems({"user_filters": [attribute("age", "gteq", 1), attribute("age", "§", 1)]})

    assert "'gte'" in near.hint
    assert far.hint.startswith("one of: eq, ne, ")


@pytest.mark.parametrize(
    ("raw", "path", "known"),
    [
        (
            {"event_filters": [event("A", "§", 1)]},
            "event_filters.0.operator",
            "gte, gt, eq, ne, lte, lt, between, top, bottom, top_percent, bottom_percent",
        ),
        (
            {"sequence_filters": [{"steps": [], "within_days": 7, "operator": "in"}]},
            "sequence_filters.0.operator",
            "did, did_not",
        ),
        (
            {"segment_filters": [{"segment": "vip", "operator": "eq"}]},
            "segment_filters.0.operator",
            "in, not_in",
        ),
    ],
)
def test_each_kind_of_condition_has_its_own_operators(raw: Any, path: str, known: str) -> None:
    [problem] = problems(raw)

    assert (problem.path, problem.code, problem.hint) == (path, "unknown_operator", f"one of: {known}")


def part(key: str, row: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {key: [row | more]}


def measured(measure: Any, value: Any = 1) -> dict[str, Any]:
    row = {"event_name": "A", "operator": "gte", "measure": measure, "value": value}
    return part("event_filters", row)


def window(**keys: Any) -> dict[str, Any]:
    return part("event_filters", event("A", "gte", 1), time_range=keys)


def sequence(*names: Any, **more: Any) -> dict[str, Any]:
    steps = [name if isinstance(name, dict) else {"event_name": name} for name in names]
    return part("sequence_filters", {"steps": steps, "within_days": 7}, **more)


@pytest.mark.parametrize(
    ("raw", "path", "code"),
    [
        (measured("totl"), "measure", "unknown_measure"),
        (measured({"totl": "amount"}), "measure", "unknown_measure"),
        (measured({"sum": "amount", "avg": "amount"}), "measure", "unknown_measure"),
        (measured({}), "measure", "unknown_measure"),
        (measured(7), "measure", "unknown_measure"),
        # A measure of a property needs one, and one of the events alone takes none.
        (measured("sum"), "measure", "wrong_value"),
        (measured({"count": "amount"}), "measure", "unknown_measure"),
        (measured({"sum": 7}), "measure", "wrong_type"),
        (measured({"sum": ""}), "measure", "empty"),
        (measured("active_days", []), "value", "empty"),
        (window(**{"from": "yesterday"}), "time_range.from", "bad_time"),
        (window(to="2026-11-22T10:00:00.1234567Z"), "time_range.to", "bad_time"),
        (window(from_days_ago=0, to_days_ago=0), "time_range.from_days_ago", "out_of_range"),
        (window(from_days_ago=36_501, to_days_ago=0), "time_range.from_days_ago", "out_of_range"),
        (window(from_days_ago=7, to_days_ago=-1), "time_range.to_days_ago", "out_of_range"),
        (window(from_days_ago=7, to_days_ago=Decimal("0.5")), "time_range.to_days_ago", "wrong_type"),
        (window(within_days_of="signup_date", days=0), "time_range.days", "out_of_range"),
        (window(within_days_of="signup_date", days=36_501), "time_range.days", "out_of_range"),
        (window(within_days_of=7, days=7), "time_range.within_days_of", "wrong_type"),
        (part("event_filters", event("A", "gte", 1), time_range=30), "time_range", "wrong_type"),
        (part("event_filters", event("A", "gte", 1), where=7), "where", "wrong_type"),
        (part("event_filters", event("A", "between", [])), "count", "empty"),
        (part("event_filters", event("A", "between", [-1, 2])), "count.0", "out_of_range"),
        (part("user_filters", ADULT, case_sensitive="yes"), "case_sensitive", "wrong_type"),
        (sequence("A", "B", within_days=0), "within_days", "out_of_range"),
        (sequence("A", "B", within_days=36_501), "within_days", "out_of_range"),
        (sequence("A", "B", within_hours=0), "within_hours", "out_of_range"),
        (sequence("A", "B", within_hours=876_001), "within_hours", "out_of_range"),
        (sequence("A", "B", within_hours=1.5), "within_hours", "wrong_type"),
        (part("event_filters", ACTIVE, time_range_hours=0), "time_range_hours", "out_of_range"),
        (part("event_filters", ACTIVE, time_range_hours=876_001), "time_range_hours", "out_of_range"),
        (sequence("A", {"event_name": "B", "absent": "yes"}), "steps.1.absent", "wrong_type"),
        (sequence("A", {}), "steps.1.event_name", "missing"),
        (part("sequence_filters", {"within_days": 7}), "steps", "missing"),
        (part("segment_filters", {"segment": "a b", "operator": "in"}), "segment", "bad_id"),
        (part("segment_filters", {"segment": "x" * 65, "operator": "in"}), "segment", "bad_id"),
        (part("segment_filters", {"segment": "é", "operator": "in"}), "segment", "bad_id"),
        (part("segment_filters", {"segment": "", "operator": "in"}), "segment", "empty"),
        (part("segment_filters", {"segment": "vip"}), "operator", "missing"),
    ],
)
def test_a_part_of_the_wrong_shape_is_refused_where_it_stands(raw: Any, path: str, code: str) -> None:
    [key] = raw

    assert codes(raw) == {f"{key}.0.{path}": code}
    assert all(problem.hint for problem in problems(raw))


@pytest.mark.parametrize(
    ("sample", "path", "code"),
    [
        ({"percent": 10}, "sample.seed", "missing"),
        ({"percent": 10, "seed": ""}, "sample.seed", "empty"),
        ({"percent": 0, "seed": "x"}, "sample.percent", "out_of_range"),
        ({"percent": Decimal("100.1"), "seed": "x"}, "sample.percent", "out_of_range"),
        ({"percent": "10", "seed": "x"}, "sample.percent", "out_of_range"),
        ({"percent": True, "seed": "x"}, "sample.percent", "out_of_range"),
        ({"split": {"a": 0, "b": 100}, "seed": "x"}, "sample.split.a", "out_of_range"),
        ({"split": {"a": Decimal("50.5"), "b": 50}, "seed": "x"}, "sample.split.a", "wrong_type"),
        ({"split": [50, 50], "seed": "x"}, "sample.split", "wrong_type"),
        (10, "sample", "wrong_type"),
    ],
)
def test_a_sample_of_the_wrong_shape_is_refused(sample: Any, path: str, code: str) -> None:
    assert codes({"sample": sample}) == {path: code}


@pytest.mark.parametrize("percent", [Decimal("0.001"), 1, Decimal("99.5"), 100])
def test_a_percentage_may_be_any_number_above_0_up_to_100(percent: Any) -> None:
    made = segment({"sample": {"percent": percent, "seed": "x"}})

    assert made.sample is not None
    assert made.sample.percent == percent


@pytest.mark.parametrize("name", ["a", "A-b_9", "x" * 64, "-"])
def test_a_saved_segments_id_is_up_to_64_letters_digits_dashes_and_underscores(name: str) -> None:
    assert segment({"segment_filters": [{"segment": name, "operator": "in"}]})


def test_an_empty_list_is_refused() -> None:
    assert codes({"user_filters": [attribute("age", "in", [])]}) == {"user_filters.0.value": "empty"}


def test_each_bad_value_of_a_list_is_its_own_problem() -> None:
    cells = [1, None, "", "ok", {"a": 1}, [2]]

    assert codes({"user_filters": [attribute("age", "in", cells)]}) == {
        "user_filters.0.value.1": "wrong_type",
        "user_filters.0.value.2": "empty",
        "user_filters.0.value.4": "wrong_type",
        "user_filters.0.value.5": "wrong_type",
    }


def test_a_list_shows_its_first_20_problems_and_other_lists_their_own() -> None:
    raw = {"user_filters": [attribute("age", "in", [None] * 25), attribute("age", "in", [None] * 3)]}

    assert list(codes(raw)) == [
        *(f"user_filters.0.value.{place}" for place in range(20)),
        *(f"user_filters.1.value.{place}" for place in range(3)),
    ]


def test_a_thousand_unknown_keys_do_not_make_a_thousand_problems() -> None:
    assert len(problems({f"key{number}": 1 for number in range(1000)})) == 20


@pytest.mark.parametrize(
    ("raw", "path", "code"),
    [
        ({"limit": "5"}, "limit", "wrong_type"),
        ({"limit": True}, "limit", "wrong_type"),
        ({"limit": Decimal("1.5")}, "limit", "wrong_type"),
        ({"limit": -1}, "limit", "out_of_range"),
        ({"limit": 2**63}, "limit", "bad_number"),
        ({"negate": 1}, "negate", "wrong_type"),
        ({"negate": "true"}, "negate", "wrong_type"),
        ({"as_of": 20261122}, "as_of", "wrong_type"),
        ({"as_of": "2026-11-22T09:30:00.1234567Z"}, "as_of", "bad_time"),
        ({"timezone": "utc+1"}, "timezone", "unknown_timezone"),
        ({"timezone": ""}, "timezone", "empty"),
        ({"logic_operator": "and"}, "logic_operator", "wrong_value"),
        ({"logic_operator": "at_least"}, "logic_operator", "wrong_value"),
        ({"at_least": 0}, "at_least", "out_of_range"),
        ({"at_least": Decimal("1.5")}, "at_least", "wrong_type"),
        ({"event_filters": [event("LOGIN", "gte", "1")]}, "event_filters.0.count", "wrong_type"),
        ({"event_filters": [event("LOGIN", "gte", 2**63)]}, "event_filters.0.count", "bad_number"),
        (
            {"event_filters": [ACTIVE | {"time_range_days": 36501}]},
            "event_filters.0.time_range_days",
            "out_of_range",
        ),
        (
            {"event_filters": [ACTIVE | {"event_name": ["A", 7]}]},
            "event_filters.0.event_name.1",
            "wrong_type",
        ),
        ({"event_filters": [ACTIVE | {"event_name": []}]}, "event_filters.0.event_name", "empty"),
        ({"user_filters": [attribute("a\0", "eq", 1)]}, "user_filters.0.field", "bad_text"),
    ],
)
def test_a_value_of_the_wrong_shape_is_refused_where_it_stands(raw: Any, path: str, code: str) -> None:
    assert codes(raw) == {path: code}


def test_a_problem_says_where_what_and_what_to_do() -> None:
    [problem] = problems({"event_filters": [event("LOGIN", "gte", "1")]})

    assert str(problem) == (
        'event_filters.0.count: "1" is not a whole number (write a whole number, without quotes)'
    )


def test_the_conditions_that_are_well_formed_are_readable_whatever_is_wrong_around_them() -> None:
    raw = {
        "user_filters": [ADULT, {"field": 7}, "x"],
        "groups": [{"event_filters": [ACTIVE], "nonsense": 1}, None],
        "logic_operator": "XOR",
    }

    assert [dotted(path) for path, _ in readable(raw)] == ["user_filters.0", "groups.0.event_filters.0"]
    assert list(readable("no object")) == []


# Caps


def test_groups_nest_as_deep_as_the_cap_and_no_deeper() -> None:
    assert segment(nested(20))
    [problem] = problems(nested(21))
    assert (problem.code, problem.path) == ("too_deep", ".".join(["groups.0"] * 20))
    assert problem.message == "groups nest 21 deep"
    assert problem.hint == "at most 20 are allowed"


def test_filters_on_properties_and_steps_count_as_conditions() -> None:
    rows = [event("A", "gte", 1) | {"where": [ADULT] * 99}]
    steps = [{"event_name": "A", "where": [ADULT] * 8}] * 10

    assert segment({"event_filters": rows * 2})
    assert codes({"event_filters": rows * 2, "user_filters": [ADULT]}) == {"": "too_many_conditions"}
    assert segment({"sequence_filters": [{"steps": steps, "within_days": 1}]})
    made = segment({"sequence_filters": [{"steps": steps, "within_days": 1}], "event_filters": rows})
    assert conditions(made) == 1 + 10 + 80 + 100


def test_conditions_are_counted_through_all_groups() -> None:
    half = {"user_filters": [ADULT] * 50, "event_filters": [ACTIVE] * 50}

    assert segment(half | {"groups": [half]})
    assert codes(half | {"groups": [half, {"user_filters": [ADULT]}]}) == {"": "too_many_conditions"}


def test_list_values_are_counted_through_all_lists() -> None:
    half = attribute("user_id", "in", list(range(50_000)))

    assert segment({"user_filters": [half, half]})
    one_more = attribute("age", "in", [1])
    assert codes({"user_filters": [half, half, one_more]}) == {"": "too_many_values"}
    for row in (event(["A"], "gte", 1), event("A", "gte", 1) | {"where": [one_more]}):
        assert codes({"user_filters": [half, half], "event_filters": [row]}) == {"": "too_many_values"}
    step = {"event_name": "A", "where": [one_more]}
    rows = [{"steps": [step, step], "within_days": 1}]
    assert codes({"user_filters": [half, half], "sequence_filters": rows}) == {"": "too_many_values"}


def test_a_cap_is_looked_at_before_anything_else() -> None:
    assert set(codes({"user_filters": [{"wrong": 1}] * 201, "limit": "x"}).values()) == {
        "too_many_conditions"
    }


def test_every_cap_that_is_broken_is_named() -> None:
    small = Settings(max_depth=1, max_conditions=1, max_list_values=1)
    raw = {"user_filters": [attribute("age", "in", [1, 2]), ADULT], "groups": [{}]}

    assert sorted(problem.code for problem in problems(raw, small)) == [
        "too_deep",
        "too_many_conditions",
        "too_many_groups",
        "too_many_values",
    ]


def test_more_groups_than_could_hold_a_condition_are_refused_at_once() -> None:
    with pytest.raises(TooLarge, match="100,001 groups"):
        segment({"groups": [{}] * 100_000})


def test_a_body_over_the_cap_is_refused_unread() -> None:
    small = Settings(max_body=10)

    assert read_json("[1, 2, 34]", small) == [1, 2, 34]
    assert unreadable("{" * 11, small).code == "too_large"


@pytest.mark.parametrize("opening", ['{"groups":[', "[", '{"user_filters":[{"value":['])
def test_json_a_hundred_thousand_deep_is_refused_in_words(opening: str) -> None:
    assert unreadable(opening * 100_000).code in ("too_deep", "bad_json")


def test_a_spec_built_too_deep_without_json_is_refused_in_words() -> None:
    with pytest.raises(TooLarge, match="groups nest 5,000 deep"):
        parse(nested(5000), SETTINGS)


# JSON text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{'limit': 5}",
        '{"limit": 5,}',
        '{"limit": NaN}',
        '{"limit": -Infinity}',
        '{"limit": 05}',
        b"\xff{}",
    ],
)
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    assert unreadable(text).code == "bad_json"


def test_a_number_of_thousands_of_digits_is_refused() -> None:
    assert unreadable('{"limit": 1' + "0" * 5000 + "}").code == "bad_json"


def test_a_key_given_twice_is_refused_however_deep() -> None:
    problem = unreadable('{"groups": [{"negate": true, "negate": false}]}')

    assert problem.code == "duplicate_key"
    assert '"negate"' in problem.message


def test_json_bytes_are_read_as_utf_8() -> None:
    assert read_json('"東京"'.encode(), SETTINGS) == "東京"


def test_numbers_are_exact_decimals() -> None:
    raw = read_json(
        '{"user_filters": [{"field": "x", "operator": "in", "value": [0.1, 1e2, 25.0]}]}', SETTINGS
    )

    [condition] = parse(raw, SETTINGS).user_filters
    assert condition.value == (Decimal("0.1"), 100, 25)
    assert [type(cell) for cell in condition.value] == [Decimal, int, int]


# The canonical form


def buying(**keys: Any) -> dict[str, Any]:
    return {"event_name": "BUY", "operator": "gte", **keys}


# Every key of the language, with a value that is not its default.
FULL = {
    "user_filters": [
        attribute("age", "gte", 25),
        attribute("lifetime_value", "lt", Decimal("19.990")),
        attribute("newsletter", "eq", False),
        attribute("name", "in", ["O'Neil", "50%", "東京"]),
        attribute("points", "eq", 0),
        attribute("points", "between", [Decimal("-0.5"), 5]),
        attribute("name", "contains", "50%") | {"case_sensitive": True},
        {"field": "points", "operator": "ne", "other_field": "age"},
        {"field": "location", "operator": "is_null"},
    ],
    "event_filters": [
        event("LOGIN", "eq", 0),
        event("LOGIN", "gte", 1, 30),
        event("LOGIN", "gte", 1) | {"time_range_hours": 6},
        event(["A", "B"], "between", [0, 5]),
        event("*", "gte", 1) | {"time_range": {"from": "2026-10-01", "to": "2026-10-31T12:00:00Z"}},
        event("BUY", "gte", 1) | {"time_range": {"from_days_ago": 60, "to_days_ago": 0}},
        buying(measure="active_days", value=3, time_range={"within_days_of": "signup_date", "days": 7}),
        buying(measure="days_since_last", value=Decimal("0.5")),
        buying(measure={"avg": "amount"}, value=Decimal("19.99"), where=[attribute("gift", "eq", True)]),
        buying(measure={"last": "category"}, operator="starts_with", value="b", case_sensitive=True),
        {"event_name": "A", "operator": "lt", "than": {"event_name": "B"}, "times": Decimal("0.125")},
    ],
    "sequence_filters": [
        {
            "steps": [
                {"event_name": "CART", "where": [attribute("amount", "gt", 5)]},
                {"event_name": ["BUY", "PAY"], "absent": True},
            ],
            "within_days": 7,
            "operator": "did_not",
            "time_range_days": 30,
        },
        {"steps": [{"event_name": "A"}] * 10, "within_days": 1, "time_range": {"to": "2026-11-22"}},
        {"steps": [{"event_name": "A"}] * 2, "within_hours": 36, "time_range_hours": 876_000},
    ],
    "segment_filters": [{"segment": "vip-2026_a", "operator": "not_in"}],
    "groups": [
        {
            "logic_operator": "AT_LEAST",
            "at_least": 1,
            "user_filters": [ADULT],
            "groups": [{"event_filters": [ACTIVE]}],
            "negate": True,
        }
    ],
    "logic_operator": "OR",
    "negate": True,
    "limit": 5,
    "as_of": "2026-11-22T09:30:00+05:45",
    "timezone": "Europe/Berlin",
    "sample": {"seed": "spring", "split": {"treatment": 90, "control": 10}},
}
SAMPLED = {"sample": {"seed": "spring", "percent": Decimal("2.5")}}


def test_the_full_spec_has_every_key_of_the_language() -> None:
    def keys(raw: Any) -> set[str]:
        below = raw.values() if isinstance(raw, dict) else raw if isinstance(raw, list) else []
        return set(raw if isinstance(raw, dict) else ()).union(*map(keys, below))

    schema = Segment.model_json_schema()
    known = set(schema["properties"]).union(
        *(node.get("properties", ()) for node in schema["$defs"].values())
    )
    assert keys([FULL, SAMPLED]) >= known


@pytest.mark.parametrize("raw", [{}, {"negate": True}, {"user_filters": [ADULT]}, SAMPLED, FULL])
def test_parse_print_parse_is_the_identity(raw: Any) -> None:
    made = segment(raw)

    assert parse(read_json(made.as_json(), SETTINGS), SETTINGS) == made
    assert segment(made.as_dict()).as_json() == made.as_json()


def test_printing_keeps_all_that_is_not_a_default() -> None:
    assert simplejson.loads(segment(FULL).as_json(), use_decimal=True) == FULL


def test_printing_leaves_defaults_out() -> None:
    raw = {
        "user_filters": [],
        "event_filters": [ACTIVE | {"time_range_days": None}],
        "groups": [{"user_filters": [ADULT], "logic_operator": "AND", "negate": False}],
        "logic_operator": "AND",
        "negate": False,
        "timezone": "UTC",
    }

    assert simplejson.loads(segment(raw).as_json()) == {
        "event_filters": [event("LOGIN", "gte", 1)],
        "groups": [{"user_filters": [ADULT]}],
    }


def test_printing_keeps_a_count_of_0_and_a_value_of_false() -> None:
    raw = {"user_filters": [attribute("newsletter", "eq", False)], "event_filters": [event("LOGIN", "eq", 0)]}

    assert simplejson.loads(segment(raw).as_json()) == raw


def test_25_point_0_prints_as_25() -> None:
    made = segment({"user_filters": [attribute("age", "eq", Decimal("25.0"))], "limit": Decimal("5.0")})

    assert simplejson.loads(made.as_json(), use_decimal=True) == {
        "user_filters": [attribute("age", "eq", 25)],
        "limit": 5,
    }
    assert "25.0" not in made.as_json()


def test_printing_keeps_text_as_it_was_written() -> None:
    written = " İe\u0301 'x' \"y\" \\ 🦆 "

    assert segment({"user_filters": [attribute("name", "eq", written)]}).as_dict() == {
        "user_filters": ({"field": "name", "operator": "eq", "value": written},)
    }


def test_a_segment_without_its_limit_is_otherwise_the_same() -> None:
    assert segment(FULL).unlimited == segment({key: cell for key, cell in FULL.items() if key != "limit"})


def test_the_applied_form_always_has_the_keys_of_the_simplest_payload() -> None:
    assert segment({}).as_applied() == {"user_filters": (), "event_filters": (), "logic_operator": "AND"}
    assert simplejson.loads(simplejson.dumps(segment(FULL).as_applied()), use_decimal=True) == FULL


# The published schema


SCHEMA = Draft202012Validator(Segment.model_json_schema())


def plain(raw: Any) -> Any:
    """As a validator gets it: JSON without exact decimals."""
    return json.loads(simplejson.dumps(raw, use_decimal=True))


@pytest.mark.parametrize("raw", [{}, FULL, SAMPLED])
def test_the_published_schema_takes_what_parses(raw: Any) -> None:
    Draft202012Validator.check_schema(SCHEMA.schema)

    assert list(SCHEMA.iter_errors(plain(raw))) == []
    assert list(SCHEMA.iter_errors(plain(segment(raw).as_dict()))) == []


def objects(raw: Any) -> Iterator[dict[str, Any]]:
    """Every object of a spec but for those whose keys are the spec's own."""
    if isinstance(raw, dict):
        yield raw
    below = raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()
    for key, cell in below:
        if key != "split":
            yield from objects(cell)


@pytest.mark.parametrize("place", range(len(list(objects(plain(FULL))))))
def test_the_schema_and_the_parser_refuse_an_unknown_key_in_every_place(place: int) -> None:
    raw = plain(FULL)
    list(objects(raw))[place]["unheard_of"] = 1

    assert not SCHEMA.is_valid(raw)
    assert set(codes(raw).values()) <= {"unknown_key", "unknown_measure"}


@pytest.mark.parametrize(
    "raw",
    [
        {"limit": 0},
        {"negate": 1},
        {"logic_operator": "XOR"},
        {"user_filters": [{"field": "age"}]},
        {"user_filters": [attribute("age", "in", [])]},
        {"user_filters": [attribute("age", "is", 1)]},
        {"event_filters": [event("A", "gte", -1)]},
        {"event_filters": [event("A", "gte", 1, 36_501)]},
        measured({"sum": "amount", "avg": "amount"}),
        measured("totl"),
        sequence("A", "B", operator="in"),
        {"segment_filters": [{"segment": "a b", "operator": "in"}]},
        {"sample": {"percent": 101, "seed": "x"}},
        {"sample": {"percent": 10}},
    ],
)
def test_the_schema_refuses_what_the_parser_refuses(raw: Any) -> None:
    assert not SCHEMA.is_valid(plain(raw))
    assert problems(raw)


@pytest.mark.parametrize(
    ("path", "longest", "make"),
    [
        ("sample.seed", 64, lambda text: {"sample": {"percent": 10, "seed": text}}),
        ("user_filters.0.field", 200, lambda text: {"user_filters": [attribute(text, "eq", 1)]}),
        ("user_filters.0.value", 4000, lambda text: {"user_filters": [attribute("plan", "eq", text)]}),
        ("user_filters.0.value", 4000, lambda text: {"user_filters": [attribute("plan", "like", text)]}),
        (
            "user_filters.0.value.1",
            4000,
            lambda text: {"user_filters": [attribute("plan", "in", ["a", text])]},
        ),
        ("event_filters.0.event_name", 200, lambda text: active(event_name=text)),
        ("event_filters.0.event_name.1", 200, lambda text: active(event_name=["A", text])),
        ("event_filters.0.measure", 200, lambda text: active(measure={"sum": text})),
        (
            "event_filters.0.time_range.within_days_of",
            200,
            lambda text: active(time_range={"within_days_of": text, "days": 1}),
        ),
    ],
)
def test_a_text_has_a_longest_length_by_its_role(
    path: str, longest: int, make: Callable[[str], dict[str, Any]]
) -> None:
    segment(make("x" * longest))

    [found] = problems(make("x" * (longest + 1)))

    assert (found.path, found.code) == (path, "too_long")
    assert f"{longest:,}" in found.hint


def active(**keys: Any) -> dict[str, Any]:
    return {"event_filters": [ACTIVE | keys]}


def test_a_time_and_a_zone_of_a_million_letters_are_refused_at_once() -> None:
    for spec in ({"as_of": "1" * 1_000_000}, {"timezone": "A" * 1_000_000}):
        assert [found.code for found in problems(spec)] == ["too_long"]


@pytest.mark.parametrize(
    "spec",
    [
        {"k" * 200_000: 1},
        {"user_filters": [{"field": "age", "operator": "eq", "value": 1, "k" * 200_000: 2}]},
        {"sample": {"seed": "s", "split": {"k" * 200_000: 50, "b": 50}}},
    ],
    ids=["root", "condition", "arm"],
)
def test_the_path_of_a_problem_does_not_repeat_a_key_of_any_length(spec: dict[str, Any]) -> None:
    with pytest.raises(SpecError) as caught:
        parse(spec, Settings())

    (problem,) = caught.value.problems
    assert len(str(problem)) < 600
    assert "k" * 200 in problem.path
