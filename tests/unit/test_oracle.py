"""The oracle itself, on cases whose answer can be seen at a glance, each straight from the contract."""

import ast
import sys
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests import oracle
from tests.oracle import as_of, first_instant, last_instant, local_day, matches_pattern, member_ids, total

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


def test_a_key_the_oracle_does_not_know_is_not_passed_over() -> None:
    with pytest.raises(ValueError, match="at_least"):
        member_ids({"at_least": 2}, [{"user_id": 1}], LONG_AGO)
