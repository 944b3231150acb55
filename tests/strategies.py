"""Random specs over a world: raw JSON-like dicts whose values are in the data, just beside it, or absent.

Candidate values are lists made once for each column, so that drawing a spec is quick.
"""

import os
import random
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache, partial
from itertools import combinations, permutations, product
from statistics import median
from typing import Any

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st

from tests.oracle import is_unknown, read_time
from tests.world import (
    ANCHORS,
    BUY,
    CART,
    DAY,
    EVENT_NAMES,
    LOGIN,
    MICROSECOND,
    NEWEST,
    WINDOWS,
    Fields,
    World,
)

Spec = dict[str, Any]
Strategy = st.SearchStrategy[Any]

# The gate runs the same specs every time; a long run (DUCKMART_SPECS=50000) draws others.
SPECS = int(os.environ.get("DUCKMART_SPECS", "300"))
SEED = int(os.environ.get("DUCKMART_SEED", random.randrange(2**32) if "DUCKMART_SPECS" in os.environ else 1))

ORDER = ("gt", "gte", "lt", "lte")
NULLNESS = ("is_null", "is_not_null")
LISTS = ("in", "not_in")
IN_LISTS = ("contains_any", "contains_all", "contains_none")
RANGES = ("between", "not_between")
YEARLY = ("anniversary_in_last_days", "anniversary_in_next_days")
IN_DAYS = ("in_last_days", "not_in_last_days", "in_next_days", *YEARLY)
FIELD_OPERATORS = ("eq", "ne", *ORDER)
RANKS = ("top", "bottom", "top_percent", "bottom_percent")
CASELESS = ("contains", "not_contains", "starts_with", "not_starts_with", "ends_with", "not_ends_with")
_COMPARED = ("eq", "ne", *ORDER, *RANGES, *LISTS, *NULLNESS)
OPERATORS = {
    "number": _COMPARED,
    "text": ("eq", "ne", *LISTS, "like", "not_like", *CASELESS, *NULLNESS),
    "date": (*_COMPARED, *IN_DAYS),
    "timestamp": (*_COMPARED, *IN_DAYS),
    "boolean": ("eq", "ne", *LISTS, *NULLNESS),
    "text list": (*IN_LISTS, *NULLNESS),
    "number list": (*IN_LISTS, *NULLNESS),
}
_SINGLE_VALUES = tuple(kind for kind in OPERATORS if "list" not in kind)
COUNT_OPERATORS = ("eq", "ne", *ORDER, "between")
# What is asked of a property, and of which kinds.
ORDERED_KINDS = ("number", "date", "timestamp")
PROPERTY_MEASURES = {
    "sum": ("number",),
    "avg": ("number",),
    "median": ("number",),
    "min": ORDERED_KINDS,
    "max": ORDERED_KINDS,
    "distinct": _SINGLE_VALUES,
    "first": _SINGLE_VALUES,
    "last": _SINGLE_VALUES,
}
# Those that are numbers where the property is.
NUMBERS_OF = ("sum", "avg", "median", "min", "max", "first", "last")
FACTORS = tuple(map(Decimal, ("0.001", "0.5", "1.5", "2.125", "100")))
AGES = ("days_since_last", "days_since_first")
DAYS = (*WINDOWS, 2, 365, 36_500)
# Some are days too, and events lie on the edges of those.
HOURS = (1, 6, 23, 24, 25, 168, 720, 876_000)
# Numbers of users, and percentages of them: on, beside and beyond what the data has.
SIZES = (1, 2, 3, 5, 8, 13, 20, 34, 55, 10_000, 2**63 - 1)
PERCENTS = (100, 50, 10, 1, 25, *map(Decimal, ("0.5", "12.5", "33.3", "99.999", "1E-18")))
DEPTH = 4
SIZE = 60

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/Los_Angeles",
    "Africa/Cairo",
    "America/St_Johns",
    "America/Toronto",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
)
# Local days whose last microsecond has events around it, a day that Apia skips, and the calendar's ends.
AS_OF_DAYS = (
    "2026-11-22",
    "2026-10-25",
    "2026-11-01",
    "2026-11-25",
    "2011-12-30",
    "0001-01-01",
    "9999-12-31",
)

