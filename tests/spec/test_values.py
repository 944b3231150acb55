"""The plain values of a spec: exact numbers, clean texts, whole counts."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic_core import PydanticCustomError

from duckmart.spec import values


def code(call: Any, value: Any) -> str:
    with pytest.raises(PydanticCustomError) as raised:
        call(value)
    return raised.value.type


@pytest.mark.parametrize(
    ("written", "exact"),
    [
        (25, 25),
        (Decimal("25.0"), 25),
        (Decimal("2.5E1"), 25),
        (Decimal("-0.0"), 0),
        (Decimal("0E+50"), 0),
        (0.1, Decimal("0.1")),
        (Decimal("0.10"), Decimal("0.1")),
        (Decimal("19.990"), Decimal("19.99")),
        (Decimal("-3.50"), Decimal("-3.5")),
        (Decimal("1E-18"), Decimal("1E-18")),
        (Decimal("1.5E-17"), Decimal("1.5E-17")),
        (2**63 - 1, 2**63 - 1),
        (-(2**63) + 1, -(2**63) + 1),
    ],
)
def test_a_number_is_exact_and_whole_where_it_can_be(written: Any, exact: int | Decimal) -> None:
    made = values.number(written)

    assert made == exact
    assert type(made) is type(exact)
    assert str(made) == str(exact)


@pytest.mark.parametrize(
    "written",
    [
        2**63,
        -(2**63),
        Decimal("1E+400"),
        Decimal("1E+38"),
        Decimal("1E-19"),
        Decimal("1." + "1" * 19),
        Decimal("9223372036854775807.5"),
        Decimal("NaN"),
        Decimal("Infinity"),
        float("inf"),
        float("nan"),
    ],
)
def test_a_number_that_sql_could_not_hold_exactly_is_refused(written: Any) -> None:
    assert code(values.number, written) == "bad_number"


@pytest.mark.parametrize("written", ["O'Neil", "50%", " padded ", "e\u0301", "🦆", "a\nb", "0"])
def test_a_text_is_kept_as_it_is(written: str) -> None:
    assert values.text(written) == written


@pytest.mark.parametrize(
    ("written", "wrong"),
    [("", "empty"), ("a\0b", "bad_text"), ("\ud800", "bad_text"), (7, "wrong_type"), (None, "wrong_type")],
)
def test_a_text_that_sql_or_json_could_not_carry_is_refused(written: Any, wrong: str) -> None:
    assert code(values.text, written) == wrong


def test_true_and_false_are_not_numbers() -> None:
    assert values.scalar(True) is True
    assert values.scalar(False) is False
    assert code(values.integer, True) == "wrong_type"


@pytest.mark.parametrize("written", [None, {}, [1], object()])
def test_one_value_is_a_text_a_number_or_true_or_false(written: Any) -> None:
    assert code(values.scalar, written) == "wrong_type"


def test_a_whole_number_may_be_written_with_a_point() -> None:
    assert values.integer(Decimal("25.0")) == 25
    assert values.integer(25.0) == 25


@pytest.mark.parametrize("written", ["25", Decimal("25.5"), None, [25]])
def test_a_whole_number_is_neither_text_nor_fraction(written: Any) -> None:
    assert code(values.integer, written) == "wrong_type"


def test_a_long_value_is_shown_cut_short() -> None:
    assert values.quote("x" * 100) == '"' + "x" * 36 + "..."
    assert values.quote(Decimal("1.50")) == "1.50"
    assert values.quote(float("nan")) == "null"
