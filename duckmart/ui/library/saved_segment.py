"""The saved segment that the rows belong to, those that a row can refer to, and rows that are in no spec.

A segment is saved as its spec, once every row is finished. Muted rows are in no spec; where there are any,
all rows are kept with that version, and come back when it is opened.
"""

from collections import Counter

import simplejson
import streamlit as st

from duckmart.errors import DuckMartError
from duckmart.library.saved import Saved
from duckmart.mart import Mart, library
from duckmart.spec import draft_json
from duckmart.spec.draft import Draft
from duckmart.spec.json_text import Json, to_json
from duckmart.spec.segment import Segment
from duckmart.ui import formatting
from duckmart.ui.session import state
from duckmart.ui.session.state import Origin
from duckmart.ui.wording import Wording


def show_name(segment: Segment | None) -> None:
    """Which saved segment the rows are, and whether they differ from it."""
    origin = state.origin()
    if origin is None:
        return
    is_same = (
        segment is not None
        and segment.as_json() == origin.spec
        and uncounted_text(state.draft()) == origin.uncounted
    )
    name = formatting.markdown(origin.name)
    st.caption(
        f":material/bookmark: **{name}** · `{origin.id}` · version {origin.version}"
        f"{' · saved' if is_same else ' · :orange[edited, not saved]'}"
    )


def names(mart: Mart) -> dict[str, str]:
    """The saved segments that a row can refer to: id -> name, with the id where several have that name."""
    try:
        segments = library(mart.settings).listed()
    except DuckMartError as error:
        words = formatting.markdown(Wording().error(error))
        st.warning(f"Saved segments cannot be read: {words}", icon=":material/warning:")
        return {}
    uses = Counter(one.name for one in segments)
    return {one.id: one.name if uses[one.name] == 1 else f"{one.name} · {one.id}" for one in segments}


def circular(mart: Mart) -> frozenset[str]:
    """The saved segments that the one being edited cannot refer to: itself, and those that lead to it."""
    origin = state.origin()
    if origin is None:
        return frozenset()
    try:
        return library(mart.settings).leading_to(origin.id)
    except DuckMartError:
        return frozenset({origin.id})  # `names` says that the library cannot be read


def as_origin(saved: Saved, draft: Draft) -> Origin:
    """A saved segment as what the rows of `draft` belong to."""
    return Origin(saved.id, saved.name, saved.version, to_json(saved.spec), uncounted_text(draft))


def uncounted(draft: Draft) -> int:
    """How many rows are not counted: unfinished or muted."""
    result = draft_json.build(draft)
    return len(result.incomplete) + len(result.muted)


def uncounted_text(draft: Draft) -> str:
    """The rows as a text that two drafts share if they look the same; empty if the spec holds all of them."""
    return as_text(_without_ids(draft_json.dump(draft)["root"])) if uncounted(draft) else ""


def as_text(document: Json) -> str:
    """JSON that is the same text for the same content."""
    return simplejson.dumps(document, use_decimal=True, sort_keys=True, separators=(",", ":"))


def _without_ids(row: Json) -> Json:
    """A row and its children without ids, which do not show."""
    parts = {key: part for key, part in row.items() if key != "id"}
    return parts | {"children": [*map(_without_ids, row["children"])]} if "children" in row else parts
