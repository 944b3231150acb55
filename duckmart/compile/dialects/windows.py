"""Window functions over a span of time, for dialects whose RANGE takes no interval, and intervals."""

from sqlglot import exp

from duckmart.compile.dialects.calls import call

_MICROSECONDS = {"MINUTE": 60 * 10**6, "HOUR": 3_600 * 10**6, "DAY": 86_400 * 10**6}


def spans_as_joins(node: exp.Select) -> exp.Select:
    """The SELECT with each window over a span of time before its row as a join of the table with itself.

    What the window is partitioned and ordered by must tell the rows apart.
    """
    for projection in node.expressions:
        window = projection.this
        if isinstance(window, exp.Window) and (span := _span(window)):
            keys = [key.name for key in (*window.args["partition_by"], *sort_keys(window.args["order"]))]
            spans = _spans(node.args["from_"].this.name, keys, span, window.this, projection.alias)
            node.join(spans.subquery("spans"), using=keys, copy=False)
            window.replace(exp.column(projection.alias, "spans"))
    return node


def _spans(table: str, keys: list[str], span: exp.Expr, aggregate: exp.Expr, name: str) -> exp.Select:
    rows, earlier = (exp.to_table(table, alias=alias) for alias in ("here", "before"))
    for column in aggregate.find_all(exp.Column):
        column.set("table", exp.to_identifier("before"))
    *partition, time = keys
    here = [exp.column(key, "here") for key in keys]
    same = [exp.EQ(this=exp.column(key, "before"), expression=exp.column(key, "here")) for key in partition]
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


def sort_keys(order: exp.Order) -> list[exp.Expr]:
    """What an ORDER BY sorts by, without directions."""
    return [key.this if isinstance(key, exp.Ordered) else key for key in order.expressions]


def number_of_units(node: exp.Interval) -> exp.Expr:
    return exp.Interval(this=exp.Literal.number(node.this.name), unit=node.args["unit"])


def text_of_units(node: exp.Interval) -> exp.Expr:
    return exp.Interval(this=exp.Literal.string(node.this.name), unit=node.args["unit"])


def range_of_microseconds(node: exp.Window) -> exp.Expr:
    if span := _span(node):
        span.replace(exp.Literal.number(int(span.this.name) * _MICROSECONDS[span.args["unit"].name]))
        [time] = sort_keys(node.args["order"])
        time.replace(call("UNIX_MICROS", call("TIMESTAMP", time.copy())))
    return node


def without_nulls_order(node: exp.Ordered) -> exp.Expr:
    return node if node.args.get("desc") else node.this
