"""Words of sentences that conditions and windows share."""

from typing import Any

# Stands for what a spec does not say.
UNSAID = "?"


def spoken(name: str) -> str:
    """A column's name as one says it: `signup date`."""
    return name.replace("_", " ")


def counted(number: Any, noun: str) -> str:
    """`1 day`, `1,000 days`."""
    return f"1 {noun}" if number == 1 else f"{UNSAID if number is None else f'{number:,}'} {noun}s"


def days(number: Any) -> str:
    return counted(number, "day")


def last_days(number: Any) -> str:
    """So many days as they follow "the last" or "the next"."""
    return "day" if number == 1 else days(number)
