"""One segment's SELECT over users, and the CTEs that its conditions ask for as they are compiled."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import assert_never
from zoneinfo import ZoneInfo

from sqlglot import exp

from duckmart import describe
from duckmart.catalog import Catalog
from duckmart.compile import events
from duckmart.compile.comparison import Comparison, Moment, certain
from duckmart.compile.events import EVENTS, FOUND, KEY, USER, USERS, Counted, Events, EventSource, Only
from duckmart.compile.names import fresh, stem
from duckmart.compile.sampling import is_sampled
from duckmart.compile.sequences import Sequence, SequenceQueries
from duckmart.operators import MEASURES, USER_OPERATORS, Operator
from duckmart.query import column, comment, identifier, value
from duckmart.segment import (
    ANY_EVENT,
    Child,
    EventFilter,
    Group,
    Segment,
    SegmentFilter,
    SequenceFilter,
    UserFilter,
)

CONDITIONS = "conditions"

_UTC = ZoneInfo("UTC")
_ALIASES = {USERS, EVENTS, USER, "e", FOUND, "moments", CONDITIONS}


class Sources:
    """The CTEs of a query, each made once however many conditions and saved segments ask for it.

    With `only`, they and what is selected of users hold nobody but those users.
    """

    def __init__(self, segment: Segment, catalog: Catalog, as_of: datetime, only: Only = None) -> None:
        self.saved, self.catalog, self.as_of, self.only = segment.saved, catalog, as_of, only
        self.taken: set[str] = set(_ALIASES)
        self._events: dict[Events, Counted] = {}
        self._sequences: dict[Sequence, str] = {}
        self._segments: dict[str, str] = {}
        self._order: list[Events | dict[str, exp.Select]] = []

    def events(self, wanted: Events) -> Counted:
        if wanted not in self._events:
            self._events[wanted] = Counted(self._name(*_events_name(wanted)))
            self._order.append(wanted)
        return self._events[wanted]

    def sequence(self, node: SequenceFilter, moment: Moment) -> str:
        wanted = Sequence.of(node, moment)
        if wanted not in self._sequences:
            name = self._name(wanted.stem)
            self._sequences[wanted] = name
            source = EventSource(self.catalog, moment, wanted.span, self.only)
            self._order.append(SequenceQueries(wanted, name, source, self.taken).build(node))
        return self._sequences[wanted]

    def segment(self, wanted: str) -> str:
        """The members of a saved segment; what it asks for comes before it."""
        if wanted not in self._segments:
            saved = self.saved[wanted]
            statement = Statement(saved, self)
            condition = statement.root()
            query = statement.users(exp.alias_(column(KEY, USER), KEY))
            query = query.where(*conjuncts(condition), *statement.sampled(), copy=False)
            query.add_comments([comment(f"{wanted}: {describe.sentence(saved)}")])
            self._segments[wanted] = self._name(f"segment_{stem(wanted)}")
            self._order.append({self._segments[wanted]: query})
        return self._segments[wanted]

    def queries(self) -> Iterator[tuple[str, exp.Select]]:
        """Every CTE by its name, in the order in which they were first asked for."""
        for made in self._order:
            if isinstance(made, dict):
                yield from made.items()
                continue
            counted = self._events[made]
            source = EventSource(self.catalog, Moment(self.as_of, made.zone or _UTC), made.span, self.only)
            yield counted.name, events.counts(made, counted, source)

    def _name(self, name: str, suffix: str = "") -> str:
        made = fresh(name, self.taken, suffix)
        self.taken.add(made)
        return made


class Statement:
    """The conditions of one segment; remembers which CTEs they read, to join them."""

    def __init__(self, segment: Segment, sources: Sources) -> None:
        self.segment, self.sources = segment, sources
        self.moment = Moment(sources.as_of, segment.zone)
        self._joined: dict[str, None] = {}

    def users(self, *columns: exp.Expr) -> exp.Select:
        """`columns` of one row per user, with every CTE that was asked for joined to it."""
        query = users(columns, self._joined)
        return query.where(*events.is_asked(column(KEY, USER), self.sources.only), copy=False)

    def root(self) -> exp.Expr | None:
        """The segment's condition; None where everyone is a member."""
        if self.segment.children:
            return self.group(self.segment)
        return exp.false() if self.segment.negate else None

    def sampled(self) -> list[exp.Expr]:
        sampled = is_sampled(self.segment.sample)
        return [] if sampled is None else [sampled]

    def node(self, node: Child) -> exp.Expr:
        """A condition as SQL: TRUE for those who match; FALSE, or NULL for want of a value, for the rest."""
        match node:
            case UserFilter():
                kind = self.sources.catalog.attributes[node.field].kind
                compared = Comparison(node.operator, node.value, node.case_sensitive)
                return compared.of(column(node.field, USER), kind, self.moment)
            case EventFilter():
                return events.measured(node, self.counted(node), self.sources.catalog, self.moment)
            case SequenceFilter():
                name = self.sources.sequence(node, self.moment)
                return self._in(name, negated=node.operator == "did_not")
            case SegmentFilter():
                return self._in(self.sources.segment(node.segment), negated=node.operator is Operator.NOT_IN)
            case Group():
                return self.group(node)
            case _:
                assert_never(node)

    def certain(self, node: Child) -> exp.Expr:
        """A condition that is never NULL."""
        return certain(self.node(node), never_null(node))

    def group(self, group: Group) -> exp.Expr:
        conditions = [self.node(child) for child in group.children]
        if group.logic_operator == "AT_LEAST":
            joined = _at_least(conditions, group.at_least or 1)
        else:
            join = exp.and_ if group.logic_operator == "AND" else exp.or_
            joined = join(*conditions, copy=False)
        if not group.negate:
            return joined
        return exp.not_(certain(joined, never_null(group, within=True)), copy=False)

    def counted(self, node: EventFilter) -> Counted:
        counted = self.sources.events(Events.of(node, self.moment))
        self._joined[counted.name] = None
        return counted

    def without_value(self, node: Child) -> exp.Expr | None:
        """Whether a user has no value for a condition to compare; None where everyone has one."""
        match node:
            case UserFilter():
                return column(node.field, USER).is_(exp.null())
            case EventFilter() if not MEASURES[node.measure.measure].with_zero:
                return events.has_no_value(node, self.counted(node), self.moment, self.sources.catalog)
            case _:
                return None

    def _in(self, name: str, *, negated: bool) -> exp.Expr:
        self._joined[name] = None
        absent = column(KEY, name).is_(exp.null())
        return absent if negated else exp.not_(absent, copy=False)


