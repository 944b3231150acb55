"""The values that a condition admits, as intervals: they show contradictions and what always or never holds.

age > 40     (40, highest]             beside age < 30, [lowest, 30): no value is in both
age >= 0     [0, highest]              holds for everyone where the data go from 18 to 99
is unknown   no interval, the unknown
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, assert_never

from duckmart import instants
from duckmart.catalog import Column
from duckmart.check.keys import measure_column
from duckmart.check.kinds import CheckContext
from duckmart.spec.measures import MEASURES, Gives
from duckmart.spec.operators import USER_OPERATORS, Operator
from duckmart.spec.segment import (
    ANY_EVENT,
    Child,
    ColumnFilter,
    EventFilter,
    Group,
    PropertyFilter,
    SegmentFilter,
    SequenceFilter,
    Step,
    UserFilter,
    event_names,
)
from duckmart.spec.spans import Moment

# An end of an interval: below all values, above them, or (0, value, side): the value itself for side 0, and
# just below or above it for -1 and 1. Ends compare as tuples do.
End = tuple[Any, ...]
LOWEST: End = (-1,)
HIGHEST: End = (1,)
# Longer lists are ids from a file: comparing them takes time, and people do not write them by hand.
LONGEST_LIST = 1000


@dataclass(frozen=True, slots=True)
class Values:
    """Intervals in order and apart, both ends included; of whole values only if `discrete`.

    `unknown` tells whether users without a value are admitted too.
    """

    spans: tuple[tuple[End, End], ...]
    unknown: bool = False
    discrete: bool = False

    def __and__(self, other: Values) -> Values:
        overlaps = []
        mine, theirs = list(self.spans[::-1]), list(other.spans[::-1])
        while mine and theirs:
            overlaps.append((max(mine[-1][0], theirs[-1][0]), min(mine[-1][1], theirs[-1][1])))
            (mine if mine[-1][1] < theirs[-1][1] else theirs).pop()
        return Values(tuple(self._nonempty(overlaps)), self.unknown and other.unknown, self.discrete)

    def __or__(self, other: Values) -> Values:
        return ~(~self & ~other)

    def __invert__(self) -> Values:
        """Everything else: the complement of a condition."""
        ends = [LOWEST, *(end for low, high in self.spans for end in (_beside(low, -1), _beside(high, 1)))]
        ends.append(HIGHEST)
        apart = zip(ends[::2], ends[1::2], strict=True)
        return Values(tuple(self._nonempty(apart)), not self.unknown, self.discrete)

    def __bool__(self) -> bool:
        return self.unknown or bool(self.spans)

    def _nonempty(self, spans: Iterable[tuple[End, End]]) -> Iterable[tuple[End, End]]:
        tight = ((_tight(low, 1), _tight(high, -1)) for low, high in spans) if self.discrete else spans
        return (span for span in tight if span[0] <= span[1])


@dataclass(frozen=True, slots=True)
class Claim:
    """What a condition says of its subject: the `values` it admits, and the `domain` the data allows."""

    subject: Hashable
    values: Values
    domain: Values

    @property
    def never_holds(self) -> bool:
        return not self.values & self.domain

    @property
    def always_holds(self) -> bool:
        return not ~self.values & self.domain


def claim(node: Child | PropertyFilter, context: CheckContext) -> Claim | None:
    """The claim of a condition without problems; None for patterns and other text comparisons."""
    catalog = context.catalog
    match node:
        case UserFilter():
            return _of_column(node, catalog.attributes[node.field], context)
        case PropertyFilter():
            return _of_column(node, catalog.properties[node.field], context)
        case EventFilter():
            return _of_measure(node, context)
        case SequenceFilter():
            return _yes_or_no(identity(node)[1:], yes=node.operator == "did")
        case SegmentFilter():
            return _yes_or_no(identity(node)[1:], yes=node.operator is Operator.IN)
        case Group():
            return _yes_or_no(identity(node)[1:], yes=not node.negate)
        case _:
            assert_never(node)


def holds_for_never(node: EventFilter, context: CheckContext) -> bool:
    """Whether the condition holds for users who never did it."""
    own = claim(node, context)
    if own is None:
        return USER_OPERATORS[node.operator].holds_for_unknown
    if MEASURES[node.measure.measure].with_zero:
        return bool(own.values & _points([0], discrete=False))
    return own.values.unknown


def identity(node: Child | ColumnFilter | Step) -> tuple[Any, ...]:
    """A key that is equal for equal conditions, whatever the order of their lists.

    Its first part is the only one in which a condition differs from its complement.
    """
    match node:
        case ColumnFilter():
            return node.operator, node.field, _unordered(node.value), node.case_sensitive
        case EventFilter():
            comparison = _unordered(node.compared_with), node.case_sensitive
            return node.operator, _events(node), node.measure, *comparison
        case SequenceFilter():
            steps = tuple(map(identity, node.steps))
            return node.operator, steps, node.within_days, node.window
        case Step():
            return node.absent, _unordered(node.event_name), frozenset(map(identity, node.where))
        case SegmentFilter():
            return node.operator, node.segment
        case Group():
            # A Counter and not a set: each of two equal children counts towards AT_LEAST.
            children = frozenset(Counter(map(identity, node.children)).items())
            return node.negate, node.logic_operator, node.at_least, children
        case _:
            assert_never(node)


def _events(node: EventFilter) -> Hashable:
    """The events that a condition is about, with its window."""
    where = frozenset(map(identity, node.where))
    return _unordered(node.event_name), where, node.window


def _unordered(value: Any) -> Hashable:
    hashable: Hashable = frozenset(value) if isinstance(value, tuple) else value
    return hashable


def _yes_or_no(subject: Hashable, *, yes: bool) -> Claim:
    return Claim(subject, _points([yes], discrete=True), _points([False, True], discrete=True))


def _of_column(node: ColumnFilter, column: Column, context: CheckContext) -> Claim | None:
    values = _admissible(node.operator, node.value, column, context)
    return None if values is None else Claim(node.field, values, column_values(column))


def _of_measure(node: EventFilter, context: CheckContext) -> Claim | None:
    column = measure_column(node.measure) or Column.of_measure(node.row, "count")
    if node.measure.property is not None and node.row.gives is Gives.VALUE:
        column = context.catalog.properties[node.measure.property]
    values = _admissible(node.operator, node.compared_with, column, context)
    if values is None:
        return None
    return Claim((_events(node), node.measure), values, _measurable(node, column, context))


def _admissible(operator: Operator, value: Any, column: Column, context: CheckContext) -> Values | None:
    row = USER_OPERATORS[operator]
    if row.negates is not None:
        # A negative operator is the complement of its positive one, for users without a value too.
        positive = _admissible(row.negates, value, column, context)
        return None if positive is None else ~positive
    discrete = _is_discrete(column)
    if operator is Operator.IS_NULL:
        return Values((), unknown=True, discrete=discrete)
    cells = value if isinstance(value, tuple) else (value,)
    if operator in (Operator.IN_LAST_DAYS, Operator.IN_NEXT_DAYS):
        return _near(operator, value, column, context)
    # LIKE and the like admit texts that no interval describes.
    if operator not in _SPANS or len(cells) > LONGEST_LIST:
        return None
    ends = [_ends(cell, column, context) for cell in cells]
    return _union(_SPANS[operator](ends), discrete=discrete)


# The interval that an operator admits, from the first and the last instant of each of its values.
_SPANS: dict[Operator, Any] = {
    Operator.EQ: lambda ends: ends,
    Operator.IN: lambda ends: ends,
    Operator.GT: lambda ends: [(_beside(ends[0][1], 1), HIGHEST)],
    Operator.GTE: lambda ends: [(ends[0][0], HIGHEST)],
    Operator.LT: lambda ends: [(LOWEST, _beside(ends[0][0], -1))],
    Operator.LTE: lambda ends: [(LOWEST, ends[0][1])],
    Operator.BETWEEN: lambda ends: [(ends[0][0], ends[1][1])],
}


def _ends(cell: Any, column: Column, context: CheckContext) -> tuple[End, End]:
    """A value as an interval: compared with a time, a date stands for its whole local day."""
    if column.kind.has_time:
        first, last = instants.first_moment(cell, context.zone), instants.moment(cell, context.zone)
        return _at(first), _at(last)
    end = _at(column.kind.literal(cell))
    return end, end


def _near(operator: Operator, days: int, column: Column, context: CheckContext) -> Values:
    """The days until `as_of`, or after it."""
    moment = context.as_of
    around: tuple[date, date] = instants.days_before(moment, days), instants.days_after(moment, days)
    middle: date = moment
    if not column.kind.has_time:
        middle = instants.local_day(moment, context.zone)
        around = instants.shifted(middle, -days), instants.shifted(middle, days)
    start, end = (around[0], middle) if operator is Operator.IN_LAST_DAYS else (middle, around[1])
    return _union([(_beside(_at(start), 1), _at(end))], discrete=True)


@lru_cache(1024)
def column_values(column: Column) -> Values:
    """The values that a column can have in the data, as far as the catalog knows."""
    discrete, unknown = _is_discrete(column), column.missing > 0
    if column.complete:
        points = _points((str(cell) if column.kind.is_text else cell for cell, _ in column.values), discrete)
        return Values(points.spans, unknown, discrete)
    # The catalog does not list all values of this column, so any other value is possible too.
    if not column.kind.is_ordered:
        return Values(((LOWEST, HIGHEST),), unknown, discrete)
    if column.low is None or column.high is None:
        return Values((), unknown, discrete)
    low = _at(column.low) if _is_finite(column.low) else LOWEST
    high = _at(column.high) if _is_finite(column.high) else HIGHEST
    return Values(((low, high),), unknown, discrete)


def _measurable(node: EventFilter, column: Column, context: CheckContext) -> Values:
    """The values that a measure can have: users who never did it have 0, or no value."""
    row, catalog = node.row, context.catalog
    of = catalog.properties[node.measure.property] if node.measure.property else None
    if row.gives is Gives.VALUE and of is not None:
        return Values(column_values(of).spans, True, _is_discrete(column))
    low, high = _at(0), HIGHEST
    match row.gives:
        case Gives.COUNT if row.is_plain_count:
            high = _at(_most_often(node, context))
        case Gives.COUNT if of is None:
            high = _at(_days(node, context))
        case Gives.COUNT if of is not None and of.complete:
            high = _at(len(of.values))
        case Gives.AGE if catalog.oldest_event is not None:
            high = _at((context.as_of - catalog.oldest_event).days + 1)
        # An average or a median lies between the smallest and the largest value of its property.
        case Gives.NUMBER if row.lies_between and of is not None:
            return Values(column_values(of).spans, True, _is_discrete(column))
        case Gives.NUMBER if not row.is_added_up:
            low = LOWEST
        case Gives.NUMBER if of is not None and of.low is not None and of.high is not None:
            # A sum has the sign of its values; how large it gets depends on how many there are.
            low = _at(0) if of.low >= 0 else LOWEST  # type: ignore[operator]
            high = _at(0) if of.high <= 0 else HIGHEST  # type: ignore[operator]
        case Gives.NUMBER:
            low = LOWEST
    return _union([(low, high)], _is_discrete(column), unknown=not row.with_zero)


def _most_often(node: EventFilter, context: CheckContext) -> int:
    names = event_names(node.event_name)
    # No user can have more events than there are.
    if ANY_EVENT in names:
        return context.catalog.event_total
    return sum(context.catalog.events.get(name, 0) for name in names)


def _days(node: EventFilter, context: CheckContext) -> int:
    """The most local days that events of a window can be on."""
    span = node.window.span(Moment(context.as_of, context.zone))
    length = span.until - span.start(context.catalog.oldest_event)
    # The first and the last day may be cut, and clock changes make a short day fit in besides.
    days = max(length.days, 0) + 2
    if span.anchor is None:
        return days
    anchored = context.catalog.attributes[span.anchor.field].kind
    return min(days, span.anchor.days + (2 if anchored.has_time else 0))


def _is_discrete(column: Column) -> bool:
    return column.whole or column.kind.is_dated or column.kind.is_boolean


def _is_finite(cell: Any) -> bool:
    return not isinstance(cell, float) or math.isfinite(cell)


def _points(cells: Iterable[Any], discrete: bool) -> Values:
    return _union([(_at(cell), _at(cell)) for cell in cells], discrete)


def _union(spans: Iterable[tuple[End, End]], discrete: bool, *, unknown: bool = False) -> Values:
    """Intervals in any order, perhaps overlapping, as values."""
    apart: list[tuple[End, End]] = []
    for low, high in sorted(Values((), discrete=discrete)._nonempty(spans)):
        if apart and low <= apart[-1][1]:
            apart[-1] = apart[-1][0], max(apart[-1][1], high)
        else:
            apart.append((low, high))
    return Values(tuple(apart), unknown, discrete)


def _at(cell: Any) -> End:
    """The end at a value; dates and times as whole numbers, so that each has a next one."""
    if isinstance(cell, datetime):
        return 0, (cell - datetime.min) // instants.MICROSECOND, 0
    return 0, cell.toordinal() if isinstance(cell, date) else cell, 0


def _beside(end: End, side: int) -> End:
    """Just below an end (-1) or just above it (1)."""
    return (2 * end[0],) if end[0] else (0, end[1], end[2] + side)


def _tight(end: End, inwards: int) -> End:
    """An end of an interval of whole values, moved to the next whole value that is within."""
    if end[0]:
        return end
    _, cell, side = end
    nearest = math.ceil(cell) if inwards == 1 else math.floor(cell)
    return 0, nearest + inwards if nearest == cell and side == inwards else nearest, 0
