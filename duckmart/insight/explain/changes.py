"""The change that would make a failed condition hold for a user, if changing one value is enough."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from duckmart import instants
from duckmart.catalog import Catalog, Cell, Value
from duckmart.insight.explain import nearest, words
from duckmart.insight.explain.choice import UserEvent, shortest
from duckmart.insight.explain.reasons import Change
from duckmart.spec.lengths import Length
from duckmart.spec.measures import Gives
from duckmart.spec.operators import USER_OPERATORS, Takes
from duckmart.spec.paths import Path, dotted
from duckmart.spec.segment import Child, EventFilter, EventMeasure, Group, SequenceFilter, UserFilter
from duckmart.spec.values import MAX_DAYS, MAX_WHOLE, is_factor


@dataclass(frozen=True, slots=True)
class About:
    """What conditions are read against: the data, the zone of their days, and the moment (naive UTC)."""

    catalog: Catalog
    zone: ZoneInfo
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Figures:
    """The columns that the query has for one condition, of one user; `count` is the size of an average.

    `than` and `than_count` are those of the other measure, or field, where there is one; `place` is the rank
    of the user among `ranked` users, where that decides.
    """

    value: Any
    count: Any
    more: datetime | None
    fewer: datetime | None
    events: tuple[UserEvent, ...]
    steps: tuple[tuple[UserEvent, ...], ...]
    than: Any = None
    than_count: Any = None
    place: int | None = None
    ranked: int | None = None


def change(path: Path, node: Child, figures: Figures, value: Value, about: About) -> Change | None:
    """The change for one failed condition; `value` is that of its `Reason`."""
    match node:
        case UserFilter() | EventFilter() if node.ranks:
            return _of_rank(path, node, figures)
        case UserFilter() if isinstance(value, list):
            return _of_list(path, node, value, about)
        case UserFilter() if figures.value is not None and node.other_field is None:
            kind = about.catalog.attributes[node.field].kind
            own = nearest.of_column(figures.value, kind, about.zone)
            return _around(path, node, figures.value, about) or _threshold(path, node, own)
        case EventFilter() if node.than is not None:
            return _of_times(path, node, node.than, figures, about)
        case EventFilter() if node.row.is_plain_count:
            return _of_count(path, node, figures, about)
        case EventFilter():
            return _of_measure(path, node, figures, about)
        case SequenceFilter() if node.absent is None:
            return _of_sequence(path, node, figures)
        case Group():
            return _of_group(path, node, value)
        case _:
            return None


def _of_list(path: Path, node: UserFilter, elements: list[Cell], about: About) -> Change | None:
    """The first of the user's elements as one more that the list may contain."""
    element = about.catalog.attributes[node.field].elements.kind
    own = [nearest.of_column(cell, element, about.zone) for cell in elements[:1]]
    return _threshold(path, node, own[0]) if own else None


def _around(path: Path, node: UserFilter | EventFilter, value: Any, about: About) -> Change | None:
    """The change for operators that count days before or after `as_of`."""
    row = USER_OPERATORS[node.operator]
    if not isinstance(value, date) or row.takes is not Takes.DAYS:
        return None
    today = instants.local_day(about.as_of, about.zone)
    if row.yearly:
        day = instants.local_day(value, about.zone) if isinstance(value, datetime) else value
        days = nearest.days_to_anniversary(day, today, ahead=row.ahead)
    else:
        now = about.as_of if isinstance(value, datetime) else today
        days = nearest.days_around(node.operator, now - value)
    return Change((*path, "value"), days, words.days(days)) if days is not None else None


def _of_count(path: Path, node: EventFilter, figures: Figures, about: About) -> Change | None:
    value = figures.value or 0
    by_number = _threshold(path, node, nearest.of_sum(value), (0, MAX_WHOLE))
    by_window = _of_window(path, node, figures, about)
    counts = nearest.count_bounds(node)
    # If the user never did it, or must not have done it, another window is the better advice.
    at_all = value == 0 or (counts is not None and counts[1] == 0)
    return (by_window or by_number) if at_all else (by_number or by_window)


