"""The oracle itself, on cases whose answer can be seen at a glance, each straight from the contract."""

import ast
import sys
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from hashlib import md5
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests import oracle
from tests.oracle import (
    as_of,
    first_instant,
    last_instant,
    local_day,
    lowercase,
    matches_pattern,
    member_ids,
    sampled,
    total,
    truths,
    variants,
)

NOON = datetime(2026, 11, 22, 12)
MICROSECOND = timedelta(microseconds=1)
LONG_AGO = [{"user_id": 1, "event_name": "LOGIN", "timestamp": datetime(2000, 1, 1)}]


def matching(cells: list[Any], operator: str, value: Any, **rest: Any) -> list[Any]:
    """The cells of one column for which a single user filter holds."""
    users = [{"user_id": position, "field": cell} for position, cell in enumerate(cells)]
    spec = {"user_filters": [{"field": "field", "operator": operator, "value": value}]} | rest
    return [cells[position] for position in member_ids(spec, users, LONG_AGO)]


def doers(times: dict[int, list[datetime]], spec: dict[str, Any]) -> list[int]:
    """The ids of users, who did LOGIN at these times, for whom a segment holds; `as_of` is noon."""
    users = [{"user_id": user_id} for user_id in times]
    events = [
        {"user_id": user_id, "event_name": "LOGIN", "timestamp": moment}
        for user_id, moments in times.items()
        for moment in moments
    ]
    return member_ids({"as_of": "2026-11-22T12:00:00Z"} | spec, users, events)


def login(operator: str, count: int, days: int | None = None) -> dict[str, Any]:
    row = {"event_name": "LOGIN", "operator": operator, "count": count, "time_range_days": days}
    return {"event_filters": [row]}


def test_the_oracle_and_the_world_import_nothing_of_the_product() -> None:
    for name in ("oracle.py", "world.py", "strategies.py"):
        assert "duckmart" not in imported(Path(oracle.__file__).with_name(name))
    assert imported(Path(oracle.__file__)) <= sys.stdlib_module_names


def imported(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return {name.partition(".")[0] for name in names}


def test_never_did_it_is_zero() -> None:
    times = {1: [], 2: [NOON], 3: [NOON, NOON]}

    assert doers(times, login("eq", 0)) == [1]
    assert doers(times, login("lt", 2)) == [1, 2]
    assert doers(times, login("lte", 1)) == [1, 2]
    assert doers(times, login("ne", 1)) == [1, 3]
    assert doers(times, login("gt", 1)) == [3]
    assert doers(times, login("gte", 0)) == [1, 2, 3]


def test_two_simultaneous_events_are_two() -> None:
    assert doers({1: [NOON, NOON], 2: [NOON]}, login("eq", 2)) == [1]


def test_events_of_unknown_users_count_for_nobody() -> None:
    events = [{"user_id": 9, "event_name": "LOGIN", "timestamp": NOON}]

    assert member_ids(login("gte", 1), [{"user_id": 1}], events) == []


def test_a_window_opens_after_its_first_instant_and_closes_with_as_of() -> None:
    opens = NOON - timedelta(hours=7 * 24)
    times = {1: [opens], 2: [opens + MICROSECOND], 3: [NOON], 4: [NOON + MICROSECOND]}

    assert doers(times, login("gte", 1, days=7)) == [2, 3]
    assert doers(times, login("gte", 1)) == [1, 2, 3]


def test_a_window_that_reaches_beyond_the_calendar_is_all_history() -> None:
    early = login("gte", 1, days=36_500) | {"as_of": "0001-01-02T00:00:00"}

    assert doers({1: [datetime(1, 1, 1)], 2: []}, early) == [1]


@pytest.mark.parametrize("unknown", [None, "", float("nan"), float("inf"), float("-inf")])
def test_unknown_matches_negative_operators_only(unknown: Any) -> None:
    users = [{"user_id": 1, "field": unknown}]

    def holds(operator: str, value: Any) -> bool:
        row = {"field": "field", "operator": operator, "value": value}
        return total({"user_filters": [row]}, users, LONG_AGO) == 1

    assert [name for name in ("eq", "gt", "gte", "lt", "lte", "like") if holds(name, "1")] == []
    assert not holds("in", ["1"])
    assert holds("ne", "1")
    assert holds("not_in", ["1"])


def test_negate_is_everyone_else_the_unknown_included() -> None:
    users = [{"user_id": 1, "age": 30}, {"user_id": 2, "age": 20}, {"user_id": 3, "age": None}]
    adults = {"user_filters": [{"field": "age", "operator": "gte", "value": 25}], "negate": True}

    assert member_ids(adults, users, LONG_AGO) == [2, 3]
    assert member_ids({"groups": [adults]}, users, LONG_AGO) == [2, 3]


def test_all_is_the_default_and_any_must_be_asked_for() -> None:
    users = [{"user_id": 1, "age": 30, "plan": "free"}, {"user_id": 2, "age": 30, "plan": "gold"}]
    rows = [
        {"field": "age", "operator": "eq", "value": 30},
        {"field": "plan", "operator": "eq", "value": "gold"},
    ]

    assert member_ids({"user_filters": rows}, users, LONG_AGO) == [2]
    assert member_ids({"user_filters": rows, "logic_operator": None}, users, LONG_AGO) == [2]
    assert member_ids({"user_filters": rows, "logic_operator": "OR"}, users, LONG_AGO) == [1, 2]


@pytest.mark.parametrize("joiner", ["AND", "OR"])
def test_an_empty_root_is_everyone_and_negated_nobody(joiner: str) -> None:
    users = [{"user_id": 1}, {"user_id": 2}]

    assert member_ids({"logic_operator": joiner}, users, []) == [1, 2]
    assert member_ids({"logic_operator": joiner, "negate": True}, users, []) == []


def test_a_limit_cuts_the_list_and_not_the_total() -> None:
    users = [{"user_id": user_id} for user_id in (10, 9, 2)]

    assert member_ids({"limit": 2}, users, []) == [2, 9]
    assert total({"limit": 2}, users, []) == 3


def test_text_ids_are_ordered_by_code_point() -> None:
    users = [{"user_id": user_id} for user_id in ("é", "a", "Z", "7", "007", "🦆", "\uffee")]

    assert member_ids({}, users, []) == ["007", "7", "Z", "a", "é", "\uffee", "🦆"]


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ("a%", ["ab", "a\nb", "a%b"]),
        ("a_b", ["a\nb", "a%b"]),
        ("a%b", ["ab", "a\nb", "a%b"]),
        ("_", ["é", "🦆", "\\"]),
        ("__", ["ab", "e\u0301"]),
        ("\\%", ["\\"]),
        ("A%", []),
        ("b", []),
        (".*", []),
    ],
)
def test_like_knows_two_wildcards_and_no_escape(pattern: str, matched: list[str]) -> None:
    texts = ["ab", "a\nb", "a%b", "é", "e\u0301", "🦆", "\\"]

    assert [text for text in texts if matches_pattern(text, pattern)] == matched


