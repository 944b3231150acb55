"""The CTEs of events as SQL, and the conditions on what is measured of them."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlglot import exp

from duckmart import instants
from duckmart.catalog import Catalog
from duckmart.compile import wide_sums
from duckmart.compile.comparison import COMPARE, Comparison, certain
from duckmart.compile.days import Calendar, moved
from duckmart.compile.names import fresh, stem
from duckmart.compile.plan import (
    EVENT,
    EVENTS,
    KEY,
    USER,
    USERS,
    Aggregate,
    EventCte,
    EventSet,
    compared_aggregate,
    fraction_aggregate,
)
from duckmart.compile.query import any_of, column, comment, identifier, value
from duckmart.spec.kinds import Kind
from duckmart.spec.measures import Gives
from duckmart.spec.operators import Operator
from duckmart.spec.segment import ANY_EVENT, EventFilter, PropertyFilter
from duckmart.spec.spans import Anchor, Moment, Span

TIME = "timestamp"
# The events of which the first and last are looked for.
FOUND = "found"

# The ids of the users that a query is about; None: everyone.
Only = tuple[str | int, ...] | None

_DAY_MICROSECONDS = 86_400_000_000
# Times the count of any user's events, a whole number up to this one fits into 64 bits.
_SAFE = 10**9
# How long after the data days are told apart by the clocks of their zone.
_DAYS_AHEAD = 366


def is_asked(user_id: exp.Expr, only: Only) -> list[exp.Expr]:
    """That a user is one of those asked about; nothing where everyone is."""
    if only is None:
        return []
    return [any_of(user_id, only) if len(only) != 1 else user_id.eq(value(only[0]))]


class EventSource:
    """Rows of the events table in SQL, joined to their users where a span is anchored to them.

    With `only`, nobody's but those users' events.
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
        on = exp.EQ(this=column(KEY, USER), expression=self.column(KEY))
        query = query.from_(_aliased(EVENTS, EVENT), copy=False)
        return query.join(_aliased(USERS, USER), on=on, copy=False)

    def calendar(self, zone: ZoneInfo) -> Calendar:
        """The local days that events of the span may be in."""
        oldest = self.span.start(self.catalog.oldest_event)
        # Events may be newer where the SQL is copied to, but each year of days adds two lines to it.
        ahead = instants.days_after(self.catalog.newest, _DAYS_AHEAD)
        return Calendar(zone, oldest, min(self.span.until, ahead))

    def counted(self, events: EventSet) -> Iterator[exp.Expr]:
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
        if self.catalog.attributes[anchor.field].kind.has_time:
            return date, moved(date.copy(), timedelta(days=anchor.days))
        calendar = self.calendar(anchor.zone)
        return calendar.begins(date, 0), calendar.begins(date.copy(), anchor.days)


def aggregated(cte: EventCte, source: EventSource) -> exp.Select:
    """The aggregates of each user who has such an event."""
    conditions = [*source.counted(cte.events)]
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
        query = query.from_(inner.subquery(FOUND), copy=False)
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
    """The columns over all events of a user that aggregates read, by name; those of an end share one."""
    names: dict[Aggregate, str] = {}
    for aggregate, _ in cte.columns:
        if aggregate.what in _ENDS:
            names[aggregate] = fresh(_ENDS[aggregate.what], catalog.properties)
        elif aggregate.what == _MEDIAN:
            taken = {*catalog.properties, *names.values()}
            names[aggregate] = fresh(f"middle_{stem(aggregate.of or '')}", taken)
    return names


def _window(aggregate: Aggregate, source: EventSource) -> exp.Expr:
    """The time of the user's first or last event; for a median the value, if it is in the middle."""
    if aggregate.what in _ENDS:
        return _of_user(_EXTREMES[aggregate.what](this=source.column(TIME)), source)
    operand = source.column(str(aggregate.of))
    # From the largest on, so that unknown values come last in every dialect.
    order = exp.Order(expressions=[exp.Ordered(this=operand.copy(), desc=True)])
    twice = exp.Mul(this=exp.Literal.number(2), expression=_of_user(exp.RowNumber(), source, order))
    known = _of_user(exp.Count(this=operand.copy()), source)
    in_middle = exp.Between(this=twice, low=known, high=known.copy() + 2)
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


def measured(node: EventFilter, cte: EventCte, catalog: Catalog, moment: Moment) -> exp.Expr:
    """An event filter's condition on the aggregates of its CTE; NULL where the measure has no value."""
    row, name = node.row, node.measure.property
    compared = Comparison(node.operator, node.compared_with, node.case_sensitive)
    aggregate = value_of(compared_aggregate(node, moment, catalog), cte)
    if row.gives is Gives.AGE:
        return _since(compared, aggregate, moment)
    if wide_sums.is_wide(node, catalog):
        return _wide(node, aggregate, cte, catalog)
    if row.is_divided:
        return _average(compared, aggregate, value_of(Aggregate("known", name), cte))
    if name is not None and not row.with_zero:
        return compared.of(aggregate, catalog.properties[name].kind, moment)
    # Users who never did it have no row in the CTE, and did it 0 times.
    number = _or_zero(aggregate)
    if node.operator is Operator.NE:
        return exp.NEQ(this=number, expression=value(node.compared_with))
    return compared.of(number, Kind.NUMBER, moment)


def has_no_value(node: EventFilter, cte: EventCte, moment: Moment, catalog: Catalog) -> exp.Expr:
    """Whether a user has no value for the measure, which is not one that starts from 0."""
    return value_of(compared_aggregate(node, moment, catalog), cte).is_(exp.null())


def value_of(aggregate: Aggregate, cte: EventCte) -> exp.Column:
    """The column of an aggregate, where the CTE is joined."""
    return column(cte.column(aggregate), cte.name)


def _or_zero(number: exp.Expr) -> exp.Expr:
    return exp.Coalesce(this=number, expressions=[exp.Literal.number(0)])


def _wide(node: EventFilter, total: exp.Expr, cte: EventCte, catalog: Catalog) -> exp.Expr:
    """A sum or an average whose digits do not fit into one number."""
    of = Aggregate("known", node.measure.property)
    known = value_of(of, cte) if node.row.is_divided else None
    if known is not None and catalog.properties[node.measure.property or ""].floating:
        return _average(Comparison(node.operator, node.compared_with), total, known, as_float=True)
    more = fraction_aggregate(node, catalog)
    fractions: exp.Expr | None = None if more is None else value_of(more, cte)
    if known is None:  # a user who never did it has a sum of 0
        total = _or_zero(total)
        fractions = fractions and _or_zero(fractions)
    parts = wide_sums.Parts.of_sum(total, fractions)
    return wide_sums.compared(node.operator, parts, node.compared_with, known)


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
