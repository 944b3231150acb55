"""A spec against the data: every problem and warning with its path, its code and what to do."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from duckmart.catalog import Catalog
from duckmart.check import CheckContext, check
from duckmart.errors import Problem, SpecError
from duckmart.mart import Mart
from duckmart.settings import Settings
from duckmart.spec.parser import parse
from duckmart.spec.tree import walk
from tests.tiny import AS_OF, attribute, event, group, spec

Row = dict[str, Any]
UTC = ZoneInfo("UTC")


def problems(mart: Mart, *rows: Row, **rest: Any) -> list[Problem]:
    with pytest.raises(SpecError) as raised:
        mart.accept(spec(*rows, **rest))
    return list(raised.value.problems)


def problem(mart: Mart, *rows: Row) -> Problem:
    [only] = problems(mart, *rows)
    return only


def warnings(mart: Mart, *rows: Row) -> list[Problem]:
    return list(mart.accept(spec(*rows))[1])


def test_a_spec_that_suits_the_data_has_neither_problems_nor_warnings(mart: Mart) -> None:
    rows = [
        attribute("user_id", "in", [1, 2]),
        attribute("age", "gte", Decimal("25.5")),
        attribute("lifetime_value", "eq", Decimal("0.30")),
        attribute("location", "ne", "California"),
        attribute("name", "like", "50%"),
        attribute("newsletter", "eq", True),
        attribute("signup_date", "gt", "2026-11-22"),
        attribute("last_seen", "lte", "2026-11-22T09:30:00Z"),
        attribute("last_seen", "in", ["2026-11-22", "2026-11-22T09:30:00Z"]),
        event("50% off", "eq", 0, 7),
        group(event("O'Neil's click", "gte", 1)),
    ]

    assert warnings(mart, *rows) == []


# Problems


def test_an_unknown_field_is_refused_with_the_nearest_names(mart: Mart) -> None:
    found = problem(mart, attribute("agee", "eq", 1))

    assert (found.path, found.code) == ("user_filters.0.field", "unknown_field")
    assert found.hint.startswith("did you mean 'age'")


def test_an_unknown_field_like_none_is_answered_with_all_fields(mart: Mart) -> None:
    found = problem(mart, attribute("zzzzzzzz", "eq", 1))

    assert found.hint.startswith("known: user_id, name, age, ")


def test_a_field_of_another_case_is_another_field(mart: Mart) -> None:
    assert problem(mart, attribute("AGE", "eq", 1)).hint == "did you mean 'age'?"


ORDERED = "eq, ne, gt, gte, lt, lte, between, not_between"
FRAGMENTS = ("contains", "not_contains", "starts_with", "not_starts_with", "ends_with", "not_ends_with")
OF_TEXT = f"like, not_like, {', '.join(FRAGMENTS)}"
OF_DATES = "in_last_days, not_in_last_days, in_next_days, anniversary_in_last_days, anniversary_in_next_days"
RANKS = "top, bottom, top_percent, bottom_percent"
OF_COUNTS = f"gte, gt, eq, ne, lte, lt, between, {RANKS}"


@pytest.mark.parametrize(
    ("field", "operator", "suited"),
    [
        ("location", "gte", f"eq, ne, in, not_in, {OF_TEXT}, is_null, is_not_null"),
        ("newsletter", "lt", "eq, ne, in, not_in, is_null, is_not_null"),
        ("age", "like", f"{ORDERED}, in, not_in, is_null, is_not_null, {RANKS}"),
        ("age", "in_last_days", f"{ORDERED}, in, not_in, is_null, is_not_null, {RANKS}"),
        ("signup_date", "contains", f"{ORDERED}, in, not_in, is_null, is_not_null, {OF_DATES}, {RANKS}"),
        ("last_seen", "like", f"{ORDERED}, in, not_in, is_null, is_not_null, {OF_DATES}, {RANKS}"),
        ("newsletter", "between", "eq, ne, in, not_in, is_null, is_not_null"),
    ],
)
def test_an_operator_that_does_not_suit_the_kind_is_refused_with_those_that_do(
    mart: Mart, field: str, operator: str, suited: str
) -> None:
    found = problem(mart, attribute(field, operator, "x"))

    assert (found.path, found.code) == ("user_filters.0.operator", "unsuited_operator")
    assert found.hint == f"one of: {suited}"


@pytest.mark.parametrize(
    ("field", "value", "hint"),
    [
        ("age", "25", "write the number without quotes"),
        ("age", True, "write a number"),
        ("lifetime_value", "0.3", "write the number without quotes"),
        ("user_id", "1", "write the number without quotes"),
        ("location", 5, 'write it in double quotes: "5"'),
        ("location", False, 'write it in double quotes: "false"'),
        ("newsletter", 1, "write true or false, without quotes"),
        ("newsletter", "true", "write true or false, without quotes"),
        ("signup_date", 20261122, 'write a date in double quotes: "2026-11-22"'),
        ("last_seen", True, 'write a date in double quotes: "2026-11-22"'),
    ],
)
def test_a_value_of_another_kind_than_the_column_is_refused(
    mart: Mart, field: str, value: Any, hint: str
) -> None:
    found = problem(mart, attribute(field, "eq", value))

    assert (found.path, found.code) == ("user_filters.0.value", "wrong_type")
    assert found.hint == hint


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (attribute("age", "eq", Decimal("25.5")), "'age' holds whole numbers, 25.5 is none"),
        (attribute("age", "eq", [25]), "eq takes one value"),
        (attribute("name", "like", ["a%"]), "like takes one value"),
        (attribute("age", "in", 25), "in takes a list"),
        (attribute("name", "starts_with", ["a"]), "starts_with takes one value"),
        (attribute("age", "between", 25), "between takes a low and a high value"),
        (attribute("age", "between", [25]), "between takes two values, not 1"),
        (attribute("age", "not_between", [1, 2, 3]), "not_between takes two values, not 3"),
        (attribute("last_seen", "in_last_days", [7]), "in_last_days takes one value"),
        (attribute("last_seen", "in_last_days", 0), "0 is not a number of days"),
        (attribute("last_seen", "in_next_days", 36_501), "36501 is not a number of days"),
        (attribute("last_seen", "anniversary_in_next_days", 367), "367 is not a number of days"),
        (attribute("signup_date", "anniversary_in_last_days", -1), "-1 is not a number of days"),
        (attribute("signup_date", "not_in_last_days", Decimal("1.5")), "1.5 is not a number of days"),
        (attribute("signup_date", "in_last_days", "2026-11-22"), '"2026-11-22" is not a number of days'),
        (attribute("signup_date", "in_last_days", True), "true is not a number of days"),
        (
            attribute("signup_date", "eq", "2026-11-31"),
            "\"2026-11-31\" is not a date that 'signup_date' could hold",
        ),
        (
            attribute("signup_date", "eq", "2026-11-22T00:00"),
            "'signup_date' holds dates, \"2026-11-22T00:00\" is a time",
        ),
        (
            attribute("last_seen", "eq", "yesterday"),
            "\"yesterday\" is not a date that 'last_seen' could hold",
        ),
    ],
)
def test_a_value_that_cannot_be_compared_so_is_refused(mart: Mart, row: Row, message: str) -> None:
    found = problem(mart, row)

    assert (found.path, found.code, found.message) == ("user_filters.0.value", "wrong_value", message)
    assert found.hint


@pytest.mark.parametrize(
    ("row", "code"),
    [
        *((attribute("age", operator, None), "missing") for operator in ("eq", "in", "between")),
        *((attribute("name", operator, None), "missing") for operator in ("like", "not_contains")),
        *((attribute("last_seen", operator, None), "missing") for operator in ("in_last_days", "gt")),
        (attribute("age", "is_null", 25), "wrong_key"),
        (attribute("age", "is_not_null", [25]), "wrong_key"),
        (attribute("age", "between", [34, 25]), "reversed"),
        (attribute("age", "not_between", [Decimal("0.2"), Decimal("0.1")]), "reversed"),
        (attribute("signup_date", "between", ["2026-11-23", "2026-11-22"]), "reversed"),
        (attribute("last_seen", "between", ["2026-11-23", "2026-11-22T23:00:00Z"]), "reversed"),
        (
            attribute("last_seen", "between", ["2026-11-22T10:00:00Z", "2026-11-22T11:00:00+02:00"]),
            "reversed",
        ),
    ],
)
def test_a_value_that_is_missing_too_many_or_turned_round_is_refused(mart: Mart, row: Row, code: str) -> None:
    found = problem(mart, row)

    assert (found.path, found.code) == ("user_filters.0.value", code)
    assert found.hint


def test_bounds_that_meet_are_one_value_and_a_day_is_as_long_as_it_is(mart: Mart) -> None:
    for row in (
        attribute("age", "between", [25, 25]),
        attribute("last_seen", "between", ["2026-11-22", "2026-11-22"]),
        attribute("last_seen", "between", ["2026-11-22T12:00:00Z", "2026-11-22"]),
        attribute("last_seen", "between", ["2026-11-22", "2026-11-22T00:00:00Z"]),
    ):
        assert warnings(mart, row) == []


def test_whether_bounds_are_turned_round_is_told_in_the_segments_time_zone(mart: Mart) -> None:
    # In Tokyo the 22nd is over at 15:00 UTC.
    row = attribute("last_seen", "between", ["2026-11-22T15:00:00Z", "2026-11-22"])

    assert [one.code for one in problems(mart, row, timezone="Asia/Tokyo")] == ["reversed"]
    assert mart.accept(spec(row, timezone="UTC"))


def test_only_a_fragment_can_be_case_sensitive(mart: Mart) -> None:
    for operator in FRAGMENTS:
        assert warnings(mart, attribute("name", operator, "O'N") | {"case_sensitive": True}) == []
    for operator, value in (("eq", "O'Neil"), ("like", "O%"), ("in", ["O'Neil"]), ("is_null", None)):
        found = problem(mart, attribute("name", operator, value) | {"case_sensitive": True})
        assert (found.path, found.code) == ("user_filters.0.case_sensitive", "wrong_key")
        assert found.hint == f"remove it; it suits {', '.join(FRAGMENTS)}"
    assert warnings(mart, attribute("name", "eq", "O'Neil") | {"case_sensitive": False}) == []


def test_fractions_order_whole_numbers_but_never_equal_them(mart: Mart) -> None:
    half = Decimal("25.5")

    for operator in ("gt", "gte", "lt", "lte"):
        assert warnings(mart, attribute("age", operator, half)) == []
    for operator in ("between", "not_between"):
        assert warnings(mart, attribute("age", operator, [half, 30])) == []
    assert warnings(mart, attribute("score", "ne", Decimal("0.3"))) == []
    assert problem(mart, attribute("age", "ne", half)).code == "wrong_value"
    assert problem(mart, attribute("age", "in", [25, half])).path == "user_filters.0.value.1"


def test_each_bad_value_of_a_list_is_named_and_the_first_20_are_shown(mart: Mart) -> None:
    found = problems(mart, attribute("user_id", "in", [1, *["x"] * 30, 2]))

    assert [one.path for one in found] == [f"user_filters.0.value.{place}" for place in range(1, 21)]


def test_an_empty_nested_group_is_refused_at_any_depth(mart: Mart) -> None:
    found = problems(mart, group(), group(event("LOGIN", "gte", 1), group()))

    assert {(one.path, one.code) for one in found} == {
        ("groups.0", "empty_group"),
        ("groups.1.groups.0", "empty_group"),
    }


def test_an_empty_root_is_no_problem(mart: Mart) -> None:
    assert warnings(mart) == []


def test_problems_of_shape_and_of_data_are_reported_together(mart: Mart) -> None:
    raw = {
        "user_filters": [attribute("agee", "eq", 1), {"field": "age", "operator": "eq"}],
        "groups": [{"user_filters": [attribute("age", "eq", "25")], "nonsense": 1}, {"negate": True}],
        "limit": 0,
    }

    with pytest.raises(SpecError) as raised:
        mart.accept(raw)

    assert {(one.path, one.code) for one in raised.value.problems} == {
        ("user_filters.0.field", "unknown_field"),
        ("user_filters.1.value", "missing"),
        ("groups.0.user_filters.0.value", "wrong_type"),
        ("groups.0.nonsense", "unknown_key"),
        ("groups.1", "empty_group"),
        ("limit", "out_of_range"),
    }


def test_a_row_is_not_reported_twice(mart: Mart) -> None:
    found = problems(mart, attribute("age", "in", ["x", None]), limit=0)

    assert len(found) == len({one.path for one in found})


# What the keys of one condition ask of each other


def measure(measured: Any, operator: str = "gte", value: Any = 1, **rest: Any) -> Row:
    return {"event_name": "LOGIN", "measure": measured, "operator": operator, "value": value, **rest}


def window(**keys: Any) -> Row:
    return event("LOGIN", "gte", 1) | {"time_range": keys}


LOGIN = event("LOGIN", "gte", 1)


@pytest.mark.parametrize(
    ("row", "path", "code", "hint"),
    [
        # The number that a measure is compared with
        (LOGIN | {"count": None}, "count", "missing", "add count"),
        (event("LOGIN", "between", None), "count", "missing", "add count: [low, high]"),
        (event("LOGIN", "between", 3), "count", "wrong_value", "write [low, high]"),
        (event("LOGIN", "between", [3]), "count", "wrong_value", "write [low, high]"),
        (event("LOGIN", "between", [1, 2, 3]), "count", "wrong_value", "write [low, high]"),
        (event("LOGIN", "between", [3, 2]), "count", "reversed", "put the lower bound first"),
        (event("LOGIN", "gte", [1, 2]), "count", "wrong_value", "write a whole number"),
        (LOGIN | {"value": 1}, "value", "wrong_key", "write count instead of value"),
        (LOGIN | {"measure": "count", "value": 1}, "value", "wrong_key", "write count instead of value"),
        (LOGIN | {"case_sensitive": True}, "case_sensitive", "wrong_key", "remove it"),
        (measure("active_days", count=1), "count", "wrong_key", "write value instead of count"),
        (measure("active_days", value=None), "value", "missing", "add one value"),
        (measure("active_days", "between", None), "value", "missing", "add a low and a high value"),
        (measure("active_days", value="3"), "value", "wrong_type", "write the number without quotes"),
        (measure("active_days", value=True), "value", "wrong_type", "write a number"),
        (measure("active_days", value=[1, 2]), "value", "wrong_value", "write one value"),
        (measure("active_days", "between", [2, 1]), "value", "reversed", "put the lower bound first"),
        (measure({"sum": "amount"}, case_sensitive=True), "case_sensitive", "wrong_key", "remove it"),
        # Fractions suit whole numbers with order operators only
        (measure("active_days", "eq", Decimal("1.5")), "value", "wrong_value", "write a whole number"),
        (measure({"distinct": "category"}, "ne", Decimal("1.5")), "value", "wrong_value", "write a whole"),
        # Days since an event
        (measure("days_since_last", value=-1), "value", "out_of_range", "write days from 0 to 36,500"),
        (measure("days_since_first", value=36_501), "value", "out_of_range", "write days from 0 to 36,500"),
        (measure("days_since_last", value=Decimal("36500.1")), "value", "out_of_range", "write days from 0"),
        (measure("days_since_last", "between", [0, 40_000]), "value", "out_of_range", "write days from 0"),
        (measure("days_since_last", time_range_days=7), "time_range_days", "wrong_key", "remove the window"),
        (
            measure("days_since_first", time_range={"from": "2026-10-01"}),
            "time_range",
            "wrong_key",
            "remove the window",
        ),
        # Operators
        (event("LOGIN", "in", [1, 2]), "operator", "unsuited_operator", f"one of: {OF_COUNTS}"),
        (event("LOGIN", "like", 1), "operator", "unsuited_operator", f"one of: {OF_COUNTS}"),
        (measure("active_days", "not_between", [1, 2]), "operator", "unsuited_operator", OF_COUNTS),
        (measure({"max": "amount"}, "in", [1]), "operator", "unsuited_operator", OF_COUNTS),
        (measure({"last": "category"}, "gt", "a"), "operator", "unsuited_operator", "one of: eq, ne, in,"),
        (
            measure({"first": "amount"}, "contains", "a"),
            "operator",
            "unsuited_operator",
            "one of: eq, ne, gt",
        ),
        # Properties
        (measure({"sum": "amuont"}), "measure", "unknown_property", "did you mean 'amount'"),
        (measure({"sum": "age"}), "measure", "unknown_property", "known: amount, category"),
        (measure({"sum": "category"}), "measure", "unsuited_measure", "pick a number property"),
        (measure({"avg": "category"}), "measure", "unsuited_measure", "pick a number property"),
        (measure({"median": "category"}), "measure", "unsuited_measure", "pick a number property"),
        (
            measure({"min": "category"}, value="a"),
            "measure",
            "unsuited_measure",
            "pick a number or date or timestamp property",
        ),
        (measure({"max": "amount"}, value="a"), "value", "wrong_type", "write the number without quotes"),
        (measure({"last": "category"}, "eq", 5), "value", "wrong_type", 'write it in double quotes: "5"'),
        (measure({"last": "category"}, "is_null", "a"), "value", "wrong_key", "remove it"),
        # Names
        (event(["LOGIN", "*"], "gte", 1), "event_name.1", "wrong_value", 'write "*" alone'),
        (event(["*"], "gte", 1), "event_name.0", "wrong_value", 'write "*" alone'),
        (event(["LOGIN", "login", "LOGIN"], "gte", 1), "event_name.2", "duplicate_value", "keep one"),
        # Windows
        (window(**{"from": "2026-10-01"}) | {"time_range_days": 7}, "time_range", "two_windows", "keep one"),
        (window(to="2026-10-01") | {"time_range_hours": 7}, "time_range", "two_windows", "keep one"),
        (
            event("LOGIN", "gte", 1, 7) | {"time_range_hours": 7},
            "time_range_hours",
            "two_windows",
            "keep one of them",
        ),
        (window(), "time_range", "wrong_window", "write from, to or both"),
        (window(**{"from": None}), "time_range", "wrong_window", "write from, to or both"),
        (window(to="2026-10-01", from_days_ago=7), "time_range", "wrong_window", "write from, to or both"),
        (window(days=7, to_days_ago=1), "time_range", "wrong_window", "write from, to or both"),
        (
            window(within_days_of="signup_date", days=7, to="2026-10-01"),
            "time_range",
            "wrong_window",
            "write",
        ),
        (window(from_days_ago=7), "time_range.to_days_ago", "missing", "add 'to_days_ago'"),
        (window(to_days_ago=7), "time_range.from_days_ago", "missing", "add 'from_days_ago'"),
        (window(days=7), "time_range.within_days_of", "missing", "add 'within_days_of'"),
        (window(within_days_of="signup_date"), "time_range.days", "missing", "add 'days'"),
        (window(from_days_ago=7, to_days_ago=7), "time_range.from_days_ago", "reversed", "the larger number"),
        (window(from_days_ago=7, to_days_ago=8), "time_range.from_days_ago", "reversed", "the larger number"),
        (
            window(**{"from": "2026-10-02", "to": "2026-10-01"}),
            "time_range.from",
            "reversed",
            "put the lower bound first",
        ),
        (
            window(**{"from": "2026-10-01T10:00:00Z", "to": "2026-10-01T11:59:00+02:00"}),
            "time_range.from",
            "reversed",
            "put the lower bound first",
        ),
        (
            window(within_days_of="signup_dat", days=7),
            "time_range.within_days_of",
            "unknown_field",
            "did you mean 'signup_date'",
        ),
        (
            window(within_days_of="age", days=7),
            "time_range.within_days_of",
            "unsuited_field",
            "one of: signup_date, last_seen, trial_ends, timestamp",
        ),
        # Properties of events
        (LOGIN | {"where": [attribute("age", "gte", 1)]}, "where.0.field", "unknown_property", "known: "),
        (
            LOGIN | {"where": [attribute("amount", "like", "1")]},
            "where.0.operator",
            "unsuited_operator",
            "one",
        ),
        (
            LOGIN | {"where": [attribute("amount", "eq", "1")]},
            "where.0.value",
            "wrong_type",
            "write the number",
        ),
        (LOGIN | {"where": [attribute("amount", "eq", None)]}, "where.0.value", "missing", "add one value"),
    ],
)
def test_an_event_filter_whose_keys_do_not_go_together_is_refused(
    mart: Mart, row: Row, path: str, code: str, hint: str
) -> None:
    found = problem(mart, row)

    assert (found.path, found.code) == (f"event_filters.0.{path}", code)
    assert hint in found.hint


def test_event_filters_that_mean_something_are_let_through(mart: Mart) -> None:
    rows = [
        event("LOGIN", "between", [0, 0]),
        event("*", "gte", 1),
        event(["LOGIN", "PURCHASE_MADE"], "gte", 1),
        measure("active_days", "gte", Decimal("1.5")),
        measure("days_since_last", "eq", 0),
        measure("days_since_last", "between", [Decimal("0.5"), 36_500]),
        measure({"sum": "amount"}, "eq", Decimal("0.5")),
        measure({"median": "amount"}, "eq", Decimal("0.005")),
        measure({"min": "amount"}, "lt", -5),
        measure({"last": "category"}, "contains", "b", case_sensitive=True),
        measure({"first": "category"}, "is_null", None),
        window(**{"from": "2026-10-01", "to": "2026-10-01"}),
        window(from_days_ago=36_500, to_days_ago=0),
        window(within_days_of="last_seen", days=36_500),
        LOGIN | {"where": [attribute("category", "is_null", None), attribute("amount", "between", [1, 2])]},
    ]

    assert [one for row in rows for one in mart.check(parse(spec(row), Settings()))[1].problems] == []


def sequence(*steps: Any, **rest: Any) -> Row:
    named = [step if isinstance(step, dict) else {"event_name": step} for step in steps]
    return {"sequence_filters": [{"steps": named, "within_days": 7, **rest}]}


ABSENT = {"event_name": "LOGIN", "absent": True}


@pytest.mark.parametrize(
    ("raw", "path", "code"),
    [
        (sequence("LOGIN"), "steps", "wrong_length"),
        (sequence(*["LOGIN"] * 11), "steps", "wrong_length"),
        (sequence(*["LOGIN"] * 10, ABSENT), "steps", "wrong_length"),
        (sequence(ABSENT, "LOGIN"), "steps.0.absent", "wrong_place"),
        (sequence("LOGIN", ABSENT, "LOGIN"), "steps.1.absent", "wrong_place"),
        (sequence("LOGIN", ["LOGIN", "*"]), "steps.1.event_name.1", "wrong_value"),
        (sequence("LOGIN", ["LOGIN", "LOGIN"]), "steps.1.event_name.1", "duplicate_value"),
        (
            sequence("LOGIN", "LOGIN", time_range_days=7, time_range={"to": "2026-10-01"}),
            "time_range",
            "two_windows",
        ),
        (sequence("LOGIN", "LOGIN", within_days=None), "within_days", "missing"),
        (sequence("LOGIN", "LOGIN", within_hours=7), "within_hours", "two_lengths"),
        (sequence("LOGIN", "LOGIN", time_range={}), "time_range", "wrong_window"),
        (
            sequence("LOGIN", "LOGIN", time_range={"within_days_of": "name", "days": 7}),
            "time_range.within_days_of",
            "unsuited_field",
        ),
        (
            sequence("LOGIN", {"event_name": "LOGIN", "where": [attribute("amuont", "gt", 5)]}),
            "steps.1.where.0.field",
            "unknown_property",
        ),
    ],
)
def test_a_sequence_whose_steps_do_not_go_together_is_refused(
    mart: Mart, raw: Row, path: str, code: str
) -> None:
    with pytest.raises(SpecError) as raised:
        mart.accept(raw)

    assert [(one.path, one.code) for one in raised.value.problems] == [(f"sequence_filters.0.{path}", code)]
    assert raised.value.problems[0].hint


@pytest.mark.parametrize(
    "raw",
    [
        sequence("LOGIN", "LOGIN"),
        sequence("LOGIN", ABSENT),
        sequence(*["LOGIN"] * 9, ABSENT),
        sequence("*", ["LOGIN", "PURCHASE_MADE"], operator="did_not", time_range_days=30),
    ],
)
def test_a_sequence_has_2_to_10_steps_of_which_the_last_may_be_absent(mart: Mart, raw: Row) -> None:
    mart.accept(raw)


ADULT = attribute("age", "gte", 18)
TWO = [ADULT, attribute("age", "lt", 99)]


@pytest.mark.parametrize(
    ("raw", "path", "code", "hint"),
    [
        (group(*TWO, at_least=1), "at_least", "wrong_key", "remove at_least"),
        (group(*TWO, at_least=1, logic_operator="OR"), "at_least", "wrong_key", "remove at_least"),
        (group(*TWO, logic_operator="AT_LEAST"), "at_least", "missing", "add how many"),
        (
            group(*TWO, logic_operator="AT_LEAST", at_least=3),
            "at_least",
            "out_of_range",
            "write a number from 1 to 2",
        ),
        (group(logic_operator="AT_LEAST", at_least=1), "at_least", "out_of_range", ""),
        (
            group(ADULT, group(*TWO, logic_operator="AT_LEAST", at_least=3)),
            "groups.0.at_least",
            "out_of_range",
            "write a number from 1 to 2",
        ),
        ({"sample": {"seed": "x"}}, "sample", "wrong_sample", ""),
        (
            {"sample": {"seed": "x", "percent": 10, "split": {"a": 100}}},
            "sample",
            "wrong_sample",
            "write one of the two",
        ),
        (
            {"sample": {"seed": "x", "split": {"a": 50, "b": 40}}},
            "sample.split",
            "wrong_value",
            "add up to 100",
        ),
        (
            {"sample": {"seed": "x", "split": {"a": 60, "b": 60}}},
            "sample.split",
            "wrong_value",
            "add up to 100",
        ),
    ],
)
def test_a_group_or_sample_whose_keys_do_not_go_together_is_refused(
    mart: Mart, raw: Row, path: str, code: str, hint: str
) -> None:
    with pytest.raises(SpecError) as raised:
        mart.accept(raw)

    [found] = raised.value.problems
    assert (found.path, found.code) == (path, code)
    assert hint in found.hint


@pytest.mark.parametrize(
    "raw",
    [
        group(*TWO, logic_operator="AT_LEAST", at_least=1),
        group(*TWO, logic_operator="AT_LEAST", at_least=2, negate=True),
        {"sample": {"seed": "x", "percent": Decimal("0.1")}},
        {"sample": {"seed": "x", "split": {"a": 100}}},
        {"sample": {"seed": "x", "split": {"b": 1, "a": 99}}},
    ],
)
def test_a_group_counts_up_to_all_of_its_conditions_and_weights_add_up_to_100(mart: Mart, raw: Row) -> None:
    mart.accept(raw)


# Warnings


def test_an_unknown_event_runs_with_a_warning_that_offers_the_nearest_names(mart: Mart) -> None:
    [warning] = warnings(mart, event("LOGINN", "eq", 0))

    assert (warning.path, warning.code) == ("event_filters.0.event_name", "unknown_event")
    assert "everyone did it 0 times" in warning.message
    assert warning.hint == "did you mean 'LOGIN'?"


def test_a_warning_in_a_nested_group_has_its_path(mart: Mart) -> None:
    [warning] = warnings(mart, group(event("never seen", "gte", 1)))

    assert (warning.path, warning.hint) == (
        "groups.0.event_filters.0.event_name",
        "pick one from the data",
    )


@pytest.mark.parametrize("value", ["CALIFORNIA", "California ", "Californa"])
@pytest.mark.parametrize("operator", ["eq", "ne"])
def test_a_value_that_no_user_has_runs_with_a_warning(mart: Mart, operator: str, value: str) -> None:
    [warning] = warnings(mart, attribute("location", operator, value))

    assert (warning.path, warning.code) == ("user_filters.0.value", "absent_value")
    assert "California" in warning.hint


def test_each_absent_value_of_a_list_has_its_own_warning(mart: Mart) -> None:
    found = warnings(mart, attribute("location", "in", ["California", "Atlantis", "New York", "new york"]))

    assert [one.path for one in found] == ["user_filters.0.value.1", "user_filters.0.value.3"]


def test_a_pattern_or_an_order_is_no_slip_however_few_it_finds(mart: Mart) -> None:
    assert warnings(mart, attribute("name", "like", "zzz%"), attribute("age", "gt", 98)) == []


def test_no_value_counts_as_absent_where_the_catalog_does_not_list_them_all(mart: Mart) -> None:
    location = replace(mart.catalog.attributes["location"], complete=False)
    catalog: Catalog = replace(mart.catalog, attributes={"location": location})
    segment, _ = mart.accept(spec(attribute("location", "eq", "Atlantis")))

    assert check(walk(segment), CheckContext(catalog, UTC, AS_OF)).warnings == ()


def test_a_condition_with_a_problem_has_no_warnings_beside_it(mart: Mart) -> None:
    segment, _ = mart.accept(spec(attribute("location", "eq", "Atlantis"), event("nothing", "eq", 0)))
    catalog: Catalog = replace(mart.catalog, attributes={})

    findings = check(walk(segment), CheckContext(catalog, UTC, AS_OF))

    assert [one.code for one in findings.problems] == ["unknown_field"]
    assert [one.code for one in findings.warnings] == ["unknown_event"]
