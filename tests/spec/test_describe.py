"""Each segment as an English sentence: every operator, group, negation and window has its words."""

from decimal import Decimal
from typing import Any

import pytest

from duckmart.settings import Settings
from duckmart.spec.describe import line, sentence
from duckmart.spec.measures import MEASURES
from duckmart.spec.operators import COUNT_OPERATORS, USER_OPERATORS
from duckmart.spec.parser import parse
from tests.tiny import attribute, event, group

SETTINGS = Settings()


def said(*rows: dict[str, Any], **rest: Any) -> str:
    return sentence(parse(group(*rows, **rest), SETTINGS))


def labelled(row: dict[str, Any]) -> str:
    [child] = parse(group(row), SETTINGS).children
    return line(child)


ATTRIBUTES = {
    "eq": (attribute("location", "eq", "California"), "location is “California”"),
    "ne": (attribute("subscription_plan", "ne", "free"), "subscription plan is not “free”"),
    "gt": (attribute("age", "gt", 25), "age is more than 25"),
    "gte": (attribute("age", "gte", 25), "age is at least 25"),
    "lt": (attribute("age", "lt", 25), "age is less than 25"),
    "lte": (attribute("age", "lte", Decimal("25.5")), "age is at most 25.5"),
    "between": (attribute("age", "between", [25, 34]), "age is between 25 and 34"),
    "not_between": (attribute("age", "not_between", [25, 34]), "age is not between 25 and 34"),
    "in": (attribute("age", "in", [25, 34]), "age is any of 25 or 34"),
    "not_in": (attribute("location", "not_in", ["A", "B", "C"]), "location is none of “A”, “B” or “C”"),
    "like": (attribute("name", "like", "50%"), "name is like “50%”"),
    "not_like": (attribute("name", "not_like", "50%"), "name is not like “50%”"),
    "contains": (attribute("name", "contains", "50%"), "name contains “50%”"),
    "not_contains": (attribute("name", "not_contains", "x"), "name does not contain “x”"),
    "not_starts_with": (attribute("name", "not_starts_with", "x"), "name does not start with “x”"),
    "not_ends_with": (attribute("name", "not_ends_with", "x"), "name does not end with “x”"),
    "starts_with": (attribute("name", "starts_with", "x"), "name starts with “x”"),
    "ends_with": (attribute("name", "ends_with", "x"), "name ends with “x”"),
    "contains_any": (attribute("tags", "contains_any", ["a", "b"]), "tags contains any of “a” or “b”"),
    "contains_all": (attribute("tags", "contains_all", ["a", "b"]), "tags contains all of “a” and “b”"),
    "contains_none": (attribute("tags", "contains_none", ["a"]), "tags contains none of “a”"),
    "is_null": (attribute("name", "is_null", None), "name is unknown"),
    "is_not_null": (attribute("name", "is_not_null", None), "name is known"),
    "in_last_days": (attribute("signup_date", "in_last_days", 7), "signup date is in the last 7 days"),
    "not_in_last_days": (
        attribute("signup_date", "not_in_last_days", 1),
        "signup date is not in the last day",
    ),
    "in_next_days": (attribute("signup_date", "in_next_days", 1000), "signup date is in the next 1,000 days"),
    "anniversary_in_last_days": (
        attribute("signup_date", "anniversary_in_last_days", 7),
        "signup date has an anniversary in the last 7 days",
    ),
    "anniversary_in_next_days": (
        attribute("signup_date", "anniversary_in_next_days", 0),
        "signup date has an anniversary today",
    ),
}
COUNTS = {
    "eq": (event("LOGIN", "eq", 3), "LOGIN exactly 3 times"),
    "ne": (event("LOGIN", "ne", 1), "LOGIN not exactly once"),
    "gt": (event("LOGIN", "gt", 2), "LOGIN more than twice"),
    "gte": (event("LOGIN", "gte", 1), "LOGIN at least once"),
    "lt": (event("LOGIN", "lt", 2), "LOGIN fewer than 2 times"),
    "lte": (event("LOGIN", "lte", 1000), "LOGIN at most 1,000 times"),
    "between": (event("LOGIN", "between", [2, 5]), "LOGIN between 2 and 5 times"),
}


def measure(measured: Any, operator: str, value: Any, **rest: Any) -> dict[str, Any]:
    return {"event_name": "BUY", "measure": measured, "operator": operator, "value": value, **rest}


