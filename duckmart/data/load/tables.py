"""From input files to tables: staged as text, judged row by row and cell by cell, written sorted.

    users files  -> users_raw  -+-> user_attributes        broken: records that are no rows
    events files -> events_raw -+-> user_events            refused, cleared: rows and cells not loaded

The raw tables hold text, see staging.py. The books (inputs, lines, broken, refused, cleared) serve both kinds
of file, and call the kind `file`; `place` is the file's among those of its kind.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from duckdb import (
    ColumnExpression,
    ConstantExpression,
    DuckDBPyConnection,
    DuckDBPyRelation,
    Expression,
    FunctionExpression,
)

from duckmart.data.load import cells, columns, lists, spellings, times
from duckmart.data.load.cells import LoadedColumn
from duckmart.errors import LoadError

CUT_REASON = "the time of day, as the column holds dates"

TABLES = {"users": "user_attributes", "events": "user_events"}
NEW_TABLES = {kind: f"made.{table}" for kind, table in TABLES.items()}

BOOKS = """
CREATE TABLE known_names (event_name VARCHAR);
CREATE TABLE inputs (file VARCHAR, place BIGINT, path VARCHAR, rows BIGINT);
CREATE TABLE lines (file VARCHAR, place BIGINT, row BIGINT, shift BIGINT);
CREATE TABLE broken (file VARCHAR, place BIGINT, line BIGINT, value VARCHAR, reason VARCHAR);
CREATE TABLE no_rows (file VARCHAR, row BIGINT, reason VARCHAR);
CREATE TABLE refused (file VARCHAR, row BIGINT, column_name VARCHAR, value VARCHAR, reason VARCHAR);
CREATE TABLE cleared (file VARCHAR, row BIGINT, column_name VARCHAR, value VARCHAR, reason VARCHAR);
CREATE TABLE cut (file VARCHAR, row BIGINT, column_name VARCHAR, value VARCHAR, reason VARCHAR);
"""

REFUSE_USERS = """
INSERT INTO refused
SELECT
    'users', row, 'user_id', user_id,
    CASE WHEN user_id IS NULL THEN 'missing user_id' ELSE 'duplicate user_id, the first is kept' END
FROM users_rows
QUALIFY user_id IS NULL OR row_number() OVER (PARTITION BY user_id ORDER BY row) > 1;

CREATE VIEW users_kept AS
SELECT raw.rowid AS row, raw.*
FROM users_raw AS raw
ANTI JOIN (SELECT row FROM refused WHERE file = 'users') AS refused ON refused.row = raw.rowid;
"""

REFUSE_EVENTS = """
INSERT INTO refused
SELECT
    'events', row,
    CASE
        WHEN reason IN ('missing user_id', 'no such user') THEN 'user_id'
        WHEN reason = 'missing event_name' THEN 'event_name'
        ELSE 'timestamp'
    END AS column_name,
    CASE column_name WHEN 'user_id' THEN user_id WHEN 'timestamp' THEN timestamp END,
    reason
FROM (
    SELECT
        raw.row, raw.user_id, raw.timestamp,
        CASE
            WHEN raw.user_id IS NULL THEN 'missing user_id'
            WHEN raw.event_name IS NULL THEN 'missing event_name'
            WHEN raw.timestamp IS NULL THEN 'missing timestamp'
            WHEN raw.time IS NULL THEN time_fault(raw.timestamp, NULL)
            WHEN raw.time > CAST($now AS TIMESTAMP) + INTERVAL 1 DAY THEN 'in the future'
            WHEN users.user_id IS NULL THEN 'no such user'
        END AS reason
    FROM (SELECT *, as_event_time(timestamp) AS time FROM events_rows) AS raw
    LEFT JOIN made.user_attributes AS users ON users.user_id = as_user_id(events_id(raw.user_id))
)
WHERE reason IS NOT NULL
"""

SWAPPED_IDS = """
SELECT inputs.path, events_raw.event_name
FROM events_raw
SEMI JOIN made.user_attributes ON user_attributes.user_id = as_user_id(events_raw.event_name)
JOIN inputs ON inputs.file = 'events' AND inputs.place = 0
WHERE (SELECT count(*) FROM refused WHERE file = 'events') = (SELECT count(*) FROM events_raw)
LIMIT 1
"""

KEEP_EVENTS = """
CREATE VIEW events_kept AS
SELECT raw.rowid AS row, raw.*
FROM events_raw AS raw
ANTI JOIN (SELECT row FROM refused WHERE file = 'events') AS refused ON refused.row = raw.rowid;

