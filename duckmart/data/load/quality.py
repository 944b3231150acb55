"""What the loaded tables hold, and what in them looks like a mistake though it loads."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from duckdb import ColumnExpression, DuckDBPyConnection, DuckDBPyRelation, FunctionExpression

from duckmart.data.load import tables
from duckmart.data.load.cells import LoadedColumn
from duckmart.data.load.columns import all_float_ids
from duckmart.data.load.report import ActivityReport, FileReport, InputReport, Suspicion, ValuesReport
from duckmart.data.load.source import Source
from duckmart.data.load.staging import count, single

MOST_NAMES = 1000
MOST_DAYS = 4000
MOST_GAPS = 20
LACKING = 100
"""Events that a gap must seem to lack before it is suspicious."""
ENOUGH_ROWS = 10
"""Rows below which a column with one value, or none, is nothing to wonder about."""
ENOUGH_VALUES = 100
NEARLY = 0.95

RANGED = ("INTEGER", "BIGINT", "DECIMAL", "DOUBLE", "DATE", "TIMESTAMP")
ID_TYPES = ("INTEGER", "BIGINT", "VARCHAR")

SETUP = """
CREATE TEMP MACRO describe_values(x) AS struct_pack(filled := count(x), low := min(x), high := max(x));
CREATE TEMP TABLE events_by_name AS
SELECT CAST(event_name AS VARCHAR) AS name, count(*) AS times FROM made.user_events GROUP BY ALL;
CREATE TEMP TABLE events_by_day AS
SELECT CAST(timestamp AS DATE) AS day, count(*) AS times FROM made.user_events GROUP BY ALL;
"""

TOP_NAMES = "SELECT name, times FROM events_by_name ORDER BY times DESC, name LIMIT $most"

LAST_DAYS = """
SELECT CAST(day AS VARCHAR), times
FROM (FROM events_by_day ORDER BY day DESC LIMIT $most)
ORDER BY day
"""

TWO_SPELLINGS = r"""
SELECT list(name ORDER BY times DESC, name)
FROM events_by_name
GROUP BY regexp_replace(lower(name), '[\s_.:/-]+', '', 'g')
HAVING count(*) > 1
ORDER BY sum(times) DESC
LIMIT 20
"""

# What the days around a gap have is what it lacks; where that is little, chance is enough to explain it.
GAPS = """
SELECT day + 1, next - 1, (next - day - 1) * usual >= $lacking
FROM (
    SELECT
        day,
        lead(day) OVER (ORDER BY day) AS next,
        avg(times) OVER (ORDER BY day ROWS BETWEEN 6 PRECEDING AND 7 FOLLOWING) AS usual
    FROM events_by_day
)
WHERE next > day + 1
ORDER BY 3 DESC, next - day DESC, day
LIMIT $most
"""


ID_KINDS = r"""
SELECT
    CASE
        WHEN as_whole_id(user_id) IS NOT NULL THEN 'whole numbers'
        WHEN regexp_full_match(user_id, '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}') THEN 'UUIDs'
        WHEN regexp_full_match(user_id, '[^\s@]+@[^\s@]+') THEN 'e-mail addresses'
    END AS kind,
    count(*) AS times,
    min(user_id, 3)
