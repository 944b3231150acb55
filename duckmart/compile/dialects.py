"""What means something else in another dialect than in DuckDB: a query's tree, fitted to the dialect.

For each dialect a table: kind of node -> the node that means the same there. What sqlglot writes right by
itself is not here. Everywhere, times are taken for UTC: in columns without a zone, or in a UTC session.
"""

from collections.abc import Callable
from typing import Any

from sqlglot import exp

Change = Callable[[Any], exp.Expr]

_MICROSECONDS = {"MINUTE": 60 * 10**6, "HOUR": 3_600 * 10**6, "DAY": 86_400 * 10**6}


def fitted(tree: exp.Expr, dialect: str) -> exp.Expr:
    """The tree, changed in place to mean in the dialect what it means in DuckDB."""
    changes = CHANGES[dialect]
    # From the leaves up, so that a change finds the parts of its node fitted.
    for node in reversed(list(tree.walk(bfs=False))) if changes else ():
        change = changes.get(type(node))
        changed = change(node) if change else node
        if changed is not node:
            node.replace(changed)
    return tree


def _without_escape(node: exp.Like) -> exp.Expr:
    if "\\" not in node.expression.name:
        return node
    like = exp.Like(this=node.this, expression=node.expression)
    return exp.Escape(this=like, expression=exp.Literal.string(""))


def _with_doubled_backslashes(node: exp.Like) -> exp.Expr:
    node.set("expression", exp.Literal.string(node.expression.name.replace("\\", "\\\\")))
    return node


def _is_left(node: exp.StartsWith) -> exp.Expr:
    return exp.EQ(
        this=exp.Left(this=node.this, expression=_length(node.expression)), expression=node.expression
    )


def _is_right(node: exp.EndsWith) -> exp.Expr:
    return exp.EQ(
        this=exp.Right(this=node.this, expression=_length(node.expression)), expression=node.expression
    )


def _is_last(node: exp.EndsWith) -> exp.Expr:
    last = exp.Substring(this=node.this, start=exp.Neg(this=_length(node.expression)))
    return exp.EQ(this=last, expression=node.expression)


def _length(text: exp.Expr) -> exp.Expr:
    """How many characters a text has: written out where it is known."""
    if isinstance(text, exp.Literal):
        return exp.Literal.number(len(text.name))
    return exp.Length(this=text.copy())


def _order_by_code_point(node: exp.Order) -> exp.Expr:
    for place in _ordered(node):
        if _is_text(place):
            place.replace(_by_code_point(place.copy()))
    return node


def _compared_by_code_point(node: exp.Min | exp.Max) -> exp.Expr:
    if _is_text(node.this):
        node.set("this", _by_code_point(node.this))
    return node


def _md5_by_code_point(node: exp.MD5) -> exp.Expr:
    return _by_code_point(exp.MD5(this=node.this))


def _by_code_point(text: exp.Expr) -> exp.Expr:
    return exp.Collate(this=text, expression=exp.to_identifier("C", quoted=True))


def _is_text(node: exp.Expr) -> bool:
    """Whether the compiler says that it is text: only the catalog knows."""
    return node.type is not None and node.is_type(*exp.DataType.TEXT_TYPES)


def _lower_one_to_one(node: exp.Lower) -> exp.Expr:
    return exp.Lower(this=_simply_lowered(node.this, "TRANSLATE"))


def _lower_utf8(node: exp.Lower) -> exp.Expr:
    return _call("lowerUTF8", _simply_lowered(node.this, "translateUTF8"))


def _simply_lowered(text: exp.Expr, translate: str) -> exp.Expr:
    """The text with the two letters that lose their one-to-one lowercase to context or length: Σ and İ."""
    if isinstance(text, exp.Literal) and not {"İ", "Σ"} & set(text.name):
        return text
    return _call(translate, text, exp.Literal.string("İΣ"), exp.Literal.string("iσ"))


def _postgres_count_if(node: exp.CountIf) -> exp.Expr:
    return exp.Filter(this=exp.Count(this=exp.Star()), expression=exp.Where(this=node.this))


def _as_whole_number(node: exp.Extract | exp.IntDiv) -> exp.Expr:
    return exp.cast(node.copy(), exp.DType.BIGINT)


def _postgres_cast(node: exp.Cast) -> exp.Expr:
    if not isinstance(node.this.unnest(), exp.Predicate) or not node.is_type(exp.DType.BIGINT):
        return node
    return exp.Case().when(node.this.unnest(), exp.Literal.number(1)).else_(exp.Literal.number(0))


def _clickhouse_cast(node: exp.Cast) -> exp.Expr:
    zone = exp.Literal.string("UTC")
    match node.to.this:
        case exp.DType.TIMESTAMP:
            return _call("toDateTime64", node.this, exp.Literal.number(6), zone)
        case exp.DType.DATE if node.this.is_string:
            return _call("toDate32", node.this)
        case exp.DType.DATE:
            return _call("toDate32", node.this, zone)
    return node


