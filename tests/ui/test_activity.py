"""What members do, how the size answers to a change and how it was: figures from the files, and the page."""

from datetime import timedelta
from typing import Any

import pandas as pd
import pytest
from streamlit.util import AttributeDictionary

from duckmart.errors import Overloaded
from duckmart.insight.activity import HABIT_DAYS, WEEK, AudienceSize, MemberCounts, Steps
from duckmart.insight.sensitivity import VariedParameter, varied_parameters
from duckmart.mart import Mart
from duckmart.spec.segment import Segment
from tests.ui import club
from tests.ui.page import Page, size

ELDERS = {"user_filters": [{"field": "age", "operator": "gte", "value": 60}]}
LOGINS = {"event_name": "LOGIN", "operator": "gte", "count": 1, "time_range_days": 30}


@pytest.fixture
def elders(demo_mart: Mart) -> Segment:
    return demo_mart.accept(ELDERS)[0]


@pytest.fixture
def elder_ids(users: pd.DataFrame) -> set[int]:
    return set(users.loc[users["age"] >= 60, "user_id"])


# What they do


def test_weekly_events_are_those_of_the_files(
    demo_mart: Mart, elders: Segment, elder_ids: set[int], events: pd.DataFrame
) -> None:
    newest = events["timestamp"].max()
    steps = Steps.of(demo_mart.catalog, demo_mart.as_of(elders))
    ago = (newest - events["timestamp"]) // pd.Timedelta(days=7)
    counted = events.assign(ago=ago, elder=events["user_id"].isin(elder_ids)).groupby("ago")["elder"]
    expected = [
        MemberCounts(int(counted.sum().get(step, 0)), int(counted.size().get(step, 0)))
        for step in reversed(range(steps.number))
    ]

    assert steps.length == WEEK
    assert steps.number == min((newest - events["timestamp"].min()) // timedelta(days=7), 52)
    assert demo_mart.over_time(elders, steps) == expected


def test_habits_are_those_of_the_files(
    demo_mart: Mart, elders: Segment, elder_ids: set[int], users: pd.DataFrame, events: pd.DataFrame
) -> None:
    recent = events[events["timestamp"] > events["timestamp"].max() - pd.Timedelta(days=HABIT_DAYS)]
    recent = recent.assign(elder=recent["user_id"].isin(elder_ids))

    found = demo_mart.habits(elders, AudienceSize(len(elder_ids), len(users)))

    assert {habit.event_name for habit in found} == set(recent["event_name"])
    for habit in found:
        rows = recent[recent["event_name"] == habit.event_name]
        assert habit.events == MemberCounts(int(rows["elder"].sum()), len(rows))
        assert habit.users.members == rows.loc[rows["elder"], "user_id"].nunique()
        assert habit.users.everyone == rows["user_id"].nunique()
        others = habit.users.everyone - habit.users.members
        ratio = habit.users.members / len(elder_ids) / (others / (len(users) - len(elder_ids)))
        assert habit.index is not None
        assert habit.index.value == pytest.approx(100 * ratio)


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Asia/Kolkata"])
def test_hours_are_those_of_the_files_by_local_clocks(
    demo_mart: Mart, elder_ids: set[int], events: pd.DataFrame, zone: str
) -> None:
    segment, _ = demo_mart.accept({**ELDERS, "timezone": zone})
    mine = events.loc[events["user_id"].isin(elder_ids), "timestamp"]
    local = mine.dt.tz_localize("UTC").dt.tz_convert(zone)
    newest = events["timestamp"].max().tz_localize("UTC").tz_convert(zone)
    # 84 days by the clocks on the wall, whose hour may have been set in between.
    local = local[local > (newest.tz_localize(None) - pd.Timedelta(weeks=12)).tz_localize(zone)]
    counts = local.groupby([local.dt.day_of_week, local.dt.hour]).size()

    grid = demo_mart.hours(segment)

    assert grid == [[int(counts.get((day, hour), 0)) for hour in range(24)] for day in range(7)]


def test_a_user_has_the_events_of_the_files(demo_mart: Mart, elders: Segment, events: pd.DataFrame) -> None:
    busiest = int(events["user_id"].value_counts().index[0])
    rows = events[events["user_id"] == busiest].sort_values(["timestamp"], ascending=False)

    found = demo_mart.timeline(elders, busiest)

    assert found is not None
    assert [event.time for event in found.events] == [*rows["timestamp"].dt.to_pydatetime()][:200]
    assert found.more == (len(rows) > 200)
    amounts = sorted(
        float(event.properties["amount"]) for event in found.events if "amount" in event.properties
    )
    assert amounts == sorted(rows["amount"].dropna()[: len(amounts)])


# What if


def levers_of(mart: Mart, spec: Any) -> dict[str, VariedParameter]:
    segment, _ = mart.accept(spec)
    return {lever.words: lever for lever in varied_parameters(segment, mart.catalog, mart.as_of(segment))}


def test_sizes_by_age_are_those_of_the_files(demo_mart: Mart, elders: Segment, users: pd.DataFrame) -> None:
    [lever] = varied_parameters(elders, demo_mart.catalog, demo_mart.as_of(elders))

    sizes = demo_mart.sizes([lever.at(elders, point) for point in lever.points])

    assert lever.points[0] <= users["age"].min()
    assert lever.points[-1] >= users["age"].max()
    assert 10 <= len(lever.points) <= 22
    assert sizes == [int((users["age"] >= point).sum()) for point in lever.points]


def test_sizes_by_days_and_by_count_are_those_of_the_files(demo_mart: Mart, events: pd.DataFrame) -> None:
    segment, _ = demo_mart.accept({"event_filters": [LOGINS]})
    logins = events[events["event_name"] == "LOGIN"]
    age = events["timestamp"].max() - logins["timestamp"]
    found = levers_of(demo_mart, {"event_filters": [LOGINS]})

    days = found["number of days in which LOGIN events count"]
    often = found["number of LOGIN events"]

    assert days.points == (1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365)
    assert demo_mart.sizes([days.at(segment, point) for point in days.points]) == [
        logins.loc[age < pd.Timedelta(days=point), "user_id"].nunique() for point in days.points
    ]
    assert often.points == tuple(range(11))
    counts = logins[age < pd.Timedelta(days=30)].groupby("user_id").size()
    assert demo_mart.sizes([often.at(segment, point) for point in often.points[1:]]) == [
        int((counts >= point).sum()) for point in often.points[1:]
    ]


def test_nested_conditions_and_both_ends_of_a_range_can_be_moved(demo_mart: Mart) -> None:
    spec = {"groups": [{"user_filters": [{"field": "age", "operator": "between", "value": [30, 42]}]}]}
    segment, _ = demo_mart.accept(spec)

    found = levers_of(demo_mart, spec)

    low, high = found["lowest age"], found["highest age"]
    assert (low.current, high.current) == (30, 42)
    assert max(low.points) == 42 or max(low.points) == 40
    assert min(high.points) == 30
    assert high.at(segment, 50).as_dict()["groups"][0]["user_filters"][0]["value"] == (30, 50)


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"user_filters": [{"field": "location", "operator": "in", "value": ["Texas", "Ohio"]}]},
        {"user_filters": [{"field": "age", "operator": "is_null"}]},
        {"event_filters": [{"event_name": "LOGIN", "operator": "ne", "count": 2}]},
    ],
)
def test_conditions_without_a_number_to_move_are_not_offered(demo_mart: Mart, spec: Any) -> None:
    assert levers_of(demo_mart, spec) == {}


