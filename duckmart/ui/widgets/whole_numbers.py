"""Inputs of whole numbers that refuse anything else in words.

A browser's own input of whole numbers silently turns 1.7 into 1, so these take any number and check it.
"""

from collections.abc import Callable
from decimal import Decimal
from math import floor
from typing import Any

import streamlit as st

from duckmart.spec.draft import Draft
from duckmart.ui import formatting
from duckmart.ui.session import state

# The largest whole number that a browser holds exactly.
BROWSER_WHOLE = 2**53 - 1
ANY_NUMBER: dict[str, Any] = {"step": 1.0, "format": "%g"}


def as_float(number: int | Decimal | None) -> float | None:
    """A number as the initial value of an `ANY_NUMBER` input."""
    return None if number is None else float(number)


def read_whole(say: Callable[[int | None], Draft]) -> Callable[[float | None], Draft]:
    """An edit with the number of an input; one that is not whole shows a toast and changes nothing."""

    def edit_with(number: float | None) -> Draft:
        if number is None:
            return say(None)
        if float(number).is_integer() and abs(number) <= BROWSER_WHOLE:
            return say(int(number))
        words = formatting.markdown(f"“{number:.15g}” is not a whole number: {_advice(number)}")
        st.toast(words, icon=":material/warning:")
        return state.draft()

    return edit_with


def _advice(number: float) -> str:
    if not abs(number) <= BROWSER_WHOLE:
        return f"write at most {BROWSER_WHOLE:,}"
    low = floor(number)
    return f"write {low:,} or {low + 1:,}"
