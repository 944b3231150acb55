"""Specs mean the same in bound SQL, in copied SQL and in plain Python: random ones, and single conditions.

A long run: `DUCKMART_SPECS=50000 pytest tests/differential`.
"""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import product

import pytest
from hypothesis import Phase, example, given, seed, settings

from duckmart.compile import truth_table
from duckmart.operators import COUNT_OPERATORS, USER_OPERATORS
from tests import oracle, strategies
from tests.differential.conftest import Loaded
from tests.strategies import AS_OF_DAYS, OPERATORS, SEED, SPECS, Spec, candidates, segments, spec_runs
from tests.world import ANCHORS, TEXT_IDS, WHOLE_IDS, WINDOWS, World


@spec_runs(0.5)
@given(segments(WHOLE_IDS))
@example({})
@example({"negate": True})
@example({"limit": 1})
def test_both_forms_of_the_sql_agree_with_the_oracle(whole_ids: Loaded, spec: Spec) -> None:
    assert_same_members(whole_ids, spec)


@spec_runs(0.5)
@given(segments(TEXT_IDS))
@example({})
@example({"negate": True})
@example({"limit": 20})
def test_both_forms_of_the_sql_agree_with_the_oracle_where_user_ids_are_text(
    text_ids: Loaded, spec: Spec
) -> None:
    assert_same_members(text_ids, spec)


@spec_runs(0.2)
@given(segments(WHOLE_IDS))
@example({})
@example({"negate": True})
def test_the_truth_table_counts_every_combination_of_conditions(whole_ids: Loaded, spec: Spec) -> None:
    world = whole_ids.world

    assert_same_conditions(whole_ids, spec)
    assert whole_ids.mart.size(whole_ids.segment(spec)).total == oracle.total(
        spec, world.users, world.events, world.loaded_at
    )


