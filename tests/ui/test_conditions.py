"""Every kind of condition clicked together: measures, windows, properties, sequences, lists, menus."""

import csv
from decimal import Decimal
from io import StringIO
from typing import Any

import pandas as pd
import pytest

from duckmart.catalog import Column
from duckmart.mart import Mart
from duckmart.spec.kinds import Kind
from duckmart.spec.lengths import HOURS, Length
from duckmart.ui.editor import paste_values
from duckmart.ui.session import state
from tests.ui import club
from tests.ui.page import Page, size

LOGIN = {"event_name": "LOGIN", "operator": "gte", "count": 1}
TEXAS = {"field": "location", "operator": "eq", "value": "Texas"}
OHIO = {"field": "location", "operator": "eq", "value": "Ohio"}


def shows(page: Page, mart: Mart, spec: Any) -> None:
    """The page stands for the spec, and counts it as the mart does."""
    assert page.spec == spec
    assert page.count == size(mart, spec)


# Events


def test_a_total_of_a_property_in_a_window_of_days_ago(page: Page, demo_mart: Mart) -> None:
    page.press("Add event").choose("Filter 1 event", "PURCHASE_MADE")
    page.more("Filter 1", "Measure something else").choose("Filter 1 measure", "sum")
    assert page.find("Filter 1 measured property").value == "amount"
    page.choose("Filter 1 value", 100).choose("Filter 1 window", "days ago")
    page.choose("Filter 1 from days ago", 90).choose("Filter 1 to days ago", 30)
    bought = {
        "event_name": "PURCHASE_MADE",
        "operator": "gte",
        "measure": {"sum": "amount"},
        "value": 100,
        "time_range": {"from_days_ago": 90, "to_days_ago": 30},
    }
    shows(page, demo_mart, {"event_filters": [bought]})
    assert "24 Aug – 23 Oct" in page.words
    page.choose("Filter 1 measure", "count")
    assert not page.has("Filter 1 measure")
    assert page.find("Filter 1 count").value == 1


def test_a_median_is_one_of_the_measures_of_a_number(page: Page, demo_mart: Mart) -> None:
    page.press("Add event").choose("Filter 1 event", "PURCHASE_MADE")
    page.more("Filter 1", "Measure something else").choose("Filter 1 measure", "median")
    assert page.find("Filter 1 measured property").value == "amount"
    page.choose("Filter 1 value", 62.5)
    usual = {"event_name": "PURCHASE_MADE", "operator": "gte", "measure": {"median": "amount"}, "value": 62.5}
    shows(page, demo_mart, {"event_filters": [usual]})


def test_users_are_ranked_by_an_attribute_and_by_a_measure(page: Page, demo_mart: Mart) -> None:
    page.press("Add attribute").choose("Filter 1 attribute", "age").choose("Filter 1 operator", "top")
    assert page.find("Filter 1 value").value == 100
    page.choose("Filter 1 value", 250).choose("Filter 1 operator", "bottom_percent")
    assert page.find("Filter 1 value").value == 10
    youngest = {"field": "age", "operator": "bottom_percent", "value": Decimal("2.5")}
    page.choose("Filter 1 value", 2.5)
    shows(page, demo_mart, {"user_filters": [youngest]})

    page.add_event("LOGIN", "gte", 3, "2").choose("Filter 2 operator", "top").choose("Filter 2 value", 20)
    most = {"event_name": "LOGIN", "operator": "top", "value": 20}
    shows(page, demo_mart, {"user_filters": [youngest], "event_filters": [most]})
    page.choose("Filter 2 operator", "gt").choose("Filter 2 count", 4)
    page.more("Filter 2", "Only events with a property").choose("Filter 2 property 1 property", "amount")
    assert "top" not in page.find("Filter 2 property 1 operator").options
    page.press("Remove filter 2")

    page.press("Add event").choose("Filter 2 event", "PURCHASE_MADE")
    page.more("Filter 2", "Measure something else").choose("Filter 2 measure", "sum")
    page.choose("Filter 2 operator", "top_percent")
    spent = {
        "event_name": "PURCHASE_MADE",
        "measure": {"sum": "amount"},
        "operator": "top_percent",
        "value": 10,
    }
    shows(page, demo_mart, {"user_filters": [youngest], "event_filters": [spent]})


