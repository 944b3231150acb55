"""Warnings: what runs but is hardly meant, each with its path, its words and what to write instead."""

import random
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import process_time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from duckmart.catalog import Catalog, Column
from duckmart.check import CheckContext, check
from duckmart.engines.duckdb import DuckDBEngine
from duckmart.errors import Problem, SpecError
from duckmart.instants import stamp
from duckmart.mart import Mart
from duckmart.settings import Settings
from duckmart.spec.examples import Example, examples
from duckmart.spec.kinds import Kind
from duckmart.spec.parser import parse
from duckmart.spec.tree import walk
from tests.tiny import AS_OF, WITHOUT_EVENTS, attribute, event, group, spec
from tests.world import WHOLE_IDS, Row

UTC = ZoneInfo("UTC")


def warnings(mart: Mart, *rows: Row, **rest: Any) -> list[Problem]:
    return list(mart.accept(spec(*rows, **rest))[1])


def codes(mart: Mart, *rows: Row, **rest: Any) -> list[tuple[str, str]]:
    return [(one.path, one.code) for one in warnings(mart, *rows, **rest)]


def sequence(*names: str, operator: str = "did", **rest: Any) -> Row:
    steps = [{"event_name": name} for name in names]
    return {"steps": steps, "within_days": 7, "operator": operator, **rest}


def measured(measure: Any, operator: str, value: Any, **rest: Any) -> Row:
    row = {"event_name": "PURCHASE_MADE", "measure": measure, "operator": operator, "value": value}
    return row | rest


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Mart:
    """The larger world, with properties of every kind."""
    path = WHOLE_IDS.write(tmp_path_factory.mktemp("suspicion"))
    return Mart(DuckDBEngine(path, Settings(as_of="data")), Settings(as_of="data"))


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.id)
def test_no_example_is_suspicious(demo_mart: Mart, example: Example) -> None:
    assert demo_mart.accept(example.spec)[1] == ()


# Names and values that the data does not have


@pytest.mark.parametrize(
    ("operator", "count", "whom"),
    [("eq", 0, "everyone"), ("gte", 0, "everyone"), ("lt", 3, "everyone"), ("gte", 1, "nobody")],
)
def test_an_unknown_event_is_named_with_what_comes_of_it(
    mart: Mart, operator: str, count: int, whom: str
) -> None:
    [warning] = warnings(mart, event("LOGINN", operator, count))

    assert (warning.path, warning.code) == ("event_filters.0.event_name", "unknown_event")
    assert warning.message.endswith(f"so this holds for {whom}")
    assert warning.hint == "did you mean 'LOGIN'?"


def test_an_unknown_event_among_known_ones_is_named_at_its_place(mart: Mart) -> None:
    row = event("LOGIN", "gte", 1) | {"event_name": ["LOGIN", "LOG OUT"]}

    [warning] = warnings(mart, row)

    assert (warning.path, warning.message) == (
        "event_filters.0.event_name.1",
        'no event is called "LOG OUT"',
    )


@pytest.mark.parametrize(("operator", "whom"), [("did", "nobody"), ("did_not", "everyone")])
def test_a_sequence_with_an_event_that_never_occurs_is_nobody_or_everyone(
    mart: Mart, operator: str, whom: str
) -> None:
    rows = [sequence("LOGIN", "CHECKOUT", operator=operator)]

    [warning] = warnings(mart, sequence_filters=rows)

    assert warning.path == "sequence_filters.0.steps.1.event_name"
    assert warning.message == f'no event is called "CHECKOUT", so this holds for {whom}'


def test_an_absent_step_that_never_occurs_is_always_absent(mart: Mart) -> None:
    row = sequence("LOGIN", "CHECKOUT")
    row["steps"][1]["absent"] = True

    [warning] = warnings(mart, sequence_filters=[row])

    assert warning.message.endswith("so it is always absent")


@pytest.mark.parametrize(
    ("name", "right", "difference"),
    [
        ("purchase_made", "PURCHASE_MADE", "letter case"),
        (" LOGIN", "LOGIN", "spaces"),
        ("50%  off", "50% off", "spaces"),
        ("Login ", "LOGIN", "letter case, spaces or Unicode form"),
        ("ＬＯＧＩＮ", "LOGIN", "letter case, spaces or Unicode form"),
    ],
)
def test_a_name_that_differs_only_in_form_is_led_to_the_right_one(
    mart: Mart, name: str, right: str, difference: str
) -> None:
    [warning] = warnings(mart, event(name, "gte", 1))

    assert warning.hint.startswith("did you mean ")
    assert repr(right) in warning.hint
    assert warning.hint.endswith(f"it differs only in {difference}")


def test_a_value_in_another_normal_form_is_led_to_the_one_that_looks_the_same(mart: Mart) -> None:
    [warning] = warnings(mart, attribute("location", "eq", "Que\u0301bec"))

    assert warning.hint == (
        "did you mean 'Québec'? it differs only in how its letters are encoded: copy it from the data"
    )


def test_absent_values_are_named_wherever_they_stand_in_a_list(mart: Mart) -> None:
    found = codes(mart, attribute("location", "in", [*["California"] * 30, "Atlantis"]))

    assert found == [("user_filters.0.value.30", "absent_value")]


CAFE = "Cafe\u0301"


