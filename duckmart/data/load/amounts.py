"""Numbers as people write them: 1.234,56 and 1,234.56, with a currency, in brackets below zero, in percent.

A decimal point and a decimal comma are told apart by the whole column. So is the currency: a column has one,
which is dropped, and a cell in another is none of its numbers.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from duckmart.data.load.cells import ENOUGH, LoadedColumn
from duckmart.data.load.measured import Measurement, Steps, agreed, respelled

SPACE = r"[ \x{A0}\x{202F}\x{2009}]"
CURRENCY = (
    r"(?:[A-Z]{0,2}\$|\p{Sc}|USD|EUR|GBP|CHF|JPY|CNY|INR|AUD|CAD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|TRY|RUB|UAH|BRL"
    r"|MXN|ZAR|ILS|KRW|SGD|HKD|THB|IDR|MYR|PHP|VND|AED|SAR|kr\.?|zł|Kč|Ft|lei|Fr\.?|Rs\.?)"
)


def number(thousands: str, point: str) -> str:
    """The pattern of a number without its sign, of which thousands are parted by this, by a space or by '."""
    grouped = "|".join(rf"[1-9]\d{{0,2}}(?:{mark}\d{{3}})+" for mark in (thousands, SPACE, r"[''\x{2019}]"))
    return rf"(?:0|[1-9]\d*|{grouped})(?:{point}\d+)?"


FRAME = (
    rf"(?:[-\x{{2212}}]?{CURRENCY}{SPACE}?|{CURRENCY}{SPACE}?[-\x{{2212}}]|[-\x{{2212}}])?0(?:{SPACE}?{CURRENCY})?-?"
    rf"|\((?:{CURRENCY}{SPACE}?)?0(?:{SPACE}?{CURRENCY})?\)"
)
"""The pattern of what stands around the digits of an amount, with 0 in their place."""

MACROS = r"""
-- The digits of an amount with the marks between them, and what stands around them.
CREATE TEMP MACRO core_of(x) AS
    regexp_extract(x, '\d(?:[\d.,\x{A0}\x{202F}\x{2009} ''\x{2019}]*\d)?');
CREATE TEMP MACRO frame_of(x) AS
    regexp_replace(x, '\d(?:[\d.,\x{A0}\x{202F}\x{2009} ''\x{2019}]*\d)?', '0');
CREATE TEMP MACRO unit_of(frame) AS translate(frame, '0-−()    ', '');
CREATE TEMP MACRO sign_of(x) AS
    CASE WHEN contains(x, '-') OR contains(x, '−') OR contains(x, '(') THEN '-' ELSE '' END;
CREATE TEMP MACRO currency(x) AS unit_of(frame_of(x));
CREATE TEMP MACRO is_framed(frame, unit) AS
    regexp_full_match(frame, '{frame}') AND (unit = '*' OR unit_of(frame) IN ('', unit));
CREATE TEMP MACRO is_percentage(frame) AS
    regexp_full_match(frame, '[-−]?0[    ]?%|\(0[    ]?%\)');

-- An amount in the unit, or in none; '*' is any unit.
CREATE TEMP MACRO from_point(x, unit) AS CASE
    WHEN is_number(x) THEN x
    WHEN regexp_full_match(core_of(x), '{point}') AND is_framed(frame_of(x), unit)
    THEN sign_of(x) || translate(core_of(x), ',''’    ', '')
END;
CREATE TEMP MACRO from_comma(x, unit) AS CASE
    WHEN regexp_full_match(core_of(x), '{comma}') AND is_framed(frame_of(x), unit)
    THEN sign_of(x) || replace(translate(core_of(x), '.''’    ', ''), ',', '.')
END;
CREATE TEMP MACRO from_percent_point(x, unit) AS CASE
    WHEN x = '0' THEN x
    WHEN regexp_full_match(core_of(x), '{point}') AND is_percentage(frame_of(x))
    THEN sign_of(x) || translate(core_of(x), ',''’    ', '')
END;
CREATE TEMP MACRO from_percent_comma(x, unit) AS CASE
    WHEN x = '0' THEN x
    WHEN regexp_full_match(core_of(x), '{comma}') AND is_percentage(frame_of(x))
    THEN sign_of(x) || replace(translate(core_of(x), '.''’    ', ''), ',', '.')
END;
-- For a column that is said to hold numbers: whatever can be read as one.
CREATE TEMP MACRO from_said_point(x) AS coalesce(
    from_point(regexp_replace(x, '^(-?)0+(\d)', '\1\2'), '*'), from_percent_point(x, '')
);
CREATE TEMP MACRO from_said_comma(x) AS coalesce(
    from_comma(regexp_replace(x, '^(-?)0+(\d)', '\1\2'), '*'), from_percent_comma(x, '')
);

CREATE TEMP MACRO read_amount(x) AS struct_pack(point := from_point(x, '*'), comma := from_comma(x, '*'));
CREATE TEMP MACRO read_percentage(x) AS
    struct_pack(point := from_percent_point(x, ''), comma := from_percent_comma(x, ''));
-- A cell that says little by itself: 600 123 456 may be a telephone, (1) a footnote.
CREATE TEMP MACRO is_weak(x) AS regexp_full_match(x, '[1-9]\d{0,2}( \d{3})+|\(\d+\)|\d{4,}');
CREATE TEMP MACRO measure_amounts(x, times, reading) AS struct_pack(
    point := times_if(reading.point IS NOT NULL, times),
    comma := times_if(reading.comma IS NOT NULL, times),
    "both" := times_if(reading.point IS NOT NULL AND reading.comma IS NOT NULL, times),
    strong := times_if(coalesce(reading.point, reading.comma) IS NOT NULL AND NOT is_weak(x), times),
    separated := times_if(
        coalesce(reading.point, reading.comma) IS NOT NULL AND regexp_matches(x, '\d[.,]\d'), times
    ),
    example := min(x) FILTER (coalesce(reading.point, reading.comma) IS NOT NULL AND NOT is_number(x))
);
CREATE TEMP MACRO as_unit(x) AS CASE
    WHEN from_point(x, '*') IS NOT NULL OR from_comma(x, '*') IS NOT NULL THEN nullif(currency(x), '')
END;
CREATE TEMP MACRO count_texts(x, times) AS
    map_from_entries(list(struct_pack(k := x, v := times) ORDER BY times DESC, x) FILTER (x IS NOT NULL));
"""
for name, pattern in {"frame": FRAME, "point": number(",", r"\."), "comma": number(r"\.", ",")}.items():
    MACROS = MACROS.replace(f"{{{name}}}", pattern)

