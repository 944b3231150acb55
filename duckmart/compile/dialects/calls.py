"""Calls of functions that only some engines have."""

from sqlglot import exp


def call(function: str, *operands: exp.Expr) -> exp.Expr:
    """A call that is written exactly so in every dialect: sqlglot does not know the function."""
    return exp.Anonymous(this=function, expressions=list(operands))