@pytest.mark.parametrize(
    ("measure", "operator", "value", "words", "ends"),
    [
        ({"sum": "amount"}, "gte", 100, "total amount of PURCHASE_MADE events", (0, 260)),
        ({"avg": "amount"}, "gt", 0, "average amount of PURCHASE_MADE events", None),
        ({"median": "amount"}, "gt", 0, "median amount of PURCHASE_MADE events", None),
        ("days_since_last", "lte", 4, "days since the last PURCHASE_MADE event", (1, 365)),
        (
            {"distinct": "category"},
            "gte",
            2,
            "number of different category values of PURCHASE_MADE events",
            (0, 10),
        ),
        ("active_days", "gte", 100, "number of different days with PURCHASE_MADE events", (0, 260)),
    ],
)
def test_every_measure_has_steps_around_its_own_value(
    demo_mart: Mart, measure: Any, operator: str, value: int, words: str, ends: tuple[int, int] | None
) -> None:
    row = {"event_name": "PURCHASE_MADE", "measure": measure, "operator": operator, "value": value}
    [lever] = levers_of(demo_mart, {"event_filters": [row]}).values()

    assert lever.words == words
    assert lever.current in lever.points
    assert len(lever.points) <= 24
    assert ends is None or (lever.points[0], lever.points[-1]) == ends