LOOKS_LIKE_MONEY = "looks like money, {what}; kept as text: load with --type {column}=number"
LOOKS_LIKE_NUMBERS = (
    "looks like numbers, {what}; kept as text: load with --type {column}=number, or =decimal_comma for 1,5"
)


def percents(column: LoadedColumn, plain: Mapping[str, Any], share: float) -> Steps[LoadedColumn]:
    """The column as numbers of percent, if its cells say so."""
    counts = yield Measurement("measure_amounts", "read_percentage")
    if counts["example"] is None:
        return column
    spelling = spelling_of(counts, plain["filled"] - plain["no_values"], share)
    if not spelling:
        what = f"of percent as {counts['example']!r}, but not in every cell"
        return replace(column, doubt=LOOKS_LIKE_NUMBERS.format(what=what, column=column.name))
    note = f"is written as {counts['example']!r} and read as numbers of percent, 12 % as 12"
    spelling = spelling.replace("from_", "from_percent_")
    return replace((yield from respelled(column, spelling, plain)), note=note)


def spelling_of(counts: Mapping[str, Any], cells: int, share: float) -> str:
    """The spelling of amounts, if all are written alike; where no mark is in any, both give the same."""
    spelling = agreed({name: counts[name] for name in ("point", "comma", "both")}, cells, share)
    if not spelling and counts["both"] and counts["both"] >= share * cells and not counts["separated"]:
        spelling = "point"
    return f"from_{spelling}" if spelling else ""


def amounts(column: LoadedColumn, plain: Mapping[str, Any], share: float) -> Steps[LoadedColumn]:
    """The column as numbers or money, if its cells say so; the column with a doubt, if they nearly do."""
    counts = yield Measurement("measure_amounts", "read_amount")
    if counts["example"] is None:
        return column
    cell_count = plain["filled"] - plain["no_values"]
    units: dict[str, int] = (yield Measurement("count_texts", spelling="as_unit")) or {}
    spelling = spelling_of(counts, cell_count, share)
    fault = doubt(counts, cell_count, spelling, units)
    if fault:
        words = LOOKS_LIKE_MONEY if units else LOOKS_LIKE_NUMBERS
        return replace(column, doubt=words.format(what=fault, column=column.name))
    unit = next(iter(units), "")
    note = f"is written as {counts['example']!r} and read as numbers" + (f" of {unit}" if unit else "")
    return replace((yield from respelled(replace(column, unit=unit), spelling, plain)), note=note)


def doubt(counts: Mapping[str, Any], cells: int, spelling: str, units: Mapping[str, int]) -> str:
    """Why amounts are not beyond doubt; nothing where they are."""
    if units and next(iter(units.values())) < ENOUGH * sum(units.values()):
        return f"in several currencies ({', '.join(list(units)[:5])})"
    if spelling and not counts["strong"]:
        return f"as {counts['example']!r}, though they may be telephones or codes"
    if spelling:
        return ""
    if counts["both"] >= ENOUGH * cells:
        return f"but in {counts['example']!r} the mark may part thousands or decimals"
    return f"as {counts['example']!r}, but not in every cell"


def short(column: LoadedColumn, _plain: Mapping[str, Any], _share: float) -> Steps[LoadedColumn]:
    """The column with a doubt: its numbers are shortened to thousands or millions."""
    counts = yield Measurement("example_number")
    looks = f"looks like numbers cut to thousands or millions, as {counts['example']!r}"
    words = f"{looks}; kept as text: write them in full"
    return replace(column, doubt=words)
