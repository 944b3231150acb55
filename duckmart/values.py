"""The plain values a spec may hold, as pydantic types: exact numbers, clean texts, whole counts, times."""

from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import available_timezones

import simplejson
from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from duckmart import instants
from duckmart.errors import did_you_mean

MAX_DAYS = 36_500
MAX_WHOLE = 2**63 - 1
# With 64 bits before the point and this much behind it, any two numbers that are compared fit into the 38
# digits of DuckDB's widest DECIMAL; the load keeps columns within the same bounds.
MAX_DECIMALS = 18


def refused(code: str, message: str, hint: str) -> PydanticCustomError:
    """A problem as pydantic carries it; the model's errors are turned into `Problem`s in one place."""
    return PydanticCustomError(code, "{message}", {"message": message, "hint": hint})


def shown(value: Any) -> str:
    """A value as the user wrote it, cut short."""
    text = simplejson.dumps(value, use_decimal=True, default=str, ignore_nan=True)
    return text if len(text) <= 40 else text[:37] + "..."


def text(value: Any) -> str:
    """A text that SQL and JSON can carry: not empty, no NUL, no lone surrogate."""
    if not isinstance(value, str):
        raise refused("wrong_type", f"{shown(value)} is not a text", "write it in double quotes")
    if value == "":
        raise refused("empty", "is an empty text", "write a value, or remove the condition")
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise refused("bad_text", "holds a NUL or half a character", "remove it")
    return value


def number(value: int | Decimal | float) -> int | Decimal:
    """An exact number: a whole one as `int` (25.0 is 25), others as `Decimal`; a float as it prints."""
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        raise refused("bad_number", "is not a finite number", "write a plain number")
    if exact == 0:
        return 0
    # Unlike abs(), which rounds to the context's 28 digits.
    if exact.copy_abs() > MAX_WHOLE:
        raise refused("bad_number", "is a number beyond 64 bits", "write a smaller number")
    digits = exact.as_tuple()
    significant = "".join(map(str, digits.digits)).rstrip("0")
    decimals = len(significant) - exact.adjusted() - 1
    if decimals <= 0:
        return int(exact)
    if decimals > MAX_DECIMALS:
        raise refused("bad_number", f"has more than {MAX_DECIMALS} decimals", "write a shorter number")
    return Decimal((digits.sign, tuple(map(int, significant)), -decimals))


def scalar(value: Any) -> str | int | Decimal | bool:
    """A text, a number or true/false."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | Decimal | float):
        return number(value)
    if isinstance(value, str):
        return text(value)
    raise refused(
        "wrong_type", f"{shown(value)} is not a text, a number or true/false", "write one plain value"
    )


def whole(value: Any) -> int:
    """A whole number; 25.0 is one, "25" and true are not."""
    plain = not isinstance(value, bool) and isinstance(value, int | Decimal | float)
    exact = number(value) if plain else None
    if not isinstance(exact, int):
        raise refused(
            "wrong_type", f"{shown(value)} is not a whole number", "write a whole number, without quotes"
        )
    return exact


def _between(low: int, high: int) -> Any:
    def check(value: Any) -> int:
        exact = whole(value)
        if not low <= exact <= high:
            bounds = f"of at least {low}" if high == MAX_WHOLE else f"from {low} to {high:,}"
            raise refused("out_of_range", f"{exact} is out of range", f"write a whole number {bounds}")
        return exact

    return check


def _time(value: Any) -> str:
    moment = text(value)
    try:
        instants.parse(moment)
    except ValueError:
        hint = "write 2026-11-22 or 2026-11-22T09:30:00Z, no finer than a microsecond"
        raise refused("bad_time", f"{shown(value)} is not a date or time", hint) from None
    return moment


def _timezone(value: Any) -> str:
    name = text(value)
    if name not in available_timezones():
        hint = did_you_mean(name, available_timezones()) or "write a name such as UTC or America/Los_Angeles"
        raise refused("unknown_timezone", f"unknown time zone {shown(name)}", hint)
    return name


def _true_or_false(value: Any) -> bool:
    if not isinstance(value, bool):
        raise refused(
            "wrong_type", f"{shown(value)} is not true or false", "write true or false, without quotes"
        )
    return value


_SCALAR_SCHEMA: dict[str, Any] = {"type": ["string", "number", "boolean"], "minLength": 1}


def _whole_schema(low: int, high: int) -> WithJsonSchema:
    return WithJsonSchema({"type": "integer", "minimum": low, "maximum": high})


Text = Annotated[str, PlainValidator(text), WithJsonSchema({"type": "string", "minLength": 1})]
Scalar = Annotated[str | int | Decimal | bool, PlainValidator(scalar), WithJsonSchema(_SCALAR_SCHEMA)]
Scalars = Annotated[tuple[Scalar, ...], Field(min_length=1)]
Flag = Annotated[bool, PlainValidator(_true_or_false), WithJsonSchema({"type": "boolean"})]
Count = Annotated[int, PlainValidator(_between(0, MAX_WHOLE)), _whole_schema(0, MAX_WHOLE)]
Limit = Annotated[int, PlainValidator(_between(1, MAX_WHOLE)), _whole_schema(1, MAX_WHOLE)]
days = _between(1, MAX_DAYS)

Days = Annotated[int, PlainValidator(days), _whole_schema(1, MAX_DAYS)]
Time = Annotated[str, PlainValidator(_time), WithJsonSchema({"type": "string", "examples": ["2026-11-22"]})]
Timezone = Annotated[str, PlainValidator(_timezone), WithJsonSchema({"type": "string", "examples": ["UTC"]})]
