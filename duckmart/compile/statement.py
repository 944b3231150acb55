"""The SQL tree of a plan: its CTEs, and the SELECT over users of each of its segments."""

from collections.abc import Iterable, Iterator, Mapping
from typing import assert_never

from sqlglot import exp

from duckmart.catalog import Catalog
from duckmart.compile import events, measure_pairs, measures, ranks, summaries
from duckmart.compile.comparison import certain, filtered
from duckmart.compile.events import EventSource, Only, same_user
from duckmart.compile.plan import (
    KEY,
    USER,
    USERS,
    UTC,
    Cte,
    EventCte,
    EventSummary,
    Plan,
    RankCte,
    Root,
    SegmentCte,
    SequenceCte,
)
from duckmart.compile.query import aliased, column, comment, identifier, value
from duckmart.compile.sampling import is_sampled
from duckmart.compile.sequences import SequenceQueries
from duckmart.spec import describe
from duckmart.spec.operators import USER_OPERATORS, Operator
from duckmart.spec.segment import (
    Child,
    EventFilter,
    EventMeasure,
    Group,
    SegmentFilter,
    SequenceFilter,
    UserFilter,
)
from duckmart.spec.spans import Moment

Source = exp.Select | exp.Table
"""The query of a CTE, or a stored table with a row for each user in the order of users."""


def cte_queries(plan: Plan, catalog: Catalog, only: Only = None) -> dict[str, Source]:
    """What conditions read beside the users, by its name; each CTE reads only earlier ones.

    With `only`, the CTEs have rows of those users alone.
    """
    return {name: query for cte in plan.ctes for name, query in _queries(cte, plan, catalog, only)}


def _queries(cte: Cte, plan: Plan, catalog: Catalog, only: Only) -> Iterator[tuple[str, Source]]:
    match cte:
        case EventSummary():
            yield cte.name, aliased(cte.table, cte.name)
        case EventCte():
            only = None if cte.name in plan.ranked else only
            moment = Moment(plan.roots[0].moment.as_of, cte.events.zone or UTC)
            yield cte.name, events.aggregated(cte, EventSource(catalog, moment, cte.events.span, only))
        case SequenceCte():
            source = EventSource(catalog, cte.moment, cte.sequence.span, only)
            yield from SequenceQueries(cte, source).by_name().items()
        case RankCte():
            events_cte = plan.events(cte.node, cte.moment) if isinstance(cte.node, EventFilter) else None
            yield cte.name, ranks.ranked(cte, events_cte, catalog)
        case SegmentCte():
            statement = Statement(plan, cte.root, catalog, only)
            query = statement.members(exp.alias_(column(KEY, USER), KEY))
            words = f"{cte.segment_id}: {describe.sentence(cte.root.segment)}"
            query.add_comments([comment(words)])
            yield cte.name, query
        case _:
            assert_never(cte)


class Statement:
    """The conditions of one segment of a plan, over the users and the CTEs joined to them."""

    def __init__(self, plan: Plan, root: Root, catalog: Catalog, only: Only = None) -> None:
        self.plan, self.catalog, self.only = plan, catalog, only
        self.segment, self.moment = root.segment, root.moment
        summaries_by_name = {cte.name: cte for cte in plan.ctes if isinstance(cte, EventSummary)}
        self.joins: list[Join] = [
            aliased(summaries_by_name[name].table, name) if name in summaries_by_name else name
            for name in root.joins
        ]

    def users(self, *columns: exp.Expr) -> exp.Select:
        """`columns` of one row per user, with every CTE that conditions read joined to it."""
        query = users(columns, self.joins)
        return query.where(*events.is_asked(column(KEY, USER), self.only), copy=False)

    def members(self, *columns: exp.Expr) -> exp.Select:
        """`columns` of one row per member."""
        return self.users(*columns).where(*conjuncts(self.root()), *self.in_sample(), copy=False)

    def root(self) -> exp.Expr | None:
        """The segment's condition; None where everyone is a member."""
        if self.segment.children:
            return self.group(self.segment)
        return exp.false() if self.segment.negate else None

    def in_sample(self) -> list[exp.Expr]:
        in_sample = is_sampled(self.segment.sample)
        return [] if in_sample is None else [in_sample]

    def node(self, node: Child) -> exp.Expr:
        """A condition as SQL: TRUE for users who match, FALSE for others, NULL where a user has no value."""
        match node:
            case UserFilter() | EventFilter() if node.ranks:
                return ranks.condition(node, self.plan.rank(node, self.moment).name)
            case UserFilter():
                return filtered(node, self.catalog.attributes, _attribute, self.moment)
            case EventFilter() if node.than is not None:
                ctes = self.events(node), self.events(node.than)
                return measure_pairs.condition(node, *ctes, self.catalog, self.moment)
            case EventFilter():
                return measures.condition(node, self.events(node), self.catalog, self.moment)
            case SequenceFilter():
                name = self.plan.sequence(node, self.moment)
                return _in(name, negated=node.operator == "did_not")
            case SegmentFilter():
                return _in(self.plan.segment(node.segment), negated=node.operator is Operator.NOT_IN)
            case Group():
                return self.group(node)
            case _:
                assert_never(node)

    def events(self, node: EventMeasure) -> EventCte | EventSummary:
        """What a measure reads its aggregates from."""
        if summaries.answers(node, self.moment, self.catalog):
            return self.plan.summary(node, self.moment)
        return self.plan.events(node, self.moment)

    def certain(self, node: Child) -> exp.Expr:
        """A condition that is never NULL."""
        return certain(self.node(node), never_null(node))

    def group(self, group: Group) -> exp.Expr:
        conditions = [self.node(child) for child in group.children]
        if group.logic_operator == "AT_LEAST":
            condition = at_least(conditions, group.at_least or 1)
        else:
            join = exp.and_ if group.logic_operator == "AND" else exp.or_
            condition = join(*conditions, copy=False)
        if not group.negate:
            return condition
        return exp.not_(certain(condition, never_null(group, within=True)), copy=False)

    def without_value(self, node: Child) -> exp.Expr | None:
        """Whether a user has no value for a condition to compare; None where everyone has one."""
        match node:
            case UserFilter():
                fields = filter(None, (node.field, node.other_field))
                return exp.or_(*(_attribute(field).is_(exp.null()) for field in fields), copy=False)
            case EventFilter() if node.ranks:
                return column(KEY, self.plan.rank(node, self.moment).name).is_(exp.null())
            case EventFilter():
                unknown = [
                    measures.has_no_value(side, self.events(side), self.moment, self.catalog)
                    for _, side in node.sides
                    if not side.row.with_zero
                ]
                return exp.or_(*unknown, copy=False) if unknown else None
            case _:
                return None


