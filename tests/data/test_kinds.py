"""What 95 of 100 cells agree on is the kind of their column; the odd ones are told by their own values."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from duckmart.data.load import Options, read_pairs
from duckmart.data.load.append import AppendReport, append
from duckmart.errors import LoadError
from duckmart.settings import Settings
from tests.data.conftest import NOW, Shop

HEADER = "user_id,event_name,timestamp\n"


def users(cells: list[str], first: int = 1) -> str:
    rows = "".join(f'{number}\t"{cell}"\n' for number, cell in enumerate(cells, start=first))
    return "user_id\tx\n" + rows


def column(shop: Shop, cells: list[str]) -> tuple[str, list[Any]]:
    """The type and the values that a column of these cells gets."""
    report = shop.load(users(cells), HEADER)
    return report.users.columns["x"], values(shop)


def values(shop: Shop) -> list[Any]:
    return [x for (x,) in shop.query("SELECT x FROM user_attributes ORDER BY user_id")]


def appended(shop: Shop, cells: list[str]) -> AppendReport:
    files = {"users": shop.file("more.csv", users(cells, first=5000)), "events": shop.file("e.csv", HEADER)}
    return append(
        files,
        shop.generations,
        now=NOW,
        settings=Settings(memory="500MB", threads=2),
        options=Options(read_pairs(())),
        force=True,
    )


def odd_cells(shop: Shop) -> list[tuple[str, str]]:
    return [(entry["value"], entry["action"]) for entry in shop.rejects()]


DAYS = [f"2024-05-{1 + place % 28:02}" for place in range(38)]


@pytest.mark.parametrize(
    ("odd", "day"),
    [
        ("2024-05-03 18:30", date(2024, 5, 3)),
        ("2024-05-03T23:30:00-05:00", date(2024, 5, 3)),
        ("2024-05-03T00:30:00+02:00", date(2024, 5, 3)),
        ("2024/5/3 00:00:00.5", date(2024, 5, 3)),
    ],
)
def test_a_time_of_day_among_dates_is_cut_and_told(shop: Shop, odd: str, day: date):
    kind, found = column(shop, [*DAYS, odd])
    assert (kind, found[-1]) == ("DATE", day)
    assert None not in found
    assert odd_cells(shop) == [(odd, "cut")]
    assert shop.report()["users"]["cut_by"] == {"x: the time of day, as the column holds dates": 1}
    assert shop.report()["users"]["cleared"] == 0
    assert "1 cell cut: x: the time of day" in str(shop.load(users([*DAYS, odd]), HEADER))


@pytest.mark.parametrize(
    "midnight",
    ["2024-05-03 00:00", "2024-05-03T00:00:00.000Z", "2024/05/03 0:00:00", "2024-05-03T00:00:00+02:00"],
)
def test_midnights_are_dates_as_they_are_written(shop: Shop, midnight: str):
    assert column(shop, [midnight] * 3) == ("DATE", [date(2024, 5, 3)] * 3)
    assert column(shop, [*DAYS[:3], midnight])[0] == "DATE"
    assert shop.rejects() == []


def test_a_column_with_many_times_of_day_is_a_time_and_says_so(shop: Shop):
    kind, found = column(shop, [*DAYS[:9], "2024-05-03 18:30"])
    assert (kind, found[-1], found[0]) == ("TIMESTAMP", datetime(2024, 5, 3, 18, 30), datetime(2024, 5, 1))
    (told,) = [one for one in shop.report()["users"]["suspicious"] if one["code"] == "dates_and_times"]
    assert told["column"] == "x"
    assert "9 of 10" in told["message"]


def test_german_dates_with_a_time_of_day_among_them_stay_dates(shop: Shop):
    days = [f"{13 + place % 15}.05.2024" for place in range(38)]
    kind, found = column(shop, [*days, "3.5.2024 18:30"])
    assert (kind, found[-1]) == ("DATE", date(2024, 5, 3))
    assert odd_cells(shop) == [("3.5.2024 18:30", "cut")]


def test_a_time_of_day_appended_to_dates_is_cut_and_told(shop: Shop):
    column(shop, DAYS)
    report = appended(shop, ["2024-05-03 18:30"])
    assert report.users.columns["x"] == "DATE"
    assert values(shop)[-1] == date(2024, 5, 3)
    assert odd_cells(shop) == [("2024-05-03 18:30", "cut")]
    assert report.changes == []


def test_many_times_appended_to_dates_make_it_a_time_and_say_so(shop: Shop):
    column(shop, DAYS[:5])
    report = appended(shop, ["2024-05-03 18:30"])
    assert report.users.columns["x"] == "TIMESTAMP"
    assert "column 'x' of the users is TIMESTAMP now; it was DATE" in str(report)


def test_a_cut_time_of_day_is_a_reject_under_strict(shop: Shop):
    with pytest.raises(LoadError, match=r"'2024-05-03 18:30'.*time of day"):
        shop.load(users([*DAYS, "2024-05-03 18:30"]), HEADER, strict=True)


@pytest.mark.parametrize(
    ("cells", "odd", "kind"),
    [
        (["1.234,50", "7,25"], "abc", "DECIMAL(6,2)"),
        (["1.234,50", "7,25"], "1.5", "DECIMAL(6,2)"),
        (["31.12.2024", "01.02.2025"], "soon", "DATE"),
        (["31.12.2024", "01.02.2025"], "12.31.2024", "DATE"),
        (["12/31/2024", "02/01/2025"], "31/12/2024", "DATE"),
        (["31.12.2024 10:00", "01.02.2025 11:30"], "30.02.2024 10:00", "TIMESTAMP"),
        (["2024-12-31", "2025-02-01"], "31.12.2024", "DATE"),
        (["true", "false"], "perhaps", "BOOLEAN"),
        (["12", "13"], "abc", "INTEGER"),
    ],
)
def test_one_odd_cell_among_many_is_cleared_alone_in_any_spelling(
    shop: Shop, cells: list[str], odd: str, kind: str
):
    found, loaded = column(shop, [*cells * 19, odd, odd])
    assert found == kind
    assert (loaded[-2:], None in loaded[:-2]) == ([None, None], False)
    assert odd_cells(shop) == [(odd, "cleared")] * 2


@pytest.mark.parametrize("cells", [["1.234,50", "7,25"], ["31.12.2024", "01.02.2025"]])
def test_more_odd_cells_keep_the_column_text(shop: Shop, cells: list[str]):
    assert column(shop, [*cells * 9, "abc", "abc"])[0] == "VARCHAR"
    assert shop.rejects() == []


def test_a_decimal_comma_among_whole_numbers_is_read(shop: Shop):
    kind, found = column(shop, [*["7"] * 40, "12,5"])
    assert (kind, found[-1]) == ("DECIMAL(3,1)", Decimal("12.5"))


def test_days_that_tell_both_orders_are_kept_as_text_and_told(shop: Shop):
    assert column(shop, [*["01/02/2024"] * 97, "31/12/2024", "12/31/2024"])[0] == "VARCHAR"
    assert "day or month first" in str(shop.report()["users"]["suspicious"])


@pytest.mark.parametrize("cells", [["1,5"], ["31.12.2024"]], ids=["a decimal comma", "days first"])
def test_few_odd_cells_of_an_appended_file_are_judged_with_the_old_ones(shop: Shop, cells: list[str]):
    kind, _ = column(shop, cells * 60)
    report = appended(shop, [*cells, "abc"])
    assert (report.users.columns["x"], report.changes) == (kind, [])
    assert odd_cells(shop) == [("abc", "cleared")]


TIMES = {
    "ISO": "2024-05-01 10:00:00",
    "seconds": "1714557600",
    "milliseconds": "1714557600000",
    "microseconds": "1714557600000000",
    "day first": "13.05.2024 10:00",
    "month first": "05/13/2024 10:00",
}


@pytest.mark.parametrize("good", TIMES.values(), ids=TIMES.keys())
@pytest.mark.parametrize("odd", ["n/a", "soon", "2024-05-01T10:00:00Z", "1714557601", "17145576011", "0"])
def test_one_odd_time_of_an_event_is_refused_alone(shop: Shop, good: str, odd: str):
    if (good, odd) in ((TIMES["ISO"], "2024-05-01T10:00:00Z"), (TIMES["seconds"], "1714557601")):
        pytest.skip("not odd here")
    rows = [good] * 20
    report = shop.load(
        users(["a"]), HEADER + "".join(f"1,A,{time}\n" for time in [*rows[:7], odd, *rows[7:]])
    )
    assert (report.events.loaded, report.events.refused) == (20, 1)
    assert [(one["value"], one["action"], one["line"]) for one in shop.rejects()] == [(odd, "refused", "9")]


@pytest.mark.parametrize("good", TIMES.values(), ids=TIMES.keys())
def test_no_value_among_times_is_refused_alone_even_of_two(shop: Shop, good: str):
    report = shop.load(users(["a"]), HEADER + f"1,A,{good}\n1,A,n/a\n")
    assert (report.events.loaded, report.events.refused) == (1, 1)
    assert odd_cells(shop) == [("n/a", "refused")]


@pytest.mark.parametrize("good", [time for name, time in TIMES.items() if name != "ISO"])
@pytest.mark.parametrize("odd", ["soon", "2024-05-01"])
def test_times_that_do_not_agree_are_refused_whole_by_the_odd_one(shop: Shop, good: str, odd: str):
    rows = "".join(f"1,A,{time}\n" for time in [*[good] * 9, odd])
    with pytest.raises(
        LoadError, match=rf"column 'timestamp': '{odd}' is no time like the others: 9 of 10"
    ) as error:
        shop.load(users(["a"]), HEADER + rows)
    assert good not in str(error.value)


@pytest.mark.parametrize(
    ("cells", "odd", "kind"),
    [
        (["1", "2"], "1e400", "INTEGER"),
        (["1", "2"], "-1e999", "INTEGER"),
        (["1", "2"], "1e30", "INTEGER"),
        (["1", "2"], "1" * 45, "INTEGER"),
        (["1", "3000000000"], "1e400", "BIGINT"),
        (["1", "9223372036854775808"], "1e400", "DECIMAL(19,0)"),
        (["1.5", "2.25"], "1e400", "DECIMAL(3,2)"),
    ],
)
def test_one_number_that_is_too_large_does_not_change_the_others(
    shop: Shop, cells: list[str], odd: str, kind: str
):
    found, loaded = column(shop, [*cells * 20, odd])
    assert (found, loaded[-1], None in loaded[:-1]) == (kind, None, False)
    assert [(one["value"], one["reason"]) for one in shop.rejects()] == [(odd, "too large a number")]
    assert appended(shop, [odd]).users.columns["x"] == kind


def test_long_numbers_among_decimals_are_kept_as_floats(shop: Shop):
    assert column(shop, [*["1.5"] * 40, "1e30"]) == ("DOUBLE", [*[1.5] * 40, 1e30])


PARQUET = """
SELECT
    1 AS user_id, 'a' AS name, ['vip', 'new'] AS tags, {'a': 1} AS address, map {'a': 1} AS extra,
    '\\x00'::BLOB AS photo, TIME '10:00' AS "at", INTERVAL 1 DAY AS stays, [[1]] AS grid, 2 AS visits,
    'de'::ENUM ('de', 'fr') AS country, uuid() AS device, 5::HUGEINT AS points
