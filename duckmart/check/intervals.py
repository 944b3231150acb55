"""Which values a condition admits, as intervals: they tell what contradicts, always holds or never does.

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
from duckmart.check.keys import counted
from duckmart.check.kinds import CheckContext
from duckmart.compile.plan import event_names
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
)
from duckmart.spec.spans import Moment

# An end of an interval: below all values, above them, or (0, value, side): the value itself for side 0, and
# just below or above it for -1 and 1. Ends compare as tuples do.
End = tuple[Any, ...]
LOWEST: End = (-1,)
HIGHEST: End = (1,)
# Longer lists are ids from a file; nobody contradicts those by hand.
LISTED = 1000


@dataclass(frozen=True, slots=True)
class Values:
    """Intervals in order and apart, both ends included; of whole values only if `whole`.

    `unknown` tells whether who has no value is admitted too.
    """

    spans: tuple[tuple[End, End], ...]
    unknown: bool = False
    whole: bool = False

    def __and__(self, other: Values) -> Values:
        met = []
        left, right = list(self.spans[::-1]), list(other.spans[::-1])
        while left and right:
            met.append((max(left[-1][0], right[-1][0]), min(left[-1][1], right[-1][1])))
            (left if left[-1][1] < right[-1][1] else right).pop()
        return Values(tuple(self._held(met)), self.unknown and other.unknown, self.whole)

    def __or__(self, other: Values) -> Values:
        return ~(~self & ~other)

    def __invert__(self) -> Values:
        """Everything else: the complement of a condition."""
        ends = [LOWEST, *(end for low, high in self.spans for end in (_beside(low, -1), _beside(high, 1)))]
        ends.append(HIGHEST)
        apart = zip(ends[::2], ends[1::2], strict=True)
        return Values(tuple(self._held(apart)), not self.unknown, self.whole)

    def __bool__(self) -> bool:
        return self.unknown or bool(self.spans)

    def _held(self, spans: Iterable[tuple[End, End]]) -> Iterable[tuple[End, End]]:
        tight = ((_tight(low, 1), _tight(high, -1)) for low, high in spans) if self.whole else spans
        return (span for span in tight if span[0] <= span[1])


@dataclass(frozen=True, slots=True)
class Claim:
    """What a condition says of its subject: the values it admits, among those that the data can have."""

    subject: Hashable
    admitted: Values
    possible: Values

    @property
    def never_holds(self) -> bool:
        return not self.admitted & self.possible

    @property
    def always_holds(self) -> bool:
        return not ~self.admitted & self.possible


def claim(node: Child | PropertyFilter, against: CheckContext) -> Claim | None:
    """What a condition that passed the check says; None for patterns and the like."""
    catalog = against.catalog
    match node:
        case UserFilter():
            return _of_column(node, catalog.attributes[node.field], against)
        case PropertyFilter():
            return _of_column(node, catalog.properties[node.field], against)
        case EventFilter():
            return _of_measure(node, against)
        case SequenceFilter():
            return _yes_or_no(identity(node)[1:], yes=node.operator == "did")
        case SegmentFilter():
            return _yes_or_no(identity(node)[1:], yes=node.operator is Operator.IN)
        case Group():
            return _yes_or_no(identity(node)[1:], yes=not node.negate)
        case _:
            assert_never(node)


def holds_for_never(node: EventFilter, against: CheckContext) -> bool:
    """Whether the condition holds for users who never did it."""
    made = claim(node, against)
    if made is None:
        return USER_OPERATORS[node.operator].holds_for_unknown
    if MEASURES[node.measure.measure].with_zero:
        return bool(made.admitted & _points([0], whole=False))
    return made.admitted.unknown


def identity(node: Child | ColumnFilter | Step) -> tuple[Any, ...]:
    """What makes two conditions the same, whatever the order of their lists; first what tells it from its
    complement."""
    match node:
        case ColumnFilter():
            return node.operator, node.field, _unordered(node.value), node.case_sensitive
        case EventFilter():
            compared = _unordered(node.compared_with), node.case_sensitive
            return node.operator, _events(node), node.measure, *compared
        case SequenceFilter():
            steps = tuple(map(identity, node.steps))
            return node.operator, steps, node.within_days, node.window
        case Step():
            return node.absent, _unordered(node.event_name), frozenset(map(identity, node.where))
        case SegmentFilter():
            return node.operator, node.segment
        case Group():
            # Of two equal children, each counts towards AT_LEAST.
            children = frozenset(Counter(map(identity, node.children)).items())
            return node.negate, node.logic_operator, node.at_least, children
        case _:
            assert_never(node)


def _events(node: EventFilter) -> Hashable:
    """Which events a condition is about, its window included."""
    where = frozenset(map(identity, node.where))
    return _unordered(node.event_name), where, node.window


def _unordered(value: Any) -> Hashable:
    made: Hashable = frozenset(value) if isinstance(value, tuple) else value
    return made


def _yes_or_no(subject: Hashable, *, yes: bool) -> Claim:
    return Claim(subject, _points([yes], whole=True), _points([False, True], whole=True))


def _of_column(node: ColumnFilter, column: Column, against: CheckContext) -> Claim | None:
    admitted = _admitted(node.operator, node.value, column, against)
    return None if admitted is None else Claim(node.field, admitted, held(column))


def _of_measure(node: EventFilter, against: CheckContext) -> Claim | None:
    column = counted(node.measure) or Column.of_measure(node.row, "count")
    if node.measure.property is not None and node.row.gives is Gives.VALUE:
        column = against.catalog.properties[node.measure.property]
    admitted = _admitted(node.operator, node.compared_with, column, against)
    if admitted is None:
        return None
    return Claim((_events(node), node.measure), admitted, _measurable(node, column, against))


def _admitted(operator: Operator, value: Any, column: Column, against: CheckContext) -> Values | None:
    row = USER_OPERATORS[operator]
    if row.negates is not None:
        positive = _admitted(row.negates, value, column, against)
        return None if positive is None else ~positive
    whole = _is_whole(column)
    if operator is Operator.IS_NULL:
        return Values((), unknown=True, whole=whole)
    cells = value if isinstance(value, tuple) else (value,)
    if operator in (Operator.IN_LAST_DAYS, Operator.IN_NEXT_DAYS):
        return _near(operator, value, column, against)
    if operator not in _SPANS or len(cells) > LISTED:
        return None
    ends = [_ends(cell, column, against) for cell in cells]
    return _joined(_SPANS[operator](ends), whole=whole)


# The interval that an operator admits, from the first and the last instant of each value it is given.
_SPANS: dict[Operator, Any] = {
    Operator.EQ: lambda ends: ends,
    Operator.IN: lambda ends: ends,
    Operator.GT: lambda ends: [(_beside(ends[0][1], 1), HIGHEST)],
    Operator.GTE: lambda ends: [(ends[0][0], HIGHEST)],
    Operator.LT: lambda ends: [(LOWEST, _beside(ends[0][0], -1))],
    Operator.LTE: lambda ends: [(LOWEST, ends[0][1])],
    Operator.BETWEEN: lambda ends: [(ends[0][0], ends[1][1])],
}


def _ends(cell: Any, column: Column, against: CheckContext) -> tuple[End, End]:
    """A value as an interval: a date is a whole local day to a time."""
    if column.kind.has_time:
        first, last = instants.first_moment(cell, against.zone), instants.moment(cell, against.zone)
        return _at(first), _at(last)
    end = _at(column.kind.literal(cell))
    return end, end


def _near(operator: Operator, days: int, column: Column, against: CheckContext) -> Values:
    """The days until `as_of`, or after it."""
    moment = against.as_of
    around: tuple[date, date] = instants.days_before(moment, days), instants.days_after(moment, days)
    middle: date = moment
    if not column.kind.has_time:
        middle = instants.local_day(moment, against.zone)
        around = instants.shifted(middle, -days), instants.shifted(middle, days)
    start, end = (around[0], middle) if operator is Operator.IN_LAST_DAYS else (middle, around[1])
    return _joined([(_beside(_at(start), 1), _at(end))], whole=True)


@lru_cache(1024)
def held(column: Column) -> Values:
    """The values that rows have for a column, as far as the catalog tells."""
    whole, unknown = _is_whole(column), column.missing > 0
    if column.complete:
        made = _points((str(cell) if column.kind.is_text else cell for cell, _ in column.values), whole)
        return Values(made.spans, unknown, whole)
    if not column.kind.is_ordered:
        return Values(((LOWEST, HIGHEST),), unknown, whole)
    if column.low is None or column.high is None:
        return Values((), unknown, whole)
    low = _at(column.low) if _is_finite(column.low) else LOWEST
    high = _at(column.high) if _is_finite(column.high) else HIGHEST
    return Values(((low, high),), unknown, whole)


def _measurable(node: EventFilter, column: Column, against: CheckContext) -> Values:
    """The values that a measure can have: who never did it has 0, or none."""
    row, catalog = node.row, against.catalog
    of = catalog.properties[node.measure.property] if node.measure.property else None
    if row.gives is Gives.VALUE and of is not None:
        return Values(held(of).spans, True, _is_whole(column))
    low, high = _at(0), HIGHEST
    match row.gives:
        case Gives.COUNT if row.is_plain_count:
            high = _at(_most_often(node, against))
        case Gives.COUNT if of is None:
            high = _at(_days(node, against))
        case Gives.COUNT if of is not None and of.complete:
            high = _at(len(of.values))
        case Gives.AGE if catalog.oldest_event is not None:
            high = _at((against.as_of - catalog.oldest_event).days + 1)
        case Gives.NUMBER if row.lies_between and of is not None:
            return Values(held(of).spans, True, _is_whole(column))
        case Gives.NUMBER if not row.is_added_up:
            low = LOWEST
        case Gives.NUMBER if of is not None and of.low is not None and of.high is not None:
            low = _at(0) if of.low >= 0 else LOWEST  # type: ignore[operator]
            high = _at(0) if of.high <= 0 else HIGHEST  # type: ignore[operator]
        case Gives.NUMBER:
            low = LOWEST
    return _joined([(low, high)], _is_whole(column), unknown=not row.with_zero)


def _most_often(node: EventFilter, against: CheckContext) -> int:
    names = event_names(node.event_name)
    if ANY_EVENT in names:
        return against.catalog.event_total
    return sum(against.catalog.events.get(name, 0) for name in names)


def _days(node: EventFilter, against: CheckContext) -> int:
    """The most local days that events of a window can be on."""
    span = node.window.span(Moment(against.as_of, against.zone))
    length = span.until - span.start(against.catalog.oldest_event)
    # The first and the last day may be cut, and clock changes make a short day fit in besides.
    days = max(length.days, 0) + 2
    if span.anchor is None:
        return days
    anchored = against.catalog.attributes[span.anchor.field].kind
    return min(days, span.anchor.days + (2 if anchored.has_time else 0))


def _is_whole(column: Column) -> bool:
    return column.whole or column.kind.is_dated or column.kind.is_boolean


def _is_finite(cell: Any) -> bool:
    return not isinstance(cell, float) or math.isfinite(cell)


def _points(cells: Iterable[Any], whole: bool) -> Values:
    return _joined([(_at(cell), _at(cell)) for cell in cells], whole)


def _joined(spans: Iterable[tuple[End, End]], whole: bool, *, unknown: bool = False) -> Values:
    """Intervals in any order, perhaps overlapping, as values."""
    apart: list[tuple[End, End]] = []
    for low, high in sorted(Values((), whole=whole)._held(spans)):
        if apart and low <= apart[-1][1]:
            apart[-1] = apart[-1][0], max(apart[-1][1], high)
        else:
            apart.append((low, high))
    return Values(tuple(apart), unknown, whole)


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
