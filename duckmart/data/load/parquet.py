"""Parquet files before their rows are read: which columns they have, and which of those cannot be loaded."""

import glob
from pathlib import Path

import duckdb

from duckmart.errors import LoadError

LEFT_OUT = {
    "LIST": "lists",
    "ARRAY": "lists",
    "STRUCT": "records",
    "MAP": "maps",
    "UNION": "values of several types",
    "VARIANT": "values of several types",
    "BLOB": "bytes",
    "BIT": "bits",
    "TIME": "times of day",
    "TIME_NS": "times of day",
    "TIME WITH TIME ZONE": "times of day",
    "INTERVAL": "spans of time",
    "GEOMETRY": "shapes",
}
"""What the values of each type are that no segment can ask about, in words."""


def column_types(path: Path) -> list[tuple[str, str]]:
    """The name of each column, and its type as DuckDB reads it. Raises `LoadError`."""
    try:
        with duckdb.connect() as con:
            rows = con.read_parquet(glob.escape(str(path)), hive_partitioning=False)
            return [(name, str(kind)) for name, kind in zip(rows.columns, rows.types, strict=True)]
    except duckdb.Error as error:
        raise LoadError(f"this is no Parquet file, or it was cut short ({error})", file=path) from error


def left_out(type_: str) -> str:
    """What values of this type are, if they are not loaded: `lists (INTEGER[])`."""
    if type_.endswith("]"):
        return f"lists ({type_})"
    words = LEFT_OUT.get(type_.partition("(")[0].strip())
    return f"{words} ({type_.partition('(')[0].strip()})" if words else ""
