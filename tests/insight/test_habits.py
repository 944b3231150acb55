"""Which events set members apart: exposure by hand, what may be chance, and what the card says."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from duckmart.data.generations import Generations
from duckmart.data.load import load
from duckmart.engines.duckdb import DuckDBEngine
from duckmart.insight.activity import HABIT_DAYS, AudienceSize, MemberCounts
from duckmart.insight.event_windows import EventWindow
from duckmart.insight.habits import Exposure, Habit, read_habits
from duckmart.instants import DAY, MICROSECOND
from duckmart.mart import Mart, current
from duckmart.settings import Settings
from duckmart.spec.segment import Segment
from duckmart.ui.insight import habits as card
from tests.tiny import ANN, AS_OF, BOB, CY, WORLD
from tests.world import Row

PINNED = f"{AS_OF.isoformat()}Z"
LONG_AGO = AS_OF - 200 * DAY


def event(user: int, moment: datetime, name: str = "LOGIN") -> Row:
    return {"user_id": user, "event_name": name, "timestamp": moment, "amount": None, "category": None}


def mart_of(folder: Path, signups: dict[int, date | None], *events: Row) -> Mart:
    users = [{**user, "signup_date": signups.get(user["user_id"])} for user in WORLD.users]
    path = replace(WORLD, name="habits", users=users, events=[*events]).write(folder)
    return Mart(DuckDBEngine(path, Settings()), Settings())


def of_user(mart: Mart, user: int, **spec: Any) -> list[Habit]:
    row = {"field": "user_id", "operator": "eq", "value": user}
    segment = Segment.model_validate({"user_filters": [row], "as_of": PINNED, **spec})
    return mart.habits(segment, AudienceSize(1, len(WORLD.users)))


@pytest.mark.parametrize(
    ("signup", "first", "days"),
    [
        # Noon is when the window ends; days begin at midnight.
        (date(2026, 11, 20), None, 2.5),
        (date(2020, 1, 1), None, HABIT_DAYS),
        (date(2026, 8, 24), None, HABIT_DAYS),
        (date(2026, 8, 25), None, HABIT_DAYS - 0.5),
        (None, AS_OF - 3 * DAY, 3),
        (None, LONG_AGO, HABIT_DAYS),
        # What was done before the signup was done by somebody who was there.
        (date(2026, 11, 20), AS_OF - 10 * DAY, 10),
        (date(2026, 11, 20), AS_OF - 1 * DAY, 2.5),
        # Nothing says since when they are there.
        (None, None, 0),
        (None, AS_OF + DAY, 0),
        (date(2026, 11, 25), None, 0),
    ],
)
def test_a_user_is_there_from_signup_or_first_event(
    tmp_path: Path, signup: date | None, first: datetime | None, days: float
) -> None:
    mine = [event(BOB, first)] if first else []
    mart = mart_of(tmp_path, {BOB: signup}, event(ANN, LONG_AGO), event(ANN, AS_OF), *mine)

    habits = of_user(mart, BOB)

    assert [habit.exposure.members for habit in habits] == [pytest.approx(days)]


def test_the_day_of_signup_begins_by_the_segments_clocks(tmp_path: Path) -> None:
    mart = mart_of(tmp_path, {BOB: date(2026, 11, 20)}, event(ANN, LONG_AGO), event(ANN, AS_OF))

    [habit] = of_user(mart, BOB, timezone="Asia/Tokyo")

    assert habit.exposure.members == pytest.approx(2.5 + 9 / 24)


def test_nobody_was_there_before_the_first_event_of_the_data(tmp_path: Path) -> None:
    signups = {ANN: date(2020, 1, 1), BOB: date(2026, 11, 20)}
    mart = mart_of(tmp_path, signups, event(CY, AS_OF - 5 * DAY), event(CY, AS_OF))

    [of_ann], [of_bob] = of_user(mart, ANN), of_user(mart, BOB)

    assert (of_ann.exposure.members, of_bob.exposure.members) == pytest.approx((5, 2.5))
    assert of_ann.exposure.everyone == pytest.approx(5 + 2.5 + 5)


@pytest.mark.parametrize("signup", ["signed_up_at", "no_such_name"])
def test_new_users_who_do_as_much_a_day_have_the_same_rate(tmp_path: Path, signup: str) -> None:
    """Everybody logs in once a day from the first day on; half came eight days ago."""
    newest = datetime(2026, 11, 22, 12)
    began = {user: newest - timedelta(days=8 if user % 2 else 60) for user in range(200)}
    users = pd.DataFrame({"user_id": [*began], "is_new": [bool(user % 2) for user in began]})
    users[signup] = [f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in began.values()]
    events = pd.DataFrame(
        {"user_id": user, "event_name": "LOGIN", "timestamp": f"{moment + day * DAY:%Y-%m-%dT%H:%M:%SZ}"}
        for user, moment in began.items()
        for day in range((newest - moment).days + 1)
    )
    users.to_csv(tmp_path / "users.csv", index=False)
    events.to_csv(tmp_path / "events.csv", index=False)
    settings = Settings(data=tmp_path)
    now = datetime(2026, 12, 1, tzinfo=UTC)
    load(tmp_path / "users.csv", tmp_path / "events.csv", Generations(tmp_path), now=now, settings=settings)
    mart = current(settings)
    row = {"field": "is_new", "operator": "eq", "value": True}
    segment, _ = mart.accept({"user_filters": [row]})

    [habit] = mart.habits(segment, AudienceSize(100, 200))

    assert (habit.exposure.members, habit.exposure.rest) == pytest.approx((800, 6000), rel=0.01)
    members, rest = habit.rates
    assert members == pytest.approx(rest, rel=0.15)
    # All of both did it.
    assert habit.reach == (1, 1)
    assert not habit.is_finding
    assert "a member was there for 8 on average, another user for 60" in card.words([habit])


def reach(name: str, members: int, everyone: int, times: int = 1) -> dict[str, Any]:
    return {
        "event_name": name,
        "members_events": members * times,
        "everyone_events": everyone * times,
        "members_users": members,
        "everyone_users": everyone,
        "members_exposure": 100 * HABIT_DAYS * (DAY // MICROSECOND),
        "everyone_exposure": 1_000 * HABIT_DAYS * (DAY // MICROSECOND),
    }


AUDIENCE = AudienceSize(100, 1_000)


def test_what_sets_apart_comes_first_and_what_may_be_chance_last() -> None:
    rows = [
        reach("RARE", members=2, everyone=3),
        reach("USUAL", members=50, everyone=500, times=90),
        reach("OFTEN", members=80, everyone=400),
        reach("NEVER", members=0, everyone=400),
    ]

    habits = read_habits(rows, AUDIENCE)

    assert [habit.event_name for habit in habits] == ["NEVER", "OFTEN", "RARE", "USUAL"]
    assert [habit.is_finding for habit in habits] == [True, True, False, False]


def test_one_member_with_a_thousand_events_is_no_finding() -> None:
    [habit] = read_habits([reach("LOGIN", members=1, everyone=10, times=1_000)], AUDIENCE)

    assert not habit.is_finding
    assert card.words([habit]).startswith("Nothing sets them apart: members differ from everyone else")


def test_many_events_are_tested_together() -> None:
    """Of fifty events one is as unlikely as 1 in 50 by itself: that is what chance gives."""
    alone = reach("EVENT", members=15, everyone=80)
    [single] = read_habits([alone], AUDIENCE)
    others = [reach(f"OTHER_{number}", members=10, everyone=100) for number in range(49)]

    of_all = read_habits([alone, *others], AUDIENCE)

    assert single.is_finding
    assert not any(habit.is_finding for habit in of_all)


def test_the_card_tells_the_strongest_finding_with_both_shares() -> None:
    habits = read_habits([reach("OFTEN", members=80, everyone=400), reach("NEVER", 0, 400)], AUDIENCE)

    assert card.words(habits).startswith("**NEVER**: none of the members did it, 44% of everyone else.")
    assert card.words(habits[1:]).startswith(
        "**OFTEN**: 80% of the members did it, 36% of everyone else, so 2.2× as common."
    )
    assert "was there" not in card.words(habits)


def test_the_table_has_reach_interval_rates_and_p() -> None:
    [habit] = read_habits([reach("OFTEN", members=80, everyone=400, times=3)], AUDIENCE)

    row = card.row(habit)

    assert row["Times everyone else"] == 2.25
    assert row["at least"] < 2.25 < row["at most"]  # type: ignore[operator]
    assert (row["Members who did it"], row["Members %"]) == (80, 80.0)
    assert (row["Everyone else who did it"], row["Everyone else %"]) == (320, 35.56)
    assert (row["Events of members"], row["per day of a member"]) == (
        240,
        pytest.approx(240 / 9_000, abs=1e-4),
    )
    assert row["Sets apart"] is True
    assert 0 < row["p"] < 1e-9  # type: ignore[operator]


@pytest.mark.parametrize(
    ("members", "everyone"), [(0, 100), (100, 100), (1, 1_000), (100, 1_000), (0, 1), (1, 1)]
)
def test_every_extreme_can_be_drawn(members: int, everyone: int) -> None:
    habits = [
        Habit(
            "EVENT",
            MemberCounts(members, everyone),
            MemberCounts(members, everyone),
            audience,
            Exposure(0, 0),
        )
        for audience in (AUDIENCE, AudienceSize(1_000, 1_000))
        if everyone - members <= audience.everyone - audience.members
    ]

    for habit in habits:
        assert card.figure([habit]).layout.height
        assert card.words([habit])
        assert card.row(habit)["Event"] == "EVENT"


def test_where_everyone_matches_bars_show_their_reach() -> None:
    habits = read_habits([reach("OFTEN", members=400, everyone=400)], AudienceSize(1_000, 1_000))

    assert card.words(habits).startswith("Everyone matches, so nothing can set them apart.")
    assert [*card.figure(habits).data[0].x] == [0.4]


def own(*names: str, more: bool = True) -> EventWindow:
    return EventWindow(names, None, AS_OF, more)


def test_events_that_the_segment_asks_about_are_no_findings_and_stand_last() -> None:
    rows = [reach("LOGIN", 100, 400), reach("OFTEN", members=80, everyone=400), reach("USUAL", 50, 500)]

    habits = read_habits(rows, AUDIENCE, [own("LOGIN")])

    assert [habit.event_name for habit in habits] == ["OFTEN", "USUAL", "LOGIN"]
    assert [habit.is_finding for habit in habits] == [True, False, False]
    assert habits[0].p == read_habits(rows[1:], AUDIENCE)[0].p
    words = card.words(habits)
    assert "1 more in the table." in words
    assert "Left out, because the segment itself or a saved one in it asks about them: LOGIN." in words
    assert [*card.figure(habits[:2]).layout.yaxis.ticktext] == ["OFTEN", "USUAL"]
    assert (card.row(habits[2])["Segment asks about it"], card.row(habits[2])["p"]) == (True, None)


def test_a_segment_of_any_event_has_no_finding_at_all() -> None:
    habits = read_habits([reach("LOGIN", 100, 400), reach("OFTEN", 80, 400)], AUDIENCE, [own("*")])

    assert not any(habit.is_finding for habit in habits)
    assert card.words(habits).startswith("The segment itself asks about every event done here")
    assert len(card.figure(habits).data[0].x) == 2


def test_only_windows_within_the_days_of_habits_make_an_event_the_segments_own(tmp_path: Path) -> None:
    mart = mart_of(tmp_path, {}, event(ANN, LONG_AGO), event(ANN, AS_OF), event(BOB, AS_OF))
    login = {"event_name": "LOGIN", "operator": "gte", "count": 1}
    early = {**login, "time_range": {"from_days_ago": 300, "to_days_ago": HABIT_DAYS}}

    def is_own(row: Any) -> bool:
        segment = Segment.model_validate({"event_filters": [row], "as_of": PINNED})
        [habit] = mart.habits(segment, AudienceSize(1, len(WORLD.users)))
        return habit.is_own

    assert not is_own(early)
    assert is_own({**early, "time_range": {"from_days_ago": 300, "to_days_ago": HABIT_DAYS - 1}})
    assert is_own({**login, "time_range_days": 7})
    assert is_own(login)
