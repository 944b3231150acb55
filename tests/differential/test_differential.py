"""Specs mean the same in bound SQL, in copied SQL and in plain Python: random ones, and single conditions.

A long run: `DUCKMART_SPECS=50000 pytest tests/differential`.
"""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations, product
from typing import Any

import pytest
from hypothesis import Phase, example, given, seed, settings
from hypothesis import strategies as st

from duckmart.compile import truth_table
from duckmart.spec.kinds import KINDS
from duckmart.spec.operators import COUNT_OPERATORS, USER_OPERATORS
from tests import oracle, strategies
from tests.differential.conftest import Loaded
from tests.differential.reach import reached
from tests.questions import whole
from tests.strategies import (
    AGES,
    AS_OF_DAYS,
    CASELESS,
    IN_LISTS,
    LISTS,
    NULLNESS,
    OPERATORS,
    PROPERTY_MEASURES,
    RANGES,
    SAVED,
    SEED,
    SPECS,
    Spec,
    candidates,
    segments,
    spec_runs,
)
from tests.world import ANCHORS, BUY, CART, LOGIN, TEXT_IDS, WHOLE_IDS, WINDOWS, Fields, World

ODD_DAYS = [
    ("last_seen", "Europe/Berlin", date(2026, 3, 29)),
    ("last_seen", "Europe/Berlin", date(2026, 10, 25)),
    ("last_seen", "America/Los_Angeles", date(2026, 3, 8)),
    ("last_seen", "America/Los_Angeles", date(2026, 11, 1)),
    ("trial_ends", "Africa/Cairo", date(2024, 4, 26)),
    ("trial_ends", "America/St_Johns", date(2010, 11, 7)),
    ("trial_ends", "America/Toronto", date(1919, 3, 31)),
    ("trial_ends", "Pacific/Apia", date(2011, 12, 30)),
]
MOMENTS = [None, *AS_OF_DAYS[:4], *(anchor.isoformat() for anchor in ANCHORS)]
PLACES = ("user", "where")
MEASURES = {"count", "active_days", *AGES, *PROPERTY_MEASURES} - {"first", "last"}
FORMS = ("ever", "days", "hours", "from", "to", "from_to", "days_ago", "within_days_of")
FEATURES = {
    *(("negate", joiner) for joiner in ("AND", "OR", "AT_LEAST")),
    *(("joined", joiner) for joiner in ("AND", "OR", "AT_LEAST")),
    *(("cased", operator, cased) for operator in CASELESS for cased in (True, False)),
    *(("names", form) for form in ("one", "many", "any")),
    *(("did", feature) for feature in ("did", "did_not", "absent", "absent where", "where", "long", "hours")),
    ("sample", "percent"),
    ("sample", "split"),
    ("limit",),
}
ZONE_OF = {"2026-10-25": "Europe/Berlin", "2026-11-01": "America/Los_Angeles"}


def first_amount_is_none_of(*amounts: float) -> Spec:
    """A list compared with a CTE's column beside another CTE, short or long: DuckDB 2.0 may fail on it."""
    listed = [Decimal(str(amount)) for amount in amounts]
    first = {"event_name": "LOGIN", "measure": {"first": "amount"}, "operator": "not_in", "value": listed}
    steps = [{"event_name": "ADDED_TO_CART"}, {"event_name": "ADDED_TO_CART"}]
    sequence = {"steps": steps, "within_days": 1}
    return {"event_filters": [first], "sequence_filters": [sequence], "logic_operator": "OR", "negate": True}


# Nobody did it before the data begin: DuckDB 2.0 may drop the limit.
NONE_OF_AN_EMPTY_PAST: Spec = {
    "event_filters": [
        {"event_name": LOGIN, "operator": "eq", "count": 1},
        {"event_name": LOGIN, "measure": {"first": "amount"}, "operator": "ne", "value": Decimal("19.99")},
    ],
    "logic_operator": "OR",
    "limit": 1,
    "as_of": "0001-01-01",
}


@spec_runs(0.5)
@given(segments(WHOLE_IDS))
@example({})
@example({"negate": True})
@example({"limit": 1})
@example({"sample": {"percent": 10, "seed": "spring"}})
@example(first_amount_is_none_of(19.99))
@example(first_amount_is_none_of(*range(1000)))
@example(NONE_OF_AN_EMPTY_PAST)
def test_both_forms_of_the_sql_agree_with_the_oracle(whole_ids: Loaded, spec: Spec) -> None:
    assert_same_members(whole_ids, spec)


