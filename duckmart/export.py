"""Members as bytes: ids one a line, a CSV table, or the API's answer; written piece by piece."""

import csv
from collections.abc import Callable, Iterable
from io import StringIO
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
import simplejson

from duckmart.errors import Problem
from duckmart.instants import stamp
from duckmart.mart import Audience
from duckmart.runs import Changes, same_type
from duckmart.segment import Json, Segment

Write = Callable[[IO[bytes]], None]

ROWS_AT_A_TIME = 100_000


def ids_writer(audience: Audience) -> Write:
    """No header: the ids and nothing else."""

    def write(file: IO[bytes]) -> None:
        for start in range(0, len(audience.ids), ROWS_AT_A_TIME):
            part = audience.ids.slice(start, ROWS_AT_A_TIME).to_pylist()
            file.write("".join(f"{user_id}\n" for user_id in part).encode())

    return write


def csv_writer(table: pa.Table) -> Write:
    """A header, and cells in quotes only where they need them."""

    def write(file: IO[bytes]) -> None:
        # As text, Arrow writes every kind of cell the way CSV readers expect: 2026-11-22, true, 9.50.
        texts = pa.table({name: table[name].cast(pa.string()) for name in table.column_names})
        file.write(_lines([table.column_names]))
        for batch in texts.to_batches(ROWS_AT_A_TIME):
            file.write(_lines(zip(*(cells.to_pylist() for cells in batch.columns), strict=True)))

    return write


def json_writer(audience: Audience, asked: Segment, warnings: Iterable[Problem]) -> Write:
    return _json_writer(lambda: answer(audience, asked, warnings))


def with_changes(table: pa.Table, changed: Changes, limit: int | None) -> pa.Table:
    """The members' table with a second column, `change`; below them those who left, without attributes.

    The limit cuts those who stayed, in the order of the table; who entered is there whatever it is.
    """
    ids, left = same_type(table.column(0), changed.left)
    entered = pc.is_in(table.column(0), value_set=changed.entered)
    words = pc.if_else(entered, "entered", "stayed")
    key, *attributes = table.column_names
    members = pa.table([ids, words, *table.columns[1:]], names=[key, "change", *attributes])
    if limit is not None:
        members = members.filter(pc.or_(entered, pc.less(pa.array(range(len(table))), limit)))
    gone = pa.table([left, pa.array(["left"] * len(left), pa.string())], names=[key, "change"])
    return pa.concat_tables([members, gone], promote_options="default")


def changed_ids_writer(table: pa.Table) -> Write:
    """No header: an id, a tab, and what changed."""

    def write(file: IO[bytes]) -> None:
        for batch in table.to_batches(ROWS_AT_A_TIME):
            pairs = zip(*(cells.to_pylist() for cells in batch.columns), strict=True)
            file.write("".join(f"{user_id}\t{change}\n" for user_id, change in pairs).encode())

    return write


def changed_json_writer(
    audience: Audience, asked: Segment, warnings: Iterable[Problem], changed: Changes
) -> Write:
    """The API's answer, and the ids of those who `entered` and `left`."""
    more = {"entered": changed.entered, "left": changed.left}
    return _json_writer(
        lambda: (
            answer(audience, asked, warnings)
            | {key: (user_id.as_py() for user_id in ids) for key, ids in more.items()}
        )
    )


def answer(audience: Audience, asked: Segment, warnings: Iterable[Problem]) -> dict[str, Json]:
    """What `POST /segment` answers; `user_ids` can be read once."""
    return {
        "user_ids": (user_id.as_py() for user_id in audience.ids),
        "total_count": audience.total,
        "filters_applied": asked.as_applied(),
        "as_of": stamp(audience.as_of),
        "warnings": [warning.as_dict() for warning in warnings],
    }


def _lines(rows: Iterable[Iterable[str | None]]) -> bytes:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _json_writer(content: Callable[[], dict[str, Json]]) -> Write:
    encoder = simplejson.JSONEncoder(use_decimal=True, ensure_ascii=False, iterable_as_array=True)

    def write(file: IO[bytes]) -> None:
        for piece in encoder.iterencode(content()):
            file.write(piece.encode())
        file.write(b"\n")

    return write