def test_a_measure_is_compared_with_another(page: Page, demo_mart: Mart) -> None:
    page.add_event("PURCHASE_MADE", "gte", 1, "1").choose("Filter 1 window", 30)
    page.more("Filter 1", "Compare with another measure")
    before = {"from_days_ago": 60, "to_days_ago": 30}
    row = {"event_name": "PURCHASE_MADE", "operator": "gte", "time_range_days": 30}
    same = {"event_name": "PURCHASE_MADE", "time_range": before}
    shows(page, demo_mart, {"event_filters": [row | {"than": same}]})

    page.choose("Filter 1 measure", "sum").choose("Filter 1 other measure", "sum")
    page.choose("Filter 1 operator", "lt").choose("Filter 1 times", 0.5)
    total = {"measure": {"sum": "amount"}}
    less = row | total | {"operator": "lt", "times": Decimal("0.5"), "than": same | total}
    shows(page, demo_mart, {"event_filters": [less]})
    assert "is less than 0.5 times the total amount of PURCHASE_MADE" in page.sentence

    page.choose("Filter 1 times", 1).more("Filter 1", "Only other events with a property")
    page.choose("Filter 1 other property 1 property", "category")
    page.choose("Filter 1 other property 1 value", ["Books"])
    books = {"where": [{"field": "category", "operator": "in", "value": ["Books"]}]}
    del less["times"]
    shows(page, demo_mart, {"event_filters": [less | {"than": same | total | books}]})

    page.more("Filter 1", "Compare with a number").choose("Filter 1 value", 100)
    shows(page, demo_mart, {"event_filters": [row | total | {"operator": "lt", "value": 100}]})


def test_another_measure_waits_for_its_event(page: Page, demo_mart: Mart) -> None:
    page.add_event("LOGIN", "gte", 2, "1").more("Filter 1", "Compare with another measure")
    shows(page, demo_mart, {"event_filters": [{**LOGIN, "count": 2}]})
    assert "finish this row" in page.words

    page.choose("Filter 1 other event", "PURCHASE_MADE").choose("Filter 1 other measure", "days_since_last")
    assert not page.has("Filter 1 other window")
    ago = {"event_name": "PURCHASE_MADE", "measure": "days_since_last"}
    shows(page, demo_mart, {"event_filters": [{"event_name": "LOGIN", "operator": "gte", "than": ago}]})


def test_the_last_of_a_text_property_is_one_of_its_values(page: Page, demo_mart: Mart) -> None:
    page.press("Add event").choose("Filter 1 event", "PURCHASE_MADE")
    page.more("Filter 1", "Measure something else").choose("Filter 1 measure", "last")
    page.choose("Filter 1 measured property", "category")
    page.choose("Filter 1 value", ["Books"])
    last = {
        "event_name": "PURCHASE_MADE",
        "operator": "in",
        "measure": {"last": "category"},
        "value": ["Books"],
    }
    shows(page, demo_mart, {"event_filters": [last]})


def test_days_since_the_last_event_have_no_window(page: Page, demo_mart: Mart) -> None:
    page.add_event("LOGIN", "gte", 1, "1")
    page.more("Filter 1", "Measure something else").choose("Filter 1 measure", "days_since_last")
    assert not page.has("Filter 1 window")
    page.choose("Filter 1 value", 2.5)
    since = {"event_name": "LOGIN", "operator": "gte", "measure": "days_since_last"}
    assert page.spec["event_filters"][0].pop("value") == pytest.approx(2.5)
    assert {key: part for key, part in page.spec["event_filters"][0].items() if key != "value"} == since
    assert page.count == size(demo_mart, {"event_filters": [{**since, "value": 2.5}]})


def test_a_count_between_two_bounds(page: Page, demo_mart: Mart) -> None:
    page.add_event("LOGIN", "gte", 2, "1").choose("Filter 1 operator", "between")
    assert "not applied yet" in page.words
    page.choose("Filter 1 value to", 4)
    shows(page, demo_mart, {"event_filters": [{**LOGIN, "operator": "between", "count": [2, 4]}]})


