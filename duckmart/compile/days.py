"""Local days in SQL, from the zone's clock changes: no engine needs to know of time zones.

In UTC a day is a cast; elsewhere a CASE names each change of clocks that the data spans.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlglot import exp

from duckmart import instants
from duckmart.compile.query import value

# Local time is less than two days from UTC, so days this far beyond the data hold no event.
_MARGIN = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The local days of a zone, right for times from `oldest` to `newest` (naive UTC)."""

    zone: ZoneInfo
    oldest: datetime
    newest: datetime

    def day_of(self, moment: exp.Expr) -> exp.Expr:
        """The local day that a time is in, as a DATE."""
        rows = self._offsets()
        breaks = [
            max(_later(_midnight(following - instants.DAY), offset) for offset in (before, after))
            for (_, before), (following, after) in pairwise(rows)
        ]

        def day(offset: timedelta) -> exp.Expr:
            return exp.cast(plus(moment.copy(), -offset), exp.DType.DATE)

        return by_offset(moment, breaks, [offset for _, offset in rows], day)

    def begins(self, day: exp.Expr, later: int) -> exp.Expr:
        """The first instant of the local day `later` days after a DATE, as a TIMESTAMP."""
        rows = self._offsets()
        breaks = [instants.shifted(first, -later) for first, _ in rows[1:]]

        def start(offset: timedelta) -> exp.Expr:
            midnight = exp.cast(day.copy(), exp.DType.TIMESTAMP)
            return plus(plus(midnight, timedelta(days=later)), offset)

        return by_offset(day, breaks, [offset for _, offset in rows], start)

    def _offsets(self) -> tuple[tuple[date, timedelta], ...]:
        newest = max(self.newest, self.oldest)
        low = instants.shifted(self.oldest.date(), -_MARGIN.days)
        return instants.day_offsets(self.zone, low, instants.shifted(newest.date(), _MARGIN.days))


def plus(moment: exp.Expr, by: timedelta) -> exp.Expr:
    """A time some days, hours, minutes or seconds later, or earlier."""
    if not by:
        return moment
    operator = exp.Add if by > timedelta() else exp.Sub
    return operator(this=moment, expression=length(abs(by)))


def length(of: timedelta) -> exp.Interval:
    """A length of time as an INTERVAL, in the largest unit that makes it whole."""
    amount, unit = _amount(of)
    return exp.Interval(this=exp.Literal.string(str(amount)), unit=exp.var(unit))


def _amount(length: timedelta) -> tuple[int, str]:
    """A length in the largest unit that makes it whole."""
    units = {"DAY": timedelta(days=1), "HOUR": timedelta(hours=1), "MINUTE": timedelta(minutes=1)}
    for name, unit in units.items():
        if not length % unit:
            return length // unit, name
    return length // timedelta(seconds=1), "SECOND"


def by_offset(
    subject: exp.Expr,
    breaks: list[datetime] | list[date],
    offsets: list[timedelta],
    branch: Callable[[timedelta], exp.Expr],
) -> exp.Expr:
    """A CASE over the subject: each offset's branch holds before its break, the last one after all."""
    if len(offsets) == 1:
        return branch(offsets[0])
    case = exp.Case()
    for end, offset in zip(breaks, offsets[:-1], strict=True):
        case = case.when(exp.LT(this=subject.copy(), expression=value(end)), branch(offset), copy=False)
    return case.else_(branch(offsets[-1]), copy=False)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _later(moment: datetime, by: timedelta) -> datetime:
    """The moment plus a timedelta, clamped to what a datetime can hold."""
    try:
        return moment + by
    except OverflowError:
        return datetime.min if by < timedelta() else datetime.max