@pytest.mark.parametrize(
    ("operator", "value", "place"),
    [
        ("contains", CAFE, ""),
        ("not_contains", CAFE, ""),
        ("starts_with", CAFE, ""),
        ("ends_with", CAFE, ""),
        ("like", f"{CAFE}%", ""),
        ("not_like", f"{CAFE}%", ""),
        ("eq", CAFE, ""),
        ("ne", CAFE, ""),
        ("in", ["Bo", CAFE], ".1"),
        ("not_in", ["Bo", CAFE, "Cafe\u0301 2"], ".1"),
    ],
)
def test_a_text_in_another_unicode_form_than_the_data_is_told_with_the_text_to_write(
    operator: str, value: Any, place: str
) -> None:
    column = Column("name", Kind.TEXT, values=(("Bo", 1),))
    found = list(_form_warnings(column, operator, value))
    assert (found[0].path, found[0].code) == (f"user_filters.0.value{place}", "unicode_form")
    assert found[0].instead == ("Café%" if "like" in operator else "Café",)
    assert len(found) == str(value).count("e\u0301")


def test_a_text_in_the_form_of_the_data_or_one_that_data_of_unknown_form_may_hold_is_not_told() -> None:
    column = Column("name", Kind.TEXT, values=(("Bo", 1),))
    assert not _form_warnings(column, "contains", "Café")
    assert not _form_warnings(replace(column, values=((CAFE, 1),)), "contains", CAFE)


def test_a_listed_value_in_another_unicode_form_is_told_once() -> None:
    column = Column("name", Kind.TEXT, values=(("Café", 1),), complete=True)
    [warning] = _form_warnings(column, "in", [CAFE])
    assert (warning.code, warning.instead) == ("absent_value", ("Café",))


def test_a_property_and_the_last_value_of_one_are_told_likewise() -> None:
    column = Column("label", Kind.TEXT)
    catalog = Catalog("g", {}, {"label": column}, {"LOGIN": 1}, 1, None, None, AS_OF)
    where = {**event("LOGIN", "gte", 1), "where": [attribute("label", "contains", CAFE)]}
    last = {"event_name": "LOGIN", "measure": {"last": "label"}, "operator": "like", "value": CAFE}
    found = _checked(catalog, {"event_filters": [where, last]})
    assert [(one.path, one.code) for one in found] == [
        ("event_filters.0.where.0.value", "unicode_form"),
        ("event_filters.1.value", "unicode_form"),
    ]


def _form_warnings(column: Column, operator: str, value: Any) -> list[Problem]:
    catalog = Catalog("g", {"name": column}, {}, {}, 1, None, None, AS_OF)
    return _checked(catalog, {"user_filters": [attribute("name", operator, value)]})


def _checked(catalog: Catalog, raw: Any) -> list[Problem]:
    found = check(walk(parse(raw, Settings())), CheckContext(catalog, UTC, AS_OF))
    assert not found.problems
    return list(found.warnings)


def test_of_many_absent_values_the_first_20_are_named(mart: Mart) -> None:
    values = [f"place {number}" for number in range(500)]

    assert len(codes(mart, attribute("location", "in", values))) == 20


def test_values_of_event_properties_are_known_too(world: Mart) -> None:
    rows = [
        event("LOGIN", "gte", 1) | {"where": [attribute("category", "eq", "Bookz")]},
        measured({"last": 'Item "x"'}, "eq", "silver"),
    ]
    steps = [{"event_name": "LOGIN", "where": [attribute("category", "ne", "Toys")]}, {"event_name": "LOGIN"}]

    found = warnings(world, *rows, sequence_filters=[{"steps": steps, "within_days": 1}])

    assert {(one.path, one.message) for one in found} == {
        ("event_filters.0.where.0.value", 'no event\'s category is "Bookz"'),
        ("event_filters.1.value", 'no event\'s Item "x" is "silver"'),
        ("sequence_filters.0.steps.0.where.0.value", 'no event\'s category is "Toys"'),
    }


# Always, never


def beside(operator: str, name: str, **rest: Any) -> Row:
    return {"event_name": "LOGIN", "operator": operator, "than": {"event_name": name}, **rest}


@pytest.mark.parametrize(
    "row",
    [
        attribute("user_id", "gte", 1),
        attribute("user_id", "between", [1, 8]),
        attribute("user_id", "ne", 9),
        attribute("user_id", "not_in", [0, 100]),
        attribute("age", "not_between", [100, 120]),
        {"field": "user_id", "operator": "is_not_null"},
        event("LOGIN", "gte", 0),
        event("LOGIN", "lt", 1_000_000),
        measured("active_days", "gte", 0),
        beside("gte", "LOGIN"),
    ],
)
def test_a_condition_that_everyone_meets_is_suspicious(mart: Mart, row: Row) -> None:
    [(path, code)] = codes(mart, row)

    assert (path.split(".")[1], code) == ("0", "always_true")


@pytest.mark.parametrize(
    "row",
    [
        attribute("age", "gt", 200),
        attribute("age", "lt", 0),
        attribute("age", "lte", Decimal("-0.5")),
        attribute("age", "in", [100, 101]),
        attribute("last_seen", "eq", "2031-01-01"),
        {"field": "user_id", "operator": "is_null"},
        event("LOGIN", "gt", 1_000_000),
        measured("active_days", "gt", 40, time_range_days=30),
        measured("days_since_last", "gt", 5000),
        beside("gt", "LOGIN"),
    ],
)  # fmt: skip
def test_a_condition_that_nobody_meets_is_suspicious(mart: Mart, row: Row) -> None:
    [(path, code)] = codes(mart, row)

    assert (path.split(".")[1], code) == ("0", "always_false")


@pytest.mark.parametrize(
    ("row", "path"),
    [
        (attribute("age", "top_percent", 100), "user_filters.0.value"),
        (attribute("age", "bottom", 8), "user_filters.0.value"),
        ({"event_name": "LOGIN", "operator": "top", "value": 9}, "event_filters.0.value"),
    ],
)
def test_a_rank_that_takes_in_all_is_suspicious(mart: Mart, row: Row, path: str) -> None:
    assert codes(mart, row) == [(path, "all_ranks")]