FROM users_rows
WHERE user_id IS NOT NULL
GROUP BY ALL
ORDER BY times DESC, kind
"""


def activity(con: DuckDBPyConnection) -> ActivityReport:
    """The events by name and by day; first, the tables that other questions here need are made."""
    con.execute(SETUP)
    ends = con.execute("SELECT min(timestamp), max(timestamp) FROM made.user_events").fetchall()
    ((first, last),) = ends
    return ActivityReport(
        first=first,
        last=last,
        names=count(con.table("events_by_name")),
        days=count(con.table("events_by_day")),
        by_name=dict(con.execute(TOP_NAMES, {"most": MOST_NAMES}).fetchall()),
        gaps=[(first.isoformat(), last.isoformat()) for first, last, _ in gaps_in_days(con)],
        by_day=dict(con.execute(LAST_DAYS, {"most": MOST_DAYS}).fetchall()),
    )


def file_report(
    con: DuckDBPyConnection,
    kind: str,
    sources: Sequence[Source],
    loaded_columns: Sequence[LoadedColumn],
    now: datetime,
) -> FileReport:
    """What became of the files of this kind; after `activity`."""
    refused_by = tables.tally(con, tables.REFUSED_BY, kind)
    cleared_by = tables.tally(con, tables.CLEARED_BY, kind)
    table = con.table(tables.NEW_TABLES[kind])
    column_values = values(table)
    suspicious = [*suspicious_sources(sources), *suspicious_ids(con, kind)]
    suspicious += suspicious_columns(table, column_values, loaded_columns, now)
    suspicious += nearly_unique(table, column_values) if kind == "users" else suspicious_events(con)
    return FileReport(
        inputs=[
            InputReport(
                str(one.path), one.path.stat().st_size, one.file.sha256, rows, one.file.encoding, refused_rows
            )
            for one, (rows, refused_rows) in zip(sources, tables.rows_by_file(con, kind), strict=True)
        ],
        loaded=count(table),
        refused=sum(refused_by.values()),
        cleared=sum(cleared_by.values()),
        refused_by=refused_by,
        cleared_by=cleared_by,
        cut_by=tables.tally(con, tables.CUT_BY, kind),
        values=column_values,
        left_out={name: words for source in sources for name, words in source.file.left_out.items()},
        renamed={old: new for source in sources for old, new in source.renamed.items()},
        suspicious=suspicious,
    )


def values(table: DuckDBPyRelation) -> dict[str, ValuesReport]:
    """Of each column: how many values are missing, the lowest and the highest."""
    rows = count(table)
    described = [FunctionExpression("describe_values", ColumnExpression(name)) for name in table.columns]
    aggregates = [one.alias(f"a{place}") for place, one in enumerate(described)]
    (facts,) = table.aggregate(aggregates).fetchall()
    return {
        name: ValuesReport(type_name(kind), rows - one["filled"], one["low"], one["high"])
        for name, kind, one in zip(table.columns, table.types, facts, strict=True)
    }


def type_name(kind: object) -> str:
    """The type as SQL writes it, without the values of an ENUM."""
    name = str(kind)
    return "ENUM" if name.startswith("ENUM") else name


def suspicious_sources(sources: Sequence[Source]) -> Iterator[Suspicion]:
    by_digest: dict[str, Source] = {}
    for source in sources:
        if source.file.encoding == "Windows-1252":
            words = "is not UTF-8 and was read as Windows-1252; see whether its letters are right"
            yield Suspicion("encoding", "", f"{source.path.name} {words}")
        if source.file.titles:
            words = f"{len(source.file.titles)} lines above the header are skipped, as titles:"
            yield Suspicion(
                "titles", "", f"{source.path.name}: {words} {', '.join(map(repr, source.file.titles[:3]))}"
            )
        other = by_digest.setdefault(source.file.sha256, source)
        if other is not source and source.file.lines != source.file.header_lines:
            yield Suspicion("same_file", "", f"{source.path.name} holds the same as {other.path.name}")


def suspicious_ids(con: DuckDBPyConnection, kind: str) -> Iterator[Suspicion]:
    if all_float_ids(con, kind):
        example = single(con.view(f"{kind}_rows").aggregate("min(user_id)"))
        yield Suspicion("float_ids", "user_id", f"all are written like {example}, as numbers that are no ids")
    if kind == "users":
        yield from unlike_ids(con)
    if kind == "events" and count(con.table("events_raw")) and not count(con.table(tables.NEW_TABLES[kind])):
        yield Suspicion("nothing_loaded", "", "not one event was loaded")


def unlike_ids(con: DuckDBPyConnection) -> Iterator[Suspicion]:
    """Up to three ids, or one in a hundred, that look unlike all the others."""
    if str(con.table(tables.NEW_TABLES["users"]).types[0]) != "VARCHAR":
        return
    kinds = con.execute(ID_KINDS).fetchall()
    if len(kinds) < 2 or not kinds[0][0]:
        return
    (kind, usual, _), *others = kinds
    odd = sum(times for _, times, _ in others)
    if odd <= max(3, usual / 100) and odd * 3 <= usual:
        examples = [example for _, _, some in others for example in some][:3]
        words = f"unlike the {usual:,} other ids, which are {kind}: a footer, or a row of something else?"
        yield Suspicion(
            "unlike_ids", "user_id", f"{', '.join(map(repr, examples))} {'is' if odd == 1 else 'are'} {words}"
        )


def suspicious_columns(
    table: DuckDBPyRelation,
    column_values: Mapping[str, ValuesReport],
    loaded_columns: Sequence[LoadedColumn],
    now: datetime,
) -> Iterator[Suspicion]:
    rows = count(table)
    for column in loaded_columns:
        if column.doubt:
            yield Suspicion("doubtful", column.name, column.doubt)
        if column.note:
            yield Suspicion("spelling", column.name, column.note)
        if column.no_value:
            yield Suspicion("no_value", column.name, column.no_value)
        if column.type == "TIMESTAMP" and column.dates * 2 > column.cells:
            words = "are dates without a time of day, and were read as midnight UTC, as the others are times"
            yield Suspicion(
                "dates_and_times", column.name, f"{column.dates:,} of {column.cells:,} cells {words}"
            )
    for name, one in column_values.items():
        if rows >= ENOUGH_ROWS and one.missing == rows:
            yield Suspicion("empty", name, "has no value in any row")
        elif rows >= ENOUGH_ROWS and one.missing == 0 and one.low == one.high:
            yield Suspicion("constant", name, f"is {one.shown(one.low)} in every row")
        if one.high is not None and later(one.high, now):
            yield Suspicion("future", name, f"goes up to {one.shown(one.high)}, which is after the load")


def later(value: object, now: datetime) -> bool:
    if isinstance(value, datetime):
        return value > now
    return isinstance(value, date) and value > now.date()


def nearly_unique(table: DuckDBPyRelation, column_values: Mapping[str, ValuesReport]) -> Iterator[Suspicion]:
    """Columns of users that look like ids of which some are there twice."""
    rows = count(table)
    present = {
        name: rows - one.missing
        for name, one in column_values.items()
        if name != "user_id" and one.type in ID_TYPES and rows - one.missing >= ENOUGH_VALUES
    }
    if not present:
        return
    # The estimates are quick and within some percent, the true counts are slow.
    estimates = [FunctionExpression("approx_count_distinct", ColumnExpression(name)) for name in present]
    (about,) = table.aggregate(estimates).fetchall()
    for (name, values_present), estimate in zip(present.items(), about, strict=True):
        if estimate < 0.85 * values_present:
            continue
        column = ColumnExpression(name)
        different = count(table.filter(column.isnotnull()).select(column).distinct())
        if NEARLY * values_present <= different < values_present:
            counts = f"{different:,} different values in {values_present:,}"
            words = f"is almost unique, {counts}: are some there twice?"
            yield Suspicion("nearly_unique", name, words)


def suspicious_events(con: DuckDBPyConnection) -> Iterator[Suspicion]:
    for (names,) in con.execute(TWO_SPELLINGS).fetchall():
        words = f"one name in several spellings? {', '.join(map(repr, names[:10]))}"
        yield Suspicion("two_spellings", "event_name", words)
    gaps = [(first, last) for first, last, lacks in gaps_in_days(con) if lacks]
    if gaps:
        spans = [f"{first}" if first == last else f"{first} to {last}" for first, last in gaps[:5]]
        more = f" and {len(gaps) - 5} more" if len(gaps) > 5 else ""
        yield Suspicion("gaps", "timestamp", f"no event on {', '.join(spans)}{more}")


def gaps_in_days(con: DuckDBPyConnection) -> list[tuple[date, date, bool]]:
    """The longest runs of days without an event, and whether many events seem to be missing there."""
    return con.execute(GAPS, {"most": MOST_GAPS, "lacking": LACKING}).fetchall()