_NASTY = (
    "'",
    "''",
    '"',
    "\\",
    "%",
    "_",
    "' OR 1=1 --",
    "$1",
    "?",
    ":x",
    "{}",
    "NULL",
    "\n",
    "é",
    "e\u0301",
    "🦆",
)
_LARGEST = 2**63 - 1
_ABSENT_NAMES = ("LOGIN ", "Login", "never happened", *_NASTY)

# Saved segments by id. Some names are alike once they are names in SQL, or those of tables.
SAVED: dict[str, Spec] = {
    "paying": {
        "user_filters": [{"field": "subscription_plan", "operator": "in", "value": ["premium", "enterprise"]}]
    },
    "lately-here": {
        "event_filters": [{"event_name": LOGIN, "operator": "gte", "count": 1, "time_range_days": 7}]
    },
    "not-californian": {
        "user_filters": [{"field": "location", "operator": "contains", "value": "CALIFORNIA"}],
        "negate": True,
    },
    "half": {"sample": {"percent": 50, "seed": "spring"}},
    "berlin-day": {
        "user_filters": [{"field": "last_seen", "operator": "eq", "value": "2026-10-25"}],
        "event_filters": [
            {"event_name": "VISIT", "measure": "active_days", "operator": "gte", "value": 2},
        ],
        "logic_operator": "OR",
        "timezone": "Europe/Berlin",
    },
    # Only its condition counts where it is referred to.
    "user_events": {
        "event_filters": [{"event_name": "*", "operator": "gte", "count": 2, "time_range_days": 30}],
        "limit": 3,
        "as_of": "2026-10-01",
        "sample": {"split": {"treatment": 90, "control": 10}, "seed": "autumn"},
    },
    "abandoned": {
        "sequence_filters": [
            {"steps": [{"event_name": CART}, {"event_name": BUY, "absent": True}], "within_days": 7}
        ]
    },
    "chain-1": {
        "segment_filters": [{"segment": "lately-here", "operator": "not_in"}],
        "user_filters": [{"field": "age", "operator": "between", "value": [18, 34]}],
        "logic_operator": "OR",
    },
    "chain_1": {"segment_filters": [{"segment": "chain-1", "operator": "in"}], "negate": True},
    "chain-3": {
        "segment_filters": [
            {"segment": "chain_1", "operator": "not_in"},
            {"segment": "half", "operator": "in"},
        ],
        "timezone": "America/Los_Angeles",
        "sample": {"percent": 90, "seed": "x"},
    },
    "diamond": {
        "segment_filters": [
            {"segment": "chain-1", "operator": "in"},
            {"segment": "not-californian", "operator": "in"},
            {"segment": "lately-here", "operator": "in"},
        ],
        "logic_operator": "AT_LEAST",
        "at_least": 2,
    },
}
SEEDS = ("spring", "autumn", *_NASTY)
SPLITS = (
    {"treatment": 90, "control": 10},
    {"b": 50, "a": 30, "B": 20},
    {"é": 1, "z": 98, "'": 1},
)

# Null says the same as leaving a key out.
_LEFT_OUT = object()
_UNSAID: Strategy = st.sampled_from((_LEFT_OUT, None))


def spec_runs(share: float = 1.0) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Runs a test on `share` of this run's specs; the seed in the report's header repeats them."""

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
        examples = max(1, int(SPECS * share))
        run = settings(max_examples=examples, deadline=None, print_blob=True, suppress_health_check=checks)
        # Shrinking a failure takes time too.
        return pytest.mark.timeout(300 + examples)(seed(SEED)(run(test)))

    return decorate


def brief(make: Callable[..., Strategy]) -> Callable[..., Strategy]:
    """Makes each strategy once, and gives it a short name: written out, they fill a failure's report."""
    made = cache(make)

    @cache
    def named(*parameters: Any, **options: Any) -> Strategy:
        return _drawn_from(partial(made, *parameters, **options))

    return named


@st.composite
def _drawn_from(draw: Callable[[Strategy], Any], made: Callable[[], Strategy]) -> Any:
    return draw(made())