# What is counted or measured -> how it reads after "Users".
MEASURED = {
    "active_days": (measure("active_days", "gte", 3), "who did BUY on at least 3 different days"),
    "days_since_last": (measure("days_since_last", "lt", 7), "whose last BUY was less than 7 days ago"),
    "days_since_first": (
        measure("days_since_first", "between", [1, Decimal("2.5")]),
        "whose first BUY was between 1 and 2.5 days ago",
    ),
    "sum": (measure({"sum": "amount"}, "lt", 100), "whose total amount of BUY is less than 100"),
    "avg": (measure({"avg": "amount"}, "eq", 20), "whose average amount of BUY is 20"),
    "median": (
        measure({"median": "amount"}, "gte", 20, time_range_days=30),
        "whose median amount of BUY in the last 30 days is at least 20",
    ),
    "min": (measure({"min": "due"}, "lt", "2026-11-22"), "whose earliest due of BUY is before “2026-11-22”"),
    "max": (measure({"max": "amount"}, "ne", 5), "whose largest amount of BUY is not 5"),
    "distinct": (
        measure({"distinct": "category"}, "gte", 2),
        "whose number of different category values of BUY is at least 2",
    ),
    "first": (
        measure({"first": "category"}, "contains", "B", case_sensitive=True),
        "for whom the category of the first BUY contains “B” (case-sensitive)",
    ),
    "last": (
        measure({"last": "item_name"}, "in", ["a", "b"]),
        "for whom the item name of the last BUY is any of “a” or “b”",
    ),
    "count": (event("BUY", "between", [1, 2]), "who did BUY between 1 and 2 times"),
}


def test_every_operator_and_measure_has_an_example_here() -> None:
    ranks = {str(row["operator"]) for row, _ in RANKS}
    assert {*ATTRIBUTES, *ranks} == set(USER_OPERATORS)
    assert {*COUNTS, *ranks} == set(COUNT_OPERATORS)
    assert set(MEASURED) == set(MEASURES)


RANKS: list[tuple[dict[str, Any], str]] = [
    (attribute("age", "top", 1000), "age is in the top 1,000 of all users who have a value"),
    (
        attribute("signup_date", "bottom_percent", Decimal("2.5")),
        "signup date is in the bottom 2.5 % of all users who have a value",
    ),
    (
        {"event_name": "BUY", "operator": "bottom", "value": 5},
        "number of BUY is in the bottom 5 of all users who did it",
    ),
    (
        {"event_name": "BUY", "measure": {"avg": "amount"}, "operator": "top_percent", "value": 10},
        "average amount of BUY is in the top 10 % of all users who have a value",
    ),
    (
        {"event_name": "*", "measure": "days_since_last", "operator": "top", "value": 10},
        "days since the last event is in the top 10 of all users who have a value",
    ),
]


@pytest.mark.parametrize(("row", "words"), RANKS)
def test_a_rank_says_among_whom_it_is(row: dict[str, Any], words: str) -> None:
    assert labelled(row) == words
    assert said(row) == f"Users whose {words}."


BESIDE: dict[str, Any] = {"event_name": "VIEW", "operator": "gt", "than": {"event_name": "BUY"}}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (BESIDE, "number of VIEW is more than the number of BUY"),
        (BESIDE | {"times": 2}, "number of VIEW is more than twice the number of BUY"),
        (
            BESIDE | {"operator": "lt", "times": Decimal("0.5"), "time_range_days": 30},
            "number of VIEW in the last 30 days is less than 0.5 times the number of BUY",
        ),
        (
            BESIDE | {"operator": "eq", "than": {"event_name": "*", "measure": {"first": "unit_price"}}},
            "number of VIEW is exactly the unit price of the first event",
        ),
        (
            BESIDE
            | {"measure": "days_since_last", "than": {"event_name": "BUY", "measure": {"sum": "amount"}}},
            "days since the last VIEW is more than the total amount of BUY",
        ),
    ],
)
def test_two_measures_are_both_named(row: dict[str, Any], words: str) -> None:
    assert labelled(row) == words
    assert said(row) == f"Users whose {words}."


