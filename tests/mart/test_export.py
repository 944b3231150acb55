"""Tables of members as files: every cell as it is, but for texts that a spreadsheet would run."""

import csv
import io
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from duckmart.export import ROWS_AT_A_TIME
from duckmart.export_tables import TABLES, excel_writer

CELLS = {
    "user_id": pa.array([1, 2, 3], pa.int64()),
    "name": pa.array(['O\'Neil, "Bo"', "two\nlines\u2028", None]),
    "plan": pa.array(["free", "premium", "free"]).dictionary_encode(),
    "spent": pa.array([Decimal("9.50"), Decimal("-0.01"), None], pa.decimal128(20, 2)),
    "huge": pa.array([Decimal(10**37 + 1), Decimal(-(10**36)), None], pa.decimal128(38, 0)),
    "score": pa.array([0.1, 1e300, None]),
    "born": pa.array([date(1999, 12, 31), date(2, 1, 1), None]),
    "seen": pa.array([datetime(2026, 11, 22, 9, 30), datetime(2026, 1, 1, 0, 0, 0, 5), None]),
    "active": pa.array([True, False, None]),
}
TABLE = pa.table(CELLS)

RUN_BY_SPREADSHEETS = [
    "=1+1",
    '=HYPERLINK("http://x","y")',
    "+1 555 0100",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "＝1",
    "－1",
]
HARMLESS = ["a\rb", "O'Neil", "'=1", "a=b", "x@example.com", "1-2", "", " plain", "50%", "é", "\u00a0x"]


def written(kind: str, table: pa.Table) -> bytes:
    file = io.BytesIO()
    TABLES[kind](table)(file)
    return file.getvalue()


def rows(table: pa.Table) -> list[list[str]]:
    """A CSV file as Python's own reader has it."""
    return list(csv.reader(io.StringIO(written("csv", table).decode(), newline="")))


def test_for_excel_a_csv_begins_with_the_mark_of_utf_8_and_is_the_same_otherwise():
    file = io.BytesIO()
    excel_writer(TABLE)(file)

    assert file.getvalue() == b"\xef\xbb\xbf" + written("csv", TABLE)
    assert not written("csv", TABLE).startswith(b"\xef\xbb\xbf")


def test_a_csv_has_exact_cells_in_quotes_only_where_needed():
    assert rows(TABLE) == [
        list(CELLS),
        [
            *("1", 'O\'Neil, "Bo"', "free", "9.50", str(10**37 + 1), "0.1", "1999-12-31"),
            *("2026-11-22 09:30:00.000000", "true"),
        ],
        [
            *("2", "two\nlines\u2028", "premium", "-0.01", str(-(10**36)), "1e+300", "0002-01-01"),
            *("2026-01-01 00:00:00.000005", "false"),
        ],
        ["3", "", "free", "", "", "", "", "", ""],
    ]
    assert written("csv", TABLE).endswith(b"\n3,,free,,,,,,\n")


@pytest.mark.parametrize("text", RUN_BY_SPREADSHEETS)
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str):
    table = pa.table({"user_id": [1], "name": [text], "plan": pa.array([text]).dictionary_encode()})

    assert rows(table)[1] == ["1", f"'{text}", f"'{text}"]


@pytest.mark.parametrize("text", HARMLESS)
def test_a_text_that_is_only_a_text_stays_as_it_is(text: str):
    assert rows(pa.table({"user_id": [1], "name": [text]}))[1] == ["1", text]


def test_ids_and_numbers_stay_as_they_are():
    table = pa.table({"user_id": ["=1", "-a"], "spent": [Decimal("-9.50"), Decimal("1.00")]})

    assert rows(table)[1:] == [["=1", "-9.50"], ["-a", "1.00"]]


def test_a_column_s_name_is_not_run_either():
    assert rows(pa.table({"user_id": [1], "=cmd": ["x"]}))[0] == ["user_id", "'=cmd"]


def test_parquet_reads_back_equal_with_its_types():
    read = pq.read_table(io.BytesIO(written("parquet", TABLE)))

    assert read.equals(TABLE)


def test_ndjson_reads_back_equal_line_by_line():
    lines = written("ndjson", TABLE).decode().split("\n")

    assert lines.pop() == ""
    read = [json.loads(line, parse_float=Decimal) for line in lines]
    assert read == [as_json(row) for row in TABLE.to_pylist()]
    assert '"spent":9.50,' in lines[0]


def as_json(row: dict[str, Any]) -> dict[str, Any]:
    """What a reader of JSON that keeps digits makes of a row."""
    times = {"seen": row["seen"] and f"{row['seen'].isoformat()}Z"}
    dates = {"born": row["born"] and row["born"].isoformat()}
    score = {"score": row["score"] and Decimal(repr(row["score"]))}
    return row | dates | times | score


def test_a_number_that_is_none_is_null_in_ndjson():
    table = pa.table({"user_id": [1, 2], "score": [float("nan"), float("inf")]})

    assert written("ndjson", table) == b'{"user_id":1,"score":null}\n{"user_id":2,"score":null}\n'


@pytest.mark.parametrize("kind", list(TABLES))
def test_nobody_is_a_file_without_rows(kind: str):
    file = written(kind, TABLE[:0])

    if kind == "parquet":
        assert pq.read_table(io.BytesIO(file)).equals(TABLE[:0])
    else:
        assert file.decode() == {"csv": ",".join(CELLS) + "\n", "ndjson": ""}[kind]


def test_rows_beyond_one_batch_are_there_in_order():
    many = pa.table({"user_id": range(2 * ROWS_AT_A_TIME + 1), "name": ["x"] * (2 * ROWS_AT_A_TIME + 1)})

    assert [row[0] for row in rows(many)[1:]] == [str(row) for row in range(len(many))]
    assert [json.loads(line)["user_id"] for line in written("ndjson", many).splitlines()] == [
        *range(len(many))
    ]
    assert pq.read_table(io.BytesIO(written("parquet", many))).equals(many)