def test_several_events_any_event_and_one_again(page: Page, demo_mart: Mart) -> None:
    page.add_event("LOGIN", "gte", 1, "1").more("Filter 1", "Several events")
    page.choose("Filter 1 events", ["LOGIN", "SEARCH"])
    shows(page, demo_mart, {"event_filters": [{**LOGIN, "event_name": ["LOGIN", "SEARCH"]}]})
    page.more("Filter 1", "One event").choose("Filter 1 event", "*")
    shows(page, demo_mart, {"event_filters": [{**LOGIN, "event_name": "*"}]})


def test_events_with_properties(page: Page, demo_mart: Mart) -> None:
    page.add_event("PURCHASE_MADE", "gte", 1, "1").more("Filter 1", "Only events with a property")
    assert "not applied yet" in page.words
    page.choose("Filter 1 property 1 property", "category").choose("Filter 1 property 1 value", ["Books"])
    page.more("Filter 1", "Only events with a property").choose("Filter 1 property 2 property", "amount")
    page.choose("Filter 1 property 2 operator", "lt").choose("Filter 1 property 2 value", 20)
    where = [
        {"field": "category", "operator": "in", "value": ["Books"]},
        {"field": "amount", "operator": "lt", "value": 20},
    ]
    bought = {"event_name": "PURCHASE_MADE", "operator": "gte", "count": 1}
    shows(page, demo_mart, {"event_filters": [{**bought, "where": where}]})
    page.press("Remove filter 1 property 1")
    shows(page, demo_mart, {"event_filters": [{**bought, "where": where[1:]}]})
    page.press("Remove filter 1 property 1")
    shows(page, demo_mart, {"event_filters": [bought]})


@pytest.mark.parametrize(
    ("label", "typed"), [("count", -3), ("from days ago", 0), ("from days ago", 999_999_999)]
)
def test_a_number_that_cannot_be_is_marked_beside_its_row(page: Page, label: str, typed: int) -> None:
    page.paste({"event_filters": [{**LOGIN, "time_range": {"from_days_ago": 60, "to_days_ago": 30}}]})
    page.choose(f"Filter 1 {label}", typed)
    assert page.find(f"Filter 1 {label}").value == typed
    assert "Fix the highlighted rows" in page.words
    assert page.app.metric[0].value == "–"
    page.choose(f"Filter 1 {label}", 61)
    assert page.app.metric[0].value != "–"


def test_a_window_between_dates_with_an_open_end(page: Page, demo_mart: Mart) -> None:
    page.add_event("LOGIN", "gte", 1, "1").choose("Filter 1 window", "between dates")
    assert "not applied yet" in page.words
    page.choose("Filter 1 from", pd.Timestamp("2026-10-01").date())
    shows(page, demo_mart, {"event_filters": [{**LOGIN, "time_range": {"from": "2026-10-01"}}]})
    page.choose("Filter 1 to", pd.Timestamp("2026-10-31").date())
    ranged = {"from": "2026-10-01", "to": "2026-10-31"}
    shows(page, demo_mart, {"event_filters": [{**LOGIN, "time_range": ranged}]})
    assert "1 Oct – 31 Oct" in page.words
    page.choose("Filter 1 from", None)
    shows(page, demo_mart, {"event_filters": [{**LOGIN, "time_range": {"to": "2026-10-31"}}]})
    page.choose("Filter 1 window", 30)
    shows(page, demo_mart, {"event_filters": [{**LOGIN, "time_range_days": 30}]})


@pytest.mark.parametrize(
    ("typed", "days"),
    [("45", 45), ("45 days", 45), ("in the last 1,000 days", 1000), ("2 weeks", 14), ("1W", 7)],
)
def test_a_window_is_typed_in_days_or_weeks(page: Page, typed: str, days: int) -> None:
    page.add_event("LOGIN", "gte", 1, "1").type("Filter 1 window", typed)
    assert page.spec == {"event_filters": [{**LOGIN, "time_range_days": days}]}


