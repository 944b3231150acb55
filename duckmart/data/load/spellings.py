"""How the values of a column are written, where that is not the plain way: 1.234,56, 31.12.2026, yes and no.

A spelling is a macro that gives the text as it is written plainly, 1234.56 or 2026-12-31, and NULL where the
text is not written so. A column has one if 95 % of its cells do; of two that fit, as 03/04/2026 may be day or
month first, it has the one that some cells prove and none contradicts. What only looks like a
kind stays text, with a doubt that says how to load it as one.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from duckmart.data.load import amounts, dates, lists
from duckmart.data.load.cells import LoadedColumn
from duckmart.data.load.measured import Measurement, Steps, respelled

STEMS = (
    "jan|ene|gen|feb|fév|fev|mar|mär|apr|avr|abr|may|mai|mag|mei|jun|jui|giu|jul|lug|aug|aoû|ago|sep|set|oct|okt"
    "|out|ott|nov|dec|dez|déc|dic"
)
"""How months begin in some languages of Europe."""

MACROS = (
    amounts.MACROS
    + dates.MACROS
    + r"""
CREATE TEMP MACRO from_yes_no(x) AS CASE
    WHEN lower(x) IN (
        'yes', 'y', 'true', 't', 'on', 'ja', 'oui', 'sí', 'si', 'sì', 'sim', 'wahr', 'vrai', '1'
    ) THEN 'true'
    WHEN lower(x) IN ('no', 'n', 'false', 'f', 'off', 'nein', 'nee', 'non', 'não', 'falsch', 'faux', '0')
    THEN 'false'
END;
-- What people take for a date, and nothing here reads: 1/31/24, 2024.01.09, 9. März 2024, Jan 2024.
CREATE TEMP MACRO is_unread_date(x) AS length(x) BETWEEN 6 AND 40 AND as_timestamp(x) IS NULL AND (
    -- With points or dashes only in two digits each: 1.2.10 is a version.
    regexp_full_match(x, '(?:[0-3]?\d/[0-3]?\d/|[0-3]\d\.[0-3]\d\.|[0-3]\d-[0-3]\d-)\d{2}(?:[ ,T].*)?')
    OR regexp_full_match(x, '(?:19|20)\d{2}\.\d{1,2}\.\d{1,2}(?:[ ,T].*)?')
    OR regexp_full_match(x, '(?:19|20)\d{2}-\d{1,2}-\d{1,2}[ ,T].*')
    OR regexp_full_match(x, '(?i)(?:\d{1,2}\.? (?:de )?)?(?:{months})\pL{0,7}\.?,? (?:de )?(?:19|20)\d{2}')
);
CREATE TEMP MACRO is_short_number(x) AS
    regexp_full_match(x, '\W{0,2}\d[\d.,]* ?(?:[kKmM]|[mMb]n|Mio\.?)');
CREATE TEMP MACRO example_date(x, times) AS struct_pack(example := min(x) FILTER (is_unread_date(x)));
CREATE TEMP MACRO example_number(x, times) AS struct_pack(example := min(x) FILTER (is_short_number(x)));
CREATE TEMP MACRO measure_shapes(x, times) AS struct_pack(
    filled := times_if(NOT is_no_value(x), times),
    lists := times_if(is_list(x), times),
    percents := times_if(contains(x, '%') AND regexp_matches(x, '\d.?%'), times),
    amounts := times_if(
        regexp_full_match(x, '[^\d]{0,6}\d[\d.,\x{A0}\x{202F}\x{2009} ''\x{2019}]*[^\d]{0,6}'), times
    ),
    days := times_if(is_day_month(x), times),
    words := times_if(
        regexp_matches(x, '\d{4}') AND NOT is_day_month(x)
        AND regexp_matches(x, '(?i)\d ?[ap]\.?m\b|\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)'),
        times
    ),
    day_numbers := times_if(regexp_full_match(x, '[2-6]\d{4}(?:\.\d+)?'), times),
    unread_dates := times_if(is_unread_date(x), times),
    short_numbers := times_if(is_short_number(x), times)
);
CREATE TEMP MACRO measure_answers(x, times) AS
    map_from_entries(list(struct_pack(k := x, v := times)) FILTER (NOT is_no_value(x)));
