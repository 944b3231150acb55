"""The library's tables and their version.

segment_library     one row: the version of these tables; a writer locks it, so writers take turns
saved_segments      one row per id ever used: its current version, and whether it is deleted
segment_revisions   one row per version: all of the segment as it was then; never changed
segment_references  which segments the current spec of a segment refers to
segment_rows        of versions saved with rows that do not count, all their rows as the builder has them
segment_drafts      what is being built and was perhaps never saved
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    insert,
    select,
    update,
)

from duckmart.errors import DamagedLibrary, LibraryError
from duckmart.library import migrations

SCHEMA_VERSION = 1
"""The version of these tables, raised with each change of them; see `migrations`."""

WAY_OUT = (
    "look whether its disk is there, or put a backup in its place with `python -m duckmart restore FILE`; "
    "nothing was written"
)

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


def create(connection: Connection) -> None:
    """Make an empty library."""
    metadata.create_all(connection)
    connection.execute(insert(library).values(row=1, schema_version=SCHEMA_VERSION))


def make(connection: Connection, version: int) -> None:
    """Make an empty library of this version or an older one."""
    if version == SCHEMA_VERSION:
        create(connection)
        return
    migrations.migrate(connection, 0, version)
    connection.execute(insert(library).values(row=1, schema_version=version))


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
        raise DamagedLibrary(f"the library has lost the row of its version; {WAY_OUT}")
    if not migrations.FIRST <= version <= SCHEMA_VERSION:
        raise LibraryError(
            f"the library's tables are of version {version}, this DuckMart knows version {SCHEMA_VERSION}; "
            "install a newer DuckMart, at least the one that wrote them; nothing was changed"
        )
    return int(version)