def test_a_rank_that_leaves_some_out_is_fine(mart: Mart) -> None:
    assert codes(mart, attribute("age", "top", 7), attribute("age", "bottom_percent", Decimal("99.9"))) == []


def test_two_measures_contradict_and_repeat_each_other_too(mart: Mart) -> None:
    more, less = beside("gt", "PURCHASE_MADE", times=2), beside("lte", "PURCHASE_MADE", times=2)

    assert codes(mart, more, less) == [("event_filters.1", "contradiction")]
    assert codes(mart, more, less, logic_operator="OR") == [("event_filters.1", "always_true")]
    assert codes(mart, more, more) == [("event_filters.1", "duplicate")]
    assert codes(mart, more, less | {"times": 3}) == []


def test_an_unknown_event_and_an_empty_window_of_the_other_measure_are_named(mart: Mart) -> None:
    than = {"event_name": "Login", "time_range": {"to": "1990-01-01"}}

    assert {(one.path, one.message) for one in warnings(mart, beside("ne", "LOGIN") | {"than": than})} == {
        ("event_filters.0.than.event_name", 'no event is called "Login": everyone did it 0 times'),
        (
            "event_filters.0.than.time_range",
            "ends before the oldest event, 2025-10-18T12:00:00Z: it is empty",
        ),
    }


def test_a_condition_out_of_range_is_told_the_range(mart: Mart) -> None:
    [warning] = warnings(mart, attribute("age", "gt", 200))

    assert (warning.message, warning.hint) == ("holds for nobody", "age goes from 0 to 99")


def test_who_lacks_a_value_keeps_a_condition_from_holding_for_everyone(mart: Mart) -> None:
    assert codes(mart, attribute("age", "gte", 0)) == []
    assert codes(mart, measured("days_since_last", "gte", 0)) == []


def test_a_condition_on_events_that_none_or_all_of_them_meet_is_suspicious(world: Mart) -> None:
    rows = [attribute("times", "lt", -5), attribute("amount", "ne", Decimal("0.01"))]

    assert codes(world, event("LOGIN", "gte", 1) | {"where": rows}) == [
        ("event_filters.0.where.0", "always_false"),
    ]


def test_a_sample_of_everyone_is_suspicious(mart: Mart) -> None:
    assert codes(mart, sample={"percent": 100, "seed": "x"}) == [("sample.percent", "always_true")]
    assert codes(mart, sample={"percent": 99, "seed": "x"}) == []


# Conditions beside each other


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (attribute("age", "gt", 40), attribute("age", "lt", 30)),
        (attribute("age", "gt", 24), attribute("age", "lt", 25)),
        (attribute("age", "eq", 30), attribute("age", "eq", 34)),
        (attribute("age", "eq", 30), attribute("age", "ne", 30)),
        (attribute("age", "between", [20, 30]), attribute("age", "not_between", [10, 31])),
        (attribute("age", "gt", 20), {"field": "age", "operator": "is_null"}),
        (attribute("age", "is_null", None), {"field": "age", "operator": "is_not_null"}),
        (attribute("location", "in", ["California", "Québec"]), attribute("location", "in", ["New York"])),
        (attribute("location", "eq", "California"), attribute("location", "not_in", ["California"])),
        (attribute("newsletter", "eq", True), attribute("newsletter", "eq", False)),
        (attribute("signup_date", "gt", "2026-11-21"), attribute("signup_date", "lt", "2026-11-22")),
        (attribute("signup_date", "lt", "2025-01-01"), attribute("signup_date", "in_last_days", 30)),
        (attribute("last_seen", "eq", "2026-11-22"), attribute("last_seen", "gte", "2026-11-23")),
        (event("LOGIN", "gte", 2), event("LOGIN", "lt", 1)),
        (event("LOGIN", "gte", 2, 30), event("LOGIN", "eq", 0, 30)),
        (measured({"sum": "amount"}, "gt", 5), measured({"sum": "amount"}, "lt", 4)),
        (measured("days_since_last", "lt", 5), measured("days_since_last", "gt", 6)),
        (group(event("LOGIN", "gte", 1)), group(event("LOGIN", "gte", 1), negate=True)),
    ],
)
def test_two_conditions_that_nobody_can_meet_are_suspicious_at_the_second(
    mart: Mart, one: Row, other: Row
) -> None:
    [warning] = warnings(mart, one, other)

    first = warning.path.replace(".1", ".0")
    assert (warning.path[-2:], warning.code) == (".1", "contradiction")
    assert f"no user can match both this and {first} (" in warning.message


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (attribute("age", "gte", 30), attribute("age", "lte", 30)),
        (attribute("age", "gt", 20), attribute("score", "lt", Decimal("0.5"))),
        (event("LOGIN", "gte", 2, 30), event("LOGIN", "eq", 0, 7)),
        (event("LOGIN", "gte", 2), event("PURCHASE_MADE", "eq", 0)),
        (attribute("age", "ne", 30), {"field": "age", "operator": "is_null"}),
        (attribute("lifetime_value", "gt", Decimal("0.1")), attribute("lifetime_value", "lt", 1)),
        (event("LOGIN", "gte", 1) | {"where": []}, event("LOGIN", "eq", 1)),
    ],
)
def test_conditions_that_someone_could_meet_are_fine(mart: Mart, one: Row, other: Row) -> None:
    assert codes(mart, one, other) == []


def test_three_conditions_may_contradict_where_no_two_of_them_do(mart: Mart) -> None:
    bounds = attribute("user_id", "between", [2, 3])
    found = warnings(mart, bounds, attribute("user_id", "ne", 2), attribute("user_id", "ne", 3))

    assert [one.path for one in found] == ["user_filters.2"]
    assert "user_filters.0 (" in found[0].message
    assert "user_filters.1 (" in found[0].message