def test_dates_move_by_months(demo_mart: Mart, users: pd.DataFrame) -> None:
    spec = {"user_filters": [{"field": "signup_date", "operator": "gte", "value": "2026-01-15"}]}
    segment, _ = demo_mart.accept(spec)
    [lever] = levers_of(demo_mart, spec).values()

    sizes = demo_mart.sizes([lever.at(segment, point) for point in lever.points])

    assert "2026-01-15" in lever.points
    assert all(str(point).endswith("-01") for point in lever.points if point != "2026-01-15")
    assert sizes == [int((users["signup_date"] >= pd.Timestamp(point)).sum()) for point in lever.points]
    assert (sizes[0], sizes[-1]) == (len(users), 0)


# On the page


def test_a_user_is_shown_with_attributes_events_and_reasons(
    page: Page, users: pd.DataFrame, events: pd.DataFrame
) -> None:
    page.paste(ELDERS)
    page.open_tab("Members")
    first = int(users.loc[users["age"] >= 60, "user_id"].min())

    page.choose("Why is a user in, or not? Enter a user id", str(first))

    assert f"**{first} is in the segment**" in page.words
    number = min(int((events["user_id"] == first).sum()), 200)
    assert f"{number} events of user {first}" in page.words
    [row] = users[users["user_id"] == first].to_dict("records")
    [attributes] = [table.value for table in page.app.dataframe if "Attribute" in table.value.columns]
    told = dict(attributes.itertuples(index=False))
    assert (told["name"], told["age"]) == (row["name"], str(int(row["age"])))
    page.press(f"Table of All {number} events of user {first}")
    [timeline] = [table.value for table in page.app.dataframe if "Event" in table.value.columns]
    mine = events[events["user_id"] == first].sort_values("timestamp", ascending=False)
    assert [*timeline["Time"]] == [*mine["timestamp"]]


def select(page: Page, table: str, row: int) -> None:
    """Selects a row of a table, which AppTest cannot click."""
    chosen = {"selection": {"rows": [row], "columns": [], "cells": []}}
    page.app.session_state[table] = AttributeDictionary(chosen)
    page.run()


def test_a_point_of_the_curve_is_taken_through_the_table(page: Page, demo_mart: Mart) -> None:
    page.paste({"event_filters": [LOGINS]}).open_tab("What if")
    title = "Size of the segment by number of LOGIN events asked for"
    page.press(f"Table of {title}")
    [sizes] = [table.value for table in page.app.dataframe if "Against now" in table.value.columns]

    select(page, "table-curve", 3)
    page.press("Use this value")

    wanted = {"event_filters": [{**LOGINS, "count": 3}]}
    assert page.spec["event_filters"] == wanted["event_filters"]
    assert page.count == size(demo_mart, wanted) == sizes["Users"][3]
    assert [*sizes["Value"][:4]] == ["0", "1", "2", "3"]


