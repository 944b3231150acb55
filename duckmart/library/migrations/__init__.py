"""The steps from an older library's tables to today's, as Alembic scripts in `versions`.

To change the tables: change them in `tables.py`, raise `SCHEMA_VERSION` there, and add the script
`vNNNN_what.py` whose revision is that number in four digits. A script describes its tables itself: those in
`tables.py` go on changing. A test compares what the scripts make with `tables.py`.

Readers do not migrate, so they meet older tables until somebody writes. A table that is missing reads as
empty; a script that changes a column which is read needs queries that cope with both.

Alembic is imported only when there is something to migrate: it takes longer than most commands.
"""

from pathlib import Path
from threading import Lock

from sqlalchemy import Connection

FOLDER = Path(__file__).parent
FIRST = 1
"""The first version of the tables; libraries of it may lack tables, which the first script makes."""

VERSIONS: tuple[Path, ...] = (FOLDER / "versions",)
"""The folders of the scripts."""

# `alembic.op`, through which scripts speak to the database, is one for the process.
_one_at_a_time = Lock()


def migrate(connection: Connection, version: int, to: int) -> None:
    """Bring tables of this version to a later one, in the caller's transaction; 0 is no tables yet."""
    # ImportResult here: see above.
    from alembic.migration import MigrationContext  # noqa: PLC0415
    from alembic.operations import Operations  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    scripts = ScriptDirectory(str(FOLDER), version_locations=[str(folder) for folder in VERSIONS])
    lower = "base" if version <= FIRST else revision(version)
    steps = reversed(list(scripts.iterate_revisions(revision(to), lower)))
    with _one_at_a_time, Operations.context(MigrationContext.configure(connection)):
        for step in steps:
            step.module.upgrade()


def revision(version: int) -> str:
    """The Alembic revision that makes the tables of a version."""
    return f"{version:04}"