def _of_window(path: Path, node: EventFilter, figures: Figures, about: About) -> Change | None:
    number = nearest.window(node, about.as_of, figures.more, figures.fewer)
    counts = nearest.count_bounds(node)
    parameter = node.window.parameter
    if number is None or counts is None or parameter is None:
        return None
    fewest, most = counts
    length = Length(number, parameter.length.unit)
    wider = length.span > parameter.length.span
    which, time = (fewest, figures.more) if wider else ((most or 0) + 1, figures.fewer)
    sentence = words.window(dotted(parameter.keys), length, which, time, about.as_of)
    return Change((*path, *parameter.keys), number, sentence)


def _of_measure(path: Path, node: EventFilter, figures: Figures, about: About) -> Change | None:
    row, value = node.row, figures.value
    if value is None and not row.with_zero:
        return None
    match row.gives:
        case Gives.AGE:
            return _threshold(path, node, nearest.of_days(about.as_of - value), (0, MAX_DAYS))
        case Gives.NUMBER if row.is_divided:
            return _threshold(path, node, nearest.of_average(value, figures.count))
        case Gives.NUMBER | Gives.COUNT:
            return _threshold(path, node, nearest.of_sum(value or 0))
    kind = about.catalog.properties[node.measure.property or ""].kind
    own = nearest.of_column(value, kind, about.zone)
    return _around(path, node, value, about) or _threshold(path, node, own)


def _of_times(
    path: Path, node: EventFilter, than: EventMeasure, figures: Figures, about: About
) -> Change | None:
    """How many times the other measure would hold; None where no such factor can be written."""
    own = exact(node, figures.value, figures.count, about.as_of)
    other = exact(than, figures.than, figures.than_count, about.as_of)
    if own is None or other is None or other <= 0:
        return None
    as_float = isinstance(figures.value, float) or isinstance(figures.than, float)
    edit = nearest.threshold(node.operator, node.times, nearest.of_times(own / other, as_float=as_float))
    if edit is None or not is_factor(edit[1]):
        return None
    return Change((*path, "times"), edit[1], words.factor(edit[1]))


def _of_rank(path: Path, node: UserFilter | EventFilter, figures: Figures) -> Change | None:
    """As many users, or as many percent of them, as take in the user's place."""
    if figures.place is None:
        return None
    size: int | Decimal = figures.place
    if figures.ranked is not None:
        size = nearest.percent(figures.place, figures.ranked)
    return Change((*path, "value"), size, words.rank(node, size))


def exact(node: EventMeasure, value: Any, count: Any, as_of: datetime) -> Fraction | None:
    """A measure as an exact number; None where it has no value."""
    if value is None:
        return Fraction(0) if node.row.with_zero else None
    if node.row.gives is Gives.AGE:
        return Fraction((as_of - value) // instants.MICROSECOND, instants.DAY // instants.MICROSECOND)
    return Fraction(value) / (count if node.row.is_divided else 1)


def _threshold(
    path: Path, node: UserFilter | EventFilter, own: nearest.Own, bounds: tuple[int, int] | None = None
) -> Change | None:
    """The change for operators that compare with a value; it stays within `bounds`, if there are any."""
    current = node.compared_with if isinstance(node, EventFilter) else node.value
    key = node.row.key if isinstance(node, EventFilter) else "value"
    edit = nearest.threshold(node.operator, current, own)
    if edit is None:
        return None
    where, plain = edit
    if bounds is not None and not (isinstance(plain, int | Decimal) and bounds[0] <= plain <= bounds[1]):
        return None
    return Change((*path, key, *where), plain, words.threshold(node, where, plain))


def _of_sequence(path: Path, node: SequenceFilter, figures: Figures) -> Change | None:
    """The time that the fastest way through the steps takes; a unit less if users must not have done it."""
    fastest = shortest(node, figures.steps)
    if fastest is None:
        return None
    unit = node.within.unit
    number = -(-fastest // unit.length) - (node.operator == "did_not")
    if not 1 <= number <= unit.most:
        return None
    return Change((*path, unit.within), number, f"holds with {unit.within} {number}")


def _of_group(path: Path, node: Group, count: Value) -> Change | None:
    """The number of children that hold as `at_least`; one more if the group is negated."""
    assert isinstance(count, int)  # noqa: S101 - a group's value
    at_least = count + node.negate
    if node.logic_operator != "AT_LEAST" or not 1 <= at_least <= len(node.children):
        return None
    return Change((*path, "at_least"), at_least, f"holds with at_least {at_least}")
