"""Rows in the order of user ids, sorted only where they are not in it yet.

Users are stored in that order, and a plan that scans them keeps it. A sort of a million rows takes as long as
the rest of a query; seeing that they ascend takes one pass.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from duckmart.compile import KEY
from duckmart.compile.query import Query

# It may be there already: the column is known by its place.
_KEY_COLUMN = "order_key"


def without_key_order(query: Query) -> Query | None:
    """The query without its ORDER BY, and with what that named as its last column.

    None where rows are not ordered by user ids alone, or where the order decides which rows there are.
    """
    parts = query.tree.args
    order = parts.get("order")
    decides = parts.get("limit") or parts.get("distinct")
    if order is None or decides or not isinstance(query.tree, exp.Select):
        return None
    [*others, last] = order.expressions
    key = last.this if isinstance(last, exp.Ordered) else last
    if others or last.args.get("desc") or not isinstance(key, exp.Column) or key.name != KEY:
        return None
    tree = query.tree.copy()
    tree.set("order", None)
    return Query(tree.select(exp.alias_(key.copy(), _KEY_COLUMN), copy=False))


def in_key_order(table: pa.Table) -> pa.Table:
    """The rows in the order of the last column, without it: the ids, which are unique and never NULL."""
    last = table.num_columns - 1
    keys = table.column(last).combine_chunks()
    table = table.remove_column(last)
    # Arrow compares texts byte by byte: UTF-8 has the order of code points, as DuckDB's VARCHAR has.
    if not pc.all(pc.less(keys[:-1], keys[1:]), min_count=0).as_py():
        table = table.take(_places(keys))
    return table


def _places(keys: pa.Array) -> pa.Array:
    """For each rank, from the smallest key on, the place where that key stands."""
    if pa.types.is_integer(keys.type):
        low, high = (int(end.as_py()) for end in pc.min_max(keys).values())
        if high - low == len(keys) - 1:
            # Every number in between is there once, so a key's rank is its distance from the smallest.
            places = np.empty(len(keys), dtype=np.int64)
            places[keys.to_numpy() - low] = np.arange(len(keys))
            return pa.array(places)
    return pc.sort_indices(keys)
