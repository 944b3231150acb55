"""Names in menus beside how many rows have them, written so that no box cuts a number.

A box cuts what is too long for it at its end. `2.1k` would read as 2, so where a name and its count do not
fit side by side, the count stands first: `2.1k · SUBSCRIPTION_RENEWED`.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from unicodedata import east_asian_width

from duckmart.ui import formatting

# What a select box needs beside its text: padding, border and arrow, in pixels.
FRAME = 48
# Pixels of a letter, rather too many than too few, at the size of text in boxes.
_NARROW, _USUAL, _CAPITAL, _BROAD = 4, 7, 8, 14


def captions(counts: Mapping[Any, int], width: int, absent: int | None = None) -> Callable[[Any], str]:
    """How a menu in a box of `width` pixels says its names.

    `absent` is the count of names that `counts` does not have; None writes them without one.
    """

    def caption(name: Any) -> str:
        rows = counts.get(name, absent)
        if rows is None:
            return _words(name)
        beside = f"{_words(name)} · {formatting.short(rows)}"
        return beside if _pixels(beside) + FRAME <= width else f"{formatting.short(rows)} · {_words(name)}"

    return caption


def box_width(text: str) -> int:
    """The pixels of a box in which the text is not cut."""
    return _pixels(text) + FRAME


def _words(name: Any) -> str:
    return ("yes" if name else "no") if isinstance(name, bool) else f"{name}"


# Menus of a thousand values are written at each run.
@lru_cache(maxsize=10_000)
def _pixels(text: str) -> int:
    return sum(map(_letter_pixels, text))


def _letter_pixels(letter: str) -> int:
    if letter in " .,:;'!|ijl·":
        return _NARROW
    if letter in "MWmw@%" or east_asian_width(letter) in "WF":
        return _BROAD
    return _CAPITAL if letter.isupper() or not letter.isascii() else _USUAL