@pytest.mark.parametrize(
    ("typed", "hours"),
    [("6 hours", 6), ("in the last hour", None), ("1 hour", 1), ("36H", 36), ("876,000 h", 876_000)],
)
def test_a_window_is_typed_in_hours(page: Page, demo_mart: Mart, typed: str, hours: int | None) -> None:
    page.add_event("LOGIN", "gte", 1, "1").type("Filter 1 window", typed)
    if hours is None:
        assert "is not a number of days, weeks or hours" in page.app.toast[0].value
        return
    shows(page, demo_mart, {"event_filters": [{**LOGIN, "time_range_hours": hours}]})
    assert page.find("Filter 1 window").value == Length(hours, HOURS)


def test_a_window_of_hours_shows_when_it_begins_and_ends(page: Page, demo_mart: Mart) -> None:
    page.add_event("LOGIN", "gte", 1, "1").choose("Filter 1 window", Length(6, HOURS))
    shows(page, demo_mart, {"event_filters": [{**LOGIN, "time_range_hours": 6}]})
    assert "22 Nov, 17:59 – 23:59" in page.words
    page.type("Filter 1 window", "30 hours")
    assert "21 Nov, 17:59 – 22 Nov, 23:59" in page.words
    page.choose("Filter 1 window", 7)
    shows(page, demo_mart, {"event_filters": [{**LOGIN, "time_range_days": 7}]})


@pytest.mark.parametrize("typed", ["3 months", "2 days ago", "soon", "0", "30.5", "1,5", "-3"])
def test_a_window_that_is_no_number_of_days_is_refused_in_words(page: Page, typed: str) -> None:
    page.add_event("LOGIN", "gte", 1, "1").choose("Filter 1 window", 30).type("Filter 1 window", typed)
    assert page.spec == {"event_filters": [{**LOGIN, "time_range_days": 30}]}
    assert "is not a number of days, weeks or hours" in page.app.toast[0].value


def test_windows_show_the_year_where_it_is_not_that_of_the_count(page: Page) -> None:
    page.paste({"event_filters": [{**LOGIN, "time_range_days": 365}]})
    assert "22 Nov 2025 – 22 Nov 2026" in page.words
    page.paste({"event_filters": [{**LOGIN, "time_range": {"from": "2025-10-01", "to": "2025-10-31"}}]})
    assert "1 Oct – 31 Oct 2025" in page.words


def test_a_window_from_a_date_of_the_users_own(page: Page, demo_mart: Mart) -> None:
    page.add_event("LOGIN", "eq", 0, "1").choose("Filter 1 window", "days after their own date")
    page.choose("Filter 1 days", 7)
    ranged = {"within_days_of": "signup_date", "days": 7}
    shows(page, demo_mart, {"event_filters": [{**LOGIN, "operator": "eq", "count": 0, "time_range": ranged}]})


# Sequences


def test_a_sequence_with_a_step_that_did_not_come(page: Page, demo_mart: Mart) -> None:
    page.press("Add sequence")
    assert "Not counted yet" in page.words
    page.choose("Filter 1 step 1 event", "ADDED_TO_CART").choose("Filter 1 step 2 event", "PURCHASE_MADE")
    page.choose("Filter 1 step 2 absent", True).choose("Filter 1 within days", 3)
    page.choose("Filter 1 window", 30)
    abandoned = {
        "steps": [{"event_name": "ADDED_TO_CART"}, {"event_name": "PURCHASE_MADE", "absent": True}],
        "within_days": 3,
        "time_range_days": 30,
    }
    shows(page, demo_mart, {"sequence_filters": [abandoned]})
    page.press("Add step to filter 1").choose("Filter 1 step 2 event", "CHECKOUT_STARTED")
    steps = [abandoned["steps"][0], {"event_name": "CHECKOUT_STARTED"}, abandoned["steps"][1]]
    shows(page, demo_mart, {"sequence_filters": [{**abandoned, "steps": steps}]})
    page.choose("Filter 1 did", "did_not")
    shows(page, demo_mart, {"sequence_filters": [{**abandoned, "steps": steps, "operator": "did_not"}]})
    page.choose("Filter 1 did", "did").press("Remove filter 1 step 2")
    shows(page, demo_mart, {"sequence_filters": [abandoned]})


