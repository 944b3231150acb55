"""Segment to plan to SQL: a row per user, a boolean per condition, groups combine them, negation is the rest.

WITH login_30d AS (one row per user who did it, with how often)
SELECT user_id FROM user_attributes LEFT JOIN login_30d WHERE conditions in the order of the spec
"""

from collections.abc import Sequence
from datetime import datetime

from sqlglot import exp

from duckmart.catalog import Catalog
from duckmart.compile.comparison import certain
from duckmart.compile.conditions import MOST_JOINED, Conditions, ConditionTable, Flagged, Question
from duckmart.compile.plan import CONDITIONS, EVENTS, KEY, USER, USERS, Plan, plan
from duckmart.compile.query import Query, column, identifier, value
from duckmart.compile.sampling import VARIANT, variant
from duckmart.compile.statement import Statement, conjuncts, cte_queries, with_sources
from duckmart.spec.segment import Segment
from duckmart.spec.tree import walk

__all__ = [
    "CONDITIONS",
    "EVENTS",
    "KEY",
    "MOST_JOINED",
    "USERS",
    "VARIANT",
    "Conditions",
    "Plan",
    "Question",
    "delivered",
    "found",
    "key_in_order",
    "members",
    "plan",
    "sizes",
    "truth_table",
]


def members(segment: Segment, catalog: Catalog, as_of: datetime) -> Query:
    """The ids of the segment's members, in order; cut only if the spec has a limit.

    A segment with a split has a second column, `variant`. `as_of` is naive UTC. The segment must have passed
    the check against this catalog, and hold the saved segments that it refers to.
    """
    planned = plan([segment], catalog, as_of)
    statement = Statement(planned, planned.roots[0], catalog)
    columns = [exp.alias_(column(KEY, USER), KEY)]
    if segment.sample is not None and segment.sample.split is not None:
        columns.append(exp.alias_(variant(segment.sample), VARIANT))
    key = key_in_order(column(KEY, USER), catalog)
    query = with_sources(statement.members(*columns), cte_queries(planned, catalog)).order_by(key, copy=False)
    if segment.limit is not None:
        query = query.limit(value(segment.limit), copy=False)
    return Query(query)


def found(segment: Segment, catalog: Catalog, as_of: datetime) -> Question:
    """The ids of the segment's members whatever its limit, in no order, asked over its conditions."""
    table = _table(segment, catalog, as_of)
    return table.question(_ids(_only(table)))


def delivered(segment: Segment, catalog: Catalog, as_of: datetime) -> Question:
    """As `members`, asked over the segment's conditions: one query of too many would take long to plan."""
    table = _table(segment, catalog, as_of)
    statement = _only(table)
    arm = statement.variant()
    query = _ids(statement, *([] if arm is None else [exp.alias_(arm, VARIANT)]))
    query = query.order_by(key_in_order(exp.column(KEY), catalog), copy=False)
    if segment.limit is not None:
        query = query.limit(value(segment.limit), copy=False)
    return table.question(query)


def key_in_order(key: exp.Column, catalog: Catalog) -> exp.Column:
    """The user id as rows are ordered by it, marked as text where it is one."""
    if catalog.attributes[KEY].kind.is_text:
        key.type = exp.DType.TEXT  # dialects order texts by code point where engines would not
    return key


def _table(segment: Segment, catalog: Catalog, as_of: datetime) -> ConditionTable:
    return ConditionTable(plan([segment], catalog, as_of), catalog)


def _only(table: ConditionTable) -> Flagged:
    """The statement of the one segment of a plan."""
    [root] = table.plan.roots
    return table.statement(root)


def _ids(statement: Flagged, *more: exp.Expr) -> exp.Select:
    """The ids of members, and more columns, read from the table of conditions."""
    query = exp.select(statement.table.user_id(), *more).from_(CONDITIONS)
    return query.where(*conjuncts(statement.root()), *statement.sampled(), copy=False)


def truth_table(segment: Segment, catalog: Catalog, as_of: datetime, *, combined: bool = True) -> Question:
    """How many users have each combination of the root's children, before `negate` and sample.

    Columns: `c1` .. `cn` for the children and, where the spec samples, `sampled`; then `users`. Beside them,
    numbered in the order of `walk`: `n1` .. for how many of the users nested conditions hold, and `v1` .. how
    many have no value for a condition to compare. Not `combined` there is one row, `total` is the segment's
    size, and `c1` .. count users as well.
    """
    table = _table(segment, catalog, as_of)
    statement = _only(table)
    flags: dict[str, exp.Expr] = {}
    counts: dict[str, exp.Expr] = {}
    for position, (path, node) in enumerate(walk(segment), 1):
        if len(path) > 2:
            counts[f"n{position}"] = statement.certain(node)
        if (without := statement.without_value(node)) is not None:
            counts[f"v{position}"] = without
    for position, child in enumerate(segment.children, 1):
        flags[f"c{position}"] = statement.certain(child)
    sampled = statement.sampled()
    if not combined:
        counts = {**flags, **counts, "total": _whole(statement, sampled)}
        flags = {}
    elif sampled:
        flags["sampled"] = sampled[0]
    users = exp.alias_(exp.Count(this=exp.Star()), "users")
    counted = [exp.alias_(exp.CountIf(this=made), name) for name, made in counts.items()]
    names = [identifier(name) for name in flags]
    held = exp.select(exp.Star(), *(exp.alias_(made, name) for name, made in flags.items())).from_(CONDITIONS)
    query = exp.select(*names, users, *counted).from_(held.subquery("held") if flags else CONDITIONS)
    return table.question(query.group_by(*names, copy=False) if names else query)


def sizes(segments: Sequence[Segment], catalog: Catalog, as_of: datetime) -> Question:
    """How many members each of several segments has, whatever their limits: one row of `s1` .. `sn`.

    They hold the same saved segments. What they have in common, as the same objects, is worked out once.
    """
    table = ConditionTable(plan(segments, catalog, as_of), catalog)
    counted = [
        exp.alias_(exp.CountIf(this=_whole(statement, statement.sampled())), f"s{position}")
        for position, statement in enumerate(map(table.statement, table.plan.roots), 1)
    ]
    return table.question(exp.select(*counted).from_(CONDITIONS))


def _whole(statement: Statement, sampled: list[exp.Expr]) -> exp.Expr:
    """Whether a user is a member, sample included."""
    condition = statement.root()
    held = exp.true() if condition is None else certain(condition, known=False)
    return exp.and_(held, *sampled, copy=False) if sampled else held
