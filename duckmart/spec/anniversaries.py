"""Yearly dates: when a day comes round again.

An anniversary of a day is a later date of the same month and day; that of 29 February is the 28th in years
without a 29th. The day itself is none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from duckmart.instants import DAY, shifted


@dataclass(frozen=True, slots=True)
class YearPart:
    """Anniversaries in some days of one year: those of earlier days, by month and day as a number.

    1115 is 15 November. With the last of February in years that have no 29th, 229 belongs to the part.
    """

    year: int
    first: int
    last: int

    def days_in(self, year: int) -> tuple[date, date] | None:
        """The first and the last day of another year that have an anniversary in this part."""
        first = date(year, 3, 1) if self.first == 229 and not _is_leap(year) else _day(year, self.first)
        last = date(year, 2, 28) if self.last == 229 and not _is_leap(year) else _day(year, self.last)
        return (first, last) if year < self.year and first <= last else None


def window(today: date, days: int, *, ahead: bool) -> tuple[date, date]:
    """The days up to today, or from today on, both ends included; never beyond the calendar's ends."""
    return (today, shifted(today, days)) if ahead else (shifted(today, -days), today)


def parts(first: date, last: date) -> Iterator[YearPart]:
    """The anniversaries in the days from `first` to `last`, year by year."""
    for year in range(first.year, last.year + 1):
        start = _number(first) if year == first.year else 101
        end = _number(last) if year == last.year else 1231
        yield YearPart(year, start, 229 if end == 228 and not _is_leap(year) else end)


def distance(day: date, today: date, *, ahead: bool) -> int | None:
    """How many days ago the last anniversary of `day` was, or how many ahead the next one is.

    Today counts both ways. None if there was none yet, or if the calendar ends before it.
    """
    if ahead:
        soonest = max(today.year, day.year + 1)
        following = (_in_year(day, year) for year in (soonest, soonest + 1) if year <= date.max.year)
        return next(((one - today) // DAY for one in following if one >= today), None)
    earlier = (_in_year(day, year) for year in (today.year, today.year - 1) if year > day.year)
    return next(((today - one) // DAY for one in earlier if one <= today), None)


def _in_year(day: date, year: int) -> date:
    return date(year, 2, 28) if _number(day) == 229 and not _is_leap(year) else day.replace(year=year)


def _number(day: date) -> int:
    return 100 * day.month + day.day


def _day(year: int, number: int) -> date:
    return date(year, number // 100, number % 100)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
