"""Who the members are beside everyone, by the values or bands of each attribute."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, assert_never

from sqlglot import exp

from duckmart.catalog import Catalog, Column
from duckmart.compile import KEY
from duckmart.compile.plan import USER
from duckmart.compile.query import Query, column, identifier, value
from duckmart.insight.findings import Bar, Breakdown
from duckmart.insight.round_numbers import round_width
from duckmart.insight.users import MEMBERSHIP, column_beside, with_membership
from duckmart.spec.kinds import Bars
from duckmart.spec.values import MAX_WHOLE, as_written

# An attribute with more values than this is a name or an id, and makes no chart.
VALUES_CHARTED = 60
BANDS = 12
_MOST_MONTHS = 3 * BANDS


def chart_attributes(catalog: Catalog) -> list[Column]:
    """The attributes that can be broken down, in the order of the data."""
    return [
        attribute
        for attribute in catalog.attributes.values()
        if attribute.name != KEY and _is_charted(attribute)
    ]


def breakdown(members: Query, attributes: Sequence[Column]) -> Query:
    """One query for all attributes: rows of `field`, `value` (as text), `everyone`, `members`.

    `members` is a query of user ids without a limit.
    """
    names = [attribute.name for attribute in attributes]
    is_member = column_beside("is_member", names)
    parts = [part for attribute in attributes for part in _bars(attribute, is_member)]
    query = parts[0] if len(parts) == 1 else exp.union(*parts, distinct=False)
    return with_membership(query, members, [column(name, USER) for name in names], is_member)


def read_breakdown(attributes: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> list[Breakdown]:
    """The rows of `breakdown` as charts: bands in order, values by how many of everyone have them."""
    return [
        _breakdown(attribute, [row for row in rows if row["field"] == attribute.name])
        for attribute in attributes
    ]


def _is_charted(attribute: Column) -> bool:
    if attribute.kind.bars is Bars.VALUES:
        return attribute.complete and 0 < len(attribute.values) <= VALUES_CHARTED
    return attribute.low is not None and (attribute.kind.bars is not Bars.WIDTHS or _fits_bands(attribute))


def _fits_bands(attribute: Column) -> bool:
    """Whether the numbers of bands fit into 64 bits: they do not if one cell is 1e300."""
    if not all(Decimal(str(end)).is_finite() for end in (attribute.low, attribute.high)):
        return False
    width = _width(attribute)
    farthest = max(abs(Decimal(str(end))) for end in (attribute.low, attribute.high))
    return max(width, farthest / width) <= MAX_WHOLE


def _bars(attribute: Column, flag: str) -> list[exp.Select]:
    """The rows of an attribute; one of lists has those of the elements and of the lists by themselves."""
    operand = exp.column(identifier(attribute.name))
    if attribute.kind.element is None:
        return [_counts(attribute, _band(attribute), flag)]
    elements = exp.Unnest(expressions=[exp.ArrayDistinct(this=operand)])
    is_known = exp.Case().when(operand.copy().is_(exp.null()).not_(), exp.Literal.string(_ANY_LIST))
    return [_counts(attribute, elements, flag), _counts(attribute, is_known, flag)]


# In the place of an element; none is empty.
_ANY_LIST = ""


def _counts(attribute: Column, band: exp.Expr, flag: str) -> exp.Select:
    name = exp.alias_(value(attribute.name), "field")
    # As text: one UNION ALL has the values of attributes of every kind.
    band = exp.alias_(exp.cast(band, exp.DType.VARCHAR), "value")
    everyone = exp.alias_(exp.Count(this=exp.Star()), "everyone")
    members = exp.alias_(exp.CountIf(this=exp.column(flag)), "members")
    banded = exp.select(name, band, exp.column(flag)).from_(MEMBERSHIP)
    counts = exp.select("field", "value", everyone, members).from_(banded.subquery("banded"))
    return counts.group_by("field", "value")


def _band(attribute: Column) -> exp.Expr:
    """The value itself, the number of its band counted from zero, or the start of its month or year."""
    operand = exp.column(identifier(attribute.name))
    match attribute.kind.bars:
        case Bars.WIDTHS:
            width = _width(attribute)
            if attribute.whole:
                return _whole_widths(operand, int(width))
            return exp.cast(exp.Floor(this=_in_widths(operand, width)), exp.DType.BIGINT)
        case Bars.MONTHS:
            # More months than this are too many bars for one chart.
            unit = "year" if _months(attribute) > _MOST_MONTHS else "month"
            return exp.cast(exp.TimestampTrunc(this=operand, unit=exp.var(unit)), exp.DType.DATE)
        case Bars.VALUES:
            return operand
        case _:
            assert_never(attribute.kind.bars)


def _whole_widths(operand: exp.Expr, width: int) -> exp.Expr:
    """The band of a whole number by integer division: a floating quotient of 2**60 is not exact."""
    rest = exp.Mod(this=operand.copy(), expression=value(width))
    # Division truncates towards 0, so a negative number that is not a multiple is one band lower.
    is_below = exp.cast(exp.Paren(this=exp.LT(this=rest, expression=value(0))), exp.DType.BIGINT)
    return exp.Sub(this=exp.IntDiv(this=operand, expression=value(width)), expression=is_below)


def _in_widths(operand: exp.Expr, width: int | Decimal) -> exp.Expr:
    """How many widths go into a number."""
    if width < 1:  # Its inverse is whole and so exact, while 0.3 / 0.1 is 2.9999999999999996.
        return exp.Mul(this=operand, expression=value(int(1 / width)))
    return exp.Div(this=operand, expression=value(width))


def _breakdown(attribute: Column, rows: Sequence[Mapping[str, Any]]) -> Breakdown:
    bars = [Bar(_read(attribute, row["value"]), row["everyone"], int(row["members"])) for row in rows]
    known = None
    if attribute.kind.element is not None:
        # Where all users have a list, or none has, there is but one of the two.
        known = next((bar for bar in bars if bar.value == _ANY_LIST), Bar(_ANY_LIST, 0, 0))
        bars = [bar for bar in bars if bar.value != _ANY_LIST]
    with_value = [bar for bar in bars if bar.value is not None]
    if attribute.kind.bars is Bars.VALUES:
        with_value.sort(key=lambda bar: (-bar.everyone, str(bar.value)))
    else:
        with_value.sort(key=_position)
    width: Decimal | int | None = None
    if attribute.kind.bars is Bars.WIDTHS:
        width = _width(attribute)
    elif attribute.kind.bars is Bars.MONTHS:
        width = 12 if _months(attribute) > _MOST_MONTHS else 1
    return Breakdown(attribute, (*with_value, *(bar for bar in bars if bar.value is None)), width, known)


def _position(bar: Bar) -> Any:
    return bar.value


def _read(attribute: Column, text: str | None) -> str | int | Decimal | date | bool | None:
    if text is None:
        return None
    match attribute.kind.bars:
        case Bars.WIDTHS:
            return int(text) * Decimal(_width(attribute))
        case Bars.MONTHS:
            return date.fromisoformat(text)
        case Bars.VALUES:
            # The query casts booleans to text, and every engine writes them so.
            if attribute.elements.kind.is_number and text != _ANY_LIST:
                return as_written(Decimal(text))
            return text == "true" if attribute.kind.is_boolean else text
        case _:
            assert_never(attribute.kind.bars)


def _months(attribute: Column) -> int:
    assert isinstance(attribute.low, date)  # noqa: S101 - the catalog gives dates and times their range
    assert isinstance(attribute.high, date)  # noqa: S101
    return 12 * (attribute.high.year - attribute.low.year) + attribute.high.month - attribute.low.month


def _width(attribute: Column) -> int | Decimal:
    """The width of a band: a round number that divides the range into at most `BANDS`."""
    span = Decimal(str(attribute.high)) - Decimal(str(attribute.low))
    width = round_width(span, BANDS, is_whole=attribute.whole)
    return int(width) if width == width.to_integral_value() else width
