"""Edits of a draft are pure: rows keep their ids and order, and nothing is lost on the way to the spec."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from duckmart import edit
from duckmart.edit import ROOT, Draft, EventRow, GroupRow, LockedRow, UserRow
from duckmart.examples import Example, examples
from duckmart.operators import USER_OPERATORS, Kind, Operator
from duckmart.segment import Condition, EventFilter, Segment, UserFilter, parse
from duckmart.settings import Settings
from tests.unit.rows import attribute, event

ADULT = attribute("age", "gte", 18)
RICH = attribute("lifetime_value", "gt", Decimal("99.90"))
PAID = attribute("subscription_plan", "in", ["premium", "enterprise"])
ACTIVE = event("LOGIN", "gte", 1, 30)
NEVER_BOUGHT = event("PURCHASE_MADE", "eq", 0)

DEEP: dict[str, Any] = {
    "user_filters": [ADULT, PAID],
    "event_filters": [ACTIVE],
    "groups": [
        {
            "user_filters": [RICH],
            "event_filters": [NEVER_BOUGHT, ACTIVE],
            "groups": [{"event_filters": [ACTIVE], "groups": [{"user_filters": [ADULT]}], "negate": True}],
            "logic_operator": "OR",
        },
        {"user_filters": [PAID], "negate": True},
    ],
    "logic_operator": "OR",
    "negate": True,
}
DELIVERED = {**DEEP, "limit": 50, "as_of": "2026-11-22T09:30:00+01:00", "timezone": "Europe/Berlin"}


def everything(_: Condition) -> bool:
    return True


def nothing(_: Condition) -> bool:
    return False


def opened(raw: Any, editable: Callable[[Condition], bool] = everything) -> Draft:
    return edit.opened(segment(raw), editable)


def segment(raw: Any) -> Segment:
    return parse(raw, Settings())


def canonical(draft: Draft) -> dict[str, Any]:
    return segment(edit.built(draft).spec).as_dict()


def ids(draft: Draft) -> list[str]:
    return [row.id for row in edit.rows(draft.root)]


def shapes(draft: Draft) -> list[type]:
    return [type(row) for row in draft.root.children]


# Opening and building


@pytest.mark.parametrize("shown", examples(), ids=lambda shown: shown.id)
def test_an_example_opens_as_rows_that_build_the_same_spec(shown: Example) -> None:
    assert canonical(opened(shown.spec)) == segment(shown.spec).as_dict()


@pytest.mark.parametrize("editable", [everything, nothing])
@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"negate": True},
        {"logic_operator": "OR", "user_filters": [ADULT]},
        {"limit": 7, "event_filters": [ACTIVE]},
        {"as_of": "2026-11-22", "timezone": "America/Los_Angeles"},
        DEEP,
        DELIVERED,
    ],
    ids=["empty", "nobody", "or", "limit", "as of", "deep", "all keys"],
)
def test_opening_and_building_gives_the_same_segment(raw: Any, editable: Callable[[Condition], bool]) -> None:
    assert canonical(opened(raw, editable)) == segment(raw).as_dict()


def test_a_condition_that_is_not_editable_is_a_locked_row_that_stays_as_it_is() -> None:
    draft = opened(DEEP, lambda condition: not isinstance(condition, EventFilter))
    assert shapes(draft) == [UserRow, UserRow, LockedRow, GroupRow, GroupRow]
    draft = edit.add(draft, ROOT, UserRow)
    draft = edit.change(
        draft, draft.root.children[2].id, field="location", operator=Operator.EQ, value="Ohio"
    )
    added = [ADULT, PAID, attribute("location", "eq", "Ohio")]
    assert canonical(draft) == segment({**DEEP, "user_filters": added}).as_dict()


def test_built_tells_which_row_each_part_of_the_spec_comes_from() -> None:
    draft = opened(DEEP)
    rows = {row.id: row for row in edit.rows(draft.root)}
    places = {path: rows[row] for path, row in edit.built(draft).rows.items()}
    bought = places["groups", 0, "event_filters", 0]
    assert isinstance(bought, EventRow)
    assert bought.event_name == "PURCHASE_MADE"
    assert len(places) == len(rows)


# Ids


def test_ids_are_unique_and_an_added_row_gets_one_that_was_never_used() -> None:
    draft = opened(DEEP)
    seen = set(ids(draft))
    assert len(seen) == len(ids(draft)) == 13
    assert ROOT not in seen
    for _ in range(3):
        added = edit.add(draft, ROOT, EventRow)
        [fresh] = set(ids(added)) - seen
        seen.add(fresh)
        draft = edit.remove(added, fresh)
    assert len(seen) == 16


def test_every_other_row_keeps_its_id_through_an_edit() -> None:
    draft = opened(DEEP)
    first, *others = ids(draft)
    assert ids(edit.change(draft, first, value=21)) == [first, *others]
    assert ids(edit.remove(draft, first)) == others
    assert [row for row in ids(edit.add(draft, ROOT, UserRow)) if row in (first, *others)] == [first, *others]


# Adding and removing


def test_rows_are_added_after_the_last_of_their_kind_whatever_the_order_of_clicks() -> None:
    draft = Draft()
    for kind in (GroupRow, EventRow, UserRow, GroupRow, UserRow, EventRow):
        draft = edit.add(draft, ROOT, kind)
    assert shapes(draft) == [UserRow, UserRow, EventRow, EventRow, GroupRow, GroupRow]
    assert ids(draft) == ["n3", "n5", "n2", "n6", "n1", "n4"]


def test_a_locked_row_stands_with_its_kind() -> None:
    draft = edit.add(opened({"user_filters": [ADULT], "event_filters": [ACTIVE]}, nothing), ROOT, UserRow)
    assert shapes(draft) == [LockedRow, UserRow, LockedRow]


def test_a_row_is_added_to_the_group_that_was_named() -> None:
    draft = opened(DEEP)
    deepest = [row.id for row in edit.rows(draft.root) if isinstance(row, GroupRow)][2]
    draft = edit.add(draft, deepest, UserRow)
    [group] = [row for row in edit.rows(draft.root) if row.id == deepest]
    assert isinstance(group, GroupRow)
    assert [type(row) for row in group.children] == [UserRow, UserRow]


def test_removing_a_group_removes_what_is_in_it() -> None:
    draft = opened(DEEP)
    first_group = draft.root.children[3].id
    without = {**DEEP, "groups": DEEP["groups"][1:]}
    assert canonical(edit.remove(draft, first_group)) == segment(without).as_dict()


@pytest.mark.parametrize(
    "press",
    [
        edit.remove,
        lambda draft, row: edit.change(draft, row, value=5),
        lambda draft, row: edit.change_field(draft, row, "age", Kind.NUMBER),
        lambda draft, row: edit.change_operator(draft, row, Operator.EQ),
    ],
    ids=["remove", "change", "change field", "change operator"],
)
def test_an_edit_of_a_row_that_is_gone_changes_nothing(press: Callable[[Draft, str], Draft]) -> None:
    draft = opened(DEEP)
    gone = ids(draft)[0]
    removed = edit.remove(draft, gone)
    assert press(removed, gone) == removed


def test_the_edited_draft_itself_never_changes() -> None:
    draft = opened(DEEP)
    before = canonical(draft)
    edit.remove(edit.change(draft, ids(draft)[0], value=1), ids(draft)[1])
    assert canonical(draft) == before


# Changing


@pytest.mark.parametrize(
    ("kind", "operator"),
    [
        (Kind.TEXT, Operator.IN),
        (Kind.NUMBER, Operator.GTE),
        (Kind.DATE, Operator.GTE),
        (Kind.TIMESTAMP, Operator.GTE),
        (Kind.BOOLEAN, Operator.EQ),
    ],
)
def test_the_first_attribute_of_a_row_brings_the_operator_that_suits_it_best(
    kind: Kind, operator: Operator
) -> None:
    draft = edit.change_field(edit.add(Draft(), ROOT, UserRow), "n1", "field", kind)
    assert draft.root.children == (UserRow("n1", "field", operator, None),)


def test_another_attribute_clears_the_value_and_keeps_an_operator_that_suits_it() -> None:
    draft = opened({"user_filters": [ADULT]})
    changed = edit.change_field(draft, ids(draft)[0], "signup_date", Kind.DATE)
    assert changed.root.children[0] == UserRow(ids(draft)[0], "signup_date", Operator.GTE, None)


def test_another_attribute_replaces_an_operator_that_does_not_suit_it() -> None:
    draft = opened({"user_filters": [attribute("name", "like", "A%")]})
    changed = edit.change_field(draft, ids(draft)[0], "age", Kind.NUMBER)
    assert changed.root.children[0] == UserRow(ids(draft)[0], "age", Operator.GTE, None)


def test_there_is_a_default_operator_for_every_kind_and_it_suits() -> None:
    assert {kind for kind in Kind if kind in USER_OPERATORS[edit.DEFAULT_OPERATOR[kind]].kinds} == set(Kind)


@pytest.mark.parametrize(
    ("before", "value", "after", "expected"),
    [
        ("eq", "a", Operator.IN, ("a",)),
        ("in", ["a", "b"], Operator.NOT_IN, ("a", "b")),
        ("in", ["a", "b"], Operator.EQ, "a"),
        ("not_in", ["a"], Operator.LIKE, "a"),
        ("eq", "a", Operator.NE, "a"),
        ("like", "a%", Operator.IN, ("a%",)),
    ],
)
def test_another_operator_turns_one_value_into_a_list_and_back(
    before: str, value: Any, after: Operator, expected: Any
) -> None:
    draft = opened({"user_filters": [attribute("name", before, value)]})
    changed = edit.change_operator(draft, ids(draft)[0], after)
    assert changed.root.children[0] == UserRow(ids(draft)[0], "name", after, expected)


@pytest.mark.parametrize("after", [Operator.IN, Operator.EQ])
def test_another_operator_leaves_a_row_without_a_value_without_one(after: Operator) -> None:
    draft = edit.change_field(edit.add(Draft(), ROOT, UserRow), "n1", "name", Kind.TEXT)
    draft = edit.change(draft, "n1", value=())
    assert not edit.is_finished(edit.change_operator(draft, "n1", after).root.children[0])


# Unfinished rows


@pytest.mark.parametrize(
    "row",
    [
        UserRow("n1"),
        UserRow("n1", "age", Operator.GTE, None),
        UserRow("n1", "name", Operator.LIKE, ""),
        UserRow("n1", "name", Operator.IN, ()),
        EventRow("n1"),
        EventRow("n1", "LOGIN", count=None),
        GroupRow("n1"),
        GroupRow("n1", (UserRow("n2"), GroupRow("n3"))),
    ],
    ids=str,
)
def test_an_unfinished_row_is_reported_and_not_part_of_the_spec(row: Any) -> None:
    built = edit.built(Draft(GroupRow(ROOT, (row,), "OR")))
    assert built.unfinished[0] == "n1"
    assert built.spec == {"logic_operator": "OR"}
    assert not built.rows


@pytest.mark.parametrize("value", [0, False, Decimal(0)], ids=str)
def test_zero_and_no_are_values(value: Any) -> None:
    row = UserRow("n1", "field", Operator.EQ, value)
    assert edit.built(Draft(GroupRow(ROOT, (row,)))).spec["user_filters"][0]["value"] == value


def test_a_count_of_zero_is_a_count() -> None:
    row = EventRow("n1", "LOGIN", Operator.EQ, 0)
    assert edit.built(Draft(GroupRow(ROOT, (row,)))).unfinished == ()


def test_finished_rows_count_beside_unfinished_ones_and_their_places_are_those_of_the_spec() -> None:
    draft = opened({"user_filters": [ADULT, PAID]})
    first, second = ids(draft)
    built = edit.built(edit.change(draft, first, value=None))
    assert built.spec == {"user_filters": [PAID]}
    assert built.rows == {("user_filters", 0): second}
    assert built.unfinished == (first,)


def test_clearing_rows_one_by_one_never_loses_limit_as_of_or_timezone() -> None:
    draft = opened(DELIVERED)
    for row in ids(draft):
        draft = edit.remove(draft, row)
    delivery = {key: DELIVERED[key] for key in ("limit", "as_of", "timezone")}
    assert edit.built(draft).spec == {"logic_operator": "OR", "negate": True, **delivery}


def test_a_locked_row_keeps_values_that_no_widget_could_hold() -> None:
    huge = attribute("points", "eq", 2**63 - 1)
    exact = attribute("score", "lt", Decimal("0.100000000000000001"))
    many = attribute("user_id", "in", list(range(5000)))
    draft = opened({"user_filters": [huge, exact, many]}, nothing)
    assert all(
        isinstance(row, LockedRow) and isinstance(row.condition, UserFilter) for row in draft.root.children
    )
    assert edit.built(draft).unfinished == ()
    assert canonical(draft)["user_filters"] == tuple(
        {**row, "value": tuple(row["value"]) if isinstance(row["value"], list) else row["value"]}
        for row in (huge, exact, many)
    )
