"""Whole tables as plain rows, and back: the same whichever database has them, and of whichever version.

Tables are described by the database itself, so that those of an older version can be read and written too.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, DateTime, MetaData, Table, delete, insert, select

from duckmart.library import tables
from duckmart.spec.json_text import Json

Record = Mapping[str, Json]
"""A row: column -> value; times are ISO 8601, naive UTC."""

Records = Mapping[str, Sequence[Record]]
"""Table -> its rows, in the order of their keys."""

AT_ONCE = 500
"""Rows of one statement: a spec may have megabytes."""


def table_names() -> tuple[str, ...]:
    """The tables that hold what people made; the version of the tables is no such thing."""
    return tuple(name for name in tables.metadata.tables if name != tables.library.name)


def read(connection: Connection) -> Records:
    return {
        table.name: [
            {name: _plain(cell) for name, cell in row._mapping.items()}
            for row in connection.execute(select(table).order_by(*table.primary_key))
        ]
        for table in _tables(connection, table_names())
    }


def replace(connection: Connection, records: Records) -> None:
    """Put rows in the place of all that there are. Raises `ValueError` if they do not fit the tables."""
    there = _tables(connection, table_names())
    if unknown := records.keys() - {table.name for table in there}:
        raise ValueError(f"there is no table {', '.join(sorted(unknown))}")
    for table in reversed(there):
        connection.execute(delete(table))
    for table in there:
        rows = [_row(table, record) for record in records.get(table.name, ())]
        for start in range(0, len(rows), AT_ONCE):
            connection.execute(insert(table), rows[start : start + AT_ONCE])


def _tables(connection: Connection, names: Collection[str]) -> list[Table]:
    """Those that are there, each after the ones that it refers to."""
    metadata = MetaData()
    metadata.reflect(connection, only=lambda name, _: name in names)
    return metadata.sorted_tables


def _row(table: Table, record: Record) -> dict[str, Any]:
    if record.keys() != set(table.columns.keys()):
        raise ValueError(f"a row of {table.name} has other columns: {', '.join(record)}")
    return {column.name: _cell(column.type, record[column.name]) for column in table.columns}


def _plain(cell: Any) -> Json:
    return cell.isoformat(timespec="microseconds") if isinstance(cell, datetime) else cell


def _cell(kind: object, value: Json) -> Any:
    return datetime.fromisoformat(value) if isinstance(kind, DateTime) and value is not None else value
