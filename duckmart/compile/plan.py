"""What a segment asks of the data, complete before any SQL is built: which events, which aggregates of them,
which sequences and saved segments, under which names.

    segment -> Plan -> SQL tree -> text

The boolean tree is the segment's own; a plan adds what each of its conditions reads. Equal segments asked of
the same data at the same moment have equal plans.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import assert_never
from zoneinfo import ZoneInfo

from duckmart.compile.names import stem
from duckmart.spec import describe
from duckmart.spec.operators import USER_OPERATORS, Takes
from duckmart.spec.segment import (
    ANY_EVENT,
    EventFilter,
    EventMeasure,
    PropertyFilter,
    Segment,
    SequenceFilter,
    Step,
    UserFilter,
    event_names,
)
from duckmart.spec.spans import Moment, Span
from duckmart.spec.values import MeasureRef
from duckmart.spec.words import readable_name

USERS = "user_attributes"
EVENTS = "user_events"
KEY = "user_id"
USER = "u"
EVENT = "e"
"""The alias of events where users are joined to them."""
CONDITIONS = "conditions"
EVENT_ROWS = "found"
"""The alias of events with what window functions say of all events of their user."""
MOMENTS = "moments"
"""The alias of the rows per user and moment that a sequence ends in."""

TABLE_NAMES = frozenset({USERS, EVENTS, USER, EVENT, CONDITIONS, EVENT_ROWS, MOMENTS})
"""Tables and aliases of the generated SQL: no CTE may take these names."""

UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class EventSet:
    """Events of some names in a span with some properties; conditions on equal ones share a CTE."""

    names: tuple[str, ...]
    span: Span
    where: tuple[PropertyFilter, ...] = ()
    zone: ZoneInfo | None = None
    """The zone of the days that properties are compared with; None where none are."""

    @classmethod
    def of(cls, node: EventMeasure, moment: Moment) -> "EventSet":
        span = node.window.span(moment)
        return cls(event_names(node.event_name), span, node.where, moment.zone if node.where else None)

    @property
    def caption(self) -> str:
        properties = "".join(f", where {describe.line(row)}" for row in self.where)
        names = "any event" if ANY_EVENT in self.names else " or ".join(self.names)
        return f"{names}{properties}, {self.span}"

    @property
    def stem(self) -> str:
        return "any_event" if ANY_EVENT in self.names else stem("_or_".join(self.names[:2]))


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One number or value per user about events: a column of their CTE.

    Of a property it is the SUM, the MIN, ... of it, or how many events have it (`known`).
    """

    what: str
    of: str | None = None
    zone: ZoneInfo | None = None

    @property
    def stem(self) -> str:
        return f"{self.what}_{stem(self.of)}" if self.of else self.what


