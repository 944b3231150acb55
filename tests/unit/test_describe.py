"""Each segment as an English sentence: every operator, group, negation and window has its words."""

from decimal import Decimal
from typing import Any

import pytest

from duckmart.describe import line, sentence
from duckmart.operators import COUNT_OPERATORS, USER_OPERATORS
from duckmart.segment import parse
from duckmart.settings import Settings
from tests.unit.rows import attribute, event, group

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
    "in": (attribute("age", "in", [25, 34]), "age is any of 25 or 34"),
    "not_in": (attribute("location", "not_in", ["A", "B", "C"]), "location is none of “A”, “B” or “C”"),
    "like": (attribute("name", "like", "50%"), "name is like “50%”"),
}
COUNTS = {
    "eq": (event("LOGIN", "eq", 3), "LOGIN exactly 3 times"),
    "ne": (event("LOGIN", "ne", 1), "LOGIN not exactly once"),
    "gt": (event("LOGIN", "gt", 2), "LOGIN more than twice"),
    "gte": (event("LOGIN", "gte", 1), "LOGIN at least once"),
    "lt": (event("LOGIN", "lt", 5), "LOGIN fewer than 5 times"),
    "lte": (event("LOGIN", "lte", 1000), "LOGIN at most 1,000 times"),
}


def test_every_operator_has_an_example_here() -> None:
    assert set(ATTRIBUTES) == set(USER_OPERATORS)
    assert set(COUNTS) == set(COUNT_OPERATORS)


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
            "Users not (who did LOGIN at least once) or not ((whose age is at least 18)).",
        ),
        (group(ADULT, limit=1000), "Users whose age is at least 18, the first 1,000 by user id."),
        (group(limit=1), "All users, the first 1 by user id."),
        (
            group(ADULT, as_of="2026-11-22", timezone="Europe/Berlin"),
            "Users whose age is at least 18, as of 2026-11-22 (Europe/Berlin days).",
        ),
    ],
)
def test_a_segment_is_one_sentence(segment: dict[str, Any], words: str) -> None:
    assert sentence(parse(segment, SETTINGS)) == words


def test_a_group_has_a_label_of_its_own() -> None:
    either = group(ADULT, ACTIVE, logic_operator="OR")

    assert labelled(group(either)) == "((age is at least 18 or LOGIN at least once))"
    assert labelled(either | {"negate": True}) == "not (age is at least 18 or LOGIN at least once)"


def test_the_same_segment_always_reads_the_same() -> None:
    assert len({said(ADULT, ACTIVE, group(QUIET, negate=True), limit=5) for _ in range(5)}) == 1


def test_different_segments_read_differently() -> None:
    segments = [row for row, _ in (*ATTRIBUTES.values(), *COUNTS.values())]
    sentences = [said(row, negate=negate) for row in segments for negate in (True, False)]
    sentences += [said(ADULT, ACTIVE), said(ADULT, ACTIVE, logic_operator="OR")]

    assert len(set(sentences)) == len(sentences)