def weighed(*choices: tuple[int, Strategy]) -> Strategy:
    """One of the strategies, each as often as its number says; `one_of` takes a repeated one once."""
    ways = [way for times, way in choices for way in [way] * times]
    return st.integers(0, len(ways) - 1).flatmap(ways.__getitem__)


@brief
def segments(world: World, sampled: bool = True) -> Strategy:
    """Whole specs: a group, never empty, and perhaps a limit, a moment, a time zone and a sample."""
    parts = (groups(world, DEPTH), delivery(), samples() if sampled else st.just({}))
    return st.tuples(*parts).map(_merged).filter(lambda spec: size(spec) <= SIZE)


@brief
def groups(world: World, depth: int) -> Strategy:
    """Conditions joined by AND, OR or AT_LEAST, nested at most `depth` deep, never empty."""
    rows = {
        "user_filters": user_filters(world),
        "event_filters": event_filters(world),
        "sequence_filters": sequence_filters(world),
        "segment_filters": segment_filters(),
    }
    if depth > 1:
        rows["groups"] = groups(world, depth - 1)
    some = {key: st.lists(row, min_size=1, max_size=2) for key, row in rows.items()}
    perhaps = {key: st.lists(row, max_size=1) for key, row in rows.items()}
    # More OR than AND: a deep AND is mostly nobody, and nobody tells little.
    joined = {
        "logic_operator": weighed((5, st.sampled_from(("OR", "AT_LEAST", "AND", "OR"))), (1, _UNSAID)),
        "negate": st.booleans() | _UNSAID,
    }
    parts = {
        key: st.tuples(
            st.fixed_dictionaries({key: some[key]}, optional=_without(perhaps, key)), _with_optional(**joined)
        ).map(_merged)
        for key in rows
    }
    part = weighed(*((3 if key == "event_filters" else 2, part) for key, part in parts.items()))
    return st.tuples(part, st.integers(0, 11)).map(_with_at_least)


def _with_at_least(drawn: tuple[Spec, int]) -> Spec:
    group, number = drawn
    if group.get("logic_operator") != "AT_LEAST":
        return group
    children = sum(len(rows) for rows in group.values() if isinstance(rows, list))
    return group | {"at_least": 1 + number % children}


@brief
def delivery() -> Strategy:
    """What a segment adds to a group, but for the sample."""
    edges = (NEWEST, *ANCHORS, *(anchor - MICROSECOND for anchor in ANCHORS))
    times = [text for instant in edges for text in spellings(instant)]
    return _with_optional(
        limit=_UNSAID | st.integers(1, 50) | st.just(_LARGEST),
        as_of=weighed(
            (3, _UNSAID),
            (2, st.sampled_from((*AS_OF_DAYS[:4] * 4, *AS_OF_DAYS))),
            (3, st.sampled_from(times)),
        ),
        timezone=weighed((2, st.sampled_from(ZONES)), (1, _UNSAID)),
    )


@cache
def samples() -> Strategy:
    percents = st.sampled_from((50, 90, 10, 100, Decimal("33.3"), Decimal("0.5"), Decimal("99.99")))
    some = st.fixed_dictionaries({"percent": percents, "seed": st.sampled_from(SEEDS)})
    arms = st.fixed_dictionaries({"split": st.sampled_from(SPLITS), "seed": st.sampled_from(SEEDS)})
    return _with_optional(sample=weighed((6, _UNSAID), (2, some), (1, arms)))


@cache
def segment_filters() -> Strategy:
    return st.fixed_dictionaries(
        {"segment": st.sampled_from(tuple(SAVED)), "operator": st.sampled_from(("in", "not_in"))}
    )


@brief
def sequence_filters(world: World) -> Strategy:
    """Short sequences mostly; of the long ones the steps are close together."""
    few = st.fixed_dictionaries({"steps": steps(world, 2, 2), "within_days": st.sampled_from(DAYS)})
    few_hours = st.fixed_dictionaries({"steps": steps(world, 2, 2), "within_hours": st.sampled_from(HOURS)})
    some = st.fixed_dictionaries({"steps": steps(world, 3, 4), "within_days": st.sampled_from(DAYS)})
    many = st.fixed_dictionaries({"steps": steps(world, 5, 10), "within_days": st.sampled_from((1, 2))})
    rows = weighed((7, few), (2, few_hours), (3, some), (1, many))
    did = _with_optional(operator=weighed((2, _UNSAID), (1, st.just("did")), (2, st.just("did_not"))))
    return st.tuples(rows, did, windows(world)).map(_merged)


