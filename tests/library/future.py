"""A DuckMart of tomorrow, whose tables are of version 2: one more table.

python -m tests.library.future FOLDER PLACE ROLE=WORD ...

Runs the roles of `racer.py` with it; FOLDER gets its script, each run of which adds a line to FOLDER/ran.
With the variable PAUSE it waits in the middle, after it has said so, to be killed.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Column, String, Table, Text

from duckmart.library import migrations, tables
from tests.library import racer

SCRIPT = """
import os
import time
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.create_table("segment_notes", sa.Column("id", sa.String(64), primary_key=True))
    if os.environ.get("PAUSE"):
        print("in the middle", flush=True)
        time.sleep(60)
    op.add_column("segment_notes", sa.Column("note", sa.Text))
    op.execute("INSERT INTO segment_notes SELECT id, 'of old' FROM saved_segments")
    with (Path(__file__).parent / "ran").open("a") as file:
        file.write("once\\n")
"""


@contextmanager
def tomorrow(folder: Path) -> Iterator[Table]:
    """Inside, this process is that DuckMart; gives the new table."""
    folder.mkdir(exist_ok=True)
    (folder / "v0002_notes.py").write_text(SCRIPT)
    today = tables.SCHEMA_VERSION, migrations.VERSIONS
    tables.SCHEMA_VERSION, migrations.VERSIONS = 2, (*migrations.VERSIONS, folder)
    notes = Table("segment_notes", tables.metadata, Column("id", String(64), primary_key=True))
    notes.append_column(Column("note", Text))
    try:
        yield notes
    finally:
        tables.SCHEMA_VERSION, migrations.VERSIONS = today
        tables.metadata.remove(notes)


def main(folder: str, place: str, *runners: str) -> None:
    with tomorrow(Path(folder)):
        racer.main(place, *runners)


if __name__ == "__main__":
    main(*sys.argv[1:])
