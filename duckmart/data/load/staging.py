"""The rows of one or several files as text in a table, and a note of every record that is no row.

The raw table's rowid is the row's position in all files (from 0), broken records not counted. Its columns are
called after what is required of them, or c1, c2, ...: no name from a file is part of SQL.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import pairwise
from operator import and_
from typing import Any

import duckdb
import pyarrow
from duckdb import (
    CaseExpression,
    ColumnExpression,
    ConstantExpression,
    DuckDBPyConnection,
    DuckDBPyRelation,
    Expression,
    FunctionExpression,
)

from duckmart.data.load import parquet
from duckmart.data.load.cells import WHITE_SPACE, cleaned
from duckmart.data.load.footers import FOOTER, FOOTER_SAMPLE, MOST_FOOTERS, footers, usual_id
from duckmart.data.load.header import REQUIRED, Dialect
from duckmart.data.load.lines import Broken, Lines, line_numbers, stray_quotes, without
from duckmart.data.load.overrides import NullMarker, markers_of
from duckmart.data.load.source import Source
from duckmart.errors import LoadError

Markers = Mapping[str, Sequence[str]]
"""For each column: the texts in it that are no value."""

UNCLOSED = "a quote is not closed where its value ends"

# One entry per record. Its place is counted from 1, and may be that of the line end before it.
BROKEN = """
SELECT
    min(line) AS line,
    line_byte_position - 1 + length(any_value(csv_line)) - length(any_value(text)) AS start,
    rtrim(any_value(text), chr(13) || chr(10)) AS value,
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


ROWS = {
    "users": """
        CREATE VIEW users_rows AS
        SELECT raw.rowid AS row, raw.*
        FROM users_raw AS raw
        ANTI JOIN (FROM no_rows WHERE file = 'users') AS again ON again.row = raw.rowid;

        INSERT INTO refused
        SELECT 'users', row, 'user_id', user_id, reason
        FROM no_rows JOIN users_raw ON users_raw.rowid = row
        WHERE file = 'users';
    """,
    "events": """
        CREATE VIEW events_rows AS
        SELECT raw.rowid AS row, raw.*
        FROM events_raw AS raw
        ANTI JOIN (FROM no_rows WHERE file = 'events') AS again ON again.row = raw.rowid;

        INSERT INTO refused
        SELECT 'events', row, 'user_id', user_id, reason
        FROM no_rows JOIN events_raw ON events_raw.rowid = row
        WHERE file = 'events';
    """,
}


def stage(
    con: DuckDBPyConnection, kind: str, sources: Sequence[Source], nulls: Sequence[NullMarker] = ()
) -> None:
    """Copy the files into `<kind>_raw` as cleaned text, in file order; enter what is no row into `broken`."""
    raw_names = staged_names(kind, sources)
    markers = {name: markers_of(kind, name, nulls) for name in raw_names}
    before = 0
    ends = [0]
    for place, source in enumerate(sources):
        strays = stage_file(con, (kind, place), source, raw_names, before, markers)
        if strays:
            stage_file(con, (kind, place), without(source, strays), raw_names, before, markers)
        before = count(con.table(f"{kind}_raw"))
        ends.append(before)
    note_headers(con, kind, sources, raw_names)
    note_rules(con, kind, raw_names)
    note_footers(con, kind, ends)
    empty_no_rows(con, kind, [cell for name, cell in raw_names.items() if name not in REQUIRED[kind]])
    con.execute(ROWS[kind])


def stage_file(
    con: DuckDBPyConnection,
    file: tuple[str, int],
    source: Source,
    raw_names: Mapping[str, str],
    before: int,
    markers: Markers,
) -> Mapping[int, bytes]:
    """Copy one file, whose first row is that after `before` others; nothing where a quote of it is stray.

    Gives the lines with stray quotes, without which the file is to be staged once more.
    """
    con.begin()
    try:
        strays = copy_rows(con, file, source, raw_names, markers) or note_lines(con, file, source, before)
        if strays:
            con.rollback()
        else:
            con.commit()
    except BaseException:
        con.rollback()
        raise
    return strays