@brief
def steps(world: World, fewest: int, most: int) -> Strategy:
    """Steps of which the last may be an absent one."""
    named = event_names((CART, BUY, LOGIN, LOGIN, BUY) * 30)
    step = weighed((5, named), (2, st.tuples(named, wheres(world)).map(_merged)))
    absent = _with_optional(absent=st.sampled_from((_LEFT_OUT, True, False, True, None)))
    last = st.tuples(step, absent).map(_merged)
    return st.tuples(st.lists(step, min_size=fewest - 1, max_size=most - 1), last).map(
        lambda drawn: [*drawn[0], drawn[1]]
    )


@brief
def event_filters(world: World) -> Strategy:
    measured = weighed((3, counts()), (1, active_days()), (7, property_measures(world)))
    known = event_names((LOGIN, BUY) * 40)
    anytime = st.tuples(known, ages(world), wheres(world)).map(_merged)
    within = st.tuples(known, measured, wheres(world), windows(world)).map(_merged)
    return weighed((12, within), (2, anytime), (3, pairs(world)), (2, ranked(world)))


@cache
def ranks() -> Strategy:
    return st.one_of(
        st.fixed_dictionaries({"operator": st.just(operator), "value": st.sampled_from(sizes)})
        for operator, sizes in zip(RANKS, (SIZES, SIZES, PERCENTS, PERCENTS), strict=True)
    )


@brief
def ranked(world: World) -> Strategy:
    """A measure by its rank; sums of binary fractions differ in the last digit, so that none tie."""
    known = event_names((LOGIN, BUY) * 40)
    measures: list[Any] = [_LEFT_OUT, None, "count", "active_days"]
    for name, field in product(PROPERTY_MEASURES, world.properties.kinds):
        kind, is_float = world.properties.kinds[field], world.properties.types[field] == "DOUBLE"
        fits = kind in PROPERTY_MEASURES[name] and (name == "distinct" or kind in ORDERED_KINDS)
        if fits and not (is_float and name in ("sum", "avg", "median")):
            measures.append({name: field})
    within = st.tuples(
        known, _with_optional(measure=st.sampled_from(measures)), wheres(world), windows(world)
    )
    anytime = st.tuples(known, st.fixed_dictionaries({"measure": st.sampled_from(AGES)}), wheres(world))
    row = weighed((5, within.map(_merged)), (1, anytime.map(_merged)))
    return st.tuples(row, ranks()).map(_merged)


@brief
def pairs(world: World) -> Strategy:
    """A measure beside another one."""
    operators = st.fixed_dictionaries({"operator": st.sampled_from(("eq", "ne", *ORDER))})
    times = _with_optional(
        times=weighed((3, _UNSAID), (2, st.sampled_from((1, 2, 3))), (1, st.sampled_from(FACTORS)))
    )
    than = st.fixed_dictionaries({"than": sides(world)})
    return st.tuples(sides(world), operators, than, times).map(_merged)


@brief
def sides(world: World) -> Strategy:
    """Events and a measure of them that is a number; binary fractions have no exact products."""
    known = event_names((LOGIN, BUY) * 40)
    fields = [name for name in world.properties.of_kind("number") if world.properties.types[name] != "DOUBLE"]
    of_fields = [{name: field} for name, field in product(NUMBERS_OF, fields)]
    of_fields += [{"distinct": field} for field in world.properties.of_kind(*_SINGLE_VALUES)]
    measures = _with_optional(measure=st.sampled_from((_LEFT_OUT, None, "active_days", *of_fields * 2)))
    within = st.tuples(known, measures, wheres(world), windows(world)).map(_merged)
    ages = st.fixed_dictionaries({"measure": st.sampled_from(AGES)})
    return weighed((5, within), (1, st.tuples(known, ages, wheres(world)).map(_merged)))


