"""What each column holds, told by all of its cells: its type, and how its values are written.

Some spellings only a whole column can tell: 1.234,56 and 31.12.2026, seconds since 1970, ids as 17.0. One is
taken only where every value of the column has it, and one at least can be nothing else. Each is a macro that
gives the text as it is written elsewhere: 1234.56, 2026-12-31.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from duckdb import ColumnExpression, DuckDBPyConnection, FunctionExpression

from duckmart.errors import LoadError
from duckmart.load.cells import Column, column_type
from duckmart.load.header import REQUIRED
from duckmart.load.source import Source
from duckmart.load.staging import single, staged_names

MACROS = r"""
CREATE TEMP MACRO from_comma(x) AS replace(replace(x, '.', ''), ',', '.');
CREATE TEMP MACRO measure_commas(x) AS struct_pack(
    filled := count(x),
    fits := count(*) FILTER (regexp_full_match(x, '-?(0|[1-9]\d*|[1-9]\d{0,2}(\.\d{3})+)(,\d+)?')),
    -- Before or after three digits, a comma may as well part thousands.
    proofs := count(*) FILTER (regexp_matches(x, ',(\d{1,2}|\d{4,})$|\.\d+,|\d{4},|^-?0,'))
);

CREATE TEMP MACRO is_day_month(x) AS regexp_full_match(
    x, '\d{1,2}[./-]\d{1,2}[./-]\d{4}([T ]\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?'
);
CREATE TEMP MACRO from_day_first(x) AS
    regexp_replace(x, '^(\d{1,2})[./-](\d{1,2})[./-](\d{4})', '\3-\2-\1');
CREATE TEMP MACRO from_month_first(x) AS
    regexp_replace(x, '^(\d{1,2})[./-](\d{1,2})[./-](\d{4})', '\3-\1-\2');
CREATE TEMP MACRO measure_days(x) AS struct_pack(
    filled := count(x),
    fits := count(*) FILTER (is_day_month(x)),
    from_day_first := count(as_timestamp(from_day_first(x))),
    from_month_first := count(as_timestamp(from_month_first(x)))
);

CREATE TEMP MACRO measure_times(x) AS struct_pack(
    filled := count(x),
    plain := count(as_timestamp(x)),
    -- From 1980 to 2100.
    seconds := count(*) FILTER (
        regexp_full_match(x, '\d{9,10}') AND TRY_CAST(x AS BIGINT) BETWEEN 315532800 AND 4102444800
    ),
    milliseconds := count(*) FILTER (
        regexp_full_match(x, '\d{12,13}') AND TRY_CAST(x AS BIGINT) BETWEEN 315532800000 AND 4102444800000
    ),
    example := min(x) FILTER (as_timestamp(x) IS NULL)
);

