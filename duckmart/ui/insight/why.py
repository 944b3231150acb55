"""Why a user is in the segment or not, told condition by condition."""

import streamlit as st

from duckmart.insight.explain import Explanation, Reason
from duckmart.mart import Mart
from duckmart.spec.segment import Segment
from duckmart.ui import formatting
from duckmart.ui.session.query_runner import ask_once


def show(segment: Segment, mart: Mart, user_id: str) -> None:
    """Show the explanation for a user; nothing if the data has no such user."""
    [explanation] = ask_once(
        mart, segment, f"why {user_id}", lambda stop: mart.explain(segment, [user_id], stop)
    )
    if not explanation.known:
        return
    with st.container(gap="xxsmall"):
        st.markdown(f"**{formatting.markdown(user_id)} {_answer(explanation)}**")
        for reason in explanation.conditions:
            st.markdown(_line(reason))


def _answer(explanation: Explanation) -> str:
    if explanation.member:
        variant = f", as {formatting.markdown(explanation.variant)}" if explanation.variant else ""
        return f"is in the segment{variant}"
    return "matches, but is not in the sample" if explanation.held else "is not in the segment"


def _line(reason: Reason) -> str:
    """A condition, whether it holds for which value, and what would change that; nested ones are indented."""
    mark = ":green[:material/check:]" if reason.held else ":red[:material/close:]"
    indent = "&emsp;" * (len(reason.path) // 2 - 1)
    value = f" · {formatting.markdown(reason.words)}" if reason.words else ""
    change = f" · :gray[{formatting.markdown(reason.change.words)}]" if reason.change else ""
    return f"{indent}{mark} {formatting.markdown(reason.line)}{value}{change}"