CREATE TYPE made.event_name AS ENUM (
    SELECT DISTINCT event_name
    FROM (SELECT event_name FROM events_kept UNION ALL FROM known_names)
    ORDER BY event_name
);
CREATE TEMP MACRO as_event_name(x) AS CAST(x AS made.event_name);
"""

REJECTS = """
CREATE VIEW rejects AS
SELECT file, place, line, "column", value, action, reason
FROM (
    SELECT file, place, line, NULL AS "column", value, 'refused' AS action, reason FROM broken
    UNION ALL
    SELECT refused.file, place, refused.row + shift, column_name, value, 'refused', reason
    FROM refused ASOF JOIN lines ON refused.file = lines.file AND refused.row >= lines.row
    UNION ALL
    SELECT cleared.file, place, cleared.row + shift, column_name, value, 'cleared', reason
    FROM cleared ASOF JOIN lines ON cleared.file = lines.file AND cleared.row >= lines.row
    UNION ALL
    SELECT cut.file, place, cut.row + shift, column_name, value, 'cut', reason
    FROM cut ASOF JOIN lines ON cut.file = lines.file AND cut.row >= lines.row
)
"""

REJECTS_FILE = """
CREATE TABLE rejects_file AS
SELECT path AS file, line, "column", value, action, reason
FROM rejects JOIN inputs USING (file, place)
ORDER BY rejects.file = 'events', place, line, "column"
"""

FIRST_REJECT = """
SELECT path, line, "column", value, reason, count(*) OVER () - 1
FROM rejects JOIN inputs USING (file, place)
WHERE file = $file
ORDER BY place, line, "column"
LIMIT 1
"""

REFUSED_BY = """
SELECT reason, count(*) FROM (
    SELECT file, reason FROM broken UNION ALL SELECT file, reason FROM refused
) WHERE file = $file GROUP BY reason ORDER BY count(*) DESC, reason
"""

ROWS_BY_FILE = """
SELECT any_value(rows), count(*) FILTER (action = 'refused')
FROM inputs LEFT JOIN rejects USING (file, place)
WHERE file = $file
GROUP BY place
ORDER BY place
"""

CLEARED_BY = """
SELECT column_name || ': ' || reason, count(*) FROM cleared
WHERE file = $file GROUP BY ALL ORDER BY count(*) DESC, 1
"""

CUT_BY = """
SELECT column_name || ': ' || reason, count(*) FROM cut
WHERE file = $file GROUP BY ALL ORDER BY count(*) DESC, 1
"""

CHECKS = {
    "a user is there twice": "SELECT count(*) - count(DISTINCT user_id) FROM user_attributes",
    "an event has no user": "SELECT count(*) FROM user_events ANTI JOIN user_attributes USING (user_id)",
    "the time of the load is missing": "SELECT 1 - count(*) FROM load_info",
}


def prepare(con: DuckDBPyConnection, database: Path) -> None:
    """Open the database to be made, and make the macros and books that the rest works with."""
    con.execute("SET TimeZone = 'UTC'")
    con.execute("ATTACH $path AS made", {"path": str(database)})
    con.execute(cells.MACROS)
    con.execute(lists.MACROS)
    con.execute(spellings.MACROS)
    con.execute(times.MACROS)
    con.execute(columns.MACROS)
    con.execute(BOOKS)
    con.execute(REJECTS)


def rows_by_file(con: DuckDBPyConnection, kind: str) -> list[tuple[int, int]]:
    """Of each file, how many rows there are, and how many of them are refused."""
    return con.execute(ROWS_BY_FILE, {"file": kind}).fetchall()


def kept_users(con: DuckDBPyConnection, loaded_columns: Sequence[LoadedColumn]) -> DuckDBPyRelation:
    """Refuse rows without a user id or with one seen before; gives the others, typed."""
    con.execute(REFUSE_USERS)
    note_cleared(con, "users", loaded_columns)
    return con.view("users_kept").select(
        read("as_user_id", read("users_id", ColumnExpression("user_id"))).alias("user_id"),
        *(column.value.alias(column.name) for column in loaded_columns),
    )


def create_users(con: DuckDBPyConnection, users: DuckDBPyRelation) -> None:
    users.sort(ColumnExpression("user_id")).create(NEW_TABLES["users"])
    con.execute("ALTER TABLE made.user_attributes ADD PRIMARY KEY (user_id)")


def refuse_events(con: DuckDBPyConnection, loaded_columns: Sequence[LoadedColumn], now: datetime) -> None:
    """Refuse rows that lack what is required, lie too far after `now`, or belong to no loaded user."""
    con.execute(REFUSE_EVENTS, {"now": now})
    refuse_swapped_ids(con)
    con.execute(KEEP_EVENTS)
    note_cleared(con, "events", loaded_columns)


def refuse_swapped_ids(con: DuckDBPyConnection) -> None:
    """Raise `LoadError` when no event belongs to a user, but event names are user ids."""
    for path, name in con.execute(SWAPPED_IDS).fetchall():
        words = f"the event_name {name!r} is a user id, and no user_id is: are the two columns swapped?"
        raise LoadError(words, file=path)


def kept_events(con: DuckDBPyConnection, loaded_columns: Sequence[LoadedColumn]) -> DuckDBPyRelation:
    """The events that are not refused, typed."""
    return con.view("events_kept").select(
        read("as_user_id", read("events_id", ColumnExpression("user_id"))).alias("user_id"),
        read("as_event_name", ColumnExpression("event_name")).alias("event_name"),
        read("as_event_time", ColumnExpression("timestamp")).alias("timestamp"),
        *(column.value.alias(column.name) for column in loaded_columns),
    )


def create_events(events: DuckDBPyRelation) -> None:
    """In the order of docs/decisions/0001-physical-layout.md."""
    order = [ColumnExpression(name) for name in ("event_name", "user_id", "timestamp")]
    events.sort(*order).create(NEW_TABLES["events"])


def read(macro: str, text: Expression) -> Expression:
    return FunctionExpression(macro, text)


def note_cleared(con: DuckDBPyConnection, kind: str, loaded_columns: Sequence[LoadedColumn]) -> None:
    """List the cells that are loaded without their value, and those without their time of day."""
    books = [(column, "cleared", column.is_cleared) for column in loaded_columns if column.type != "VARCHAR"]
    books += [(column, "cut", column.is_cut) for column in loaded_columns if column.type == "DATE"]
    if not books:
        return
    # Most columns have no such cell; to ask that of all at once is far quicker than a statement for each.
    is_there = [FunctionExpression("bool_or", which) for *_, which in books]
    (answers,) = con.view(f"{kind}_kept").aggregate(is_there).fetchall()
    for (column, book, which), there in zip(books, answers, strict=True):
        if there:
            reason = column.fault if book == "cleared" else ConstantExpression(CUT_REASON)
            note_cells(con, kind, column, which, reason, book)


def note_cells(
    con: DuckDBPyConnection, kind: str, column: LoadedColumn, which: Expression, reason: Expression, book: str
) -> None:
    entry = (ConstantExpression(kind), ColumnExpression("row"), ConstantExpression(column.name))
    cells = con.view(f"{kind}_kept").filter(which)
    cells.select(*entry, ColumnExpression(column.raw_name), reason).insert_into(book)


def finish(con: DuckDBPyConnection, now: datetime) -> None:
    """Write the time of the load, and everything to the one file."""
    con.execute("CREATE TABLE made.load_info AS SELECT CAST($now AS TIMESTAMP) AS loaded_at", {"now": now})
    con.execute("CHECKPOINT made")
    con.execute("DETACH made")


def refuse_rejects(con: DuckDBPyConnection, kind: str) -> None:
    """Raise `LoadError` for the first row refused or cell cleared so far, of those of this kind."""
    for path, line, column, value, reason, more in con.execute(FIRST_REJECT, {"file": kind}).fetchall():
        others = f" ({more:,} more)" if more else ""
        raise LoadError(f"{value!r} is refused: {reason}{others}", file=path, line=line, column=column)


def write_rejects(con: DuckDBPyConnection, path: Path) -> None:
    con.execute(REJECTS_FILE)
    con.table("rejects_file").write_csv(str(path), header=True)


def tally(con: DuckDBPyConnection, query: str, kind: str) -> dict[str, int]:
    return dict(con.execute(query, {"file": kind}).fetchall())