def test_the_window_of_a_nested_condition_is_taken_through_the_table(page: Page) -> None:
    age = {"field": "age", "operator": "gte", "value": 30}
    page.paste({"groups": [{"user_filters": [age], "event_filters": [LOGINS], "logic_operator": "OR"}]})
    page.open_tab("What if")
    page.choose("Condition to change", "groups.0.event_filters.0")
    page.choose("Number to change", "time_range_days")
    page.press("Table of Size of the segment by number of days in which LOGIN events count")

    select(page, "table-curve", 0)
    page.press("Use this value")

    assert page.spec["groups"][0]["event_filters"] == [{**LOGINS, "time_range_days": 1}]
    assert page.find("Condition to change").value == "groups.0.event_filters.0"
    assert page.find("Number to change").value == "time_range_days"


def test_what_if_keeps_its_choice_while_another_tab_is_open(page: Page) -> None:
    page.paste({**ELDERS, "event_filters": [LOGINS]}).open_tab("What if")
    page.choose("Condition to change", "event_filters.0")

    page.open_tab("Who they are").open_tab("What if")

    assert page.find("Condition to change").value == "event_filters.0"


def test_without_a_number_to_move_the_page_says_what_to_add(page: Page) -> None:
    page.paste({"user_filters": [{"field": "location", "operator": "in", "value": ["Texas"]}]})
    page.open_tab("What if")

    assert "No condition has a number to move" in page.words
    assert not page.has("Condition to change")


def test_the_replay_shows_each_past_week_without_those_who_signed_up_later(
    page: Page, users: pd.DataFrame, events: pd.DataFrame
) -> None:
    page.paste({"event_filters": [LOGINS]}).open_tab("What if")
    page.press("Table of Size of the segment over the past 12 weeks")

    [weeks] = [table.value for table in page.app.dataframe if "All users then" in table.value.columns]

    logins = events[events["event_name"] == "LOGIN"].merge(users[["user_id", "signup_date"]], on="user_id")
    newest = events["timestamp"].max()
    expected = []
    for back in range(12, -1, -1):
        moment = newest - pd.Timedelta(weeks=back)
        there = logins[logins["signup_date"] <= moment.normalize()]
        held = there["timestamp"].between(moment - pd.Timedelta(days=30), moment, inclusive="right")
        everyone = int((users["signup_date"] <= moment.normalize()).sum())
        expected.append((moment, there.loc[held, "user_id"].nunique(), everyone))
    assert [*weeks[["As of", "Members", "All users then"]].itertuples(index=False, name=None)] == expected
    assert "attributes are today's" in page.words
    assert r"Users who signed up later (signup date) are left out" in page.words


def test_conditions_that_read_alike_keep_their_own_curves(page: Page) -> None:
    group = {"event_filters": [LOGINS], **ELDERS}
    page.paste({"logic_operator": "OR", "event_filters": [LOGINS], "groups": [group]}).open_tab("What if")
    box = page.find("Condition to change")
    assert len({*box.options}) == len(box.options)
    assert box.value == "event_filters.0"
    assert page.run().find("Condition to change").value == "event_filters.0"
    page.choose("Condition to change", "groups.0.event_filters.0")
    assert page.run().find("Condition to change").value == "groups.0.event_filters.0"


def test_a_replay_that_was_stopped_can_be_started_again(page: Page, demo_mart: Mart) -> None:
    page.paste({"event_filters": [LOGINS]})
    asked = Segment.model_validate({"event_filters": [LOGINS]}).at(demo_mart.catalog.newest)
    page.app.session_state["replay.stopped"] = asked.meaning
    page.open_tab("What if")

    assert "The replay was stopped" in page.words

    page.press("Replay past weeks")

    assert page.has("Table of Size of the segment over the past 12 weeks")


