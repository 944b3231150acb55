"""Loading: every row and cell of the files is in the database or in the rejects, with its line and reason."""

import csv
import gzip
import hashlib
import json
import multiprocessing
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from duckmart.data.generations import Generations
from duckmart.data.load import LoadReport, Options, load
from duckmart.errors import LoadError
from duckmart.settings import Settings

NOW = datetime(2026, 11, 22, 12)
NO_EVENTS = "user_id,event_name,timestamp\n"


class Shop:
    """A folder with the two input files and the generations they are loaded into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.generations = Generations(folder / "data")

    def file(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def load(self, users: str | bytes, events: str | bytes = NO_EVENTS) -> LoadReport:
        return self.load_files(self.file("users.csv", users), self.file("events.csv", events))

    def load_files(self, users: Path, events: Path, now: datetime = NOW) -> LoadReport:
        return load(
            users,
            events,
            self.generations,
            now=now,
            settings=Settings(memory="500MB", threads=2),
            options=Options(accept_loss=True),
        )

    def query(self, sql: str) -> list[Any]:
        with duckdb.connect(str(self.current.path), read_only=True) as con:
            return con.execute(sql).fetchall()

    @property
    def current(self):
        generation = self.generations.current()
        assert generation is not None
        return generation

    def rejects(self) -> list[dict[str, str]]:
        with self.current.rejects.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def column(self, cells: Iterable[str]) -> tuple[str, list[Any]]:
        """The type and the values that a column of these cells gets."""
        lines = [f'{number},"{cell}"' for number, cell in enumerate(cells)]
        report = self.load("\n".join(["user_id,x", *lines]))
        return report.users.columns["x"], [x for (x,) in self.query("SELECT x FROM user_attributes")]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_clean_files_load_whole(shop: Shop):
    users = "user_id,name,age\n2,Bo,40\n1,Ann,31\n"
    events = (
        "user_id,event_name,timestamp,amount\n2,PURCHASE_MADE,2026-11-01 10:00:00,9.50\n1,LOGIN,2026-11-02,\n"
    )
    report = shop.load(users, events)
    assert shop.query("FROM user_attributes") == [(1, "Ann", 31), (2, "Bo", 40)]
    assert shop.query("FROM user_events") == [
        (1, "LOGIN", datetime(2026, 11, 2), None),
        (2, "PURCHASE_MADE", datetime(2026, 11, 1, 10), Decimal("9.50")),
    ]
    assert shop.query("FROM load_info") == [(NOW,)]
    assert shop.rejects() == []
    assert (report.users.rows, report.events.rows) == (2, 2)


GOOD_USERS = [
    f"{number},Ann {number},{20 + number % 50},2026-01-{1 + number % 28:02}" for number in range(1, 61)
]
DIRTY_USERS = [
    (",no id,30,2026-01-01", "user_id", "missing user_id"),
    ("   ,blank id,30,2026-01-01", "user_id", "missing user_id"),
    ("7,twice,30,2026-01-01", "user_id", "duplicate user_id, the first is kept"),
    (" 8 ,twice with spaces,30,2026-01-01", "user_id", "duplicate user_id, the first is kept"),
    ("101,too,many,fields,here", "", "too many fields"),
    ("102,too few", "", "too few fields"),
    ('103,"broken"quote,30,2026-01-01', "", "a quote is not closed where its value ends"),
    ("104,age 200,200,2026-01-01", "age", "not between 0 and 130"),
    ("105,age -1,-1,2026-01-01", "age", "not between 0 and 130"),
    ("106,age abc,abc,2026-01-01", "age", "not a number"),
    ("107,bad day,30,2026-02-30", "signup_date", "not a date"),
]
UNTOLD_USERS = [
    "111,age NaN,NaN,2026-01-01",
    "112,age inf,-Infinity,",
    '113,"",,',
    ' 114 , spaces around , 33 ," 2026-01-01 "',
    '115,"a line\nbreak, and ""quotes""",30,2026-01-01',
]
DIRTY_EVENTS = [
    (",LOGIN,2026-11-01", "user_id", "missing user_id"),
    ("1,,2026-11-01", "event_name", "missing event_name"),
    ('1,"  ",2026-11-01', "event_name", "missing event_name"),
    ("1,LOGIN,", "timestamp", "missing timestamp"),
    ("1,LOGIN,yesterday", "timestamp", "not a time"),
    ("1,LOGIN,2026-13-01 00:00:00", "timestamp", "not a time"),
    ("1,LOGIN,1700000000", "timestamp", "not a time"),
    ("1,LOGIN,2026-11-01 00:00:00.0000001", "timestamp", "finer than a microsecond"),
    ("1,LOGIN,2026-11-23 12:00:00.000001", "timestamp", "in the future"),
    ("999,LOGIN,2026-11-01", "user_id", "no such user"),
    ("1.0,LOGIN,2026-11-01", "user_id", "no such user"),
    ("101,LOGIN,2026-11-01", "user_id", "no such user"),
    ("1,LOGIN,2026-11-01,extra", "", "too many fields"),
]
GOOD_EVENTS = [
    "1,LOGIN,2026-11-01 10:00:00",
    "1,LOGIN,2026-11-01 10:00:00",
    " 2 , LOGIN , 2026-11-01T10:00:00.123456000Z ",
    "3,LOGIN,2026-11-23 12:00:00",
]


