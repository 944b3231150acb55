"""One row per operator: what it is called, reads like, suits and takes; menus and sentences look here."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds; comes from the catalog, never from a value."""

    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    TIMESTAMP = "timestamp"
    BOOLEAN = "boolean"


class Operator(StrEnum):
    """How a condition compares, by its name in the JSON."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    IN = "in"
    NOT_IN = "not_in"
    LIKE = "like"


class Takes(StrEnum):
    """The shape of the value an operator compares with."""

    ONE = "one"
    LIST = "list"
    PATTERN = "pattern"


ORDERED = frozenset({Kind.NUMBER, Kind.DATE, Kind.TIMESTAMP})
ALL_KINDS = frozenset(Kind)


@dataclass(frozen=True, slots=True)
class Row:
    """An operator's facts. `words` go between field and value in a sentence; dates may read differently."""

    operator: Operator
    label: str
    words: str
    kinds: frozenset[Kind]
    takes: Takes
    dated: str = ""
    # Whether a user without a value matches: "is not California" is everyone who isn't.
    holds_for_unknown: bool = False

    @property
    def orders(self) -> bool:
        """Whether it asks for more or less, not for the same."""
        return self.kinds == ORDERED

    @property
    def matches_whole_values(self) -> bool:
        """Whether it asks for the same value, so one that no user has can only be a slip."""
        return self.kinds == ALL_KINDS

    def reads(self, kind: Kind) -> str:
        return self.dated if self.dated and kind in (Kind.DATE, Kind.TIMESTAMP) else self.words


USER_OPERATORS: dict[Operator, Row] = {
    row.operator: row
    for row in (
        Row(Operator.EQ, "is", "is", ALL_KINDS, Takes.ONE),
        Row(Operator.NE, "is not", "is not", ALL_KINDS, Takes.ONE, holds_for_unknown=True),
        Row(Operator.GT, "more than", "is more than", ORDERED, Takes.ONE, dated="is after"),
        Row(Operator.GTE, "at least", "is at least", ORDERED, Takes.ONE, dated="is on or after"),
        Row(Operator.LT, "less than", "is less than", ORDERED, Takes.ONE, dated="is before"),
        Row(Operator.LTE, "at most", "is at most", ORDERED, Takes.ONE, dated="is on or before"),
        Row(Operator.IN, "is any of", "is any of", ALL_KINDS, Takes.LIST),
        Row(Operator.NOT_IN, "is none of", "is none of", ALL_KINDS, Takes.LIST, holds_for_unknown=True),
        Row(Operator.LIKE, "matches pattern", "is like", frozenset({Kind.TEXT}), Takes.PATTERN),
    )
}

# How a number about a user's events is compared.
COUNT_OPERATORS: dict[Operator, Row] = {
    row.operator: row
    for row in (
        Row(Operator.GTE, "at least", "at least", frozenset({Kind.NUMBER}), Takes.ONE),
        Row(Operator.GT, "more than", "more than", frozenset({Kind.NUMBER}), Takes.ONE),
        Row(Operator.EQ, "exactly", "exactly", frozenset({Kind.NUMBER}), Takes.ONE),
        Row(Operator.NE, "not exactly", "not exactly", frozenset({Kind.NUMBER}), Takes.ONE),
        Row(Operator.LTE, "at most", "at most", frozenset({Kind.NUMBER}), Takes.ONE),
        Row(Operator.LT, "fewer than", "fewer than", frozenset({Kind.NUMBER}), Takes.ONE),
    )
}
