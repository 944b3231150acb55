"""The query behind explanations: one row per user asked about, some columns per condition.

Conditions are numbered in the order of `walk`. The CTEs that aggregate events are the compiler's own. Beside
them, other CTEs list the same events: their times and their names, in two lists.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import assert_never

from sqlglot import exp

from duckmart.catalog import Catalog
from duckmart.compile.comparison import certain
from duckmart.compile.events import TIME, EventSource, Only, value_of
from duckmart.compile.names import fresh
from duckmart.compile.plan import KEY, USER, Aggregate, EventSet, Plan
from duckmart.compile.planner import compared_aggregate, fraction_aggregate, plan
from duckmart.compile.query import Query, column, comment, identifier
from duckmart.compile.ranks import PLACE, RANKED
from duckmart.compile.sampling import VARIANT, variant
from duckmart.compile.statement import Statement, cte_queries, join_users
from duckmart.insight.explain.nearest import count_bounds
from duckmart.spec.segment import (
    Child,
    EventFilter,
    Group,
    Segment,
    SegmentFilter,
    SequenceFilter,
    UserFilter,
    event_names,
)
from duckmart.spec.spans import Moment, Span
from duckmart.spec.tree import walk

EVENTS_SHOWN = 3
# Two lists rather than one of structs, which engines do not share.
EVENT_PARTS = ("time", "name")
_LAST_SUBSCRIPT = 2**31 - 1


def query(segment: Segment, users: Sequence[str | int], catalog: Catalog, as_of: datetime) -> Query:
    """What decides whether `users` (at least one) are members; ids that the data does not have have no row.

    Columns: `user_id`; `held`, the root's answer before the sample; where the spec has them `sampled` and
    `variant`. Then, for the condition number n: `held_n`; `value_n`, the attribute or figure compared, and
    `fraction_n`, what goes on top of it; `known_n`, the size of an average; `than_n` and `than_known_n`, the
    same of another measure, or field, that it is compared with; `place_n`, the rank, and `ranked_n`, how many
    have one; `events_n`, the first that counted; `more_n` and `fewer_n`, the times of the events that a
    window must take in and leave out; `step_n_1` .., the events of a sequence's steps. Events are two
    columns: their times, `events_n_time`, and their names, `events_n_name`.
    """
    only = tuple(users)
    query_plan = plan([segment], catalog, as_of)
    statement = Statement(query_plan, query_plan.roots[0], catalog, only)
    root = statement.root()
    columns = {
        KEY: column(KEY, USER),
        "held": exp.true() if root is None else certain(root, never_null=False),
    }
    for condition in statement.in_sample():
        columns["sampled"] = condition
    if segment.sample is not None and segment.sample.split is not None:
        columns[VARIANT] = variant(segment.sample)
    lists = Lists(query_plan, catalog, only)
    for number, (_, node) in enumerate(walk(segment), 1):
        for name, expression in _columns(node, statement, lists):
            columns[name.format(number)] = expression
    tree = statement.users(*(exp.alias_(expression, name) for name, expression in columns.items()))
    # Ranks read the events themselves, so that the conditions need not.
    of_ranks = [name for name in query_plan.ranked if name not in query_plan.roots[0].joins]
    tree = join_users(tree, [*of_ranks, *lists.queries])
    for name, cte in (cte_queries(query_plan, catalog, only) | lists.queries).items():
        tree = tree.with_(identifier(name), as_=cte, copy=False)
    return Query(tree)


def _columns(node: Child, statement: Statement, lists: "Lists") -> Iterator[tuple[str, exp.Expr]]:
    """A condition's columns by their names, in which `{}` stands for its number."""
    yield "held_{}", statement.certain(node)
    if isinstance(node, UserFilter | EventFilter) and node.ranks:
        rank = statement.plan.rank(node, statement.moment)
        yield "place_{}", column(PLACE, rank.name)
        if rank.ranking.by_percent:
            yield "ranked_{}", column(RANKED, rank.name)
    match node:
        case UserFilter():
            yield "value_{}", column(node.field, USER)
            if node.other_field is not None:
                yield "than_{}", column(node.other_field, USER)
        case EventFilter():
            yield from _of_events(node, statement, lists)
        case SequenceFilter():
            yield from lists.steps(node, statement.moment)
        case SegmentFilter() | Group():
            return
        case _:
            assert_never(node)


def _of_events(node: EventFilter, statement: Statement, lists: "Lists") -> Iterator[tuple[str, exp.Expr]]:
    moment, catalog = statement.moment, statement.catalog
    for step, side in node.sides:
        name = "than" if step else "value"
        cte = statement.plan.events(side, moment)
        yield f"{name}_{{}}", value_of(compared_aggregate(side, moment, catalog), cte)
        if (fractions := fraction_aggregate(side, catalog)) is not None:
            yield "fraction_{}", value_of(fractions, cte)
        if side.row.is_divided:
            known = value_of(Aggregate("known", side.measure.property), cte)
            yield "than_known_{}" if step else "known_{}", known
    cte = statement.plan.events(node, moment)
    events = cte.events
    yield from lists.first(events, moment)
    if node.window.last is None or (counts := count_bounds(node)) is None:
        return
    fewest, most = counts
    ever = EventSet(events.names, Span(moment.as_of), events.where, events.zone)
    if fewest > 0:
        yield "more_{}", _nth(lists.times(ever, moment), fewest)
    if most is not None:
        yield "fewer_{}", _nth(lists.times(ever, moment), most + 1)


