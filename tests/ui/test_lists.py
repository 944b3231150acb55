"""Lists that are pasted or uploaded: no row is lost, no id becomes another, whatever the file's encoding."""

from decimal import Decimal
from typing import Any

import pytest

from duckmart.catalog import Column
from duckmart.spec.kinds import Kind
from duckmart.ui.editor import paste_values, value_inputs
from duckmart.ui.editor.list_file import ListFile
from tests.ui.page import Page

IDS = Column("user_id", Kind.NUMBER, whole=True)
CODES = Column("user_id", Kind.TEXT)
CITY = Column("city", Kind.TEXT, values=(("Café", 3), ("name", 1)), complete=True)
NAMES = ["user_id", "email", "city", "plan"]
CAFE = "Cafe\u0301"


def columns(text: str, column: Column = CODES, names: list[str] = NAMES) -> dict[str, list[str]]:
    file = ListFile.of(text.encode())
    values = {str(value) for value, _ in column.values}
    return file.columns(header=file.begins_with_names(names, values))


# Headers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,Ann\n2,Bob\n", {"column 1": ["1", "2"], "column 2": ["Ann", "Bob"]}),
        ("ann@a.de,Ann\nbob@b.de,Bob\n", {"column 1": ["ann@a.de", "bob@b.de"], "column 2": ["Ann", "Bob"]}),
        ("A-17;Ann\nA-18;Bob", {"column 1": ["A-17", "A-18"], "column 2": ["Ann", "Bob"]}),
        ("user_id,Ann\n", {"user_id": [], "Ann": []}),
        ("email,12\nann@a.de,13", {"column 1": ["email", "ann@a.de"], "column 2": ["12", "13"]}),
        ("E-Mail Address\tPlan\nann@a.de\tpro", {"E-Mail Address": ["ann@a.de"], "Plan": ["pro"]}),
        ("Customer ID,x\n7,y\n", {"Customer ID": ["7"], "x": ["y"]}),
        ("City\nBonn\n", {"City": ["Bonn"]}),
        ("Bonn\nKöln\n", {"column 1": ["Bonn", "Köln"]}),
        ("007\n008\n", {"column 1": ["007", "008"]}),
        ('sep=;\n"user_id";"n"\n1;2\n', {"user_id": ["1"], "n": ["2"]}),
        (
            "\n\nuser_id,city\n1\n2,Bonn,x\n",
            {"user_id": ["1", "2"], "city": ["", "Bonn"], "column 3": ["", "x"]},
        ),
        ("2024-01-05|id\n2024-01-06|8", {"column 1": ["2024-01-05", "2024-01-06"], "column 2": ["id", "8"]}),
    ],
)
def test_the_first_row_names_the_columns_only_if_it_surely_does(text: str, expected: Any) -> None:
    assert columns(text) == expected


def test_a_first_row_that_is_a_known_value_is_a_value() -> None:
    assert columns("name\nCafé\n", CITY, ["name"]) == {"column 1": ["name", "Café"]}


@pytest.mark.parametrize(
    ("text", "column", "place"),
    [
        ("city,user_id\nBonn,1", IDS, 1),
        ("Ann,1\nBob,2", IDS, 1),
        ("x,Café\ny,Café", CITY, 1),
        ("x,y", CODES, 0),
    ],
)
def test_the_column_with_the_values_is_taken_first(text: str, column: Column, place: int) -> None:
    assert paste_values.likeliest(columns(text, column), column) == place


# Encodings


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_a_list_is_read_in_the_encodings_that_spreadsheets_write(encoding: str, name: str) -> None:
    file = ListFile.of("Zoë;€ 5\r\nJosé;ß\r\n".encode(encoding))
    assert file.rows == (("Zoë", "€ 5"), ("José", "ß"))
    assert file.encoding == name


@pytest.mark.parametrize("mark", ["\ufeff".encode("utf-16-le"), "\ufeff".encode("utf-16-be")])
def test_utf_16_is_read_in_either_order(mark: bytes) -> None:
    order = "utf-16-le" if mark == b"\xff\xfe" else "utf-16-be"
    assert ListFile.of(mark + "東京,1".encode(order)).rows == (("東京", "1"),)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04\0\0", "Excel"),
        (b"\x1f\x8b\x08\0", "gzip"),
        ("ab".encode("utf-16-le"), "UTF-16 without its mark"),
        (b"\xff\xfea\0b", "UTF-16"),
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n\r\n", "empty"),
    ],
)
def test_what_is_no_list_is_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ListFile.of(content)