@brief
def event_names(usual: tuple[str, ...]) -> Strategy:
    """One name, several pooled, or any event."""
    one = st.sampled_from((*usual, *EVENT_NAMES * 2, *_ABSENT_NAMES))
    many = st.lists(st.sampled_from((*EVENT_NAMES, *_ABSENT_NAMES[:3])), min_size=1, max_size=3, unique=True)
    return st.fixed_dictionaries({"event_name": weighed((5, one), (1, many), (1, st.just("*")))})


@brief
def wheres(world: World) -> Strategy:
    one = filters(world.properties).map(lambda row: [row])
    two = st.lists(filters(world.properties), min_size=2, max_size=2)
    return _with_optional(where=weighed((9, _UNSAID), (4, one), (1, two)))


@brief
def windows(world: World) -> Strategy:
    """All history, or one of the five forms of a window."""
    days = st.sampled_from((*WINDOWS, *DAYS))
    return weighed(
        (4, _with_optional(time_range_days=_UNSAID)),
        (3, st.fixed_dictionaries({"time_range_days": days})),
        (2, st.fixed_dictionaries({"time_range_hours": st.sampled_from(HOURS)})),
        *((1, st.fixed_dictionaries({"time_range": form})) for form in time_ranges(world).values()),
    )


@cache
def time_ranges(world: World) -> dict[str, Strategy]:
    """The forms of a window that are more than a number of days."""
    edge = st.one_of(*map(st.sampled_from, edges(world)))
    days = st.sampled_from((*WINDOWS, *DAYS))
    ago = [{"from_days_ago": far, "to_days_ago": near} for near, far in combinations(sorted((0, *DAYS)), 2)]
    anchors = world.attributes.of_kind("date", "timestamp")
    usual = [*(name for name in anchors if name in ("signup_date", "trial_ends")), *anchors]
    return {
        "from": _with_optional(**{"from": edge, "to": _UNSAID}),
        "to": _with_optional(**{"from": _UNSAID, "to": edge}),
        "from_to": st.tuples(edge, edge).map(_between_times),
        "days_ago": st.sampled_from(ago),
        "within_days_of": st.fixed_dictionaries({"within_days_of": st.sampled_from(usual), "days": days}),
    }


def _between_times(ends: tuple[str, str]) -> Spec:
    low, high = ordered(ends)
    return {"from": low, "to": high}


@cache
def edges(world: World) -> tuple[list[str], list[str]]:
    """Days and times at which events lie."""
    instants = list(dict.fromkeys(event["timestamp"] for event in world.events))
    at = days(dict.fromkeys(instant.date() for instant in instants))
    return at, times(instants[::3])


@cache
def counts() -> Strategy:
    many = (1, 2, 0, 1, 3, 1, 2, 5, Decimal("1.0"), _LARGEST)
    said = _with_optional(measure=_UNSAID | st.just("count"))
    return st.tuples(said, measured("count", COUNT_OPERATORS, many)).map(_merged)


@cache
def active_days() -> Strategy:
    return _measure("active_days", measured("value", COUNT_OPERATORS, (1, 2, 3, 0, 1, 2, 4, 6, _LARGEST)))


@cache
def ages(world: World) -> Strategy:
    compared = measured("value", COUNT_OPERATORS, tuple(days_since(world)))
    return st.one_of(_measure(name, compared) for name in AGES)


@brief
def property_measures(world: World) -> Strategy:
    """Each measure as often as another, and each of its operators; of any property that suits both."""
    return st.one_of(
        st.sampled_from(list(measurable(world, name).items())).flatmap(
            lambda suited, name=name: st.sampled_from(suited[1]).flatmap(
                lambda field: _measure({name: field}, property_measure(world, name, field, suited[0]))
            )
        )
        for name in PROPERTY_MEASURES
    )


def measurable(world: World, name: str) -> dict[str, list[str]]:
    """The operators of a measure, and for each the properties that it suits."""
    made: dict[str, list[str]] = {}
    for field, kind in world.properties.kinds.items():
        if kind in PROPERTY_MEASURES[name]:
            for operator in OPERATORS[kind] if name in ("first", "last") else COUNT_OPERATORS:
                made.setdefault(operator, []).append(field)
    return made


