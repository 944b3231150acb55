"""The CTEs of events as SQL: which rows count, and their aggregates per user."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlglot import exp

from duckmart import instants
from duckmart.catalog import Catalog
from duckmart.compile.comparison import filtered
from duckmart.compile.days import Calendar, plus
from duckmart.compile.names import fresh, stem
from duckmart.compile.plan import (
    EVENT,
    EVENT_ROWS,
    EVENTS,
    KEY,
    USER,
    USERS,
    Aggregate,
    EventCte,
    EventSet,
)
from duckmart.compile.query import aliased, any_of, column, comment, identifier, value
from duckmart.spec.segment import ANY_EVENT, PropertyFilter
from duckmart.spec.spans import Anchor, Moment, Span

TIME = "timestamp"

# The ids of the users that a query is about; None means everyone.
Only = tuple[str | int, ...] | None

# How long after the data days are told apart by the clocks of their zone.
_DAYS_AHEAD = 366


def is_asked(user_id: exp.Expr, only: Only) -> list[exp.Expr]:
    """The condition that a user is one of these; no condition for everyone."""
    if only is None:
        return []
    return [any_of(user_id, only) if len(only) != 1 else user_id.eq(value(only[0]))]


def same_user(table: str, other: str) -> exp.Expr:
    """The condition to join two tables by user."""
    return exp.EQ(this=column(KEY, table), expression=column(KEY, other))


class EventSource:
    """Rows of the events table in SQL, joined to users where a span counts from a date of the user.

    With `only`, just the events of those users.
    """

    def __init__(self, catalog: Catalog, moment: Moment, span: Span, only: Only = None) -> None:
        self.catalog, self.moment, self.span, self.only = catalog, moment, span, only
        self.anchored = span.anchor is not None

    def column(self, name: str) -> exp.Column:
        return column(name, EVENT) if self.anchored else exp.column(identifier(name))

    def select(self, *columns: exp.Expr) -> exp.Select:
        query = exp.select(*columns).where(*is_asked(self.column(KEY), self.only), copy=False)
        if not self.anchored:
            return query.from_(identifier(EVENTS), copy=False)
        query = query.from_(aliased(EVENTS, EVENT), copy=False)
        return query.join(aliased(USERS, USER), on=same_user(USER, EVENT), copy=False)

    def calendar(self, zone: ZoneInfo) -> Calendar:
        """The local days that events of the span may be in."""
        oldest = self.span.start(self.catalog.oldest_event)
        # Events may be newer where the SQL is copied to, but each year of days adds two lines to it.
        ahead = instants.days_after(self.catalog.newest, _DAYS_AHEAD)
        return Calendar(zone, oldest, min(self.span.until, ahead))

    def conditions(self, events: EventSet) -> Iterator[exp.Expr]:
        """The conditions that an event of this set fulfils."""
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
        """The event is in the span, but for the span's end."""
        yield from self.is_from(span)
        yield from self.is_near(span.anchor)

    def is_from(self, span: Span) -> Iterator[exp.Expr]:
        """The event is not before the fixed start of the span."""
        if span.after is not None:
            yield exp.GT(this=self.column(TIME), expression=value(span.after))
        if span.since is not None:
            yield exp.GTE(this=self.column(TIME), expression=value(span.since))

    def is_near(self, anchor: Anchor | None) -> Iterator[exp.Expr]:
        """The event is in the days counted from a date of the user."""
        if anchor is not None:
            start, end = self._anchored(anchor)
            yield exp.GTE(this=self.column(TIME), expression=start)
            yield exp.LT(this=self.column(TIME), expression=end)

    def is_until(self, moment: datetime) -> exp.Expr:
        return exp.LTE(this=self.column(TIME), expression=value(moment))

    def has(self, where: Iterable[PropertyFilter]) -> Iterator[exp.Expr]:
        for row in where:
            yield filtered(row, self.catalog.properties, self.column, self.moment)

    def _anchored(self, anchor: Anchor) -> tuple[exp.Expr, exp.Expr]:
        date = column(anchor.field, USER)
        if self.catalog.attributes[anchor.field].kind.has_time:
            return date, plus(date.copy(), timedelta(days=anchor.days))
        calendar = self.calendar(anchor.zone)
        return calendar.begins(date, 0), calendar.begins(date.copy(), anchor.days)


def value_of(aggregate: Aggregate, cte: EventCte) -> exp.Column:
    """The column of an aggregate, where the CTE is joined."""
    return column(cte.column(aggregate), cte.name)