def test_a_contradiction_of_filters_on_the_same_event_is_suspicious(world: Mart) -> None:
    rows = [attribute("amount", "gt", 50), attribute("amount", "lt", 10)]

    [warning] = warnings(world, event("LOGIN", "gte", 1) | {"where": rows})

    assert warning.path == "event_filters.0.where.1"
    assert "no event can match both" in warning.message


def test_saved_segments_and_sequences_contradict_their_opposites(tiny: Path) -> None:
    saved = {"vip": spec(attribute("age", "gt", 30))}
    mart = Mart(DuckDBEngine(tiny, Settings()), Settings(), saved)
    rows = [{"segment": "vip", "operator": operator} for operator in ("in", "not_in")]
    steps = [sequence("LOGIN", "PURCHASE_MADE", operator=operator) for operator in ("did", "did_not")]

    found = codes(mart, segment_filters=rows, sequence_filters=steps)

    assert ("segment_filters.1", "contradiction") in found
    assert ("sequence_filters.1", "contradiction") in found


def test_a_warning_names_the_other_conditions_as_paths(mart: Mart, world: Mart) -> None:
    ages = [attribute("age", "lt", 30), attribute("age", "gte", 30), attribute("age", "is_null", None)]
    [everyone] = warnings(mart, *ages, logic_operator="OR")
    [twice] = warnings(mart, group(attribute("age", "gt", 30), attribute("age", "gt", 30)))
    where = [attribute("amount", "eq", 1), attribute("amount", "eq", 2)]
    [of_event] = warnings(world, {**event("LOGIN", "gte", 1), "where": where})
    [alone] = warnings(mart, attribute("age", "gt", 200))

    assert everyone.about == ("user_filters.0", "user_filters.1")
    assert twice.about == ("groups.0.user_filters.0",)
    assert of_event.about == ("event_filters.0.where.0",)
    assert everyone.as_dict()["about"] == ["user_filters.0", "user_filters.1"]
    assert list(alone.as_dict()) == ["path", "code", "message", "hint"]


def test_what_at_least_asks_of_all_or_of_one_is_and_or_or(mart: Mart) -> None:
    rows = [attribute("age", "gt", 40), attribute("age", "lt", 30)]

    assert codes(mart, *rows, logic_operator="AT_LEAST", at_least=1) == []
    assert codes(mart, *rows, logic_operator="AT_LEAST", at_least=2) == [("user_filters.1", "contradiction")]
    assert codes(mart, *rows, logic_operator="OR") == []


def test_complements_joined_with_or_are_everyone_unless_some_lack_a_value(mart: Mart) -> None:
    ids = [attribute("user_id", "lt", 3), attribute("user_id", "gte", 3)]
    ages = [attribute("age", "lt", 30), attribute("age", "gte", 30)]

    [warning] = warnings(mart, *ids, logic_operator="OR")

    assert (warning.path, warning.code) == ("user_filters.1", "always_true")
    assert warning.message.startswith("every user matches this or user_filters.0 (")
    assert codes(mart, *ages, logic_operator="OR") == []
    ages.append({"field": "age", "operator": "is_null"})
    assert codes(mart, *ages, logic_operator="OR") == [("user_filters.2", "always_true")]


@pytest.mark.parametrize("joined", ["AND", "OR"])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        (attribute("age", "gt", 30), attribute("age", "gt", 30)),
        (attribute("age", "gt", 30), attribute("age", "gte", 31)),
        (attribute("age", "eq", 30), attribute("age", "in", [30, 30])),
        (attribute("location", "in", ["California", "Québec"]),
         attribute("location", "in", ["Québec", "California"])),
        (attribute("name", "contains", "a"), attribute("name", "contains", "a")),
        (event("LOGIN", "gt", 1), event("LOGIN", "gte", 2)),
        (event("LOGIN", "gt", 1) | {"event_name": ["LOGIN", "login"]},
         event("LOGIN", "gt", 1) | {"event_name": ["login", "LOGIN"]}),
        (group(attribute("age", "gt", 30), attribute("name", "ne", "Ann")),
         group(attribute("name", "ne", "Ann"), attribute("age", "gt", 30))),
    ],
)  # fmt: skip
def test_the_same_condition_twice_is_suspicious_at_the_second(
    mart: Mart, joined: str, one: Row, other: Row
) -> None:
    [warning] = warnings(mart, one, other, logic_operator=joined)

    assert (warning.path[-2:], warning.code) == (".1", "duplicate")
    assert warning.message.startswith("says the same as ")


def test_steps_in_another_order_are_another_sequence(mart: Mart) -> None:
    steps = [sequence("LOGIN", "PURCHASE_MADE"), sequence("PURCHASE_MADE", "LOGIN")]

    assert codes(mart, sequence_filters=steps) == []
    assert codes(mart, sequence_filters=[steps[0], dict(steps[0])]) == [("sequence_filters.1", "duplicate")]


# Windows and moments


def test_a_window_longer_than_the_data_is_all_of_history(mart: Mart) -> None:
    [warning] = warnings(mart, event("LOGIN", "gte", 1, 36_500))

    assert (warning.path, warning.code) == ("event_filters.0.time_range_days", "long_window")
    assert warning.message.endswith("this is all of history")
    assert codes(mart, event("LOGIN", "gte", 1, 400)) == []


@pytest.mark.parametrize(
    ("window", "operator", "whom"),
    [
        ({"from": "2027-01-01"}, "gte", "nobody"),
        ({"from": "2027-01-01"}, "eq", "everyone"),
        ({"to": "2020-01-01"}, "gte", "nobody"),
        ({"from_days_ago": 3000, "to_days_ago": 2000}, "gte", "nobody"),
    ],
)
def test_a_window_without_events_is_suspicious(mart: Mart, window: Row, operator: str, whom: str) -> None:
    row = event("LOGIN", operator, 0 if operator == "eq" else 1) | {"time_range": window}

    [warning] = warnings(mart, row)

    assert (warning.path, warning.code) == ("event_filters.0.time_range", "empty_window")
    assert warning.message.endswith(f"so this holds for {whom}")