CREATE TEMP MACRO measure_markers(x, times) AS
    map_from_entries(list(struct_pack(k := x, v := times) ORDER BY times DESC, x) FILTER (is_no_value(x)));
""".replace("{months}", STEMS)
)

READINGS = {
    "lists": lists.lists,
    "percents": amounts.percents,
    "amounts": amounts.amounts,
    "days": dates.days,
    "words": dates.words,
    "day_numbers": dates.day_numbers,
    "unread_dates": dates.unread,
    "short_numbers": amounts.short,
}
"""For each shape that `measure_shapes` counts: what makes of it a column with a type, or with a doubt."""

LEAST = {"percents": 0.0, "day_numbers": 0.0}
"""Shapes of which few are enough to look again: each of them is odd among other cells."""

ANSWERS = (
    *({"yes", "no"}, {"y", "n"}, {"t", "f"}, {"on", "off"}, {"ja", "nein"}, {"ja", "nee"}, {"oui", "non"}),
    *({"sí", "no"}, {"si", "no"}, {"sì", "no"}, {"sim", "não"}, {"wahr", "falsch"}, {"vrai", "faux"}),
)
FEW = 12
"""Different texts, at most, of a column that may hold yes and no."""


def spelled(column: LoadedColumn, plain: Mapping[str, Any], share: float) -> Steps[LoadedColumn]:
    """The column in the spelling that more of its cells have than are plain, if enough have it."""
    if plain["different"] <= FEW and column.type == "VARCHAR":
        column = yield from answers(column, plain)
    if column.type != "VARCHAR" and column.spelling:
        return column
    shapes = yield Measurement("measure_shapes", sampled=True)
    doubt = ""
    for shape, reading in READINGS.items():
        if shape == "amounts" and plain["codes"]:
            continue  # such as postcodes: numbers that begin with 0 are names
        # Half is far from what the sample of a column may be off by.
        if shapes[shape] and shapes[shape] >= LEAST.get(shape, share / 2) * shapes["filled"]:
            other = yield from reading(column, plain, share)
            if other.spelling or other.type != column.type:
                return other
            doubt = doubt or other.doubt
    return replace(column, doubt=column.doubt or doubt) if column.type == "VARCHAR" else column


def answers(column: LoadedColumn, plain: Mapping[str, Any]) -> Steps[LoadedColumn]:
    """The column as true and false, if all its cells are one pair of answers and both are there."""
    counts = lowered((yield Measurement("measure_answers")))
    for pair in ANSWERS:
        if counts.keys() == pair:
            return (yield from respelled(column, "from_yes_no", plain))
        rest = counts.keys() - pair
        if pair <= counts.keys() and sum(counts[word] for word in pair) * 2 >= sum(counts.values()):
            words = f"looks like yes and no, but {sorted(rest)[0]!r} is neither"
            return replace(column, doubt=f"{words}; kept as text: load with --type {column.name}=yes_no")
    return column


def lowered(counts: Mapping[str, int] | None) -> dict[str, int]:
    """How often each text is there, in whatever letter case."""
    total: dict[str, int] = {}
    for word, times in (counts or {}).items():
        total[word.lower()] = total.get(word.lower(), 0) + times
    return total


def markers(column: LoadedColumn, plain: Mapping[str, Any]) -> Steps[LoadedColumn]:
    """The column with a note of what it has in place of values."""
    if not plain["no_values"]:
        return column
    counts = yield Measurement("measure_markers")
    words = ", ".join(f"{marker!r} ({times:,})" for marker, times in list(counts.items())[:5])
    if column.type != "VARCHAR":
        return replace(column, no_value=f"{words} is read as no value")
    first = next(iter(counts))
    return replace(
        column, no_value=f"{words} is kept as text; if it means no value, load with --null {first}"
    )
