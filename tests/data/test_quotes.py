"""Stray quotes cost one line each; values that are meant to hold line breaks stay whole."""

import gzip
from collections.abc import Callable

import pytest

from duckmart.data.load import LoadReport
from duckmart.errors import LoadError
from tests.data.conftest import EVENTS, Shop

UNCLOSED = "a quote is not closed where its value ends"


def people(rows: int = 1000) -> list[str]:
    """A header and rows of four columns; line n holds user n - 1."""
    return ["user_id,name,age,joined", *(f"{n},Ann {n},{20 + n % 50},2026-01-31" for n in range(1, rows + 1))]


def spoilt(lines: list[str], *places: int, old: str = "Ann", new: str = '"Ann') -> list[str]:
    """The lines, some (counted from 1) with the first `old` as `new`."""
    return [line.replace(old, new, 1) if n in places else line for n, line in enumerate(lines, start=1)]


def loaded(shop: Shop, lines: list[str], name: str = "users.csv", end: str = "\n") -> LoadReport:
    """Load them as users; each line is a row loaded or refused."""
    content = (end.join(lines) + end).encode()
    report = shop.load(shop.file(name, gzip.compress(content) if name.endswith("gz") else content), EVENTS)
    assert report.users.rows == len(lines) - 1 == report.users.loaded + report.users.refused
    return report


def refused(shop: Shop) -> list[int]:
    return [
        int(entry["line"])
        for entry in shop.rejects()
        if entry["action"] == "refused" and "users" in entry["file"]
    ]


@pytest.mark.parametrize("line", [2, 3, 11, 500, 1000, 1001])
def test_one_stray_quote_costs_one_row_wherever_it_is(shop: Shop, line: int):
    report = loaded(shop, spoilt(people(), line))
    assert report.users.refused_by == {UNCLOSED: 1}
    assert refused(shop) == [line]
    assert shop.rejects()[0]["value"] == f'{line - 1},"Ann {line - 1},{20 + (line - 1) % 50},2026-01-31'
    assert shop.query("SELECT count(*), min(user_id), max(age) FROM user_attributes")[0][0] == 999


def test_a_table_of_two_columns_loses_one_row_too(shop: Shop):
    lines = ["user_id,name", *(f"{n},Ann" for n in range(1, 1001))]
    lines[10] = '10,"oops'
    assert loaded(shop, lines).users.refused_by == {UNCLOSED: 1}
    assert refused(shop) == [11]


@pytest.mark.parametrize(("first", "last"), [(2, 3), (5, 6), (5, 7), (10, 400), (2, 1001)])
@pytest.mark.parametrize("columns", [2, 4])
def test_two_stray_quotes_that_pair_up_do_not_swallow_what_is_between(
    shop: Shop, first: int, last: int, columns: int
):
    lines = [",".join(line.split(",")[:columns]) for line in people()]
    lines = spoilt(lines, first)
    lines[last - 1] += '"' if columns == 2 else ""
    if columns == 4:
        lines[last - 1] = lines[last - 1].replace(f" {last - 1},", f' {last - 1}",')
    report = loaded(shop, lines)
    assert report.users.refused_by == {UNCLOSED: 1}
    assert refused(shop) == [first]
    # A quote that does not start a cell is a character as any other.
    assert shop.query(f"SELECT name FROM user_attributes WHERE user_id = {last - 1}") == [
        (f'Ann {last - 1}"',)
    ]


@pytest.mark.parametrize("places", [(5, 6), (5, 400), (2, 3, 4), (2, 1001), (7, 300, 301, 900)])
def test_several_stray_quotes_cost_a_row_each(shop: Shop, places: tuple[int, ...]):
    assert loaded(shop, spoilt(people(), *places)).users.refused_by == {UNCLOSED: len(places)}
    assert refused(shop) == list(places)


@pytest.mark.parametrize("line", [2, 300, 1001])
def test_a_stray_quote_among_quoted_values(shop: Shop, line: int):
    lines = [people()[0], *(f'"{n}","Ann, {n}","{20 + n % 50}","2026-01-31"' for n in range(1, 1001))]
    lines[line - 1] = lines[line - 1].replace('","', ',"', 1)
    assert loaded(shop, lines).users.refused == 1
    assert refused(shop) == [line]


def test_a_stray_quote_before_a_value_that_is_quoted(shop: Shop):
    lines = spoilt(people(), 10)
    lines[499] = '499,"Smith, ""J""",30,2026-01-31'
    loaded(shop, lines)
    assert refused(shop) == [10]
    assert shop.query("SELECT name FROM user_attributes WHERE user_id = 499") == [('Smith, "J"',)]


@pytest.mark.parametrize("name", ["users.csv", "users.csv.gz"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_in_every_kind_of_file(shop: Shop, name: str, delimiter: str, end: str):
    lines = [line.replace(",", delimiter) for line in spoilt(people(60), 30)]
    loaded(shop, lines, name, end)
    assert refused(shop) == [30]


def test_of_single_quotes(shop: Shop):
    lines = ["'user_id','name','age'", *(f"'{n}','Ann {n}','30'" for n in range(1, 101))]
    lines[50] = "'50','Ann,'30'"
    loaded(shop, lines)
    assert refused(shop) == [51]


def test_in_a_file_of_one_column(shop: Shop):
    lines = ["user_id", *map(str, range(1, 101))]
    lines[50] = '"50'
    loaded(shop, lines)
    assert refused(shop) == [51]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('5" pipe', '5" pipe'),
        ('5" x 6" pipe', '5" x 6" pipe'),
        ('pipe 5"', 'pipe 5"'),
        ('"5"" pipe"', '5" pipe'),
        ('"say ""hi"""', 'say "hi"'),
        ('"5\\"" pipe"', '5\\" pipe'),
    ],
)
def test_quotes_that_open_nothing_are_characters(shop: Shop, cell: str, value: str):
    lines = spoilt(people(), 500, old="Ann 499", new=cell)
    assert loaded(shop, lines).users.refused == 0
    assert shop.query("SELECT name FROM user_attributes WHERE user_id = 499") == [(value,)]


