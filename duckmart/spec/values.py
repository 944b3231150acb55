"""The plain values a spec may hold, as pydantic types: exact numbers, clean texts, whole counts, times."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from typing import Annotated, Any, TypeVar
from zoneinfo import available_timezones

import simplejson
from pydantic import BeforeValidator, Field, PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from duckmart import instants
from duckmart.errors import did_you_mean, phrase
from duckmart.spec.measures import MEASURES

MAX_DAYS = 36_500
MAX_HOURS = 24 * MAX_DAYS
# The days of the longest year: between two anniversaries there are never more.
MAX_YEARLY_DAYS = 366
MAX_WHOLE = 2**63 - 1
# With 64 bits before the point and this much behind it, any two numbers that are compared fit into the 38
# digits of DuckDB's widest DECIMAL; the load keeps columns within the same bounds.
MAX_DECIMALS = 18
# How often one measure is taken beside another.
MAX_FACTOR, FACTOR_DECIMALS = 1_000_000, 3
# Characters of a text, by its role. An engine may build a text for each user out of one in the spec, as it
# does of a seed: one of five million characters takes all memory.
LONGEST_SEED = 64
LONGEST_NAME = 200
LONGEST_VALUE = 4_000


def value_error(code: str, message: str, hint: str) -> PydanticCustomError:
    """An error for pydantic to collect; `shape_problems` turns it into a `Problem`."""
    return PydanticCustomError(code, "{message}", {"message": message, "hint": hint})


def quote(value: Any) -> str:
    """A value as the user wrote it, cut to 40 characters, for a message."""
    try:
        text = simplejson.dumps(value, use_decimal=True, default=str, ignore_nan=True)
    except (TypeError, ValueError, RecursionError):  # no JSON: a key of another type, a circle, too deep
        text = f"this {type(value).__name__}"
    return text if len(text) <= 40 else text[:37] + "..."


def text(value: Any, longest: int = LONGEST_VALUE) -> str:
    """A text that SQL and JSON can carry: not empty, not too long for its role, no NUL, no lone surrogate."""
    if not isinstance(value, str):
        raise value_error("wrong_type", f"{quote(value)} is not a text", "write it in double quotes")
    if value == "":
        raise value_error("empty", "is an empty text", "write a value, or remove the condition")
    if len(value) > longest:
        message = f"has {len(value):,} characters, which is too long"
        raise value_error("too_long", message, f"write at most {longest:,} characters")
    # Databases refuse NUL, and a lone surrogate has no UTF-8.
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise value_error("bad_text", "holds a NUL or half a character", "remove it")
    return value


def number(value: int | Decimal | float) -> int | Decimal:
    """An exact number: a whole one as `int` (25.0 is 25), others as `Decimal`; a float as it prints."""
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        raise value_error("bad_number", "is not a finite number", "write a plain number")
    if exact == 0:
        return 0
    # Unlike abs(), which rounds to the context's 28 digits.
    if exact.copy_abs() > MAX_WHOLE:
        raise value_error("bad_number", "is a number beyond 64 bits", "write a smaller number")
    digits = exact.as_tuple()
    # Without trailing zeros 25.00 is the whole number 25, and equal numbers are written alike.
    significant = "".join(map(str, digits.digits)).rstrip("0")
    decimals = len(significant) - exact.adjusted() - 1
    if decimals <= 0:
        return int(exact)
    if decimals > MAX_DECIMALS:
        raise value_error("bad_number", f"has more than {MAX_DECIMALS} decimals", "write a shorter number")
    return Decimal((digits.sign, tuple(map(int, significant)), -decimals))


Number = TypeVar("Number", int, Decimal, float)


def as_written(value: Number) -> int | Decimal | Number:
    """A number of the data as a spec writes it; itself where no spec can."""
    try:
        return number(value)
    except ValueError:
        return value


def scalar(value: Any) -> str | int | Decimal | bool:
    """A text, a number or true/false."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | Decimal | float):
        return number(value)
    if isinstance(value, str):
        return text(value)
    raise value_error(
        "wrong_type", f"{quote(value)} is not a text, a number or true/false", "write one plain value"
    )