def test_every_row_and_cell_of_dirty_files_is_accounted_for(shop: Shop):
    dirty = [line for line, _, _ in DIRTY_USERS]
    users = [*GOOD_USERS[:20], *UNTOLD_USERS, *dirty, *GOOD_USERS[20:]]
    events = [*GOOD_EVENTS, *(line for line, _, _ in DIRTY_EVENTS), GOOD_EVENTS[0]]
    report = shop.load(
        "\n".join(["user_id,name,age,signup_date", *users]) + "\n", "\n".join([NO_EVENTS.strip(), *events])
    )

    refused_users = [reason for _, column, reason in DIRTY_USERS if column in ("user_id", "")]
    cleared = [f"{column}: {reason}" for _, column, reason in DIRTY_USERS if column not in ("user_id", "")]
    assert report.users.rows == records(shop.folder / "users.csv") == len(users)
    assert report.users.refused_by == Counter(refused_users)
    assert report.users.cleared_by == Counter(cleared)
    assert report.users.loaded == len(users) - len(refused_users)
    assert report.events.rows == records(shop.folder / "events.csv") == len(events)
    assert report.events.refused_by == Counter(reason for _, _, reason in DIRTY_EVENTS)
    assert report.events.loaded == len(GOOD_EVENTS) + 1
    assert report.users.reconciles()
    assert report.events.reconciles()
    assert shop.query("SELECT count(*) FROM user_attributes") == [(report.users.loaded,)]
    assert shop.query("SELECT count(*) FROM user_events") == [(report.events.loaded,)]

    physical = (shop.folder / "users.csv").read_text().split("\n")
    told = [entry for entry in shop.rejects() if entry["file"].endswith("users.csv")]
    assert [
        (physical[int(entry["line"]) - 1], entry["column"], entry["reason"]) for entry in told
    ] == DIRTY_USERS
    assert {entry["action"] for entry in told} == {"refused", "cleared"}
    physical = (shop.folder / "events.csv").read_text().split("\n")
    told = [entry for entry in shop.rejects() if entry["file"].endswith("events.csv")]
    assert [
        (physical[int(entry["line"]) - 1], entry["column"], entry["reason"]) for entry in told
    ] == DIRTY_EVENTS


def records(path: Path) -> int:
    with path.open(newline="") as file:
        return sum(1 for cells in csv.reader(file) if cells) - 1


def test_a_cell_without_a_value_is_null_and_no_reject(shop: Shop):
    lines = [*GOOD_USERS, *UNTOLD_USERS]
    shop.load("\n".join(["user_id,name,age,signup_date", *lines]))
    assert shop.query("FROM user_attributes WHERE user_id > 110") == [
        (111, "age NaN", None, date(2026, 1, 1)),
        (112, "age inf", None, None),
        (113, None, None, None),
        (114, "spaces around", 33, date(2026, 1, 1)),
        (115, 'a line\nbreak, and "quotes"', 30, date(2026, 1, 1)),
    ]
    assert shop.rejects() == []