@cache
def property_measure(world: World, name: str, field: str, operator: str) -> Strategy:
    """The operator and a value for a measure of this property."""
    match name:
        case "distinct":
            return measured("value", (operator,), (1, 2, 3, 0, 1, 2, 5))
        case "sum" | "avg" | "median":
            return measured("value", (operator,), tuple(totals(world, name, field, operator)))
        case _:
            return comparisons(world.properties, field, operator)


def _measure(measure: str | dict[str, str], compared: Strategy) -> Strategy:
    return compared.map(lambda row: {"measure": measure} | row)


def measured(key: str, operators: Iterable[str], values: tuple[Any, ...]) -> Strategy:
    """A number compared: with one, or with the two ends of a range."""
    one = st.sampled_from(values)
    suited = {operator: _pair(one) if operator == "between" else one for operator in operators}
    return st.one_of(
        st.fixed_dictionaries({"operator": st.just(operator), key: value})
        for operator, value in suited.items()
    )


@brief
def user_filters(world: World) -> Strategy:
    fields = st.fixed_dictionaries({"field": st.sampled_from(world.attributes.of_kind(*ORDERED_KINDS))})
    return weighed((4, filters(world.attributes)), (1, st.tuples(fields, ranks()).map(_merged)))


@brief
def filters(fields: Fields) -> Strategy:
    """A filter on any kind of column, each kind as often as another."""
    suited = [
        st.sampled_from(list(product(fields.of_kind(kind), names))) for kind, names in OPERATORS.items()
    ]
    one = st.one_of(suited).flatmap(lambda pair: _filter(fields, *pair))
    return weighed((8, one), (2, two_fields(fields)))


@brief
def two_fields(fields: Fields) -> Strategy:
    """A filter on two columns of one kind, each kind and operator as often as another."""
    suited = [
        [
            {"field": field, "operator": operator, "other_field": other}
            for field, other in permutations(fields.of_kind(kind), 2)
        ]
        for kind, operators in OPERATORS.items()
        for operator in operators
        if operator in FIELD_OPERATORS
    ]
    return st.sampled_from([rows for rows in suited if rows]).flatmap(st.sampled_from)


@cache
def _filter(fields: Fields, name: str, operator: str) -> Strategy:
    return comparisons(fields, name, operator).map(lambda row: {"field": name} | row)


@brief
def comparisons(fields: Fields, name: str, operator: str) -> Strategy:
    """The operator with a value that suits the column, and how it is compared."""
    said = st.just({"operator": operator})
    if operator in NULLNESS:
        return said
    one = st.one_of(*map(st.sampled_from, candidates(fields, name, operator)))
    if fields.kinds[name] in ("text", "text list"):
        one |= st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)
    several = {
        **dict.fromkeys((*LISTS, *IN_LISTS), st.lists(one, min_size=1, max_size=6)),
        **dict.fromkeys(RANGES, _pair(one)),
    }
    rows = st.tuples(said, st.fixed_dictionaries({"value": several.get(operator, one)}))
    if operator in CASELESS:
        rows = st.tuples(
            rows.map(_merged),
            _with_optional(case_sensitive=st.sampled_from((_LEFT_OUT, None, False, True, True))),
        )
    return rows.map(_merged)


def _pair(one: Strategy) -> Strategy:
    return st.tuples(one, one).map(ordered)


def ordered(ends: tuple[Any, Any]) -> list[Any]:
    """Low and high; of a day and a time that are close, which is low depends on the zone: then just one."""
    if not isinstance(ends[0], str):
        return sorted(ends)
    low, high = sorted(ends, key=_moment)
    mixed = isinstance(read_time(low), datetime) != isinstance(read_time(high), datetime)
    return [low, low] if mixed and _moment(high) - _moment(low) < 2 * DAY else [low, high]


def _moment(text: str) -> datetime:
    parsed = read_time(text)
    return parsed if isinstance(parsed, datetime) else datetime.combine(parsed, time())


