"""Compile a segment to a plan, and the plan to SQL: a row per user and a boolean per condition.

WITH login_30d AS (one row per user who did it, with how often)
SELECT user_id FROM user_attributes LEFT JOIN login_30d WHERE conditions in the order of the spec
"""

from collections.abc import Sequence
from datetime import datetime

from sqlglot import exp

from duckmart.catalog import Catalog
from duckmart.compile.comparison import certain
from duckmart.compile.conditions import (
    MOST_JOINED,
    ColumnStatement,
    Conditions,
    ConditionTable,
    CountQuestion,
    Question,
)
from duckmart.compile.plan import CONDITIONS, EVENTS, KEY, USER, USERS, Plan
from duckmart.compile.planner import plan
from duckmart.compile.query import Query, column, value
from duckmart.compile.sampling import VARIANT, variant
from duckmart.compile.statement import Statement, conjuncts, cte_queries, with_sources
from duckmart.compile.volumes import groups_few
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
    "CountQuestion",
    "Plan",
    "Question",
    "delivery",
    "key_in_order",
    "member_ids",
    "members",
    "plan",
    "sizes",
    "truth_table",
]


def members(segment: Segment, catalog: Catalog, as_of: datetime) -> Query:
    """The ids of the segment's members in order, up to the spec's limit.

    A segment with a split has a second column, `variant`. `as_of` is naive UTC. The segment must have passed
    the check against this catalog, and hold the saved segments that it refers to.
    """
    query_plan = plan([segment], catalog, as_of)
    statement = Statement(query_plan, query_plan.roots[0], catalog)
    columns = [exp.alias_(column(KEY, USER), KEY)]
    if segment.sample is not None and segment.sample.split is not None:
        columns.append(exp.alias_(variant(segment.sample), VARIANT))
    key = key_in_order(column(KEY, USER), catalog)
    query = with_sources(statement.members(*columns), cte_queries(query_plan, catalog)).order_by(
        key, copy=False
    )
    if segment.limit is not None:
        query = query.limit(value(segment.limit), copy=False)
    return Query(query, all(groups_few(cte, catalog) for cte in query_plan.ctes))


def member_ids(segment: Segment, catalog: Catalog, as_of: datetime) -> Question:
    """The ids of all members, in no order and without the limit, over the table of conditions."""
    table = _table(segment, catalog, as_of)
    return table.question(_ids(_only(table)))


def delivery(segment: Segment, catalog: Catalog, as_of: datetime) -> Question:
    """The same rows as `members`, over the table of conditions: a query of many CTEs is slow to plan."""
    table = _table(segment, catalog, as_of)
    statement = _only(table)
    arm = statement.variant()
    query = _ids(statement, *([] if arm is None else [exp.alias_(arm, VARIANT)]))
    query = query.order_by(key_in_order(exp.column(KEY), catalog), copy=False)
    if segment.limit is not None:
        query = query.limit(value(segment.limit), copy=False)
    return table.question(query)


def key_in_order(key: exp.Column, catalog: Catalog) -> exp.Column:
    """The user id to order rows by, marked as text if it is text."""
    if catalog.attributes[KEY].kind.is_text:
        key.type = exp.DType.TEXT  # dialects order texts by code point where engines would not
    return key


def _table(segment: Segment, catalog: Catalog, as_of: datetime) -> ConditionTable:
    return ConditionTable(plan([segment], catalog, as_of), catalog)


def _only(table: ConditionTable) -> ColumnStatement:
    """The statement of the one segment of a plan."""
    [root] = table.plan.roots
    return table.statement(root)


def _ids(statement: ColumnStatement, *more: exp.Expr) -> exp.Select:
    """The ids of members, and more columns, read from the table of conditions."""
    query = exp.select(statement.table.user_id(), *more).from_(CONDITIONS)
    return query.where(*conjuncts(statement.root()), *statement.in_sample(), copy=False)


def truth_table(
    segment: Segment, catalog: Catalog, as_of: datetime, *, by_combination: bool = True
) -> CountQuestion:
    """How many users have each combination of the root's children, before `negate` and sample.

    Columns: `c1` .. `cn` for the children and, where the spec samples, `sampled`; then `users`. Beside them,
    numbered in the order of `walk`: `n1` .. for how many of the users nested conditions hold, and `v1` .. how
    many have no value for a condition to compare. Without `by_combination` there is one row, in which `total`
    is the segment's size and `c1` .. count users as well.
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
    in_sample = statement.in_sample()
    if not by_combination:
        counts = {**flags, **counts, "total": _is_member(statement, in_sample)}
        flags = {}
    elif in_sample:
        flags["sampled"] = in_sample[0]
    return table.count(flags, counts)


def sizes(segments: Sequence[Segment], catalog: Catalog, as_of: datetime) -> CountQuestion:
    """How many members each of several segments has, limits aside: one row of `users`, `s1` .. `sn`.

    The segments must hold the same saved segments. A condition object that several share is one column.
    """
    table = ConditionTable(plan(segments, catalog, as_of), catalog)
    statements = map(table.statement, table.plan.roots)
    counts = {
        f"s{position}": _is_member(statement, statement.in_sample())
        for position, statement in enumerate(statements, 1)
    }
    return table.count({}, counts)


def _is_member(statement: Statement, in_sample: list[exp.Expr]) -> exp.Expr:
    """Whether a user is a member, sample included."""
    condition = statement.root()
    holds = exp.true() if condition is None else certain(condition, never_null=False)
    return exp.and_(holds, *in_sample, copy=False) if in_sample else holds
