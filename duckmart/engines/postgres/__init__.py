"""PostgreSQL over tables that lie there: each query in a transaction of its own, which cannot write.

The data is live. The catalog is read again if the tables have changed: by the counters of rows written that
PostgreSQL has of tables, by the number of rows in views. When it is looked at, `look_cache` says.
"""

import weakref
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from math import ceil, inf
from time import monotonic
from typing import Any

import psycopg
import pyarrow as pa
from psycopg import errors, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlglot import exp

from duckmart.catalog import Catalog
from duckmart.compile import EVENTS, USERS
from duckmart.compile.query import BoundQuery, Query
from duckmart.engines import NO_TABLES, Stop, Tables
from duckmart.engines.catalog_queries import select
from duckmart.engines.postgres.catalog_reader import REQUIRED_COLUMNS, CatalogReader
from duckmart.engines.postgres.look_cache import LookCache
from duckmart.engines.postgres.relations import KINDS, Address, Relation, resolve_tables
from duckmart.engines.postgres.rows import hand_over, parameter, table_of
from duckmart.engines.query_slots import QuerySlots
from duckmart.errors import EngineError, Failed, Overloaded, Unavailable
from duckmart.settings import Settings

DIALECT = "postgres"
# Seconds between two requests to end a query.
_CANCELLED_EVERY = 0.2

_USUAL: dict[str, Any] = {"connect_timeout": 10, "application_name": "duckmart"}

_RELATION = """
    SELECT c.oid, n.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.oid = to_regclass($1)
"""
_COLUMNS = """
    SELECT a.attname, CASE WHEN t.typtype = 'e' THEN 'enum' ELSE t.typname END
    FROM pg_attribute AS a
    JOIN pg_type AS own ON own.oid = a.atttypid
    JOIN pg_type AS t ON t.oid = CASE WHEN own.typtype = 'd' THEN own.typbasetype ELSE own.oid END
    WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
# A replica counts no writes of its own, but knows how far it has come.
_WRITE_COUNTERS = """
    SELECT sum(n_tup_ins + n_tup_upd + n_tup_del), max(pg_relation_filenode(relid)),
        CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()::text END
    FROM pg_stat_all_tables WHERE relid = $1 OR relid IN (SELECT relid FROM pg_partition_tree($1))