def _clickhouse_decimal(node: exp.Literal) -> exp.Expr:
    if not _is_fraction(node):
        return node
    # Half of the 38 or 76 digits are left to what it is multiplied with.
    bits = 128 if len(node.name) <= 20 else 256
    scale = len(node.name.partition(".")[2])
    return _call(f"toDecimal{bits}", exp.Literal.string(node.name), exp.Literal.number(scale))


def _clickhouse_in(node: exp.In) -> exp.Expr:
    if not any(call.name.startswith("toDecimal") for call in node.find_all(exp.Anonymous)):
        return node
    equal = [exp.EQ(this=node.this.copy(), expression=one) for one in node.expressions]
    return exp.paren(exp.or_(*equal, copy=False), copy=False)


def _bigquery_decimal(node: exp.Literal) -> exp.Expr:
    if not _is_fraction(node):
        return node
    # NUMERIC has 9 digits after the point.
    fits = len(node.name.partition(".")[2]) <= 9
    return exp.cast(exp.Literal.string(node.name), exp.DType.DECIMAL if fits else exp.DType.BIGDECIMAL)


def _is_fraction(node: exp.Literal) -> bool:
    return not node.is_string and "." in node.name


def _least(node: exp.LogicalAnd) -> exp.Expr:
    return exp.Min(this=node.this)


def _greatest(node: exp.LogicalOr) -> exp.Expr:
    return exp.Max(this=node.this)


def _clickhouse_select(node: exp.Select) -> exp.Expr:
    return _with_settings(_with_spans_joined(node))


def _with_settings(node: exp.Select) -> exp.Expr:
    if node.parent is not None:
        return node
    needed = {
        # Otherwise a LEFT JOIN fills in 0 or ''.
        "join_use_nulls": node.find(exp.Join) is not None,
        # Otherwise the MAX of an empty frame is 0.
        "aggregate_functions_null_for_empty": node.find(exp.Window) is not None,
        # Otherwise WHERE takes a column for what the SELECT calls so.
        "prefer_column_name_to_alias": any(map(_calls_like_a_column, node.find_all(exp.Select))),
    }
    settings = [
        exp.EQ(this=exp.var(name), expression=exp.Literal.number(1))
        for name, is_so in needed.items()
        if is_so
    ]
    if settings:
        node.set("settings", settings)
    return node


def _calls_like_a_column(select: exp.Select) -> bool:
    called = {selected.alias for selected in select.expressions if isinstance(selected, exp.Alias)}
    bare = (column for column in select.find_all(exp.Column) if not column.table)
    return any(column.name in called and column.parent_select is select for column in bare)


def _with_spans_joined(node: exp.Select) -> exp.Select:
    """Each window over a span of time before its row, as a join of the table with itself.

    Takes rows that are told apart by what the window parts and orders them by.
    """
    for selected in node.expressions:
        window = selected.this
        if isinstance(window, exp.Window) and (span := _span(window)):
            keys = [column.name for column in (*window.args["partition_by"], *_ordered(window.args["order"]))]
            spans = _spans(node.args["from_"].this.name, keys, span, window.this, selected.alias)
            node.join(spans.subquery("spans"), using=keys, copy=False)
            window.replace(exp.column(selected.alias, "spans"))
    return node


def _spans(table: str, keys: list[str], span: exp.Expr, aggregate: exp.Expr, name: str) -> exp.Select:
    rows, earlier = (exp.to_table(table, alias=alias) for alias in ("here", "before"))
    for column in aggregate.find_all(exp.Column):
        column.set("table", exp.to_identifier("before"))
    *parted, time = keys
    here = [exp.column(key, "here") for key in keys]
    same = [exp.EQ(this=exp.column(key, "before"), expression=exp.column(key, "here")) for key in parted]
    first = exp.Sub(this=exp.column(time, "here"), expression=span)
    within = exp.Between(this=exp.column(time, "before"), low=first, high=exp.column(time, "here"))
    return (
        exp.select(*(exp.alias_(key, key.name) for key in here), exp.alias_(aggregate, name))
        .from_(rows)
        .join(earlier, on=exp.and_(*same))
        .where(within)
        .group_by(*(key.copy() for key in here))
    )


def _span(window: exp.Window) -> exp.Interval | None:
    """How far a window looks back from its row, where that is a span of time."""
    frame = window.args.get("spec")
    start = frame.args.get("start") if frame else None
    return start if isinstance(start, exp.Interval) else None


def _ordered(order: exp.Order) -> list[exp.Expr]:
    """What is ordered by, without its direction."""
    return [place.this if isinstance(place, exp.Ordered) else place for place in order.expressions]


def _number_of_units(node: exp.Interval) -> exp.Expr:
    return exp.Interval(this=exp.Literal.number(node.this.name), unit=node.args["unit"])


def _text_of_units(node: exp.Interval) -> exp.Expr:
    return exp.Interval(this=exp.Literal.string(node.this.name), unit=node.args["unit"])


