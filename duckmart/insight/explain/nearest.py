"""The one number that would make a failing condition hold, nearest to the number in the condition.

"At least 25" fails at 24: at least 24 holds. Numbers that a spec cannot write are never proposed.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from duckmart import instants
from duckmart.catalog import Cell
from duckmart.compile.query import Plain
from duckmart.spec import anniversaries
from duckmart.spec.kinds import Kind
from duckmart.spec.operators import Operator
from duckmart.spec.paths import Path
from duckmart.spec.segment import EventFilter
from duckmart.spec.values import (
    FACTOR_DECIMALS,
    MAX_DAYS,
    MAX_DECIMALS,
    MAX_WHOLE,
    MAX_YEARLY_DAYS,
    number,
)

# An average is proposed with so many decimals; the finest number that a spec can write.
_AVERAGE = Fraction(1, 10**6)
_FINEST = Fraction(1, 10**MAX_DECIMALS)
# A float has 15 certain digits, a short one 7; a sum of floats is certain of these.
_CERTAIN, _SHORT, _SUMMED = 15, 7, 12


@dataclass(frozen=True, slots=True)
class Nearest:
    """A user's own value and those around it, as a spec writes them; None for what it cannot write."""

    same: Plain | None = None
    at_most: Plain | None = None
    below: Plain | None = None
    at_least: Plain | None = None
    above: Plain | None = None


@dataclass(frozen=True, slots=True)
class Own:
    """A user's value, comparable to a bound of the spec, which reaches from `first` to `last`: a day does."""

    key: Any
    first: Callable[[Any], Any]
    last: Callable[[Any], Any]
    nearest: Callable[[Any], Nearest]


Time = TypeVar("Time", date, datetime)
# The place in a condition's value (a bound of a pair; one past the end of a list), and what to write there.
Edit = tuple[Path, Plain]


def threshold(operator: Operator, current: Any, own: Own) -> Edit | None:
    """What to write in place of `current` to make the operator hold; None if no single value does."""
    match operator:
        case Operator.EQ:
            return _edit((), own.nearest(current).same)
        case Operator.IN | Operator.CONTAINS_ANY:
            return _edit((len(current),), own.nearest(current[0]).same)
        case Operator.GTE:
            return _edit((), own.nearest(current).at_most)
        case Operator.GT:
            return _edit((), own.nearest(current).below)
        case Operator.LTE:
            return _edit((), own.nearest(current).at_least)
        case Operator.LT:
            return _edit((), own.nearest(current).above)
        case Operator.BETWEEN if own.key < own.first(current[0]):
            return _edit((0,), own.nearest(current[0]).at_most)
        case Operator.BETWEEN:
            return _edit((1,), own.nearest(current[1]).at_least)
        case Operator.NOT_BETWEEN:
            return _outside(current, own)
        case _:
            return None


def _edit(path: Path, plain: Plain | None) -> Edit | None:
    return None if plain is None else (path, plain)


def _outside(current: Any, own: Own) -> Edit | None:
    """Move one bound beyond the user's value: the nearer bound if that is possible, or else the other."""
    low, high = current
    above, below = own.nearest(low).above, own.nearest(high).below
    edits: list[Edit] = []
    if above is not None and own.first(above) <= own.last(high):
        edits.append(((0,), above))
    if below is not None and own.first(low) <= own.last(below):
        edits.append(((1,), below))
    # The bound that is nearer to the user's value comes first.
    if own.last(high) - own.key < own.key - own.first(low):
        edits.reverse()
    return edits[0] if edits else None


def of_column(cell: Cell, kind: Kind, zone: ZoneInfo) -> Own:
    """A value of an attribute or property."""
    match cell:
        case datetime():
            return _instant(cell, zone)
        case date():
            return Own(cell, instants.parse, instants.parse, lambda _: _day(cell))
        case int() | float() | Decimal() if kind.is_number:
            own = _float(cell) if isinstance(cell, float) else _exact(Decimal(cell))
            return _number(Fraction(repr(cell) if isinstance(cell, float) else cell), own)
        case bool():
            return Own(cell, _itself, _itself, lambda _: Nearest(cell))
        case _:
            text = cell if isinstance(cell, str) and "\0" not in cell else None
            return Own(cell, _itself, _itself, lambda _: Nearest(text))


