"""The builder around its rows: undo, examples, pasted JSON, warnings, empty states."""

import gc
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from duckmart import instants
from duckmart.engines import Stop
from duckmart.errors import Failed
from duckmart.mart import Mart, Size
from duckmart.spec.examples import Example, examples
from duckmart.spec.segment import Segment
from duckmart.ui.session import answer_cache
from tests.ui import club
from tests.ui.conftest import Open
from tests.ui.page import Page, size

TEXAS = {"field": "location", "operator": "eq", "value": "Texas"}
ACTIVE = {"event_name": "LOGIN", "operator": "gte", "count": 1, "time_range_days": 30}


def test_an_empty_builder_is_everyone(page: Page) -> None:
    assert page.count == 10_000
    assert page.sentence == '<div class="sentence">All users.</div>'
    assert "Everyone is in" in page.words
    assert page.spec == {}
    page.choose("Exclude", True)
    assert page.count == 0
    assert "everyone is excluded" in page.words


# Undo


def test_undo_and_redo_walk_through_every_edit(page: Page) -> None:
    counts = [page.count]
    page.add_attribute("location", "eq", "Texas", "1")
    counts.append(page.count)
    page.choose("Filter 1 value", "Ohio")
    counts.append(page.count)
    page.press("Undo")
    assert (page.count, page.find("Filter 1 value").value) == (counts[1], "Texas")
    page.press("Redo")
    assert (page.count, page.find("Filter 1 value").value) == (counts[2], "Ohio")
    page.press("Undo", "Undo")
    assert page.find("Filter 1 value").value is None
    while not page.find("Undo").disabled:
        page.press("Undo")
    assert (page.count, page.has("Filter 1 attribute")) == (counts[0], False)
    page.press("Redo").press("Add event")
    assert page.find("Redo").disabled


def test_clear_starts_over_and_undo_brings_everything_back(page: Page, demo_mart: Mart) -> None:
    spec = {"user_filters": [TEXAS], "groups": [{"event_filters": [ACTIVE], "negate": True}], "negate": True}
    page.paste(spec).press("Clear")
    assert (page.count, page.spec) == (10_000, {})
    assert page.find("Clear").disabled
    page.press("Undo")
    assert (page.count, page.spec) == (size(demo_mart, spec), spec)


def test_removing_a_row_widens_the_audience(page: Page, demo_mart: Mart) -> None:
    page.paste({"user_filters": [TEXAS], "event_filters": [ACTIVE]}).press("Remove filter 1")
    assert page.count == size(demo_mart, {"event_filters": [ACTIVE]})
    page.press("Remove filter 1")
    assert page.count == 10_000


# Browsers that say what they have yet to redraw

TEXAS_AND_ACTIVE = {"user_filters": [TEXAS], "event_filters": [ACTIVE]}


def test_what_was_undone_stays_so_when_another_row_is_edited_at_once(page: Page) -> None:
    page.paste(TEXAS_AND_ACTIVE).choose("Filter 1 value", "Ohio")
    seen = page.said
    page.press("Undo").choose_before_redrawing(seen, "Filter 2 count", 2)
    assert page.spec == {"user_filters": [TEXAS], "event_filters": [{**ACTIVE, "count": 2}]}
    assert page.find("Filter 1 value").value == "Texas"
    page.choose("Filter 1 value", "Ohio").press("Undo").choose("Filter 1 value", "Ohio")
    assert page.spec["user_filters"] == [{**TEXAS, "value": "Ohio"}]


def test_a_value_of_the_attribute_before_is_no_value_of_the_next(page: Page) -> None:
    page.paste({**TEXAS_AND_ACTIVE, "user_filters": [{"field": "age", "operator": "gte", "value": 30}]})
    page.find("Filter 1 attribute").set_value("location")
    seen = page.said
    page.run().choose_before_redrawing(seen, "Filter 2 count", 2)
    assert page.find("Filter 1 attribute").value == "location"
    assert page.find("Filter 1 value").value == []
    assert "not applied yet" in page.words
    adults = {"field": "age", "operator": "gte", "value": 30}
    assert page.spec == {"user_filters": [adults], "event_filters": [{**ACTIVE, "count": 2}]}


