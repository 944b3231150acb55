"""What is built outlives the session that builds it: it stands in the library, under an id in the address.

    an edit -> begin hands it to a thread that writes -> the page is drawn -> settle looks what became of it
    a reload, another page, a server that was killed -> begin finds the id in the address, and restores

Writing is begun before the count is asked, so that a kill loses nothing that was on screen, and is waited for
after everything is drawn, so that no click waits for a disk.
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
from duckmart.ui.session.state import HistoryEntry, Opened, Work

# What an address says.
ADDRESS = "draft"
# Undo after a reload: so many steps each way, as far as their texts are not larger together than that.
STEPS_KEPT = 20
STEPS_SIZE = 1_000_000
# A page that is drawn waits so long for its draft to be written; a later run looks again.
PATIENCE = 1.0

_PLACE = "duckmart.engines.condition_cache"
_writers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="draft")


@dataclass(slots=True)
class Place:
    """Where a session keeps its work, and which of it; `id` is None before the first edit.

    `step` is what was last handed to the writer, None if that failed; `told` is whether the user knows.
    """

    id: str | None
    edition: int
    step: HistoryEntry | None
    writing: Future[tuple[str, int]] | None = None
    page: str | None = None
    told: bool = False


def begin(chosen: Settings, page: str) -> None:
    """Restores the draft that the address names, once in a session; has what was edited written."""
    place = st.session_state.get(_PLACE)
    if place is None:
        place = st.session_state[_PLACE] = _restored(chosen)
    _look(place)
    # Streamlit's links to other pages drop what the address says. The page's own history is left alone.
    if page != place.page and place.id is not None:
        _say(place.id)
    place.page = page
    _hand_over(place, chosen)


def settle(chosen: Settings) -> None:
    """Sees to it that all is written, what the page changed while it was drawn too; tells if it cannot be."""
    place: Place = st.session_state[_PLACE]
    _hand_over(place, chosen)
    if place.writing is not None:
        wait([place.writing], PATIENCE)
    _look(place)


def as_text(work: Work) -> str:
    """All that is being built as a document; steps that are far away or large are left out."""
    past, future = [*_near(work.past[::-1])][::-1], [*_near(work.future)]
    opened = {_key(step.opened): asdict(step.opened) for step in (*past, work.here, *future) if step.opened}
    steps = {"past": [*map(_plain, past)], "here": _plain(work.here), "future": [*map(_plain, future)]}
    return _text({"opened": opened, **steps})


def restored(text: str) -> Work:
    """The work that `as_text` wrote. Raises `ValueError` for anything else."""
    try:
        raw = simplejson.loads(text, use_decimal=True)
        opened = {key: Opened(**named) for key, named in raw["opened"].items()}
        past, future = ([*_steps(raw[key], opened)] for key in ("past", "future"))
        [here] = _steps([raw["here"]], opened)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("no draft") from error
    return Work(here, tuple(past), tuple(future))


def _restored(chosen: Settings) -> Place:
    named = st.query_params.get(ADDRESS)
    fresh = Place(None, 0, state.work().here)
    if not named:
        return fresh
    try:
        kept = library(chosen).draft(named)
        work = None if kept is None else restored(kept.document)
    except DuckMartError as error:
        words = (
            f"Your draft cannot be read now; reload the page to try again. {formatting.markdown(str(error))}"
        )
        st.toast(words, icon=":material/error:", duration="long")
        return fresh
    except ValueError:
        return fresh
    if kept is None or work is None:
        return fresh
    state.set_work(work)
    if links.SEGMENT in st.query_params or links.SAVED in st.query_params:
        # What is about to be opened over the draft is a draft of its own; undo leads back to this one.
        return Place(None, 0, work.here)
    return Place(named, kept.edition, work.here)


def _hand_over(place: Place, chosen: Settings) -> None:
    """Has the work written, if it is not what was written last; one writing at a time, so in order."""
    work = state.work()
    if place.writing is not None or _is(place.step, work.here):
        return
    if place.id is None:
        place.id = secrets.token_urlsafe(12)
    _say(place.id)
    place.step = work.here
    place.writing = _writers.submit(_write, library(chosen), place.id, place.edition, work)


def _write(shelf: Library, draft_id: str, edition: int, work: Work) -> tuple[str, int]:
    """Where the work stands after it was written: elsewhere, if somebody else builds under this id."""
    document = as_text(work)
    try:
        return draft_id, shelf.keep_draft(draft_id, document, now=now(), edition=edition)
    except Stale:
        copy = secrets.token_urlsafe(12)
        return copy, shelf.keep_draft(copy, document, now=now())


def _look(place: Place) -> None:
    """What became of the writing, if it is done."""
    if place.writing is None or not place.writing.done():
        return
    writing, place.writing = place.writing, None
    try:
        draft_id, place.edition = writing.result()
    except DuckMartError as error:
        place.step = None
        if not place.told:
            words = (
                f"Your draft is not kept: reloading the page would lose it. {formatting.markdown(str(error))}"
            )
            st.toast(words, icon=":material/error:", duration="long")
        place.told = True
        return
    place.told = False
    if draft_id != place.id:
        place.id = draft_id
        _say(draft_id)
        words = "This draft is edited in another tab or browser too. Yours goes on here as a copy of its own."
        st.toast(words, icon=":material/content_copy:", duration="long")


def _say(draft_id: str) -> None:
    """Written only where it is something else: each time is a step in the browser's history."""
    if st.query_params.get(ADDRESS) != draft_id:
        st.query_params[ADDRESS] = draft_id


def _is(step: HistoryEntry | None, other: HistoryEntry) -> bool:
    return step is not None and step.draft is other.draft and step.opened is other.opened


def _near(steps: Sequence[HistoryEntry]) -> Iterator[HistoryEntry]:
    """The first steps that are small enough together."""
    size = 0
    for step in steps[:STEPS_KEPT]:
        size += len(_text(_plain(step)))
        if size > STEPS_SIZE:
            return
        yield step


def _plain(step: HistoryEntry) -> dict[str, Json]:
    return {"draft": draft_json.dump(step.draft), "opened": step.opened and _key(step.opened)}


def _key(opened: Opened) -> str:
    """Many steps belong to one version of a segment, whose spec may be long."""
    return f"{opened.id} {opened.version}"


def _steps(raw: Iterable[Json], opened: Mapping[str, Opened]) -> Iterator[HistoryEntry]:
    for step in raw:
        yield HistoryEntry(draft_json.load(step["draft"]), opened[step["opened"]] if step["opened"] else None)


def _text(document: Json) -> str:
    return simplejson.dumps(document, use_decimal=True, separators=(",", ":"))
