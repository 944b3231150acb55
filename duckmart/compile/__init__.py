"""Spec to SQL: one row per user, each condition a boolean, groups combine them, negation is everyone else.

WITH login_30d AS (one row per user who did it, with how often)
SELECT user_id FROM user_attributes LEFT JOIN login_30d WHERE conditions in the order of the spec
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from typing import assert_never
from zoneinfo import ZoneInfo

from sqlglot import exp

from duckmart import instants
from duckmart.catalog import Catalog
from duckmart.operators import USER_OPERATORS, Kind, Operator
from duckmart.query import RESERVED, Plain, Query, any_of, column, comment, identifier, value
from duckmart.segment import Child, EventFilter, Group, Segment, UserFilter, walk

USERS = "user_attributes"
EVENTS = "user_events"
KEY = "user_id"

# How a user is called in the SQL, and how often an event happened.
_USER = "u"
_TIMES = "times"
_CONDITIONS = "conditions"
_NAME_LENGTH = 40

Comparison = Callable[[exp.Expr, exp.Expr], exp.Expr]

COMPARE: dict[Operator, Comparison] = {
    Operator.EQ: lambda x, v: exp.EQ(this=x, expression=v),
    Operator.GT: lambda x, v: exp.GT(this=x, expression=v),
    Operator.GTE: lambda x, v: exp.GTE(this=x, expression=v),
    Operator.LT: lambda x, v: exp.LT(this=x, expression=v),
    Operator.LTE: lambda x, v: exp.LTE(this=x, expression=v),
    Operator.LIKE: lambda x, v: exp.Like(this=x, expression=v),
}
# A negative operator is everyone whom its positive twin does not hold for, users without a value included.
POSITIVE: dict[Operator, Operator] = {Operator.NE: Operator.EQ, Operator.NOT_IN: Operator.IN}


def members(segment: Segment, catalog: Catalog, as_of: datetime) -> Query:
    """The ids of the segment's members, in order; cut only if the spec has a limit.

    `as_of` is naive UTC. The segment must have passed the check against this catalog.
    """
    compiler = _Compiler(segment, catalog, as_of)
    query = compiler.counted_in(compiler.users(exp.alias_(column(KEY, _USER), KEY)))
    condition = compiler.root()
    if condition is not None:
        query = query.where(*_conjuncts(condition), copy=False)
    query = query.order_by(column(KEY, _USER), copy=False)
    if segment.limit is not None:
        query = query.limit(value(segment.limit), copy=False)
    return Query(query)


def truth_table(segment: Segment, catalog: Catalog, as_of: datetime) -> Query:
    """How many users have each combination of the root's children: columns `c1` .. `cn`, then `users`.

    The children stand before the root's `negate`. Without children there is one row, `users`.
    """
    compiler = _Compiler(segment, catalog, as_of)
    names = [f"c{position}" for position, _ in enumerate(segment.children, 1)]
    held = [
        exp.alias_(compiler.certain(child), name) for name, child in zip(names, segment.children, strict=True)
    ]
    conditions = compiler.users(*held) if held else compiler.users(column(KEY, _USER))
    flags = [identifier(name) for name in names]
    query = exp.select(*flags, exp.alias_(exp.Count(this=exp.Star()), "users")).from_(_CONDITIONS)
    query = compiler.counted_in(query).with_(_CONDITIONS, as_=conditions, copy=False)
    return Query(query.group_by(*flags, copy=False) if flags else query)


@dataclass(frozen=True, slots=True)
class Events:
    """The events that a condition counts, and so the CTE that counts them; equal ones share one CTE."""

    event_name: str
    days: int | None

    @classmethod
    def of(cls, node: EventFilter) -> "Events":
        return cls(node.event_name, node.time_range_days)


class _Compiler:
    """The parts of one segment's SQL, each made on request from the segment, catalog and `as_of` alone."""

    def __init__(self, segment: Segment, catalog: Catalog, as_of: datetime) -> None:
        self.segment, self.catalog, self.as_of = segment, catalog, as_of
        counted = (Events.of(node) for _, node in walk(segment) if isinstance(node, EventFilter))
        self.names = _cte_names(dict.fromkeys(counted))

    def users(self, *columns: exp.Expr) -> exp.Select:
        """`columns` of one row per user, with every count joined to it."""
        users = exp.Table(this=identifier(USERS), alias=exp.TableAlias(this=identifier(_USER)))
        query = exp.select(*columns).from_(users, copy=False)
        for name in self.names.values():
            on = exp.EQ(this=column(KEY, name), expression=column(KEY, _USER))
            query = query.join(exp.Table(this=identifier(name)), on=on, join_type="left", copy=False)
        return query

    def counted_in(self, query: exp.Select) -> exp.Select:
        """`query` with the CTEs that its counts come from."""
        for events, name in self.names.items():
            query = query.with_(identifier(name), as_=self.counts(events), copy=False)
        return query

    def counts(self, events: Events) -> exp.Select:
        """How often each user did it, for those who did it at all."""
        query = exp.select(KEY, exp.alias_(exp.Count(this=exp.Star()), _TIMES)).from_(
            identifier(EVENTS), copy=False
        )
        query = query.where(*self.counted(events), copy=False).group_by(KEY, copy=False)
        query.add_comments([comment(self.caption(events))])
        return query

    def counted(self, events: Events) -> list[exp.Expr]:
        """What makes an event count; events later than `as_of` never do."""
        time = exp.column("timestamp")
        conditions: list[exp.Expr] = [exp.column("event_name").eq(value(events.event_name))]
        if events.days is not None:
            conditions.append(
                exp.GT(this=time, expression=value(instants.days_before(self.as_of, events.days)))
            )
        conditions.append(exp.LTE(this=time.copy(), expression=value(self.as_of)))
        return conditions

    def caption(self, events: Events) -> str:
        until = self.as_of.date()
        if events.days is None:
            return f"{events.event_name}, until {until}"
        return f"{events.event_name}, {instants.days_before(self.as_of, events.days).date()} to {until}"

    def root(self) -> exp.Expr | None:
        """The segment's condition; None where everyone is a member."""
        if self.segment.children:
            return self.node(self.segment)
        return exp.false() if self.segment.negate else None

    def node(self, node: Child) -> exp.Expr:
        """A condition as SQL: TRUE for those who match; FALSE, or NULL for want of a value, for the rest."""
        match node:
            case UserFilter():
                return self.user_filter(node)
            case EventFilter():
                return self.event_filter(node)
            case Group():
                return self.group(node)
            case _:
                assert_never(node)

    def certain(self, node: Child) -> exp.Expr:
        """A condition that is never NULL."""
        return _certain(self.node(node), never_null(node))

    def group(self, group: Group) -> exp.Expr:
        join = exp.and_ if group.logic_operator == "AND" else exp.or_
        joined = join(*(self.node(child) for child in group.children), copy=False)
        if not group.negate:
            return joined
        known = all(never_null(child) for child in group.children)
        return exp.not_(_certain(joined, known), copy=False)

    def event_filter(self, node: EventFilter) -> exp.Expr:
        # Who never did it has no row in the CTE, and did it 0 times.
        times = exp.Coalesce(
            this=column(_TIMES, self.names[Events.of(node)]), expressions=[exp.Literal.number(0)]
        )
        if node.operator is Operator.NE:
            return exp.NEQ(this=times, expression=value(node.count))
        return COMPARE[node.operator](times, value(node.count))

    def user_filter(self, node: UserFilter) -> exp.Expr:
        positive = POSITIVE.get(node.operator, node.operator)
        held = self.compare(node.field, positive, node.value)
        # An unknown plan is not the premium plan, though SQL would not say so.
        return held if positive is node.operator else exp.not_(_certain(held, known=False), copy=False)

    def compare(self, field: str, operator: Operator, operand: object) -> exp.Expr:
        kind = self.catalog.attributes[field].kind
        attribute = column(field, _USER)
        operands = [typed(plain, kind) for plain in (operand if isinstance(operand, tuple) else (operand,))]
        days = [plain for plain in operands if kind is Kind.TIMESTAMP and not isinstance(plain, datetime)]
        if days:
            return _any(
                on_day(attribute.copy(), operator, plain, self.segment.zone)
                if isinstance(plain, date) and not isinstance(plain, datetime)
                else COMPARE[Operator.EQ if operator is Operator.IN else operator](
                    attribute.copy(), value(plain)
                )
                for plain in operands
            )
        if operator is Operator.IN:
            return any_of(attribute, operands)
        return COMPARE[operator](attribute, value(operands[0]))