def _range_of_microseconds(node: exp.Window) -> exp.Expr:
    if span := _span(node):
        span.replace(exp.Literal.number(int(span.this.name) * _MICROSECONDS[span.args["unit"].name]))
        [time] = _ordered(node.args["order"])
        time.replace(_call("UNIX_MICROS", _call("TIMESTAMP", time.copy())))
    return node


def _without_nulls_order(node: exp.Ordered) -> exp.Expr:
    return node if node.args.get("desc") else node.this


def _timestamp(exactly: str) -> Change:
    to = exp.DataType.build(exactly)

    def change(node: exp.Cast) -> exp.Expr:
        return exp.Cast(this=node.this, to=to.copy()) if node.to.this == exp.DType.TIMESTAMP else node

    return change


def _left(node: exp.Substring) -> exp.Expr:
    return exp.Left(this=node.this, expression=node.args["length"])


def _quoted(reserved: str) -> Change:
    words = frozenset(reserved.split())

    def change(node: exp.Identifier) -> exp.Expr:
        node.set("quoted", node.args.get("quoted") or node.name in words)
        return node

    return change


def _call(function: str, *operands: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=function, expressions=list(operands))


# Names that sqlglot leaves bare: functions of the session, and words that Snowflake reserves.
_SESSION = """
    current_catalog current_date current_role current_schema current_time current_timestamp current_user
    localtime localtimestamp session_user system_user
"""

_SNOWFLAKE = """
    account alter connect connection database drop following gscluster increment issue minus organization
    regexp rlike sample schema trigger view whenever
"""

_SPARK: dict[type[exp.Expr], Change] = {
    # A backslash escapes, and ESCAPE takes no empty text.
    exp.Like: _with_doubled_backslashes,
    # Java's lowercase makes two letters of İ, and ς of a Σ that ends a word.
    exp.Lower: _lower_one_to_one,
    exp.Identifier: _quoted("minus"),
}

CHANGES: dict[str, dict[type[exp.Expr], Change]] = {
    "duckdb": {},
    "postgres": {
        # A backslash escapes unless another character, or none, is named.
        exp.Like: _without_escape,
        exp.EndsWith: _is_right,
        # Text is ordered by the collation of the database or column; in some even digits come after letters.
        exp.Order: _order_by_code_point,
        exp.Min: _compared_by_code_point,
        exp.Max: _compared_by_code_point,
        exp.MD5: _md5_by_code_point,
        exp.Identifier: _quoted(_SESSION),
        # Of no rows the sum that sqlglot writes is NULL.
        exp.CountIf: _postgres_count_if,
        # Both are NUMERIC.
        exp.Extract: _as_whole_number,
        exp.IntDiv: _as_whole_number,
        # A comparison is no number.
        exp.Cast: _postgres_cast,
    },
    "clickhouse": {
        exp.Like: _with_doubled_backslashes,
        # LOWER changes ASCII only; lowerUTF8 makes two letters of İ, and ς of a Σ that ends a word.
        exp.Lower: _lower_utf8,
        # DateTime counts seconds, Date begins in 1970; both take the server's zone unless told.
        exp.Cast: _clickhouse_cast,
        # A number with a point is a Float64.
        exp.Literal: _clickhouse_decimal,
        # A list takes only what fits the type of what is sought in it.
        exp.In: _clickhouse_in,
        exp.LogicalAnd: _least,
        exp.LogicalOr: _greatest,
        # RANGE takes numbers of 32 bits only, too few for microseconds; and the settings named above.
        exp.Select: _clickhouse_select,
    },
    "spark": _SPARK,
    "databricks": _SPARK,
    "snowflake": {
        # What a bare TIMESTAMP is, is a parameter of the session.
        exp.Cast: _timestamp("TIMESTAMPNTZ"),
        exp.Identifier: _quoted(f"{_SESSION} {_SNOWFLAKE}"),
    },
    "bigquery": {
        exp.Like: _with_doubled_backslashes,
        # LOWER follows the Unicode tables: two letters of İ, and ς of a Σ that ends a word.
        exp.Lower: _lower_one_to_one,
        # A number with a point is a FLOAT64.
        exp.Literal: _bigquery_decimal,
        exp.Interval: _number_of_units,
        # RANGE takes numbers only, and a window no NULLS LAST; what windows are ordered by is never unknown.
        exp.Window: _range_of_microseconds,
        exp.Ordered: _without_nulls_order,
        exp.Identifier: _quoted(_SESSION),
    },
    "trino": {
        exp.EndsWith: _is_last,
        # A bare TIMESTAMP has milliseconds.
        exp.Cast: _timestamp("TIMESTAMP(6)"),
        exp.Interval: _text_of_units,
        exp.Identifier: _quoted(_SESSION),
    },
    "redshift": {
        exp.Like: _with_doubled_backslashes,
        exp.StartsWith: _is_left,
        exp.EndsWith: _is_right,
        exp.Substring: _left,
        # There is no RANGE of a span.
        exp.Select: _with_spans_joined,
    },
}