def test_texts_are_equal_by_code_point() -> None:
    cells = ["California", "california", "California ", "é", "e\u0301"]

    assert matching(cells, "eq", "California") == ["California"]
    assert matching(cells, "in", ["é", "CALIFORNIA"]) == ["é"]
    assert matching(cells, "ne", "é") == ["California", "california", "California ", "e\u0301"]


def test_numbers_are_exact() -> None:
    assert matching([Decimal("0.30"), Decimal("0.31")], "eq", Decimal("0.3")) == [Decimal("0.30")]
    assert matching([2**53, 2**53 + 1], "eq", 2**53 + 1) == [2**53 + 1]
    assert matching([25, 24], "eq", Decimal("25.0")) == [25]
    assert matching([25, 24], "gt", Decimal("24.5")) == [25]


def test_a_float_column_holds_the_nearest_float_to_what_was_written() -> None:
    assert matching([0.1, 0.30000000000000004], "eq", Decimal("0.1")) == [0.1]
    assert matching([0.3, 0.30000000000000004], "gt", Decimal("0.3")) == [0.30000000000000004]


def test_booleans_are_compared_as_booleans() -> None:
    assert matching([True, False, None], "eq", False) == [False]
    assert matching([True, False, None], "ne", False) == [True, None]
    assert matching([True, False, None], "not_in", [False, True]) == [None]


def test_date_columns_are_never_shifted() -> None:
    cells = [date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1)]

    assert matching(cells, "gt", "2024-02-28", timezone="Pacific/Kiritimati") == cells[1:]
    assert matching(cells, "in", ["2024-02-29"], timezone="America/Los_Angeles") == cells[1:2]


def test_a_date_against_a_time_is_the_whole_local_day_for_every_operator() -> None:
    # Berlin's 25 October 2026 has 25 hours.
    before, first = datetime(2026, 10, 24, 21, 59, 59, 999999), datetime(2026, 10, 24, 22)
    last, after = datetime(2026, 10, 25, 22, 59, 59, 999999), datetime(2026, 10, 25, 23)
    cells = [before, first, last, after]

    def on(operator: str, value: Any) -> list[datetime]:
        return matching(cells, operator, value, timezone="Europe/Berlin")

    assert on("eq", "2026-10-25") == [first, last]
    assert on("ne", "2026-10-25") == [before, after]
    assert on("gt", "2026-10-25") == [after]
    assert on("gte", "2026-10-25") == [first, last, after]
    assert on("lt", "2026-10-25") == [before]
    assert on("lte", "2026-10-25") == [before, first, last]
    assert on("in", ["2026-10-25", "2026-10-25T23:00:00Z"]) == [first, last, after]
    assert on("not_in", ["2026-10-25"]) == [before, after]


def test_a_time_against_a_time_is_that_instant() -> None:
    cells = [NOON - MICROSECOND, NOON, NOON + MICROSECOND]

    assert matching(cells, "eq", "2026-11-22 04:00-08:00") == [NOON]
    assert matching(cells, "lt", "2026-11-22T17:45:00+05:45") == [NOON - MICROSECOND]
    assert matching(cells, "gt", "2026-11-22T12:00", timezone="Europe/Berlin") == [NOON + MICROSECOND]
    assert matching(cells, "gte", "2026-11-22T12:00:00.000001Z") == [NOON + MICROSECOND]


def test_as_of_is_the_newest_event_unless_the_spec_says_otherwise() -> None:
    events = [
        {"user_id": 1, "event_name": "LOGIN", "timestamp": moment} for moment in (NOON, datetime(2000, 1, 1))
    ]

    assert as_of({}, events) == NOON
    assert as_of({"as_of": None}, [], loaded_at=NOON) == NOON
    assert as_of({"as_of": "2026-11-22T13:30:00.5+01:00"}, events) == datetime(
        2026, 11, 22, 12, 30, 0, 500000
    )


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        (None, datetime(2026, 11, 1, 23, 59, 59, 999999)),
        ("America/Los_Angeles", datetime(2026, 11, 2, 7, 59, 59, 999999)),
        ("Pacific/Kiritimati", datetime(2026, 11, 1, 9, 59, 59, 999999)),
    ],
)
def test_a_bare_date_as_of_is_the_last_microsecond_of_the_local_day(
    zone: str | None, expected: datetime
) -> None:
    assert as_of({"as_of": "2026-11-01", "timezone": zone}, []) == expected


