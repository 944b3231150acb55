"""What the tables of a generation hold: columns, values and events, read from the rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
from sqlglot import exp

from duckmart.catalog import VALUES_KEPT, Catalog, Column
from duckmart.compile import EVENTS, KEY, USERS
from duckmart.compile.query import Query, identifier, value
from duckmart.engines.catalog_queries import boolean_counts, element_counts, has_value, listed, select
from duckmart.engines.generation_tables import family
from duckmart.spec.kinds import KINDS as ALL_KINDS
from duckmart.spec.kinds import Kind

KINDS = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"), Kind.NUMBER),
    **dict.fromkeys(("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"), Kind.NUMBER),
    **dict.fromkeys(("DECIMAL", "DOUBLE", "FLOAT"), Kind.NUMBER),
    **dict.fromkeys(("VARCHAR", "ENUM", "UUID"), Kind.TEXT),
    "DATE": Kind.DATE,
    "TIMESTAMP": Kind.TIMESTAMP,
    "BOOLEAN": Kind.BOOLEAN,
}
KINDS |= {
    f"{family}[]": kind for family in KINDS for kind in ALL_KINDS.values() if kind.element is KINDS[family]
}
FLOATING = {"DOUBLE", "FLOAT"}
FRACTIONS = {"DECIMAL", *FLOATING}
# Counting the values of a text reads every row: of 60 M rows, within two seconds.
_CELLS_LISTED = 60_000_000
# A text with more distinct values than are kept shows so in as many rows.
_ROWS_PROBED = 100 * VALUES_KEPT


@dataclass(frozen=True, slots=True)
class GenerationReader:
    """Asks a database what is in its tables; `look` gives the rows of a query."""

    look: Callable[[Query], pa.Table]

    def catalog(self, generation: str) -> Catalog:
        attributes, hidden_attributes = self._columns(USERS, leave_out=set())
        properties, hidden_properties = self._columns(EVENTS, leave_out={KEY, "event_name", "timestamp"})
        events = self.look(Query(_value_counts("event_name", EVENTS))).to_pylist()
        span = self._row(EVENTS, oldest=exp.Min(this=_time()), newest=exp.Max(this=_time()))
        return Catalog(
            generation=generation,
            attributes=attributes,
            properties=properties,
            events={row["value"]: row["rows"] for row in events},
            users=self._row(USERS, users=exp.Count(this=exp.Star()))["users"],
            oldest_event=span["oldest"],
            newest_event=span["newest"],
            loaded_at=self._loaded_at(),
            left_out=(*hidden_attributes, *hidden_properties),
            group_frames=True,
        )

    def _loaded_at(self) -> datetime:
        moment: datetime = self._row("load_info", loaded_at=exp.column("loaded_at"))["loaded_at"]
        return moment

    def _row(self, table: str, **columns: exp.Expr) -> dict[str, Any]:
        """The one row that aggregates over a table make."""
        row: dict[str, Any] = self.look(Query(select(table, **columns))).to_pylist()[0]
        return row

    def _columns(self, table: str, leave_out: set[str]) -> tuple[dict[str, Column], list[str]]:
        """The table's columns that conditions can name, and the names of the others."""
        types = {name: kind for name, kind in self._types(table) if name not in leave_out}
        families = {name: family(kind) for name, kind in types.items()}
        kinds = {name: kind for name, kind in families.items() if kind in KINDS}
        texts = sum(KINDS[kind].is_listed for kind in kinds.values())
        # One query for all columns: over few rows, preparing a query takes longer than running it.
        facts = {f"c{place}": _facts(name, KINDS[kind]) for place, (name, kind) in enumerate(kinds.items())}
        rows, *by_column = self._row(table, rows=exp.Count(this=exp.Star()), **facts).values()
        countable = table == USERS or rows * texts <= _CELLS_LISTED
        columns = {
            name: self._column(table, name, kind, column_facts, with_values=countable)
            for (name, kind), column_facts in zip(kinds.items(), by_column, strict=True)
        }
        return columns, [name for name in types if name not in kinds]

    def _types(self, table: str) -> list[tuple[str, str]]:
        query = exp.select("column_name", "data_type").from_("information_schema.columns")
        query = query.where(exp.column("table_name").eq(value(table))).order_by("ordinal_position")
        return [(row["column_name"], row["data_type"]) for row in self.look(Query(query)).to_pylist()]

    def _column(
        self, table: str, name: str, data_type: str, facts: Mapping[str, Any], *, with_values: bool
    ) -> Column:
        """A column with its facts; the values of a text only `with_values`."""
        kind = KINDS[data_type]
        element, element_type = kind.element or kind, data_type.removesuffix("[]")
        values: list[tuple[Any, int]] | None = None
        if kind.is_boolean:
            values = boolean_counts(yes := facts["yes"] or 0, facts["present"] - yes)
        elif kind.is_listed and with_values:
            values = self._values(table, name, kind)
        return Column(
            name=name,
            kind=kind,
            whole=element.is_number and element_type not in FRACTIONS,
            floating=element_type in FLOATING,
            missing=facts["total"] - facts["present"],
            low=facts.get("low"),
            high=facts.get("high"),
            values=tuple((values or [])[:VALUES_KEPT]),
            complete=values is not None and len(values) <= VALUES_KEPT,
        )

    def _values(self, table: str, name: str, kind: Kind) -> list[tuple[Any, int]] | None:
        """The most frequent values with their counts; one more than are kept, to notice others.

        None for events that differ so much that counting them would take long.
        """
        if table == EVENTS and self._is_varied(table, name):
            return None
        query = element_counts(name, table) if kind.element else _value_counts(name, table)
        query = query.where(has_value(name))
        return listed(kind, self.look(Query(query.limit(VALUES_KEPT + 1))).to_pylist())

    def _is_varied(self, table: str, name: str) -> bool:
        """Whether the first rows hold more distinct values than are kept."""
        column = exp.column(identifier(name))
        first = exp.select(column).from_(identifier(table)).where(has_value(name)).limit(_ROWS_PROBED)
        distinct = exp.alias_(exp.Count(this=exp.Distinct(expressions=[column.copy()])), "distinct_values")
        query = exp.select(distinct).from_(first.subquery("probed"))
        values: int = self.look(Query(query)).to_pylist()[0]["distinct_values"]
        return values > VALUES_KEPT


def _facts(name: str, kind: Kind) -> exp.Struct:
    """A struct of what is asked of all values of a column."""
    attribute = exp.column(identifier(name))
    facts: dict[str, exp.Expr] = {
        "present": exp.Count(this=attribute),
        "total": exp.Count(this=exp.Star()),
    }
    if kind.is_ordered:
        facts |= {"low": exp.Min(this=attribute.copy()), "high": exp.Max(this=attribute.copy())}
    if kind.is_boolean:
        facts["yes"] = exp.CountIf(this=attribute.copy())
    named = [exp.PropertyEQ(this=exp.to_identifier(fact), expression=one) for fact, one in facts.items()]
    return exp.Struct(expressions=named)


def _value_counts(name: str, table: str) -> exp.Select:
    """Each value of a column with its rows, most frequent first."""
    attribute = exp.column(identifier(name))
    query = select(table, value=attribute, rows=exp.Count(this=exp.Star()))
    return query.group_by(attribute).order_by(exp.column("rows").desc(), attribute)


def _time() -> exp.Column:
    return exp.column("timestamp")
