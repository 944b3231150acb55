"""Many columns in one file: each is read as if it were alone, and a query measures all of them."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import pytest
from duckdb import DuckDBPyRelation

from duckmart.data.load import measured
from tests.data.conftest import EVENTS, Shop

DAYS = [f"{1 + place % 28:02}" for place in range(40)]
CELLS = {
    "empty": [""] * 40,
    "whole": [str(place - 3) for place in range(40)],
    "age": [str(place * 4) for place in range(40)],
    "decimal": [f"{place}.5" for place in range(40)],
    "too_long": ["1" * 24, *map(str, range(39))],
    "truth": ["true", "FALSE"] * 20,
    "answers": ["yes", "no"] * 20,
    "answers_nearly": ["yes", "no", "?!", "no"] * 10,
    "day": [f"2024-05-{day}" for day in DAYS[:-1]] + ["2024-05-03 18:30"],
    "year_zero": ["0000-12-31 23:00:00-02", *(f"2024-05-{day}" for day in DAYS[:-1])],
    "time": [f"2024-05-{day}T10:00:00+02:00" for day in DAYS],
    "odd_time": [f"2024-05-{day} 10:00:00" for day in DAYS[:-1]] + ["soon"],
    "day_first": [f"{day}.05.2024" for day in DAYS],
    "month_first": [f"05/{day}/2024" for day in DAYS],
    "ambiguous": [f"05/{1 + place % 12:02}/2024" for place in range(40)],
    "day_name": [f"{day} May 2024" for day in DAYS],
    "day_number": [*(f"2024-05-{day}" for day in DAYS[:-1]), "45422"],
    "unread": [f"5/{day}/24" for day in DAYS],
    "comma": [f"{place},25" for place in range(40)],
    "euro": [f"{place},25 €" for place in range(40)],
    "dollar": [f"${place}.25" for place in range(40)],
    "two_currencies": [f"{'€$'[place % 2]}{place}.25" for place in range(40)],
    "percent": [f"{place}%" for place in range(40)],
    "short": [f"{place}k" for place in range(40)],
    "postcode": [f"{place:05}" for place in range(40)],
    "text": ["a", "bb"] * 20,
    "gaps": ["7", "NA", "", "-"] * 10,
    "number_odd": [*map(str, range(39)), "?!"],
}
TYPES = dict.fromkeys(CELLS, "VARCHAR") | {
    **dict.fromkeys(("whole", "age", "too_long", "percent", "gaps", "number_odd"), "INTEGER"),
    **{"decimal": "DECIMAL(3,1)", "comma": "DECIMAL(4,2)", "euro": "DECIMAL(4,2)", "dollar": "DECIMAL(4,2)"},
    **dict.fromkeys(("truth", "answers"), "BOOLEAN"),
    **dict.fromkeys(("day", "year_zero", "day_first", "month_first", "day_name", "day_number"), "DATE"),
    **dict.fromkeys(("time", "odd_time"), "TIMESTAMP"),
}
REJECTS = {
    ("too_long", "1" * 24, "cleared"),
    ("year_zero", "0000-12-31 23:00:00-02", "cleared"),
    ("year_zero", "0000-12-31 23:00:00-02", "cut"),
    *(("age", str(age), "cleared") for age in range(132, 160, 4)),
    ("day", "2024-05-03 18:30", "cut"),
    ("number_odd", "?!", "cleared"),
    ("odd_time", "soon", "cleared"),
}


def file(cells: dict[str, list[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["user_id", *cells])
    rows = zip(*cells.values(), strict=True)
    writer.writerows([number, *row] for number, row in enumerate(rows, start=1))
    return text.getvalue()


def outcome(shop: Shop, cells: dict[str, list[str]]) -> tuple[dict[str, Any], list[Any], list[Any]]:
    """What is reported of users, their rejects and the users themselves."""
    shop.load(file(cells), EVENTS)
    rejects = sorted(tuple(entry.values()) for entry in shop.rejects())
    return shop.report()["users"], rejects, shop.query("FROM user_attributes ORDER BY user_id")


def test_a_column_is_read_the_same_alone_and_among_others(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = outcome(shop, CELLS)
    monkeypatch.setattr(measured, "SAMPLE", 41)
    for columns_at_once in (1, 5):
        monkeypatch.setattr(measured, "CELLS_AT_ONCE", 41 * columns_at_once)
        assert outcome(shop, CELLS) == together

    report, rejects, _ = together
    assert {name: report["columns"][name] for name in CELLS} == TYPES
    assert {(column, value, action) for _, _, column, value, action, _ in rejects} == REJECTS


def test_the_queries_of_a_load_do_not_grow_with_its_columns(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries: list[int] = []

    def counted(rows: DuckDBPyRelation, names: Sequence[str], measure: measured.Measurement) -> list[Any]:
        queries.append(len(names))
        return measure_columns(rows, names, measure)

    measure_columns = measured.measure_columns
    monkeypatch.setattr(measured, "measure_columns", counted)

    some = {name: CELLS[name] for name in ("whole", "day", "euro", "text")}
    shop.load(file(some), EVENTS)
    few, queries[:] = list(queries), []
    shop.load(file({f"{name}{copy}": cells for copy in "12345" for name, cells in some.items()}), EVENTS)

    assert len(queries) == len(few)
    assert max(queries) == 5 * max(few)


def test_the_columns_of_a_file_without_rows_are_texts(shop: Shop) -> None:
    report, *_ = outcome(shop, {name: [] for name in CELLS})

    assert {report["columns"][name] for name in CELLS} == {"VARCHAR"}
