"""The small widgets that rows are made of: words between boxes, select boxes, and icons to press."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

import streamlit as st

from duckmart.spec.draft import Draft
from duckmart.ui.session import state
from duckmart.ui.widgets.binding import Part, at, with_chosen


def words(text: str, width: int | Literal["content"] = "content") -> None:
    """Words that join the widgets of a row into a sentence."""
    st.html(f'<div class="joiner">{text}</div>', width=width)


def select(label: str, options: Iterable[Any], value: Any, binding: Mapping[str, Any], **look: Any) -> None:
    """A select box that always has a value once it had one; `binding` is what `Part.edits` returns."""
    choices = with_chosen(options, value)
    st.selectbox(
        label,
        choices,
        # The label is for screen readers: on the page the boxes of a row read as one sentence.
        label_visibility="collapsed",
        required=True,
        **at(choices, value),
        **binding,
        **look,
    )


def icon_button(label: str, icon: str, edit: Callable[[], Draft]) -> None:
    """A button that shows only its icon: the style sheet hides the label where a key begins with `icon-`."""
    st.button(
        label,
        key=f"icon-{label}",
        icon=f":material/{icon}:",
        type="tertiary",
        on_click=state.press(edit),
    )


def remove_button(part: Part) -> None:
    """A button that removes a part of a row."""
    icon_button(f"Remove {part.phrase}", "close", part.unsay)
