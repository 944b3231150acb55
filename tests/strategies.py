"""Random specs over a world: raw JSON-like dicts whose values are in the data, just beside it, or absent.

Candidate values are lists made once for each column, so that drawing a spec is quick.
"""

import os
import random
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import product
from typing import Any

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


def spec_runs(share: float = 1.0) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Runs a test on `share` of this run's specs; the seed in the report's header repeats them."""

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
        examples = max(1, int(SPECS * share))
        run = settings(max_examples=examples, deadline=None, print_blob=True, suppress_health_check=checks)
        return seed(SEED)(run(test))

    return decorate


@cache
def segments(world: World) -> Strategy:
    """Whole specs: a group, never empty, and perhaps a limit, a moment and a time zone."""
    return st.tuples(groups(world, DEPTH), delivery()).map(lambda parts: parts[0] | parts[1])


@cache
def groups(world: World, depth: int) -> Strategy:
    """Conditions joined by AND or OR, nested at most `depth` deep, never empty."""
    rows = {"user_filters": user_filters(world), "event_filters": event_filters()}
    if depth > 1:
        rows["groups"] = groups(world, depth - 1)
    # Three in four are OR: a deep AND is mostly nobody, and nobody tells little.
    joined = {"logic_operator": st.sampled_from(("OR", "OR", "AND", "OR", None, "OR", "AND", "OR"))}
    more = {key: st.lists(row, max_size=2) for key, row in rows.items()}
    more["negate"] = st.sampled_from((True, False, None))
    return st.one_of(
        st.fixed_dictionaries(
            {key: st.lists(row, min_size=1, max_size=2)} | joined, optional=_without(more, key)
        )
        for key, row in rows.items()
    )


@cache
def delivery() -> Strategy:
    """What a segment adds to a group. Null says the same as leaving a key out."""
    edges = (NEWEST, *ANCHORS, *(anchor - MICROSECOND for anchor in ANCHORS))
    times = [text for instant in edges for text in spellings(instant)]
    return st.fixed_dictionaries(
        {},
        optional={
            "limit": st.integers(1, 50) | st.sampled_from((None, _LARGEST)),
            "as_of": st.sampled_from(AS_OF_DAYS) | st.sampled_from(times) | st.none(),
            "timezone": st.sampled_from((*ZONES, None)),
        },
    )


@cache
def event_filters() -> Strategy:
    absent = ("LOGIN ", "Login", "never happened", *_NASTY)
    return st.fixed_dictionaries(
        {
            "event_name": st.sampled_from((*("LOGIN", "PURCHASE_MADE") * 8, *EVENT_NAMES * 2, *absent)),
            "operator": st.sampled_from(COUNT_OPERATORS),
            "count": st.sampled_from((1, 2, 0, 1, 3, 1, 2, 5, Decimal("1.0"), _LARGEST)),
        },
        optional={"time_range_days": st.sampled_from((*WINDOWS, *DAYS, None))},
    )


@cache
def user_filters(world: World) -> Strategy:
    suited = [(column, name) for column, kind in world.kinds.items() for name in OPERATORS[kind]]
    return st.sampled_from(suited).flatmap(lambda pair: _user_filter(world, *pair))


@cache
def _user_filter(world: World, column: str, operator: str) -> Strategy:
    one = _values(world, column, operator)
    value = st.lists(one, min_size=1, max_size=6) if operator in ("in", "not_in") else one
    return st.fixed_dictionaries({"field": st.just(column), "operator": st.just(operator), "value": value})


@cache
def _values(world: World, column: str, operator: str) -> Strategy:
    """One value that suits the column and the operator."""
    cells = world.cells(column)
    match world.kinds[column]:
        case "boolean":
            return st.booleans()
        case "text" if operator == "like":
            return st.sampled_from(patterns(cells)) | st.sampled_from(texts(cells))
        case "text":
            written = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)
            return st.sampled_from(cells) | st.sampled_from(texts(cells)) | written
        case "date":
            return st.sampled_from(days(cells))
        case "timestamp":
            return st.sampled_from(days(map(datetime.date, cells))) | st.sampled_from(times(cells))
        case _:
            fractions = column not in world.whole or operator in ORDER
            return st.sampled_from(numbers(cells, fractions))


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
    beside = [cell + step for cell, step in product(exact, steps)]
    return [number for number in (*beside, 12345, 2**31, _LARGEST, -_LARGEST) if _writable(number)]


def _writable(number: int | Decimal) -> bool:
    """Whether a spec may hold the number: 64 bits before the point, 18 decimals behind it."""
    return abs(number) <= _LARGEST and Decimal(number).as_tuple().exponent >= -18


def _short(time: str) -> str:
    """The time without zeros at its end that say nothing."""
    bare = time.rstrip("0").removesuffix(".") if not time.endswith(".000000") else time[:19]
    return bare.removesuffix(":00") if len(bare) == 19 else bare


def _without(rows: dict[str, Strategy], key: str) -> dict[str, Strategy]:
    return {name: strategy for name, strategy in rows.items() if name != key}
