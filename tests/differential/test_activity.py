"""What users did, against plain Python on the rows of a world whose events sit on edges."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from duckmart.insight.activity import HABIT_DAYS, TIMELINE_EVENTS, MemberCounts, Steps, Weeks
from duckmart.instants import DAY, clock_changes
from tests import oracle
from tests.differential.conftest import Loaded
from tests.strategies import SAVED, Spec
from tests.world import LOGIN, STRANGER, Row, stored

LOGINS = {"event_name": LOGIN, "operator": "gte", "count": 1, "time_range_days": 30}
SPECS = [
    {},
    {"negate": True},
    {"event_filters": [LOGINS], "limit": 2},
    {"event_filters": [LOGINS], "as_of": "2026-11-22T09:30:00Z", "timezone": "Asia/Kathmandu"},
    {"event_filters": [LOGINS], "negate": True, "timezone": "America/Los_Angeles"},
    {
        "user_filters": [{"field": "age", "operator": "gte", "value": 25}],
        "timezone": "Europe/Berlin",
        "as_of": "2026-10-25",
        "sample": {"percent": 50, "seed": "x"},
    },
]


def happened(loaded: Loaded, as_of: datetime, days: int) -> list[Row]:
    """The events of known users in the days before a moment; all columns."""
    known = {user["user_id"] for user in loaded.world.users}
    after = as_of - timedelta(days=days)
    return [
        row for row in loaded.world.events if row["user_id"] in known and after < row["timestamp"] <= as_of
    ]


def members_of(loaded: Loaded, spec: Spec) -> set[Any]:
    world = loaded.world
    unlimited = {key: cell for key, cell in spec.items() if key != "limit"}
    return set(oracle.member_ids(unlimited, world.users, world.events, world.loaded_at, SAVED))


def done(rows: list[Row], members: set[Any]) -> MemberCounts:
    return MemberCounts(sum(row["user_id"] in members for row in rows), len(rows))


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("steps", [(7, 52), (1, 10)])
def test_events_over_time_are_those_of_each_step(
    whole_ids: Loaded, spec: Spec, steps: tuple[int, int]
) -> None:
    mart, segment = whole_ids.mart, whole_ids.segment(spec)
    days, number = steps
    as_of = mart.as_of(segment)
    members = members_of(whole_ids, spec)
    rows = happened(whole_ids, as_of, days * number)
    ends = [as_of - step * days * DAY for step in reversed(range(number))]

    found = mart.over_time(segment, Steps(as_of, days * DAY, number))

    assert any(any(row["timestamp"] == end for row in rows) for end in ends)
    assert found == [
        done([row for row in rows if end - days * DAY < row["timestamp"] <= end], members) for end in ends
    ]


@pytest.mark.parametrize("spec", SPECS)
def test_hours_are_those_of_the_segments_clocks(whole_ids: Loaded, spec: Spec) -> None:
    mart, segment = whole_ids.mart, whole_ids.segment(spec)
    members = members_of(whole_ids, spec)
    zone = ZoneInfo(spec.get("timezone", "UTC"))
    expected: Counter[tuple[int, int]] = Counter()
    weeks = Weeks.of(mart.catalog, mart.as_of(segment), zone)
    for row in happened(whole_ids, mart.as_of(segment), HABIT_DAYS):
        local = row["timestamp"].replace(tzinfo=UTC).astimezone(zone)
        if row["timestamp"] <= weeks.after:
            continue
        expected[local.weekday(), local.hour] += row["user_id"] in members

    found = mart.hours(segment)

    assert {
        (day, hour): events for day, row in enumerate(found) for hour, events in enumerate(row) if events
    } == {place: events for place, events in expected.items() if events}


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/Los_Angeles", "Australia/Lord_Howe", "UTC", "Asia/Tehran"]
)
def test_clock_changes_give_the_local_time_of_every_moment(zone: str) -> None:
    low, high = datetime(2021, 1, 1), datetime(2023, 1, 1)

    rows = clock_changes(ZoneInfo(zone), low, high)

    moments = [low + timedelta(minutes=15) * step for step in range(4 * 24 * 730)]
    moments += [change - timedelta(microseconds=1) for change, _ in rows[1:]]
    for moment in moments:
        offset = [offset for change, offset in rows if change <= moment][-1]
        assert moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == moment + offset


def test_a_user_has_attributes_and_the_latest_events_first(whole_ids: Loaded) -> None:
    mart, world = whole_ids.mart, whole_ids.world
    segment = whole_ids.segment({})
    busiest, _ = Counter(row["user_id"] for row in world.events if row["user_id"] != STRANGER).most_common(1)[
        0
    ]
    user = next(row for row in world.users if row["user_id"] == busiest)
    mine = [
        row for row in world.events if row["user_id"] == busiest and row["timestamp"] <= mart.as_of(segment)
    ]

    found = mart.timeline(segment, str(busiest))

    assert found is not None
    assert found.attributes == {name: stored(cell) for name, cell in user.items()}
    latest = sorted((row["timestamp"] for row in mine), reverse=True)[:TIMELINE_EVENTS]
    assert [event.time for event in found.events] == latest
    assert Counter(event.name for event in found.events) == Counter(row["event_name"] for row in mine)
    assert not found.more


def test_nobody_has_a_timeline_under_an_unknown_id(whole_ids: Loaded) -> None:
    segment = whole_ids.segment({})

    assert whole_ids.mart.timeline(segment, STRANGER) is None
    assert whole_ids.mart.timeline(segment, "nobody") is None
