"""What a segment asks of the data, before there is any SQL."""

import pytest

from duckmart.compile import Plan
from duckmart.mart import Mart
from tests.tiny import Row, attribute, event, group, spec


def plan(mart: Mart, *rows: Row, **rest: object) -> Plan:
    return mart.plan(mart.accept(spec(*rows, **rest))[0])


def ctes(mart: Mart, *rows: Row) -> list[str]:
    return [cte.name for cte in plan(mart, *rows).ctes]


def test_plans_of_equal_segments_are_equal_values(mart: Mart) -> None:
    rows = [attribute("age", "gte", 25), event("LOGIN", "gte", 2, 30), event("BUY", "eq", 0)]

    assert plan(mart, *rows) == plan(mart, *rows)
    assert hash(plan(mart, *rows)) == hash(plan(mart, *rows))


@pytest.mark.parametrize(
    "other",
    [event("LOGIN", "gte", 3, 30), event("LOGIN", "gte", 2, 29), event("LOGIN", "lt", 2, 30)],
)
def test_plans_of_unlike_segments_differ(mart: Mart, other: Row) -> None:
    assert plan(mart, event("LOGIN", "gte", 2, 30)) != plan(mart, other)


def test_conditions_on_the_same_events_share_a_cte_with_a_column_for_each_aggregate(mart: Mart) -> None:
    twice = event("LOGIN", "gte", 1, 30), event("LOGIN", "lt", 9, 30)
    measured = {"event_name": "LOGIN", "measure": {"sum": "amount"}, "operator": "gt", "value": 5}

    [cte] = plan(mart, *twice, measured | {"time_range_days": 30}).ctes

    assert (cte.name, [name for _, name in cte.columns]) == ("login_30d", ["times", "sum_amount"])


def test_24_hours_and_a_day_are_one_question(mart: Mart) -> None:
    day, hours = event("LOGIN", "gte", 1, 1), event("LOGIN", "lt", 9) | {"time_range_hours": 24}
    steps = [{"event_name": "LOGIN"}, {"event_name": "BUY"}]
    lengths = [{"steps": steps, "within_days": 1}, {"steps": steps, "within_hours": 24}]

    assert ctes(mart, day, hours) == ["login_1d"]
    assert len(plan(mart, sequence_filters=lengths).ctes) == 1
    assert str(plan(mart, day).ctes) == str(
        plan(mart, event("LOGIN", "gte", 1) | {"time_range_hours": 24}).ctes
    )


def test_hours_that_are_no_days_are_named_and_shown_with_their_times(mart: Mart) -> None:
    text = str(plan(mart, event("LOGIN", "gte", 1) | {"time_range_hours": 30}))

    assert text.splitlines()[0] == "login_30h: times of LOGIN, 2026-11-21 06:00 to 2026-11-22 12:00"


def test_ctes_stand_in_the_order_of_the_conditions_nested_ones_in_their_place(mart: Mart) -> None:
    nested = group(event("BUY", "gte", 1), event("LOGIN", "gte", 1), logic_operator="OR")

    assert ctes(mart, event("LOGIN", "gte", 1, 7), nested) == ["login_7d", "buy", "login"]


def test_attributes_alone_need_no_ctes(mart: Mart) -> None:
    assert plan(mart, attribute("age", "gte", 25)).ctes == ()


def test_a_plan_reads_as_its_ctes_and_the_question_over_them(mart: Mart) -> None:
    text = str(plan(mart, attribute("age", "gte", 25), event("LOGIN", "gte", 2, 30)))

    assert text.splitlines() == [
        "login_30d: times of LOGIN, 2026-10-23 to 2026-11-22",
        "user_attributes left join login_30d",
        "as of 2026-11-22 12:00:00 UTC, days in UTC",
        "Users whose age is at least 25 and who did LOGIN at least twice in the last 30 days, as of "
        "2026-11-22T12:00:00.",
    ]
