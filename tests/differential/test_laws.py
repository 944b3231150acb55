"""What must hold for every segment, whatever it says and whatever the data."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duckmart.spec.json_text import read_json
from duckmart.spec.parser import parse
from tests.differential.conftest import Loaded, load
from tests.oracle import WINDOW_KEYS
from tests.strategies import (
    CASELESS,
    DAYS,
    RANKS,
    SAVED,
    SEEDS,
    SPLITS,
    YEARLY,
    Spec,
    counts,
    delivery,
    event_filters,
    event_names,
    filters,
    groups,
    pairs,
    ranked,
    segments,
    sequence_filters,
    spec_runs,
    user_filters,
    wheres,
    windows,
)
from tests.world import BUY, LOGIN, PINNED, WHOLE_IDS

EVERYONE = {user["user_id"] for user in WHOLE_IDS.users}
WHOLE = segments(WHOLE_IDS, sampled=False)
ROOTS = groups(WHOLE_IDS, depth=2)
LEAVES = groups(WHOLE_IDS, depth=1)
USER_FILTERS = user_filters(WHOLE_IDS)
SEQUENCES = sequence_filters(WHOLE_IDS)
CHILDREN = ("user_filters", "event_filters", "sequence_filters", "segment_filters", "groups")
POSITIVE = {
    "ne": "eq",
    "not_in": "in",
    "contains_none": "contains_any",
    "not_like": "like",
    "not_contains": "contains",
    "not_starts_with": "starts_with",
    "not_ends_with": "ends_with",
    "not_between": "between",
    "not_in_last_days": "in_last_days",
    "is_null": "is_not_null",
}
# Measures that some number is set against.
NUMBERS = ("count", "active_days", "days_since_last", "days_since_first")
NUMBERS_OF = ("sum", "avg", "median", "distinct")


def is_a_number(row: Spec) -> bool:
    if row.get("than") is not None or row["operator"] in RANKS:
        return False
    measure = row.get("measure") or "count"
    return measure in NUMBERS if isinstance(measure, str) else next(iter(measure)) in NUMBERS_OF


NUMBER_FILTERS = event_filters(WHOLE_IDS).filter(is_a_number)


@pytest.fixture(scope="module")
def whole_ids_until_pinned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    early = replace(WHOLE_IDS.without_events_after(PINNED), name="early", loaded_at=datetime(2027, 1, 1))
    yield from load(early, tmp_path_factory.mktemp("early"))


@spec_runs(0.02)
@given(WHOLE)
def test_a_segment_and_its_negation_share_nobody_and_together_are_everyone(
    whole_ids: Loaded, spec: Spec
) -> None:
    spec = spec | {"limit": None}

    inside, outside = whole_ids.ids(spec), whole_ids.ids(spec | {"negate": not spec.get("negate")})

    assert sorted(inside + outside) == sorted(EVERYONE)


@spec_runs(0.015)
@given(ROOTS, LEAVES)
def test_one_more_condition_only_shrinks_an_all_and_only_grows_an_any(
    whole_ids: Loaded, spec: Spec, child: Spec
) -> None:
    more = {"groups": [*spec.get("groups", []), child]}

    def ids(joiner: str, added: Spec) -> set[object]:
        plain = {"negate": False, "at_least": None}
        return set(whole_ids.ids(spec | plain | {"logic_operator": joiner} | added))

    assert ids("AND", more) <= ids("AND", {})
    assert ids("OR", more) >= ids("OR", {})


@spec_runs(0.015)
@given(ROOTS, st.randoms(use_true_random=False))
def test_at_least_lies_between_any_and_all(whole_ids: Loaded, spec: Spec, order: random.Random) -> None:
    children = list(each_child(spec))
    needed = order.randint(1, len(children))

    def ids(joiner: str, at_least: int | None = None) -> set[object]:
        joined = {"negate": False, "logic_operator": joiner, "at_least": at_least}
        return set(whole_ids.ids(spec | joined))

    assert ids("AND") <= ids("AT_LEAST", needed) <= ids("OR")
    assert ids("AT_LEAST", 1) == ids("OR")
    assert ids("AT_LEAST", len(children)) == ids("AND")


@spec_runs(0.015)
@given(segments(WHOLE_IDS), st.randoms(use_true_random=False))
def test_the_order_of_conditions_does_not_matter(whole_ids: Loaded, spec: Spec, order: random.Random) -> None:
    assert whole_ids.ids(shuffled(spec, order)) == whole_ids.ids(spec)


@spec_runs(0.015)
@given(LEAVES, LEAVES)
def test_not_both_is_not_one_or_not_the_other(whole_ids: Loaded, left: Spec, right: Spec) -> None:
    not_both = {"groups": [left, right], "negate": True}
    either_not = {"groups": [opposite(left), opposite(right)], "logic_operator": "OR"}

    assert whole_ids.ids(not_both) == whole_ids.ids(either_not)


@spec_runs(0.015)
@given(USER_FILTERS.filter(lambda row: row["operator"] in POSITIVE), st.sampled_from((None, "2026-10-25")))
def test_a_negative_operator_is_everyone_but_its_positive_twin(
    whole_ids: Loaded, row: Spec, as_of: str | None
) -> None:
    twin = row | {"operator": POSITIVE[row["operator"]]}

    inside, outside = (
        whole_ids.ids({"user_filters": [one], "as_of": as_of, "timezone": "Europe/Berlin"})
        for one in (twin, row)
    )

    assert sorted(inside + outside) == sorted(EVERYONE)


@spec_runs(0.01)
@given(SEQUENCES)
def test_a_sequence_not_done_is_everyone_but_those_who_did_it(whole_ids: Loaded, row: Spec) -> None:
    did, did_not = (
        whole_ids.ids({"sequence_filters": [row | {"operator": operator}]}) for operator in ("did", "did_not")
    )

    assert sorted(did + did_not) == sorted(EVERYONE)


@spec_runs(0.015)
@given(USER_FILTERS.filter(lambda row: row["operator"] == "in"))
def test_a_list_is_its_values_one_by_one(whole_ids: Loaded, row: Spec) -> None:
    each = [row | {"operator": "eq", "value": value} for value in row["value"]]

    assert whole_ids.ids({"user_filters": [row]}) == whole_ids.ids(
        {"user_filters": each, "logic_operator": "OR"}
    )


@spec_runs(0.015)
@given(USER_FILTERS.filter(lambda row: row["operator"] in ("contains_any", "contains_all")))
def test_any_and_all_of_several_elements_are_those_of_each(whole_ids: Loaded, row: Spec) -> None:
    each = [row | {"value": [value]} for value in row["value"]]
    joiner = "OR" if row["operator"] == "contains_any" else "AND"

    assert whole_ids.ids({"user_filters": [row]}) == whole_ids.ids(
        {"user_filters": each, "logic_operator": joiner}
    )


@spec_runs(0.01)
@given(USER_FILTERS.filter(lambda row: row["operator"] == "between"))
def test_a_range_is_from_its_low_to_its_high_end(whole_ids: Loaded, row: Spec) -> None:
    low, high = row["value"]
    ends = [row | {"operator": "gte", "value": low}, row | {"operator": "lte", "value": high}]

    assert whole_ids.ids({"user_filters": [row]}) == whole_ids.ids({"user_filters": ends})


@spec_runs(0.01)
@given(USER_FILTERS.filter(lambda row: row["operator"] in CASELESS))
def test_case_only_parts_those_who_match_without_it(whole_ids: Loaded, row: Spec) -> None:
    cased, caseless = (
        set(whole_ids.ids({"user_filters": [row | {"case_sensitive": case}]})) for case in (True, False)
    )

    assert caseless <= cased if row["operator"].startswith("not_") else cased <= caseless


@spec_runs(0.015)
@given(NUMBER_FILTERS, st.lists(st.integers(0, 5), min_size=2, max_size=2))
def test_a_higher_threshold_only_shrinks(whole_ids: Loaded, row: Spec, thresholds: list[int]) -> None:
    key = "count" if "count" in row else "value"

    for operator in ("gt", "gte"):
        some, fewer = (
            set(whole_ids.ids({"event_filters": [row | {"operator": operator, key: threshold}]}))
            for threshold in sorted(thresholds)
        )
        assert fewer <= some


@spec_runs(0.015)
@given(ranked(WHOLE_IDS), st.integers(1, 60))
def test_the_top_is_as_large_as_asked_for_and_what_is_left_is_no_better(
    whole_ids: Loaded, row: Spec, size: int
) -> None:
    def of(**rank: Any) -> set[Any]:
        return set(whole_ids.ids({"event_filters": [row | rank]}))

    everyone = of(operator="top_percent", value=100)
    top, larger = (of(operator="top", value=number) for number in (size, size + 1))
    bottom = of(operator="bottom", value=max(len(everyone) - len(top), 1))

    assert top <= larger <= everyone
    assert len(top) >= min(size, len(everyone))
    assert everyone == of(operator="bottom_percent", value=100)
    assert everyone - top <= bottom


@spec_runs(0.015)
@given(ranked(WHOLE_IDS), st.integers(1, 99))
def test_a_percentage_is_as_many_users_rounded_up(whole_ids: Loaded, row: Spec, percent: int) -> None:
    def of(operator: str, value: int) -> list[Any]:
        return whole_ids.ids({"event_filters": [row | {"operator": operator, "value": value}]})

    size = -(-len(of("top_percent", 100)) * percent // 100)

    assert of("top_percent", percent) == (of("top", size) if size else [])


@spec_runs(0.015)
@given(pairs(WHOLE_IDS))
def test_two_measures_with_values_are_less_equal_or_more(whole_ids: Loaded, row: Spec) -> None:
    less, equal, more, unequal = (
        set(whole_ids.ids({"event_filters": [row | {"operator": operator}]}))
        for operator in ("lt", "eq", "gt", "ne")
    )

    assert not less & more
    assert unequal == EVERYONE - equal
    assert less | more <= unequal


@spec_runs(0.015)
@given(pairs(WHOLE_IDS))
def test_two_measures_change_sides(whole_ids: Loaded, row: Spec) -> None:
    side_keys = {"event_name", "measure", "where", *WINDOW_KEYS}
    one = {key: cell for key, cell in row.items() if key in side_keys}
    turned = {"eq": "eq", "ne": "ne", "gt": "lt", "gte": "lte", "lt": "gt", "lte": "gte"}[row["operator"]]
    other = row["than"] | {"operator": turned, "than": one}

    here, there = (whole_ids.ids({"event_filters": [same]}) for same in (row | {"times": 1}, other))

    assert here == there


@spec_runs(0.015)
@given(
    event_names((LOGIN, BUY) * 10),
    counts(),
    wheres(WHOLE_IDS),
    st.lists(st.sampled_from(DAYS), min_size=2, max_size=2),
)
def test_a_longer_window_only_grows(
    whole_ids: Loaded, name: Spec, count: Spec, where: Spec, days: list[int]
) -> None:
    least = {"operator": "gte", "count": 1 if isinstance(count["count"], list) else count["count"]}
    rows = [name | where | least | {"time_range_days": window} for window in (*sorted(days), None)]

    short, longer, ever = (set(whole_ids.ids({"event_filters": [row]})) for row in rows)

    assert short <= longer <= ever
    in_hours = name | where | least | {"time_range_hours": 24 * min(days)}
    assert set(whole_ids.ids({"event_filters": [in_hours]})) == short


@spec_runs(0.02)
@given(
    st.sampled_from(("signup_date", "last_seen", "trial_ends")),
    st.sampled_from(YEARLY),
    st.lists(st.integers(0, 366), min_size=2, max_size=2),
    delivery(),
)
def test_more_days_only_have_more_anniversaries_of_known_dates(
    whole_ids: Loaded, field: str, operator: str, days: list[int], rest: Spec
) -> None:
    rest = {key: part for key, part in rest.items() if key != "limit"}
    rows = [{"field": field, "operator": operator, "value": number} for number in (*sorted(days), 366)]

    few, more, year = (set(whole_ids.ids({"user_filters": [row], **rest})) for row in rows)

    assert few <= more <= year
    known = {"user_filters": [{"field": field, "operator": "is_not_null"}], **rest}
    assert year <= set(whole_ids.ids(known))


@spec_runs(0.01)
@given(event_names((LOGIN, BUY) * 10), st.lists(st.sampled_from(DAYS), min_size=2, max_size=2, unique=True))
def test_windows_of_days_ago_tile(whole_ids: Loaded, name: Spec, days: list[int]) -> None:
    near, far = sorted(days)
    row = name | {"operator": "gte", "count": 1}
    tiles = [
        row | {"time_range": {"from_days_ago": far, "to_days_ago": near}},
        row | {"time_range_days": near},
    ]

    assert whole_ids.ids({"event_filters": [row | {"time_range_days": far}]}) == whole_ids.ids(
        {"event_filters": tiles, "logic_operator": "OR"}
    )


@spec_runs(0.01)
@given(
    st.lists(event_names((LOGIN, BUY) * 10), min_size=1, max_size=3), wheres(WHOLE_IDS), windows(WHOLE_IDS)
)
def test_pooled_names_are_any_of_them(
    whole_ids: Loaded, names: list[Spec], where: Spec, window: Spec
) -> None:
    each = [name for row in names for name in pooled(row["event_name"])]
    row = {"operator": "gte", "count": 1} | where | window
    together = {"event_filters": [row | {"event_name": list(dict.fromkeys(each))}]}
    apart = {"event_filters": [row | {"event_name": name} for name in each], "logic_operator": "OR"}

    assert whole_ids.ids(together) == whole_ids.ids(apart)


@spec_runs(0.01)
@given(event_names((LOGIN, BUY) * 10), filters(WHOLE_IDS.properties), windows(WHOLE_IDS))
def test_a_property_parts_the_events(whole_ids: Loaded, name: Spec, where: Spec, window: Spec) -> None:
    row = name | window | {"operator": "gte", "count": 1}

    assert set(whole_ids.ids({"event_filters": [row | {"where": [where]}]})) <= set(
        whole_ids.ids({"event_filters": [row]})
    )


@spec_runs(0.01)
@given(SEQUENCES.filter(lambda row: not row["steps"][-1].get("absent")), st.sampled_from(DAYS))
def test_more_time_only_grows_and_more_steps_only_shrink_a_sequence(
    whole_ids: Loaded, row: Spec, days: int
) -> None:
    def did(**changes: Any) -> set[object]:
        return set(whole_ids.ids({"sequence_filters": [row | {"operator": "did"} | changes]}))

    hours = sorted((24 * days, row.get("within_hours") or 24 * row["within_days"]))
    short, longer = (did(within_days=None, within_hours=length) for length in hours)

    assert short <= longer
    assert did(within_days=None, within_hours=24 * days) == did(within_days=days, within_hours=None)
    if len(row["steps"]) > 2:
        assert did() <= did(steps=row["steps"][:-1])


@spec_runs(0.01)
@given(st.sampled_from([name for name, spec in SAVED.items() if set(spec) <= {*CHILDREN, "negate"}]), ROOTS)
def test_a_saved_segment_is_its_conditions_in_place(whole_ids: Loaded, name: str, spec: Spec) -> None:
    referred = {"segment_filters": [{"segment": name, "operator": "in"}]}

    assert whole_ids.ids({"groups": [spec], **referred}) == whole_ids.ids({"groups": [spec, SAVED[name]]})


@spec_runs(0.01)
@given(WHOLE, st.sampled_from(SEEDS), st.lists(st.integers(1, 100), min_size=2, max_size=2))
def test_a_smaller_sample_is_a_part_of_a_larger_one(
    whole_ids: Loaded, spec: Spec, seed: str, percents: list[int]
) -> None:
    spec = spec | {"limit": None}

    def sampled(percent: int) -> set[object]:
        return set(whole_ids.ids(spec | {"sample": {"percent": percent, "seed": seed}}))

    low, high = sorted(percents)

    assert sampled(low) <= sampled(high) <= sampled(100)
    assert sampled(100) == set(whole_ids.ids(spec))


@spec_runs(0.01)
@given(ROOTS, st.sampled_from(SEEDS), st.integers(1, 99))
def test_a_sample_is_the_same_of_everyone_and_of_a_segment(
    whole_ids: Loaded, spec: Spec, seed: str, percent: int
) -> None:
    sample = {"sample": {"percent": percent, "seed": seed}}

    some, of_all, members = (set(whole_ids.ids(one)) for one in (spec | sample, sample, spec))

    assert some == of_all & members


@spec_runs(0.01)
@given(WHOLE, st.sampled_from(SPLITS), st.sampled_from(SEEDS))
def test_each_member_has_one_arm(whole_ids: Loaded, spec: Spec, split: Spec, seed: str) -> None:
    spec = spec | {"limit": None}
    parted = whole_ids.segment(spec | {"sample": {"split": split, "seed": seed}})

    answers = whole_ids.answers(whole_ids.mart.members(parted))

    assert [user_id for user_id, _ in answers] == whole_ids.ids(spec)
    assert {arm for _, arm in answers} <= set(split)


@spec_runs(0.015)
@given(segments(WHOLE_IDS), st.integers(1, 50))
def test_a_limit_is_a_prefix_of_everyone_in_the_segment(whole_ids: Loaded, spec: Spec, limit: int) -> None:
    ids = whole_ids.ids(spec | {"limit": None})

    assert ids == sorted(ids)
    assert whole_ids.ids(spec | {"limit": limit}) == ids[:limit]


@spec_runs(0.03)
@given(segments(WHOLE_IDS))
def test_a_printed_segment_reads_as_itself(whole_ids: Loaded, spec: Spec) -> None:
    segment, settings = whole_ids.segment(spec), whole_ids.mart.settings

    again = parse(read_json(segment.as_json(), settings), settings)

    assert again.with_saved(segment.saved) == segment
    assert again.as_json() == segment.as_json()


@spec_runs(0.02)
@given(segments(WHOLE_IDS))
def test_events_after_a_pinned_moment_change_nothing(
    whole_ids: Loaded, whole_ids_until_pinned: Loaded, spec: Spec
) -> None:
    pinned = spec | {"as_of": PINNED.isoformat()}

    assert whole_ids.ids(pinned) == whole_ids_until_pinned.ids(pinned)


@spec_runs(0.015)
@given(segments(WHOLE_IDS).filter(lambda spec: spec.get("logic_operator") != "AT_LEAST"))
def test_the_truth_table_says_what_each_condition_and_each_step_counts_by_itself(
    whole_ids: Loaded, spec: Spec
) -> None:
    plain = spec | {"limit": None, "negate": False, "sample": None}
    table = whole_ids.mart.size(whole_ids.segment(spec)).table
    size = len(whole_ids.ids(spec | {"limit": None}))
    children = list(each_child(plain))
    steps = [joined(plain, children[: step + 1]) for step, _ in enumerate(children)]

    assert table.everyone == len(EVERYONE)
    assert table.total == size
    assert list(table.alone) == [len(whole_ids.ids(joined(plain, [child]))) for child in children]
    assert table.waterfall == [len(whole_ids.ids(step)) for step in steps]


def opposite(group: Spec) -> Spec:
    return group | {"negate": not group.get("negate")}


def shuffled(group: Spec, order: random.Random) -> Spec:
    made = dict(group)
    for key in CHILDREN:
        rows = list(group.get(key, ()))
        order.shuffle(rows)
        made[key] = [shuffled(row, order) for row in rows] if key == "groups" else rows
    return made


def each_child(group: Spec) -> Iterator[tuple[str, Spec]]:
    for key in CHILDREN:
        yield from ((key, row) for row in group.get(key, ()))


def joined(spec: Spec, children: list[tuple[str, Spec]]) -> Spec:
    """The segment with these of its children only."""
    made = {key: value for key, value in spec.items() if key not in CHILDREN}
    for key, row in children:
        made.setdefault(key, []).append(row)
    return made


def pooled(name: str | list[str]) -> list[str]:
    """The names, where any event stands for one that is often done."""
    return [LOGIN] if name == "*" else [name] if isinstance(name, str) else name