def test_a_window_after_the_newest_event_is_empty(mart: Mart) -> None:
    found = codes(mart, event("LOGIN", "gte", 1, 7), as_of="2026-12-24")

    assert found == [("as_of", "outside_data"), ("event_filters.0.time_range_days", "empty_window")]


def test_a_moment_that_the_data_knows_nothing_of_is_suspicious(mart: Mart) -> None:
    early, late = "2020-01-01T00:00:00Z", stamp(AS_OF + timedelta(days=2))

    assert codes(mart, event("LOGIN", "gte", 1, 7), as_of=early) == [("as_of", "outside_data")]
    assert codes(mart, event("LOGIN", "gte", 1, 7), as_of=late) == [("as_of", "outside_data")]
    assert codes(mart, event("LOGIN", "gte", 1, 7), as_of=stamp(AS_OF + timedelta(hours=23))) == []


def test_an_old_snapshot_asked_as_of_now_is_suspicious_where_events_count(tiny: Path) -> None:
    settings = Settings(as_of="2030-01-01")
    mart = Mart(DuckDBEngine(tiny, settings), settings)

    assert codes(mart, attribute("age", "gt", 30), as_of=None) == []
    assert codes(mart, event("LOGIN", "gte", 1), as_of=None) == [("as_of", "outside_data")]


def test_a_past_moment_is_noted_where_users_are_as_they_are_today(mart: Mart) -> None:
    past = "2026-10-01"

    assert codes(mart, event("LOGIN", "gte", 1), as_of=past) == []
    assert codes(mart, group(attribute("age", "gt", 30)), as_of=past) == [("as_of", "replay")]


def test_a_saved_segment_is_looked_at_as_of_the_moment_of_the_root(tiny: Path) -> None:
    saved = {"old": {"as_of": "2020-01-01", **group(event("LOGIN", "gte", 1, 7))}}
    mart = Mart(DuckDBEngine(tiny, Settings()), Settings(), saved)

    found = codes(mart, segment_filters=[{"segment": "old", "operator": "in"}])

    assert found == [("segment_filters.0.segment", "ignored")]


# Sequences without time to end


def left(days: int, operator: str = "did", **window: Any) -> Row:
    """A login that no purchase followed within some days."""
    steps = [{"event_name": "LOGIN"}, {"event_name": "PURCHASE_MADE", "absent": True}]
    return {"steps": steps, "within_days": days, "operator": operator, **window}


def ago(first: int, last: int) -> Row:
    return {"time_range": {"from_days_ago": first, "to_days_ago": last}}


def between(first: str | None, last: str | None = None) -> Row:
    return {"time_range": {key: time for key, time in (("from", first), ("to", last)) if time}}


@pytest.mark.parametrize(
    ("row", "shifted"),
    [
        (left(7, time_range_days=7), (14, 7)),
        (left(7, time_range_days=1), (8, 7)),
        (left(30, time_range_days=7), (37, 30)),
        (left(7, **ago(7, 0)), (14, 7)),
        (left(7, **ago(6, 2)), (11, 7)),
        (left(7, **between("2026-11-15T12:00:00.000001Z")), (14, 7)),
        (left(7, **between("2026-11-20", "2026-11-21")), (9, 7)),
        (left(1, **between("2026-11-22")), (2, 1)),
    ],
)
@pytest.mark.parametrize(("operator", "whom"), [("did", "nobody"), ("did_not", "everyone")])
def test_starts_too_late_to_miss_the_last_step_are_told_with_a_window_that_can_hold(
    mart: Mart, row: Row, shifted: tuple[int, int], operator: str, whom: str
) -> None:
    row = row | {"operator": operator}

    [warning] = warnings(mart, sequence_filters=[row])

    key = "time_range_days" if "time_range_days" in row else "time_range"
    assert (warning.path, warning.code) == (f"sequence_filters.0.{key}", "empty_window")
    assert warning.message.endswith(f"this holds for {whom}")
    [repair] = warning.repairs
    assert repair.label == f"Look at starts from {shifted[0]} to {shifted[1]} days ago"
    mended = {key: part for key, part in (row | dict(repair.changes)).items() if part is not None}
    assert warnings(mart, sequence_filters=[mended]) == []


def test_a_start_at_the_last_moment_that_tells_is_fine(mart: Mart) -> None:
    just = "2026-11-15T12:00:00Z"

    assert codes(mart, sequence_filters=[left(7, **between(just, just))]) == []
    assert codes(mart, sequence_filters=[left(7, time_range_days=14, operator="did_not")]) != []
    assert codes(mart, sequence_filters=[left(7, time_range_days=15)]) == []
    assert codes(mart, sequence_filters=[left(7, **ago(14, 7))]) == []
    assert codes(mart, sequence_filters=[sequence("LOGIN", "PURCHASE_MADE", time_range_days=7)]) == []


def test_a_window_of_which_little_counts_is_told_which_part_does(mart: Mart) -> None:
    [days] = warnings(mart, sequence_filters=[left(7, time_range_days=10)])
    [times] = warnings(mart, sequence_filters=[left(7, **between("2026-11-12"))])

    assert (days.path, days.code) == ("sequence_filters.0.time_range_days", "short_window")
    assert "only starts until 2026-11-15T12:00:00Z count" in days.message
    assert [repair.label for repair in days.repairs] == ["Look at starts from 10 to 7 days ago"]
    assert [repair.label for repair in times.repairs] == ["Look at starts until 15 Nov 2026"]
    assert dict(times.repairs[0].changes)["time_range"] == {
        "from": "2026-11-12",
        "to": "2026-11-15T12:00:00Z",
    }


