"""What if: the segment's size by each number of its conditions, to click a better one, and in past weeks."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal

import plotly.graph_objects as go
import streamlit as st

from duckmart.compile.query import Plain
from duckmart.insight.sensitivity import VariedParameter, levers
from duckmart.instants import parse
from duckmart.mart import Mart, Size
from duckmart.spec import describe, edit
from duckmart.spec.paths import Path, dotted
from duckmart.spec.segment import Segment
from duckmart.spec.tree import walk
from duckmart.spec.words import counted
from duckmart.ui import formatting
from duckmart.ui.insight import replay
from duckmart.ui.session import state
from duckmart.ui.session.query_runner import ask, failing, remember
from duckmart.ui.streamlit_quirks import distinct, outlasting
from duckmart.ui.widgets import cards, line_chart

_CONDITION, _NUMBER = outlasting("curve.condition"), outlasting("curve.number")


def show(segment: Segment, data: Mart, size: Size) -> None:
    """The curve of one condition's number, then the replay of past weeks."""
    found = levers(segment, data.catalog, size.as_of)
    if found:
        failing("curve", lambda: _curve(_chosen(segment, found), segment, data, size))
    else:
        st.caption(
            "No condition has a number to move. Add one such as an age, how often an event happened or in "
            "how many days, and see here how the size answers to it."
        )
    replay.show(segment, data, size)


def _chosen(segment: Segment, found: Sequence[VariedParameter]) -> VariedParameter:
    """The lever that the two boxes name."""
    nodes = dict(walk(segment))
    left, right = st.columns(2)
    with left:
        paths = list(dict.fromkeys(lever.path for lever in found))
        path = _pick("Condition to change", _CONDITION, paths, lambda path: describe.line(nodes[path]))
    with right:
        of_path = {lever.part: lever for lever in found if lever.path == path}
        part = _pick("Number to change", _NUMBER, list(of_path), lambda part: of_path[part].words)
    return of_path[part]


def _pick(label: str, key: str, paths: Sequence[Path], words: Callable[[Path], str]) -> Path:
    """The path chosen in a box; the first one where the one that was chosen is gone."""
    options = {dotted(path): path for path in paths}
    names = list(options)
    labels = dict(zip(names, distinct(map(words, options.values())), strict=True))
    if st.session_state.get(key) not in options:
        st.session_state[key] = names[0]
    chosen = st.selectbox(label, names, key=key, format_func=labels.__getitem__)
    return options[chosen]


def _curve(lever: VariedParameter, segment: Segment, data: Mart, size: Size) -> None:
    place = dotted((*lever.path, *lever.part))

    def find() -> list[int]:
        asked = [lever.at(segment, point) for point in lever.points]
        return ask(lambda stop: data.sizes(asked, stop), line_chart.CARD_HEIGHT)

    sizes = remember(data, segment, f"curve {place}", find)
    asked_for = " asked for" if lever.what == "threshold" else ""
    now = label(lever.current)
    cards.show(
        f"Size of the segment by {lever.words}{asked_for}",
        f"Now {formatting.markdown(now)}: **{counted(size.total, 'user')}**. Click a point to use its value.",
        _figure(lever, sizes, size),
        lambda: [
            {
                "Value": label(point),
                "Users": users,
                "Share of all": formatting.figure(_share(users, size), 4),
                "Against now": users - size.total,
            }
            for point, users in zip(lever.points, sizes, strict=True)
        ],
        key="curve",
        on_select=lambda row: _take(lever, lever.points[row]),
        action="Use this value",
    )


def _take(lever: VariedParameter, point: Plain) -> None:
    """Makes a point of the curve the condition's value."""
    draft = state.draft()
    row = edit.built(draft).rows.get(lever.path)
    if row is not None:
        state.commit(edit.change_counted(draft, row, lever.part, lambda _: point))


def _figure(lever: VariedParameter, sizes: Sequence[int], size: Size) -> go.Figure:
    labels = [label(point) for point in lever.points]
    marked = lever.points.index(lever.current)
    hover = [
        f"{formatting.chart(name)}<br>{counted(users, 'user')} · {formatting.share(_share(users, size))}"
        f"<br>{users - size.total:+,} against now"
        for name, users in zip(labels, sizes, strict=True)
    ]
    figure = line_chart.figure(_places(lever), labels, [line_chart.Line("users", list(sizes), hover)], marked)
    figure.add_annotation(
        x=_places(lever)[marked],
        y=sizes[marked],
        text=f"<b>{formatting.chart(labels[marked])}: {sizes[marked]:,}</b>",
        showarrow=False,
        yshift=18,
        xanchor="right" if marked > len(sizes) / 2 else "left",
    )
    return figure


def _places(lever: VariedParameter) -> list[float]:
    """Where the points stand: days and dates at even distances, other numbers where they are."""
    if lever.what == "days" or isinstance(lever.current, str):
        return [float(place) for place, _ in enumerate(lever.points)]
    return [float(point) for point in lever.points if not isinstance(point, str | date)]


def label(point: Plain) -> str:
    """A value as people read it: 1,000, 2.5, Mar 2026."""
    match point:
        case str():
            moment = parse(point)
            if isinstance(moment, datetime):
                return f"{moment:%d %b %Y, %H:%M}"
            return f"{moment:%b %Y}" if moment.day == 1 else f"{moment:%d %b %Y}"
        case Decimal():
            return f"{point.normalize():,f}"
        case _:
            return f"{point:,}"


def _share(users: int, size: Size) -> float:
    return users / size.table.everyone if size.table.everyone else 0.0
