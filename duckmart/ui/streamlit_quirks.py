"""Where Streamlit 1.67 surprises, and what the app does about it, with links to the reports.

Other versions may differ, so requirements.txt pins the minor version: after a change of it, read this module
again, and run tests/ui and tests/browser.
"""

import logging
from collections.abc import Iterable, Mapping
from itertools import chain, count
from typing import Any

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

_OUTLASTING: list[str] = []


def outlasting(key: str) -> str:
    """Registers the key of a widget that keeps its value in runs that do not draw it, as on another tab.

    Streamlit forgets the value of a widget that a run has not drawn:
    https://github.com/streamlit/streamlit/issues/6074
    """
    _OUTLASTING.append(key)
    return key


def keep_undrawn_values() -> None:
    """Keeps the values of `outlasting` widgets through this run; call it before anything is drawn."""
    for key in _OUTLASTING:
        if key in st.session_state:
            # A value that is set belongs to the session, and is not forgotten with the widget.
            st.session_state[key] = st.session_state[key]


def end_if_overtaken() -> None:
    """Ends this run here if a click has overtaken it.

    Streamlit ends a run where it next reads or writes the session's state, and nowhere else:
    `SafeSessionState` asks the script runner to give way, and that raises.
    """
    st.session_state.get("duckmart.nothing")


def state_snapshot() -> Mapping[str, Any]:
    """A copy of the session's state. Unlike at the reading of one key, Streamlit never ends a run here."""
    return st.session_state.to_dict()


def without_thread_warnings() -> None:
    """Keeps Streamlit from warning of each thread that has no script of its own.

    Ours ask the mart and draw nothing: https://github.com/streamlit/streamlit/issues/1326
    """
    logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").setLevel(logging.ERROR)


def draw_pages_within_the_app() -> None:
    """Makes app.py run for every address and draw the page.

    Until a first run has called `st.navigation`, Streamlit takes the pages folder for its older kind of app:
    a server whose first visitor comes to a page's own address would run that file without the app around it.
    """
    PagesManager.uses_pages_directory = False


def distinct(labels: Iterable[str]) -> list[str]:
    """The labels, numbered where some read alike.

    Where options share a label, Streamlit can only choose the last of them:
    https://github.com/streamlit/streamlit/issues/11219
    """
    unique: dict[str, None] = {}
    for label in labels:
        tries = chain([label], (f"{label} ({number})" for number in count(2)))
        unique[next(text for text in tries if text not in unique)] = None
    return list(unique)
