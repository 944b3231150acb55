"""A spec against the data: every problem and warning with its path, its code and what to do."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from duckmart.catalog import Catalog
from duckmart.check import check
from duckmart.errors import Problem, SpecError
from duckmart.mart import Mart
from duckmart.segment import walk
from tests.unit.rows import attribute, event, group, spec

Row = dict[str, Any]


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

    assert found.hint.startswith("known fields: user_id, name, age, ")


def test_a_field_of_another_case_is_another_field(mart: Mart) -> None:
    assert problem(mart, attribute("AGE", "eq", 1)).hint == "did you mean 'age'?"


@pytest.mark.parametrize(
    ("field", "operator", "suited"),
    [
        ("location", "gte", "eq, ne, in, not_in, like"),
        ("newsletter", "lt", "eq, ne, in, not_in"),
        ("age", "like", "eq, ne, gt, gte, lt, lte, in, not_in"),
        ("signup_date", "like", "eq, ne, gt, gte, lt, lte, in, not_in"),
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


def test_fractions_order_whole_numbers_but_never_equal_them(mart: Mart) -> None:
    half = Decimal("25.5")

    for operator in ("gt", "gte", "lt", "lte"):
        assert warnings(mart, attribute("age", operator, half)) == []
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
    assert warnings(mart, attribute("name", "like", "zzz%"), attribute("age", "gt", 1000)) == []


def test_no_value_counts_as_absent_where_the_catalog_does_not_list_them_all(mart: Mart) -> None:
    location = replace(mart.catalog.attributes["location"], complete=False)
    catalog: Catalog = replace(mart.catalog, attributes={"location": location})
    segment, _ = mart.accept(spec(attribute("location", "eq", "Atlantis")))

    assert check(walk(segment), catalog).warnings == ()


def test_a_condition_with_a_problem_has_no_warnings_beside_it(mart: Mart) -> None:
    segment, _ = mart.accept(spec(attribute("location", "eq", "Atlantis"), event("nothing", "eq", 0)))
    catalog: Catalog = replace(mart.catalog, attributes={})

    findings = check(walk(segment), catalog)

    assert [one.code for one in findings.problems] == ["unknown_field"]
    assert [one.code for one in findings.warnings] == ["unknown_event"]
