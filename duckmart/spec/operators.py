"""One row per operator: its label, its words in a sentence, the kinds it suits and the value it takes.

Menus, sentences, the check and the compiler look here.
"""

from dataclasses import dataclass
from enum import StrEnum

from duckmart.spec.kinds import ALL_KINDS, DATES, LISTS, ORDERABLE, SINGLE_VALUES, TEXTS, Kinds


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
    CONTAINS_ANY = "contains_any"
    CONTAINS_ALL = "contains_all"
    CONTAINS_NONE = "contains_none"
    IS_NULL = "is_null"
    IS_NOT_NULL = "is_not_null"
    IN_LAST_DAYS = "in_last_days"
    NOT_IN_LAST_DAYS = "not_in_last_days"
    IN_NEXT_DAYS = "in_next_days"
    ANNIVERSARY_IN_LAST_DAYS = "anniversary_in_last_days"
    ANNIVERSARY_IN_NEXT_DAYS = "anniversary_in_next_days"
    TOP = "top"
    BOTTOM = "bottom"
    TOP_PERCENT = "top_percent"
    BOTTOM_PERCENT = "bottom_percent"


class Takes(StrEnum):
    """The shape of the value an operator compares with."""

    ONE = "one"
    PAIR = "pair"
    LIST = "list"
    PATTERN = "pattern"
    FRAGMENT = "fragment"
    DAYS = "days"
    RANK = "rank"
    PERCENT = "percent"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class OperatorRow:
    """An operator's facts. `words` go between field and value in a sentence; for dates, `date_words` do."""

    operator: Operator
    label: str
    words: str
    kinds: Kinds
    takes: Takes
    date_words: str = ""
    # What stands before the last of several values.
    joiner: str = "or"
    # The operator whose exact complement this is.
    negates: Operator | None = None
    # Whether users without a value match.
    holds_for_unknown: bool = False
    # Whether a rank counts from the largest value.
    from_top: bool = False
    # Of operators that take a number of days: whether these begin now rather than end, and whether a date
    # itself must be in them or an anniversary of it.
    ahead: bool = False
    yearly: bool = False

    @property
    def orders(self) -> bool:
        """Whether it compares by order, and not for equality."""
        by_value = self.takes in (Takes.ONE, Takes.PAIR)
        return by_value and self.kinds == ORDERABLE and self.operator not in (Operator.EQ, Operator.NE)

    @property
    def is_ranked(self) -> bool:
        """Whether it compares a user's rank among all users, rather than the value itself."""
        return self.takes in (Takes.RANK, Takes.PERCENT)

    @property
    def compares_fields(self) -> bool:
        """Whether it can compare two columns, as what it takes is one value."""
        return self.takes is Takes.ONE

    @property
    def matches_whole_values(self) -> bool:
        """Whether it compares complete values, so that one which no user has must be a mistake."""
        return self.takes in (Takes.ONE, Takes.LIST) and not self.orders

    def words_for(self, *, is_date: bool) -> str:
        return self.date_words if self.date_words and is_date else self.words


def _negative(operator: Operator, label: str, negates: Operator, kinds: Kinds, takes: Takes) -> OperatorRow:
    # SQL's NOT leaves out users without a value, but "is not California" means everyone else.
    return OperatorRow(operator, label, label, kinds, takes, negates=negates, holds_for_unknown=True)


_RANKS = (
    OperatorRow(Operator.TOP, "top", "is in the top", ORDERABLE, Takes.RANK, from_top=True),
    OperatorRow(Operator.BOTTOM, "bottom", "is in the bottom", ORDERABLE, Takes.RANK),
    OperatorRow(Operator.TOP_PERCENT, "top %", "is in the top", ORDERABLE, Takes.PERCENT, from_top=True),
    OperatorRow(Operator.BOTTOM_PERCENT, "bottom %", "is in the bottom", ORDERABLE, Takes.PERCENT),
)

