"""Columns whose cells are lists: as JSON in CSV, as lists in Parquet, and what an append makes of them."""

from decimal import Decimal

import pytest

from tests.data.conftest import Shop
from tests.data.test_kinds import HEADER, appended, column, odd_cells, parquet, values

Element = str | int | float | Decimal


def cells(*lists: str) -> list[str]:
    """As a CSV file has them: quotes in a quoted cell are doubled."""
    return [each.replace('"', '""') for each in lists]


def test_lists_of_texts_lose_what_is_nothing(shop: Shop) -> None:
    lists = cells('["vip", "new"]', "[]", '["a, b", null, "", " padded "]', '["e\u0301", "[x]", "O\'Neil"]')
    expected = [["vip", "new"], [], ["a, b", "padded"], ["é", "[x]", "O'Neil"]]
    assert column(shop, lists) == ("VARCHAR[]", expected)


@pytest.mark.parametrize(
    ("lists", "type_", "expected"),
    [
        (["[1, 2]", "[ ]", "[null, -3]"], "BIGINT[]", [[1, 2], [], [-3]]),
        (["[1, 2.50]", "[NaN, 0.1]"], "DECIMAL(3,2)[]", [[Decimal(1), Decimal("2.5")], [Decimal("0.1")]]),
        (["[9223372036854775807]"], "BIGINT[]", [[2**63 - 1]]),
        (["[9223372036854775808]"], "DECIMAL(19,0)[]", [[Decimal(2**63)]]),
        (["[0.12345678901234567]"], "DECIMAL(18,17)[]", [[Decimal("0.12345678901234567")]]),
        (["[1e3, 2.5]"], "DECIMAL(5,1)[]", [[Decimal(1000), Decimal("2.5")]]),
        (["[1e30, 2.5]"], "DOUBLE[]", [[1e30, 2.5]]),
    ],
)
def test_lists_of_numbers_keep_every_digit(
    shop: Shop, lists: list[str], type_: str, expected: list[list[Element]]
) -> None:
    assert column(shop, lists) == (type_, expected)


@pytest.mark.parametrize(
    "lists",
    [
        ['["vip"]', "[1]"],
        ['["vip", 1]', '["vip"]'],
        ["[true]", "[false]"],
        ["[[1]]", "[[2]]"],
        ["[123456789012345678901234567890]", "[1]"],
    ],
)
def test_lists_of_other_or_several_kinds_stay_text_and_the_report_says_so(
    shop: Shop, lists: list[str]
) -> None:
    assert column(shop, cells(*lists)) == ("VARCHAR", lists)
    assert "looks like lists" in str(shop.report()["users"])


@pytest.mark.parametrize("lists", [["[]", "[]"], ["[a]", "[b]"], ["[1]", "x", "y"], ["[1] ", "[2", "3]"]])
def test_what_only_looks_like_lists_is_text(shop: Shop, lists: list[str]) -> None:
    assert column(shop, lists)[0] == "VARCHAR"


def test_a_cell_among_lists_that_is_none_is_cleared_and_listed(shop: Shop) -> None:
    type_, loaded = column(shop, [*cells('["vip"]') * 38, "vip", "NULL"])
    assert (type_, loaded[-2:]) == ("VARCHAR[]", [None, None])
    assert odd_cells(shop) == [("vip", "cleared")]


PARQUET = """
FROM (VALUES
    (
        1, ['vip', NULL, '', 'é'], [1.50::DECIMAL(6, 2), NULL], [0.1::DOUBLE, 'nan'::DOUBLE],
        [1, 2]::INTEGER[2]
    ),
    (2, [], [], [], [3, 4]),
    (3, NULL, NULL, NULL, NULL)
) AS users (user_id, x, prices, rates, pair)
"""


def test_lists_of_parquet_are_loaded_as_those_of_csv(shop: Shop) -> None:
    report = shop.load(parquet(shop, "users.parquet", PARQUET), HEADER)
    types = ["VARCHAR[]", "DECIMAL(3,2)[]", "DECIMAL(2,1)[]", "BIGINT[]"]
    assert list(report.users.columns.values())[1:] == types
    assert shop.users() == [
        (1, ["vip", "é"], [Decimal("1.5")], [Decimal("0.1")], [1, 2]),
        (2, [], [], [], [3, 4]),
        (3, None, None, None, None),
    ]


def test_events_have_lists_too(shop: Shop) -> None:
    rows = 'user_id\tevent_name\ttimestamp\titems\n1\tBUY\t2026-11-01\t"[""hat""]"\n'
    report = shop.load("user_id\n1\n", rows)
    assert report.events.columns["items"] == "VARCHAR[]"


@pytest.mark.parametrize(
    ("before", "more", "type_", "expected"),
    [
        (['["a"]'], ['["b", "c"]'], "VARCHAR[]", [["a"], ["b", "c"]]),
        (["[1]"], ["[2]", "[]"], "BIGINT[]", [[1], [2], []]),
        (["[1]"], ["[2.5]"], "DECIMAL(20,1)[]", [[Decimal(1)], [Decimal("2.5")]]),
        (["[1.25]"], ["[100]"], "DECIMAL(21,2)[]", [[Decimal("1.25")], [Decimal(100)]]),
        (['["a"]'], ["[1]"], "VARCHAR", ['["a"]', "[1]"]),
        (["[1.5]"], ["x", "y"], "VARCHAR", ["[1.5]", "x", "y"]),
        (["x"], ["[1]"], "VARCHAR", ["x", "[1]"]),
        (["5"], ["[1]"], "VARCHAR", ["5", "[1]"]),
    ],
)
def test_an_append_holds_old_and_new_lists(
    shop: Shop, before: list[str], more: list[str], type_: str, expected: list[object]
) -> None:
    column(shop, cells(*before))
    report = appended(shop, cells(*more))
    assert (report.users.columns["x"], values(shop)) == (type_, expected)


def test_an_append_of_one_odd_list_is_told_by_the_old_ones(shop: Shop) -> None:
    column(shop, cells('["a"]', '["b"]'))
    report = appended(shop, [*cells('["c"]'), "d"])
    assert (report.users.columns["x"], values(shop)) == ("VARCHAR[]", [["a"], ["b"], ["c"], None])