def test_a_sequence_may_take_hours(page: Page, demo_mart: Mart) -> None:
    steps = [{"event_name": "ADDED_TO_CART"}, {"event_name": "PURCHASE_MADE"}]
    page.paste({"sequence_filters": [{"steps": steps, "within_days": 3}]})
    page.choose("Filter 1 unit of time", "hours").choose("Filter 1 within hours", 36)
    shows(page, demo_mart, {"sequence_filters": [{"steps": steps, "within_hours": 36}]})
    page.choose("Filter 1 unit of time", "days")
    shows(page, demo_mart, {"sequence_filters": [{"steps": steps, "within_days": 36}]})


def test_a_step_of_events_with_a_property(page: Page, demo_mart: Mart) -> None:
    page.press("Add sequence").choose("Filter 1 step 1 event", "PURCHASE_MADE")
    page.choose("Filter 1 step 2 event", "PURCHASE_MADE").press("Add property to filter 1 step 2")
    page.choose("Filter 1 step 2 property 1 property", "amount")
    page.choose("Filter 1 step 2 property 1 value", 50)
    where = [{"field": "amount", "operator": "gte", "value": 50}]
    steps = [{"event_name": "PURCHASE_MADE"}, {"event_name": "PURCHASE_MADE", "where": where}]
    shows(page, demo_mart, {"sequence_filters": [{"steps": steps, "within_days": 7}]})


# Attributes


def test_an_attribute_beside_another_one(club_page: Page) -> None:
    page = club_page.press("Add attribute").choose("Filter 1 attribute", "order")
    page.more("Filter 1", "Compare with another attribute")
    assert page.find("Filter 1 other attribute").options == ["spent"]
    page.choose("Filter 1 other attribute", "spent").choose("Filter 1 operator", "gt")
    assert page.spec == {"user_filters": [{"field": "order", "operator": "gt", "other_field": "spent"}]}
    more = [user for user in club.USERS if user["spent"] and user["order"] > float(user["spent"])]
    assert page.count == len(more) > 0
    page.more("Filter 1", "Compare with a value").choose("Filter 1 value", 3)
    assert page.spec == {"user_filters": [{"field": "order", "operator": "gt", "value": 3}]}


def test_an_anniversary_in_some_days(page: Page, demo_mart: Mart) -> None:
    page.press("Add attribute").choose("Filter 1 attribute", "signup_date")
    page.choose("Filter 1 operator", "anniversary_in_last_days").choose("Filter 1 value", 0)
    row = {"field": "signup_date", "operator": "anniversary_in_last_days", "value": 0}
    shows(page, demo_mart, {"user_filters": [row]})
    assert "has an anniversary today" in page.sentence
    page.choose("Filter 1 operator", "anniversary_in_next_days").choose("Filter 1 value", 60)
    shows(page, demo_mart, {"user_filters": [{**row, "operator": "anniversary_in_next_days", "value": 60}]})
    page.choose("Filter 1 value", 367)
    assert "write a whole number from 0 to 366" in page.words


def test_between_two_numbers_and_two_dates(page: Page, demo_mart: Mart) -> None:
    page.press("Add attribute").choose("Filter 1 attribute", "age").choose("Filter 1 operator", "between")
    page.choose("Filter 1 value from", 25).choose("Filter 1 value to", 34)
    page.press("Add attribute").choose("Filter 2 attribute", "signup_date")
    page.choose("Filter 2 operator", "not_between")
    page.choose("Filter 2 value from", pd.Timestamp("2025-01-01").date())
    page.choose("Filter 2 value to", pd.Timestamp("2025-12-31").date())
    ages = {"field": "age", "operator": "between", "value": [25, 34]}
    dates = {"field": "signup_date", "operator": "not_between", "value": ["2025-01-01", "2025-12-31"]}
    shows(page, demo_mart, {"user_filters": [ages, dates]})


