"""PostgreSQL over tables that lie there: each query in a transaction of its own, which cannot write.

The data is live. What the catalog says of it is looked at again after `FRESH` seconds, and read again if the
tables have changed: by the counters of rows written that PostgreSQL has of tables, by the rows there are in
views.
"""

import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from math import ceil, inf
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
import pyarrow as pa
from psycopg import errors, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.numeric import Int8
from sqlglot import exp

from duckmart.catalog import VALUES_KEPT, Catalog, Column
from duckmart.compile import EVENTS, KEY, USERS
from duckmart.compile.query import Bound, Query, identifier
from duckmart.engines import NO_TABLES, Stop, Tables
from duckmart.engines.query_slots import QuerySlots
from duckmart.errors import EngineError, Failed, Overloaded, Unavailable
from duckmart.settings import Settings
from duckmart.spec.kinds import Kind

FRESH = 60.0
"""Seconds that the catalog is taken for true."""

DIALECT = "postgres"
_WHOLE, _FLOATING = {"int2", "int4", "int8"}, {"float4", "float8"}
KINDS = {
    **dict.fromkeys((*_WHOLE, *_FLOATING, "numeric"), Kind.NUMBER),
    **dict.fromkeys(("text", "varchar", "bpchar", "name", "uuid", "citext", "enum"), Kind.TEXT),
    "date": Kind.DATE,
    **dict.fromkeys(("timestamp", "timestamptz"), Kind.TIMESTAMP),
    "bool": Kind.BOOLEAN,
}
# Compared as texts are not, until they are cast.
_CAST = {"bpchar", "name", "uuid", "citext", "enum"}
_NEEDED: dict[str, dict[str, Kind | None]] = {
    USERS: {KEY: None},
    EVENTS: {KEY: None, "event_name": Kind.TEXT, "timestamp": Kind.TIMESTAMP},
}
# Counting the values of a text reads every row.
_CELLS_LISTED = 10_000_000
# A text with more distinct values than are kept shows so in as many rows.
_ROWS_PROBED = 100 * VALUES_KEPT
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
_WRITTEN = """
    SELECT sum(n_tup_ins + n_tup_upd + n_tup_del), max(pg_relation_filenode(relid)),
        CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()::text END
    FROM pg_stat_all_tables WHERE relid = $1 OR relid IN (SELECT relid FROM pg_partition_tree($1))
"""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the tables are: what libpq is told, and their names, whose schema may be left to the server."""

    server: str
    tables: Mapping[str, str]
    schema: str

    @classmethod
    def of(cls, url: str) -> "Address":
        """`postgresql://user@host/db?schema=...&users=...&events=...`; other parameters are libpq's."""
        parts = urlsplit(url)
        given = dict(parse_qsl(parts.query))
        tables = {USERS: given.pop("users", USERS), EVENTS: given.pop("events", EVENTS)}
        schema = given.pop("schema", "")
        return cls(urlunsplit(parts._replace(query=urlencode(given))), tables, schema)


@dataclass(frozen=True, slots=True)
class Relation:
    """A table, view or the like, with the types of its columns, and how queries name it."""

    oid: int
    types: Mapping[str, str]
    source: exp.Expr

    @classmethod
    def of(cls, oid: int, schema: str, name: str, types: Mapping[str, str]) -> "Relation":
        table = exp.Table(this=identifier(name), db=identifier(schema))
        if not _CAST & {*types.values()}:
            return cls(oid, types, table)
        columns = [_as_text(column, its) for column, its in types.items() if its in KINDS]
        return cls(oid, types, exp.select(*columns).from_(table).subquery())

    @property
    def known(self) -> dict[str, str]:
        return {name: its for name, its in self.types.items() if its in KINDS}

    @property
    def left_out(self) -> list[str]:
        return [name for name in self.types if name not in self.known]


