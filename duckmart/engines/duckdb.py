"""DuckDB over one generation file: read-only, closed to everything but that file, a cursor for each query."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from sqlglot import exp

from duckmart.catalog import Catalog
from duckmart.compile.query import BoundQuery, Query, identifier
from duckmart.engines import NO_TABLES, Stop, Tables, stored_catalog
from duckmart.engines.generation_catalog import GenerationReader
from duckmart.engines.generation_tables import LOAD_AGAIN, of_another_version
from duckmart.engines.key_order import in_key_order, without_key_order
from duckmart.engines.query_slots import QuerySlots
from duckmart.errors import Failed, Unavailable
from duckmart.settings import Settings

# Dense integer ids group 2-13x faster through a perfect hash table of up to 2^24 entries, but to fill and to
# read a table of all users takes longer than the hash table of a few.
_TABLE_OF_USERS = "perfect_ht_threshold"
_GROUP_FEW = "SET perfect_ht_threshold = 12"
_IN_DATABASE = (stored_catalog.TABLE, stored_catalog.COLUMN)


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
            if statement.groups_few:
                cursor.execute(_GROUP_FEW)
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
        """What the load wrote down, or what the tables hold where an older version loaded them."""
        types = self._types()
        if words := of_another_version(types):
            raise Unavailable(f"the data in {self.path} cannot be served: {words}; {LOAD_AGAIN}")
        return (self._stored_catalog() if _IN_DATABASE in types else None) or self.catalog_of_tables()

    def catalog_of_tables(self) -> Catalog:
        """What the tables hold, read from their rows."""
        return GenerationReader(self._look).catalog(self.path.stem)

    def _stored_catalog(self) -> Catalog | None:
        query = exp.select(stored_catalog.COLUMN).from_(identifier(stored_catalog.TABLE))
        [row] = self._look(Query(query)).to_pylist()
        return stored_catalog.from_text(row[stored_catalog.COLUMN], self.path.stem)

    def _types(self) -> dict[tuple[str, str], str]:
        """The type of every column of the database."""
        query = exp.select("table_name", "column_name", "data_type").from_("information_schema.columns")
        rows = self._look(Query(query)).to_pylist()
        return {(row["table_name"], row["column_name"]): row["data_type"] for row in rows}

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
        _TABLE_OF_USERS: 24,
        "lock_configuration": True,
        # Each query has a cursor of its own, and so its own value.
        "allowed_configs": [_TABLE_OF_USERS],
    }
    return config if settings.threads is None else config | {"threads": settings.threads}