def test_a_day_begins_where_clocks_jump_over_midnight() -> None:
    # Cairo went from 24:00 to 01:00, Toronto from 23:30 to 00:30.
    cairo, toronto = ZoneInfo("Africa/Cairo"), ZoneInfo("America/Toronto")

    assert first_instant(date(2024, 4, 26), cairo) == datetime(2024, 4, 25, 22)
    assert last_instant(date(2024, 4, 25), cairo) == datetime(2024, 4, 25, 21, 59, 59, 999999)
    assert first_instant(date(1919, 3, 31), toronto) == datetime(1919, 3, 31, 4, 30)


def test_a_day_begins_once_though_clocks_show_its_midnight_twice() -> None:
    # St. John's went from 00:01 back to 23:01.
    zone = ZoneInfo("America/St_Johns")

    assert first_instant(date(2010, 11, 7), zone) == datetime(2010, 11, 7, 2, 30)
    assert local_day(datetime(2010, 11, 7, 2, 30), zone) == date(2010, 11, 7)
    assert local_day(datetime(2010, 11, 7, 2, 45), zone) == date(2010, 11, 7)
    assert local_day(datetime(2010, 11, 7, 2, 29), zone) == date(2010, 11, 6)


def test_no_instant_lies_on_a_day_that_the_calendar_skips() -> None:
    # Apia went from 29 December 2011 to the 31st.
    apia, jump = ZoneInfo("Pacific/Apia"), datetime(2011, 12, 30, 10)

    assert local_day(jump - MICROSECOND, apia) == date(2011, 12, 29)
    assert local_day(jump, apia) == date(2011, 12, 31)
    assert first_instant(date(2011, 12, 30), apia) == jump
    assert last_instant(date(2011, 12, 30), apia) == jump - MICROSECOND


# User filters


def test_between_includes_both_ends_and_its_negation_the_unknown() -> None:
    cells = [17, 18, 34, 35, None]

    assert matching(cells, "between", [18, 34]) == [18, 34]
    assert matching(cells, "not_between", [18, 34]) == [17, 35, None]
    assert matching(cells, "between", [Decimal("17.5"), 18]) == [18]


def test_between_days_includes_the_whole_of_the_last() -> None:
    cells = [datetime(2026, 11, 21), datetime(2026, 11, 22, 23, 59, 59, 999999), datetime(2026, 11, 23)]

    assert matching(cells, "between", ["2026-11-21", "2026-11-22"]) == cells[:2]
    assert matching(cells, "not_between", ["2026-11-22", "2026-11-22"]) == [cells[0], cells[2]]
    assert matching(cells, "between", ["2026-11-21T00:00:00.000001Z", "2026-11-23T00:00Z"]) == cells[1:]


def test_a_literal_text_has_no_wildcards_and_no_case() -> None:
    cells = ["50% off", "50 cents", "OFF 50%", "a_b", "aXb", None, ""]

    assert matching(cells, "contains", "50%") == ["50% off", "OFF 50%"]
    assert matching(cells, "contains", "Off") == ["50% off", "OFF 50%"]
    assert matching(cells, "starts_with", "off") == ["OFF 50%"]
    assert matching(cells, "ends_with", "OFF") == ["50% off"]
    assert matching(cells, "not_contains", "a_B") == ["50% off", "50 cents", "OFF 50%", "aXb", None, ""]
    assert matching(cells, "not_starts_with", "50") == ["OFF 50%", "a_b", "aXb", None, ""]
    assert matching(cells, "not_ends_with", "B") == ["50% off", "50 cents", "OFF 50%", None, ""]


@pytest.mark.parametrize(
    ("operator", "matched"),
    [
        ("contains", ["Ab"]),
        ("starts_with", ["Ab"]),
        ("ends_with", []),
        ("not_contains", ["aB", None]),
        ("not_starts_with", ["aB", None]),
        ("not_ends_with", ["Ab", "aB", None]),
    ],
)
def test_case_matters_where_it_is_asked_for(operator: str, matched: list[str | None]) -> None:
    users = [{"user_id": place, "field": cell} for place, cell in enumerate(["Ab", "aB", None])]
    row = {"field": "field", "operator": operator, "value": "A", "case_sensitive": True}

    held = member_ids({"user_filters": [row]}, users, LONG_AGO)

    assert [users[place]["field"] for place in held] == matched


def test_lowercase_is_one_letter_for_one() -> None:
    assert lowercase("İIıi") == "iiıi"
    assert lowercase("ẞß") == "ßß"
    assert lowercase("ΟΔΟΣ") == "οδοσ"
    assert lowercase("\u212aK") == "kk"
    assert lowercase("ǅǄǆ") == "ǆǆǆ"
    assert lowercase("Ꭰ") == "\uab70"


def test_not_like_holds_for_the_unknown() -> None:
    assert matching(["ab", "b", "", None], "not_like", "a%") == ["b", "", None]


