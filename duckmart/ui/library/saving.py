"""Saving what is built: under a name of its own, as the next version, or over what somebody else saved."""

import re
import unicodedata
from itertools import count

import streamlit as st

from duckmart.errors import DuckMartError, Exists, SpecError, Stale
from duckmart.instants import now
from duckmart.library.saved import Details, Saved
from duckmart.mart import Mart, library
from duckmart.spec import draft_json
from duckmart.spec.segment import Segment
from duckmart.spec.words import quantity
from duckmart.ui import formatting
from duckmart.ui.library.saved_segment import as_origin, as_text, uncounted
from duckmart.ui.session import state
from duckmart.ui.session.state import Origin
from duckmart.ui.wording import Wording

_NAME, _ID, _DESCRIPTION = "save.name", "save.id", "save.description"
# A form is saved in a callback, which draws nothing: it leaves here what the next run tells the user.
_CONFIRMATION, _ERROR = "save.confirmation", "save.error"
# The saved segment that has the name or id already, where the form can become its next version.
_OWNER = "save.owner"

# Longer ids are allowed; one that a name gives should fit a line.
ID_LENGTH = 40


def show_buttons(mart: Mart, segment: Segment | None, blocker: str | None) -> None:
    """Save and Save as, in the head's row of actions; `blocker` says why there is no segment to save."""
    # A toast of a dialog that closes is never seen, so the page says it.
    if words := st.session_state.pop(_CONFIRMATION, None):
        st.toast(words, icon=":material/check:")
    origin = state.origin()
    disabled = segment is None
    if st.button("Save", icon=":material/save:", key="action.save", disabled=disabled, help=blocker):
        _save(mart, segment, origin)
    if origin is not None and st.button("Save as", key="action.save-as", disabled=disabled, help=blocker):
        _save_as(mart, segment)


def _save(mart: Mart, segment: Segment | None, origin: Origin | None) -> None:
    if segment is None:
        return
    if origin is None:
        _save_as(mart, segment)
        return
    try:
        _save_over(mart, origin.id, segment, origin.version)
    except Stale:
        _conflict(mart, segment, origin)
    except DuckMartError as error:
        st.toast(formatting.markdown(Wording().error(error)), icon=":material/error:")
    else:
        st.rerun()


@st.dialog("Save this segment")
def _save_as(mart: Mart, segment: Segment | None) -> None:
    if segment is None:
        return
    # The callback saved it: only a run of the page, without the dialog, closes the dialog.
    if _CONFIRMATION in st.session_state:
        st.rerun()
    with st.form("save.form", border=False):
        st.text_input("Name", key=_NAME, placeholder="Cart abandoners, last 30 days")
        st.text_input(
            "Id",
            key=_ID,
            placeholder="made of the name",
            help="How the API, the command line and other segments call it. It stays when the name changes.",
        )
        st.text_area("Description", key=_DESCRIPTION, placeholder="Who they are and what they are for")
        if number := uncounted(state.draft()):
            st.caption(f":orange[:material/edit: {_kept_words(number)}]")
        st.form_submit_button("Save segment", type="primary", on_click=_save_form, args=(mart, segment))
    if error := st.session_state.pop(_ERROR, None):
        st.error(error, icon=":material/error:")
    if owner := st.session_state.pop(_OWNER, None):
        st.button(
            f"Save as a new version of “{formatting.markdown(owner.name)}”",
            key="save.version",
            icon=":material/history:",
            help="Its versions before stay in the history.",
            on_click=_save_version,
            args=(mart, owner, segment),
        )


@state.atomic
def _save_version(mart: Mart, owner: Saved, segment: Segment) -> None:
    try:
        _save_over(mart, owner.id, segment, owner.version)
    except DuckMartError as error:
        st.session_state[_ERROR] = _error_words(error, owner.name)


@state.atomic
def _save_form(mart: Mart, segment: Segment) -> None:
    name, typed_id, description = (state.widget_value(key).strip() for key in (_NAME, _ID, _DESCRIPTION))
    segment_id = typed_id or slug(name)
    if not (name and segment_id):
        st.session_state[_ERROR] = (
            "Write an id too: none can be made of this name." if name else "Write a name first."
        )
        return
    try:
        # Someone who types an id may give it a name that another segment has.
        if not typed_id and (owner := _with_name(mart, name)) is not None:
            _offer_free(mart, name, segment_id, owner)
            return
        details = Details(name=name, description=description or None)
        st.session_state[_CONFIRMATION] = _store(mart, segment_id, segment, details)
    except Exists:
        _offer_free(mart, name, segment_id, _with_id(mart, segment_id))
    except DuckMartError as error:
        st.session_state[_ERROR] = _error_words(error, name)


