"""Members as bytes, written piece by piece: ids one a line, or the API's answer."""

from collections.abc import Callable, Iterable
from typing import IO

import simplejson

from duckmart.errors import Problem
from duckmart.instants import stamp
from duckmart.mart import Audience
from duckmart.spec.json_text import Json
from duckmart.spec.segment import Segment

Write = Callable[[IO[bytes]], None]

# As Python values, rows take ten times the memory that they have in the table.
ROWS_AT_A_TIME = 20_000
TABLE_FORMATS = ("csv", "parquet", "ndjson")
"""The formats of a table of members, which export_tables.py writes, by what their files end in."""


def ids_writer(audience: Audience) -> Write:
    """The ids alone, one a line, without a header."""

    def write(file: IO[bytes]) -> None:
        for start in range(0, len(audience.ids), ROWS_AT_A_TIME):
            part = audience.ids.slice(start, ROWS_AT_A_TIME).to_pylist()
            file.write("".join(f"{user_id}\n" for user_id in part).encode())

    return write


def json_writer(audience: Audience, segment: Segment, warnings: Iterable[Problem]) -> Write:
    return content_writer(lambda: answer(audience, segment, warnings))


def answer(audience: Audience, segment: Segment, warnings: Iterable[Problem]) -> dict[str, Json]:
    """What `POST /segment` answers; `user_ids` can be read once."""
    return {
        "user_ids": (user_id.as_py() for user_id in audience.ids),
        "total_count": audience.total,
        "filters_applied": segment.as_applied(),
        "as_of": stamp(audience.as_of),
        "warnings": [warning.as_dict() for warning in warnings],
    }


def content_writer(content: Callable[[], dict[str, Json]]) -> Write:
    encoder = simplejson.JSONEncoder(use_decimal=True, ensure_ascii=False, iterable_as_array=True)

    def write(file: IO[bytes]) -> None:
        for piece in encoder.iterencode(content()):
            file.write(piece.encode())
        file.write(b"\n")

    return write
