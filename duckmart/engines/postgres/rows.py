"""Values on their way to PostgreSQL, and rows on their way back, as DuckDB would return them."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pyarrow as pa
from psycopg import sql
from psycopg.types.numeric import Int8

_COPIED: dict[Callable[[pa.DataType], bool], str] = {
    pa.types.is_boolean: "boolean",
    pa.types.is_integer: "bigint",
    pa.types.is_floating: "double precision",
    pa.types.is_decimal: "numeric",
    pa.types.is_date: "date",
    pa.types.is_timestamp: "timestamp",
}
_ARROW = {
    "bool": pa.bool_(),
    "int2": pa.int16(),
    "int4": pa.int32(),
    "int8": pa.int64(),
    "oid": pa.int64(),
    "float4": pa.float32(),
    "float8": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us"),
}
_NOTHING = pa.decimal128(38, 0)


def parameter(plain: Any) -> Any:
    """A value as PostgreSQL is to take it: whole numbers with the widest type, a list of one type."""
    match plain:
        case list() if any(isinstance(each, Decimal) for each in plain):
            return [*map(Decimal, plain)]
        case bool():
            return plain
        case int() if abs(plain) < 2**63:
            return Int8(plain)
        case _:
            return plain


def hand_over(connection: psycopg.Connection[Any], name: str, table: pa.Table) -> None:
    """Put a table beside the data, which is gone with the transaction."""
    types = [
        next((own for fits, own in _COPIED.items() if fits(field.type)), "text") for field in table.schema
    ]
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(own))
        for column, own in zip(table.column_names, types, strict=True)
    ]
    create = sql.SQL("CREATE TEMPORARY TABLE {} ({}) ON COMMIT DROP")
    connection.execute(create.format(sql.Identifier(name), sql.SQL(", ").join(columns)))
    into = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))
    with connection.cursor() as cursor, cursor.copy(into) as copy:
        for batch in table.to_batches(10_000):
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                copy.write_row(row)


def table_of(cursor: psycopg.RawCursor[Any]) -> pa.Table:
    """The rows as DuckDB would return them, in the same types."""
    described = cursor.description or []
    cells: Sequence[Sequence[Any]] = [*zip(*cursor.fetchall(), strict=True)] or [()] * len(described)
    arrays = [_array(column, own) for column, own in zip(described, cells, strict=True)]
    return pa.Table.from_arrays(arrays, [column.name for column in described])


def _array(column: psycopg.Column, cells: Sequence[Any]) -> pa.Array:
    own = psycopg.adapters.types.get(column.type_code)
    if own is None:
        return pa.array(cells, pa.string())
    if own.name == "timestamptz":
        cells = [_naive(cell) for cell in cells]
    is_list = column.type_code == own.array_oid
    if own.name == "numeric" and not is_list:
        return _numbers(column, cells)
    if own.name == "numeric":
        # Arrow finds the digits that the longest element needs, if there is any.
        return pa.array(cells, None if any(cells) else pa.list_(_NOTHING))
    inner = _ARROW.get(own.name, pa.string())
    return pa.array(cells, pa.list_(inner) if is_list else inner)


def _numbers(column: psycopg.Column, cells: Sequence[Any]) -> pa.Array:
    if not all(cell is None or cell.is_finite() for cell in cells):
        return pa.array([cell and float(cell) for cell in cells], pa.float64())
    if column.precision is not None and column.precision <= 38:
        return pa.array(cells, pa.decimal128(column.precision, column.scale or 0))
    return pa.array(cells) if any(cell is not None for cell in cells) else pa.array(cells, _NOTHING)


def _naive(cell: Any) -> Any:
    """A time, or each in a list of them, without its zone."""
    match cell:
        case datetime():
            return cell.astimezone(UTC).replace(tzinfo=None)
        case list():
            return [*map(_naive, cell)]
        case _:
            return cell
