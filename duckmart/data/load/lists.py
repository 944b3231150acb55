"""Lists in the cells of a column, as JSON writes them: ["vip", "new"] or [3, 5.5].

A column is one of lists if enough of its cells are lists of one kind, texts or numbers. An element that is
null, empty or NaN is nothing, and so it is left out; a list without elements is a value.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from duckmart.data.load.cells import LoadedColumn, number_type
from duckmart.data.load.measured import Measurement, Steps

MACROS = r"""
CREATE TEMP MACRO is_list(x) AS starts_with(x, '[') AND ends_with(x, ']');
CREATE TEMP MACRO is_empty_list(x) AS regexp_full_match(x, '\[\s*\]');
-- Numbers as they are written: a JSON reader would round them.
CREATE TEMP MACRO list_parts(x) AS CASE
    WHEN is_empty_list(x) THEN CAST([] AS VARCHAR[])
    ELSE list_transform(string_split(substring(x, 2, length(x) - 2), ','), lambda part: trim(part))
END;
CREATE TEMP MACRO is_number_list(x) AS is_list(x) AND len(list_filter(
    list_parts(x), lambda part: NOT is_number(part) AND part NOT IN ('null', 'NaN', 'nan')
)) = 0;
CREATE TEMP MACRO as_number_texts(x) AS
    CASE WHEN is_number_list(x) THEN list_filter(list_parts(x), lambda part: is_number(part)) END;
-- To read what is no JSON is an error, and a condition beside it may be asked later.
CREATE TEMP MACRO json_list(x) AS CASE WHEN is_list(x) AND json_valid(x) THEN x END;
CREATE TEMP MACRO is_text_list(x) AS coalesce(len(list_filter(
    json_extract(json_list(x), '$[*]'), lambda element: json_type(element) NOT IN ('VARCHAR', 'NULL')
)) = 0, FALSE);
CREATE TEMP MACRO as_element(text) AS nullif(nfc_normalize(trim(text)), '');
CREATE TEMP MACRO as_texts(x) AS CASE WHEN is_text_list(x) THEN list_filter(
    list_transform(json_extract_string(json_list(x), '$[*]'), lambda element: as_element(element)),
    lambda element: element IS NOT NULL
) END;
-- What a Parquet file holds as lists.
CREATE TEMP MACRO texts_as_json(x) AS CAST(to_json(CAST(x AS VARCHAR[])) AS VARCHAR);
CREATE TEMP MACRO numbers_as_json(x) AS
    '[' || array_to_string(list_transform(x, lambda n: CAST(n AS VARCHAR)), ',') || ']';
CREATE TEMP MACRO floats_as_json(x) AS numbers_as_json(list_filter(x, lambda n: isfinite(n)));
CREATE TEMP MACRO text_list_fault(x, spelled) AS 'not a list of texts, such as ["a", "b"]';
CREATE TEMP MACRO number_list_fault(x, spelled) AS 'not a list of numbers, such as [1, 2.5]';

CREATE TEMP MACRO read_list(x) AS struct_pack(is_text := is_text_list(x), numbers := as_number_texts(x));
CREATE TEMP MACRO measure_lists(x, times, reading) AS struct_pack(
    filled := times_if(NOT is_no_value(x), times),
    lists := times_if(json_list(x) IS NOT NULL, times),
    empty := times_if(is_empty_list(x), times),
    of_texts := times_if(reading.is_text, times),
    of_numbers := times_if(reading.numbers IS NOT NULL, times),
    other := min(x) FILTER (is_list(x) AND NOT reading.is_text AND reading.numbers IS NULL),
    texts := min(x) FILTER (reading.is_text AND NOT is_empty_list(x)),
    numbers := how_many(len(reading.numbers)),
    "long" := how_many(len(list_filter(reading.numbers, lambda n: NOT is_exact(n)))),
    infinite := how_many(len(list_filter(reading.numbers, lambda n: as_double(n) IS NULL))),
    whole := max(list_max(list_transform(
        list_filter(reading.numbers, lambda n: is_exact(n)), lambda n: whole_digits(n)
    ))),
    fraction := max(list_max(list_transform(reading.numbers, lambda n: fraction_digits(n)))),
    powers := how_many(len(list_filter(reading.numbers, lambda n: exponent(n) <> 0))),
    low := min(list_min(list_transform(reading.numbers, lambda n: TRY_CAST(n AS HUGEINT)))),
    high := max(list_max(list_transform(reading.numbers, lambda n: TRY_CAST(n AS HUGEINT))))
);
"""

TEXTS = "VARCHAR[]"


def lists(column: LoadedColumn, _plain: Mapping[str, Any], share: float) -> Steps[LoadedColumn]:
    """The column as one of lists, if enough of its cells are lists of one kind; else perhaps with a doubt."""
    counts = yield Measurement("measure_lists", "read_list")
    return listed(column, counts, share)


def listed(column: LoadedColumn, counts: Mapping[str, Any], share: float) -> LoadedColumn:
    """The column with the type that these counts of its cells tell."""
    least = share * counts["filled"]
    if not counts["lists"] or counts["lists"] < least or counts["empty"] == counts["lists"]:
        return column
    if counts["of_texts"] >= least and counts["of_texts"] > counts["empty"]:
        return replace(column, type=TEXTS)
    if counts["of_numbers"] >= least:
        element = element_type(counts)
        return replace(column, type=f"{element}[]") if element else with_doubt(column, "numbers too long")
    example = counts["other"] or counts["texts"]
    return with_doubt(column, f"not all texts or all numbers, as {example!r}")


def with_doubt(column: LoadedColumn, why: str) -> LoadedColumn:
    return replace(column, doubt=f"looks like lists, but their elements are {why}; kept as text")


def element_type(counts: Mapping[str, Any]) -> str:
    """The type that holds every number of all lists; none where one is too long for any."""
    if counts["long"]:
        return "DOUBLE" if counts["fraction"] and not counts["infinite"] else ""
    type_ = number_type(counts)
    return "BIGINT" if type_ == "INTEGER" else type_
