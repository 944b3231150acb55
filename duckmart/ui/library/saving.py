"""Saving what is built, opening what was saved, and what to do when somebody else saved first.

A segment is saved as its spec, once every row is finished. Muted rows are in no spec; where there are any,
all rows are kept with that version, and come back when it is opened.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from html import escape
from itertools import count

import simplejson
import streamlit as st

from duckmart.errors import DuckMartError, Exists, SpecError, Stale
from duckmart.instants import now
from duckmart.library import Details, Library, Revision, Saved
from duckmart.mart import Mart, library
from duckmart.spec import describe, edit
from duckmart.spec.edit import Draft
from duckmart.spec.json_text import Json, to_json
from duckmart.spec.parser import parse
from duckmart.spec.segment import Segment
from duckmart.ui import formatting
from duckmart.ui.session import state
from duckmart.ui.session.state import Opened
from duckmart.ui.wording import Wording

_CHOSEN, _TABLE, _VERSION = "open.segment", "open.table", "open.version"
_NAME, _ID, _WORDS = "save.name", "save.id", "save.description"
# What became of the dialog's form, which is saved in a callback.
_DONE, _WRONG = "save.done", "save.wrong"
# In the dialog: the id of the segment that has the name already.
_TAKEN = "save.taken"

# Longer ids are allowed; one that a name gives should fit a line.
ID_LENGTH = 40


def show_buttons(mart: Mart, saved: Mapping[str, str], segment: Segment | None, blocker: str | None) -> None:
    """Open and save, in the head's row of actions; `blocker` says why there is no segment to save."""
    # A toast of a dialog that closes is never seen.
    if done := st.session_state.pop(_DONE, None):
        st.toast(done, icon=":material/check:")
    nothing = None if saved else "Nothing is saved yet."
    if st.button("Open", icon=":material/folder_open:", key="action.open", disabled=not saved, help=nothing):
        _open(mart)
    here = state.opened()
    off = segment is None
    if st.button("Save", icon=":material/save:", key="action.save", disabled=off, help=blocker):
        _save(mart, segment, here)
    if here is not None and st.button("Save as", key="action.save-as", disabled=off, help=blocker):
        _save_as(mart, segment)


def show_name(segment: Segment | None) -> None:
    """Which saved segment the rows are, and whether they differ from it."""
    here = state.opened()
    if here is None:
        return
    edited = segment is None or segment.as_json() != here.spec or uncounted(state.draft()) != here.uncounted
    name = formatting.markdown(here.name)
    st.caption(
        f":material/bookmark: **{name}** · `{here.id}` · version {here.version}"
        f"{' · :orange[edited, not saved]' if edited else ' · saved'}"
    )


def names(mart: Mart) -> dict[str, str]:
    """The saved segments that a row can refer to: id -> name, with the id where several have that name."""
    try:
        listed = library(mart.settings).listed()
    except DuckMartError as error:
        words = formatting.markdown(Wording().error(error))
        st.warning(f"Saved segments cannot be read: {words}", icon=":material/warning:")
        return {}
    named = Counter(one.name for one in listed)
    return {one.id: one.name if named[one.name] == 1 else f"{one.name} · {one.id}" for one in listed}


def circular(mart: Mart) -> frozenset[str]:
    """The saved segments that the one being edited cannot refer to: itself, and those that lead to it."""
    here = state.opened()
    if here is None:
        return frozenset()
    try:
        return library(mart.settings).leading_to(here.id)
    except DuckMartError:
        return frozenset({here.id})  # `names` says that the library cannot be read


def open_saved(mart: Mart, saved: Saved) -> None:
    """Makes a saved segment the draft, with its rows that do not count. Raises `DuckMartError`."""
    _bring_back(mart, saved, saved)


def uncounted(draft: Draft) -> str:
    """The rows as a text that two drafts share if they look the same; empty if the spec says all of them."""
    return _text(_nameless(edit.as_dict(draft)["root"])) if left_out(draft) else ""