def typed(plain: object, kind: Kind) -> Plain:
    """A spec's value as the column's kind compares it: texts for dates and times become such."""
    if isinstance(plain, str) and kind in (Kind.DATE, Kind.TIMESTAMP):
        return instants.parse(plain)
    assert isinstance(plain, Plain)  # noqa: S101 - what the spec's models let through
    return plain


def on_day(time: exp.Expr, operator: Operator, day: date, zone: ZoneInfo) -> exp.Expr:
    """A time compared with a whole local day: `gt` is after its last instant, `gte` from its first."""
    first, last = value(instants.day_start(day, zone)), value(instants.day_end(day, zone))
    match operator:
        case Operator.EQ | Operator.IN:
            return exp.Between(this=time, low=first, high=last)
        case Operator.GT | Operator.LTE:
            return COMPARE[operator](time, last)
        case _:
            return COMPARE[operator](time, first)


def never_null(node: Child) -> bool:
    """Whether a condition's SQL is TRUE or FALSE for every user, so that NOT is already everyone else."""
    match node:
        case UserFilter():
            return USER_OPERATORS[node.operator].holds_for_unknown
        case EventFilter():
            return True
        case Group():
            return node.negate or all(never_null(child) for child in node.children)
        case _:
            assert_never(node)


def _certain(condition: exp.Expr, known: bool) -> exp.Expr:
    return condition if known else exp.Coalesce(this=condition, expressions=[exp.false()])


def _any(conditions: Iterable[exp.Expr]) -> exp.Expr:
    return exp.or_(*conditions, copy=False)


def _conjuncts(condition: exp.Expr) -> list[exp.Expr]:
    """The parts of an AND, so that WHERE shows one a line without parentheses around them all."""
    return list(condition.flatten()) if isinstance(condition, exp.And) else [condition]


def _cte_names(counted: Iterable[Events]) -> dict[Events, str]:
    """A readable name for each CTE: `purchase_made_30d`; unique, and never a table's."""
    return reduce(_named, counted, {})


def _named(names: dict[Events, str], events: Events) -> dict[Events, str]:
    window = f"_{events.days}d" if events.days is not None else ""
    letters = unicodedata.normalize("NFKD", events.event_name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "_", letters).strip("_")
    stem = stem if stem and not stem[0].isdigit() else f"events_{stem}"
    stem = stem[: _NAME_LENGTH - 12].strip("_")
    tables = {USERS, EVENTS, _USER, _CONDITIONS}
    stem = f"{stem}_events" if stem in RESERVED | tables else stem
    name = f"{stem}{window}"
    taken = {*names.values(), *tables}
    numbered = (name if number == 1 else f"{stem}_{number}{window}" for number in range(1, len(names) + 3))
    return {**names, events: next(candidate for candidate in numbered if candidate not in taken)}
