"""Boxes of whole numbers that say so when something else is typed into them.

A browser's own box of whole numbers silently makes 1.7 a 1. So these boxes take any number, and the edit
refuses what is not whole.
"""

from collections.abc import Callable
from decimal import Decimal
from math import floor
from typing import Any

import streamlit as st

from duckmart.spec.edit import Draft
from duckmart.ui import formatting
from duckmart.ui.session import state

# The largest whole number that a browser holds exactly.
BROWSER_WHOLE = 2**53 - 1
ANY_NUMBER: dict[str, Any] = {"step": 1.0, "format": "%g"}


def as_float(number: int | Decimal | None) -> float | None:
    """A number as a box of `ANY_NUMBER` starts with it."""
    return None if number is None else float(number)


def read_whole(say: Callable[[int | None], Draft]) -> Callable[[float | None], Draft]:
    """An edit with the whole number that was typed; any other is refused in words and changes nothing."""

    def edited(typed: float | None) -> Draft:
        if typed is None:
            return say(None)
        if float(typed).is_integer() and abs(typed) <= BROWSER_WHOLE:
            return say(int(typed))
        words = formatting.markdown(f"“{typed:.15g}” is not a whole number: {_advice(typed)}")
        st.toast(words, icon=":material/warning:")
        return state.draft()

    return edited


def _advice(typed: float) -> str:
    if not abs(typed) <= BROWSER_WHOLE:
        return f"write at most {BROWSER_WHOLE:,}"
    low = floor(typed)
    return f"write {low:,} or {low + 1:,}"
