"""Everyday spellings: read where nothing else can be meant; else kept as text, with words on loading."""

import json
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from duckmart.cli import cli
from duckmart.data.load import LoadReport, load, read_options
from duckmart.errors import LoadError
from duckmart.settings import Settings
from tests.data.conftest import EVENTS, NOW, Shop
from tests.data.test_kinds import HEADER, appended, column, odd_cells, users, values


def told(shop: Shop, code: str) -> str:
    return " ".join(one["message"] for one in shop.report()["users"]["suspicious"] if one["code"] == code)


def loaded(
    shop: Shop, cells: list[str], *, types: tuple[str, ...] = (), nulls: tuple[str, ...] = ()
) -> LoadReport:
    return load(
        shop.file("users.csv", users(cells)),
        shop.file("events.csv", HEADER),
        shop.generations,
        now=NOW,
        settings=Settings(memory="500MB", threads=2),
        options=read_options((), types, nulls),
    )


NUMBERS: list[tuple[list[str], list[Any]]] = [
    (["$1,234.50", "$7", "-$3.25"], ["1234.50", "7", "-3.25"]),
    (["1 234,50 €", "7 €", "-0,99 €"], ["1234.50", "7", "-0.99"]),
    (["1\u00a0234,50", "12\u202f345,00"], ["1234.50", "12345"]),
    (["£5", "£12"], ["5", "12"]),
    (["CHF 1'234.50", "CHF 7.00"], ["1234.50", "7"]),
    (["12.50 USD", "7.25"], ["12.50", "7.25"]),
    (["(5.00)", "12.25"], ["-5", "12.25"]),
    (["($1,000.00)", "$2.50"], ["-1000", "2.50"]),
    (["12 %", "7 %", "0 %"], ["12", "7", "0"]),
    (["12,5 %", "7,25 %"], ["12.5", "7.25"]),
    (["1 234", "900"], ["1234", "900"]),
    (["1,234,567", "12.5"], ["1234567", "12.5"]),
    (["5.00-", "12.25"], ["-5", "12.25"]),
    (["\u22125.50", "3.25"], ["-5.5", "3.25"]),
]


@pytest.mark.parametrize(("cells", "numbers"), NUMBERS, ids=lambda one: str(one[0]))
def test_numbers_as_people_write_them_are_read(shop: Shop, cells: list[str], numbers: list[Any]):
    kind, found = column(shop, cells)
    assert kind.partition("(")[0] in ("INTEGER", "DECIMAL")
    assert [Decimal(one) for one in found] == [Decimal(one) for one in numbers]
    assert shop.rejects() == []
    assert "read as numbers" in told(shop, "spelling")


DAY = date(2024, 1, 9)


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        (["January 9, 2024", "Jan 9, 2024", "9 January 2024", "Tue, 9 Jan 2024"], [DAY] * 4),
        (["09-JAN-2024", "14-nov-2023"], [DAY, date(2023, 11, 14)]),
        (["January 9th, 2024", "2024-01-09"], [DAY] * 2),
        (["13/1/2024, 12:05 AM"], [datetime(2024, 1, 13, 0, 5)]),
        (["1/13/2024 12:05 PM", "3/4/2024 1:00 am"], [datetime(2024, 1, 13, 12, 5), datetime(2024, 3, 4, 1)]),
        (["2024-01-09 3:04 PM"], [datetime(2024, 1, 9, 15, 4)]),
        (["Tue, 09 Jan 2024 10:00:00 GMT"], [datetime(2024, 1, 9, 10)]),
        (["2024-01-01", "2024-01-31", "45300"], [date(2024, 1, 1), date(2024, 1, 31), DAY]),
    ],
    ids=lambda one: str(one[0]),
)
def test_dates_as_people_write_them_are_read(shop: Shop, cells: list[str], days: list[Any]):
    kind, found = column(shop, cells)
    assert (kind, found) == ("DATE" if type(days[0]) is date else "TIMESTAMP", days)
    assert shop.rejects() == []


