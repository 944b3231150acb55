"""Which events set members apart, against plain Python: reach, interval, exact tests together, and rates."""

from datetime import UTC, date, datetime, time, timedelta
from math import comb, exp, inf, log, sqrt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from duckmart.insight.activity import HABIT_DAYS, AudienceSize
from duckmart.insight.habits import Habit
from tests.differential.conftest import Loaded
from tests.differential.test_activity import SPECS, happened, members_of
from tests.strategies import Spec
from tests.world import Row

RECENT = {"user_filters": [{"field": "signup_date", "operator": "in_last_days", "value": 60}]}
ALL_SPECS = [*SPECS, RECENT, {**RECENT, "negate": True, "timezone": "Europe/Berlin"}]


@pytest.fixture(params=ALL_SPECS, ids=str)
def spec(request: pytest.FixtureRequest) -> Spec:
    spec: Spec = request.param
    return spec


def habits_of(loaded: Loaded, spec: Spec) -> dict[str, Habit]:
    audience = AudienceSize(len(members_of(loaded, spec)), len(loaded.world.users))
    rows = loaded.mart.habits(loaded.segment(spec), audience)
    return {habit.event_name: habit for habit in rows}


def own(spec: Spec) -> set[str]:
    """The events that the segment itself asks about; these specs do so in the last days only."""
    return {row["event_name"] for row in spec.get("event_filters", ())}


def by_name(loaded: Loaded, spec: Spec) -> dict[str, list[Row]]:
    rows = happened(loaded, loaded.mart.as_of(loaded.segment(spec)), HABIT_DAYS)
    return {
        name: [row for row in rows if row["event_name"] == name]
        for name in {row["event_name"] for row in rows}
    }


def test_events_and_the_users_who_did_them_are_counted(whole_ids: Loaded, spec: Spec) -> None:
    members, habits = members_of(whole_ids, spec), habits_of(whole_ids, spec)
    named = by_name(whole_ids, spec)

    assert len(habits) > 5
    assert habits.keys() == named.keys()
    for name, rows in named.items():
        users = {row["user_id"] for row in rows}
        events = sum(row["user_id"] in members for row in rows)
        assert (habits[name].events.members, habits[name].events.everyone) == (events, len(rows))
        assert (habits[name].users.members, habits[name].users.everyone) == (len(users & members), len(users))


def test_reach_is_compared_with_everyone_elses_with_its_interval(whole_ids: Loaded, spec: Spec) -> None:
    members = members_of(whole_ids, spec)
    n, everyone = len(members), len(whole_ids.world.users)

    for name, habit in habits_of(whole_ids, spec).items():
        users = {row["user_id"] for row in by_name(whole_ids, spec)[name]}
        a, c, r = len(users & members), len(users - members), everyone - n
        if not n or not r:
            assert habit.index is None
            continue
        index = habit.index
        assert index is not None
        assert index.value == (pytest.approx(100 * (a / n) / (c / r)) if c else inf)
        if a and c:
            error = 1.959964 * sqrt(1 / a - 1 / n + 1 / c - 1 / r)
            ends = [100 * exp(log((a / n) / (c / r)) + side * error) for side in (-1, 1)]
            assert [index.low, index.high] == pytest.approx(ends, rel=1e-5)


def exact_p(a: int, n: int, k: int, total: int) -> float:
    """Twice the smaller tail of the draws of n among `total`, of which k did it."""
    ways = [comb(k, x) * comb(total - k, n - x) for x in range(min(n, k) + 1) if n - x <= total - k]
    first = max(0, n - (total - k))
    below = sum(ways[: a - first + 1])
    above = sum(ways[a - first :])
    return min(1.0, 2 * min(below, above) / comb(total, n))


def together(p: dict[str, float]) -> dict[str, float]:
    ranked = sorted(p, key=lambda name: p[name])
    made: dict[str, float] = {}
    lowest = 1.0
    for place in range(len(ranked), 0, -1):
        lowest = min(lowest, p[ranked[place - 1]] * len(ranked) / place)
        made[ranked[place - 1]] = lowest
    return made


def test_all_events_are_tested_exactly_and_together(whole_ids: Loaded, spec: Spec) -> None:
    members = members_of(whole_ids, spec)
    n, total = len(members), len(whole_ids.world.users)
    tests = {}
    for name, rows in by_name(whole_ids, spec).items():
        users = {row["user_id"] for row in rows}
        if name not in own(spec) and len(users) < total and 0 < n < total:
            tests[name] = exact_p(len(users & members), n, len(users), total)

    habits = habits_of(whole_ids, spec)

    expected = together(tests)
    assert {name: habit.p for name, habit in habits.items()} == pytest.approx(
        {name: expected.get(name, 1.0) for name in habits}, rel=1e-9
    )
    assert {name for name, habit in habits.items() if habit.is_finding} == {
        name for name, p in expected.items() if p <= 0.05
    }


def test_findings_come_first_by_the_nearer_end_of_their_interval(whole_ids: Loaded, spec: Spec) -> None:
    habits = list(habits_of(whole_ids, spec).values())

    def distance(habit: Habit) -> float:
        if habit.index is None or habit.index.low <= 100 <= habit.index.high:
            return 0.0
        nearest = habit.index.low if habit.index.low > 100 else habit.index.high
        return max(nearest / 100, 100 / nearest)

    ranks = [(habit.event_name not in own(spec), habit.is_finding, distance(habit)) for habit in habits]
    assert {habit.event_name for habit in habits if habit.is_own} == own(spec)
    assert ranks == sorted(ranks, reverse=True)


def began(loaded: Loaded, user: Row, as_of: datetime, zone: ZoneInfo) -> datetime | None:
    """When a user came: as the local day of signup begins, or at the first event if that is earlier."""
    signup: date | None = user["signup_date"]
    times = [
        row["timestamp"]
        for row in loaded.world.events
        if row["user_id"] == user["user_id"] and row["timestamp"] <= as_of
    ]
    if signup is not None:
        local = datetime.combine(signup, time(), tzinfo=zone)
        times.append(local.astimezone(UTC).replace(tzinfo=None))
    return min(times, default=None)


def test_rates_are_per_day_that_a_user_was_there(whole_ids: Loaded, spec: Spec) -> None:
    world, segment = whole_ids.world, whole_ids.segment(spec)
    as_of, zone = whole_ids.mart.as_of(segment), ZoneInfo(spec.get("timezone", "UTC"))
    members = members_of(whole_ids, spec)
    oldest = min(row["timestamp"] for row in world.events)
    start = max(as_of - timedelta(days=HABIT_DAYS), oldest)
    days: dict[Any, float] = {}
    for user in world.users:
        moment = began(whole_ids, user, as_of, zone)
        there = timedelta(0) if moment is None else as_of - min(max(moment, start), as_of)
        days[user["user_id"]] = there / timedelta(days=1)
    of_members = sum(days[user] for user in members)
    of_rest = sum(length for user, length in days.items() if user not in members)

    habits = habits_of(whole_ids, spec)

    assert len({round(length, 3) for length in days.values()}) > 3
    for habit in habits.values():
        assert (habit.exposure.members, habit.exposure.rest) == pytest.approx((of_members, of_rest), abs=1e-6)
        rest = habit.events.everyone - habit.events.members
        assert habit.rates == pytest.approx(
            (
                habit.events.members / of_members if of_members else None,
                rest / of_rest if of_rest else None,
            )
        )
