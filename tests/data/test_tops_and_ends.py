"""What stands above the header, in it, again in the middle, and below the last row."""

import pytest

from duckmart.errors import LoadError
from tests.data.conftest import EVENTS, Shop

BOTH = [(1, "Ann", "x"), (2, "Bo", "y")]


def told(shop: Shop) -> dict[str, str]:
    return {one["code"]: one["message"] for one in shop.report()["users"]["suspicious"]}


@pytest.mark.parametrize(
    "top",
    [
        "Customers 2026\n",
        "Customers 2026;;\n",
        "Customers;\n\n\n",
        '"Customers; ""all"" of them"\n\n',
        'All "customers\n',
        '"All customers\n',
        "Shop: Main\nFrom 01.01.2026 to 31.12.2026\nCreated by: Bo; Li\n\n",
        "sep=;\nCustomers\n",
        "\ufeffCustomers\r\n\r\n",
    ],
)
def test_titles_above_the_header_are_skipped_and_told(shop: Shop, top: str):
    report = shop.load(f"{top}user_id;name;note\n1;Ann;x\n2;Bo;y\n1;again;z\n", EVENTS)
    assert shop.users() == BOTH
    assert (report.users.rows, report.users.refused) == (3, 1)
    assert "above the header" in told(shop)["titles"]
    assert shop.rejects()[0]["line"] == str(top.count("\n") + 4)


def test_a_mapped_header_is_found_below_titles(shop: Shop):
    shop.load("Kundenliste\n\nNr;Name;Notiz\n1;Ann;x\n2;Bo;y\n", EVENTS, ["users.user_id=Nr"])
    assert shop.users() == BOTH


def test_what_a_header_below_titles_lacks_is_told_of_that_header(shop: Shop):
    with pytest.raises(LoadError, match=r"'user_id'.*missing; found: Nr, Name, Notiz"):
        shop.load("Kundenliste\n\nNr;Name;Notiz\n1;Ann;x\n2;Bo;y\n", EVENTS)


@pytest.mark.parametrize("sep", ["sep=;", '"sep=;"', "\ufeffsep=;", "sep=;\r"])
def test_a_line_for_excel_says_what_sets_cells_apart(shop: Shop, sep: str):
    end = "\r\n" if sep.endswith("\r") else "\n"
    lines = [sep.rstrip("\r"), "user_id;name;note", "1;Ann;x", "2;Bo;y"]
    shop.load(end.join(lines), EVENTS)
    assert shop.users() == BOTH
    assert "titles" not in told(shop)


def test_a_delimiter_that_only_the_line_for_excel_tells(shop: Shop):
    shop.load("sep=^\nuser_id^name^note\n1^Ann^x\n2^Bo^y\n", EVENTS)
    assert shop.users() == BOTH


@pytest.mark.parametrize(("header", "row"), [(";", ";"), (";", ""), ("", ";"), (";;", ";;")])
def test_a_delimiter_at_the_end_is_no_column(shop: Shop, header: str, row: str):
    report = shop.load(f"user_id;name;note{header}\n1;Ann;x{row}\n2;Bo;y{row}\n", EVENTS)
    assert (report.users.rows, report.users.refused) == (2, 0)
    assert shop.users() == BOTH


def test_a_last_column_with_values_needs_a_name(shop: Shop):
    with pytest.raises(LoadError, match="column '4': a column without a name"):
        shop.load("user_id;name;note;\n1;Ann;x;9\n2;Bo;y;\n", EVENTS)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_name_may_hold_line_breaks(shop: Shop, end: str):
    text = '"user_id","first\nname","a, b\n(text)\n"\n1,Ann,x\n2,Bo,y\n'
    text += text[: text.index("1,Ann")] + "1,no,z\n"
    report = shop.load(text.replace("\n", end), EVENTS)
    assert list(report.users.columns) == ["user_id", "first name", "a, b (text)"]
    assert shop.users() == BOTH
    assert report.users.refused_by == {"the header again": 1, "duplicate user_id, the first is kept": 1}
    assert [entry["line"] for entry in shop.rejects()] == ["7", "11"]


