"""Where the time begins that activity is counted in: events on the edges, by hand."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from duckmart.catalog import Catalog
from duckmart.engines.duckdb import DuckDBEngine
from duckmart.insight.activity import HABIT_DAYS, WEEK, AudienceSize, MemberCounts, Steps, Weeks
from duckmart.instants import DAY, MICROSECOND
from duckmart.mart import Mart
from duckmart.settings import Settings
from duckmart.spec.segment import Segment
from tests.tiny import ANN, AS_OF, BOB, WORLD

EVERYONE = AudienceSize(8, 8)


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

    assert (habit.events, habit.users) == (MemberCounts(2, 2), MemberCounts(1, 1))


def test_events_over_time_begin_just_after_the_start_of_the_first_step(tmp_path: Path) -> None:
    start = AS_OF - 3 * DAY
    mart = mart_of(tmp_path, (ANN, start), (BOB, start + MICROSECOND), (BOB, start + DAY))

    found = mart.over_time(Segment(as_of=f"{AS_OF.isoformat()}Z"), Steps(AS_OF, DAY, 3))

    assert found == [MemberCounts(2, 2), MemberCounts(0, 0), MemberCounts(0, 0)]


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


@pytest.mark.parametrize(
    ("age", "number", "left_out", "is_cut"),
    [
        (timedelta(days=400), 12, 6, False),
        (timedelta(days=90), 12, 6, False),
        (timedelta(days=83, hours=23), 11, 6, False),
        (timedelta(days=20), 2, 6, False),
        (timedelta(days=7), 1, 0, False),
        (timedelta(days=6, hours=23), 1, 0, True),
        (timedelta(0), 1, 0, True),
    ],
)
def test_hours_are_counted_in_the_whole_weeks_that_there_are(
    age: timedelta, number: int, left_out: int, is_cut: bool
) -> None:
    weeks = Weeks.of(catalog_with(AS_OF - age), AS_OF, ZoneInfo("UTC"))

    assert (weeks.number, weeks.left_out, weeks.is_cut) == (number, left_out, is_cut)
    assert (weeks.after, weeks.until) == (AS_OF - number * WEEK, AS_OF)


def test_whole_weeks_begin_at_the_same_time_by_the_clocks_on_the_wall() -> None:
    # Berlin's clocks were set back on 25 October: the weeks are an hour longer.
    weeks = Weeks.of(catalog_with(AS_OF - 90 * DAY), AS_OF, ZoneInfo("Europe/Berlin"))

    assert weeks.after == AS_OF - 12 * WEEK - timedelta(hours=1)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Kathmandu"])
def test_one_event_each_hour_makes_every_weekday_and_hour_alike(tmp_path: Path, zone: str) -> None:
    path = replace(WORLD, name="hourly", events=WORLD.events[:1]).write(tmp_path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("DELETE FROM user_events")
        connection.execute(
            "INSERT INTO user_events (user_id, event_name, timestamp) "
            "SELECT ?, 'LOGIN', ?::TIMESTAMP - INTERVAL 30 MINUTE - i * INTERVAL 1 HOUR "
            "FROM range(24 * 91) hours(i)",
            [ANN, AS_OF],
        )
    mart = Mart(DuckDBEngine(path, Settings()), Settings())

    grid = mart.hours(Segment(as_of=f"{AS_OF.isoformat()}Z", timezone=zone))

    counts = [events for row in grid for events in row]
    # An hour that clocks showed twice, or not at all, may have one more or one fewer.
    assert sum(count != 12 for count in counts) <= (zone in ("Europe/Berlin", "America/Los_Angeles"))