def _as_text(name: str, its: str) -> exp.Expr:
    column = exp.column(identifier(name))
    return exp.alias_(exp.cast(column, exp.DType.TEXT), identifier(name)) if its in _CAST else column


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at the tables found, and until when it is taken for true."""

    relations: Mapping[str, Relation]
    version: str
    catalog: Catalog
    until: float


class PostgresEngine:
    """Answers queries on the tables of one database; safe to share between threads."""

    # The tables may be written to at any time.
    is_live = True

    def __init__(self, settings: Settings) -> None:
        self._settings, self._address = settings, Address.of(settings.engine)
        self._slots = QuerySlots(settings)
        self._idle: deque[psycopg.Connection[Any]] = deque(maxlen=settings.max_queries)
        self._look: Look | None = None
        self._looking = threading.Lock()
        weakref.finalize(self, _close, self._idle)

    def catalog(self) -> Catalog:
        return self._latest().catalog

    def run(self, query: Query, stop: Stop | None = None, tables: Tables = NO_TABLES) -> pa.Table:
        stop = stop or Stop()
        relations = (self._look or self._latest()).relations
        bound = Query(_placed(query.tree, relations)).bind(DIALECT)
        return self._slots.run(lambda: self._fetch(bound, stop, tables), stop)

    def _fetch(self, bound: Bound, stop: Stop, tables: Tables = NO_TABLES) -> pa.Table:
        parameters = [*map(_parameter, bound.parameters)]
        try:
            with self._transaction(stop) as connection:
                for name, table in tables.items():
                    _hand_over(connection, name, table)
                connection.execute("SET TRANSACTION READ ONLY")
                with psycopg.RawCursor(connection) as cursor:
                    cursor.execute(bound.sql, parameters, binary=True)
                    return _table(cursor)
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
                return self._slots.ended(stop)
            case errors.TooManyConnections():
                return Overloaded("PostgreSQL has no connection left; try again in a moment")
            case errors.UndefinedTable() | errors.UndefinedColumn() | errors.InsufficientPrivilege():
                self._look = None
                return Unavailable(f"PostgreSQL does not let its tables be read: {words}")
            case psycopg.OperationalError() | psycopg.InterfaceError() if state[:2] in ("", "08", "28", "57"):
                return Unavailable(f"PostgreSQL does not answer: {words}; see DUCKMART_ENGINE")
            case _:
                return Failed(f"the query failed: {words}")

    def _latest(self) -> Look:
        """What was found by the last look, or by one now if that was too long ago."""
        before = self._look
        if before and monotonic() < before.until:
            return before
        # Whoever has something to go by need not wait for who looks now.
        if not self._looking.acquire(blocking=before is None):
            assert before is not None  # noqa: S101 - else the lock is waited for
            return before
        try:
            if self._look is None or monotonic() >= self._look.until:
                self._look = self._looked(self._look)
            return self._look
        finally:
            self._looking.release()

    def _looked(self, before: Look | None) -> Look:
        relations = {name: self._relation(name) for name in (USERS, EVENTS)}
        version = self._version(relations)
        if before and before.version == version:
            return replace(before, relations=relations, until=monotonic() + FRESH)
        catalog = _CatalogReader(lambda query: self._rows_of(query, relations), relations).catalog(version)
        return Look(relations, version, catalog, monotonic() + FRESH)

    def _relation(self, name: str) -> Relation:
        """Raises `Unavailable` if there is no such table, or it lacks what DuckMart needs of it."""
        parts = [part for part in (self._address.schema, self._address.tables[name]) if part]
        rows = self._asked(_RELATION, sql.Identifier(*parts).as_string())
        if not rows:
            raise Unavailable(
                f"there is no table {'.'.join(parts)} in PostgreSQL; DUCKMART_ENGINE may name the tables "
                "and their schema: ?schema=...&users=...&events=..."
            )
        [(oid, schema, own_name)] = rows
        relation = Relation.of(oid, schema, own_name, dict(self._asked(_COLUMNS, oid)))
        for column, kind in _NEEDED[name].items():
            if (its := KINDS.get(relation.types.get(column, ""))) is None or kind not in (None, its):
                wanted = f"a {kind} column" if kind else "a column"
                raise Unavailable(f"the table {'.'.join(parts)} needs {wanted} {column}")
        return relation

    def _version(self, relations: Mapping[str, Relation]) -> str:
        """A name that is another one when the tables have changed."""
        facts: list[Any] = []
        for name, relation in relations.items():
            [written] = self._asked(_WRITTEN, relation.oid)
            rows = None
            if written[0] is None:
                rows = self._rows_of(_select(name, rows=exp.Count(this=exp.Star())), relations)[0]["rows"]
            facts.append((relation.oid, relation.types, written, rows))
        return f"postgresql-{sha256(repr(facts).encode()).hexdigest()[:12]}"

    def _asked(self, text: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """The rows of SQL of our own, about the database."""
        rows = self._fetch(Bound(text, [*parameters]), Stop())
        return [*zip(*(column.to_pylist() for column in rows.columns), strict=True)]

    def _rows_of(self, query: exp.Select, relations: Mapping[str, Relation]) -> list[dict[str, Any]]:
        """The rows of a query of the catalog, which waits for no question's slot."""
        bound = Query(_placed(query, relations)).bind(DIALECT)
        rows: list[dict[str, Any]] = self._fetch(bound, Stop()).to_pylist()
        return rows


