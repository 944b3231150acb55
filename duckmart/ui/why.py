"""Why a user is in the segment or not: asked by id, told condition by condition."""

import streamlit as st

from duckmart.explain import Explanation, Reason
from duckmart.mart import Mart
from duckmart.segment import Segment
from duckmart.ui import plain
from duckmart.ui.asking import ask

_ASKED = "why.user"


def show(segment: Segment, mart: Mart) -> None:
    """A box for a user id, and the explanation below it."""
    wanted = st.text_input(
        "Why is a user in, or not? Enter a user id",
        key=_ASKED,
        placeholder="A user id",
        icon=":material/person_search:",
        width=360,
    ).strip()
    if not wanted:
        return
    [explanation] = ask(lambda stop: mart.explain(segment, [wanted], stop))
    if not explanation.known:
        st.caption(f":orange[:material/help: The data has no user {plain.markdown(wanted)}.]")
        return
    st.markdown(f"**{plain.markdown(wanted)} {_answer(explanation)}**")
    for reason in explanation.conditions:
        st.markdown(_line(reason))


def _answer(explanation: Explanation) -> str:
    if explanation.member:
        return f"is in, as {plain.markdown(explanation.variant)}" if explanation.variant else "is in"
    return "matches, but is not in the sample" if explanation.held else "is not in"


def _line(reason: Reason) -> str:
    """A condition, whether it held, on what, and what would turn it; nested ones stand further in."""
    mark = ":green[:material/check:]" if reason.held else ":red[:material/close:]"
    indent = "&emsp;" * (len(reason.path) // 2 - 1)
    found = f" · {plain.markdown(reason.words)}" if reason.words else ""
    change = f" · :gray[{plain.markdown(reason.change.words)}]" if reason.change else ""
    return f"{indent}{mark} {plain.markdown(reason.line)}{found}{change}"
