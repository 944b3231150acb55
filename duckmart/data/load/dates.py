"""Dates as people write them: 31.12.2026, 12/31/2026, January 9, 2024, 12:05 AM, and Excel's day numbers."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from duckmart.data.load.cells import ENOUGH, LoadedColumn
from duckmart.data.load.measured import Measurement, Steps, agreed, respelled

MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
WEEKDAY = r"(?:(?:mon|tue(?:s)?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? )?"
ZONE = r"( ?(?:Z|(?:GMT|UTC)?(?:[+-]\d{2}:?\d{2})?))(?: \([^()]*\))?"
CLOCK = r"(?:(?:,? | at |T)(\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?) ?([ap]\.?m\.?)?" + ZONE + ")?"
DAY = r"(\d{1,2})(?:st|nd|rd|th)?"

DAY_NAME = rf"(?i){WEEKDAY}{DAY}\.?[ -]({MONTHS})\.?,?[ -](\d{{4}}){CLOCK}"
NAME_DAY = rf"(?i){WEEKDAY}({MONTHS})\.?[ -]{DAY}(?:, ?| |-)(\d{{4}}){CLOCK}"
HALF_DAY = rf"(?i)(\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}}){CLOCK}"

MACROS = (
    r"""
-- 12:05 AM as 00:05; NULL for 13:05 AM.
CREATE TEMP MACRO hour_of(clock) AS TRY_CAST(split_part(clock, ':', 1) AS INTEGER);
CREATE TEMP MACRO from_clock(clock, half) AS CASE
    WHEN clock = '' THEN ''
    WHEN half = '' THEN ' ' || clock
    WHEN hour_of(clock) BETWEEN 1 AND 12 THEN concat(
        ' ',
        hour_of(clock) % 12 + CASE WHEN lower(half) LIKE 'p%' THEN 12 ELSE 0 END,
        substr(clock, strpos(clock, ':'))
    )
END;
CREATE TEMP MACRO from_zone(zone) AS
    regexp_replace(regexp_replace(upper(trim(zone)), '^(GMT|UTC)$', 'Z'), '^(GMT|UTC)', '');

CREATE TEMP MACRO is_day_month(x) AS regexp_full_match(
    x,
    '\d{1,2}[./-]\d{1,2}[./-]\d{4}(?:(?:,? |T)\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?: ?[AaPp]\.?[Mm]\.?)?)?'
);
CREATE TEMP MACRO clock_of(x) AS CASE
    WHEN regexp_matches(x, ',|[Mm]\.?$')
    THEN from_clock(regexp_extract(x, '\d{1,2}:[\d:.]*\d'), regexp_extract(x, '[AaPp]\.?[Mm]\.?$'))
    ELSE regexp_extract(x, '^[^ T]*(.*)$', 1)
END;
CREATE TEMP MACRO from_day_first(x) AS CASE
    WHEN is_day_month(x)
    THEN regexp_replace(x, '^(\d{1,2})[./-](\d{1,2})[./-](\d{4}).*$', '\3-\2-\1') || clock_of(x)
END;
CREATE TEMP MACRO from_month_first(x) AS CASE
    WHEN is_day_month(x)
    THEN regexp_replace(x, '^(\d{1,2})[./-](\d{1,2})[./-](\d{4}).*$', '\3-\1-\2') || clock_of(x)
END;