def test_a_removed_row_stays_so_when_another_is_edited_at_once(page: Page) -> None:
    page.paste(TEXAS_AND_ACTIVE)
    seen = page.said
    page.press("Remove filter 1").choose_before_redrawing(seen, "Filter 1 count", 2)
    assert page.spec == {"event_filters": [{**ACTIVE, "count": 2}]}


# Examples


def test_every_example_opens_with_the_count_and_the_spec_of_the_mart(page: Page, demo_mart: Mart) -> None:
    for shown in examples():
        page.find("Examples").click(shown.id)
        page.run()
        assert page.count == size(demo_mart, shown.spec) > 0
        assert page.spec == shown.spec


@pytest.mark.parametrize("shown", examples()[:1], ids=lambda shown: shown.id)
def test_an_example_is_an_edit_like_any_other(page: Page, shown: Example) -> None:
    page.find("Examples").click(shown.id)
    page.run().press("Undo")
    assert page.spec == {}


# Pasted JSON


def test_pasted_json_becomes_rows_that_give_the_same_json(page: Page, demo_mart: Mart) -> None:
    spec = {
        "user_filters": [TEXAS, {"field": "age", "operator": "in", "value": [30, 40]}],
        "event_filters": [ACTIVE],
        "groups": [
            {"user_filters": [TEXAS], "event_filters": [ACTIVE], "logic_operator": "OR", "negate": True}
        ],
    }
    page.paste(spec)
    assert page.spec == spec
    assert page.find("Filter 2 value").value == [30, 40]
    assert page.find("Filter 4.2 window").value == 30
    assert page.find("Exclude group 4").value is True
    assert page.count == size(demo_mart, spec)


def test_pasted_json_with_errors_lists_all_of_them_and_keeps_the_draft(page: Page) -> None:
    page.paste({"user_filters": [TEXAS]})
    before = page.count
    page.paste(
        {
            "user_filters": [
                {"field": "agee", "operator": "gte", "value": 1},
                {"field": "age", "operator": "like", "value": "x%"},
                {"field": "age", "operator": "gte", "value": "25"},
            ],
            "event_filters": [{"event_name": "LOGIN", "operator": "gte", "count": -1}],
            "groups": [{"evnt_filters": []}],
        }
    )
    said = [text.value for text in page.app.text]
    assert "5 problems to fix" in page.app.error[0].value
    assert len(said) == 5
    for words in ("did you mean 'age'", "like does not suit 'age'", "without quotes", "did you mean 'event"):
        assert any(words in line for line in said), words
    assert any(line.startswith("• event_filters.0.count: ") for line in said)
    page.run()
    assert (page.count, page.spec) == (before, {"user_filters": [TEXAS]})


def test_pasted_text_that_is_no_json_says_where_it_breaks(page: Page) -> None:
    page.paste('{"user_filters": [}')
    assert "not JSON" in page.app.text[0].value
    assert "column 19" in page.app.text[0].value


def test_a_limit_stays_in_the_json_and_changes_no_count_and_no_sql(page: Page, demo_mart: Mart) -> None:
    spec = {"user_filters": [TEXAS], "limit": 5}
    page.paste(spec)
    assert page.count == size(demo_mart, {"user_filters": [TEXAS]}) > 5
    assert page.spec == spec
    assert "LIMIT" not in page.sql
    assert "limit of 5 is for API answers" in page.words