@pytest.mark.parametrize("time", ["January 9, 2024 10:00 AM", "09-JAN-2024 10:00", "2024-01-09 10:00 AM"])
def test_times_of_events_as_people_write_them_are_read(shop: Shop, time: str):
    rows = "".join(f'1\tA\t"{one}"\n' for one in [time] * 20 + ["soon"])
    report = shop.load(users(["a"]), HEADER.replace(",", "\t") + rows)
    assert (report.events.loaded, report.events.refused) == (20, 1)
    assert shop.query("SELECT DISTINCT timestamp FROM user_events") == [(datetime(2024, 1, 9, 10),)]


@pytest.mark.parametrize(
    "cells",
    [
        *(["yes", "no", "Yes"], ["t", "f", "T"], ["Y", "N", "y"], ["ja", "nein", "Ja"], ["on", "off", "on"]),
        *(["sí", "no", "Sí"], ["wahr", "falsch", "WAHR"], ["vrai", "faux", "vrai"]),
    ],
)
def test_a_column_of_one_pair_of_answers_is_true_and_false(shop: Shop, cells: list[str]):
    assert column(shop, [*cells, "", "N/A"]) == ("BOOLEAN", [True, False, True, None, None])


@pytest.mark.parametrize(
    "cells",
    [
        ["Summer 2024", "Spring 2024"],
        ["5 kg", "7 kg"],
        ["plan K", "plan B"],
        ["1.2.10", "4.12.31"],
        ["34B", "36B"],
    ],
)
def test_names_with_numbers_are_texts_beyond_doubt(shop: Shop, cells: list[str]):
    assert column(shop, cells)[0] == "VARCHAR"
    assert "kept as text" not in str(shop.report()["users"]["suspicious"])


@pytest.mark.parametrize(
    ("time", "read"),
    [
        ("1704794400.5", datetime(2024, 1, 9, 10, 0, 0, 500000)),
        ("1704794400.000001", datetime(2024, 1, 9, 10, 0, 0, 1)),
        ("1704794400000001", datetime(2024, 1, 9, 10, 0, 0, 1)),
    ],
)
def test_times_of_events_may_be_finer_than_seconds_since_1970(shop: Shop, time: str, read: datetime):
    report = shop.load(users(["a"]), HEADER + f"1,A,{time}\n" * 20 + "1,A,soon\n")
    assert (report.events.loaded, report.events.refused) == (20, 1)
    assert shop.query("SELECT DISTINCT timestamp FROM user_events") == [(read,)]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (
            ["yes", "no", "maybe"],
            "looks like yes and no, but 'maybe' is neither; kept as text: load with --type x=yes_no",
        ),
        (
            ["$5", "€7"],
            "looks like money, in several currencies ($, €); kept as text: load with --type x=number",
        ),
        (["$1,200", "$900"], "looks like money, but in '$1,200' the mark may part thousands or decimals"),
        (["1,200", "900"], "--type x=number, or =decimal_comma"),
        (["600 123 456", "600 123 457"], "they may be telephones or codes"),
        (["(1)", "(2)"], "they may be telephones or codes"),
        (["12 %", "7"], "looks like numbers, of percent as '12 %', but not in every cell"),
        (["$5", "$7", "free"], "looks like money, as '$5', but not in every cell"),
        (["3/4/2024", "5/6/2024"], "load with --type x=day_first or =month_first"),
        (["3/4/2024, 12:05 AM", "5/6/2024, 1:00 PM"], "day or month first"),
        (["January 9, 2024", "soon"], "looks like a date, as 'January 9, 2024'"),
        (["2024-01-01", "2024-01-31", "49999"], "day numbers of Excel"),
        (["31/12/2024", "soon"], "looks like a date"),
        (
            ["1/31/24", "2/1/24"],
            "looks like dates, as '1/31/24', which are not read; kept as text: write them as",
        ),
        (["2024.01.09", "2024.02.10"], "looks like dates, as '2024.01.09'"),
        (["2024-01-09 3pm", "2024-01-10 4pm"], "looks like dates, as '2024-01-09 3pm'"),
        (["Jan 2024", "Feb 2024"], "looks like dates, as 'Feb 2024'"),
        (["9. Januar 2024", "10. März 2024"], "looks like dates, as '10. März 2024'"),
        (["9 de marzo de 2024", "1 de enero de 2024"], "looks like dates, as '1 de enero de 2024'"),
        (
            ["1.5K", "2K"],
            "looks like numbers cut to thousands or millions, as '1.5K'; kept as text: write them",
        ),
    ],
    ids=lambda one: str(one)[:30],
)
def test_what_only_looks_like_a_kind_is_kept_as_text_and_told(shop: Shop, cells: list[str], words: str):
    assert column(shop, cells) == ("VARCHAR", cells)
    assert words in told(shop, "doubtful")


