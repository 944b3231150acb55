"""What a text cell means: macros that turn it into a value, and the choice of a column's type.

Every macro takes cleaned text (trimmed, NFC, never empty) and gives NULL where the text does not fit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
from duckdb import ColumnExpression, ConstantExpression, Expression, FunctionExpression

from duckmart.engines.generation_tables import family
from duckmart.spec.values import MAX_DECIMALS, MAX_WHOLE

WHOLE_DIGITS = len(str(MAX_WHOLE))
"""Digits before the point that a number of a spec can have, and so a column that is compared exactly."""

ENOUGH = 0.95
"""The share of a column's values that must fit a type for the column to get it; the rest are cleared.

High enough that a text column with many number-like values stays text, low enough that a few typing errors
in a thousand ages do not turn `age >= 25` into a comparison of texts.
"""

# The last two have no width. U+FEFF marks a file's encoding, and stays in the middle of files put together.
WHITE_SPACE = "".join(chr(code) for code in range(0x3001) if chr(code).isspace()) + "\u200b\ufeff"

MACROS = r"""
CREATE TEMP MACRO is_number(x) AS regexp_full_match(
    x, '-?(0|[1-9][0-9]*|(0|[1-9][0-9]*)?\.[0-9]+)([eE][+-]?[0-9]{1,3})?'
);
-- Postcodes, phone numbers and the like: as numbers they would lose a character.
CREATE TEMP MACRO is_code(x) AS regexp_matches(x, '^(-?0[0-9]|\+[0-9.])');
-- What numeric software writes where it has no value.
CREATE TEMP MACRO is_no_number(x) AS
    length(x) <= 9
    AND lower(x) IN ('nan', '-nan', 'inf', '+inf', '-inf', 'infinity', '+infinity', '-infinity');
-- What people and programs write where they have no value, in a column whose other cells are values.
CREATE TEMP MACRO is_no_value(x) AS
    length(x) <= 7
    AND lower(x) IN (
        'na', 'n/a', 'n.a.', '#n/a', '<na>', 'null', '(null)', 'nil', 'none', 'nan', 'nat', '\n',
        '-', '--', '---', '–', '—', '.', '?'
    );
-- Trimming by a list of characters is slow, and few texts need it.
CREATE TEMP MACRO cleaned(x, white_space) AS nullif(
    nfc_normalize(CASE WHEN regexp_matches(x, '^ | $|[^ -~]') THEN trim(x, white_space) ELSE x END), ''
);
CREATE TEMP MACRO as_text(x) AS CAST(x AS VARCHAR);
CREATE TEMP MACRO finite_text(x) AS CASE WHEN isfinite(x) THEN CAST(x AS VARCHAR) END;

CREATE TEMP MACRO mantissa(x) AS split_part(lower(x), 'e', 1);
CREATE TEMP MACRO exponent(x) AS coalesce(TRY_CAST(nullif(split_part(lower(x), 'e', 2), '') AS INTEGER), 0);
CREATE TEMP MACRO whole_digits(x) AS
    greatest(1, length(ltrim(split_part(mantissa(x), '.', 1), '-')) + exponent(x));
-- Of a number. 19 digits before the point are the most that a column has which is compared exactly.
CREATE TEMP MACRO is_exact(x) AS
    (length(x) <= 19 AND NOT contains(x, 'e') AND NOT contains(x, 'E')) OR whole_digits(x) <= 19;
CREATE TEMP MACRO fraction_digits(x) AS greatest(0, length(split_part(mantissa(x), '.', 2)) - exponent(x));

-- As in Python, a year has four digits: no year 0, none before it, none after 9999.
CREATE TEMP MACRO in_calendar(t) AS
    CASE WHEN t BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN t END;
