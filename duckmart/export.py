"""Members as bytes, written piece by piece: ids one a line, a table, or the API's answer."""

from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Mapping
from json.encoder import encode_basestring
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import simplejson

from duckmart.compile import KEY
from duckmart.errors import Problem
from duckmart.instants import stamp
from duckmart.library.changes import Changes, same_type
from duckmart.mart import Audience
from duckmart.spec.json_text import Json
from duckmart.spec.segment import Segment

Write = Callable[[IO[bytes]], None]

# As Python values, rows take ten times the memory that they have in the table.
ROWS_AT_A_TIME = 20_000
# Rows of a Parquet file that are read together.
_ROWS_IN_A_GROUP = 200_000
# What makes a spreadsheet run a cell, by OWASP's advice on CSV injection; some forgive leading spaces.
_FORMULA = r"^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])"


def ids_writer(audience: Audience) -> Write:
    """The ids alone, one a line, without a header."""

    def write(file: IO[bytes]) -> None:
        for start in range(0, len(audience.ids), ROWS_AT_A_TIME):
            part = audience.ids.slice(start, ROWS_AT_A_TIME).to_pylist()
            file.write("".join(f"{user_id}\n" for user_id in part).encode())

    return write


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


# The formats of a table of members, by what their files end in.
TABLES: Mapping[str, Callable[[pa.Table], Write]] = {
    "csv": csv_writer,
    "parquet": parquet_writer,
    "ndjson": ndjson_writer,
}


def json_writer(audience: Audience, segment: Segment, warnings: Iterable[Problem]) -> Write:
    return _json_writer(lambda: answer(audience, segment, warnings))


def with_changes(table: pa.Table, changes: Changes, limit: int | None) -> pa.Table:
    """The members' table with a second column, `change`; below them those who left, without attributes.

    The limit cuts users who stayed, in the order of the table; users who entered are always there.
    """
    ids, leavers = same_type(table.column(0), changes.left)
    entered = pc.is_in(table.column(0), value_set=changes.entered)
    words = pc.if_else(entered, "entered", "stayed")
    key, *attributes = table.column_names
    members = pa.table([ids, words, *table.columns[1:]], names=[key, "change", *attributes])
    if limit is not None:
        members = members.filter(pc.or_(entered, pc.less(pa.array(range(len(table))), limit)))
    leaver_rows = pa.table([leavers, pa.array(["left"] * len(leavers), pa.string())], names=[key, "change"])
    return pa.concat_tables([members, leaver_rows], promote_options="default")


def changed_ids_writer(table: pa.Table) -> Write:
    """No header: an id, a tab, and what changed."""

    def write(file: IO[bytes]) -> None:
        for batch in table.to_batches(ROWS_AT_A_TIME):
            pairs = zip(*(cells.to_pylist() for cells in batch.columns), strict=True)
            file.write("".join(f"{user_id}\t{change}\n" for user_id, change in pairs).encode())

    return write


def changed_json_writer(
    audience: Audience, segment: Segment, warnings: Iterable[Problem], changes: Changes
) -> Write:
    """The API's answer, and the ids of those who `entered` and `left`."""
    more = {"entered": changes.entered, "left": changes.left}
    return _json_writer(
        lambda: (
            answer(audience, segment, warnings)
            | {key: (user_id.as_py() for user_id in ids) for key, ids in more.items()}
        )
    )


def answer(audience: Audience, segment: Segment, warnings: Iterable[Problem]) -> dict[str, Json]:
    """What `POST /segment` answers; `user_ids` can be read once."""
    return {
        "user_ids": (user_id.as_py() for user_id in audience.ids),
        "total_count": audience.total,
        "filters_applied": segment.as_applied(),
        "as_of": stamp(audience.as_of),
        "warnings": [warning.as_dict() for warning in warnings],
    }


def _cells(name: str, cells: pa.Array) -> list[str]:
    # As text, Arrow writes every kind of cell the way CSV readers expect: 2026-11-22, true, 9.50.
    texts = cells.cast(pa.string())
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
    if pa.types.is_timestamp(kind):
        return _json_strings(stamp(cell) if cell is not None else None for cell in cells.to_pylist())
    if pa.types.is_date(kind) or not (pa.types.is_primitive(kind) or pa.types.is_decimal(kind)):
        return _json_strings(cells.cast(pa.string()).to_pylist())
    return cells.cast(pa.string())


def _json_strings(texts: Iterable[str | None]) -> pa.Array:
    return pa.array([text if text is None else encode_basestring(text) for text in texts], pa.string())


def _json_writer(content: Callable[[], dict[str, Json]]) -> Write:
    encoder = simplejson.JSONEncoder(use_decimal=True, ensure_ascii=False, iterable_as_array=True)

    def write(file: IO[bytes]) -> None:
        for piece in encoder.iterencode(content()):
            file.write(piece.encode())
        file.write(b"\n")

    return write
