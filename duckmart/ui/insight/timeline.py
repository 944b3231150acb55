"""One user: attributes, and the latest events as a strip and a table."""

from collections.abc import Sequence
from datetime import date, datetime

import plotly.graph_objects as go
import streamlit as st

from duckmart.catalog import Cell
from duckmart.insight.activity import TIMELINE_EVENTS, Happening, Timeline
from duckmart.mart import Mart
from duckmart.spec.segment import Segment
from duckmart.spec.words import spoken
from duckmart.ui import formatting
from duckmart.ui.session.query_runner import ask, remember
from duckmart.ui.streamlit_quirks import distinct
from duckmart.ui.widgets import cards, line_chart
from duckmart.ui.widgets.charts import TEAL, framed

# More kinds of event than this share the last lane.
LANES = 10
_OTHER = "other events"


def show(segment: Segment, data: Mart, user_id: str) -> None:
    """A user's attributes beside what they did, or that the data has no such user."""
    found = remember(
        data,
        segment,
        f"timeline {user_id}",
        lambda: ask(lambda stop: data.timeline(segment, user_id, stop), line_chart.CARD_HEIGHT),
    )
    if found is None:
        st.caption(f":orange[:material/help: The data has no user {formatting.markdown(user_id)}.]")
        return
    left, right = st.columns([1, 2])
    with left:
        _attributes(found)
    with right:
        _events(found)


def _attributes(found: Timeline) -> None:
    with st.container(border=True, height="stretch", gap="xsmall", key="card-attributes"):
        st.markdown(f"**User {formatting.markdown(str(found.user_id))}**")
        st.caption("Attributes as they are today.")
        rows = [{"Attribute": spoken(name), "Value": shown(cell)} for name, cell in found.attributes.items()]
        st.dataframe(
            rows, hide_index=True, height=line_chart.HEIGHT, key="attributes", alt="Attributes of the user"
        )


def _events(found: Timeline) -> None:
    number = len(found.events)
    if not number:
        with st.container(border=True, height="stretch", key="card-timeline"):
            st.markdown("**No events yet**")
            st.caption("This user has done nothing up to the moment that the segment counts back from.")
        return
    which = (
        f"Latest {number} events"
        if found.more
        else f"All {number} events"
        if number > 1
        else "The only event"
    )
    words = f"There are earlier ones: at most {TIMELINE_EVENTS} are shown. " if found.more else ""
    cards.show(
        f"{which} of user {found.user_id}",
        f"{words}Times are UTC, in the table the newest comes first.",
        _strip(found.events),
        lambda: _table(found.events),
        key="timeline",
    )


def _strip(events: Sequence[Happening]) -> go.Figure:
    """A mark per event, in a lane for each name; the most frequent on top."""
    counts: dict[str, int] = {}
    for event in events:
        counts[event.name] = counts.get(event.name, 0) + 1
    names = sorted(counts, key=lambda name: (-counts[name], name))
    lanes = names if len(names) <= LANES else [*names[: LANES - 1], _OTHER]
    places = {name: min(place, len(lanes) - 1) for place, name in enumerate(names)}
    figure = go.Figure(
        go.Scatter(
            x=[event.time for event in events],
            y=[places[event.name] for event in events],
            mode="markers",
            marker={"symbol": "line-ns", "size": 16, "line": {"width": 2, "color": TEAL}},
            hovertext=[_hover(event) for event in events],
            hoverinfo="text",
            cliponaxis=False,
        )
    )
    figure.update_yaxes(
        tickvals=list(range(len(lanes))),
        ticktext=[formatting.chart(name) for name in lanes],
        range=[max(len(lanes), 4) - 0.5, -0.5],
        zeroline=False,
    )
    figure.update_xaxes(showgrid=False, nticks=6)
    return framed(figure, line_chart.HEIGHT)


def _hover(event: Happening) -> str:
    told = "".join(
        f"<br>{formatting.chart(spoken(name))}: {formatting.chart(shown(cell))}"
        for name, cell in event.properties.items()
    )
    return f"{formatting.chart(event.name)}<br>{event.time:%d %b %Y, %H:%M:%S}{told}"


def _table(events: Sequence[Happening]) -> list[dict[str, object]]:
    names = list(dict.fromkeys(name for event in events for name in event.properties))
    headers = distinct(["Time", "Event", *map(spoken, names)])
    return [
        dict(zip(headers, (event.time, event.name, *map(event.properties.get, names)), strict=True))
        for event in events
    ]


def shown(cell: Cell | None) -> str:
    """A value as people read it; an unknown one as a dash."""
    match cell:
        case None:
            return "–"
        case bool():
            return "yes" if cell else "no"
        case datetime():
            return f"{cell:%d %b %Y, %H:%M:%S}"
        case date():
            return f"{cell:%d %b %Y}"
        case _:
            return str(cell)