def test_no_value_is_null() -> None:
    cells = ["x", "", None]
    users = [{"user_id": place, "field": cell} for place, cell in enumerate(cells)]

    def held(operator: str) -> list[Any]:
        return member_ids({"user_filters": [{"field": "field", "operator": operator}]}, users, LONG_AGO)

    assert held("is_null") == [1, 2]
    assert held("is_not_null") == [0]


def test_the_last_days_end_with_as_of_and_the_next_begin_after_it() -> None:
    week = timedelta(days=7)
    cells = [
        NOON - week,
        NOON - week + MICROSECOND,
        NOON,
        NOON + MICROSECOND,
        NOON + week,
        NOON + week + MICROSECOND,
        None,
    ]
    moment = {"as_of": "2026-11-22T12:00Z"}

    assert matching(cells, "in_last_days", 7, **moment) == cells[1:3]
    assert matching(cells, "not_in_last_days", 7, **moment) == [cells[0], *cells[3:]]
    assert matching(cells, "in_next_days", 7, **moment) == cells[3:5]


def test_the_last_days_of_dates_are_counted_from_the_local_date_of_as_of() -> None:
    cells = [date(2026, 11, day) for day in (20, 21, 22, 23, 24, 25)]
    moment = {"as_of": "2026-11-22T20:00Z"}

    assert matching(cells, "in_last_days", 2, **moment) == cells[1:3]
    assert matching(cells, "in_next_days", 2, **moment) == cells[3:5]
    # In Kathmandu it is the 23rd already.
    assert matching(cells, "in_last_days", 1, timezone="Asia/Kathmandu", **moment) == [date(2026, 11, 23)]
    assert matching(cells, "in_next_days", 1, timezone="Asia/Kathmandu", **moment) == [date(2026, 11, 24)]


# Groups


def test_at_least_two_of_three() -> None:
    users = [
        {"user_id": 1, "a": 1, "b": 1, "c": 1},
        {"user_id": 2, "a": 1, "b": 0, "c": 1},
        {"user_id": 3, "a": 0, "b": 0, "c": 1},
    ]
    rows = [{"field": name, "operator": "eq", "value": 1} for name in "abc"]
    two = {"user_filters": rows, "logic_operator": "AT_LEAST", "at_least": 2}

    assert member_ids(two, users, LONG_AGO) == [1, 2]
    assert member_ids(two | {"at_least": 3}, users, LONG_AGO) == [1]
    assert member_ids(two | {"negate": True}, users, LONG_AGO) == [3]


@pytest.mark.parametrize("group", [{"at_least": 1}, {"logic_operator": "AT_LEAST"}])
def test_at_least_and_its_number_come_together(group: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="at_least"):
        member_ids(group, [{"user_id": 1}], LONG_AGO)


def test_the_truths_come_in_the_order_of_the_spec() -> None:
    spec = {
        "groups": [{"user_filters": [{"field": "user_id", "operator": "eq", "value": 1}]}],
        "segment_filters": [{"segment": "all", "operator": "not_in"}],
        "sequence_filters": [{"steps": [step("A"), step("B")], "within_days": 1}],
        "event_filters": [{"event_name": "A", "operator": "gte", "count": 1}],
        "user_filters": [{"field": "user_id", "operator": "eq", "value": 2}],
        "negate": True,
    }
    events = [done(1, "A", NOON)]

    assert truths(spec, [{"user_id": 1}], events, saved={"all": {}}) == {1: (False, True, False, False, True)}


# Event filters


def done(user_id: int, event_name: str, timestamp: datetime, **properties: Any) -> dict[str, Any]:
    return {"user_id": user_id, "event_name": event_name, "timestamp": timestamp} | properties


def doing(events: list[dict[str, Any]], row: dict[str, Any], **rest: Any) -> list[int]:
    """Which of users 1 to 4 match an event filter; `as_of` is noon."""
    users = [{"user_id": user_id} for user_id in (1, 2, 3, 4)]
    spec = {"event_filters": [{"event_name": "BUY"} | row], "as_of": "2026-11-22T12:00Z"} | rest
    return member_ids(spec, users, events)


def test_several_names_are_pooled_and_a_star_is_any_event() -> None:
    events = [done(1, "BUY", NOON), done(1, "BID", NOON), done(2, "BID", NOON), done(3, "*", NOON)]
    twice = {"operator": "gte", "count": 2}

    assert doing(events, twice) == []
    assert doing(events, twice | {"event_name": ["BUY", "BID"]}) == [1]
    assert doing(events, {"event_name": "*", "operator": "gte", "count": 1}) == [1, 2, 3]
    assert doing(events, {"event_name": "*", "operator": "eq", "count": 0}) == [4]
    with pytest.raises(ValueError, match="alone"):
        doing(events, twice | {"event_name": ["BUY", "*"]})


def test_a_count_lies_between_its_ends() -> None:
    events = [done(2, "BUY", NOON), done(3, "BUY", NOON), done(3, "BUY", NOON)]

    assert doing(events, {"operator": "between", "count": [0, 1]}) == [1, 2, 4]


def test_active_days_are_different_local_days() -> None:
    # 23:30 and 00:30 in UTC are one day in Los Angeles.
    midnight = datetime(2026, 11, 20)
    half = timedelta(minutes=30)
    events = [
        *(done(1, "BUY", moment) for moment in (midnight - half, midnight + half)),
        *(done(2, "BUY", moment) for moment in (midnight, midnight + half)),
    ]
    two = {"measure": "active_days", "operator": "eq", "value": 2}

    assert doing(events, two) == [1]
    assert doing(events, two, timezone="America/Los_Angeles") == []
    assert doing(events, two | {"value": 0}) == [3, 4]


