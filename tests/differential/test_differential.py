"""Random specs mean the same in bound SQL, in copied SQL and in plain Python.

A long run: `DUCKMART_SPECS=50000 pytest tests/differential`.
"""

from collections import Counter
from collections.abc import Iterator

from hypothesis import Phase, example, given, seed, settings

from duckmart.compile import truth_table
from duckmart.operators import COUNT_OPERATORS, USER_OPERATORS
from tests import oracle, strategies
from tests.differential.conftest import Loaded
from tests.strategies import Spec, segments, spec_runs
from tests.world import TEXT_IDS, WHOLE_IDS, WINDOWS, World


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


@spec_runs(0.3)
@given(segments(WHOLE_IDS))
@example({})
@example({"negate": True})
def test_the_truth_table_counts_every_combination_of_conditions(whole_ids: Loaded, spec: Spec) -> None:
    world, mart, segment = whole_ids.world, whole_ids.mart, whole_ids.segment(spec)
    held = oracle.truths(spec, world.users, world.events, world.loaded_at)

    table = mart.size(segment).table
    copied = whole_ids.copied(truth_table(segment, mart.catalog, mart.as_of(segment)))

    assert table.combinations == Counter(held.values())
    assert {tuple(flags): users for *flags, users in copied} == Counter(held.values())
    assert table.total == oracle.total(spec, world.users, world.events, world.loaded_at)


def test_random_specs_use_every_operator_on_every_kind_and_every_count_operator_in_every_window() -> None:
    kinds = {("user", kind, name) for kind, names in strategies.OPERATORS.items() for name in names}
    counts = {("event", name, days) for name in strategies.COUNT_OPERATORS for days in (None, *WINDOWS)}
    days = {("days", number) for number in strategies.DAYS}
    zones = {("zone", zone) for zone in strategies.ZONES}
    depths = {("depth", depth) for depth in range(1, strategies.DEPTH + 1)}
    edges = {("edge", days) for days in (0, 1, 7, 30)} | {("limit",), ("negate", "AND"), ("negate", "OR")}

    assert kinds | counts | days | zones | depths | edges <= reached_by_random_specs()


def test_random_specs_know_every_operator_that_the_product_has() -> None:
    by_kind = {
        kind: {name for name, row in USER_OPERATORS.items() if kind in row.kinds}
        for kind in strategies.OPERATORS
    }
    assert {kind: set(names) for kind, names in strategies.OPERATORS.items()} == by_kind
    assert set(strategies.COUNT_OPERATORS) == set(COUNT_OPERATORS)


def assert_same_members(loaded: Loaded, spec: Spec) -> None:
    world = loaded.world
    query = loaded.mart.members(loaded.segment(spec))
    expected = oracle.member_ids(spec, world.users, world.events, world.loaded_at)

    assert loaded.rows(query) == expected, "bound"
    assert loaded.copied(query) == [(user_id,) for user_id in expected], "copied"


def reached_by_random_specs() -> set[tuple[object, ...]]:
    seen: set[tuple[object, ...]] = set()

    @seed(1)
    @settings(max_examples=800, phases=[Phase.generate], database=None, deadline=None)
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
            yield ("user", world.kinds[row["field"]], row["operator"])
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
