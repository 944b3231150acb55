"""Words that the sentences about conditions, windows and results share."""

from collections.abc import Sequence
from typing import Any

# Stands for what is missing in an incomplete spec.
MISSING = "?"


def readable_name(name: str) -> str:
    """A column's name as people say it: `signup date`."""
    return name.replace("_", " ")


def quantity(number: Any, noun: str) -> str:
    """`1 day`, `1,000 days`."""
    return f"1 {noun}" if number == 1 else f"{MISSING if number is None else f'{number:,}'} {noun}s"


def are(number: int, noun: str) -> str:
    """The subject and verb of a sentence: `1 row is`, `2 rows are`."""
    return f"{quantity(number, noun)} {'is' if number == 1 else 'are'}"


def days(number: Any) -> str:
    return quantity(number, "day")


def last(number: Any, noun: str) -> str:
    """What follows "the last" or "the next": `week`, `4 weeks`."""
    return noun if number == 1 else quantity(number, noun)


def last_days(number: Any) -> str:
    return last(number, "day")


def enumeration(parts: Sequence[str], joiner: str = "and") -> str:
    """`a, b and c`; nothing of no parts."""
    *first, last = parts or [""]
    return f"{', '.join(first)} {joiner} {last}" if first else last
