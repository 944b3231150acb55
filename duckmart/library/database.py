"""How the library's tables are read and written: SQLite by default, a shared database by its URL.

A library made by an older version is read as it is, a table that it lacks as empty, and migrated by the next
write; one made by a newer version is neither read nor written. A library that was made once, which a small
file beside it tells, and is gone or empty now, is not taken for a new one: nothing is read from it, and
nothing written.

SQLite keeps its rollback journal: the library is then one file that can be copied and put on any disk, a
kill at any moment leaves the last whole transaction, and what is confirmed has reached the disk. Writes are
short, so a write-ahead log, which lets readers pass a writer, would gain little.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, Table, create_engine, event, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, ProgrammingError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from duckmart.errors import DamagedLibrary, LibraryError
from duckmart.files import make_file, make_folder
from duckmart.library import copies, migrations, records, tables
from duckmart.library.records import Records
from duckmart.library.tables import CORE, WAY_OUT, create, known_version, library, make, metadata, migrate

PATIENCE = 30.0
"""Seconds to wait for another process that writes to a SQLite library."""

Rows = Callable[[Select[Any]], Sequence[Row[Any]]]
"""Gives the rows of a question."""

# What drivers say, and what to do about it.
ADVICE = {
    "readonly database": "it may only be read; give this user the right to write the file and its folder",
    "not a database": "the file is no library, or damaged; put a backup in its place",
    "malformed": "the file is damaged; put a backup in its place",
    "locked": f"another process has been writing for {PATIENCE:g} seconds; try again",
    "unable to open": "it cannot be opened; look at the path and at who may read and write there",
    "is full": "the disk is full; make room",
}

DAMAGE = ("not a database", "malformed")
"""What SQLite says of a file that it cannot read."""


class Database:
    """The tables at a place; nothing is opened, and nothing made, before it is needed."""

    def __init__(self, place: str | Path, made: Path | None = None) -> None:
        """`made` is the file that tells that there was a library; of a path it is beside the library."""
        self.place = place
        self._made_file = place.with_name(f"{place.name}.made") if isinstance(place, Path) else made
        self._seen: frozenset[str] = frozenset()

    @contextmanager
    def reading(self, table: Table = library) -> Iterator[Rows]:
        """A look at the library; one that nobody wrote to yet is empty, and is not made.

        So is one made before there was such a `table`. Raises `LibraryError`, as `writing` does.
        """
        with self._words():
            if not self._reachable:
                self._check_was_never_made("is gone")
                yield _no_rows
                return
            with self._engine.connect() as connection, connection.begin():
                if table.name not in self._tables(connection):
                    yield _no_rows
                    return
                known_version(connection)
                self._remember()
                yield rows_of(connection)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that no other writer runs beside; what raises inside leaves everything as it was."""
        with self._words():
            self._make()
            with self._transaction() as connection:
                known_version(connection)
                yield connection
            self._remember()

    @contextmanager
    def snapshot(self) -> Iterator[Connection | None]:
        """A look at all tables at one moment, for a backup; None where there is no library yet."""
        with self._words():
            if not self._reachable:
                self._check_was_never_made("is gone")
                yield None
                return
            with self._snapshot() as connection:
                if not self._tables(connection):
                    yield None
                    return
                known_version(connection)
                self._remember()
                yield connection

    @contextmanager
    def replacing(self) -> Iterator[Connection]:
        """As `writing`, for a backup to be put in: a library that is gone or empty counts as a new one.

        Raises `DamagedLibrary` where there is one that cannot be read.
        """
        with self._words():
            self._make_file()
            with self._transaction() as connection:
                if not self._names(connection):
                    create(connection)
                elif (version := known_version(connection)) < tables.SCHEMA_VERSION:
                    migrate(connection, version)
                metadata.create_all(connection)
                yield connection
            self._remember()

    def fill(self, version: int, rows: Records) -> Records:
        """The rows of another library, of an older version perhaps, as tables of today hold them.

        This one, empty so far, is filled with them. Raises `ValueError` or `SQLAlchemyError` for what does
        not fit.
        """
        with self._transaction() as connection:
            make(connection, version)
            records.replace(connection, rows)
            if version < tables.SCHEMA_VERSION:
                migrate(connection, version)
            if lost := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise ValueError(f"a row of {lost[0]} refers to a segment that is not there")
            return records.read(connection)

    def close(self) -> None:
        """End the connections that are kept open for the next question; one asked later opens others."""
        if "_engine" in self.__dict__:
            self._engine.dispose()

    def _make(self) -> None:
        """Make or migrate the tables, unless they are as they should be; of several processes, one does."""
        if self.file and not self.file.exists():
            self._check_was_never_made("is gone")
        self._make_file()
        try:
            if not self._is_current():
                self._create_or_migrate()
        except (IntegrityError, ProgrammingError):
            # Another process was faster, in a database where making tables takes no turns.
            if not self._is_current():
                raise

    def _make_file(self) -> None:
        if self.file:
            make_folder(self.file.parent)
            make_file(self.file)

    def _create_or_migrate(self) -> None:
        with self._transaction() as connection:
            if not self._tables(connection):
                create(connection)
                return
            version = known_version(connection)
            if version < tables.SCHEMA_VERSION:
                copies.keep(connection, before=migrations.revision(tables.SCHEMA_VERSION))
                migrate(connection, version)
            metadata.create_all(connection)

    def _is_current(self) -> bool:
        with self._engine.connect() as connection, connection.begin():
            has_all = self._tables(connection) >= metadata.tables.keys()
            return has_all and known_version(connection) == tables.SCHEMA_VERSION

    def _tables(self, connection: Connection) -> frozenset[str]:
        """Which of our tables are there: none of a library yet to be made, else at least the core."""
        # A file may be taken away or replaced at any time, so it is looked into each time.
        if self.file is None and self._seen >= metadata.tables.keys():
            return self._seen
        names = self._names(connection)
        if not names:
            self._check_was_never_made("is empty")
        self._seen = names
        return names

    def _names(self, connection: Connection) -> frozenset[str]:
        names = frozenset(inspect(connection).get_table_names()) & metadata.tables.keys()
        if names and (lost := [table.name for table in CORE if table.name not in names]):
            raise DamagedLibrary(f"{self.words} has lost {', '.join(lost)}; {WAY_OUT}")
        return names

    def _check_was_never_made(self, what: str) -> None:
        if self._made_file and self._made_file.exists():
            raise LibraryError(
                f"{self.words} {what}, and segments were saved there; {WAY_OUT}. To begin with an "
                f"empty library, remove {self._made_file} too"
            )
        if self._seen:
            raise LibraryError(f"{self.words} {what}, and was there before; {WAY_OUT}")

    def _remember(self) -> None:
        if self._made_file and not self._made_file.exists():
            # Of a folder that may only be read nothing can be lost by us either.
            with suppress(OSError):
                make_folder(self._made_file.parent)
                make_file(self._made_file)

    @property
    def words(self) -> str:
        return f"the library at {self._url.render_as_string(hide_password=True)}"

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        """A transaction that sees one moment throughout; in SQLite each of them does."""
        level = {} if self._url.get_backend_name() == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        with self._engine.connect().execution_options(**level) as connection, connection.begin():
            yield connection

    @property
    def _reachable(self) -> bool:
        """Whether a look does not make a file."""
        return self.file is None or self.file.exists()

    @cached_property
    def file(self) -> Path | None:
        """The file of a SQLite library that is named by its path."""
        name = self._url.database or ""
        if self._url.get_backend_name() != "sqlite" or name.startswith("file:"):
            return None
        if name in ("", ":memory:"):
            raise LibraryError("a library in memory forgets everything at once; name a file")
        return Path(name)

    @cached_property
    def _url(self) -> URL:
        if isinstance(self.place, Path):
            return URL.create("sqlite", database=str(self.place))
        return make_url(self.place)

    @cached_property
    def _engine(self) -> Engine:
        if self._url.get_backend_name() != "sqlite":
            # A writer must see, once it has its turn, what the one before it wrote.
            return create_engine(self._url, isolation_level="READ COMMITTED", pool_pre_ping=True)
        engine = create_engine(self._url, poolclass=NullPool, connect_args={"timeout": PATIENCE})
        event.listen(engine, "connect", _leave_transactions_to_us)
        event.listen(engine, "begin", _begin)
        return engine

    @contextmanager
    def _words(self) -> Iterator[None]:
        """What the database or the disk raises inside becomes a `LibraryError`."""
        try:
            yield
        except ArgumentError as error:
            # The text may hold a password, so it is not repeated.
            raise LibraryError(
                f"DUCKMART_LIBRARY is no database URL that can be used: {kind(error)}"
            ) from error
        except ImportError as error:
            words = f"the library's database needs a driver: {error}; install it beside DuckMart"
            raise LibraryError(words) from error
        except (SQLAlchemyError, OSError) as error:
            kind_of_error = DamagedLibrary if any(one in str(error) for one in DAMAGE) else LibraryError
            raise kind_of_error(f"{self.words}: {advice(error)}") from error


def rows_of(connection: Connection) -> Rows:
    return lambda question: connection.execute(question).all()


def _no_rows(_: Select[Any]) -> Sequence[Row[Any]]:
    return ()


def _leave_transactions_to_us(connection: Any, _: Any) -> None:
    # Otherwise Python begins one only at the first write, after what was read to decide on it.
    connection.isolation_level = None


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def advice(error: Exception) -> str:
    text = str(error.orig if isinstance(error, DBAPIError) else error)
    matches = (words for sign, words in ADVICE.items() if sign in text)
    return next(matches, text.strip().partition("\n")[0])


def kind(error: Exception) -> str:
    return "unknown kind of database" if "plugin" in str(error) else "write driver://user:password@host/name"
