"""Numbers and times as the dialects have them: casts, exact fractions, counts."""

from collections.abc import Callable

from sqlglot import exp

from duckmart.compile.dialects.calls import call


def postgres_count_if(node: exp.CountIf) -> exp.Expr:
    return exp.Filter(this=exp.Count(this=exp.Star()), expression=exp.Where(this=node.this))


def is_wide_quotient(node: exp.Expr) -> bool:
    """Whether a whole quotient is of numbers beyond 64 bits."""
    return isinstance(node, exp.IntDiv) and isinstance(node.this, exp.Cast) and node.this.is_type("DECIMAL")


def without_rest(node: exp.IntDiv) -> exp.Expr:
    """The same where a whole quotient has 64 bits or is a float: less its rest, a number divides exactly."""
    if not is_wide_quotient(node):
        return node
    rest = exp.Mod(this=node.this.copy(), expression=node.expression.copy())
    return exp.Div(this=exp.paren(exp.Sub(this=node.this, expression=rest)), expression=node.expression)


def postgres_quotient(node: exp.IntDiv) -> exp.Expr:
    return node if is_wide_quotient(node) else as_whole_number(node)


def clickhouse_quotient(node: exp.IntDiv) -> exp.Expr:
    if not is_wide_quotient(node):
        return node
    return call("intDiv", call("toInt256", node.this), call("toInt256", node.expression))


def as_whole_number(node: exp.Extract | exp.IntDiv) -> exp.Expr:
    return exp.cast(node.copy(), exp.DType.BIGINT)


def postgres_cast(node: exp.Cast) -> exp.Expr:
    if not isinstance(node.this.unnest(), exp.Predicate) or not node.is_type(exp.DType.BIGINT):
        return node
    return exp.Case().when(node.this.unnest(), exp.Literal.number(1)).else_(exp.Literal.number(0))


def bigquery_decimal(node: exp.Literal) -> exp.Expr:
    if not is_fraction(node):
        return node
    # NUMERIC has 9 digits after the point.
    fits = len(node.name.partition(".")[2]) <= 9
    return exp.cast(exp.Literal.string(node.name), exp.DType.DECIMAL if fits else exp.DType.BIGDECIMAL)


def is_fraction(node: exp.Literal) -> bool:
    return not node.is_string and "." in node.name


def timestamp(exactly: str) -> Callable[[exp.Cast], exp.Expr]:
    """A change of casts to TIMESTAMP into casts to exactly this type."""
    to = exp.DataType.build(exactly)

    def change(node: exp.Cast) -> exp.Expr:
        return exp.Cast(this=node.this, to=to.copy()) if node.to.this == exp.DType.TIMESTAMP else node

    return change


def clickhouse_date_diff(node: exp.DateDiff) -> exp.Expr:
    unit = exp.Literal.string(node.args["unit"].name.lower())
    return call("dateDiff", unit, node.expression, node.this)


def bigquery_datetime_diff(node: exp.DateDiff) -> exp.Expr:
    return exp.DatetimeDiff(this=node.this, expression=node.expression, unit=node.args["unit"])


def trino_microseconds(node: exp.DateDiff) -> exp.Expr:
    """Trino's own function counts milliseconds; its seconds are floats, exact enough to be rounded."""
    first, last = (call("to_unixtime", moment) for moment in (node.expression, node.this))
    seconds = exp.paren(exp.Sub(this=last, expression=first))
    microseconds = exp.Mul(this=seconds, expression=exp.Literal.number(1_000_000))
    return exp.cast(exp.Round(this=microseconds), exp.DType.BIGINT)