@cache
def candidates(fields: Fields, name: str, operator: str) -> tuple[list[Any], ...]:
    """Values that suit the column and the operator, in lists of which each is as likely as the others."""
    if operator in YEARLY:
        return ([0, 1, 7, 30, 31, 59, 60, 180, 364, 365, 366],)
    if operator in IN_DAYS:
        return (list(DAYS),)
    cells = fields.cells(name)
    match fields.kinds[name]:
        case "boolean":
            return ([True, False],)
        case "text" if operator in ("like", "not_like"):
            return patterns(cells), texts(cells)
        case "text" if operator in CASELESS:
            return cells, fragments(cells), texts(cells)
        case "text":
            return cells, texts(cells)
        case "text list":
            return cells, cells, texts(cells)
        case "date":
            return (days(cells),)
        case "timestamp":
            return days(map(datetime.date, cells)), times(cells)
        case _:
            fractions = name not in fields.whole or operator in (*ORDER, *RANGES)
            return (numbers(cells, fractions),)


def spellings(instant: datetime) -> list[str]:
    """The instant as a spec may write it: any offset, T or space, no more digits than it needs."""
    offsets = {"": 0, "Z": 0, "+00:00": 0, "+05:45": 345, "-08:00": -480, "+14:00": 840, "-00:30": -30}
    made = []
    for separator, (offset, minutes) in product("T ", offsets.items()):
        local = instant + timedelta(minutes=minutes)
        full = local.isoformat(separator, "microseconds")
        made += [full + offset, _short(full) + offset]
    return made


def texts(cells: list[str]) -> list[str]:
    """Texts that differ from the data's by case, spaces or normal form, and some that break naive SQL."""
    changes: list[Callable[[str], str]] = [str.lower, str.swapcase, str.strip, "{} ".format]
    changes += [
        lambda cell: unicodedata.normalize("NFC", cell),
        lambda cell: unicodedata.normalize("NFD", cell),
    ]
    changed = [change(cell) for cell, change in product(cells, changes)]
    return [text for text in (*changed, *_NASTY) if text]


def fragments(cells: list[str]) -> list[str]:
    """Parts of the cells, some in other cases."""
    parts = [cell[start:end] for cell, (start, end) in product(cells, ((0, 1), (0, 3), (1, 3), (-2, None)))]
    return [text for part in parts for text in (part, part.upper(), part.lower(), part.casefold()) if text]


def patterns(cells: list[str]) -> list[str]:
    """Each cell with a run of its letters replaced by wildcards, or with wildcards around it."""
    replaced = [
        cell[:start] + wild + cell[start + length :]
        for cell, start, length, wild in product(cells, (0, 1, 4), (0, 1, 2, 20), ("%", "_", "%_", "\\%"))
    ]
    return replaced + [shape.format(cell) for cell, shape in product(cells, ("{}%", "%{}%", "_{}"))]


def days(cells: Iterable[date]) -> list[str]:
    beside = [cell + timedelta(days=step) for cell, step in product(cells, (0, 0, 1, -1))]
    return [day.isoformat() for day in (*beside, date.min, date.max, date(2011, 12, 30))]


def times(cells: list[datetime]) -> list[str]:
    beside = (cell + step * MICROSECOND for cell, step in product(cells, (0, 1, -1)))
    return [text for instant in beside for text in spellings(instant)]


def numbers(cells: list[Any], fractions: bool) -> list[int | Decimal]:
    """The cells, their neighbours, numbers far away, and where fractions suit, a hair's breadth beside."""
    steps: tuple[Any, ...] = (0, 0, 0, 1, -1, Decimal("0.0"))
    if fractions:
        steps += tuple(map(Decimal, ("0.5", "-0.01", "0.001", "1E-18", "-1E-18")))
    exact = [cell if isinstance(cell, int) else Decimal(str(cell)) for cell in cells]
    with localcontext(prec=60):
        beside = [cell + step for cell, step in product(exact, steps)]
    return [number for number in (*beside, 12345, 2**31, _LARGEST, -_LARGEST) if _writable(number)]