def integer(value: Any) -> int:
    """A whole number; 25.0 is one, "25" and true are not."""
    plain = not isinstance(value, bool) and isinstance(value, int | Decimal | float)
    exact = number(value) if plain else None
    if not isinstance(exact, int):
        raise value_error(
            "wrong_type", f"{quote(value)} is not a whole number", "write a whole number, without quotes"
        )
    return exact


def _between(low: int, high: int) -> Any:
    def check(value: Any) -> int:
        exact = integer(value)
        if not low <= exact <= high:
            bounds = f"of at least {low}" if high == MAX_WHOLE else f"from {low} to {high:,}"
            raise value_error("out_of_range", f"{exact} is out of range", f"write a whole number {bounds}")
        return exact

    return check


def _time(value: Any) -> str:
    moment = text(value, LONGEST_SEED)
    try:
        instants.parse(moment)
    except ValueError:
        hint = "write 2026-11-22 or 2026-11-22T09:30:00Z, no finer than a microsecond"
        raise value_error("bad_time", f"{quote(value)} is not a date or time", hint) from None
    return moment


@cache
def timezones() -> frozenset[str]:
    # Listing them walks the folders of the zone database, so it is done once.
    return frozenset(available_timezones())


def _timezone(value: Any) -> str:
    name = text(value, LONGEST_SEED)
    if name not in timezones():
        hint = did_you_mean(name, timezones()) or "write a name such as UTC or America/Los_Angeles"
        raise value_error("unknown_timezone", f"unknown time zone {quote(name)}", hint)
    return name


@dataclass(frozen=True, slots=True)
class MeasureRef:
    """A measure by its name, and the event property that it is of; None for a measure of events alone."""

    measure: str
    property: str | None = None


def _measure_ref(value: Any) -> MeasureRef:
    """`"count"`, or `{"sum": "amount"}`."""
    plain = [str(name) for name, row in MEASURES.items() if not row.kinds]
    of_property = [str(name) for name, row in MEASURES.items() if row.kinds]
    match value:
        case MeasureRef():
            return value
        case str() if value in plain:
            return MeasureRef(value)
        case str() if value in of_property:
            message = phrase("{measure} is of a property", measure=MEASURES[value])
            hint = phrase('write {{"{measure}": "amount"}}', measure=MEASURES[value])
            raise value_error("wrong_value", message, hint)
        case dict() if len(value) == 1 and (name := next(iter(value))) in of_property:
            return MeasureRef(name, text(value[name], LONGEST_NAME))
    hint = did_you_mean(value, [*plain, *of_property]) if isinstance(value, str) else ""
    measures = f"one of: {', '.join(plain)}, or one of {', '.join(of_property)} with a property"
    raise value_error("unknown_measure", f"unknown measure {quote(value)}", hint or measures)


def _measure_json(ref: MeasureRef) -> Any:
    return {str(ref.measure): ref.property} if ref.property else str(ref.measure)


_MEASURE_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"enum": [str(name) for name, row in MEASURES.items() if not row.kinds]},
        {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
            "properties": {
                str(name): {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}
                for name, row in MEASURES.items()
                if row.kinds
            },
        },
    ]
}


SEGMENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def segment_id(value: Any) -> str:
    """The id of a saved segment."""
    name = text(value)
    if not SEGMENT_ID.fullmatch(name):
        hint = "write 1 to 64 letters, digits, - or _"
        raise value_error("bad_id", f"{quote(name)} is not the id of a saved segment", hint)
    return name


def _percent(value: Any) -> int | Decimal:
    # In Python, True is an int.
    plain = not isinstance(value, bool) and isinstance(value, int | Decimal | float)
    if not plain or not 0 < (exact := number(value)) <= 100:
        raise value_error(
            "out_of_range", f"{quote(value)} is not a percentage", "write a number above 0, up to 100"
        )
    return exact


def is_factor(value: object) -> bool:
    """Whether a number may be how many times one measure is compared with another."""
    if not isinstance(value, int | Decimal):
        return False
    return 0 < value <= MAX_FACTOR and not value * 10**FACTOR_DECIMALS % 1


