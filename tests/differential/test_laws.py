"""What must hold for every segment, whatever it says and whatever the data."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duckmart.segment import parse, read_json
from tests.differential.conftest import Loaded, load
from tests.strategies import DAYS, Spec, event_filters, groups, segments, spec_runs, user_filters
from tests.world import PINNED, WHOLE_IDS

EVERYONE = {user["user_id"] for user in WHOLE_IDS.users}
ROOTS = groups(WHOLE_IDS, depth=2)
LEAVES = groups(WHOLE_IDS, depth=1)
USER_FILTERS = user_filters(WHOLE_IDS)
POSITIVE = {"ne": "eq", "not_in": "in"}


@pytest.fixture(scope="module")
def whole_ids_until_pinned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    early = replace(WHOLE_IDS.without_events_after(PINNED), name="early", loaded_at=datetime(2027, 1, 1))
    yield from load(early, tmp_path_factory.mktemp("early"))


@spec_runs(0.1)
@given(segments(WHOLE_IDS))
def test_a_segment_and_its_negation_share_nobody_and_together_are_everyone(
    whole_ids: Loaded, spec: Spec
) -> None:
    spec = spec | {"limit": None}

    inside, outside = whole_ids.ids(spec), whole_ids.ids(spec | {"negate": not spec.get("negate")})

    assert sorted(inside + outside) == sorted(EVERYONE)


@spec_runs(0.08)
@given(ROOTS, LEAVES)
def test_one_more_condition_only_shrinks_an_all_and_only_grows_an_any(
    whole_ids: Loaded, spec: Spec, child: Spec
) -> None:
    more = {"groups": [*spec.get("groups", []), child], "negate": False}

    def ids(joiner: str, added: Spec) -> set[object]:
        return set(whole_ids.ids(spec | {"negate": False, "logic_operator": joiner} | added))

    assert ids("AND", more) <= ids("AND", {})
    assert ids("OR", more) >= ids("OR", {})


@spec_runs(0.08)
@given(segments(WHOLE_IDS), st.randoms(use_true_random=False))
def test_the_order_of_conditions_does_not_matter(whole_ids: Loaded, spec: Spec, order: random.Random) -> None:
    assert whole_ids.ids(shuffled(spec, order)) == whole_ids.ids(spec)


@spec_runs(0.08)
@given(LEAVES, LEAVES)
def test_not_both_is_not_one_or_not_the_other(whole_ids: Loaded, left: Spec, right: Spec) -> None:
    not_both = {"groups": [left, right], "negate": True}
    either_not = {"groups": [opposite(left), opposite(right)], "logic_operator": "OR"}

    assert whole_ids.ids(not_both) == whole_ids.ids(either_not)


@spec_runs(0.08)
@given(USER_FILTERS.filter(lambda row: row["operator"] in POSITIVE))
def test_a_negative_operator_is_everyone_but_its_positive_twin(whole_ids: Loaded, row: Spec) -> None:
    twin = row | {"operator": POSITIVE[row["operator"]]}

    inside, outside = whole_ids.ids({"user_filters": [twin]}), whole_ids.ids({"user_filters": [row]})

    assert sorted(inside + outside) == sorted(EVERYONE)


@spec_runs(0.08)
@given(USER_FILTERS.filter(lambda row: row["operator"] == "in"))
def test_a_list_is_its_values_one_by_one(whole_ids: Loaded, row: Spec) -> None:
    each = [row | {"operator": "eq", "value": value} for value in row["value"]]

    assert whole_ids.ids({"user_filters": [row]}) == whole_ids.ids(
        {"user_filters": each, "logic_operator": "OR"}
    )


@spec_runs(0.08)
@given(event_filters(), st.integers(0, 4), st.integers(1, 3))
def test_a_higher_threshold_only_shrinks(whole_ids: Loaded, row: Spec, count: int, more: int) -> None:
    low, high = (row | {"operator": "gte", "count": threshold} for threshold in (count, count + more))

    assert set(whole_ids.ids({"event_filters": [high]})) <= set(whole_ids.ids({"event_filters": [low]}))


@spec_runs(0.08)
@given(event_filters(), st.lists(st.sampled_from(DAYS), min_size=2, max_size=2))
def test_a_longer_window_only_grows(whole_ids: Loaded, row: Spec, days: list[int]) -> None:
    windows = (*sorted(days), None)
    rows = [row | {"operator": "gte", "time_range_days": window} for window in windows]

    short, longer, ever = (set(whole_ids.ids({"event_filters": [row]})) for row in rows)

    assert short <= longer <= ever


@spec_runs(0.08)
@given(segments(WHOLE_IDS), st.integers(1, 50))
def test_a_limit_is_a_prefix_of_everyone_in_the_segment(whole_ids: Loaded, spec: Spec, limit: int) -> None:
    ids = whole_ids.ids(spec | {"limit": None})

    assert ids == sorted(ids)
    assert whole_ids.ids(spec | {"limit": limit}) == ids[:limit]


@spec_runs(0.2)
@given(segments(WHOLE_IDS))
def test_a_printed_segment_reads_as_itself(whole_ids: Loaded, spec: Spec) -> None:
    segment, settings = whole_ids.segment(spec), whole_ids.mart.settings

    again = parse(read_json(segment.as_json(), settings), settings)

    assert again == segment
    assert again.as_json() == segment.as_json()


@spec_runs(0.1)
@given(segments(WHOLE_IDS))
def test_events_after_a_pinned_moment_change_nothing(
    whole_ids: Loaded, whole_ids_until_pinned: Loaded, spec: Spec
) -> None:
    pinned = spec | {"as_of": PINNED.isoformat()}

    assert whole_ids.ids(pinned) == whole_ids_until_pinned.ids(pinned)


@spec_runs(0.08)
@given(segments(WHOLE_IDS))
def test_the_truth_table_says_what_each_condition_and_each_step_counts_by_itself(
    whole_ids: Loaded, spec: Spec
) -> None:
    plain = spec | {"limit": None, "negate": False}
    table = whole_ids.mart.size(whole_ids.segment(spec)).table
    size = len(whole_ids.ids(spec | {"limit": None}))
    children = list(each_child(plain))
    steps = [joined(plain, children[: step + 1]) for step, _ in enumerate(children)]

    assert table.everyone == len(EVERYONE)
    assert table.total == size
    assert table.alone == [len(whole_ids.ids(joined(plain, [child]))) for child in children]
    assert table.waterfall == [len(whole_ids.ids(step)) for step in steps]


def opposite(group: Spec) -> Spec:
    return group | {"negate": not group.get("negate")}


def shuffled(group: Spec, order: random.Random) -> Spec:
    made = dict(group)
    for key in ("user_filters", "event_filters", "groups"):
        rows = list(group.get(key, ()))
        order.shuffle(rows)
        made[key] = [shuffled(row, order) for row in rows] if key == "groups" else rows
    return made


def each_child(group: Spec) -> Iterator[tuple[str, Spec]]:
    for key in ("user_filters", "event_filters", "groups"):
        yield from ((key, row) for row in group.get(key, ()))


def joined(spec: Spec, children: list[tuple[str, Spec]]) -> Spec:
    """The segment with these of its children only."""
    made = {
        key: value for key, value in spec.items() if key not in ("user_filters", "event_filters", "groups")
    }
    for key, row in children:
        made.setdefault(key, []).append(row)
    return made
