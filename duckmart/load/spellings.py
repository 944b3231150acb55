"""How the values of a column are written, where that is not the plain way: 1.234,56 and 31.12.2026.

A spelling is a macro that gives the text as it is written plainly, 1234.56 or 2026-12-31, and NULL where the
text is not written so. A column has one if 95 % of its cells do; of two that fit, as 03/04/2026 may be
day or month first, it has the one that some cells prove and none contradicts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from duckdb import (
    ColumnExpression,
    ConstantExpression,
    DuckDBPyConnection,
    DuckDBPyRelation,
    FunctionExpression,
)

from duckmart.load.cells import ENOUGH, Column, column_type, fits
from duckmart.load.staging import count, single

MACROS = r"""
CREATE TEMP MACRO from_comma(x) AS CASE
    WHEN regexp_full_match(x, '-?(0|[1-9]\d*|[1-9]\d{0,2}(\.\d{3})+)(,\d+)?')
    THEN replace(replace(x, '.', ''), ',', '.')
END;
CREATE TEMP MACRO from_thousands(x) AS CASE
    WHEN regexp_full_match(x, '-?[1-9]\d{0,2}(,\d{3})+(\.\d+)?') THEN replace(x, ',', '')
    WHEN is_number(x) THEN x
END;

CREATE TEMP MACRO is_day_month(x) AS regexp_full_match(
    x, '\d{1,2}[./-]\d{1,2}[./-]\d{4}([T ]\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?'
);
CREATE TEMP MACRO from_day_first(x) AS CASE
    WHEN is_day_month(x) THEN regexp_replace(x, '^(\d{1,2})[./-](\d{1,2})[./-](\d{4})', '\3-\2-\1')
END;
CREATE TEMP MACRO from_month_first(x) AS CASE
    WHEN is_day_month(x) THEN regexp_replace(x, '^(\d{1,2})[./-](\d{1,2})[./-](\d{4})', '\3-\1-\2')
END;

-- How many cells each of two spellings fits, and how many both do.
CREATE TEMP MACRO measure_numbers(x, times) AS struct_pack(
    from_comma := how_many(CASE WHEN from_comma(x) IS NOT NULL THEN times END),
    from_thousands := how_many(CASE WHEN from_thousands(x) IS NOT NULL THEN times END),
    "both" := how_many(CASE WHEN from_comma(x) IS NOT NULL AND from_thousands(x) IS NOT NULL THEN times END)
);
CREATE TEMP MACRO measure_days(x, times) AS struct_pack(
    from_day_first := how_many(CASE WHEN as_timestamp(from_day_first(x)) IS NOT NULL THEN times END),
    from_month_first := how_many(CASE WHEN as_timestamp(from_month_first(x)) IS NOT NULL THEN times END),
    "both" := how_many(CASE
        WHEN as_timestamp(from_day_first(x)) IS NOT NULL AND as_timestamp(from_month_first(x)) IS NOT NULL
        THEN times
    END)
);
CREATE TEMP MACRO measure_shapes(x, times) AS struct_pack(
    filled := how_many(times),
    numbers := how_many(CASE
        WHEN from_comma(x) IS NOT NULL OR from_thousands(x) IS NOT NULL THEN times
    END),
    days := how_many(CASE WHEN is_day_month(x) THEN times END)
);
"""

SAMPLE = 5_000
"""Cells that tell whether a column may have a spelling at all; judging all cells of each text is slow."""

AMBIGUOUS = "may be day or month first; write the year first, as in 2026-12-31"


@dataclass(frozen=True)
class Cells:
    """All rows of a kind, as staged."""

    con: DuckDBPyConnection
    kind: str

    def measured(self, macro: str, staged: str) -> Any:
        """What a macro that measures finds in all cells of a column."""
        return single(self._rows.aggregate([FunctionExpression(macro, ColumnExpression(staged))]))

    def texts(self, macro: str, staged: str, spelling: str = "") -> Any:
        """What a macro that measures each different text, and how often it is there, finds in a column."""
        text = ColumnExpression(staged)
        seen = FunctionExpression(spelling, text) if spelling else text
        return measure_texts(self._rows.select(seen.alias("x")), macro)

    def kinds(self, staged: str, spelling: str = "") -> dict[str, Any]:
        """What `measure` finds in all cells of a column; those that have no such spelling count as filled."""
        plain: dict[str, Any] = self.texts("measure", staged)
        if not spelling:
            return plain
        spelled: dict[str, Any] = self.texts("measure", staged, spelling)
        return spelled | {name: plain[name] for name in ("filled", "no_numbers", "codes")}

    def sampled(self, macro: str, staged: str) -> Any:
        """What the macro finds in some thousand cells from all over the column."""
        step = 1 + count(self.con.table(f"{self.kind}_raw")) // SAMPLE
        chance = FunctionExpression("hash", ColumnExpression("row")) % ConstantExpression(step)
        some = self._rows.filter(chance == ConstantExpression(0))
        return measure_texts(some.select(ColumnExpression(staged).alias("x")), macro)

    @property
    def _rows(self) -> DuckDBPyRelation:
        return self.con.view(f"{self.kind}_rows")


def measure_texts(texts: DuckDBPyRelation, macro: str) -> Any:
    counted = texts.filter(ColumnExpression("x").isnotnull()).aggregate("x, count(*) AS times", "x")
    return single(
        counted.aggregate([FunctionExpression(macro, ColumnExpression("x"), ColumnExpression("times"))])
    )


def spelled(column: Column, plain: Mapping[str, Any], cells: Cells, share: float) -> Column:
    """The column in the spelling that more of its cells have than are plain, if enough have it."""
    shapes = cells.sampled("measure_shapes", column.staged)
    for shape, macro in (("numbers", "measure_numbers"), ("days", "measure_days")):
        # Half is far from what the sample of a column may be off by.
        if shapes[shape] and shapes[shape] >= share / 2 * shapes["filled"]:
            fitting = cells.texts(macro, column.staged)
            spelling = agreed(fitting, plain["filled"], share)
            if spelling and fitting[spelling] > fits(plain, column.type):
                return respelled(column, spelling, cells)
            if shape == "days" and not spelling and fitting["both"] >= ENOUGH * plain["filled"]:
                return replace(column, doubt=AMBIGUOUS)
    return column


def respelled(column: Column, spelling: str, cells: Cells) -> Column:
    measured = cells.kinds(column.staged, spelling)
    return replace(
        column,
        type=column_type(measured),
        spelling=spelling,
        dates=measured["dates"],
        filled=measured["filled"],
    )


def agreed(fitting: Mapping[str, int], filled: int, share: float = ENOUGH) -> str:
    """The one spelling that this share of the cells has; of two, the one proven and not contradicted."""
    enough = [name for name, cells in fitting.items() if name != "both" and cells and cells >= share * filled]
    if len(enough) == 1:
        return enough[0]
    proven = [name for name in enough if fitting[name] > fitting["both"]]
    return proven[0] if len(proven) == 1 else ""