def test_reversed_bounds_are_said_beside_their_row_and_keep_what_was_typed(page: Page) -> None:
    page.press("Add attribute").choose("Filter 1 attribute", "age").choose("Filter 1 operator", "between")
    page.choose("Filter 1 value from", 40).choose("Filter 1 value to", 30)
    assert "Fix the highlighted rows" in page.words
    assert page.find("Filter 1 value from").value == 40
    page.choose("Filter 1 value to", 50)
    assert page.count > 0


def test_letter_case_of_a_part_of_a_text(page: Page, demo_mart: Mart) -> None:
    page.add_attribute("location", "contains", "new", "1")
    shows(page, demo_mart, {"user_filters": [{"field": "location", "operator": "contains", "value": "new"}]})
    assert page.count > 0
    page.more("Filter 1", "Match letter case")
    assert page.spec["user_filters"][0]["case_sensitive"] is True
    assert page.count == 0
    page.more("Filter 1", "Ignore letter case")
    assert page.count > 0


# Lists


def test_a_pasted_list_reports_what_the_data_knows_and_becomes_the_value(page: Page, demo_mart: Mart) -> None:
    page.press("Add attribute").choose("Filter 1 attribute", "user_id")

    def dialog() -> None:
        page.more("Filter 1", "Paste or upload a list…")

    dialog()
    page.find("Pasted values").set_value("1, 2, 3\n3; 99999999\nseven\n")
    dialog()
    said = page.words
    for words in ("3 matched", "1 unknown", "99999999", "1 left out", "seven", "1 repeated"):
        assert words in said, words
    page.find("Use 4 values").click()
    dialog()
    listed = {"field": "user_id", "operator": "in", "value": [1, 2, 3, 99999999]}
    shows(page, demo_mart, {"user_filters": [listed]})
    assert page.count == 3


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1,5", None), ("12,50", None), ("1,234", 1234), ("-1,234,567", -1234567), ("1,23,456", None)],
)
def test_a_comma_groups_thousands_or_the_number_cannot_be_read(cell: str, number: int | None) -> None:
    listed = paste_values.read([cell], Column("spent", Kind.NUMBER))
    assert listed.values == (() if number is None else (number,))
    assert listed.unread == ((cell,) if number is None else ())


def test_a_list_of_binary_fractions_matches_what_the_condition_finds() -> None:
    column = Column("score", Kind.NUMBER, floating=True)
    listed = paste_values.read(["0.1", "0.2"], column)
    report = " ".join(paste_values._report(listed, frozenset({0.1, 0.3}), column))
    assert "**1 matched** of 2" in report
    assert "**1 unknown** to the data: 0\\.2" in report


def test_a_line_longer_than_any_value_is_left_out_and_said(page: Page) -> None:
    page.press("Add attribute").choose("Filter 1 attribute", "user_id")
    page.more("Filter 1", "Paste or upload a list…")
    page.find("Pasted values").set_value("1\n" + " ".join(map(str, range(40_000))))
    page.more("Filter 1", "Paste or upload a list…")
    assert "1 left out" in page.words
    assert page.has("Use 1 value")


def test_a_list_stays_excluded_when_it_is_pasted_anew(page: Page) -> None:
    row = {"field": "user_id", "operator": "not_in", "value": [1, 2, 3]}
    page.paste({"user_filters": [row]}).more("Filter 1", "Paste or upload a list…")
    page.find("Pasted values").set_value("4, 5")
    page.more("Filter 1", "Paste or upload a list…")
    page.find("Use 2 values").click()
    page.more("Filter 1", "Paste or upload a list…")
    assert page.spec == {"user_filters": [{**row, "value": [4, 5]}]}


def test_an_uploaded_file_gives_the_column_of_the_attribute(page: Page, users: pd.DataFrame) -> None:
    page.press("Add attribute").choose("Filter 1 attribute", "user_id")
    wanted = [int(user) for user in users.user_id.head(500)]
    text = StringIO()
    csv.writer(text).writerows([["name", "user_id"], *([f"x, {one}", one] for one in wanted)])
    page.more("Filter 1", "Paste or upload a list…")
    page.app.file_uploader[0].upload("list.csv", text.getvalue().encode("utf-8-sig"), "text/csv")
    page.more("Filter 1", "Paste or upload a list…")
    assert "500 matched" in page.words
    page.find("Exclude them: is none of these").set_value(True)
    page.more("Filter 1", "Paste or upload a list…")
    page.find("Use 500 values").click()
    page.more("Filter 1", "Paste or upload a list…")
    assert page.count == len(users) - 500
    assert "500 values" in page.words


