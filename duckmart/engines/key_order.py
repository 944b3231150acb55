"""Rows in the order of user ids, sorted only where they are not in it yet.

Users are stored in that order, and a plan that scans them keeps it. A sort of a million rows takes as long as
the rest of a query; seeing that they ascend takes one pass.
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa
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
    return replace(query, tree=tree.select(exp.alias_(key.copy(), _KEY_COLUMN), copy=False))


def in_key_order(table: pa.Table) -> pa.Table:
    """The rows in the order of the last column, without it: the ids, which are unique and never NULL."""
    last = table.num_columns - 1
    keys = table.column(last).combine_chunks()
    table = table.remove_column(last)
    places = _places_of_numbers(keys) if pa.types.is_integer(keys.type) else _places_of_texts(keys)
    return table if places is None else table.take(places)


def _places_of_numbers(keys: pa.Array) -> pa.Array | None:
    """For each rank, from the smallest key on, the place of that key; None if keys ascend as they are."""
    # Unlike to_numpy(), this does not import pandas.
    numbers = np.from_dlpack(keys)
    if len(numbers) < 2 or bool((numbers[:-1] < numbers[1:]).all()):
        return None
    low, high = int(numbers.min()), int(numbers.max())
    if high - low != len(numbers) - 1:
        return pa.array(np.argsort(numbers))
    # Every number in between is there once, so a key's rank is its distance from the smallest.
    places = np.empty(len(numbers), dtype=np.int64)
    places[numbers - low] = np.arange(len(numbers))
    return pa.array(places)


def _places_of_texts(keys: pa.Array) -> pa.Array | None:
    import pyarrow.compute as pc  # noqa: PLC0415 - slow to import, and most ids are numbers

    # Arrow compares texts byte by byte: UTF-8 has the order of code points, as DuckDB's VARCHAR has.
    if pc.all(pc.less(keys[:-1], keys[1:]), min_count=0).as_py():
        return None
    return pc.sort_indices(keys)
