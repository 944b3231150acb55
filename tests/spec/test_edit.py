"""Edits of a draft are pure: rows keep their ids and order, and nothing is lost on the way to the spec."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duckmart.settings import Settings
from duckmart.spec import condition_json, draft_json, edit
from duckmart.spec.condition_json import with_field, with_window
from duckmart.spec.draft import BLANK, BLANK_PROPERTY, BLANK_STEP, ROOT, ConditionRow, Draft, GroupRow, Row
from duckmart.spec.examples import Example, examples
from duckmart.spec.json_text import read_json, to_json
from duckmart.spec.kinds import KINDS, Kind
from duckmart.spec.measures import MEASURES, Measure
from duckmart.spec.operators import COUNT_OPERATORS, USER_OPERATORS, Operator
from duckmart.spec.parser import parse
from duckmart.spec.segment import Segment
from tests.strategies import segments, spec_runs
from tests.tiny import attribute, event
from tests.world import WHOLE_IDS

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


def opened(raw: Any) -> Draft:
    return draft_json.draft_of(segment(raw))


def segment(raw: Any) -> Segment:
    return parse(raw, Settings())


def canonical(draft: Draft) -> dict[str, Any]:
    return segment(draft_json.build(draft).spec).as_dict()


def ids(draft: Draft) -> list[str]:
    return [row.id for row in draft.root.rows()]


def keys(draft: Draft) -> list[str]:
    return [row.key for row in draft.root.children]


def said(draft: Draft, row: str) -> Any:
    found = draft.find(row)
    assert isinstance(found, ConditionRow)
    return found.condition


# Opening and building


@pytest.mark.parametrize("shown", examples(), ids=lambda shown: shown.id)
def test_an_example_opens_as_rows_that_build_the_same_spec(shown: Example) -> None:
    assert canonical(opened(shown.spec)) == segment(shown.spec).as_dict()


@spec_runs(0.3)
@given(segments(WHOLE_IDS))
def test_any_spec_survives_opening_keeping_restoring_and_building(spec: Any) -> None:
    draft = opened(spec)
    assert canonical(draft) == segment(spec).as_dict()
    assert draft_json.build(draft).incomplete == ()
    kept = read_json(to_json(draft_json.dump(draft)), Settings())
    assert canonical(draft_json.load(kept)) == segment(spec).as_dict()
    assert draft_json.load(kept) == draft


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"negate": True},
        {"logic_operator": "OR", "user_filters": [ADULT]},
        {"limit": 7, "event_filters": [ACTIVE]},
        {"as_of": "2026-11-22", "timezone": "America/Los_Angeles"},
        {"sample": {"split": {"a": 50, "b": 50}, "seed": "s"}},
        DEEP,
        DELIVERED,
    ],
    ids=["empty", "nobody", "or", "limit", "as of", "split", "deep", "all keys"],
)
def test_opening_and_building_gives_the_same_segment(raw: Any) -> None:
    assert canonical(opened(raw)) == segment(raw).as_dict()


def test_built_tells_which_row_each_part_of_the_spec_comes_from() -> None:
    draft = opened(DEEP)
    built = draft_json.build(draft)
    bought = built.rows["groups", 0, "event_filters", 0]
    assert said(draft, bought)["event_name"] == "PURCHASE_MADE"
    assert built.path(bought) == ("groups", 0, "event_filters", 0)
    assert len(built.rows) == len(ids(draft))


def test_values_that_no_widget_could_hold_stay_as_they_are() -> None:
    huge = attribute("points", "eq", 2**63 - 1)
    exact = attribute("score", "lt", Decimal("0.100000000000000001"))
    many = attribute("user_id", "in", list(range(5000)))
    draft = opened({"user_filters": [huge, exact, many]})
    assert draft_json.build(draft).incomplete == ()
    assert draft_json.build(draft).spec["user_filters"] == [huge, exact, many]


@pytest.mark.parametrize("raw", [None, [], {}, {"root": 1}, {"root": {"children": 5}}, "draft"], ids=str)
def test_what_is_no_draft_is_refused(raw: Any) -> None:
    with pytest.raises(ValueError, match="not a draft"):
        draft_json.load(raw)


# Ids


def test_ids_are_unique_and_an_added_row_gets_one_that_was_never_used() -> None:
    draft = opened(DEEP)
    seen = set(ids(draft))
    assert len(seen) == len(ids(draft)) == 13
    assert ROOT not in seen
    for _ in range(3):
        added = edit.add(draft, ROOT, "event_filters")
        [fresh] = set(ids(added)) - seen
        seen.add(fresh)
        draft = edit.remove(added, fresh)
    assert len(seen) == 16


def test_every_other_row_keeps_its_id_through_an_edit() -> None:
    draft = opened(DEEP)
    first, *others = ids(draft)
    assert ids(edit.set_value(draft, first, ("value",), 21)) == [first, *others]
    assert ids(edit.remove(draft, first)) == others
    added = edit.add(draft, ROOT, "user_filters")
    assert [row for row in ids(added) if row in (first, *others)] == [first, *others]


# Adding, removing, duplicating, muting


def test_rows_are_added_after_the_last_of_their_kind_whatever_the_order_of_clicks() -> None:
    draft = Draft()
    for key in ("groups", "event_filters", "user_filters", "groups", "segment_filters", "sequence_filters"):
        draft = edit.add(draft, ROOT, key)
    assert ids(draft) == ["n3", "n2", "n6", "n5", "n1", "n4"]


def test_a_row_that_says_something_already_is_added_as_it_is() -> None:
    draft = edit.add(opened({"user_filters": [ADULT]}), ROOT, "user_filters", PAID)
    assert draft_json.build(draft).spec == {"user_filters": [ADULT, PAID]}


def test_a_row_is_added_to_the_group_that_was_named() -> None:
    draft = opened(DEEP)
    deepest = [row.id for row in draft.root.rows() if isinstance(row, GroupRow)][2]
    group = edit.add(draft, deepest, "user_filters").find(deepest)
    assert isinstance(group, GroupRow)
    assert [row.key for row in group.children] == ["user_filters", "user_filters"]


def test_removing_a_group_removes_what_is_in_it() -> None:
    draft = opened(DEEP)
    without = {**DEEP, "groups": DEEP["groups"][1:]}
    assert canonical(edit.remove(draft, draft.root.children[3].id)) == segment(without).as_dict()


def test_a_duplicate_stands_right_below_and_has_ids_of_its_own() -> None:
    draft = opened(DEEP)
    group = draft.root.children[3].id
    doubled = edit.duplicate(edit.duplicate(draft, ids(draft)[0]), group)
    first, second = DEEP["groups"]
    wanted = {**DEEP, "user_filters": [ADULT, ADULT, PAID], "groups": [first, first, second]}
    assert canonical(doubled) == segment(wanted).as_dict()
    assert len(set(ids(doubled))) == len(ids(doubled))
    assert set(ids(edit.add(doubled, ROOT, "groups"))) > set(ids(doubled))


def test_a_muted_row_is_kept_and_not_counted_and_counts_again_as_it_was() -> None:
    draft = opened({"user_filters": [ADULT, PAID], "logic_operator": "OR"})
    first, second = ids(draft)
    muted = edit.mute(draft, first, muted=True)
    built = draft_json.build(muted)
    assert built.spec == {"user_filters": [PAID], "logic_operator": "OR"}
    assert (built.muted, built.incomplete, built.rows) == ((first,), (), {("user_filters", 0): second})
    assert edit.mute(muted, first, muted=False) == draft


def test_a_muted_group_takes_its_rows_out_and_only_it_is_called_muted() -> None:
    draft = opened(DEEP)
    group = draft.root.children[3].id
    built = draft_json.build(edit.mute(draft, group, muted=True))
    assert built.spec["groups"] == DEEP["groups"][1:]
    assert (built.muted, built.incomplete) == ((group,), ())


def test_a_group_whose_rows_are_all_muted_is_no_group_and_nothing_waits_for_it() -> None:
    draft = opened({"groups": [{"user_filters": [ADULT], "negate": True}]})
    _, row = ids(draft)
    built = draft_json.build(edit.mute(draft, row, muted=True))
    assert built.spec == {}
    assert (built.muted, built.incomplete, built.waits) == ((row,), (), False)


def test_a_group_of_at_least_some_with_too_few_that_count_asks_for_those_and_is_not_left_out() -> None:
    muted = [{"user_filters": [ADULT]}]
    some = {"user_filters": [RICH], "groups": muted, "logic_operator": "AT_LEAST", "at_least": 2}
    draft = opened({"user_filters": [PAID], "groups": [some]})
    built = draft_json.build(edit.mute(draft, ids(draft)[-1], muted=True))
    assert built.spec["groups"] == [{"user_filters": [RICH], "logic_operator": "AT_LEAST", "at_least": 1}]


# Moving


def test_a_row_moves_among_its_kind_and_stops_at_its_ends() -> None:
    draft = opened({"user_filters": [ADULT, PAID, RICH], "event_filters": [ACTIVE]})
    first, second, third, last = ids(draft)
    assert ids(edit.shift(draft, first, 1)) == [second, first, third, last]
    assert ids(edit.shift(draft, third, -1)) == [first, third, second, last]
    for row, by in ((first, -1), (third, 1), (last, -1), (last, 1)):
        assert edit.shift(draft, row, by) == draft


def test_a_row_moves_to_the_end_of_its_kind_in_another_group() -> None:
    draft = opened(DEEP)
    inner = draft.root.children[4].id
    moved = edit.move(draft, ids(draft)[0], inner)
    wanted = {**DEEP, "user_filters": [PAID]}
    wanted["groups"] = [DEEP["groups"][0], {"user_filters": [PAID, ADULT], "negate": True}]
    assert canonical(moved) == segment(wanted).as_dict()
    assert sorted(ids(moved)) == sorted(ids(draft))


def test_a_group_never_moves_into_itself() -> None:
    draft = opened(DEEP)
    outer = draft.root.children[3].id
    inside = [row.id for row in draft.root.rows() if isinstance(row, GroupRow)][1]
    assert edit.move(draft, outer, inside) == draft
    assert edit.move(draft, outer, outer) == draft
    assert edit.move(draft, ROOT, inside) == draft


# Edits in general


@pytest.mark.parametrize(
    "press",
    [
        edit.remove,
        edit.duplicate,
        lambda draft, row: edit.set_value(draft, row, ("value",), 5),
        lambda draft, row: edit.remove_value(draft, row, ("value",)),
        lambda draft, row: edit.mute(draft, row, muted=True),
        lambda draft, row: edit.shift(draft, row, 1),
        lambda draft, row: edit.move(draft, row, ROOT),
    ],
    ids=["remove", "duplicate", "say", "unsay", "mute", "shift", "move"],
)
def test_an_edit_of_a_row_that_is_gone_changes_nothing(press: Callable[[Draft, str], Draft]) -> None:
    draft = opened(DEEP)
    gone = ids(draft)[0]
    removed = edit.remove(draft, gone)
    assert press(removed, gone) == removed


def test_the_edited_draft_itself_never_changes() -> None:
    draft = opened(DEEP)
    before = canonical(draft)
    edit.remove(edit.set_value(draft, ids(draft)[0], ("value",), 1), ids(draft)[1])
    edit.append(draft, ids(draft)[2], ("where",), BLANK_PROPERTY)
    assert canonical(draft) == before


def test_parts_within_a_condition_are_said_appended_and_taken_out() -> None:
    draft = opened({"event_filters": [ACTIVE]})
    [row] = ids(draft)
    asked = edit.append(draft, row, ("where",), BLANK_PROPERTY)
    assert draft_json.build(asked).incomplete == (row,)
    asked = edit.change(asked, row, ("where", 0), lambda part: with_field(part, "amount", Kind.NUMBER))
    asked = edit.set_value(asked, row, ("where", 0, "value"), 5)
    where = {"field": "amount", "operator": "gte", "value": 5}
    assert draft_json.build(asked).spec == {"event_filters": [{**ACTIVE, "where": [where]}]}
    two = edit.append(asked, row, ("where",), where)
    assert len(said(edit.remove_value(two, row, ("where", 0)), row)["where"]) == 1
    assert edit.remove_value(asked, row, ("where", 0)) == draft


# Comparisons


@pytest.mark.parametrize("kind", KINDS.values(), ids=str)
def test_the_first_attribute_of_a_row_brings_an_operator_that_suits_it(kind: Kind) -> None:
    made = with_field(BLANK["user_filters"], "field", kind)
    assert kind in USER_OPERATORS[Operator(made["operator"])].kinds
    assert (made["field"], made["value"]) == ("field", None)


def test_another_attribute_clears_the_value_and_keeps_an_operator_that_suits_it() -> None:
    made = with_field(ADULT, "signup_date", Kind.DATE)
    assert made == {"field": "signup_date", "operator": "gte", "value": None}
    made = with_field(attribute("name", "like", "A%"), "age", Kind.NUMBER)
    assert made == {"field": "age", "operator": "gte", "value": None}


@pytest.mark.parametrize(
    ("before", "value", "after", "expected"),
    [
        ("eq", "a", "in", ("a",)),
        ("in", ("a", "b"), "not_in", ("a", "b")),
        ("in", ("a", "b"), "eq", "a"),
        ("not_in", ("a",), "like", "a"),
        ("eq", "a", "ne", "a"),
        ("like", "a%", "in", ("a%",)),
        ("gte", 5, "between", (5, None)),
        ("between", (5, 9), "lt", 5),
        ("between", (5, 9), "in", (5, 9)),
        ("in_last_days", 30, "gte", None),
        ("in", None, "eq", None),
    ],
)
def test_another_operator_keeps_what_it_can_of_the_value(
    before: str, value: Any, after: str, expected: Any
) -> None:
    made = condition_json.with_operator({"field": "x", "operator": before, "value": value}, after)
    assert made == {"field": "x", "operator": after, "value": expected}


def test_a_filter_turns_to_another_field_and_back_to_a_value() -> None:
    beside = condition_json.with_other_field(PAID)
    assert beside == {"field": "subscription_plan", "operator": "eq", "other_field": None}
    gte = condition_json.with_other_field(ADULT)
    assert gte == {"field": "age", "operator": "gte", "other_field": None}
    complete = {**gte, "other_field": "points"}
    assert condition_json.with_operator(complete, "lt") == {**complete, "operator": "lt"}
    assert condition_json.with_operator(complete, "between") == attribute("age", "between", (None, None))
    assert condition_json.with_other_field(complete) == attribute("age", "gte", None)
    assert with_field(complete, "points", Kind.NUMBER) == attribute("points", "gte", None)


def test_an_operator_without_a_value_has_none_and_letter_case_stays_among_its_kind() -> None:
    exact = {**attribute("name", "contains", "Bo"), "case_sensitive": True}
    assert condition_json.with_operator(exact, "is_null") == {"field": "name", "operator": "is_null"}
    assert condition_json.with_operator(exact, "starts_with") == {**exact, "operator": "starts_with"}
    assert condition_json.with_operator(exact, "like") == attribute("name", "like", "Bo")


@pytest.mark.parametrize(
    "operator", [name for name, row in COUNT_OPERATORS.items() if row.is_ranked], ids=str
)
def test_a_rank_begins_with_a_usual_size_and_a_count_begins_anew_after_it(operator: Operator) -> None:
    usual = 10 if operator.endswith("percent") else 100
    ranked = condition_json.with_count_operator(ACTIVE, operator)
    assert "count" not in ranked
    assert ranked["value"] == usual
    assert condition_json.with_count_operator(ranked, Operator.GTE) == ACTIVE
    own = condition_json.with_operator(attribute("age", "gte", 25), operator)
    assert own == attribute("age", operator, usual)
    assert condition_json.with_operator(own, "gte") == attribute("age", "gte", None)


@pytest.mark.parametrize(
    "operator", [name for name, row in COUNT_OPERATORS.items() if not row.is_ranked], ids=str
)
def test_a_count_keeps_its_bound_with_any_operator(operator: Operator) -> None:
    made = condition_json.with_count_operator(ACTIVE, operator)
    assert made["count"] == ((1, None) if operator is Operator.BETWEEN else 1)
    assert condition_json.with_count_operator(made, Operator.GTE) == ACTIVE


# Measures and windows


@pytest.mark.parametrize(
    ("measure", "kind"),
    [
        (name, kind)
        for name, row in MEASURES.items()
        for kind in KINDS.values()
        if not row.kinds or kind in row.kinds
    ],
    ids=str,
)
def test_an_event_row_of_any_measure_becomes_a_sound_condition_once_it_is_finished(
    measure: Measure, kind: Kind
) -> None:
    row = MEASURES[measure]
    compared = kind if measure in (Measure.MIN, Measure.MAX, Measure.FIRST, Measure.LAST) else Kind.NUMBER
    made = condition_json.with_measure(ACTIVE, measure, "amount" if row.kinds else None, compared)
    assert condition_json.measure_of(made) == (measure, "amount" if row.kinds else None)
    value = ("x",) if made["operator"] in ("in", "not_in") else 5
    finished = {**made, **({"value": value} if "value" in made else {})}
    spec = draft_json.build(Draft(GroupRow(ROOT, (ConditionRow("n1", "event_filters", finished),)))).spec
    assert segment(spec).event_filters[0].measure.measure == measure


def test_days_since_an_event_have_no_window_and_a_count_comes_back() -> None:
    made = condition_json.with_measure(ACTIVE, Measure.DAYS_SINCE_LAST, None, Kind.NUMBER)
    assert "time_range_days" not in made
    assert condition_json.with_measure(made, Measure.COUNT, None, Kind.NUMBER) == event("LOGIN", "gte", 1)


def test_a_window_takes_the_place_of_another() -> None:
    ranged = with_window(ACTIVE, {"time_range": {"from": "2026-01-01"}})
    assert ranged == {**event("LOGIN", "gte", 1), "time_range": {"from": "2026-01-01"}}
    assert with_window(ranged, {"time_range_days": 30}) == ACTIVE
    assert with_window(ranged, {}) == event("LOGIN", "gte", 1)


# Unfinished rows


@pytest.mark.parametrize(
    ("key", "says"),
    [
        *BLANK.items(),
        ("user_filters", {"field": "age", "operator": "gte", "value": None}),
        ("user_filters", {"field": "name", "operator": "like", "value": ""}),
        ("user_filters", {"field": "name", "operator": "in", "value": ()}),
        ("user_filters", {"field": "age", "operator": "between", "value": (5, None)}),
        ("event_filters", {"event_name": "LOGIN", "operator": "gte", "count": None}),
        ("event_filters", {"event_name": (), "operator": "gte", "count": 1}),
        ("event_filters", {**ACTIVE, "where": (BLANK_PROPERTY,)}),
        ("event_filters", {**event("LOGIN", "gte", 1), "time_range": {}}),
        ("event_filters", {"event_name": "LOGIN", "operator": "gte", "measure": {"sum": None}, "value": 1}),
        ("sequence_filters", {"steps": ({"event_name": "A"}, {"event_name": None}), "within_days": 7}),
    ],
    ids=str,
)
def test_an_unfinished_row_is_reported_and_not_part_of_the_spec(key: str, says: Any) -> None:
    built = draft_json.build(Draft(GroupRow(ROOT, (ConditionRow("n1", key, says),), "OR")))
    assert built.incomplete == ("n1",)
    assert built.spec == {"logic_operator": "OR"}
    assert not built.rows


@pytest.mark.parametrize("value", [0, False, Decimal(0)], ids=str)
def test_zero_and_no_are_values(value: Any) -> None:
    row = ConditionRow("n1", "user_filters", attribute("field", "eq", value))
    assert draft_json.build(Draft(GroupRow(ROOT, (row,)))).spec["user_filters"][0]["value"] == value


def test_a_count_of_zero_is_a_count() -> None:
    draft = edit.add(Draft(), ROOT, "event_filters", NEVER_BOUGHT)
    assert draft_json.build(draft).incomplete == ()


def test_finished_rows_count_beside_empty_ones_and_their_places_are_those_of_the_spec() -> None:
    draft = edit.add(opened({"event_filters": [ACTIVE]}), ROOT, "user_filters")
    empty, active = ids(draft)
    built = draft_json.build(draft)
    assert built.spec == {"event_filters": [ACTIVE]}
    assert built.rows == {("event_filters", 0): active}
    assert (built.incomplete, built.waits) == ((empty,), False)


CART = {"steps": ({"event_name": "CART"}, {"event_name": "BUY", "absent": True}), "within_days": 7}
SPENT = {"event_name": "BUY", "operator": "gte", "measure": {"sum": "amount"}, "value": 5}


@pytest.mark.parametrize(
    ("key", "says", "begin"),
    [
        ("user_filters", ADULT, lambda draft: edit.set_value(draft, "n2", ("value",), None)),
        ("user_filters", PAID, lambda draft: edit.set_value(draft, "n2", ("value",), ())),
        ("user_filters", attribute("name", "like", "A%"), lambda d: edit.set_value(d, "n2", ("value",), "")),
        (
            "user_filters",
            PAID,
            lambda d: edit.change(d, "n2", (), lambda said: with_field(said, "age", Kind.NUMBER)),
        ),
        (
            "user_filters",
            ADULT,
            lambda d: edit.change(d, "n2", (), lambda said: condition_json.with_operator(said, "between")),
        ),
        ("event_filters", ACTIVE, lambda draft: edit.append(draft, "n2", ("where",), BLANK_PROPERTY)),
        ("event_filters", ACTIVE, lambda draft: edit.set_value(draft, "n2", ("count",), None)),
        ("event_filters", ACTIVE, lambda draft: edit.set_value(draft, "n2", ("event_name",), ())),
        (
            "event_filters",
            ACTIVE,
            lambda d: edit.change(d, "n2", (), lambda said: with_window(said, {"time_range": {}})),
        ),
        (
            "event_filters",
            SPENT,
            lambda d: edit.change(
                d, "n2", (), lambda said: condition_json.with_measure(said, Measure.MAX, None, Kind.NUMBER)
            ),
        ),
        ("sequence_filters", CART, lambda d: edit.append(d, "n2", ("steps",), BLANK_STEP)),
        (
            "sequence_filters",
            CART,
            lambda d: edit.append(d, "n2", ("steps", 0, "where"), BLANK_PROPERTY),
        ),
        ("sequence_filters", CART, lambda d: edit.set_value(d, "n2", ("within_days",), None)),
        (
            "segment_filters",
            {"segment": "vip", "operator": "in"},
            lambda d: edit.set_value(d, "n2", ("segment",), None),
        ),
    ],
)
def test_what_is_half_changed_counts_as_it_was_until_it_is_finished(
    key: str, says: Any, begin: Callable[[Draft], Draft]
) -> None:
    whole = edit.add(edit.add(Draft(), ROOT, "user_filters", RICH), ROOT, key, says)
    before = draft_json.build(whole)
    half = begin(whole)
    assert said(half, "n2") != says
    assert draft_json.build(half) == replace(before, incomplete=("n2",))
    for other in (
        draft_json.load(draft_json.dump(half)),
        edit.mute(edit.mute(half, "n2", muted=True), "n2", muted=False),
        edit.shift(edit.shift(half, "n2", -1), "n2", 1),
    ):
        assert draft_json.dump(other) == draft_json.dump(half)
    [alone] = draft_json.build(edit.remove(half, "n1")).spec.values()
    assert alone == [json.loads(json.dumps(says))]
    doubled = edit.remove(edit.duplicate(half, "n2"), "n2")
    assert (draft_json.build(doubled).spec, draft_json.build(doubled).incomplete) == (before.spec, ("n3",))
    finished = edit.change(half, "n2", (), lambda _: says)
    assert finished == whole


def test_a_group_counts_its_unfinished_rows_as_they_were() -> None:
    draft = opened(DEEP)
    for row in ids(draft):
        if isinstance(draft.find(row), ConditionRow):
            draft = edit.change(draft, row, (), lambda said: {**said, "operator": None})
    assert canonical(draft) == segment(DEEP).as_dict()
    assert len(draft_json.build(draft).incomplete) == 9


@pytest.mark.parametrize(
    "add",
    [
        lambda draft: edit.add(draft, ROOT, "user_filters"),
        lambda draft: edit.add(draft, ROOT, "groups"),
        lambda draft: edit.add(edit.add(draft, ROOT, "groups"), "n1", "event_filters"),
        lambda draft: edit.add(edit.add(draft, ROOT, "groups"), "n1", "groups"),
        lambda draft: edit.mute(
            edit.add(edit.add(draft, ROOT, "user_filters"), ROOT, "user_filters", ADULT), "n2", muted=True
        ),
        lambda draft: edit.change_group(
            edit.add(edit.add(draft, ROOT, "user_filters", ADULT), ROOT, "event_filters"),
            ROOT,
            logic_operator="AT_LEAST",
            at_least=2,
        ),
    ],
    ids=["row", "group", "row in a group", "group in a group", "beside a muted row", "at least 2"],
)
@pytest.mark.parametrize("negate", [False, True])
def test_a_segment_of_which_nothing_is_complete_waits_rather_than_being_everyone(
    add: Callable[[Draft], Draft], negate: bool
) -> None:
    built = draft_json.build(add(edit.change_group(Draft(), ROOT, negate=negate)))
    assert built.waits
    assert len(built.incomplete) == 1


def test_a_group_of_at_least_some_waits_for_rows_that_never_were_complete() -> None:
    some = {"user_filters": [RICH, ADULT], "logic_operator": "AT_LEAST", "at_least": 2}
    draft = opened({"user_filters": [PAID], "groups": [some]})
    _, group, _, adult = ids(draft)
    removed = edit.change_group(edit.remove(draft, adult), group, at_least=2)
    replaced = edit.add(removed, group, "user_filters")
    built = draft_json.build(replaced)
    assert built.spec == {"user_filters": [PAID]}
    assert (len(built.incomplete), built.waits) == (1, False)
    half = edit.set_value(draft, adult, ("value",), None)
    assert draft_json.build(half).spec == draft_json.build(draft).spec


def test_an_empty_segment_and_one_of_muted_rows_alone_wait_for_nothing() -> None:
    muted = edit.mute(edit.add(Draft(), ROOT, "user_filters", ADULT), "n1", muted=True)
    assert not draft_json.build(Draft()).waits
    assert not draft_json.build(muted).waits
    half = edit.set_value(muted, "n1", ("value",), None)
    assert draft_json.build(half).incomplete == ()


def test_a_repair_of_what_counts_leaves_the_unfinished_form_as_it_is() -> None:
    draft = edit.add(Draft(), ROOT, "event_filters", event("LOGUN", "gte", 3, 30))
    half = edit.append(draft, "n1", ("where",), BLANK_PROPERTY)
    mended = edit.change_complete(half, "n1", ("event_name",), lambda _: "LOGIN")
    assert draft_json.build(mended).spec == {"event_filters": [event("LOGIN", "gte", 3, 30)]}
    assert said(mended, "n1") == {**event("LOGIN", "gte", 3, 30), "where": (BLANK_PROPERTY,)}
    other = edit.change(draft, "n1", (), lambda one: with_window(one, {"time_range": {}}))
    wider = edit.change_complete(other, "n1", ("time_range_days",), lambda _: 60)
    assert draft_json.build(wider).spec == {"event_filters": [event("LOGUN", "gte", 3, 60)]}
    assert said(wider, "n1") == said(other, "n1")
    assert edit.change_complete(draft, "n1", ("count",), lambda _: 4) == edit.set_value(
        draft, "n1", ("count",), 4
    )


EDITS = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 30), st.integers(0, 30)), max_size=25)


@spec_runs(0.3)
@given(segments(WHOLE_IDS), EDITS)
def test_whatever_is_edited_each_row_counts_as_it_was_when_it_was_last_complete(
    spec: Any, edits: list[tuple[int, int, int]]
) -> None:
    draft = opened(spec)
    complete: dict[str, Any] = {}
    _remember(draft, complete)
    for kind, which, where in edits:
        targets = list(draft.root.rows())
        if not targets:
            break
        row = targets[which % len(targets)]
        before = ids(draft)
        draft = _random_edit(draft, row, kind, where)
        fresh = [one for one in ids(draft) if one not in before]
        if kind == 4:  # duplicates remember what their originals were
            for new, old in zip(fresh, [row.id, *_below(row)], strict=True):
                if old in complete:
                    complete[new] = complete[old]
        _remember(draft, complete)
        draft = (
            draft_json.load(read_json(to_json(draft_json.dump(draft)), Settings())) if kind == 8 else draft
        )
        assert json.dumps(draft_json.build(draft).spec, default=str) == json.dumps(
            {**_counted(draft.root, complete), **draft.delivery}, default=str
        )


def _random_edit(draft: Draft, row: Row, kind: int, where: int) -> Draft:
    group = (ROOT, *(one.id for one in draft.root.rows() if isinstance(one, GroupRow)))
    key = (*BLANK, "groups")[where % 5]
    match kind:
        case 0:
            return edit.add(draft, group[where % len(group)], key)
        case 1:
            return edit.remove(draft, row.id)
        case 2:
            return edit.move(draft, row.id, group[where % len(group)])
        case 3:
            return edit.mute(draft, row.id, muted=not row.muted)
        case 4:
            return edit.duplicate(draft, row.id)
        case 5 | 6 | 7 if isinstance(row, ConditionRow):
            places = list(_places(row.condition))
            value = (None, (), "", 5)[kind - 5 if kind < 7 else 3]
            return edit.set_value(draft, row.id, places[where % len(places)], value)
        case _:
            return draft


def _places(said: Any) -> Iterator[Any]:
    for key, part in said.items() if isinstance(said, dict) else enumerate(said):
        yield (key,)
        if isinstance(part, dict | tuple | list):
            yield from ((key, *inside) for inside in _places(part))


def _below(row: Row) -> list[str]:
    return [one.id for one in row.rows()] if isinstance(row, GroupRow) else []


def _remember(draft: Draft, complete: dict[str, Any]) -> None:
    for row in draft.root.rows():
        if isinstance(row, ConditionRow) and not _is_open(row.condition):
            complete[row.id] = row.condition


def _is_open(said: Any) -> bool:
    if isinstance(said, dict | tuple | list):
        return not said or any(map(_is_open, said.values() if isinstance(said, dict) else said))
    return said is None or said == ""


def _counted(group: GroupRow, complete: dict[str, Any]) -> dict[str, Any]:
    """A group by the definition: rows as they last were complete; None of them is a group of nothing."""
    made: dict[str, Any] = {}
    for row in group.children:
        part = (
            complete.get(row.id)
            if isinstance(row, ConditionRow)
            else _counted(row, complete)
            if _has_any(row, complete)
            else None
        )
        if part is not None and not row.muted:
            made.setdefault(row.key, []).append(part)
    joined: dict[str, Any] = {"logic_operator": group.logic_operator} if group.logic_operator != "AND" else {}
    if group.at_least is not None:
        joined = {**joined, "at_least": group.required} if made else {}
    return {
        **made,
        **joined,
        **({"negate": True} if group.negate else {}),
    }


def _has_any(group: GroupRow, complete: dict[str, Any]) -> bool:
    def counts(row: Row) -> bool:
        inside = row.id in complete if isinstance(row, ConditionRow) else _has_any(row, complete)
        return inside and not row.muted

    def waits(row: Row) -> bool:
        if row.muted or counts(row):
            return False
        return isinstance(row, ConditionRow) or not row.children or any(map(waits, row.children))

    number = sum(map(counts, group.children))
    return number > 0 and (number >= (group.at_least or 0) or not any(map(waits, group.children)))


# At least some


THREE = [ADULT, PAID, attribute("age", "lt", 60)]
WAYS_OUT = {
    "remove": edit.remove,
    "mute": lambda draft, row: edit.mute(draft, row, muted=True),
}


@pytest.mark.parametrize("way", WAYS_OUT)
@pytest.mark.parametrize(("wanted", "left"), [(3, [2, 1]), (2, [2, 1]), (1, [1, 1])])
@pytest.mark.parametrize("nested", [False, True])
def test_at_least_all_of_the_rows_is_all_of_those_left(
    way: str, wanted: int, left: list[int], nested: bool
) -> None:
    joined = {"user_filters": THREE, "logic_operator": "AT_LEAST", "at_least": wanted}
    draft = opened({"groups": [joined]} if nested else joined)
    rows = [row.id for row in draft.root.rows() if row.key == "user_filters"]
    for row, at_least in zip(rows, left, strict=False):
        draft = WAYS_OUT[way](draft, row)
        spec = draft_json.build(draft).spec
        made = spec["groups"][0] if nested else spec
        assert (made["logic_operator"], made["at_least"]) == ("AT_LEAST", at_least)
        assert parse(spec, Settings())
    draft = WAYS_OUT[way](draft, rows[-1])
    assert draft_json.build(draft).spec == {}


def test_a_muted_row_that_counts_again_is_asked_for_again() -> None:
    draft = opened({"user_filters": THREE, "logic_operator": "AT_LEAST", "at_least": 3})
    muted = edit.mute(draft, ids(draft)[0], muted=True)
    assert draft_json.build(muted).spec["at_least"] == 2
    assert draft_json.build(edit.mute(muted, ids(draft)[0], muted=False)).spec["at_least"] == 3


def test_a_row_moved_away_is_asked_for_no_longer() -> None:
    inner = {"user_filters": THREE[:2], "logic_operator": "AT_LEAST", "at_least": 2}
    draft = opened({"groups": [inner]})
    _, row, _ = (row.id for row in draft.root.rows())
    moved = draft_json.build(edit.move(draft, row, ROOT)).spec
    assert moved["groups"][0]["at_least"] == 1
    assert draft_json.build(edit.duplicate(draft, row)).spec["groups"][0]["at_least"] == 2


def test_more_than_there_are_rows_stays_for_the_check_to_name() -> None:
    draft = opened({"user_filters": THREE, "logic_operator": "AT_LEAST", "at_least": 3})
    assert draft_json.build(edit.change_group(draft, ROOT, at_least=5)).spec["at_least"] == 5


# Delivery


def test_clearing_rows_one_by_one_never_loses_limit_as_of_or_timezone() -> None:
    draft = opened(DELIVERED)
    for row in ids(draft):
        draft = edit.remove(draft, row)
    delivery = {key: DELIVERED[key] for key in ("limit", "as_of", "timezone")}
    assert draft_json.build(draft).spec == {"logic_operator": "OR", "negate": True, **delivery}


def test_delivery_is_set_and_taken_out() -> None:
    draft = edit.deliver(opened({"user_filters": [ADULT]}), "sample", {"percent": 10, "seed": "spring"})
    assert canonical(draft)["sample"] == {"percent": 10, "seed": "spring"}
    assert canonical(edit.deliver(draft, "sample", None)) == segment({"user_filters": [ADULT]}).as_dict()
