"""Members as tables with attributes: CSV, Parquet or a JSON object a line, written piece by piece."""

from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from json.encoder import encode_basestring
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import simplejson

from duckmart.compile import KEY
from duckmart.export import ROWS_AT_A_TIME, TABLE_FORMATS, Write
from duckmart.instants import stamp

# Rows of a Parquet file that are read together.
_ROWS_IN_A_GROUP = 200_000
# What makes a spreadsheet run a cell, by OWASP's advice on CSV injection; some forgive leading spaces.
_FORMULA = r"^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])"


def csv_writer(table: pa.Table, *, bom: bool = False) -> Write:
    """A header, and cells in quotes only where they need them; `bom` is the mark by which Excel knows UTF-8.

    A text that a spreadsheet would run as a formula gets a leading apostrophe; ids stay as they are, whatever
    they look like: they must be found again elsewhere.
    """
    head = _in_quotes(_never_run(pa.array(table.column_names, pa.string())))

    def write(file: IO[bytes]) -> None:
        if bom:
            file.write(BOM_UTF8)
        file.write(f"{','.join(head.to_pylist())}\n".encode())
        for batch in table.to_batches(ROWS_AT_A_TIME):
            columns = zip(batch.schema.names, batch.columns, strict=True)
            rows = zip(*(_cells(name, cells) for name, cells in columns), strict=True)
            file.write("".join(f"{','.join(row)}\n" for row in rows).encode())

    return write


def excel_writer(table: pa.Table) -> Write:
    """As `csv_writer`, with the mark without which Excel shows José as JosÃ©."""
    return csv_writer(table, bom=True)


def parquet_writer(table: pa.Table) -> Write:
    """The values and their types as the data has them."""

    def write(file: IO[bytes]) -> None:
        pq.write_table(table, file, row_group_size=_ROWS_IN_A_GROUP)

    return write


def ndjson_writer(table: pa.Table) -> Write:
    """A JSON object a line: numbers with all their digits, dates and times in ISO 8601, null if unknown."""

    def write(file: IO[bytes]) -> None:
        for batch in table.to_batches(ROWS_AT_A_TIME):
            columns = zip(batch.schema.names, batch.columns, strict=True)
            members = (_json_members(name, cells) for name, cells in columns)
            file.write("".join(f"{{{','.join(row)}}}\n" for row in zip(*members, strict=True)).encode())

    return write


TABLES: Mapping[str, Callable[[pa.Table], Write]] = dict(
    zip(TABLE_FORMATS, (csv_writer, parquet_writer, ndjson_writer), strict=True)
)


def _cells(name: str, cells: pa.Array) -> list[str]:
    # As text, Arrow writes every kind of cell the way CSV readers expect: 2026-11-22, true, 9.50.
    texts = _json_values(cells) if pa.types.is_list(cells.type) else cells.cast(pa.string())
    if not (pa.types.is_primitive(cells.type) or pa.types.is_decimal(cells.type)):
        texts = _in_quotes(texts if name == KEY else _never_run(texts))
    csv_cells: list[str] = pc.fill_null(texts, "").to_pylist()
    return csv_cells


def _never_run(texts: pa.Array) -> pa.Array:
    formulas = pc.match_substring_regex(texts, _FORMULA)
    return pc.if_else(formulas, pc.binary_join_element_wise("'", texts, ""), texts)


def _in_quotes(texts: pa.Array) -> pa.Array:
    """Quotes around what needs them. Python's csv leaves a bare carriage return without, its reader fails."""
    needing = pc.match_substring_regex(texts, r'[",\r\n]')
    in_quotes = pc.binary_join_element_wise('"', pc.replace_substring(texts, '"', '""'), '"', "")
    return pc.if_else(needing, in_quotes, texts)


def _json_members(name: str, cells: pa.Array) -> list[str]:
    """Each cell as a member of its row's object. By column: row by row takes five times as long."""
    texts = pc.fill_null(_json_values(cells), "null")
    members: list[str] = pc.binary_join_element_wise(f"{encode_basestring(name)}:", texts, "").to_pylist()
    return members


def _json_values(cells: pa.Array) -> pa.Array:
    kind = cells.type
    if pa.types.is_floating(kind):
        # JSON has no NaN.
        return pc.if_else(pc.is_finite(cells), cells.cast(pa.string()), None)
    if pa.types.is_list(kind):
        lists = (None if cell is None else _json_list(cell) for cell in cells.to_pylist())
        return pa.array(lists, pa.string())
    if pa.types.is_timestamp(kind):
        return _json_strings(stamp(cell) if cell is not None else None for cell in cells.to_pylist())
    if pa.types.is_date(kind) or not (pa.types.is_primitive(kind) or pa.types.is_decimal(kind)):
        return _json_strings(cells.cast(pa.string()).to_pylist())
    return cells.cast(pa.string())


def _json_list(elements: Sequence[str | int | float | Decimal | None]) -> str:
    known = [each for each in elements if each is not None]
    return simplejson.dumps(known, use_decimal=True, ensure_ascii=False)


def _json_strings(texts: Iterable[str | None]) -> pa.Array:
    return pa.array([text if text is None else encode_basestring(text) for text in texts], pa.string())