def test_a_broken_character_in_a_file_of_utf_8_leaves_its_value_out_and_says_so() -> None:
    file = ListFile.of("Zoë\nJosé\n".encode() + b"Caf\xe9\n")
    listed = paste_values.read(file.columns(header=False)["column 1"], CODES)
    assert (listed.values, listed.unread) == (("Zoë", "José"), ("Caf\ufffd",))


# Values


@pytest.mark.parametrize(
    ("cell", "whole", "number"),
    [
        ("1_0", True, None),
        ("1_000.5", False, None),
        ("١٢", True, None),
        ("１２", True, None),
        ("1e3", True, None),
        ("1.23457E+11", True, None),
        ("1e3", False, 1000),
        ("0x10", True, None),
        ("NaN", False, None),
        ("inf", False, None),
        ("1 0", True, None),
        ("", True, None),
        ("-", True, None),
        (".", False, None),
        ("25.0", True, 25),
        ("25.5", True, None),
        (".5", False, Decimal("0.5")),
        ("5.", False, 5),
        ("-3", True, -3),
        ("1,234", True, 1234),
    ],
)
def test_a_number_is_read_as_the_loader_reads_it(cell: str, whole: bool, number: Any) -> None:
    assert value_inputs.read_cell(cell, Column("n", Kind.NUMBER, whole=whole)) == number


@pytest.mark.parametrize("cell", ["007", "+7", "-07", "00"])
def test_numbers_that_look_like_codes_are_read_and_told_and_stay_as_texts(cell: str) -> None:
    listed = paste_values.read([cell, "8", "0"], IDS)
    assert listed.values[0] == int(cell)
    assert listed.codes == (cell,)
    [words] = [
        line for line in paste_values._report(listed, frozenset(listed.values), IDS) if "plain number" in line
    ]
    assert cell.lstrip("+-") in words
    assert paste_values.read([cell], CODES).values == (cell,)
    assert paste_values.read(["0", "0.5", "10"], Column("n", Kind.NUMBER)).codes == ()


@pytest.mark.parametrize("column", [CODES, CITY])
def test_texts_of_a_list_are_in_the_unicode_form_of_the_data(column: Column) -> None:
    assert paste_values.read([CAFE, "Café", " Café "], column).values == ("Café",)


def test_a_value_that_the_data_holds_in_another_form_stays_as_it_is() -> None:
    column = Column("city", Kind.TEXT, values=((CAFE, 1),))
    assert paste_values.read([CAFE, "Zoe\u0308"], column).values == (CAFE, "Zoë")


@pytest.mark.parametrize(
    ("operator", "value"), [("contains", "Café"), ("like", "Café"), ("starts_with", "Café"), ("eq", "Café")]
)
def test_typed_texts_are_in_the_unicode_form_of_the_data(page: Page, operator: str, value: str) -> None:
    page.press("Add attribute").choose("Filter 1 attribute", "location").choose("Filter 1 operator", operator)
    if operator == "eq":
        return
    page.choose("Filter 1 value", CAFE)
    assert page.spec["user_filters"][0]["value"] == value
    assert page.find("Filter 1 value").value == value


def test_pasted_json_in_another_unicode_form_is_told_and_repaired_with_a_click(page: Page) -> None:
    row = {"field": "location", "operator": "contains", "value": CAFE}
    page.paste({"user_filters": [row]})
    assert page.spec == {"user_filters": [row]}
    assert "another Unicode form" in page.words
    page.press("Use Café")
    assert page.spec == {"user_filters": [{**row, "value": "Café"}]}
    assert "another Unicode form" not in page.words


def test_a_headerless_file_loses_no_row_and_the_switch_says_otherwise(page: Page) -> None:
    page.press("Add attribute").choose("Filter 1 attribute", "user_id")
    page.more("Filter 1", "Paste or upload a list…")
    page.app.file_uploader[0].upload("list.csv", b"1,Ann\n2,Bob\n003,Cy\n", "text/csv")
    page.more("Filter 1", "Paste or upload a list…")
    assert "3 matched" in page.words
    assert "003" in page.words
    assert page.has("Use 3 values")
    assert page.find("The first row names the columns").value is False
    page.find("The first row names the columns").set_value(True)
    page.more("Filter 1", "Paste or upload a list…")
    assert page.has("Use 2 values")