@pytest.mark.parametrize(
    "cells",
    [
        ["free", "pro"],
        ["free", "Free", "pro"],
        ["NO", "SE", "DK"],
        ["no", "no"],
        ["ann@example.com", "bo99@example.com"],
        ["19-24", "25-34"],
        ["May", "June"],
        ["2 kg", "3 kg"],
        ["A1 2024", "B2 2023"],
        ["10115", "0049"],
    ],
)
def test_plain_texts_stay_texts_without_a_word(shop: Shop, cells: list[str]):
    assert column(shop, cells) == ("VARCHAR", cells)
    assert told(shop, "doubtful") == told(shop, "spelling") == told(shop, "no_value") == ""


@pytest.mark.parametrize("marker", ["NA", "N/A", "n/a", "NULL", "null", "-", "?", "\\N", "#N/A", "None"])
@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["12", "7"], "INTEGER"),
        (["1.5"], "DECIMAL(2,1)"),
        (["2024-01-09"], "DATE"),
        (["true"], "BOOLEAN"),
        (["31.12.2024"], "DATE"),
        (["$5.00"], "DECIMAL(3,2)"),
    ],
)
def test_a_marker_of_no_value_among_values_is_none_and_told(
    shop: Shop, marker: str, cells: list[str], kind: str
):
    found, loaded_values = column(shop, [*cells, marker, marker])
    assert (found, loaded_values[-2:]) == (kind, [None, None])
    assert shop.rejects() == []
    assert told(shop, "no_value") == f"{marker!r} (2) is read as no value"


def test_namibia_survives_and_the_words_say_how_to_clear_it(shop: Shop):
    assert column(shop, ["DE", "NA", "FR"]) == ("VARCHAR", ["DE", "NA", "FR"])
    assert told(shop, "no_value") == "'NA' (1) is kept as text; if it means no value, load with --null NA"


def test_null_markers_are_given_for_all_columns_or_for_one(shop: Shop):
    loaded(shop, ["DE", "NA", "none"], nulls=("NA",))
    assert values(shop) == ["DE", None, "none"]
    loaded(shop, ["DE", "NA", "none"], nulls=("x=none",))
    assert values(shop) == ["DE", "NA", None]
    report = load(
        shop.file("u.csv", "user_id,x\n1,a\nNULL,b\n"),
        shop.file("e.csv", EVENTS + "NULL,A,2026-11-01\n1,NULL,2026-11-01\n1,A,NULL\n"),
        shop.generations,
        now=NOW,
        settings=Settings(memory="500MB", threads=2),
        options=replace(read_options((), (), ("NULL",)), accept_loss=True),
    )
    assert report.users.refused_by == {"missing user_id": 1}
    assert report.users.columns["user_id"] == "INTEGER"
    assert {"missing event_name", "missing timestamp", "missing user_id"} <= report.events.refused_by.keys()


@pytest.mark.parametrize(
    ("cells", "type_", "kind", "found"),
    [
        (["$1,200", "€7", "free"], "number", "INTEGER", [1200, 7, None]),
        (["1,200", "7"], "decimal_comma", "DECIMAL(4,3)", [Decimal("1.2"), Decimal(7)]),
        (["007", "12"], "number", "INTEGER", [7, 12]),
        (["3/4/2024", "soon"], "day_first", "DATE", [date(2024, 4, 3), None]),
        (["3/4/2024", "5/6/2024"], "month_first", "DATE", [date(2024, 3, 4), date(2024, 5, 6)]),
        (["45413", "20240501", "May 1, 2024"], "date", "DATE", [date(2024, 5, 1)] * 3),
        (["yes", "no", "maybe", "1"], "yes_no", "BOOLEAN", [True, False, None, True]),
        (["12", "7"], "text", "VARCHAR", ["12", "7"]),
    ],
)
def test_a_type_is_said_by_the_user(shop: Shop, cells: list[str], type_: str, kind: str, found: list[Any]):
    report = loaded(shop, cells, types=(f"users.x={type_}",))
    assert (report.users.columns["x"], values(shop)) == (kind, found)
    assert odd_cells(shop) == [
        (cell, "cleared") for cell, value in zip(cells, found, strict=True) if value is None
    ]