SHARED = {
    "steps": [{"event_name": ["RATED", "PURCHASE_MADE"]}, {"event_name": "PURCHASE_MADE"}],
    "within_days": 1,
    "time_range": {"from": "2026-10-09", "to": "2026-11-22"},
}
# A sequence asked for twice, beside the first value of a property: DuckDB 2.0 may fail on it.
SHARED_BESIDE_A_FIRST: Spec = {
    "sequence_filters": [{**SHARED, "operator": "did_not"}],
    "groups": [
        {
            "event_filters": [
                {"event_name": "PURCHASE_MADE", "measure": {"sum": "times"}, "operator": "lt", "value": 3}
            ],
            "groups": [
                {
                    "user_filters": [{"field": "signup_date", "operator": "lte", "value": "2000-01-02"}],
                    "groups": [
                        {
                            "event_filters": [
                                {
                                    "event_name": "RATED",
                                    "measure": {"first": "expires at"},
                                    "operator": "ne",
                                    "value": "2026-11-22",
                                }
                            ]
                        },
                        {"sequence_filters": [SHARED]},
                    ],
                    "logic_operator": "OR",
                    "negate": True,
                }
            ],
        }
    ],
}


@spec_runs(0.5)
@given(segments(TEXT_IDS))
@example({})
@example(SHARED_BESIDE_A_FIRST)
@example({"negate": True})
@example({"limit": 20})
@example({"sample": {"percent": 10, "seed": "spring"}})
def test_both_forms_of_the_sql_agree_with_the_oracle_where_user_ids_are_text(
    text_ids: Loaded, spec: Spec
) -> None:
    assert_same_members(text_ids, spec)


@spec_runs(0.1)
@given(segments(WHOLE_IDS))
@example({})
@example({"negate": True})
@example({"sample": {"percent": 10, "seed": "spring"}})
def test_the_truth_table_counts_every_combination_of_conditions(whole_ids: Loaded, spec: Spec) -> None:
    assert_same_conditions(whole_ids, spec)
    assert_same_total(whole_ids, spec)