def test_days_since_are_exact_and_nobody_is_at_no_distance() -> None:
    week = timedelta(days=7)
    events = [
        *(done(1, "BUY", moment) for moment in (NOON - week, NOON)),
        done(2, "BUY", NOON - week - MICROSECOND),
        done(3, "BUY", NOON + MICROSECOND),
    ]

    def since(end: str, operator: str, value: Any) -> list[int]:
        return doing(events, {"measure": f"days_since_{end}", "operator": operator, "value": value})

    assert since("last", "eq", 0) == [1]
    assert since("first", "lte", 7) == [1]
    assert since("first", "gt", 7) == [2]
    assert since("first", "between", [7, 8]) == [1, 2]
    assert since("last", "ne", 0) == [2, 3, 4]
    assert since("last", "gte", 0) == [1, 2]


def test_a_fraction_of_a_microsecond_is_never_equal() -> None:
    # A microsecond is 1/86,400,000,000 of a day, which no decimal says exactly.
    events = [done(1, "BUY", NOON - MICROSECOND)]
    near = Decimal("0.000000000011574074")

    def since(operator: str, value: Decimal) -> list[int]:
        return doing(events, {"measure": "days_since_last", "operator": operator, "value": value})

    assert since("eq", near) == []
    assert since("gt", near) == [1]
    assert since("lt", near + Decimal("1E-18")) == [1]


def test_a_sum_of_nothing_is_zero_and_other_measures_of_nothing_have_no_value() -> None:
    events = [
        done(1, "BUY", NOON, amount=Decimal("-1.50")),
        done(2, "BUY", NOON, amount=None),
        done(3, "BUY", NOON, amount=Decimal("0.00")),
    ]

    def held(measure: str, operator: str, value: Any = 0) -> list[int]:
        return doing(events, {"measure": {measure: "amount"}, "operator": operator, "value": value})

    assert held("sum", "eq") == [2, 3, 4]
    assert held("distinct", "eq") == [2, 4]
    for measure in ("avg", "median", "min", "max", "first", "last"):
        assert held(measure, "eq") == [3], measure
        assert held(measure, "lte") == [1, 3], measure
        assert held(measure, "ne") == [1, 2, 4], measure
    assert held("min", "between", [-2, 0]) == [1, 3]


def test_an_average_is_its_sum_against_its_count() -> None:
    thirds = [done(1, "BUY", NOON, amount=Decimal(amount)) for amount in ("0.10", "0.10", "0.80")]
    unknown = [done(1, "BUY", NOON, amount=None)]
    third = Decimal("0.333333333333333333")

    def average(operator: str, value: Any) -> list[int]:
        row = {"measure": {"avg": "amount"}, "operator": operator, "value": value}
        return doing(thirds + unknown, row)

    assert average("eq", third) == []
    assert average("gt", third) == [1]
    assert average("between", [third, third + Decimal("1E-18")]) == [1]


@pytest.mark.parametrize(
    ("amounts", "middle"),
    [
        (["3", "1", "2"], "2"),
        (["4", "1", "2", "9"], "3"),
        (["0.02", "0.01"], "0.015"),
        (["-1", "-2"], "-1.5"),
        (["5", "5", "7", "7"], "6"),
        (["5", "7", "5"], "5"),
        (["8.01"], "8.01"),
    ],
)
def test_a_median_is_the_middle_value_or_the_mean_of_the_two_there(amounts: list[str], middle: str) -> None:
    events = [done(1, "BUY", NOON, amount=Decimal(amount)) for amount in amounts]
    events.append(done(1, "BUY", NOON, amount=None))

    def held(operator: str, value: Any) -> list[int]:
        return doing(events, {"measure": {"median": "amount"}, "operator": operator, "value": value})

    assert held("eq", Decimal(middle)) == [1]
    assert held("gt", Decimal(middle) - Decimal("1E-18")) == [1]
    assert held("between", [Decimal(middle), Decimal(middle) + 1]) == [1]
    assert held("ne", Decimal(middle)) == [2, 3, 4]


def test_a_median_of_floats_is_a_float() -> None:
    events = [done(1, "BUY", NOON, score=score) for score in (0.1, 0.2, float("nan"))]
    row = {"measure": {"median": "score"}, "operator": "eq", "value": Decimal("0.15000000000000002")}

    assert doing(events, row) == [1]
    assert doing(events, row | {"value": Decimal("0.15")}) == []


def test_a_float_sum_is_set_against_the_nearest_float() -> None:
    events = [done(1, "BUY", NOON, score=score) for score in (0.5, 0.25, float("nan"), float("inf"))]

    assert doing(events, {"measure": {"sum": "score"}, "operator": "eq", "value": Decimal("0.75")}) == [1]
    assert doing(events, {"measure": {"avg": "score"}, "operator": "eq", "value": Decimal("0.375")}) == [1]


def test_the_lowest_and_highest_time_are_set_against_whole_days() -> None:
    events = [
        done(1, "BUY", NOON, due=date(2026, 11, 22), at=datetime(2026, 11, 22, 23)),
        done(1, "BUY", NOON, due=date(2026, 11, 20), at=datetime(2026, 11, 20, 23)),
    ]

    def held(measure: dict[str, str], operator: str, value: str, **rest: Any) -> bool:
        return doing(events, {"measure": measure, "operator": operator, "value": value}, **rest) == [1]

    assert held({"min": "due"}, "eq", "2026-11-20")
    assert held({"max": "at"}, "eq", "2026-11-22")
    assert held({"max": "at"}, "eq", "2026-11-23", timezone="Europe/Berlin")
    with pytest.raises(ValueError, match="in"):
        held({"max": "at"}, "in", ["2026-11-22"])