def test_a_moment_of_its_own_counts_from_there_and_is_said(page: Page, demo_mart: Mart) -> None:
    spec = {"event_filters": [ACTIVE], "as_of": "2025-06-01T00:00:00Z"}
    page.paste(spec)
    assert page.count == size(demo_mart, spec) != size(demo_mart, {"event_filters": [ACTIVE]})
    assert "as of 01 Jun 2025, 00:00 UTC" in page.words
    assert "Counted back from the moment that is set below" in page.words


def test_a_decimal_is_shown_and_kept_as_it_was_written(club_page: Page) -> None:
    row = {"field": "spent", "operator": "eq", "value": Decimal("20.01")}
    club_page.paste({"user_filters": [row]})
    assert club_page.find("Filter 1 value").value == 20.01
    assert club_page.spec == {"user_filters": [row]}
    assert club_page.count == sum(user["spent"] == "20.01" for user in club.USERS)


# Warnings and empty results


def test_an_unknown_event_or_value_is_warned_of_beside_its_row_with_the_nearest_name(page: Page) -> None:
    page.paste(
        {
            "user_filters": [{"field": "location", "operator": "in", "value": ["Californa"]}],
            "event_filters": [{"event_name": "LOGINS", "operator": "eq", "count": 0}],
            "logic_operator": "OR",
        }
    )
    assert page.count == 10_000
    assert 'location is "Californa"' in page.words
    assert "2 warnings beside the rows" in page.words
    assert "LOGINS · 0" in page.find("Filter 2 event").options
    page.press("Use California", "Use LOGIN")
    assert "warning" not in page.words
    assert page.find("Filter 1 value").value == ["California"]
    assert page.find("Filter 2 event").value == "LOGIN"
    page.press("Undo")
    assert page.has("Use LOGIN")


def test_a_condition_that_stands_twice_can_be_removed_with_one_click(page: Page) -> None:
    page.paste({"user_filters": [TEXAS, TEXAS]}).press("Remove this one")
    assert page.spec == {"user_filters": [TEXAS]}


def test_a_warning_calls_other_rows_what_the_page_calls_them(page: Page) -> None:
    young, old = (
        {"field": "age", "operator": "lt", "value": 20},
        {"field": "age", "operator": "gt", "value": 60},
    )
    page.paste(
        {"user_filters": [old], "groups": [{"user_filters": [TEXAS, old, young]}], "logic_operator": "OR"}
    )
    assert r"both this and filter 2\.2 \(age is more than 60\)" in page.words
    page.press("Add attribute")
    assert r"both this and filter 3\.2 \(age is more than 60\)" in page.words


def test_a_segment_without_members_says_so_and_offers_no_download(page: Page) -> None:
    page.add_attribute("age", "gt", 200, "1")
    assert page.count == 0
    assert "Nobody matches" in page.words
    assert page.app.download_button[0].disabled


# An engine that fails


@pytest.mark.parametrize(("asked", "shown"), [("size", "metric"), ("breakdowns", "plotly_chart")])
def test_what_the_engine_could_not_answer_is_said_and_can_be_asked_again(
    page: Page, monkeypatch: pytest.MonkeyPatch, asked: str, shown: str
) -> None:
    def fails(*_: Any) -> None:
        raise Failed("the query needs more memory than 1GB: ask for less at once, or raise DUCKMART_MEMORY")

    with monkeypatch.context() as broken:
        broken.setattr(Mart, asked, fails)
        page.add_attribute("age", "gte", 33, "1")
        assert "The query needs more memory than 1GB" in page.words
        assert page.find("Filter 1 value").value == 33
    page.press("Try again")
    assert not page.app.error
    assert page.count > 0
    assert page.app.get(shown)


# What a session keeps


def test_many_edits_keep_no_more_figures_than_the_page_shows(page: Page) -> None:
    def figures() -> int:
        gc.collect()
        return sum(isinstance(thing, go.Figure) for thing in gc.get_objects())

    page.add_attribute("age", "gte", 20, "1")
    before = figures()
    for age in range(21, 27):
        page.choose("Filter 1 value", age)
    assert before > 0
    assert figures() <= before