@pytest.mark.parametrize(("row", "words"), MEASURED.values())
def test_every_measure_reads_as_one_would_say_it(row: dict[str, Any], words: str) -> None:
    assert said(row) == f"Users {words}."
    assert said(row, negate=True) == f"All users except those {words}."


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (event("*", "gte", 1), "who did any event at least once"),
        (event("*", "eq", 0), "who never did any event"),
        (event("A", "ne", 0), "who did A at least once"),
        # Of several names the count is of all together.
        (event(["A", "B"], "gte", 1), "who did A or B at least once"),
        (event(["A", "B"], "eq", 0), "who never did A or B"),
        (event(["A", "B", "C"], "gte", 2), "who did A, B or C at least twice in all"),
        (event(["A", "B"], "between", [2, 3]), "who did A or B between 2 and 3 times in all"),
        (measure("active_days", "eq", 1), "who did BUY on exactly 1 day"),
        (measure("days_since_last", "lte", 1), "whose last BUY was at most 1 day ago"),
        (
            measure("days_since_last", "gte", 30, event_name="*"),
            "whose last event was at least 30 days ago",
        ),
        (
            measure({"sum": "amount"}, "gt", 5, event_name="*", time_range_days=7),
            "whose total amount of all events in the last 7 days is more than 5",
        ),
        (
            measure({"last": "category"}, "is_null", None, event_name="*"),
            "for whom the category of the last event is unknown",
        ),
        (
            measure({"max": "expires at"}, "gte", "2026-11-22"),
            "whose latest expires at of BUY is on or after “2026-11-22”",
        ),
        (
            event("BUY", "gte", 2, 30)
            | {"where": [attribute("amount", "gte", 5), attribute("gift", "eq", True)]},
            "who did BUY (amount is at least 5 and gift is true) at least twice in the last 30 days",
        ),
    ],
)
def test_events_are_named_with_their_properties_and_window(row: dict[str, Any], words: str) -> None:
    assert said(row) == f"Users {words}."


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ({"from": "2026-10-01", "to": "2026-10-31"}, "from 2026-10-01 to 2026-10-31"),
        ({"from": "2026-10-01"}, "since 2026-10-01"),
        ({"to": "2026-10-31"}, "until 2026-10-31"),
        ({"from_days_ago": 1060, "to_days_ago": 30}, "from 1,060 to 30 days ago"),
        ({"from_days_ago": 60, "to_days_ago": 0}, "from 60 to 0 days ago"),
        ({"within_days_of": "signup_date", "days": 7}, "within 7 days from their signup date"),
        ({"within_days_of": "trial_ends", "days": 1}, "within 1 day from their trial ends"),
    ],
)
def test_every_form_of_window_has_its_words(window: dict[str, Any], words: str) -> None:
    assert labelled(event("A", "gte", 1) | {"time_range": window}) == f"A at least once {words}"


def test_two_fields_have_their_words() -> None:
    row = {"field": "signup_date", "operator": "lt", "other_field": "trial_ends"}
    assert labelled(row) == "signup date is less than trial ends"
    assert labelled({**row, "operator": "ne"}) == "signup date is not trial ends"


def test_hours_have_their_words() -> None:
    assert labelled(event("A", "gte", 1) | {"time_range_hours": 1}) == "A at least once in the last hour"
    assert (
        labelled(event("A", "gte", 1) | {"time_range_hours": 1000})
        == "A at least once in the last 1,000 hours"
    )


def sequence(*steps: Any, **rest: Any) -> dict[str, Any]:
    named = [step if isinstance(step, dict) else {"event_name": step} for step in steps]
    return {"sequence_filters": [{"steps": named, "within_days": 7, **rest}]}


NO_C = {"event_name": "C", "absent": True}


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (sequence("A", "B"), "Users who did A, then B within 7 days."),
        (sequence("A", "B", within_days=1), "Users who did A, then B within 1 day."),
        (sequence("A", "B", within_days=None, within_hours=36), "Users who did A, then B within 36 hours."),
        (sequence("A", "B", within_days=None), "Users who did A, then B within ? days."),
        (sequence("A", "B", ["C", "D"]), "Users who did A, then B, then C or D, within 7 days of the first."),
        (sequence("A", NO_C), "Users who did A, but then no C within 7 days."),
        (sequence("A", "B", NO_C), "Users who did A, then B, but then no C, within 7 days of the first."),
        (sequence("A", NO_C | {"event_name": "*"}), "Users who did A, but then no event within 7 days."),
        (sequence("A", "B", operator="did_not"), "Users who did not do (A, then B within 7 days)."),
        (
            sequence("A", "B", time_range_days=30),
            "Users who did A in the last 30 days, then B within 7 days.",
        ),
        (
            sequence({"event_name": "A", "where": [attribute("amount", "gt", 5)]}, "*"),
            "Users who did A (amount is more than 5), then any event within 7 days.",
        ),
        (
            {"segment_filters": [{"segment": "vip", "operator": "in"}]},
            "Users who are in the segment “vip”.",
        ),
        (
            {"segment_filters": [{"segment": "vip", "operator": "not_in"}]},
            "Users who are not in the segment “vip”.",
        ),
    ],
)
def test_sequences_and_saved_segments_have_their_words(spec: dict[str, Any], words: str) -> None:
    assert sentence(parse(spec, SETTINGS)) == words


