"""What all cells of a column together tell: counts of its texts, and the way of writing most of them have.

DuckDB needs far longer to prepare a query with these macros than to run it over a small file. So the code
that decides about a column is a generator: it yields each `Measurement` that it needs, and `Cells.run` takes
the same one of all columns that wait for it in one query.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

from duckdb import (
    ColumnExpression,
    ConstantExpression,
    DuckDBPyConnection,
    DuckDBPyRelation,
    Expression,
    FunctionExpression,
)

from duckmart.data.load.cells import ENOUGH, LoadedColumn, as_spelled, column_type, fits
from duckmart.data.load.staging import count, single

SAMPLE = 5_000
"""Cells that tell whether a column may have a spelling at all; judging all cells of each text is slow."""

CELLS_AT_ONCE = 1_000_000
"""Cells that one query measures, if they are of several columns; more would take much memory."""

T = TypeVar("T")


@dataclass(frozen=True)
class Measurement:
    """A macro that gets each different text of a column, and how often it is there.

    A `reading` is a macro that reads each text once, for the first macro to get its result too. The texts
    are those in a `spelling`; with `sampled`, of some thousand cells from all over the column.
    """

    macro: str
    reading: str = ""
    spelling: str = ""
    unit: str = ""
    sampled: bool = False


Steps = Generator[Measurement, Any, T]
"""Yields the measures it needs of one column, is sent their results, and returns what they tell."""


@dataclass(frozen=True)
class Cells:
    """All rows of a kind, as staged."""

    con: DuckDBPyConnection
    kind: str

    def run(self, steps: Mapping[str, Steps[T]]) -> dict[str, T]:
        """What the steps of each staged column return."""
        returned: dict[str, T] = {}
        results: dict[str, Any] = dict.fromkeys(steps)
        while results:
            waiting: dict[Measurement, list[str]] = {}
            for raw_name, result in results.items():
                try:
                    waiting.setdefault(steps[raw_name].send(result), []).append(raw_name)
                except StopIteration as end:
                    returned[raw_name] = end.value
            results = {
                raw_name: result
                for measure, raw_names in waiting.items()
                for raw_name, result in self.measure(measure, raw_names).items()
            }
        return {raw_name: returned[raw_name] for raw_name in steps}

    def measure(self, measure: Measurement, raw_names: Sequence[str]) -> dict[str, Any]:
        """What the measure finds in each of these columns."""
        rows, row_count = (self._sample, SAMPLE) if measure.sampled else (self._rows, self._count)
        size = max(1, CELLS_AT_ONCE // max(1, row_count))
        batches = [raw_names[start : start + size] for start in range(0, len(raw_names), size)]
        results = [result for some in batches for result in measure_columns(rows, some, measure)]
        return dict(zip(raw_names, results, strict=True))

    def all_cells(self, macro: str, raw_name: str) -> Any:
        """What a macro finds in all cells of a column, each as often as it is there."""
        return single(self._rows.aggregate([FunctionExpression(macro, ColumnExpression(raw_name))]))

    @cached_property
    def _count(self) -> int:
        return count(self.con.table(f"{self.kind}_raw"))

    @property
    def _sample(self) -> DuckDBPyRelation:
        step = 1 + self._count // SAMPLE
        chance = FunctionExpression("hash", ColumnExpression("row")) % ConstantExpression(step)
        return self._rows.filter(chance == ConstantExpression(0))

    @property
    def _rows(self) -> DuckDBPyRelation:
        return self.con.view(f"{self.kind}_rows")


def measure_columns(rows: DuckDBPyRelation, names: Sequence[str], measure: Measurement) -> list[Any]:
    """What the measure finds in each of these columns of the rows."""
    x, place = ColumnExpression("x"), ColumnExpression("place")
    texts = cells_below_each_other(rows, names)
    if measure.spelling:
        texts = texts.select(place, as_spelled(x, measure.spelling, measure.unit).alias("x"))
    distinct = texts.aggregate("place, x, count(*) AS times", "place, x")
    arguments = [x, ColumnExpression("times")]
    if measure.reading:
        distinct = distinct.select("*", FunctionExpression(measure.reading, x).alias("reading"))
        arguments.append(ColumnExpression("reading"))
    result = FunctionExpression(measure.macro, *arguments)
    results = dict(distinct.aggregate([place, result.alias("result")], "place").fetchall())
    if not results:
        return [single(distinct.aggregate([result]))] * len(names)
    return [results[number] for number in range(len(names))]


def cells_below_each_other(rows: DuckDBPyRelation, names: Sequence[str]) -> DuckDBPyRelation:
    """Each cell as `x`, with the `place` of its column among these."""
    columns = list(map(ColumnExpression, names))
    if len(columns) == 1:
        return rows.select(columns[0].alias("x"), ConstantExpression(0).alias("place"))
    texts = FunctionExpression("list_value", *columns)
    places = FunctionExpression("range", ConstantExpression(len(columns)))
    return rows.select(unnested(texts).alias("x"), unnested(places).alias("place"))


def unnested(values: Expression) -> Expression:
    return FunctionExpression("unnest", values)


def kinds(spelling: str = "", unit: str = "") -> Steps[dict[str, Any]]:
    """What `measure` finds in all cells of a column; those that have no such spelling count as filled."""
    plain: dict[str, Any] = yield Measurement("measure")
    return (yield from spelled_kinds(plain, spelling, unit)) if spelling else plain


def spelled_kinds(plain: Mapping[str, Any], spelling: str, unit: str) -> Steps[dict[str, Any]]:
    """What `measure` finds in the cells in this spelling, of a column in which it finds `plain` otherwise."""
    spelled: dict[str, Any] = yield Measurement("measure", spelling=spelling, unit=unit)
    return spelled | {name: plain[name] for name in ("filled", "no_numbers", "no_values", "codes")}


def respelled(column: LoadedColumn, spelling: str, plain: Mapping[str, Any]) -> Steps[LoadedColumn]:
    """The column in this spelling, if more of its cells have a value then than plainly.

    So few of them may have one that the column stays text: the values of an append are judged by older ones.
    """
    counts = yield from spelled_kinds(plain, spelling, column.unit)
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
