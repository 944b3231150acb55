"""Values as other countries and programs write them: read where a whole column leaves no doubt."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from duckmart.errors import LoadError
from tests.data.conftest import EVENTS, Shop


def column(shop: Shop, cells: list[str]) -> tuple[str, list[Any]]:
    rows = "".join(f'{number}\t"{cell}"\n' for number, cell in enumerate(cells))
    report = shop.load("user_id\tx\n" + rows, EVENTS)
    return report.users.columns["x"], [x for (x,) in shop.query("SELECT x FROM user_attributes")]


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (["1.234,56", "7"], "DECIMAL(6,2)", [Decimal("1234.56"), Decimal(7)]),
        (["12,5", "1,200"], "DECIMAL(5,3)", [Decimal("12.5"), Decimal("1.2")]),
        (["-0,500", "", "3.000"], "DECIMAL(7,3)", [Decimal("-0.5"), None, Decimal(3000)]),
        (["1,200", "900"], "VARCHAR", ["1,200", "900"]),
        (["1,5", "1.5"], "VARCHAR", ["1,5", "1.5"]),
        (["1,5", "unknown"], "VARCHAR", ["1,5", "unknown"]),
        (["1,234.50", "12"], "DECIMAL(6,2)", [Decimal("1234.5"), Decimal(12)]),
        (["1,234,567", "1,5"], "VARCHAR", ["1,234,567", "1,5"]),
        (["007,5", "1,5"], "VARCHAR", ["007,5", "1,5"]),
        (["31.12.2026", "1.2.2026"], "DATE", [date(2026, 12, 31), date(2026, 2, 1)]),
        (["12/31/2026", "02/01/2026"], "DATE", [date(2026, 12, 31), date(2026, 2, 1)]),
        (
            ["31-12-2026 09:30", "01-02-2026"],
            "TIMESTAMP",
            [datetime(2026, 12, 31, 9, 30), datetime(2026, 2, 1)],
        ),
        (["03/04/2026", "05/06/2026"], "VARCHAR", ["03/04/2026", "05/06/2026"]),
        (["31/12/2026", "12/31/2026"], "VARCHAR", ["31/12/2026", "12/31/2026"]),
        (["31/12/2026", "soon"], "VARCHAR", ["31/12/2026", "soon"]),
        (["30.02.2026", "31.12.2026"], "VARCHAR", ["30.02.2026", "31.12.2026"]),
        (["1767225600", "1767225601"], "INTEGER", [1767225600, 1767225601]),
        (["2026-01-31 01:00:00 +0200"], "TIMESTAMP", [datetime(2026, 1, 30, 23)]),
        (["2026-01-31 01:00 -05:30"], "TIMESTAMP", [datetime(2026, 1, 31, 6, 30)]),
    ],
)
def test_a_column_is_read_in_its_spelling_only_without_doubt(
    shop: Shop, cells: list[str], kind: str, values: list[Any]
):
    assert column(shop, cells) == (kind, values)
    assert [entry for entry in shop.rejects() if "users" in entry["file"]] == []


@pytest.mark.parametrize(
    ("times", "first"),
    [
        (["2026/11/01 10:00", "2026-11-02T10:00:00.5Z"], datetime(2026, 11, 1, 10)),
        (["2026-11-01T10:00:00+02:00", "2026-11-02 10:00:00"], datetime(2026, 11, 1, 8)),
        (["1777629600", "1777629601"], datetime(2026, 5, 1, 10)),
        (["1777629600123", "1777629601000"], datetime(2026, 5, 1, 10, 0, 0, 123000)),
        (["13.10.2026 10:00:00", "1.11.2026"], datetime(2026, 10, 13, 10)),
        (["10/13/2026 10:00:00", "11/01/2026"], datetime(2026, 10, 13, 10)),
    ],
)
def test_event_times_are_read_as_all_of_them_are_written(shop: Shop, times: list[str], first: datetime):
    rows = "".join(f"{number},LOGIN,{time}\n" for number, time in enumerate(times, start=1))
    report = shop.load("user_id\n1\n2\n", "user_id,event_name,timestamp\n" + rows)
    assert report.events.loaded == 2
    assert shop.query("SELECT min(timestamp) FROM user_events") == [(first,)]


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (
            ["03/04/2026", "05/06/2026"],
            "'03/04/2026' may be day or month first; write the year first.*say which",
        ),
        (["Januar 3 26", "later"], "'Januar 3 26' is no time; one is 2026-12-31 23:59:59"),
        (["1777629600", "then"], "'then' is no time like the others: 1 of 2 are seconds since 1970"),
        (["17", "18"], "'17' is no time"),
    ],
)
def test_a_file_without_a_single_time_is_refused_whole(shop: Shop, times: list[str], words: str):
    rows = "".join(f"1,LOGIN,{time}\n" for time in times)
    with pytest.raises(LoadError, match=rf"events\.csv, column 'timestamp': {words}"):
        shop.load(events="user_id,event_name,timestamp\n" + rows)


def test_other_spellings_among_plain_times_are_refused_rows(shop: Shop):
    report = shop.load(events=EVENTS + "1,LOGIN,1777629600\n1,LOGIN,31.12.2025\n")
    assert report.events.refused_by == {"not a time": 2}


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ("user_id,event_name,timestamp\n1,2026-11-01,LOGIN\n", "the column 'event_name' holds times"),
        ("user_id,event_name,timestamp\n2026-11-01,LOGIN,1\n", "the column 'user_id' holds times"),
        ("user_id,event_name,timestamp,at\n1,LOGIN,x,1777629600\n", "--map timestamp=at"),
        ("user_id,event_name,timestamp\nLOGIN,1,2026-11-01\n", "'1' is a user id.*swapped"),
    ],
)
def test_swapped_columns_are_refused_with_words(shop: Shop, events: str, words: str):
    with pytest.raises(LoadError, match=words):
        shop.load(events=events)


def test_swapped_files_are_refused_with_words(shop: Shop):
    users, events = shop.file("people.csv", "user_id,name\n1,Ann\n"), shop.file("clicks.csv", EVENTS)
    with pytest.raises(LoadError, match=r"clicks\.csv.*are the two swapped"):
        shop.load(events, users)
    clicks = shop.file("c.csv", EVENTS.replace("event_name", "what").replace("user_id", "who"))
    with pytest.raises(LoadError, match=r"event_name=what: .*are the two swapped"):
        shop.load(clicks, users, ["event_name=what", "user_id=who"])


@pytest.mark.parametrize(
    ("users", "words"),
    [
        (
            "1,Ann,30\n2,Bo,40\n",
            r"users\.csv, line 1: the first row is no header but looks like data \('1'\)",
        ),
        ("Ann;2026-01-01\nBo;2026-01-02\n", "looks like data"),
        ("ann@example.com,Ann\n", "looks like data"),
        ("3e46ad1c-9bb3-4f6c-8a5e-1f0a5b6c7d8e\tAnn\n", "looks like data"),
    ],
)
def test_a_header_that_is_no_header_is_refused_with_words(shop: Shop, users: str, words: str):
    with pytest.raises(LoadError, match=words):
        shop.load(users)


@pytest.mark.parametrize(
    ("users", "events", "kind", "loaded"),
    [
        (["1.0", "2.0"], ["1", "2.0"], "INTEGER", 1),
        (["1.0", "2.0"], ["1.0", "2.0"], "INTEGER", 2),
        (["1", "2"], ["1.0", "2.0"], "INTEGER", 2),
        (["1.0", "3000000000.0"], ["1", "3000000000"], "BIGINT", 2),
        (["1.0", "2"], ["1.0", "2"], "VARCHAR", 2),
        (["A", "7"], ["7.0", "7.0"], "VARCHAR", 0),
        (["1.5", "2.5"], ["1.5", "2.5"], "VARCHAR", 2),
    ],
)
def test_ids_that_all_end_in_a_zero_fraction_are_whole_numbers(
    shop: Shop, users: list[str], events: list[str], kind: str, loaded: int
):
    rows = "".join(f"{number},LOGIN,2026-11-01\n" for number in events)
    report = shop.load(
        "\n".join(["user_id,x", *(f"{number}," for number in users)]), "user_id,event_name,timestamp\n" + rows
    )
    assert report.users.columns["user_id"] == kind
    assert report.events.loaded == loaded


def test_float_ids_of_parquet_files_are_whole_numbers(shop: Shop):
    path = shop.folder / "users.parquet"
    with duckdb.connect() as con:
        con.sql("SELECT unnest([1.0, 2.0, NULL]::DOUBLE[]) AS user_id").write_parquet(str(path))
    report = shop.load(path)
    assert report.users.columns == {"user_id": "INTEGER"}
    assert report.users.refused_by == {"missing user_id": 1}
    assert report.events.loaded == 2