@pytest.mark.parametrize(("row", "words"), [*ATTRIBUTES.values(), *COUNTS.values()])
def test_every_operator_has_its_words(row: dict[str, Any], words: str) -> None:
    assert labelled(row) == words


@pytest.mark.parametrize(
    ("operator", "words"),
    [
        ("eq", "is"),
        ("gt", "is after"),
        ("gte", "is on or after"),
        ("lt", "is before"),
        ("lte", "is on or before"),
    ],
)
def test_dates_come_before_and_after_rather_than_less_and_more(operator: str, words: str) -> None:
    assert labelled(attribute("signup_date", operator, "2026-11-22")) == f"signup date {words} “2026-11-22”"


def test_true_and_false_read_as_such() -> None:
    assert labelled(attribute("newsletter", "eq", True)) == "newsletter is true"
    assert labelled(attribute("newsletter", "eq", False)) == "newsletter is false"


def test_a_list_of_one_is_one() -> None:
    assert labelled(attribute("age", "in", [25])) == "age is any of 25"


def test_a_long_list_is_cut_with_how_many_more_there_are() -> None:
    assert labelled(attribute("user_id", "in", list(range(1, 2006)))) == (
        "user id is any of 1, 2, 3, 4, 5 or 2,000 more"
    )
    assert labelled(attribute("user_id", "in", [1, 2, 3, 4, 5])).endswith("1, 2, 3, 4 or 5")


@pytest.mark.parametrize(("operator", "count"), [("eq", 0), ("lte", 0), ("lt", 1)])
def test_never_is_said_as_never(operator: str, count: int) -> None:
    assert labelled(event("LOGIN", operator, count)) == "LOGIN never"
    assert said(event("LOGIN", operator, count, 30)) == "Users who never did LOGIN in the last 30 days."


def test_a_window_is_part_of_the_words() -> None:
    assert labelled(event("LOGIN", "gte", 1, 30)) == "LOGIN at least once in the last 30 days"
    assert labelled(event("LOGIN", "gte", 2, 1)) == "LOGIN at least twice in the last day"
    assert labelled(event("LOGIN", "gte", 2, 36_500)) == "LOGIN at least twice in the last 36,500 days"


ADULT = attribute("age", "gte", 18)
ACTIVE = event("LOGIN", "gte", 1)
QUIET = event("PURCHASE_MADE", "eq", 0)


