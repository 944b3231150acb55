"""Files as other programs write them: several, in folders, with any delimiter, quote and encoding."""

import gzip
from datetime import datetime

import duckdb
import pytest

from duckmart.errors import LoadError
from tests.data.conftest import EVENTS, USERS, Shop

BOTH = [(1, "Ann"), (2, "Bo")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["users.csv", "users.tsv"])
def test_the_delimiter_is_told_by_the_header(shop: Shop, delimiter: str, name: str):
    text = "name,user_id,note\nAnn,1,x\nBo,2,y\n".replace(",", delimiter)
    shop.load(shop.file(name, text), EVENTS.replace(",", delimiter))
    assert shop.users() == [(1, "Ann", "x"), (2, "Bo", "y")]
    assert len(shop.events()) == 2


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ('user_id;name\n1;"a;b"\n', "a;b"),
        ("user_id;name\n1;a,b,c|d\n", "a,b,c|d"),
        ('user_id\tname\n1\t"two\nlines"\n', "two\nlines"),
        ('"user_id"|"name"\n1|"say ""hi"""\n', 'say "hi"'),
        ("'user_id','name'\n'1','it''s, well'\n", "it's, well"),
        ("user_id,it's\n1,'x'\n", "'x'"),
    ],
)
def test_a_quoted_value_may_hold_anything(shop: Shop, text: str, cells: str):
    shop.load(text, EVENTS)
    assert shop.users() == [(1, cells)]


