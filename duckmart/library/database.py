"""The library's tables, and how they are read and written: SQLite by default, a shared database by its URL.

    segment_library     one row: the version of these tables; a writer locks it, so writers take turns
    saved_segments      one row per id ever used: its current version, and whether it is deleted
    segment_revisions   one row per version: all of the segment as it was then; never changed
    segment_references  which segments the current spec of a segment refers to
    segment_rows        of versions saved with rows that do not count, all their rows as the builder has them
    segment_drafts      what is being built and was perhaps never saved

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

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    DateTime,
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    Row,
    Select,
    String,
    Table,
    Text,
    create_engine,
    event,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, ProgrammingError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from duckmart.errors import LibraryError
from duckmart.files import make_file, make_folder
from duckmart.library import copies, migrations

SCHEMA_VERSION = 1
"""The version of these tables, raised with each change of them; see `migrations`."""

PATIENCE = 30.0
"""Seconds to wait for another process that writes to a SQLite library."""

metadata = MetaData()

library = Table(
    "segment_library",
    metadata,
    Column("row", Integer, CheckConstraint("row = 1"), primary_key=True, autoincrement=False),
    Column("schema_version", Integer, nullable=False),
)
segments = Table(
    "saved_segments",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("created", DateTime, nullable=False),
)
revisions = Table(
    "segment_revisions",
    metadata,
    Column("segment", String(64), ForeignKey("saved_segments.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("action", String(16), nullable=False),
    Column("updated", DateTime, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("spec", Text, nullable=False),
)
references = Table(
    "segment_references",
    metadata,
    Column("segment", String(64), ForeignKey("saved_segments.id"), primary_key=True),
    Column("used", String(64), ForeignKey("saved_segments.id"), primary_key=True, index=True),
    Column("path", Text, nullable=False),
)
kept_rows = Table(
    "segment_rows",
    metadata,
    Column("segment", String(64), ForeignKey("saved_segments.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("document", Text, nullable=False),
)
drafts = Table(
    "segment_drafts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("edition", Integer, nullable=False),
    Column("updated", DateTime, nullable=False, index=True),
    Column("document", Text, nullable=False),
)

# Without one of these it is no library, whichever version of DuckMart made it.
CORE = (library, segments, revisions, references)

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


WAY_OUT = "look whether its disk is there, or put a backup in its place; nothing was written"


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

    def close(self) -> None:
        """End the connections that are kept open for the next question; one asked later opens others."""
        if "_engine" in self.__dict__:
            self._engine.dispose()

    def _make(self) -> None:
        """Make or migrate the tables, unless they are as they should be; of several processes, one does."""
        if self._file:
            if not self._file.exists():
                self._check_was_never_made("is gone")
            make_folder(self._file.parent)
            make_file(self._file)
        try:
            if not self._is_current():
                self._create_or_migrate()
        except (IntegrityError, ProgrammingError):
            # Another process was faster, in a database where making tables takes no turns.
            if not self._is_current():
                raise

    def _create_or_migrate(self) -> None:
        with self._transaction() as connection:
            if not self._tables(connection):
                create(connection)
                return
            version = known_version(connection)
            if version < SCHEMA_VERSION:
                copies.keep(connection, before=migrations.revision(SCHEMA_VERSION))
                migrate(connection, version)
            metadata.create_all(connection)

    def _is_current(self) -> bool:
        with self._engine.connect() as connection, connection.begin():
            has_all = self._tables(connection) >= metadata.tables.keys()
            return has_all and known_version(connection) == SCHEMA_VERSION

    def _tables(self, connection: Connection) -> frozenset[str]:
        """Which of our tables are there: none of a library yet to be made, else at least the core."""
        # A file may be taken away or replaced at any time, so it is looked into each time.
        if self._file is None and self._seen >= metadata.tables.keys():
            return self._seen
        names = frozenset(inspect(connection).get_table_names()) & metadata.tables.keys()
        if not names:
            self._check_was_never_made("is empty")
        elif lost := [table.name for table in CORE if table.name not in names]:
            raise LibraryError(f"{self._words_for_place} has lost {', '.join(lost)}; {WAY_OUT}")
        self._seen = names
        return names

    def _check_was_never_made(self, what: str) -> None:
        if self._made_file and self._made_file.exists():
            raise LibraryError(
                f"{self._words_for_place} {what}, and segments were saved there; {WAY_OUT}. To begin with an "
                f"empty library, remove {self._made_file} too"
            )
        if self._seen:
            raise LibraryError(f"{self._words_for_place} {what}, and was there before; {WAY_OUT}")

    def _remember(self) -> None:
        if self._made_file and not self._made_file.exists():
            # Of a folder that may only be read nothing can be lost by us either.
            with suppress(OSError):
                make_folder(self._made_file.parent)
                make_file(self._made_file)

    @property
    def _words_for_place(self) -> str:
        return f"the library at {self._url.render_as_string(hide_password=True)}"

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    @property
    def _reachable(self) -> bool:
        """Whether a look does not make a file."""
        return self._file is None or self._file.exists()

    @cached_property
    def _file(self) -> Path | None:
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
            raise LibraryError(f"{self._words_for_place}: {advice(error)}") from error


def rows_of(connection: Connection) -> Rows:
    return lambda question: connection.execute(question).all()


def _no_rows(_: Select[Any]) -> Sequence[Row[Any]]:
    return ()


def create(connection: Connection) -> None:
    """Make an empty library."""
    metadata.create_all(connection)
    connection.execute(insert(library).values(row=1, schema_version=SCHEMA_VERSION))


def migrate(connection: Connection, version: int) -> None:
    """Bring a library of an older version to this one."""
    migrations.migrate(connection, version, SCHEMA_VERSION)
    connection.execute(update(library).values(schema_version=SCHEMA_VERSION))


def known_version(connection: Connection) -> int:
    """The version of the tables, of today or older. Raises `LibraryError` if it is newer.

    Where the database has row locks, writers wait here for their turn; SQLite has none and needs none.
    """
    question = select(library.c.schema_version)
    writes = connection.get_execution_options().get("writes")
    version = connection.scalar(question.with_for_update() if writes else question)
    if version is None:
        raise LibraryError(f"the library has lost the row of its version; {WAY_OUT}")
    if not migrations.FIRST <= version <= SCHEMA_VERSION:
        raise LibraryError(
            f"the library's tables are of version {version}, this DuckMart knows version {SCHEMA_VERSION}; "
            "install a newer DuckMart, at least the one that wrote them; nothing was changed"
        )
    return int(version)


def _leave_transactions_to_us(connection: Any, _: Any) -> None:
    # Otherwise Python begins one only at the first write, after what was read to decide on it.
    connection.isolation_level = None


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def advice(error: Exception) -> str:
    text = str(error.orig if isinstance(error, DBAPIError) else error)
    known = (words for said, words in ADVICE.items() if said in text)
    return next(known, text.strip().partition("\n")[0])


def kind(error: Exception) -> str:
    return "unknown kind of database" if "plugin" in str(error) else "write driver://user:password@host/name"
