"""Lengths of time as the spec writes them: so many days of 24 hours, or so many hours; a row per unit.

A new unit is a row in `UNITS` and one in `windows.LAST_KEYS`, and its two keys in the models of `segment.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from duckmart.spec.values import MAX_DAYS, MAX_HOURS
from duckmart.spec.words import last, quantity


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of time; `within` is the key of a sequence that may take so many.

    `usual` are numbers of it that people ask for, and `most` is the largest that a spec may have.
    """

    noun: str
    length: timedelta
    most: int
    usual: tuple[int, ...]
    within: str


# A day, a week, a month, a quarter, a year, and some between.
DAYS = Unit(
    "day",
    timedelta(days=1),
    MAX_DAYS,
    (1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365),
    within="within_days",
)
HOURS = Unit(
    "hour",
    timedelta(hours=1),
    MAX_HOURS,
    (1, 2, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72, 96, 120, 168, 240, 336, 504, 720),
    within="within_hours",
)
UNITS = (DAYS, HOURS)

WITHIN_KEYS = {unit.within: unit for unit in UNITS}


@dataclass(frozen=True, slots=True, eq=False)
class Length:
    """So many units of time; None stands for a number that is missing. 24 hours equal 1 day."""

    number: int | None
    unit: Unit

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Length) and self.span == other.span

    def __hash__(self) -> int:
        return hash(self.span)

    @property
    def span(self) -> timedelta:
        return self.unit.length * (self.number or 0)

    @property
    def words(self) -> str:
        """`1 hour`, `30 days`."""
        return quantity(self.number, self.unit.noun)

    @property
    def words_after_last(self) -> str:
        """What follows "the last": `hour`, `30 days`."""
        return last(self.number, self.unit.noun)


def within(condition: Mapping[str, Any]) -> Length:
    """How long a sequence may take, by its keys; of two lengths the first, without any a missing one."""
    key = next((key for key in WITHIN_KEYS if key in condition), DAYS.within)
    return Length(condition.get(key), WITHIN_KEYS[key])
