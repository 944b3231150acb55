"""Each kind of row counts what it says, against pandas or plain Python on the same files."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from duckmart.spec.operators import Operator
from duckmart.ui import formatting
from tests.ui import club
from tests.ui.page import Page

Users = pd.DataFrame
Cases = list[tuple[str, Any, Callable[[Any], Any]]]


# Attributes of the demo data


@pytest.mark.parametrize(
    ("field", "cases"),
    [
        (
            "location",
            [
                ("eq", "Texas", lambda location: location == "Texas"),
                ("ne", "Texas", lambda location: location != "Texas"),
                ("in", ["Texas", "Ohio"], lambda location: location.isin(["Texas", "Ohio"])),
                ("not_in", ["Texas", "Ohio"], lambda location: ~location.isin(["Texas", "Ohio"])),
                ("like", "_e%as", lambda location: location.str.fullmatch(".e.*as").fillna(value=False)),
            ],
        ),
        (
            "age",
            [
                ("eq", 30, lambda age: age == 30),
                ("ne", 30, lambda age: age != 30),
                ("gt", 64, lambda age: age > 64),
                ("gte", 64, lambda age: age >= 64),
                ("lt", 20, lambda age: age < 20),
                ("lte", 20, lambda age: age <= 20),
                ("in", ["21", "22", 23], lambda age: age.isin([21, 22, 23])),
            ],
        ),
        (
            "signup_date",
            [
                ("lte", date(2024, 3, 1), lambda day: day <= "2024-03-01"),
                ("gt", date(2026, 11, 1), lambda day: day > "2026-11-01"),
                ("eq", date(2026, 11, 1), lambda day: day == "2026-11-01"),
                ("in", ["2026-11-01", "2026-11-02"], lambda day: day.between("2026-11-01", "2026-11-02")),
            ],
        ),
    ],
)
def test_an_attribute_row_counts_the_users_it_describes(
    page: Page, users: Users, field: str, cases: Cases
) -> None:
    page.press("Add attribute").choose("Filter 1 attribute", field)
    for operator, value, holds in cases:
        page.choose("Filter 1 operator", operator).choose("Filter 1 value", value)
        assert page.count == holds(users[field]).sum(), operator
        assert 0 < page.count < len(users)


def test_values_are_offered_with_how_many_users_have_them(page: Page, users: Users) -> None:
    page.press("Add attribute").choose("Filter 1 attribute", "location")
    texans = (users.location == "Texas").sum()
    assert f"Texas · {texans}" in page.find("Filter 1 value").options


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0"), (999, "999"), (1_000, "1.0k"), (7_175, "7.2k"), (12_345, "12k"), (21_480_311, "21M")],
)
def test_a_menu_shows_large_counts_in_short(count: int, shown: str) -> None:
    assert formatting.short(count) == shown


def test_another_attribute_brings_operators_that_suit_it_and_starts_the_value_over(page: Page) -> None:
    page.add_attribute("gender", "like", "F%", "1")
    women = page.count
    assert "more than" not in page.find("Filter 1 operator").options
    page.choose("Filter 1 attribute", "age")
    assert "matches pattern" not in page.find("Filter 1 operator").options
    assert page.find("Filter 1 operator").value is Operator.GTE
    assert page.find("Filter 1 value").value is None
    assert page.count == women < 10_000  # as it was when it was last complete
    page.choose("Filter 1 attribute", "signup_date")
    assert "on or after" in page.find("Filter 1 operator").options


def test_another_operator_keeps_the_value_where_it_can(page: Page) -> None:
    page.add_attribute("location", "eq", "Texas", "1")
    page.choose("Filter 1 operator", Operator.NOT_IN)
    assert page.find("Filter 1 value").value == ["Texas"]
    assert page.spec["user_filters"] == [{"field": "location", "operator": "not_in", "value": ["Texas"]}]


def test_typed_values_that_are_no_numbers_are_named_and_left_out(page: Page) -> None:
    page.add_attribute("age", "in", ["30", "thirty", "30.5"], "1")
    assert page.spec["user_filters"] == [{"field": "age", "operator": "in", "value": [30]}]
    assert [toast.value for toast in page.app.toast] == [
        "“thirty” is not a number, so it was not added",
        r"“30\.5” is not a number, so it was not added",
    ]


# Attributes of other kinds and names


def seen_by(moment: datetime) -> Callable[[datetime | None], bool]:
    return lambda seen: seen is not None and seen < moment


def on(day: date) -> Callable[[datetime | None], bool]:
    return lambda seen: seen is not None and seen.date() == day


@pytest.mark.parametrize(
    ("field", "cases"),
    [
        (
            "newsletter",
            [
                ("eq", True, lambda given: given is True),
                ("eq", False, lambda given: given is False),
                ("ne", True, lambda given: given is not True),
                ("in", [True, False], lambda given: given is not None),
            ],
        ),
        (
            "last_seen",
            [
                ("eq", date(2026, 11, 22), on(date(2026, 11, 22))),
                ("ne", date(2026, 11, 22), lambda seen: not on(date(2026, 11, 22))(seen)),
                ("gt", date(2026, 11, 22), on(date(2026, 11, 23))),
                ("lte", date(2026, 11, 21), seen_by(datetime(2026, 11, 22))),
            ],
        ),
        (
            "spent",
            [
                ("gte", 20.0, lambda spent: spent in ("20.00", "20.01")),
                ("eq", 0.1, lambda spent: spent == "0.10"),
                ("in", ["19.99", "20"], lambda spent: spent in ("19.99", "20.00")),
            ],
        ),
        (
            'Plan "x"',
            [
                ("eq", "**new** [x](y)", lambda plan: plan == "**new** [x](y)"),
                ("not_in", ["gold", "<i>none</i>"], lambda plan: plan not in ("gold", "<i>none</i>")),
            ],
        ),
        ("order", [("lt", 2, lambda order: order < 2)]),
        ("<b>tier</b>", [("in", ["<b>one</b>"], lambda tier: tier == "<b>one</b>")]),
        ("user_id", [("in", ["user-07", "user-08"], lambda name: name in ("user-07", "user-08"))]),
    ],
)
def test_a_row_on_an_attribute_of_any_kind_and_name_counts_its_users(
    club_page: Page, field: str, cases: Cases
) -> None:
    club_page.press("Add attribute").choose("Filter 1 attribute", field)
    for operator, value, holds in cases:
        club_page.choose("Filter 1 operator", operator).choose("Filter 1 value", value)
        assert club_page.count == sum(holds(user[field]) for user in club.USERS), operator
        assert 0 < club_page.count < len(club.USERS)


# Events


def test_an_event_row_counts_users_by_how_often_they_did_it(
    page: Page, users: Users, events: pd.DataFrame
) -> None:
    page.press("Add event").choose("Filter 1 event", "PURCHASE_MADE")
    times = done(users, events, "PURCHASE_MADE")
    cases: Cases = [
        ("gte", 1, times.ge),
        ("gt", 2, times.gt),
        ("eq", 0, times.eq),
        ("ne", 1, times.ne),
        ("lte", 1, times.le),
        ("lt", 3, times.lt),
    ]
    for operator, count, holds in cases:
        page.choose("Filter 1 operator", operator).choose("Filter 1 count", count)
        assert page.count == holds(count).sum(), operator


def test_a_window_of_days_may_be_picked_or_typed(page: Page, users: Users, events: pd.DataFrame) -> None:
    page.add_event("LOGIN", "gte", 2, "1").choose("Filter 1 window", 30)
    assert page.count == (done(users, events, "LOGIN", 30) >= 2).sum()
    for typed in ("45 days", "45"):
        page.choose("Filter 1 window", 7).type("Filter 1 window", typed)
        assert page.count == (done(users, events, "LOGIN", 45) >= 2).sum()
        assert page.find("Filter 1 window").value == 45
    page.choose("Filter 1 window", 0)
    assert page.count == (done(users, events, "LOGIN") >= 2).sum()
    assert "time_range_days" not in page.spec["event_filters"][0]


def test_a_window_that_is_no_number_of_days_is_named_and_not_used(page: Page) -> None:
    page.add_event("LOGIN", "gte", 1, "1").choose("Filter 1 window", 7)
    before = page.count
    for typed in ("soon", "0.5", "-3", "99999"):
        page.type("Filter 1 window", typed)
        assert "is not a number of days" in page.app.toast[0].value
        assert (page.count, page.find("Filter 1 window").value) == (before, 7)


def test_events_of_any_name_count(club_page: Page) -> None:
    club_page.press("Add event").choose("Filter 1 window", 30)
    for name in club.EVENT_NAMES:
        club_page.choose("Filter 1 event", name)
        assert club_page.count == sum(club.times(user, name, 30) >= 1 for user in club.USERS) > 0


def done(users: Users, events: pd.DataFrame, name: str, days: int | None = None) -> pd.Series:
    """How often each user did it, users without events included."""
    wanted = events[events.event_name == name]
    if days:
        wanted = wanted[wanted.timestamp > events.timestamp.max() - timedelta(days=days)]
    return wanted.groupby("user_id").size().reindex(users.user_id, fill_value=0)


# Groups


def test_rows_are_joined_by_all_any_and_turned_around_by_exclude(page: Page, users: Users) -> None:
    page.add_attribute("location", "eq", "Texas", "1").add_attribute("age", "gte", 60, "2")
    texan, old = users.location == "Texas", users.age >= 60
    alone = [html.value for html in page.app.html if 'class="lone"' in html.value]
    assert [f">{held.sum():,}<" in shown for held, shown in zip((texan, old), alone, strict=True)] == [
        True,
        True,
    ]
    assert page.count == (texan & old).sum()
    page.choose("Segment match", "OR")
    assert page.count == (texan | old).sum()
    page.choose("Exclude", True)
    assert page.count == (~(texan | old)).sum()
    page.choose("Segment match", "AND")
    assert page.count == (~(texan & old)).sum()


def test_groups_nest_and_each_has_its_own_match_and_exclude(
    page: Page, users: Users, events: pd.DataFrame
) -> None:
    page.add_attribute("gender", "eq", "Female", "1").press("Add group")
    page.add_attribute("location", "in", ["Texas", "Ohio"], "2.1", group="2")
    page.add_event("LOGIN", "gte", 1, "2.2", group="2")
    page.choose("Group 2 match", "OR").press("Add group to group 2")
    page.add_attribute("age", "lt", 40, "2.3.1", group="2.3")
    page.choose("Exclude group 2.3", True)
    logged_in = (done(users, events, "LOGIN") >= 1).to_numpy()
    inner = users.location.isin(["Texas", "Ohio"]) | logged_in | ~(users.age < 40)
    assert page.count == ((users.gender == "Female") & inner).sum()
    page.choose("Exclude group 2", True)
    assert page.count == ((users.gender == "Female") & ~inner).sum()
    page.press("Remove group 2")
    assert page.count == (users.gender == "Female").sum()


# Rows that no widget shows in full


def test_a_long_list_is_shown_as_how_many_values_it_has_and_stays(page: Page, users: Users) -> None:
    many = list(range(1, 301, 2))
    spec = {"user_filters": [{"field": "user_id", "operator": "in", "value": many}]}
    page.paste(spec)
    assert page.count == 150
    assert "150 values" in page.words
    assert not page.has("Filter 1 value")
    page.add_attribute("age", "gte", 60, "2")
    assert page.count == (users.user_id.isin(many) & (users.age >= 60)).sum()
    assert page.spec["user_filters"][0] == spec["user_filters"][0]
    page.press("Remove filter 1")
    assert page.count == (users.age >= 60).sum()


def test_a_time_of_day_is_shown_and_edited_as_text(club_page: Page) -> None:
    noon = {"field": "last_seen", "operator": "gte", "value": "2026-11-22T12:00:00Z"}
    club_page.paste({"user_filters": [noon]})
    before = seen_by(datetime(2026, 11, 22, 12))
    assert club_page.count == sum(
        bool(user["last_seen"]) and not before(user["last_seen"]) for user in club.USERS
    )
    assert club_page.find("Filter 1 value").value == "2026-11-22T12:00:00Z"
    assert club_page.spec == {"user_filters": [noon]}
    club_page.choose("Filter 1 value", "2026-11-22 13:00")
    assert club_page.spec["user_filters"][0]["value"] == "2026-11-22 13:00"
    club_page.choose("Filter 1 value", "noon")
    assert "is not a date or time" in club_page.app.toast[0].value
    assert club_page.spec["user_filters"][0]["value"] == "2026-11-22 13:00"
    assert club_page.find("Filter 1 value").value == "2026-11-22 13:00"
    club_page.choose("Filter 1 value", "2026-11-22")
    assert club_page.find("Filter 1 value").value == date(2026, 11, 22)
    club_page.more("Filter 1", "With a time of day")
    assert club_page.find("Filter 1 value").value == "2026-11-22T00:00:00Z"


def test_numbers_that_a_browser_would_round_are_shown_and_edited_as_their_digits(club_page: Page) -> None:
    shown = '{"field": "order", "operator": "lt", "value": 1152921504606846976}'
    exact = '{"field": "spent", "operator": "lt", "value": 2.500000000000000001}'
    club_page.paste(f'{{"user_filters": [{shown}, {exact}]}}')
    assert club_page.find("Filter 1 value").value == "1152921504606846976"
    assert club_page.find("Filter 2 value").value == "2.500000000000000001"
    values = [str(row["value"]) for row in club_page.spec["user_filters"]]
    assert values == ["1152921504606846976", "2.500000000000000001"]
    club_page.choose("Filter 1 value", "1152921504606846977")
    assert club_page.spec["user_filters"][0]["value"] == 1152921504606846977
    club_page.choose("Filter 1 value", "many")
    assert club_page.spec["user_filters"][0]["value"] == 1152921504606846977
    club_page.choose("Filter 1 value", "7")
    assert club_page.find("Filter 1 value").value == 7
