"""What each column holds, told by all of its cells: its type, how its values are written, the type of ids."""

from collections.abc import Sequence
from dataclasses import replace

from duckdb import DuckDBPyConnection

from duckmart.data.load.cells import ENOUGH, LoadedColumn, column_type, fits
from duckmart.data.load.header import REQUIRED
from duckmart.data.load.measured import Cells, Measurement, Steps, kinds
from duckmart.data.load.overrides import TypeOverride, types_of
from duckmart.data.load.source import Source
from duckmart.data.load.spellings import markers, spelled
from duckmart.data.load.staging import single, staged_names
from duckmart.errors import LoadError

MACROS = r"""
CREATE TEMP MACRO all_float_ids(x) AS bool_and(regexp_full_match(x, '(0|-?[1-9]\d*)\.0'));
"""

IDS = {
    "users": (
        "CREATE TEMP MACRO users_id(x) AS x",
        "CREATE TEMP MACRO users_id(x) AS left(x, length(x) - 2)",
    ),
    "events": (
        "CREATE TEMP MACRO events_id(x) AS x",
        "CREATE TEMP MACRO events_id(x) AS left(x, length(x) - 2)",
    ),
}
"""For each kind: its ids as they are, and as whole numbers when all end in .0."""

ID_TYPE = """
SELECT CASE
    WHEN count(*) > count(as_whole_id(users_id(user_id))) THEN 'VARCHAR'
    WHEN coalesce(min(as_whole_id(users_id(user_id))), 0) >= -2147483648
        AND coalesce(max(as_whole_id(users_id(user_id))), 0) <= 2147483647 THEN 'INTEGER'
    ELSE 'BIGINT'
END
FROM users_rows
WHERE user_id IS NOT NULL
"""

AS_USER_ID = {
    "INTEGER": "CREATE TEMP MACRO as_user_id(x) AS TRY_CAST(as_whole_id(x) AS INTEGER)",
    "BIGINT": "CREATE TEMP MACRO as_user_id(x) AS as_whole_id(x)",
    "VARCHAR": "CREATE TEMP MACRO as_user_id(x) AS x",
}


def typed_columns(
    con: DuckDBPyConnection, kind: str, sources: Sequence[Source], types: Sequence[TypeOverride] = ()
) -> list[LoadedColumn]:
    """The optional columns, with the types that are said or that all their cells together suggest."""
    overrides = types_of(kind, types)
    columns = [
        LoadedColumn(name, cell, "VARCHAR")
        for name, cell in staged_names(kind, sources).items()
        if name not in REQUIRED[kind]
    ]
    steps = {
        column.raw_name: forced(column, overrides[column.name.lower()], sources[0])
        if column.name.lower() in overrides
        else with_type(column)
        for column in columns
    }
    return list(Cells(con, kind).run(steps).values())


def with_type(column: LoadedColumn, share: float = ENOUGH) -> Steps[LoadedColumn]:
    """The column with its type, and with the spelling that at least this share of its cells has."""
    plain = yield from kinds()
    column = replace(column, type=column_type(plain), dates=plain["dates"], cells=plain["filled"])
    if fits(plain, column.type) < plain["filled"]:
        column = yield from spelled(column, plain, share)
    return (yield from markers(column, plain))


FORCED = {
    "decimal_comma": "from_said_comma",
    "date": "from_any_date",
    "day_first": "from_said_day_first",
    "month_first": "from_said_month_first",
    "yes_no": "from_yes_no",
}


def forced(column: LoadedColumn, kind: str, source: Source) -> Steps[LoadedColumn]:
    """The column as it is said to be, however few cells are so; the others are cleared."""
    column = replace(column, overridden=True)
    if kind == "text":
        return column
    if kind == "number":
        counts = yield Measurement("measure_amounts", "read_amount")
        spelling = "from_said_comma" if counts["comma"] > counts["point"] else "from_said_point"
    else:
        spelling = FORCED[kind]
    counts = yield from kinds(spelling)
    most = max(counts["numbers"], counts["timestamps"], counts["booleans"])
    type_ = column_type(
        counts | {"filled": most + counts["no_numbers"], "no_values": counts["no_numbers"], "codes": 0}
    )
    if type_ == "VARCHAR" and counts["filled"] > counts["no_values"]:
        words = f"not one value can be read as --type {column.name}={kind}"
        raise LoadError(words, file=source.path, column=column.name)
    return (yield from markers(replace(column, type=type_, spelling=spelling), counts))


def read_ids(con: DuckDBPyConnection, at_least: str) -> str:
    """Make the macros that read user ids; gives the ids' type, which holds all values of `at_least` too."""
    users, events = IDS["users"], IDS["events"]
    con.execute(users[at_least != "VARCHAR" and all_float_ids(con, "users")])
    kind: str = max(at_least, single(con.execute(ID_TYPE)), key=list(AS_USER_ID).index)
    # Ids of events are whole numbers only if those of users are.
    con.execute(events[kind != "VARCHAR" and all_float_ids(con, "events")])
    con.execute(AS_USER_ID[kind])
    return kind


def all_float_ids(con: DuckDBPyConnection, kind: str) -> bool:
    example = single(con.view(f"{kind}_rows").aggregate("any_value(user_id)"))
    if not str(example).endswith(".0"):
        return False
    return bool(Cells(con, kind).all_cells("all_float_ids", "user_id"))
