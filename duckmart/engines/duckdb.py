"""DuckDB over one generation file: read-only, closed to everything but that file, a cursor for each query."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from sqlglot import exp

from duckmart.catalog import VALUES_KEPT, Catalog, Column
from duckmart.compile import EVENTS, KEY, USERS
from duckmart.compile.query import BoundQuery, Query, identifier, value
from duckmart.engines import NO_TABLES, Stop, Tables
from duckmart.engines.catalog_queries import boolean_counts, has_value, select
from duckmart.engines.generation_tables import LOAD_AGAIN, of_another_version
from duckmart.engines.key_order import in_key_order, without_key_order
from duckmart.engines.query_slots import QuerySlots
from duckmart.errors import Failed, Unavailable
from duckmart.settings import Settings
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
FLOATING = {"DOUBLE", "FLOAT"}
FRACTIONS = {"DECIMAL", *FLOATING}
# Counting the values of a text reads every row: of 60 M rows, within two seconds.
_CELLS_LISTED = 60_000_000
# A text with more distinct values than are kept shows so in as many rows.
_ROWS_PROBED = 100 * VALUES_KEPT


class DuckDBEngine:
    """Answers queries on one generation file; safe to share between threads."""

    # A generation never changes.
    is_live = False

    def __init__(
        self, path: Path, settings: Settings, way_out: Callable[[], str] = lambda: "load the data again"
    ) -> None:
        """`way_out` says what to do about a file that cannot be read.

        Raises `Unavailable` if the file is missing, damaged or not a DuckDB file.
        """
        self.path, self._way_out = path, way_out
        self._settings = settings
        self._slots = QuerySlots(settings)
        try:
            self._connection = duckdb.connect(path, read_only=True, config=_config(settings))
        except duckdb.Error as error:
            raise Unavailable(f"the data in {path} cannot be opened: {error}; {self._way_out()}") from error

    def run(self, query: Query, stop: Stop | None = None, tables: Tables = NO_TABLES) -> pa.Table:
        unordered = without_key_order(query)
        if unordered is not None:
            return in_key_order(self._run(unordered, stop, tables))
        return self._run(query, stop, tables)

    def _run(self, query: Query, stop: Stop | None, tables: Tables) -> pa.Table:
        stop = stop or Stop()
        statement = query.bind()
        return self._slots.run(lambda: self._fetch(statement, stop, tables), stop)

    def _fetch(self, statement: BoundQuery, stop: Stop, tables: Tables = NO_TABLES) -> pa.Table:
        # Threads that share a connection get each other's rows; a cursor is a connection of its own.
        cursor = self._connection.cursor()
        try:
            stop.attach(cursor.interrupt)
            self._slots.check(stop)
            for name, table in tables.items():
                cursor.register(name, table)
            return cursor.sql(statement.sql, params=statement.parameters).to_arrow_table()
        except duckdb.InterruptException as error:
            raise self._slots.end_reason(stop) from error
        except duckdb.OutOfMemoryException as error:
            raise Failed(
                f"the query needs more memory than {self._settings.memory}: "
                "ask for less at once, or raise DUCKMART_MEMORY"
            ) from error
        except duckdb.Error as error:
            raise self._broken(error) from error
        finally:
            stop.attach(None)
            cursor.close()

    def catalog(self) -> Catalog:
        self._check_version()
        attributes, hidden_attributes = self._columns(USERS, leave_out=set())
        properties, hidden_properties = self._columns(EVENTS, leave_out={KEY, "event_name", "timestamp"})
        events = self._look(Query(_value_counts("event_name", EVENTS))).to_pylist()
        span = self._row(EVENTS, oldest=exp.Min(this=_time()), newest=exp.Max(this=_time()))
        return Catalog(
            generation=self.path.stem,
            attributes=attributes,
            properties=properties,
            events={row["value"]: row["rows"] for row in events},
            users=self._row(USERS, users=exp.Count(this=exp.Star()))["users"],
            oldest_event=span["oldest"],
            newest_event=span["newest"],
            loaded_at=self._loaded_at(),
            left_out=(*hidden_attributes, *hidden_properties),
        )

    def _check_version(self) -> None:
        query = exp.select("table_name", "column_name", "data_type").from_("information_schema.columns")
        rows = self._look(Query(query)).to_pylist()
        types = {(row["table_name"], row["column_name"]): row["data_type"] for row in rows}
        if words := of_another_version(types):
            raise Unavailable(f"the data in {self.path} cannot be served: {words}; {LOAD_AGAIN}")

    def _loaded_at(self) -> datetime:
        moment: datetime = self._row("load_info", loaded_at=exp.column("loaded_at"))["loaded_at"]
        return moment

    def _row(self, table: str, **columns: exp.Expr) -> dict[str, Any]:
        """The one row that aggregates over a table make."""
        row: dict[str, Any] = self._look(Query(select(table, **columns))).to_pylist()[0]
        return row

    def _columns(self, table: str, leave_out: set[str]) -> tuple[dict[str, Column], list[str]]:
        """The table's columns that conditions can name, and the names of the others."""
        types = {name: kind for name, kind in self._types(table) if name not in leave_out}
        comparable = {name: kind for name, kind in types.items() if kind.partition("(")[0] in KINDS}
        kinds = {name: kind.partition("(")[0] for name, kind in comparable.items()}
        texts = sum(KINDS[kind].is_text for kind in kinds.values())
        rows = self._row(table, rows=exp.Count(this=exp.Star()))["rows"]
        countable = table == USERS or rows * texts <= _CELLS_LISTED
        columns = {
            name: self._column(table, name, kind, with_values=countable) for name, kind in kinds.items()
        }
        return columns, [name for name in types if name not in comparable]

    def _types(self, table: str) -> list[tuple[str, str]]:
        query = exp.select("column_name", "data_type").from_("information_schema.columns")
        query = query.where(exp.column("table_name").eq(value(table))).order_by("ordinal_position")
        return [(row["column_name"], row["data_type"]) for row in self._look(Query(query)).to_pylist()]

    def _column(self, table: str, name: str, data_type: str, *, with_values: bool) -> Column:
        """A column's facts; the values of a text only `with_values`."""
        kind = KINDS[data_type]
        attribute = exp.column(identifier(name))
        facts: dict[str, exp.Expr] = {
            "present": exp.Count(this=attribute),
            "total": exp.Count(this=exp.Star()),
        }
        if kind.is_ordered:
            facts |= {"low": exp.Min(this=attribute.copy()), "high": exp.Max(this=attribute.copy())}
        if kind.is_boolean:
            facts["yes"] = exp.CountIf(this=attribute.copy())
        row = self._row(table, **facts)
        values: list[tuple[Any, int]] | None = None
        if kind.is_boolean:
            values = boolean_counts(yes := row["yes"] or 0, row["present"] - yes)
        elif kind.is_text and with_values:
            values = self._values(table, name)
        return Column(
            name=name,
            kind=kind,
            whole=kind.is_number and data_type not in FRACTIONS,
            floating=data_type in FLOATING,
            missing=row["total"] - row["present"],
            low=row.get("low"),
            high=row.get("high"),
            values=tuple((values or [])[:VALUES_KEPT]),
            complete=values is not None and len(values) <= VALUES_KEPT,
        )

    def _values(self, table: str, name: str) -> list[tuple[Any, int]] | None:
        """The most frequent values with their counts; one more than are kept, to notice others.

        None for events that differ so much that counting them would take long.
        """
        if table == EVENTS and self._is_varied(table, name):
            return None
        query = _value_counts(name, table).where(has_value(name))
        rows = self._look(Query(query.limit(VALUES_KEPT + 1))).to_pylist()
        return [(row["value"], row["rows"]) for row in rows]

    def _is_varied(self, table: str, name: str) -> bool:
        """Whether the first rows hold more distinct values than are kept."""
        column = exp.column(identifier(name))
        first = exp.select(column).from_(identifier(table)).where(has_value(name)).limit(_ROWS_PROBED)
        distinct = exp.alias_(exp.Count(this=exp.Distinct(expressions=[column.copy()])), "distinct_values")
        query = exp.select(distinct).from_(first.subquery("probed"))
        values: int = self._look(Query(query)).to_pylist()[0]["distinct_values"]
        return values > VALUES_KEPT

    def _look(self, query: Query) -> pa.Table:
        """The rows of a query of the catalog, which waits for no question's slot."""
        return self._fetch(query.bind(), Stop())

    def _broken(self, error: duckdb.Error) -> Failed | Unavailable:
        """DuckDB checks each block as it reads it, so damage may first show in a query."""
        if any(sign in str(error) for sign in ("Corrupt database file", "Could not read")):
            return Unavailable(f"the data in {self.path} is damaged: {error}; {self._way_out()}")
        return Failed(f"the query failed: {error}")


def _config(settings: Settings) -> dict[str, Any]:
    """Nothing but the opened file can be reached, and no query can change that."""
    config: dict[str, Any] = {
        "enable_external_access": False,
        "autoload_known_extensions": False,
        "autoinstall_known_extensions": False,
        "allow_community_extensions": False,
        "allow_unsigned_extensions": False,
        "allow_persistent_secrets": False,
        # A name in a query is a table's, never a Python variable's.
        "python_enable_replacements": False,
        "memory_limit": settings.memory,
        "max_execution_time": round(settings.timeout * 1000),
        # Dense integer ids group 2-13x faster through a perfect hash table of up to 2^24 entries.
        "perfect_ht_threshold": 24,
        "lock_configuration": True,
    }
    return config if settings.threads is None else config | {"threads": settings.threads}


def _value_counts(name: str, table: str) -> exp.Select:
    """Each value of a column with its rows, most frequent first."""
    attribute = exp.column(identifier(name))
    query = select(table, value=attribute, rows=exp.Count(this=exp.Star()))
    return query.group_by(attribute).order_by(exp.column("rows").desc(), attribute)


def _time() -> exp.Column:
    return exp.column("timestamp")