def test_starts_of_hours_too_late_to_miss_the_last_step_are_moved_back_by_whole_days(mart: Mart) -> None:
    row = {"steps": left(1)["steps"], "within_hours": 30, "time_range_hours": 12}

    [warning] = warnings(mart, sequence_filters=[row])

    assert (warning.path, warning.code) == ("sequence_filters.0.time_range_hours", "empty_window")
    assert "shows only after 30 hours" in warning.message
    assert warning.hint.endswith("make within_hours less than 30 hours")
    window = {"from_days_ago": 3, "to_days_ago": 2}
    assert dict(warning.repairs[0].changes) == {
        "time_range_days": None,
        "time_range_hours": None,
        "time_range": window,
    }


def test_a_day_and_24_hours_say_the_same(mart: Mart) -> None:
    day, hours = event("LOGIN", "gte", 1, 1), event("LOGIN", "gte", 1) | {"time_range_hours": 24}
    steps = sequence("LOGIN", "PURCHASE_MADE")["steps"]
    lengths = [{"steps": steps, "within_days": 1}, {"steps": steps, "within_hours": 24}]

    assert codes(mart, day, hours) == [("event_filters.1", "duplicate")]
    assert codes(mart, sequence_filters=lengths) == [("sequence_filters.1", "duplicate")]
    assert codes(mart, day, hours | {"time_range_hours": 25}) == []


@pytest.mark.parametrize(("days", "found"), [(36_500, "empty_window"), (401, "empty_window"), (9, None)])
def test_data_too_short_to_miss_the_last_step_are_told_without_a_window_too(
    mart: Mart, days: int, found: str | None
) -> None:
    expected = [] if found is None else [("sequence_filters.0.within_days", found)]

    assert codes(mart, sequence_filters=[left(days)]) == expected


def test_the_moment_counted_from_decides_which_starts_are_over(mart: Mart) -> None:
    row = left(7, **between("2026-11-10", "2026-11-12"))

    assert codes(mart, sequence_filters=[row], as_of="2026-11-16") == [
        ("sequence_filters.0.time_range", "empty_window")
    ]
    assert codes(mart, sequence_filters=[row], as_of="2026-11-20") == []


def near(field: str, days: int) -> Row:
    return {"time_range": {"within_days_of": field, "days": days}}


def with_dates(mart: Mart, field: str, low: Any, high: Any) -> Mart:
    """The same data with other bounds of a date field."""
    made = Mart(mart.engine, mart.settings)
    column = replace(mart.catalog.attributes[field], low=low, high=high)
    made.__dict__["catalog"] = replace(mart.catalog, attributes={**mart.catalog.attributes, field: column})
    return made


@pytest.mark.parametrize(
    ("low", "high", "days", "found"),
    [
        (date(2026, 11, 16), date(2026, 11, 20), 3, "empty_window"),
        (date(2026, 11, 15), date(2026, 11, 20), 3, None),
        (date(2026, 11, 23), date(2026, 12, 1), 30, "empty_window"),
        (date(2020, 1, 1), date(2020, 2, 1), 30, "empty_window"),
        (None, None, 30, "empty_window"),
    ],
)
@pytest.mark.parametrize("field", ["signup_date", "last_seen"])
def test_windows_of_users_own_dates_are_known_by_the_first_and_the_last_of_them(
    mart: Mart, field: str, low: Any, high: Any, days: int, found: str | None
) -> None:
    if field == "last_seen" and low is not None:
        low, high = (datetime(day.year, day.month, day.day) for day in (low, high))
    mart = with_dates(mart, field, low, high)

    expected = [] if found is None else [("sequence_filters.0.time_range", found)]
    assert codes(mart, sequence_filters=[left(7, **near(field, days))]) == expected
    if found != "empty_window" or low is None or low.year != 2026 or low.day < 20:
        return
    rows = event("LOGIN", "eq", 0) | near(field, days), event("LOGIN", "gte", 1) | near(field, days)
    assert [one.message.split()[-1] for one in warnings(mart, *rows)] == ["everyone", "nobody"]


def test_no_more_days_are_active_than_a_users_own_window_has(mart: Mart) -> None:
    dated = measured("active_days", "gte", 8, **near("signup_date", 7))
    timed = measured("active_days", "gte", 10, **near("last_seen", 7))

    assert codes(mart, dated) == [("event_filters.0", "always_false")]
    assert codes(mart, timed) == [("event_filters.0", "always_false")]
    assert codes(mart, dated | {"value": 7}) == []
    assert codes(mart, timed | {"value": 8}) == []


def test_what_is_said_of_sequences_that_cannot_hold_is_so(world: Mart) -> None:
    rng = random.Random(7)
    seen = Counter[str]()
    for _ in range(150):
        days, first = rng.choice((1, 3, 7, 30)), rng.choice((1, 5, 7, 20, 60))
        windows = [{"time_range_days": first}, ago(first, rng.randrange(first)), near("signup_date", first)]
        windows += [between(rng.choice(("2026-11-01", "2026-11-18", "2026-11-22T12:00:00Z"))), {}]
        row = left(days, rng.choice(("did", "did_not")), **rng.choice(windows))
        raw = spec(sequence_filters=[row])
        for warning in world.accept(raw)[1]:
            if warning.code == "empty_window":
                size = world.size(world.accept(raw)[0])
                expected = size.table.everyone if warning.message.endswith("everyone") else 0
                assert size.total == expected, (warning, row)
                seen[warning.message.split()[-1]] += 1
    assert min(seen["everyone"], seen["nobody"]) > 5


# Numbers


