"""Numbers and times as the dialects have them: casts, exact fractions, counts."""

from collections.abc import Callable

from sqlglot import exp


def postgres_count_if(node: exp.CountIf) -> exp.Expr:
    return exp.Filter(this=exp.Count(this=exp.Star()), expression=exp.Where(this=node.this))


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