"""


@dataclass(frozen=True, slots=True)
class Look:
    """What the tables hold, and where they are; another `version` means that rows or columns have changed."""

    relations: Mapping[str, Relation]
    version: str
    catalog: Catalog


class PostgresEngine:
    """Answers queries on the tables of one database; safe to share between threads."""

    # The tables may be written to at any time.
    is_live = True

    def __init__(self, settings: Settings) -> None:
        self._settings, self._address = settings, Address.of(settings.engine)
        self._slots = QuerySlots(settings)
        self._idle: deque[psycopg.Connection[Any]] = deque(maxlen=settings.max_queries)
        self._looks = LookCache(self._look)
        weakref.finalize(self, _close, self._idle)

    def catalog(self) -> Catalog:
        return self._looks.recent().catalog

    def run(self, query: Query, stop: Stop | None = None, tables: Tables = NO_TABLES) -> pa.Table:
        stop = stop or Stop()
        relations = (self._looks.last or self._looks.recent()).relations
        statement = Query(resolve_tables(query.tree, relations)).bind(DIALECT)
        return self._slots.run(lambda: self._fetch(statement, stop, tables), stop)

    def _fetch(self, statement: BoundQuery, stop: Stop, tables: Tables = NO_TABLES) -> pa.Table:
        parameters = [*map(parameter, statement.parameters)]
        try:
            with self._transaction(stop) as connection:
                for name, table in tables.items():
                    hand_over(connection, name, table)
                connection.execute("SET TRANSACTION READ ONLY")
                with psycopg.RawCursor(connection) as cursor:
                    cursor.execute(statement.sql, parameters, binary=True)
                    return table_of(cursor)
        except psycopg.Error as error:
            raise self._failure(error, stop) from error

    @contextmanager
    def _transaction(self, stop: Stop) -> Iterator[psycopg.Connection[Any]]:
        """A connection of which nothing remains but that it is open; none at all after an error."""
        connection = self._take()
        try:
            stop.attach(_canceller(connection))
            self._slots.check(stop)
            with connection.transaction(force_rollback=True):
                connection.execute(_session(stop))
                yield connection
        except BaseException:
            connection.close()
            raise
        finally:
            stop.attach(None)
        # A cancellation may still be on its way.
        self._give_back(connection, again=not stop.is_over)

    def _take(self) -> psycopg.Connection[Any]:
        with suppress(IndexError):
            while True:
                connection = self._idle.pop()
                with suppress(psycopg.Error):
                    # Fails where the server has gone, or been restarted.
                    connection.execute("")
                    return connection
                connection.close()
        server = make_conninfo(**(_USUAL | conninfo_to_dict(self._address.server)))
        return psycopg.connect(server, autocommit=True, prepare_threshold=None)

    def _give_back(self, connection: psycopg.Connection[Any], *, again: bool) -> None:
        if again and len(self._idle) < self._settings.max_queries:
            self._idle.append(connection)
        else:
            connection.close()

    def _failure(self, error: psycopg.Error, stop: Stop) -> EngineError:
        state, words = error.sqlstate or "", str(error).strip().partition("\n")[0]
        match error:
            case errors.QueryCanceled():
                return self._slots.end_reason(stop)
            case errors.TooManyConnections():
                return Overloaded("PostgreSQL has no connection left; try again in a moment")
            case errors.UndefinedTable() | errors.UndefinedColumn() | errors.InsufficientPrivilege():
                self._looks.forget()
                return Unavailable(f"PostgreSQL does not let its tables be read: {words}")
            case psycopg.OperationalError() | psycopg.InterfaceError() if state[:2] in ("", "08", "28", "57"):
                return Unavailable(f"PostgreSQL does not answer: {words}; see DUCKMART_ENGINE")
            case _:
                return Failed(f"the query failed: {words}")

    def _look(self, last: Look | None) -> Look:
        relations = {name: self._relation(name) for name in (USERS, EVENTS)}
        version = self._version(relations)
        if last and last.version == version:
            return replace(last, relations=relations)
        catalog = CatalogReader(lambda query: self._rows_of(query, relations), relations).catalog(version)
        return Look(relations, version, catalog)

    def _relation(self, name: str) -> Relation:
        """Raises `Unavailable` if there is no such table, or it lacks what DuckMart needs of it."""
        parts = self._address.parts(name)
        rows = self._metadata(_RELATION, sql.Identifier(*parts).as_string())
        if not rows:
            raise Unavailable(
                f"there is no table {'.'.join(parts)} in PostgreSQL; DUCKMART_ENGINE may name the tables "
                "and their schema: ?schema=...&users=...&events=..."
            )
        [(oid, schema, own_name)] = rows
        relation = Relation.of(oid, schema, own_name, dict(self._metadata(_COLUMNS, oid)))
        for column, kind in REQUIRED_COLUMNS[name].items():
            if (its := KINDS.get(relation.types.get(column, ""))) is None or kind not in (None, its):
                article = f"a {kind} column" if kind else "a column"
                raise Unavailable(f"the table {'.'.join(parts)} needs {article} {column}")
        return relation

    def _version(self, relations: Mapping[str, Relation]) -> str:
        """A name that is another one when the tables have changed."""
        facts: list[Any] = []
        for name, relation in relations.items():
            [counters] = self._metadata(_WRITE_COUNTERS, relation.oid)
            rows = None
            if counters[0] is None:
                rows = self._rows_of(select(name, rows=exp.Count(this=exp.Star())), relations)[0]["rows"]
            facts.append((relation.oid, relation.types, counters, rows))
        return f"postgresql-{sha256(repr(facts).encode()).hexdigest()[:12]}"

    def _metadata(self, text: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """The rows of SQL of our own, about the database."""
        rows = self._fetch(BoundQuery(text, [*parameters]), Stop())
        return [*zip(*(column.to_pylist() for column in rows.columns), strict=True)]

    def _rows_of(self, query: exp.Select, relations: Mapping[str, Relation]) -> list[dict[str, Any]]:
        """The rows of a query of the catalog, which waits for no question's slot."""
        statement = Query(resolve_tables(query, relations)).bind(DIALECT)
        rows: list[dict[str, Any]] = self._fetch(statement, Stop()).to_pylist()
        return rows


def _close(idle: deque[psycopg.Connection[Any]]) -> None:
    while idle:
        idle.pop().close()


def _session(stop: Stop) -> sql.Composed:
    """What holds for one transaction: times without a zone are UTC, and queries end at the deadline."""
    milliseconds = 0 if stop.remaining == inf else max(1, ceil(stop.remaining * 1000))
    return sql.SQL(
        "SET LOCAL timezone TO 'UTC'; SET LOCAL standard_conforming_strings TO on; "
        "SET LOCAL statement_timeout TO {}"
    ).format(sql.Literal(milliseconds))


def _canceller(connection: psycopg.Connection[Any]) -> Callable[[], None]:
    """Ends the query that runs on a connection, by a connection of its own each time; so not too often."""
    latest = -inf

    def cancel() -> None:
        nonlocal latest
        if monotonic() - latest >= _CANCELLED_EVERY:
            with suppress(psycopg.Error):
                connection.cancel_safe(timeout=1)
            latest = monotonic()

    return cancel