@pytest.mark.parametrize("operator", ["eq", "ne", "gt", "gte", "lt", "lte", "between"])
@pytest.mark.parametrize("measure", ["sum", "avg"])
def test_a_sum_of_binary_fractions_is_hardly_ever_exact(world: Mart, measure: str, operator: str) -> None:
    value = [3, 4] if operator == "between" else 3
    [warning] = warnings(world, measured({measure: "score"}, operator, value))

    assert (warning.path, warning.code) == ("event_filters.0.operator", "inexact")
    assert codes(world, measured({measure: "amount"}, operator, value)) == []
    assert codes(world, measured({"max": "score"}, operator, value)) == []


def two(field: str, operator: str, other: str) -> Row:
    return {"field": field, "operator": operator, "other_field": other}


def of_rows(mart: Mart, *rows: Row) -> list[tuple[str, str]]:
    """What is told of conditions, and not of the moment."""
    return [one for one in codes(mart, *rows) if one[0] != "as_of"]


def test_floats_beside_decimals_are_told_to_be_compared_as_floats(world: Mart) -> None:
    told = [("user_filters.0.other_field", "inexact")]

    assert of_rows(world, two("score", "gt", "lifetime_value")) == told
    assert of_rows(world, two("lifetime_value", "lte", "score")) == told
    assert of_rows(world, two("lifetime_value", "gt", "points"), two("score", "lt", "age")) == []
    where = event("LOGIN", "gte", 1) | {"where": [two("score", "gt", "amount")]}
    assert of_rows(world, where) == [("event_filters.0.where.0.other_field", "inexact")]


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        (two("age", "gt", "points"), two("points", "gt", "age"), "contradiction"),
        (two("age", "eq", "points"), two("age", "lt", "points"), "contradiction"),
        (two("age", "eq", "points"), two("points", "ne", "age"), "contradiction"),
        (two("age", "gt", "points"), two("points", "lt", "age"), "duplicate"),
        (two("age", "gte", "points"), two("points", "lte", "age"), "duplicate"),
        (two("name", "eq", "location"), two("location", "eq", "name"), "duplicate"),
        (two("age", "gte", "points"), two("age", "lte", "points"), None),
        (two("age", "gt", "points"), two("age", "gt", "times"), None),
    ],
)
def test_two_fields_beside_each_other_are_known_whichever_comes_first(
    world: Mart, one: Row, other: Row, code: str | None
) -> None:
    assert of_rows(world, one, other) == ([] if code is None else [("user_filters.1", code)])


def test_two_fields_apart_never_or_always_hold(world: Mart) -> None:
    attributes = dict(world.catalog.attributes)
    attributes["age"] = replace(attributes["age"], low=0, high=9, missing=0)
    attributes["points"] = replace(attributes["points"], low=9, high=20, missing=0)
    apart = Mart(world.engine, world.settings)
    apart.__dict__["catalog"] = replace(world.catalog, attributes=attributes)

    assert of_rows(apart, two("age", "gt", "points")) == [("user_filters.0", "always_false")]
    assert of_rows(apart, two("points", "gte", "age")) == [("user_filters.0", "always_true")]
    assert of_rows(apart, two("age", "eq", "points"), two("age", "lt", "times")) == []


def test_a_median_lies_between_the_smallest_and_the_largest_value(world: Mart) -> None:
    beyond = [
        measured({"median": "amount"}, "gte", Decimal(10**12)),
        measured({"avg": "amount"}, "gte", Decimal(10**12)),
    ]

    assert [codes(world, row) for row in beyond] == [codes(world, beyond[1])] * 2
    assert codes(world, beyond[0]) != []
    assert codes(world, measured({"median": "score"}, "eq", 3)) == []


# Whatever the data


def test_data_without_events_only_doubts_the_events(tmp_path: Path) -> None:
    mart = Mart(DuckDBEngine(WITHOUT_EVENTS.write(tmp_path), Settings()), Settings())

    assert codes(mart, event("LOGIN", "eq", 0, 30)) == [("event_filters.0.event_name", "unknown_event")]


def test_no_value_is_missed_where_the_catalog_does_not_list_them_all(mart: Mart) -> None:
    location = replace(mart.catalog.attributes["location"], complete=False)
    catalog = replace(mart.catalog, attributes={"location": location})
    segment, _ = mart.accept(spec(attribute("location", "eq", "Atlantis")))

    assert check(walk(segment), CheckContext(catalog, UTC, AS_OF)).warnings == ()


def test_a_condition_with_a_problem_is_not_doubted_too(mart: Mart) -> None:
    segment, _ = mart.accept(spec(attribute("location", "eq", "Atlantis"), event("nothing", "eq", 0)))

    findings = check(walk(segment), CheckContext(replace(mart.catalog, attributes={}), UTC, AS_OF))

    assert [one.code for one in findings.problems] == ["unknown_field"]
    assert [one.code for one in findings.warnings] == ["unknown_event"]


def test_fifty_conditions_are_looked_at_at_once(world: Mart) -> None:
    rows = [attribute("user_id", "gt", number) for number in range(1, 26)]
    rows += [event(f"LOGIN {number}", "gte", 1, 7) for number in range(25)]
    segment, _ = world.accept(spec(*rows))
    against = CheckContext(world.catalog, UTC, AS_OF)

    start = process_time()
    check([((), segment), *walk(segment)], against)

    assert process_time() - start < 0.05


# What is said of everyone and nobody is so