CREATE TEMP MACRO all_float_ids(x) AS bool_and(regexp_full_match(x, '(0|-?[1-9]\d*)\.0'));
"""

AS_EVENT_TIME = {
    "": "CREATE TEMP MACRO as_event_time(x) AS as_timestamp(x)",
    "seconds": "CREATE TEMP MACRO as_event_time(x) AS make_timestamp(CAST(x AS BIGINT) * 1000000)",
    "milliseconds": "CREATE TEMP MACRO as_event_time(x) AS make_timestamp(CAST(x AS BIGINT) * 1000)",
    "from_day_first": "CREATE TEMP MACRO as_event_time(x) AS as_timestamp(from_day_first(x))",
    "from_month_first": "CREATE TEMP MACRO as_event_time(x) AS as_timestamp(from_month_first(x))",
}

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

AMBIGUOUS = "may be day or month first; write the year first, as in 2026-12-31"


@dataclass(frozen=True)
class Cells:
    """All rows of a kind, as staged."""

    con: DuckDBPyConnection
    kind: str

    def measured(self, macro: str, staged: str, spelling: str = "") -> Any:
        """What a macro that measures finds in all cells of a column."""
        text = ColumnExpression(staged)
        seen = FunctionExpression(spelling, text) if spelling else text
        return single(self.con.view(f"{self.kind}_rows").aggregate([FunctionExpression(macro, seen)]))

    def kinds(self, staged: str, spelling: str = "") -> Any:
        """What `measure` finds in all cells of a column."""
        text = ColumnExpression(staged)
        seen = FunctionExpression(spelling, text) if spelling else text
        texts = self.con.view(f"{self.kind}_rows").select(seen.alias("x"))
        return single(texts.aggregate("x, count(*) AS times", "x").aggregate("measure(x, times)"))


def typed_columns(con: DuckDBPyConnection, kind: str, sources: Sequence[Source]) -> list[Column]:
    """The optional columns, with the types that all their cells together suggest."""
    staged = {name: cell for name, cell in staged_names(kind, sources).items() if name not in REQUIRED[kind]}
    cells = Cells(con, kind)
    measured = ((name, cell, cells.kinds(cell)) for name, cell in staged.items())
    return [
        spelled(Column(name, cell, column_type(found)), found["example"], cells)
        for name, cell, found in measured
    ]


def spelled(column: Column, example: str | None, cells: Cells) -> Column:
    """A text column as what it is in a spelling of its own, if all its cells have one."""
    if example is None or column.type != "VARCHAR":
        return column
    if re.search(r"\d,\d", example):
        return decimal_commas(column, cells)
    if re.match(r"\d{1,2}[./-]\d{1,2}[./-]\d{4}", example):
        return days_first(column, cells)
    return column


def decimal_commas(column: Column, cells: Cells) -> Column:
    found = cells.measured("measure_commas", column.staged)
    certain = found["fits"] == found["filled"] and found["proofs"] > 0
    return retyped(column, "from_comma", cells) if certain else column


def days_first(column: Column, cells: Cells) -> Column:
    found = cells.measured("measure_days", column.staged)
    if order := order_of_days(found):
        return retyped(column, order, cells)
    return replace(column, doubt=AMBIGUOUS) if found["fits"] == found["filled"] else column


def retyped(column: Column, spelling: str, cells: Cells) -> Column:
    kind = column_type(cells.kinds(column.staged, spelling))
    return replace(column, type=kind, spelling=spelling) if kind != "VARCHAR" else column


def order_of_days(found: Mapping[str, Any]) -> str:
    """The one order of day and month in which all cells are dates."""
    orders = [order for order in ("from_day_first", "from_month_first") if found[order] == found["filled"]]
    return orders[0] if len(orders) == 1 and found["fits"] == found["filled"] else ""


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
    return bool(Cells(con, kind).measured("all_float_ids", "user_id"))


def read_times(con: DuckDBPyConnection, sources: Sequence[Source]) -> None:
    """Make the macro that reads the times of events. Raises `LoadError` when not one of them is a time."""
    con.execute(AS_EVENT_TIME[time_spelling(con, sources)])


def time_spelling(con: DuckDBPyConnection, sources: Sequence[Source]) -> str:
    if single(con.view("events_rows").aggregate("as_timestamp(any_value(timestamp)) IS NOT NULL")):
        return ""
    found = Cells(con, "events").measured("measure_times", "timestamp")
    if found["plain"] or not found["filled"]:
        return ""
    for unit in ("seconds", "milliseconds"):
        if found[unit] == found["filled"]:
            return unit
    days = Cells(con, "events").measured("measure_days", "timestamp")
    if order := order_of_days(days):
        return order
    words = AMBIGUOUS if days["fits"] == days["filled"] else "is no time; one is 2026-12-31 23:59:59"
    raise LoadError(
        f"{found['example']!r} {words}. No row has a time here{elsewhere(con, sources)}",
        file=sources[0].path,
        column="timestamp",
    )


def elsewhere(con: DuckDBPyConnection, sources: Sequence[Source]) -> str:
    """Words about another column that holds times."""
    for name, cell in staged_names("events", sources).items():
        found = Cells(con, "events").measured("measure_times", cell)
        if found["filled"] and found["filled"] in (found["plain"], found["seconds"], found["milliseconds"]):
            return f", but the column {name!r} holds times; if they belong here: --map timestamp={name}"
    return ""