@dataclass(frozen=True, slots=True)
class _CatalogReader:
    """Asks the tables what is in them."""

    rows: Callable[[exp.Select], list[dict[str, Any]]]
    relations: Mapping[str, Relation]

    def catalog(self, version: str) -> Catalog:
        users = self._users()
        span = self._row(EVENTS, oldest=exp.Min(this=_time()), newest=exp.Max(this=_time()))
        names = self.rows(_counted("event_name", EVENTS).where(_is_known("event_name")))
        return Catalog(
            generation=version,
            attributes=self._columns(USERS, users, leave_out=set()),
            properties=self._columns(EVENTS, sum(row["rows"] for row in names), {*_NEEDED[EVENTS]}),
            events={row["value"]: row["rows"] for row in names},
            users=users,
            oldest_event=span["oldest"],
            newest_event=span["newest"],
            loaded_at=self.rows(exp.select(exp.alias_(_now(), "now")))[0]["now"],
            left_out=tuple(name for relation in self.relations.values() for name in relation.left_out),
        )

    def _users(self) -> int:
        """How many there are. Raises `Unavailable` where a row has no id, or that of another row."""
        key = exp.column(KEY)
        distinct = exp.Count(this=exp.Distinct(expressions=[key]))
        row = self._row(USERS, rows=exp.Count(this=exp.Star()), ids=distinct)
        if row["rows"] != row["ids"]:
            raise Unavailable(
                f"the table of users has {row['rows']:,} rows, but {row['ids']:,} different values of {KEY}: "
                "each row needs one of its own"
            )
        users: int = row["rows"]
        return users

    def _columns(self, table: str, rows: int, leave_out: set[str]) -> dict[str, Column]:
        types = {name: its for name, its in self.relations[table].known.items() if name not in leave_out}
        texts = sum(KINDS[its].is_text for its in types.values())
        listed = table == USERS or rows * texts <= _CELLS_LISTED
        # One query for all: each reads every row.
        facts: dict[str, exp.Expr] = {"rows": exp.Count(this=exp.Star())}
        for place, (name, its) in enumerate(types.items()):
            facts |= _facts(place, exp.column(identifier(name)), KINDS[its])
        row = self._row(table, **facts)
        return {
            name: self._column(table, name, its, _of_place(row, place), listed=listed)
            for place, (name, its) in enumerate(types.items())
        }

    def _column(self, table: str, name: str, its: str, facts: Mapping[str, Any], *, listed: bool) -> Column:
        """A column with its facts; the values of a text only if `listed`."""
        kind, values = KINDS[its], None
        if kind.is_boolean:
            values = _of_boolean(facts["yes"], facts["present"] - facts["yes"])
        elif kind.is_text and listed:
            values = self._values(table, name)
        return Column(
            name=name,
            kind=kind,
            whole=its in _WHOLE,
            floating=its in _FLOATING,
            missing=facts["rows"] - facts["present"],
            low=facts.get("low"),
            high=facts.get("high"),
            values=tuple((values or [])[:VALUES_KEPT]),
            complete=values is not None and len(values) <= VALUES_KEPT,
        )

    def _values(self, table: str, name: str) -> list[tuple[Any, int]] | None:
        """The most frequent values with their counts, one more than are kept; None where they are many."""
        if table == EVENTS and self._is_varied(name):
            return None
        query = _counted(name, table).where(_is_known(name)).limit(VALUES_KEPT + 1)
        return [(row["value"], row["rows"]) for row in self.rows(query)]

    def _is_varied(self, name: str) -> bool:
        column = exp.column(identifier(name))
        first = exp.select(column).from_(identifier(EVENTS)).where(_is_known(name)).limit(_ROWS_PROBED)
        distinct = exp.Count(this=exp.Distinct(expressions=[column.copy()]))
        [row] = self.rows(exp.select(exp.alias_(distinct, "several")).from_(first.subquery("probed")))
        varied: bool = row["several"] > VALUES_KEPT
        return varied

    def _row(self, table: str, **columns: exp.Expr) -> dict[str, Any]:
        return self.rows(_select(table, **columns))[0]


def _facts(place: int, column: exp.Expr, kind: Kind) -> dict[str, exp.Expr]:
    facts: dict[str, exp.Expr] = {"present": exp.Count(this=column)}
    if kind.is_ordered:
        facts |= {"low": exp.Min(this=column.copy()), "high": exp.Max(this=column.copy())}
    if kind.is_boolean:
        facts["yes"] = exp.CountIf(this=column.copy())
    return {f"{name}_{place}": fact for name, fact in facts.items()}


def _of_place(row: Mapping[str, Any], place: int) -> dict[str, Any]:
    facts = {name.removesuffix(f"_{place}"): cell for name, cell in row.items() if name.endswith(f"_{place}")}
    return facts | {"rows": row["rows"]}


def _of_boolean(true: int, false: int) -> list[tuple[Any, int]]:
    """What is there of true and false, most frequent first."""
    return sorted(
        ((cell, rows) for cell, rows in ((False, false), (True, true)) if rows), key=lambda row: -row[1]
    )


def _select(table: str, **columns: exp.Expr) -> exp.Select:
    return exp.select(*(exp.alias_(column, name) for name, column in columns.items())).from_(
        identifier(table)
    )


