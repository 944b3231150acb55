"""Sets of values as intervals, with their unions, intersections and complements.

age > 40     (40, highest]             beside age < 30, [lowest, 30): no value is in both
age >= 0     [0, highest]              holds for everyone where the data go from 18 to 99
is unknown   no interval, the unknown
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from duckmart import instants

# An end of an interval: below all values, above them, or (0, value, side): the value itself for side 0, and
# just below or above it for -1 and 1. Ends compare as tuples do.
End = tuple[Any, ...]
LOWEST: End = (-1,)
HIGHEST: End = (1,)


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
        return Values(tuple(self.nonempty(overlaps)), self.unknown and other.unknown, self.discrete)

    def __invert__(self) -> Values:
        """Everything else: the complement of a condition."""
        ends = [LOWEST, *(end for low, high in self.spans for end in (beside(low, -1), beside(high, 1)))]
        ends.append(HIGHEST)
        apart = zip(ends[::2], ends[1::2], strict=True)
        return Values(tuple(self.nonempty(apart)), not self.unknown, self.discrete)

    def __bool__(self) -> bool:
        return self.unknown or bool(self.spans)

    def nonempty(self, spans: Iterable[tuple[End, End]]) -> Iterable[tuple[End, End]]:
        """The intervals that hold a value; of whole values, `(17, 18)` holds none."""
        tight = ((_tight(low, 1), _tight(high, -1)) for low, high in spans) if self.discrete else spans
        return (span for span in tight if span[0] <= span[1])


def points(cells: Iterable[Any], discrete: bool) -> Values:
    """These values and no others."""
    return union([(end_at(cell), end_at(cell)) for cell in cells], discrete)


def union(spans: Iterable[tuple[End, End]], discrete: bool, *, unknown: bool = False) -> Values:
    """Intervals in any order, perhaps overlapping, as values."""
    apart: list[tuple[End, End]] = []
    for low, high in sorted(Values((), discrete=discrete).nonempty(spans)):
        if apart and low <= apart[-1][1]:
            apart[-1] = apart[-1][0], max(apart[-1][1], high)
        else:
            apart.append((low, high))
    return Values(tuple(apart), unknown, discrete)


def end_at(cell: Any) -> End:
    """The end at a value; dates and times as whole numbers, so that each has a next one."""
    if isinstance(cell, datetime):
        return 0, (cell - datetime.min) // instants.MICROSECOND, 0
    return 0, cell.toordinal() if isinstance(cell, date) else cell, 0


def beside(end: End, side: int) -> End:
    """Just below an end (-1) or just above it (1)."""
    return (2 * end[0],) if end[0] else (0, end[1], end[2] + side)


def _tight(end: End, inwards: int) -> End:
    """An end of an interval of whole values, moved to the next whole value that is within."""
    if end[0]:
        return end
    _, cell, side = end
    nearest = math.ceil(cell) if inwards == 1 else math.floor(cell)
    return 0, nearest + inwards if nearest == cell and side == inwards else nearest, 0