"""


def parquet(shop: Shop, name: str, query: str) -> Path:
    with duckdb.connect() as con:
        con.sql(query).write_parquet(str(shop.folder / name))
    return shop.folder / name


def test_columns_of_parquet_that_no_segment_can_ask_about_are_left_out_and_listed(shop: Shop):
    report = shop.load(parquet(shop, "users.parquet", PARQUET), HEADER)
    assert list(report.users.columns) == ["user_id", "name", "tags", "visits", "country", "device", "points"]
    assert shop.query("SELECT name, visits, country FROM user_attributes") == [("a", 2, "de")]
    assert shop.report()["users"]["left_out"] == {
        "address": "records (STRUCT)",
        "extra": "maps (MAP)",
        "photo": "bytes (BLOB)",
        "at": "times of day (TIME)",
        "stays": "spans of time (INTERVAL)",
        "grid": "lists (INTEGER[][])",
    }
    assert "column 'grid' is left out: it holds lists (INTEGER[][])" in str(report)


def test_properties_of_events_are_left_out_and_listed_too(shop: Shop):
    query = "SELECT 1 AS user_id, 'A' AS event_name, TIMESTAMP '2026-01-01' AS timestamp, [[1]] AS items"
    report = shop.load("user_id\n1\n", parquet(shop, "events.parquet", query))
    assert (list(report.events.left_out), report.events.loaded) == (["items"], 1)


@pytest.mark.parametrize(
    ("query", "names", "words"),
    [
        ("SELECT ['a'] AS user_id", [], r"'user_id': it holds lists \(VARCHAR\[\]\); write it as text"),
        ("SELECT '1'::BLOB AS User_ID", [], r"'User_ID': it holds bytes \(BLOB\)"),
        ("SELECT 1 AS user_id, ['a'] AS tags", ["user_id=tags"], r"'tags': it holds lists"),
    ],
)
def test_a_column_that_is_needed_and_cannot_be_loaded_refuses_the_file(
    shop: Shop, query: str, names: list[str], words: str
):
    with pytest.raises(LoadError, match=words):
        shop.load(parquet(shop, "users.parquet", query), HEADER, names)


def test_maps_here_and_a_text_there_are_two_columns(shop: Shop):
    maps = parquet(shop, "a.parquet", "SELECT 1 AS user_id, map {'x': 1} AS tags")
    with pytest.raises(LoadError, match=r"tags there holds maps \(MAP\) and it has tags besides"):
        shop.load([maps, shop.file("b.csv", "user_id,tags\n2,x\n")], HEADER)


def test_a_list_here_and_a_text_there_are_one_column_of_texts(shop: Shop):
    lists = parquet(shop, "a.parquet", "SELECT 1 AS user_id, ['x'] AS tags")
    shop.load([lists, shop.file("b.csv", "user_id,tags\n2,x\n")], HEADER)
    assert shop.users() == [(1, '["x"]'), (2, "x")]
