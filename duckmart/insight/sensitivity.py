"""How the size reacts to a change: the numbers in a segment's conditions, and other values to try for each.

LOGIN at least 3 times in the last 30 days    how often: 0, 1, 2, [3], ...    days: 1, 2, ..., [30], ...
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Literal, assert_never

from duckmart import instants
from duckmart.catalog import Catalog, Cell, Column
from duckmart.compile.query import Plain
from duckmart.insight.round_numbers import round_width
from duckmart.spec import describe
from duckmart.spec.lengths import DAYS, Length, Unit
from duckmart.spec.measures import Gives
from duckmart.spec.operators import USER_OPERATORS, Operator, Takes
from duckmart.spec.paths import Path
from duckmart.spec.segment import (
    ANY_EVENT,
    Child,
    EventFilter,
    EventMeasure,
    Group,
    Segment,
    SegmentFilter,
    SequenceFilter,
    UserFilter,
    Windowed,
    event_names,
)
from duckmart.spec.tree import walk
from duckmart.spec.values import MAX_WHOLE, MAX_YEARLY_DAYS
from duckmart.spec.words import readable_name

# How many users, or percent of them, by their rank.
RANKS = tuple(size * 10**zeros for zeros in range(8) for size in (1, 2, 5))
PERCENTS: tuple[Plain, ...] = (1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 90, 100)
# How many times another measure.
FACTORS: tuple[Plain, ...] = (
    *map(Decimal, ("0.1", "0.25", "0.5", "0.75")),
    1,
    *map(Decimal, ("1.25", "1.5")),
    2,
    3,
    4,
    5,
    10,
)
# About as many steps as a line needs to show where it bends.
STEPS = 20
# Counts are varied up to 10 at least, and up to 2.5 times the spec's own: a line shows both sides of it.
_COUNTS, _AS_FAR = 10, Decimal("2.5")
# Numbers of months between dates to try, from every month to every century.
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200)

What = Literal["threshold", "length"]


@dataclass(frozen=True, slots=True)
class VariedParameter:
    """A number or date of a condition, and the values to try in its place.

    `path` leads to the condition, `part` within it to the value; `points` are the values to ask for, in
    order, the spec's own, `current`, among them. `words` say what it is: "number of LOGIN events".
    """

    path: Path
    part: Path
    what: What
    words: str
    current: Plain
    points: tuple[Plain, ...]

    def at(self, segment: Segment, point: Plain) -> Segment:
        """The segment with this value in place of its own."""
        variant: Segment = _with_value(segment, (*self.path, *self.part), point)
        return variant


def varied_parameters(segment: Segment, catalog: Catalog, as_of: datetime) -> list[VariedParameter]:
    """Every number that can be varied, in the order of the conditions; thresholds before windows."""
    parameters = _VariedParameters(segment, catalog, as_of)
    return [
        parameter
        for path, node in walk(segment)
        for parameter in parameters.of(path, node)
        if len(parameter.points) > 1
    ]


@dataclass(frozen=True, slots=True)
class _VariedParameters:
    segment: Segment
    catalog: Catalog
    as_of: datetime

    def of(self, path: Path, node: Child) -> Iterator[VariedParameter]:
        match node:
            case UserFilter():
                yield from self.of_attribute(path, node)
            case EventFilter():
                yield from self.of_events(path, node)
                yield from self.of_window(path, node)
            case SequenceFilter():
                unit = node.within.unit
                words = f"number of {unit.noun}s that the sequence may take"
                yield from self.lengths(path, (unit.within,), words, node.within)
                yield from self.of_window(path, node)
            case SegmentFilter() | Group():
                return
            case _:
                assert_never(node)

    def of_attribute(self, path: Path, node: UserFilter) -> Iterator[VariedParameter]:
        attribute, row = self.catalog.attributes[node.field], USER_OPERATORS[node.operator]
        name = readable_name(node.field)
        if node.other_field is not None:
            return
        if row.takes is Takes.DAYS:
            assert isinstance(node.value, int)  # noqa: S101 - checked
            ahead = "ahead" if row.ahead else "back"
            end = attribute.high if row.ahead else attribute.low
            words = f"number of days looked {ahead} on {name}"
            if row.yearly:
                # An anniversary is within a year, however old the dates are.
                end = instants.days_before(self.as_of, MAX_YEARLY_DAYS)
                words = f"number of days looked {ahead} for an anniversary of {name}"
            yield from self.lengths(path, ("value",), words, Length(node.value, DAYS), end)
        elif row.is_ranked:
            yield from self.of_rank(path, node, name)
        elif row.orders:
            yield from self.ends(path, ("value",), name, node.value, self.values(attribute))

    def of_rank(self, path: Path, node: UserFilter | EventFilter, of: str) -> Iterator[VariedParameter]:
        row = USER_OPERATORS[node.operator]
        by_percent = row.takes is Takes.PERCENT
        words = f"{'percentage' if by_percent else 'number'} of users {row.words.removeprefix('is ')} by {of}"
        sizes: tuple[Plain, ...] = tuple(size for size in RANKS if size <= self.catalog.users)
        yield from self.ends(path, ("value",), words, node.value, PERCENTS if by_percent else sizes)

    def of_events(self, path: Path, node: EventFilter) -> Iterator[VariedParameter]:
        if node.ranks:
            yield from self.of_rank(path, node, describe.measured(node))
        if not _makes_a_line(node):
            return
        if node.than is not None:
            words = f"times the {describe.measured(node.than)}"
            yield from self.ends(path, ("times",), words, node.times, FACTORS)
            return
        row, threshold = node.row, node.compared_with
        of = row.parameter.format(of=readable_name(node.measure.property or ""))
        words = f"{of} {_events(node, plural=not row.end)}"
        match row.gives:
            case Gives.COUNT:
                yield from self.ends(path, (row.key,), words, threshold, _counts(threshold))
            case Gives.AGE:
                yield from self.ends(path, (row.key,), words, threshold, self.ladder(DAYS))
            case Gives.NUMBER | Gives.VALUE:
                yield from self.of_property(path, node, words)
            case _:
                assert_never(row.gives)

    def of_property(self, path: Path, node: EventFilter, words: str) -> Iterator[VariedParameter]:
        of = self.catalog.properties[node.measure.property or ""]
        points: list[Plain] = []
        if of.kind.is_number:
            is_sum = node.row.is_added_up and not node.row.is_divided
            points = [*_round_steps(*_around(node.value, of, beyond=is_sum), is_whole=of.whole)]
        elif of.kind.is_dated:
            points = self.values(of)
        if points:
            yield from self.ends(path, ("value",), words, node.value, points)

    def of_window(self, path: Path, node: EventFilter | SequenceFilter) -> Iterator[VariedParameter]:
        if isinstance(node, SequenceFilter):
            yield from self.of_last_days(path, (), node, "in which the sequence may begin")
            return
        for step, side in node.sides:
            other = " in the other measure" if step else ""
            words = f"in which {_events(side, plural=True)} count{other}"
            yield from self.of_last_days(path, step, side, words)

    def of_last_days(self, path: Path, step: Path, node: Windowed, words: str) -> Iterator[VariedParameter]:
        parameter = node.window.parameter
        if parameter is not None:
            keys = (*step, *parameter.keys)
            yield from self.lengths(path, keys, f"{parameter.words} {words}", parameter.length)

    def lengths(
        self, path: Path, part: Path, words: str, length: Length, end: Cell | None = None
    ) -> Iterator[VariedParameter]:
        """The parameter for a length of time, up to the `end` of the data."""
        assert length.number is not None  # noqa: S101 - the spec is checked
        points = self._points(self.ladder(length.unit, end), length.number)
        yield VariedParameter(path, part, "length", words, length.number, points)

    def ladder(self, unit: Unit, end: Cell | None = None) -> list[int]:
        """Numbers of a unit, up to those between the `end`, or the first event, and the segment's moment."""
        if end is None:
            end = self.catalog.oldest_event or self.as_of
        span = abs(self.as_of - _moment(end)) // unit.length + 1
        return [number for number in unit.usual if number <= span]

    def values(self, of: Column) -> list[Plain]:
        """Round steps over the range of a column."""
        if of.low is None or of.high is None:
            return []
        if of.kind.is_number:
            return [*_round_steps(Decimal(str(of.low)), Decimal(str(of.high)), is_whole=of.whole)]
        return [*_month_starts(_moment(of.low).date(), _moment(of.high).date())]

    def ends(
        self, path: Path, part: Path, words: str, current: Any, points: Iterable[Plain]
    ) -> Iterator[VariedParameter]:
        """The parameter for a value; for a pair one for each end, whose points do not pass the other."""
        if not isinstance(current, tuple):
            yield VariedParameter(path, part, "threshold", words, current, self._points(points, current))
            return
        low, high = current
        all_points = [*points]
        below = [point for point in all_points if self._place(point) <= self._place(high)]
        above = [point for point in all_points if self._place(point) >= self._place(low)]
        lowest, highest = f"lowest {words}", f"highest {words}"
        yield VariedParameter(path, (*part, 0), "threshold", lowest, low, self._points(below, low))
        yield VariedParameter(path, (*part, 1), "threshold", highest, high, self._points(above, high))

    def _points(self, points: Iterable[Plain], current: Plain) -> tuple[Plain, ...]:
        """The points in order, with the spec's own value in place of an equal point."""
        by_place = {self._place(point): point for point in points} | {self._place(current): current}
        return tuple(by_place[place] for place in sorted(by_place))

    def _place(self, point: Plain) -> Any:
        # A date may be written as a day or with a time, and "2026-01-05" is its first moment.
        return instants.first_moment(point, self.segment.zone) if isinstance(point, str) else point


