"""The events that conditions look at, and what is measured of them: one CTE per distinct set of events."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlglot import exp

from duckmart import describe, instants
from duckmart.catalog import Catalog
from duckmart.compile import exact
from duckmart.compile.comparison import COMPARE, Comparison, Moment, certain
from duckmart.compile.days import Calendar, moved
from duckmart.compile.names import fresh, stem
from duckmart.operators import MEASURES, Kind, Measure, Operator
from duckmart.query import any_of, column, comment, identifier, value
from duckmart.segment import ANY_EVENT, EventFilter, PropertyFilter, TimeRange

USERS = "user_attributes"
EVENTS = "user_events"
KEY = "user_id"
USER = "u"
TIME = "timestamp"
# How an event is called where users are joined to it, and the events between which first and last are told.
_EVENT = "e"
FOUND = "found"

# The ids of the users that a query is about; None: everyone.
Only = tuple[str | int, ...] | None

_DAY_MICROSECONDS = 86_400_000_000
# Times the count of any user's events, a whole number up to this one fits into 64 bits.
_SAFE = 10**9
# How long after the data days are told apart by the clocks of their zone.
_DAYS_AHEAD = 366


@dataclass(frozen=True, slots=True)
class Anchor:
    """Days counted from a user's own date or time."""

    field: str
    days: int
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Span:
    """When events count: later than `after`, from `since` on, until `until` (naive UTC), beside an anchor."""

    until: datetime
    after: datetime | None = None
    since: datetime | None = None
    anchor: Anchor | None = None

    @classmethod
    def of(cls, days: int | None, window: TimeRange | None, moment: Moment) -> "Span":
        """The window of a condition; events later than `as_of` are in none."""
        as_of, zone = moment.as_of, moment.zone
        if days is not None:
            return cls(as_of, after=instants.days_before(as_of, days))
        if window is None:
            return cls(as_of)
        if window.within_days_of is not None:
            return cls(as_of, anchor=Anchor(window.within_days_of, window.days or 0, zone))
        if window.from_days_ago is not None:
            until = instants.days_before(as_of, window.to_days_ago or 0)
            return cls(until, after=instants.days_before(as_of, window.from_days_ago))
        to = instants.moment(window.to, zone) if window.to else as_of
        since = instants.first_moment(window.from_, zone) if window.from_ else None
        return cls(min(to, as_of), since=since)

    def start(self, oldest: datetime | None) -> datetime:
        """The earliest moment that one of its events can have, in data that begin with `oldest`."""
        starts = (self.after, self.since, oldest)
        return max((start for start in starts if start is not None), default=self.until)

    def __str__(self) -> str:
        start = self.after or self.since
        words = f"{start.date()} to {self.until.date()}" if start else f"until {self.until.date()}"
        if self.anchor is None:
            return words
        return f"within {self.anchor.days} days of {self.anchor.field}, {words}"


@dataclass(frozen=True, slots=True)
class Events:
    """Events of some names in a span with some properties; conditions on equal ones share a CTE."""

    names: tuple[str, ...]
    span: Span
    where: tuple[PropertyFilter, ...] = ()
    # The zone of the days that properties are compared with.
    zone: ZoneInfo | None = None

    @classmethod
    def of(cls, node: EventFilter, moment: Moment) -> "Events":
        span = Span.of(node.time_range_days, node.time_range, moment)
        return cls(named(node.event_name), span, node.where, moment.zone if node.where else None)

    @property
    def caption(self) -> str:
        properties = "".join(f", where {describe.line(row)}" for row in self.where)
        names = "any event" if ANY_EVENT in self.names else " or ".join(self.names)
        return f"{names}{properties}, {self.span}"


def is_asked(user_id: exp.Expr, only: Only) -> list[exp.Expr]:
    """That a user is one of those asked about; nothing where everyone is."""
    if only is None:
        return []
    return [any_of(user_id, only) if len(only) != 1 else user_id.eq(value(only[0]))]