VALUES: dict[str, list[Any]] = {
    "age": [-2, -1, 0, 1, 24, 25, 26, 98, 99, 100, Decimal("24.5")],
    "newsletter": [True, False],
    "location": ["California", "New York", "Québec", "Nowhere"],
    "signup_date": ["1900-02-28", "1900-03-01", "2024-02-29", "2026-11-22", "2026-11-23", "2026-11-24"],
    "last_seen": ["2026-03-28", "2026-03-29T01:00", "2026-10-25", "2026-11-22T12:00:00.000002", "2026-11-22"],
    "lifetime_value": [Decimal("-5.01"), -5, 0, 20, Decimal("9999999999.99")],
}
ORDERS = ("gt", "gte", "lt", "lte", "eq")
OPERATORS = {
    "between": lambda cells, rng: sorted(rng.choices(cells, k=2)),
    "not_between": lambda cells, rng: sorted(rng.choices(cells, k=2)),
    "in": lambda cells, rng: rng.choices(cells, k=rng.randint(1, 5)),
    "not_in": lambda cells, rng: rng.choices(cells, k=rng.randint(1, 5)),
    "is_null": lambda cells, rng: None,
    "is_not_null": lambda cells, rng: None,
    "in_last_days": lambda cells, rng: rng.choice((1, 30, 300, 36_500)),
    "not_in_last_days": lambda cells, rng: rng.choice((1, 30, 300, 36_500)),
    "in_next_days": lambda cells, rng: rng.choice((1, 30, 300, 36_500)),
    "anniversary_in_last_days": lambda cells, rng: rng.choice((0, 1, 30, 180, 365, 366)),
    "anniversary_in_next_days": lambda cells, rng: rng.choice((0, 1, 30, 180, 365, 366)),
} | dict.fromkeys((*ORDERS, "ne"), lambda cells, rng: rng.choice(cells))
MEASURES: list[tuple[Any, list[Any]]] = [
    ("active_days", [0, 1, 2, 9, 33]),
    ("days_since_last", [0, 1, Decimal("0.5"), 300, 3000]),
    ({"sum": "times"}, [-1, 0, 1, 9]),
    ({"avg": "amount"}, [-4, -3, 0, 20, Decimal("9999999999.99"), 10**12]),
    ({"median": "amount"}, [-4, -3, Decimal("0.005"), 20, Decimal("9999999999.99"), 10**12]),
    ({"min": "due"}, ["2024-02-28", "2024-02-29", "2026-12-01", "2026-12-02"]),
    ({"distinct": "category"}, [0, 1, 9, 10, 11]),
    ({"last": "gift"}, [True, False]),
    ({"first": "category"}, ["books", "Toys"]),
]


def user_row(rng: random.Random) -> Row:
    field, operator = rng.choice(list(VALUES)), rng.choice(list(OPERATORS))
    return attribute(field, operator, OPERATORS[operator](VALUES[field], rng))


def event_row(rng: random.Random) -> Row:
    days = rng.choice((None, 1, 30))
    operator = rng.choice((*ORDERS, "ne", "between"))
    measure, values = rng.choice(MEASURES)
    if rng.random() < 0.4:
        return event("LOGIN", operator, OPERATORS[operator]([0, 1, 2, 3, 10_000], rng), days)
    made = measured(measure, operator, OPERATORS[operator](values, rng), event_name="LOGIN")
    return made if days is None or measure == "days_since_last" else made | {"time_range_days": days}


def drawn(mart: Mart, rng: random.Random) -> Row:
    """A condition that the data can answer."""
    while True:
        row = rng.choice((user_row, user_row, event_row))(rng)
        with suppress(SpecError):
            mart.accept(spec(row))
            return row


def ids(mart: Mart, row: Row) -> frozenset[int]:
    segment, _ = mart.accept(spec(row))
    return frozenset(mart.audience(segment).ids.to_pylist())


def test_what_is_said_of_everyone_and_nobody_is_so(world: Mart) -> None:
    rng = random.Random(7)
    rows = [drawn(world, rng) for _ in range(250)]
    matched = [ids(world, row) for row in rows]
    everyone = ids(world, {"field": "user_id", "operator": "is_not_null"})
    seen = Counter[str]()

    for _ in range(1500):
        places = rng.sample(range(len(rows)), 3)
        joined = rng.choice(("AND", "OR"))
        chosen = [matched[place] for place in places]
        made = spec(*(rows[place] for place in places), logic_operator=joined)
        for warning in world.accept(made)[1]:
            if warning.path == "as_of":
                continue
            key, place = warning.path.split(".")[:2]
            mine = matched[[place for place in places if is_under(key, rows[place])][int(place)]]
            words = warning.message
            seen[warning.code, words.split()[0]] += 1
            if warning.code == "contradiction":
                assert not frozenset.intersection(*chosen), (warning, made)
            elif warning.code == "always_true" and "matches this or" in words:
                assert frozenset.union(*chosen) == everyone, (warning, made)
            elif warning.code == "always_true":
                assert mine == everyone, (warning, made)
            elif warning.code == "always_false":
                assert not mine, (warning, made)

    assert len(seen) >= 5, seen


def is_under(key: str, row: Row) -> bool:
    return ("field" in row) == (key == "user_filters")


@pytest.mark.parametrize(
    ("operator", "number", "found"),
    [("lt", 0, ["always_false"]), ("gte", 0, ["always_true"]), ("lt", 5, []), ("gte", 5, [])],
)
def test_who_never_did_it_has_a_sum_below_the_smallest_value(
    mart: Mart, operator: str, number: int, found: list[str]
) -> None:
    amount = replace(mart.catalog.properties["amount"], low=Decimal(5), high=Decimal(9))
    catalog = replace(mart.catalog, properties={"amount": amount})
    segment, _ = mart.accept(spec(measured({"sum": "amount"}, operator, number)))

    findings = check(walk(segment), CheckContext(catalog, UTC, AS_OF))

    assert [one.code for one in findings.warnings] == found


def test_a_window_of_24_hours_is_of_two_days(mart: Mart) -> None:
    assert codes(mart, measured("active_days", "lte", 1, time_range_days=1)) == []
