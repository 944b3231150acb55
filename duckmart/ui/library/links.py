"""Links that open a segment: the address holds the segment itself, or names a saved one."""

import binascii
import zlib
from base64 import b64decode, urlsafe_b64encode
from urllib.parse import urlencode

import simplejson
import streamlit as st

from duckmart.errors import DuckMartError, Problem, SpecError
from duckmart.mart import Mart, library
from duckmart.settings import Settings
from duckmart.spec import draft_json
from duckmart.spec.draft import Draft
from duckmart.spec.json_text import read_json
from duckmart.spec.parser import parse
from duckmart.spec.segment import Segment
from duckmart.spec.words import quantity
from duckmart.ui import formatting
from duckmart.ui.library import opening
from duckmart.ui.session import state
from duckmart.ui.wording import Wording

# What an address says.
SEGMENT, SAVED = "segment", "saved"
# Longer addresses are cut by chats, mail programs and proxies.
LONGEST = 8_000

# In the session: the draft that the address stands for, or None; absent before the session's first run.
_ADDRESSED = "duckmart.addressed"


def open_shared(mart: Mart) -> None:
    """Makes what the address names the draft, as the first thing in a session; says why if it cannot.

    The address then says nothing more, so that a reload does not undo later edits.
    """
    names = [name for name in (SEGMENT, SAVED) if name in st.query_params]
    if _ADDRESSED not in st.session_state:
        st.session_state[_ADDRESSED] = None
        if names:
            _open(names[0], st.query_params[names[0]], mart)
    if names and state.draft() != st.session_state[_ADDRESSED]:
        for name in names:
            del st.query_params[name]


def show_button(segment: Segment | None, blocker: str | None) -> None:
    """Writes the segment into the address, and shows the link; `blocker` says why there is none to share."""
    pressed = st.button(
        "Share", icon=":material/link:", key="action.share", disabled=segment is None, help=blocker
    )
    if not pressed or segment is None:
        return
    packed, saved = pack(segment), _saved_as(segment)
    if len(packed) <= LONGEST:
        _address(SEGMENT, packed)
    elif saved is not None:
        _address(SAVED, saved.id)
    _show_links(state.draft(), packed, saved)


def pack(segment: Segment) -> str:
    """The segment as text that an address can hold: without the padding, which addresses would escape."""
    json = simplejson.dumps(segment.as_dict(), use_decimal=True, ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(zlib.compress(json.encode(), 9)).decode().rstrip("=")


def unpack(text: str, settings: Settings) -> Segment:
    """The segment that was packed, not yet checked against any data. Raises `SpecError`."""
    if len(text) > LONGEST:
        raise _broken("is longer than any that is made here")
    unpacking = zlib.decompressobj()
    try:
        packed = b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        # A short text can unpack to gigabytes, so this stops just past what a spec may have.
        json = unpacking.decompress(packed, settings.max_body + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise _broken("is damaged") from error
    if len(json) <= settings.max_body and not unpacking.eof:
        raise _broken("is cut off")
    return parse(read_json(json, settings), settings)


def _open(name: str, value: str, mart: Mart) -> None:
    try:
        if name == SEGMENT:
            state.open_rows(draft_json.draft_of(unpack(value, mart.settings)), None)
        else:
            opening.open_saved(mart, library(mart.settings).get(value))
    except DuckMartError as error:
        lines = Wording().error(error).split("\n")
        words = "\n".join(f"- {formatting.markdown(line)}" for line in lines)
        st.error(f"The link cannot be opened:\n\n{words}", icon=":material/link_off:")


def _broken(what: str) -> SpecError:
    hint = "ask who sent it for a new one, or for the segment's JSON"
    return SpecError([Problem("", "bad_link", f"the link {what}", hint)])


def _saved_as(segment: Segment) -> state.Origin | None:
    """The saved segment that the rows are, as long as they do not differ from it."""
    origin = state.origin()
    return origin if origin is not None and origin.spec == segment.as_json() else None


def _address(name: str, value: str) -> None:
    for other in {SEGMENT, SAVED} - {name}:
        st.query_params.pop(other, None)
    st.query_params[name] = value
    st.session_state[_ADDRESSED] = state.draft()


@st.dialog("Share this segment", width="large")
def _show_links(draft: Draft, packed: str, saved: state.Origin | None) -> None:
    if len(packed) <= LONGEST:
        st.markdown("**The segment as it is now.** What is changed later does not reach the link.")
        link = _link(SEGMENT, packed)
        st.code(link, language=None, wrap_lines=True, height=140 if len(link) > 400 else "content")
        if muted := len(draft_json.build(draft).muted):
            rows = quantity(muted, "muted row")
            st.caption(f":orange[:material/visibility_off: Not in the link: {rows}.]")
    else:
        st.warning("This segment is too long for a link that holds it.", icon=":material/link_off:")
    if saved is not None:
        st.markdown(f"**{formatting.markdown(saved.name)}**, always in the latest version that is saved:")
        st.code(_link(SAVED, saved.id), language=None, wrap_lines=True)
    elif len(packed) > LONGEST:
        st.markdown("Save it, then share the link to the saved segment.")
    st.caption("For everybody who can open DuckMart at this address.")


def _link(name: str, value: str) -> str:
    page = (st.context.url or "http://localhost:8501").partition("?")[0]
    return f"{page}?{urlencode({name: value})}"
