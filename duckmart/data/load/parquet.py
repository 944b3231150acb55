"""Parquet files before their rows are read: which columns they have, and which of those cannot be loaded."""

import glob
import re
from pathlib import Path

import duckdb

from duckmart.engines.generation_catalog import FLOATING, KINDS
from duckmart.engines.generation_tables import family
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


_AS_TEXT = {
    **dict.fromkeys(FLOATING, "finite_text"),
    "VARCHAR[]": "texts_as_json",
    "ENUM[]": "texts_as_json",
    "UUID[]": "texts_as_json",
    **{f"{name}[]": "numbers_as_json" for name in KINDS if KINDS[name].is_number},
    **{f"{name}[]": "floats_as_json" for name in FLOATING},
}


def as_text(type_: str) -> str:
    """The macro that writes values of this type as a CSV file has them."""
    return _AS_TEXT.get(_family(type_), "as_text")


def _family(type_: str) -> str:
    # A list of a fixed length, INTEGER[3], is one like any other.
    return family(re.sub(r"\[\d+\]$", "[]", type_))


def left_out(type_: str) -> str:
    """What values of this type are, if they are not loaded: `lists (DATE[])`."""
    if type_.endswith("]"):
        return "" if _family(type_) in _AS_TEXT else f"lists ({type_})"
    words = LEFT_OUT.get(type_.partition("(")[0].strip())
    return f"{words} ({type_.partition('(')[0].strip()})" if words else ""