ACTIVE_DAYS = "active_days"
"""The aggregate that depends on the zone of its days."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """Steps with the span of the first; did and did_not of equal ones share their CTEs."""

    steps: tuple[Step, ...]
    within: timedelta
    span: Span
    zone: ZoneInfo | None
    """The zone of the days that properties are compared with; None where none are."""

    @classmethod
    def of(cls, node: SequenceFilter, moment: Moment) -> "Sequence":
        span = node.window.span(moment)
        compares_properties = any(step.where for step in node.steps)
        return cls(node.steps, node.within.span, span, moment.zone if compares_properties else None)

    @property
    def stem(self) -> str:
        first, last = self.steps[0], self.steps[-1]
        return (
            f"{stem(event_names(first.event_name)[0])[:14]}_then_{stem(event_names(last.event_name)[0])[:14]}"
        )

    @property
    def present(self) -> int:
        """How many steps happen; an absent one comes after them."""
        return len(self.steps) - self.steps[-1].absent

    @property
    def is_absent(self) -> bool:
        return self.steps[-1].absent


@dataclass(frozen=True, slots=True)
class EventCte:
    """A row per user who has such an event, and its columns by the aggregates in them."""

    name: str
    events: EventSet
    columns: tuple[tuple[Aggregate, str], ...]

    def column(self, aggregate: Aggregate) -> str:
        return dict(self.columns)[aggregate]

    def __str__(self) -> str:
        return f"{self.name}: {', '.join(name for _, name in self.columns)} of {self.events.caption}"


@dataclass(frozen=True, slots=True)
class EventSummary:
    """A stored table of a row per user, in the order of users: how often and when they did an event, ever.

    `span` is the window of the conditions that read it: all history, or one until the newest event.
    """

    name: str
    table: str
    event_name: str
    span: Span

    def __str__(self) -> str:
        return f"{self.name}: the stored summary of {self.event_name}, {self.span}"


@dataclass(frozen=True, slots=True)
class SequenceCte:
    """A row per user who did a sequence; `parts` are CTEs that lead to it, a row per user and moment."""

    name: str
    sequence: Sequence
    moment: Moment
    node: SequenceFilter
    parts: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}: users who did {describe.line(self.node)}, {self.sequence.span}"


@dataclass(frozen=True, slots=True)
class Ranking:
    """The order of all users by an attribute, or by a measure of their events.

    `zone` is that of the days which a measure may count. A rank by percent also needs how many are ranked.
    """

    of: str | tuple[EventSet, MeasureRef]
    zone: ZoneInfo
    from_top: bool
    by_percent: bool

    @classmethod
    def of_condition(cls, node: UserFilter | EventFilter, moment: Moment) -> "Ranking":
        row = USER_OPERATORS[node.operator]
        of = node.field if isinstance(node, UserFilter) else (EventSet.of(node, moment), node.measure)
        return cls(of, moment.zone, row.from_top, row.takes is Takes.PERCENT)

    @property
    def stem(self) -> str:
        of = self.of if isinstance(self.of, str) else f"{self.of[0].stem[:14]}_{self.of[1].measure}"
        return f"{'top' if self.from_top else 'bottom'}_{stem(of)}"


@dataclass(frozen=True, slots=True)
class RankCte:
    """A row per user who has a rank; `node` is a condition that asks for it."""

    name: str
    ranking: Ranking
    moment: Moment
    node: UserFilter | EventFilter

    @property
    def caption(self) -> str:
        node = self.node
        of = readable_name(node.field) if isinstance(node, UserFilter) else describe.measured(node)
        return f"all users by {of}, the {'largest' if self.ranking.from_top else 'smallest'} first"

    def __str__(self) -> str:
        return f"{self.name}: {self.caption}"


@dataclass(frozen=True, slots=True)
class SegmentCte:
    """The members of a saved segment."""

    name: str
    segment_id: str
    root: "Root"

    def __str__(self) -> str:
        return f"{self.name}: the members of {self.segment_id} ({', '.join(self.root.joins) or USERS})"


Cte = EventCte | EventSummary | SequenceCte | RankCte | SegmentCte


@dataclass(frozen=True, slots=True)
class Root:
    """A segment, the moment it is asked at, and the CTEs that its conditions read, in their order."""

    segment: Segment
    moment: Moment
    joins: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Segments that are asked together, and their CTEs: each reads only earlier ones."""

    roots: tuple[Root, ...]
    ctes: tuple[Cte, ...]

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that are taken."""
        parts = (part for cte in self.ctes if isinstance(cte, SequenceCte) for part in cte.parts)
        return TABLE_NAMES.union((cte.name for cte in self.ctes), parts)

    @cached_property
    def _by_key(self) -> Mapping[object, Cte]:
        return {_key(cte): cte for cte in self.ctes}

    def events(self, node: EventMeasure, moment: Moment) -> EventCte:
        cte = self._by_key[EventSet.of(node, moment)]
        assert isinstance(cte, EventCte)  # noqa: S101 - the key is an EventSet
        return cte

    def summary(self, node: EventMeasure, moment: Moment) -> EventSummary:
        summary = self._by_key[summary_key(node, moment)]
        assert isinstance(summary, EventSummary)  # noqa: S101 - the key is a summary's
        return summary

    def sequence(self, node: SequenceFilter, moment: Moment) -> str:
        return self._by_key[Sequence.of(node, moment)].name

    def rank(self, node: UserFilter | EventFilter, moment: Moment) -> RankCte:
        rank = self._by_key[Ranking.of_condition(node, moment)]
        assert isinstance(rank, RankCte)  # noqa: S101 - the key is a Ranking
        return rank

    @cached_property
    def ranked(self) -> frozenset[str]:
        """The CTEs of events that users are ranked by: they have rows of everyone."""
        ranks = (cte for cte in self.ctes if isinstance(cte, RankCte))
        of_events = ((cte.node, cte.moment) for cte in ranks if isinstance(cte.node, EventFilter))
        return frozenset(self.events(node, moment).name for node, moment in of_events)

    def segment(self, segment_id: str) -> str:
        return self._by_key[segment_id].name

    def __str__(self) -> str:
        lines = [str(cte) for cte in self.ctes]
        for root in self.roots:
            lines.append(" left join ".join((USERS, *root.joins)))
            lines.append(f"as of {root.moment.as_of} UTC, days in {root.moment.zone}")
            lines.append(describe.sentence(root.segment))
        return "\n".join(lines)


def summary_key(node: EventMeasure, moment: Moment) -> tuple[str, Span]:
    [name] = event_names(node.event_name)
    return name, node.window.span(moment)


def _key(cte: Cte) -> object:
    match cte:
        case EventCte():
            return cte.events
        case EventSummary():
            return cte.event_name, cte.span
        case SequenceCte():
            return cte.sequence
        case RankCte():
            return cte.ranking
        case SegmentCte():
            return cte.segment_id
        case _:
            assert_never(cte)