@pytest.mark.parametrize(
    "cell", [r'"say \"hi\", Bo"', r'"6\" pipe"', r'"ends with \""', r'"\""', r'"a \"b\" c']
)
def test_a_quote_after_a_backslash_costs_its_line_at_most(shop: Shop, cell: str):
    loaded(shop, spoilt(people(), 10, 700, old="Ann", new=cell))
    assert refused(shop) == [10, 700]


def test_stray_quotes_in_one_of_several_files(shop: Shop):
    first, second = people(500), [people()[0], *people()[501:]]
    files = [
        shop.file("users-a.csv", "\n".join(spoilt(first, 100)) + "\n"),
        shop.file("users-b.csv", "\n".join(spoilt(second, 200, 300)) + "\n"),
        shop.file("users-c.csv", "user_id,name,age,joined\n7,Twice,30,2026-01-31\n"),
    ]
    report = shop.load(files, EVENTS)
    assert [one.rows for one in report.users.inputs] == [500, 500, 1]
    assert refused(shop) == [100, 200, 300, 2]
    assert report.users.loaded == 997


def test_stray_quotes_among_events(shop: Shop):
    rows = [f"{n},2026-11-01 10:00:{n % 60:02},1,view,item {n}" for n in range(1, 501)]
    lines = ["no,timestamp,user_id,event_name,item", *rows]
    lines[19] = lines[19].replace("item", '"item')
    lines[399] += '"'
    report = shop.load(events="\n".join(lines) + "\n")
    assert (report.events.rows, report.events.loaded, report.events.refused) == (500, 499, 1)


def test_blank_lines_are_no_rows_beside_stray_quotes(shop: Shop):
    lines = spoilt(people(100), 50)
    lines[20] += "\n\n"
    report = shop.load("\n".join(lines) + "\n", EVENTS)
    assert (report.users.rows, report.users.loaded) == (100, 99)
    assert refused(shop) == [52]


def address(n: int) -> str:
    return f'"{n} Main St, Apt 3\nSpringfield, IL\n\nUSA"'


def note(n: int) -> str:
    return '"Called, will call back\n- 1,000 pieces\n- asked for ""the blue one""\n\nBo"'


@pytest.mark.parametrize(
    "value", [address, note, lambda n: f'"{n}\n"', lambda n: '"\n\n"', lambda n: '"a\nb"']
)
@pytest.mark.parametrize("every", [1, 2, 10, 333])
def test_values_that_are_meant_to_hold_line_breaks_stay_whole(
    shop: Shop, value: Callable[[int], str], every: int
):
    rows = [f"{n},{value(n) if n % every == 0 else 'plain'},{20 + n % 50},2026-01-31" for n in range(1, 1001)]
    report = shop.load("\n".join(["user_id,note,age,joined", *rows, "7,again,30,2026-01-31"]) + "\n", EVENTS)
    assert (report.users.rows, report.users.loaded, report.users.refused) == (1001, 1000, 1)
    (entry,) = [entry for entry in shop.rejects() if "users" in entry["file"]]
    assert int(entry["line"]) == 1002 + (1000 // every) * value(1).count("\n")


@pytest.mark.parametrize("ids", ["{}", "u{}", "ann"])
def test_addresses_whose_lines_look_like_rows_stay_whole_if_many_are_so(shop: Shop, ids: str):
    rows = [
        f'{chr(97 + n % 26)}{"abcdefghij"[n // 26]}{ids.format(n)},"{n} Main St\nSpringfield, IL"'
        for n in range(200)
    ]
    report = shop.load("\n".join(["user_id,address", *rows]) + "\n", EVENTS)
    assert report.users.loaded == 200


def test_a_stray_quote_among_values_that_are_meant_to_hold_line_breaks(shop: Shop):
    rows = [f"{n},{address(n) if n % 3 == 0 else 'plain'},{20 + n % 50},2026-01-31" for n in range(1, 301)]
    rows[99] = '100,"plain,70,2026-01-31'
    rows[199] = '200,plain",70,2026-01-31'
    report = shop.load("\n".join(["user_id,note,age,joined", *rows]) + "\n", EVENTS)
    assert (report.users.rows, report.users.loaded) == (300, 299)
    assert refused(shop) == [101 + 3 * 33]


@pytest.mark.parametrize(
    "header", ['user_id,"name', 'user_id,name,"age', '"user_id,name', 'user_id,"name" x']
)
def test_a_stray_quote_in_the_header_refuses_the_file_and_says_so(shop: Shop, header: str):
    lines = [header, *people(50)[1:], '51,"Bo",1,2026-01-31']
    with pytest.raises(LoadError, match=r"users\.csv, line 1.*quotes in the header do not pair up"):
        shop.load("\n".join(lines) + "\n", EVENTS)
