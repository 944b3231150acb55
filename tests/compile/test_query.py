"""One tree, two texts: SQL to read with its values in place, SQL to run with every value as a parameter."""

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlglot import exp

from duckmart.compile.query import DIALECTS, Query, any_of, comment, identifier, value
from duckmart.mart import Mart
from tests.tiny import attribute, event, group, spec

PLAIN = [
    "O'Neil",
    "50%",
    "a\\b",
    "two\nlines",
    "東京 🦆",
    "$1",
    "?",
    "",
    0,
    -7,
    2**63 - 1,
    Decimal("0.30"),
    Decimal("-1E-18"),
    Decimal("1234567890.123456789"),
    Decimal("-9007199254740993.000000000000000001"),
    True,
    False,
    date(2024, 2, 29),
    datetime(2026, 11, 22, 23, 59, 59, 999999),
    datetime(1, 1, 1),
    datetime.max,
]


@pytest.mark.parametrize("plain", PLAIN)
def test_a_value_comes_back_the_same_from_both_forms(plain: Any) -> None:
    query = Query(exp.select(exp.alias_(value(plain), "x")))
    bound = query.bind()

    [(in_place,)] = duckdb.sql(query.sql()).fetchall()
    [(as_parameter,)] = duckdb.sql(bound.sql, params=bound.parameters).fetchall()

    assert bound.parameters == [plain]
    assert in_place == as_parameter == plain
    assert isinstance(in_place, bool) == isinstance(plain, bool)


def test_a_short_list_is_bound_value_by_value() -> None:
    bound = Query(exp.select("x").from_("range(9) AS r(x)").where(any_of(exp.column("x"), [2, 3, 99]))).bind()

    assert bound.parameters == [2, 3, 99]
    assert duckdb.sql(bound.sql, params=bound.parameters).fetchall() == [(2,), (3,)]


def test_a_long_list_is_one_parameter_and_any_of_its_values() -> None:
    values = [2, 3, *range(99, 199)]
    query = Query(exp.select("x").from_("range(9) AS r(x)").where(any_of(exp.column("x"), values)))
    bound = query.bind()

    assert bound.parameters == [values]
    assert duckdb.sql(query.sql()).fetchall() == [(2,), (3,)]
    assert duckdb.sql(bound.sql, params=bound.parameters).fetchall() == [(2,), (3,)]


def test_neither_form_changes_the_tree() -> None:
    query = Query(exp.select(exp.alias_(any_of(value(2), [1, 2, 3]), "x")))

    first = query.sql(), query.bind()
    assert (query.sql(), query.bind()) == first
    assert all(query.sql(dialect) for dialect in DIALECTS)


def test_duckdb_is_not_to_merge_ctes_with_window_functions() -> None:
    """It fails on some queries when it does."""
    ranked = exp.select("x", "ROW_NUMBER() OVER (ORDER BY x) AS place").from_("range(9) AS r(x)")
    counted, plain = (
        Query(exp.select("*").from_("made").with_("made", as_=made))
        for made in (ranked, exp.select("x").from_("range(9) AS r(x)"))
    )

    for text in (counted.sql(), counted.bind().sql):
        assert "AS MATERIALIZED (" in text
    for text in (plain.sql(), plain.bind().sql, counted.sql("postgres")):
        assert "MATERIALIZED" not in text


FULL = spec(
    attribute("name", "in", ["O'Neil", "VALUE-ONE", "VALUE-TWO"]),
    attribute("name", "like", "VALUE-THREE%"),
    attribute("age", "gte", 4242),
    attribute("lifetime_value", "ne", Decimal("-77.25")),
    attribute("newsletter", "eq", True),
    attribute("signup_date", "lt", "1999-01-02"),
    attribute("last_seen", "in", ["1998-03-04", "1998-03-05T06:07:08Z"]),
    event("VALUE-FOUR", "gte", 4343, 77),
    group(event("O'Neil's click", "eq", 4444), attribute("user_id", "not_in", [4545, 4646]), negate=True),
    limit=4747,
)


def test_every_value_of_the_spec_is_a_parameter(mart: Mart) -> None:
    bound = mart.members(mart.accept(FULL)[0]).bind()

    words = re.findall(r"'[^']*'|(?<![\w$])[-\d.]*\d[-\d.]*(?!\w)", bound.sql)
    # What is left says nothing of the spec: nobody who never did it is left out, as 0.
    assert set(words) <= {"0"}
    assert not re.search("VALUE|Neil|199[89]|4[2-7]4[2-7]|TRUE", bound.sql)
    flat = [one for cell in bound.parameters for one in (cell if isinstance(cell, list) else [cell])]
    assert {"O'Neil", "VALUE-ONE", "VALUE-FOUR", 4242, 4343, 4747, Decimal("-77.25"), True} <= set(flat)
    assert date(1999, 1, 2) in flat
    assert datetime(1998, 3, 4, 23, 59, 59, 999999) in flat


def test_parameters_are_numbered_in_the_order_they_stand(mart: Mart) -> None:
    bound = mart.members(mart.accept(FULL)[0]).bind()

    assert [int(number) for number in re.findall(r"\$(\d+)", bound.sql)] == [
        *range(1, len(bound.parameters) + 1)
    ]


def test_the_bound_text_has_no_comments(mart: Mart) -> None:
    bound = mart.members(mart.accept(spec(event("LOGIN; --", "gte", 1)))[0]).bind()

    assert "/*" not in bound.sql
    assert "--" not in bound.sql


def test_both_texts_return_the_same_ids(mart: Mart, tiny: Path, tmp_path: Path) -> None:
    query = mart.members(mart.accept(FULL | {"negate": True, "limit": 6})[0])
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes(tiny.read_bytes())

    with duckdb.connect(str(copy), read_only=True) as plain:
        copied = [row[0] for row in plain.execute(query.sql()).fetchall()]

    assert copied == mart.engine.run(query).column(0).to_pylist() == [1, 2, 3, 4, 5, 6]


def test_a_hundred_thousand_ids_run(mart: Mart) -> None:
    many = list(range(5, 100_005))

    segment, _ = mart.accept({"user_filters": [attribute("user_id", "in", many)]})
    found = mart.audience(segment).ids.to_pylist()
    size = mart.size(segment).total

    assert found == [5, 6, 7, 8]
    assert size == 4


def test_a_hundred_thousand_ids_are_one_parameter(mart: Mart) -> None:
    segment, _ = mart.accept({"user_filters": [attribute("user_id", "in", list(range(100_000)))]})

    bound = mart.members(segment).bind()

    assert len(bound.sql) < 200
    assert [len(one) for one in bound.parameters] == [100_000]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_segment_can_be_copied_in_every_dialect(mart: Mart, dialect: str) -> None:
    text = mart.members(mart.accept(FULL)[0]).sql(dialect)

    assert "VALUE-TWO" in text
    assert "4747" in text


@pytest.mark.parametrize(
    ("name", "written"),
    [("age", "age"), ("order", '"order"'), ('Plan "x"', '"Plan ""x"""'), ("Age", '"Age"'), ("2nd", '"2nd"')],
)
def test_a_name_is_quoted_unless_it_is_plain_everywhere(name: str, written: str) -> None:
    assert identifier(name).sql("duckdb") == written


@pytest.mark.parametrize(
    "words", ["a */ b", "a /* b", "a\nb", "a -- b", "*/*/", "a\u2028b", "a\0b", "/*/", "--->"]
)
def test_words_stay_inside_a_comment(words: str) -> None:
    made = comment(words)

    assert not re.search(r"\*/|/\*|--|[^ -~]", made)