def _with_name(mart: Mart, name: str) -> Saved | None:
    """The saved segment of this name; letter case does not keep two names apart."""
    segments = library(mart.settings).listed()
    return next((one for one in segments if one.name.casefold() == name.casefold()), None)


def _with_id(mart: Mart, segment_id: str) -> Saved | None:
    """The saved segment of this id; None if a deleted one has it."""
    return next((one for one in library(mart.settings).listed() if one.id == segment_id), None)


def _offer_free(mart: Mart, name: str, segment_id: str, owner: Saved | None) -> None:
    """Fills a free name and id into the form, and says what else can be done.

    `owner` has the name or the id now; None if a deleted segment has the id, which stays its own.
    """
    shelf = library(mart.settings)
    segments = shelf.listed()
    ids = {one.id for one in (*segments, *shelf.deleted())}
    names = {one.name.casefold() for one in segments}
    prefix = segment_id[:ID_LENGTH]
    number = next(
        number
        for number in count(2)
        if f"{prefix}-{number}" not in ids and f"{name} {number}".casefold() not in names
    )
    st.session_state[_NAME], st.session_state[_ID] = f"{name} {number}", f"{prefix}-{number}"
    st.session_state[_OWNER] = owner
    title = formatting.markdown(name)
    conflict = f"The id `{segment_id}`" if segment_id in ids else f"The name “{title}”"
    alternative = " Or save this as a new version of the one that has it." if owner else ""
    st.session_state[_ERROR] = (
        f"{conflict} is taken. `{prefix}-{number}` is free: save again to take that, "
        f"as “{title} {number}”.{alternative}"
    )


def _error_words(error: DuckMartError, name: str) -> str:
    """What is wrong, in the words of the page rather than in those of the JSON."""
    if isinstance(error, SpecError) and any(one.code == "circle" for one in error.problems):
        return (
            f"A row refers to “{formatting.markdown(name)}”, or to a segment that is built on it, so it "
            "would be a part of itself. Remove that row, or save under another name."
        )
    return formatting.markdown(Wording().error(error))


@st.dialog("Somebody else saved first")
def _conflict(mart: Mart, segment: Segment, origin: Origin) -> None:
    """Asks what to do; the rows stay as they are until a choice is made, and every version is kept."""
    try:
        theirs = library(mart.settings).get(origin.id)
        st.markdown(
            f"**{formatting.markdown(theirs.name)}** was at version {origin.version} when you opened it, and "
            f"is at version {theirs.version} now, saved on {formatting.moment(theirs.updated)}. "
            "Your rows are as you left them."
        )
        if st.button("Save mine over it", key="conflict.over", help="Their version stays in the history."):
            _save_over(mart, origin.id, segment, theirs.version)
            st.rerun()
    except DuckMartError as error:
        st.error(formatting.markdown(Wording().error(error)), icon=":material/error:")
        return
    if st.button("Keep editing", key="conflict.back", type="primary"):
        st.rerun()
    st.caption("“Save as” keeps both; “Open” brings theirs, and Undo brings yours back.")


@state.atomic
def _save_over(mart: Mart, segment_id: str, segment: Segment, version: int) -> None:
    """Saves as the version after `version`, which is to be the newest. Raises as the library."""
    st.session_state[_CONFIRMATION] = _store(mart, segment_id, segment, version=version)


def _store(
    mart: Mart, segment_id: str, segment: Segment, details: Details | None = None, version: int | None = None
) -> str:
    """Saves the segment that the draft stands for, and returns words that say so. Raises as the library."""
    draft = state.draft()
    number = uncounted(draft)
    rows = as_text(draft_json.dump(draft)) if number else None
    saved = library(mart.settings).save(
        segment_id, segment, details or Details(), now=now(), version=version, kept=rows
    )
    state.set_saved(as_origin(saved, draft))
    words = f"Saved **{formatting.markdown(saved.name)}**, version {saved.version}."
    return f"{words} {_kept_words(number)}" if number else words


def _kept_words(rows: int) -> str:
    return f"Kept with the segment but not counted: {quantity(rows, 'row')}."


def slug(name: str) -> str:
    """An id made of a name: "Cart abandoners, 30 days" is `cart-abandoners-30-days`."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:ID_LENGTH].strip("-")