@pytest.mark.parametrize(
    ("segment", "words"),
    [
        ({}, "All users."),
        ({"negate": True}, "Nobody: all users are excluded."),
        (group(ADULT), "Users whose age is at least 18."),
        (group(ADULT, ACTIVE), "Users whose age is at least 18 and who did LOGIN at least once."),
        (
            group(ADULT, QUIET, logic_operator="OR"),
            "Users whose age is at least 18 or who never did PURCHASE_MADE.",
        ),
        (group(ADULT, negate=True), "All users except those whose age is at least 18."),
        (
            group(ADULT, group(ACTIVE, QUIET, logic_operator="OR")),
            "Users whose age is at least 18"
            " and (who did LOGIN at least once or who never did PURCHASE_MADE).",
        ),
        (
            group(group(ACTIVE, negate=True), group(group(ADULT), negate=True), logic_operator="OR"),
            "Users who are not among those (who did LOGIN at least once)"
            " or who are not among those (whose age is at least 18).",
        ),
        (group(ADULT, limit=1000), "Users whose age is at least 18, the first 1,000 by user id."),
        (group(limit=1), "All users, the first 1 by user id."),
        (
            group(ADULT, as_of="2026-11-22", timezone="Europe/Berlin"),
            "Users whose age is at least 18, as of 2026-11-22, in Europe/Berlin time.",
        ),
        (
            group(ADULT, ACTIVE, QUIET, logic_operator="AT_LEAST", at_least=2),
            "Users who match at least 2 of these 3"
            " (age is at least 18; LOGIN at least once; PURCHASE_MADE never).",
        ),
        (
            group(ADULT, ACTIVE, logic_operator="AT_LEAST", at_least=1, negate=True),
            "All users except those who match at least 1 of these 2"
            " (age is at least 18; LOGIN at least once).",
        ),
        (group(ADULT, logic_operator="AT_LEAST", at_least=1), "Users whose age is at least 18."),
        (
            group(ADULT, group(ACTIVE, QUIET, logic_operator="AT_LEAST", at_least=1)),
            "Users whose age is at least 18 and who match at least 1 of these 2"
            " (LOGIN at least once; PURCHASE_MADE never).",
        ),
        (
            group(ADULT, group(ACTIVE, QUIET, logic_operator="AT_LEAST", at_least=1, negate=True)),
            "Users whose age is at least 18 and who are not among those"
            " (who match at least 1 of these 2 (LOGIN at least once; PURCHASE_MADE never)).",
        ),
        (
            group(ADULT, sample={"percent": Decimal("2.5"), "seed": "spring"}),
            "Users whose age is at least 18, a sample of 2.5 % (seed “spring”).",
        ),
        (
            group(ADULT, sample={"percent": Decimal("0.0000004"), "seed": "spring"}),
            "Users whose age is at least 18, a sample of 0.0000004 % (seed “spring”).",
        ),
        (
            group(ADULT, sample={"percent": Decimal("99.99999"), "seed": "spring"}),
            "Users whose age is at least 18, a sample of 99.99999 % (seed “spring”).",
        ),
        (
            group(ADULT, sample={"split": {"new": 90, "control": 10}, "seed": "x"}, limit=5),
            "Users whose age is at least 18, split into 10 % “control” and 90 % “new” (seed “x”),"
            " the first 5 by user id.",
        ),
    ],
)
def test_a_segment_is_one_sentence(segment: dict[str, Any], words: str) -> None:
    assert sentence(parse(segment, SETTINGS)) == words


def test_a_group_has_a_label_of_its_own() -> None:
    either = group(ADULT, ACTIVE, logic_operator="OR")

    some = either | {"logic_operator": "AT_LEAST", "at_least": 1}
    assert labelled(either) == "(age is at least 18 or LOGIN at least once)"
    assert labelled(group(either)) == "(age is at least 18 or LOGIN at least once)"
    assert labelled(some) == "at least 1 of these 2 (age is at least 18; LOGIN at least once)"
    assert labelled(either | {"negate": True}) == "not (age is at least 18 or LOGIN at least once)"


def test_the_same_segment_always_reads_the_same() -> None:
    assert len({said(ADULT, ACTIVE, group(QUIET, negate=True), limit=5) for _ in range(5)}) == 1


def test_different_segments_read_differently() -> None:
    segments = [row for row, _ in (*ATTRIBUTES.values(), *COUNTS.values(), *MEASURED.values())]
    sentences = [said(row, negate=negate) for row in segments for negate in (True, False)]
    sentences += [said(ADULT, ACTIVE), said(ADULT, ACTIVE, logic_operator="OR")]

    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize(
    "raw",
    [
        {"user_filters": [{"field": "age", "operator": operator} for operator in USER_OPERATORS]},
        {"event_filters": [{"event_name": "A", "operator": operator} for operator in COUNT_OPERATORS]},
        {"event_filters": [measure("active_days", "eq", None), measure({"min": "x"}, "lt", None)]},
        {"event_filters": [event("A", "gte", 1) | {"time_range": window} for window in ({}, {"days": 7})]},
        {"event_filters": [event("A", "gte", 1) | {"time_range": {"within_days_of": "x"}}]},
        {"sequence_filters": [{"steps": [], "within_days": 7}]},
        {"groups": [{}], "logic_operator": "AT_LEAST", "sample": {"seed": "x"}},
        {"logic_operator": "AT_LEAST", "user_filters": [ADULT, ADULT]},
    ],
)
def test_a_spec_that_the_check_would_refuse_is_described_as_far_as_it_goes(raw: dict[str, Any]) -> None:
    assert sentence(parse(raw, SETTINGS)).endswith(".")