def test_distinct_counts_known_values_by_code_point() -> None:
    events = [done(1, "BUY", NOON, item=item) for item in ("a", "A", "a", "", None, "á", "a\u0301")]

    assert doing(events, {"measure": {"distinct": "item"}, "operator": "eq", "value": 4}) == [1]


def test_first_and_last_of_simultaneous_events_are_the_lowest_and_highest_known() -> None:
    early = NOON - timedelta(hours=1)
    events = [
        *(done(1, "BUY", early, item=item) for item in ("b", "a", None)),
        *(done(1, "BUY", NOON, item=item) for item in ("b", "c", "")),
        # Unknown at the first instant, whatever came later.
        done(2, "BUY", early, item=None),
        done(2, "BUY", NOON, item="a"),
    ]

    def held(end: str, operator: str, **value: Any) -> list[int]:
        return doing(events, {"measure": {end: "item"}, "operator": operator} | value)

    assert held("first", "eq", value="a") == [1]
    assert held("last", "eq", value="c") == [1]
    assert held("last", "in", value=["a", "c"]) == [1, 2]
    assert held("first", "is_null") == [2, 3, 4]
    assert held("first", "not_contains", value="A") == [2, 3, 4]
    assert held("first", "not_contains", value="A", case_sensitive=True) == [1, 2, 3, 4]


def test_a_property_holds_on_the_same_event() -> None:
    events = [
        done(1, "BUY", NOON, item="pen", amount=Decimal(5)),
        done(2, "BUY", NOON, item="pen", amount=Decimal(1)),
        done(2, "BUY", NOON, item="ink", amount=Decimal(5)),
        done(3, "BUY", NOON, item=None, amount=None),
    ]
    pen = {"field": "item", "operator": "eq", "value": "pen"}
    five = {"field": "amount", "operator": "gte", "value": 5}
    once = {"operator": "gte", "count": 1}

    assert doing(events, once | {"where": [pen, five]}) == [1]
    assert doing(events, once | {"where": [pen | {"operator": "ne"}]}) == [2, 3]
    assert doing(events, {"operator": "eq", "count": 0, "where": [pen]}) == [3, 4]


# Windows


def test_days_ago_include_the_nearer_end_so_that_windows_tile() -> None:
    instants = [NOON - timedelta(days=days) for days in (30, 7)]
    events = [
        done(1, "BUY", instants[0]),
        done(2, "BUY", instants[0] + MICROSECOND),
        done(3, "BUY", instants[1]),
        done(4, "BUY", instants[1] + MICROSECOND),
    ]

    def ago(far: int, near: int) -> list[int]:
        window = {"from_days_ago": far, "to_days_ago": near}
        return doing(events, {"operator": "gte", "count": 1, "time_range": window})

    assert ago(30, 7) == [2, 3]
    assert ago(7, 0) == [4]


def test_an_absolute_window_includes_both_ends_and_nothing_after_as_of() -> None:
    events = [
        done(1, "BUY", datetime(2026, 11, 21)),
        done(2, "BUY", datetime(2026, 11, 21, 23, 59, 59, 999999)),
        done(3, "BUY", datetime(2026, 11, 22)),
        done(4, "BUY", NOON + MICROSECOND),
    ]

    def within(zone: str = "UTC", **window: Any) -> list[int]:
        row = {"operator": "gte", "count": 1, "time_range": window}
        return doing(events, row, timezone=zone)

    assert within(**{"from": "2026-11-21", "to": "2026-11-21"}) == [1, 2]
    assert within(**{"from": "2026-11-21T00:00:00.000001Z", "to": None}) == [2, 3]
    assert within(to="2026-11-21T00:00Z") == [1]
    assert within(**{"from": "2026-11-22"}) == [3]
    assert within("Europe/Berlin", **{"from": "2026-11-22"}) == [2, 3]


def test_days_after_a_users_own_date_are_local_days_and_after_a_time_24_hours() -> None:
    # Berlin's 25 October has 25 hours.
    users = [
        {"user_id": 1, "date": date(2026, 10, 25), "time": datetime(2026, 10, 24, 22)},
        {"user_id": 2, "date": None, "time": None},
    ]
    instants = [datetime(2026, 10, 24, 22), datetime(2026, 10, 25, 22), datetime(2026, 10, 25, 23)]

    def hits(anchor: str) -> list[bool]:
        window = {"within_days_of": anchor, "days": 1}
        row = {"event_name": "BUY", "operator": "gte", "count": 1, "time_range": window}
        spec = {"event_filters": [row], "timezone": "Europe/Berlin"}
        held = []
        for instant in (instants[0] - MICROSECOND, *instants):
            events = [done(user_id, "BUY", instant) for user_id in (1, 2)]
            held.append(member_ids(spec, users, events) == [1])
        return held

    assert hits("date") == [False, True, True, False]
    assert hits("time") == [False, True, False, False]


# Sequences


def step(event_name: str, **rest: Any) -> dict[str, Any]:
    return {"event_name": event_name} | rest