def test_the_report_is_written_for_programs_and_for_people(shop: Shop):
    report = shop.load("user_id,name\n1,Ann\n1,Bo\n")
    written = json.loads(shop.current.report.read_text())
    assert written == json.loads(json.dumps(report.as_dict()))
    assert written["loaded_at"] == "2026-11-22T12:00:00"
    assert written["sha256"] == hashlib.sha256(shop.current.path.read_bytes()).hexdigest()
    assert written["users"]["sha256"] == hashlib.sha256(b"user_id,name\n1,Ann\n1,Bo\n").hexdigest()
    assert "2 rows, 1 loaded, 1 refused" in str(report)
    assert "1 refused: duplicate user_id" in str(report)


@pytest.mark.parametrize(
    ("ids", "kind", "loaded"),
    [
        (["3", "1", "2"], "INTEGER", [1, 2, 3]),
        (["-2147483648", "2147483647"], "INTEGER", [-2147483648, 2147483647]),
        (["2147483648", "1"], "BIGINT", [1, 2147483648]),
        (["9223372036854775808", "1"], "VARCHAR", ["1", "9223372036854775808"]),
        (["007", "7"], "VARCHAR", ["007", "7"]),
        (["1.0", "2"], "VARCHAR", ["1.0", "2"]),
        (["+1", "1"], "VARCHAR", ["+1", "1"]),
        (["1e3", "1000"], "VARCHAR", ["1000", "1e3"]),
        (["-0", "0"], "VARCHAR", ["-0", "0"]),
        (["b", "a", "Ä", "B"], "VARCHAR", ["B", "a", "b", "Ä"]),
    ],
)
def test_user_ids_are_whole_numbers_only_when_all_are(
    shop: Shop, ids: list[str], kind: str, loaded: list[Any]
):
    events = [f"{number},LOGIN,2026-11-01" for number in ids]
    report = shop.load("\n".join(["user_id", *ids]), "\n".join([NO_EVENTS.strip(), *events]))
    assert report.users.columns["user_id"] == kind == report.events.columns["user_id"]
    assert [number for (number,) in shop.query("SELECT user_id FROM user_attributes")] == loaded
    assert report.events.loaded == len(ids)


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (["1", "-2", ""], "INTEGER", [1, -2, None]),
        (["1", "3000000000"], "BIGINT", [1, 3000000000]),
        (["9223372036854775808"], "DECIMAL(19,0)", [Decimal("9223372036854775808")]),
        (["1.50", "20", "-.25"], "DECIMAL(4,2)", [Decimal("1.50"), Decimal(20), Decimal("-0.25")]),
        (["1.5", "nan", "inf", "-Infinity"], "DECIMAL(2,1)", [Decimal("1.5"), None, None, None]),
        (["1e3", "2.5e-3"], "DECIMAL(8,4)", [Decimal(1000), Decimal("0.0025")]),
        (["1e300", "0.5"], "DOUBLE", [1e300, 0.5]),
        (["1" * 39], "VARCHAR", ["1" * 39]),
        (["true", "FALSE", ""], "BOOLEAN", [True, False, None]),
        (["yes", "no"], "BOOLEAN", [True, False]),
        (["0", "1"], "INTEGER", [0, 1]),
        (["2026-01-31", "2024/2/29"], "DATE", [date(2026, 1, 31), date(2024, 2, 29)]),
        (["01.02.2026"], "VARCHAR", ["01.02.2026"]),
        (["0000-01-01", "10000-01-01"], "VARCHAR", ["0000-01-01", "10000-01-01"]),
        (
            ["2026-01-31", "2026-01-31 09:30"],
            "TIMESTAMP",
            [datetime(2026, 1, 31), datetime(2026, 1, 31, 9, 30)],
        ),
        (["2026-01-31T01:00:00+02:00"], "TIMESTAMP", [datetime(2026, 1, 30, 23)]),
        (["2026-01-31 01:00:00 UTC"], "TIMESTAMP", [datetime(2026, 1, 31, 1)]),
        (["2026-01-31 01:00:00-0530"], "TIMESTAMP", [datetime(2026, 1, 31, 6, 30)]),
        (["02134", "94105"], "VARCHAR", ["02134", "94105"]),
        (["+15550100", "15550101"], "VARCHAR", ["+15550100", "15550101"]),
        (["1,200", "900"], "VARCHAR", ["1,200", "900"]),
        (["", ""], "VARCHAR", [None, None]),
        (["nan", ""], "VARCHAR", ["nan", None]),
        (["Cafe\u0301", "\u00a0 x \u3000", "PREMIUM"], "VARCHAR", ["Café", "x", "PREMIUM"]),
        (["19-24", "25-34"], "VARCHAR", ["19-24", "25-34"]),
    ],
)
def test_a_column_is_typed_by_what_it_holds(shop: Shop, cells: list[str], kind: str, values: list[Any]):
    assert shop.column(cells) == (kind, values)
    assert shop.rejects() == []