def left_out(draft: Draft) -> int:
    """How many rows are not counted: unfinished or muted."""
    built = edit.built(draft)
    return len(built.unfinished) + len(built.muted)


@st.dialog("Open a saved segment", width="large")
def _open(mart: Mart) -> None:
    try:
        found = {one.id: one for one in _latest_first(_shelf(mart).listed())}
    except DuckMartError as error:
        st.error(formatting.markdown(Wording().error(error)), icon=":material/error:")
        return
    chosen = st.selectbox(
        "Saved segment",
        list(found),
        index=None,
        key=_CHOSEN,
        format_func=lambda name: _label(found[name]),
        placeholder="Type a part of a name, an id, an owner or a tag",
    )
    if chosen is None:
        _show_table(found)
        return
    try:
        _show_chosen(mart, found[chosen])
    except DuckMartError as error:
        st.error(formatting.markdown(Wording().error(error)), icon=":material/error:")


def _latest_first(listed: tuple[Saved, ...]) -> list[Saved]:
    return sorted(listed, key=lambda one: one.updated, reverse=True)


def _label(saved: Saved) -> str:
    """What the search looks through."""
    tags = " ".join(f"#{tag}" for tag in saved.tags)
    return " · ".join(filter(None, (saved.name, saved.id, saved.owner, tags)))


def _show_table(found: Mapping[str, Saved]) -> None:
    """Everything that is saved, the latest first, to look through; a click on a row chooses it."""
    table = {
        "name": [one.name for one in found.values()],
        "description": [one.description for one in found.values()],
        "owner": [one.owner for one in found.values()],
        "updated": [one.updated for one in found.values()],
        "version": [one.version for one in found.values()],
    }
    when = st.column_config.DatetimeColumn("updated (UTC)", format="DD MMM YYYY, HH:mm")
    st.dataframe(
        table,
        key=_TABLE,
        hide_index=True,
        column_config={"updated": when},
        height="content" if len(found) < 8 else 300,
        on_select=lambda: _choose_row(list(found)),
        selection_mode="single-row",
    )


def _choose_row(ids: list[str]) -> None:
    if rows := st.session_state[_TABLE].selection.rows:
        st.session_state[_CHOSEN] = ids[rows[0]]


def _show_chosen(mart: Mart, newest: Saved) -> None:
    """A saved segment before it is opened: who says what of it, what it means, and in which version."""
    revisions = {one.saved.version: one for one in reversed(_shelf(mart).history(newest.id))}
    version = st.selectbox(
        "Version",
        list(revisions),
        key=f"{_VERSION}.{newest.id}",
        format_func=lambda one: _when(revisions[one]),
    )
    saved = revisions[version].saved
    if saved.description:
        st.markdown(formatting.markdown(saved.description))
    sentence = describe.sentence(parse(saved.spec, mart.settings).unlimited)
    st.html(f'<div class="sentence">{escape(sentence)}</div>')
    if st.button("Open segment", type="primary", key="open.done"):
        _bring_back(mart, saved, newest)
        st.rerun()


def _when(revision: Revision) -> str:
    saved = revision.saved
    by = f" · {saved.owner}" if saved.owner else ""
    return f"version {saved.version} · {revision.action} {formatting.moment(saved.updated)}{by}"


def _bring_back(mart: Mart, saved: Saved, newest: Saved) -> None:
    """Opens a version of a segment; the next save replaces the newest one."""
    draft = _draft_of(mart, saved)
    latest = draft if saved == newest else _draft_of(mart, newest)
    state.open_rows(draft, _opened(newest, latest))


