"""Readable names for what a query adds: CTEs and their columns."""

import re
import unicodedata
from collections.abc import Container
from itertools import count

from duckmart.compile.query import RESERVED

NAME_LENGTH = 40


def stem(name: str) -> str:
    """A name in plain small letters: `PURCHASE MADE` is `purchase_made`."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9]+", "_", letters).strip("_")
    made = made if made and not made[0].isdigit() else f"events_{made}".strip("_")
    return made[: NAME_LENGTH - 12].strip("_")


def fresh(name: str, taken: Container[str], suffix: str = "") -> str:
    """The name, cut where it is long, numbered where it is taken or a word of SQL: `login_2_30d`."""
    name = f"{name}_events" if name in RESERVED else name
    tails = (suffix if number == 1 else f"_{number}{suffix}" for number in count(1))
    candidates = (f"{name[: NAME_LENGTH - len(tail)].rstrip('_')}{tail}" for tail in tails)
    return next(candidate for candidate in candidates if candidate not in taken)
