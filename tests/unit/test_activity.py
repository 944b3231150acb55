"""Where the time begins that activity is counted in: events on the edges, by hand."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from duckmart.activity import HABIT_DAYS, WEEK, Audience, Done, Steps
from duckmart.catalog import Catalog
from duckmart.engines.duckdb import DuckDBEngine
from duckmart.instants import DAY, MICROSECOND
from duckmart.mart import Mart
from duckmart.segment import Segment
from duckmart.settings import Settings
from tests.unit.rows import ANN, AS_OF, BOB, WORLD

EVERYONE = Audience(8, 8)


def mart_of(folder: Path, *events: tuple[int, datetime]) -> Mart:
    rows: list[dict[str, Any]] = [
        {"user_id": user, "event_name": "LOGIN", "timestamp": moment, "amount": None, "category": None}
        for user, moment in events
    ]
    path = replace(WORLD, name="edges", events=rows).write(folder)
    return Mart(DuckDBEngine(path, Settings()), Settings())


def catalog_with(oldest: datetime | None) -> Catalog:
    return Catalog("1", {}, {}, {"LOGIN": 1}, 1, oldest, AS_OF, AS_OF)


def test_habits_begin_just_after_the_start_of_their_days(tmp_path: Path) -> None:
    start = AS_OF - HABIT_DAYS * DAY
    mart = mart_of(tmp_path, (ANN, start), (BOB, start + MICROSECOND), (BOB, AS_OF))

    [habit] = mart.habits(Segment(as_of=f"{AS_OF.isoformat()}Z"), EVERYONE)

    assert (habit.events, habit.users) == (Done(2, 2), Done(1, 1))


def test_events_over_time_begin_just_after_the_start_of_the_first_step(tmp_path: Path) -> None:
    start = AS_OF - 3 * DAY
    mart = mart_of(tmp_path, (ANN, start), (BOB, start + MICROSECOND), (BOB, start + DAY))

    found = mart.over_time(Segment(as_of=f"{AS_OF.isoformat()}Z"), Steps(AS_OF, DAY, 3))

    assert found == [Done(2, 2), Done(0, 0), Done(0, 0)]


@pytest.mark.parametrize(
    ("age", "length", "number"),
    [
        (timedelta(0), DAY, 1),
        (3 * DAY - MICROSECOND, DAY, 3),
        # The oldest event is later than a step's start, so it is in none that begins with it.
        (3 * DAY, DAY, 4),
        (8 * WEEK - MICROSECOND, DAY, 56),
        (8 * WEEK, WEEK, 8),
        (53 * WEEK, WEEK, 52),
    ],
)
def test_steps_reach_back_to_the_oldest_event(age: timedelta, length: timedelta, number: int) -> None:
    assert Steps.of(catalog_with(AS_OF - age), AS_OF) == Steps(AS_OF, length, number)


def test_without_events_up_to_the_moment_there_are_no_steps() -> None:
    assert Steps.of(catalog_with(None), AS_OF).number == 0
    assert Steps.of(catalog_with(AS_OF + MICROSECOND), AS_OF).number == 0