def copy_rows(
    con: DuckDBPyConnection,
    file: tuple[str, int],
    source: Source,
    raw_names: Mapping[str, str],
    markers: Markers,
) -> Mapping[int, bytes]:
    """Copy the rows to `<kind>_raw`; gives the lines with stray quotes if DuckDB stops at one."""
    kind, place = file
    try:
        rows = cleaned_rows(con, source, raw_names, markers)
        if place == 0:
            rows.create(f"{kind}_raw")
        else:
            rows.insert_into(f"{kind}_raw")
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        strays = stray_quotes(source) if source.file.dialect and not source.file.strays else {}
        if strays:
            return strays
        raise LoadError(f"the file cannot be read: {error}", file=source.path) from error
    return {}


def staged_names(kind: str, sources: Sequence[Source]) -> dict[str, str]:
    """The staged column of each column, in the order of the first file."""
    return {
        name: name if name in REQUIRED[kind] else f"c{place}"
        for place, name in enumerate(sources[0].names, start=1)
    }


def cleaned_rows(
    con: DuckDBPyConnection, source: Source, raw_names: Mapping[str, str], markers: Markers
) -> DuckDBPyRelation:
    dialect = source.file.dialect
    relation, texts = read_csv(con, source, dialect) if dialect else read_parquet(con, source)
    by_name = dict(zip(source.names, texts, strict=True))
    return relation.select(
        *(unmarked(cleaned(by_name[name]), markers[name]).alias(cell) for name, cell in raw_names.items())
    )


def unmarked(text: Expression, markers: Sequence[str]) -> Expression:
    """The text, or no value where it is one of the markers."""
    if not markers:
        return text
    return CaseExpression(text.isnotin(*map(ConstantExpression, markers)), text)


def read_csv(
    con: DuckDBPyConnection, source: Source, dialect: Dialect
) -> tuple[DuckDBPyRelation, list[Expression]]:
    # Everything is said, nothing sniffed: what the sniffer takes a file for depends on its first rows.
    relation = con.read_csv(
        source.pattern,
        auto_detect=False,
        columns={f"c{place}": "VARCHAR" for place in range(len(source.names))},
        header=False,
        skiprows=source.file.header_lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        escapechar=dialect.quote,
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
        FunctionExpression(parquet.as_text(str(kind)), ColumnExpression(name))
        for name, kind in zip(relation.columns, relation.types, strict=True)
        if not parquet.left_out(str(kind))
    ]


def note_headers(
    con: DuckDBPyConnection, kind: str, sources: Sequence[Source], raw_names: Mapping[str, str]
) -> None:
    """Note the rows that are the header again, as in files put together."""
    tops = {(one.names, one.file.header_texts) for one in sources if one.file.dialect}
    for names, texts in tops:
        header_text = dict(zip(names, texts, strict=True))
        same = [says(cell, header_text[name], first=name == names[0]) for name, cell in raw_names.items()]
        again = con.table(f"{kind}_raw").filter(reduce(and_, same))
        entry = (ConstantExpression(kind), ColumnExpression("rowid"), ConstantExpression("the header again"))
        again.select(*entry).distinct().insert_into("no_rows")


RULE = "-=_+|:"
"""What lines are drawn with."""


def note_rules(con: DuckDBPyConnection, kind: str, raw_names: Mapping[str, str]) -> None:
    """Note the rows that only draw a line, as consoles do below a header: ------- | ----."""
    columns = [ColumnExpression(cell) for cell in raw_names.values()]
    is_line = [
        FunctionExpression("regexp_full_match", column, ConstantExpression(f"[{RULE} ]{{2,}}"))
        for column in columns
    ]
    # Cells that the line does not reach are empty; the first one, an id or a name, never is.
    is_line_or_empty = [line | column.isnull() for line, column in zip(is_line[1:], columns[1:], strict=True)]
    # One letter is looked at far quicker than all of a text, and is enough for almost every row.
    letter = FunctionExpression("left", columns[0], ConstantExpression(1))
    begins = FunctionExpression("contains", ConstantExpression(RULE), letter)
    rules = con.table(f"{kind}_raw").filter(begins).filter(reduce(and_, [is_line[0], *is_line_or_empty]))
    reason = ConstantExpression("a drawn line, not a row")
    rules.select(ConstantExpression(kind), ColumnExpression("rowid"), reason).insert_into("no_rows")