def followed(times: dict[str, list[int]], steps: list[dict[str, Any]], **rest: Any) -> bool:
    """Whether a user who did these events, each at so many hours before noon, did the steps."""
    events = [
        done(1, name, NOON - timedelta(hours=hours), hours=hours)
        for name, ages in times.items()
        for hours in ages
    ]
    row = {"steps": steps, "within_days": 1} | rest
    spec = {"sequence_filters": [row], "as_of": "2026-11-22T12:00Z"}
    return member_ids(spec, [{"user_id": 1}], events) == [1]


A, B, C = step("A"), step("B"), step("C")
NO_B = step("B", absent=True)


def test_each_step_is_strictly_later_and_in_time() -> None:
    assert followed({"A": [30], "B": [6]}, [A, B])
    assert not followed({"A": [31], "B": [6]}, [A, B])
    assert not followed({"A": [6], "B": [6]}, [A, B])
    assert not followed({"A": [6], "B": [7]}, [A, B])
    assert followed({"A": [7, 6]}, [A, A])
    assert not followed({"A": [6, 6]}, [A, A])


def test_the_time_may_be_in_hours() -> None:
    assert followed({"A": [30], "B": [6]}, [A, B], within_days=None, within_hours=24)
    assert not followed({"A": [30], "B": [6]}, [A, B], within_days=None, within_hours=23)
    assert followed({"A": [5]}, [A, NO_B], within_days=None, within_hours=5)
    with pytest.raises(ValueError, match="too many"):
        followed({"A": [30]}, [A, B], within_hours=24)


def test_the_time_runs_from_the_first_step_for_all() -> None:
    assert followed({"A": [40], "B": [20], "C": [16]}, [A, B, C])
    assert not followed({"A": [41], "B": [20], "C": [16]}, [A, B, C])


def test_any_occurrence_may_start_and_any_may_come_next() -> None:
    # Only the later of two starts is followed in time.
    assert followed({"A": [100, 30], "B": [20]}, [A, B])
    # The nearest B has nothing after it in time but the nearest A has.
    assert followed({"A": [50, 40], "B": [45, 30], "C": [20]}, [A, B, C])
    assert not followed({"A": [50, 20], "B": [45, 30], "C": [22]}, [A, B, C])


def test_events_of_the_very_next_microsecond_after_the_deadline_are_too_late() -> None:
    events = [done(1, "A", NOON - timedelta(days=1) - MICROSECOND), done(1, "B", NOON)]
    spec = {"sequence_filters": [{"steps": [A, B], "within_days": 1}]}

    assert member_ids(spec, [{"user_id": 1}], events) == []


def test_an_absent_last_step_is_looked_for_after_the_one_before() -> None:
    assert followed({"A": [30]}, [A, NO_B])
    assert not followed({"A": [30], "B": [29]}, [A, NO_B])
    # At the same instant, and after the time is over, it is not in the way.
    assert followed({"A": [30], "B": [30]}, [A, NO_B])
    assert not followed({"A": [30], "B": [6]}, [A, NO_B])
    assert followed({"A": [30], "B": [5]}, [A, NO_B])
    # Of two C, one has no B after it.
    assert followed({"A": [30], "C": [29, 27], "B": [28]}, [A, C, NO_B])
    assert not followed({"A": [30], "C": [29], "B": [28]}, [A, C, NO_B])


def test_who_still_has_time_is_not_yet_absent() -> None:
    assert followed({"A": [24]}, [A, NO_B])
    assert not followed({"A": [23]}, [A, NO_B])
    assert followed({"A": [24, 23]}, [A, NO_B])


def test_did_not_is_the_complement() -> None:
    assert followed({}, [A, B], operator="did_not")
    assert followed({"A": [23]}, [A, NO_B], operator="did_not")
    assert not followed({"A": [30], "B": [6]}, [A, B], operator="did_not")


def test_a_window_bounds_the_first_step_alone() -> None:
    times = {"A": [40], "B": [20]}

    assert followed(times, [A, B], time_range_days=2)
    assert not followed(times, [A, B], time_range_days=1)
    assert followed(times, [A, B], time_range_hours=41)
    assert not followed(times, [A, B], time_range_hours=40)
    assert followed(times, [A, B], time_range={"from_days_ago": 2, "to_days_ago": 1})
    assert followed(times, [A, B], time_range={"to": "2026-11-20T20:00Z"})


def test_steps_have_properties_and_pooled_names() -> None:
    late = step("B", where=[{"field": "hours", "operator": "lte", "value": 9}])

    assert followed({"A": [30], "B": [20, 9]}, [A, late])
    assert not followed({"A": [40], "B": [20, 9]}, [A, late])
    assert followed({"A": [30], "B": [20]}, [A, late | {"absent": True}])
    assert not followed({"A": [30], "B": [9]}, [A, late | {"absent": True}])
    assert followed({"A": [30], "C": [20]}, [A, step(["B", "C"])])
    assert followed({"A": [30], "C": [20]}, [step("*"), step("*")])


def test_only_the_last_step_may_be_absent() -> None:
    with pytest.raises(ValueError, match="last"):
        followed({}, [NO_B, A])


# Saved segments