@pytest.mark.parametrize(("good", "bad", "kind"), [(95, 5, "INTEGER"), (94, 6, "VARCHAR")])
def test_a_column_is_typed_when_95_of_100_cells_fit(shop: Shop, good: int, bad: int, kind: str):
    found, values = shop.column(["12"] * good + ["unknown"] * bad + [""] * 50)
    assert found == kind
    assert len(shop.rejects()) == (bad if kind == "INTEGER" else 0)
    assert values.count(None) == (50 + bad if kind == "INTEGER" else 50)


def test_a_number_that_would_be_infinite_is_cleared_and_told(shop: Shop):
    assert shop.column(["1e300"] * 60 + ["1e400", "-1e999"]) == ("DOUBLE", [1e300] * 60 + [None, None])
    assert [(entry["value"], entry["reason"]) for entry in shop.rejects()] == [
        ("1e400", "too large a number"),
        ("-1e999", "too large a number"),
    ]


def test_a_time_finer_than_a_microsecond_is_cleared_in_an_optional_column(shop: Shop):
    shop.column(["2026-01-01 10:00:00"] * 30 + ["2026-01-01 10:00:00.0000001"])
    assert [entry["reason"] for entry in shop.rejects()] == ["finer than a microsecond"]


def test_event_times_with_an_offset_are_stored_in_utc(shop: Shop):
    shop.load("user_id\n1\n", NO_EVENTS + "1,LOGIN,2026-11-01T01:30:00+02:00\n")
    assert shop.query("SELECT timestamp FROM user_events") == [(datetime(2026, 10, 31, 23, 30),)]


def test_now_with_an_offset_is_noted_in_utc(shop: Shop):
    paths = shop.file("u.csv", "user_id\n1\n"), shop.file("e.csv", NO_EVENTS)
    report = shop.load_files(*paths, now=NOW.replace(tzinfo=timezone(timedelta(hours=2))))
    assert report.loaded_at == datetime(2026, 11, 22, 10)
    assert shop.load_files(*paths, now=NOW.replace(tzinfo=UTC)).loaded_at == NOW


def test_headers_without_rows_load_as_empty_tables(shop: Shop):
    report = shop.load("user_id,name", NO_EVENTS)
    assert (report.users.rows, report.events.rows) == (0, 0)
    assert shop.query("FROM user_attributes") == shop.query("FROM user_events") == []
    assert report.events.columns == {"user_id": "INTEGER", "event_name": "ENUM", "timestamp": "TIMESTAMP"}


ODD_NAMES = [
    "order",
    "select",
    'a"b',
    "it's",
    "größe",
    "two words",
    "rowid",
    "row",
    "c1",
    "c2",
    "%s",
    "$1",
    "{x}",
    "x;--",
]


