"""The builder's head: what it is, and the actions on the whole draft."""

from collections.abc import Mapping

import streamlit as st

from duckmart.errors import SpecError
from duckmart.mart import Mart
from duckmart.spec import draft_json
from duckmart.spec.draft import Draft
from duckmart.spec.examples import example, examples_for
from duckmart.spec.json_text import Json
from duckmart.spec.parser import parse
from duckmart.spec.segment import Segment
from duckmart.spec.words import quantity
from duckmart.ui.library import links, opening, saved_segment, saving
from duckmart.ui.session import state

# Widgets of the head; the draft's rows have keys of their own.
_EXAMPLES = "action.examples"
_PASTED = "action.pasted"


def show(mart: Mart, saved: Mapping[str, str], segment: Segment | None, blocker: str | None) -> None:
    """`saved` are the names of saved segments by id; `segment` is what the rows mean, if anything.

    `blocker` says what is to be done before it can be saved or shared; None if nothing.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", key="head"):
        with st.container(gap="xxsmall"):
            st.title("Build a segment", anchor=False)
            st.caption("Combine who people are with what they did. The count updates as you edit.")
            saved_segment.show_name(segment)
        with st.container(
            horizontal=True, horizontal_alignment="right", gap="small", width="content", key="actions"
        ):
            _show_actions(mart, saved, segment if blocker is None else None, blocker)


def _show_actions(mart: Mart, saved: Mapping[str, str], segment: Segment | None, blocker: str | None) -> None:
    st.menu_button(
        "Examples",
        [one.id for one in examples_for(mart.catalog.events)],
        key=_EXAMPLES,
        format_func=lambda name: example(name).title,
        icon=":material/auto_awesome:",
        on_click=_open_example,
        args=(mart,),
    )
    opening.show_button(mart, saved)
    saving.show_buttons(mart, segment, blocker)
    links.show_button(segment, blocker)
    if st.button("Paste JSON", icon=":material/data_object:", key="action.paste"):
        _paste(mart)
    st.button(
        "Undo",
        icon=":material/undo:",
        key="action.undo",
        disabled=not state.can_undo(),
        on_click=state.undo,
    )
    st.button(
        "Redo",
        icon=":material/redo:",
        key="action.redo",
        disabled=not state.can_redo(),
        on_click=state.redo,
    )
    st.button(
        "Clear",
        icon=":material/delete_sweep:",
        key="action.clear",
        disabled=not state.draft().root.children,
        on_click=_clear,
        help="Start over. Undo brings it back.",
    )


@state.atomic
def _clear() -> None:
    state.open_rows(Draft(), None)


@state.atomic
def _open_example(mart: Mart) -> None:
    name = state.widget_value(_EXAMPLES)
    if name is not None:
        _open(mart, example(name).spec)


@state.atomic
def _open(mart: Mart, spec: Json) -> None:
    """Makes a spec the draft, whatever the data says to it. Raises `SpecError` for what is no spec."""
    state.open_rows(draft_json.draft_of(parse(spec, mart.settings)), None)


@st.dialog("Paste a segment's JSON", width="large")
def _paste(mart: Mart) -> None:
    st.caption("The rows are replaced by what you paste; Undo brings them back.")
    text = st.text_area(
        "Segment JSON", key=_PASTED, height=300, label_visibility="collapsed", placeholder=PLACEHOLDER
    )
    if not st.button("Build rows", type="primary", key="action.build", disabled=not text.strip()):
        return
    try:
        segment, _ = mart.read(text)
    except SpecError as error:
        st.error(f"{quantity(len(error.problems), 'problem')} to fix:", icon=":material/error:")
        for problem in error.problems:
            st.text(f"• {problem}")
        return
    _open(mart, segment.as_dict())
    st.rerun()


PLACEHOLDER = '{"user_filters": [{"field": "age", "operator": "gte", "value": 25}]}'
