"""Makes the plan of segments: finds what their conditions read, and names each CTE and column once."""

from collections.abc import Iterator
from collections.abc import Sequence as Several
from datetime import datetime
from typing import assert_never

from duckmart.catalog import Catalog
from duckmart.compile import summaries, wide_sums
from duckmart.compile.names import fresh, stem
from duckmart.compile.plan import (
    ACTIVE_DAYS,
    KEY,
    TABLE_NAMES,
    Aggregate,
    Cte,
    EventCte,
    EventSet,
    EventSummary,
    Plan,
    RankCte,
    Ranking,
    Root,
    SegmentCte,
    Sequence,
    SequenceCte,
    summary_key,
)
from duckmart.spec.segment import (
    Child,
    EventFilter,
    EventMeasure,
    Group,
    Segment,
    SegmentFilter,
    SequenceFilter,
    UserFilter,
)
from duckmart.spec.spans import Moment
from duckmart.spec.tree import walk


def plan(segments: Several[Segment], catalog: Catalog, as_of: datetime) -> Plan:
    """What these segments ask for; `as_of` is naive UTC.

    They must hold the same saved segments, and have passed the check against this catalog.
    """
    planner = _Planner(segments[0], catalog, as_of)
    roots = tuple(planner.root(segment) for segment in segments)
    return Plan(roots, tuple(planner.ctes()))


class _Planner:
    """Names every CTE once, in the order in which conditions first need it."""

    def __init__(self, segment: Segment, catalog: Catalog, as_of: datetime) -> None:
        self._saved, self._catalog, self._as_of = segment.saved, catalog, as_of
        self._names_in_use = set(TABLE_NAMES)
        self._ctes: dict[object, Cte] = {}
        self._columns: dict[EventSet, dict[Aggregate, str]] = {}

    def root(self, segment: Segment) -> Root:
        moment = Moment(self._as_of, segment.zone)
        joins = (name for _, node in walk(segment) for name in self._read_by(node, moment))
        return Root(segment, moment, tuple(dict.fromkeys(joins)))

    def ctes(self) -> Iterator[Cte]:
        for cte in self._ctes.values():
            if isinstance(cte, EventCte):
                yield EventCte(cte.name, cte.events, tuple(self._columns[cte.events].items()))
            else:
                yield cte

    def _read_by(self, node: Child, moment: Moment) -> Iterator[str]:
        """The names of what a condition reads beside the users; none where it reads them alone."""
        match node:
            case UserFilter() if node.ranks:
                yield self._rank(node, moment)
            case EventFilter() if node.ranks:
                self._events(node, moment)  # it comes before the ranks, and only they read it
                yield self._rank(node, moment)
            case EventFilter():
                for _, side in node.sides:
                    is_summed = summaries.answers(side, moment, self._catalog)
                    yield self._summary(side, moment) if is_summed else self._events(side, moment)
            case SequenceFilter():
                yield self._sequence(node, moment)
            case SegmentFilter():
                yield self._segment(node.segment)
            case UserFilter() | Group():
                return
            case _:
                assert_never(node)

    def _events(self, node: EventMeasure, moment: Moment) -> str:
        events = EventSet.of(node, moment)
        if events not in self._ctes:
            self._ctes[events] = EventCte(self._name(events.stem, events.span.suffix), events, ())
        columns = self._columns.setdefault(events, {})
        for aggregate in aggregates(node, moment, self._catalog):
            if aggregate not in columns:
                columns[aggregate] = fresh(aggregate.stem, {*columns.values(), KEY})
        return self._ctes[events].name

    def _summary(self, node: EventMeasure, moment: Moment) -> str:
        event_name, span = key = summary_key(node, moment)
        if key not in self._ctes:
            name = self._name(f"{stem(event_name)}_summary", span.suffix)
            self._ctes[key] = EventSummary(name, self._catalog.summaries[event_name], event_name, span)
        return self._ctes[key].name

    def _sequence(self, node: SequenceFilter, moment: Moment) -> str:
        sequence = Sequence.of(node, moment)
        if sequence not in self._ctes:
            name = self._name(sequence.stem)
            suffixes = ["_steps", *(f"_to_{position}" for position in range(3, sequence.present + 1))]
            parts = tuple(self._name(name, suffix) for suffix in suffixes)
            # Users who did it and users who did not read the same CTE.
            did = node.model_copy(update={"operator": "did"})
            self._ctes[sequence] = SequenceCte(name, sequence, moment, did, parts)
        return self._ctes[sequence].name

    def _rank(self, node: UserFilter | EventFilter, moment: Moment) -> str:
        ranking = Ranking.of_condition(node, moment)
        if ranking not in self._ctes:
            self._ctes[ranking] = RankCte(self._name(ranking.stem), ranking, moment, node)
        return self._ctes[ranking].name

    def _segment(self, segment_id: str) -> str:
        if segment_id not in self._ctes:
            root = self.root(self._saved[segment_id])  # what it reads comes before it
            name = self._name(f"segment_{stem(segment_id)}")
            self._ctes[segment_id] = SegmentCte(name, segment_id, root)
        return self._ctes[segment_id].name

    def _name(self, name: str, suffix: str = "") -> str:
        name = fresh(name, self._names_in_use, suffix)
        self._names_in_use.add(name)
        return name


def aggregates(node: EventMeasure, moment: Moment, catalog: Catalog) -> tuple[Aggregate, ...]:
    """The aggregates that an event filter reads; the one it compares comes first."""
    aggregate = compared_aggregate(node, moment, catalog)
    counts = [Aggregate("known", node.measure.property)] if node.row.is_divided else []
    fractions = fraction_aggregate(node, catalog)
    return (aggregate, *counts, *([fractions] if fractions else []))


def compared_aggregate(node: EventMeasure, moment: Moment, catalog: Catalog) -> Aggregate:
    """The aggregate that an event filter compares: the time for days since an event, the sum for an average.

    For a sum with too many digits for one number it is the sum of whole parts; see `fraction_aggregate`.
    """
    if fraction_aggregate(node, catalog) is not None:
        return Aggregate("whole", node.measure.property)
    zone = moment.zone if node.row.aggregate == ACTIVE_DAYS else None
    return Aggregate(node.row.aggregate, node.measure.property, zone)


def fraction_aggregate(node: EventMeasure, catalog: Catalog) -> Aggregate | None:
    """The sum of fractions to add to the compared sum of whole parts; None if one sum has all digits."""
    name = node.measure.property
    if name is None or not wide_sums.is_wide(node, catalog):
        return None
    return Aggregate("fraction", name) if wide_sums.has_fractions(catalog.properties[name]) else None