-- A day, or the midnight that programs write for one, in whatever zone: 2026-12-31 00:00:00+02.
CREATE TEMP MACRO is_date(x) AS regexp_full_match(
    x, '\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ]0?0:00(:00(\.0+)?)?(Z| ?UTC| ?[+-]\d{2}(:?\d{2})?)?)?'
);
CREATE TEMP MACRO is_naive(x) AS regexp_full_match(
    x, '\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ]\d{1,2}:\d{2}(:\d{2}(\.\d{1,6}0*)?)?)?'
);
CREATE TEMP MACRO is_zoned(x) AS regexp_full_match(
    x, '\d{4}[-/]\d{1,2}[-/]\d{1,2}[T ]\d{1,2}:\d{2}(:\d{2}(\.\d{1,6}0*)?)?(Z| ?UTC| ?[+-]\d{2}(:?\d{2})?)'
);

CREATE TEMP MACRO as_boolean(x) AS CASE lower(x) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END;
CREATE TEMP MACRO as_decimal(x) AS CASE WHEN is_number(x) AND is_exact(x) THEN x END;
CREATE TEMP MACRO as_integer(x) AS CASE WHEN is_number(x) THEN TRY_CAST(x AS BIGINT) END;
-- 1e400 casts to infinity.
CREATE TEMP MACRO as_double(x) AS
    CASE WHEN is_number(x) AND isfinite(TRY_CAST(x AS DOUBLE)) THEN TRY_CAST(x AS DOUBLE) END;
-- Not the day in UTC but the one that is written.
CREATE TEMP MACRO written_day(x) AS
    CAST(in_calendar(TRY_CAST(regexp_extract(x, '^[^T ]*') AS TIMESTAMP)) AS DATE);
-- A cast to TIMESTAMP would drop the offset unread.
CREATE TEMP MACRO as_timestamp(x) AS CASE
    WHEN is_naive(x) THEN in_calendar(TRY_CAST(x AS TIMESTAMP))
    WHEN is_zoned(x)
    THEN in_calendar(timezone('UTC', TRY_CAST(regexp_replace(x, ' ([+-])', '\1') AS TIMESTAMPTZ)))
END;
-- The same of a long expression: a macro repeats its argument, and the list holds the one text.
CREATE TEMP MACRO time_in(x) AS list_transform([x], lambda text: as_timestamp(text))[1];
CREATE TEMP MACRO as_date(x) AS
    CASE WHEN is_date(x) OR as_timestamp(x) IS NOT NULL THEN written_day(x) END;
CREATE TEMP MACRO has_time_of_day(x) AS NOT is_date(x) AND as_timestamp(x) IS NOT NULL;
-- '1.0' and '1e3' cast to whole numbers, but they are other ids than '1' and '1000'.
CREATE TEMP MACRO as_whole_id(x) AS
    CASE WHEN CAST(TRY_CAST(x AS BIGINT) AS VARCHAR) = x THEN TRY_CAST(x AS BIGINT) END;
CREATE TEMP MACRO as_age(v) AS CASE WHEN v BETWEEN 0 AND 130 THEN v END;

-- Why there is no value: of a cell as it is, and as its column's spelling reads it.
CREATE TEMP MACRO boolean_fault(x, spelled) AS 'not true or false';
CREATE TEMP MACRO number_fault(x, spelled) AS CASE
    WHEN is_number(spelled) THEN 'too large a number'
    WHEN is_number(x) THEN 'not written like the other numbers'
    ELSE 'not a number'
END;
CREATE TEMP MACRO age_fault(x, spelled) AS CASE
    WHEN is_number(spelled) THEN 'not between 0 and 130' ELSE number_fault(x, spelled)
END;
CREATE TEMP MACRO date_fault(x, spelled) AS CASE
    WHEN as_timestamp(x) IS NOT NULL THEN 'not written like the other dates' ELSE 'not a date'
END;
CREATE TEMP MACRO time_fault(x, spelled) AS CASE
    WHEN regexp_matches(x, ':\d{2}\.\d{6}\d*[1-9]') THEN 'finer than a microsecond'
    WHEN as_timestamp(x) IS NOT NULL THEN 'not written like the other times'
    ELSE 'not a time'
