"""Fit a query's tree to a dialect: change what would mean something else there than in DuckDB.

For each dialect a table: kind of node -> the node that means the same there. What sqlglot writes right by
itself is not here. Everywhere, times are taken for UTC: in columns without a zone, or in a UTC session.
"""

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from duckmart.compile.dialects import clickhouse, duckdb, lists, numbers, text, windows

Change = Callable[[Any], exp.Expr]


def fit(tree: exp.Expr, dialect: str) -> exp.Expr:
    """Change the tree in place, so that it means in the dialect what it means in DuckDB, and return it."""
    changes = CHANGES[dialect]
    # From the leaves up, so that a change finds the parts of its node fitted.
    for node in reversed(list(tree.walk(bfs=False))) if changes else ():
        change = changes.get(type(node))
        replacement = change(node) if change else node
        if replacement is not node:
            node.replace(replacement)
    if dialect in QUERY_CHANGES:
        QUERY_CHANGES[dialect](tree)
    return tree


# Names that sqlglot leaves bare: functions of the session, and words that Snowflake reserves.
_SESSION = """
    current_catalog current_date current_role current_schema current_time current_timestamp current_user
    localtime localtimestamp session_user system_user
"""

_SNOWFLAKE = """
    account alter connect connection database drop following gscluster increment issue minus organization
    regexp rlike sample schema trigger view whenever
"""

# No operator compares two lists.
_LISTS: dict[type[exp.Expr], Change] = {
    exp.ArrayOverlaps: lists.any_contained,
    exp.ArrayContainsAll: lists.all_contained,
}

_SPARK: dict[type[exp.Expr], Change] = {
    **_LISTS,
    exp.IntDiv: numbers.without_rest,
    # A backslash escapes, and ESCAPE takes no empty text.
    exp.Like: text.with_doubled_backslashes,
    # Java's lowercase makes two letters of İ, and ς of a Σ that ends a word.
    exp.Lower: text.lower_one_to_one,
    exp.Identifier: text.quote("minus"),
}

CHANGES: dict[str, dict[type[exp.Expr], Change]] = {
    "duckdb": {},
    "postgres": {
        # A backslash escapes unless another character, or none, is named.
        exp.Like: text.without_escape,
        exp.EndsWith: text.suffix_is,
        # Text is ordered by the collation of the database or column; in some even digits come after letters.
        exp.Order: text.order_by_code_point,
        exp.Min: text.extreme_by_code_point,
        exp.Max: text.extreme_by_code_point,
        exp.ArrayOverlaps: lists.of_one_type,
        exp.ArrayContainsAll: lists.of_one_type,
        exp.ArrayDistinct: lists.distinct_elements,
        exp.MD5: text.md5_by_code_point,
        exp.Identifier: text.quote(_SESSION),
        # Of no rows the sum that sqlglot writes is NULL.
        exp.CountIf: numbers.postgres_count_if,
        # Both are NUMERIC.
        exp.Extract: numbers.as_whole_number,
        exp.IntDiv: numbers.postgres_quotient,
        # A comparison is no number.
        exp.Cast: numbers.postgres_cast,
    },
    "clickhouse": {
        **_LISTS,
        exp.Like: text.with_doubled_backslashes,
        # LOWER changes ASCII only; lowerUTF8 makes two letters of İ, and ς of a Σ that ends a word.
        exp.Lower: text.lower_utf8,
        # DateTime counts seconds, Date begins in 1970; both take the server's zone unless told.
        exp.Cast: clickhouse.cast,
        # A number with a point is a Float64.
        exp.Literal: clickhouse.decimal,
        # A list takes only what fits the type of what is sought in it.
        exp.In: clickhouse.equal_to_any,
        exp.LogicalAnd: clickhouse.least,
        exp.LogicalOr: clickhouse.greatest,
        exp.IntDiv: numbers.clickhouse_quotient,
        # The unit is a text.
        exp.DateDiff: numbers.clickhouse_date_diff,
        # RANGE takes numbers of 32 bits only, too few for microseconds.
        exp.Select: windows.spans_as_joins,
    },
    "spark": _SPARK,
    "databricks": _SPARK,
    "snowflake": {
        **_LISTS,
        # What a bare TIMESTAMP is, is a parameter of the session.
        exp.Cast: numbers.timestamp("TIMESTAMPNTZ"),
        exp.IntDiv: numbers.without_rest,
        exp.Identifier: text.quote(f"{_SESSION} {_SNOWFLAKE}"),
    },
    "bigquery": {
        **_LISTS,
        exp.Like: text.with_doubled_backslashes,
        # LOWER follows the Unicode tables: two letters of İ, and ς of a Σ that ends a word.
        exp.Lower: text.lower_one_to_one,
        # A number with a point is a FLOAT64.
        exp.Literal: numbers.bigquery_decimal,
        exp.Interval: windows.number_of_units,
        exp.DateDiff: numbers.bigquery_datetime_diff,
        # RANGE takes numbers only, and a window no NULLS LAST; what windows are ordered by is never unknown.
        exp.Window: windows.range_of_microseconds,
        exp.Ordered: windows.without_nulls_order,
        exp.Identifier: text.quote(_SESSION),
    },
    "trino": {
        **_LISTS,
        exp.EndsWith: text.substring_from_end_is,
        # A bare TIMESTAMP has milliseconds.
        exp.Cast: numbers.timestamp("TIMESTAMP(6)"),
        exp.IntDiv: numbers.without_rest,
        exp.Interval: windows.text_of_units,
        exp.DateDiff: numbers.trino_microseconds,
        exp.Identifier: text.quote(_SESSION),
    },
    "redshift": {
        **_LISTS,
        exp.IntDiv: numbers.without_rest,
        exp.Like: text.with_doubled_backslashes,
        exp.StartsWith: text.prefix_is,
        exp.EndsWith: text.suffix_is,
        exp.Substring: text.prefix,
        # There is no RANGE of a span.
        exp.Select: windows.spans_as_joins,
    },
}

# What a query as a whole needs, once its parts are fitted.
QUERY_CHANGES: dict[str, Callable[[exp.Expr], None]] = {
    "duckdb": duckdb.guard,
    "clickhouse": clickhouse.with_settings,
}
