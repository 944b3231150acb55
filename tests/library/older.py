"""A library that was written with the first version of the tables: `library-of-version-1.sql`."""

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import create_engine, text

from duckmart.library.drafts import StoredDraft
from duckmart.library.library import Library
from duckmart.library.saved import Action

DUMP = Path(__file__).with_name("library-of-version-1.sql").read_text("utf-8")
BEGAN = datetime(2026, 11, 20, 9, 30)
ROWS = '{"rows": ["O\'Neil", "50% ñ 🦆", null]}'
TABLES = (
    "segment_library",
    "saved_segments",
    "segment_revisions",
    "segment_references",
    "segment_rows",
    "segment_drafts",
)


def put(place: str | Path, without: tuple[str, ...] = ()) -> None:
    """Make the library at a place where there is nothing yet; `without` some of its tables."""
    if isinstance(place, Path):
        place.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(place)) as file:
            file.executescript(DUMP)
            drop(file, without)
    else:
        copy_to_postgres(place, without)


def drop(file: sqlite3.Connection, tables: tuple[str, ...]) -> None:
    for table in tables:
        file.execute(f"DROP TABLE {table}")


def copy_to_postgres(url: str, without: tuple[str, ...]) -> None:
    engine = create_engine(url)
    with closing(sqlite3.connect(":memory:")) as source, engine.begin() as target:
        source.executescript(DUMP)
        drop(source, without)
        kinds = "CASE WHEN type = 'table' THEN 0 ELSE 1 END, name = 'saved_segments' DESC"
        for (statement,) in source.execute(f"SELECT sql FROM sqlite_master WHERE sql > '' ORDER BY {kinds}"):
            target.exec_driver_sql(statement.replace("DATETIME", "TIMESTAMP"))
        for table in TABLES:
            if table not in without:
                copy_rows(source, target, table)
    engine.dispose()


def copy_rows(source, target, table: str) -> None:
    cursor = source.execute(f"SELECT * FROM {table}")
    names = [column[0] for column in cursor.description]
    values = ", ".join(f":{name}" for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    for row in cursor.fetchall():
        kept = {
            name: bool(cell) if name == "deleted" else cell for name, cell in zip(names, row, strict=True)
        }
        target.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), kept)


def check(library: Library, *, rows: bool = True, drafts: bool = True) -> None:
    """Everything that the library holds, to the last microsecond."""
    assert {one.id: one.version for one in library.listed()} == {"adults": 3, "vip": 1, "back": 3}
    assert {one.id: one.version for one in library.deleted()} == {"gone": 2}
    history = library.history("adults")
    assert [one.action for one in history] == [Action.CREATED, Action.SAVED, Action.DESCRIBED]
    assert [one.saved.name for one in history] == ["Adults", "Adults", "Grown-ups"]
    assert [one.saved.updated - BEGAN for one in history] == [
        timedelta(0),
        timedelta(hours=1, microseconds=5),
        timedelta(hours=2),
    ]
    ages = [one.saved.spec["user_filters"][0]["value"] for one in history]
    assert ages == [18, Decimal("21.5"), Decimal("21.5")]
    newest = history[-1].saved
    assert (newest.owner, newest.tags, newest.created) == ("Ann O'Neil", ("age", "core"), BEGAN)
    assert library.used_by("adults") == ("vip",)
    assert [one.action for one in library.history("gone")] == [Action.CREATED, Action.DELETED]
    assert [one.action for one in library.history("back")][-1] is Action.RESTORED
    if rows:
        assert [library.kept_rows("adults", version) for version in (1, 2, 3)] == [None, ROWS, ROWS]
    if drafts:
        assert library.draft("draft-1") == StoredDraft('{"name": "🦆🦆"}', 2)
        assert library.draft("draft-2") == StoredDraft("{}", 1)