def _attribute(field: str) -> exp.Column:
    return column(field, USER)


def _in(name: str, *, negated: bool) -> exp.Expr:
    """Whether a user has a row in a CTE."""
    absent = column(KEY, name).is_(exp.null())
    return absent if negated else exp.not_(absent, copy=False)


Join = str | exp.Table
"""The name of a CTE of at most one row per user, or a stored table of one row per user in their order."""


def users(columns: Iterable[exp.Expr], joins: Iterable[Join]) -> exp.Select:
    """`columns` of one row per user, with what is joined to it."""
    return join_users(exp.select(*columns).from_(aliased(USERS, USER), copy=False), joins)


def join_users(query: exp.Select, joins: Iterable[Join]) -> exp.Select:
    """A query over users with these joined to it."""
    # Stored tables come first: rows are joined by place only while they are in the users' order.
    for join in sorted(joins, key=lambda join: isinstance(join, str)):
        if isinstance(join, exp.Table):
            query.append("joins", exp.Join(this=join.copy(), method="POSITIONAL"))
        else:
            table = exp.Table(this=identifier(join))
            query = query.join(table, on=same_user(join, USER), join_type="left", copy=False)
    return query


def with_sources(query: exp.Select, sources: Mapping[str, Source]) -> exp.Select:
    """A query with the CTEs that it reads."""
    for name, source in sources.items():
        if isinstance(source, exp.Select):
            query = query.with_(identifier(name), as_=source, copy=False)
    # Parameters are numbered in the order in which the tree has its parts, and a WITH is read first.
    query.args = dict(sorted(query.args.items(), key=lambda part: part[0] != "with_"))
    return query


def never_null(node: Child, *, within: bool = False) -> bool:
    """Whether a condition's SQL is never NULL, so that NOT of it is already everyone else.

    With `within`, the answer is about a group without its own `negate`.
    """
    match node:
        case UserFilter():
            row = USER_OPERATORS[node.operator]
            return row.holds_for_unknown or row.negates is Operator.IS_NULL
        case EventFilter():
            row = node.operators[node.operator]
            has_value = not node.ranks and all(side.row.with_zero for _, side in node.sides)
            return has_value or row.holds_for_unknown or row.negates is not None
        case SequenceFilter() | SegmentFilter():
            return True
        case Group():
            if node.logic_operator == "AT_LEAST" or (node.negate and not within):
                return True
            return all(never_null(child) for child in node.children)
        case _:
            assert_never(node)


def conjuncts(condition: exp.Expr | None) -> list[exp.Expr]:
    """The parts of an AND: WHERE shows each on its own line, without parentheses around them all."""
    if condition is None:
        return []
    return list(condition.flatten()) if isinstance(condition, exp.And) else [condition]


def at_least(conditions: list[exp.Expr], number: int) -> exp.Expr:
    """Whether this many of the conditions hold; one that is NULL does not."""
    ones = [
        exp.Case().when(condition, exp.Literal.number(1), copy=False).else_(exp.Literal.number(0), copy=False)
        for condition in conditions
    ]
    total: exp.Expr = ones[0]
    for one in ones[1:]:
        total = exp.Add(this=total, expression=one)
    return exp.GTE(this=total, expression=value(number))