def _counted(name: str, table: str) -> exp.Select:
    """Each value of a text with its rows, most frequent first."""
    text = exp.column(identifier(name))
    query = _select(table, value=text, rows=exp.Count(this=exp.Star())).group_by(text)
    ordered = text.copy()
    ordered.type = exp.DType.TEXT  # by code point
    return query.order_by(exp.column("rows").desc(), ordered)


def _is_known(name: str) -> exp.Expr:
    return exp.column(identifier(name)).is_(exp.null()).not_()


def _time() -> exp.Column:
    return exp.column("timestamp")


def _now() -> exp.Expr:
    return exp.cast(exp.CurrentTimestamp(), exp.DType.TIMESTAMP)


def _close(idle: deque[psycopg.Connection[Any]]) -> None:
    while idle:
        idle.pop().close()


def _placed(tree: exp.Query, relations: Mapping[str, Relation]) -> exp.Query:
    """The query with the names of the tables as they are in the database."""
    placed = tree.copy()
    for table in [*placed.find_all(exp.Table), *(named.this for named in placed.find_all(exp.From))]:
        # A FROM may name a table by an identifier alone.
        if table.name in relations and not table.text("db"):
            source = relations[table.name].source.copy()
            source.set("alias", exp.TableAlias(this=identifier(table.alias or table.name)))
            table.replace(source)
    return placed


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


def _parameter(plain: Any) -> Any:
    """A value as PostgreSQL is to take it: whole numbers with the widest type, a list of one type."""
    match plain:
        case list() if any(isinstance(each, Decimal) for each in plain):
            return [*map(Decimal, plain)]
        case bool():
            return plain
        case int() if abs(plain) < 2**63:
            return Int8(plain)
        case _:
            return plain


_COPIED: dict[Callable[[pa.DataType], bool], str] = {
    pa.types.is_boolean: "boolean",
    pa.types.is_integer: "bigint",
    pa.types.is_floating: "double precision",
    pa.types.is_decimal: "numeric",
    pa.types.is_date: "date",
    pa.types.is_timestamp: "timestamp",
}


def _hand_over(connection: psycopg.Connection[Any], name: str, table: pa.Table) -> None:
    """Put a table beside the data, which is gone with the transaction."""
    types = [
        next((own for fits, own in _COPIED.items() if fits(field.type)), "text") for field in table.schema
    ]
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(own))
        for column, own in zip(table.column_names, types, strict=True)
    ]
    create = sql.SQL("CREATE TEMPORARY TABLE {} ({}) ON COMMIT DROP")
    connection.execute(create.format(sql.Identifier(name), sql.SQL(", ").join(columns)))
    into = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))
    with connection.cursor() as cursor, cursor.copy(into) as copy:
        for batch in table.to_batches(10_000):
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                copy.write_row(row)


_ARROW = {
    "bool": pa.bool_(),
    "int2": pa.int16(),
    "int4": pa.int32(),
    "int8": pa.int64(),
    "oid": pa.int64(),
    "float4": pa.float32(),
    "float8": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us"),
}
_NOTHING = pa.decimal128(38, 0)


def _table(cursor: psycopg.RawCursor[Any]) -> pa.Table:
    """The rows as DuckDB would return them, in the same types."""
    described = cursor.description or []
    cells: Sequence[Sequence[Any]] = [*zip(*cursor.fetchall(), strict=True)] or [()] * len(described)
    arrays = [_array(column, own) for column, own in zip(described, cells, strict=True)]
    return pa.Table.from_arrays(arrays, [column.name for column in described])


def _array(column: psycopg.Column, cells: Sequence[Any]) -> pa.Array:
    own = psycopg.adapters.types.get(column.type_code)
    if own is None:
        return pa.array(cells, pa.string())
    if own.name == "timestamptz":
        cells = [_naive(cell) for cell in cells]
    if own.name == "numeric":
        return _numbers(column, cells)
    inner = _ARROW.get(own.name, pa.string())
    return pa.array(cells, pa.list_(inner) if column.type_code == own.array_oid else inner)


def _numbers(column: psycopg.Column, cells: Sequence[Any]) -> pa.Array:
    if not all(cell is None or cell.is_finite() for cell in cells):
        return pa.array([cell and float(cell) for cell in cells], pa.float64())
    if column.precision is not None and column.precision <= 38:
        return pa.array(cells, pa.decimal128(column.precision, column.scale or 0))
    return pa.array(cells) if any(cell is not None for cell in cells) else pa.array(cells, _NOTHING)


def _naive(cell: Any) -> Any:
    """A time, or each in a list of them, without its zone."""
    match cell:
        case datetime():
            return cell.astimezone(UTC).replace(tzinfo=None)
        case list():
            return [*map(_naive, cell)]
        case _:
            return cell
