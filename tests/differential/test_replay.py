"""Replays: which moments, who had signed up by then, and that the rest of the spec stays as it is."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from duckmart.catalog import Catalog, Column
from duckmart.insight import replay
from duckmart.mart import Mart
from duckmart.spec.kinds import Kind
from duckmart.spec.segment import Segment
from tests.differential.conftest import Loaded

AS_OF = datetime(2026, 11, 22, 23, 59, 59)


def catalog_of(*attributes: Column, oldest: datetime | None = datetime(2020, 1, 1)) -> Catalog:
    by_name = {row.name: row for row in attributes}
    return Catalog("1", by_name, {}, {}, 0, oldest, AS_OF, AS_OF)


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ([Column("signup_date", Kind.DATE)], "signup_date"),
        ([Column("birthday", Kind.DATE), Column("Created_At", Kind.TIMESTAMP)], "Created_At"),
        ([Column("created_at", Kind.TIMESTAMP), Column("registered_at", Kind.TIMESTAMP)], "registered_at"),
        ([Column("signup_date", Kind.TEXT)], None),
        ([Column("birthday", Kind.DATE)], None),
        ([], None),
    ],
)
def test_the_signup_is_a_date_known_by_its_name(columns: list[Column], found: str | None) -> None:
    signup = replay.signup(catalog_of(*columns))

    assert (signup.name if signup else None) == found


def test_moments_are_thirteen_a_week_apart_up_to_now() -> None:
    moments = replay.moments(catalog_of(), AS_OF)

    assert len(moments) == 13
    assert moments[-1] == AS_OF
    assert {later - early for early, later in pairwise(moments)} == {timedelta(days=7)}


def test_no_moment_is_before_the_first_event() -> None:
    oldest = AS_OF - timedelta(days=21)

    assert replay.moments(catalog_of(oldest=oldest), AS_OF)[0] == oldest
    assert replay.moments(catalog_of(oldest=oldest + timedelta(seconds=1)), AS_OF)[0] > oldest
    assert replay.moments(catalog_of(oldest=None), AS_OF) == [AS_OF]


LOGINS = {"event_name": "LOGIN", "operator": "gte", "count": 3, "time_range_days": 30}
OLDER = {"field": "age", "operator": "gte", "value": 40}
SAMPLE = {"percent": 50, "seed": "spring"}


@pytest.mark.parametrize("weeks", [0, 1, 5, 12])
@pytest.mark.parametrize(
    "spec",
    [
        {"user_filters": [OLDER], "event_filters": [LOGINS]},
        {"user_filters": [OLDER], "event_filters": [LOGINS], "logic_operator": "OR"},
        {"event_filters": [LOGINS], "negate": True, "sample": SAMPLE},
        {"event_filters": [LOGINS], "as_of": "2026-10-01", "timezone": "America/Los_Angeles", "limit": 5},
    ],
)
def test_a_replay_counts_what_the_spec_written_by_hand_counts(
    demo_mart: Mart, spec: dict[str, Any], weeks: int
) -> None:
    segment, _ = demo_mart.accept(spec)
    as_of = demo_mart.as_of(segment)
    moment = as_of - timedelta(days=7 * weeks)
    root = {key: cell for key, cell in spec.items() if key not in ("as_of", "timezone", "limit", "sample")}
    day = (moment - timedelta(hours=7 if spec.get("timezone") else 0)).date()
    by_hand = {
        "groups": [root, {"user_filters": [signed_up_by(day)]}],
        "as_of": moment.isoformat() + "Z",
        **{key: spec[key] for key in ("timezone", "sample") if key in spec},
    }

    found = replay.at(segment, moment, replay.signup(demo_mart.catalog))

    assert demo_mart.size(found).total == demo_mart.size(demo_mart.accept(by_hand)[0]).total
    assert demo_mart.as_of(found) == moment


def signed_up_by(day: date) -> dict[str, Any]:
    return {"field": "signup_date", "operator": "lte", "value": day.isoformat()}


def test_users_without_a_signup_count_as_always_there(whole_ids: Loaded) -> None:
    mart, world = whole_ids.mart, whole_ids.world
    segment, _ = mart.accept({})
    known = {user["signup_date"] for user in world.users} - {None}
    early = datetime.combine(min(known), datetime.min.time()) - timedelta(days=2)

    found = replay.at(segment, early, replay.signup(mart.catalog))

    assert mart.size(found).total == sum(user["signup_date"] is None for user in world.users)


def test_without_a_signup_nobody_is_left_out(demo_mart: Mart) -> None:
    segment, _ = demo_mart.accept({"event_filters": [LOGINS]})
    moment = demo_mart.as_of(segment) - timedelta(days=70)

    found = replay.at(segment, moment, None)

    by_hand, _ = demo_mart.accept({"event_filters": [LOGINS], "as_of": moment.isoformat() + "Z"})
    assert demo_mart.size(found).total == demo_mart.size(by_hand).total


def test_everyone_and_nobody_are_replayed_too(demo_mart: Mart) -> None:
    signup = replay.signup(demo_mart.catalog)
    everyone, nobody = (demo_mart.accept(spec)[0] for spec in ({}, {"negate": True}))
    moment = demo_mart.as_of(everyone) - timedelta(days=70)

    [there] = demo_mart.sizes([replay.everyone_at(everyone, moment, signup)])

    assert demo_mart.size(replay.at(everyone, moment, signup)).total == there > 0
    assert demo_mart.size(replay.at(nobody, moment, signup)).total == 0


@pytest.mark.parametrize(
    ("zone", "moment", "latest"),
    [
        ("America/Los_Angeles", datetime(2026, 11, 22, 7, 59), "2026-11-21"),
        ("America/Los_Angeles", datetime(2026, 11, 22, 8), "2026-11-22"),
        ("Asia/Tokyo", datetime(2026, 11, 21, 15), "2026-11-22"),
        ("UTC", datetime(2026, 11, 22, 23, 59, 59, 999999), "2026-11-22"),
    ],
)
def test_who_had_signed_up_is_told_by_the_days_of_the_segments_zone(
    demo_mart: Mart, zone: str, moment: datetime, latest: str
) -> None:
    signup = replay.signup(demo_mart.catalog)
    segment, _ = demo_mart.accept({"timezone": zone})
    rows = demo_mart.table(segment, ["signup_date"]).column("signup_date").to_pylist()
    expected = sum(day is None or day.isoformat() <= latest for day in rows)
    assert any(day is not None and day.isoformat() == latest for day in rows)

    replayed, everyone = replay.at(segment, moment, signup), replay.everyone_at(segment, moment, signup)

    assert demo_mart.sizes([replayed]) == demo_mart.sizes([everyone]) == [expected]


def test_who_signed_up_at_the_very_moment_is_there() -> None:
    signup = Column("created_at", Kind.TIMESTAMP)

    [group] = replay.everyone_at(Segment(timezone="Asia/Tokyo"), AS_OF, signup).groups

    assert [(row.operator, row.value) for row in group.user_filters] == [
        ("lte", "2026-11-22T23:59:59Z"),
        ("is_null", None),
    ]