def _draft_of(mart: Mart, saved: Saved) -> Draft:
    """The rows that a version was saved with, as long as they still stand for its spec."""
    segment = parse(saved.spec, mart.settings)
    kept = _shelf(mart).kept_rows(saved.id, saved.version)
    if kept is None:
        return edit.opened(segment)
    try:
        draft = edit.restored(simplejson.loads(kept, use_decimal=True))
        same = parse(edit.built(draft).spec, mart.settings) == segment
    except (ValueError, DuckMartError):
        return edit.opened(segment)
    return draft if same else edit.opened(segment)


def _opened(saved: Saved, draft: Draft) -> Opened:
    return Opened(saved.id, saved.name, saved.version, to_json(saved.spec), uncounted(draft))


def _save(mart: Mart, segment: Segment | None, here: Opened | None) -> None:
    if segment is None:
        return
    if here is None:
        _save_as(mart, segment)
        return
    try:
        _save_over(mart, here.id, segment, here.version)
    except Stale:
        _conflict(mart, segment, here)
    except DuckMartError as error:
        st.toast(formatting.markdown(Wording().error(error)), icon=":material/error:")
    else:
        st.rerun()


@st.dialog("Save this segment")
def _save_as(mart: Mart, segment: Segment | None) -> None:
    if segment is None:
        return
    if _DONE in st.session_state:
        st.rerun()
    with st.form("save.form", border=False):
        st.text_input("Name", key=_NAME, placeholder="Cart abandoners, last 30 days")
        st.text_input(
            "Id",
            key=_ID,
            placeholder="made of the name",
            help="How the API, the command line and other segments call it. It stays when the name changes.",
        )
        st.text_area("Description", key=_WORDS, placeholder="Who they are and what they are for")
        if rows := left_out(state.draft()):
            st.caption(f":orange[:material/edit: {_not_counted(rows)}]")
        st.form_submit_button("Save segment", type="primary", on_click=_save_form, args=(mart, segment))
    if wrong := st.session_state.pop(_WRONG, None):
        st.error(wrong, icon=":material/error:")
    if taken := st.session_state.pop(_TAKEN, None):
        label = f"Save as a new version of “{formatting.markdown(taken.name)}”"
        st.button(
            label,
            key="save.version",
            icon=":material/history:",
            help="Its versions before stay in the history.",
            on_click=_save_version,
            args=(mart, taken, segment),
        )


@state.whole
def _save_version(mart: Mart, taken: Saved, segment: Segment) -> None:
    try:
        _save_over(mart, taken.id, segment, taken.version)
    except DuckMartError as error:
        st.session_state[_WRONG] = _plain_words(error, taken.name)


@state.whole
def _save_form(mart: Mart, segment: Segment) -> None:
    name, given, words = (state.given(key).strip() for key in (_NAME, _ID, _WORDS))
    wanted = given or slug(name)
    if not (name and wanted):
        st.session_state[_WRONG] = (
            "Write an id too: none can be made of this name." if name else "Write a name first."
        )
        return
    try:
        if not given and (owner := _called(mart, name)) is not None:
            _offer_free(mart, name, wanted, owner)
            return
        details = Details(name=name, description=words or None)
        st.session_state[_DONE] = _store(mart, wanted, segment, details)
    except Exists:
        _offer_free(
            mart, name, wanted, next((one for one in _shelf(mart).listed() if one.id == wanted), None)
        )
    except DuckMartError as error:
        st.session_state[_WRONG] = _plain_words(error, name)


def _called(mart: Mart, name: str) -> Saved | None:
    """The saved segment of this name; letter case does not keep two names apart."""
    return next((one for one in _shelf(mart).listed() if one.name.casefold() == name.casefold()), None)


