"""Lists compared with lists, for dialects that have no operator for that."""

from sqlglot import exp


def any_contained(node: exp.ArrayOverlaps) -> exp.Expr:
    """One of the values is in the list."""
    return _within(node.parent, exp.or_(*_contained(node), copy=False))


def all_contained(node: exp.ArrayContainsAll) -> exp.Expr:
    """Each of the values is in the list."""
    return _within(node.parent, exp.and_(*_contained(node), copy=False))


def _contained(node: exp.ArrayOverlaps | exp.ArrayContainsAll) -> list[exp.Expr]:
    return [exp.ArrayContains(this=node.this.copy(), expression=each) for each in node.expression.expressions]


def _within(parent: exp.Expr | None, condition: exp.Expr) -> exp.Expr:
    """The condition in parentheses where its parent would take it apart."""
    is_apart = isinstance(condition, exp.Connector) and isinstance(parent, exp.Connector | exp.Not)
    return exp.paren(condition, copy=False) if is_apart else condition


def of_one_type(node: exp.ArrayOverlaps | exp.ArrayContainsAll) -> exp.Expr:
    """For PostgreSQL, which compares lists of one type only: numbers as NUMERIC, the others as TEXT."""
    values = node.expression.meta.get("bound", [])
    element = exp.DType.TEXT if values and isinstance(values[0], str) else exp.DType.DECIMAL
    type_ = exp.DataType(this=exp.DType.ARRAY, expressions=[exp.DataType(this=element)], nested=True)
    for side in ("this", "expression"):
        node.set(side, exp.cast(node.args[side], type_.copy()))
    return node


def distinct_elements(node: exp.ArrayDistinct) -> exp.Expr:
    """PostgreSQL has no function for the different elements of a list."""
    elements = exp.select(exp.alias_(exp.Unnest(expressions=[node.this]), "element"))
    known = exp.column("element").is_(exp.null()).not_()
    query = exp.select("element").distinct().from_(elements.subquery("elements")).where(known)
    return exp.Array(expressions=[query])