def of_sum(total: int | float | Decimal) -> Own:
    if isinstance(total, float):
        return _number(Fraction(total), _about(Fraction(total), _SUMMED))
    return _number(Fraction(total), _exact(Decimal(total)))


def of_average(total: int | float | Decimal, size: int) -> Own:
    average = Fraction(total) / size
    floats = isinstance(total, float)
    return _number(average, _about(average, _SUMMED) if floats else _around(average, _AVERAGE))


def of_days(since: timedelta) -> Own:
    """Days of 24 hours since an event; proposals are whole days, but for `eq`."""
    days = Fraction(since // instants.MICROSECOND, instants.DAY // instants.MICROSECOND)
    return _number(days, _around(days, Fraction(1)))


def percent(place: int, ranked: int) -> int | Decimal:
    """The least percentage in hundredths that takes in a place: more than those before it are."""
    hundredths = 10_000 * (place - 1) // ranked + 1
    return number(Decimal(hundredths) / 100)


def of_times(times: Fraction, *, as_float: bool) -> Own:
    """How many times another measure a measure is; proposals have the decimals of a factor."""
    unit = Fraction(1, 10**FACTOR_DECIMALS)
    if not as_float:
        return _number(times, _around(times, unit))
    low, high = (times // unit - 1) * unit, (times // unit + 2) * unit
    return _number(times, Nearest(None, _plain(low), _plain(low), _plain(high), _plain(high)))


def _itself(limit: Any) -> Any:
    return limit


def _number(own: Fraction, nearest: Nearest) -> Own:
    return Own(own, Fraction, Fraction, lambda _: nearest)


def _exact(own: Decimal) -> Nearest:
    """A number of as many decimals as it shows."""
    exponent = own.as_tuple().exponent
    assert isinstance(exponent, int)  # noqa: S101 - NaN is no value
    return _around(Fraction(own), Fraction(10) ** min(exponent, 0))


def _float(own: float) -> Nearest:
    """A float as it prints. Its neighbours must differ from it as 32-bit floats too."""
    printed = Decimal(repr(own))
    exact, digits = Fraction(printed), printed.as_tuple()
    assert isinstance(digits.exponent, int)  # noqa: S101 - NaN is no value
    beside = _around(exact, max(_FINEST, Fraction(10) ** min(digits.exponent, -2)))
    if len(digits.digits) > _SHORT:
        beside = _about(exact, _SHORT if len(digits.digits) > _CERTAIN else _CERTAIN)
    same = _plain(exact)
    loose = _around(exact, _FINEST)
    return Nearest(
        same,
        loose.at_most if same is None else same,
        beside.below,
        loose.at_least if same is None else same,
        beside.above,
    )


def _about(own: Fraction, digits: int) -> Nearest:
    """A number with this many certain digits; proposals keep clear of the uncertain ones."""
    size = math.floor(math.log10(abs(own))) if own else 0
    unit = max(_FINEST, Fraction(10) ** (size - digits + 1))
    low, high = (own // unit - 1) * unit, (-(-own // unit) + 1) * unit
    return Nearest(None, _plain(low), _plain(low), _plain(high), _plain(high))


def _around(own: Fraction, unit: Fraction) -> Nearest:
    """Multiples of `unit` around a number."""
    unit = max(unit, _FINEST)
    low, high = own // unit * unit, -(-own // unit) * unit
    return Nearest(
        same=_plain(own),
        at_most=_plain(low),
        below=_plain(low if low < own else low - unit),
        at_least=_plain(high),
        above=_plain(high if high > own else high + unit),
    )


def _plain(exact: Fraction) -> int | Decimal | None:
    """A number as a spec writes it; None for one beyond 64 bits or with too many decimals."""
    if abs(exact) > MAX_WHOLE:
        return None
    if exact.denominator == 1:
        return exact.numerator
    scaled = exact / _FINEST
    if scaled.denominator > 1:
        return None
    digits = tuple(map(int, str(abs(scaled.numerator))))
    return number(Decimal((int(exact < 0), digits, -MAX_DECIMALS)))


def _day(day: date) -> Nearest:
    own, low, high = day.isoformat(), _shifted(day, -instants.DAY), _shifted(day, instants.DAY)
    return Nearest(own, own, low and low.isoformat(), own, high and high.isoformat())


def _instant(time: datetime, zone: ZoneInfo) -> Own:
    """A time: compared with a day it is its local day, compared with a time it is itself."""

    def nearest(limit: str) -> Nearest:
        if not isinstance(instants.parse(limit), datetime):
            return _day(instants.local_day(time, zone))
        low, high = _shifted(time, -instants.MICROSECOND), _shifted(time, instants.MICROSECOND)
        own = instants.stamp(time)
        return Nearest(own, own, low and instants.stamp(low), own, high and instants.stamp(high))

    return Own(
        time,
        lambda limit: instants.first_moment(limit, zone),
        lambda limit: instants.moment(limit, zone),
        nearest,
    )


def _shifted(moment: Time, by: timedelta) -> Time | None:
    try:
        return moment + by
    except OverflowError:
        return None


def days_around(operator: Operator, ago: timedelta) -> int | None:
    """The number of days for an operator of days before or after `as_of` to hold."""
    match operator:
        case Operator.IN_LAST_DAYS if ago >= timedelta():
            return _days(ago // instants.DAY + 1)
        case Operator.NOT_IN_LAST_DAYS:
            return _days(ago // instants.DAY)
        case Operator.IN_NEXT_DAYS if ago < timedelta():
            return _days(-(ago // instants.DAY))
        case _:
            return None


def days_to_anniversary(day: date, today: date, *, ahead: bool) -> int | None:
    """The number of days for an operator of anniversaries to hold; None where no year is long enough."""
    days = anniversaries.distance(day, today, ahead=ahead)
    return days if days is not None and days <= MAX_YEARLY_DAYS else None


def _days(days: int) -> int | None:
    return days if 1 <= days <= MAX_DAYS else None


def count_bounds(node: EventFilter) -> tuple[int, int | None] | None:
    """The least and the most events that a condition on a count allows; None for `ne` and others."""
    if not node.row.is_plain_count or node.than is not None:
        return None
    count: Any = node.count
    bounds: dict[Operator, tuple[Any, Any]] = {
        Operator.EQ: (count, count),
        Operator.GTE: (count, None),
        Operator.GT: (count, None),
        Operator.LTE: (0, count),
        Operator.LT: (0, count),
        Operator.BETWEEN: count if isinstance(count, tuple) else (count, count),
    }
    if node.operator not in bounds:
        return None
    fewest, most = bounds[node.operator]
    fewest += node.operator is Operator.GT
    most = None if most is None else most - (node.operator is Operator.LT)
    if fewest > MAX_WHOLE or (most is not None and most < 0):
        return None
    return fewest, None if most is None or most >= MAX_WHOLE else most


def window(node: EventFilter, as_of: datetime, more: datetime | None, fewer: datetime | None) -> int | None:
    """The number of last days or hours for which the count fulfils the condition; None if there is none.

    `more` is the time of the last event that must be in the window, `fewer` of the first that must not be.
    """
    counts, length = count_bounds(node), node.window.last
    if counts is None or length is None or length.number is None or (more is None and counts[0] > 0):
        return None
    unit = length.unit
    # An event exactly n days old is not in the last n days, so a window needs a day more to take it in.
    shortest = 1 if more is None else (as_of - more) // unit.length + 1
    longest = unit.most if fewer is None else (as_of - fewer) // unit.length
    if shortest > min(longest, unit.most):
        return None
    return shortest if length.number < shortest else min(longest, unit.most)
