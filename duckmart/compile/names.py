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
    plain = re.sub(r"[^a-z0-9]+", "_", letters).strip("_")
    plain = plain if plain and not plain[0].isdigit() else f"events_{plain}".strip("_")
    return plain[: NAME_LENGTH - 12].strip("_")


def fresh(name: str, in_use: Container[str], suffix: str = "") -> str:
    """The name, shortened if long, and numbered if it is in use: `login_2_30d`."""
    name = f"{name}_events" if name in RESERVED else name
    tails = (suffix if number == 1 else f"_{number}{suffix}" for number in count(1))
    candidates = (f"{name[: NAME_LENGTH - len(tail)].rstrip('_')}{tail}" for tail in tails)
    return next(candidate for candidate in candidates if candidate not in in_use)
