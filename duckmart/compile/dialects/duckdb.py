"""Guards against queries that DuckDB 2.0 would answer wrong."""

from sqlglot import exp

from duckmart.compile.dialects.numbers import is_wide_quotient


def guard(query: exp.Expr) -> None:
    """Change a query in place so that DuckDB's optimizer cannot break it.

    Long random runs of the differential test found both cases.
    """
    ctes = list(query.find_all(exp.CTE))
    # DuckDB fails on some queries when it merges CTEs with window functions into them.
    if query.find(exp.Window) is not None:
        for cte in ctes:
            cte.set("materialized", True)
        # A quotient of decimals would be a float.
        for quotient in filter(is_wide_quotient, query.find_all(exp.IntDiv)):
            for number in (quotient.this, quotient.expression):
                number.set("to", exp.DataType.build(exp.DType.INT128))
    # DuckDB takes a LEFT JOIN to a CTE that it knows to be empty for empty as a whole, and drops the LIMIT
    # above it as one that cuts nothing. It keeps a LIMIT with an OFFSET.
    if ctes and query.args.get("limit") is not None:
        query.set("offset", exp.Offset(expression=exp.Literal.number(0)))