def says(cell: str, text: str, *, first: bool) -> Expression:
    """True where the cell is the header's, whatever its case; quotes after a byte order mark are text."""
    column: Expression = ColumnExpression(cell)
    if first:
        column = FunctionExpression("trim", column, ConstantExpression("\"'"))
    name = unicodedata.normalize("NFC", text.strip(WHITE_SPACE))
    return FunctionExpression("lower", column) == FunctionExpression("lower", ConstantExpression(name))


def empty_no_rows(con: DuckDBPyConnection, kind: str, cells: Sequence[str]) -> None:
    """Empty the cells of rows that are none: DuckDB may cast them before it leaves their rows out."""
    entries = con.table("no_rows").filter(ColumnExpression("file") == ConstantExpression(kind))
    rows = [ConstantExpression(row) for (row,) in entries.select("row").fetchall()]
    if rows and cells:
        nothing = dict.fromkeys(cells, ConstantExpression(None))
        con.table(f"{kind}_raw").update(nothing, condition=ColumnExpression("rowid").isin(*rows))


def note_footers(con: DuckDBPyConnection, kind: str, ends: Sequence[int]) -> None:
    """Note the last rows of each file that are sums or remarks; `ends` are where files start and end."""
    raw = con.table(f"{kind}_raw")
    ids = (
        raw.filter(ColumnExpression("user_id").isnotnull()).select("user_id").limit(FOOTER_SAMPLE).fetchall()
    )
    usual = usual_id([text for (text,) in ids])
    place = ColumnExpression("rowid")
    for start, end in pairwise(ends):
        low = max(start, end - MOST_FOOTERS)
        last = raw.filter((place >= ConstantExpression(low)) & (place < ConstantExpression(end)))
        cells = last.select(place, *map(ColumnExpression, raw.columns)).sort(place).fetchall()
        at = raw.columns.index("user_id") + 1
        rows = [(row[0], row[at], [*row[1:at], *row[at + 1 :]]) for row in cells]
        append(con, "no_rows", [[kind, row, FOOTER] for row in footers(rows, usual)])


def note_lines(
    con: DuckDBPyConnection, file: tuple[str, int], source: Source, before: int
) -> Mapping[int, bytes]:
    """Fill the books for the file just staged, unless lines with stray quotes are found, and given."""
    rows = count(con.table(f"{file[0]}_raw")) - before
    errors = con.execute(BROKEN).fetchall() if source.file.dialect else []
    lines = Lines([(0, 1)], [])
    if source.file.dialect:
        records = [Broken(line, start) for line, start, *_ in errors]
        lines = line_numbers(source, rows, records)
        con.execute("DROP TABLE reject_errors; DROP TABLE reject_scans")
    if lines.strays:
        return lines.strays
    append(con, "inputs", [[*file, str(source.path), rows + len(errors)]])
    append(con, "lines", [[*file, before + row, shift - before] for row, shift in lines.shifts])
    values = [
        [*file, line, *(stray_line(source, line) or rest)]
        for line, (_, _, *rest) in zip(lines.broken, errors, strict=True)
    ]
    append(con, "broken", values)
    return {}


def stray_line(source: Source, line: int) -> list[str]:
    """The text of a line with a stray quote, and the reason for which it is refused."""
    text = source.file.strays.get(line, b"").decode("utf-8", "replace").rstrip("\r\n")
    return [text, UNCLOSED] if text else []


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