@pytest.mark.timeout(300 + SPECS)
@pytest.mark.parametrize("operator", sorted({name for names in OPERATORS.values() for name in names}))
def test_each_value_by_itself_agrees_with_the_oracle(whole_ids: Loaded, operator: str) -> None:
    rows = each_value(WHOLE_IDS.attributes, operator, SPECS // 40)
    for some in batched(rows, 100):
        assert_same_conditions(whole_ids, {"user_filters": some, "timezone": "America/Los_Angeles"})


@pytest.mark.timeout(300 + SPECS)
@pytest.mark.parametrize("operator", sorted({name for names in OPERATORS.values() for name in names}))
def test_each_value_of_a_property_agrees_with_the_oracle(whole_ids: Loaded, operator: str) -> None:
    wheres = each_value(WHOLE_IDS.properties, operator, SPECS // 200)
    did = {"event_name": "*", "operator": "gte", "count": 1}
    for some in batched([did | {"where": [row]} for row in wheres], 50):
        assert_same_conditions(whole_ids, {"event_filters": some, "timezone": "America/Los_Angeles"})


@pytest.mark.parametrize("as_of", MOMENTS)
def test_each_count_on_the_edge_of_each_window_agrees_with_the_oracle(
    whole_ids: Loaded, as_of: str | None
) -> None:
    rows = [
        {"event_name": name, "operator": operator, "count": [count, 3] if operator == "between" else count}
        | {"time_range_days": days}
        for name in (LOGIN, BUY, "a_b")
        for days in (*WINDOWS, None)
        for operator, count in product(strategies.COUNT_OPERATORS, (0, 1, 3))
    ]
    rows += [
        {"event_name": name, "operator": operator, "count": 1, "time_range_hours": hours}
        for name, hours, operator in product((LOGIN, BUY), strategies.HOURS, ("eq", "gte"))
    ]
    assert_each_row(whole_ids, "event_filters", rows, as_of)


@pytest.mark.parametrize("as_of", MOMENTS[:4])
def test_each_measure_in_each_window_agrees_with_the_oracle(whole_ids: Loaded, as_of: str | None) -> None:
    # The clock changes of a zone make long SQL, which takes long to plan.
    names = (LOGIN,) if as_of in ZONE_OF else (LOGIN, "*")
    rows = [
        {"event_name": name} | measure | window
        for window in each_window(as_of)
        for name, measure in product(names, each_measure())
    ]
    assert_each_row(whole_ids, "event_filters", rows, as_of)


@pytest.mark.parametrize("as_of", MOMENTS)
def test_each_age_on_the_edge_of_each_window_agrees_with_the_oracle(
    whole_ids: Loaded, as_of: str | None
) -> None:
    beside = (Decimal("-0.00000000001"), 0, Decimal("0.00000000001"), Decimal("0.000000000012"))
    rows = [
        {"event_name": name, "measure": measure, "operator": operator, "value": value}
        for name, measure in product((LOGIN, "VISIT"), AGES)
        for operator, days, step in product(strategies.COUNT_OPERATORS, WINDOWS, beside)
        for value in ([[days, days + step]] if operator == "between" and step > 0 else [days + step])
        if isinstance(value, list) or operator != "between"
    ]
    assert_each_row(whole_ids, "event_filters", rows, as_of)


@pytest.mark.parametrize("as_of", MOMENTS)
def test_each_sequence_on_the_edge_of_each_window_agrees_with_the_oracle(
    whole_ids: Loaded, as_of: str | None
) -> None:
    step = {name: {"event_name": name} for name in (CART, LOGIN, BUY, "*")}
    absent = {name: row | {"absent": True} for name, row in step.items()}
    plots = (
        [step[CART], step[BUY]],
        [step[CART], absent[BUY]],
        [step[CART], step[LOGIN], step[BUY]],
        [step[CART], step[LOGIN], absent[BUY]],
        [step[LOGIN], absent["*"]],
        [step[BUY], step[LOGIN], step[LOGIN]],
        [step["*"], step["*"], step["*"], absent[LOGIN]],
    )
    rows = [
        {"steps": steps, "within_days": days, "operator": "did_not" if days == 2 else "did"} | window
        for steps, days in product(plots, (*WINDOWS, 2))
        for window in ({}, {"time_range_days": 7}, {"time_range": {"from_days_ago": 30, "to_days_ago": 7}})
    ]
    rows += [
        {"steps": steps, "within_hours": hours, "time_range_hours": 168}
        for steps, hours in product(plots, (1, 24, 25, 168))
    ]
    assert_each_row(whole_ids, "sequence_filters", rows, as_of, size=40)


@pytest.mark.parametrize(("column", "zone", "day"), ODD_DAYS)
def test_days_of_odd_lengths_agree_with_the_oracle(
    whole_ids: Loaded, column: str, zone: str, day: date
) -> None:
    days = [(day + step * oracle.DAY).isoformat() for step in (-1, 0, 1)]
    operators = [name for name in OPERATORS["timestamp"] if name not in (*NULLNESS, *strategies.IN_DAYS)]
    # Apia has no such day, so a range of it alone has no beginning.
    shapes = {**dict.fromkeys(LISTS, lambda one: [one]), **dict.fromkeys(RANGES, lambda one: [days[0], one])}
    rows = [
        {"field": column, "operator": operator, "value": shapes.get(operator, str)(one)}
        for operator, one in product(operators, days)
    ]

    assert_same_conditions(whole_ids, {"user_filters": rows, "timezone": zone})
    for row in rows[::2]:
        assert_same_members(whole_ids, {"user_filters": [row], "timezone": zone})


@pytest.mark.parametrize(("column", "zone", "day"), ODD_DAYS)
def test_events_on_days_of_odd_lengths_agree_with_the_oracle(
    whole_ids: Loaded, column: str, zone: str, day: date
) -> None:
    before, on, after = [(day + step * oracle.DAY).isoformat() for step in (-1, 0, 1)]
    pairs = ((before, before), (before, on), (on, after), (after, after), (before, after))
    ranges = [{"from": first, "to": last} for first, last in pairs] + [{"from": on}, {"to": on}]
    ranges += [
        {"within_days_of": anchor, "days": days} for anchor, days in product(("signup_date", column), WINDOWS)
    ]
    once = {"event_name": "VISIT", "operator": "eq", "count": 1}
    rows = [once | {"time_range": window} for window in ranges]
    rows += [
        {"event_name": name, "measure": "active_days", "operator": "eq", "value": number}
        for name, number in product(("VISIT", "*"), (1, 2, 3))
    ]
    rows += [{"event_name": "*", "measure": {"last": "expires at"}, "operator": "gte", "value": on}]

    assert_each_row(whole_ids, "event_filters", rows, None, zone=zone)
    in_days = [
        {"field": column, "operator": name, "value": number}
        for name, number in product(strategies.IN_DAYS, WINDOWS)
    ]
    assert_each_row(whole_ids, "user_filters", in_days, on, zone=zone)


@pytest.mark.parametrize("place", PLACES)
def test_each_two_fields_of_a_kind_agree_with_the_oracle(whole_ids: Loaded, place: str) -> None:
    fields = WHOLE_IDS.attributes if place == "user" else WHOLE_IDS.properties
    rows = [
        {"field": one, "operator": operator, "other_field": other}
        for kind, operators in OPERATORS.items()
        for one, other in permutations(fields.of_kind(kind), 2)
        for operator in strategies.FIELD_OPERATORS
        if operator in operators
    ]
    if place == "user":
        assert_each_row(whole_ids, "user_filters", rows, None)
        return
    once = {"event_name": "*", "operator": "gte", "count": 1}
    assert_each_row(whole_ids, "event_filters", [once | {"where": [row]} for row in rows], None)


@pytest.mark.parametrize("segment", SAVED)
@pytest.mark.parametrize("as_of", MOMENTS[:3])
def test_each_saved_segment_agrees_with_the_oracle(
    whole_ids: Loaded, segment: str, as_of: str | None
) -> None:
    for operator in ("in", "not_in"):
        row = {"segment": segment, "operator": operator}
        assert_same_members(whole_ids, {"segment_filters": [row], "as_of": as_of})


def test_random_specs_use_the_whole_language() -> None:
    assert strategies_reach() <= reached_by_random_specs()


def test_random_specs_know_every_operator_that_the_product_has() -> None:
    by_kind = {
        kind: {name for name, row in USER_OPERATORS.items() if KINDS[kind] in row.kinds} for kind in OPERATORS
    }
    known = {
        kind: {*names, *(strategies.RANKS if kind in strategies.ORDERED_KINDS else ())}
        for kind, names in OPERATORS.items()
    }
    assert known == by_kind
    assert {*strategies.COUNT_OPERATORS, *strategies.RANKS} == set(COUNT_OPERATORS)


@pytest.mark.parametrize("measure", ["sum", "avg", "median"])
def test_numbers_near_the_ends_of_64_bits_agree_with_the_oracle(whole_ids: Loaded, measure: str) -> None:
    edges = (10**9, 10**9 + 1, 2**62, -(2**62), 2**63 - 1, Decimal(2**62) + Decimal("1E-18"))
    kinds = whole_ids.world.properties.kinds
    numeric = [name for name, kind in kinds.items() if kind == "number"]
    rows = [
        {"event_name": "*", "measure": {measure: name}, "operator": operator, "value": edge}
        for name, operator, edge in product(numeric, ("gte", "lt", "ne"), edges)
    ]
    for some in batched(rows, 100):
        assert_same_conditions(whole_ids, {"event_filters": some})


def assert_same_members(loaded: Loaded, spec: Spec) -> None:
    query = loaded.mart.members(loaded.segment(spec))
    expected = expected_answers(loaded.world, spec)

    assert loaded.answers(query) == expected, "bound"
    assert loaded.stored(spec) == expected, "with summaries"
    assert loaded.copied(query) == expected, "copied"


def expected_answers(world: World, spec: Spec) -> list[tuple[object, ...]]:
    """The ids, and beside them the arms if there are any."""
    told = (spec, world.users, world.events, world.loaded_at, SAVED)
    ids = oracle.member_ids(*told)
    if "split" not in (spec.get("sample") or ()):
        return [(user_id,) for user_id in ids]
    arms = oracle.variants(*told)
    return [(user_id, arms[user_id]) for user_id in ids]


def assert_same_total(loaded: Loaded, spec: Spec) -> None:
    world = loaded.world
    expected = oracle.total(spec, world.users, world.events, world.loaded_at, SAVED)

    assert loaded.mart.size(loaded.segment(spec)).total == expected


def assert_same_conditions(loaded: Loaded, spec: Spec) -> None:
    """Who matches what: every condition at the root agrees for every user, up to the users' names."""
    world, segment = loaded.world, loaded.segment(spec)
    held = oracle.truths(spec, world.users, world.events, world.loaded_at, SAVED)
    query = whole(truth_table(segment, loaded.mart.catalog, loaded.mart.as_of(segment)))

    table = loaded.mart.size(segment).table

    assert list(table.alone) == [sum(column) for column in zip(*held.values(), strict=True)]
    assert table.combinations == Counter(held.values())
    assert combinations(loaded.copied_table(query), len(table.alone)) == Counter(held.values())
    if table.sample_combinations is not None:
        kept = Counter(flags for user_id, flags in held.items() if oracle.sampled(spec, user_id))
        assert table.sample_combinations == kept


def combinations(rows: list[dict[str, Any]], children: int) -> Counter[tuple[bool, ...]]:
    """Users by which of the root's children hold, from the truth table's rows."""
    counted: Counter[tuple[bool, ...]] = Counter()
    for row in rows:
        counted[tuple(row[f"c{place}"] for place in range(1, children + 1))] += row["users"]
    return counted


def assert_each_row(
    loaded: Loaded, key: str, rows: list[Spec], as_of: str | None, zone: str | None = None, size: int = 100
) -> None:
    for some in batched(rows, size):
        spec = {key: some, "as_of": as_of, "timezone": zone or ZONE_OF.get(as_of or "")}
        assert_same_conditions(loaded, spec)


def each_value(fields: Fields, operator: str, most: int) -> list[Spec]:
    """The operator with values that random specs draw from, as many of each column, in mixed order."""
    return [
        row
        for name, kind in fields.kinds.items()
        if operator in OPERATORS[kind]
        for row in each_value_of(fields, name, operator)[:most]
    ]


def each_value_of(fields: Fields, name: str, operator: str) -> list[Spec]:
    row = {"field": name, "operator": operator}
    if operator in NULLNESS:
        return [row]
    values = [value for made in candidates(fields, name, operator) for value in made]
    random.Random(SEED).shuffle(values)
    if operator in IN_LISTS:
        pairs = zip(values, values[1:] + values[:1], strict=True)
        several = (cells for pair in pairs for cells in ([pair[0]], list(dict.fromkeys(pair))))
        return [row | {"value": cells} for cells in several]
    if operator in RANGES:
        pairs = zip(values, values[1:] + values[:1], strict=True)
        return [row | {"value": strategies.ordered(pair)} for pair in pairs]
    if operator in CASELESS:
        return [row | {"value": value, "case_sensitive": not place % 3} for place, value in enumerate(values)]
    return [row | {"value": [value] if operator in LISTS else value} for value in values]


def each_measure() -> list[Spec]:
    """Each measure, with thresholds that some users' events are on."""
    numbers: list[tuple[Any, list[Any]]] = [
        ("active_days", [1, 2, 3]),
        ({"sum": "amount"}, [0, Decimal("119.99"), Decimal("0.20")]),
        ({"sum": "times"}, [0, 3]),
        ({"sum": "score"}, [0, Decimal("2.5")]),
        ({"avg": "amount"}, [0, Decimal("19.99")]),
        ({"avg": "times"}, [1, Decimal("1.5")]),
        ({"avg": "score"}, [Decimal("0.5")]),
        ({"median": "amount"}, [0, Decimal("19.99"), Decimal("10.095")]),
        ({"median": "times"}, [1, Decimal("1.5")]),
        ({"median": "score"}, [Decimal("0.5")]),
        ({"min": "amount"}, [Decimal("-3"), Decimal("0.2")]),
        ({"max": "due"}, ["2026-11-22"]),
        ({"max": "expires at"}, ["2026-10-25", "2026-10-25T00:30:00"]),
        ({"distinct": "category"}, [0, 1, 3]),
        ({"distinct": "score"}, [1]),
        ({"first": "amount"}, [Decimal("19.99")]),
        ({"last": "expires at"}, ["2026-10-25"]),
    ]
    texts = [
        {"measure": {end: field}, "operator": operator} | value
        for end, field in product(("first", "last"), ("category", 'Item "x"', "gift"))
        for operator, value in (("is_null", {}), ("in", {"value": [True] if field == "gift" else ["books"]}))
    ]
    return texts + [
        {"measure": measure, "operator": operator, "value": value}
        for measure, values in numbers
        for operator, value in product(("eq", "ne", "lte"), values)
    ]


def each_window(as_of: str | None) -> list[Spec]:
    moment = oracle.as_of({"as_of": as_of}, WHOLE_IDS.events)
    week = {"from": (moment - timedelta(days=7)).isoformat(), "to": moment.isoformat()}
    ranges = [week, {"from": "2026-10-25"}, {"to": "2026-10-25"}, {"from_days_ago": 30, "to_days_ago": 7}]
    ranges += [{"from_days_ago": 7, "to_days_ago": 0}]
    ranges += [{"within_days_of": "signup_date", "days": days} for days in WINDOWS]
    ranges += [{"within_days_of": "trial_ends", "days": 7}]
    lasts = [{"time_range_days": 7}, {"time_range_hours": 23}]
    return [{}, *lasts, *({"time_range": window} for window in ranges)]


def batched(rows: list[Spec], size: int) -> Iterator[list[Spec]]:
    yield from (rows[start : start + size] for start in range(0, len(rows), size))


def strategies_reach() -> set[tuple[object, ...]]:
    """What the language has, as `reached` names it."""
    kinds = {(place, kind, name) for kind, names in OPERATORS.items() for name in names for place in PLACES}
    measures = {(name, operator) for name in MEASURES for operator in strategies.COUNT_OPERATORS}
    ends = {
        (name, operator)
        for name in ("first", "last")
        for kind in PROPERTY_MEASURES[name]
        for operator in OPERATORS[kind]
    }
    pairs = {("than", name) for name in ("eq", "ne", *strategies.ORDER)}
    pairs |= {("than", side, name) for side in ("left", "right") for name in (*MEASURES, "first", "last")}
    pairs |= {("user", kind, name) for kind in strategies.ORDERED_KINDS for name in strategies.RANKS}
    pairs |= {("ranked", name) for name in (*MEASURES, "first", "last")}
    forms = {(place, form) for place in ("event", "sequence") for form in FORMS}
    zones = {("zone", zone) for zone in strategies.ZONES}
    depths = {("depth", depth) for depth in range(1, strategies.DEPTH + 1)}
    edges = {("edge", days) for days in (0, *WINDOWS)}
    days = {("days", number) for number in strategies.DAYS}
    columns = {"user": WHOLE_IDS.attributes, "where": WHOLE_IDS.properties}
    two_fields = {
        ("two fields", place, kind, operator)
        for place, kind in product(PLACES, OPERATORS)
        for operator in strategies.FIELD_OPERATORS
        if operator in OPERATORS[kind] and len(columns[place].of_kind(kind)) > 1
    }
    saved = {("segment", name, operator) for name in SAVED for operator in ("in", "not_in")}
    return (
        kinds
        | measures
        | ends
        | pairs
        | two_fields
        | forms
        | zones
        | depths
        | edges
        | days
        | saved
        | FEATURES
    )


def reached_by_random_specs() -> set[tuple[object, ...]]:
    seen: set[tuple[object, ...]] = set()

    for strategy, times in ((segments(WHOLE_IDS), 1000), (conditions_alone(), 3000)):

        @seed(1)
        @settings(max_examples=times, phases=[Phase.generate], database=None, deadline=None)
        @given(strategy)
        def collect(spec: Spec) -> None:
            seen.update(reached(spec, WHOLE_IDS))

        collect()
    return seen


def conditions_alone() -> st.SearchStrategy[Spec]:
    """One condition of each kind: there are more pairs of a measure and an operator than segments hold."""
    return st.tuples(
        strategies.user_filters(WHOLE_IDS),
        strategies.property_measures(WHOLE_IDS),
        strategies.filters(WHOLE_IDS.properties),
        strategies.event_filters(WHOLE_IDS),
    ).map(lambda rows: {"user_filters": [rows[0]], "event_filters": [_any_event(*rows[1:3]), rows[3]]})


def _any_event(measure: Spec, where: Spec) -> Spec:
    return {"event_name": "*"} | measure | {"where": [where]}