@pytest.mark.parametrize(
    "again",
    [
        "\ufeffuser_id,name,note",
        '\ufeff"user_id","name","note"',
        "USER_ID,Name,NOTE",
        " user_id , name,note",
        '"user_id","name","note"',
    ],
)
@pytest.mark.parametrize("place", [1, 3])
def test_the_header_again_is_no_user(shop: Shop, again: str, place: int):
    lines = ["user_id,name,note", "1,Ann,x", "2,Bo,y"]
    lines.insert(place, again)
    report = shop.load("\n".join(lines) + "\n", EVENTS)
    assert report.users.refused_by == {"the header again": 1}
    assert report.users.columns["user_id"] == "INTEGER"
    assert shop.users() == BOTH


@pytest.mark.parametrize("line", ["-------,----,----", "===,===,===", "---+,-----,", ":---,:---:,---:"])
def test_a_line_drawn_below_the_header_is_no_user(shop: Shop, line: str):
    report = shop.load(f"user_id,name,note\n{line}\n1,Ann,x\n2,Bo,y\n", EVENTS)
    assert report.users.refused_by == {"a drawn line, not a row": 1}
    assert report.users.columns["user_id"] == "INTEGER"
    assert shop.users() == BOTH


def test_a_user_may_have_dashes_for_all_but_the_id(shop: Shop):
    report = shop.load("user_id,name,note\n1,--,--\n2,Bo,y\n", EVENTS)
    assert report.users.loaded == 2


def test_a_byte_order_mark_in_the_middle_is_no_part_of_an_id(shop: Shop):
    shop.load("user_id,name,note\n1,Ann,x\n\ufeff2,Bo,y\n", EVENTS)
    assert shop.users() == BOTH


@pytest.mark.parametrize(
    "footer",
    [
        "Total;;4,0",
        "TOTAL:;2;4,0",
        "Summe;;",
        "Grand total;2;",
        "(2 rows);;",
        "Rows: 2;;4,0",
        "Anzahl = 2;;",
        "Created by Bo, 1 May;;",
        "Total;;\n;;",
    ],
)
def test_a_footer_is_no_user_and_leaves_ids_numbers(shop: Shop, footer: str):
    report = shop.load(f"user_id;name;spent\n1;Ann;1,5\n2;Bo;2,5\n{footer}\n", EVENTS)
    assert report.users.columns["user_id"] == "INTEGER"
    assert report.users.columns["spent"] == "DECIMAL(2,1)"
    assert report.users.refused_by["a footer, not a row"] == 1
    assert report.users.rows == report.users.loaded + report.users.refused == 3 + footer.count("\n")


def test_a_user_called_total_is_a_user_where_others_are_called_so(shop: Shop):
    report = shop.load("user_id,name\nann,Ann\nbo,Bo\ntotal,Toni\n", EVENTS.replace("1,", "ann,"))
    assert report.users.loaded == 3


@pytest.mark.parametrize("place", [0, 5000, 10_000])
def test_one_id_unlike_ten_thousand_others_is_told(shop: Shop, place: int):
    rows = [f"{n},Ann" for n in range(10_000)]
    rows.insert(place, "N/A user,Bo")
    report = shop.load("\n".join(["user_id,name", *rows]) + "\n", EVENTS)
    assert report.users.loaded == 10_001
    assert told(shop)["unlike_ids"].startswith(
        "'N/A user' is unlike the 10,000 other ids, which are whole numbers"
    )


def test_unlike_ids_at_the_end_are_told(shop: Shop):
    shop.load("user_id,name\n" + "".join(f"{n},Ann\n" for n in range(20)) + "x1,Bo\nx2,Cy\n", EVENTS)
    assert told(shop)["unlike_ids"].startswith("'x1', 'x2' are unlike the 20 other ids")


@pytest.mark.parametrize("ids", ["u{}", "{}", "a{}@b.de"])
def test_ids_that_are_all_alike_are_not(shop: Shop, ids: str):
    shop.load("user_id,name\n" + "".join(f"{ids.format(n)},Ann{n % 7}\n" for n in range(300)), EVENTS)
    assert "unlike_ids" not in told(shop)
