"""Why users of the tiny world are in a segment or not, by hand."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from duckmart.engines.duckdb import DuckDBEngine
from duckmart.insight.explain import Change, Explanation, Reason, UserEvent, query
from duckmart.mart import Mart
from duckmart.settings import Settings
from tests.tiny import (
    A_MONTH_BEFORE,
    ANN,
    AS_OF,
    BOB,
    CY,
    DEE,
    EVE,
    FAY,
    GUS,
    HAL,
    Row,
    attribute,
    event,
    group,
    spec,
)
from tests.world import MICROSECOND

Why = Callable[..., Reason]


@pytest.fixture(scope="session")
def why(mart: Mart) -> Why:
    """The one condition of a segment, explained for one user."""

    def explained(user_id: int, row: Row, key: str | None = None, **rest: Any) -> Reason:
        given = spec(**{key: [row]}, **rest) if key else spec(row, **rest)
        return only(mart, given, user_id).conditions[0]

    return explained


def only(mart: Mart, given: Row, user_id: int | str) -> Explanation:
    [one] = mart.explain(mart.accept(given)[0], [user_id])
    return one


def turned(reason: Reason) -> tuple[str, Any] | None:
    """The key of the change, below the condition, and its value."""
    if reason.change is None:
        return None
    below = reason.change.path[len(reason.path) :]
    return ".".join(map(str, below)), reason.change.value


def test_a_condition_that_holds_tells_the_value_and_no_change(why: Why) -> None:
    assert why(ANN, attribute("age", "gte", 25)) == Reason(
        path=("user_filters", 0), line="age is at least 25", held=True, value=25, words="age is 25"
    )


def test_a_condition_that_fails_tells_what_would_turn_it(why: Why) -> None:
    reason = why(EVE, attribute("age", "gte", 25))

    assert (reason.held, reason.value) == (False, 24)
    assert reason.change == Change(("user_filters", 0, "value"), 24, "holds with at least 24")


@pytest.mark.parametrize(
    ("user_id", "field", "operator", "value", "change"),
    [
        (EVE, "age", "gt", 25, ("value", 23)),
        (EVE, "age", "lt", 24, ("value", 25)),
        (EVE, "age", "lte", 20, ("value", 24)),
        (EVE, "age", "eq", 25, ("value", 24)),
        (EVE, "age", "in", [25, 26], ("value.2", 24)),
        (EVE, "age", "between", [25, 30], ("value.0", 24)),
        (EVE, "age", "between", [18, 20], ("value.1", 24)),
        (EVE, "age", "not_between", [23, 30], ("value.0", 25)),
        (EVE, "age", "not_between", [10, 25], ("value.1", 23)),
        # Neither bound alone can leave it out: they meet on it.
        (EVE, "age", "not_between", [24, 24], None),
        (EVE, "age", "ne", 24, None),
        (EVE, "age", "is_null", None, None),
        (CY, "age", "gte", 25, None),
        (DEE, "lifetime_value", "gt", 20, ("value", Decimal("19.98"))),
        (DEE, "lifetime_value", "gte", 20, ("value", Decimal("19.99"))),
        (FAY, "score", "gt", 1, ("value", Decimal("0.28"))),
        (FAY, "location", "eq", "California", ("value", "New York")),
        (FAY, "location", "in", ["California"], ("value.1", "New York")),
        (FAY, "location", "starts_with", "cal", None),
        (DEE, "newsletter", "eq", False, ("value", True)),
        (ANN, "signup_date", "gt", "2026-11-22", ("value", "2026-11-20")),
        (ANN, "last_seen", "gte", "2026-11-22", ("value", "2026-11-21")),
        (BOB, "last_seen", "gt", "2026-11-22T09:00:00Z", ("value", "2026-11-21T23:59:59.999999Z")),
        (EVE, "signup_date", "in_last_days", 30, ("value", 998)),
        (ANN, "signup_date", "not_in_last_days", 30, ("value", 1)),
        (BOB, "signup_date", "not_in_last_days", 30, None),
        (BOB, "signup_date", "in_next_days", 30, None),
        (EVE, "last_seen", "in_last_days", 30, None),
        (ANN, "last_seen", "in_next_days", 1, None),
        # Of 29 February it is on the 28th.
        (EVE, "signup_date", "anniversary_in_last_days", 266, ("value", 267)),
        (EVE, "signup_date", "anniversary_in_next_days", 97, ("value", 98)),
        (BOB, "signup_date", "anniversary_in_last_days", 366, None),
        (BOB, "signup_date", "anniversary_in_next_days", 0, ("value", 365)),
        (ANN, "last_seen", "anniversary_in_next_days", 30, ("value", 364)),
        (CY, "signup_date", "anniversary_in_next_days", 366, None),
    ],
)
def test_the_nearest_value_of_an_attribute_is_proposed(
    why: Why, user_id: int, field: str, operator: str, value: Any, change: Any
) -> None:
    row = {"field": field, "operator": operator} | ({} if value is None else {"value": value})

    reason = why(user_id, row)

    assert not reason.held
    assert turned(reason) == change


def test_of_two_fields_both_values_are_told_and_no_single_change(why: Why) -> None:
    older = why(ANN, {"field": "age", "operator": "lt", "other_field": "lifetime_value"})
    unknown = why(FAY, {"field": "lifetime_value", "operator": "ne", "other_field": "age"})

    assert (older.held, older.value, older.change) == (False, 25, None)
    assert older.words == "age is 25, lifetime value is 0.10"
    assert (unknown.held, unknown.words) == (True, "lifetime value is unknown, age is 30")


def test_the_local_day_of_the_zone_is_proposed(why: Why) -> None:
    row = attribute("last_seen", "eq", "2026-11-23")

    assert turned(why(ANN, row)) == ("value", "2026-11-21")
    assert turned(why(ANN, row, timezone="Pacific/Kiritimati")) == ("value", "2026-11-22")


@pytest.mark.parametrize(
    ("user_id", "row", "value", "change"),
    [
        (BOB, event("LOGIN", "gte", 3), 2, ("count", 2)),
        (BOB, event("LOGIN", "gt", 2), 2, ("count", 1)),
        (BOB, event("LOGIN", "lt", 2), 2, ("count", 3)),
        (BOB, event("LOGIN", "between", [3, 4]), 2, ("count.0", 2)),
        (DEE, event("LOGIN", "gt", 0), 0, None),
        # One of two is in the window: how often is the question, not when.
        (ANN, event("LOGIN", "gte", 2, 30), 1, ("count", 1)),
        (EVE, event("LOGIN", "gte", 1, 30), 0, ("time_range_days", 31)),
        (FAY, event("LOGIN", "eq", 1, 2), 0, ("time_range_days", 31)),
        # Both logins are at one moment: no window has one of them.
        (BOB, event("LOGIN", "eq", 1, 2), 0, ("count", 0)),
        (BOB, event("PURCHASE_MADE", "eq", 0, 30), 1, ("time_range_days", 1)),
        # It was 24 hours ago to the microsecond.
        (BOB, event("PURCHASE_MADE", "gte", 1) | {"time_range_hours": 6}, 0, ("time_range_hours", 25)),
        (BOB, event("PURCHASE_MADE", "eq", 0) | {"time_range_hours": 30}, 1, ("time_range_hours", 24)),
        (GUS, event("PURCHASE_MADE", "gte", 1) | {"time_range_hours": 6}, 0, ("time_range_hours", 24)),
        # It was within the last day, and no window is shorter.
        (GUS, event("PURCHASE_MADE", "eq", 0, 30), 1, ("count", 1)),
        (HAL, event("PURCHASE_MADE", "gte", 1, 30), 0, ("count", 0)),
    ],
)
def test_the_nearest_count_or_window_is_proposed(
    why: Why, user_id: int, row: Row, value: int, change: Any
) -> None:
    reason = why(user_id, row)

    assert (reason.held, reason.value) == (False, value)
    assert turned(reason) == change


def test_a_window_tells_when_the_last_one_was(why: Why) -> None:
    reason = why(EVE, event("LOGIN", "gte", 1, 30))

    assert reason.words == "0 times"
    assert reason.change is not None
    assert reason.change.words == "holds with time_range_days 31: the last one was 30 days ago"


def test_a_window_of_hours_tells_it_in_hours(why: Why) -> None:
    reason = why(BOB, event("PURCHASE_MADE", "gte", 1) | {"time_range_hours": 6})

    assert reason.change is not None
    assert reason.change.words == "holds with time_range_hours 25: the last one was 24 hours ago"


def test_the_first_events_that_counted_are_shown_and_no_later_ones(why: Why) -> None:
    names = ["50% off", "O'Neil's click", "login"]
    assert [one.name for one in why(FAY, event("*", "gte", 1, 30)).events] == names
    assert [one.name for one in why(FAY, event("*", "gte", 9)).events] == ["LOGIN", *names[:2]]
    assert why(ANN, event("LOGIN", "gte", 1, 30)).events == (UserEvent(AS_OF, "LOGIN"),)
    assert why(HAL, event("PURCHASE_MADE", "gte", 1)).events == ()


def test_days_since_are_told_with_decimals_and_proposed_as_whole_days(why: Why) -> None:
    row = {"event_name": "LOGIN", "measure": "days_since_last"}

    late = why(FAY, row | {"operator": "lte", "value": 30})
    early = why(BOB, row | {"operator": "gte", "value": 30})

    assert (late.held, late.value, turned(late)) == (False, 30, ("value", 31))
    assert (early.held, early.value, turned(early)) == (False, 30, ("value", 29))
    assert turned(why(EVE, row | {"operator": "eq", "value": 5})) == ("value", 30)
    never = why(DEE, row | {"operator": "lte", "value": 30})
    assert (never.held, never.value, never.change) == (False, None, None)


def test_different_days_are_counted_and_proposed(why: Why) -> None:
    row = {"event_name": "LOGIN", "measure": "active_days", "operator": "gte", "value": 2}

    assert (why(BOB, row).value, turned(why(BOB, row))) == (1, ("value", 1))


def test_a_rank_tells_the_place_and_proposes_a_rank_that_takes_it_in(why: Why) -> None:
    # Ages are 99, 35, 34, 30, 25, 24, 0.
    oldest = why(FAY, attribute("age", "top", 3))
    assert oldest.words == "age is 30, place 4"
    assert turned(oldest) == ("value", 4)
    assert why(BOB, attribute("age", "top", 3)).held

    percent = why(FAY, attribute("age", "top_percent", 40))
    assert percent.words == "age is 30, place 4 of 7"
    assert turned(percent) == ("value", Decimal("42.86"))
    assert percent.change is not None
    assert percent.change.words == "holds in the top 42.86 %"

    assert turned(why(CY, attribute("age", "bottom", 1))) is None


def test_a_rank_of_a_measure_tells_the_measure_too(why: Why) -> None:
    fewest = why(ANN, {"event_name": "LOGIN", "operator": "bottom", "value": 1})
    assert (fewest.value, fewest.words) == (2, "2 times, place 3")
    assert turned(fewest) == ("value", 3)
    assert why(FAY, {"event_name": "LOGIN", "operator": "bottom", "value": 1}).held


BESIDE = {"event_name": "LOGIN", "operator": "gt", "than": {"event_name": "PURCHASE_MADE"}, "times": 3}


def test_two_measures_are_told_both_and_a_factor_is_proposed(why: Why) -> None:
    reason = why(BOB, BESIDE)

    assert reason.line == "number of LOGIN is more than 3 times the number of PURCHASE_MADE"
    assert (reason.value, reason.than) == (2, 1)
    assert reason.words == "number of LOGIN is 2, number of PURCHASE_MADE is 1"
    assert turned(reason) == ("times", Decimal("1.999"))
    assert reason.as_dict()["than"] == 1


@pytest.mark.parametrize(
    ("operator", "times", "proposed"),
    [("gte", 3, 2), ("eq", 3, 2), ("lt", 1, Decimal("2.001")), ("lte", 1, 2), ("ne", 2, None)],
)
def test_the_nearest_factor_is_proposed(why: Why, operator: str, times: int, proposed: Any) -> None:
    assert turned(why(BOB, BESIDE | {"operator": operator, "times": times})) == (
        None if proposed is None else ("times", proposed)
    )


@pytest.mark.parametrize("user", [GUS, CY])
def test_no_factor_helps_where_one_of_two_measures_is_nothing(why: Why, user: int) -> None:
    assert turned(why(user, BESIDE)) is None


def test_a_sequence_shows_the_events_of_one_choice_that_fits(why: Why) -> None:
    steps = [{"event_name": "LOGIN"}, {"event_name": "PURCHASE_MADE"}]

    did = why(BOB, {"steps": steps, "within_days": 30}, "sequence_filters")
    late = why(BOB, {"steps": steps, "within_days": 2}, "sequence_filters")

    assert did.held
    assert did.events == (
        UserEvent(A_MONTH_BEFORE + MICROSECOND, "LOGIN"),
        UserEvent(AS_OF - timedelta(days=1), "PURCHASE_MADE"),
    )
    assert (late.held, late.events, turned(late)) == (False, (), ("within_days", 29))
    hours = why(BOB, {"steps": steps, "within_hours": 2}, "sequence_filters")
    assert (hours.held, turned(hours)) == (False, ("within_hours", 29 * 24))


def test_a_sequence_that_should_not_have_been_done_is_turned_by_fewer_days(why: Why) -> None:
    steps = [{"event_name": "LOGIN"}, {"event_name": "PURCHASE_MADE"}]

    did = why(BOB, {"steps": steps, "within_days": 30, "operator": "did_not"}, "sequence_filters")

    assert (did.held, len(did.events), turned(did)) == (False, 2, ("within_days", 28))


def test_of_a_sequence_without_its_end_the_events_before_it_are_shown(why: Why) -> None:
    steps = [{"event_name": "LOGIN"}, {"event_name": "PURCHASE_MADE", "absent": True}]

    did = why(FAY, {"steps": steps, "within_days": 7}, "sequence_filters")

    assert (did.held, did.events) == (True, (UserEvent(A_MONTH_BEFORE - MICROSECOND, "LOGIN"),))


def test_nested_conditions_come_after_their_group_and_at_least_may_turn_it(mart: Mart) -> None:
    some = {"logic_operator": "AT_LEAST", "at_least": 2}
    inner = group(attribute("age", "gte", 18), attribute("location", "eq", "Texas"), **some)

    explained = only(mart, spec(attribute("age", "lt", 99), inner), ANN)

    paths = [("user_filters", 0), ("groups", 0)]
    paths += [("groups", 0, "user_filters", place) for place in (0, 1)]
    assert [reason.path for reason in explained.conditions] == paths
    assert [reason.held for reason in explained.conditions] == [True, False, True, False]
    assert explained.conditions[1].value == 1
    assert explained.conditions[1].change == Change(("groups", 0, "at_least"), 1, "holds with at_least 1")
    assert (explained.held, explained.member) == (False, False)


def test_of_a_negated_group_more_may_be_asked_for(mart: Mart) -> None:
    some = {"logic_operator": "AT_LEAST", "at_least": 1, "negate": True}
    inner = group(attribute("age", "gte", 18), attribute("location", "eq", "Texas"), **some)

    assert turned(only(mart, spec(inner), ANN).conditions[0]) == ("at_least", 2)


def test_an_empty_segment_is_explained_by_nothing(mart: Mart) -> None:
    assert only(mart, {}, ANN) == Explanation(ANN, known=True, member=True, held=True)
    assert only(mart, {"negate": True}, ANN) == Explanation(ANN, known=True)


def test_a_limit_and_the_order_of_ids_do_not_matter(mart: Mart) -> None:
    segment, _ = mart.accept({"limit": 1})

    explained = mart.explain(segment, [HAL, ANN, HAL])

    assert [(one.user_id, one.member) for one in explained] == [(HAL, True), (ANN, True), (HAL, True)]


def test_unknown_users_are_told_as_such(mart: Mart) -> None:
    asked = [999, "x", "1.5", "", 2**70, "9" * 40, "\udcff", ANN]

    explained = mart.explain(mart.accept({})[0], asked)

    assert [one.user_id for one in explained] == asked
    assert [one.known for one in explained] == [False] * 7 + [True]
    assert explained[0] == Explanation(999, known=False)
    assert explained[0].as_dict() == {"user_id": 999, "known": False}


def test_ids_may_be_texts_where_they_are_numbers(mart: Mart) -> None:
    assert only(mart, {}, "1") == only(mart, {}, 1)


def test_a_sample_leaves_users_out_who_match(mart: Mart) -> None:
    given = spec(sample={"percent": 50, "seed": "spring"})
    segment, _ = mart.accept(given)
    members = set(mart.audience(segment).ids.to_pylist())

    explained = mart.explain(segment, range(1, 9))

    assert {one.user_id for one in explained if one.member} == members
    assert all(one.held and one.sampled is one.member for one in explained)
    assert 0 < len(members) < 8


def test_members_of_a_split_are_told_their_arm(mart: Mart) -> None:
    split = {"split": {"a": 50, "b": 50}, "seed": "spring"}
    segment, _ = mart.accept(spec(attribute("age", "lt", 90), sample=split))

    explained = mart.explain(segment, range(1, 9))

    rows = mart.engine.run(mart.members(segment)).to_pylist()
    arms = {row["user_id"]: row["variant"] for row in rows}
    assert {one.user_id: one.variant for one in explained if one.member} == arms
    assert {one.variant for one in explained if not one.member} == {None}
    assert {one.sampled for one in explained} == {None}


def test_saved_segments_hold_or_not(mart: Mart) -> None:
    saved = {"young": {"user_filters": [attribute("age", "lt", 30)], "limit": 1}}
    with_saved = Mart(mart.engine, mart.settings, saved)
    segment, _ = with_saved.accept({"segment_filters": [{"segment": "young", "operator": "not_in"}]})

    explained = with_saved.explain(segment, [ANN, BOB, CY])

    assert [one.conditions[0].held for one in explained] == [False, True, True]
    assert explained[0].conditions[0].value is None


def test_json_has_plain_values(mart: Mart) -> None:
    rows = [attribute("signup_date", "eq", "2026-11-20"), event("LOGIN", "gte", 1, 30)]
    explained = only(mart, spec(*rows), ANN)

    assert explained.as_dict()["conditions"] == [
        {
            "path": "user_filters.0",
            "line": "signup date is “2026-11-20”",
            "held": False,
            "value": "2026-11-21",
            "words": "signup date is 2026-11-21",
            "events": [],
            "change": {
                "path": "user_filters.0.value",
                "value": "2026-11-21",
                "words": "holds with “2026-11-21”",
            },
        },
        {
            "path": "event_filters.0",
            "line": "LOGIN at least once in the last 30 days",
            "held": True,
            "value": 1,
            "words": "once",
            "events": [{"time": "2026-11-22T12:00:00Z", "name": "LOGIN"}],
            "change": None,
        },
    ]
    assert isinstance(explained.conditions[1].events[0].time, datetime)


def test_one_query_explains_all_and_reads_only_what_is_theirs(mart: Mart) -> None:
    segment, _ = mart.accept(spec(event("LOGIN", "gte", 1, 30), attribute("age", "gte", 25)))

    sql = query(segment, [ANN, BOB], mart.catalog, AS_OF).sql()

    assert sql.count("FROM user_events") == sql.count("user_id IN (1, 2)") - 1


@pytest.mark.parametrize(
    ("amounts", "value", "words", "change"),
    [
        (["10.00", "15.00"], Decimal("12.5"), "median amount is 12.5", Decimal("12.5")),
        (["0.01", "0.02", None], Decimal("0.015"), "median amount is 0.015", Decimal("0.015")),
        (["20.00", "1.00", "90.00"], 20, "median amount is 20", 20),
        ([None], None, "median amount is unknown", None),
    ],
)
def test_a_median_is_told_to_its_last_digit(
    tmp_path: Path, amounts: list[str | None], value: Any, words: str, change: Any
) -> None:
    path = tmp_path / "amounts.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE user_attributes AS SELECT 1 AS user_id")
        connection.execute(
            "CREATE TABLE user_events "
            "(user_id INTEGER, event_name TEXT, timestamp TIMESTAMP, amount DECIMAL(12, 2))"
        )
        rows = [[1, "BUY", AS_OF, amount] for amount in amounts]
        connection.executemany("INSERT INTO user_events VALUES (?, ?, ?, ?)", rows)
        connection.execute("CREATE TABLE load_info AS SELECT ?::TIMESTAMP AS loaded_at", [AS_OF])
    usual = Mart(DuckDBEngine(path, Settings()), Settings())
    row = {"event_name": "BUY", "measure": {"median": "amount"}, "operator": "gte", "value": 100}

    [reason] = only(usual, {"event_filters": [row]}, 1).conditions

    assert (reason.held, reason.value, reason.words) == (False, value, words)
    assert turned(reason) == (None if change is None else ("value", change))
