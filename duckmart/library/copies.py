"""A copy of a SQLite library, kept beside it before its tables are changed."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection

from duckmart.data.manifest import sync
from duckmart.files import make_file


def keep(connection: Connection, before: str) -> None:
    """Copy the file that a writing connection has open, as it is on the disk, to FILE.before-REVISION.

    A server's database has backups of its own, so nothing is done there.
    """
    if connection.dialect.name != "sqlite":
        return
    file = Path(connection.exec_driver_sql("PRAGMA database_list").all()[0][2])
    copy = file.with_name(f"{file.name}.before-{before}")
    draft = copy.with_name(f"{copy.name}.new")
    draft.unlink(missing_ok=True)
    make_file(draft)
    # Through SQLite: closing a file that was opened past it would end this process's locks on the library.
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(draft)) as target:
        source.backup(target)
    sync(draft)
    draft.replace(copy)
    sync(copy.parent)
