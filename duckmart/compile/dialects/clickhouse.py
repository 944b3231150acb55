"""What only ClickHouse needs: its types, and settings that make it follow the SQL standard."""

from sqlglot import exp

from duckmart.compile.dialects.calls import call
from duckmart.compile.dialects.numbers import is_fraction


def cast(node: exp.Cast) -> exp.Expr:
    zone = exp.Literal.string("UTC")
    match node.to.this:
        case exp.DType.TIMESTAMP:
            return call("toDateTime64", node.this, exp.Literal.number(6), zone)
        case exp.DType.DATE if node.this.is_string:
            return call("toDate32", node.this)
        case exp.DType.DATE:
            return call("toDate32", node.this, zone)
    return node


def decimal(node: exp.Literal) -> exp.Expr:
    if not is_fraction(node):
        return node
    # Half of the 38 or 76 digits are left to what it is multiplied with.
    bits = 128 if len(node.name) <= 20 else 256
    scale = len(node.name.partition(".")[2])
    return call(f"toDecimal{bits}", exp.Literal.string(node.name), exp.Literal.number(scale))


def equal_to_any(node: exp.In) -> exp.Expr:
    """An IN of decimals as comparisons joined by OR."""
    if not any(function.name.startswith("toDecimal") for function in node.find_all(exp.Anonymous)):
        return node
    equal = [exp.EQ(this=node.this.copy(), expression=one) for one in node.expressions]
    return exp.paren(exp.or_(*equal, copy=False), copy=False)


def least(node: exp.LogicalAnd) -> exp.Expr:
    return exp.Min(this=node.this)


def greatest(node: exp.LogicalOr) -> exp.Expr:
    return exp.Max(this=node.this)


def with_settings(query: exp.Expr) -> None:
    """Add the settings without which ClickHouse would answer a SELECT differently from the standard."""
    if not isinstance(query, exp.Select):
        return
    uses = {
        # Otherwise a LEFT JOIN fills in 0 or ''.
        "join_use_nulls": query.find(exp.Join) is not None,
        # Otherwise the MAX of an empty frame is 0.
        "aggregate_functions_null_for_empty": query.find(exp.Window) is not None,
        # Otherwise WHERE takes a column for the alias of the same name in the SELECT.
        "prefer_column_name_to_alias": any(map(_has_alias_of_a_column, query.find_all(exp.Select))),
    }
    settings = [
        exp.EQ(this=exp.var(name), expression=exp.Literal.number(1))
        for name, is_used in uses.items()
        if is_used
    ]
    if settings:
        query.set("settings", settings)


def _has_alias_of_a_column(select: exp.Select) -> bool:
    aliases = {projection.alias for projection in select.expressions if isinstance(projection, exp.Alias)}
    bare = (column for column in select.find_all(exp.Column) if not column.table)
    return any(column.name in aliases and column.parent_select is select for column in bare)
