"""Which event filters a stored summary answers; that it answers them right, the differential tests say."""

from dataclasses import replace
from typing import Any

import pytest

from duckmart.compile import members, plan
from duckmart.compile.plan import EventSummary
from duckmart.compile.summaries import LATEST
from duckmart.mart import Mart
from tests.tiny import Row, event, group, spec

LATER = "2027-01-01T00:00:00"


def measure(measure: Any, operator: str, value: Any, **rest: Any) -> Row:
    return {"event_name": "LOGIN", "measure": measure, "operator": operator, "value": value, **rest}


def sources(mart: Mart, row: Row, as_of: str = LATER) -> list[type]:
    """What an event filter is asked of, in data that has a summary of LOGIN."""
    segment, _ = mart.accept({**spec(row), "as_of": as_of})
    catalog = replace(mart.catalog, summaries={"LOGIN": "event_summary_1"})
    return [type(cte) for cte in plan([segment], catalog, mart.as_of(segment)).ctes]


ANSWERED = [
    *(event("LOGIN", operator, 7) for operator in ("gte", "gt", "lte", "lt", "eq", "ne")),
    *(event("LOGIN", operator, LATEST, 60) for operator in ("gte", "lt")),
    *(event("LOGIN", operator, LATEST - 1, 60) for operator in ("gte", "lt", "gt", "lte", "eq", "ne")),
    *(event("LOGIN", operator, 0, 60) for operator in ("gte", "lt", "gt", "lte", "eq", "ne")),
    measure("days_since_last", "lte", 30),
    measure("days_since_first", "between", [10, 20]),
    event("LOGIN", "gte", 1) | {"time_range": {"from": "2026-11-01"}},
    event("LOGIN", "gte", LATEST) | {"time_range_hours": 1500},
    {"event_name": "LOGIN", "operator": "gt", "than": {"event_name": "LOGIN", "measure": "days_since_last"}},
]
ASKED = [
    event("BUY", "gte", 1),
    event("*", "gte", 1),
    event("LOGIN", "gte", 1) | {"event_name": ["LOGIN", "BUY"]},
    event("LOGIN", "gte", 1) | {"where": [{"field": "amount", "operator": "gt", "value": 5}]},
    *(event("LOGIN", operator, LATEST + 1, 60) for operator in ("gte", "gt", "lte", "lt", "eq", "ne")),
    *(event("LOGIN", operator, LATEST, 60) for operator in ("gt", "lte", "eq", "ne")),
    event("LOGIN", "between", [1, 3], 60),
    {"event_name": "LOGIN", "operator": "top", "value": 3},
    measure("days_since_last", "bottom_percent", 10),
    event("LOGIN", "gt", LATEST) | {"time_range_hours": 1500},
    {"event_name": "LOGIN", "time_range_days": 60, "operator": "gt", "than": {"event_name": "BUY"}},
    measure("active_days", "gte", 1),
    measure("active_days", "gte", 1, time_range_days=60),
    measure({"sum": "amount"}, "gte", 1),
    event("LOGIN", "gte", 1) | {"time_range": {"from": "2026-10-01", "to": "2026-11-01"}},
    event("LOGIN", "gte", 1) | {"time_range": {"from_days_ago": 60, "to_days_ago": 50}},
    event("LOGIN", "gte", 1) | {"time_range": {"within_days_of": "signup_date", "days": 7}},
]


@pytest.mark.parametrize("row", ANSWERED, ids=str)
def test_a_summary_answers(mart: Mart, row: Row) -> None:
    assert sources(mart, row) == [EventSummary]


@pytest.mark.parametrize("row", ASKED, ids=str)
def test_the_events_are_asked(mart: Mart, row: Row) -> None:
    assert EventSummary not in sources(mart, row)


def test_a_summary_knows_nothing_of_a_moment_before_the_newest_event(mart: Mart) -> None:
    newest = mart.catalog.newest_event
    assert newest is not None
    assert sources(mart, event("LOGIN", "gte", 1), newest.isoformat()) == [EventSummary]
    # The tiny world has an event a microsecond after the moment that its tests count back from.
    assert EventSummary not in sources(mart, event("LOGIN", "gte", 1), spec()["as_of"])


def test_sql_to_copy_reads_the_two_tables_alone(mart: Mart) -> None:
    segment, _ = mart.accept({**spec(event("LOGIN", "gte", 1)), "as_of": LATER})
    with_summary = Mart(mart.engine, mart.settings, catalog=replace(mart.catalog, summaries={"LOGIN": "s"}))
    assert with_summary.members(segment) == mart.members(segment)
    assert str(with_summary.plan(segment)) == str(mart.plan(segment))


def test_conditions_on_one_event_share_its_summary_and_others_are_joined_after_it(mart: Mart) -> None:
    rows = [event("BUY", "gte", 1), event("LOGIN", "gte", 1), group(event("LOGIN", "lt", 9))]
    segment, _ = mart.accept({**spec(*rows), "as_of": LATER})
    catalog = replace(mart.catalog, summaries={"LOGIN": "event_summary_1"})
    lines = [line.strip() for line in members(segment, catalog, mart.as_of(segment)).sql().splitlines()]
    joins = [line for line in lines if "JOIN" in line]
    assert joins == ["POSITIONAL JOIN event_summary_1 AS login_summary", "LEFT JOIN buy"]


@pytest.mark.parametrize(
    ("window", "start"),
    [
        ({"time_range_days": 60}, "login_summary_60d.latest_3 AS TIMESTAMP) > CAST('2026-11-02"),
        ({"time_range_hours": 1441}, "login_summary_1441h.latest_3 AS TIMESTAMP) > CAST('2026-11-01 23:00"),
        (
            {"time_range": {"from": "2026-11-01"}},
            "login_summary_since.latest_3 AS TIMESTAMP) >= CAST('2026-11-01",
        ),
    ],
    ids=["days", "hours", "from"],
)
def test_a_window_begins_with_a_moment_or_after_it(mart: Mart, window: Row, start: str) -> None:
    segment, _ = mart.accept({**spec(event("LOGIN", "gte", 3) | window), "as_of": LATER})
    catalog = replace(mart.catalog, summaries={"LOGIN": "event_summary_1"})
    assert start in members(segment, catalog, mart.as_of(segment)).sql()
