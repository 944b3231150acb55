"""A file's rows as text in a table, and a note of every record that is no row.

The raw table's rowid is the row's position in the file (from 0), broken records not counted. Its columns are
called after what is required of them, or c1, c2, ...: no name from a file is part of SQL.
"""

from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow
from duckdb import ColumnExpression, DuckDBPyConnection, DuckDBPyRelation, Expression, FunctionExpression

from duckmart.errors import LoadError
from duckmart.load.cells import cleaned
from duckmart.load.lines import Broken, Lines, line_numbers
from duckmart.load.source import Source

REQUIRED = {"users": ("user_id",), "events": ("user_id", "event_name", "timestamp")}


# One entry per record. Its place is counted from 1, and may be that of the line end before it.
BROKEN = """
SELECT
    min(line) AS line,
    line_byte_position - 1 + length(any_value(csv_line)) - length(any_value(text)) AS start,
    any_value(text) AS value,
    CASE arg_min(error_type, byte_position)
        WHEN 'TOO MANY COLUMNS' THEN 'too many fields'
        WHEN 'MISSING COLUMNS' THEN 'too few fields'
        WHEN 'UNQUOTED VALUE' THEN 'a quote is not closed where its value ends'
        WHEN 'INVALID ENCODING' THEN 'not UTF-8'
        WHEN 'LINE SIZE OVER MAXIMUM' THEN 'too long for one row'
        ELSE 'not readable as CSV'
    END AS reason
FROM (SELECT *, ltrim(csv_line, chr(13) || chr(10)) AS text FROM reject_errors)
GROUP BY line_byte_position
ORDER BY line_byte_position
"""


def stage(con: DuckDBPyConnection, kind: str, source: Source) -> None:
    """Copy the file into `<kind>_raw` as cleaned text, in file order; enter what is no row into `broken`."""
    try:
        relation, texts = read_csv(con, source) if source.is_csv else read_parquet(con, source)
        names = staged_names(kind, source).values()
        cells = [cleaned(text).alias(name) for text, name in zip(texts, names, strict=True)]
        relation.select(*cells).create(f"{kind}_raw")
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        raise LoadError(f"the file cannot be read: {error}", file=source.path) from error
    note_lines(con, kind, source)


def staged_names(kind: str, source: Source) -> dict[str, str]:
    """The staged column of each column of the file, in file order."""
    return {
        name: name if name in REQUIRED[kind] else f"c{place}"
        for place, name in enumerate(source.names, start=1)
    }


def read_csv(con: DuckDBPyConnection, source: Source) -> tuple[DuckDBPyRelation, list[Expression]]:
    # Everything is said, nothing sniffed: what the sniffer takes a file for depends on its first rows.
    relation = con.read_csv(
        source.pattern,
        auto_detect=False,
        columns={f"c{place}": "VARCHAR" for place in range(len(source.names))},
        header=False,
        skiprows=source.header_lines,
        delimiter=",",
        quotechar='"',
        escapechar='"',
        strict_mode=True,
        store_rejects=True,
        rejects_limit=0,
        hive_partitioning=False,
    )
    return relation, [ColumnExpression(name) for name in relation.columns]


def read_parquet(con: DuckDBPyConnection, source: Source) -> tuple[DuckDBPyRelation, list[Expression]]:
    """Typed columns go through text too, so that a CSV and a Parquet file of the same data load alike."""
    relation = con.read_parquet(source.pattern, hive_partitioning=False)
    return relation, [
        FunctionExpression(
            "finite_text" if str(kind) in ("FLOAT", "DOUBLE") else "as_text", ColumnExpression(name)
        )
        for name, kind in zip(relation.columns, relation.types, strict=True)
    ]


def note_lines(con: DuckDBPyConnection, kind: str, source: Source) -> None:
    """Fill `broken` and `lines` for the file just staged."""
    found = con.execute(BROKEN).fetchall() if source.is_csv else []
    lines = Lines([(0, 1)], [])
    if source.is_csv:
        records = [Broken(line, start) for line, start, *_ in found]
        lines = line_numbers(source, count(con.table(f"{kind}_raw")), records)
        con.execute("DROP TABLE reject_errors; DROP TABLE reject_scans")
    append(con, "lines", [[kind, *shift] for shift in lines.shifts])
    values = [[kind, line, *rest] for line, (_, _, *rest) in zip(lines.broken, found, strict=True)]
    append(con, "broken", values)


def append(con: DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]) -> None:
    """Add the rows, however many, in one statement."""
    if rows:
        names = con.table(table).columns
        arrow = pyarrow.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
        con.from_arrow(arrow).insert_into(table)


def count(rows: DuckDBPyRelation) -> int:
    return int(single(rows.count("*")))


def single(answer: DuckDBPyRelation | DuckDBPyConnection) -> Any:
    """The one value of an answer."""
    ((value,),) = answer.fetchall()
    return value