def named(names: str | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names


@dataclass(frozen=True, slots=True)
class Figure:
    """One number or value per user about events: a column of their CTE.

    Of a property it is the SUM, the MIN, ... of it, or how many events have it (`known`).
    """

    what: str
    of: str | None = None
    zone: ZoneInfo | None = None

    @property
    def stem(self) -> str:
        return f"{self.what}_{stem(self.of)}" if self.of else self.what


TIMES = Figure("times")


@dataclass(slots=True)
class Counted:
    """A CTE of events while conditions ask it for figures; `figures` are its columns by what they hold."""

    name: str
    figures: dict[Figure, str] = field(default_factory=dict)

    def column(self, figure: Figure) -> exp.Column:
        if figure not in self.figures:
            self.figures[figure] = fresh(figure.stem, {*self.figures.values(), KEY})
        return column(self.figures[figure], self.name)


class EventSource:
    """Rows of the events table in SQL, joined to their users where a span is anchored to them.

    With `only`, nobody's but those users' events.
    """

    def __init__(self, catalog: Catalog, moment: Moment, span: Span, only: Only = None) -> None:
        self.catalog, self.moment, self.span, self.only = catalog, moment, span, only
        self.anchored = span.anchor is not None

    def column(self, name: str) -> exp.Column:
        return column(name, _EVENT) if self.anchored else exp.column(identifier(name))

    def select(self, *columns: exp.Expr) -> exp.Select:
        query = exp.select(*columns).where(*is_asked(self.column(KEY), self.only), copy=False)
        if not self.anchored:
            return query.from_(identifier(EVENTS), copy=False)
        on = exp.EQ(this=column(KEY, USER), expression=self.column(KEY))
        query = query.from_(_aliased(EVENTS, _EVENT), copy=False)
        return query.join(_aliased(USERS, USER), on=on, copy=False)

    def calendar(self, zone: ZoneInfo) -> Calendar:
        """The local days that events of the span may be in."""
        oldest = self.span.start(self.catalog.oldest_event)
        # Events may be newer where the SQL is copied to, but each year of days adds two lines to it.
        ahead = instants.days_after(self.catalog.newest, _DAYS_AHEAD)
        return Calendar(zone, oldest, min(self.span.until, ahead))

    def counted(self, events: Events) -> Iterator[exp.Expr]:
        """What makes an event one of these."""
        yield from self.is_named(events.names)
        yield from self.is_within(events.span)
        yield self.is_until(events.span.until)
        yield from self.has(events.where)

    def is_named(self, names: tuple[str, ...]) -> Iterator[exp.Expr]:
        if ANY_EVENT in names:
            return
        name = self.column("event_name")
        yield any_of(name, names) if len(names) > 1 else name.eq(value(names[0]))

    def is_within(self, span: Span) -> Iterator[exp.Expr]:
        """When it happened, but for the span's end."""
        yield from self.is_from(span)
        yield from self.is_near(span.anchor)

    def is_from(self, span: Span) -> Iterator[exp.Expr]:
        """That it did not happen before the span's fixed start."""
        if span.after is not None:
            yield exp.GT(this=self.column(TIME), expression=value(span.after))
        if span.since is not None:
            yield exp.GTE(this=self.column(TIME), expression=value(span.since))

    def is_near(self, anchor: Anchor | None) -> Iterator[exp.Expr]:
        """That it happened in the days counted from the user's own date."""
        if anchor is not None:
            start, end = self._anchored(anchor)
            yield exp.GTE(this=self.column(TIME), expression=start)
            yield exp.LT(this=self.column(TIME), expression=end)

    def is_until(self, moment: datetime) -> exp.Expr:
        return exp.LTE(this=self.column(TIME), expression=value(moment))

    def has(self, where: Iterable[PropertyFilter]) -> Iterator[exp.Expr]:
        for row in where:
            kind = self.catalog.properties[row.field].kind
            compared = Comparison(row.operator, row.value, row.case_sensitive)
            yield compared.of(self.column(row.field), kind, self.moment)

    def _anchored(self, anchor: Anchor) -> tuple[exp.Expr, exp.Expr]:
        date = column(anchor.field, USER)
        if self.catalog.attributes[anchor.field].kind is Kind.TIMESTAMP:
            return date, moved(date.copy(), timedelta(days=anchor.days))
        calendar = self.calendar(anchor.zone)
        return calendar.begins(date, 0), calendar.begins(date.copy(), anchor.days)


def counts(events: Events, counted: Counted, source: EventSource) -> exp.Select:
    """The figures of each user who has such an event."""
    ends = [figure for figure in counted.figures if figure.what in _ENDS]
    conditions = [*source.counted(events)]
    if ends:
        properties = dict.fromkeys(figure.of for figure in counted.figures if figure.of)
        names = {what: fresh(_ENDS[what], source.catalog.properties) for what in _ENDS}
        inner = source.select(
            source.column(KEY),
            source.column(TIME),
            *(source.column(name) for name in properties),
            *(
                exp.alias_(_of_user(_EXTREMES[what](this=source.column(TIME)), source), names[what])
                for what in dict.fromkeys(figure.what for figure in ends)
            ),
        ).where(*conditions, copy=False)
        rows = EventSource(source.catalog, source.moment, Span(events.span.until))
        made = [exp.alias_(_figure(figure, rows, names), name) for figure, name in counted.figures.items()]
        query = exp.select(exp.column(KEY), *made).from_(inner.subquery(FOUND), copy=False)
    else:
        made = [exp.alias_(_figure(figure, source, {}), name) for figure, name in counted.figures.items()]
        query = source.select(source.column(KEY), *made).where(*conditions, copy=False)
        rows = source
    query = query.group_by(rows.column(KEY), copy=False)
    query.add_comments([comment(events.caption)])
    return query


_ENDS = {"first": "first_time", "last": "last_time"}
_EXTREMES: dict[str, type[exp.Min] | type[exp.Max]] = {"first": exp.Min, "last": exp.Max}


def _of_user(aggregate: exp.Expr, source: EventSource) -> exp.Expr:
    return exp.Window(this=aggregate, partition_by=[source.column(KEY)])


def _figure(figure: Figure, source: EventSource, ends: dict[str, str]) -> exp.Expr:
    time = source.column(TIME)
    if figure.what == "times":
        return exp.Count(this=exp.Star())
    if figure.zone is not None:
        return _AGGREGATES["distinct"](source.calendar(figure.zone).day_of(time))
    if figure.of is None:
        return _AGGREGATES[figure.what](time)
    operand: exp.Expr = source.column(figure.of)
    kind = source.catalog.properties[figure.of].kind
    if figure.what in _ENDS:
        # Of several events at the first instant the smallest value counts, at the last the largest.
        at_end = exp.EQ(this=time, expression=exp.column(ends[figure.what]))
        operand = exp.Case().when(at_end, operand, copy=False)
    if kind is Kind.TEXT:
        operand.type = exp.DType.TEXT  # dialects order texts by code point where engines would not
    return (_OF_FLAGS if kind is Kind.BOOLEAN else _AGGREGATES)[figure.what](operand)


_AGGREGATES: dict[str, Callable[[exp.Expr], exp.Expr]] = {
    "first_time": lambda x: exp.Min(this=x),
    "last_time": lambda x: exp.Max(this=x),
    "sum": lambda x: exp.Sum(this=x),
    "whole": lambda x: exp.Sum(this=exp.Floor(this=x)),
    "fraction": lambda x: exp.Sum(this=exp.Sub(this=x, expression=exp.Floor(this=x.copy()))),
    "known": lambda x: exp.Count(this=x),
    "distinct": lambda x: exp.Count(this=exp.Distinct(expressions=[x])),
    "min": lambda x: exp.Min(this=x),
    "first": lambda x: exp.Min(this=x),
    "max": lambda x: exp.Max(this=x),
    "last": lambda x: exp.Max(this=x),
}
# The smaller of true and false is whether all are true.
_OF_FLAGS = _AGGREGATES | {
    "first": lambda x: exp.LogicalAnd(this=x),
    "last": lambda x: exp.LogicalOr(this=x),
}


def compared_figure(node: EventFilter, moment: Moment, catalog: Catalog) -> Figure:
    """What an event filter compares: of days since an event it is its time, of an average the sum.

    Of a sum with too many digits for one number it is that of the whole parts; see `fraction_figure`.
    """
    measure, name = node.measure.measure, node.measure.property
    match measure:
        case Measure.SUM | Measure.AVG if fraction_figure(node, catalog) is not None:
            return Figure("whole", name)
        case Measure.COUNT:
            return TIMES
        case Measure.ACTIVE_DAYS:
            return Figure("active_days", zone=moment.zone)
        case Measure.DAYS_SINCE_LAST:
            return Figure("last_time")
        case Measure.DAYS_SINCE_FIRST:
            return Figure("first_time")
        case Measure.AVG:
            return Figure("sum", name)
        case _:
            return Figure(measure, name)


def fraction_figure(node: EventFilter, catalog: Catalog) -> Figure | None:
    """The sum of the fractions that goes on top of the compared figure; None where that is all."""
    name = node.measure.property
    if name is None or not exact.is_wide(node, catalog) or not exact.has_fractions(catalog.properties[name]):
        return None
    return Figure("fraction", name)


def measured(node: EventFilter, counted: Counted, catalog: Catalog, moment: Moment) -> exp.Expr:
    """An event filter's condition on the figures of its CTE; NULL where the measure has no value."""
    measure, name = node.measure.measure, node.measure.property
    compared = Comparison(node.operator, node.compared_with, node.case_sensitive)
    figure = counted.column(compared_figure(node, moment, catalog))
    if measure in (Measure.DAYS_SINCE_LAST, Measure.DAYS_SINCE_FIRST):
        return _since(compared, figure, moment)
    if exact.is_wide(node, catalog):
        return _wide(node, figure, counted, catalog)
    if measure is Measure.AVG:
        return _average(compared, figure, counted.column(Figure("known", name)))
    if name is not None and not MEASURES[measure].with_zero:
        return compared.of(figure, catalog.properties[name].kind, moment)
    # Who never did it has no row in the CTE, and did it 0 times.
    number = _or_zero(figure)
    if node.operator is Operator.NE:
        return exp.NEQ(this=number, expression=value(node.compared_with))
    return compared.of(number, Kind.NUMBER, moment)


def has_no_value(node: EventFilter, counted: Counted, moment: Moment, catalog: Catalog) -> exp.Expr:
    """Whether a user has no value for the measure, which is not one that starts from 0."""
    return counted.column(compared_figure(node, moment, catalog)).is_(exp.null())


def _or_zero(figure: exp.Expr) -> exp.Expr:
    return exp.Coalesce(this=figure, expressions=[exp.Literal.number(0)])


def _wide(node: EventFilter, total: exp.Expr, counted: Counted, catalog: Catalog) -> exp.Expr:
    """A sum or an average whose digits do not fit into one number."""
    of = Figure("known", node.measure.property)
    known = counted.column(of) if node.measure.measure is Measure.AVG else None
    if known is not None and catalog.properties[node.measure.property or ""].floating:
        return _average(Comparison(node.operator, node.compared_with), total, known, as_float=True)
    more = fraction_figure(node, catalog)
    fractions: exp.Expr | None = None if more is None else counted.column(more)
    if known is None:  # a user who never did it has a sum of 0
        total = _or_zero(total)
        fractions = fractions and _or_zero(fractions)
    return exact.compared(node.operator, exact.Parts.of_sum(total, fractions), node.compared_with, known)


def _average(compared: Comparison, total: exp.Expr, known: exp.Expr, *, as_float: bool = False) -> exp.Expr:
    """SUM against value x count: exact, where a quotient would round."""

    def times(bound: Any) -> exp.Expr:
        count = known.copy()
        if as_float:
            return exp.Mul(this=exp.cast(value(bound), exp.DType.DOUBLE), expression=count)
        if isinstance(bound, int) and abs(bound) > _SAFE:
            count = exp.cast(count, "DECIMAL(38, 0)")
        return exp.Mul(this=value(bound), expression=count)

    if compared.operator is Operator.BETWEEN:
        low, high = map(times, compared.value)
        return exp.Between(this=total, low=low, high=high)
    if compared.operator is Operator.NE:
        held = exp.EQ(this=total, expression=times(compared.value))
        return exp.not_(certain(held, known=False), copy=False)
    return COMPARE[compared.operator](total, times(compared.value))


def _since(compared: Comparison, time: exp.Expr, moment: Moment) -> exp.Expr:
    """Days since a time, turned into a comparison of that time: more days are an earlier time."""
    as_of = moment.as_of
    match compared.operator:
        case Operator.BETWEEN:
            low, high = compared.value
            return exp.and_(
                exp.LTE(this=time.copy(), expression=value(_ago(as_of, low, up=True))),
                exp.GTE(this=time.copy(), expression=value(_ago(as_of, high))),
                copy=False,
            )
        case Operator.GTE:
            return exp.LTE(this=time, expression=value(_ago(as_of, compared.value, up=True)))
        case Operator.GT:
            return exp.LT(this=time, expression=value(_ago(as_of, compared.value)))
        case Operator.LTE:
            return exp.GTE(this=time, expression=value(_ago(as_of, compared.value)))
        case Operator.LT:
            return exp.GT(this=time, expression=value(_ago(as_of, compared.value, up=True)))
    exact = _ago(as_of, compared.value)
    # No event is a fraction of a microsecond old.
    held = exp.false() if exact != _ago(as_of, compared.value, up=True) else time.eq(value(exact))
    if compared.operator is Operator.EQ:
        return held
    return exp.not_(certain(held, known=False), copy=False)


def _ago(as_of: datetime, days: int | Decimal, *, up: bool = False) -> datetime:
    """So many days of 24 hours before `as_of`, in whole microseconds, rounded down or up in length."""
    numerator, denominator = days.as_integer_ratio()
    length = numerator * _DAY_MICROSECONDS
    microseconds = -(-length // denominator) if up else length // denominator
    try:
        return as_of - timedelta(microseconds=microseconds)
    except OverflowError:
        return datetime.min


def _aliased(table: str, alias: str) -> exp.Table:
    return exp.Table(this=identifier(table), alias=exp.TableAlias(this=identifier(alias)))