def test_columns_may_have_any_name(shop: Shop):
    with (shop.folder / "users.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([[" User_ID ", *ODD_NAMES], [1, *range(len(ODD_NAMES))]])
    events = "timestamp,file,line,user_id,value,event_name,reason\n2026-11-01,a,2,1,b,LOGIN,c\n"
    report = shop.load_files(shop.folder / "users.csv", shop.file("events.csv", events))
    assert list(report.users.columns) == ["user_id", *ODD_NAMES]
    assert list(report.events.columns) == [
        "user_id",
        "event_name",
        "timestamp",
        "file",
        "line",
        "value",
        "reason",
    ]
    assert report.users.renamed == {"User_ID": "user_id"}
    assert shop.query("FROM user_attributes") == [(1, *range(len(ODD_NAMES)))]


@pytest.mark.parametrize(
    ("users", "words"),
    [
        ("userid,name\n1,Ann\n", r"'user_id'.*missing; found: userid, name\. Is it 'userid'"),
        (
            "user or id,name\n1,Ann\n",
            r"Is it 'user or id'\? Then add --map 'user_id=user or id'$",
        ),
        ("user'id,userid\n1,Ann\n", r"Is it 'userid' or \"user'id\"\? Then add --map user_id=userid$"),
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        ("user_id,name,Name\n", "named alike"),
        ("user_id,a,a\n", "named alike"),
        ("user_id,,b\n", "column '2': a column without a name"),
        ('user_id,"a\nb\n', "quotes in the header"),
        (b"user_id,n\xe4me\n" + "1,Äöü\n".encode(), "not UTF-8"),
    ],
)
def test_a_file_whose_header_cannot_be_used_is_refused_whole(shop: Shop, users: str | bytes, words: str):
    with pytest.raises(LoadError, match=r"users\.csv") as error:
        shop.load(users)
    error.match(words)
    assert shop.generations.current() is None


def test_missing_event_columns_are_named(shop: Shop):
    with pytest.raises(LoadError, match=r"events\.csv, column 'timestamp'.*found: user_id, event_name, time"):
        shop.load("user_id\n1\n", "user_id,event_name,time\n")


def test_a_missing_or_foreign_file_is_refused(shop: Shop):
    events = shop.file("events.csv", NO_EVENTS)
    with pytest.raises(LoadError, match=r"nowhere\.csv: there is no such file"):
        shop.load_files(shop.folder / "nowhere.csv", events)
    with pytest.raises(LoadError, match=r"users\.xlsx: only files ending in"):
        shop.load_files(shop.file("users.xlsx", ""), events)
    with pytest.raises(LoadError, match="no Parquet file, or it was cut short"):
        shop.load_files(shop.file("users.parquet", b"PAR1 and no more"), events)
    for content in (b"user_id\n1\n", gzip.compress(b"user_id\n1\n" * 100)[:-12]):
        with pytest.raises(LoadError, match=r"users\.csv\.gz: this is no gzip file, or it was cut short"):
            shop.load_files(shop.file("users.csv.gz", content), events)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_any_line_end_and_a_byte_order_mark_are_read(shop: Shop, end: str, start: str):
    report = shop.load(start + end.join(["user_id,name", "1,Ann", "2", "3,Cy", "3,Di", ""]))
    assert report.users.refused_by == {"too few fields": 1, "duplicate user_id, the first is kept": 1}
    assert shop.query("FROM user_attributes") == [(1, "Ann"), (3, "Cy")]
    assert [entry["line"] for entry in shop.rejects()] == ["3", "5"]


def test_mixed_line_ends_of_a_hand_edited_file_are_read(shop: Shop):
    shop.load('user_id,name\r\n1,Ann\n2,"line\r\nbreak"\r\n2,Bo\n3,a\rb\n')
    assert shop.query("FROM user_attributes") == [(1, "Ann"), (2, "line\nbreak"), (3, "a b")]
    assert [entry["line"] for entry in shop.rejects()] == ["5"]


def test_blank_lines_are_no_rows_but_count_as_lines(shop: Shop):
    report = shop.load("\n\nuser_id,name\n\n1,Ann\n\n\n1,Bo\n2\n\n3,C,D\n3,Cy\n3,Di\n\n")
    assert (report.users.rows, report.users.loaded) == (6, 2)
    assert [entry["line"] for entry in shop.rejects()] == ["8", "9", "11", "13"]


def test_lines_are_true_after_values_with_line_breaks(shop: Shop):
    users = (
        'user_id,name\r\n1,"a\r\nb"\r\n\r\n1,second\r\n2,"c\r\nd",extra\r\n3\r\n1,"e\r\n\r\nf"\r\n1,third\r\n'
    )
    shop.load(users)
    assert [(entry["line"], entry["reason"].split(",")[0]) for entry in shop.rejects()] == [
        ("5", "duplicate user_id"),
        ("6", "too many fields"),
        ("8", "too few fields"),
        ("9", "duplicate user_id"),
        ("12", "duplicate user_id"),
    ]


def test_a_blank_line_in_a_file_of_one_column_is_a_missing_id(shop: Shop):
    report = shop.load("user_id\n1\n\n2\n")
    assert report.users.refused_by == {"missing user_id": 1}
    assert [entry["line"] for entry in shop.rejects()] == ["3"]


def test_a_quote_that_is_never_closed_refuses_its_line_with_all_its_text(shop: Shop):
    report = shop.load('user_id,name\n1,Ann\n5,"open,1\n6,b\n')
    assert (report.users.rows, report.users.loaded) == (3, 2)
    assert [(entry["line"], entry["value"]) for entry in shop.rejects()] == [("3", '5,"open,1')]


def test_a_quote_that_is_never_closed_swallows_nothing_of_a_large_file(shop: Shop):
    rows = "".join(f"{number},name {number}\n" for number in range(200_000))
    report = shop.load('user_id,name\n1,"open\n' + rows)
    assert (report.users.rows, report.users.loaded) == (200_001, 200_000)
    assert [(entry["line"], entry["value"]) for entry in shop.rejects()] == [("2", '1,"open')]


def test_a_row_that_is_not_utf_8_is_refused(shop: Shop):
    report = shop.load("user_id,name\n1,Änn\n".encode() + "2,Zoë\n".encode("latin-1") + b"3,Cy\n")
    assert report.users.refused_by == {"not UTF-8": 1}
    assert shop.rejects()[0]["line"] == "3"


def test_gzip_files_are_read(shop: Shop):
    users = shop.file("users.csv.gz", gzip.compress(b"user_id,name\n1,Ann\n1,Bo\n"))
    report = shop.load_files(users, shop.file("events.csv", NO_EVENTS))
    assert (report.users.rows, report.users.loaded) == (2, 1)
    assert shop.rejects()[0]["line"] == "3"


def test_a_path_with_pattern_characters_is_that_file(shop: Shop):
    shop.file("users1.csv", "user_id\n1\n2\n3\n")
    report = shop.load_files(shop.file("users[1].csv", "user_id\n7\n"), shop.file("e.csv", NO_EVENTS))
    assert report.users.loaded == 1
    assert shop.query("FROM user_attributes") == [(7,)]


PARQUET_USERS = """
SELECT * FROM (VALUES
    (1, 31, 'nan'::DOUBLE, 1.5::FLOAT, DATE '2026-01-31', TRUE, '2026-01-31 12:00+02'::TIMESTAMPTZ, ' Ann '),
    (2, 200, 0.25, 2.5, NULL, NULL, NULL, ''),
    (2, 33, 1.0, 3.5, NULL, NULL, NULL, 'Bo'),
    (NULL, 34, NULL, 4.5, NULL, NULL, NULL, 'Cy')
) AS rows (USER_ID, age, score, rate, signup_date, active, seen, name)
"""


def test_a_folder_named_like_a_partition_adds_no_column(shop: Shop):
    folder = shop.folder / "year=2026"
    folder.mkdir()
    with duckdb.connect() as con:
        con.sql("SELECT 1 AS user_id").write_parquet(str(folder / "users.parquet"))
    report = shop.load_files(folder / "users.parquet", shop.file("year=2026/events.csv", NO_EVENTS))
    assert list(report.users.columns) == ["user_id"]
    assert list(report.events.columns) == ["user_id", "event_name", "timestamp"]


def test_a_parquet_file_loads_like_a_csv_file(shop: Shop):
    users, events = shop.folder / "users.parquet", shop.folder / "events.parquet"
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.sql(PARQUET_USERS).write_parquet(str(users))
        con.sql(
            "SELECT * FROM (VALUES (1, 'LOGIN', TIMESTAMP_NS '2026-11-01 10:00:00.123456'),"
            " (1, 'LOGIN', TIMESTAMP_NS '2026-11-01 10:00:00.123456789'), (9, 'LOGIN', NULL))"
            " AS rows (user_id, event_name, timestamp)"
        ).write_parquet(str(events))
    report = shop.load_files(users, events)
    assert report.users.columns == {
        "user_id": "INTEGER",
        "age": "INTEGER",
        "score": "DECIMAL(3,2)",
        "rate": "DECIMAL(2,1)",
        "signup_date": "DATE",
        "active": "BOOLEAN",
        "seen": "TIMESTAMP",
        "name": "VARCHAR",
    }
    seen = datetime(2026, 1, 31, 10)
    assert shop.query("FROM user_attributes") == [
        (1, 31, None, Decimal("1.5"), date(2026, 1, 31), True, seen, "Ann"),
        (2, None, Decimal("0.25"), Decimal("2.5"), None, None, None, None),
    ]
    assert shop.query("SELECT timestamp FROM user_events") == [(datetime(2026, 11, 1, 10, 0, 0, 123456),)]
    assert [(entry["line"], entry["reason"]) for entry in shop.rejects()] == [
        ("2", "not between 0 and 130"),
        ("3", "duplicate user_id, the first is kept"),
        ("4", "missing user_id"),
        ("2", "finer than a microsecond"),
        ("3", "missing timestamp"),
    ]


def test_events_are_stored_by_name_user_and_time_under_an_enum(shop: Shop):
    events = ["2,B,2026-11-02", "1,B,2026-11-03", "1,b,2026-11-01", "1,B,2026-11-01", "2,A,2026-11-09"]
    shop.load("user_id\n1\n2\n", "\n".join([NO_EVENTS.strip(), *events]))
    assert shop.query("SELECT event_name::VARCHAR, user_id, day(timestamp) FROM user_events") == [
        ("A", 2, 9),
        ("B", 1, 1),
        ("B", 1, 3),
        ("B", 2, 2),
        ("b", 1, 1),
    ]
    constraints = (
        "SELECT table_name, constraint_type FROM duckdb_constraints() WHERE constraint_type <> 'NOT NULL'"
    )
    assert shop.query(constraints) == [("user_attributes", "PRIMARY KEY")]
    assert shop.query("SELECT index_name FROM duckdb_indexes()") == []


def test_the_same_files_give_the_same_rejects(shop: Shop):
    users = "user_id,age\n" + "".join(f"{number % 500},{number % 150}\n" for number in range(5000))
    shop.load(users)
    first = shop.current.rejects.read_bytes()
    shop.load(users)
    assert shop.current.rejects.read_bytes() == first


def test_an_open_reader_keeps_reading_the_old_generation_after_the_switch(shop: Shop):
    shop.load("user_id\n1\n")
    with duckdb.connect(str(shop.current.path), read_only=True) as reader:
        for _ in range(3):
            shop.load("user_id\n1\n2\n")
        assert reader.execute("SELECT count(*) FROM user_attributes").fetchall() == [(1,)]
    assert shop.query("SELECT count(*) FROM user_attributes") == [(2,)]


def test_a_load_that_fails_leaves_the_old_data_served(shop: Shop):
    shop.load("user_id\n1\n")
    before = shop.current
    with pytest.raises(LoadError):
        shop.load("name\nAnn\n")
    assert shop.current == before
    assert {path.name[:6] for path in (shop.folder / "data" / "generations").iterdir()} == {"000001"}


def test_too_little_memory_is_said_in_words(shop: Shop):
    users, events = shop.file("u.csv", "user_id\n1\n"), shop.file("e.csv", NO_EVENTS)
    tiny = Settings().model_copy(update={"memory": "1KB"})
    with pytest.raises(LoadError, match="DUCKMART_MEMORY"):
        load(users, events, shop.generations, now=NOW, settings=tiny)


def test_progress_names_each_stage_and_never_goes_back(shop: Shop):
    told: list[tuple[str, float]] = []
    users, events = shop.file("u.csv", "user_id\n1\n"), shop.file("e.csv", NO_EVENTS)
    load(
        users,
        events,
        shop.generations,
        now=NOW,
        settings=Settings(),
        progress=lambda *step: told.append(step),
    )
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert told[-1] == ("done", 1.0)
    assert "reading events" in [stage for stage, _ in told]


def test_loads_of_two_processes_both_succeed(shop: Shop):
    shop.file("users.csv", "user_id\n" + "\n".join(map(str, range(1000))))
    shop.file("events.csv", NO_EVENTS)
    context = multiprocessing.get_context("spawn")
    loads = [context.Process(target=load_again, args=(shop.folder,)) for _ in range(2)]
    for process in loads:
        process.start()
    for process in loads:
        process.join(60)
    assert [process.exitcode for process in loads] == [0, 0]
    assert [generation.id for generation in shop.generations.listed()] == ["000001", "000002"]
    assert shop.query("SELECT count(*) FROM user_attributes") == [(1000,)]


def load_again(folder: Path) -> None:
    Shop(folder).load_files(folder / "users.csv", folder / "events.csv")