END;

-- Of each different text and how often it is there: most texts are there often, and judging one is slow.
CREATE TEMP MACRO how_many(times) AS coalesce(sum(times), 0);
CREATE TEMP MACRO times_if(holds, times) AS how_many(CASE WHEN holds THEN times END);
CREATE TEMP MACRO measure(x, times) AS struct_pack(
    filled := how_many(CASE WHEN x IS NOT NULL THEN times END),
    different := count(x),
    no_values := times_if(is_no_value(x), times),
    no_numbers := times_if(is_no_number(x) OR is_no_value(x), times),
    codes := how_many(CASE WHEN is_code(x) THEN times END),
    booleans := how_many(CASE WHEN as_boolean(x) IS NOT NULL THEN times END),
    numbers := how_many(CASE WHEN is_number(x) THEN times END),
    -- Too long to be compared exactly, and those of them that no type holds.
    "long" := how_many(CASE WHEN is_number(x) AND NOT is_exact(x) THEN times END),
    infinite := how_many(CASE
        WHEN is_number(x) AND NOT is_exact(x) AND as_double(x) IS NULL THEN times
    END),
    whole := max(whole_digits(x)) FILTER (is_number(x) AND is_exact(x)),
    fraction := max(fraction_digits(x)) FILTER (is_number(x)),
    powers := how_many(CASE WHEN is_number(x) AND exponent(x) <> 0 THEN times END),
    low := min(TRY_CAST(x AS HUGEINT)) FILTER (is_number(x) AND is_exact(x)),
    high := max(TRY_CAST(x AS HUGEINT)) FILTER (is_number(x) AND is_exact(x)),
    dates := how_many(CASE WHEN is_date(x) AND as_timestamp(x) IS NOT NULL THEN times END),
    timestamps := how_many(CASE WHEN as_timestamp(x) IS NOT NULL THEN times END)
);
"""


@dataclass(frozen=True)
class LoadedColumn:
    """A column of a loaded table: its name, the staged column it comes from, its DuckDB type.

    `spelling` is the macro that gives its texts as written elsewhere, `doubt` why it is text after all;
    `unit` is the currency that its amounts are in. `note` says how it was read, `no_value` what stands in
    place of values, `overridden` that the user gave its type. Of the `cells` of a column of times,
    `dates` have no time of day.
    """

    name: str
    raw_name: str
    type: str
    spelling: str = ""
    unit: str = ""
    doubt: str = ""
    note: str = ""
    no_value: str = ""
    overridden: bool = False
    dates: int = 0
    cells: int = 0

    @property
    def value(self) -> Expression:
        if self.type == "VARCHAR":
            return ColumnExpression(self.raw_name)
        value = FunctionExpression(READERS[self.family], self._text).cast(duckdb.sqltype(self.type))
        return FunctionExpression("as_age", value) if self._is_age else value

    @property
    def fault(self) -> Expression:
        """Why a cell that gave no value was cleared."""
        macro = "age_fault" if self._is_age else FAULTS[self.family]
        return FunctionExpression(macro, ColumnExpression(self.raw_name), self._text)

    @property
    def is_cut(self) -> Expression:
        """True for a cell of a column of dates that has a time of day, of which only its day is loaded."""
        return FunctionExpression("has_time_of_day", self._text)

    @property
    def is_cleared(self) -> Expression:
        """True for a cell that held something, of which no value could be made."""
        text = ColumnExpression(self.raw_name)
        has_no_value = text.isnotnull() & self.value.isnull() & ~FunctionExpression("is_no_value", text)
        return (
            has_no_value & ~FunctionExpression("is_no_number", text)
            if self.family in NUMBERS
            else has_no_value
        )

    @property
    def family(self) -> str:
        return family(self.type)

    @property
    def _text(self) -> Expression:
        return as_spelled(ColumnExpression(self.raw_name), self.spelling, self.unit)

    @property
    def _is_age(self) -> bool:
        return self.name.lower() == "age" and self.family in NUMBERS


WITH_UNIT = ("from_point", "from_comma", "from_percent_point", "from_percent_comma")
"""The spellings that read amounts in one currency only."""

NUMBERS = ("INTEGER", "BIGINT", "DECIMAL", "DOUBLE")
READERS = {
    "BOOLEAN": "as_boolean",
    "INTEGER": "as_integer",
    "BIGINT": "as_integer",
    "DECIMAL": "as_decimal",
    "DOUBLE": "as_double",
    "DATE": "as_date",
    "TIMESTAMP": "as_timestamp",
    "VARCHAR[]": "as_texts",
    **{f"{name}[]": "as_number_texts" for name in NUMBERS},
}
FAULTS = {
    **dict.fromkeys(NUMBERS, "number_fault"),
    **{f"{name}[]": "number_list_fault" for name in NUMBERS},
    "VARCHAR[]": "text_list_fault",
    "BOOLEAN": "boolean_fault",
    "DATE": "date_fault",
    "TIMESTAMP": "time_fault",
}


def cleaned(text: Expression) -> Expression:
    """The text as it is loaded: trimmed, NFC; NULL where nothing is left."""
    return FunctionExpression("cleaned", text, ConstantExpression(WHITE_SPACE))


def as_spelled(text: Expression, spelling: str, unit: str) -> Expression:
    """The text as it is written plainly."""
    if spelling in WITH_UNIT:
        return FunctionExpression(spelling, text, ConstantExpression(unit))
    return FunctionExpression(spelling, text) if spelling else text


def column_type(counts: Mapping[str, Any]) -> str:
    """The DuckDB type for a column of which `measure` saw every cell."""
    cells = counts["filled"] - counts["no_values"]

    def enough(fitting: int, of: int = cells) -> bool:
        return fitting > 0 and fitting >= ENOUGH * of

    if enough(counts["booleans"]):
        return "BOOLEAN"
    if enough(counts["numbers"], counts["filled"] - counts["no_numbers"]) and not counts["codes"]:
        return number_type(counts)
    if enough(counts["timestamps"]):
        return "DATE" if enough(counts["dates"], counts["timestamps"]) else "TIMESTAMP"
    return "VARCHAR"


def number_type(counts: Mapping[str, Any]) -> str:
    """The smallest exact type that holds nearly every number; DOUBLE, or text, where too many are too long.

    A few among whole numbers that are too long are cleared, and of decimals those that would be infinite.
    """
    digits, fraction, too_long = counts["whole"] or 1, counts["fraction"], counts["long"]
    few = too_long <= (1 - ENOUGH) * counts["numbers"]
    if fraction:
        exact = fraction <= MAX_DECIMALS and (few if too_long == counts["infinite"] else not too_long)
        return f"DECIMAL({digits + fraction},{fraction})" if exact else "DOUBLE"
    if not few:
        # Whole numbers this long are codes, and a DOUBLE would change them.
        return "DOUBLE" if counts["powers"] else "VARCHAR"
    if within(counts, 32):
        return "INTEGER"
    return "BIGINT" if within(counts, 64) else f"DECIMAL({digits},0)"


def within(counts: Mapping[str, Any], bits: int) -> bool:
    edge = 1 << (bits - 1)
    low, high = counts["low"], counts["high"]
    return low is None or bool(-edge <= low and high < edge)


def fits(counts: Mapping[str, Any], type_: str) -> int:
    """How many of the cells that `measure` saw have a value of this type, or say that they have none."""
    family = type_.partition("(")[0]
    if family in NUMBERS:
        return int(counts["numbers"] + counts["no_numbers"])
    by_type = {"BOOLEAN": "booleans", "DATE": "timestamps", "TIMESTAMP": "timestamps"}
    return int(counts[by_type[family]] + counts["no_values"]) if family in by_type else 0