@pytest.mark.timeout(300 + SPECS)
@pytest.mark.parametrize("operator", sorted({name for names in OPERATORS.values() for name in names}))
def test_each_value_by_itself_agrees_with_the_oracle(whole_ids: Loaded, operator: str) -> None:
    for column, kind in WHOLE_IDS.attributes.kinds.items():
        if operator in OPERATORS[kind]:
            for some in batched(each_value(column, operator)[: SPECS // 10], 100):
                assert_same_conditions(whole_ids, {"user_filters": some, "timezone": "America/Los_Angeles"})


@pytest.mark.parametrize("as_of", [None, *AS_OF_DAYS[:4], *(anchor.isoformat() for anchor in ANCHORS)])
def test_each_count_on_the_edge_of_each_window_agrees_with_the_oracle(
    whole_ids: Loaded, as_of: str | None
) -> None:
    rows = [
        {"event_name": name, "operator": operator, "count": count, "time_range_days": days}
        for name in ("LOGIN", "PURCHASE_MADE", "a_b")
        for days in (*WINDOWS, None)
        for operator, count in product(strategies.COUNT_OPERATORS, (0, 1, 3))
    ]
    zones = {"2026-10-25": "Europe/Berlin", "2026-11-01": "America/Los_Angeles"}
    for some in batched(rows, 100):
        spec = {"event_filters": some, "as_of": as_of, "timezone": zones.get(as_of or "")}
        assert_same_conditions(whole_ids, spec)


@pytest.mark.parametrize(
    ("column", "zone", "day"),
    [
        ("last_seen", "Europe/Berlin", date(2026, 3, 29)),
        ("last_seen", "Europe/Berlin", date(2026, 10, 25)),
        ("last_seen", "America/Los_Angeles", date(2026, 3, 8)),
        ("last_seen", "America/Los_Angeles", date(2026, 11, 1)),
        ("trial_ends", "Africa/Cairo", date(2024, 4, 26)),
        ("trial_ends", "America/St_Johns", date(2010, 11, 7)),
        ("trial_ends", "America/Toronto", date(1919, 3, 31)),
        ("trial_ends", "Pacific/Apia", date(2011, 12, 30)),
    ],
)
def test_days_of_odd_lengths_agree_with_the_oracle(
    whole_ids: Loaded, column: str, zone: str, day: date
) -> None:
    days = [(day + step * oracle.DAY).isoformat() for step in (-1, 0, 1)]
    rows = [
        {"field": column, "operator": operator, "value": [one] if operator in ("in", "not_in") else one}
        for operator, one in product(OPERATORS["timestamp"], days)
    ]

    assert_same_conditions(whole_ids, {"user_filters": rows, "timezone": zone})
    for row in rows:
        assert_same_members(whole_ids, {"user_filters": [row], "timezone": zone})


def test_random_specs_use_every_operator_on_every_kind_and_every_count_operator_in_every_window() -> None:
    kinds = {("user", kind, name) for kind, names in OPERATORS.items() for name in names}
    counts = {("event", name, days) for name in strategies.COUNT_OPERATORS for days in (None, *WINDOWS)}
    days = {("days", number) for number in strategies.DAYS}
    zones = {("zone", zone) for zone in strategies.ZONES}
    depths = {("depth", depth) for depth in range(1, strategies.DEPTH + 1)}
    edges = {("edge", days) for days in (0, 1, 7, 30)} | {("limit",), ("negate", "AND"), ("negate", "OR")}

    assert kinds | counts | days | zones | depths | edges <= reached_by_random_specs()


def test_random_specs_know_every_operator_that_the_product_has() -> None:
    by_kind = {
        kind: {name for name, row in USER_OPERATORS.items() if kind in row.kinds} for kind in OPERATORS
    }
    assert {kind: set(names) for kind, names in OPERATORS.items()} == by_kind
    assert set(strategies.COUNT_OPERATORS) == set(COUNT_OPERATORS)


def assert_same_members(loaded: Loaded, spec: Spec) -> None:
    world = loaded.world
    query = loaded.mart.members(loaded.segment(spec))
    expected = oracle.member_ids(spec, world.users, world.events, world.loaded_at)

    assert loaded.rows(query) == expected, "bound"
    assert loaded.copied(query) == [(user_id,) for user_id in expected], "copied"


def assert_same_conditions(loaded: Loaded, spec: Spec) -> None:
    """Who matches what: every condition at the root agrees for every user, up to the users' names."""
    world, segment = loaded.world, loaded.segment(spec)
    expected = list(oracle.truths(spec, world.users, world.events, world.loaded_at).values())
    copied = loaded.copied(truth_table(segment, loaded.mart.catalog, loaded.mart.as_of(segment)))

    table = loaded.mart.size(segment).table

    assert table.alone == [sum(held) for held in zip(*expected, strict=True)]
    assert table.combinations == Counter(expected)
    assert {tuple(flags): users for *flags, users in copied} == Counter(expected)


def each_value(column: str, operator: str) -> list[Spec]:
    """The operator with each value that random specs draw from, in an order that mixes them."""
    values = [value for made in candidates(WHOLE_IDS, column, operator) for value in made]
    random.Random(SEED).shuffle(values)
    written = ([value] if operator in ("in", "not_in") else value for value in values)
    return [{"field": column, "operator": operator, "value": value} for value in written]


def batched(rows: list[Spec], size: int) -> Iterator[list[Spec]]:
    yield from (rows[start : start + size] for start in range(0, len(rows), size))


def reached_by_random_specs() -> set[tuple[object, ...]]:
    seen: set[tuple[object, ...]] = set()

    @seed(1)
    @settings(max_examples=1500, phases=[Phase.generate], database=None, deadline=None)
    @given(segments(WHOLE_IDS))
    def collect(spec: Spec) -> None:
        seen.update(reached(spec, WHOLE_IDS))

    collect()
    return seen


def reached(spec: Spec, world: World) -> Iterator[tuple[object, ...]]:
    """What a spec uses of the language, and whose events lie exactly on the edges of its windows."""
    as_of = oracle.as_of(spec, world.events)
    ages = {(event["event_name"], as_of - event["timestamp"]) for event in world.events}
    yield ("zone", spec.get("timezone"))
    yield ("limit",) if spec.get("limit") else ()
    for depth, group in nested(spec):
        yield ("depth", depth)
        yield ("negate", group.get("logic_operator")) if group.get("negate") else ()
        for row in group.get("user_filters", ()):
            yield ("user", world.attributes.kinds[row["field"]], row["operator"])
        for row in group.get("event_filters", ()):
            days = row.get("time_range_days")
            yield ("event", row["operator"], days)
            yield ("days", days)
            ends = [age.days for name, age in ages if name == row["event_name"] and not age % oracle.DAY]
            yield from (("edge", end) for end in ends if end in (0, days))


def nested(group: Spec, depth: int = 1) -> Iterator[tuple[int, Spec]]:
    yield depth, group
    for child in group.get("groups", ()):
        yield from nested(child, depth + 1)
