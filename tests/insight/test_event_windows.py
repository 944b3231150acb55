"""Which events and times a segment asks about: by hand, and whatever decides membership is among them."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from duckmart.catalog import Catalog, Column
from duckmart.insight.event_windows import EventWindow, event_windows
from duckmart.instants import DAY, MICROSECOND
from duckmart.spec.kinds import Kind
from duckmart.spec.segment import Segment
from tests import oracle
from tests.tiny import ANN, AS_OF, EVENTS, LOADED_AT, USERS

PINNED = f"{AS_OF.isoformat()}Z"
LOGINS = {"event_name": "LOGIN", "operator": "gte", "count": 1}
MONTH = {**LOGINS, "time_range_days": 30}
CART_THEN_BUY = {
    "steps": [{"event_name": "ADDED_TO_CART"}, {"event_name": "PURCHASE_MADE"}],
    "within_days": 3,
    "time_range": {"from_days_ago": 20, "to_days_ago": 10},
}
CATALOG = Catalog(
    "1",
    {
        "signup_date": Column(
            "signup_date", Kind.DATE, low=datetime(2024, 2, 29).date(), high=datetime(2026, 11, 1).date()
        ),
        "last_seen": Column("last_seen", Kind.TIMESTAMP, low=AS_OF - 9 * DAY, high=AS_OF - 2 * DAY),
        "empty": Column("empty", Kind.DATE),
    },
    {"amount": Column("amount", Kind.NUMBER)},
    {"LOGIN": 1},
    8,
    AS_OF - 400 * DAY,
    AS_OF,
    AS_OF,
)


def windows_of(spec: Any, saved: dict[str, Any] | None = None) -> list[EventWindow]:
    rows = {name: Segment.model_validate(row) for name, row in (saved or {}).items()}
    return [*event_windows(Segment.model_validate(spec).with_saved(rows), CATALOG, AS_OF)]


def ago(days: float) -> datetime:
    return AS_OF - timedelta(days=days)


@pytest.mark.parametrize(
    ("row", "names", "after", "until", "more"),
    [
        (MONTH, ("LOGIN",), ago(30), AS_OF, True),
        ({**MONTH, "event_name": ["A", "B"]}, ("A", "B"), ago(30), AS_OF, True),
        ({**MONTH, "event_name": "*"}, ("*",), ago(30), AS_OF, True),
        (LOGINS, ("LOGIN",), None, AS_OF, True),
        ({**MONTH, "operator": "eq", "count": 0}, ("LOGIN",), ago(30), AS_OF, False),
        ({**MONTH, "operator": "lt"}, ("LOGIN",), ago(30), AS_OF, False),
        ({**MONTH, "operator": "ne", "count": 0}, ("LOGIN",), ago(30), AS_OF, True),
        (
            {**LOGINS, "time_range": {"from_days_ago": 60, "to_days_ago": 30}},
            ("LOGIN",), ago(60), ago(30), True,
        ),
        (
            {**LOGINS, "time_range": {"from": "2026-10-01", "to": "2026-10-05"}},
            ("LOGIN",), datetime(2026, 10, 1) - MICROSECOND, datetime(2026, 10, 6) - MICROSECOND, True,
        ),
        (
            {**LOGINS, "time_range": {"to": "2030-01-01"}},
            ("LOGIN",), None, AS_OF, True,
        ),
        # From the first user's date to the last one's, and the days after it.
        (
            {**LOGINS, "time_range": {"within_days_of": "signup_date", "days": 7}},
            ("LOGIN",), datetime(2024, 2, 29) - MICROSECOND, datetime(2026, 11, 8), True,
        ),
        (
            {**LOGINS, "time_range": {"within_days_of": "last_seen", "days": 30}},
            ("LOGIN",), ago(9) - MICROSECOND, AS_OF, True,
        ),
        (
            {"event_name": "LOGIN", "measure": "days_since_last", "operator": "lte", "value": 14},
            ("LOGIN",), ago(14), AS_OF, True,
        ),
        (
            {"event_name": "LOGIN", "measure": "days_since_last", "operator": "gt", "value": 14},
            ("LOGIN",), None, AS_OF, False,
        ),
        (
            {"event_name": "LOGIN", "measure": "days_since_first", "operator": "gte", "value": 14},
            ("LOGIN",), None, ago(14), True,
        ),
        (
            {"event_name": "BUY", "measure": {"sum": "amount"}, "operator": "gt", "value": 5,
             "time_range_days": 7},
            ("BUY",), ago(7), AS_OF, True,
        ),
    ],
)  # fmt: skip
def test_the_window_of_a_condition(
    row: Any, names: tuple[str, ...], after: datetime | None, until: datetime, more: bool
) -> None:
    assert windows_of({"event_filters": [row]}) == [EventWindow(names, after, until, more)]


def test_two_measures_have_two_windows_of_which_one_is_to_have_more() -> None:
    than = {"event_name": "BUY", "time_range_days": 7}
    row = {**LOGINS, "operator": "lt", "than": than}
    del row["count"]

    first, second = windows_of({"event_filters": [row]})

    assert (first.names, first.more) == (("LOGIN",), False)
    assert (second.names, second.after, second.more) == (("BUY",), ago(7), True)


def test_later_steps_reach_beyond_the_window_of_the_first() -> None:
    absent = {**CART_THEN_BUY, "steps": [*CART_THEN_BUY["steps"], {"event_name": "LOGIN", "absent": True}]}  # type: ignore[misc]

    assert windows_of({"sequence_filters": [absent]}) == [
        EventWindow(("ADDED_TO_CART",), ago(20), ago(10), True),
        EventWindow(("PURCHASE_MADE",), ago(20), ago(7), True),
        EventWindow(("LOGIN",), ago(20), ago(7), False),
    ]


@pytest.mark.parametrize("spec", [{}, {"negate": True}, {"user_filters": [
    {"field": "last_seen", "operator": "in_last_days", "value": 30}]}])  # fmt: skip
def test_a_segment_without_events_asks_about_none(spec: Any) -> None:
    assert windows_of(spec) == []


def test_dates_that_no_user_has_make_no_window() -> None:
    row = {**LOGINS, "time_range": {"within_days_of": "empty", "days": 7}}

    assert windows_of({"event_filters": [row]}) == []


MINE = EventWindow(("LOGIN",), ago(30), AS_OF, True)
OPPOSITE = EventWindow(("LOGIN",), ago(30), AS_OF, False)


@pytest.mark.parametrize(
    ("spec", "window"),
    [
        ({"groups": [{"groups": [{"event_filters": [MONTH], "logic_operator": "OR"}]}]}, MINE),
        ({"event_filters": [MONTH], "negate": True}, OPPOSITE),
        ({"groups": [{"event_filters": [MONTH], "negate": True}], "negate": True}, MINE),
        ({"segment_filters": [{"segment": "active", "operator": "in"}]}, MINE),
        ({"segment_filters": [{"segment": "active", "operator": "not_in"}]}, OPPOSITE),
        ({"groups": [{"segment_filters": [{"segment": "deep", "operator": "not_in"}]}]}, MINE),
    ],
)
def test_windows_are_found_in_groups_and_saved_segments(spec: Any, window: EventWindow) -> None:
    saved = {
        "active": {"event_filters": [MONTH], "as_of": "2020-01-01"},
        "deep": {"segment_filters": [{"segment": "active", "operator": "not_in"}]},
    }

    assert windows_of(spec, saved) == [window]


def test_a_saved_segment_counts_days_by_its_own_clocks() -> None:
    row = {**LOGINS, "time_range": {"from": "2026-10-01"}}
    saved = {"mine": {"event_filters": [row], "timezone": "Asia/Tokyo"}}

    [window] = windows_of({"segment_filters": [{"segment": "mine", "operator": "in"}]}, saved)

    assert window.after == datetime(2026, 9, 30, 15) - MICROSECOND


def test_a_chain_of_many_references_is_read_once() -> None:
    saved: dict[str, Any] = {"s0": {"event_filters": [MONTH]}}
    for place in range(1, 40):
        both = [{"segment": f"s{place - 1}", "operator": operator} for operator in ("in", "not_in")]
        saved[f"s{place}"] = {"segment_filters": both}

    assert windows_of({"segment_filters": [{"segment": "s39", "operator": "in"}]}, saved) == [MINE, OPPOSITE]


def test_windows_overlap_steps_by_their_very_edges() -> None:
    window = EventWindow(("LOGIN",), ago(30), ago(10), True)

    assert not window.overlaps(ago(37), ago(30))
    assert window.overlaps(ago(37), ago(30) + MICROSECOND)
    assert window.overlaps(ago(10) - MICROSECOND, AS_OF)
    assert not window.overlaps(ago(10), AS_OF)
    assert EventWindow(("LOGIN",), None, ago(10), True).overlaps(ago(900), ago(800))
    # A window that ends before it begins holds nothing.
    assert not EventWindow(("LOGIN",), ago(5), ago(10), True).overlaps(ago(90), AS_OF)


SPECS = [
    {"event_filters": [MONTH]},
    {"event_filters": [{**MONTH, "operator": "eq", "count": 0}], "negate": True},
    {"event_filters": [{**LOGINS, "time_range": {"from_days_ago": 60, "to_days_ago": 30}}]},
    {"event_filters": [{**LOGINS, "time_range": {"from": "2026-10-01", "to": "2026-10-05"}}],
     "timezone": "America/Los_Angeles"},
    {"event_filters": [{**LOGINS, "time_range": {"within_days_of": "signup_date", "days": 40}}]},
    {"event_filters": [{"event_name": "*", "operator": "lte", "count": 3, "time_range_days": 90}]},
    {"event_filters": [
        {"event_name": "LOGIN", "measure": "days_since_last", "operator": "lt", "value": 14}]},
    {"event_filters": [
        {"event_name": "LOGIN", "measure": "days_since_first", "operator": "gte", "value": 14}]},
    {"event_filters": [
        {"event_name": "LOGIN", "measure": "days_since_last", "operator": "gte", "value": 14}]},
    {"sequence_filters": [CART_THEN_BUY]},
    {"sequence_filters": [{"steps": [{"event_name": "ADDED_TO_CART"},
        {"event_name": "PURCHASE_MADE", "absent": True}], "within_days": 7, "time_range_days": 40}]},
    {"segment_filters": [{"segment": "active", "operator": "not_in"}]},
]  # fmt: skip


@pytest.mark.parametrize("spec", SPECS, ids=str)
@pytest.mark.parametrize("name", ["LOGIN", "ADDED_TO_CART", "PURCHASE_MADE"])
def test_no_event_outside_the_windows_decides_who_is_a_member(spec: Any, name: str) -> None:
    """One event more, of any day: where that changes who is in, by the oracle, the day is in a window."""
    saved = {"active": {"event_filters": [MONTH]}}
    catalog = Catalog(
        "1",
        {"signup_date": Column("signup_date", Kind.DATE, low=SIGNUPS[0], high=SIGNUPS[-1])},
        {}, {}, 8, AS_OF - 400 * DAY, AS_OF, AS_OF,
    )  # fmt: skip
    segment = Segment.model_validate({**spec, "as_of": PINNED})
    asked = event_windows(
        segment.with_saved({name: Segment.model_validate(row) for name, row in saved.items()}), catalog, AS_OF
    )

    def members(*events: Any) -> list[Any]:
        return oracle.member_ids({**spec, "as_of": PINNED}, USERS, [*EVENTS, *events], LOADED_AT, saved)

    before = members()
    for day in range(0, 130):
        moment = AS_OF - day * DAY - timedelta(hours=5)
        events = [
            {**EVENTS[0], "user_id": user["user_id"], "event_name": name, "timestamp": moment, "amount": None}
            for user in USERS
        ]
        if any(members(event) != before for event in events[ANN - 1 :]):
            assert any(
                window.is_of(name) and window.overlaps(moment - MICROSECOND, moment) for window in asked
            )


SIGNUPS = sorted(user["signup_date"] for user in USERS if user["signup_date"])
