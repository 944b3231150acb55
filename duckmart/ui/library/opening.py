"""Opening what was saved: a dialog that finds a segment, and one of its versions."""

from collections.abc import Mapping
from html import escape

import simplejson
import streamlit as st

from duckmart.errors import DuckMartError
from duckmart.library.saved import Revision, Saved
from duckmart.mart import Mart, library
from duckmart.spec import describe, draft_json
from duckmart.spec.draft import Draft
from duckmart.spec.parser import parse
from duckmart.ui import formatting
from duckmart.ui.library.saved_segment import as_origin
from duckmart.ui.session import state
from duckmart.ui.wording import Wording

_SEGMENT, _TABLE, _VERSION = "open.segment", "open.table", "open.version"


def show_button(mart: Mart, saved: Mapping[str, str]) -> None:
    """Opens the dialog; `saved` are the names of saved segments by id."""
    is_empty = not saved
    if st.button(
        "Open",
        icon=":material/folder_open:",
        key="action.open",
        disabled=is_empty,
        help="Nothing is saved yet." if is_empty else None,
    ):
        _dialog(mart)


def open_saved(mart: Mart, saved: Saved) -> None:
    """Makes a saved segment the draft, with its rows that do not count. Raises `DuckMartError`."""
    _open_version(mart, saved, saved)


@st.dialog("Open a saved segment", width="large")
def _dialog(mart: Mart) -> None:
    try:
        latest_first = sorted(library(mart.settings).listed(), key=lambda one: one.updated, reverse=True)
        segments = {one.id: one for one in latest_first}
        segment_id = st.selectbox(
            "Saved segment",
            list(segments),
            index=None,
            key=_SEGMENT,
            format_func=lambda one: _label(segments[one]),
            placeholder="Type a part of a name, an id, an owner or a tag",
        )
        if segment_id is None:
            _show_table(segments)
        else:
            _show_versions(mart, segments[segment_id])
    except DuckMartError as error:
        st.error(formatting.markdown(Wording().error(error)), icon=":material/error:")


def _label(saved: Saved) -> str:
    """What the search looks through."""
    tags = " ".join(f"#{tag}" for tag in saved.tags)
    return " · ".join(filter(None, (saved.name, saved.id, saved.owner, tags)))


def _show_table(segments: Mapping[str, Saved]) -> None:
    """Everything that is saved, to look through; a click on a row chooses it."""
    table = {
        "name": [one.name for one in segments.values()],
        "description": [one.description for one in segments.values()],
        "owner": [one.owner for one in segments.values()],
        "updated": [one.updated for one in segments.values()],
        "version": [one.version for one in segments.values()],
    }
    when = st.column_config.DatetimeColumn("updated (UTC)", format="DD MMM YYYY, HH:mm")
    st.dataframe(
        table,
        key=_TABLE,
        hide_index=True,
        column_config={"updated": when},
        height="content" if len(segments) < 8 else 300,
        on_select=lambda: _choose_row(list(segments)),
        selection_mode="single-row",
    )


def _choose_row(ids: list[str]) -> None:
    # A callback, as Streamlit lets nobody set the value of a select box once the run has drawn it.
    if rows := st.session_state[_TABLE].selection.rows:
        st.session_state[_SEGMENT] = ids[rows[0]]


def _show_versions(mart: Mart, newest: Saved) -> None:
    """The versions of a saved segment, and of the chosen one its description, meaning and Open button."""
    history = library(mart.settings).history(newest.id)
    revisions = {one.saved.version: one for one in reversed(history)}
    version = st.selectbox(
        "Version",
        list(revisions),
        key=f"{_VERSION}.{newest.id}",
        format_func=lambda one: _version_label(revisions[one]),
    )
    saved = revisions[version].saved
    if saved.description:
        st.markdown(formatting.markdown(saved.description))
    sentence = describe.sentence(parse(saved.spec, mart.settings).unlimited)
    st.html(f'<div class="sentence">{escape(sentence)}</div>')
    if st.button("Open segment", type="primary", key="open.done"):
        _open_version(mart, saved, newest)
        st.rerun()


def _version_label(revision: Revision) -> str:
    saved = revision.saved
    by = f" · {saved.owner}" if saved.owner else ""
    return f"version {saved.version} · {revision.action} {formatting.moment(saved.updated)}{by}"


def _open_version(mart: Mart, saved: Saved, newest: Saved) -> None:
    """Opens a version of a segment; the next save replaces the newest one."""
    draft = _draft_of(mart, saved)
    newest_draft = draft if saved == newest else _draft_of(mart, newest)
    state.open_rows(draft, as_origin(newest, newest_draft))


def _draft_of(mart: Mart, saved: Saved) -> Draft:
    """The rows that a version was saved with, as long as they still stand for its spec."""
    segment = parse(saved.spec, mart.settings)
    text = library(mart.settings).kept_rows(saved.id, saved.version)
    if text is None:
        return draft_json.draft_of(segment)
    try:
        draft = draft_json.load(simplejson.loads(text, use_decimal=True))
        is_same = parse(draft_json.build(draft).spec, mart.settings) == segment
    # Another version of DuckMart may have kept these rows; it is the spec that counts.
    except (ValueError, DuckMartError):
        return draft_json.draft_of(segment)
    return draft if is_same else draft_json.draft_of(segment)