def test_a_saved_segment_counts_back_from_the_moment_of_who_asks() -> None:
    users = [{"user_id": user_id} for user_id in (1, 2, 3)]
    events = [
        done(user_id, "LOGIN", NOON - timedelta(days=days)) for user_id, days in ((1, 0), (2, 8), (3, 1))
    ]
    lately = {
        "event_filters": [{"event_name": "LOGIN", "operator": "gte", "count": 1, "time_range_days": 7}],
        "limit": 1,
        "as_of": "2026-11-15",
        "sample": {"split": {"a": 50, "b": 50}, "seed": "x"},
    }

    def held(operator: str) -> list[int]:
        spec = {"segment_filters": [{"segment": "lately", "operator": operator}]}
        return member_ids(spec, users, events, saved={"lately": lately})

    assert held("in") == [1, 3]
    assert held("not_in") == [2]


def test_a_saved_segment_keeps_its_zone_its_negation_and_its_sample() -> None:
    midnight = datetime(2026, 11, 20)
    users = [{"user_id": 1, "seen": midnight}, {"user_id": 2, "seen": None}]
    saved = {
        "that-day": {
            "user_filters": [{"field": "seen", "operator": "eq", "value": "2026-11-19"}],
            "timezone": "America/Los_Angeles",
        },
        "another": {"segment_filters": [{"segment": "that-day", "operator": "in"}], "negate": True},
        "none": {"sample": {"percent": Decimal("0.0000000001"), "seed": "x"}},
    }

    def held(segment: str, operator: str = "in") -> list[int]:
        row = {"segment": segment, "operator": operator}
        return member_ids({"segment_filters": [row]}, users, LONG_AGO, saved=saved)

    assert held("that-day") == [1]
    assert held("another") == [2]
    assert held("none") == []
    assert held("none", "not_in") == [1, 2]


# Samples


def test_a_sample_keeps_whose_hash_is_low() -> None:
    # md5("spring:1") begins with c993cc13: 78.7 % of the way.
    def keeps(percent: Any) -> bool:
        return sampled({"sample": {"percent": percent, "seed": "spring"}}, 1)

    assert keeps(100)
    assert keeps(Fraction(0xC993CC13 + 1, 2**32) * 100)
    assert not keeps(Fraction(0xC993CC13, 2**32) * 100)
    assert sampled({}, 1)


def test_a_sample_comes_after_negate_and_before_the_limit() -> None:
    users = [{"user_id": user_id} for user_id in range(1, 101)]
    half = {"sample": {"percent": 50, "seed": "spring"}}

    kept = member_ids(half, users, [])

    assert 30 < len(kept) < 70
    assert member_ids(half | {"limit": 3}, users, []) == kept[:3]
    assert total(half | {"limit": 3}, users, []) == len(kept)
    assert total(half | {"negate": True}, users, []) == 0


def test_arms_share_everyone_by_their_weights_in_the_order_of_their_names() -> None:
    users = [{"user_id": user_id} for user_id in range(1, 101)]
    spec = {"sample": {"split": {"treatment": 90, "control": 10}, "seed": "spring"}, "limit": 5}

    arms = variants(spec, users, [])

    assert len(arms) == 100
    low = {user_id for user_id in arms if md5(f"spring:arm:{user_id}".encode()).hexdigest()[:8] < "19999999"}
    assert {user_id for user_id, arm in arms.items() if arm == "control"} == low


def test_a_sample_is_a_part_or_arms() -> None:
    for sample in ({"seed": "x"}, {"percent": 5, "split": {"a": 100}, "seed": "x"}):
        with pytest.raises(ValueError, match="seed"):
            member_ids({"sample": sample}, [{"user_id": 1}], [])


# What it refuses


@pytest.mark.parametrize(
    "spec",
    [
        {"limits": 2},
        {"user_filters": [{"field": "user_id", "operator": "eq", "value": 1, "case_sensitive": True}]},
        {"user_filters": [{"field": "user_id", "operator": "is_null", "value": 1}]},
        {"event_filters": [{"event_name": "A", "operator": "eq", "value": 1}]},
        {"event_filters": [{"event_name": "A", "measure": "active_days", "operator": "eq", "count": 1}]},
        {"event_filters": [{"event_name": "A", "operator": "eq", "count": 1, "within_days": 2}]},
        {"sequence_filters": [{"steps": [A, B], "within_days": 1, "count": 1}]},
        {"sequence_filters": [{"steps": [A | {"count": 1}, B], "within_days": 1}]},
        {"segment_filters": [{"segment": "x", "operator": "in", "limit": 1}]},
        {"groups": [{"limit": 1}]},
        {"sample": {"percent": 5, "seed": "x", "size": 3}},
    ],
)
def test_a_key_the_oracle_does_not_know_is_not_passed_over(spec: dict[str, Any]) -> None:
    events = [done(1, "A", NOON)]

    with pytest.raises(ValueError, match="does not know"):
        member_ids(spec, [{"user_id": 1}], events, saved={"x": {}})


@pytest.mark.parametrize(
    "window",
    [
        {"time_range_days": 7, "time_range": {"from": "2026-11-22"}},
        {"time_range_hours": 7, "time_range": {"from": "2026-11-22"}},
        {"time_range_days": 1, "time_range_hours": 24},
        {"time_range": {"from": "2026-11-22", "to_days_ago": 1}},
        {"time_range": {"from_days_ago": 7}},
        {"measure": "days_since_last", "time_range_days": 7},
    ],
)
def test_a_window_has_one_form(window: dict[str, Any]) -> None:
    row = {"event_name": "A", "operator": "eq", ("value" if "measure" in window else "count"): 1} | window

    with pytest.raises(ValueError):  # noqa: PT011
        member_ids({"event_filters": [row]}, [{"user_id": 1}], [done(1, "A", NOON)])
