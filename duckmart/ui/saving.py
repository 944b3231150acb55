"""Saving what is built, opening what was saved, and what to do when somebody else saved first."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from duckmart.errors import DuckMartError, Exists, Stale
from duckmart.library import Details, Library, Saved
from duckmart.mart import Mart, library
from duckmart.segment import Segment, to_json
from duckmart.ui import plain, state

_OPENED = "action.open"
_NAME, _ID, _WORDS = "save.name", "save.id", "save.description"

# Longer ids are allowed; one that a name gives should fit a line.
ID_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Opened:
    """The saved segment that the rows came from or went to, as it was then."""

    id: str
    name: str
    version: int
    spec: str

    @classmethod
    def of(cls, saved: Saved) -> "Opened":
        return cls(saved.id, saved.name, saved.version, to_json(saved.spec))


def show_buttons(
    mart: Mart, saved: Mapping[str, str], segment: Segment | None, opening: Callable[[Saved], None]
) -> None:
    """Open and save, in the head's row of actions; without a segment there is nothing to save."""
    if saved:
        st.menu_button(
            "Open",
            list(saved),
            key=_OPENED,
            format_func=saved.__getitem__,
            icon=":material/folder_open:",
            on_click=lambda: _open(mart, opening),
        )
    else:
        st.button(
            "Open",
            icon=":material/folder_open:",
            key="action.none",
            disabled=True,
            help="Nothing is saved yet.",
        )
    here = state.opened()
    wrong = "Mend the marked rows first." if segment is None else None
    if st.button("Save", icon=":material/save:", key="action.save", disabled=segment is None, help=wrong):
        _save(mart, segment, here)
    if here is not None and st.button("Save as", key="action.save-as", disabled=segment is None, help=wrong):
        _save_as(mart, segment)


def show_name(segment: Segment | None) -> None:
    """Which saved segment the rows are, and whether they differ from it."""
    here = state.opened()
    if here is None:
        return
    edited = segment is None or segment.as_json() != here.spec
    name = plain.markdown(here.name)
    st.caption(
        f":material/bookmark: **{name}** · `{here.id}` · version {here.version}"
        f"{' · :orange[edited, not saved]' if edited else ' · saved'}"
    )


def names(mart: Mart) -> dict[str, str]:
    """The saved segments that a row can refer to: id -> name."""
    try:
        return {one.id: one.name for one in library(mart.settings).listed()}
    except DuckMartError as error:
        st.warning(f"Saved segments cannot be read: {error}", icon=":material/warning:")
        return {}


def _open(mart: Mart, opening: Callable[[Saved], None]) -> None:
    chosen = st.session_state[_OPENED]
    if chosen is None:
        return
    try:
        found = library(mart.settings).get(chosen)
        opening(found)
    except DuckMartError as error:
        st.toast(plain.markdown(str(error)), icon=":material/error:")
        return
    state.set_opened(Opened.of(found))


def _save(mart: Mart, segment: Segment | None, here: Opened | None) -> None:
    if segment is None:
        return
    if here is None:
        _save_as(mart, segment)
        return
    try:
        saved = _shelf(mart).save(here.id, segment, now=_now(), version=here.version)
    except Stale:
        _conflict(mart, segment, here)
    except DuckMartError as error:
        st.toast(plain.markdown(str(error)), icon=":material/error:")
    else:
        _kept(saved)
        st.rerun()


@st.dialog("Save this segment")
def _save_as(mart: Mart, segment: Segment | None) -> None:
    if segment is None:
        return
    name = st.text_input("Name", key=_NAME, placeholder="Cart abandoners, last 30 days")
    given = st.text_input(
        "Id",
        key=_ID,
        placeholder=slug(name) or "cart-abandoners",
        help="How the API, the command line and other segments call it. It stays when the name changes.",
    )
    words = st.text_area("Description", key=_WORDS, placeholder="Who they are and what they are for")
    wanted = given.strip() or slug(name)
    if not st.button("Save segment", type="primary", key="save.done", disabled=not wanted):
        return
    details = Details(name=name.strip() or None, description=words.strip() or None)
    try:
        saved = _shelf(mart).save(wanted, segment, details, now=_now())
    except Exists:
        st.error(f"The id `{wanted}` is taken; choose another one.", icon=":material/error:")
    except DuckMartError as error:
        st.error(plain.markdown(str(error)), icon=":material/error:")
    else:
        _kept(saved)
        st.rerun()


@st.dialog("Somebody else saved first")
def _conflict(mart: Mart, segment: Segment, here: Opened) -> None:
    """Nothing is lost: the rows stay as they are until a choice is made, and every version is kept."""
    try:
        theirs = _shelf(mart).get(here.id)
    except DuckMartError as error:
        st.error(plain.markdown(str(error)), icon=":material/error:")
        return
    st.markdown(
        f"**{plain.markdown(theirs.name)}** was at version {here.version} when you opened it, and is at "
        f"version {theirs.version} now, saved on {theirs.updated:%d %b %Y, %H:%M} UTC. "
        "Your rows are as you left them."
    )
    if st.button("Save mine over it", key="conflict.over", help="Their version stays in the history."):
        try:
            saved = _shelf(mart).save(here.id, segment, now=_now(), version=theirs.version)
        except DuckMartError as error:
            st.error(plain.markdown(str(error)), icon=":material/error:")
            return
        _kept(saved)
        st.rerun()
    if st.button("Keep editing", key="conflict.back", type="primary"):
        st.rerun()
    st.caption("“Save as” keeps both; “Open” brings theirs, and Undo brings yours back.")


def _kept(saved: Saved) -> None:
    state.set_opened(Opened.of(saved))
    st.toast(f"Saved **{plain.markdown(saved.name)}**, version {saved.version}", icon=":material/check:")


def slug(name: str) -> str:
    """An id made of a name: "Cart abandoners, 30 days" is `cart-abandoners-30-days`."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:ID_LENGTH].strip("-")


def _shelf(mart: Mart) -> Library:
    return library(mart.settings)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
