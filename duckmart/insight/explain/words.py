"""A user's value for a condition, and the change that would make it hold, in words."""

from datetime import date, datetime
from decimal import Decimal

from duckmart import instants
from duckmart.catalog import Value
from duckmart.compile.query import Plain
from duckmart.spec.describe import measured
from duckmart.spec.lengths import Length
from duckmart.spec.operators import USER_OPERATORS as OPERATORS
from duckmart.spec.operators import Operator, Takes
from duckmart.spec.paths import Path
from duckmart.spec.segment import Child, EventFilter, Group, UserFilter
from duckmart.spec.words import days as in_days
from duckmart.spec.words import enumeration, readable_name


def actual_value(node: Child, value: Value) -> str:
    """`age is 24`, `2 times`, `days since the last is 33.2`; nothing where nothing is compared."""
    match node:
        case UserFilter() if isinstance(value, list):
            return f"{readable_name(node.field)} holds {enumeration([*map(_text, value)]) or 'nothing'}"
        case UserFilter():
            return f"{readable_name(node.field)} is {_text(value)}"
        case EventFilter() if node.row.is_plain_count:
            return "once" if value == 1 else f"{_text(value)} times"
        case EventFilter():
            of = f" {readable_name(node.measure.property)}" if node.measure.property else ""
            return f"{node.row.label}{of} is {_text(value)}"
        case Group():
            return f"{value} of {len(node.children)} hold"
        case _:
            return ""


def two_values(node: EventFilter, value: Value, than: Value) -> str:
    """`number of VIEW is 3, number of PURCHASE is 2`."""
    return ", ".join(
        f"{measured(side)} is {_text(cell)}"
        for (_, side), cell in zip(node.sides, (value, than), strict=True)
    )


def two_fields(node: UserFilter, value: Value, other: Value) -> str:
    """`age is 24, points is 30`."""
    fields = zip((node.field, node.other_field or ""), (value, other), strict=True)
    return ", ".join(f"{readable_name(field)} is {_text(cell)}" for field, cell in fields)


def place(number: int | None, ranked: int | None) -> str:
    """`, place 12 of 300`; nothing where a user has none."""
    if number is None:
        return ""
    return f", place {number:,}" + ("" if ranked is None else f" of {ranked:,}")


def rank(node: UserFilter | EventFilter, size: Plain) -> str:
    """`holds in the top 12`."""
    row = OPERATORS[node.operator]
    percent = " %" if row.takes is Takes.PERCENT else ""
    return f"holds {row.words.removeprefix('is ')} {_text(size)}{percent}"


def factor(plain: Plain) -> str:
    return f"holds with {_text(plain)} times"


def threshold(node: UserFilter | EventFilter, where: Path, plain: Plain) -> str:
    """`holds with at least 24`."""
    operators = node.operators if isinstance(node, EventFilter) else OPERATORS
    row = operators[node.operator]
    match row.takes:
        case Takes.LIST:
            return f"holds with {_text(plain)} in the list"
        case Takes.PAIR:
            pair = node.compared_with if isinstance(node, EventFilter) else node.value
            assert isinstance(pair, tuple)  # noqa: S101 - checked
            bounds = [plain if (place,) == where else limit for place, limit in enumerate(pair)]
            return f"holds with {row.label} {_text(bounds[0])} and {_text(bounds[1])}"
    if node.operator is Operator.EQ:
        return f"holds with {_text(plain)}"
    words = row.words_for(is_date=isinstance(plain, str)).removeprefix("is ")
    return f"holds with {words} {_text(plain)}"


def days(number: int) -> str:
    return f"holds with {in_days(number)}"


def window(key: str, length: Length, which: int, time: datetime | None, as_of: datetime) -> str:
    """`holds with KEY 34: the last one was 33 days ago`; `which` event counts from the last."""
    words = f"holds with {key} {length.number}"
    if time is None:
        return words
    ago = f"{Length((as_of - time) // length.unit.length, length.unit).words} ago"
    return f"{words}: the last one was {ago}" if which == 1 else f"{words}: the last {which:,} began {ago}"


def _text(value: Value) -> str:
    match value:
        case None:
            return "unknown"
        case bool():
            return "true" if value else "false"
        case datetime():
            return instants.stamp(value)
        case date():
            return value.isoformat()
        case int():
            return f"{value}"
        case Decimal():
            return f"{value:,f}"
        case float():
            return f"{value:,}"
        case str():
            return f"“{value}”"
        case list():
            return enumeration([*map(_text, value)])
