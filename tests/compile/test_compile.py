"""What a segment means, asked of DuckDB on rows counted by hand; and what its SQL is like to read."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from sqlglot import exp

from duckmart.compile import members, truth_table
from duckmart.compile.comparison import COMPARE
from duckmart.compile.query import RESERVED
from duckmart.mart import Mart
from duckmart.spec.operators import COUNT_OPERATORS, USER_OPERATORS, Takes
from duckmart.spec.values import LONGEST_NAME
from tests.conftest import Ids
from tests.questions import whole
from tests.tiny import (
    ANN,
    AS_OF,
    BOB,
    CY,
    DEE,
    EVE,
    EVERYONE,
    FAY,
    GUS,
    HAL,
    Row,
    attribute,
    event,
    group,
    spec,
)
from tests.world import MICROSECOND

ALL = set(EVERYONE)


def sql(mart: Mart, *rows: Row, dialect: str = "duckdb", **rest: Any) -> str:
    return mart.members(mart.accept(spec(*rows, **rest))[0]).sql(dialect)


OF_DAYS = [row for row in USER_OPERATORS.values() if row.takes is Takes.DAYS]


def cte_names(mart: Mart, *rows: Row) -> list[str]:
    return [cte.alias for cte in mart.members(mart.accept(spec(*rows))[0]).tree.find_all(exp.CTE)]


def names(mart: Mart, *events: str, days: int | None = None) -> list[str]:
    return cte_names(mart, *(event(name, "gte", 1, days) for name in events))


def test_every_operator_has_a_comparison_of_its_own_or_of_the_one_that_it_negates() -> None:
    made_otherwise = {"in", "between", "is_null", "contains_any", "contains_all"}
    made_otherwise |= {row.operator for row in OF_DAYS}
    made_otherwise |= {name for name, row in USER_OPERATORS.items() if row.is_ranked}
    for rows in (USER_OPERATORS, COUNT_OPERATORS):
        assert {row.negates or row.operator for row in rows.values()} <= {*COMPARE, *made_otherwise}


# Attributes


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("eq", 34, {BOB}),
        ("ne", 34, ALL - {BOB}),
        ("gt", 34, {DEE, HAL}),
        ("gte", 34, {BOB, DEE, HAL}),
        ("lt", 25, {EVE, GUS}),
        ("lte", 25, {ANN, EVE, GUS}),
        ("in", [25, 34, 7], {ANN, BOB}),
        ("not_in", [25, 34, 7], ALL - {ANN, BOB}),
        ("eq", 0, {GUS}),
    ],
)
def test_an_unknown_age_matches_no_positive_operator_and_every_negative_one(
    ids: Ids, operator: str, value: Any, expected: set[int]
) -> None:
    assert ids(attribute("age", operator, value)) == expected


def test_text_compares_by_code_point(ids: Ids) -> None:
    assert ids(attribute("location", "eq", "California")) == {ANN, BOB, HAL}
    assert ids(attribute("location", "eq", "california")) == {EVE}
    assert ids(attribute("location", "ne", "California")) == {CY, DEE, EVE, FAY, GUS}
    assert ids(attribute("location", "in", ["Québec", "Que\u0301bec"])) == {GUS}


def test_quotes_and_wildcards_in_values_are_themselves(ids: Ids) -> None:
    assert ids(attribute("name", "eq", "O'Neil")) == {BOB}
    assert ids(attribute("name", "eq", "50%")) == {DEE}
    assert ids(attribute("name", "in", ["a_b", "50%"])) == {DEE, FAY}
    assert ids(attribute("name", "eq", "' OR 1=1 --")) == set()


def test_a_pattern_knows_percent_and_underscore_and_no_escape(ids: Ids) -> None:
    assert ids(attribute("name", "like", "50%")) == {DEE, EVE}
    assert ids(attribute("name", "like", "a_b")) == {FAY, GUS}
    assert ids(attribute("name", "like", "a\\_b")) == set()
    assert ids(attribute("name", "like", "__")) == {HAL}
    assert ids(attribute("name", "like", "%")) == ALL - {CY}


def test_true_and_false_and_unknown_are_three(ids: Ids) -> None:
    assert ids(attribute("newsletter", "eq", True)) == {ANN, DEE}
    assert ids(attribute("newsletter", "eq", False)) == {BOB, EVE}
    assert ids(attribute("newsletter", "ne", True)) == ALL - {ANN, DEE}
    assert ids(attribute("newsletter", "in", [True, False])) == {ANN, BOB, DEE, EVE}


def test_user_ids_are_an_attribute_too(ids: Ids) -> None:
    assert ids(attribute("user_id", "in", [ANN, HAL, 999])) == {ANN, HAL}


def test_a_value_beyond_the_columns_type_is_a_value_that_nobody_has(ids: Ids) -> None:
    assert ids(attribute("age", "eq", 2**40)) == set()
    assert ids(attribute("age", "in", [25, 2**40])) == {ANN}
    assert ids(attribute("age", "lt", 2**40)) == ALL - {CY}


# Dates


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("eq", {BOB}),
        ("ne", ALL - {BOB}),
        ("gt", {DEE}),
        ("gte", {BOB, DEE}),
        ("lt", {ANN, EVE}),
        ("lte", {ANN, BOB, EVE}),
    ],
)
def test_a_date_against_a_date_is_that_day(ids: Ids, operator: str, expected: set[int]) -> None:
    assert ids(attribute("signup_date", operator, "2026-11-22")) == expected
    assert ids(attribute("signup_date", operator, "2026-11-22"), timezone="Asia/Tokyo") == expected


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        # Ann was seen a microsecond before the day, Bob as it began, Dee as it ended, Eve just after.
        ("eq", "2026-11-22", {BOB, DEE}),
        ("ne", "2026-11-22", ALL - {BOB, DEE}),
        ("gt", "2026-11-22", {EVE}),
        ("gte", "2026-11-22", {BOB, DEE, EVE}),
        ("lt", "2026-11-22", {ANN}),
        ("lte", "2026-11-22", {ANN, BOB, DEE}),
        ("in", ["2026-11-22", "2026-11-23T00:00:00Z"], {BOB, DEE, EVE}),
        ("not_in", ["2026-11-22", "2026-11-23T00:00:00Z"], ALL - {BOB, DEE, EVE}),
        ("in", ["2026-11-22T00:00:00Z"], {BOB}),
        ("eq", "2026-11-22T00:00", {BOB}),
        ("lt", "2026-11-22T00:00", {ANN}),
    ],
)
def test_a_date_against_a_time_is_the_whole_day(
    ids: Ids, operator: str, value: Any, expected: set[int]
) -> None:
    assert ids(attribute("last_seen", operator, value)) == expected


def test_a_date_against_a_time_is_the_local_day(ids: Ids) -> None:
    seen_on_the_22nd = attribute("last_seen", "eq", "2026-11-22")

    assert ids(seen_on_the_22nd, timezone="Europe/Berlin") == {ANN, BOB}
    assert ids(seen_on_the_22nd, timezone="America/Los_Angeles") == {DEE, EVE}


# Events


@pytest.mark.parametrize(
    ("operator", "count", "expected"),
    [
        ("gte", 1, {ANN, BOB, EVE, FAY}),
        ("gt", 1, {ANN, BOB}),
        ("eq", 1, {EVE, FAY}),
        ("eq", 2, {ANN, BOB}),
        ("gte", 0, ALL),
        ("lt", 0, set()),
        # Never did it is 0.
        ("eq", 0, {CY, DEE, GUS, HAL}),
        ("lt", 1, {CY, DEE, GUS, HAL}),
        ("lte", 0, {CY, DEE, GUS, HAL}),
        ("ne", 1, ALL - {EVE, FAY}),
        ("lte", 1, {CY, DEE, EVE, FAY, GUS, HAL}),
        ("ne", 0, {ANN, BOB, EVE, FAY}),
    ],
)
def test_who_never_did_it_did_it_0_times(ids: Ids, operator: str, count: int, expected: set[int]) -> None:
    assert ids(event("LOGIN", operator, count)) == expected


def test_an_event_that_nobody_did_was_done_0_times_by_everyone(ids: Ids) -> None:
    assert ids(event("no such event", "eq", 0)) == ALL
    assert ids(event("no such event", "gte", 1)) == set()


def test_event_names_are_exact(ids: Ids) -> None:
    assert ids(event("login", "gte", 1)) == {FAY}
    assert ids(event("O'Neil's click", "gte", 1), event("50% off", "gte", 1)) == {FAY}
    assert ids(event("50%", "gte", 1)) == set()


def test_a_window_begins_just_after_its_edge_and_ends_with_as_of(ids: Ids) -> None:
    # Ann logged in at the moment itself, Bob a microsecond within 30 days, Eve exactly 30 days before.
    assert ids(event("LOGIN", "gte", 1, 30)) == {ANN, BOB}
    assert ids(event("LOGIN", "eq", 0, 30)) == ALL - {ANN, BOB}
    assert ids(event("LOGIN", "gte", 2, 30)) == {BOB}
    assert ids(event("PURCHASE_MADE", "gte", 1, 1)) == {GUS}
    assert ids(event("LOGIN", "gte", 1, 36_500)) == {ANN, BOB, EVE, FAY}


def test_events_later_than_as_of_never_count(ids: Ids) -> None:
    assert ids(event("PURCHASE_MADE", "gte", 1)) == {BOB, GUS}
    assert ids(event("PURCHASE_MADE", "gte", 1), as_of=(AS_OF + MICROSECOND).isoformat()) == {BOB, GUS, HAL}
    assert ids(event("LOGIN", "gte", 1), as_of=(AS_OF - MICROSECOND).isoformat()) == {ANN, BOB, EVE, FAY}
    assert ids(event("LOGIN", "gte", 1, 1), as_of=(AS_OF - MICROSECOND).isoformat()) == set()


def test_two_windows_on_the_same_event_are_two_counts(ids: Ids) -> None:
    assert ids(event("LOGIN", "gte", 1), event("LOGIN", "eq", 0, 30)) == {EVE, FAY}
    assert ids(event("LOGIN", "gte", 1, 31), event("LOGIN", "eq", 0, 30)) == {EVE, FAY}


def test_events_of_unknown_users_count_for_nobody(ids: Ids) -> None:
    assert 999 not in ids(event("LOGIN", "gte", 1))


# Measures and windows


def measured(measure: Any, operator: str, value: Any, event_name: Any = "LOGIN", **rest: Any) -> Row:
    return {"event_name": event_name, "measure": measure, "operator": operator, "value": value, **rest}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        # Both of Bob's logins are on one day; who never did it has 0 active days, but no days since.
        (measured("active_days", "eq", 1), {BOB, EVE, FAY}),
        (measured("active_days", "eq", 2), {ANN}),
        (measured("active_days", "lt", 1), {CY, DEE, GUS, HAL}),
        (measured("active_days", "ne", 1), ALL - {BOB, EVE, FAY}),
        (measured("active_days", "gte", Decimal("1.5")), {ANN}),
        # Ann logged in at the moment itself, Eve 30 days before, Bob a microsecond later, Fay one earlier.
        (measured("days_since_last", "eq", 0), {ANN}),
        (measured("days_since_last", "eq", 30), {EVE}),
        (measured("days_since_last", "lte", 30), {ANN, BOB, EVE}),
        (measured("days_since_last", "lt", 30), {ANN, BOB}),
        (measured("days_since_last", "gte", 30), {EVE, FAY}),
        (measured("days_since_last", "gt", 30), {FAY}),
        (measured("days_since_last", "between", [30, 31]), {EVE, FAY}),
        (measured("days_since_last", "ne", 30), ALL - {EVE}),
        (measured("days_since_last", "lte", Decimal("0.5")), {ANN}),
        (measured("days_since_first", "gte", 400), {ANN}),
        (measured("days_since_first", "lt", 400), {BOB, EVE, FAY}),
        # No event here has an amount: a sum of nothing known is 0, an average has no value.
        (measured({"sum": "amount"}, "eq", 0), ALL),
        (measured({"sum": "amount"}, "ne", 0), set()),
        (measured({"distinct": "category"}, "lt", 1), ALL),
        (measured({"avg": "amount"}, "gte", -1), set()),
        (measured({"avg": "amount"}, "ne", 5), ALL),
        (measured({"median": "amount"}, "gte", -1), set()),
        (measured({"median": "amount"}, "ne", 5), ALL),
        (measured({"max": "amount"}, "lt", 1), set()),
        (measured({"last": "category"}, "is_null", None), ALL),
        (measured({"last": "category"}, "not_contains", "x"), ALL),
        (measured({"first": "category"}, "is_not_null", None), set()),
        # Several names are one pool, and any event is any.
        (event(["LOGIN", "PURCHASE_MADE"], "gte", 3), {BOB}),
        (event(["LOGIN", "login"], "between", [2, 2]), {ANN, BOB, FAY}),
        (event("*", "gte", 4), {FAY}),
        (event("*", "eq", 0), {CY, DEE, HAL}),
        (measured("days_since_last", "lte", 1, event_name="*"), {ANN, BOB, GUS}),
    ],
)
def test_a_measure_is_compared_as_people_would(ids: Ids, row: Row, expected: set[int]) -> None:
    assert ids(row) == expected


def days_ago(start: int, end: int) -> Row:
    return {"time_range": {"from_days_ago": start, "to_days_ago": end}}


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (days_ago(30, 0), {ANN, BOB}),
        # Windows tile: the edge belongs to the older one.
        (days_ago(31, 30), {EVE, FAY}),
        (days_ago(400, 399), set()),
        (days_ago(401, 400), {ANN}),
        ({"time_range": {"from": "2026-10-23T12:00:00Z"}}, {ANN, BOB, EVE}),
        ({"time_range": {"to": "2026-10-23T12:00:00Z"}}, {ANN, EVE, FAY}),
        ({"time_range": {"from": "2026-10-23", "to": "2026-10-23"}}, {BOB, EVE, FAY}),
        ({"time_range": {"from": "2026-11-23"}}, set()),
        # Ann and Bob signed up a day and half a day before the moment; Fay's date is not known.
        ({"time_range": {"within_days_of": "signup_date", "days": 1}}, set()),
        ({"time_range": {"within_days_of": "signup_date", "days": 2}}, {ANN}),
        ({"time_range": {"within_days_of": "signup_date", "days": 36_500}}, {ANN, EVE}),
        # Ann was last seen 12 hours and a microsecond before her login.
        ({"time_range": {"within_days_of": "last_seen", "days": 1}}, {ANN}),
    ],
)
def test_each_form_of_window_has_its_edges(ids: Ids, window: Row, expected: set[int]) -> None:
    assert ids(event("LOGIN", "gte", 1) | window) == expected
    assert ids(event("LOGIN", "eq", 0) | window) == ALL - expected


def test_a_bare_date_in_a_window_is_the_local_day(ids: Ids) -> None:
    # Eve's login is at noon UTC of the 23rd, in Auckland already the 24th.
    row = event("LOGIN", "gte", 1) | {"time_range": {"from": "2026-10-24", "to": "2026-10-24"}}

    assert ids(row) == set()
    assert ids(row, timezone="Pacific/Auckland") == {BOB, EVE, FAY}


# Groups and negation


CALIFORNIAN = attribute("location", "eq", "California")
UNDER_30 = attribute("age", "lt", 30)
LOGGED_IN = event("LOGIN", "gte", 1)


def test_and_needs_all_and_or_needs_any(ids: Ids) -> None:
    assert ids(CALIFORNIAN, UNDER_30, LOGGED_IN) == {ANN}
    assert ids(CALIFORNIAN, UNDER_30, LOGGED_IN, logic_operator="OR") == {ANN, BOB, EVE, FAY, GUS, HAL}


@pytest.mark.parametrize("logic_operator", ["AND", "OR"])
@pytest.mark.parametrize(
    "rows",
    [
        [CALIFORNIAN],
        [CALIFORNIAN, UNDER_30],
        [attribute("location", "ne", "California")],
        [LOGGED_IN, UNDER_30],
        [event("LOGIN", "lt", 2, 30)],
        [group(CALIFORNIAN, UNDER_30, logic_operator="OR", negate=True), LOGGED_IN],
        [attribute("last_seen", "in", ["2026-11-22", "2026-11-23T00:00:00Z"])],
        [],
    ],
)
def test_a_segment_and_its_negation_share_nobody_and_are_everyone(
    ids: Ids, rows: list[Row], logic_operator: str
) -> None:
    these = ids(*rows, logic_operator=logic_operator)
    others = ids(*rows, logic_operator=logic_operator, negate=True)

    assert not these & others
    assert these | others == ALL


def test_negation_takes_in_users_without_a_value(ids: Ids) -> None:
    assert ids(CALIFORNIAN, negate=True) == {CY, DEE, EVE, FAY, GUS}
    assert ids(group(CALIFORNIAN, negate=True)) == {CY, DEE, EVE, FAY, GUS}
    assert ids(group(group(CALIFORNIAN), negate=True)) == {CY, DEE, EVE, FAY, GUS}
    # Cy's age and state are unknown, so neither condition holds for Cy and the negated group does.
    assert ids(group(CALIFORNIAN, UNDER_30, logic_operator="OR", negate=True)) == {CY, DEE, FAY}
    assert ids(group(CALIFORNIAN, UNDER_30, negate=True)) == ALL - {ANN}


def test_at_least_some_counts_the_conditions_that_hold(ids: Ids) -> None:
    rows = [CALIFORNIAN, UNDER_30, LOGGED_IN]

    held = {k: ids(*rows, logic_operator="AT_LEAST", at_least=k) for k in (1, 2, 3)}
    assert held == {1: {ANN, BOB, EVE, FAY, GUS, HAL}, 2: {ANN, BOB, EVE}, 3: {ANN}}
    assert ids(*rows, logic_operator="AT_LEAST", at_least=2, negate=True) == ALL - held[2]
    nested = group(*rows, logic_operator="AT_LEAST", at_least=2, negate=True)
    assert ids(nested, CALIFORNIAN) == {HAL}


def steps(*names: str, **rest: Any) -> Row:
    named = [{"event_name": name} for name in names]
    return {"sequence_filters": [{"steps": named, "within_days": 36_500, **rest}]}


ENDS = ("starts_with", "not_starts_with", "ends_with", "not_ends_with")

# One condition of every kind and measure, positive and negative, in which an unknown value plays a part.
EVERY_KIND: list[Row] = [
    *(group(attribute("age", operator, 30)) for operator in ("eq", "ne", "gt", "lte")),
    *(group(attribute("age", operator, [24, 30])) for operator in ("between", "not_between", "in", "not_in")),
    *(group(attribute("name", operator, "50%")) for operator in ("like", "not_like", "contains")),
    *(group(attribute("name", operator, "5")) for operator in ("not_contains", *ENDS)),
    *(group(attribute("location", operator, None)) for operator in ("is_null", "is_not_null")),
    *(
        group(attribute(field, operator, 7))
        for field in ("signup_date", "last_seen")
        for operator in (row.operator for row in OF_DAYS)
    ),
    *(
        group(measured(measure, operator, 1))
        for measure in ("active_days", "days_since_last", "days_since_first")
        for operator in ("eq", "ne", "gt", "lte")
    ),
    *(
        group(measured({measure: "amount"}, operator, 1))
        for measure in ("sum", "avg", "median", "min", "max", "distinct", "first", "last")
        for operator in ("eq", "ne", "lt")
    ),
    *(
        group(measured({"last": "category"}, operator, value))
        for operator, value in (("not_in", ["a"]), ("is_null", None), ("is_not_null", None))
    ),
    group(event("LOGIN", "gte", 1) | {"where": [attribute("amount", "ne", 5)]}),
    group(event("LOGIN", "gte", 1) | {"time_range": {"within_days_of": "signup_date", "days": 36_500}}),
    steps("LOGIN", "PURCHASE_MADE"),
    steps("LOGIN", "PURCHASE_MADE", operator="did_not"),
]


@pytest.mark.parametrize("row", EVERY_KIND, ids=lambda row: str(next(iter(row.values())))[1:60])
def test_each_condition_and_its_negation_share_nobody_and_are_everyone(mart: Mart, row: Row) -> None:
    """In one query: the condition, its negated group, and both in groups that are counted."""
    nested: Row = {"groups": [row, row | {"negate": True}]}
    some = {"logic_operator": "AT_LEAST", "at_least": 1}
    nested["groups"] += [group(row, negate=True, **some), group(CALIFORNIAN, row, logic_operator="OR")]
    nested["groups"].append(nested["groups"][-1] | {"negate": True})
    segment, _ = mart.accept(spec(**nested))

    rows = mart.engine.run(whole(truth_table(segment, mart.catalog, AS_OF))).to_pylist()

    for made in rows:
        flags = [made[f"c{place}"] for place in range(1, 6)]
        assert {type(flag) for flag in flags} == {bool}
        held, negated, none_of, either, neither = flags
        assert negated is none_of is not held
        assert neither is not either
        assert either or not held
    assert sum(made["users"] for made in rows) == len(ALL)


def test_negating_twice_changes_nothing(ids: Ids) -> None:
    twice = group(group(CALIFORNIAN, UNDER_30, negate=True), negate=True)

    assert ids(twice) == ids(CALIFORNIAN, UNDER_30) == {ANN}


def test_a_nested_group_is_one_condition_of_its_parent(ids: Ids) -> None:
    either = group(attribute("subscription_plan", "eq", "premium"), LOGGED_IN, logic_operator="OR")

    assert ids(CALIFORNIAN, either) == {ANN, BOB}
    assert ids(CALIFORNIAN, either, logic_operator="OR") == {ANN, BOB, DEE, EVE, FAY, GUS, HAL}
    assert ids(group(group(group(CALIFORNIAN)))) == {ANN, BOB, HAL}
    assert ids(group(either, CALIFORNIAN), group(UNDER_30), logic_operator="OR") == {ANN, BOB, EVE, GUS}


def test_an_empty_root_is_everyone_and_negated_nobody(ids: Ids) -> None:
    assert ids() == ALL
    assert ids(logic_operator="OR") == ALL
    assert ids(negate=True) == set()


# Delivery


def test_ids_come_in_order_and_a_limit_takes_the_first(mart: Mart) -> None:
    def listed(limit: int | None) -> list[int]:
        segment, _ = mart.accept(spec(attribute("age", "gte", 0), limit=limit))
        return mart.audience(segment).ids.to_pylist()

    assert listed(None) == [ANN, BOB, DEE, EVE, FAY, GUS, HAL]
    assert listed(3) == [ANN, BOB, DEE]
    assert listed(1) == [ANN]
    assert listed(2**63 - 1) == listed(None)


def test_the_sql_shows_a_limit_only_if_the_spec_has_one(mart: Mart) -> None:
    assert "LIMIT" not in sql(mart, CALIFORNIAN)
    assert sql(mart, CALIFORNIAN, limit=5).endswith("LIMIT 5")


# The SQL as it is read


def test_conditions_stand_in_the_order_of_the_spec(mart: Mart) -> None:
    text = sql(mart, UNDER_30, CALIFORNIAN, LOGGED_IN, group(attribute("newsletter", "eq", True)))
    where = text[text.rindex("WHERE") :]

    places = [where.index(word) for word in ("u.age", "u.location", "login.times", "u.newsletter")]
    assert places == sorted(places)


def test_the_clock_is_never_called(mart: Mart) -> None:
    text = sql(mart, LOGGED_IN, event("LOGIN", "gte", 1, 30), attribute("last_seen", "gt", "2026-11-22"))

    assert not re.search(r"now\s*\(|current_|today\s*\(|interval", text, re.IGNORECASE)


def test_conditions_that_count_the_same_events_share_one_cte(mart: Mart) -> None:
    rows = [
        event("LOGIN", "gte", 1, 30),
        event("LOGIN", "lt", 9, 30),
        group(event("LOGIN", "ne", 5, 30), event("LOGIN", "gte", 1)),
    ]

    assert cte_names(mart, *rows) == ["login_30d", "login"]


@pytest.mark.parametrize(
    ("event_name", "name"),
    [
        ("PURCHASE_MADE", "purchase_made"),
        ("Café: crème!", "cafe_creme"),
        ("50% off", "events_50_off"),
        ("東京", "events"),
        ("SELECT", "select_events"),
        ("user", "user_events_2"),
        ("user_events", "user_events_2"),
        ("User Attributes", "user_attributes_2"),
        ("u", "u_2"),
        ("conditions", "conditions_2"),
        ("a; DROP TABLE x", "a_drop_table_x"),
    ],
)
def test_a_cte_is_named_for_its_event(mart: Mart, event_name: str, name: str) -> None:
    assert names(mart, event_name) == [name]


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (event("*", "gte", 1, 7), "any_event_7d"),
        (event(["LOGIN", "PURCHASE_MADE"], "gte", 1), "login_or_purchase_made"),
        (event("LOGIN", "gte", 1) | {"time_range": {"from": "2026-10-01"}}, "login_since"),
        (
            event("LOGIN", "gte", 1) | {"time_range": {"within_days_of": "signup_date", "days": 7}},
            "login_first_7d",
        ),
        (event("LOGIN", "gte", 1) | days_ago(60, 30), "login_30d"),
    ],
)
def test_a_cte_is_named_for_its_events_and_window(mart: Mart, row: Row, name: str) -> None:
    assert cte_names(mart, row) == [name]


def test_conditions_share_a_cte_where_events_properties_and_window_are_the_same(mart: Mart) -> None:
    big = {"where": [attribute("amount", "gt", 5)]}
    rows = [
        event("LOGIN", "gte", 1, 30),
        measured("active_days", "gte", 1, time_range_days=30),
        measured({"sum": "amount"}, "gte", 1, time_range_days=30),
        measured({"last": "category"}, "eq", "a", time_range_days=30),
        event("LOGIN", "gte", 1, 30) | big,
        measured({"max": "amount"}, "gte", 1, time_range_days=30) | big,
        measured("days_since_last", "gte", 1),
        event(["LOGIN"], "gte", 2),
        event("LOGIN", "gte", 1) | days_ago(30, 0),
    ]

    assert cte_names(mart, *rows) == ["login_30d", "login_2_30d", "login"]


def test_did_and_did_not_of_a_sequence_share_its_ctes(mart: Mart) -> None:
    did, did_not = (
        steps("LOGIN", "LOGIN", "PURCHASE_MADE"),
        steps("LOGIN", "LOGIN", "PURCHASE_MADE", operator="did_not"),
    )

    one = cte_names(mart, did)
    assert cte_names(mart, did, did_not) == one
    assert one[-1] == "login_then_purchase_made"


def test_every_name_is_unique_short_and_no_tables(mart: Mart) -> None:
    long = ["PURCHASE MADE WITH A VERY LONG NAME INDEED", "PURCHASE MADE WITH A VERY LONG NAME INSTEAD"]
    windows: list[Row] = [{}, {"time_range_days": 36_500}, days_ago(36_500, 0), days_ago(36_500, 1)]
    windows += [{"time_range": {"within_days_of": "signup_date", "days": 36_500}}]
    rows = [event(names, "gte", 1) | window for names in (*long, long) for window in windows]
    sequences = [steps(*order, within_days=days) for order in (long, long[::-1]) for days in (1, 36_500)] + [
        steps(*long * 3, time_range_days=9),
        steps("user_events", "u", "conditions", "found"),
    ]

    names = cte_names(mart, *rows, *sequences)

    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name) for name in names), names
    assert not {*names} & {"user_events", "user_attributes", "u", "conditions", *RESERVED}


def test_a_windows_days_are_in_the_name(mart: Mart) -> None:
    assert names(mart, "LOGIN", days=30) == ["login_30d"]


def test_names_that_would_be_alike_are_numbered(mart: Mart) -> None:
    assert names(mart, "LOGIN", "login", "Log-in", "log in", days=7) == [
        "login_7d",
        "login_2_7d",
        "log_in_7d",
        "log_in_2_7d",
    ]
    assert len(set(names(mart, "login 2", "LOGIN", "login", "login_2"))) == 4


@pytest.mark.parametrize("days", [None, 1, 36_500])
def test_names_are_unique_short_plain_and_neither_reserved_nor_a_tables(mart: Mart, days: int | None) -> None:
    awkward = [*RESERVED, "user_events", "user_attributes", "u", "conditions"]
    for size in (30, 200):
        awkward += [(text * size)[:LONGEST_NAME] for text in ("x", "1", "_", "é", "🦆", "a b")]
    awkward += [word.upper() for word in awkward if word.upper() != word]
    tables = {"user_events", "user_attributes", "u", "conditions"}

    for start in range(0, len(awkward), 150):
        made = names(mart, *awkward[start : start + 150], days=days)
        assert len(set(made)) == len(awkward[start : start + 150])
        assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name) for name in made), made
        assert not {*made} & ({*RESERVED} | tables)


@pytest.mark.parametrize(
    "event_name",
    [
        "*/ DROP TABLE user_attributes; --",
        "/* nested",
        "two\nlines",
        "carriage\rreturn",
        "line\u2028separator",
        "*" + "/",
        "*\u200b/",
        "--",
        "' OR '1'='1",
        '"; SELECT 1',
        "\\",
        "members",
        "flagged",
        "times",
        "user_id",
        "c1",
    ],
)
def test_a_hostile_event_name_stays_a_name(mart: Mart, event_name: str) -> None:
    segment, _ = mart.accept(spec(event(event_name, "eq", 0), event("LOGIN", "gte", 1, 30)))
    text = mart.members(segment).sql()
    opening = text[: text.index("\n  SELECT")]

    assert mart.audience(segment).ids.to_pylist() == [ANN, BOB]
    assert mart.size(segment).total == 2
    assert all(sum(bar.members for bar in chart.bars) == 2 for chart in mart.breakdowns(segment))
    assert len(duckdb.extract_statements(text)) == 1
    assert opening.count("/*") == opening.count("*/") == 1
    assert len(opening.splitlines()) <= 3


def test_each_cte_says_in_words_what_it_counts(mart: Mart) -> None:
    text = sql(mart, event("LOGIN", "gte", 1, 30), event("O'Neil's click", "gte", 1))

    assert "/* LOGIN, 2026-10-23 to 2026-11-22 */" in text
    assert "/* O'Neil's click, until 2026-11-22 */" in text


@pytest.mark.parametrize("as_of", ["0001-01-01", "0050-01-01T00:00:00Z", "9999-12-31"])
def test_windows_at_the_ends_of_the_calendar_run(ids: Ids, as_of: str) -> None:
    expected = {ANN, BOB, EVE, FAY} if as_of.startswith("9999") else set()

    assert ids(event("LOGIN", "gte", 1), as_of=as_of) == expected
    assert ids(event("LOGIN", "eq", 0, 36_500), as_of=as_of) == ALL
    for zone in ("UTC", "Europe/Berlin", "America/Los_Angeles"):
        assert ids(measured("active_days", "gte", 1), as_of=as_of, timezone=zone) == expected
        ancient = {"from": "0001-01-01", "to": "9999-12-31"}
        assert ids(event("LOGIN", "gte", 1) | {"time_range": ancient}, as_of=as_of, timezone=zone) == expected
        for days in (1, 36_500):
            window = {"time_range": {"within_days_of": "signup_date", "days": days}}
            assert ids(event("LOGIN", "lt", 99) | window, as_of=as_of, timezone=zone) == ALL
        assert ids(measured("days_since_last", "gte", 36_500), as_of=as_of, timezone=zone) == expected
        assert ids(attribute("signup_date", "in_next_days", 36_500), as_of=as_of, timezone=zone) is not None


def test_the_segments_time_zone_ends_its_as_of_day(mart: Mart) -> None:
    segment, _ = mart.accept({"as_of": "2026-11-22", "timezone": "Asia/Tokyo"})

    assert segment.as_of_utc == datetime(2026, 11, 22, 15) - timedelta(microseconds=1)


def test_the_same_segment_compiles_to_the_same_sql(mart: Mart) -> None:
    segment, _ = mart.accept(spec(LOGGED_IN, UNDER_30, group(CALIFORNIAN, negate=True)))

    made = {members(segment, mart.catalog, AS_OF).sql() for _ in range(3)}
    assert len(made) == 1
