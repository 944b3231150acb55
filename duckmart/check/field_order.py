"""What two columns beside each other claim: in which ways one may stand to the other."""

import math
from collections.abc import Hashable, Iterator

from duckmart.catalog import Cell, Column
from duckmart.check.intervals import Values, end_at, points, union
from duckmart.spec.operators import USER_OPERATORS, Operator

# How a column may stand to another one: below it, equal to it, above it.
_BELOW, _EQUAL, _ABOVE = -1, 0, 1
_STANDS = {
    Operator.EQ: (_EQUAL,),
    Operator.GT: (_ABOVE,),
    Operator.GTE: (_EQUAL, _ABOVE),
    Operator.LT: (_BELOW,),
    Operator.LTE: (_BELOW, _EQUAL),
}


def claim(operator: Operator, column: Column, other: Column) -> tuple[Hashable, Values, Values]:
    """The subject, values and domain of a claim: how the first column by name stands to the other."""
    first, second = sorted((column, other), key=lambda one: one.name)
    turn = 1 if first is column else -1
    negated = USER_OPERATORS[operator].negates
    values = points((turn * way for way in _STANDS[negated or operator]), discrete=True)
    unknown = first.missing > 0 or second.missing > 0
    domain = union(((end_at(way), end_at(way)) for way in _ways(first, second)), True, unknown=unknown)
    return ("order", first.name, second.name), ~values if negated else values, domain


def _ways(first: Column, second: Column) -> Iterator[int]:
    """How one column can stand to another one, by the smallest and largest values that they have."""
    ends = (first.low, first.high, second.low, second.high)
    if not first.kind.is_ordered or not all(map(_is_known, ends)):
        yield from (_BELOW, _EQUAL, _ABOVE)
        return
    low, high, other_low, other_high = map(end_at, ends)
    if low < other_high:
        yield _BELOW
    if low <= other_high and other_low <= high:
        yield _EQUAL
    if high > other_low:
        yield _ABOVE


def _is_known(end: Cell | None) -> bool:
    return end is not None and (not isinstance(end, float) or math.isfinite(end))
