"""The numbers beside a segment: truth table, waterfall, and charts that add up."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from duckmart.catalog import Column
from duckmart.engines.duckdb import DuckDBEngine
from duckmart.errors import SpecError
from duckmart.insight.breakdowns import chart_attributes
from duckmart.insight.findings import Breakdown, Index
from duckmart.insight.truth_table import TruthTable
from duckmart.mart import Mart
from duckmart.settings import Settings
from duckmart.spec.kinds import Kind
from duckmart.spec.parser import parse
from duckmart.spec.paths import dotted
from duckmart.spec.segment import Segment
from tests.tiny import AS_OF, BOB, DEE, EVE, EVERYONE, FAY, USERS, WORLD, attribute, event, group, spec

# Three conditions: 10 users match none of them, 4 only the first, 3 the first two, 2 all, 1 only the last.
COMBINATIONS = {
    (False, False, False): 10,
    (True, False, False): 4,
    (True, True, False): 3,
    (True, True, True): 2,
    (False, False, True): 1,
}


CHILDREN = [attribute("age", "gte", age) for age in (18, 25, 34)]


def segment_of(children: list[Any], **rest: Any) -> Segment:
    return parse({"user_filters": children, **rest}, Settings())


def rows_of(combinations: Mapping[tuple[bool, ...], int]) -> list[dict[str, Any]]:
    """As `compile.truth_table` returns them."""
    return [
        {f"c{place}": flag for place, flag in enumerate(flags, 1)} | {"users": users}
        for flags, users in combinations.items()
    ]


def table(logic_operator: str, negate: bool, at_least: int | None = None) -> TruthTable:
    segment = segment_of(CHILDREN, logic_operator=logic_operator, negate=negate, at_least=at_least)
    return TruthTable.of(segment, rows_of(COMBINATIONS))


@pytest.mark.parametrize(
    ("logic_operator", "at_least", "negate", "total", "waterfall", "without"),
    [
        ("AND", None, False, 2, [9, 5, 2], [2, 2, 5]),
        ("OR", None, False, 10, [9, 9, 10], [6, 10, 9]),
        ("AND", None, True, 18, [9, 5, 2], [18, 18, 15]),
        ("OR", None, True, 10, [9, 9, 10], [14, 10, 11]),
        ("AT_LEAST", 1, False, 10, [9, 9, 10], [6, 10, 9]),
        ("AT_LEAST", 2, False, 5, [0, 5, 5], [2, 2, 5]),
        ("AT_LEAST", 3, False, 2, [0, 0, 2], [2, 2, 5]),
        ("AT_LEAST", 3, True, 18, [0, 0, 2], [18, 18, 15]),
        ("AT_LEAST", 2, True, 15, [0, 5, 5], [18, 18, 15]),
    ],
)
def test_total_waterfall_and_without_follow_from_the_combinations(
    logic_operator: str,
    at_least: int | None,
    negate: bool,
    total: int,
    waterfall: list[int],
    without: list[int],
) -> None:
    made = table(logic_operator, negate, at_least)

    assert made.everyone == 20
    assert made.total == total
    assert made.waterfall == waterfall
    assert made.without == without
    assert made.alone == [9, 5, 3]


def test_near_misses_are_those_whom_one_condition_alone_keeps_out() -> None:
    assert table("AND", negate=False).near_misses == [0, 0, 3]
    combinations = {(False, True, True): 7, (True, False, True): 4, (True, True, True): 1}
    made = TruthTable.of(segment_of(CHILDREN), rows_of(combinations))
    assert made.near_misses == [7, 4, 0]
    assert table("AT_LEAST", negate=False, at_least=3).near_misses == [0, 0, 3]


def test_at_least_all_of_them_is_decided_by_what_and_is_decided_by() -> None:
    both = table("AND", negate=False), table("AT_LEAST", negate=False, at_least=3)
    assert both[0].decisive == both[1].decisive == 2
    assert both[0].idle == both[1].idle == [0, 1]


def test_only_an_and_has_near_misses() -> None:
    assert table("OR", negate=False).near_misses is None
    assert table("AT_LEAST", negate=False, at_least=2).near_misses is None
    assert table("AND", negate=True).near_misses is None


def test_without_conditions_everyone_is_in_and_negated_nobody() -> None:
    for logic_operator in ("AND", "OR"):
        for negate, total in ((False, 20), (True, 0)):
            segment = segment_of([], logic_operator=logic_operator, negate=negate)
            made = TruthTable.of(segment, [{"users": 20}])
            assert (made.everyone, made.total) == (20, total)
            assert (made.waterfall, made.without, made.alone) == ([], [], [])


def test_without_its_only_condition_a_segment_is_everyone() -> None:
    for logic_operator in ("AND", "OR", "AT_LEAST"):
        at_least = 1 if logic_operator == "AT_LEAST" else None
        segment = segment_of(CHILDREN[:1], logic_operator=logic_operator, at_least=at_least)
        made = TruthTable.of(segment, rows_of({(True,): 5, (False,): 3}))
        assert made.without == [8]


def test_without_users_there_is_nobody_to_count() -> None:
    made = TruthTable.of(segment_of(CHILDREN, logic_operator="OR", negate=True), [])

    assert (made.everyone, made.total, made.alone, made.waterfall) == (0, 0, [0, 0, 0], [0, 0, 0])


def test_a_sample_cuts_the_total_and_what_it_would_be_without_a_condition_but_not_the_funnel() -> None:
    segment = segment_of(CHILDREN[:2], sample={"percent": 50, "seed": "x"})
    # A combination comes once for those in the sample and once for the rest.
    rows = [
        {"c1": first, "c2": second, "sampled": sampled, "users": users}
        for first, second, sampled, users in (
            (True, True, True, 3),
            (True, True, False, 5),
            (True, False, True, 2),
            (False, True, False, 4),
        )
    ]

    made = TruthTable.of(segment, rows)

    assert made.combinations == {(True, True): 8, (True, False): 2, (False, True): 4}
    assert made.sample_combinations == {(True, True): 3, (True, False): 2}
    assert (made.everyone, made.total) == (14, 3)
    assert made.alone == [10, 12]
    assert made.waterfall == [10, 8]
    assert made.without == [3, 5]
    assert made.near_misses == [4, 2]


def since(event_name: str, operator: str, days: Any) -> dict[str, Any]:
    return {
        "event_name": event_name,
        "measure": "days_since_last",
        "operator": operator,
        "value": days,
    }


ROWS = (
    attribute("location", "eq", "California"),
    event("LOGIN", "gte", 1),
    group(attribute("age", "lt", 30), negate=True),
)


@pytest.mark.parametrize("negate", [False, True])
@pytest.mark.parametrize("logic_operator", ["AND", "OR"])
def test_the_size_is_the_number_of_ids(mart: Mart, logic_operator: str, negate: bool) -> None:
    segment, _ = mart.accept(spec(*ROWS, logic_operator=logic_operator, negate=negate))

    size = mart.size(segment)

    assert size.total == len(mart.audience(segment).ids)
    assert size.share == size.total / 8
    assert size.table.alone == [3, 4, 5]
    assert size.table.waterfall == ([3, 2, 1] if logic_operator == "AND" else [3, 5, 7])
    assert size.as_of == AS_OF


def test_an_unknown_value_is_a_condition_that_does_not_hold(mart: Mart) -> None:
    rows = (attribute("location", "eq", "California"), attribute("newsletter", "eq", True))

    combinations = mart.size(mart.accept(spec(*rows))[0]).table.combinations

    assert combinations == {(True, True): 1, (True, False): 2, (False, True): 1, (False, False): 4}


def test_a_limit_changes_no_number(mart: Mart) -> None:
    whole, _ = mart.accept(spec(*ROWS, logic_operator="OR"))
    cut, _ = mart.accept(spec(*ROWS, logic_operator="OR", limit=1))

    assert len(mart.audience(cut).ids) == 1
    assert mart.audience(cut).total == mart.audience(whole).total == mart.size(cut).total == 7
    assert mart.breakdowns(cut) == mart.breakdowns(whole)


# The table as it is asked of the data

SEQUENCE = {
    "steps": [{"event_name": "LOGIN"}, {"event_name": "PURCHASE_MADE"}],
    "within_days": 36_500,
}
RICH: dict[str, Any] = {
    "user_filters": [attribute("age", "gte", 25), attribute("location", "ne", "California")],
    "event_filters": [event("LOGIN", "lt", 2), since("LOGIN", "lte", 30)],
    "sequence_filters": [SEQUENCE],
    "groups": [
        group(
            attribute("newsletter", "eq", True),
            since("PURCHASE_MADE", "ne", 1),
            group(event("LOGIN", "gte", 1), attribute("score", "lt", 1), negate=True),
            logic_operator="OR",
            negate=True,
        )
    ],
    "as_of": AS_OF.isoformat(),
}


def table_of(mart: Mart, raw: dict[str, Any], **rest: Any) -> TruthTable:
    return mart.size(mart.accept(raw | rest)[0]).table


def test_nested_conditions_come_along_as_plain_counts_by_their_paths(mart: Mart) -> None:
    nested = table_of(mart, RICH).nested

    # Ann, Bob, Eve and Fay have logged in and a score below 1; the innermost group is everyone else.
    assert {dotted(path): users for path, users in nested.items()} == {
        "groups.0.user_filters.0": 2,
        "groups.0.event_filters.0": 7,
        "groups.0.groups.0": 4,
        "groups.0.groups.0.user_filters.0": 4,
        "groups.0.groups.0.event_filters.0": 4,
    }


def test_users_without_a_value_to_compare_are_counted_by_path(mart: Mart) -> None:
    without = table_of(mart, RICH).without_value

    assert {dotted(path): users for path, users in without.items()} == {
        "user_filters.0": 1,
        "user_filters.1": 1,
        "event_filters.1": 4,
        "groups.0.user_filters.0": 4,
        "groups.0.event_filters.0": 6,
        "groups.0.groups.0.user_filters.0": 3,
    }


@pytest.mark.parametrize("sample", [None, {"percent": 50, "seed": "a"}, {"percent": 100, "seed": "a"}])
@pytest.mark.parametrize("negate", [False, True])
@pytest.mark.parametrize(
    "logic", [{}, {"logic_operator": "OR"}, {"logic_operator": "AT_LEAST", "at_least": 3}]
)
def test_above_the_cap_of_combinations_the_plain_counts_are_the_same(
    mart: Mart, tiny: Path, logic: dict[str, Any], negate: bool, sample: Any
) -> None:
    settings = Settings(as_of="data", max_combined=3)
    raw = RICH | logic | {"negate": negate, "sample": sample}

    counted = table_of(Mart(DuckDBEngine(tiny, settings), settings), raw)
    combined = table_of(mart, raw)

    for name in ("everyone", "total", "alone", "nested", "without_value"):
        assert getattr(counted, name) == getattr(combined, name)
    assert counted.combinations is counted.sample_combinations is None
    assert (counted.waterfall, counted.without, counted.near_misses) == (None, None, None)


@pytest.mark.parametrize("raw", [{}, {"negate": True}, {"sample": {"percent": 50, "seed": "a"}}])
def test_a_table_of_an_empty_root_counts_everyone(mart: Mart, raw: dict[str, Any]) -> None:
    segment, _ = mart.accept(raw)
    made = mart.size(segment).table

    assert made.everyone == 8
    assert made.total == len(mart.audience(segment).ids)
    assert made.alone == []


def test_the_total_of_a_sampled_segment_is_the_number_of_its_ids(mart: Mart) -> None:
    for percent in (1, 50, 99):
        segment, _ = mart.accept(RICH | {"negate": True, "sample": {"percent": percent, "seed": "s"}})
        assert mart.size(segment).total == len(mart.audience(segment).ids)


def test_a_table_without_each_condition_is_the_size_of_that_segment(mart: Mart) -> None:
    for logic in ({}, {"logic_operator": "OR"}, {"logic_operator": "OR", "negate": True}):
        made = table_of(mart, RICH | logic)
        assert made.without is not None
        for place, size in zip((0, 1), made.without, strict=False):
            kept = [row for at, row in enumerate(RICH["user_filters"]) if at != place]
            assert size == table_of(mart, RICH | logic | {"user_filters": kept}).total


# Breakdowns


def charts(mart: Mart, *rows: Any, **rest: Any) -> dict[str, Breakdown]:
    segment, _ = mart.accept(spec(*rows, **rest))
    return {chart.attribute.name: chart for chart in mart.breakdowns(segment)}


def counted(chart: Breakdown) -> dict[Any, tuple[int, int]]:
    return {bar.value: (bar.everyone, bar.members) for bar in chart.bars}


def test_every_chart_adds_up_to_everyone_and_to_the_members(mart: Mart) -> None:
    made = charts(mart, attribute("age", "gte", 30))

    assert {"location", "age", "signup_date", "last_seen", "newsletter", "lifetime_value"} <= set(made)
    for chart in made.values():
        assert sum(bar.everyone for bar in chart.bars) == len(USERS)
        assert sum(bar.members for bar in chart.bars) == 4


def test_members_are_counted_as_a_plain_recount_would(mart: Mart) -> None:
    members = {user["user_id"] for user in USERS if (user["age"] or 0) >= 30}
    made = charts(mart, attribute("age", "gte", 30))

    for name in ("location", "subscription_plan", "newsletter"):
        everyone = Counter(user[name] for user in USERS)
        inside = Counter(user[name] for user in USERS if user["user_id"] in members)
        assert counted(made[name]) == {cell: (users, inside[cell]) for cell, users in everyone.items()}


def test_the_most_frequent_values_come_first_and_unknown_last(mart: Mart) -> None:
    bars = charts(mart)["location"].bars

    assert [bar.value for bar in bars] == ["California", "New York", "Québec", "california", None]


def test_true_and_false_are_values(mart: Mart) -> None:
    assert counted(charts(mart)["newsletter"]) == {True: (2, 2), False: (2, 2), None: (4, 4)}


def test_numbers_come_in_round_bands_in_order(mart: Mart) -> None:
    chart = charts(mart, attribute("age", "lt", 30))["age"]

    assert chart.width == 10
    assert counted(chart) == {0: (1, 1), 20: (2, 2), 30: (3, 0), 90: (1, 0), None: (1, 0)}
    assert [bar.value for bar in chart.bars] == [0, 20, 30, 90, None]


def test_a_fraction_on_the_edge_of_a_band_is_in_the_band_that_it_begins(mart: Mart) -> None:
    chart = charts(mart)["score"]

    assert chart.width == Decimal("0.1")
    expected = {"0": 1, "0.2": 1, "0.3": 1, "0.7": 1, "1": 1}
    assert {
        str(bar.value.normalize()): bar.everyone for bar in chart.bars if bar.value is not None
    } == expected


def test_days_come_in_months(mart: Mart) -> None:
    made = charts(mart)

    assert made["last_seen"].width == 1
    assert counted(made["last_seen"]) == {date(2026, 11, 1): (4, 4), None: (4, 4)}
    assert made["signup_date"].width == 1
    assert [bar.value for bar in made["signup_date"].bars] == [date(2024, 2, 1), date(2026, 11, 1), None]


def test_a_long_span_of_days_comes_in_years(tmp_path: Path) -> None:
    users = [
        user | {"signup_date": date(1990 + user["user_id"], 5, 17)}
        for user in USERS
        if user["user_id"] != FAY
    ]
    path = replace(WORLD, name="old", users=users).write(tmp_path)
    mart = Mart(DuckDBEngine(path, Settings()), Settings())

    chart = charts(mart)["signup_date"]

    assert chart.width == 12
    assert len(chart.bars) == len(users)


def test_the_index_is_100_where_members_are_as_everyone(mart: Mart) -> None:
    for chart in charts(mart).values():
        assert {chart.index(bar) for bar in chart.bars} == {Index(100, 100, 100)}


def test_the_index_says_how_much_more_frequent_a_value_is_among_members(mart: Mart) -> None:
    chart = charts(mart, attribute("subscription_plan", "eq", "premium"))["subscription_plan"]
    by_value = {bar.value: bar for bar in chart.bars}

    # All of the members, 3 of the 7 users whose plan is known, and nobody else.
    assert chart.shares(by_value["premium"]) == (1.0, 0.0)
    premium, free = chart.index(by_value["premium"]), chart.index(by_value["free"])
    assert premium is not None
    assert free is not None
    assert premium.value == premium.high == pytest.approx(100 * 7 / 3)
    assert free.value == free.low == 0


def test_the_interval_of_an_index_is_as_computed_by_hand() -> None:
    # 60 of 200 members and 100 of 800 others: ratio 2.4, standard error 0.142887 of its logarithm 0.875469,
    # so 1.8138 to 3.1757; members are a fifth of everyone.
    index = Index.of(60, 200, 160, 1000)

    assert index is not None
    assert index.value == pytest.approx(187.5)
    assert (index.low, index.high) == pytest.approx((155.99, 221.28), abs=0.01)


def test_the_interval_holds_the_true_index_95_times_of_100() -> None:
    drawn = np.random.default_rng(7)
    true = 100 * 0.3 / (0.2 * 0.3 + 0.8 * 0.2)
    tries = 4000
    held = 0
    for inside, outside in zip(
        drawn.binomial(400, 0.3, tries), drawn.binomial(1600, 0.2, tries), strict=True
    ):
        index = Index.of(int(inside), 400, int(inside + outside), 2000)
        held += index is not None and index.low <= true <= index.high

    assert 0.94 < held / tries < 0.96


@pytest.mark.parametrize(
    ("counts", "value", "low", "high"),
    [
        ((0, 50, 40, 200), 0, 0, None),
        ((50, 50, 50, 200), 400, None, 400),
        ((50, 50, 200, 200), 100, None, None),
        ((200, 200, 200, 200), 100, 100, 100),
    ],
)
def test_an_index_of_none_or_of_all_has_an_interval_that_ends_where_no_index_could_be_further(
    counts: tuple[int, int, int, int], value: float, low: float | None, high: float | None
) -> None:
    index = Index.of(*counts)

    assert index is not None
    assert index.value == pytest.approx(value)
    assert index.low <= index.value + 1e-9
    assert index.high >= index.value - 1e-9
    assert low is None or index.low == low
    assert high is None or index.high == high


def test_of_nobody_there_is_no_index() -> None:
    assert Index.of(0, 0, 5, 10) is None
    assert Index.of(0, 5, 0, 10) is None


def test_a_finding_is_as_strong_as_the_end_of_its_interval_nearest_to_100() -> None:
    assert Index(250, 200, 300).strength == pytest.approx(Index(40, 30, 50).strength) == pytest.approx(log(2))
    assert Index(250, 99, 600).strength == 0


def test_the_decisive_condition_is_the_one_that_left_out_changes_the_size_the_most() -> None:
    narrowed, widened, negated = (
        table("AND", negate=False),
        table("OR", negate=False),
        table("OR", negate=True),
    )

    # Left out they give 2, 2 and 5 of 2; 6, 10 and 9 of 10; 14, 10 and 11 of 10.
    assert (narrowed.decisive, narrowed.idle) == (2, [0, 1])
    assert (widened.decisive, widened.idle) == (0, [1])
    assert (negated.decisive, negated.idle) == (0, [1])


def test_a_single_condition_is_neither_decisive_nor_idle() -> None:
    made = TruthTable.of(segment_of(CHILDREN[:1]), rows_of({(True,): 5, (False,): 3}))

    assert (made.decisive, made.idle) == (None, [])


def test_charts_of_nobody_have_bars_but_no_members(mart: Mart) -> None:
    for chart in charts(mart, negate=True).values():
        assert sum(bar.members for bar in chart.bars) == 0
        assert {chart.shares(bar)[0] for bar in chart.bars} == {0.0}


def test_ids_and_columns_without_a_value_are_not_charted(mart: Mart) -> None:
    made = {attribute.name for attribute in chart_attributes(mart.catalog)}

    assert "user_id" not in made
    assert not made & {"gender", "points", "times", 'Plan "x"'}


@pytest.mark.parametrize(
    "column",
    [
        Column("x", Kind.NUMBER, low=0.0, high=1e300),
        Column("x", Kind.NUMBER, low=0.0, high=float("inf")),
        Column("x", Kind.NUMBER, low=float("-inf"), high=0.0),
        Column("x", Kind.NUMBER, low=1e30, high=1e30),
        Column("x", Kind.TEXT, values=(("a", 1),), complete=False),
        Column("x", Kind.TEXT, values=tuple((str(number), 1) for number in range(61)), complete=True),
    ],
)
def test_a_column_that_makes_no_chart_is_left_out(mart: Mart, column: Column) -> None:
    assert chart_attributes(replace(mart.catalog, attributes={"x": column})) == []


# Tables


def test_members_come_with_the_attributes_asked_for_in_that_order(mart: Mart) -> None:
    segment, _ = mart.accept(spec(attribute("age", "gte", 34), limit=2))

    rows = mart.table(segment, ["location", 'Plan "x"', "user_id", "location"])

    assert rows.column_names == ["user_id", "location", 'Plan "x"']
    assert rows.column("user_id").to_pylist() == [BOB, DEE]
    assert rows.column("location").to_pylist() == ["California", "New York"]


def test_a_table_of_everyone_is_in_the_order_of_ids(mart: Mart) -> None:
    assert mart.table(mart.accept({})[0], []).column(0).to_pylist() == list(EVERYONE)


def test_unknown_columns_are_all_named(mart: Mart) -> None:
    with pytest.raises(SpecError) as raised:
        mart.table(mart.accept({})[0], ["agee", "age", "nonsense"])

    assert [problem.message for problem in raised.value.problems] == [
        "unknown column 'agee'",
        "unknown column 'nonsense'",
    ]


def test_members_without_a_value_are_counted_as_unknown(mart: Mart) -> None:
    made = charts(mart, attribute("user_id", "eq", EVE))

    assert counted(made["lifetime_value"])[None] == (5, 1)
