"""The events and times that a segment asks about: members differ there by definition, so it is no finding."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import assert_never

from duckmart import instants
from duckmart.catalog import Catalog
from duckmart.instants import MICROSECOND, day_start, days_after, days_before
from duckmart.spec.measures import Gives
from duckmart.spec.operators import Operator
from duckmart.spec.segment import (
    ANY_EVENT,
    EventFilter,
    EventMeasure,
    Group,
    Segment,
    SegmentFilter,
    SequenceFilter,
    UserFilter,
    event_names,
)
from duckmart.spec.spans import Anchor, Moment
from duckmart.spec.windows import Window


@dataclass(frozen=True, slots=True)
class EventWindow:
    """Events of some names, later than `after` (None: from the first on) and up to `until`, naive UTC.

    `more` if the segment asks for more of them, rather than for few, none, or an exact number.
    """

    names: tuple[str, ...]
    after: datetime | None
    until: datetime
    more: bool

    def overlaps(self, after: datetime, until: datetime) -> bool:
        """Whether any moment later than `after`, and up to `until`, is in the window."""
        latest = after if self.after is None else max(after, self.after)
        return latest < min(until, self.until)

    def is_of(self, event_name: str) -> bool:
        return ANY_EVENT in self.names or event_name in self.names


def event_windows(segment: Segment, catalog: Catalog, as_of: datetime) -> tuple[EventWindow, ...]:
    """The windows of all conditions, at any depth and in the saved segments that the segment refers to."""
    return tuple(dict.fromkeys(_Reader(segment, catalog, as_of).group(segment, segment, negated=False)))


class _Reader:
    def __init__(self, segment: Segment, catalog: Catalog, as_of: datetime) -> None:
        self.saved, self.catalog, self.as_of = segment.saved, catalog, as_of
        self._read: set[tuple[str, bool]] = set()

    def group(self, group: Group, root: Segment, *, negated: bool) -> Iterator[EventWindow]:
        """The windows of a group; `root` is the segment whose time zone its days are in."""
        negated ^= group.negate
        for node in group.children:
            match node:
                case UserFilter():
                    continue
                case EventFilter():
                    yield from self._of_events(node, root, negated=negated)
                case SequenceFilter():
                    yield from self._of_sequence(node, root, negated=negated)
                case SegmentFilter():
                    yield from self._of_saved(node, negated=negated)
                case Group():
                    yield from self.group(node, root, negated=negated)
                case _:
                    assert_never(node)

    def _of_saved(self, node: SegmentFilter, *, negated: bool) -> Iterator[EventWindow]:
        reading = node.segment, negated ^ (node.operator is Operator.NOT_IN)
        # Many conditions may refer to one saved segment.
        if reading in self._read or node.segment not in self.saved:
            return
        self._read.add(reading)
        saved = self.saved[node.segment]
        yield from self.group(saved, saved, negated=reading[1])

    def _of_events(self, node: EventFilter, root: Segment, *, negated: bool) -> Iterator[EventWindow]:
        for _, side in node.sides:
            bounds = self._bounds(side.window, root)
            if bounds is not None:
                more = _is_more(node, side) and not negated
                window = EventWindow(event_names(side.event_name), *bounds, more)
                yield _since(window, node, self.as_of)

    def _of_sequence(self, node: SequenceFilter, root: Segment, *, negated: bool) -> Iterator[EventWindow]:
        bounds = self._bounds(node.window, root)
        if bounds is None:
            return
        after, until = bounds
        # Only the first step is in the window; the others follow it within its length.
        later = min(instants.after(until, node.within.span), self.as_of)
        more = node.operator == "did" and not negated
        for place, step in enumerate(node.steps):
            yield EventWindow(
                event_names(step.event_name), after, until if place == 0 else later, more and not step.absent
            )

    def _bounds(self, window: Window, root: Segment) -> tuple[datetime | None, datetime] | None:
        """The times between which a condition's events count, the second included; None for never."""
        span = window.span(Moment(self.as_of, root.zone))
        if span.anchor is not None:
            return self._anchored(span.anchor)
        return span.after if span.since is None else _before(span.since), span.until

    def _anchored(self, anchor: Anchor) -> tuple[datetime, datetime] | None:
        """From the first start to the last end of all users' own windows; None if no user has the date."""
        attribute = self.catalog.attributes.get(anchor.field)
        if attribute is None:
            return None
        match attribute.low, attribute.high:
            case datetime() as low, datetime() as high:
                first, last = low, high
            case date() as low, date() as high:
                first, last = day_start(low, anchor.zone), day_start(high, anchor.zone)
            case _:
                return None
        return _before(first), min(days_after(last, anchor.days), self.as_of)


def _before(moment: datetime) -> datetime:
    return moment if moment == datetime.min else moment - MICROSECOND


_AT_LEAST = (Operator.GT, Operator.GTE, Operator.TOP, Operator.TOP_PERCENT)
_AT_MOST = (Operator.LT, Operator.LTE, Operator.BOTTOM, Operator.BOTTOM_PERCENT)


def _is_more(node: EventFilter, side: EventMeasure) -> bool:
    """Whether the condition asks for more of a side's events, rather than for few or none."""
    is_last = side.row.gives is Gives.AGE and side.row.end == "last"
    if is_last != (side is node.than):
        return node.operator in _AT_MOST
    return node.operator in _AT_LEAST or (node.operator is Operator.NE and node.compared_with == 0)


def _since(window: EventWindow, node: EventFilter, as_of: datetime) -> EventWindow:
    """The window narrowed by a condition on days since an event; other conditions leave it as it is."""
    if isinstance(node.value, tuple | str | None):
        return window
    # Fractions of days round towards the longer window: a finding left out is better than a false one.
    end = node.row.end if node.row.gives is Gives.AGE else ""
    match end, node.operator:
        case "last", Operator.LT | Operator.LTE:
            return replace(window, after=days_before(as_of, -int(-node.value // 1)))
        case "first", Operator.GT | Operator.GTE:
            return replace(window, until=days_before(as_of, int(node.value)))
        case _:
            return window