# Menus of rows


def test_a_row_is_duplicated_muted_and_counts_again(page: Page, demo_mart: Mart) -> None:
    page.paste({"user_filters": [TEXAS], "logic_operator": "OR"}).more("Filter 1", "Duplicate")
    page.choose("Filter 2 value", "Ohio")
    both = {"user_filters": [TEXAS, OHIO], "logic_operator": "OR"}
    shows(page, demo_mart, both)
    page.more("Filter 1", "Mute")
    shows(page, demo_mart, {"user_filters": [OHIO], "logic_operator": "OR"})
    assert "Muted: kept here" in page.words
    assert "1 muted row is left out" in page.words
    page.more("Filter 1", "Count again")
    shows(page, demo_mart, both)


def test_rows_move_among_their_kind_and_between_groups(page: Page) -> None:
    page.paste({"user_filters": [TEXAS, OHIO], "groups": [{"event_filters": [LOGIN], "negate": True}]})
    page.more("Filter 1", "Move down")
    assert page.spec["user_filters"] == [OHIO, TEXAS]
    page.more("Filter 2", "Move to group 3")
    assert page.spec["user_filters"] == [OHIO]
    assert page.spec["groups"] == [{"user_filters": [TEXAS], "event_filters": [LOGIN], "negate": True}]
    page.more("Filter 2.1", "Move to the segment")
    assert page.spec["user_filters"] == [OHIO, TEXAS]
    page.press("Undo", "Undo", "Undo")
    assert page.spec["user_filters"] == [TEXAS, OHIO]


def test_a_group_is_duplicated_and_muted(page: Page) -> None:
    group = {"event_filters": [LOGIN], "negate": True}
    page.paste({"user_filters": [TEXAS], "groups": [group]}).more("Group 2", "Duplicate")
    assert page.spec["groups"] == [group, group]
    page.more("Group 2", "Mute")
    assert page.spec["groups"] == [group]


# What rows say


def test_each_row_says_how_many_match_and_how_many_have_no_value(page: Page, users: pd.DataFrame) -> None:
    page.paste({"groups": [{"user_filters": [{"field": "age", "operator": "gte", "value": 40}]}]})
    matching, unknown = int((users.age >= 40).sum()), int(users.age.isna().sum())
    assert unknown > 0
    assert f"{matching:,} of 10,000 users match this condition alone; {unknown:,} have no value" in page.words


def test_a_saved_spec_about_a_column_that_is_gone_opens_with_a_repair(page: Page) -> None:
    page.paste({"user_filters": [TEXAS]})
    draft = page.draft
    [row] = draft.root.children
    wrong = type(draft)(
        type(draft.root)("root", (type(row)(row.id, row.key, {**TEXAS, "field": "locaton"}),)),
        draft.delivery,
        draft.id_count,
    )
    page.app.session_state[state.SESSION] = state.SessionState(state.Work(state.HistoryEntry(wrong, None)))
    page.run()
    assert "unknown field" in page.words
    page.press("Use location")
    assert page.spec == {"user_filters": [TEXAS]}


def test_starts_too_late_to_be_abandoned_are_moved_back_by_a_click(page: Page, demo_mart: Mart) -> None:
    steps = [{"event_name": "ADDED_TO_CART"}, {"event_name": "PURCHASE_MADE", "absent": True}]
    row = {"steps": steps, "within_days": 7}
    page.paste({"sequence_filters": [{**row, "time_range_days": 7}]})
    assert page.count == 0
    assert "this holds for nobody" in page.words
    page.press("Look at starts from 14 to 7 days ago")
    window = {"from_days_ago": 14, "to_days_ago": 7}
    shows(page, demo_mart, {"sequence_filters": [{**row, "time_range": window}]})
    assert page.count > 0
    assert "this holds for nobody" not in page.words
