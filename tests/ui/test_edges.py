"""Names that queries use themselves, and values at the ends of the calendar and of whole numbers."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from duckmart import mart
from duckmart.data.generations import Generations
from duckmart.data.load import load
from duckmart.insight import activity
from duckmart.mart import Mart
from duckmart.settings import Settings
from duckmart.spec.draft import Draft
from duckmart.spec.draft_json import build
from duckmart.ui.insight import people
from duckmart.ui.streamlit_quirks import distinct
from tests.ui.conftest import Open
from tests.ui.page import Page, size

SINCE = datetime(2026, 3, 1, 3)
USERS = pd.DataFrame(
    {
        "user_id": number,
        "Is_Member": number % 3 == 0,
        "variant": "AB"[number % 2],
        "field": "fg"[number % 2],
        "value": "xyz"[number % 3],
        "members": number % 7,
        "valid_until": ("9999-12-31", "2026-05-04", "2024-01-01")[number % 3],
        "seen_at": f"{SINCE + timedelta(hours=13 * number):%Y-%m-%dT%H:%M:%SZ}",
        "largest": 2**63 - 1 - 2 * number,
        "delta": number % 81 - 40,
    }
    for number in range(1, 401)
)
EVENTS = pd.DataFrame(
    {
        "user_id": 1 + number * 7 % 400,
        "event_name": ("LOGIN", "BUY")[number % 2],
        "timestamp": f"{datetime(2026, 9, 1) + timedelta(minutes=97 * number):%Y-%m-%dT%H:%M:%SZ}",
        "step": 1 + number % 4,
        "times": number % 3,
        "Time": "RS"[number % 2],
    }
    for number in range(1000)
)
FEW = {"user_filters": [{"field": "members", "operator": "gte", "value": 5}]}
THEIR_IDS = set(USERS.loc[USERS["members"] >= 5, "user_id"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("edges")
    USERS.to_csv(made / "users.csv", index=False)
    EVENTS.to_csv(made / "events.csv", index=False)
    now = datetime(2026, 12, 1, tzinfo=UTC)
    generations, settings = Generations(made), Settings(data=made)
    load(made / "users.csv", made / "events.csv", generations, now=now, settings=settings)
    return made


@pytest.fixture(scope="module")
def edges(folder: Path) -> Mart:
    return mart.current(Settings(data=folder))


@pytest.fixture
def page(open_page: Open, folder: Path) -> Page:
    return open_page(folder)


def test_charts_count_members_beside_attributes_named_as_their_columns(edges: Mart) -> None:
    segment, _ = edges.accept(FEW)
    charts = {chart.attribute.name: chart for chart in edges.breakdowns(segment)}
    assert {*charts} == {*USERS.columns} - {"user_id"}
    is_member = USERS["user_id"].isin(THEIR_IDS)
    for name in ("Is_Member", "variant", "field", "value"):
        counted = {bar.value: (bar.everyone, bar.members) for bar in charts[name].bars}
        assert counted == {
            found: (len(rows), is_member[rows.index].sum()) for found, rows in USERS.groupby(name)
        }
    for chart in charts.values():
        assert sum(bar.members for bar in chart.bars) == len(THEIR_IDS), chart.attribute.name


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Asia/Kolkata"])
def test_every_bar_adds_conditions_for_exactly_its_users(edges: Mart, zone: str) -> None:
    everyone, _ = edges.accept({})
    for chart in edges.breakdowns(everyone):
        for bar in chart.bars:
            spec = build(people.with_conditions(Draft(), people.conditions(chart, bar, ZoneInfo(zone)))).spec
            assert size(edges, {**spec, "timezone": zone}) == bar.everyone, (chart.attribute.name, bar)


def test_events_are_counted_beside_properties_named_as_columns(edges: Mart) -> None:
    segment, _ = edges.accept(FEW)
    steps = activity.Steps.of(edges.catalog, edges.as_of(segment))
    found = edges.over_time(segment, steps)
    after = pd.to_datetime(EVENTS["timestamp"]).dt.tz_localize(None) > steps.after
    of_members = EVENTS["user_id"].isin(THEIR_IDS)
    assert sum(done.everyone for done in found) == after.sum()
    assert sum(done.members for done in found) == (after & of_members).sum()
    audience = activity.AudienceSize(len(THEIR_IDS), len(USERS))
    habits = {one.event_name: one.events for one in edges.habits(segment, audience)}
    lately = pd.to_datetime(EVENTS["timestamp"]).dt.tz_localize(None) > steps.until - timedelta(days=90)
    for name, rows in EVENTS[lately].groupby("event_name"):
        assert habits[str(name)] == activity.MemberCounts(int(of_members[rows.index].sum()), len(rows))


def test_the_arm_of_a_split_stands_beside_an_attribute_of_its_name(edges: Mart) -> None:
    segment, _ = edges.accept({"sample": {"split": {"a": 50, "b": 50}, "seed": "x"}})
    table = edges.table(segment, ["variant", "value"])
    assert table.column_names == ["user_id", "variant", "value", "variant_2"]
    assert table.column("variant").to_pylist() == USERS["variant"].tolist()
    assert {*Counter(table.column("variant_2").to_pylist())} == {"a", "b"}


def test_the_timeline_keeps_a_property_named_as_its_column(page: Page) -> None:
    page.paste(FEW).open_tab("Members").choose("Why is a user in, or not? Enter a user id", "8")
    [label] = [label for label in page.labels if label.startswith("Table of") and "of user 8" in label]
    page.press(label)
    [table] = [found.value for found in page.app.dataframe if "Time" in found.value.columns]
    assert {"Time", "Event", "Time (2)", "step", "times"} == {*table.columns}
    own = EVENTS[EVENTS["user_id"] == 8].iloc[::-1]
    assert table["Time (2)"].tolist() == own["Time"].tolist()
    assert table["Event"].tolist() == own["event_name"].tolist()


def test_labels_that_read_alike_are_numbered_and_none_is_lost() -> None:
    assert distinct(["a", "b", "a", "a (2)", "a"]) == ["a", "b", "a (2)", "a (2) (2)", "a (3)"]
    assert distinct([]) == []


@pytest.mark.parametrize("as_of", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Tokyo"])
def test_every_tab_opens_at_the_calendars_ends(page: Page, as_of: str, zone: str) -> None:
    page.paste({**FEW, "as_of": as_of, "timezone": zone})
    assert page.count == len(THEIR_IDS)
    for tab in ("What they do", "What if", "Members"):
        page.open_tab(tab)
        assert not page.app.error
