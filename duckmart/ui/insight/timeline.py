"""One user: the attributes, and the latest events as marks on lanes and as a table."""

from collections.abc import Sequence
from datetime import date, datetime

import plotly.graph_objects as go
import streamlit as st

from duckmart.catalog import Cell
from duckmart.insight.activity import TIMELINE_EVENTS, Timeline, TimelineEvent
from duckmart.mart import Mart
from duckmart.spec.segment import Segment
from duckmart.spec.words import quantity, readable_name
from duckmart.ui import formatting
from duckmart.ui.session.query_runner import ask_once
from duckmart.ui.streamlit_quirks import distinct
from duckmart.ui.widgets import cards, line_chart
from duckmart.ui.widgets.charts import TEAL, framed

# More kinds of event than this share the last lane.
LANES = 10
_OTHER = "other events"


def show(segment: Segment, data: Mart, user_id: str) -> None:
    """Show a user's attributes and events side by side, or say that the data has no such user."""
    timeline = ask_once(
        data,
        segment,
        f"timeline {user_id}",
        lambda stop: data.timeline(segment, user_id, stop),
        line_chart.CARD_HEIGHT,
    )
    if timeline is None:
        st.caption(f":orange[:material/help: The data has no user {formatting.markdown(user_id)}.]")
        return
    narrow, wide = st.columns([1, 2])
    with narrow:
        _attributes(timeline)
    with wide:
        _events(timeline)


def _attributes(timeline: Timeline) -> None:
    with st.container(border=True, height="stretch", gap="xsmall", key="card-attributes"):
        st.markdown(f"**User {formatting.markdown(str(timeline.user_id))}**")
        st.caption("Attributes as they are today.")
        rows = [
            {"Attribute": readable_name(name), "Value": cell_text(cell)}
            for name, cell in timeline.attributes.items()
        ]
        st.dataframe(
            rows, hide_index=True, height=line_chart.HEIGHT, key="attributes", alt="Attributes of the user"
        )


def _events(timeline: Timeline) -> None:
    if not timeline.events:
        with st.container(border=True, height="stretch", key="card-timeline"):
            st.markdown("**No events yet**")
            st.caption("This user has done nothing up to the moment that the segment counts back from.")
        return
    events = quantity(len(timeline.events), "event")
    title = f"Latest {events}" if timeline.more else f"All {events}"
    words = f"There are earlier ones: at most {TIMELINE_EVENTS} are shown. " if timeline.more else ""
    cards.show(
        f"{'The only event' if len(timeline.events) == 1 else title} of user {timeline.user_id}",
        f"{words}Times are UTC, in the table the newest comes first.",
        _strip(timeline.events),
        lambda: _table(timeline.events),
        key="timeline",
    )


def _strip(events: Sequence[TimelineEvent]) -> go.Figure:
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


def _hover(event: TimelineEvent) -> str:
    properties = "".join(
        f"<br>{formatting.chart(readable_name(name))}: {formatting.chart(cell_text(cell))}"
        for name, cell in event.properties.items()
    )
    return f"{formatting.chart(event.name)}<br>{event.time:%d %b %Y, %H:%M:%S}{properties}"


def _table(events: Sequence[TimelineEvent]) -> list[dict[str, object]]:
    names = list(dict.fromkeys(name for event in events for name in event.properties))
    headers = distinct(["Time", "Event", *map(readable_name, names)])
    return [
        dict(zip(headers, (event.time, event.name, *map(event.properties.get, names)), strict=True))
        for event in events
    ]


def cell_text(cell: Cell | None) -> str:
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
