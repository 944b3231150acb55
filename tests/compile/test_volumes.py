"""Whether a query groups fewer events than there are users, as far as the catalog tells."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from duckmart.catalog import Catalog
from duckmart.compile import members, truth_table
from duckmart.mart import Mart
from tests.tiny import Row, event, spec

AS_OF = "2026-11-01T00:00:00"


@pytest.fixture
def catalog(mart: Mart) -> Catalog:
    """A thousand users, and a hundred days of events."""
    return replace(
        mart.catalog,
        users=1000,
        events={"LOGIN": 5000, "BUY": 900},
        oldest_event=datetime(2026, 7, 24),
        newest_event=datetime(2026, 11, 1),
    )


def sequence(*names: str) -> dict[str, Any]:
    steps = [{"event_name": name} for name in names]
    return {"sequence_filters": [{"steps": steps, "within_days": 3, "time_range_days": 30}]}


@pytest.mark.parametrize(
    ("row", "few"),
    [
        (event("LOGIN", "gte", 1), False),
        (event("LOGIN", "gte", 1, 30), False),
        (event("LOGIN", "gte", 1, 15), True),
        (event("LOGIN", "gte", 1) | {"time_range": {"from": "2026-10-20"}}, True),
        (event("LOGIN", "gte", 1) | {"time_range": {"to": "2026-08-05"}}, True),
        (event("LOGIN", "gte", 1) | {"time_range": {"to": "2026-01-01"}}, True),
        (event("LOGIN", "gte", 1) | {"time_range": {"within_days_of": "signup_date", "days": 1}}, False),
        (event("BUY", "gte", 1), True),
        (event("*", "gte", 1), False),
        (event("LOGIN", "gte", 1) | {"event_name": ["BUY", "LOGIN"]}, False),
    ],
    ids=str,
)
def test_few_events(mart: Mart, catalog: Catalog, row: Row, few: bool) -> None:
    segment, _ = mart.accept({**spec(row), "as_of": AS_OF})
    as_of = mart.as_of(segment)
    assert members(segment, catalog, as_of).groups_few is few
    [query] = truth_table(segment, catalog, as_of).conditions.batches(["f1"])
    assert query.groups_few is few


def test_one_condition_with_many_events_is_enough(mart: Mart, catalog: Catalog) -> None:
    segment, _ = mart.accept({**spec(event("BUY", "gte", 1), event("LOGIN", "gte", 1)), "as_of": AS_OF})
    as_of = mart.as_of(segment)
    assert not members(segment, catalog, as_of).groups_few
    conditions = truth_table(segment, catalog, as_of).conditions
    assert [conditions.query([name]).groups_few for name in ("f1", "f2")] == [True, False]


def test_a_sequence_has_no_table_of_users(mart: Mart, catalog: Catalog) -> None:
    segment, _ = mart.accept(sequence("LOGIN", "BUY") | {"as_of": AS_OF})
    assert members(segment, catalog, mart.as_of(segment)).groups_few