def test_lines_are_true_under_any_delimiter_and_quote(shop: Shop):
    report = shop.load("'user_id';'name'\n1;'a\nb'\n\n1;'again'\n2;x;y\n")
    assert report.users.rows == 3
    assert [(entry["line"], entry["reason"].split(",")[0]) for entry in shop.rejects()[:2]] == [
        ("5", "duplicate user_id"),
        ("6", "too many fields"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("packed", [False, True])
def test_the_encoding_is_told_for_the_whole_file(shop: Shop, encoding: str, end: str, packed: bool):
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    text = (mark + "user_id;größe;café\n1;Zoë;“€”\n2;Ärger\n").replace("\n", end).encode(encoding)
    report = shop.load(shop.file("users.csv.gz", gzip.compress(text)) if packed else text)
    assert shop.query('SELECT user_id, "größe", "café" FROM user_attributes') == [(1, "Zoë", "“€”")]
    (entry,) = [entry for entry in shop.rejects() if "users" in entry["file"]]
    assert (entry["line"], entry["value"], entry["reason"]) == ("3", "2;Ärger", "too few fields")
    told = {"utf": "UTF-8", "cp1": "Windows-1252"}[encoding[:3]]
    assert report.users.inputs[0].encoding == ("UTF-16" if "16" in encoding else told)


def test_the_bytes_that_windows_leaves_open_are_kept(shop: Shop):
    shop.load(b"user_id,name\n1,\x81\x8d\xe4\n")
    assert shop.users() == [(1, "\x81\x8dä")]


def test_a_utf_8_file_with_some_bad_rows_stays_utf_8(shop: Shop):
    report = shop.load("user_id,name\n1,Änn\n2,Jürgen\n".encode() + b"3,Zo\xeb\n4,Di\n")
    assert report.users.refused_by == {"not UTF-8": 1}
    assert shop.users() == [(1, "Änn"), (2, "Jürgen"), (4, "Di")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x1f\x8b\x08", "this is a gzip file; end its name in .csv.gz"),
        (b"PAR1....", "this is a Parquet file"),
        (b"PK\x03\x04...", "zip or Excel"),
        (USERS.encode("utf-16-le"), "no text, or UTF-16 without its mark"),
        (USERS.encode("utf-32"), "UTF-32"),
        (USERS.encode("utf-16")[:-1], "UTF-16 file was cut short"),
        (b"\xff\xfe\x00\xd8a\x00", "no UTF-16"),
    ],
)
def test_what_is_no_text_is_refused_with_words(shop: Shop, content: bytes, words: str):
    with pytest.raises(LoadError, match=words):
        shop.load(content)
    assert shop.generations.current() is None


def test_several_files_are_loaded_as_one(shop: Shop):
    rows = ["2026-11-03,2,BUY", "never,1,BUY", "2026-11-04,1,BUY,x", "", "2026-11-05,1,BUY"]
    more = "\n".join(["timestamp,user_id,event_name", *rows])
    events = [
        shop.file("a.csv", EVENTS),
        shop.file("b.csv", more),
        shop.file("c.csv", EVENTS.replace("user_id", "who")),
    ]
    with pytest.raises(LoadError, match=r"c\.csv.*'user_id'.*missing"):
        shop.load(USERS, events)
    events[2] = shop.file("c.csv", EVENTS.replace("1,LOGIN", "7,LOGIN"))
    report = shop.load(USERS, events)
    assert report.events.file.endswith("a.csv and 2 more")
    assert [one.rows for one in report.events.inputs] == [2, 4, 2]
    assert (report.events.rows, report.events.loaded, report.events.refused) == (8, 5, 3)
    assert [(entry["file"][-5:], entry["line"], entry["reason"]) for entry in shop.rejects()] == [
        ("b.csv", "3", "not a time"),
        ("b.csv", "4", "too many fields"),
        ("c.csv", "2", "no such user"),
    ]
    assert shop.query("SELECT event_name::VARCHAR, timestamp FROM user_events WHERE user_id = 1") == [
        ("BUY", datetime(2026, 11, 5)),
        ("LOGIN", datetime(2026, 11, 1, 10)),
    ]


def test_a_folder_gives_its_files_by_name_whatever_their_kind(shop: Shop):
    shop.file("all/2-bo.csv", "user_id,name\n2,Bo\n1,twice\n")
    shop.file("all/1-ann.tsv", "name\tuser_id\nAnn\t1\n")
    shop.file("all/3-cy.csv.gz", gzip.compress(b"user_id;name\n3;Cy\n"))
    with duckdb.connect() as con:
        con.sql("SELECT 4 AS user_id, 'Di' AS name").write_parquet(str(shop.folder / "all" / "4-di.parquet"))
    shop.file("all/readme.txt", "not data")
    report = shop.load(shop.folder / "all")
    assert shop.query("SELECT user_id, name FROM user_attributes") == [
        (1, "Ann"),
        (2, "Bo"),
        (3, "Cy"),
        (4, "Di"),
    ]
    assert [one.file.rpartition("/")[2] for one in report.users.inputs] == [
        "1-ann.tsv",
        "2-bo.csv",
        "3-cy.csv.gz",
        "4-di.parquet",
    ]
    assert [(entry["file"][-8:], entry["line"]) for entry in shop.rejects()] == [("2-bo.csv", "3")]


def test_the_header_of_each_of_several_files_put_together_is_no_row(shop: Shop):
    users = "Kunde;since;price\n1;31.12.2025;1,5\nKunde;since;price\n2;01.02.2026;2,5\n Kunde ;since; price\n"
    events = "timestamp,user_id,event_name\n1777629600,1,A\ntimestamp,user_id,event_name\n1777629601,2,A\n"
    report = shop.load(users, events, ["user_id=Kunde"])
    assert report.users.columns == {"user_id": "INTEGER", "since": "DATE", "price": "DECIMAL(2,1)"}
    assert report.users.refused_by == {"the header again": 2}
    assert report.events.refused_by == {"the header again": 1}
    assert [entry["line"] for entry in shop.rejects()] == ["3", "5", "3"]
    assert len(shop.events()) == 2


def test_a_folder_without_files_to_load_is_refused(shop: Shop):
    shop.file("all/readme.txt", "not data")
    with pytest.raises(LoadError, match=r"all: no file in this folder ends in \.csv"):
        shop.load(shop.folder / "all")


def test_files_that_do_not_have_the_same_columns_are_refused(shop: Shop):
    files = [shop.file("a.csv", USERS), shop.file("b.csv", "user_id,nmae\n3,Cy\n")]
    with pytest.raises(LoadError, match=r"b\.csv: .* of .*a\.csv: it lacks name and it has nmae"):
        shop.load(files)


def test_a_file_that_is_given_twice_is_refused(shop: Shop):
    file = shop.file("a.csv", EVENTS)
    with pytest.raises(LoadError, match=r"a\.csv: this file is given twice"):
        shop.load(USERS, [file, shop.folder / "x" / ".." / "a.csv"])
    with pytest.raises(LoadError, match="given twice"):
        shop.load(file, file)


def test_many_rows_of_several_files_keep_their_lines(shop: Shop):
    ids = [range(0, 60_000), range(50_000, 150_000)]
    files = [
        shop.file(f"{place}.csv", "\n".join(["user_id", *map(str, some)])) for place, some in enumerate(ids)
    ]
    report = shop.load(files)
    assert report.users.loaded == 150_000
    told = shop.rejects()
    assert len(told) == 10_000 == report.users.refused
    assert all(int(entry["line"]) == int(entry["value"]) - 50_000 + 2 for entry in told)
