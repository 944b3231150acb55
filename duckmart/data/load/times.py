"""How the times of events are written: as ISO, as seconds since 1970, or with the day or the month first."""

from collections.abc import Mapping, Sequence

from duckdb import DuckDBPyConnection

from duckmart.data.load.cells import ENOUGH
from duckmart.data.load.dates import AMBIGUOUS
from duckmart.data.load.measured import Cells, Measurement, agreed
from duckmart.data.load.source import Source
from duckmart.data.load.staging import single, staged_names
from duckmart.errors import LoadError

MACROS = r"""
-- From 1980 to 2100.
CREATE TEMP MACRO is_seconds(x) AS
    regexp_full_match(x, '\d{9,10}(\.\d{1,6})?') AND TRY_CAST(x AS DOUBLE) BETWEEN 315532800 AND 4102444800;
CREATE TEMP MACRO is_milliseconds(x) AS
    regexp_full_match(x, '\d{12,13}') AND TRY_CAST(x AS BIGINT) BETWEEN 315532800000 AND 4102444800000;
CREATE TEMP MACRO is_microseconds(x) AS
    regexp_full_match(x, '\d{15,16}')
    AND TRY_CAST(x AS BIGINT) BETWEEN 315532800000000 AND 4102444800000000;
CREATE TEMP MACRO measure_times(x) AS struct_pack(
    filled := count(x) - count(*) FILTER (is_no_value(x)),
    plain := count(as_timestamp(x)),
    seconds := count(*) FILTER (is_seconds(x)),
    milliseconds := count(*) FILTER (is_milliseconds(x)),
    microseconds := count(*) FILTER (is_microseconds(x)),
    from_words := count(as_timestamp(from_words(x))),
    from_day_first := count(as_timestamp(from_day_first(x))),
    from_month_first := count(as_timestamp(from_month_first(x))),
    "both" := count(*) FILTER (
        as_timestamp(from_day_first(x)) IS NOT NULL AND as_timestamp(from_month_first(x)) IS NOT NULL
    )
);
CREATE TEMP MACRO measure_plain_times(x, times) AS struct_pack(
    filled := how_many(times), plain := how_many(CASE WHEN as_timestamp(x) IS NOT NULL THEN times END)
);
"""

AS_EVENT_TIME = {
    "plain": "CREATE TEMP MACRO as_event_time(x) AS as_timestamp(x)",
    "seconds": """
        CREATE TEMP MACRO as_event_time(x) AS
            CASE
                WHEN is_seconds(x) THEN make_timestamp(CAST(CAST(x AS DECIMAL(38, 6)) * 1000000 AS BIGINT))
            END
    """,
    "milliseconds": """
        CREATE TEMP MACRO as_event_time(x) AS
            CASE WHEN is_milliseconds(x) THEN make_timestamp(CAST(x AS BIGINT) * 1000) END
    """,
    "microseconds": """
        CREATE TEMP MACRO as_event_time(x) AS
            CASE WHEN is_microseconds(x) THEN make_timestamp(CAST(x AS BIGINT)) END
    """,
    "from_words": "CREATE TEMP MACRO as_event_time(x) AS as_timestamp(from_words(x))",
    "from_day_first": "CREATE TEMP MACRO as_event_time(x) AS as_timestamp(from_day_first(x))",
    "from_month_first": "CREATE TEMP MACRO as_event_time(x) AS as_timestamp(from_month_first(x))",
}
WORDS = {
    "from_words": "dates with the month's name, or with AM and PM",
    "seconds": "seconds since 1970",
    "milliseconds": "milliseconds since 1970",
    "microseconds": "microseconds since 1970",
    "from_day_first": "dates with the day first",
    "from_month_first": "dates with the month first",
}

OVERRIDES = {
    "date": "CREATE TEMP MACRO as_event_time(x) AS as_timestamp(from_any_date(x))",
    "day_first": "CREATE TEMP MACRO as_event_time(x) AS as_timestamp(from_said_day_first(x))",
    "month_first": "CREATE TEMP MACRO as_event_time(x) AS as_timestamp(from_said_month_first(x))",
    "seconds": AS_EVENT_TIME["seconds"],
    "milliseconds": AS_EVENT_TIME["milliseconds"],
    "microseconds": AS_EVENT_TIME["microseconds"],
}
"""How times are read that are said to be of a kind: `--type timestamp=day_first`."""

ODD_TIME = """
SELECT min(timestamp) FROM events_rows WHERE as_event_time(timestamp) IS NULL AND NOT is_no_value(timestamp)
"""
SAY_WHICH = ", or say which: --type timestamp=day_first or =month_first"
ANY_TIME = "SELECT min(timestamp) FROM events_rows"


def read_times(con: DuckDBPyConnection, sources: Sequence[Source], override: str = "") -> None:
    """Make the macro that reads the times of events, `override` to be written in one way or not.

    Raises `LoadError` where not one of them is a time, and where too few are written alike.
    """
    if override:
        con.execute(OVERRIDES[override])
        return
    cells = Cells(con, "events")
    few = cells.measure(Measurement("measure_plain_times", sampled=True), ["timestamp"])["timestamp"]
    if few["plain"] * 2 > few["filled"]:
        con.execute(AS_EVENT_TIME["plain"])
        return
    times = cells.all_cells("measure_times", "timestamp")
    spelling = max(AS_EVENT_TIME, key=lambda name: int(times[name]))
    con.execute(AS_EVENT_TIME[spelling])
    if fault := disagreement(times, spelling):
        example = single(con.execute(ODD_TIME)) or single(con.execute(ANY_TIME))
        where = "" if times[spelling] else f". No row has a time here{elsewhere(con, sources)}"
        raise LoadError(f"{example!r} {fault}{where}", file=sources[0].path, column="timestamp")


def disagreement(times: Mapping[str, int], spelling: str) -> str:
    """Why the most frequent spelling does not do; plain times are read however few they are."""
    cells, fitting = times["filled"], times[spelling]
    if not fitting:
        return "is no time; one is 2026-12-31 23:59:59" if cells else ""
    if spelling == "plain":
        return ""
    if fitting < ENOUGH * cells:
        return f"is no time like the others: {fitting:,} of {cells:,} are {WORDS[spelling]}"
    is_order = spelling in ("from_day_first", "from_month_first")
    both = {name: times[name] for name in ("from_day_first", "from_month_first", "both")}
    return AMBIGUOUS + SAY_WHICH if is_order and agreed(both, cells) != spelling else ""


def elsewhere(con: DuckDBPyConnection, sources: Sequence[Source]) -> str:
    """Words about another column that holds times."""
    for name, cell in staged_names("events", sources).items():
        times = Cells(con, "events").all_cells("measure_times", cell)
        numbers = (times[unit] for unit in ("plain", "seconds", "milliseconds", "microseconds"))
        if times["filled"] and times["filled"] in numbers:
            return f", but the column {name!r} holds times; if they belong here: --map timestamp={name}"
    return ""