def users(columns: Iterable[exp.Expr], joined: Iterable[str]) -> exp.Select:
    """`columns` of one row per user, with CTEs of at most one row per user joined to it."""
    table = exp.Table(this=identifier(USERS), alias=exp.TableAlias(this=identifier(USER)))
    query = exp.select(*columns).from_(table, copy=False)
    for name in joined:
        on = exp.EQ(this=column(KEY, name), expression=column(KEY, USER))
        query = query.join(exp.Table(this=identifier(name)), on=on, join_type="left", copy=False)
    return query


def with_sources(query: exp.Select, sources: Mapping[str, exp.Select]) -> exp.Select:
    """A query with the CTEs that it reads."""
    for name, made in sources.items():
        query = query.with_(identifier(name), as_=made, copy=False)
    # Parameters are numbered in the order in which the tree has its parts, and a WITH is read first.
    query.args = dict(sorted(query.args.items(), key=lambda part: part[0] != "with_"))
    return query


def never_null(node: Child, *, within: bool = False) -> bool:
    """Whether a condition's SQL is TRUE or FALSE for every user, so that NOT is already everyone else.

    `within` asks it of a group before its own `negate`.
    """
    match node:
        case UserFilter():
            row = USER_OPERATORS[node.operator]
            return row.holds_for_unknown or row.negates is Operator.IS_NULL
        case EventFilter():
            row = MEASURES[node.measure.measure].operators[node.operator]
            return (
                MEASURES[node.measure.measure].with_zero or row.holds_for_unknown or row.negates is not None
            )
        case SequenceFilter() | SegmentFilter():
            return True
        case Group():
            if node.logic_operator == "AT_LEAST" or (node.negate and not within):
                return True
            return all(never_null(child) for child in node.children)
        case _:
            assert_never(node)


def conjuncts(condition: exp.Expr | None) -> list[exp.Expr]:
    """The parts of an AND, so that WHERE shows one a line without parentheses around them all."""
    if condition is None:
        return []
    return list(condition.flatten()) if isinstance(condition, exp.And) else [condition]


def _at_least(conditions: list[exp.Expr], most: int) -> exp.Expr:
    """How many hold, compared; a condition that is NULL does not hold."""
    ones = [
        exp.Case().when(held, exp.Literal.number(1), copy=False).else_(exp.Literal.number(0), copy=False)
        for held in conditions
    ]
    total: exp.Expr = ones[0]
    for one in ones[1:]:
        total = exp.Add(this=total, expression=one)
    return exp.GTE(this=total, expression=value(most))


def _events_name(wanted: Events) -> tuple[str, str]:
    """What its CTE is called: `purchase_made`, and the suffix that tells its window: `_30d`."""
    names = "any_event" if ANY_EVENT in wanted.names else stem("_or_".join(wanted.names[:2]))
    span = wanted.span
    if span.anchor is not None:
        return names, f"_first_{span.anchor.days}d"
    if span.after is None:
        return names, "_since" if span.since else ""
    return names, f"_{(span.until - span.after).days}d"
