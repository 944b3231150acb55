"""One row per operator and per measure: what it is called, reads like, suits and takes.

Menus, sentences, the check and the compiler look here.
"""

from dataclasses import dataclass
from enum import StrEnum

from duckmart.spec.kinds import ALL_KINDS, DATED, NUMBERS, ORDERED, TEXTS, Kind, Kinds


class Operator(StrEnum):
    """How a condition compares, by its name in the JSON."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    BETWEEN = "between"
    NOT_BETWEEN = "not_between"
    IN = "in"
    NOT_IN = "not_in"
    LIKE = "like"
    NOT_LIKE = "not_like"
    CONTAINS = "contains"
    NOT_CONTAINS = "not_contains"
    STARTS_WITH = "starts_with"
    NOT_STARTS_WITH = "not_starts_with"
    ENDS_WITH = "ends_with"
    NOT_ENDS_WITH = "not_ends_with"
    IS_NULL = "is_null"
    IS_NOT_NULL = "is_not_null"
    IN_LAST_DAYS = "in_last_days"
    NOT_IN_LAST_DAYS = "not_in_last_days"
    IN_NEXT_DAYS = "in_next_days"


class Takes(StrEnum):
    """The shape of the value an operator compares with."""

    ONE = "one"
    PAIR = "pair"
    LIST = "list"
    PATTERN = "pattern"
    FRAGMENT = "fragment"
    DAYS = "days"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Row:
    """An operator's facts. `words` go between field and value in a sentence; dates may read differently."""

    operator: Operator
    label: str
    words: str
    kinds: Kinds
    takes: Takes
    dated: str = ""
    # The operator that it is the exact complement of.
    negates: Operator | None = None
    # Whether a user without a value matches: "is not California" is everyone who isn't.
    holds_for_unknown: bool = False

    @property
    def orders(self) -> bool:
        """Whether it asks for more or less, not for the same."""
        return self.kinds == ORDERED and self.operator not in (Operator.EQ, Operator.NE)

    @property
    def matches_whole_values(self) -> bool:
        """Whether it asks for the same value, so one that no user has can only be a slip."""
        return self.takes in (Takes.ONE, Takes.LIST) and not self.orders

    def reads(self, *, dated: bool) -> str:
        return self.dated if self.dated and dated else self.words


def _negative(operator: Operator, label: str, negates: Operator, kinds: Kinds, takes: Takes) -> Row:
    return Row(operator, label, label, kinds, takes, negates=negates, holds_for_unknown=True)


USER_OPERATORS: dict[Operator, Row] = {
    row.operator: row
    for row in (
        Row(Operator.EQ, "is", "is", ALL_KINDS, Takes.ONE),
        _negative(Operator.NE, "is not", Operator.EQ, ALL_KINDS, Takes.ONE),
        Row(Operator.GT, "more than", "is more than", ORDERED, Takes.ONE, dated="is after"),
        Row(Operator.GTE, "at least", "is at least", ORDERED, Takes.ONE, dated="is on or after"),
        Row(Operator.LT, "less than", "is less than", ORDERED, Takes.ONE, dated="is before"),
        Row(Operator.LTE, "at most", "is at most", ORDERED, Takes.ONE, dated="is on or before"),
        Row(Operator.BETWEEN, "between", "is between", ORDERED, Takes.PAIR),
        _negative(Operator.NOT_BETWEEN, "is not between", Operator.BETWEEN, ORDERED, Takes.PAIR),
        Row(Operator.IN, "is any of", "is any of", ALL_KINDS, Takes.LIST),
        _negative(Operator.NOT_IN, "is none of", Operator.IN, ALL_KINDS, Takes.LIST),
        Row(Operator.LIKE, "matches pattern", "is like", TEXTS, Takes.PATTERN),
        _negative(Operator.NOT_LIKE, "is not like", Operator.LIKE, TEXTS, Takes.PATTERN),
        Row(Operator.CONTAINS, "contains", "contains", TEXTS, Takes.FRAGMENT),
        _negative(Operator.NOT_CONTAINS, "does not contain", Operator.CONTAINS, TEXTS, Takes.FRAGMENT),
        Row(Operator.STARTS_WITH, "starts with", "starts with", TEXTS, Takes.FRAGMENT),
        _negative(
            Operator.NOT_STARTS_WITH, "does not start with", Operator.STARTS_WITH, TEXTS, Takes.FRAGMENT
        ),
        Row(Operator.ENDS_WITH, "ends with", "ends with", TEXTS, Takes.FRAGMENT),
        _negative(Operator.NOT_ENDS_WITH, "does not end with", Operator.ENDS_WITH, TEXTS, Takes.FRAGMENT),
        Row(Operator.IS_NULL, "is unknown", "is unknown", ALL_KINDS, Takes.NOTHING, holds_for_unknown=True),
        Row(
            Operator.IS_NOT_NULL,
            "is known",
            "is known",
            ALL_KINDS,
            Takes.NOTHING,
            negates=Operator.IS_NULL,
        ),
        Row(Operator.IN_LAST_DAYS, "in the last days", "is in the last", DATED, Takes.DAYS),
        _negative(Operator.NOT_IN_LAST_DAYS, "is not in the last", Operator.IN_LAST_DAYS, DATED, Takes.DAYS),
        Row(Operator.IN_NEXT_DAYS, "in the next days", "is in the next", DATED, Takes.DAYS),
    )
}