def _events(node: EventMeasure, *, plural: bool) -> str:
    noun = "events" if plural else "event"
    return noun if node.event_name == ANY_EVENT else f"{' or '.join(event_names(node.event_name))} {noun}"


def _makes_a_line(node: EventFilter) -> bool:
    """Whether the condition sets a bound or an exact count, so that a line shows its size by number."""
    counts = node.row.gives is Gives.COUNT and node.than is None
    return node.operators[node.operator].orders or (counts and node.operator is Operator.EQ)


def _counts(current: Any) -> list[Plain]:
    top = max(
        Decimal(_COUNTS), _AS_FAR * max(map(Decimal, current if isinstance(current, tuple) else (current,)))
    )
    return [0, 1, *_round_steps(Decimal(0), top, is_whole=True)]


def _around(current: Any, of: Column, *, beyond: bool) -> tuple[Decimal, Decimal]:
    """The numbers around those that the spec asks for; within the column's own unless `beyond` them."""
    ends = [Decimal(end) for end in (current if isinstance(current, tuple) else (current,))]
    farthest = _AS_FAR * max(abs(end) for end in ends)
    low, high = (Decimal(str(end or 0)) for end in (of.low, of.high))
    top = farthest or max(abs(low), abs(high), Decimal(_COUNTS))
    bottom = -top if min(low, *ends) < 0 else Decimal(0)
    if beyond or max(bottom, low) >= min(top, high):
        return bottom, top
    return max(bottom, low), min(top, high)