def test_what_they_do_shows_rates_habits_and_hours_with_tables(
    page: Page, elder_ids: set[int], events: pd.DataFrame
) -> None:
    page.paste({**ELDERS, "timezone": "Europe/Berlin"}).open_tab("What they do")
    page.press(
        "Table of Events per user each week, members beside everyone, the last 52 weeks",
        f"Table of Events that set members apart, last {HABIT_DAYS} days",
        "Table of When members are active, last 12 weeks, Europe/Berlin time",
    )

    tables = {table.value.columns[0]: table.value for table in page.app.dataframe}

    age = events["timestamp"].max() - events["timestamp"]
    year = events[age < pd.Timedelta(weeks=52)]
    mine = events["user_id"].isin(elder_ids) & (age < pd.Timedelta(days=HABIT_DAYS))
    assert tables["Week from"]["Events of everyone"].sum() == len(year)
    assert tables["Week from"]["Events of members"].sum() == year["user_id"].isin(elder_ids).sum()
    assert tables["Event"]["Events of members"].sum() == mine.sum()
    # The clocks of Berlin were set back in between.
    weeks = events["user_id"].isin(elder_ids) & (age < pd.Timedelta(weeks=12, hours=1))
    assert tables["Weekday"].drop(columns="Weekday").to_numpy().sum() == weeks.sum()
    assert "12 whole weeks, so that each weekday counts alike; without the 6 days before." in page.words
    assert tables["Week from"]["per member"].iloc[-1] == pytest.approx(
        (events["user_id"].isin(elder_ids) & (age < pd.Timedelta(weeks=1))).sum() / len(elder_ids), abs=1e-4
    )


@pytest.mark.parametrize(
    ("tab", "words"),
    [("What they do", "Nobody matches"), ("What if", "No condition"), ("Members", "Nobody matches")],
)
def test_where_nobody_matches_each_tab_says_so_and_goes_on(page: Page, tab: str, words: str) -> None:
    page.paste({"negate": True}).open_tab(tab)

    assert page.count == 0
    assert words in page.words


def test_a_user_that_the_data_does_not_have_is_told_as_such(page: Page) -> None:
    page.open_tab("Members").choose("Why is a user in, or not? Enter a user id", "nobody")

    assert "The data has no user nobody" in page.words


def test_an_engine_that_fails_is_told_in_words_and_the_count_stays(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.paste({"event_filters": [LOGINS]})
    count = page.count

    def busy(*_: Any) -> Any:
        raise Overloaded("too much is asked at once: try again in a moment")

    for question in ("over_time", "habits", "hours", "sizes", "timeline"):
        monkeypatch.setattr(Mart, question, busy)
    for tab in ("What they do", "What if", "Members"):
        page.open_tab(tab)
        if tab == "Members":
            page.choose("Why is a user in, or not? Enter a user id", "1")
        assert "Too much is asked at once" in page.words
        assert page.count == count


@pytest.mark.parametrize("tab", ["What they do", "What if", "Members"])
def test_names_and_values_from_the_data_are_no_markup_in_any_tab(club_page: Page, tab: str) -> None:
    event = {"event_name": club.MARKUP_EVENT, "operator": "gte", "count": 0}
    club_page.paste({"event_filters": [event]}).open_tab(tab)
    if tab == "Members":
        club_page.choose("Why is a user in, or not? Enter a user id", "user-03")

    charts = "".join(chart.proto.spec for chart in club_page.app.get("plotly_chart"))
    assert "<b>bold" not in charts.replace(r"\u003c", "<")
    assert "<b>bold" not in "".join(markdown.value for markdown in club_page.app.markdown)


# The club's first event is 1,639 hours before its newest.
A_FEW_DAYS_IN = (club.NEWEST - timedelta(hours=1639 - 72)).date().isoformat()


def test_a_few_days_of_events_are_told_by_the_day(club_page: Page) -> None:
    club_page.paste({"as_of": A_FEW_DAYS_IN}).open_tab("What they do")

    assert "Events per user each day" in club_page.words


def test_without_a_week_of_events_there_is_no_earlier_size(club_page: Page) -> None:
    club_page.paste({"as_of": A_FEW_DAYS_IN}).open_tab("What if")

    assert "there is no earlier size to show" in club_page.words
