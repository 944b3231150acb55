"""What all cells of a column together tell: counts of its texts, and the way of writing most of them have."""

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

from duckmart.data.load.cells import ENOUGH, LoadedColumn, as_spelled, column_type, fits
from duckmart.data.load.staging import count, single

SAMPLE = 5_000
"""Cells that tell whether a column may have a spelling at all; judging all cells of each text is slow."""


@dataclass(frozen=True)
class Cells:
    """All rows of a kind, as staged."""

    con: DuckDBPyConnection
    kind: str

    def measure(self, macro: str, raw_name: str) -> Any:
        """What a macro that measures finds in all cells of a column."""
        return single(self._rows.aggregate([FunctionExpression(macro, ColumnExpression(raw_name))]))

    def texts(self, macro: str, raw_name: str, spelling: str = "", unit: str = "") -> Any:
        """What a macro that measures each different text, and how often it is there, finds in a column."""
        text = as_spelled(ColumnExpression(raw_name), spelling, unit)
        return measure_texts(self._rows.select(text.alias("x")), macro)

    def readings(self, macro: str, reading: str, raw_name: str) -> Any:
        """What a macro finds that gets, with each different text, what another macro reads in it, once."""
        texts = self._rows.select(ColumnExpression(raw_name).alias("x"))
        x, times = ColumnExpression("x"), ColumnExpression("times")
        distinct = texts.filter(x.isnotnull()).aggregate("x, count(*) AS times", "x")
        read = distinct.select(x, times, FunctionExpression(reading, x).alias("reading"))
        return single(read.aggregate([FunctionExpression(macro, x, times, ColumnExpression("reading"))]))

    def kinds(self, raw_name: str, spelling: str = "", unit: str = "") -> dict[str, Any]:
        """What `measure` finds in all cells of a column; those that have no such spelling count as filled."""
        plain: dict[str, Any] = self.texts("measure", raw_name)
        if not spelling:
            return plain
        spelled: dict[str, Any] = self.texts("measure", raw_name, spelling, unit)
        return spelled | {name: plain[name] for name in ("filled", "no_numbers", "no_values", "codes")}

    def units(self, raw_name: str) -> dict[str, int]:
        """The currencies that the amounts of a column have, in how many cells; the most frequent first."""
        x = ColumnExpression(raw_name).alias("x")
        amounts = self._rows.select(x).filter(FunctionExpression("is_amount", ColumnExpression("x")))
        units = amounts.select(FunctionExpression("currency", ColumnExpression("x")).alias("unit"))
        counts = units.filter("unit <> ''").aggregate("unit, count(*) AS times", "unit")
        return dict(counts.order("times DESC, unit").fetchall())

    def sample(self, macro: str, raw_name: str) -> Any:
        """What the macro finds in some thousand cells from all over the column."""
        step = 1 + count(self.con.table(f"{self.kind}_raw")) // SAMPLE
        chance = FunctionExpression("hash", ColumnExpression("row")) % ConstantExpression(step)
        some = self._rows.filter(chance == ConstantExpression(0))
        return measure_texts(some.select(ColumnExpression(raw_name).alias("x")), macro)

    @property
    def _rows(self) -> DuckDBPyRelation:
        return self.con.view(f"{self.kind}_rows")


def measure_texts(texts: DuckDBPyRelation, macro: str) -> Any:
    distinct = texts.filter(ColumnExpression("x").isnotnull()).aggregate("x, count(*) AS times", "x")
    return single(
        distinct.aggregate([FunctionExpression(macro, ColumnExpression("x"), ColumnExpression("times"))])
    )


def respelled(column: LoadedColumn, spelling: str, cells: Cells, plain: Mapping[str, Any]) -> LoadedColumn:
    """The column in this spelling, if more of its cells have a value then than plainly.

    So few of them may have one that the column stays text: the values of an append are judged by older ones.
    """
    counts = cells.texts("measure", column.raw_name, spelling, column.unit)
    counts |= {name: plain[name] for name in ("filled", "no_numbers", "no_values", "codes")}
    type_ = column_type(counts)
    if type_ == "VARCHAR":
        is_better = valued(counts) > valued(plain)
    else:
        is_better = fits(counts, type_) > fits(plain, column.type)
    if not is_better:
        return column
    return replace(
        column, type=type_, spelling=spelling, dates=counts["dates"], cells=counts["filled"], doubt=""
    )


def valued(counts: Mapping[str, Any]) -> int:
    """How many cells are of the one kind, other than text, that most are of."""
    return max(int(counts[kind]) for kind in ("numbers", "timestamps", "booleans"))


def agreed(fitting: Mapping[str, int], cells: int, share: float = ENOUGH) -> str:
    """The one spelling that this share of the cells has; of two, the one proven and not contradicted."""
    enough = [name for name, hits in fitting.items() if name != "both" and hits and hits >= share * cells]
    if len(enough) == 1:
        return enough[0]
    proven = [name for name in enough if fitting[name] > fitting["both"]]
    return proven[0] if len(proven) == 1 else ""