def _factor(value: Any) -> int | Decimal:
    # In Python, True is an int.
    plain = not isinstance(value, bool) and isinstance(value, int | Decimal | float)
    exact = number(value) if plain else 0
    if not is_factor(exact):
        hint = f"write a number above 0, up to {MAX_FACTOR:,}, with at most {FACTOR_DECIMALS} decimals"
        raise value_error("out_of_range", f"{quote(value)} is not a number of times", hint)
    return exact


def _arms(value: Any) -> Any:
    # Checked before each weight is: a problem for each of a million arms would fill the memory.
    if isinstance(value, dict) and len(value) > 100:
        raise value_error(
            "too_many", f"has {len(value):,} arms", "their weights add up to 100, so write fewer"
        )
    return value


def _true_or_false(value: Any) -> bool:
    if not isinstance(value, bool):
        raise value_error(
            "wrong_type", f"{quote(value)} is not true or false", "write true or false, without quotes"
        )
    return value


_SCALAR_SCHEMA: dict[str, Any] = {
    "type": ["string", "number", "boolean"],
    "minLength": 1,
    "maxLength": LONGEST_VALUE,
}


def _whole_schema(low: int, high: int) -> WithJsonSchema:
    return WithJsonSchema({"type": "integer", "minimum": low, "maximum": high})


def _text_schema(longest: int) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "minLength": 1, "maxLength": longest})


Name = Annotated[str, PlainValidator(partial(text, longest=LONGEST_NAME)), _text_schema(LONGEST_NAME)]
Seed = Annotated[str, PlainValidator(partial(text, longest=LONGEST_SEED)), _text_schema(LONGEST_SEED)]
Scalar = Annotated[str | int | Decimal | bool, PlainValidator(scalar), WithJsonSchema(_SCALAR_SCHEMA)]
Scalars = Annotated[tuple[Scalar, ...], Field(min_length=1)]
Flag = Annotated[bool, PlainValidator(_true_or_false), WithJsonSchema({"type": "boolean"})]
Count = Annotated[int, PlainValidator(_between(0, MAX_WHOLE)), _whole_schema(0, MAX_WHOLE)]
Counts = Annotated[tuple[Count, ...], Field(min_length=1)]
Limit = Annotated[int, PlainValidator(_between(1, MAX_WHOLE)), _whole_schema(1, MAX_WHOLE)]
days = _between(1, MAX_DAYS)
hours = _between(1, MAX_HOURS)

Days = Annotated[int, PlainValidator(days), _whole_schema(1, MAX_DAYS)]
Hours = Annotated[int, PlainValidator(hours), _whole_schema(1, MAX_HOURS)]
DaysAgo = Annotated[int, PlainValidator(_between(0, MAX_DAYS)), _whole_schema(0, MAX_DAYS)]
AtLeast = Annotated[int, PlainValidator(_between(1, MAX_WHOLE)), _whole_schema(1, MAX_WHOLE)]
Weight = Annotated[int, PlainValidator(_between(1, 100)), _whole_schema(1, 100)]
Split = Annotated[dict[Name, Weight], BeforeValidator(_arms)]
Percent = Annotated[
    int | Decimal,
    PlainValidator(_percent),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 100}),
]
Factor = Annotated[
    int | Decimal,
    PlainValidator(_factor),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": MAX_FACTOR}),
]
SegmentId = Annotated[
    str,
    PlainValidator(segment_id),
    WithJsonSchema({"type": "string", "pattern": f"^{SEGMENT_ID.pattern}$"}),
]
Measures = Annotated[
    MeasureRef,
    PlainValidator(_measure_ref),
    PlainSerializer(_measure_json),
    WithJsonSchema(_MEASURE_SCHEMA),
]
Time = Annotated[str, PlainValidator(_time), WithJsonSchema({"type": "string", "examples": ["2026-11-22"]})]
Timezone = Annotated[str, PlainValidator(_timezone), WithJsonSchema({"type": "string", "examples": ["UTC"]})]
