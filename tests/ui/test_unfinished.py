"""Rows in which something is missing: they count as they were, and nothing leaves the page meanwhile."""

from typing import Any

import pytest

from duckmart.mart import Mart
from tests.ui.page import Page, size

TEXAS = {"field": "location", "operator": "eq", "value": "Texas"}
ACTIVE = {"event_name": "LOGIN", "operator": "gte", "count": 1, "time_range_days": 30}


def test_a_row_that_never_was_complete_is_flagged_and_not_counted(page: Page, demo_mart: Mart) -> None:
    page.paste({"user_filters": [TEXAS], "logic_operator": "OR"})
    texans = size(demo_mart, {"user_filters": [TEXAS]})
    page.press("Add event")
    assert page.count == texans
    assert page.words.count("Not counted yet") == 1
    assert "1 unfinished row is not counted" in page.words
    page.press("Add attribute").choose("Filter 2 attribute", "age")
    assert page.count == texans
    assert "2 unfinished rows are not counted" in page.words
    page.choose("Filter 2 value", 69)
    assert page.words.count("Not counted yet") == 1
    page.choose("Filter 3 event", "LOGIN").choose("Filter 3 count", 0)
    assert "unfinished" not in page.words
    assert "Not counted yet" not in page.words
    assert page.count == 10_000


def test_a_group_that_waits_for_its_row_is_not_counted_beside_it(page: Page) -> None:
    page.paste({"event_filters": [ACTIVE]})
    page.press("Add group", "Add attribute to group 2")
    assert "1 unfinished row is not counted" in page.words
    page.press("Add group")
    assert "2 unfinished rows are not counted" in page.words
    assert "add a condition to this group, or remove it" in page.words


@pytest.mark.parametrize(
    "steps",
    [
        ["Add event"],
        ["Add sequence"],
        ["Add group"],
        ["Add group", "Add attribute to group 1"],
        ["Add group", "Add group to group 1", "Add event to group 1.1"],
    ],
    ids=" > ".join,
)
@pytest.mark.parametrize("label", ["Exclude", "Exclude group 1"])
def test_a_segment_whose_only_condition_is_unfinished_has_no_count(
    page: Page, steps: list[str], label: str
) -> None:
    page.press(*steps)
    if page.has(label):
        page.choose(label, True)
    assert page.app.metric[0].value == "–"
    assert "Finish or remove 1 row to get a count" in page.words
    assert "Not counted yet" in page.words
    assert all(page.find(name).disabled for name in ("Save", "Share"))
    assert not page.has("SQL dialect")
    assert "All users" not in page.words
    page.press("Undo")
    while page.has("Remove filter 1") or page.has("Remove group 1"):
        page.press("Undo")
    assert page.count == 10_000 or page.find("Exclude").value


CART = {
    "sequence_filters": [
        {
            "steps": [
                {"event_name": "ADDED_TO_CART"},
                {"event_name": "PURCHASE_MADE", "absent": True},
            ],
            "within_days": 7,
        }
    ]
}


def _begin(*choices: tuple[str, Any]) -> Any:
    def begin(page: Page) -> None:
        for label, value in choices:
            page.choose(label, value)

    return begin


@pytest.mark.parametrize(
    ("spec", "begin"),
    [
        (CART, lambda page: page.press("Add property to filter 1 step 1")),
        (CART, lambda page: page.press("Add property to filter 1 step 2")),
        (CART, lambda page: page.press("Add step to filter 1")),
        ({"user_filters": [TEXAS]}, _begin(("Filter 1 attribute", "age"))),
        ({"user_filters": [{**TEXAS, "operator": "in", "value": ["Texas"]}]}, _begin(("Filter 1 value", []))),
        (
            {"user_filters": [{"field": "age", "operator": "gte", "value": 30}]},
            _begin(("Filter 1 operator", "between")),
        ),
        (
            {"user_filters": [{**TEXAS, "operator": "contains", "value": "ex"}]},
            _begin(("Filter 1 value", "")),
        ),
        ({"event_filters": [ACTIVE]}, lambda page: page.more("Filter 1", "Only events with a property")),
        ({"event_filters": [ACTIVE]}, _begin(("Filter 1 window", "between dates"))),
        (
            {"event_filters": [ACTIVE]},
            lambda page: page.more("Filter 1", "Several events").choose("Filter 1 events", []),
        ),
        ({"groups": [{"user_filters": [TEXAS], "negate": True}]}, _begin(("Filter 1.1 attribute", "age"))),
        (
            {"user_filters": [TEXAS], "event_filters": [ACTIVE], "logic_operator": "AT_LEAST", "at_least": 2},
            _begin(("Filter 1 attribute", "age")),
        ),
        (
            {"user_filters": [TEXAS], "event_filters": [ACTIVE], "logic_operator": "OR"},
            _begin(("Filter 1 attribute", "age")),
        ),
    ],
)
def test_what_is_half_changed_counts_as_it_was_and_nothing_leaves_the_page(
    page: Page, demo_mart: Mart, spec: Any, begin: Any
) -> None:
    page.paste(spec)
    before = page.count
    assert before == size(demo_mart, spec) < 10_000
    begin(page)
    assert page.count == before
    assert page.words.count("not applied yet") == 1
    assert "Finish or remove 1 row to save, download, share or copy" in page.words
    for label in ("Save", "Share"):
        assert page.find(label).disabled
    downloads = [box for box in page.app.get("download_button") if box.proto.label == "Download user ids"]
    assert [box.proto.disabled for box in downloads] == [True]
    assert not page.app.code
    page.press("Undo")
    assert "not applied yet" not in page.words
    assert page.app.code
    page.press("Redo")
    assert (page.count, page.words.count("not applied yet")) == (before, 1)


def test_a_finished_change_is_applied_and_a_removed_row_is_gone(page: Page, demo_mart: Mart) -> None:
    page.paste({"user_filters": [TEXAS], "event_filters": [ACTIVE]}).choose("Filter 1 attribute", "age")
    assert "It counts as it was: “location is “Texas”" in page.words
    page.choose("Filter 1 operator", "gte").choose("Filter 1 value", 60)
    old = {"field": "age", "operator": "gte", "value": 60}
    assert page.count == size(demo_mart, {"user_filters": [old], "event_filters": [ACTIVE]})
    assert "not applied yet" not in page.words
    page.choose("Filter 1 attribute", "location").press("Remove filter 1")
    assert page.count == size(demo_mart, {"event_filters": [ACTIVE]})
    assert not page.find("Save").disabled
