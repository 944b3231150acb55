"""Weeks that the segment itself asks about are shaded in the chart of events, and the card says so."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.ui.page import Page

MONTH = {"event_name": "LOGIN", "operator": "gte", "count": 1, "time_range_days": 30}
TITLE = "Events per user each week, members beside everyone, the last 52 weeks"


def shaded(page: Page) -> list[tuple[float, float]]:
    """Where the bands of the chart over time begin and end; the last week is at 51."""
    charts = (json.loads(element.proto.spec) for element in page.app.get("plotly_chart"))
    chart = next(chart for chart in charts if chart["data"][0].get("name") == "everyone, per user")
    bands = [shape for shape in chart["layout"].get("shapes", ()) if shape["type"] == "rect"]
    return [(band["x0"], band["x1"]) for band in bands]


def asked(page: Page) -> list[str]:
    page.press(f"Table of {TITLE}")
    [table] = [table.value for table in page.app.dataframe if "Week from" in table.value.columns]
    return [*table["Segment asks about"]]


@pytest.mark.parametrize(
    ("spec", "bands", "words"),
    [
        # 30 days are four weeks and two days of a fifth.
        (
            {"event_filters": [MONTH]},
            [(46.5, 51.5)],
            "asks for LOGIN in the shaded weeks, so more of it there is no news",
        ),
        (
            {"event_filters": [{**MONTH, "count": 0, "operator": "eq"}]},
            [(46.5, 51.5)],
            "asks about LOGIN in the shaded weeks, so more or less of it there is no news",
        ),
        (
            {
                "groups": [
                    {"event_filters": [{**MONTH, "time_range_days": 7}]},
                    {
                        "event_filters": [
                            {
                                "event_name": ["SEARCH", "PAGE_VIEW"],
                                "operator": "gte",
                                "count": 1,
                                "time_range": {"from_days_ago": 70, "to_days_ago": 63},
                            }
                        ]
                    },
                ],
                "logic_operator": "OR",
            },
            [(41.5, 42.5), (50.5, 51.5)],
            r"asks for LOGIN, SEARCH and PAGE\_VIEW in the shaded weeks, so more of them there is no news",
        ),
        (
            {"event_filters": [{**MONTH, "event_name": "*", "time_range_days": 7}]},
            [(50.5, 51.5)],
            "asks for any event in the shaded week, so more of them there is no news",
        ),
    ],
)
def test_weeks_that_the_segment_asks_about_are_shaded_and_said(
    page: Page, spec: Any, bands: list[tuple[float, float]], words: str
) -> None:
    page.paste(spec).open_tab("What they do")

    assert shaded(page) == bands
    assert f"The segment itself {words}." in page.words
    weeks = {place for low, high in bands for place in range(round(low + 0.5), round(high + 0.5))}
    assert {place for place, names in enumerate(asked(page)) if names} == weeks


def test_what_members_did_lately_is_told_of_weeks_without_shade(page: Page, events: Any) -> None:
    page.paste({"event_filters": [MONTH]}).open_tab("What they do")

    newest = events["timestamp"].max()
    weeks = (newest - events["timestamp"]).dt.days // 7
    lately = events["timestamp"] > newest - timedelta(days=30)
    members = set(events.loc[lately & (events["event_name"] == "LOGIN"), "user_id"])
    rows = events[(weeks >= 5) & (weeks < 9)]
    ratio = (rows["user_id"].isin(members).sum() / len(members)) / (len(rows) / 10_000)
    assert f"In the last 4 weeks without shade members did **{ratio:.1f}×** as many events" in page.words


def test_a_segment_that_asks_about_no_event_has_no_shade(page: Page) -> None:
    page.paste({"user_filters": [{"field": "age", "operator": "gte", "value": 60}]})
    page.open_tab("What they do")

    assert shaded(page) == []
    assert "The segment itself" not in page.words
    assert "In the last 4 weeks members did" in page.words
    assert set(asked(page)) == {""}


def test_where_every_week_is_asked_about_no_rate_is_told_as_behaviour(page: Page) -> None:
    page.paste({"event_filters": [{"event_name": "LOGIN", "operator": "gte", "count": 1}]})
    page.open_tab("What they do")

    assert shaded(page) == [(-0.5, 51.5)]
    assert "as many events per user as everyone" not in page.words
