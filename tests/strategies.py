"""Random specs over a world: raw JSON-like dicts whose values are in the data, just beside it, or absent.

Candidate values are lists made once for each column, so that drawing a spec is quick.
"""

import os
import random
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st

from tests.world import ANCHORS, EVENT_NAMES, MICROSECOND, NEWEST, WINDOWS, World

Spec = dict[str, Any]
Strategy = st.SearchStrategy[Any]

# The gate runs the same specs every time; a long run (DUCKMART_SPECS=50000) draws others.
SPECS = int(os.environ.get("DUCKMART_SPECS", "500"))
SEED = int(os.environ.get("DUCKMART_SEED", random.randrange(2**32) if "DUCKMART_SPECS" in os.environ else 1))

ORDER = ("gt", "gte", "lt", "lte")
_COMPARED = ("eq", "ne", *ORDER, "in", "not_in")
OPERATORS = {
    "number": _COMPARED,
    "text": ("eq", "ne", "in", "not_in", "like"),
    "date": _COMPARED,
    "timestamp": _COMPARED,
    "boolean": ("eq", "ne", "in", "not_in"),
}
COUNT_OPERATORS = ("eq", "ne", *ORDER)
DAYS = (*WINDOWS, 2, 365, 36_500)
DEPTH = 4

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


@cache
def segments(world: World) -> Strategy:
    """Whole specs: a group, never empty, and perhaps a limit, a moment and a time zone."""
    return st.tuples(groups(world, DEPTH), delivery()).map(_merged)


@cache
def groups(world: World, depth: int) -> Strategy:
    """Conditions joined by AND or OR, nested at most `depth` deep, never empty."""
    rows = {"user_filters": user_filters(world), "event_filters": event_filters()}
    if depth > 1:
        rows["groups"] = groups(world, depth - 1)
    some = {key: st.lists(row, min_size=1, max_size=2) for key, row in rows.items()}
    perhaps = {key: st.lists(row, max_size=1) for key, row in rows.items()}
    # More OR than AND: a deep AND is mostly nobody, and nobody tells little.
    joined = {
        "logic_operator": st.sampled_from(("OR", "OR", "AND", "OR")) | st.just("OR") | _UNSAID,
        "negate": st.booleans() | _UNSAID,
    }
    return st.one_of(
        st.tuples(
            st.fixed_dictionaries({key: some[key]}, optional=_without(perhaps, key)), _with_optional(**joined)
        )
        for key in rows
    ).map(_merged)


@cache
def delivery() -> Strategy:
    """What a segment adds to a group."""
    edges = (NEWEST, *ANCHORS, *(anchor - MICROSECOND for anchor in ANCHORS))
    times = [text for instant in edges for text in spellings(instant)]
    return _with_optional(
        limit=_UNSAID | st.integers(1, 50) | st.just(_LARGEST),
        as_of=_UNSAID | st.sampled_from(AS_OF_DAYS) | st.sampled_from(times),
        timezone=st.sampled_from(ZONES) | st.sampled_from(ZONES) | _UNSAID,
    )


@cache
def event_filters() -> Strategy:
    absent = ("LOGIN ", "Login", "never happened", *_NASTY)
    required = {
        "event_name": st.sampled_from((*("LOGIN", "PURCHASE_MADE") * 8, *EVENT_NAMES * 2, *absent)),
        "operator": st.sampled_from(COUNT_OPERATORS),
        "count": st.sampled_from((1, 2, 0, 1, 3, 1, 2, 5, Decimal("1.0"), _LARGEST)),
    }
    days = st.sampled_from((*WINDOWS, *DAYS))
    return st.tuples(
        st.fixed_dictionaries(required), _with_optional(time_range_days=_UNSAID | days | days)
    ).map(_merged)


@cache
def user_filters(world: World) -> Strategy:
    """A filter on any kind of column, each kind as often as another."""
    columns = {
        kind: [name for name, its in world.attributes.kinds.items() if its == kind] for kind in OPERATORS
    }
    suited = [st.sampled_from(list(product(columns[kind], names))) for kind, names in OPERATORS.items()]
    return st.one_of(suited).flatmap(lambda pair: _user_filter(world, *pair))


@cache
def _user_filter(world: World, column: str, operator: str) -> Strategy:
    one = st.one_of(*map(st.sampled_from, candidates(world, column, operator)))
    if world.attributes.kinds[column] == "text":
        one |= st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)
    value = st.lists(one, min_size=1, max_size=6) if operator in ("in", "not_in") else one
    return st.fixed_dictionaries({"field": st.just(column), "operator": st.just(operator), "value": value})


@cache
def candidates(world: World, column: str, operator: str) -> tuple[list[Any], ...]:
    """Values that suit the column and the operator, in lists of which each is as likely as the others."""
    cells = world.attributes.cells(column)
    match world.attributes.kinds[column]:
        case "boolean":
            return ([True, False],)
        case "text" if operator == "like":
            return patterns(cells), texts(cells)
        case "text":
            return cells, texts(cells)
        case "date":
            return (days(cells),)
        case "timestamp":
            return days(map(datetime.date, cells)), times(cells)
        case _:
            return (numbers(cells, fractions=column not in world.attributes.whole or operator in ORDER),)


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


def _merged(parts: tuple[Spec, Spec]) -> Spec:
    return parts[0] | parts[1]