@pytest.mark.parametrize(
    ("types", "nulls", "words"),
    [
        (("x=nubmer",), (), "'nubmer' is no type.*did you mean 'number'"),
        (("x",), (), "written column=type"),
        (("y=number",), (), "no column is called 'y'"),
        (("user_id=number",), (), "user_id.*leave its type out"),
        (("timestamp=number",), (), "timestamp.*one of date"),
        ((), ("y=NA",), "no column is called 'y'"),
        (("x=number",), (), "not one value can be read as --type x=number"),
    ],
)
def test_what_is_said_of_columns_and_cannot_be_is_refused(
    shop: Shop, types: tuple[str, ...], nulls: tuple[str, ...], words: str
):
    with pytest.raises(LoadError, match=words):
        loaded(shop, ["a", "b"], types=types, nulls=nulls)


def test_times_of_events_are_said_to_have_the_day_first(shop: Shop):
    events = shop.file("e.csv", HEADER + "1,A,3/4/2024\n")
    with pytest.raises(LoadError, match=r"--type timestamp=day_first or =month_first"):
        shop.load(users(["a"]), events)
    load(
        shop.file("u.csv", users(["a"])),
        events,
        shop.generations,
        now=NOW,
        settings=Settings(memory="500MB", threads=2),
        options=read_options((), ("timestamp=day_first",)),
    )
    assert shop.query("SELECT timestamp FROM user_events") == [(datetime(2024, 4, 3),)]


def test_answers_and_money_are_appended_as_the_old_ones_were_read(shop: Shop):
    column(shop, ["yes", "no"] * 20)
    assert appended(shop, ["yes"]).users.columns["x"] == "BOOLEAN"
    column(shop, ["$5.00", "$7.25"] * 20)
    report = appended(shop, ["$1,200.00", "NA"])
    assert report.users.columns["x"] == "DECIMAL(6,2)"
    assert values(shop)[-2:] == [Decimal(1200), None]


def test_a_mapping_file_holds_headers_types_and_markers_and_is_written_by_the_command(tmp_path: Path):
    people = tmp_path / "people.csv"
    people.write_text("no;price;joined;land\n1;1,200;3/4/2024;NA\n2;7;5/6/2024;-\n", "utf-8")
    clicks = tmp_path / "clicks.csv"
    clicks.write_text("buyer,what,when\n1,BUY,2026-11-01\n", "utf-8")
    data, mapping = ["--data", str(tmp_path / "data")], tmp_path / "mapping.json"
    given = "--map users.user_id=no --map events.user_id=buyer --map event_name=what --map timestamp=when"
    said = "--type price=number --type users.joined=day_first --null land=-"
    files = ["load", "--users", str(people), "--events", str(clicks)]
    first = CliRunner().invoke(
        cli, [*files, *given.split(), *said.split(), "--save-mapping", str(mapping), *data]
    )
    assert first.exit_code == 0, first.output
    assert json.loads(mapping.read_text("utf-8")) == {
        "users": {"user_id": "no"},
        "events": {"user_id": "buyer", "event_name": "what", "timestamp": "when"},
        "types": {"price": "number", "users.joined": "day_first"},
        "null": ["land=-"],
    }
    again = CliRunner().invoke(cli, [*files, "--mapping", str(mapping), "--json", *data])
    assert again.exit_code == 0, again.output
    report = json.loads(again.stdout)
    assert report["users"]["columns"] == {
        "user_id": "INTEGER",
        "price": "INTEGER",
        "joined": "DATE",
        "land": "VARCHAR",
    }
    assert report["users"]["values"]["land"]["missing"] == 1