CREATE TEMP MACRO month_number(name) AS
    CAST((strpos('janfebmaraprmayjunjulaugsepoctnovdec', lower(left(name, 3))) + 2) // 3 AS VARCHAR);
-- Year|month|day|clock|half|zone, or the text as it is.
CREATE TEMP MACRO date_parts(x) AS string_split(regexp_replace(regexp_replace(regexp_replace(
    x, '^(?:{half_day})$', '\1||\2|\3|\4'), '^(?:{name_day})$', '\3|\1|\2|\4|\5|\6'),
    '^(?:{day_name})$', '\3|\2|\1|\4|\5|\6'
), '|');
CREATE TEMP MACRO from_parts(parts) AS CASE
    WHEN len(parts) = 6 THEN concat_ws('-', parts[1], month_number(parts[2]), parts[3])
        || from_clock(parts[4], parts[5]) || from_zone(parts[6])
    WHEN len(parts) = 5 THEN parts[1] || from_clock(parts[3], parts[4]) || from_zone(parts[5])
END;
-- With the month's name, or half a day as AM and PM; or plain.
CREATE TEMP MACRO from_words(x) AS CASE
    WHEN is_date(x) OR is_naive(x) OR is_zoned(x) THEN x
    -- The list holds the parts of the one text, so that they are looked for once.
    WHEN regexp_matches(x, '\d{4}') THEN list_transform([date_parts(x)], lambda parts: from_parts(parts))[1]
END;
CREATE TEMP MACRO read_day(x) AS struct_pack(
    day := time_in(from_day_first(x)), month := time_in(from_month_first(x))
);
CREATE TEMP MACRO read_words(x) AS
    struct_pack(plain := as_timestamp(x), named := time_in(from_words(x)));

-- Excel counts days from the last but one of 1899.
CREATE TEMP MACRO day_number(x) AS CASE
    WHEN regexp_full_match(x, '[2-6]\d{4}(?:\.\d+)?')
    THEN TIMESTAMP '1899-12-30' + to_seconds(CAST(round(CAST(x AS DOUBLE) * 86400) AS BIGINT))
END;
CREATE TEMP MACRO from_day_number(x) AS
    CASE WHEN as_timestamp(x) IS NOT NULL THEN x ELSE CAST(day_number(x) AS VARCHAR) END;
-- Whatever is beyond doubt, and day numbers: for a column that is said to hold dates.
CREATE TEMP MACRO from_any_date(x) AS CASE
    WHEN regexp_full_match(x, '(?:19|20)\d{6}')
    THEN concat_ws('-', substr(x, 1, 4), substr(x, 5, 2), substr(x, 7, 2))
    ELSE coalesce(from_words(x), CAST(day_number(x) AS VARCHAR))
END;
CREATE TEMP MACRO from_said_day_first(x) AS
    CASE WHEN is_day_month(x) THEN from_day_first(x) ELSE from_any_date(x) END;
CREATE TEMP MACRO from_said_month_first(x) AS
    CASE WHEN is_day_month(x) THEN from_month_first(x) ELSE from_any_date(x) END;

CREATE TEMP MACRO measure_days(x, times, reading) AS struct_pack(
    from_day_first := times_if(reading.day IS NOT NULL, times),
    from_month_first := times_if(reading.month IS NOT NULL, times),
    "both" := times_if(reading.day IS NOT NULL AND reading.month IS NOT NULL, times),
    example := min(x) FILTER (coalesce(reading.day, reading.month) IS NOT NULL)
);
CREATE TEMP MACRO measure_words(x, times, reading) AS struct_pack(
    from_words := times_if(reading.named IS NOT NULL, times),
    example := min(x) FILTER (reading.plain IS NULL AND reading.named IS NOT NULL)
);
CREATE TEMP MACRO measure_day_numbers(x, times) AS struct_pack(
    from_day_number := times_if(from_day_number(x) IS NOT NULL, times),
    plain := times_if(as_timestamp(x) IS NOT NULL, times),
    within := coalesce(
        min(day_number(x)) >= min(as_timestamp(x)) AND max(day_number(x)) <= max(as_timestamp(x)), FALSE
    ),
    example := min(x) FILTER (day_number(x) IS NOT NULL)
);
""".replace("{day_name}", DAY_NAME)
    .replace("{name_day}", NAME_DAY)
    .replace("{half_day}", HALF_DAY)
)

AMBIGUOUS = "may be day or month first; write the year first, as in 2026-12-31"
SAY_WHICH = "; kept as text: load with --type {column}=day_first or =month_first"
LOOKS_LIKE = (
    "looks like a date, as {example!r}, but not in every cell; kept as text: load with --type {column}=date"
)
LOOKS_LIKE_DAY_NUMBERS = (
    "looks like dates and, as {example!r}, day numbers of Excel; kept as text: load with --type {column}=date"
)


def days(column: LoadedColumn, plain: Mapping[str, Any], share: float) -> Steps[LoadedColumn]:
    """The column as dates of the one order of day and month that fits."""
    counts = yield Measurement("measure_days", "read_day")
    cell_count = plain["filled"] - plain["no_values"]
    spelling = agreed(
        {name: counts[name] for name in ("from_day_first", "from_month_first", "both")}, cell_count, share
    )
    if not counts["example"]:
        return column
    if spelling:
        return (yield from respelled(column, spelling, plain))
    words = LOOKS_LIKE.replace("=date", "=day_first or =month_first")
    if counts["both"] >= ENOUGH * cell_count:
        words = "{example!r} " + AMBIGUOUS + SAY_WHICH
    return replace(column, doubt=words.format(example=counts["example"], column=column.name))


def words(column: LoadedColumn, plain: Mapping[str, Any], share: float) -> Steps[LoadedColumn]:
    """The column as dates with the names of months, or with AM and PM."""
    counts = yield Measurement("measure_words", "read_words")
    if not counts["example"]:
        return column
    if counts["from_words"] >= share * (plain["filled"] - plain["no_values"]):
        return (yield from respelled(column, "from_words", plain))
    return replace(column, doubt=LOOKS_LIKE.format(example=counts["example"], column=column.name))


def day_numbers(column: LoadedColumn, plain: Mapping[str, Any], share: float) -> Steps[LoadedColumn]:
    """The column as dates of which some are Excel's day numbers, if those lie among the dates."""
    counts = yield Measurement("measure_day_numbers")
    if not counts["plain"] or not counts["example"]:
        return column
    enough = counts["from_day_number"] >= share * (plain["filled"] - plain["no_values"])
    if enough and counts["within"] and counts["plain"] * 2 > counts["from_day_number"]:
        note = f"has day numbers of Excel, as {counts['example']!r}, among its dates; they are read as dates"
        return replace((yield from respelled(column, "from_day_number", plain)), note=note)
    return replace(column, doubt=LOOKS_LIKE_DAY_NUMBERS.format(example=counts["example"], column=column.name))


def unread(column: LoadedColumn, _plain: Mapping[str, Any], _share: float) -> Steps[LoadedColumn]:
    """The column with a doubt: it holds dates in a way that is not read."""
    counts = yield Measurement("example_date")
    looks = f"looks like dates, as {counts['example']!r}, which are not read"
    words = f"{looks}; kept as text: write them as 2026-12-31"
    return replace(column, doubt=words)