def _round_steps(low: Decimal, high: Decimal, *, is_whole: bool) -> Iterator[int | Decimal]:
    """Round numbers from just below `low` to just above `high`, at most about `STEPS`."""
    # A spec cannot hold numbers beyond 64 bits, and arithmetic on them would not be exact.
    low, high = (min(max(end, Decimal(-MAX_WHOLE)), Decimal(MAX_WHOLE)) for end in (low, high))
    width = round_width(high - low, STEPS, is_whole=is_whole)
    first, last = int(low // width) - (low % width < 0), int(high // width) + (high % width > 0)
    for step in range(first, last + 1):
        number = step * width
        if abs(number) <= MAX_WHOLE:
            yield int(number) if number == number.to_integral_value() else number


def _month_starts(low: date, high: date) -> Iterator[str]:
    """First days of months as the spec writes them, from just before `low` to just after `high`."""
    first, last = 12 * low.year + low.month - 1, 12 * high.year + high.month
    every = next((months for months in _MONTHS if (last - first) / months <= STEPS), _MONTHS[-1])
    for month in range(first - first % every, last + every, every):
        if 12 <= month < 12 * 10_000:
            yield date(month // 12, month % 12 + 1, 1).isoformat()


def _moment(cell: Cell) -> datetime:
    assert isinstance(cell, date)  # noqa: S101 - the catalog gives dates and times their range
    return cell if isinstance(cell, datetime) else datetime.combine(cell, time())


def _with_value(node: Any, path: Path, cell: Any) -> Any:
    """A part of a spec with another value at `path`."""
    if not path:
        return cell
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return (*node[:step], _with_value(node[step], rest, cell), *node[step + 1 :])
    return node.model_copy(update={step: _with_value(getattr(node, step), rest, cell)})