def days_since(world: World) -> Iterator[int | Decimal]:
    """Numbers of days: those of windows, those beside, and how long ago some events are."""
    yield from (*DAYS, 0, Decimal("0.5"), Decimal("7.0"), *WINDOWS, *WINDOWS)
    instants = {event["timestamp"] for event in world.events if event["event_name"] in (LOGIN, "RATED")}
    for instant, anchor in product(sorted(instants)[::7], (NEWEST, *ANCHORS)):
        yield from _near(Fraction((anchor - instant) // MICROSECOND, DAY // MICROSECOND))
    for number in WINDOWS:
        yield from _near(number + Fraction(1, DAY // MICROSECOND))
        yield from _near(number - Fraction(1, DAY // MICROSECOND))


def _near(number: Fraction) -> list[Decimal]:
    """The number, where no decimal is exact the two around it that a spec can write."""
    scale = 10**18
    below = number.numerator * scale // number.denominator
    ends = {below, -(-number.numerator * scale // number.denominator)}
    with localcontext(prec=60):
        # Nobody did it before 36,500 days ago that a spec could ask for.
        return [(Decimal(end) / scale).normalize() for end in sorted(ends) if 0 <= end <= 36_500 * scale]


@cache
def totals(world: World, name: str, field: str, operator: str) -> list[int | Decimal]:
    """What some users' events come to, as sum, on average or in the middle, and beside it."""
    by_user: dict[Any, list[Any]] = {}
    for event in world.events:
        if event["event_name"] in (LOGIN, BUY, "RATED") and not is_unknown(event[field]):
            by_user.setdefault((event["user_id"], event["event_name"]), []).append(event[field])
    floats = world.properties.types[field] == "DOUBLE"
    whole = name == "sum" and field in world.properties.whole and operator in ("eq", "ne")
    made = [
        _TOTALS[name](list(map(Fraction, cells))) + step
        for cells in by_user.values()
        for step in (0, 0, 1, Fraction(-1, 2), Fraction(1, 100), Fraction(1, 10**18))
    ]
    made += [Fraction(0), Fraction(1), Fraction(1000)]
    if floats:
        # Floats are exact only where they are halves of halves.
        made = [number for number in made if number.denominator in (1, 2, 4, 8, 16)]
    if whole:
        made = [number for number in made if number.denominator == 1]
    return [number for exact in made for number in _written(exact) if _writable(number)]


_TOTALS: dict[str, Callable[[list[Fraction]], Fraction]] = {
    "sum": lambda cells: sum(cells, Fraction(0)),
    "avg": lambda cells: sum(cells, Fraction(0)) / len(cells),
    "median": median,
}


def _written(number: Fraction) -> list[int | Decimal]:
    """The number as a spec writes it, to 18 decimals."""
    if number.denominator == 1:
        return [int(number)]
    with localcontext(prec=60):
        return [(Decimal(round(number * 10**18)) / 10**18).normalize()]


def _writable(number: int | Decimal) -> bool:
    """Whether a spec may hold the number: 64 bits before the point, 18 decimals behind it."""
    return Decimal(number).copy_abs() <= _LARGEST and Decimal(number).as_tuple().exponent >= -18


def _short(time: str) -> str:
    """The time without zeros at its end that say nothing."""
    bare = time.rstrip("0").removesuffix(".") if not time.endswith(".000000") else time[:19]
    return bare.removesuffix(":00") if len(bare) == 19 else bare


def _without(rows: dict[str, Strategy], key: str) -> dict[str, Strategy]:
    return {name: strategy for name, strategy in rows.items() if name != key}


def _with_optional(**values: Strategy) -> Strategy:
    """These keys, but for those left unsaid."""
    return st.fixed_dictionaries(values).map(
        lambda row: {key: value for key, value in row.items() if value is not _LEFT_OUT}
    )


def _merged(parts: tuple[Spec, ...]) -> Spec:
    return {key: value for part in parts for key, value in part.items()}


def size(group: Spec) -> int:
    """How many filters, `where` filters and steps a group has."""
    rows = [*(group.get("event_filters") or ()), *sequence_steps(group)]
    plain = len(group.get("user_filters") or ()) + len(group.get("segment_filters") or ())
    wheres = sum(len(one.get("where") or ()) for row in rows for one in (row, row.get("than") or {}))
    return plain + len(rows) + wheres + sum(size(child) for child in group.get("groups") or ())


def sequence_steps(group: Spec) -> list[Spec]:
    return [step for row in group.get("sequence_filters") or () for step in row["steps"]]