USER_OPERATORS: dict[Operator, OperatorRow] = {
    row.operator: row
    for row in (
        OperatorRow(Operator.EQ, "is", "is", SINGLE_VALUES, Takes.ONE),
        _negative(Operator.NE, "is not", Operator.EQ, SINGLE_VALUES, Takes.ONE),
        OperatorRow(Operator.GT, "more than", "is more than", ORDERABLE, Takes.ONE, date_words="is after"),
        OperatorRow(
            Operator.GTE, "at least", "is at least", ORDERABLE, Takes.ONE, date_words="is on or after"
        ),
        OperatorRow(Operator.LT, "less than", "is less than", ORDERABLE, Takes.ONE, date_words="is before"),
        OperatorRow(
            Operator.LTE, "at most", "is at most", ORDERABLE, Takes.ONE, date_words="is on or before"
        ),
        OperatorRow(Operator.BETWEEN, "between", "is between", ORDERABLE, Takes.PAIR),
        _negative(Operator.NOT_BETWEEN, "is not between", Operator.BETWEEN, ORDERABLE, Takes.PAIR),
        OperatorRow(Operator.IN, "is any of", "is any of", SINGLE_VALUES, Takes.LIST),
        _negative(Operator.NOT_IN, "is none of", Operator.IN, SINGLE_VALUES, Takes.LIST),
        OperatorRow(Operator.LIKE, "matches pattern", "is like", TEXTS, Takes.PATTERN),
        _negative(Operator.NOT_LIKE, "is not like", Operator.LIKE, TEXTS, Takes.PATTERN),
        OperatorRow(Operator.CONTAINS, "contains", "contains", TEXTS, Takes.FRAGMENT),
        _negative(Operator.NOT_CONTAINS, "does not contain", Operator.CONTAINS, TEXTS, Takes.FRAGMENT),
        OperatorRow(Operator.STARTS_WITH, "starts with", "starts with", TEXTS, Takes.FRAGMENT),
        _negative(
            Operator.NOT_STARTS_WITH, "does not start with", Operator.STARTS_WITH, TEXTS, Takes.FRAGMENT
        ),
        OperatorRow(Operator.ENDS_WITH, "ends with", "ends with", TEXTS, Takes.FRAGMENT),
        _negative(Operator.NOT_ENDS_WITH, "does not end with", Operator.ENDS_WITH, TEXTS, Takes.FRAGMENT),
        OperatorRow(Operator.CONTAINS_ANY, "contains any of", "contains any of", LISTS, Takes.LIST),
        OperatorRow(
            Operator.CONTAINS_ALL, "contains all of", "contains all of", LISTS, Takes.LIST, joiner="and"
        ),
        _negative(Operator.CONTAINS_NONE, "contains none of", Operator.CONTAINS_ANY, LISTS, Takes.LIST),
        OperatorRow(
            Operator.IS_NULL, "is unknown", "is unknown", ALL_KINDS, Takes.NOTHING, holds_for_unknown=True
        ),
        OperatorRow(
            Operator.IS_NOT_NULL,
            "is known",
            "is known",
            ALL_KINDS,
            Takes.NOTHING,
            negates=Operator.IS_NULL,
        ),
        OperatorRow(Operator.IN_LAST_DAYS, "in the last days", "is in the last", DATES, Takes.DAYS),
        _negative(Operator.NOT_IN_LAST_DAYS, "is not in the last", Operator.IN_LAST_DAYS, DATES, Takes.DAYS),
        OperatorRow(
            Operator.IN_NEXT_DAYS, "in the next days", "is in the next", DATES, Takes.DAYS, ahead=True
        ),
        OperatorRow(
            Operator.ANNIVERSARY_IN_LAST_DAYS,
            "anniversary in the last days",
            "has an anniversary in the last",
            DATES,
            Takes.DAYS,
            yearly=True,
        ),
        OperatorRow(
            Operator.ANNIVERSARY_IN_NEXT_DAYS,
            "anniversary in the next days",
            "has an anniversary in the next",
            DATES,
            Takes.DAYS,
            ahead=True,
            yearly=True,
        ),
        *_RANKS,
    )
}

# How a property of an event is compared: users are ranked, events are not.
PROPERTY_OPERATORS = {name: row for name, row in USER_OPERATORS.items() if not row.is_ranked}

# How a measure of a user's events is compared.
COUNT_OPERATORS: dict[Operator, OperatorRow] = {
    row.operator: row
    for row in (
        OperatorRow(Operator.GTE, "at least", "at least", ORDERABLE, Takes.ONE, date_words="on or after"),
        OperatorRow(Operator.GT, "more than", "more than", ORDERABLE, Takes.ONE, date_words="after"),
        OperatorRow(Operator.EQ, "exactly", "exactly", ORDERABLE, Takes.ONE, date_words="on"),
        OperatorRow(
            Operator.NE,
            "not exactly",
            "not exactly",
            ORDERABLE,
            Takes.ONE,
            date_words="not on",
            negates=Operator.EQ,
            holds_for_unknown=True,
        ),
        OperatorRow(Operator.LTE, "at most", "at most", ORDERABLE, Takes.ONE, date_words="on or before"),
        OperatorRow(Operator.LT, "fewer than", "fewer than", ORDERABLE, Takes.ONE, date_words="before"),
        OperatorRow(Operator.BETWEEN, "between", "between", ORDERABLE, Takes.PAIR),
        *_RANKS,
    )
}

# How a measure is compared with another one.
THAN_OPERATORS = {name: row for name, row in COUNT_OPERATORS.items() if row.takes is Takes.ONE}