# How a number about a user's events is compared.
COUNT_OPERATORS: dict[Operator, Row] = {
    row.operator: row
    for row in (
        Row(Operator.GTE, "at least", "at least", ORDERED, Takes.ONE, dated="on or after"),
        Row(Operator.GT, "more than", "more than", ORDERED, Takes.ONE, dated="after"),
        Row(Operator.EQ, "exactly", "exactly", ORDERED, Takes.ONE, dated="on"),
        Row(
            Operator.NE,
            "not exactly",
            "not exactly",
            ORDERED,
            Takes.ONE,
            dated="not on",
            negates=Operator.EQ,
            holds_for_unknown=True,
        ),
        Row(Operator.LTE, "at most", "at most", ORDERED, Takes.ONE, dated="on or before"),
        Row(Operator.LT, "fewer than", "fewer than", ORDERED, Takes.ONE, dated="before"),
        Row(Operator.BETWEEN, "between", "between", ORDERED, Takes.PAIR),
    )
}


class Measure(StrEnum):
    """The measures that code names; `MEASURES` says what measures there are."""

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
    """The name of a measure where that of a column may stand: a page says its label."""


class Gives(StrEnum):
    """What a measure tells of a user's events."""

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
    dated: str = ""
    end: str = ""
    is_divided: bool = False
    # The key of the JSON that it is compared with.
    key: str = "value"

    def __str__(self) -> str:
        return str(self.measure)

    @property
    def is_own_value(self) -> bool:
        """Whether it is compared as an attribute is: the value of the first or last event."""
        return self.gives is Gives.VALUE and bool(self.end)

    def suits(self, kind: Kind) -> bool:
        """Whether it can be of a property of this kind."""
        return self.kinds is not None and kind in self.kinds

    @property
    def operators(self) -> dict[Operator, Row]:
        return USER_OPERATORS if self.is_own_value else COUNT_OPERATORS

    @property
    def is_added_up(self) -> bool:
        """Whether it is a sum, or an average, which is compared as one."""
        return self.gives is Gives.NUMBER and self.aggregate == "sum"

    @property
    def lies_between(self) -> bool:
        """Whether it is a number between the smallest and the largest value of its property."""
        return self.gives is Gives.NUMBER and not self.with_zero

    @property
    def is_plain_count(self) -> bool:
        """Whether it counts events and nothing else."""
        return self.key == "count"


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
            ORDERED,
            dated="earliest",
        ),
        MeasureRow(
            Measure.MAX,
            "largest",
            Gives.VALUE,
            "max",
            f"largest {_OF_ALL}",
            "largest {of} of",
            ORDERED,
            dated="latest",
        ),
        MeasureRow(
            Measure.DISTINCT,
            "number of different",
            Gives.COUNT,
            "distinct",
            "number of different {of} values of {all_events}{window} {comparison}",
            "number of different {of} values of",
            ALL_KINDS,
            with_zero=True,
        ),
        MeasureRow(
            Measure.FIRST,
            "first",
            Gives.VALUE,
            "first",
            f"{{of}} of the first {_OF_ONE}",
            "{of} of the first",
            ALL_KINDS,
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
            ALL_KINDS,
            opening="for whom the",
            end="last",
        ),
    )
}
