"""A column compared with a value: TRUE where it holds, FALSE where not, NULL where a user has no value."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlglot import exp

from duckmart import instants
from duckmart.catalog import Column
from duckmart.compile.days import Calendar
from duckmart.compile.query import Plain, any_of, array, value
from duckmart.spec import anniversaries
from duckmart.spec.kinds import Kind
from duckmart.spec.operators import USER_OPERATORS, Operator, Takes
from duckmart.spec.segment import ColumnFilter
from duckmart.spec.spans import Moment

COMPARE: dict[Operator, Callable[[exp.Expr, exp.Expr], exp.Expr]] = {
    Operator.EQ: lambda x, v: exp.EQ(this=x, expression=v),
    Operator.GT: lambda x, v: exp.GT(this=x, expression=v),
    Operator.GTE: lambda x, v: exp.GTE(this=x, expression=v),
    Operator.LT: lambda x, v: exp.LT(this=x, expression=v),
    Operator.LTE: lambda x, v: exp.LTE(this=x, expression=v),
    Operator.LIKE: lambda x, v: exp.Like(this=x, expression=v),
    Operator.CONTAINS: lambda x, v: exp.GT(
        this=exp.StrPosition(this=x, substr=v), expression=exp.Literal.number(0)
    ),
    Operator.STARTS_WITH: lambda x, v: exp.StartsWith(this=x, expression=v),
    Operator.ENDS_WITH: lambda x, v: exp.EndsWith(this=x, expression=v),
}
# Of a list, against a list: elements compare exactly, and nothing is known of a list that is NULL.
_COMPARE_LISTS: dict[Operator, Callable[[exp.Expr, exp.Expr], exp.Expr]] = {
    Operator.CONTAINS_ANY: lambda x, v: exp.ArrayOverlaps(this=x, expression=v),
    Operator.CONTAINS_ALL: lambda x, v: exp.ArrayContainsAll(this=x, expression=v),
}
_FRAGMENTS = (Operator.CONTAINS, Operator.STARTS_WITH, Operator.ENDS_WITH)


@dataclass(frozen=True, slots=True)
class Comparison:
    """An operator with its value, as a condition of the spec has them."""

    operator: Operator
    value: Any
    case_sensitive: bool = False

    def of(self, operand: exp.Expr, column: Column, moment: Moment) -> exp.Expr:
        """The comparison of a column's value as SQL.

        For an operator that negates another one, such as `ne`, it is never NULL.
        """
        negated = USER_OPERATORS[self.operator].negates
        positive = Comparison(negated or self.operator, self.value, self.case_sensitive)
        condition = positive._condition(operand, column, moment)
        if negated is None:
            return condition
        # An unknown plan is not the premium plan, though SQL would not say so.
        return exp.not_(certain(condition, never_null=negated is Operator.IS_NULL), copy=False)

    def _condition(self, operand: exp.Expr, column: Column, moment: Moment) -> exp.Expr:
        kind, row = column.kind, USER_OPERATORS[self.operator]
        if self.operator is Operator.IS_NULL:
            return operand.is_(exp.null())
        if row.takes is Takes.DAYS and row.yearly:
            return self._yearly(operand, column, moment)
        if row.takes is Takes.DAYS:
            return self._within_days(operand, kind, moment)
        if self.operator in _FRAGMENTS and not self.case_sensitive:
            return COMPARE[self.operator](exp.Lower(this=operand), _lowered(self.value))
        values = self.value if isinstance(self.value, tuple) else (self.value,)
        plain = [plain_value(cell, kind) for cell in values]
        if self.operator in _COMPARE_LISTS:
            return _COMPARE_LISTS[self.operator](operand, array(plain))
        if kind.has_time and any(map(_is_day, plain)):
            return self._with_days(operand, plain, moment.zone)
        if self.operator is Operator.BETWEEN:
            return exp.Between(this=operand, low=value(plain[0]), high=value(plain[1]))
        if self.operator is Operator.IN:
            return any_of(operand, plain)
        return COMPARE[self.operator](operand, value(plain[0]))

    def _with_days(self, operand: exp.Expr, plain: list[Plain], zone: ZoneInfo) -> exp.Expr:
        """A time compared with whole local days, and perhaps with times among them."""
        if self.operator is Operator.BETWEEN:
            return exp.Between(
                this=operand, low=value(_first(plain[0], zone)), high=value(_last(plain[1], zone))
            )
        return any_holds(_on_day(operand.copy(), self.operator, cell, zone) for cell in plain)

    def _within_days(self, operand: exp.Expr, kind: Kind, moment: Moment) -> exp.Expr:
        """Later than the start of the days and not after their end; a DATE is compared by local days."""
        start, end = moment.as_of, moment.as_of
        ahead = USER_OPERATORS[self.operator].ahead
        if ahead:
            end = instants.days_after(end, self.value)
        else:
            start = instants.days_before(start, self.value)
        if kind.has_time:
            return within(operand, start, end)
        today = instants.local_day(moment.as_of, moment.zone)
        if ahead:
            return within(operand, today, instants.shifted(today, self.value))
        return within(operand, instants.shifted(today, -self.value), today)

    def _yearly(self, operand: exp.Expr, column: Column, moment: Moment) -> exp.Expr:
        """The month and day are in the days, of a year before the one that these days are in."""
        today = instants.local_day(moment.as_of, moment.zone)
        days = anniversaries.window(today, self.value, ahead=USER_OPERATORS[self.operator].ahead)
        day, has_time = operand, column.kind.has_time
        if has_time:
            # Which local days later times are in makes no difference: they have no anniversary yet.
            newest = instants.day_end(days[1], moment.zone)
            oldest = column.low if isinstance(column.low, datetime) else newest
            day = Calendar(moment.zone, min(oldest, newest), newest).day_of(operand)
        conditions = []
        for part in anniversaries.parts(*days):
            is_within = exp.Between(this=_month_and_day(day), low=value(part.first), high=value(part.last))
            year = date(part.year, 1, 1)
            begins: Plain = instants.day_start(year, moment.zone) if has_time else year
            is_earlier = exp.LT(this=operand.copy(), expression=value(begins))
            conditions.append(exp.and_(is_within, is_earlier, copy=False))
        return any_holds(conditions)


def filtered(
    node: ColumnFilter, columns: Mapping[str, Column], place: Callable[[str], exp.Expr], moment: Moment
) -> exp.Expr:
    """A filter on a column of a table as SQL; `place` is a column of it by its name."""
    column, operand = columns[node.field], place(node.field)
    if node.other_field is not None:
        return _of_two(node.operator, (operand, column), (place(node.other_field), columns[node.other_field]))
    return Comparison(node.operator, node.value, node.case_sensitive).of(operand, column, moment)


def _of_two(operator: Operator, left: tuple[exp.Expr, Column], right: tuple[exp.Expr, Column]) -> exp.Expr:
    """Two columns compared: NULL where one has no value, but for an operator that negates another one."""
    operands = [operand for operand, _ in (left, right)]
    if left[1].floating != right[1].floating:
        # An engine may bring a decimal down to a float of 32 bits.
        operands = [exp.cast(operand, exp.DType.DOUBLE) for operand in operands]
    negated = USER_OPERATORS[operator].negates
    condition = COMPARE[negated or operator](*operands)
    return condition if negated is None else exp.not_(certain(condition, never_null=False), copy=False)


def _month_and_day(day: exp.Expr) -> exp.Expr:
    """1115 for the 15th of November."""
    month, number = (exp.Extract(this=exp.var(part), expression=day.copy()) for part in ("MONTH", "DAY"))
    return exp.Add(this=exp.Mul(this=month, expression=exp.Literal.number(100)), expression=number)


def within(operand: exp.Expr, after: Plain, until: Plain) -> exp.Expr:
    """Later than `after`, and not later than `until`."""
    return exp.and_(
        exp.GT(this=operand.copy(), expression=value(after)),
        exp.LTE(this=operand.copy(), expression=value(until)),
        copy=False,
    )


def certain(condition: exp.Expr, never_null: bool) -> exp.Expr:
    """The condition with FALSE for NULL, unless it is `never_null` by itself."""
    return condition if never_null else exp.Coalesce(this=condition, expressions=[exp.false()])


def or_zero(number: exp.Expr) -> exp.Expr:
    """The number with 0 for NULL."""
    return exp.Coalesce(this=number, expressions=[exp.Literal.number(0)])


def any_holds(conditions: Iterable[exp.Expr]) -> exp.Expr:
    return exp.or_(*conditions, copy=False)


def plain_value(plain: object, kind: Kind) -> Plain:
    """A spec's value as the column's kind compares it: texts become dates and times."""
    literal = kind.literal(plain)
    assert isinstance(literal, Plain)  # noqa: S101 - what the spec's models let through
    return literal


def _on_day(time: exp.Expr, operator: Operator, cell: Plain, zone: ZoneInfo) -> exp.Expr:
    """A time compared with a time or a local day: `gt` is after its last instant, `gte` from its first."""
    first, last = value(_first(cell, zone)), value(_last(cell, zone))
    match operator:
        case Operator.EQ | Operator.IN if _is_day(cell):
            return exp.Between(this=time, low=first, high=last)
        case Operator.EQ | Operator.IN:
            return COMPARE[Operator.EQ](time, first)
        case Operator.GT | Operator.LTE:
            return COMPARE[operator](time, last)
        case _:
            return COMPARE[operator](time, first)


def _is_day(cell: Plain) -> bool:
    return isinstance(cell, date) and not isinstance(cell, datetime)


def _first(cell: Plain, zone: ZoneInfo) -> Plain:
    return instants.day_start(cell, zone) if isinstance(cell, date) and _is_day(cell) else cell


def _last(cell: Plain, zone: ZoneInfo) -> Plain:
    return instants.day_end(cell, zone) if isinstance(cell, date) and _is_day(cell) else cell


def _lowered(fragment: str) -> exp.Expr:
    """A text in lowercase.

    The engine lowers what is not ASCII, since it also lowers the column: Python may know other letters.
    """
    return value(fragment.lower()) if fragment.isascii() else exp.Lower(this=value(fragment))
