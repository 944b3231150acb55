"""A draft outlives the session that builds it: it is in the library, under an id in the page's address.

    an edit -> begin hands it to a writer thread -> the page is drawn -> settle looks how the writing went
    a reload, another page, a server that was killed -> begin reads the draft whose id is in the address

Writing begins before the count is asked, so that a kill loses nothing that was on screen. The page waits for
it after everything is drawn, so that no click waits for a disk.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass

import simplejson
import streamlit as st

from duckmart.errors import DuckMartError, Stale
from duckmart.instants import now
from duckmart.library.library import Library
from duckmart.mart import library
from duckmart.settings import Settings
from duckmart.spec import draft_json
from duckmart.spec.json_text import Json
from duckmart.ui import formatting
from duckmart.ui.library import links
from duckmart.ui.session import state
from duckmart.ui.session.state import HistoryEntry, Origin, Work

# What an address says.
ADDRESS = "draft"
# Undo after a reload: so many steps each way, as far as their texts are not larger together than that.
STEPS_KEPT = 20
STEPS_SIZE = 1_000_000
# A page that is drawn waits so long for its draft to be written; a later run looks again.
PATIENCE = 1.0

_PLACE = "duckmart.draft"
_writers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="draft")


@dataclass(slots=True)
class Place:
    """Where a session keeps its work, and which of it; `id` is None before the first edit.

    `step` is what was last handed to the writer, None if that failed; `has_warned` is whether the user knows.
    """

    id: str | None
    edition: int
    step: HistoryEntry | None
    writing: Future[tuple[str, int]] | None = None
    page: str | None = None
    has_warned: bool = False


def begin(settings: Settings, page: str) -> None:
    """Restores the draft that the address names, once in a session, and hands edits to the writer."""
    place = st.session_state.get(_PLACE)
    if place is None:
        place = st.session_state[_PLACE] = _place_of_address(settings)
    _check_writing(place)
    # Streamlit's links to other pages drop what the address says. The page's own history is left alone.
    if page != place.page and place.id is not None:
        _set_address(place.id)
    place.page = page
    _hand_over(place, settings)


def settle(settings: Settings) -> None:
    """Waits for the writing, also of what the page changed while it was drawn, and warns if it failed."""
    place: Place = st.session_state[_PLACE]
    _hand_over(place, settings)
    if place.writing is not None:
        wait([place.writing], PATIENCE)
    _check_writing(place)


def as_text(work: Work) -> str:
    """All that is being built as a document; steps that are far away or large are left out."""
    past, future = [*_near(work.past[::-1])][::-1], [*_near(work.future)]
    origins = {_key(step.origin): asdict(step.origin) for step in (*past, work.here, *future) if step.origin}
    steps = {"past": [*map(_plain, past)], "here": _plain(work.here), "future": [*map(_plain, future)]}
    return _text({"opened": origins, **steps})


def from_text(text: str) -> Work:
    """The work that `as_text` wrote. Raises `ValueError` for anything else."""
    try:
        raw = simplejson.loads(text, use_decimal=True)
        origins = {key: Origin(**fields) for key, fields in raw["opened"].items()}
        past, future = ([*_steps(raw[key], origins)] for key in ("past", "future"))
        [here] = _steps([raw["here"]], origins)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("no draft") from error
    return Work(here, tuple(past), tuple(future))


def _place_of_address(settings: Settings) -> Place:
    """Makes the draft that the address names the session's work; a place without an id if there is none."""
    draft_id = st.query_params.get(ADDRESS)
    fresh = Place(None, 0, state.work().here)
    if not draft_id:
        return fresh
    try:
        record = library(settings).draft(draft_id)
        work = None if record is None else from_text(record.document)
    except DuckMartError as error:
        words = (
            f"Your draft cannot be read now; reload the page to try again. {formatting.markdown(str(error))}"
        )
        st.toast(words, icon=":material/error:", duration="long")
        return fresh
    except ValueError:
        return fresh
    if record is None or work is None:
        return fresh
    state.set_work(work)
    if links.SEGMENT in st.query_params or links.SAVED in st.query_params:
        # The segment of the link opens as a draft of its own; undo leads back to this one.
        return Place(None, 0, work.here)
    return Place(draft_id, record.edition, work.here)


def _hand_over(place: Place, settings: Settings) -> None:
    """Hands the work to the writer if it has changed; one writing at a time, which keeps their order."""
    work = state.work()
    if place.writing is not None or _is_same(place.step, work.here):
        return
    if place.id is None:
        place.id = secrets.token_urlsafe(12)
    _set_address(place.id)
    place.step = work.here
    place.writing = _writers.submit(_write, library(settings), place.id, place.edition, work)


def _write(shelf: Library, draft_id: str, edition: int, work: Work) -> tuple[str, int]:
    """Writes the work, under another id if somebody else edits this draft too; returns the id and edition."""
    document = as_text(work)
    try:
        return draft_id, shelf.keep_draft(draft_id, document, now=now(), edition=edition)
    except Stale:
        copy = secrets.token_urlsafe(12)
        return copy, shelf.keep_draft(copy, document, now=now())


def _check_writing(place: Place) -> None:
    """Takes the result of a writing that has ended: the new edition, another id, or a failure to warn of."""
    if place.writing is None or not place.writing.done():
        return
    writing, place.writing = place.writing, None
    try:
        draft_id, place.edition = writing.result()
    except DuckMartError as error:
        place.step = None
        if not place.has_warned:
            words = (
                f"Your draft is not kept: reloading the page would lose it. {formatting.markdown(str(error))}"
            )
            st.toast(words, icon=":material/error:", duration="long")
        place.has_warned = True
        return
    place.has_warned = False
    if draft_id != place.id:
        place.id = draft_id
        _set_address(draft_id)
        words = "This draft is edited in another tab or browser too. Yours goes on here as a copy of its own."
        st.toast(words, icon=":material/content_copy:", duration="long")


def _set_address(draft_id: str) -> None:
    """Writes the id into the address, unless it is there: each write is a step in the browser's history."""
    if st.query_params.get(ADDRESS) != draft_id:
        st.query_params[ADDRESS] = draft_id


def _is_same(step: HistoryEntry | None, other: HistoryEntry) -> bool:
    return step is not None and step.draft is other.draft and step.origin is other.origin


def _near(steps: Sequence[HistoryEntry]) -> Iterator[HistoryEntry]:
    """The first steps that are small enough together."""
    size = 0
    for step in steps[:STEPS_KEPT]:
        size += len(_text(_plain(step)))
        if size > STEPS_SIZE:
            return
        yield step


def _plain(step: HistoryEntry) -> dict[str, Json]:
    return {"draft": draft_json.dump(step.draft), "opened": step.origin and _key(step.origin)}


# Many steps belong to one version of a segment, whose spec may be long: steps name it by this key.
def _key(origin: Origin) -> str:
    return f"{origin.id} {origin.version}"


def _steps(raw: Iterable[Json], origins: Mapping[str, Origin]) -> Iterator[HistoryEntry]:
    for step in raw:
        yield HistoryEntry(
            draft_json.load(step["draft"]), origins[step["opened"]] if step["opened"] else None
        )


def _text(document: Json) -> str:
    return simplejson.dumps(document, use_decimal=True, separators=(",", ":"))