def _offer_free(mart: Mart, name: str, wanted: str, owner: Saved | None) -> None:
    """Fills a free name and id into the form, and says what else can be done; `owner` has the name now."""
    shelf = _shelf(mart)
    live = shelf.listed()
    ids, called = {one.id for one in (*live, *shelf.deleted())}, {one.name.casefold() for one in live}
    free = next(
        number
        for number in count(2)
        if f"{wanted[:ID_LENGTH]}-{number}" not in ids and f"{name} {number}".casefold() not in called
    )
    st.session_state[_NAME], st.session_state[_ID] = f"{name} {free}", f"{wanted[:ID_LENGTH]}-{free}"
    st.session_state[_TAKEN] = owner
    what = (
        f"The id `{wanted}` is taken" if wanted in ids else f"The name “{formatting.markdown(name)}” is taken"
    )
    instead = " Or save this as a new version of the one that has it." if owner else ""
    st.session_state[_WRONG] = (
        f"{what}. `{st.session_state[_ID]}` is free: save again to take that, "
        f"as “{formatting.markdown(name)} {free}”.{instead}"
    )


def _plain_words(error: DuckMartError, name: str) -> str:
    """What is wrong, in the words of the page rather than in those of the JSON."""
    if isinstance(error, SpecError) and any(one.code == "circle" for one in error.problems):
        return (
            f"A row refers to “{formatting.markdown(name)}”, or to a segment that is built on it, so it "
            "would be a part of itself. Remove that row, or save under another name."
        )
    return formatting.markdown(Wording().error(error))


@st.dialog("Somebody else saved first")
def _conflict(mart: Mart, segment: Segment, here: Opened) -> None:
    """Nothing is lost: the rows stay as they are until a choice is made, and every version is kept."""
    try:
        theirs = _shelf(mart).get(here.id)
    except DuckMartError as error:
        st.error(formatting.markdown(Wording().error(error)), icon=":material/error:")
        return
    st.markdown(
        f"**{formatting.markdown(theirs.name)}** was at version {here.version} when you opened it, and is at "
        f"version {theirs.version} now, saved on {formatting.moment(theirs.updated)}. "
        "Your rows are as you left them."
    )
    if st.button("Save mine over it", key="conflict.over", help="Their version stays in the history."):
        try:
            _save_over(mart, here.id, segment, theirs.version)
        except DuckMartError as error:
            st.error(formatting.markdown(Wording().error(error)), icon=":material/error:")
            return
        st.rerun()
    if st.button("Keep editing", key="conflict.back", type="primary"):
        st.rerun()
    st.caption("“Save as” keeps both; “Open” brings theirs, and Undo brings yours back.")


@state.whole
def _save_over(mart: Mart, segment_id: str, segment: Segment, version: int) -> None:
    """Saves as the version after this one. Raises as the library."""
    st.session_state[_DONE] = _store(mart, segment_id, segment, version=version)


def _store(
    mart: Mart, segment_id: str, segment: Segment, details: Details | None = None, version: int | None = None
) -> str:
    """Saves the segment that the draft stands for; the words that say so. Raises as the library."""
    draft = state.draft()
    rows = left_out(draft)
    kept = _text(edit.as_dict(draft)) if rows else None
    saved = _shelf(mart).save(
        segment_id, segment, details or Details(), now=now(), version=version, kept=kept
    )
    state.set_saved(_opened(saved, draft))
    words = f"Saved **{formatting.markdown(saved.name)}**, version {saved.version}."
    return f"{words} {_not_counted(rows)}" if rows else words


def _not_counted(rows: int) -> str:
    if rows == 1:
        return "1 row is not counted; it is kept with the segment."
    return f"{rows} rows are not counted; they are kept with the segment."


def slug(name: str) -> str:
    """An id made of a name: "Cart abandoners, 30 days" is `cart-abandoners-30-days`."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:ID_LENGTH].strip("-")


def _shelf(mart: Mart) -> Library:
    return library(mart.settings)


def _nameless(row: Json) -> Json:
    """A row without its id, which tells nothing of how it looks."""
    said = {key: part for key, part in row.items() if key != "id"}
    return said | {"children": [*map(_nameless, row["children"])]} if "children" in row else said


def _text(document: Json) -> str:
    return simplejson.dumps(document, use_decimal=True, sort_keys=True, separators=(",", ":"))
