"""One row per measure of a user's events: its label, its words in a sentence, what it gives and suits.

Menus, sentences, the check and the compiler look here.
"""

from dataclasses import dataclass
from enum import StrEnum

from duckmart.spec.kinds import NUMBERS, ORDERABLE, SINGLE_VALUES, Kind, Kinds
from duckmart.spec.operators import COUNT_OPERATORS, USER_OPERATORS, Operator, OperatorRow


class Measure(StrEnum):
    """The measures that code refers to by name; all measures are in `MEASURES`."""

    COUNT = "count"
    ACTIVE_DAYS = "active_days"
    DAYS_SINCE_LAST = "days_since_last"
    DAYS_SINCE_FIRST = "days_since_first"
    SUM = "sum"
    AVG = "avg"
    MEDIAN = "median"
    MIN = "min"
    MAX = "max"
    DISTINCT = "distinct"
    FIRST = "first"
    LAST = "last"


class MeasureName(str):
    """The name of a measure in the place of a column's name; a page shows its label instead."""


class Gives(StrEnum):
    """What a measure gives about a user's events."""

    COUNT = "count"  # a whole number from 0
    AGE = "age"  # days between an event and the moment counted from; it has no window
    NUMBER = "number"  # a number made of the values of a property
    VALUE = "value"  # one of the values of a property


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A measure's facts.

    `kinds` are those of the property it is of; none: it is of the events alone. A measure `with_zero` is 0
    for users who never did it; the others have no value then. `end` is the event it looks at, the first or
    the last; `is_divided` says that its aggregate is compared after division by how many values are known.

    `opening` goes between "Users" and the `sentence`, in which describe.py fills the names in braces;
    `dated` stands in for its "smallest" or "largest" where the value is a date. `parameter` says what is
    varied when its threshold is.
    """

    measure: str
    label: str
    gives: Gives
    aggregate: str
    sentence: str
    parameter: str
    kinds: Kinds | None = None
    with_zero: bool = False
    opening: str = "whose"
    date_label: str = ""
    end: str = ""
    is_divided: bool = False
    # The key of the JSON that it is compared with.
    key: str = "value"

    def __str__(self) -> str:
        return str(self.measure)

    @property
    def is_own_value(self) -> bool:
        """Whether it is the value of the first or last event, which is compared as an attribute is."""
        return self.gives is Gives.VALUE and bool(self.end)

    def suits(self, kind: Kind) -> bool:
        """Whether it can be of a property of this kind."""
        return self.kinds is not None and kind in self.kinds

    @property
    def operators(self) -> dict[Operator, OperatorRow]:
        return USER_OPERATORS if self.is_own_value else COUNT_OPERATORS

    @property
    def is_added_up(self) -> bool:
        """Whether it is a sum, or an average, which is compared by its sum."""
        return self.gives is Gives.NUMBER and self.aggregate == "sum"

    @property
    def lies_between(self) -> bool:
        """Whether it is a number between the smallest and the largest value of its property."""
        return self.gives is Gives.NUMBER and not self.with_zero

    @property
    def is_plain_count(self) -> bool:
        """Whether it counts events and nothing else."""
        return self.key == "count"


# Sentences of measures of all values of a property, and of one event's value.
_OF_ALL = "{of} of {all_events}{window} {comparison}"
_OF_ONE = "{event}{window} {comparison}"

MEASURES: dict[str, MeasureRow] = {
    row.measure: row
    for row in (
        MeasureRow(
            Measure.COUNT,
            "number of times",
            Gives.COUNT,
            "times",
            "{events} {times}{window}",
            "number of",
            with_zero=True,
            opening="who did",
            key="count",
        ),
        MeasureRow(
            Measure.ACTIVE_DAYS,
            "number of different days",
            Gives.COUNT,
            "active_days",
            "{events} on {number} {different_days}{window}",
            "number of different days with",
            with_zero=True,
            opening="who did",
        ),
        MeasureRow(
            Measure.DAYS_SINCE_LAST,
            "days since the last",
            Gives.AGE,
            "last_time",
            "last {event} was {age} ago",
            "days since the last",
            end="last",
        ),
        MeasureRow(
            Measure.DAYS_SINCE_FIRST,
            "days since the first",
            Gives.AGE,
            "first_time",
            "first {event} was {age} ago",
            "days since the first",
            end="first",
        ),
        MeasureRow(
            Measure.SUM,
            "total",
            Gives.NUMBER,
            "sum",
            f"total {_OF_ALL}",
            "total {of} of",
            NUMBERS,
            with_zero=True,
        ),
        MeasureRow(
            Measure.AVG,
            "average",
            Gives.NUMBER,
            "sum",
            f"average {_OF_ALL}",
            "average {of} of",
            NUMBERS,
            is_divided=True,
        ),
        MeasureRow(
            Measure.MEDIAN,
            "median",
            Gives.NUMBER,
            "median",
            f"median {_OF_ALL}",
            "median {of} of",
            NUMBERS,
        ),
        MeasureRow(
            Measure.MIN,
            "smallest",
            Gives.VALUE,
            "min",
            f"smallest {_OF_ALL}",
            "smallest {of} of",
            ORDERABLE,
            date_label="earliest",
        ),
        MeasureRow(
            Measure.MAX,
            "largest",
            Gives.VALUE,
            "max",
            f"largest {_OF_ALL}",
            "largest {of} of",
            ORDERABLE,
            date_label="latest",
        ),
        MeasureRow(
            Measure.DISTINCT,
            "number of different",
            Gives.COUNT,
            "distinct",
            "number of different {of} values of {all_events}{window} {comparison}",
            "number of different {of} values of",
            SINGLE_VALUES,
            with_zero=True,
        ),
        MeasureRow(
            Measure.FIRST,
            "first",
            Gives.VALUE,
            "first",
            f"{{of}} of the first {_OF_ONE}",
            "{of} of the first",
            SINGLE_VALUES,
            opening="for whom the",
            end="first",
        ),
        MeasureRow(
            Measure.LAST,
            "last",
            Gives.VALUE,
            "last",
            f"{{of}} of the last {_OF_ONE}",
            "{of} of the last",
            SINGLE_VALUES,
            opening="for whom the",
            end="last",
        ),
    )
}