def aggregated(cte: EventCte, source: EventSource) -> exp.Select:
    """The aggregates of each user who has such an event."""
    conditions = [*source.conditions(cte.events)]
    if names := _names_of_windows(cte, source.catalog):
        properties = dict.fromkeys(aggregate.of for aggregate, _ in cte.columns if aggregate.of)
        windows = {name: _window(aggregate, source) for aggregate, name in names.items()}
        inner = source.select(
            source.column(KEY),
            source.column(TIME),
            *(source.column(name) for name in properties),
            *(exp.alias_(window, name) for name, window in windows.items()),
        ).where(*conditions, copy=False)
        rows = EventSource(source.catalog, source.moment, Span(cte.events.span.until))
        query = exp.select(exp.column(KEY), *_columns(cte, rows, names))
        query = query.from_(inner.subquery(EVENT_ROWS), copy=False)
    else:
        rows = source
        query = source.select(source.column(KEY), *_columns(cte, source, {})).where(*conditions, copy=False)
    query = query.group_by(rows.column(KEY), copy=False)
    query.add_comments([comment(cte.events.caption)])
    return query


def _columns(cte: EventCte, source: EventSource, windows: dict[Aggregate, str]) -> list[exp.Expr]:
    return [exp.alias_(_aggregate(aggregate, source, windows), name) for aggregate, name in cte.columns]


_ENDS = {"first": "first_time", "last": "last_time"}
_EXTREMES: dict[str, type[exp.Min] | type[exp.Max]] = {"first": exp.Min, "last": exp.Max}
_MEDIAN = "median"


def _names_of_windows(cte: EventCte, catalog: Catalog) -> dict[Aggregate, str]:
    """The names of the window columns that aggregates read; all for one end of time share a column."""
    names: dict[Aggregate, str] = {}
    for aggregate, _ in cte.columns:
        if aggregate.what in _ENDS:
            names[aggregate] = fresh(_ENDS[aggregate.what], catalog.properties)
        elif aggregate.what == _MEDIAN:
            in_use = {*catalog.properties, *names.values()}
            names[aggregate] = fresh(f"middle_{stem(aggregate.of or '')}", in_use)
    return names


def _window(aggregate: Aggregate, source: EventSource) -> exp.Expr:
    """The time of the user's first or last event; for a median the event's value, if it is in the middle."""
    if aggregate.what in _ENDS:
        return _of_user(_EXTREMES[aggregate.what](this=source.column(TIME)), source)
    operand = source.column(str(aggregate.of))
    # From the largest on, so that unknown values come last in every dialect.
    order = exp.Order(expressions=[exp.Ordered(this=operand.copy(), desc=True)])
    twice = exp.Mul(this=exp.Literal.number(2), expression=_of_user(exp.RowNumber(), source, order))
    total = _of_user(exp.Count(this=operand.copy()), source)
    in_middle = exp.Between(this=twice, low=total, high=total.copy() + 2)
    return exp.Case().when(in_middle, operand, copy=False)


def _of_user(aggregate: exp.Expr, source: EventSource, order: exp.Order | None = None) -> exp.Expr:
    return exp.Window(this=aggregate, partition_by=[source.column(KEY)], order=order)


def _aggregate(aggregate: Aggregate, source: EventSource, windows: dict[Aggregate, str]) -> exp.Expr:
    if aggregate.what == "times":
        return exp.Count(this=exp.Star())
    time = source.column(TIME)
    if aggregate.zone is not None:
        return _AGGREGATES["distinct"](source.calendar(aggregate.zone).day_of(time))
    if aggregate.of is None:
        return _AGGREGATES[aggregate.what](time)
    operand: exp.Expr = source.column(aggregate.of)
    kind = source.catalog.properties[aggregate.of].kind
    if aggregate.what in _ENDS:
        # Of several events at the first instant the smallest value counts, at the last the largest.
        at_end = exp.EQ(this=time, expression=exp.column(windows[aggregate]))
        operand = exp.Case().when(at_end, operand, copy=False)
    elif aggregate in windows:
        operand = exp.column(windows[aggregate])
    if kind.is_text:
        operand.type = exp.DType.TEXT  # dialects order texts by code point where engines would not
    return (_OF_FLAGS if kind.is_boolean else _AGGREGATES)[aggregate.what](operand)


_AGGREGATES: dict[str, Callable[[exp.Expr], exp.Expr]] = {
    "first_time": lambda x: exp.Min(this=x),
    "last_time": lambda x: exp.Max(this=x),
    "sum": lambda x: exp.Sum(this=x),
    "whole": lambda x: exp.Sum(this=exp.Floor(this=x)),
    "fraction": lambda x: exp.Sum(this=exp.Sub(this=x, expression=exp.Floor(this=x.copy()))),
    "known": lambda x: exp.Count(this=x),
    # The mean of the one or two values in the middle; their sum may not fit into the column's type.
    _MEDIAN: lambda x: exp.Add(this=_half(exp.Min(this=x)), expression=_half(exp.Max(this=x.copy()))),
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


def _half(number: exp.Expr) -> exp.Expr:
    # A division may round; a product has as many decimals as both factors.
    return exp.Mul(this=exp.Literal.number("0.5"), expression=number)