def test_an_answer_that_was_used_last_is_kept_longest(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Segment] = []

    def counted(mart: Mart, segment: Segment, stop: Stop | None = None) -> Size:
        asked.append(segment)
        return of_mart(mart, segment, stop)

    of_mart = Mart.size
    monkeypatch.setattr(Mart, "size", counted)
    monkeypatch.setattr(answer_cache, "ANSWERS_KEPT", 8)  # those on two segments
    before = page.add_attribute("age", "gte", 20, "1").count
    page.choose("Filter 1 value", 21).press("Undo").choose("Filter 1 value", 22)
    assert len(asked) == 3
    assert page.press("Undo").count == before
    assert len(asked) == 3
    page.choose("Filter 1 value", 21)
    assert len(asked) == 4


# One moment on one page


def test_all_that_is_shown_is_of_the_moment_of_the_count(
    open_page: Open, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = datetime(2026, 11, 20, 10)
    monkeypatch.setenv("DUCKMART_AS_OF", "now")
    monkeypatch.setattr(instants, "now", lambda: clock)
    page = open_page(demo).paste({"event_filters": [{**ACTIVE, "time_range_days": 1}]})
    count = page.count
    clock = datetime(2026, 11, 21, 10)
    page.open_tab("Members")
    assert page.count == count
    assert f"of {count:,} members by user id" in page.words
    assert len(page.app.dataframe[0].value) == min(count, 100)
    assert "19 Nov – 20 Nov" in page.words
    assert "2026-11-20 10:00:00" in page.sql
    page.choose("Filter 1 count", 2)
    assert "as of 21 Nov 2026, 10:00 UTC" in page.words
    assert "2026-11-21 10:00:00" in page.sql


# Names that could break a page


def test_names_and_values_from_the_data_are_shown_as_they_are(club_page: Page) -> None:
    club_page.paste(
        {
            "user_filters": [
                {"field": "<b>tier</b>", "operator": "eq", "value": "<b>one</b>"},
                {"field": "user_id", "operator": "in", "value": [f"*{place}*" for place in range(150)]},
            ],
            "event_filters": [{"event_name": club.MARKUP_EVENT, "operator": "gte", "count": 0}],
            "logic_operator": "OR",
        }
    )
    assert "&lt;b&gt;tier&lt;/b&gt; is “&lt;b&gt;one&lt;/b&gt;”" in club_page.sentence
    assert r'user\_id is "\*0\*"' in club_page.words
    charts = "".join(chart.proto.spec for chart in club_page.app.get("plotly_chart"))
    assert "<b>" not in charts.replace(r"\u003c", "<")
    assert "&lt;b&gt;" in charts.replace(r"\u0026", "&")
    titles = [header.value for header in club_page.app.header]
    assert "&lt;b&gt;tier&lt;/b&gt;" in titles


def test_the_preview_says_how_many_of_how_many_it_shows(page: Page) -> None:
    page.add_attribute("location", "eq", "Texas", "1")
    page.open_tab("Members")
    assert f"The first 100 of {page.count:,} members" in page.words


def test_a_user_is_explained_condition_by_condition(page: Page, events: pd.DataFrame) -> None:
    page.paste({"event_filters": [{"event_name": "LOGIN", "operator": "gte", "count": 3}]})
    page.open_tab("Members")
    logins = events[events["event_name"] == "LOGIN"].groupby("user_id").size()
    once = str(logins[logins == 1].index[0])
    page.choose(WHY, once)
    assert f"**{once} is not in the segment**" in page.words
    assert "LOGIN at least 3 times · once · :gray[holds with at least 1]" in page.words
    often = str(logins[logins >= 3].index[0])
    page.choose(WHY, often)
    assert f"**{often} is in the segment**" in page.words
    page.choose(WHY, "nobody")
    assert "The data has no user nobody" in page.words


WHY = "Why is a user in, or not? Enter a user id"