class Lists:
    """CTEs that list events, one row per user; conditions on the same events share one."""

    def __init__(self, query_plan: Plan, catalog: Catalog, only: Only) -> None:
        self._catalog, self._only = catalog, only
        self._names_in_use = set(query_plan.names)
        self.queries: dict[str, exp.Select] = {}
        self._names: dict[object, str] = {}

    def first(self, events: EventSet, moment: Moment) -> Iterator[tuple[str, exp.Expr]]:
        """The times and names of the first events, ordered by time and name."""
        source = self._source(events.span, moment)
        columns = [
            exp.alias_(_first(times_or_names), f"event_{part}")
            for part, times_or_names in _happened(source).items()
        ]
        name = self._add(
            ("first", events), source, columns, source.conditions(events), f"the first: {events.caption}"
        )
        for part in EVENT_PARTS:
            yield f"events_{{}}_{part}", column(f"event_{part}", name)

    def times(self, events: EventSet, moment: Moment) -> exp.Expr:
        """The times of the events, the newest first."""
        source = self._source(events.span, moment)
        time = source.column(TIME)
        newest_first = exp.Order(this=time, expressions=[exp.Ordered(this=time.copy(), desc=True)])
        columns = [exp.alias_(exp.ArrayAgg(this=newest_first), "times")]
        name = self._add(("times", events), source, columns, source.conditions(events), events.caption)
        return column("times", name)

    def steps(self, node: SequenceFilter, moment: Moment) -> Iterator[tuple[str, exp.Expr]]:
        """For each step, the times and names of the events that may be it."""
        span = node.window.span(moment)
        source = self._source(span, moment)
        columns: list[exp.Expr] = []
        for place, step in enumerate(node.steps, 1):
            fitting = [*source.is_named(event_names(step.event_name)), *source.has(step.where)]
            if place == 1:
                fitting += [*source.is_within(span), source.is_until(span.until)]
            for part, events in _happened(source).items():
                columns.append(exp.alias_(_filtered(events, fitting), f"step_{place}_{part}"))
        names = tuple(dict.fromkeys(name for step in node.steps for name in event_names(step.event_name)))
        until = [*source.is_named(names), source.is_until(moment.as_of)]
        key = ("steps", node.steps, span, moment.zone)
        name = self._add(key, source, columns, until, "the events of a sequence")
        for place, _ in enumerate(node.steps, 1):
            for part in EVENT_PARTS:
                yield f"step_{{}}_{place}_{part}", column(f"step_{place}_{part}", name)

    def _source(self, span: Span, moment: Moment) -> EventSource:
        return EventSource(self._catalog, moment, span, self._only)

    def _add(
        self,
        key: object,
        source: EventSource,
        columns: Iterable[exp.Expr],
        conditions: Iterable[exp.Expr],
        words: str,
    ) -> str:
        if key not in self._names:
            name = fresh("listed", self._names_in_use)
            self._names_in_use.add(name)
            query = source.select(source.column(KEY), *columns).where(*conditions, copy=False)
            query = query.group_by(source.column(KEY), copy=False)
            query.add_comments([comment(words)])
            self._names[key] = name
            self.queries[name] = query
        return self._names[key]


def _happened(source: EventSource) -> dict[str, exp.Expr]:
    """The times and the names of all events as two lists in one order, by time and name."""
    name = exp.cast(source.column("event_name"), exp.DType.VARCHAR)
    name.type = exp.DType.TEXT  # dialects order texts by code point where engines would not
    parts = dict(zip(EVENT_PARTS, (source.column(TIME), name), strict=True))

    def as_list(part: exp.Expr) -> exp.Expr:
        order = [exp.Ordered(this=each.copy()) for each in parts.values()]
        return exp.ArrayAgg(this=exp.Order(this=part.copy(), expressions=order))

    return {key: as_list(part) for key, part in parts.items()}


def _filtered(events: exp.Expr, conditions: Sequence[exp.Expr]) -> exp.Expr:
    if not conditions:
        return events
    return exp.Filter(this=events, expression=exp.Where(this=exp.and_(*conditions)))


def _first(events: exp.Expr) -> exp.Expr:
    first = exp.Slice(this=exp.Literal.number(1), expression=exp.Literal.number(EVENTS_SHOWN))
    return exp.Bracket(this=exp.Paren(this=events), expressions=[first], offset=1)


def _nth(times: exp.Expr, number: int) -> exp.Expr:
    # A subscript must fit into 32 bits. No user has that many events, so a larger one may be cut.
    place = exp.Literal.number(min(number, _LAST_SUBSCRIPT))
    return exp.Bracket(this=times, expressions=[place], offset=1)
